// The one entry of the command line.
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/help.h"
#include "cli/output.h"
#include "sys/host.h"

#include <signal.h>
#include <unistd.h>

enum { PROCESS_MEMORY = 64 << 20 };

static int load_config(struct gb_invocation *invocation, struct gb_error *err)
{
    struct gb_host *host = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    int code = gb_host_open(&live, &host, err);
    if (code)
        return code;
    struct gb_str only = {0};
    for (size_t i = 0; i < invocation->argument_count; i++)
        if (strcmp(invocation->arguments[i].option->name, "config") == 0)
            only = invocation->arguments[i].value;
    struct gb_config *config = NULL;
    code = gb_config_load(host, only.at ? gb_str_c(invocation->arena, only) : NULL,
                          invocation->arena, &config, err);
    invocation->config = config;
    gb_host_close(&host);
    return code;
}

int gb_cli_main(const struct gb_program *program, int argc, char **argv)
{
    // A reader that goes away (head, less) shows as a failed write.
    signal(SIGPIPE, SIG_IGN);
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("process", PROCESS_MEMORY);
    struct gb_error err = {0};
    struct gb_invocation invocation;
    if (!arena) {
        gb_say("out of memory");
        return GB_EXIT_ERROR;
    }
    int code = gb_arguments_parse(argc, argv, arena, &invocation, &err);
    if (code)
        return gb_say_error(&err);
    if (gb_option_is_set(&invocation, "help"))
        return gb_help_command(invocation.command, &invocation);
    code = load_config(&invocation, &err);
    if (code)
        return gb_say_error(&err);
    return invocation.command->run(program, &invocation);
}
