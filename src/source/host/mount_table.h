// Readers of the kernel's mount table (/proc/PID/mountinfo, proc(5)) and of fstab(5). Used by the
// probes of mounts, swap and block devices, and the fuzz target. Texts must live as long as the
// arena.
#ifndef GABION_SOURCE_HOST_MOUNT_TABLE_H
#define GABION_SOURCE_HOST_MOUNT_TABLE_H

#include "base/arena.h"
#include "base/str.h"

struct gb_mount_line {
    uint64_t id, parent;
    struct gb_str device;  // "254:0"
    struct gb_str root;    // what of the file system is seen: "/" or a directory (bind mounts)
    struct gb_str path;    // where
    struct gb_str options; // of this mount: "rw,nosuid"
    struct gb_str type, source;
    struct gb_str super_options; // of the file system
    uint32_t line;
    bool visible; // no other mount covers it
};

struct gb_mount_table {
    struct gb_mount_line *items; // in order of the text
    size_t count;
    bool truncated; // more than 16,384 lines
};

// Lines that are malformed are skipped. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_mount_table_parse(struct gb_str text, struct gb_arena *arena,
                                     struct gb_mount_table *ret);

// The visible mount that a path is on, NULL when the table is empty.
const struct gb_mount_line *gb_mount_table_of(const struct gb_mount_table *table,
                                              struct gb_str path);

struct gb_fstab_line {
    struct gb_str source, path, type, options;
    uint32_t line;
};

struct gb_fstab {
    struct gb_fstab_line *items;
    size_t count;
};

GB_MUST_USE int gb_fstab_parse(struct gb_str text, struct gb_arena *arena, struct gb_fstab *ret);

// Is `option` in a list "rw,nosuid"? "x" also fits "x=...".
bool gb_mount_option(struct gb_str options, const char *option);

#endif
