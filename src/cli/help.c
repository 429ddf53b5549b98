// gabion help, gabion COMMAND --help.
#include "cli/help.h"

#include "base/json.h"
#include "cli/manual.h"
#include "cli/output.h"

enum { LARGEST_HELP = 1 << 20, NAME_COLUMN = 26 };

static void add_options(struct gb_buffer *out, const struct gb_option *option)
{
    for (; option && option->name; option++) {
        char left[96];
        char letter[8] = "    ";
        if (option->letter)
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        if (strlen(left) > NAME_COLUMN)
            gb_buffer_print(out, "  %s\n  %*s  %s\n", left, NAME_COLUMN, "", option->help);
        else
            gb_buffer_print(out, "  %-*s  %s\n", NAME_COLUMN, left, option->help);
    }
}

static int print(struct gb_buffer *out)
{
    struct gb_error err = {0};
    return gb_output_stdout(gb_buffer_str(out), &err) ? GB_EXIT_ERROR : GB_EXIT_OK;
}

// Commands of the second level ("rules list") under the first one.
static void add_related(struct gb_buffer *out, const struct gb_command *command)
{
    size_t len = strlen(command->name);
    bool first = true;
    for (size_t i = 0; i < gb_command_count; i++) {
        const char *name = gb_commands[i]->name;
        if (strncmp(name, command->name, len) != 0 || name[len] != ' ')
            continue;
        gb_buffer_text(out, first ? "\nCommands:\n" : "");
        first = false;
        gb_buffer_print(out, "  gabion %-20s %s\n", name, gb_commands[i]->summary);
    }
}

int gb_help_command(const struct gb_command *command, const struct gb_invocation *invocation)
{
    (void)invocation;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_HELP);
    gb_buffer_print(&out, "gabion %s: %s\n\n", command->name, command->summary);
    for (const char *const *example = command->examples; example && *example; example++)
        gb_buffer_print(&out, "  %s\n", *example);
    gb_buffer_print(&out, "\nusage: gabion %s%s%s [OPTION...]\n", command->name,
                    command->operands[0] ? " " : "", command->operands);
    if (command->help)
        gb_buffer_print(&out, "\n%s", command->help);
    add_related(&out, command);
    if (command->options && command->options->name) {
        gb_buffer_text(&out, "\nOptions:\n");
        add_options(&out, command->options);
    }
    gb_buffer_text(&out, "\nOptions of all commands:\n");
    add_options(&out, gb_global_options);
    return print(&out);
}

static void add_overview(struct gb_buffer *out)
{
    gb_buffer_text(out, "gabion: the security posture of this machine\n\n"
                        "  gabion scan               assess this machine\n"
                        "  gabion explain 1          evidence, reasons and fix of a finding\n"
                        "  gabion help TOPIC         read about a topic\n\n"
                        "Commands:\n");
    for (size_t i = 0; i < gb_command_count; i++)
        if (!strchr(gb_commands[i]->name, ' '))
            gb_buffer_print(out, "  %-12s %s\n", gb_commands[i]->name, gb_commands[i]->summary);
    gb_buffer_text(out, "\nTopics:\n");
    for (const struct gb_topic *topic = gb_topics; topic->name; topic++)
        gb_buffer_print(out, "  %-12s %s\n", topic->name, topic->title);
    gb_buffer_text(out, "\ngabion COMMAND --help shows the options of a command.\n");
}

static void write_option(struct gb_json_writer *w, const struct gb_option *option)
{
    gb_json_object_begin(w);
    gb_json_field_text(w, "name", option->name);
    if (option->letter)
        gb_json_field_str(w, "letter", (struct gb_str){&option->letter, 1});
    if (option->argument)
        gb_json_field_text(w, "argument", option->argument);
    gb_json_field_text(w, "help", option->help);
    gb_json_field_bool(w, "repeatable", option->repeatable);
    gb_json_object_end(w);
}

// The tree of commands for programs that write command lines.
static void add_json(struct gb_buffer *out)
{
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_list_begin(&w);
    for (size_t i = 0; i < gb_command_count; i++) {
        const struct gb_command *command = gb_commands[i];
        gb_json_object_begin(&w);
        gb_json_field_text(&w, "command", command->name);
        gb_json_field_text(&w, "summary", command->summary);
        gb_json_field_text(&w, "operands", command->operands);
        gb_json_key(&w, "examples");
        gb_json_list_begin(&w);
        for (const char *const *example = command->examples; example && *example; example++)
            gb_json_text(&w, *example);
        gb_json_list_end(&w);
        gb_json_key(&w, "options");
        gb_json_list_begin(&w);
        const struct gb_option *tables[] = {command->options, gb_global_options};
        for (size_t t = 0; t < 2; t++)
            for (const struct gb_option *o = tables[t]; o && o->name; o++)
                write_option(&w, o);
        gb_json_list_end(&w);
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_buffer_char(out, '\n');
}

static const struct gb_topic *find_topic(struct gb_str name)
{
    for (const struct gb_topic *topic = gb_topics; topic->name; topic++)
        if (gb_str_is(name, topic->name))
            return topic;
    return NULL;
}

static int unknown_topic(struct gb_str word)
{
    struct gb_str names[64];
    size_t count = 0;
    for (const struct gb_topic *topic = gb_topics; topic->name && count < 64; topic++)
        names[count++] = gb_str_of(topic->name);
    for (size_t i = 0; i < gb_command_count && count < 64; i++)
        names[count++] = gb_str_of(gb_commands[i]->name);
    struct gb_str near = gb_str_nearest(word, names, count);
    if (near.len)
        gb_say("no help on \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)", GB_ARG(word),
               GB_ARG(near));
    else
        gb_say("no help on \"" GB_PRI "\": see gabion help", GB_ARG(word));
    return GB_EXIT_USAGE;
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_HELP);
    if (gb_option_is_set(invocation, "json")) {
        add_json(&out);
        return print(&out);
    }
    if (gb_option_is_set(invocation, "man")) {
        size_t used;
        const struct gb_command *command =
            gb_command_find(invocation->operands, invocation->operand_count, &used);
        if (invocation->operand_count && !command)
            return unknown_topic(invocation->operands[0]);
        gb_manual_page(command, program->version, &out);
        return print(&out);
    }
    if (!invocation->operand_count) {
        add_overview(&out);
        return print(&out);
    }
    const struct gb_topic *topic = find_topic(invocation->operands[0]);
    if (topic) {
        gb_buffer_print(&out, "%s: %s\n\n%s", topic->name, topic->title, topic->text);
        if (topic->more)
            topic->more(&out);
        return print(&out);
    }
    size_t used;
    const struct gb_command *command =
        gb_command_find(invocation->operands, invocation->operand_count, &used);
    return command ? gb_help_command(command, invocation) : unknown_topic(invocation->operands[0]);
}

static const struct gb_option options[] = {
    {.name = "json", .help = "the tree of commands and options, for programs"},
    {.name = "man", .help = "the manual page, as man(7) source"},
    {.name = NULL},
};

static const char *const examples[] = {"gabion help", "gabion help exit-codes", NULL};

const struct gb_command gb_command_help = {
    .name = "help",
    .summary = "help on commands and topics",
    .operands = "[COMMAND|TOPIC]",
    .examples = examples,
    .options = options,
    .run = run,
};
