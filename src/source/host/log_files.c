// Kind "log_file": the files below /var/log with who may read and write them. The journal's own
// files and auditd's are judged with their daemons.
#include "source/facts.h"
#include "source/host/collected.h"

enum { DEPTH_MAX = 4, ENTRIES_MAX = 4000, FILES_MAX = 5000 };

struct probe {
    struct gb_collector *collector;
    size_t files;
    struct gb_str unread;
};

// Logs in which logins, commands, addresses or kernel messages stand.
static bool is_sensitive(struct gb_str name)
{
    static const char *const names[] = {
        "auth.log", "syslog",   "messages", "secure",     "kern.log", "mail.log",
        "mail.err", "cron.log", "user.log", "daemon.log", "debug",    "btmp",
        "sudo.log", "tallylog", "ufw.log",  "maillog",    "cron",     "fail2ban.log"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct gb_str known = gb_str_of(names[i]);
        struct gb_str rest = gb_str_from(name, known.len);
        // "auth.log", "auth.log.1", "auth.log.2.gz", "auth.log-20261101"
        if (gb_str_starts(name, known) && (!rest.len || rest.at[0] == '.' || rest.at[0] == '-'))
            return true;
    }
    return false;
}

// A copy that rotation left behind: "auth.log.1", "syslog-20261101", "kern.log.2.gz".
static bool is_rotated(struct gb_str name)
{
    for (size_t i = 1; i < name.len; i++)
        if ((name.at[i - 1] == '.' || name.at[i - 1] == '-') && name.at[i] >= '0' &&
            name.at[i] <= '9')
            return true;
    return false;
}

// Groups that anybody may be in.
static bool is_common_group(struct gb_str group)
{
    return gb_str_is(group, "users") || gb_str_is(group, "nogroup") || gb_str_is(group, "staff") ||
           gb_str_is(group, "games");
}

static void add_file(struct probe *probe, struct gb_str path, struct gb_str name,
                     const struct gb_file_info *info)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str clean = gb_string_clean(collector->arena, path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("log_file"), clean));
    struct gb_str owner = gb_collected_user(collector->all, info->uid),
                  group = gb_collected_group(collector->all, info->gid);
    bool dir = info->type == GB_FILE_DIRECTORY;
    bool everybody = info->mode & 02 && !(dir && info->mode & 01000);
    bool common = info->mode & 020 && is_common_group(group);
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_string(clean), clean, 0));
    gb_fact(&facts, "type", gb_string(dir ? GB_STR("directory") : GB_STR("file")));
    gb_fact(&facts, "mode",
            gb_fact_at(&facts, gb_string(gb_str_format(collector->arena, "%04o", info->mode)),
                       clean, 0));
    gb_fact(&facts, "owner",
            owner.len ? gb_string(owner)
                      : gb_string(gb_str_format(collector->arena, "%u", info->uid)));
    gb_fact(&facts, "group",
            group.len ? gb_string(group)
                      : gb_string(gb_str_format(collector->arena, "%u", info->gid)));
    gb_fact(&facts, "sensitive", gb_bool(!dir && is_sensitive(name)));
    gb_fact(&facts, "rotated", gb_bool(!dir && is_rotated(name)));
    gb_fact(&facts, "readable_by_others", gb_fact_at(&facts, gb_bool(info->mode & 04), clean, 0));
    gb_fact(&facts, "writable_by",
            gb_fact_at(&facts,
                       everybody ? gb_string(GB_STR("everybody"))
                       : common  ? gb_string(gb_str_format(collector->arena, "group " GB_PRI,
                                                           GB_ARG(group)))
                                 : gb_string(GB_STR("")),
                       clean, 0));
}

static bool is_judged_elsewhere(struct gb_str path)
{
    return gb_str_is(path, "/var/log/journal") || gb_str_is(path, "/var/log/audit");
}

// Depth is limited, so recursion is.
static void list(struct probe *probe, struct gb_str folder, int depth)
{
    struct gb_collector *collector = probe->collector;
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    int code = gb_host_list(collector->host, folder.at, ENTRIES_MAX, collector->scratch, &entries,
                            &count, NULL);
    if (code) {
        if (code != GB_E_NOT_FOUND && !probe->unread.len)
            probe->unread = gb_unread_reason(collector, folder.at, code);
        return;
    }
    for (size_t i = 0; i < count && probe->files < FILES_MAX; i++) {
        struct gb_str path = gb_str_format(collector->scratch, GB_PRI "/" GB_PRI, GB_ARG(folder),
                                           GB_ARG(entries[i].name));
        struct gb_file_info info;
        if (!path.at || is_judged_elsewhere(path) ||
            gb_host_stat(collector->host, path.at, false, &info, NULL) < 0 ||
            (info.type != GB_FILE_REGULAR && info.type != GB_FILE_DIRECTORY))
            continue;
        probe->files++;
        add_file(probe, path, entries[i].name, &info);
        // What lies in a directory that lets nobody else in is out of others' reach.
        if (info.type == GB_FILE_DIRECTORY && depth < DEPTH_MAX && info.mode & 07)
            list(probe, path, depth + 1);
    }
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    (void)err;
    struct probe probe = {.collector = collector};
    struct gb_str kind = GB_STR("log_file"), folder = GB_STR("/var/log");
    struct gb_file_info info;
    if (gb_host_stat(collector->host, folder.at, true, &info, NULL) == GB_OK)
        add_file(&probe, folder, GB_STR("log"), &info);
    list(&probe, folder, 0);
    // A directory that cannot be listed hides files: nothing certain can be said about all of them.
    if (probe.unread.len)
        gb_collection_gap(collector->all, kind, probe.unread);
    else if (!probe.files)
        gb_collection_absent(collector->all, kind, GB_STR("there are no files in /var/log"));
    else
        gb_collection_complete(collector->all, kind);
    return GB_OK;
}

static const char *const kinds[] = {"log_file", NULL};

const struct gb_source gb_source_log_files = {
    .name = "host/log_files",
    .title = "log files",
    .kinds = kinds,
    .order = 25, // after the accounts
    .collect = collect,
};
