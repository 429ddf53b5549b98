// gabion version.
#include "cli/arguments.h"
#include "cli/output.h"

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    struct gb_str text = gb_str_format(invocation->arena, "gabion %s\n", program->version);
    struct gb_error err = {0};
    return gb_output_stdout(text, &err) ? gb_say_error(&err) : GB_EXIT_OK;
}

static const char *const examples[] = {"gabion version", "gabion --version", NULL};

const struct gb_command gb_command_version = {
    .name = "version",
    .summary = "print the version",
    .operands = "",
    .examples = examples,
    .run = run,
};
