// limits.conf(5) of pam_limits. Used by the core dump probe and the fuzz target.
#ifndef GABION_SOURCE_HOST_LIMITS_CONF_H
#define GABION_SOURCE_HOST_LIMITS_CONF_H

#include "base/arena.h"
#include "base/str.h"

struct gb_limit {
    struct gb_str domain; // user, @group, *, %group, :range
    struct gb_str type;   // soft, hard, -
    struct gb_str item;   // core, nofile ...
    struct gb_str value;
    struct gb_str file;
    uint32_t line;
};

struct gb_limits {
    struct gb_limit *items; // in order of the text
    size_t count, capacity;
};

// Adds the lines of a text. `text` and `file` must live as long as the arena. GB_E_MEMORY is the
// only error.
GB_MUST_USE int gb_limits_parse(struct gb_limits *limits, struct gb_str text, struct gb_str file,
                                struct gb_arena *arena);

// What pam_limits ends up with as the hard limit of `item` for ordinary users ("*"): the last line
// that fits. NULL when no line speaks of it.
const struct gb_limit *gb_limits_hard_default(const struct gb_limits *limits, const char *item);

#endif
