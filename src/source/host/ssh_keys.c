// SSH keys of the accounts of this host (kinds "authorized_key", "private_key", "ssh_keys"), and
// who could log in as whom with them. Runs after the accounts and the SSH server, whose facts it
// joins.
#include "base/buffer.h"
#include "base/time.h"
#include "source/facts.h"
#include "source/host/authorized_keys.h"
#include "source/host/path_trust.h"

#include <stdio.h>

enum {
    MAX_KEY_FILE_BYTES = 4 << 20,
    MAX_PRIVATE_BYTES = 64 << 10,
    MAX_ENTRIES = 1024, // of one .ssh directory
    MAX_PATTERNS = 16,
};

static const char *const kinds[] = {"authorized_key", "private_key", "ssh_keys", NULL};

struct account {
    struct gb_str name, home;
    int64_t uid;
    bool can_log_in;
};

struct probe {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct account *users;
    size_t user_count;
    struct gb_str patterns[MAX_PATTERNS];
    size_t pattern_count;
    struct gb_list *files, *refused, *known_hosts;
    struct gb_map users_of_key; // fingerprint -> struct gb_list of names
    struct gb_list *fingerprints;
    struct gb_map homes_seen;
};

static struct gb_str text_fact(const struct gb_resource *resource, const char *name)
{
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(name)), GB_STR(""));
}

static int take_users(struct probe *probe)
{
    const struct gb_kind_state *users = gb_collection_kind(probe->collector->all, GB_STR("user"));
    probe->users =
        gb_alloc_array(probe->collector->scratch, users->count + 1, sizeof *probe->users);
    if (!probe->users)
        return GB_E_MEMORY;
    for (size_t i = 0; i < users->count; i++) {
        const struct gb_resource *user = users->resources[i];
        const struct gb_value *uid = gb_map_find(user->props, GB_STR("uid"));
        const struct gb_value *log_in = gb_map_find(user->props, GB_STR("can_log_in"));
        struct gb_str home = text_fact(user, "home");
        if (!gb_str_is(text_fact(user, "home_state"), "directory") || !uid ||
            uid->kind != GB_VALUE_INT)
            continue;
        probe->users[probe->user_count++] = (struct account){
            .name = text_fact(user, "name"),
            .home = home,
            .uid = uid->integer,
            .can_log_in = log_in && log_in->kind == GB_VALUE_BOOL && log_in->boolean};
    }
    return GB_OK;
}

// ---- where the server looks -------------------------------------------------------------------

static void add_pattern(struct probe *probe, struct gb_str pattern)
{
    for (size_t i = 0; i < probe->pattern_count; i++)
        if (gb_str_eq(probe->patterns[i], pattern))
            return;
    if (probe->pattern_count < MAX_PATTERNS && !gb_str_is(pattern, "none"))
        probe->patterns[probe->pattern_count++] = pattern;
}

// For everybody, and inside Match blocks. False when it cannot be known.
static bool take_patterns(struct probe *probe, const struct gb_resource *sshd)
{
    const struct gb_value *files = gb_map_find(sshd->props, GB_STR("authorized_keys_files"));
    if (!files || files->kind != GB_VALUE_LIST)
        return false;
    for (size_t i = 0; i < files->list->count; i++)
        add_pattern(probe, gb_value_str_or(&files->list->items[i], GB_STR("none")));
    const struct gb_value *blocks = gb_map_find(sshd->props, GB_STR("match_blocks"));
    for (size_t b = 0; blocks && blocks->kind == GB_VALUE_LIST && b < blocks->list->count; b++) {
        const struct gb_value *settings = gb_value_get(&blocks->list->items[b], "settings");
        for (size_t i = 0; settings && settings->kind == GB_VALUE_LIST && i < settings->list->count;
             i++) {
            struct gb_str text = gb_value_str_or(&settings->list->items[i], GB_STR("")), word;
            if (!gb_str_next_word(&text, &word) || !gb_str_is(word, "AuthorizedKeysFile"))
                continue;
            while (gb_str_next_word(&text, &word))
                add_pattern(probe, word);
        }
    }
    return true;
}

// %h home, %u name, %U number, %% itself; what is relative is below the home directory.
static struct gb_str expand(struct probe *probe, struct gb_str pattern, const struct account *user)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(4096);
    if (pattern.at[0] != '/' && !gb_str_starts(pattern, GB_STR("%h"))) {
        gb_buffer_add(&out, user->home);
        gb_buffer_char(&out, '/');
    }
    for (size_t i = 0; i < pattern.len; i++) {
        char next = pattern.at[i] == '%' && i + 1 < pattern.len ? pattern.at[i + 1] : 0;
        if (next == 'h')
            gb_buffer_add(&out, user->home);
        else if (next == 'u')
            gb_buffer_add(&out, user->name);
        else if (next == 'U')
            gb_buffer_print(&out, "%lld", (long long)user->uid);
        else
            gb_buffer_char(&out, pattern.at[i]);
        i += next == 'h' || next == 'u' || next == 'U' || next == '%';
    }
    return out.failed ? GB_STR("") : gb_str_copy(probe->collector->arena, gb_buffer_str(&out));
}

// ---- authorized keys --------------------------------------------------------------------------

static struct gb_value expiry(struct gb_str text)
{
    // YYYYMMDD[HHMM[SS]][Z]; without Z it is local time, which is taken as UTC
    uint64_t date, time = 0;
    bool utc = gb_str_ends(text, GB_STR("Z"));
    if (utc)
        text.len--;
    if (text.len < 8 || gb_str_to_uint(gb_str_sub(text, 0, 8), 10, &date) < 0)
        return gb_null();
    struct gb_str rest = gb_str_from(text, 8);
    if (rest.len && gb_str_to_uint(rest, 10, &time) < 0)
        return gb_null();
    if (rest.len == 4)
        time *= 100;
    struct gb_civil civil = {.year = (int32_t)(date / 10000),
                             .month = (uint8_t)(date / 100 % 100),
                             .day = (uint8_t)(date % 100),
                             .hour = (uint8_t)(time / 10000 % 100),
                             .minute = (uint8_t)(time / 100 % 100),
                             .second = (uint8_t)(time % 100)};
    int64_t seconds;
    return gb_time_from_civil(&civil, &seconds) == GB_OK ? gb_timestamp(seconds, 0) : gb_null();
}

static void remember_user(struct probe *probe, struct gb_str fingerprint, struct gb_str user)
{
    struct gb_arena *arena = probe->collector->arena;
    struct gb_list *users = gb_map_get(&probe->users_of_key, fingerprint);
    if (!users) {
        users = gb_list_new(arena);
        if (!users || gb_map_set(&probe->users_of_key, fingerprint, users))
            return;
        gb_list_add(arena, probe->fingerprints, gb_string(fingerprint));
    }
    for (size_t i = 0; i < users->count; i++)
        if (gb_str_eq(users->items[i].string, user))
            return;
    gb_list_add(arena, users, gb_string(user));
}

static void put_key(struct probe *probe, const struct account *user, struct gb_str path,
                    const struct gb_authorized_key *key)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_str_format(collector->arena, GB_PRI " " GB_PRI ":%u",
                                       GB_ARG(user->name), GB_ARG(path), key->line);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("authorized_key"),
                                              gb_string_clean(collector->arena, name).string));
#define AT(value) gb_fact_at(&facts, value, path, key->line)
    struct gb_list *options = gb_list_new(collector->arena);
    for (size_t i = 0; i < key->option_count; i++)
        gb_fact_add_text(&facts, options, key->options[i], GB_STR(""), 0);
    gb_fact(&facts, "user", AT(gb_string(user->name)));
    gb_fact(&facts, "uid", gb_int(user->uid));
    gb_fact(&facts, "user_can_log_in", gb_bool(user->can_log_in));
    gb_fact(&facts, "file", AT(gb_fact_text(&facts, path)));
    gb_fact(&facts, "line", gb_int(key->line));
    gb_fact(&facts, "type", AT(gb_fact_text(&facts, key->key.type)));
    gb_fact(&facts, "bits", AT(gb_int(key->key.bits)));
    gb_fact(&facts, "fingerprint", AT(gb_fact_text(&facts, key->key.fingerprint)));
    gb_fact(&facts, "comment", AT(gb_fact_text(&facts, key->comment)));
    gb_fact(&facts, "weak", AT(gb_fact_text(&facts, key->key.weak)));
    gb_fact(&facts, "certificate", gb_bool(key->key.certificate));
    gb_fact(&facts, "hardware", gb_bool(key->key.hardware));
    gb_fact(&facts, "options", AT(gb_list_of(options)));
    gb_fact(&facts, "from", AT(gb_fact_text(&facts, key->from)));
    gb_fact(&facts, "forced_command", AT(gb_bool(key->forced_command)));
    gb_fact(&facts, "authority", AT(gb_bool(key->authority)));
    gb_fact(&facts, "principals", AT(gb_fact_text(&facts, key->principals)));
    gb_fact(&facts, "environment", AT(gb_bool(key->environment)));
    struct gb_value expires = key->expires.len ? expiry(key->expires) : gb_null();
    if (expires.kind == GB_VALUE_TIMESTAMP)
        gb_fact(&facts, "expires_at", AT(expires));
    gb_fact(&facts, "pty", AT(gb_bool(key->pty)));
    gb_fact(&facts, "port_forwarding", AT(gb_bool(key->port_forwarding)));
    gb_fact(&facts, "agent_forwarding", AT(gb_bool(key->agent_forwarding)));
    gb_fact(&facts, "x11_forwarding", AT(gb_bool(key->x11_forwarding)));
    gb_fact(&facts, "old_file", gb_bool(gb_str_ends(path, GB_STR("authorized_keys2"))));
#undef AT
    if (!key->authority)
        remember_user(probe, key->key.fingerprint, user->name);
}

static void put_key_file(struct probe *probe, const struct account *user, struct gb_str path,
                         size_t keys)
{
    struct gb_collector *collector = probe->collector;
    struct gb_file_info info = {0}, link = {0};
    struct gb_path_trust trust;
    if (gb_host_stat(collector->host, path.at, true, &info, NULL) < 0 ||
        gb_host_stat(collector->host, path.at, false, &link, NULL) < 0 ||
        gb_path_trust(&probe->judge, path, (uint32_t)user->uid, &trust) < 0)
        return;
    struct gb_facts record = gb_facts_record(collector);
    gb_fact(&record, "path", gb_fact_text(&record, path));
    gb_fact(&record, "user", gb_string(user->name));
    gb_fact(&record, "keys", gb_int((int64_t)keys));
    gb_fact(
        &record, "owner",
        gb_fact_text(&record, gb_accounts_owner(&probe->accounts, info.uid, collector->scratch)));
    gb_fact(&record, "mode",
            gb_fact_text(&record, gb_str_format(collector->scratch, "%04o", info.mode)));
    gb_fact(&record, "changeable_by", gb_fact_text(&record, trust.who));
    gb_fact(&record, "weak", gb_fact_text(&record, trust.weak));
    gb_fact(&record, "is_link", gb_bool(link.type == GB_FILE_LINK));
    gb_list_add(collector->arena, probe->files,
                gb_fact_at(&record, gb_map_of(record.props), path, 0));
}

static void unread(struct probe *probe, const char *kind, const char *path, int code)
{
    struct gb_str reason = gb_unread_reason(probe->collector, path, code);
    gb_collection_gap(probe->collector->all, gb_str_of(kind), reason);
}

static int read_key_file(struct probe *probe, const struct account *user, struct gb_str path)
{
    struct gb_collector *collector = probe->collector;
    struct gb_authorized_keys keys;
    struct gb_str text;
    int code =
        gb_host_read(collector->host, path.at, MAX_KEY_FILE_BYTES, collector->arena, &text, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code) {
        unread(probe, "authorized_key", path.at, code);
        return GB_OK;
    }
    if (gb_authorized_keys_parse(collector->arena, text, &keys))
        return GB_E_MEMORY;
    size_t valid = 0;
    struct gb_facts facts = gb_facts(collector, NULL);
    for (size_t i = 0; i < keys.count; i++) {
        const struct gb_authorized_key *key = &keys.items[i];
        if (key->problem.len) {
            struct gb_str line = gb_str_format(collector->scratch, GB_PRI " (account " GB_PRI ")",
                                               GB_ARG(key->problem), GB_ARG(user->name));
            gb_fact_add_text(&facts, probe->refused, line, path, key->line);
            continue;
        }
        valid++;
        put_key(probe, user, path, key);
    }
    if (keys.truncated)
        unread(probe, "authorized_key", path.at, GB_E_LIMIT);
    put_key_file(probe, user, path, valid);
    return GB_OK;
}

// ---- private keys -----------------------------------------------------------------------------

static bool others_can_read(const struct probe *probe, const struct gb_file_info *info)
{
    if (info->mode & 04)
        return true;
    return (info->mode & 040) &&
           gb_accounts_group_has_others(&probe->accounts, info->gid, info->uid);
}

// The .pub file beside a key that does not tell its public part.
static void take_public_file(struct probe *probe, struct gb_str path, struct gb_ssh_private *key)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_str_format(collector->scratch, GB_PRI ".pub", GB_ARG(path)), text;
    if (name.at && gb_host_read(collector->host, name.at, MAX_PRIVATE_BYTES, collector->scratch,
                                &text, NULL) == GB_OK)
        key->known = gb_ssh_key_public(collector->arena, text, &key->key, NULL) == GB_OK;
}

static void put_private_key(struct probe *probe, const struct account *user, struct gb_str path,
                            const struct gb_file_info *info, const struct gb_ssh_private *key)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str name = gb_string_clean(collector->arena, path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("private_key"), name));
#define AT(value) gb_fact_at(&facts, value, path, 0)
    gb_fact(&facts, "path", AT(gb_string(name)));
    gb_fact(&facts, "user", gb_string(user->name));
    gb_fact(&facts, "format", gb_string(gb_str_of(gb_ssh_private_format_name(key->format))));
    gb_fact(&facts, "encrypted", AT(gb_bool(key->encrypted)));
    if (key->key.type.len)
        gb_fact(&facts, "type", AT(gb_fact_text(&facts, key->key.type)));
    if (key->known) {
        gb_fact(&facts, "bits", AT(gb_int(key->key.bits)));
        gb_fact(&facts, "fingerprint", AT(gb_fact_text(&facts, key->key.fingerprint)));
        gb_fact(&facts, "weak", AT(gb_fact_text(&facts, key->key.weak)));
        gb_fact(&facts, "hardware", AT(gb_bool(key->key.hardware)));
    }
    gb_fact(
        &facts, "owner",
        gb_fact_text(&facts, gb_accounts_owner(&probe->accounts, info->uid, collector->scratch)));
    gb_fact(&facts, "mode",
            AT(gb_fact_text(&facts, gb_str_format(collector->scratch, "%04o", info->mode))));
    gb_fact(&facts, "readable_by_others", AT(gb_bool(others_can_read(probe, info))));
    struct gb_list *opened =
        key->known ? gb_map_get(&probe->users_of_key, key->key.fingerprint) : NULL;
    gb_fact(&facts, "logs_in_as", AT(gb_list_of(opened ? opened : gb_list_new(collector->arena))));
#undef AT
    for (size_t i = 0; opened && i < opened->count; i++)
        gb_collection_relate(
            collector->all, gb_str_format(collector->arena, "private_key:" GB_PRI, GB_ARG(name)),
            GB_STR("can_login_as"),
            gb_str_format(collector->arena, "user:" GB_PRI, GB_ARG(opened->items[i].string)));
}

static int look_at_file(struct probe *probe, const struct account *user, struct gb_str path)
{
    struct gb_collector *collector = probe->collector;
    struct gb_ssh_private key;
    struct gb_file_info info;
    struct gb_str text;
    if (gb_host_stat(collector->host, path.at, true, &info, NULL) < 0 ||
        info.type != GB_FILE_REGULAR || info.size > MAX_PRIVATE_BYTES)
        return GB_OK;
    int code =
        gb_host_read(collector->host, path.at, MAX_PRIVATE_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code == GB_E_DENIED)
        unread(probe, "private_key", path.at, code);
    if (code)
        return GB_OK;
    code = gb_ssh_private_look(collector->arena, text, &key);
    if (!code && key.format != GB_SSH_NO_PRIVATE_KEY) {
        gb_ssh_wipe(text);
        if (!key.known)
            take_public_file(probe, path, &key);
        put_private_key(probe, user, path, &info, &key);
    }
    return code;
}

static void count_known_hosts(struct probe *probe, struct gb_str user, const char *path)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str text, line;
    int64_t entries = 0, hashed = 0;
    if (gb_host_read(collector->host, path, MAX_KEY_FILE_BYTES, collector->scratch, &text, NULL) <
        0)
        return;
    while (gb_str_next(&text, '\n', &line)) {
        line = gb_str_trim(line);
        if (!line.len || line.at[0] == '#')
            continue;
        entries++;
        hashed += gb_str_starts(line, GB_STR("|1|"));
    }
    struct gb_facts record = gb_facts_record(collector);
    struct gb_str where = gb_str_of(path);
    gb_fact(&record, "path", gb_fact_text(&record, where));
    gb_fact(&record, "user", gb_string(user));
    gb_fact(&record, "entries", gb_int(entries));
    gb_fact(&record, "hashed", gb_int(hashed));
    gb_list_add(collector->arena, probe->known_hosts,
                gb_fact_at(&record, gb_map_of(record.props), where, 0));
}

static int look_into_home(struct probe *probe, const struct account *user)
{
    struct gb_collector *collector = probe->collector;
    struct gb_str directory =
        gb_str_format(collector->arena, GB_PRI "/.ssh",
                      GB_ARG(gb_str_is(user->home, "/") ? GB_STR("") : user->home));
    struct gb_dir_entry *entries;
    size_t count;
    if (!directory.at)
        return GB_E_MEMORY;
    if (gb_map_get(&probe->homes_seen, directory))
        return GB_OK;
    if (gb_map_set(&probe->homes_seen, directory, probe))
        return GB_E_MEMORY;
    int code = gb_host_list(collector->host, directory.at, MAX_ENTRIES, collector->scratch,
                            &entries, &count, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code == GB_E_DENIED || code == GB_E_LIMIT)
        unread(probe, "private_key", directory.at, code);
    for (size_t i = 0; !code && i < count; i++) {
        struct gb_str path = gb_str_format(collector->arena, GB_PRI "/" GB_PRI, GB_ARG(directory),
                                           GB_ARG(entries[i].name));
        if (!path.at)
            return GB_E_MEMORY;
        if (gb_str_starts(entries[i].name, GB_STR("known_hosts")))
            count_known_hosts(probe, user->name, path.at);
        else if (!gb_str_ends(entries[i].name, GB_STR(".pub")) &&
                 !gb_str_starts(entries[i].name, GB_STR("authorized_keys")))
            code = look_at_file(probe, user, path);
    }
    return code == GB_E_MEMORY ? code : GB_OK;
}

// ---- all of it --------------------------------------------------------------------------------

static struct gb_value complete(const struct probe *probe, const char *kind,
                                const struct gb_list *list)
{
    const struct gb_kind_state *state = gb_collection_kind(probe->collector->all, gb_str_of(kind));
    if (state->presence == GB_NOT_KNOWN)
        return gb_unknown(state->reason);
    return state->presence == GB_ABSENT ? gb_not_applicable(state->reason) : gb_list_of(list);
}

static void put_summary(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("ssh_keys"), GB_STR("")));
    struct gb_list *shared = gb_list_new(collector->arena);
    for (size_t i = 0; i < probe->fingerprints->count; i++) {
        struct gb_str fingerprint = probe->fingerprints->items[i].string;
        struct gb_list *users = gb_map_get(&probe->users_of_key, fingerprint);
        if (!users || users->count < 2)
            continue;
        struct gb_facts record = gb_facts_record(collector);
        gb_fact(&record, "fingerprint", gb_string(fingerprint));
        gb_fact(&record, "users", gb_list_of(users));
        gb_list_add(collector->arena, shared, gb_map_of(record.props));
    }
    // What could not be read all through is not known.
    gb_fact(&facts, "files", complete(probe, "authorized_key", probe->files));
    gb_fact(&facts, "refused_lines", complete(probe, "authorized_key", probe->refused));
    gb_fact(&facts, "shared", complete(probe, "authorized_key", shared));
    gb_fact(&facts, "known_hosts", complete(probe, "private_key", probe->known_hosts));
}

static int collect_authorized(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    const struct gb_kind_state *server = gb_collection_kind(collector->all, GB_STR("sshd"));
    struct gb_str kind = GB_STR("authorized_key");
    if (server->presence == GB_ABSENT) {
        gb_collection_absent(collector->all, kind, server->reason);
        return GB_OK;
    }
    if (!server->count || !take_patterns(probe, server->resources[0])) {
        gb_collection_gap(collector->all, kind,
                          GB_STR("where the SSH server looks for keys is not known"));
        return GB_OK;
    }
    gb_collection_complete(collector->all, kind);
    for (size_t u = 0; u < probe->user_count; u++)
        for (size_t p = 0; p < probe->pattern_count; p++) {
            struct gb_str path = expand(probe, probe->patterns[p], &probe->users[u]);
            if (path.len && read_key_file(probe, &probe->users[u], path))
                return GB_E_MEMORY;
        }
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {.collector = collector,
                          .files = gb_list_new(collector->arena),
                          .refused = gb_list_new(collector->arena),
                          .known_hosts = gb_list_new(collector->arena),
                          .fingerprints = gb_list_new(collector->arena),
                          .users_of_key = gb_map(collector->arena),
                          .homes_seen = gb_map(collector->scratch)};
    const struct gb_kind_state *users = gb_collection_kind(collector->all, GB_STR("user"));
    if (users->presence != GB_PRESENT && users->presence != GB_ABSENT) {
        for (size_t i = 0; kinds[i]; i++)
            gb_collection_gap(collector->all, gb_str_of(kinds[i]),
                              GB_STR("the accounts of this host are not known"));
        return GB_OK;
    }
    int code = gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts);
    probe.judge = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    if (!code)
        code = take_users(&probe);
    if (!code)
        code = collect_authorized(&probe);
    if (!code)
        gb_collection_complete(collector->all, GB_STR("private_key"));
    for (size_t i = 0; !code && i < probe.user_count; i++)
        code = look_into_home(&probe, &probe.users[i]);
    if (!code)
        count_known_hosts(&probe, GB_STR(""), "/etc/ssh/ssh_known_hosts");
    if (code || gb_arena_failed(collector->arena) || gb_arena_failed(collector->scratch))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the SSH keys");
    put_summary(&probe);
    return GB_OK;
}

const struct gb_source gb_source_ssh_keys = {
    .name = "host/ssh_keys",
    .title = "SSH keys",
    .kinds = kinds,
    .order = 60,
    .collect = collect,
};
