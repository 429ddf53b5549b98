// What start-up files of shells (/etc/profile and the like) set: PATH, TMOUT and umask, with the
// line. A reading in thought: functions and values computed at run time are left out. Used by the
// source of shell environments.
//
//     struct gb_shell_settings settings = gb_shell_settings(arena);
//     gb_shell_settings_read(text, GB_STR("/etc/profile"), &settings);
//
// Slices point into the text. GB_E_MEMORY is the only error.
#ifndef GABION_SOURCE_HOST_SHELL_SETTINGS_H
#define GABION_SOURCE_HOST_SHELL_SETTINGS_H

#include "base/str.h"

enum gb_shell_setting_kind { GB_SHELL_PATH, GB_SHELL_TMOUT, GB_SHELL_UMASK };

struct gb_shell_setting {
    enum gb_shell_setting_kind kind;
    struct gb_str value; // without quotes; "" of "export TMOUT", "readonly TMOUT"
    bool exports, locks; // export or readonly stands before it
    bool not_for_root;   // inside a branch that root does not take ("id -u")
    struct gb_str file;
    uint32_t line;
};

struct gb_shell_settings {
    struct gb_arena *arena;
    struct gb_shell_setting *items; // in order
    size_t count, capacity;
};

static inline struct gb_shell_settings gb_shell_settings(struct gb_arena *arena)
{
    return (struct gb_shell_settings){.arena = arena};
}

GB_MUST_USE int gb_shell_settings_read(struct gb_str text, struct gb_str file,
                                       struct gb_shell_settings *settings);

// "027", "0077", "u=rwx,g=rx,o=" as bits. False when it is neither.
bool gb_umask_parse(struct gb_str text, uint32_t *ret);

#endif
