// The local account files passwd(5), group(5), shadow(5) and gshadow(5), read as the C library's
// "files" service reads them, so that what it accepts (a line with fields missing, a uid " 0" or
// "-0") is an account here too; what a careful tool would not have written is a defect beside it.
// Used by the sources that need names of owners, members of groups, or the accounts themselves.
//
// Ownership: all slices point into the texts that were parsed and live as long as these. Password
// fields of shadow and gshadow are secrets: load them into scratch memory, wipe with
// gb_accounts_wipe, and hand on only what gb_password_classify says.
//
//     struct gb_accounts accounts;
//     if (gb_accounts_load(host, scratch, false, &accounts) < 0) return GB_E_MEMORY;
//     const struct gb_passwd_entry *owner = gb_accounts_uid(&accounts, info.uid);
#ifndef GABION_SOURCE_HOST_ACCOUNT_FILE_H
#define GABION_SOURCE_HOST_ACCOUNT_FILE_H

#include "base/map.h"
#include "sys/host.h"

struct gb_passwd_entry {
    struct gb_str name, password, home, shell;
    uint32_t uid, gid;
    uint32_t line; // 1-based
};

struct gb_shadow_entry {
    struct gb_str name, password;
    int64_t changed, minimum, maximum, warn, inactive, expires; // days (since 1970); -1 = empty
    uint32_t line;
};

struct gb_group_entry {
    struct gb_str name, password;
    struct gb_str *members; // as listed: without those whose primary group it is
    size_t member_count;
    uint32_t gid;
    uint32_t line;
};

struct gb_gshadow_entry {
    struct gb_str name, password;
    uint32_t line;
};

// A line that is not as the format wants it.
struct gb_account_defect {
    const char *file; // "/etc/passwd"
    uint32_t line;
    bool legacy;        // an entry of the NIS "compat" service: "+", "+user", "-user"
    struct gb_str name; // the line's first field
    const char *reason; // a clause: "has 4 fields instead of 7"
};

// A file that was tried: 0 when it was read, else why not (GB_E_NOT_FOUND, GB_E_DENIED, ...).
struct gb_account_text {
    struct gb_str text;
    int code;
};

struct gb_accounts {
    struct gb_arena *arena;
    struct gb_passwd_entry *users;
    size_t user_count, user_capacity;
    struct gb_group_entry *groups;
    size_t group_count, group_capacity;
    struct gb_shadow_entry *shadow;
    size_t shadow_count, shadow_capacity;
    struct gb_gshadow_entry *gshadow;
    size_t gshadow_count, gshadow_capacity;
    struct gb_account_defect *defects;
    size_t defect_count, defect_capacity;
    struct gb_account_text passwd_file, group_file, shadow_file, gshadow_file;
    struct gb_map user_by_name, user_by_uid, group_by_name, group_by_gid, shadow_by_name;
};

enum { GB_ACCOUNTS_MAX_BYTES = 16 << 20 };

static inline struct gb_accounts gb_accounts(struct gb_arena *arena)
{
    return (struct gb_accounts){.arena = arena};
}

// Each adds the lines of one file. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_accounts_parse_passwd(struct gb_accounts *accounts, struct gb_str text);
GB_MUST_USE int gb_accounts_parse_group(struct gb_accounts *accounts, struct gb_str text);
GB_MUST_USE int gb_accounts_parse_shadow(struct gb_accounts *accounts, struct gb_str text);
GB_MUST_USE int gb_accounts_parse_gshadow(struct gb_accounts *accounts, struct gb_str text);
// Builds the look-up tables; after the last parse, before the first look-up.
GB_MUST_USE int gb_accounts_index(struct gb_accounts *accounts);

// Reads passwd and group, and with `secrets` shadow and gshadow; parses and indexes. Files that
// cannot be read have their code in *_file. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_accounts_load(const struct gb_host *host, struct gb_arena *arena, bool secrets,
                                 struct gb_accounts *ret);
// Overwrites the texts of shadow and gshadow; their entries must not be used afterwards.
void gb_accounts_wipe(struct gb_accounts *accounts);

// The first entry, as the C library finds it; NULL when there is none.
const struct gb_passwd_entry *gb_accounts_user(const struct gb_accounts *accounts,
                                               struct gb_str name);
const struct gb_passwd_entry *gb_accounts_uid(const struct gb_accounts *accounts, uint32_t uid);
const struct gb_group_entry *gb_accounts_group(const struct gb_accounts *accounts,
                                               struct gb_str name);
const struct gb_group_entry *gb_accounts_gid(const struct gb_accounts *accounts, uint32_t gid);
const struct gb_shadow_entry *gb_accounts_shadow(const struct gb_accounts *accounts,
                                                 struct gb_str name);

// Is somebody but root and `trusted_uid` in this group, by its list or as primary group? True also
// when the account files could not be read: nobody can then say that the group is empty.
bool gb_accounts_group_has_others(const struct gb_accounts *accounts, uint32_t gid,
                                  uint32_t trusted_uid);

// The name behind an id, or the id in digits; in `arena`.
struct gb_str gb_accounts_owner(const struct gb_accounts *accounts, uint32_t uid,
                                struct gb_arena *arena);
struct gb_str gb_accounts_owner_group(const struct gb_accounts *accounts, uint32_t gid,
                                      struct gb_arena *arena);

#endif
