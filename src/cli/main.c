// The one entry of the command line.
#include "cli/command.h"

int gb_cli_main(const struct gb_program *program, int argc, char **argv)
{
    (void)argv;
    printf("gabion %s, %d arguments, %zu commands\n", program->version, argc, gb_command_count);
    return GB_EXIT_OK;
}
