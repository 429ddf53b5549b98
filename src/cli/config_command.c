// gabion config show|check: the configuration in force, and where each value stands.
#include "base/printable.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/output.h"
#include "sys/host.h"

#include <stdlib.h>

enum { LARGEST_TEXT = 1 << 20 };

static void add_entry(struct gb_buffer *out, const struct gb_config_entry *entry,
                      struct gb_arena *arena)
{
    struct gb_str values = {0};
    for (size_t i = 0; i < entry->value_count; i++)
        values = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(values), i ? ", " : "",
                               GB_ARG(gb_printable(arena, entry->values[i])));
    struct gb_str name =
        gb_str_format(arena, GB_PRI "." GB_PRI, GB_ARG(entry->command), GB_ARG(entry->option));
    gb_buffer_print(out, "%-28.*s " GB_PRI "   (" GB_PRI ":%u)\n", GB_ARG(name), GB_ARG(values),
                    GB_ARG(gb_printable(arena, entry->file)), entry->line);
}

static int run_show(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    const struct gb_config *config = invocation->config;
    struct gb_error err = {0};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    for (size_t i = 0; i < config->count; i++)
        add_entry(&out, &config->entries[i], invocation->arena);
    if (!config->count)
        gb_buffer_text(&out, "nothing is configured: every option has its default\n");
    for (size_t i = 0; i < config->file_count; i++)
        gb_buffer_print(&out, "read: " GB_PRI "\n",
                        GB_ARG(gb_printable(invocation->arena, config->files[i])));
    return gb_output_stdout(gb_buffer_str(&out), &err) ? gb_say_error(&err) : GB_EXIT_OK;
}

// main has read the usual files by now: a mistake in them has ended the program with code 2.
static int run_check(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    struct gb_error err = {0};
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    int code = gb_host_open(&live, &here, &err);
    size_t files = invocation->config->file_count;
    for (size_t i = 0; i < invocation->operand_count && !code; i++) {
        struct gb_config *config;
        code = gb_config_load(here, gb_str_c(invocation->arena, invocation->operands[i]),
                              invocation->arena, &config, &err);
        files++;
    }
    gb_host_close(&here);
    if (code)
        return gb_say_error(&err);
    struct gb_str text = gb_str_format(invocation->arena, "%zu files, no mistake\n", files);
    return gb_output_stdout(text, &err) ? gb_say_error(&err) : GB_EXIT_OK;
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    (void)invocation;
    gb_say("config needs a word: show or check (see gabion config --help)");
    return GB_EXIT_USAGE;
}

static const char *const examples[] = {
    "gabion config show",
    "gabion config check ./gabion.yaml",
    NULL,
};

const struct gb_command gb_command_config = {
    .name = "config",
    .summary = "show and check the configuration",
    .operands = "show|check",
    .examples = examples,
    .run = run,
};

const struct gb_command gb_command_config_show = {
    .name = "config show",
    .summary = "print what is configured, each value with its file and line",
    .operands = "",
    .examples = examples,
    .run = run_show,
};

const struct gb_command gb_command_config_check = {
    .name = "config check",
    .summary = "check configuration files; exit 2 names the mistake",
    .operands = "[FILE...]",
    .examples = examples,
    .run = run_check,
};
