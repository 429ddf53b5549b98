// Reads values of unit files: command lines, environment assignments, listening addresses,
// conditions. Used by the unit probe. Formats: systemd.service(5), systemd.exec(5),
// systemd.socket(5), systemd.unit(5).
#ifndef GABION_SOURCE_HOST_UNIT_TEXT_H
#define GABION_SOURCE_HOST_UNIT_TEXT_H

#include "source/host/ini.h"

// The next word of a value, with quotes and backslashes resolved; in `arena` where it had some.
// False at the end.
bool gb_unit_next_word(struct gb_arena *arena, struct gb_str *rest, struct gb_str *word);

struct gb_unit_command {
    struct gb_str program;   // as written: absolute, or a name that systemd looks up
    struct gb_str script;    // the first argument, when `program` interprets it: "/opt/app/run.py"
    struct gb_str autologin; // of agetty: the user that it lets in; "" = none
    bool interpreter;        // `program` is a shell or another interpreter
    bool full_privileges;    // prefix + or !: runs as root whatever User= says
    bool may_fail;           // prefix -
};

// Of one ExecStart= value and its like. False when it names no program.
bool gb_unit_command(struct gb_arena *arena, struct gb_str value, struct gb_unit_command *ret);

struct gb_unit_address {
    struct gb_str text; // as written
    bool internet;      // not a path, abstract name or such
    bool exposed;       // reachable from beyond this machine by its address
};

// Of one ListenStream= value and its like.
struct gb_unit_address gb_unit_address(struct gb_str value);

// The first condition or assertion about files that does not hold, as written
// ("ConditionPathExists= /etc/x"); an empty slice when none fails. Those about other things are
// taken to hold.
struct gb_str gb_unit_unmet_condition(const struct gb_host *host, const struct gb_ini *settings,
                                      struct gb_arena *arena);

#endif
