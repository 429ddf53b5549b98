// What modprobe.d(5) says about modules: which may not be loaded. Used by the kernel module probe
// and the fuzz target.
#ifndef GABION_SOURCE_HOST_MODPROBE_H
#define GABION_SOURCE_HOST_MODPROBE_H

#include "base/arena.h"
#include "base/str.h"

enum gb_modprobe_command {
    GB_MODPROBE_BLACKLIST, // its aliases are ignored: nothing loads it on demand
    GB_MODPROBE_INSTALL,   // `argument` runs in place of loading it
    GB_MODPROBE_OTHER,     // alias, options, softdep, remove ...
};

struct gb_modprobe_rule {
    enum gb_modprobe_command command;
    struct gb_str module; // as written; compare with gb_module_name_equal
    struct gb_str argument;
    struct gb_str file;
    uint32_t line;
};

struct gb_modprobe_rules {
    struct gb_modprobe_rule *items; // in order of the text
    size_t count, capacity;
};

// Adds the rules of a text. A backslash at the end of a line joins the next one; # begins a comment
// line. `text` and `file` must live as long as the arena. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_modprobe_parse(struct gb_modprobe_rules *rules, struct gb_str text,
                                  struct gb_str file, struct gb_arena *arena);

// Does this install command refuse to load the module (/bin/false, /bin/true, nologin ...)?
bool gb_modprobe_refuses(struct gb_str command);

// Module names are the same whether written with - or _.
bool gb_module_name_equal(struct gb_str a, struct gb_str b);

#endif
