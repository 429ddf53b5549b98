// Rules of the Linux audit system: as files write them (auditctl(8), audit.rules(7)) and as the
// kernel holds them (struct audit_rule_data of linux/audit.h), in one form; and which of the usual
// groups of rules they cover.
//
// Used by audit.c and the fuzz target. Slices point into the texts, which must outlive the rules.
#ifndef GABION_SOURCE_HOST_AUDIT_RULE_H
#define GABION_SOURCE_HOST_AUDIT_RULE_H

#include "base/arena.h"
#include "base/str.h"

enum gb_audit_list { // numbers of the kernel
    GB_AUDIT_USER = 0,
    GB_AUDIT_TASK = 1,
    GB_AUDIT_EXIT = 4,
    GB_AUDIT_EXCLUDE = 5,
    GB_AUDIT_FILESYSTEM = 6,
    GB_AUDIT_OTHER = 15,
};
enum gb_audit_arch { GB_AUDIT_ANY_ARCH, GB_AUDIT_B64, GB_AUDIT_B32, GB_AUDIT_OTHER_ARCH };
enum { GB_AUDIT_EXECUTE = 1, GB_AUDIT_WRITE = 2, GB_AUDIT_READ = 4, GB_AUDIT_ATTRIBUTE = 8 };

struct gb_audit_rule {
    enum gb_audit_list list;
    bool never;          // suppresses events
    bool all_syscalls;   // no system call was named
    uint64_t syscalls;   // bits of the table of names that matter here
    bool other_syscalls; // names others, too
    enum gb_audit_arch arch;
    struct gb_str path;  // of a watch, or -F path= or dir=; without a slash at its end
    uint8_t permissions; // 0: none named, which means all
    int exit_code;       // 13 (EACCES) or 1 (EPERM) for -F exit=-...; 0 = not limited
    bool other_user;     // only when the effective user is not the real one (-C euid!=uid)
    bool as_root;        // only for effective user 0
    bool narrowed;       // limited in other ways: a single user, a program, an inode
    struct gb_str key;
    struct gb_str where;
    uint32_t line;
};

struct gb_audit_rules {
    struct gb_arena *arena;
    struct gb_audit_rule *items;
    size_t count, capacity;
    // Settings in rule files, -1 = not set: -e, -f, -b.
    int64_t enabled, failure, backlog_limit;
    uint32_t enabled_line, failure_line, backlog_line;
    struct gb_str enabled_where, failure_where, backlog_where;
    bool loginuid_immutable;
    uint32_t malformed; // lines that could not be understood
    struct gb_str first_malformed_where;
    uint32_t first_malformed_line;
};

static inline struct gb_audit_rules gb_audit_rules(struct gb_arena *arena)
{
    return (struct gb_audit_rules){
        .arena = arena, .enabled = -1, .failure = -1, .backlog_limit = -1};
}

// Adds the rules of a file. -D forgets all rules that were read before it.
GB_MUST_USE int gb_audit_rules_parse(struct gb_audit_rules *rules, struct gb_str text,
                                     struct gb_str where);

// Adds one rule of the kernel's list (the payload of an AUDIT_LIST_RULES message). `machine` as
// uname(2) says it decides what numbers of system calls mean. GB_E_SYNTAX when it is damaged.
GB_MUST_USE int gb_audit_rules_decode(struct gb_audit_rules *rules, struct gb_str payload,
                                      struct gb_str machine);

// Does some rule of `rules` do what `rule` does (same list, path, permissions, system calls)?
bool gb_audit_rules_have(const struct gb_audit_rules *rules, const struct gb_audit_rule *rule);

// "-w /etc/passwd -p wa", "-a always,exit -S chmod ..." for people.
struct gb_str gb_audit_rule_text(struct gb_arena *arena, const struct gb_audit_rule *rule);

// ---- what rules cover (audit_coverage.c)

struct gb_audit_group {
    const char *name; // "identity", "time" ...
    const char *title;
};
extern const struct gb_audit_group gb_audit_groups[];
extern const size_t gb_audit_group_count;

// What lacks in a group, as texts ("/etc/gshadow", "clock_settime (b32)"); an empty list = covered.
// `exists` tells whether a path is there: watches on what does not exist are not asked for.
struct gb_audit_gaps {
    struct gb_str *items;
    size_t count;
    bool applicable; // false: nothing of the group exists here
};
GB_MUST_USE int gb_audit_coverage(const struct gb_audit_rules *rules, size_t group,
                                  struct gb_str machine,
                                  bool (*exists)(const void *context, const char *path),
                                  const void *context, struct gb_arena *arena,
                                  struct gb_audit_gaps *ret);

// ---- system calls (audit_syscall.c)

enum { GB_AUDIT_SYSCALLS_MOST = 64 };
// Index in the table of a name, -1 when it is none of those that matter here.
int gb_audit_syscall_find(struct gb_str name);
const char *gb_audit_syscall_name(int index);
// Its number on an architecture; -1 when that has no such call.
int gb_audit_syscall_number(int index, struct gb_str machine, enum gb_audit_arch arch);
int gb_audit_syscall_count(void);

#endif
