// Which programs and scripts a shell command line runs: "test -x /a || (cd /srv && python3 ./b.py)"
// runs test, /a is only looked at, and /srv/b.py is code. A reading in thought, not a shell: what
// is decided at run time (variables, substitutions) is left out. Used by the cron source.
//
//     struct gb_shell_programs programs = {0};
//     gb_shell_command(GB_STR("nice -n 5 /opt/backup.sh"), home, arena, &programs);
//
// Errors: exhausted memory is the only one.
#ifndef GABION_SOURCE_HOST_SHELL_COMMAND_H
#define GABION_SOURCE_HOST_SHELL_COMMAND_H

#include "base/str.h"

struct gb_shell_program {
    struct gb_str path; // absolute, or a name to be looked up in PATH
    bool directory;     // run-parts: every program in it
};

struct gb_shell_programs {
    struct gb_shell_program *items;
    size_t count, capacity;
    bool runs_download; // what curl or wget fetches goes into a shell or interpreter
};

// `directory` is where the command starts: relative paths are taken from there.
GB_MUST_USE int gb_shell_command(struct gb_str text, struct gb_str directory,
                                 struct gb_arena *arena, struct gb_shell_programs *ret);

#endif
