// gabion: wiring only. The work is in cli/.
#include "cli/command.h"

extern const char gb_content_begin[], gb_content_end[];

int main(int argc, char **argv)
{
    struct gb_program program = {
        .content = {gb_content_begin, (size_t)(gb_content_end - gb_content_begin)},
        .version = GB_VERSION,
    };
    return gb_cli_main(&program, argc, argv);
}
