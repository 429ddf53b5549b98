// Persisted kernel settings: sysctl.d(5) as systemd-sysctl applies it. Used by the sysctl probe and
// the fuzz target.
//
// * Keys are kept as paths below /proc/sys ("net/ipv4/ip_forward"). Where the first separator of
//   the text is a dot, dots and slashes change places.
// * A later assignment of a key replaces an earlier one.
// * A key with * ? [ ] is a pattern for all keys that no line names exactly. Of several patterns
//   the last one counts. "-key" without "=" keeps patterns away from a key.
// * "-key = value" means that a failure does not matter.
#ifndef GABION_SOURCE_HOST_SYSCTL_CONF_H
#define GABION_SOURCE_HOST_SYSCTL_CONF_H

#include "base/map.h"

struct gb_sysctl_line {
    struct gb_str key; // path below /proc/sys
    struct gb_str value;
    struct gb_str file;
    uint32_t line;
    bool excluded; // "-key": no assignment, keeps patterns away
    bool pattern;
    bool replaced; // a later line assigns the same key
};

struct gb_sysctl_conf {
    struct gb_arena *arena;
    struct gb_sysctl_line **items; // in order of the text
    size_t count, capacity;
    struct gb_map by_key; // -> the struct gb_sysctl_line in force; not patterns
};

static inline struct gb_sysctl_conf gb_sysctl_conf(struct gb_arena *arena)
{
    return (struct gb_sysctl_conf){.arena = arena, .by_key = gb_map(arena)};
}

// Adds the lines of a text. `text` and `file` must live as long as the arena. Lines that make no
// sense are skipped, as systemd-sysctl does. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_sysctl_conf_parse(struct gb_sysctl_conf *conf, struct gb_str text,
                                     struct gb_str file);

// Adds one assignment, for sources that are no files of this format.
GB_MUST_USE int gb_sysctl_conf_add(struct gb_sysctl_conf *conf, struct gb_str key,
                                   struct gb_str value, struct gb_str file, uint32_t line);

// The line that decides a key (a path), NULL when nothing sets it.
const struct gb_sysctl_line *gb_sysctl_conf_find(const struct gb_sysctl_conf *conf,
                                                 struct gb_str key);

// "kernel.core_pattern" or "net/ipv4/conf/eth0.10/forwarding" as a path below /proc/sys. Empty when
// it is none (leading or double slash, "..").
struct gb_str gb_sysctl_path(struct gb_arena *arena, struct gb_str key);
// The path as people write it, with dots.
struct gb_str gb_sysctl_name(struct gb_arena *arena, struct gb_str path);

// Do two values mean the same? Blanks between words do not count, numbers are compared as numbers
// (0x1b6 is 438).
bool gb_sysctl_value_equal(struct gb_str a, struct gb_str b);

#endif
