// Values of unit files: see unit_text.h.
#include "source/host/unit_text.h"

#include <stdlib.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// Where the word that starts at `at` ends, and whether it has anything to resolve.
static size_t word_end(struct gb_str text, size_t at, bool *quoted)
{
    char quote = 0;
    *quoted = false;
    for (; at < text.len && (quote || !is_blank(text.at[at])); at++) {
        char c = text.at[at];
        if (c == '\\' && at + 1 < text.len) {
            at++;
            *quoted = true;
        } else if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            *quoted = true;
        }
    }
    return at;
}

bool gb_unit_next_word(struct gb_arena *arena, struct gb_str *rest, struct gb_str *word)
{
    size_t start = 0;
    while (start < rest->len && is_blank(rest->at[start]))
        start++;
    if (start == rest->len)
        return false;
    bool quoted;
    size_t end = word_end(*rest, start, &quoted);
    struct gb_str raw = gb_str_sub(*rest, start, end - start);
    *rest = gb_str_from(*rest, end);
    *word = raw;
    if (!quoted)
        return true;
    char *plain = gb_alloc(arena, raw.len), quote = 0;
    size_t len = 0;
    for (size_t i = 0; plain && i < raw.len; i++) {
        char c = raw.at[i];
        if (c == '\\' && i + 1 < raw.len)
            plain[len++] = raw.at[++i];
        else if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? 0 : c;
        else
            plain[len++] = c;
    }
    *word = (struct gb_str){plain, len};
    return plain != NULL;
}

static struct gb_str base_name(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// Programs whose first argument is the program that matters.
static bool is_interpreter(struct gb_str program)
{
    static const char *const names[] = {"sh",   "bash", "dash", "zsh", "ksh",
                                        "perl", "ruby", "node", "php", "env"};
    struct gb_str name = base_name(program);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (gb_str_is(name, names[i]))
            return true;
    }
    return gb_str_starts(name, GB_STR("python"));
}

static struct gb_str autologin_of(struct gb_arena *arena, struct gb_str arguments)
{
    static const struct gb_str option = GB_STR_INIT("--autologin");
    struct gb_str word;
    while (gb_unit_next_word(arena, &arguments, &word)) {
        if (gb_str_is(word, "-a") || gb_str_eq(word, option))
            return gb_unit_next_word(arena, &arguments, &word) ? word : (struct gb_str){0};
        if (gb_str_starts(word, option) && word.len > option.len && word.at[option.len] == '=')
            return gb_str_from(word, option.len + 1);
        if (gb_str_starts(word, GB_STR("-a")) && word.len > 2)
            return gb_str_from(word, 2);
    }
    return (struct gb_str){0};
}

bool gb_unit_command(struct gb_arena *arena, struct gb_str value, struct gb_unit_command *ret)
{
    struct gb_str word, argument;
    bool named = false; // @: the first argument is the name, not an argument
    *ret = (struct gb_unit_command){0};
    if (!gb_unit_next_word(arena, &value, &word))
        return false;
    for (; word.len && strchr("@-:+!|", word.at[0]); word = gb_str_from(word, 1)) {
        ret->may_fail = ret->may_fail || word.at[0] == '-';
        ret->full_privileges = ret->full_privileges || word.at[0] == '+' || word.at[0] == '!';
        named = named || word.at[0] == '@';
    }
    ret->program = word;
    if (named && !gb_unit_next_word(arena, &value, &word))
        return ret->program.len != 0;
    if (gb_str_is(base_name(ret->program), "agetty"))
        ret->autologin = autologin_of(arena, value);
    ret->interpreter = is_interpreter(ret->program);
    if (ret->interpreter && gb_unit_next_word(arena, &value, &argument) && argument.len > 1 &&
        argument.at[0] == '/')
        ret->script = argument;
    return ret->program.len != 0;
}

static bool is_loopback(struct gb_str host)
{
    return gb_str_starts(host, GB_STR("127.")) || gb_str_is(host, "[::1]") ||
           gb_str_is(host, "localhost") || gb_str_starts(host, GB_STR("[::ffff:127."));
}

struct gb_unit_address gb_unit_address(struct gb_str value)
{
    struct gb_unit_address address = {.text = value};
    uint64_t port;
    if (gb_str_starts(value, GB_STR("vsock:"))) {
        address.exposed = true; // the machine that hosts this one, or those that it hosts
        return address;
    }
    if (gb_str_to_uint(value, 10, &port) == GB_OK) {
        address.internet = address.exposed = port > 0 && port < 65536;
        return address;
    }
    ptrdiff_t colon = gb_str_rfind_char(value, ':');
    if (!value.len || value.at[0] == '/' || value.at[0] == '@' || value.at[0] == '%' || colon <= 0)
        return address;
    address.internet = true;
    address.exposed = !is_loopback(gb_str_sub(value, 0, (size_t)colon));
    return address;
}

// What a condition asks of a path.
enum question { EXISTS, IS_DIRECTORY, NOT_EMPTY_FILE, NOT_EMPTY_DIRECTORY, EXECUTABLE };

static bool holds(const struct gb_host *host, enum question question, const char *path,
                  struct gb_arena *arena, bool *known)
{
    struct gb_file_info info;
    int code = gb_host_stat(host, path, true, &info, NULL);
    *known = code == GB_OK || code == GB_E_NOT_FOUND;
    if (code < 0)
        return false;
    struct gb_dir_entry *entries;
    size_t count = 0;
    switch (question) {
    case EXISTS:
        return true;
    case IS_DIRECTORY:
        return info.type == GB_FILE_DIRECTORY;
    case NOT_EMPTY_FILE:
        return info.type == GB_FILE_REGULAR && info.size > 0;
    case EXECUTABLE:
        return info.type == GB_FILE_REGULAR && (info.mode & 0111);
    case NOT_EMPTY_DIRECTORY:
        break;
    }
    code = gb_host_list(host, path, 1, arena, &entries, &count, NULL);
    *known = code == GB_OK || code == GB_E_LIMIT || code == GB_E_NOT_FOUND;
    return code == GB_E_LIMIT || (code == GB_OK && count > 0);
}

static bool question_of(struct gb_str key, enum question *ret)
{
    static const struct {
        const char *name;
        enum question question;
    } questions[] = {{"PathExists", EXISTS},
                     {"PathIsDirectory", IS_DIRECTORY},
                     {"FileNotEmpty", NOT_EMPTY_FILE},
                     {"DirectoryNotEmpty", NOT_EMPTY_DIRECTORY},
                     {"FileIsExecutable", EXECUTABLE}};
    if (gb_str_starts(key, GB_STR("Condition")))
        key = gb_str_from(key, 9);
    else if (gb_str_starts(key, GB_STR("Assert")))
        key = gb_str_from(key, 6);
    else
        return false;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        if (gb_str_is(key, questions[i].name)) {
            *ret = questions[i].question;
            return true;
        }
    }
    return false;
}

// Does this one fail for certain? `*triggers` tells of the | prefix: one of those is enough.
static bool fails(const struct gb_host *host, enum question question, struct gb_str value,
                  struct gb_arena *arena, bool *triggers)
{
    *triggers = value.len && value.at[0] == '|';
    if (*triggers)
        value = gb_str_trim(gb_str_from(value, 1));
    bool negated = value.len && value.at[0] == '!';
    if (negated)
        value = gb_str_trim(gb_str_from(value, 1));
    bool known = false;
    char *path = gb_str_c(arena, value);
    if (!path || value.len == 0 || path[0] != '/' || gb_str_find_char(value, '%') >= 0)
        return false; // specifiers are not expanded here
    bool held = holds(host, question, path, arena, &known);
    return known && held == negated;
}

struct gb_str gb_unit_unmet_condition(const struct gb_host *host, const struct gb_ini *settings,
                                      struct gb_arena *arena)
{
    struct gb_str failed = {0}, failed_trigger = {0};
    bool trigger_holds = false;
    for (size_t i = 0; i < settings->count; i++) {
        const struct gb_ini_entry *entry = &settings->entries[i];
        enum question question;
        bool triggers;
        if (!gb_str_is(entry->section, "Unit") ||
            (!gb_str_starts(entry->key, GB_STR("Condition")) &&
             !gb_str_starts(entry->key, GB_STR("Assert"))))
            continue;
        if (!entry->value.len) { // resets all that were before
            failed = failed_trigger = (struct gb_str){0};
            trigger_holds = false;
            continue;
        }
        bool about_files = question_of(entry->key, &question);
        bool fail = about_files && fails(host, question, entry->value, arena, &triggers);
        if (!about_files)
            triggers = entry->value.at[0] == '|';
        trigger_holds = trigger_holds || (triggers && !fail);
        if (!fail)
            continue;
        struct gb_str text =
            gb_str_format(arena, GB_PRI "=" GB_PRI, GB_ARG(entry->key), GB_ARG(entry->value));
        if (triggers)
            failed_trigger = text;
        else if (!failed.len)
            failed = text;
    }
    if (failed.len)
        return failed;
    return trigger_holds ? (struct gb_str){0} : failed_trigger;
}
