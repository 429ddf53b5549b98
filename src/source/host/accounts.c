// The local accounts: kinds "user" and "group", out of passwd, shadow, group, gshadow and the range
// of user ids in login.defs. Hashes stay here: only their kind is told.
#include "source/host/account_file.h"
#include "source/host/facts.h"
#include "source/host/login_defs.h"
#include "source/host/password_hash.h"

#include <sys/stat.h>

enum {
    DAY_SECONDS = 86400,
    UID_MIN_DEFAULT = 1000,
    UID_MAX_DEFAULT = 60000,
    MOST_HOMES = 512,          // whose dot files are looked at
    MOST_HOME_ENTRIES = 20000, // of one home
};

static const char passwd_path[] = "/etc/passwd", shadow_path[] = "/etc/shadow",
                  group_path[] = "/etc/group", gshadow_path[] = "/etc/gshadow";

struct probe {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    int64_t uid_min, uid_max;
    unsigned homes;              // looked at so far
    struct gb_list **groups_of;  // by index of the user: names of its groups
    struct gb_list **members_of; // by index of the group: names of its users
};

static struct gb_value text_at(const struct gb_facts *facts, struct gb_str text, const char *path,
                               uint32_t line)
{
    return gb_fact_at(facts, gb_fact_text(facts, text), gb_str_of(path), line);
}

static struct gb_value mode_text(const struct gb_facts *facts, uint32_t mode)
{
    return gb_string(gb_str_format(facts->collector->arena, "%04o", mode));
}

// Programs that end a login at once, or that allow one thing only: nobody gets a command line.
static bool is_interactive(struct gb_str shell)
{
    static const char *const closed[] = {
        "nologin",   "false",   "true", "sync",        "shutdown", "halt", "reboot",
        "git-shell", "scponly", "rssh", "sftp-server", "noshell",  "nosh", "mysecureshell",
    };
    ptrdiff_t slash = gb_str_rfind_char(shell, '/');
    struct gb_str name = gb_str_from(shell, (size_t)(slash + 1));
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        if (gb_str_is(name, closed[i]))
            return false;
    return true;
}

// The shell can be started: an empty field means /bin/sh; a shell that does not exist ends the
// login.
static bool shell_starts(const struct probe *probe, struct gb_str shell)
{
    if (shell.len == 0)
        shell = GB_STR("/bin/sh");
    char *path = gb_str_c(probe->collector->scratch, shell);
    return path && path[0] == '/' && strlen(path) == shell.len &&
           gb_host_exists(probe->collector->host, path);
}

struct password_facts {
    const char *state; // as in kind "user"; NULL = not known
    const char *place; // "passwd", "shadow", "nowhere"
    struct gb_password seen;
    uint32_t line;
    const struct gb_shadow_entry *shadow;
};

static struct password_facts password_of(const struct probe *probe,
                                         const struct gb_passwd_entry *user)
{
    const struct gb_accounts *accounts = &probe->accounts;
    struct password_facts facts = {.line = user->line};
    facts.shadow = gb_accounts_shadow(accounts, user->name);
    if (!gb_str_is(user->password, "x")) {
        facts.seen = gb_password_classify(user->password);
        facts.place = "passwd";
    } else if (facts.shadow) {
        facts.seen = gb_password_classify(facts.shadow->password);
        facts.place = "shadow";
        facts.line = facts.shadow->line;
    } else if (accounts->shadow_file.code == GB_OK ||
               accounts->shadow_file.code == GB_E_NOT_FOUND) {
        facts.state = "unusable"; // "x" is no hash of anything
        facts.place = "nowhere";
        return facts;
    } else {
        return facts;
    }
    facts.state = gb_password_state_name(facts.seen.state);
    return facts;
}

static struct gb_value shadow_unread(const struct probe *probe)
{
    return gb_unread(probe->collector, shadow_path, probe->accounts.shadow_file.code);
}

static void put_days(struct gb_facts *facts, const char *name, int64_t days, uint32_t line)
{
    if (days >= 0)
        gb_fact(facts, name, gb_fact_at(facts, gb_int(days), gb_str_of(shadow_path), line));
}

static void put_day(struct gb_facts *facts, const char *name, int64_t day, uint32_t line)
{
    enum { LAST_DAY = 2932896 }; // 9999-12-31
    if (day >= 0 && day <= LAST_DAY)
        gb_fact(
            facts, name,
            gb_fact_at(facts, gb_timestamp(day * DAY_SECONDS, 0), gb_str_of(shadow_path), line));
}

static void put_ages(struct gb_facts *facts, const struct gb_shadow_entry *shadow)
{
    // Day 0 stands for "must be changed at the next login".
    gb_fact(facts, "must_change_password",
            gb_fact_at(facts, gb_bool(shadow->changed == 0), gb_str_of(shadow_path), shadow->line));
    if (shadow->changed > 0)
        put_day(facts, "password_changed_at", shadow->changed, shadow->line);
    put_days(facts, "password_min_days", shadow->minimum, shadow->line);
    put_days(facts, "password_max_days", shadow->maximum, shadow->line);
    put_days(facts, "password_warn_days", shadow->warn, shadow->line);
    put_days(facts, "password_inactive_days", shadow->inactive, shadow->line);
    put_day(facts, "expires_at", shadow->expires, shadow->line);
}

static void put_unread_password(const struct probe *probe, struct gb_facts *facts, bool interactive)
{
    struct gb_value unread = shadow_unread(probe);
    static const char *const names[] = {
        "password",
        "password_in",
        "password_hash",
        "password_cost",
        "password_changed_at",
        "must_change_password",
        "password_min_days",
        "password_max_days",
        "password_warn_days",
        "password_inactive_days",
        "expires_at",
        "expired",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        gb_fact(facts, names[i], unread);
    gb_fact(facts, "can_log_in", interactive ? unread : gb_bool(false));
    gb_fact(facts, "can_log_in_with_password", interactive ? unread : gb_bool(false));
}

static void put_password(const struct probe *probe, struct gb_facts *facts,
                         const struct gb_passwd_entry *user, bool interactive)
{
    struct password_facts password = password_of(probe, user);
    if (!password.state) {
        put_unread_password(probe, facts, interactive);
        return;
    }
    struct gb_str path =
        gb_str_of(strcmp(password.place, "shadow") == 0 ? shadow_path : passwd_path);
    gb_fact(facts, "password",
            gb_fact_at(facts, gb_string(gb_str_of(password.state)), path, password.line));
    gb_fact(facts, "password_in",
            gb_fact_at(facts, gb_string(gb_str_of(password.place)), path, password.line));
    if (password.seen.algorithm)
        gb_fact(
            facts, "password_hash",
            gb_fact_at(facts, gb_string(gb_str_of(password.seen.algorithm)), path, password.line));
    if (password.seen.algorithm && password.seen.cost >= 0)
        gb_fact(facts, "password_cost",
                gb_fact_at(facts, gb_int(password.seen.cost), path, password.line));

    const struct gb_shadow_entry *shadow = password.shadow;
    bool expired = shadow && shadow->expires >= 0 &&
                   shadow->expires <= gb_host_now(probe->collector->host) / DAY_SECONDS;
    bool usable = strcmp(password.state, "hash") == 0 || strcmp(password.state, "empty") == 0;
    if (shadow)
        put_ages(facts, shadow);
    else
        gb_fact(facts, "must_change_password", gb_bool(false));
    gb_fact(facts, "expired", gb_bool(expired));
    gb_fact(facts, "can_log_in", gb_bool(interactive && !expired));
    gb_fact(facts, "can_log_in_with_password", gb_bool(interactive && !expired && usable));
}

// May somebody but the user and root do with it what the two bits (of group and others) allow?
static bool others_may(const struct probe *probe, const struct gb_file_info *info, uint32_t uid,
                       uint32_t group_bit, uint32_t other_bit)
{
    return info->mode & other_bit ||
           (info->mode & group_bit &&
            gb_accounts_group_has_others(&probe->accounts, info->gid, uid));
}

static bool is_watched_dot_file(struct gb_str name)
{
    static const char *const watched[] = {".rhosts", ".shosts", ".netrc", ".forward"};
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        if (gb_str_is(name, watched[i]))
            return true;
    return gb_str_ends(name, GB_STR("_history"));
}

static void add_dot_file(const struct probe *probe, struct gb_list *list,
                         const struct gb_passwd_entry *user, struct gb_str home, struct gb_str name)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str path = gb_str_format(collector->arena, GB_PRI "%s" GB_PRI, GB_ARG(home),
                                       gb_str_ends(home, GB_STR("/")) ? "" : "/", GB_ARG(name));
    struct gb_file_info info;
    if (!path.at || gb_host_stat(collector->host, path.at, true, &info, NULL) ||
        info.type != GB_FILE_REGULAR)
        return;
    bool owned = info.uid == user->uid || info.uid == 0;
    bool writable = others_may(probe, &info, user->uid, S_IWGRP, S_IWOTH);
    if (owned && !writable && !is_watched_dot_file(name))
        return;
    struct gb_facts facts = gb_facts_record(collector);
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_fact_text(&facts, path), path, 0));
    gb_fact(&facts, "name", gb_fact_text(&facts, name));
    gb_fact(&facts, "owner",
            gb_fact_text(&facts, gb_accounts_owner(&probe->accounts, info.uid, collector->arena)));
    gb_fact(&facts, "mode", mode_text(&facts, info.mode));
    gb_fact(&facts, "owned_by_user", gb_bool(owned));
    gb_fact(&facts, "writable_by_others", gb_bool(writable));
    gb_fact(&facts, "readable_by_others",
            gb_bool(others_may(probe, &info, user->uid, S_IRGRP, S_IROTH)));
    gb_list_add(collector->arena, list, gb_map_of(facts.props));
}

// Start-up and trust files of a home: those that are dangerous by their name, and any dot file that
// others can write or own.
static void put_dot_files(struct probe *probe, struct gb_facts *facts,
                          const struct gb_passwd_entry *user, const char *home)
{
    struct gb_collector *collector = probe->collector;
    if (++probe->homes > MOST_HOMES) {
        gb_fact(facts, "dot_files",
                gb_unknown(gb_str_format(collector->arena, "more than %d homes", MOST_HOMES)));
        return;
    }
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(collector->host, home, MOST_HOME_ENTRIES, collector->scratch, &entries,
                            &count, NULL);
    if (code) {
        gb_fact(facts, "dot_files", gb_unread(collector, home, code));
        return;
    }
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; i < count; i++)
        if (entries[i].name.at[0] == '.' && entries[i].type != GB_FILE_DIRECTORY)
            add_dot_file(probe, list, user, gb_str_of(home), entries[i].name);
    gb_fact(facts, "dot_files", gb_list_of(list));
}

static void put_unread_home(struct gb_facts *facts, struct gb_value unread, bool interactive)
{
    static const char *const names[] = {
        "home_state",
        "home_owner",
        "home_mode",
        "home_owned_by_user",
        "home_writable_by_others",
        "home_readable_by_all",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        gb_fact(facts, names[i], unread);
    if (interactive)
        gb_fact(facts, "dot_files", unread);
}

// The home directory, as far as it may be looked at.
static void put_home(struct probe *probe, struct gb_facts *facts,
                     const struct gb_passwd_entry *user, bool interactive)
{
    struct gb_collector *collector = probe->collector;
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    const char *home = gb_str_c(collector->scratch, user->home);
    struct gb_file_info info;
    const char *state = "directory";
    int code = GB_OK;
    if (!home || home[0] != '/' || strlen(home) != user->home.len ||
        strcmp(home, "/nonexistent") == 0)
        state = "none";
    else
        code = gb_host_stat(collector->host, home, true, &info, NULL);
    if (code == GB_E_NOT_FOUND)
        state = "missing";
    else if (!code && strcmp(state, "directory") == 0 && info.type != GB_FILE_DIRECTORY)
        state = "no_directory";
    if (code && code != GB_E_NOT_FOUND)
        put_unread_home(facts, gb_unread(collector, home, code), interactive);
    else
        gb_fact(facts, "home_state", text_at(facts, gb_str_of(state), passwd_path, user->line));
    if (!code && strcmp(state, "directory") == 0) {
        struct gb_str owner = gb_accounts_owner(&probe->accounts, info.uid, collector->arena);
        gb_fact(facts, "home_owner", gb_fact_at(facts, gb_fact_text(facts, owner), user->home, 0));
        gb_fact(facts, "home_mode", gb_fact_at(facts, mode_text(facts, info.mode), user->home, 0));
        gb_fact(facts, "home_owned_by_user", gb_bool(info.uid == user->uid));
        gb_fact(facts, "home_writable_by_others",
                gb_bool(others_may(probe, &info, user->uid, S_IWGRP, S_IWOTH)));
        gb_fact(facts, "home_readable_by_all", gb_bool(info.mode & S_IROTH));
        if (interactive)
            put_dot_files(probe, facts, user, home);
    }
    gb_arena_reset(collector->scratch, mark);
}

static const char *class_of(const struct probe *probe, uint32_t uid)
{
    if (uid == 0)
        return "root";
    return uid >= probe->uid_min && uid <= probe->uid_max ? "person" : "system";
}

static void relate(struct probe *probe, struct gb_str user, struct gb_str group)
{
    struct gb_arena *arena = probe->collector->arena;
    gb_collection_relate(probe->collector->all, gb_str_format(arena, "user:" GB_PRI, GB_ARG(user)),
                         GB_STR("member_of"), gb_str_format(arena, "group:" GB_PRI, GB_ARG(group)));
}

static void add_user(struct probe *probe, size_t index)
{
    const struct gb_passwd_entry *user = &probe->accounts.users[index];
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_string_clean(collector->arena, user->name).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("user"), name));
    bool interactive = is_interactive(user->shell) && shell_starts(probe, user->shell);
    struct gb_str path = gb_str_of(passwd_path);
    gb_fact(&facts, "name", text_at(&facts, user->name, passwd_path, user->line));
    gb_fact(&facts, "uid", gb_fact_at(&facts, gb_int(user->uid), path, user->line));
    gb_fact(&facts, "gid", gb_fact_at(&facts, gb_int(user->gid), path, user->line));
    gb_fact(&facts, "home", text_at(&facts, user->home, passwd_path, user->line));
    gb_fact(&facts, "shell", text_at(&facts, user->shell, passwd_path, user->line));
    gb_fact(&facts, "class", gb_string(gb_str_of(class_of(probe, user->uid))));
    gb_fact(&facts, "shell_interactive",
            gb_fact_at(&facts, gb_bool(interactive), path, user->line));
    put_password(probe, &facts, user, interactive);
    put_home(probe, &facts, user, interactive);

    struct gb_list *groups = gb_list_new(collector->arena);
    const struct gb_group_entry *primary = gb_accounts_gid(&probe->accounts, user->gid);
    if (probe->accounts.group_file.code) {
        struct gb_value unread = gb_unread(collector, group_path, probe->accounts.group_file.code);
        gb_fact(&facts, "groups", unread);
        gb_fact(&facts, "primary_group_exists", unread);
        return;
    }
    if (primary) {
        struct gb_value group_name = text_at(&facts, primary->name, passwd_path, user->line);
        gb_list_add(collector->arena, groups, group_name);
        gb_list_add(collector->arena, probe->members_of[primary - probe->accounts.groups],
                    text_at(&facts, user->name, passwd_path, user->line));
        relate(probe, name, group_name.string);
    }
    gb_fact(&facts, "groups", gb_list_of(groups));
    gb_fact(&facts, "primary_group_exists",
            gb_fact_at(&facts, gb_bool(primary != NULL), path, user->line));
    probe->groups_of[index] = groups;
}

// One member that the group's line lists: known to the user, the group, and the graph.
static void add_listed_member(struct probe *probe, const struct gb_facts *facts,
                              const struct gb_group_entry *group, struct gb_str member,
                              struct gb_list *members, struct gb_list *unknown)
{
    struct gb_arena *arena = probe->collector->arena;
    const struct gb_passwd_entry *user = gb_accounts_user(&probe->accounts, member);
    struct gb_value value = text_at(facts, member, group_path, group->line);
    if (!user) {
        gb_list_add(arena, unknown, value);
        return;
    }
    if (user->gid == group->gid)
        return; // is there already, as its primary group
    gb_list_add(arena, members, value);
    struct gb_list *groups = probe->groups_of[user - probe->accounts.users];
    gb_list_add(arena, groups, text_at(facts, group->name, group_path, group->line));
    relate(probe, value.string, gb_string_clean(arena, group->name).string);
}

static void put_group_password(const struct probe *probe, struct gb_facts *facts, size_t index)
{
    const struct gb_accounts *accounts = &probe->accounts;
    const struct gb_group_entry *group = &accounts->groups[index];
    struct gb_str path = gb_str_of(group_path);
    struct gb_str field = group->password;
    uint32_t line = group->line;
    if (gb_str_is(field, "x") && accounts->gshadow_file.code &&
        accounts->gshadow_file.code != GB_E_NOT_FOUND) {
        gb_fact(facts, "has_password",
                gb_unread(probe->collector, gshadow_path, accounts->gshadow_file.code));
        return;
    }
    // In nearly every gshadow the entry has the place that the group has.
    size_t count = accounts->gshadow_count;
    for (size_t n = 0; gb_str_is(field, "x") && n < count; n++) {
        const struct gb_gshadow_entry *entry = &accounts->gshadow[(index + n) % count];
        if (!gb_str_eq(entry->name, group->name))
            continue;
        field = entry->password;
        path = gb_str_of(gshadow_path);
        line = entry->line;
        break;
    }
    bool set = gb_password_classify(field).state == GB_PASSWORD_HASH;
    gb_fact(facts, "has_password", gb_fact_at(facts, gb_bool(set), path, line));
}

static void add_group(struct probe *probe, size_t index)
{
    const struct gb_group_entry *group = &probe->accounts.groups[index];
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_string_clean(collector->arena, group->name).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("group"), name));
    gb_fact(&facts, "name", text_at(&facts, group->name, group_path, group->line));
    gb_fact(&facts, "gid",
            gb_fact_at(&facts, gb_int(group->gid), gb_str_of(group_path), group->line));
    put_group_password(probe, &facts, index);
    if (probe->accounts.passwd_file.code) {
        struct gb_value unread =
            gb_unread(collector, passwd_path, probe->accounts.passwd_file.code);
        gb_fact(&facts, "members", unread);
        gb_fact(&facts, "unknown_members", unread);
        return;
    }
    struct gb_list *members = probe->members_of[index];
    struct gb_list *unknown = gb_list_new(collector->arena);
    for (size_t i = 0; i < group->member_count; i++)
        add_listed_member(probe, &facts, group, group->members[i], members, unknown);
    gb_fact(&facts, "members", gb_list_of(members));
    gb_fact(&facts, "unknown_members", gb_list_of(unknown));
}

// Without its file a kind is empty for good or not known.
static bool has_file(struct gb_collector *collector, const char *kind, const char *path, int code)
{
    struct gb_str name = gb_str_of(kind);
    if (code == GB_E_NOT_FOUND)
        gb_collection_absent(collector->all, name,
                             gb_str_format(collector->arena, "%s does not exist", path));
    else if (code)
        gb_collection_gap(collector->all, name, gb_unread_reason(collector, path, code));
    else
        gb_collection_complete(collector->all, name);
    return !code;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {.collector = collector};
    struct gb_accounts *accounts = &probe.accounts;
    struct gb_login_defs defs;
    if (gb_login_defs_load(collector->host, collector->scratch, &defs) ||
        gb_accounts_load(collector->host, collector->scratch, true, accounts))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the account files");
    probe.uid_min = gb_login_defs_number(&defs, "UID_MIN", UID_MIN_DEFAULT);
    probe.uid_max = gb_login_defs_number(&defs, "UID_MAX", UID_MAX_DEFAULT);
    probe.groups_of =
        gb_alloc_array(collector->scratch, accounts->user_count + 1, sizeof(struct gb_list *));
    probe.members_of =
        gb_alloc_array(collector->scratch, accounts->group_count + 1, sizeof(struct gb_list *));
    if (!probe.groups_of || !probe.members_of)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the account files");
    for (size_t i = 0; i < accounts->group_count; i++)
        probe.members_of[i] = gb_list_new(collector->arena);
    if (has_file(collector, "user", passwd_path, accounts->passwd_file.code))
        for (size_t i = 0; i < accounts->user_count; i++)
            add_user(&probe, i);
    if (has_file(collector, "group", group_path, accounts->group_file.code))
        for (size_t i = 0; i < accounts->group_count; i++)
            add_group(&probe, i);
    gb_accounts_wipe(accounts);
    return GB_OK;
}

static const char *const kinds[] = {"user", "group", NULL};

const struct gb_source gb_source_accounts = {
    .name = "host/accounts",
    .title = "users and groups",
    .kinds = kinds,
    .order = 10,
    .collect = collect,
};
