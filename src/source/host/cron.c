// Jobs of cron, anacron and at (kinds "cron_job" and "cron"): whose they are, which programs they
// run, and who could change these.
#include "source/host/crontab.h"
#include "source/host/facts.h"
#include "source/host/path_trust.h"
#include "source/host/shell_command.h"

#include <sys/stat.h>

enum { MOST_FILES = 4096, MOST_JOBS = 4096 };

static const char standard_path[] = "/usr/bin:/bin";

struct probe {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge paths;
    struct gb_list *problems; // of kind "cron"
    struct gb_list *orphans;
    size_t jobs;
};

// A job on its way to a resource.
struct job {
    const char *source; // as in kind "cron_job"
    struct gb_str file;
    uint32_t line;
    struct gb_str schedule, user, path, command;
    const char *ignored; // why cron does not run it; NULL = it does
};

static void add_problem(struct probe *probe, struct gb_str file, uint32_t line, const char *reason)
{
    struct gb_facts facts = {.collector = probe->collector};
    struct gb_str text =
        line ? gb_str_format(probe->collector->arena, GB_PRI ":%u: %s", GB_ARG(file), line, reason)
             : gb_str_format(probe->collector->arena, GB_PRI ": %s", GB_ARG(file), reason);
    gb_fact_add_text(&facts, probe->problems, text, file, line);
}

// --- What a job runs

static int add_weakness(struct probe *probe, const struct job *job, struct gb_list *list,
                        struct gb_str program, const struct gb_path_trust *trust)
{
    struct gb_facts facts = {.collector = probe->collector};
    bool itself = gb_str_eq(program, trust->weak);
    struct gb_str text =
        itself ? gb_str_format(probe->collector->arena, GB_PRI " can be changed by " GB_PRI,
                               GB_ARG(program), GB_ARG(trust->who))
               : gb_str_format(probe->collector->arena,
                               GB_PRI ": " GB_PRI " can be changed by " GB_PRI, GB_ARG(program),
                               GB_ARG(trust->weak), GB_ARG(trust->who));
    for (size_t i = 0; list && i < list->count; i++)
        if (gb_str_eq(list->items[i].string, text))
            return GB_OK;
    gb_fact_add_text(&facts, list, text, job->file, job->line);
    return text.at ? GB_OK : GB_E_MEMORY;
}

// Judges one absolute path; tells whether something is there.
static int judge_path(struct probe *probe, const struct job *job, struct gb_str path,
                      uint32_t trusted_uid, struct gb_list *changeable, bool *exists)
{
    struct gb_path_trust trust;
    if (gb_path_trust(&probe->paths, path, trusted_uid, &trust))
        return GB_E_MEMORY;
    *exists = trust.exists;
    return trust.weak.len ? add_weakness(probe, job, changeable, path, &trust) : GB_OK;
}

// The programs that run-parts starts: names of letters, digits, dashes and underscores, executable.
static bool runs_part(const struct gb_dir_entry *entry)
{
    for (size_t i = 0; i < entry->name.len; i++) {
        char c = entry->name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return entry->type != GB_FILE_DIRECTORY;
}

static bool is_periodic_directory(struct gb_str path)
{
    return gb_str_starts(path, GB_STR("/etc/cron.")) && !gb_str_is(path, "/etc/cron.d");
}

static int judge_directory(struct probe *probe, const struct job *job, struct gb_str path,
                           uint32_t trusted_uid, struct gb_list *changeable)
{
    struct gb_dir_entry *entries;
    size_t count;
    bool exists;
    char *directory = gb_str_c(probe->collector->scratch, path);
    if (is_periodic_directory(path))
        return GB_OK; // each script in there is a job of its own
    int code = judge_path(probe, job, path, trusted_uid, changeable, &exists);
    if (code || !exists || !directory ||
        gb_host_list(probe->collector->host, directory, MOST_FILES, probe->collector->scratch,
                     &entries, &count, NULL))
        return code;
    for (size_t i = 0; i < count && !code; i++)
        if (runs_part(&entries[i]))
            code = judge_path(probe, job,
                              gb_str_format(probe->collector->scratch, "%s/" GB_PRI, directory,
                                            GB_ARG(entries[i].name)),
                              trusted_uid, changeable, &exists);
    return code;
}

// Looks a name up in the job's PATH, as the shell does, and judges what it passes on the way.
static int judge_name(struct probe *probe, const struct job *job, struct gb_str name,
                      uint32_t trusted_uid, struct gb_list *changeable)
{
    struct gb_str rest = job->path.len ? job->path : gb_str_of(standard_path), entry;
    bool exists = false;
    int code = GB_OK;
    while (!code && !exists && gb_str_next(&rest, ':', &entry)) {
        if (entry.len == 0 || entry.at[0] != '/')
            continue;
        struct gb_str path = gb_str_format(probe->collector->scratch, GB_PRI "/" GB_PRI,
                                           GB_ARG(entry), GB_ARG(name));
        code =
            path.at ? judge_path(probe, job, path, trusted_uid, changeable, &exists) : GB_E_MEMORY;
    }
    return code;
}

static int put_programs(struct probe *probe, struct gb_facts *facts, const struct job *job,
                        const struct gb_passwd_entry *user)
{
    struct gb_arena *arena = probe->collector->arena;
    struct gb_shell_programs found = {0};
    uint32_t trusted_uid = user ? user->uid : 0;
    if (gb_shell_command(job->command, user ? user->home : GB_STR("/"), probe->collector->scratch,
                         &found))
        return GB_E_MEMORY;
    struct gb_list *programs = gb_list_new(arena), *changeable = gb_list_new(arena);
    int code = GB_OK;
    for (size_t i = 0; i < found.count && !code; i++) {
        struct gb_str path = found.items[i].path;
        bool exists;
        gb_fact_add_text(facts, programs, path, job->file, job->line);
        if (found.items[i].directory)
            code = judge_directory(probe, job, path, trusted_uid, changeable);
        else if (path.at[0] == '/')
            code = judge_path(probe, job, path, trusted_uid, changeable, &exists);
        else
            code = judge_name(probe, job, path, trusted_uid, changeable);
    }
    gb_fact(facts, "programs", gb_list_of(programs));
    gb_fact(facts, "changeable", gb_list_of(changeable));
    gb_fact(facts, "runs_download",
            gb_fact_at(facts, gb_bool(found.runs_download), job->file, job->line));
    return code;
}

static int add_job(struct probe *probe, const struct job *job)
{
    struct gb_collector *collector = probe->collector;
    if (++probe->jobs > MOST_JOBS) {
        gb_collection_gap(collector->all, GB_STR("cron_job"),
                          gb_str_format(collector->arena, "more than %d jobs", MOST_JOBS));
        return GB_OK;
    }
    const struct gb_passwd_entry *user = gb_accounts_user(&probe->accounts, job->user);
    struct gb_str name =
        gb_str_format(collector->arena, GB_PRI " " GB_PRI "%s" GB_PRI, GB_ARG(job->file),
                      GB_ARG(job->schedule), job->schedule.len ? " " : "", GB_ARG(job->user));
    name = gb_string_clean(collector->arena, name).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("cron_job"), name));
    gb_fact(&facts, "source", gb_string(gb_str_of(job->source)));
    gb_fact(&facts, "file",
            gb_fact_at(&facts, gb_fact_text(&facts, job->file), job->file, job->line));
    gb_fact(&facts, "schedule", gb_fact_text(&facts, job->schedule));
    gb_fact(&facts, "user",
            gb_fact_at(&facts, gb_fact_text(&facts, job->user), job->file, job->line));
    gb_fact(&facts, "as_root",
            gb_fact_at(&facts, gb_bool(user ? user->uid == 0 : gb_str_is(job->user, "root")),
                       job->file, job->line));
    if (!job->ignored && !user && probe->accounts.passwd_file.code == GB_OK)
        gb_fact(&facts, "ignored", gb_string(GB_STR("its user does not exist")));
    else if (job->ignored)
        gb_fact(&facts, "ignored", gb_string(gb_str_of(job->ignored)));
    return put_programs(probe, &facts, job, user);
}

// --- Files with jobs

// Why cron does not take a file of the system; NULL when it does.
static const char *system_file_problem(const struct gb_file_info *info)
{
    if (info->uid != 0)
        return "cron ignores the file: it does not belong to root";
    if (info->mode & (S_IWGRP | S_IWOTH))
        return "cron ignores the file: others can write it";
    return NULL;
}

static const char *user_file_problem(const struct gb_file_info *info,
                                     const struct gb_passwd_entry *user)
{
    if (info->uid != 0 && user && info->uid != user->uid)
        return "cron ignores the file: it belongs to somebody else";
    if (info->mode & (S_IRWXG | S_IRWXO))
        return "cron ignores the file: its mode is not 0600";
    return NULL;
}

// Reads one crontab. `user` is the owner of a user's crontab; "root" for anacron.
static int read_tab(struct probe *probe, struct gb_str file, enum gb_crontab_form form,
                    const char *source, struct gb_str user)
{
    struct gb_collector *collector = probe->collector;
    struct gb_file_info info;
    struct gb_str text;
    struct gb_crontab tab;
    char *path = gb_str_c(collector->arena, file);
    if (!path)
        return GB_E_MEMORY;
    int code = gb_host_stat(collector->host, path, true, &info, NULL);
    if (!code)
        code = gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text,
                            NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code) {
        gb_collection_gap(collector->all, GB_STR("cron_job"),
                          gb_unread_reason(collector, path, code));
        return GB_OK;
    }
    if (gb_crontab_parse(text, form, collector->scratch, &tab))
        return GB_E_MEMORY;
    const char *ignored = form == GB_CRONTAB_SYSTEM ? system_file_problem(&info)
                          : form == GB_CRONTAB_USER
                              ? user_file_problem(&info, gb_accounts_user(&probe->accounts, user))
                              : NULL;
    if (!ignored && form != GB_CRONTAB_ANACRON && text.len && text.at[text.len - 1] != '\n')
        ignored = "cron ignores the file: its last line does not end";
    file = gb_str_of(path);
    if (ignored)
        add_problem(probe, file, 0, ignored);
    for (size_t i = 0; i < tab.problem_count; i++)
        add_problem(probe, file, tab.problems[i].line, tab.problems[i].reason);
    for (size_t i = 0; i < tab.job_count && !code; i++) {
        const struct gb_crontab_job *line = &tab.jobs[i];
        code = add_job(probe, &(struct job){
                                  .source = source,
                                  .file = file,
                                  .line = line->line,
                                  .schedule = line->schedule,
                                  .user = form == GB_CRONTAB_SYSTEM ? line->user : user,
                                  .path = line->path,
                                  .command = line->command,
                                  .ignored = ignored,
                              });
    }
    return code;
}

// The entries of a directory; none when it does not exist, a gap when it cannot be listed.
static int list(struct probe *probe, const char *path, struct gb_dir_entry **entries, size_t *count)
{
    struct gb_collector *collector = probe->collector;
    *count = 0;
    int code =
        gb_host_list(collector->host, path, MOST_FILES, collector->scratch, entries, count, NULL);
    if (code && code != GB_E_NOT_FOUND && code != GB_E_MEMORY)
        gb_collection_gap(collector->all, GB_STR("cron_job"),
                          gb_unread_reason(collector, path, code));
    return code == GB_E_MEMORY ? code : GB_OK;
}

// /etc/cron.d: cron takes names as run-parts does.
static int read_drop_ins(struct probe *probe)
{
    struct gb_dir_entry *entries;
    size_t count;
    int code = list(probe, "/etc/cron.d", &entries, &count);
    for (size_t i = 0; i < count && !code; i++) {
        struct gb_str file =
            gb_str_format(probe->collector->arena, "/etc/cron.d/" GB_PRI, GB_ARG(entries[i].name));
        if (runs_part(&entries[i]))
            code = read_tab(probe, file, GB_CRONTAB_SYSTEM, "drop_in", GB_STR(""));
        else if (entries[i].name.at[0] != '.' && !gb_str_contains(file, GB_STR(".dpkg-")))
            add_problem(probe, file, 0, "cron ignores the file because of its name");
    }
    return code;
}

static int read_periodic(struct probe *probe)
{
    static const char *const directories[] = {"hourly", "daily", "weekly", "monthly", "yearly"};
    int code = GB_OK;
    for (size_t i = 0; i < sizeof directories / sizeof directories[0] && !code; i++) {
        struct gb_dir_entry *entries;
        size_t count;
        struct gb_str path = gb_str_format(probe->collector->arena, "/etc/cron.%s", directories[i]);
        if (!path.at)
            return GB_E_MEMORY;
        code = list(probe, path.at, &entries, &count);
        for (size_t n = 0; n < count && !code; n++) {
            struct gb_file_info info;
            struct gb_str file = gb_str_format(probe->collector->arena, GB_PRI "/" GB_PRI,
                                               GB_ARG(path), GB_ARG(entries[n].name));
            if (!file.at)
                return GB_E_MEMORY;
            if (!runs_part(&entries[n]) ||
                gb_host_stat(probe->collector->host, file.at, true, &info, NULL) ||
                !(info.mode & S_IXUSR))
                continue;
            // The path stands as it is: it may hold what a shell would take apart.
            struct gb_str quoted =
                gb_str_format(probe->collector->scratch, "'" GB_PRI "'", GB_ARG(file));
            code = add_job(probe, &(struct job){.source = "periodic",
                                                .file = file,
                                                .schedule = gb_str_of(directories[i]),
                                                .user = GB_STR("root"),
                                                .command = quoted});
        }
    }
    return code;
}

// Crontabs of users, each named after its user.
static int read_spool(struct probe *probe, const char *directory)
{
    struct gb_dir_entry *entries;
    size_t count;
    int code = list(probe, directory, &entries, &count);
    for (size_t i = 0; i < count && !code; i++) {
        struct gb_str user = entries[i].name;
        if (entries[i].type == GB_FILE_DIRECTORY || user.at[0] == '.' ||
            gb_str_starts(user, GB_STR("tmp.")))
            continue;
        struct gb_str file =
            gb_str_format(probe->collector->arena, "%s/" GB_PRI, directory, GB_ARG(user));
        if (!gb_accounts_user(&probe->accounts, user)) {
            struct gb_facts facts = {.collector = probe->collector};
            gb_fact_add_text(&facts, probe->orphans, file, file, 0);
        }
        code = read_tab(probe, file, GB_CRONTAB_USER, "user", user);
    }
    return code;
}

// --- The daemons and who may use them

static const char *find_daemon(const struct gb_host *host)
{
    static const struct {
        const char *path, *name;
    } daemons[] = {
        {"/usr/sbin/cron", "cron"},
        {"/usr/sbin/crond", "crond"},
        {"/usr/sbin/bcron-start", "bcron"},
        {"/usr/sbin/fcron", "fcron"},
        {"/usr/lib/systemd/system-generators/systemd-crontab-generator", "systemd-cron"},
        {"/lib/systemd/system-generators/systemd-crontab-generator", "systemd-cron"},
        {"/usr/sbin/anacron", "anacron"},
    };
    for (size_t i = 0; i < sizeof daemons / sizeof daemons[0]; i++)
        if (gb_host_exists(host, daemons[i].path))
            return daemons[i].name;
    return NULL;
}

// cron.allow names who may; without it cron.deny names who may not; without both Debian's cron lets
// everybody, at lets root alone.
static void put_access(struct gb_facts *facts, const char *field, const char *allow,
                       const char *deny, const char *without_both)
{
    struct gb_collector *collector = facts->collector;
    bool allows = gb_host_exists(collector->host, allow);
    bool denies = gb_host_exists(collector->host, deny);
    const char *access = allows ? "listed" : denies ? "all_but_denied" : without_both;
    struct gb_value value = gb_string(gb_str_of(access));
    gb_fact(facts, field, gb_fact_at(facts, value, gb_str_of(allows || !denies ? allow : deny), 0));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char no_memory[] = "no memory for the jobs of cron";
    const char *daemon = find_daemon(collector->host);
    bool at = gb_host_exists(collector->host, "/usr/sbin/atd");
    if (!daemon && !at) {
        struct gb_str reason = GB_STR("no cron daemon is installed");
        gb_collection_absent(collector->all, GB_STR("cron"), reason);
        gb_collection_absent(collector->all, GB_STR("cron_job"), reason);
        return GB_OK;
    }
    struct probe probe = {
        .collector = collector,
        .problems = gb_list_new(collector->arena),
        .orphans = gb_list_new(collector->arena),
    };
    if (gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    probe.paths = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    gb_collection_complete(collector->all, GB_STR("cron_job"));
    int code = GB_OK;
    if (daemon) {
        code = read_tab(&probe, GB_STR("/etc/crontab"), GB_CRONTAB_SYSTEM, "system", GB_STR(""));
        if (!code)
            code = read_drop_ins(&probe);
        if (!code)
            code = read_periodic(&probe);
        if (!code)
            code = read_tab(&probe, GB_STR("/etc/anacrontab"), GB_CRONTAB_ANACRON, "anacron",
                            GB_STR("root"));
        if (!code)
            code = read_spool(&probe, "/var/spool/cron/crontabs");
        if (!code)
            code = read_spool(&probe, "/var/spool/cron"); // RHEL
    }
    if (code)
        return gb_error_set(err, code, no_memory);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("cron"), GB_STR("")));
    if (daemon) {
        gb_fact(&facts, "daemon", gb_string(gb_str_of(daemon)));
        put_access(&facts, "cron_access", "/etc/cron.allow", "/etc/cron.deny", "everybody");
    }
    if (at)
        put_access(&facts, "at_access", "/etc/at.allow", "/etc/at.deny", "root");
    gb_fact(&facts, "problems", gb_list_of(probe.problems));
    gb_fact(&facts, "orphans", gb_list_of(probe.orphans));
    return GB_OK;
}

static const char *const kinds[] = {"cron", "cron_job", NULL};

const struct gb_source gb_source_cron = {
    .name = "host/cron",
    .title = "jobs of cron",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
