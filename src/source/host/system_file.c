// Files that decide who is who and what runs, with what their owner, group and mode should be (kind
// "system_file"). A file that does not exist has no row: there is nothing to judge.
#include "source/host/account_file.h"
#include "source/host/facts.h"

#include <sys/stat.h>

enum { MOST_ENTRIES = 4096 };

// One row a file, or all files of a directory ("/etc/pam.d/*"). `mode` is the most that is fine.
static const struct {
    const char *path, *category, *owners, *groups;
    uint32_t mode;
} table[] = {
    // Who is who
    {"/etc/passwd", "accounts", "root", "root", 0644},
    {"/etc/passwd-", "accounts", "root", "root", 0644},
    {"/etc/group", "accounts", "root", "root", 0644},
    {"/etc/group-", "accounts", "root", "root", 0644},
    {"/etc/subuid", "accounts", "root", "root", 0644},
    {"/etc/subgid", "accounts", "root", "root", 0644},
    {"/etc/shells", "accounts", "root", "root", 0644},
    {"/etc/login.defs", "accounts", "root", "root", 0644},
    {"/etc/nsswitch.conf", "accounts", "root", "root", 0644},
    {"/etc/adduser.conf", "accounts", "root", "root", 0644},
    {"/etc/default/useradd", "accounts", "root", "root", 0644},
    {"/etc/shadow", "secrets", "root", "root shadow", 0640},
    {"/etc/shadow-", "secrets", "root", "root shadow", 0640},
    {"/etc/gshadow", "secrets", "root", "root shadow", 0640},
    {"/etc/gshadow-", "secrets", "root", "root shadow", 0640},
    {"/etc/security/opasswd", "secrets", "root", "root", 0600},
    {"/etc/security/opasswd.old", "secrets", "root", "root", 0600},
    {"/root", "root_home", "root", "root", 0750},
    // Who gets in
    {"/etc/pam.conf", "pam", "root", "root", 0644},
    {"/etc/pam.d", "pam", "root", "root", 0755},
    {"/etc/pam.d/*", "pam", "root", "root", 0644},
    {"/etc/security", "pam", "root", "root", 0755},
    {"/etc/security/*.conf", "pam", "root", "root", 0644},
    {"/etc/hosts.equiv", "trust", "root", "root", 0644},
    {"/etc/shosts.equiv", "trust", "root", "root", 0644},
    {"/etc/ssh/shosts.equiv", "trust", "root", "root", 0644},
    // What every login runs
    {"/etc/profile", "profile", "root", "root", 0755},
    {"/etc/profile.d", "profile", "root", "root", 0755},
    {"/etc/profile.d/*", "profile", "root", "root", 0755},
    {"/etc/bash.bashrc", "profile", "root", "root", 0755},
    {"/etc/bashrc", "profile", "root", "root", 0755},
    {"/etc/environment", "profile", "root", "root", 0644},
    {"/etc/zsh/*", "profile", "root", "root", 0755},
    {"/etc/csh.cshrc", "profile", "root", "root", 0755},
    {"/etc/csh.login", "profile", "root", "root", 0755},
    {"/etc/skel", "profile", "root", "root", 0755},
    {"/etc/skel/*", "profile", "root", "root", 0755},
    {"/etc/update-motd.d", "profile", "root", "root", 0755},
    {"/etc/update-motd.d/*", "profile", "root", "root", 0755},
    // What every program loads
    {"/etc/ld.so.preload", "loader", "root", "root", 0644},
    {"/etc/ld.so.conf", "loader", "root", "root", 0644},
    {"/etc/ld.so.conf.d", "loader", "root", "root", 0755},
    {"/etc/ld.so.conf.d/*", "loader", "root", "root", 0644},
    {"/etc/ld.so.cache", "loader", "root", "root", 0644},
    // What the system runs by itself
    {"/etc/crontab", "cron", "root", "root", 0644},
    {"/etc/anacrontab", "cron", "root", "root", 0644},
    {"/etc/cron.d", "cron", "root", "root", 0755},
    {"/etc/cron.d/*", "cron", "root", "root", 0755},
    {"/etc/cron.hourly", "cron", "root", "root", 0755},
    {"/etc/cron.hourly/*", "cron", "root", "root", 0755},
    {"/etc/cron.daily", "cron", "root", "root", 0755},
    {"/etc/cron.daily/*", "cron", "root", "root", 0755},
    {"/etc/cron.weekly", "cron", "root", "root", 0755},
    {"/etc/cron.weekly/*", "cron", "root", "root", 0755},
    {"/etc/cron.monthly", "cron", "root", "root", 0755},
    {"/etc/cron.monthly/*", "cron", "root", "root", 0755},
    {"/etc/cron.yearly", "cron", "root", "root", 0755},
    {"/etc/cron.yearly/*", "cron", "root", "root", 0755},
    {"/etc/cron.allow", "cron", "root", "root crontab", 0644},
    {"/etc/cron.deny", "cron", "root", "root crontab", 0644},
    {"/etc/at.allow", "cron", "root", "root daemon", 0644},
    {"/etc/at.deny", "cron", "root", "root daemon", 0644},
    {"/var/spool/cron", "cron", "root", "root", 0755},
    {"/var/spool/cron/crontabs", "cron", "root", "root crontab", 01730},
    {"/etc/systemd", "services", "root", "root", 0755},
    {"/etc/systemd/*", "services", "root", "root", 0644},
    {"/etc/systemd/system", "services", "root", "root", 0755},
    {"/etc/systemd/system/*", "services", "root", "root", 0755},
    {"/etc/init.d", "services", "root", "root", 0755},
    {"/etc/init.d/*", "services", "root", "root", 0755},
    {"/etc/default", "services", "root", "root", 0755},
    {"/etc/default/*", "services", "root", "root", 0755},
    {"/etc/rc.local", "services", "root", "root", 0755},
    // What the system is made of
    {"/", "system", "root", "root", 0755},
    {"/etc", "system", "root", "root", 0755},
    {"/boot", "system", "root", "root", 0755},
    {"/opt", "system", "root", "root", 0755},
    {"/usr", "system", "root", "root", 0755},
    {"/usr/bin", "system", "root", "root", 0755},
    {"/usr/sbin", "system", "root", "root", 0755},
    {"/usr/lib", "system", "root", "root", 0755},
    {"/usr/local", "system", "root", "root", 0755},
    {"/usr/local/bin", "system", "root", "root", 0755},
    {"/usr/local/sbin", "system", "root", "root", 0755},
    {"/usr/local/lib", "system", "root", "root", 0755},
    {"/bin", "system", "root", "root", 0755},
    {"/sbin", "system", "root", "root", 0755},
    {"/lib", "system", "root", "root", 0755},
    {"/lib64", "system", "root", "root", 0755},
    {"/var", "system", "root", "root", 0755},
    {"/var/lib", "system", "root", "root", 0755},
    {"/home", "system", "root", "root", 0755},
    {"/etc/hosts", "system", "root", "root", 0644},
    {"/etc/hosts.allow", "system", "root", "root", 0644},
    {"/etc/hosts.deny", "system", "root", "root", 0644},
    {"/etc/fstab", "system", "root", "root", 0664},
    {"/etc/sysctl.conf", "system", "root", "root", 0644},
    {"/etc/sysctl.d/*", "system", "root", "root", 0644},
    {"/etc/modprobe.d/*", "system", "root", "root", 0644},
    {"/etc/modules-load.d/*", "system", "root", "root", 0644},
    {"/etc/ssl/openssl.cnf", "system", "root", "root", 0644},
    {"/etc/apt", "packages", "root", "root", 0755},
    {"/etc/apt/sources.list", "packages", "root", "root", 0644},
    {"/etc/apt/sources.list.d", "packages", "root", "root", 0755},
    {"/etc/apt/sources.list.d/*", "packages", "root", "root", 0644},
    {"/etc/apt/apt.conf.d", "packages", "root", "root", 0755},
    {"/etc/apt/apt.conf.d/*", "packages", "root", "root", 0644},
    {"/etc/apt/preferences.d", "packages", "root", "root", 0755},
    {"/etc/apt/trusted.gpg", "packages", "root", "root", 0644},
    {"/etc/apt/trusted.gpg.d", "packages", "root", "root", 0755},
    {"/etc/apt/trusted.gpg.d/*", "packages", "root", "root", 0644},
    {"/etc/apt/keyrings", "packages", "root", "root", 0755},
    {"/etc/apt/keyrings/*", "packages", "root", "root", 0644},
    {"/usr/share/keyrings", "packages", "root", "root", 0755},
    // Where everybody may write: only with the sticky bit
    {"/tmp", "shared", "root", "root", 01777},
    {"/var/tmp", "shared", "root", "root", 01777},
    {"/dev/shm", "shared", "root", "root", 01777},
    // What is shown before a login
    {"/etc/issue", "banner", "root", "root", 0644},
    {"/etc/issue.net", "banner", "root", "root", 0644},
    {"/etc/motd", "banner", "root", "root", 0644},
    {"/etc/issue.d/*", "banner", "root", "root", 0644},
    // Logs
    {"/var/log", "logs", "root", "root syslog adm", 0775},
    {"/var/log/auth.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/syslog", "logs", "root syslog", "root adm", 0640},
    {"/var/log/messages", "logs", "root syslog", "root adm", 0640},
    {"/var/log/secure", "logs", "root syslog", "root adm", 0640},
    {"/var/log/localmessages", "logs", "root syslog", "root adm", 0640},
    {"/var/log/kern.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/cron.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/mail.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/user.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/daemon.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/debug", "logs", "root syslog", "root adm", 0640},
    {"/var/log/boot.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/sudo.log", "logs", "root syslog", "root adm", 0640},
    {"/var/log/cloud-init.log", "logs", "root syslog", "root adm", 0644},
    {"/var/log/cloud-init-output.log", "logs", "root syslog", "root adm", 0644},
    {"/var/log/waagent.log", "logs", "root syslog", "root adm", 0644},
    {"/var/log/wtmp", "logs", "root", "root utmp", 0664},
    {"/var/log/lastlog", "logs", "root", "root utmp", 0664},
    {"/var/log/btmp", "logs", "root", "root utmp", 0660},
    {"/var/log/faillog", "logs", "root", "root utmp", 0644},
    {"/var/log/gdm", "logs", "root gdm", "root gdm adm", 01770},
    {"/var/log/gdm3", "logs", "root gdm Debian-gdm", "root gdm Debian-gdm adm", 01770},
    {"/var/log/landscape", "logs", "root landscape", "root landscape adm", 0755},
    {"/var/log/sssd", "logs", "root sssd", "root sssd adm", 0770},
    {"/var/log/audit", "logs", "root", "root adm", 0750},
    {"/var/log/audit/*", "logs", "root", "root adm", 0640},
};

struct probe {
    struct gb_collector *collector;
    struct gb_accounts accounts;
};

static bool is_named(const char *names, struct gb_str name)
{
    struct gb_str rest = gb_str_of(names), one;
    while (gb_str_next_word(&rest, &one))
        if (gb_str_eq(one, name))
            return true;
    return false;
}

// What the group may do that it should not: more than the row allows, or at all when it is another
// group; what everybody may do is said of everybody. A group that nobody is in may do anything.
static uint32_t excess_of_group(const struct probe *probe, const struct gb_file_info *info,
                                size_t row, struct gb_str group)
{
    uint32_t allowed = is_named(table[row].groups, group) ? table[row].mode : 0;
    uint32_t excess = info->mode & ~allowed & ~(info->mode << 3) & (S_IRGRP | S_IWGRP);
    if (info->gid == 0 || !gb_accounts_group_has_others(&probe->accounts, info->gid, info->uid))
        return 0;
    return excess;
}

// Which account file is missing to tell whose this is; NULL when owner and group are known.
static const char *missing_names(const struct probe *probe, const struct gb_file_info *info)
{
    const struct gb_accounts *accounts = &probe->accounts;
    if (info->uid != 0 && accounts->passwd_file.code)
        return "/etc/passwd";
    return info->gid != 0 && accounts->group_file.code ? "/etc/group" : NULL;
}

// What is wrong, the worst first; empty when nothing is. Without names only what everybody may do
// is judged.
static struct gb_str problem_of(const struct probe *probe, const struct gb_file_info *info,
                                size_t row, struct gb_str owner, struct gb_str group)
{
    struct gb_arena *arena = probe->collector->arena;
    uint32_t mode = table[row].mode, others = info->mode & ~mode & (S_IROTH | S_IWOTH);
    bool named = !missing_names(probe, info);
    uint32_t of_group = named ? excess_of_group(probe, info, row, group) : 0;
    bool directory = info->type == GB_FILE_DIRECTORY;
    if (others & S_IWOTH)
        return GB_STR("everybody can write it");
    if (mode & S_ISVTX && info->mode & S_IWOTH && !(info->mode & S_ISVTX))
        return GB_STR("everybody can remove files of others: the sticky bit is missing");
    if (named && !is_named(table[row].owners, owner))
        return gb_str_format(arena, "belongs to " GB_PRI, GB_ARG(owner));
    if (of_group & S_IWGRP)
        return gb_str_format(arena, "group " GB_PRI " can write it", GB_ARG(group));
    if (others & S_IROTH)
        return directory ? GB_STR("everybody can list it") : GB_STR("everybody can read it");
    if (of_group & S_IRGRP)
        return gb_str_format(arena, "group " GB_PRI " can read it", GB_ARG(group));
    return (struct gb_str){0};
}

static struct gb_str alternatives(struct gb_arena *arena, const char *names)
{
    struct gb_str text = {0}, rest = gb_str_of(names), one;
    while (gb_str_next_word(&rest, &one))
        text =
            text.len ? gb_str_format(arena, GB_PRI " or " GB_PRI, GB_ARG(text), GB_ARG(one)) : one;
    return text;
}

static void add_file(struct probe *probe, const char *path, size_t row)
{
    struct gb_collector *collector = probe->collector;
    struct gb_arena *arena = collector->arena;
    struct gb_file_info info;
    int code = gb_host_stat(collector->host, path, true, &info, NULL);
    if (code == GB_E_NOT_FOUND)
        return;
    struct gb_str name = gb_string_clean(arena, gb_str_of(path)).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("system_file"), name));
    struct gb_str where = gb_str_copy(arena, gb_str_of(path));
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(name), where, 0));
    gb_fact(&facts, "category", gb_string(gb_str_of(table[row].category)));
    if (code) {
        static const char *const fields[] = {"type",     "owner",           "group",
                                             "mode",     "wrong",           "summary",
                                             "expected", "readable_by_all", "size_bytes"};
        struct gb_value unread = gb_unread(collector, where.at ? where.at : path, code);
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            gb_fact(&facts, fields[i], unread);
        return;
    }
    struct gb_str owner = gb_accounts_owner(&probe->accounts, info.uid, arena);
    struct gb_str group = gb_accounts_owner_group(&probe->accounts, info.gid, arena);
    struct gb_str problem = problem_of(probe, &info, row, owner, group);
    struct gb_str summary =
        problem.len ? gb_str_format(arena, GB_PRI ": " GB_PRI, GB_ARG(name), GB_ARG(problem))
                    : name;
    gb_fact(&facts, "type",
            gb_string(info.type == GB_FILE_DIRECTORY ? GB_STR("directory")
                      : info.type == GB_FILE_REGULAR ? GB_STR("file")
                                                     : GB_STR("other")));
    gb_fact(&facts, "owner", gb_fact_at(&facts, gb_fact_text(&facts, owner), where, 0));
    gb_fact(&facts, "group", gb_fact_at(&facts, gb_fact_text(&facts, group), where, 0));
    gb_fact(&facts, "mode",
            gb_fact_at(&facts, gb_string(gb_str_format(arena, "%04o", info.mode)), where, 0));
    const char *missing = missing_names(probe, &info);
    struct gb_value wrong = gb_bool(problem.len > 0);
    if (!problem.len && missing && (info.uid != 0 || info.mode & (S_IRGRP | S_IWGRP)))
        wrong = gb_unread(collector, missing,
                          info.uid != 0 && probe->accounts.passwd_file.code
                              ? probe->accounts.passwd_file.code
                              : probe->accounts.group_file.code);
    gb_fact(&facts, "wrong", gb_fact_at(&facts, wrong, where, 0));
    gb_fact(&facts, "summary", gb_fact_at(&facts, gb_fact_text(&facts, summary), where, 0));
    gb_fact(
        &facts, "expected",
        gb_string(gb_str_format(arena, "owner " GB_PRI ", group " GB_PRI ", mode %04o or less",
                                GB_ARG(alternatives(arena, table[row].owners)),
                                GB_ARG(alternatives(arena, table[row].groups)), table[row].mode)));
    gb_fact(&facts, "readable_by_all", gb_fact_at(&facts, gb_bool(info.mode & S_IROTH), where, 0));
    gb_fact(&facts, "size_bytes", gb_int(info.size > INT64_MAX ? INT64_MAX : (int64_t)info.size));
}

// "/etc/pam.d/*": the files of the directory that the last part of the pattern matches.
static int add_matching(struct probe *probe, struct gb_str pattern, size_t row)
{
    struct gb_collector *collector = probe->collector;
    ptrdiff_t slash = gb_str_rfind_char(pattern, '/');
    struct gb_str part = gb_str_from(pattern, (size_t)slash + 1);
    char *directory = gb_str_c(collector->arena, gb_str_sub(pattern, 0, (size_t)slash));
    struct gb_dir_entry *entries;
    size_t count;
    if (!directory)
        return GB_E_MEMORY;
    int code = gb_host_list(collector->host, directory, MOST_ENTRIES, collector->scratch, &entries,
                            &count, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        if (code != GB_E_NOT_FOUND)
            gb_collection_gap(collector->all, GB_STR("system_file"),
                              gb_unread_reason(collector, directory, code));
        return GB_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if (entries[i].type != GB_FILE_REGULAR || !gb_str_glob(part, entries[i].name, true))
            continue;
        struct gb_str path =
            gb_str_format(collector->scratch, "%s/" GB_PRI, directory, GB_ARG(entries[i].name));
        if (!path.at)
            return GB_E_MEMORY;
        add_file(probe, path.at, row);
    }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char no_memory[] = "no memory for the files of the system";
    struct probe probe = {.collector = collector};
    if (gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    gb_collection_complete(collector->all, GB_STR("system_file"));
    for (size_t row = 0; row < sizeof table / sizeof table[0]; row++) {
        struct gb_str path = gb_str_of(table[row].path);
        if (gb_str_find_char(path, '*') < 0)
            add_file(&probe, table[row].path, row);
        else if (add_matching(&probe, path, row))
            return gb_error_set(err, GB_E_MEMORY, no_memory);
    }
    return GB_OK;
}

static const char *const kinds[] = {"system_file", NULL};

const struct gb_source gb_source_system_file = {
    .name = "host/system_file",
    .title = "owners and modes of system files",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
