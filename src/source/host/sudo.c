// sudo (kinds "sudo" and "sudo_rule"): its settings in force, its files, and what each rule gives
// to whom on this host.
#include "model/version/version.h"
#include "source/host/facts.h"
#include "source/host/login_defs.h"
#include "source/host/sudo_rule.h"
#include "source/package/installed.h"

#include <sys/stat.h>

static const char sudoers_path[] = "/etc/sudoers";

enum { DEFAULT_TIMEOUT_MINUTES = 15, TIMEOUT_NEVER = -1 };

// Settings that hold for everybody: those of lines without a scope, the last one in force.
enum form { FLAG, TEXT };

static const struct {
    const char *name;
    enum form form;
    bool preset; // of a flag, when no line sets it
} settings[] = {
    {"authenticate", FLAG, true},   {"env_reset", FLAG, true},       {"setenv", FLAG, false},
    {"rootpw", FLAG, false},        {"runaspw", FLAG, false},        {"targetpw", FLAG, false},
    {"visiblepw", FLAG, false},     {"pwfeedback", FLAG, false},     {"log_input", FLAG, false},
    {"log_output", FLAG, false},    {"requiretty", FLAG, false},     {"insults", FLAG, false},
    {"logfile", TEXT, false},       {"secure_path", TEXT, false},    {"exempt_group", TEXT, false},
    {"runas_default", TEXT, false}, {"timestamp_type", TEXT, false}, {"passwd_tries", TEXT, false},
};

struct probe {
    struct gb_facts facts;
    struct gb_sudoers sudoers;
    struct gb_accounts accounts;
    struct gb_path_judge paths;
};

static const struct gb_sudo_default *last_default(const struct gb_sudoers *sudoers,
                                                  const char *name)
{
    for (size_t i = sudoers->default_count; i-- > 0;) {
        const struct gb_sudo_default *setting = &sudoers->defaults[i];
        if (setting->scope == GB_SUDO_GLOBAL && gb_str_is(setting->name, name))
            return setting;
    }
    return NULL;
}

static bool flag_of(const struct gb_sudoers *sudoers, const char *name, bool preset)
{
    const struct gb_sudo_default *setting = last_default(sudoers, name);
    return setting ? setting->operation != '!' : preset;
}

static void put_at(struct gb_facts *facts, const char *field, struct gb_value value,
                   const struct gb_sudo_default *setting)
{
    if (setting)
        value = gb_fact_at(facts, value, setting->file, setting->line);
    gb_fact(facts, field, value);
}

static void put_settings(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const struct gb_sudo_default *setting = last_default(&probe->sudoers, settings[i].name);
        if (settings[i].form == FLAG)
            put_at(facts, settings[i].name,
                   gb_bool(setting ? setting->operation != '!' : settings[i].preset), setting);
        else if (setting && setting->operation == '=')
            put_at(facts, settings[i].name, gb_fact_text(facts, setting->value), setting);
    }
    const struct gb_sudo_default *syslog = last_default(&probe->sudoers, "syslog");
    put_at(facts, "logs_to_syslog", gb_bool(!syslog || syslog->operation != '!'), syslog);
}

// Minutes, perhaps with a fraction ("0.5"); negative: until the next boot; off: 0.
static void put_timeout(struct probe *probe)
{
    const struct gb_sudo_default *setting = last_default(&probe->sudoers, "timestamp_timeout");
    int64_t minutes = DEFAULT_TIMEOUT_MINUTES;
    if (setting && setting->operation == '!') {
        minutes = 0;
    } else if (setting) {
        struct gb_str whole = setting->value, rest = setting->value;
        if (gb_str_next(&rest, '.', &whole) && gb_str_starts(whole, GB_STR("-")))
            minutes = TIMEOUT_NEVER;
        else if (whole.len && gb_str_to_int(whole, &minutes))
            minutes = DEFAULT_TIMEOUT_MINUTES;
        else if (whole.len == 0)
            minutes = 0;
    }
    put_at(&probe->facts, "timestamp_timeout_minutes", gb_int(minutes), setting);
}

// Since 1.9.14 commands get a terminal of their own without being told.
static void put_pty(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    const struct gb_sudo_default *setting = last_default(&probe->sudoers, "use_pty");
    const struct gb_dpkg_package *package = gb_package_find(collector, "sudo");
    struct gb_value value;
    if (setting)
        value = gb_bool(setting->operation != '!');
    else if (package)
        value =
            gb_bool(gb_version_compare(GB_VERSION_DPKG, package->version, GB_STR("1.9.14~")) >= 0);
    else
        value =
            gb_unknown(GB_STR("the version of sudo is not known, and its default depends on it"));
    put_at(&probe->facts, "use_pty", value, setting);
}

static const char scope_signs[] = {0, ':', '@', '>', '!'};

static struct gb_str default_text(struct gb_arena *arena, const struct gb_sudo_default *setting)
{
    struct gb_str scope = GB_STR("Defaults");
    for (size_t i = 0; i < setting->subjects.count && scope.len < 200; i++)
        scope = gb_str_format(
            arena, GB_PRI "%c%s" GB_PRI, GB_ARG(scope), i ? ',' : scope_signs[setting->scope],
            setting->subjects.items[i].negated ? "!" : "", GB_ARG(setting->subjects.items[i].text));
    const char *operation = setting->operation == '+'   ? "+="
                            : setting->operation == '-' ? "-="
                            : setting->operation == '=' ? "="
                                                        : "";
    return gb_str_format(arena, GB_PRI " %s" GB_PRI "%s" GB_PRI, GB_ARG(scope),
                         setting->operation == '!' ? "!" : "", GB_ARG(setting->name), operation,
                         GB_ARG(gb_str_sub(setting->value, 0, 200)));
}

static void add_default(struct probe *probe, struct gb_list *list,
                        const struct gb_sudo_default *setting)
{
    gb_fact_add_text(&probe->facts, list, default_text(probe->facts.collector->arena, setting),
                     setting->file, setting->line);
}

// Variables that make other programs run code.
static bool is_dangerous_variable(struct gb_str name)
{
    static const char *const dangerous[] = {
        "LD_*",       "PYTHONPATH",        "PYTHONHOME",        "PYTHONSTARTUP", "PYTHONINSPECT",
        "PERL5LIB",   "PERLLIB",           "PERL5OPT",          "PERL5DB",       "RUBYLIB",
        "RUBYOPT",    "NODE_OPTIONS",      "NODE_PATH",         "BASH_ENV",      "ENV",
        "SHELLOPTS",  "BASH_FUNC_*",       "BASHOPTS",          "PS4",           "IFS",
        "GCONV_PATH", "JAVA_TOOL_OPTIONS", "CLASSPATH",         "LUA_INIT*",     "LUA_PATH*",
        "LUA_CPATH*", "GIT_SSH*",          "GIT_EXTERNAL_DIFF", "PATH",          "PAGER",
        "GIT_PAGER",  "MANPAGER",          "SYSTEMD_PAGER",     "LESSOPEN",      "LESSCLOSE",
    };
    struct gb_str plain = name;
    ptrdiff_t equals = gb_str_find_char(plain, '=');
    if (equals >= 0)
        plain = gb_str_sub(plain, 0, (size_t)equals);
    if (gb_str_is(plain, "*"))
        return true;
    for (size_t i = 0; i < sizeof dangerous / sizeof dangerous[0]; i++)
        if (gb_str_glob(gb_str_of(dangerous[i]), plain, false) ||
            gb_str_glob(plain, gb_str_of(dangerous[i]), false))
            return true;
    return false;
}

// Lists of settings that one has to see line by line, whatever their scope.
static void put_lists(struct probe *probe)
{
    struct gb_arena *arena = probe->facts.collector->arena;
    struct gb_list *all = gb_list_new(arena), *open = gb_list_new(arena),
                   *kept = gb_list_new(arena);
    for (size_t i = 0; i < probe->sudoers.default_count; i++) {
        const struct gb_sudo_default *setting = &probe->sudoers.defaults[i];
        add_default(probe, all, setting);
        bool last = setting->scope != GB_SUDO_GLOBAL ||
                    last_default(&probe->sudoers, "authenticate") == setting;
        if (gb_str_is(setting->name, "authenticate") && setting->operation == '!' && last)
            add_default(probe, open, setting);
        bool keeps = gb_str_is(setting->name, "env_keep") || gb_str_is(setting->name, "env_check");
        if (!keeps || (setting->operation != '+' && setting->operation != '='))
            continue;
        struct gb_str words = setting->value, word;
        while (gb_str_next_word(&words, &word))
            if (gb_str_is(setting->name, "env_keep") && is_dangerous_variable(word))
                gb_fact_add_text(&probe->facts, kept, word, setting->file, setting->line);
    }
    gb_fact(&probe->facts, "defaults", gb_list_of(all));
    gb_fact(&probe->facts, "without_authentication", gb_list_of(open));
    gb_fact(&probe->facts, "dangerous_variables_kept", gb_list_of(kept));
}

// sudo takes a file only when it belongs to root and nobody else can write it.
static struct gb_str file_problem(struct probe *probe, const struct gb_sudo_file *file)
{
    struct gb_collector *collector = probe->facts.collector;
    if (file->code)
        return (struct gb_str){0};
    if (file->info.uid != 0) {
        struct gb_str owner = gb_accounts_owner(&probe->accounts, file->info.uid, collector->arena);
        return gb_str_format(collector->arena, "belongs to " GB_PRI, GB_ARG(owner));
    }
    if (file->info.mode & S_IWOTH)
        return GB_STR("everybody can write it");
    if (file->info.mode & S_IWGRP && file->info.gid != 0)
        return GB_STR("a group can write it");
    return (struct gb_str){0};
}

static void put_files(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_list *files = gb_list_new(collector->arena);
    struct gb_list *skipped = gb_list_new(collector->arena);
    struct gb_list *malformed = gb_list_new(collector->arena);
    for (size_t i = 0; i < probe->sudoers.file_count; i++) {
        const struct gb_sudo_file *file = &probe->sudoers.files[i];
        struct gb_facts facts = gb_facts_record(collector);
        gb_fact(&facts, "path",
                gb_fact_at(&facts, gb_fact_text(&facts, file->path), file->path, 0));
        if (!file->code)
            gb_fact(&facts, "mode",
                    gb_string(gb_str_format(collector->arena, "%04o", file->info.mode)));
        else
            gb_fact(&facts, "unread",
                    gb_string(gb_unread_reason(collector, file->path.at, file->code)));
        struct gb_str problem = file_problem(probe, file);
        if (problem.len)
            gb_fact(&facts, "problem", gb_string(problem));
        gb_list_add(collector->arena, files, gb_map_of(facts.props));
    }
    for (size_t i = 0; i < probe->sudoers.skipped_count; i++)
        gb_fact_add_text(&probe->facts, skipped, probe->sudoers.skipped[i],
                         probe->sudoers.skipped[i], 0);
    for (size_t i = 0; i < probe->sudoers.problem_count; i++) {
        const struct gb_sudo_problem *problem = &probe->sudoers.problems[i];
        struct gb_str text =
            gb_str_format(collector->arena, GB_PRI ":%u: " GB_PRI, GB_ARG(problem->file),
                          problem->line, GB_ARG(problem->reason));
        gb_fact_add_text(&probe->facts, malformed, text, problem->file, problem->line);
    }
    gb_fact(&probe->facts, "files", gb_list_of(files));
    gb_fact(&probe->facts, "skipped_files", gb_list_of(skipped));
    gb_fact(&probe->facts, "malformed", gb_list_of(malformed));
}

// Entries of secure_path that others can change or that are no absolute path.
static int put_secure_path(struct probe *probe)
{
    const struct gb_sudo_default *setting = last_default(&probe->sudoers, "secure_path");
    struct gb_list *unsafe = gb_list_new(probe->facts.collector->arena);
    struct gb_str rest = setting && setting->operation == '=' ? setting->value : (struct gb_str){0};
    struct gb_str entry;
    while (gb_str_next(&rest, ':', &entry)) {
        struct gb_str text;
        struct gb_path_trust trust = {0};
        if (entry.len && entry.at[0] == '/' && gb_path_trust(&probe->paths, entry, 0, &trust))
            return GB_E_MEMORY;
        if (entry.len == 0 || entry.at[0] != '/')
            text = gb_str_format(probe->facts.collector->arena,
                                 "\"" GB_PRI "\" is not an absolute path", GB_ARG(entry));
        else if (trust.weak.len)
            text = gb_str_format(probe->facts.collector->arena,
                                 GB_PRI ": " GB_PRI " can be changed by " GB_PRI, GB_ARG(entry),
                                 GB_ARG(trust.weak), GB_ARG(trust.who));
        else
            continue;
        gb_fact_add_text(&probe->facts, unsafe, text, setting->file, setting->line);
    }
    gb_fact(&probe->facts, "secure_path_unsafe", gb_list_of(unsafe));
    return GB_OK;
}

static bool has_remote_accounts(const struct gb_collection *all)
{
    const struct gb_resource *database = gb_collection_find(all, GB_STR("account_database"));
    const struct gb_value *services =
        database ? gb_map_find(database->props, GB_STR("remote_services")) : NULL;
    return services && services->kind == GB_VALUE_LIST && services->list->count > 0;
}

// Absent, unreadable, or to be read? Without the program its files mean nothing.
static bool is_there(struct gb_collector *collector)
{
    struct gb_collection *all = collector->all;
    struct gb_str reason = GB_STR("sudo is not installed");
    bool program = gb_host_exists(collector->host, "/usr/bin/sudo") ||
                   gb_host_exists(collector->host, "/usr/local/bin/sudo");
    struct gb_file_info info;
    int code = gb_host_stat(collector->host, sudoers_path, true, &info, NULL);
    if (program && code == GB_E_NOT_FOUND)
        reason = GB_STR("/etc/sudoers does not exist, so that sudo refuses to work");
    if (program && code != GB_E_NOT_FOUND)
        return true;
    gb_collection_absent(all, GB_STR("sudo"), reason);
    gb_collection_absent(all, GB_STR("sudo_rule"), reason);
    return false;
}

// From what the host probe collected; sudo compares rules with it, and %h stands for it.
static struct gb_str host_name(const struct gb_collection *all)
{
    const struct gb_resource *host = gb_collection_find(all, GB_STR("host"));
    const struct gb_value *name = host ? gb_map_find(host->props, GB_STR("hostname")) : NULL;
    return gb_value_str_or(name, GB_STR(""));
}

static int collect_rules(struct gb_collector *collector, struct probe *probe)
{
    struct gb_login_defs defs;
    if (gb_login_defs_load(collector->host, collector->scratch, &defs))
        return GB_E_MEMORY;
    const struct gb_sudo_default *runas = last_default(&probe->sudoers, "runas_default");
    struct gb_sudo_judge judge = {
        .collector = collector,
        .sudoers = &probe->sudoers,
        .accounts = &probe->accounts,
        .paths = &probe->paths,
        .hostname = host_name(collector->all),
        .remote_accounts = has_remote_accounts(collector->all),
        .authenticate = flag_of(&probe->sudoers, "authenticate", true),
        .uid_min = gb_login_defs_number(&defs, "UID_MIN", 1000),
        .uid_max = gb_login_defs_number(&defs, "UID_MAX", 60000),
        .runas_default = runas && runas->operation == '=' ? runas->value : GB_STR("root"),
    };
    return gb_sudo_rules_collect(&judge);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char no_memory[] = "no memory for sudoers";
    struct probe probe = {.facts = {.collector = collector}};
    if (!is_there(collector))
        return GB_OK;
    if (gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts) ||
        gb_sudoers_load(collector->host, sudoers_path, host_name(collector->all),
                        collector->scratch, &probe.sudoers))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    if (probe.sudoers.files[0].code) {
        struct gb_str reason =
            gb_unread_reason(collector, sudoers_path, probe.sudoers.files[0].code);
        gb_collection_gap(collector->all, GB_STR("sudo"), reason);
        gb_collection_gap(collector->all, GB_STR("sudo_rule"), reason);
        return GB_OK;
    }
    probe.paths = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    probe.facts.props = gb_collection_add(collector->all, GB_STR("sudo"), GB_STR(""));
    put_settings(&probe);
    put_timeout(&probe);
    put_pty(&probe);
    put_lists(&probe);
    if (put_secure_path(&probe) || collect_rules(collector, &probe))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    put_files(&probe); // last: expanding aliases can find problems
    return GB_OK;
}

static const char *const kinds[] = {"sudo", "sudo_rule", NULL};

const struct gb_source gb_source_sudo = {
    .name = "host/sudo",
    .title = "sudo rules",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
