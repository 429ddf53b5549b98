// Files and values that are given out over the network (kinds "network_share", "smb_server",
// "snmp_server").
#include "source/facts.h"
#include "source/host/dropins.h"
#include "source/host/share_config.h"

static const char *const kinds[] = {"network_share", "smb_server", "snmp_server", NULL};

struct scan {
    struct gb_collector *collector;
    struct gb_str gap; // of shares
    size_t count;
};

typedef int reader_fn(struct gb_share_config *config, struct gb_str text);

static void put_share(struct scan *scan, const struct gb_share *share, struct gb_str path)
{
    struct gb_collector *collector = scan->collector;
    struct gb_str title =
        gb_str_format(collector->scratch, "%s:" GB_PRI, share->program, GB_ARG(share->name));
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("network_share"),
                                              gb_string_clean(collector->arena, title).string));
    const struct {
        const char *field;
        bool truth;
    } rows[] = {{"everybody", share->everybody},
                {"writable", share->writable},
                {"authenticated", share->authenticated}};
    scan->count++;
    gb_fact(&facts, "name",
            gb_fact_at(&facts, gb_fact_text(&facts, share->name), path, share->line));
    gb_fact(&facts, "program", gb_string(gb_str_of(share->program)));
    if (share->path.len)
        gb_fact(&facts, "path",
                gb_fact_at(&facts, gb_fact_text(&facts, share->path), path, share->line));
    gb_fact(&facts, "clients", gb_fact_text(&facts, share->clients));
    for (size_t i = 0; i < 3; i++)
        gb_fact(&facts, rows[i].field,
                gb_fact_at(&facts, gb_bool(rows[i].truth), path, share->line));
    if (share->has_root_squash)
        gb_fact(&facts, "keeps_root_out",
                gb_fact_at(&facts, gb_bool(share->root_squash), path, share->line));
}

// Reads one file. GB_E_NOT_FOUND, GB_E_MEMORY; another failure is in *reason.
static int read_file(struct scan *scan, const char *path, reader_fn *reader,
                     struct gb_share_config *config, struct gb_str *reason)
{
    struct gb_collector *collector = scan->collector;
    struct gb_str text;
    *config = (struct gb_share_config){.arena = collector->scratch};
    int code =
        gb_host_read(collector->host, path, GB_CONFIG_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_OK)
        return reader(config, text);
    if (code != GB_E_NOT_FOUND && code != GB_E_MEMORY)
        *reason = gb_unread_reason(collector, path, code);
    return code;
}

static int collect_shares(struct scan *scan, const char *path, reader_fn *reader)
{
    struct gb_share_config config;
    struct gb_str reason = {0};
    int code = read_file(scan, path, reader, &config, &reason);
    if (reason.len && !scan->gap.len)
        scan->gap = reason;
    for (size_t i = 0; code == GB_OK && i < config.count; i++)
        put_share(scan, &config.shares[i], gb_str_of(path));
    return code == GB_E_MEMORY ? code : GB_OK;
}

static bool is_smb1(struct gb_str protocol)
{
    static const char *const names[] = {"NT1", "CORE", "COREPLUS", "LANMAN1", "LANMAN2", "SMB1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (gb_str_eq_nocase(protocol, gb_str_of(names[i])))
            return true;
    }
    return false;
}

static int collect_samba(struct scan *scan)
{
    static const char path[] = "/etc/samba/smb.conf";
    struct gb_collector *collector = scan->collector;
    struct gb_share_config config;
    struct gb_str reason = {0}, kind = GB_STR("smb_server"), where = gb_str_of(path);
    int code = read_file(scan, path, gb_share_read_samba, &config, &reason);
    if (code == GB_E_MEMORY)
        return code;
    if (code == GB_E_NOT_FOUND) {
        gb_collection_absent(collector->all, kind, GB_STR("there is no smb.conf"));
        return GB_OK;
    }
    if (code < 0) {
        gb_collection_gap(collector->all, kind, reason);
        scan->gap = scan->gap.len ? scan->gap : reason;
        return GB_OK;
    }
    for (size_t i = 0; i < config.count; i++)
        put_share(scan, &config.shares[i], where);
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, kind, (struct gb_str){0}));
    const struct gb_smb_settings *smb = &config.smb;
    struct gb_list *includes = gb_list_new(collector->arena);
    struct gb_str protocol = smb->minimum_protocol.len ? smb->minimum_protocol : GB_STR("SMB2_02");
    uint32_t line = smb->minimum_protocol_line;
    gb_fact(&facts, "minimum_protocol",
            gb_fact_at(&facts, gb_fact_text(&facts, protocol), where, line));
    gb_fact(&facts, "speaks_smb1",
            smb->include_count && !smb->minimum_protocol.len
                ? gb_unknown(GB_STR("smb.conf includes files that are not read"))
                : gb_fact_at(&facts, gb_bool(is_smb1(protocol)), where, line));
    gb_fact(&facts, "signing",
            gb_fact_at(&facts,
                       gb_fact_text(&facts, smb->signing.len ? smb->signing : GB_STR("default")),
                       where, smb->signing_line));
    for (size_t i = 0; i < smb->include_count; i++)
        gb_fact_add_text(&facts, includes, smb->includes[i], where, 0);
    gb_fact(&facts, "includes", gb_list_of(includes));
    return GB_OK;
}

static int collect_snmp(struct scan *scan)
{
    static const char path[] = "/etc/snmp/snmpd.conf";
    struct gb_collector *collector = scan->collector;
    struct gb_share_config config;
    struct gb_str reason = {0}, kind = GB_STR("snmp_server"), where = gb_str_of(path);
    int code = read_file(scan, path, gb_share_read_snmp, &config, &reason);
    if (code == GB_E_MEMORY)
        return code;
    if (code == GB_E_NOT_FOUND) {
        gb_collection_absent(collector->all, kind, GB_STR("there is no snmpd.conf"));
        return GB_OK;
    }
    if (code < 0) {
        gb_collection_gap(collector->all, kind, reason);
        return GB_OK;
    }
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, kind, (struct gb_str){0}));
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; i < config.community_count; i++) {
        const struct gb_community *community = &config.communities[i];
        struct gb_facts record = gb_facts_record(collector);
        struct gb_str from = community->source.len ? community->source : GB_STR("everybody");
        struct gb_str summary =
            gb_str_format(collector->scratch, GB_PRI "%s for " GB_PRI, GB_ARG(community->keyword),
                          community->well_known ? " with a well-known name" : "", GB_ARG(from));
        gb_fact(&record, "access", gb_string(community->writes ? GB_STR("write") : GB_STR("read")));
        gb_fact(&record, "default", gb_bool(community->well_known));
        gb_fact(&record, "source", gb_fact_text(&record, community->source));
        gb_fact(&record, "summary",
                gb_fact_at(&record, gb_fact_text(&record, summary), where, community->line));
        gb_list_add(collector->arena, list, gb_map_of(record.props));
    }
    gb_fact(&facts, "communities", gb_list_of(list));
    return GB_OK;
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    static const char *const export_directory[] = {"/etc/exports.d"};
    struct scan scan = {.collector = collector};
    struct gb_dropins files;
    struct gb_str kind = GB_STR("network_share");
    int code = collect_shares(&scan, "/etc/exports", gb_share_read_exports);
    if (code == GB_OK)
        code = gb_dropins_list(collector->host, export_directory, 1, ".exports", collector->scratch,
                               &files);
    for (size_t i = 0; code == GB_OK && i < files.count; i++)
        code = collect_shares(&scan, files.items[i].path.at, gb_share_read_exports);
    if (code == GB_OK)
        code = collect_shares(&scan, "/etc/rsyncd.conf", gb_share_read_rsync);
    if (code < 0 || collect_samba(&scan) < 0 || collect_snmp(&scan) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for network shares");
    if (scan.gap.len)
        gb_collection_gap(collector->all, kind, scan.gap);
    else if (scan.count)
        gb_collection_complete(collector->all, kind);
    else
        gb_collection_absent(collector->all, kind, GB_STR("nothing is shared over the network"));
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

const struct gb_source gb_source_share = {
    .name = "host/share",
    .title = "network shares",
    .kinds = kinds,
    .order = 20,
    .collect = collect,
};
