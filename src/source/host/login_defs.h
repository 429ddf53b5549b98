// login.defs(5): the settings of the shadow tools. The last assignment of a key is in force. Used
// by the sources of accounts, passwords and shell environments.
//
//     struct gb_login_defs defs;
//     if (gb_login_defs_load(host, scratch, &defs) < 0) return GB_E_MEMORY;
//     int64_t uid_min = gb_login_defs_number(&defs, "UID_MIN", 1000);
#ifndef GABION_SOURCE_HOST_LOGIN_DEFS_H
#define GABION_SOURCE_HOST_LOGIN_DEFS_H

#include "sys/host.h"

struct gb_login_def {
    struct gb_str key, value; // the value without quotes and surrounding blanks
    uint32_t line;            // 1-based
};

struct gb_login_defs {
    struct gb_login_def *items; // in order of the file
    size_t count, capacity;
    int code; // 0, or why the file could not be read
};

extern const char gb_login_defs_path[]; // "/etc/login.defs"

// The slices point into `text`. GB_E_MEMORY is the only error, here and below.
GB_MUST_USE int gb_login_defs_parse(struct gb_str text, struct gb_arena *arena,
                                    struct gb_login_defs *ret);
GB_MUST_USE int gb_login_defs_load(const struct gb_host *host, struct gb_arena *arena,
                                   struct gb_login_defs *ret);

// NULL when the key is not set.
const struct gb_login_def *gb_login_defs_get(const struct gb_login_defs *defs, const char *key);

// A number as the shadow tools read it: decimal, octal behind 0, hexadecimal behind 0x, -1.
bool gb_login_def_number(const struct gb_login_def *def, int64_t *ret);
// `otherwise` when the key is not set or holds no number.
int64_t gb_login_defs_number(const struct gb_login_defs *defs, const char *key, int64_t otherwise);

#endif
