// gabion exempt add|list|remove: findings knowingly accepted, in a file that people read too.
#include "base/printable.h"
#include "base/time.h"
#include "base/yaml.h"
#include "cli/assessment.h"
#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_TEXT = 4 << 20 };

// The file's text, empty when there is none yet.
static int read_file(const struct gb_invocation *invocation, const char *path, struct gb_str *ret,
                     struct gb_error *err)
{
    char absolute[PATH_MAX];
    *ret = (struct gb_str){0};
    if (!realpath(path, absolute))
        return GB_OK;
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    int code = gb_host_open(&live, &here, err);
    if (!code)
        code = gb_host_read(here, absolute, GB_CONFIG_MAX_BYTES, invocation->arena, ret, err);
    gb_host_close(&here);
    return code;
}

static int parse(const struct gb_invocation *invocation, struct gb_str text, const char *path,
                 struct gb_exemptions *ret, struct gb_str **problems, size_t *problem_count,
                 struct gb_error *err)
{
    struct gb_node node;
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    *ret = (struct gb_exemptions){0};
    *problem_count = 0;
    if (!gb_str_trim(text).len)
        return GB_OK;
    int code = gb_host_open(&live, &here, err);
    int64_t now = code ? 0 : gb_host_now(here);
    gb_host_close(&here);
    if (!code)
        code = gb_yaml_node(text, path, GB_YAML_LIMITS_DEFAULT, invocation->arena, &node, err);
    if (!code)
        code = gb_exemptions_read(&node, gb_str_of(path), now, invocation->arena, ret, problems,
                                  problem_count, err);
    return code;
}

// A YAML double-quoted scalar.
static void add_quoted(struct gb_buffer *out, struct gb_str text)
{
    gb_buffer_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\')
            gb_buffer_print(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            gb_buffer_print(out, "\\x%02x", c);
        else
            gb_buffer_char(out, (char)c);
    }
    gb_buffer_char(out, '"');
}

static void add_field(struct gb_buffer *out, const char *name, struct gb_str text)
{
    if (!text.at)
        return;
    gb_buffer_print(out, "    %s: ", name);
    add_quoted(out, text);
    gb_buffer_char(out, '\n');
}

static int make_folder(const char *path, struct gb_error *err)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return GB_OK;
    *slash = '\0';
    if (mkdir(folder, 0755) == 0 || errno == EEXIST)
        return GB_OK;
    gb_error_errno(err, errno, "cannot make the folder");
    return gb_error_subject(err, folder);
}

// An id that no entry has yet.
static struct gb_str free_id(const struct gb_exemptions *all, struct gb_arena *arena)
{
    for (size_t n = all->count + 1;; n++) {
        struct gb_str id = gb_str_format(arena, "EX-%zu", n);
        bool taken = false;
        for (size_t i = 0; i < all->count; i++)
            taken |= gb_str_eq(all->items[i].id, id);
        if (!taken)
            return id;
    }
}

static void add_entry(struct gb_buffer *out, const struct gb_invocation *invocation,
                      struct gb_str id)
{
    struct gb_str subject = gb_option_value(invocation, "subject");
    struct gb_str host = gb_option_value(invocation, "host");
    gb_buffer_print(out, "  - id: " GB_PRI "\n", GB_ARG(id));
    add_field(out, "control", invocation->operands[0]);
    if (subject.at || host.at) {
        gb_buffer_text(out, "    match:\n");
        if (subject.at) {
            gb_buffer_text(out, "  ");
            add_field(out, "subject", subject);
        }
        if (host.at) {
            gb_buffer_text(out, "  ");
            add_field(out, "host", host);
        }
    }
    add_field(out, "reason", gb_option_value(invocation, "reason"));
    add_field(out, "owner", gb_option_value(invocation, "owner"));
    add_field(out, "expires", gb_option_value(invocation, "expires"));
    add_field(out, "approved_by", gb_option_value(invocation, "approved-by"));
    add_field(out, "ticket", gb_option_value(invocation, "ticket"));
}

static int check_add(const struct gb_invocation *invocation, struct gb_error *err)
{
    static const char *const mandatory[] = {"reason", "owner", "expires"};
    if (invocation->operand_count != 1)
        return gb_error_set(err, GB_E_USAGE, "exempt add takes one control id or pattern");
    for (size_t i = 0; i < sizeof mandatory / sizeof *mandatory; i++)
        if (!gb_str_trim(gb_option_value(invocation, mandatory[i])).len)
            return gb_error_set(err, GB_E_USAGE,
                                "--%s is missing: an exemption has a reason, an owner and a day on "
                                "which it ends",
                                mandatory[i]);
    return GB_OK;
}

static int add(const struct gb_invocation *invocation, struct gb_error *err)
{
    const char *path = gb_str_c(invocation->arena, gb_assessment_exemptions_path(invocation));
    struct gb_str text, *problems;
    size_t problem_count;
    struct gb_exemptions all, after;
    int code = check_add(invocation, err);
    if (!code)
        code = read_file(invocation, path, &text, err);
    if (!code)
        code = parse(invocation, text, path, &all, &problems, &problem_count, err);
    if (code)
        return code;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    gb_buffer_add(&out, text);
    if (text.len && text.at[text.len - 1] != '\n')
        gb_buffer_char(&out, '\n');
    if (!gb_str_trim(text).len)
        gb_buffer_text(&out, "exemptions:\n");
    struct gb_str id = free_id(&all, invocation->arena);
    size_t before = problem_count;
    add_entry(&out, invocation, id);
    // What would be written is read first: a malformed entry never gets into the file.
    code = parse(invocation, gb_buffer_str(&out), path, &after, &problems, &problem_count, err);
    if (!code && problem_count > before)
        code = gb_error_set(err, GB_E_USAGE, GB_PRI, GB_ARG(problems[problem_count - 1]));
    if (!code && after.count != all.count + 1)
        code = gb_error_at(err, GB_E_USAGE, path, 0, 0,
                           "cannot add to this file: its list of exemptions is not the last thing "
                           "in it");
    if (!code)
        code = make_folder(path, err);
    if (!code)
        code = gb_output_file(path, gb_buffer_str(&out), false, err);
    if (!code)
        code = gb_output_stdout(
            gb_str_format(invocation->arena, GB_PRI " added to %s\n", GB_ARG(id), path), err);
    return code;
}

static int list(const struct gb_invocation *invocation, struct gb_error *err)
{
    const char *path = gb_str_c(invocation->arena, gb_assessment_exemptions_path(invocation));
    struct gb_str text, *problems;
    size_t problem_count;
    struct gb_exemptions all;
    int code = read_file(invocation, path, &text, err);
    if (!code)
        code = parse(invocation, text, path, &all, &problems, &problem_count, err);
    if (code)
        return code;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    for (size_t i = 0; i < all.count; i++) {
        const struct gb_exemption *entry = &all.items[i];
        char last_day[GB_TIME_SIZE];
        gb_date_text(entry->expires_at - 1, last_day);
        struct gb_str reason = gb_printable(invocation->arena, entry->reason);
        struct gb_str owner = gb_printable(invocation->arena, entry->owner);
        gb_buffer_print(&out, "%-8.*s %-16.*s %s %s  " GB_PRI ": " GB_PRI "\n", GB_ARG(entry->id),
                        GB_ARG(entry->control), entry->expired ? "expired" : "until  ", last_day,
                        GB_ARG(owner), GB_ARG(reason));
    }
    gb_buffer_print(&out, "%zu exemptions in %s\n", all.count, path);
    for (size_t i = 0; i < problem_count; i++)
        gb_say(GB_PRI, GB_ARG(problems[i]));
    code = gb_output_stdout(gb_buffer_str(&out), err);
    if (!code && problem_count)
        code =
            gb_error_set(err, GB_E_USAGE, "%zu malformed exemptions hide nothing", problem_count);
    return code;
}

// The lines of one entry: from its dash to the next entry or the end of the list.
static bool entry_lines(struct gb_str text, uint32_t line, size_t *start, size_t *end)
{
    uint32_t number = 1;
    size_t at = 0, indent = 0;
    bool inside = false;
    while (at < text.len) {
        size_t next = at;
        while (next < text.len && text.at[next] != '\n')
            next++;
        next += next < text.len;
        size_t spaces = 0;
        while (at + spaces < next && text.at[at + spaces] == ' ')
            spaces++;
        bool blank = at + spaces >= next || text.at[at + spaces] == '\n';
        if (number == line) {
            *start = at;
            indent = spaces;
            inside = true;
        } else if (inside && !blank && spaces <= indent) {
            *end = at;
            return true;
        }
        at = next;
        number++;
    }
    *end = text.len;
    return inside;
}

static int remove_entry(const struct gb_invocation *invocation, struct gb_error *err)
{
    const char *path = gb_str_c(invocation->arena, gb_assessment_exemptions_path(invocation));
    struct gb_str text, *problems;
    size_t problem_count, start = 0, end = 0;
    struct gb_exemptions all, after;
    if (invocation->operand_count != 1)
        return gb_error_set(err, GB_E_USAGE, "exempt remove takes one id (see gabion exempt list)");
    int code = read_file(invocation, path, &text, err);
    if (!code)
        code = parse(invocation, text, path, &all, &problems, &problem_count, err);
    if (code)
        return code;
    const struct gb_exemption *entry = NULL;
    for (size_t i = 0; i < all.count; i++)
        if (gb_str_eq(all.items[i].id, invocation->operands[0]))
            entry = &all.items[i];
    if (!entry)
        return gb_error_at(err, GB_E_USAGE, path, 0, 0, "there is no exemption \"" GB_PRI "\"",
                           GB_ARG(invocation->operands[0]));
    if (!entry_lines(text, entry->line, &start, &end))
        return gb_error_at(err, GB_E_USAGE, path, entry->line, 0, "cannot find the entry's lines");
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    gb_buffer_add(&out, gb_str_sub(text, 0, start));
    gb_buffer_add(&out, gb_str_from(text, end));
    struct gb_str left = gb_buffer_str(&out);
    if (all.count == 1)
        left = GB_STR("exemptions: []\n");
    code = parse(invocation, left, path, &after, &problems, &problem_count, err);
    if (!code && after.count + 1 != all.count)
        code = gb_error_at(err, GB_E_USAGE, path, entry->line, 0,
                           "cannot remove it by itself: edit the file");
    if (!code)
        code = gb_output_file(path, left, false, err);
    if (!code)
        code = gb_output_stdout(
            gb_str_format(invocation->arena, GB_PRI " removed from %s\n", GB_ARG(entry->id), path),
            err);
    return code;
}

static int finish(int code, const struct gb_error *err)
{
    return code ? gb_say_error(err) : GB_EXIT_OK;
}

static int run_add(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    struct gb_error err = {0};
    return finish(add(invocation, &err), &err);
}

static int run_list(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    struct gb_error err = {0};
    return finish(list(invocation, &err), &err);
}

static int run_remove(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    struct gb_error err = {0};
    return finish(remove_entry(invocation, &err), &err);
}

static int run_exempt(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    (void)invocation;
    gb_say("exempt needs a word: add, list or remove (see gabion exempt --help)");
    return GB_EXIT_USAGE;
}

static const struct gb_option file_options[] = {
    {.name = "exemptions", .argument = "FILE", .help = "the exemptions file"},
    {.name = NULL},
};

static const struct gb_option add_options[] = {
    {.name = "exemptions", .argument = "FILE", .help = "the exemptions file"},
    {.name = "reason", .argument = "TEXT", .help = "why it is accepted (mandatory)"},
    {.name = "owner", .argument = "NAME", .help = "who answers for it (mandatory)"},
    {.name = "expires", .argument = "DATE", .help = "its last day, UTC, at most a year ahead"},
    {.name = "subject", .argument = "GLOB", .help = "only findings about this subject"},
    {.name = "host", .argument = "GLOB", .help = "only on these hosts"},
    {.name = "approved-by", .argument = "NAME", .help = "who agreed"},
    {.name = "ticket", .argument = "TEXT", .help = "where it was discussed"},
    {.name = NULL},
};

static const char *const examples[] = {
    "gabion exempt add GBN-SSH-002 --reason 'until the move' --owner anna --expires 2027-01-31",
    "gabion exempt list",
    NULL,
};

const struct gb_command gb_command_exempt = {
    .name = "exempt",
    .summary = "accept findings knowingly: reason, owner and end are mandatory",
    .operands = "add|list|remove",
    .examples = examples,
    .run = run_exempt,
};

const struct gb_command gb_command_exempt_add = {
    .name = "exempt add",
    .summary = "accept the findings of a control for some time",
    .operands = "CONTROL",
    .examples = examples,
    .options = add_options,
    .run = run_add,
};

const struct gb_command gb_command_exempt_list = {
    .name = "exempt list",
    .summary = "list exemptions, expired ones marked",
    .operands = "",
    .examples = examples,
    .options = file_options,
    .run = run_list,
};

static const char *const remove_examples[] = {
    "gabion exempt remove EX-1",
    "gabion exempt remove EX-1 --exemptions ./exemptions.yaml",
    NULL,
};

const struct gb_command gb_command_exempt_remove = {
    .name = "exempt remove",
    .summary = "remove an exemption",
    .operands = "ID",
    .examples = remove_examples,
    .options = file_options,
    .run = run_remove,
};
