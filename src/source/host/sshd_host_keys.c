// Host keys of the SSH server (kind "ssh_host_key"): what they are and who can read or replace
// them. Runs after the server's configuration, which names them.
#include "source/facts.h"
#include "source/host/path_trust.h"
#include "source/host/ssh_key.h"
#include "sys/glob.h"

enum { MAX_KEYS = 64, MAX_KEY_BYTES = 64 << 10 };

static const char *const kinds[] = {"ssh_host_key", NULL};

struct probe {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct gb_str paths[MAX_KEYS];
    size_t count, used; // the first `used` of them are configured
};

static void add_path(struct probe *probe, struct gb_str path)
{
    for (size_t i = 0; i < probe->count; i++)
        if (gb_str_eq(probe->paths[i], path))
            return;
    if (probe->count < MAX_KEYS && path.len && path.at[0] == '/')
        probe->paths[probe->count++] = path;
}

static void put_public_part(struct probe *probe, struct gb_facts *facts, struct gb_str path,
                            const struct gb_ssh_private *looked)
{
    struct gb_collector *collector = probe->collector;
    struct gb_ssh_key key = looked->key;
    struct gb_str name = gb_str_format(collector->scratch, GB_PRI ".pub", GB_ARG(path)), text;
    struct gb_path_trust trust;
    bool known = looked->known;
    if (!name.at || gb_host_read(collector->host, name.at, MAX_KEY_BYTES, collector->scratch, &text,
                                 NULL) != GB_OK)
        text = GB_STR("");
    else if (gb_path_trust(&probe->judge, name, 0, &trust) == GB_OK)
        gb_fact(facts, "public_changeable_by", gb_fact_text(facts, trust.who));
    if (!known && text.len)
        known = gb_ssh_key_public(collector->arena, text, &key, NULL) == GB_OK;
    if (!known)
        return;
    gb_fact(facts, "type", gb_fact_at(facts, gb_fact_text(facts, key.type), path, 0));
    gb_fact(facts, "bits", gb_fact_at(facts, gb_int(key.bits), path, 0));
    gb_fact(facts, "fingerprint", gb_fact_text(facts, key.fingerprint));
    gb_fact(facts, "weak", gb_fact_at(facts, gb_fact_text(facts, key.weak), path, 0));
}

static int put_key(struct probe *probe, struct gb_str path, bool used)
{
    struct gb_collector *collector = probe->collector;
    struct gb_ssh_private looked = {0};
    struct gb_file_info info;
    struct gb_path_trust trust;
    struct gb_str text;
    const char *name = gb_str_c(collector->arena, path);
    if (!name || gb_path_trust(&probe->judge, path, 0, &trust) < 0)
        return GB_E_MEMORY;
    if (gb_host_stat(collector->host, name, true, &info, NULL) < 0)
        return GB_OK; // the server goes on without it
    if (gb_host_read(collector->host, name, MAX_KEY_BYTES, collector->scratch, &text, NULL) ==
        GB_OK) {
        int code = gb_ssh_private_look(collector->arena, text, &looked);
        gb_ssh_wipe(text);
        if (code)
            return code;
    }
    struct gb_str clean = gb_string_clean(collector->arena, path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("ssh_host_key"), clean));
    bool readable =
        (info.mode & 04) || info.uid != 0 ||
        ((info.mode & 040) && gb_accounts_group_has_others(&probe->accounts, info.gid, 0));
#define AT(value) gb_fact_at(&facts, value, path, 0)
    gb_fact(&facts, "path", AT(gb_string(clean)));
    gb_fact(&facts, "used", gb_bool(used));
    gb_fact(&facts, "owner",
            AT(gb_fact_text(&facts,
                            gb_accounts_owner(&probe->accounts, info.uid, collector->scratch))));
    gb_fact(&facts, "group",
            AT(gb_fact_text(
                &facts, gb_accounts_owner_group(&probe->accounts, info.gid, collector->scratch))));
    gb_fact(&facts, "mode",
            AT(gb_fact_text(&facts, gb_str_format(collector->scratch, "%04o", info.mode))));
    gb_fact(&facts, "readable_by_others", AT(gb_bool(readable)));
    gb_fact(&facts, "changeable_by", AT(gb_fact_text(&facts, trust.who)));
#undef AT
    put_public_part(probe, &facts, path, &looked);
    return GB_OK;
}

// What the configuration names, or what the server takes by default; then what else lies there.
static int find_keys(struct probe *probe, const struct gb_resource *sshd)
{
    static const char *const defaults[] = {"/etc/ssh/ssh_host_rsa_key",
                                           "/etc/ssh/ssh_host_ecdsa_key",
                                           "/etc/ssh/ssh_host_ed25519_key"};
    const struct gb_value *configured = gb_map_find(sshd->props, GB_STR("host_keys"));
    struct gb_str *others;
    size_t count = 0;
    if (configured && configured->kind == GB_VALUE_LIST && configured->list->count) {
        for (size_t i = 0; i < configured->list->count; i++)
            add_path(probe, gb_value_str_or(&configured->list->items[i], GB_STR("")));
    } else {
        for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
            add_path(probe, gb_str_of(defaults[i]));
    }
    probe->used = probe->count;
    if (gb_host_glob(probe->collector->host, "/etc/ssh/ssh_host_*_key", MAX_KEYS,
                     probe->collector->scratch, &others, &count, NULL) == GB_E_MEMORY)
        return GB_E_MEMORY;
    for (size_t i = 0; i < count; i++)
        add_path(probe, others[i]);
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_str kind = GB_STR("ssh_host_key");
    const struct gb_kind_state *server = gb_collection_kind(collector->all, GB_STR("sshd"));
    struct probe probe = {.collector = collector};
    if (!server->count) {
        if (server->presence == GB_ABSENT)
            gb_collection_absent(collector->all, kind, server->reason);
        else
            gb_collection_gap(collector->all, kind, server->reason);
        return GB_OK;
    }
    gb_collection_complete(collector->all, kind);
    int code = gb_accounts_load(collector->host, collector->scratch, false, &probe.accounts);
    probe.judge = gb_path_judge(collector->host, &probe.accounts, collector->scratch);
    if (!code)
        code = find_keys(&probe, server->resources[0]);
    for (size_t i = 0; i < probe.count && !code; i++)
        code = put_key(&probe, probe.paths[i], i < probe.used);
    return code ? gb_error_set(err, GB_E_MEMORY, "no memory for the host keys") : GB_OK;
}

const struct gb_source gb_source_sshd_host_keys = {
    .name = "host/sshd_host_keys",
    .title = "SSH host keys",
    .kinds = kinds,
    .order = 55,
    .collect = collect,
};
