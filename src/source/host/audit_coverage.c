// Which of the usual groups of audit rules a set of rules covers; see audit_rule.h.
#include "source/host/audit_rule.h"

#include <stdlib.h>

const struct gb_audit_group gb_audit_groups[] = {
    {"identity", "changes of accounts and groups"},
    {"time", "changes of the clock"},
    {"network", "changes of the host's names and network"},
    {"mandatory_access", "changes of mandatory access control"},
    {"logins", "logins and lock-outs"},
    {"sessions", "starts of sessions"},
    {"permissions", "changes of permissions and owners"},
    {"access_denied", "denied access to files"},
    {"mounts", "mounting of file systems"},
    {"deletions", "deletion and renaming of files"},
    {"modules", "loading of kernel modules"},
    {"sudoers", "changes of what sudo allows"},
    {"privileged_commands", "use of privileged commands"},
    {"other_user", "commands run as another user"},
    {"audit", "changes of the audit configuration"},
};
const size_t gb_audit_group_count = sizeof gb_audit_groups / sizeof *gb_audit_groups;

enum { CHANGES = GB_AUDIT_WRITE | GB_AUDIT_ATTRIBUTE };

// One wanted thing: a path with permissions, or a system call.
struct wanted {
    const char *group;
    const char *path;
    uint8_t permissions;
    const char *syscall;
    int exit_code;   // with this result only
    bool other_user; // only when run as another user
};

static const struct wanted wanted[] = {
    {"identity", "/etc/passwd", CHANGES, NULL, 0, false},
    {"identity", "/etc/group", CHANGES, NULL, 0, false},
    {"identity", "/etc/shadow", CHANGES, NULL, 0, false},
    {"identity", "/etc/gshadow", CHANGES, NULL, 0, false},
    {"identity", "/etc/security/opasswd", CHANGES, NULL, 0, false},
    {"time", NULL, 0, "adjtimex", 0, false},
    {"time", NULL, 0, "settimeofday", 0, false},
    {"time", NULL, 0, "clock_settime", 0, false},
    {"time", "/etc/localtime", CHANGES, NULL, 0, false},
    {"network", NULL, 0, "sethostname", 0, false},
    {"network", NULL, 0, "setdomainname", 0, false},
    {"network", "/etc/hosts", CHANGES, NULL, 0, false},
    {"network", "/etc/network", CHANGES, NULL, 0, false},
    {"network", "/etc/netplan", CHANGES, NULL, 0, false},
    {"mandatory_access", "/etc/apparmor", CHANGES, NULL, 0, false},
    {"mandatory_access", "/etc/apparmor.d", CHANGES, NULL, 0, false},
    {"mandatory_access", "/etc/selinux/config", CHANGES, NULL, 0, false},
    {"logins", "/var/log/lastlog", CHANGES, NULL, 0, false},
    {"logins", "/var/run/faillock", CHANGES, NULL, 0, false},
    {"logins", "/var/log/faillog", CHANGES, NULL, 0, false},
    {"sessions", "/var/run/utmp", CHANGES, NULL, 0, false},
    {"sessions", "/var/log/wtmp", CHANGES, NULL, 0, false},
    {"sessions", "/var/log/btmp", CHANGES, NULL, 0, false},
    {"permissions", NULL, 0, "chmod", 0, false},
    {"permissions", NULL, 0, "fchmod", 0, false},
    {"permissions", NULL, 0, "fchmodat", 0, false},
    {"permissions", NULL, 0, "chown", 0, false},
    {"permissions", NULL, 0, "fchown", 0, false},
    {"permissions", NULL, 0, "lchown", 0, false},
    {"permissions", NULL, 0, "fchownat", 0, false},
    {"permissions", NULL, 0, "setxattr", 0, false},
    {"permissions", NULL, 0, "lsetxattr", 0, false},
    {"permissions", NULL, 0, "fsetxattr", 0, false},
    {"permissions", NULL, 0, "removexattr", 0, false},
    {"permissions", NULL, 0, "lremovexattr", 0, false},
    {"permissions", NULL, 0, "fremovexattr", 0, false},
    {"access_denied", NULL, 0, "creat", 13, false},
    {"access_denied", NULL, 0, "open", 13, false},
    {"access_denied", NULL, 0, "openat", 13, false},
    {"access_denied", NULL, 0, "truncate", 13, false},
    {"access_denied", NULL, 0, "ftruncate", 13, false},
    {"access_denied", NULL, 0, "creat", 1, false},
    {"access_denied", NULL, 0, "open", 1, false},
    {"access_denied", NULL, 0, "openat", 1, false},
    {"access_denied", NULL, 0, "truncate", 1, false},
    {"access_denied", NULL, 0, "ftruncate", 1, false},
    {"mounts", NULL, 0, "mount", 0, false},
    {"deletions", NULL, 0, "unlink", 0, false},
    {"deletions", NULL, 0, "unlinkat", 0, false},
    {"deletions", NULL, 0, "rename", 0, false},
    {"deletions", NULL, 0, "renameat", 0, false},
    {"modules", NULL, 0, "init_module", 0, false},
    {"modules", NULL, 0, "finit_module", 0, false},
    {"modules", NULL, 0, "delete_module", 0, false},
    {"modules", "/usr/bin/kmod", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"sudoers", "/etc/sudoers", CHANGES, NULL, 0, false},
    {"sudoers", "/etc/sudoers.d", CHANGES, NULL, 0, false},
    {"privileged_commands", "/usr/bin/sudo", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"privileged_commands", "/usr/bin/su", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"privileged_commands", "/usr/bin/passwd", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"privileged_commands", "/usr/bin/chsh", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"privileged_commands", "/usr/bin/newgrp", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"privileged_commands", "/usr/bin/pkexec", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"privileged_commands", "/usr/bin/crontab", GB_AUDIT_EXECUTE, NULL, 0, false},
    {"other_user", NULL, 0, "execve", 0, true},
    {"audit", "/etc/audit", CHANGES, NULL, 0, false},
};
enum { WANTED_COUNT = sizeof wanted / sizeof *wanted };

// /bin and /usr/bin, /var/run and /run are one.
static struct gb_str usual(struct gb_str path)
{
    static const char *const moved[] = {"/usr/bin/", "/usr/sbin/", "/usr/lib/"};
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        if (gb_str_starts(path, gb_str_of(moved[i])))
            return gb_str_from(path, 4);
    return gb_str_starts(path, GB_STR("/var/run/")) ? gb_str_from(path, 4) : path;
}

static bool is_at_or_below(struct gb_str path, struct gb_str dir)
{
    path = usual(path);
    dir = usual(dir);
    return gb_str_starts(path, dir) &&
           (path.len == dir.len || path.at[dir.len] == '/' || gb_str_is(dir, "/"));
}

static bool is_in_force(const struct gb_audit_rule *rule)
{
    return !rule->never && !rule->narrowed && (!rule->as_root || rule->other_user) &&
           (rule->list == GB_AUDIT_EXIT || rule->list == GB_AUDIT_FILESYSTEM);
}

static bool watches(const struct gb_audit_rule *rule, const struct wanted *want)
{
    uint8_t permissions = rule->permissions ? rule->permissions : UINT8_MAX;
    return is_in_force(rule) && rule->path.len && !rule->exit_code &&
           (permissions & want->permissions) == want->permissions &&
           is_at_or_below(gb_str_of(want->path), rule->path);
}

static bool records(const struct gb_audit_rule *rule, const struct wanted *want,
                    enum gb_audit_arch arch)
{
    int index = gb_audit_syscall_find(gb_str_of(want->syscall));
    bool named = rule->all_syscalls || (index >= 0 && rule->syscalls & UINT64_C(1) << index);
    // Without an architecture a rule is about the native calls.
    bool fits = rule->arch == arch || (rule->arch == GB_AUDIT_ANY_ARCH && arch == GB_AUDIT_B64);
    bool limited = rule->other_user && !want->other_user;
    return is_in_force(rule) && named && fits && !rule->path.len && !limited &&
           (rule->exit_code == want->exit_code || !rule->exit_code);
}

static int add_gap(struct gb_arena *arena, struct gb_audit_gaps *gaps, struct gb_str text)
{
    struct gb_str *items =
        gb_grow_array(arena, gaps->items, gaps->count, gaps->count + 1, sizeof *items);
    if (!items || !text.at)
        return GB_E_MEMORY;
    gaps->items = items;
    gaps->items[gaps->count++] = text;
    return GB_OK;
}

static int check_syscall(const struct gb_audit_rules *rules, const struct wanted *want,
                         struct gb_str machine, struct gb_arena *arena, struct gb_audit_gaps *ret)
{
    int index = gb_audit_syscall_find(gb_str_of(want->syscall)), code = GB_OK;
    for (enum gb_audit_arch arch = GB_AUDIT_B64; arch <= GB_AUDIT_B32 && !code; arch++) {
        if (gb_audit_syscall_number(index, machine, arch) < 0)
            continue;
        ret->applicable = true;
        bool found = false;
        for (size_t i = 0; i < rules->count && !found; i++)
            found = records(&rules->items[i], want, arch);
        if (!found)
            code = add_gap(arena, ret,
                           gb_str_format(arena, "%s%s%s", want->syscall,
                                         want->exit_code == 13  ? " with EACCES"
                                         : want->exit_code == 1 ? " with EPERM"
                                                                : "",
                                         arch == GB_AUDIT_B32 ? " (b32)" : ""));
    }
    return code;
}

static int check_path(const struct gb_audit_rules *rules, const struct wanted *want,
                      bool (*exists)(const void *context, const char *path), const void *context,
                      struct gb_arena *arena, struct gb_audit_gaps *ret)
{
    if (!exists(context, want->path))
        return GB_OK;
    ret->applicable = true;
    for (size_t i = 0; i < rules->count; i++)
        if (watches(&rules->items[i], want))
            return GB_OK;
    return add_gap(arena, ret, gb_str_of(want->path));
}

int gb_audit_coverage(const struct gb_audit_rules *rules, size_t group, struct gb_str machine,
                      bool (*exists)(const void *context, const char *path), const void *context,
                      struct gb_arena *arena, struct gb_audit_gaps *ret)
{
    *ret = (struct gb_audit_gaps){.applicable = false};
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        if (strcmp(wanted[i].group, gb_audit_groups[group].name) != 0)
            continue;
        int code = wanted[i].path ? check_path(rules, &wanted[i], exists, context, arena, ret)
                                  : check_syscall(rules, &wanted[i], machine, arena, ret);
        if (code)
            return code;
    }
    return GB_OK;
}
