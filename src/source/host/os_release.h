// Readers of os-release(5) and of the release tables of distro-info-data; used by the os probe and
// the fuzz target. Everything lives in the arena that is passed.
#ifndef GABION_SOURCE_HOST_OS_RELEASE_H
#define GABION_SOURCE_HOST_OS_RELEASE_H

#include "base/arena.h"
#include "base/str.h"

// One VARIABLE=value of os-release, with quotes and backslashes of the shell removed.
struct gb_os_variable {
    struct gb_str name, value;
    uint32_t line;
};

struct gb_os_release {
    struct gb_os_variable *items; // in order of the text; the last of a name counts
    size_t count;
};

// Lines that are no assignment are skipped, as the standard asks. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_os_release_parse(struct gb_str text, struct gb_arena *arena,
                                    struct gb_os_release *ret);
// NULL when absent.
const struct gb_os_variable *gb_os_release_find(const struct gb_os_release *release,
                                                const char *name);

// One release of a distribution: seconds since 1970 UTC at the first second *after* the day that is
// named (support lasts to the end of that day); 0 = the table has no date.
struct gb_release_row {
    struct gb_str version, series;
    int64_t released_at;   // first second of that day
    int64_t standard_ends; // "eol"
    int64_t free_ends;     // the latest date without a contract: eol, eol-server, eol-lts
    int64_t paid_ends;     // the latest date of all
    uint32_t line;
};

// The row of `series` (a code name in small letters) or, when that is empty, of `version`, in a
// comma-separated table with a header line (version,codename,series,created,release,eol,...).
// GB_E_NOT_FOUND when no row fits, GB_E_SYNTAX when the header lacks a column that is needed.
GB_MUST_USE int gb_release_table_find(struct gb_str table, struct gb_str version,
                                      struct gb_str series, struct gb_release_row *ret);

#endif
