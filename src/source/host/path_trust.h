// Who, besides root and one trusted user, can change what a path leads to: the file itself, or any
// directory on the way to it, symbolic links included. What root executes (cron jobs, sudo
// commands, entries of PATH, unit files) must not be changeable by others.
//
// A directory in which others may write lets them replace its entries, unless it is sticky and the
// entry belongs to somebody who is trusted. A group counts only when somebody untrusted is in it.
// ACLs do not count.
//
//     struct gb_path_judge judge = gb_path_judge(host, &accounts, scratch);
//     struct gb_path_trust trust;
//     if (gb_path_trust(&judge, GB_STR("/opt/app/run"), 0, &trust) < 0) return GB_E_MEMORY;
//     if (trust.weak.len) ... "/opt/app can be changed by group staff" ...
#ifndef GABION_SOURCE_HOST_PATH_TRUST_H
#define GABION_SOURCE_HOST_PATH_TRUST_H

#include "source/host/account_file.h"

// Remembers what it saw of each path, so that common directories cost one look.
struct gb_path_judge {
    const struct gb_host *host;
    const struct gb_accounts *accounts;
    struct gb_arena *arena;
    struct gb_map seen;
};

static inline struct gb_path_judge gb_path_judge(const struct gb_host *host,
                                                 const struct gb_accounts *accounts,
                                                 struct gb_arena *arena)
{
    return (struct gb_path_judge){host, accounts, arena, gb_map(arena)};
}

struct gb_path_trust {
    bool exists;
    enum gb_file_type type; // of what the path leads to; where it exists
    uint32_t mode;
    int code;             // 0, or why the path could not be followed to its end: GB_E_DENIED ...
    struct gb_str target; // the path without symbolic links, as far as it exists
    struct gb_str weak;   // the first part that others can change; "" = none
    struct gb_str who;    // "everybody", "group staff", "user postgres"; "" = nobody
};

// `path` must be absolute. A path that does not exist is judged up to where it ends: in a directory
// that others may write they can create it. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_path_trust(struct gb_path_judge *judge, struct gb_str path, uint32_t trusted_uid,
                              struct gb_path_trust *ret);

#endif
