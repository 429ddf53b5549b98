// What every login gets from the system (kind "shell_environment"): the mask for new files, the
// time-out of idle shells, and root's search path, entry by entry. The scanner's own environment is
// no evidence: only files are.
#include "source/host/facts.h"
#include "source/host/login_defs.h"
#include "source/host/pam_judge.h"
#include "source/host/path_trust.h"
#include "source/host/shell_settings.h"

enum { MOST_DROP_INS = 1024, DEFAULT_MASK = 022 };

static const char profile_directory[] = "/etc/profile.d";

struct probe {
    struct gb_facts facts;
    struct gb_accounts accounts;
    struct gb_path_judge paths;
    struct gb_shell_settings settings; // of the files for everybody, in the order of a login
    struct gb_shell_settings roots;    // of root's own files
    struct gb_str root_home;
    struct gb_list *unsafe, *searched; // entries of root's search path
    struct gb_str unread;              // the first file that could not be read, and why
    struct gb_str unread_of_all;       // the same of those that every login reads
};

static int read_file(struct probe *probe, struct gb_str path, struct gb_shell_settings *settings)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_str text;
    char *name = gb_str_c(collector->arena, path);
    if (!name)
        return GB_E_MEMORY;
    int code =
        gb_host_read(collector->host, name, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code && code != GB_E_NOT_FOUND && !probe->unread.len)
        probe->unread = gb_unread_reason(collector, name, code);
    if (code && code != GB_E_NOT_FOUND && settings == &probe->settings)
        probe->unread_of_all = gb_unread_reason(collector, name, code);
    return code ? GB_OK : gb_shell_settings_read(text, gb_str_of(name), settings);
}

// /etc/profile, then what it reads: bash.bashrc (Debian) or bashrc, and the drop-ins.
static int read_files(struct probe *probe)
{
    static const char *const files[] = {"/etc/profile", "/etc/bash.bashrc", "/etc/bashrc"};
    static const char *const own[] = {".bash_profile", ".bash_login", ".profile", ".bashrc"};
    struct gb_collector *collector = probe->facts.collector;
    int code = GB_OK;
    for (size_t i = 0; i < sizeof files / sizeof files[0] && !code; i++)
        code = read_file(probe, gb_str_of(files[i]), &probe->settings);
    struct gb_dir_entry *entries;
    size_t count;
    if (!code && !gb_host_list(collector->host, profile_directory, MOST_DROP_INS,
                               collector->scratch, &entries, &count, NULL))
        for (size_t i = 0; i < count && !code; i++)
            if (gb_str_ends(entries[i].name, GB_STR(".sh")))
                code = read_file(probe,
                                 gb_str_format(collector->scratch, "%s/" GB_PRI, profile_directory,
                                               GB_ARG(entries[i].name)),
                                 &probe->settings);
    for (size_t i = 0; i < sizeof own / sizeof own[0] && !code; i++)
        code = read_file(
            probe,
            gb_str_format(collector->scratch, GB_PRI "/%s", GB_ARG(probe->root_home), own[i]),
            &probe->roots);
    return code;
}

// --- The mask for new files

struct mask {
    uint32_t bits;
    struct gb_str from, file;
    uint32_t line;
};

// pam_umask takes its argument, else UMASK of login.defs. False when no session runs it.
static int mask_of_pam(struct probe *probe, struct mask *mask)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_pam_files files = gb_pam_files(collector->host, collector->scratch);
    struct gb_pam_stack stack;
    struct gb_login_defs defs;
    if (gb_pam_load(&files, GB_STR("login"), collector->scratch, &stack) ||
        (stack.code && gb_pam_load(&files, GB_STR("common-session"), collector->scratch, &stack)) ||
        gb_login_defs_load(collector->host, collector->scratch, &defs))
        return GB_E_MEMORY;
    const struct gb_pam_rule *rule = gb_pam_last(&stack, GB_PAM_SESSION, "pam_umask");
    const struct gb_login_def *def = gb_login_defs_get(&defs, "UMASK");
    struct gb_str value;
    uint32_t bits;
    if (!rule)
        return GB_OK;
    if (gb_pam_value(rule, "umask", &value) && gb_umask_parse(value, &bits))
        *mask = (struct mask){bits, GB_STR("pam_umask"), rule->file, rule->line};
    else if (def && gb_umask_parse(def->value, &bits))
        *mask = (struct mask){bits, GB_STR("pam_umask"), gb_str_of(gb_login_defs_path), def->line};
    return GB_OK;
}

// The last file that sets one has the last word; where it sets several, the one that hides least
// counts, since it is not known which branch is taken.
static void mask_of_files(const struct gb_shell_settings *settings, struct mask *mask)
{
    struct gb_str file = {0};
    for (size_t i = 0; i < settings->count; i++) {
        const struct gb_shell_setting *setting = &settings->items[i];
        uint32_t bits;
        if (setting->kind != GB_SHELL_UMASK || !gb_umask_parse(setting->value, &bits))
            continue;
        bool same = gb_str_eq(file, setting->file);
        file = setting->file;
        if (!same || (bits & 027) < (mask->bits & 027))
            *mask = (struct mask){bits, setting->file, setting->file, setting->line};
    }
}

static int put_mask(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    struct mask mask = {.bits = DEFAULT_MASK, .from = GB_STR("default")};
    if (mask_of_pam(probe, &mask))
        return GB_E_MEMORY;
    mask_of_files(&probe->settings, &mask);
    struct gb_value values[] = {
        gb_string(gb_str_format(facts->collector->arena, "%03o", mask.bits)),
        gb_fact_text(facts, mask.from),
        gb_bool(!(mask.bits & 04)),
        gb_bool(!(mask.bits & 020)),
        gb_bool(!(mask.bits & 02)),
    };
    static const char *const fields[] = {"umask", "umask_from", "new_files_readable_by_all",
                                         "new_files_writable_by_group",
                                         "new_files_writable_by_all"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (probe->unread_of_all.len)
            gb_fact(facts, fields[i], gb_unknown(probe->unread_of_all));
        else
            gb_fact(facts, fields[i],
                    mask.file.len ? gb_fact_at(facts, values[i], mask.file, mask.line) : values[i]);
    return GB_OK;
}

// --- Idle shells

static void put_time_out(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    const struct gb_shell_setting *last = NULL;
    bool locked = false;
    int64_t seconds = 0, number;
    for (size_t i = 0; i < probe->settings.count; i++) {
        const struct gb_shell_setting *setting = &probe->settings.items[i];
        if (setting->kind != GB_SHELL_TMOUT)
            continue;
        locked |= setting->locks;
        if (gb_str_to_int(setting->value, &number) == GB_OK) {
            last = setting;
            seconds = number;
        }
    }
    if (!last && probe->unread_of_all.len)
        gb_fact(facts, "idle_seconds", gb_unknown(probe->unread_of_all));
    if (!last)
        return;
    gb_fact(facts, "idle_seconds", gb_fact_at(facts, gb_int(seconds), last->file, last->line));
    gb_fact(facts, "idle_locked", gb_fact_at(facts, gb_bool(locked), last->file, last->line));
}

// --- Search paths

static void add_unsafe(struct probe *probe, struct gb_str entry, const char *what,
                       struct gb_str file, uint32_t line)
{
    struct gb_str text =
        gb_str_format(probe->facts.collector->arena, "\"" GB_PRI "\" %s", GB_ARG(entry), what);
    gb_fact_add_text(&probe->facts, probe->unsafe, text, file, line);
}

// One entry of a path: an absolute directory that only root can change, or nothing at all yet.
static int judge_entry(struct probe *probe, struct gb_str entry, struct gb_str file, uint32_t line)
{
    struct gb_arena *arena = probe->facts.collector->arena;
    struct gb_path_trust trust;
    if (entry.len == 0 || gb_str_is(entry, ".")) {
        add_unsafe(probe, entry, "is the current directory", file, line);
        return GB_OK;
    }
    if (entry.at[0] != '/') {
        add_unsafe(probe, entry, "is relative to the current directory", file, line);
        return GB_OK;
    }
    gb_fact_add_text(&probe->facts, probe->searched, entry, file, line);
    if (gb_path_trust(&probe->paths, entry, 0, &trust))
        return GB_E_MEMORY;
    if (trust.exists && trust.type != GB_FILE_DIRECTORY) {
        add_unsafe(probe, entry, "is no directory", file, line);
    } else if (trust.weak.len) {
        struct gb_str what = gb_str_format(arena, "can be changed by " GB_PRI ", through " GB_PRI,
                                           GB_ARG(trust.who), GB_ARG(trust.weak));
        if (!what.at)
            return GB_E_MEMORY;
        add_unsafe(probe, entry, what.at, file, line);
    }
    return GB_OK;
}

// The entries of a value. What a variable stands for is not known but for $HOME; "$PATH" is what
// other files say. The same directory twice is no harm.
static int judge_path(struct probe *probe, struct gb_str value, struct gb_str file, uint32_t line)
{
    struct gb_arena *arena = probe->facts.collector->scratch;
    size_t colons = 0, at = 0;
    for (size_t i = 0; i < value.len; i++)
        colons += value.at[i] == ':';
    int code = GB_OK;
    for (size_t i = 0; i <= colons && !code; i++) { // an empty entry at the end counts too
        struct gb_str rest = gb_str_from(value, at);
        ptrdiff_t colon = gb_str_find_char(rest, ':');
        struct gb_str entry = colon < 0 ? rest : gb_str_sub(rest, 0, (size_t)colon);
        at += entry.len + 1;
        static const struct gb_str homes[] = {GB_STR_INIT("$HOME"), GB_STR_INIT("${HOME}"),
                                              GB_STR_INIT("~")};
        for (size_t n = 0; n < 3; n++)
            if (gb_str_starts(entry, homes[n])) {
                entry = gb_str_format(arena, GB_PRI GB_PRI, GB_ARG(probe->root_home),
                                      GB_ARG(gb_str_from(entry, homes[n].len)));
                break;
            }
        bool computed = gb_str_find_char(entry, '$') >= 0 || gb_str_find_char(entry, '`') >= 0;
        if (!computed)
            code = judge_entry(probe, entry, file, line);
    }
    return code;
}

static int judge_settings(struct probe *probe, const struct gb_shell_settings *settings)
{
    int code = GB_OK;
    for (size_t i = 0; i < settings->count && !code; i++) {
        const struct gb_shell_setting *setting = &settings->items[i];
        if (setting->kind == GB_SHELL_PATH && !setting->not_for_root)
            code = judge_path(probe, setting->value, setting->file, setting->line);
    }
    return code;
}

// "PATH=..." lines of /etc/environment, which is no script.
static int judge_environment(struct probe *probe)
{
    static const char path[] = "/etc/environment";
    struct gb_collector *collector = probe->facts.collector;
    struct gb_str text, line;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code && code != GB_E_NOT_FOUND && !probe->unread.len)
        probe->unread = gb_unread_reason(collector, path, code);
    if (code)
        return GB_OK;
    for (uint32_t number = 1; !code && gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        if (gb_str_starts(line, GB_STR("export ")))
            line = gb_str_trim(gb_str_from(line, 7));
        if (!gb_str_starts(line, GB_STR("PATH=")))
            continue;
        line = gb_str_from(line, 5);
        if (line.len >= 2 && strchr("\"'", line.at[0]) && line.at[line.len - 1] == line.at[0])
            line = gb_str_sub(line, 1, line.len - 2);
        code = judge_path(probe, line, gb_str_of(path), number);
    }
    return code;
}

static int put_search_path(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_login_defs defs;
    if (gb_login_defs_load(collector->host, collector->scratch, &defs))
        return GB_E_MEMORY;
    const struct gb_login_def *def = gb_login_defs_get(&defs, "ENV_SUPATH");
    int code = GB_OK;
    if (def) {
        struct gb_str value = def->value;
        if (gb_str_starts(value, GB_STR("PATH=")))
            value = gb_str_from(value, 5);
        code = judge_path(probe, value, gb_str_of(gb_login_defs_path), def->line);
    }
    if (!code)
        code = judge_environment(probe);
    if (!code)
        code = judge_settings(probe, &probe->settings);
    if (!code)
        code = judge_settings(probe, &probe->roots);
    gb_fact(&probe->facts, "root_path", gb_list_of(probe->searched));
    // Nothing bad in what could be read says nothing about the rest.
    bool unknown = probe->unread.len && probe->unsafe && probe->unsafe->count == 0;
    gb_fact(&probe->facts, "root_path_unsafe",
            unknown ? gb_unknown(probe->unread) : gb_list_of(probe->unsafe));
    return code;
}

// --- /etc/shells

static void put_shells(struct probe *probe)
{
    static const char path[] = "/etc/shells";
    struct gb_collector *collector = probe->facts.collector;
    struct gb_str text, line;
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_NOT_FOUND)
        return;
    if (code) {
        gb_fact(&probe->facts, "shells", gb_unread(collector, path, code));
        return;
    }
    struct gb_list *shells = gb_list_new(collector->arena);
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        ptrdiff_t comment = gb_str_find_char(line, '#');
        line = gb_str_trim(comment < 0 ? line : gb_str_sub(line, 0, (size_t)comment));
        if (line.len)
            gb_fact_add_text(&probe->facts, shells, line, gb_str_of(path), number);
    }
    gb_fact(&probe->facts, "shells", gb_list_of(shells));
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char no_memory[] = "no memory for the shells' settings";
    struct gb_str kind = GB_STR("shell_environment");
    struct probe probe = {
        .facts = {.collector = collector},
        .settings = gb_shell_settings(collector->scratch),
        .roots = gb_shell_settings(collector->scratch),
        .unsafe = gb_list_new(collector->arena),
        .searched = gb_list_new(collector->arena),
    };
    if (!gb_host_exists(collector->host, "/etc/profile") &&
        !gb_host_exists(collector->host, "/etc/passwd")) {
        gb_collection_absent(collector->all, kind, GB_STR("nobody can log in here"));
        return GB_OK;
    }
    if (gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    const struct gb_passwd_entry *root = gb_accounts_uid(&probe.accounts, 0);
    probe.root_home = root && root->home.len ? root->home : GB_STR("/root");
    probe.paths = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    if (read_files(&probe))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    probe.facts.props = gb_collection_add(collector->all, kind, GB_STR(""));
    if (put_mask(&probe) || put_search_path(&probe))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    put_time_out(&probe);
    put_shells(&probe);
    return GB_OK;
}

static const char *const kinds[] = {"shell_environment", NULL};

const struct gb_source gb_source_shell_environment = {
    .name = "host/shell_environment",
    .title = "what logins get",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
