// login.defs(5): the parser, and the source of kind "login_defs". See login_defs.h.
#include "source/host/login_defs.h"

#include "source/host/facts.h"

const char gb_login_defs_path[] = "/etc/login.defs";

static struct gb_str strip_value(struct gb_str value)
{
    while (value.len && strchr(" \t\"", value.at[0]))
        value = gb_str_from(value, 1);
    ptrdiff_t quote = gb_str_find_char(value, '"');
    return gb_str_trim(quote < 0 ? value : gb_str_sub(value, 0, (size_t)quote));
}

int gb_login_defs_parse(struct gb_str text, struct gb_arena *arena, struct gb_login_defs *ret)
{
    *ret = (struct gb_login_defs){0};
    struct gb_str line, key;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        if (line.len == 0 || line.at[0] == '#' || !gb_str_next_word(&line, &key))
            continue;
        if (ret->count == ret->capacity) {
            size_t wider = ret->capacity ? ret->capacity * 2 : 64;
            struct gb_login_def *grown =
                gb_grow_array(arena, ret->items, ret->capacity, wider, sizeof *grown);
            if (!grown)
                return GB_E_MEMORY;
            ret->items = grown;
            ret->capacity = wider;
        }
        ret->items[ret->count++] =
            (struct gb_login_def){.key = key, .value = strip_value(line), .line = number};
    }
    return GB_OK;
}

int gb_login_defs_load(const struct gb_host *host, struct gb_arena *arena,
                       struct gb_login_defs *ret)
{
    struct gb_str text = {0};
    int code = gb_host_read(host, gb_login_defs_path, GB_CONFIG_MAX_BYTES, arena, &text, NULL);
    int parsed = gb_login_defs_parse(text, arena, ret);
    ret->code = code;
    return parsed;
}

const struct gb_login_def *gb_login_defs_get(const struct gb_login_defs *defs, const char *key)
{
    for (size_t i = defs->count; i-- > 0;)
        if (gb_str_is(defs->items[i].key, key))
            return &defs->items[i];
    return NULL;
}

bool gb_login_def_number(const struct gb_login_def *def, int64_t *ret)
{
    struct gb_str digits = def->value;
    bool negative = digits.len && digits.at[0] == '-';
    digits = gb_str_from(digits, negative ? 1 : 0);
    unsigned base = 10;
    if (gb_str_starts(digits, GB_STR("0x")) || gb_str_starts(digits, GB_STR("0X"))) {
        base = 16;
        digits = gb_str_from(digits, 2);
    } else if (digits.len > 1 && digits.at[0] == '0') {
        base = 8;
    }
    uint64_t value;
    if (gb_str_to_uint(digits, base, &value) || value > INT64_MAX)
        return false;
    *ret = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

int64_t gb_login_defs_number(const struct gb_login_defs *defs, const char *key, int64_t otherwise)
{
    const struct gb_login_def *def = gb_login_defs_get(defs, key);
    int64_t value;
    return def && gb_login_def_number(def, &value) ? value : otherwise;
}

// The source: one row a field.
enum form { NUMBER, TEXT, YES_NO };

static const struct {
    const char *key, *field;
    enum form form;
} fields[] = {
    {"PASS_MAX_DAYS", "pass_max_days", NUMBER},
    {"PASS_MIN_DAYS", "pass_min_days", NUMBER},
    {"PASS_WARN_AGE", "pass_warn_age", NUMBER},
    {"UID_MIN", "uid_min", NUMBER},
    {"UID_MAX", "uid_max", NUMBER},
    {"SYS_UID_MIN", "sys_uid_min", NUMBER},
    {"SYS_UID_MAX", "sys_uid_max", NUMBER},
    {"GID_MIN", "gid_min", NUMBER},
    {"GID_MAX", "gid_max", NUMBER},
    {"UMASK", "umask", TEXT},
    {"HOME_MODE", "home_mode", TEXT},
    {"ENCRYPT_METHOD", "encrypt_method", TEXT},
    {"MD5_CRYPT_ENAB", "md5_crypt_enab", YES_NO},
    {"SHA_CRYPT_MIN_ROUNDS", "sha_crypt_min_rounds", NUMBER},
    {"SHA_CRYPT_MAX_ROUNDS", "sha_crypt_max_rounds", NUMBER},
    {"YESCRYPT_COST_FACTOR", "yescrypt_cost_factor", NUMBER},
    {"ENV_PATH", "env_path", TEXT},
    {"ENV_SUPATH", "env_supath", TEXT},
    {"FAIL_DELAY", "fail_delay", NUMBER},
    {"LOGIN_RETRIES", "login_retries", NUMBER},
    {"LOGIN_TIMEOUT", "login_timeout", NUMBER},
    {"LOG_OK_LOGINS", "log_ok_logins", YES_NO},
    {"LOG_UNKFAIL_ENAB", "log_unkfail_enab", YES_NO},
    {"SYSLOG_SU_ENAB", "syslog_su_enab", YES_NO},
    {"SYSLOG_SG_ENAB", "syslog_sg_enab", YES_NO},
    {"SU_WHEEL_ONLY", "su_wheel_only", YES_NO},
    {"USERGROUPS_ENAB", "usergroups_enab", YES_NO},
    {"CREATE_HOME", "create_home", YES_NO},
};

static struct gb_value typed(const struct gb_facts *facts, const struct gb_login_def *def,
                             enum form form)
{
    if (form == TEXT)
        return gb_fact_text(facts, def->value);
    if (form == YES_NO)
        return gb_bool(gb_str_eq_nocase(def->value, GB_STR("yes")));
    int64_t number;
    if (gb_login_def_number(def, &number))
        return gb_int(number);
    return gb_unknown(gb_str_format(facts->collector->arena, "%s:%u: not a number",
                                    gb_login_defs_path, def->line));
}

static const char *const kinds[] = {"login_defs", NULL};

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_collection *all = collector->all;
    struct gb_str kind = GB_STR("login_defs");
    struct gb_login_defs defs;
    if (gb_login_defs_load(collector->host, collector->scratch, &defs))
        return gb_error_set(err, GB_E_MEMORY, "no memory for %s", gb_login_defs_path);
    if (defs.code == GB_E_NOT_FOUND) {
        gb_collection_absent(all, kind, GB_STR("/etc/login.defs does not exist"));
        return GB_OK;
    }
    if (defs.code) {
        gb_collection_gap(all, kind, gb_unread_reason(collector, gb_login_defs_path, defs.code));
        return GB_OK;
    }
    struct gb_facts facts = gb_facts(collector, gb_collection_add(all, kind, GB_STR("")));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct gb_login_def *def = gb_login_defs_get(&defs, fields[i].key);
        if (def)
            gb_fact(&facts, fields[i].field,
                    gb_fact_at(&facts, typed(&facts, def, fields[i].form),
                               gb_str_of(gb_login_defs_path), def->line));
    }
    return GB_OK;
}

const struct gb_source gb_source_login_defs = {
    .name = "host/login_defs",
    .title = "settings of the shadow tools",
    .kinds = kinds,
    .order = 10,
    .collect = collect,
};
