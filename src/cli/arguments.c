// Command line parsing; used by cli/main.c and the commands.
#include "cli/arguments.h"

#include "cli/config.h"

#include <stdlib.h>

static const char *const colors[] = {"auto", "always", "never", NULL};

const struct gb_option gb_global_options[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "FORMAT[=FILE]",
     .help = "write this format, to standard output or a file; repeatable",
     .repeatable = true},
    {.name = "quiet", .letter = 'q', .help = "say only what was asked for, and errors"},
    {.name = "verbose", .letter = 'v', .help = "say more: every source, every skipped thing"},
    {.name = "color", .argument = "WHEN", .help = "auto, always or never", .values = colors},
    {.name = "no-color", .help = "the same as --color never"},
    {.name = "no-progress", .help = "no progress line on a terminal"},
    {.name = "no-input", .help = "never ask; take the safe answer"},
    {.name = "config", .argument = "FILE", .help = "read this configuration file only"},
    {.name = "utc", .help = "show times in UTC (the default is the local zone)"},
    {.name = "help", .letter = 'h', .help = "show help for the command"},
    {.name = NULL},
};

static bool begins_with_words(const char *name, const struct gb_str *words, size_t count,
                              size_t *used)
{
    struct gb_str rest = gb_str_of(name), word;
    size_t i = 0;
    while (gb_str_next_word(&rest, &word)) {
        if (i == count || !gb_str_eq(words[i], word))
            return false;
        i++;
    }
    *used = i;
    return i > 0;
}

const struct gb_command *gb_command_find(const struct gb_str *words, size_t count, size_t *used)
{
    const struct gb_command *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < gb_command_count; i++) {
        size_t length;
        if (begins_with_words(gb_commands[i]->name, words, count, &length) && length > longest) {
            best = gb_commands[i];
            longest = length;
        }
    }
    *used = longest;
    return best;
}

static const struct gb_option *in_table(const struct gb_option *table, struct gb_str name,
                                        char letter)
{
    for (; table && table->name; table++)
        if (letter ? table->letter == letter : gb_str_is(name, table->name))
            return table;
    return NULL;
}

static const struct gb_option *find_option(const struct gb_command *command, struct gb_str name,
                                           char letter)
{
    const struct gb_option *option = in_table(command->options, name, letter);
    return option ? option : in_table(gb_global_options, name, letter);
}

static struct gb_str nearest_option(const struct gb_command *command, struct gb_str name,
                                    struct gb_arena *arena)
{
    struct gb_str names[128];
    size_t count = 0;
    const struct gb_option *tables[] = {command->options, gb_global_options};
    for (size_t t = 0; t < 2; t++)
        for (const struct gb_option *o = tables[t]; o && o->name && count < 128; o++)
            names[count++] = gb_str_of(o->name);
    struct gb_str near = gb_str_nearest(name, names, count);
    return near.len ? gb_str_format(arena, " (did you mean --" GB_PRI "?)", GB_ARG(near))
                    : GB_STR("");
}

static int unknown_command(struct gb_str word, struct gb_arena *arena, struct gb_error *err)
{
    struct gb_str names[128];
    size_t count = 0;
    for (size_t i = 0; i < gb_command_count && count < 128; i++)
        names[count++] = gb_str_of(gb_commands[i]->name);
    struct gb_str near = gb_str_nearest(word, names, count);
    struct gb_str hint = near.len
                             ? gb_str_format(arena, "did you mean \"" GB_PRI "\"?", GB_ARG(near))
                             : GB_STR("see gabion help");
    return gb_error_set(err, GB_E_USAGE, "unknown command \"" GB_PRI "\" (" GB_PRI ")",
                        GB_ARG(word), GB_ARG(hint));
}

static bool is_one_of(const char *const *values, struct gb_str value)
{
    for (; *values; values++)
        if (gb_str_is(value, *values))
            return true;
    return false;
}

static int check_value(const struct gb_option *option, struct gb_str value, struct gb_arena *arena,
                       struct gb_error *err)
{
    if (!option->values || is_one_of(option->values, value))
        return GB_OK;
    struct gb_str known = {0};
    for (const char *const *v = option->values; *v; v++)
        known = gb_str_format(arena, GB_PRI "%s%s", GB_ARG(known), known.len ? ", " : "", *v);
    return gb_error_set(err, GB_E_USAGE, "--%s: \"" GB_PRI "\" is none of: " GB_PRI, option->name,
                        GB_ARG(value), GB_ARG(known));
}

static int add_argument(struct gb_invocation *ret, const struct gb_option *option,
                        struct gb_str value, struct gb_error *err)
{
    int code = check_value(option, value, ret->arena, err);
    if (!code)
        ret->arguments[ret->argument_count++] = (struct gb_argument){option, value};
    return code;
}

// argv[*i] is a long option.
static int parse_long(int argc, char **argv, int *i, struct gb_invocation *ret,
                      struct gb_error *err)
{
    struct gb_str name = gb_str_from(gb_str_of(argv[*i]), 2), value = {0};
    ptrdiff_t equals = gb_str_find_char(name, '=');
    if (equals >= 0) {
        value = gb_str_from(name, (size_t)equals + 1);
        name.len = (size_t)equals;
    }
    const struct gb_option *option = find_option(ret->command, name, 0);
    if (!option)
        return gb_error_set(err, GB_E_USAGE, "gabion %s has no option --" GB_PRI GB_PRI,
                            ret->command->name, GB_ARG(name),
                            GB_ARG(nearest_option(ret->command, name, ret->arena)));
    if (!option->argument && equals >= 0)
        return gb_error_set(err, GB_E_USAGE, "--%s takes no value", option->name);
    if (option->argument && equals < 0) {
        if (*i + 1 >= argc)
            return gb_error_set(err, GB_E_USAGE, "--%s needs a value: %s", option->name,
                                option->argument);
        value = gb_str_of(argv[++*i]);
    }
    return add_argument(ret, option, value, err);
}

// argv[*i] is one or more short options.
static int parse_short(int argc, char **argv, int *i, struct gb_invocation *ret,
                       struct gb_error *err)
{
    for (const char *at = argv[*i] + 1; *at; at++) {
        const struct gb_option *option = find_option(ret->command, (struct gb_str){0}, *at);
        if (!option)
            return gb_error_set(err, GB_E_USAGE, "gabion %s has no option -%c", ret->command->name,
                                *at);
        if (!option->argument) {
            int code = add_argument(ret, option, (struct gb_str){0}, err);
            if (code)
                return code;
            continue;
        }
        struct gb_str value = gb_str_of(at + 1);
        if (!value.len) {
            if (*i + 1 >= argc)
                return gb_error_set(err, GB_E_USAGE, "-%c needs a value: %s", *at,
                                    option->argument);
            value = gb_str_of(argv[++*i]);
        }
        return add_argument(ret, option, value, err);
    }
    return GB_OK;
}

static const char *const help_words[] = {"help", NULL};

int gb_arguments_parse(int argc, char **argv, struct gb_arena *arena, struct gb_invocation *ret,
                       struct gb_error *err)
{
    struct gb_str words[2];
    size_t word_count = 0, used = 0;
    while (word_count < 2 && (int)word_count + 1 < argc && argv[word_count + 1][0] != '-') {
        words[word_count] = gb_str_of(argv[word_count + 1]);
        word_count++;
    }
    *ret = (struct gb_invocation){.arena = arena};
    ret->arguments = gb_alloc_array(arena, (size_t)argc * 2, sizeof *ret->arguments);
    ret->operands = gb_alloc_array(arena, (size_t)argc + 1, sizeof *ret->operands);
    if (!ret->arguments || !ret->operands)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the arguments");
    if (!word_count) {
        // Bare `gabion`, `gabion --help`, `gabion --version`.
        bool version = argc > 1 && (strcmp(argv[1], "--version") == 0);
        words[0] = version ? GB_STR("version") : gb_str_of(help_words[0]);
        ret->command = gb_command_find(words, 1, &used);
        bool known =
            argc < 2 || version || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
        return known ? GB_OK
                     : gb_error_set(err, GB_E_USAGE, "the command comes first (see gabion help)");
    }
    ret->command = gb_command_find(words, word_count, &used);
    if (!ret->command)
        return unknown_command(words[0], arena, err);
    bool options_ended = false;
    for (int i = 1 + (int)used; i < argc; i++) {
        int code = GB_OK;
        if (options_ended || argv[i][0] != '-' || argv[i][1] == '\0')
            ret->operands[ret->operand_count++] = gb_str_of(argv[i]);
        else if (strcmp(argv[i], "--") == 0)
            options_ended = true;
        else if (argv[i][1] == '-')
            code = parse_long(argc, argv, &i, ret, err);
        else
            code = parse_short(argc, argv, &i, ret, err);
        if (code)
            return code;
    }
    if (ret->operand_count && !ret->command->operands[0] && !gb_option_is_set(ret, "help"))
        return gb_error_set(err, GB_E_USAGE, "gabion %s takes no operands: \"" GB_PRI "\"",
                            ret->command->name, GB_ARG(ret->operands[0]));
    return GB_OK;
}

// GABION_SCAN_FAIL_ON, then GABION_FAIL_ON.
static struct gb_str from_environment(const struct gb_invocation *invocation, const char *name)
{
    char key[128];
    for (int with_command = 1; with_command >= 0; with_command--) {
        snprintf(key, sizeof key, "GABION_%s%s%s", with_command ? invocation->command->name : "",
                 with_command ? "_" : "", name);
        for (char *c = key; *c; c++)
            *c = *c == '-' || *c == ' ' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        const char *value = getenv(key);
        if (value)
            return gb_str_of(value);
    }
    return (struct gb_str){0};
}

struct gb_str gb_option_value(const struct gb_invocation *invocation, const char *name)
{
    for (size_t i = invocation->argument_count; i > 0; i--)
        if (strcmp(invocation->arguments[i - 1].option->name, name) == 0)
            return invocation->arguments[i - 1].value;
    struct gb_str value = from_environment(invocation, name);
    if (value.at)
        return value;
    struct gb_str *values;
    size_t count = gb_config_values(invocation->config, invocation->command->name, name, &values);
    return count ? values[count - 1] : (struct gb_str){0};
}

bool gb_option_is_set(const struct gb_invocation *invocation, const char *name)
{
    for (size_t i = 0; i < invocation->argument_count; i++)
        if (strcmp(invocation->arguments[i].option->name, name) == 0)
            return true;
    const struct gb_option *option = find_option(invocation->command, gb_str_of(name), 0);
    struct gb_str value = gb_option_value(invocation, name);
    if (!value.at)
        return false;
    if (option && option->argument)
        return true;
    return gb_str_is(value, "true") || gb_str_is(value, "1") || gb_str_is(value, "yes");
}

size_t gb_option_values(const struct gb_invocation *invocation, const char *name,
                        struct gb_str **ret)
{
    struct gb_str *values =
        gb_alloc_array(invocation->arena, invocation->argument_count + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; values && i < invocation->argument_count; i++)
        if (strcmp(invocation->arguments[i].option->name, name) == 0)
            values[count++] = invocation->arguments[i].value;
    *ret = values;
    if (count)
        return count;
    struct gb_str value = from_environment(invocation, name);
    if (value.at && values) {
        values[0] = value;
        return 1;
    }
    return gb_config_values(invocation->config, invocation->command->name, name, ret);
}
