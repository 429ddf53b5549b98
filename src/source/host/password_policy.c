// The rules that hold for passwords (kind "password_policy"): what PAM does when a password is set
// and when one is wrong, with pwquality.conf, faillock.conf, pwhistory.conf and login.defs behind
// the arguments of the modules.
#include "source/host/facts.h"
#include "source/host/login_defs.h"
#include "source/host/pam_judge.h"

enum { MOST_DROP_INS = 256 };

// "name = value" files of /etc/security: a later line replaces an earlier one.
struct setting {
    struct gb_str name, value, file;
    uint32_t line;
};

struct settings {
    struct gb_arena *arena;
    struct setting *items;
    size_t count, capacity;
    int code; // the first failure but "does not exist"
    struct gb_str unread;
};

struct probe {
    struct gb_facts facts;
    struct gb_pam_stack password, auth;
    struct gb_login_defs defs;
};

static int read_settings(struct settings *settings, const struct gb_host *host, const char *path)
{
    struct gb_str text, line;
    int code = gb_host_read(host, path, GB_CONFIG_MAX_BYTES, settings->arena, &text, NULL);
    if (code == GB_E_MEMORY || code == GB_E_NOT_FOUND)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code && !settings->code) {
        settings->code = code;
        settings->unread = gb_str_of(path);
    }
    if (code)
        return GB_OK;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        ptrdiff_t comment = gb_str_find_char(line, '#');
        line = gb_str_trim(comment < 0 ? line : gb_str_sub(line, 0, (size_t)comment));
        if (line.len == 0)
            continue;
        if (settings->count == settings->capacity) {
            size_t wider = settings->capacity ? settings->capacity * 2 : 16;
            struct setting *grown = gb_grow_array(settings->arena, settings->items,
                                                  settings->capacity, wider, sizeof *grown);
            if (!grown)
                return GB_E_MEMORY;
            settings->items = grown;
            settings->capacity = wider;
        }
        ptrdiff_t equals = gb_str_find_char(line, '=');
        settings->items[settings->count++] = (struct setting){
            .name = gb_str_trim(equals < 0 ? line : gb_str_sub(line, 0, (size_t)equals)),
            .value = equals < 0 ? GB_STR("") : gb_str_trim(gb_str_from(line, (size_t)equals + 1)),
            .file = gb_str_of(path),
            .line = number,
        };
    }
    return GB_OK;
}

// The drop-ins come first: the main file has the last word (pwquality.conf(5)).
static int read_quality(struct settings *settings, const struct gb_host *host)
{
    static const char directory[] = "/etc/security/pwquality.conf.d";
    struct gb_dir_entry *entries;
    size_t count;
    int code = GB_OK;
    if (!gb_host_list(host, directory, MOST_DROP_INS, settings->arena, &entries, &count, NULL))
        for (size_t i = 0; i < count && !code; i++)
            if (gb_str_ends(entries[i].name, GB_STR(".conf"))) {
                struct gb_str path = gb_str_format(settings->arena, "%s/" GB_PRI, directory,
                                                   GB_ARG(entries[i].name));
                code = path.at ? read_settings(settings, host, path.at) : GB_E_MEMORY;
            }
    return code ? code : read_settings(settings, host, "/etc/security/pwquality.conf");
}

static const struct setting *find_setting(const struct settings *settings, const char *name)
{
    for (size_t i = settings->count; i-- > 0;)
        if (gb_str_is(settings->items[i].name, name))
            return &settings->items[i];
    return NULL;
}

// A setting of a module: its argument, else the file, else the preset.
struct found {
    bool set;
    struct gb_str value; // "" for a flag
    struct gb_str file;
    uint32_t line;
};

static struct found find(const struct gb_pam_rule *rule, const struct settings *settings,
                         const char *name)
{
    struct found found = {.file = rule->file, .line = rule->line};
    found.set = gb_pam_value(rule, name, &found.value) || gb_pam_has(rule, name);
    if (found.set)
        return found;
    const struct setting *setting = settings ? find_setting(settings, name) : NULL;
    if (setting)
        found = (struct found){true, setting->value, setting->file, setting->line};
    return found;
}

static void put_number(struct probe *probe, const char *field, struct found found, int64_t preset)
{
    int64_t number = preset;
    struct gb_value value;
    if (!found.set || gb_str_to_int(found.value, &number) == GB_OK)
        value = gb_int(number);
    else
        value = gb_unknown(gb_str_format(probe->facts.collector->arena, GB_PRI ":%u: not a number",
                                         GB_ARG(found.file), found.line));
    gb_fact(&probe->facts, field, gb_fact_at(&probe->facts, value, found.file, found.line));
}

static void put_flag(struct probe *probe, const char *field, struct found found)
{
    gb_fact(&probe->facts, field,
            gb_fact_at(&probe->facts, gb_bool(found.set), found.file, found.line));
}

// "dictcheck = 0" and the like.
static void put_switch(struct probe *probe, const char *field, struct found found)
{
    bool on = !found.set || !gb_str_is(found.value, "0");
    gb_fact(&probe->facts, field, gb_fact_at(&probe->facts, gb_bool(on), found.file, found.line));
}

// --- The hash

static struct gb_str hash_of_arguments(const struct gb_pam_rule *rule)
{
    static const char *const hashes[] = {"yescrypt", "gost_yescrypt", "blowfish", "sha512",
                                         "sha256",   "md5",           "bigcrypt"};
    for (size_t i = rule->argument_count; i-- > 0;)
        for (size_t n = 0; n < sizeof hashes / sizeof hashes[0]; n++)
            if (gb_str_is(rule->arguments[i], hashes[n]))
                return gb_str_of(hashes[n]);
    return (struct gb_str){0};
}

// Without an argument pam_unix asks login.defs, and falls back to DES.
static struct gb_value hash_of_login_defs(struct probe *probe, const struct gb_pam_rule *rule)
{
    struct gb_facts *facts = &probe->facts;
    const struct gb_login_def *method = gb_login_defs_get(&probe->defs, "ENCRYPT_METHOD");
    const struct gb_login_def *md5 = gb_login_defs_get(&probe->defs, "MD5_CRYPT_ENAB");
    struct gb_str path = gb_str_of(gb_login_defs_path);
    if (probe->defs.code && probe->defs.code != GB_E_NOT_FOUND)
        return gb_unread(facts->collector, gb_login_defs_path, probe->defs.code);
    if (method) {
        struct gb_str name = gb_str_lower(facts->collector->arena, method->value);
        return gb_fact_at(facts, gb_fact_text(facts, name), path, method->line);
    }
    if (md5 && gb_str_eq_nocase(md5->value, GB_STR("yes")))
        return gb_fact_at(facts, gb_string(GB_STR("md5")), path, md5->line);
    return gb_fact_at(facts, gb_string(GB_STR("des")), rule->file, rule->line);
}

// Rounds count for the SHA hashes alone; yescrypt and bcrypt have a cost.
static void put_rounds(struct probe *probe, const struct gb_pam_rule *rule, struct gb_str hash)
{
    struct gb_facts *facts = &probe->facts;
    bool sha = gb_str_is(hash, "sha512") || gb_str_is(hash, "sha256");
    struct gb_str text;
    int64_t rounds;
    if (gb_pam_value(rule, "rounds", &text)) {
        if (gb_str_to_int(text, &rounds) == GB_OK)
            gb_fact(facts, sha ? "hash_rounds" : "hash_cost",
                    gb_fact_at(facts, gb_int(rounds), rule->file, rule->line));
        return;
    }
    const struct gb_login_def *def =
        gb_login_defs_get(&probe->defs, sha ? "SHA_CRYPT_MAX_ROUNDS" : "YESCRYPT_COST_FACTOR");
    if (sha && def && gb_login_def_number(def, &rounds))
        gb_fact(facts, "hash_rounds",
                gb_fact_at(facts, gb_int(rounds), gb_str_of(gb_login_defs_path), def->line));
    else if (sha) // the default of crypt(3)
        gb_fact(facts, "hash_rounds", gb_fact_at(facts, gb_int(5000), rule->file, rule->line));
}

static void put_hash(struct probe *probe)
{
    struct gb_facts *facts = &probe->facts;
    const struct gb_pam_rule *rule = gb_pam_last(&probe->password, GB_PAM_PASSWORD, "pam_unix");
    if (!rule) {
        gb_fact(facts, "hash", gb_not_applicable(GB_STR("passwords are not set through pam_unix")));
        return;
    }
    struct gb_str hash = hash_of_arguments(rule);
    struct gb_value value = hash.len ? gb_fact_at(facts, gb_string(hash), rule->file, rule->line)
                                     : hash_of_login_defs(probe, rule);
    gb_fact(facts, "hash", value);
    if (value.kind == GB_VALUE_STRING)
        put_rounds(probe, rule, value.string);
}

// --- Quality of new passwords

static const struct gb_pam_rule *quality_rule(const struct gb_pam_stack *stack)
{
    static const char *const modules[] = {"pam_pwquality", "pam_cracklib", "pam_passwdqc"};
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        const struct gb_pam_rule *rule = gb_pam_last(stack, GB_PAM_PASSWORD, modules[i]);
        if (rule)
            return rule;
    }
    return NULL;
}

// passwdqc's "min=disabled,24,11,8,7": the shortest password of any kind that it takes.
static void put_passwdqc_length(struct probe *probe, const struct gb_pam_rule *rule)
{
    struct gb_str list = GB_STR("disabled,24,11,8,7"), item;
    int64_t shortest = INT64_MAX, length;
    gb_pam_value(rule, "min", &list);
    while (gb_str_next(&list, ',', &item))
        if (gb_str_to_int(item, &length) == GB_OK && length < shortest)
            shortest = length;
    if (shortest < INT64_MAX)
        gb_fact(&probe->facts, "min_length",
                gb_fact_at(&probe->facts, gb_int(shortest), rule->file, rule->line));
}

static void put_quality_settings(struct probe *probe, const struct gb_pam_rule *rule,
                                 const struct settings *settings, int64_t min_length)
{
    put_number(probe, "min_length", find(rule, settings, "minlen"), min_length);
    put_number(probe, "min_classes", find(rule, settings, "minclass"), 0);
    put_number(probe, "different_characters", find(rule, settings, "difok"), 1);
    put_number(probe, "max_repeat", find(rule, settings, "maxrepeat"), 0);
    put_number(probe, "max_sequence", find(rule, settings, "maxsequence"), 0);
    put_switch(probe, "dictionary_check", find(rule, settings, "dictcheck"));
    put_switch(probe, "user_name_check", find(rule, settings, "usercheck"));
    put_flag(probe, "quality_for_root", find(rule, settings, "enforce_for_root"));
}

// Does pam_unix take the password that was checked, or ask for one of its own?
static void put_authtok(struct probe *probe)
{
    const struct gb_pam_rule *rule = gb_pam_last(&probe->password, GB_PAM_PASSWORD, "pam_unix");
    if (rule)
        gb_fact(&probe->facts, "takes_checked_password",
                gb_fact_at(
                    &probe->facts,
                    gb_bool(gb_pam_has(rule, "use_authtok") || gb_pam_has(rule, "use_first_pass")),
                    rule->file, rule->line));
}

static int put_quality(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    const struct gb_pam_rule *rule = quality_rule(&probe->password);
    const struct gb_pam_rule *unix_rule =
        gb_pam_last(&probe->password, GB_PAM_PASSWORD, "pam_unix");
    if (!rule) {
        gb_fact(&probe->facts, "quality_enforced", gb_bool(false));
        if (unix_rule) // Debian's "obscure" has a length of its own
            put_number(probe, "min_length", find(unix_rule, NULL, "minlen"), 6);
        return GB_OK;
    }
    struct gb_str module = gb_pam_module(rule);
    struct settings settings = {.arena = collector->scratch};
    bool pwquality = gb_str_is(module, "pam_pwquality");
    if (pwquality && read_quality(&settings, collector->host))
        return GB_E_MEMORY;
    gb_fact(&probe->facts, "quality_module",
            gb_fact_at(&probe->facts, gb_fact_text(&probe->facts, module), rule->file, rule->line));
    struct found enforcing = find(rule, pwquality ? &settings : NULL, "enforcing");
    const char *name = pwquality                           ? "pam_pwquality"
                       : gb_str_is(module, "pam_cracklib") ? "pam_cracklib"
                                                           : "pam_passwdqc";
    bool off = enforcing.set && gb_str_is(enforcing.value, "0");
    bool enforced = !off && gb_pam_enforces(&probe->password, GB_PAM_PASSWORD, name);
    gb_fact(&probe->facts, "quality_enforced",
            gb_fact_at(&probe->facts, gb_bool(enforced), off ? enforcing.file : rule->file,
                       off ? enforcing.line : rule->line));
    put_authtok(probe);
    if (settings.code)
        gb_fact(&probe->facts, "min_length",
                gb_unread(collector, settings.unread.at, settings.code));
    else if (gb_str_is(module, "pam_passwdqc"))
        put_passwdqc_length(probe, rule);
    else
        put_quality_settings(probe, rule, pwquality ? &settings : NULL, pwquality ? 8 : 9);
    return GB_OK;
}

// --- Old passwords, wrong passwords, empty passwords

static int put_history(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    const struct gb_pam_rule *rule =
        gb_pam_last(&probe->password, GB_PAM_PASSWORD, "pam_pwhistory");
    struct settings settings = {.arena = collector->scratch};
    int64_t preset = 10;
    if (rule && read_settings(&settings, collector->host, "/etc/security/pwhistory.conf"))
        return GB_E_MEMORY;
    if (!rule) {
        rule = gb_pam_last(&probe->password, GB_PAM_PASSWORD, "pam_unix");
        preset = 0;
    }
    if (rule)
        put_number(probe, "remembered", find(rule, preset ? &settings : NULL, "remember"), preset);
    else
        gb_fact(&probe->facts, "remembered", gb_int(0));
    return GB_OK;
}

static int put_lockout(struct probe *probe)
{
    struct gb_collector *collector = probe->facts.collector;
    struct gb_facts *facts = &probe->facts;
    struct gb_pam_lockout lockout;
    if (gb_pam_judge_lockout(&probe->auth, collector->scratch, &lockout))
        return GB_E_MEMORY;
    const struct gb_pam_rule *rule = lockout.rule;
    if (!rule) {
        gb_fact(facts, "lockout", gb_bool(false));
        return GB_OK;
    }
    struct settings settings = {.arena = collector->scratch};
    struct gb_str module = gb_pam_module(rule);
    bool faillock = gb_str_is(module, "pam_faillock");
    struct gb_str conf = GB_STR("/etc/security/faillock.conf");
    gb_pam_value(rule, "conf", &conf);
    char *path = gb_str_c(collector->scratch, conf);
    if (!path || (faillock && read_settings(&settings, collector->host, path)))
        return GB_E_MEMORY;
    gb_fact(facts, "lockout",
            gb_fact_at(facts, gb_bool(lockout.effective), rule->file, rule->line));
    gb_fact(facts, "lockout_module",
            gb_fact_at(facts, gb_fact_text(facts, module), rule->file, rule->line));
    if (lockout.why)
        gb_fact(facts, "lockout_defect",
                gb_fact_at(facts, gb_string(gb_str_of(lockout.why)), rule->file, rule->line));
    if (settings.code) {
        struct gb_value unread = gb_unread(collector, settings.unread.at, settings.code);
        gb_fact(facts, "lockout_after", unread);
        gb_fact(facts, "lockout_seconds", unread);
        return GB_OK;
    }
    struct found unlock = find(rule, faillock ? &settings : NULL, "unlock_time");
    if (unlock.set && gb_str_is(unlock.value, "never"))
        unlock.value = GB_STR("0");
    put_number(probe, "lockout_after", find(rule, faillock ? &settings : NULL, "deny"),
               faillock ? 3 : 0);
    put_number(probe, "lockout_seconds", unlock, faillock ? 600 : 0);
    put_flag(probe, "lockout_of_root", find(rule, faillock ? &settings : NULL, "even_deny_root"));
    return GB_OK;
}

// --- Are passwords in use at all?

static struct gb_value passwords_in_use(struct gb_collector *collector)
{
    const struct gb_kind_state *users = gb_collection_kind(collector->all, GB_STR("user"));
    const struct gb_resource *database =
        gb_collection_find(collector->all, GB_STR("account_database"));
    const struct gb_value *remote =
        database ? gb_map_find(database->props, GB_STR("remote_services")) : NULL;
    if (remote && remote->kind == GB_VALUE_LIST && remote->list->count)
        return gb_at(gb_bool(true), remote->list->items[0].origin);
    if (users->presence != GB_PRESENT)
        return gb_unknown(users->reason.len ? users->reason : GB_STR("the accounts are not known"));
    struct gb_value answer = gb_bool(false);
    for (size_t i = 0; i < users->count; i++) {
        const struct gb_value *password =
            gb_map_find(users->resources[i]->props, GB_STR("password"));
        if (!password || password->kind == GB_VALUE_UNKNOWN)
            answer = password ? *password : gb_unknown(GB_STR("the accounts are not known"));
        else if (gb_str_is(gb_value_str_or(password, GB_STR("")), "hash") ||
                 gb_str_is(gb_value_str_or(password, GB_STR("")), "empty"))
            return gb_at(gb_bool(true), password->origin);
    }
    return answer;
}

// The first of the services that there is; its name in *ret.
static int load_first(struct gb_pam_files *files, const char *const *services,
                      struct gb_arena *arena, struct gb_pam_stack *ret, const char **name)
{
    *name = NULL;
    for (; *services; services++) {
        if (gb_pam_load(files, gb_str_of(*services), arena, ret))
            return GB_E_MEMORY;
        *name = *services;
        if (ret->code != GB_E_NOT_FOUND)
            break;
    }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char *const password_services[] = {"passwd", "common-password", "system-auth",
                                                    "other", NULL};
    static const char *const auth_services[] = {"login", "common-auth", "system-auth", "other",
                                                NULL};
    static const char no_memory[] = "no memory for the rules of passwords";
    struct gb_str kind = GB_STR("password_policy");
    struct probe probe = {.facts = {.collector = collector}};
    struct gb_pam_files files = gb_pam_files(collector->host, collector->scratch);
    const char *password_service, *auth_service;
    if (load_first(&files, password_services, collector->scratch, &probe.password,
                   &password_service) ||
        load_first(&files, auth_services, collector->scratch, &probe.auth, &auth_service) ||
        gb_login_defs_load(collector->host, collector->scratch, &probe.defs))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    int code = probe.password.code ? probe.password.code : probe.auth.code;
    if (code == GB_E_NOT_FOUND) {
        gb_collection_absent(collector->all, kind, GB_STR("PAM is not configured"));
        return GB_OK;
    }
    if (code) {
        gb_collection_gap(collector->all, kind, gb_unread_reason(collector, "/etc/pam.d", code));
        return GB_OK;
    }
    probe.facts.props = gb_collection_add(collector->all, kind, GB_STR(""));
    gb_fact(&probe.facts, "password_service", gb_string(gb_str_of(password_service)));
    gb_fact(&probe.facts, "auth_service", gb_string(gb_str_of(auth_service)));
    gb_fact(&probe.facts, "passwords_in_use", passwords_in_use(collector));
    put_hash(&probe);
    if (put_quality(&probe) || put_history(&probe) || put_lockout(&probe))
        return gb_error_set(err, GB_E_MEMORY, no_memory);
    return GB_OK;
}

static const char *const kinds[] = {"password_policy", NULL};

const struct gb_source gb_source_password_policy = {
    .name = "host/password_policy",
    .title = "rules of passwords",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
