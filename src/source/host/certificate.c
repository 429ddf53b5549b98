// Certificates and private keys on disk (kinds "certificate" and "key_file").
#include "source/facts.h"
#include "source/host/account_file.h"
#include "source/host/certificate_places.h"
#include "source/host/path_readers.h"
#include "source/host/path_trust.h"
#include "source/host/x509.h"

static const char *const kinds[] = {"certificate", "key_file", NULL};

// One file that was read.
struct found {
    const struct gb_certificate_place *place;
    struct gb_x509_file file;
    struct gb_file_info info;
    struct found *next;
};

struct scan {
    struct gb_collector *collector;
    struct gb_accounts accounts;
    struct gb_path_judge judge;
    struct found *first, **end;
    size_t certificates, keys;
    struct gb_str certificate_gap, key_gap;
};

static void note_gap(struct scan *scan, struct gb_str path, int code)
{
    bool key = gb_str_contains(path, GB_STR("private")) || gb_str_ends(path, GB_STR(".key")) ||
               gb_str_ends(path, GB_STR("privkey.pem")) || gb_str_contains(path, GB_STR("-key"));
    struct gb_str *gap = key ? &scan->key_gap : &scan->certificate_gap;
    char *plain = gb_str_c(scan->collector->arena, path);
    if (!gap->len && plain)
        *gap = gb_unread_reason(scan->collector, plain, code);
}

static int read_place(struct scan *scan, const struct gb_certificate_place *place)
{
    struct gb_collector *collector = scan->collector;
    struct gb_str text = {0};
    struct gb_file_info info;
    char *path = gb_str_c(collector->scratch, place->path);
    int code = path ? gb_host_stat(collector->host, path, true, &info, NULL) : GB_E_MEMORY;
    if (code == GB_E_NOT_FOUND || (code == GB_OK && info.type != GB_FILE_REGULAR))
        return GB_OK;
    if (code == GB_OK)
        code =
            gb_host_read(collector->host, path, GB_X509_MAX_BYTES, collector->scratch, &text, NULL);
    if (code == GB_E_MEMORY || code == GB_E_LIMIT) // larger than any key: a bundle, a data file
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code < 0) {
        note_gap(scan, place->path, code);
        return GB_OK;
    }
    struct found *found = gb_alloc(collector->scratch, sizeof *found);
    if (!found)
        return GB_E_MEMORY;
    bool any = gb_x509_read(text, collector->arena, &found->file);
    if (text.len)
        explicit_bzero((char *)(uintptr_t)text.at, text.len); // it may have held a key
    if (!any)
        return GB_OK;
    found->place = place;
    found->info = info;
    *scan->end = found;
    scan->end = &found->next;
    return GB_OK;
}

static void put_uses(struct gb_facts *facts, const struct gb_certificate_place *place)
{
    struct gb_arena *arena = facts->collector->arena;
    struct gb_list *list = gb_list_new(arena);
    for (const struct gb_certificate_use *use = place->uses; use; use = use->next) {
        struct gb_facts record = gb_facts_record(facts->collector);
        struct gb_str where = gb_str_format(arena, GB_PRI ":%u", GB_ARG(use->file), use->line);
        gb_fact(&record, "program",
                gb_fact_at(&record, gb_string(use->program), use->file, use->line));
        gb_fact(&record, "where", gb_fact_text(&record, where));
        gb_list_add(arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "used_by", gb_list_of(list));
}

static bool same_key(const unsigned char a[32], const unsigned char b[32])
{
    return memcmp(a, b, 32) == 0;
}

static struct gb_value text_at(const struct gb_facts *facts, struct gb_str text, struct gb_str path)
{
    return gb_fact_at(facts, gb_fact_text(facts, text), path, 0);
}

static void put_certificate(struct scan *scan, const struct found *found)
{
    struct gb_collector *collector = scan->collector;
    const struct gb_certificate *certificate = &found->file.certificate;
    struct gb_str path = gb_string_clean(collector->arena, found->place->path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("certificate"), path));
    struct gb_list *names = gb_list_new(collector->arena);
    scan->certificates++;
    gb_fact(&facts, "path", text_at(&facts, path, path));
    // An authority among the bundle's files is one that was added by hand.
    bool anchor = found->place->trust_anchor ||
                  (certificate->authority && gb_str_starts(path, GB_STR("/etc/ssl/certs/")));
    gb_fact(&facts, "role", gb_string(anchor ? GB_STR("trust_anchor") : GB_STR("service")));
    gb_fact(&facts, "subject", text_at(&facts, certificate->subject, path));
    if (certificate->common_name.len)
        gb_fact(&facts, "common_name", text_at(&facts, certificate->common_name, path));
    for (size_t i = 0; i < certificate->name_count; i++)
        gb_fact_add_text(&facts, names, certificate->names[i], path, 0);
    gb_fact(&facts, "names", gb_list_of(names));
    gb_fact(&facts, "issuer", text_at(&facts, certificate->issuer, path));
    gb_fact(&facts, "serial", gb_fact_text(&facts, certificate->serial));
    gb_fact(&facts, "fingerprint", gb_string(certificate->fingerprint));
    gb_fact(&facts, "not_before",
            gb_fact_at(&facts, gb_timestamp(certificate->not_before, 0), path, 0));
    gb_fact(&facts, "not_after",
            gb_fact_at(&facts, gb_timestamp(certificate->not_after, 0), path, 0));
    gb_fact(&facts, "key_type", text_at(&facts, certificate->key_type, path));
    gb_fact(&facts, "key_bits", gb_fact_at(&facts, gb_int(certificate->key_bits), path, 0));
    gb_fact(&facts, "signature_hash", text_at(&facts, certificate->signature_hash, path));
    gb_fact(&facts, "self_signed", gb_fact_at(&facts, gb_bool(certificate->self_signed), path, 0));
    gb_fact(&facts, "authority", gb_fact_at(&facts, gb_bool(certificate->authority), path, 0));
    gb_fact(&facts, "chain_length", gb_int(found->file.chain_length));
    if (gb_str_starts(path, GB_STR("/etc/letsencrypt/")))
        gb_fact(&facts, "renewed_by", gb_string(GB_STR("certbot")));
    const struct found *key = scan->first;
    while (key && !(key->file.has_key && key->file.key.known &&
                    same_key(key->file.key.key_digest, certificate->key_digest)))
        key = key->next;
    // A key that could not be read may be this one's.
    if (key)
        gb_fact(&facts, "key_file", gb_fact_text(&facts, key->place->path));
    else if (scan->key_gap.len)
        gb_fact(&facts, "key_file", gb_unknown(scan->key_gap));
    put_uses(&facts, found->place);
}

static void put_key(struct scan *scan, const struct found *found)
{
    struct gb_collector *collector = scan->collector;
    struct gb_arena *arena = collector->arena;
    const struct gb_private_key *key = &found->file.key;
    const struct gb_file_info *info = &found->info;
    struct gb_str path = gb_string_clean(arena, found->place->path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("key_file"), path));
    struct gb_list *certificates = gb_list_new(arena);
    struct gb_path_trust trust;
    scan->keys++;
    gb_fact(&facts, "path", text_at(&facts, path, path));
    gb_fact(&facts, "type", text_at(&facts, key->type, path));
    if (key->known)
        gb_fact(&facts, "bits", gb_fact_at(&facts, gb_int(key->bits), path, 0));
    gb_fact(&facts, "encrypted", gb_fact_at(&facts, gb_bool(key->encrypted), path, 0));
    gb_fact(&facts, "owner",
            gb_fact_text(&facts, gb_accounts_owner(&scan->accounts, info->uid, arena)));
    gb_fact(&facts, "group",
            gb_fact_text(&facts, gb_accounts_owner_group(&scan->accounts, info->gid, arena)));
    gb_fact(&facts, "mode",
            text_at(&facts, gb_str_format(arena, "%04o", info->mode & 07777), path));
    if (gb_path_trust(&scan->judge, found->place->path, info->uid, &trust) == GB_OK) {
        // Readers are judged where links lead to.
        struct gb_str target = trust.target.len ? trust.target : found->place->path;
        struct gb_readers readers =
            gb_path_readers(collector->host, &scan->accounts, target, info, arena);
        gb_fact(&facts, "readable_by", text_at(&facts, readers.who, path));
        gb_fact(&facts, "readable_by_people", gb_fact_at(&facts, gb_bool(readers.people), path, 0));
        gb_fact(&facts, "changeable_by",
                trust.code ? gb_unread(collector, "a directory on the way", trust.code)
                           : text_at(&facts, trust.who, path));
    }
    for (const struct found *other = scan->first; other; other = other->next) {
        if (key->known && other->file.has_certificate &&
            same_key(other->file.certificate.key_digest, key->key_digest))
            gb_fact_add_text(&facts, certificates, other->place->path, other->place->path, 0);
    }
    gb_fact(&facts, "certificates", gb_list_of(certificates));
    put_uses(&facts, found->place);
}

// A certificate that lies beside the host's trust anchors as a copy of one of them, which no server
// uses, is that anchor again and not judged twice.
static bool is_copy_of_anchor(const struct scan *scan, const struct found *found)
{
    if (found->place->trust_anchor || found->place->uses)
        return false;
    for (const struct found *other = scan->first; other; other = other->next) {
        if (other->place->trust_anchor && other->file.has_certificate &&
            gb_str_eq(other->file.certificate.fingerprint, found->file.certificate.fingerprint))
            return true;
    }
    return false;
}

static void finish(struct gb_collection *all, struct gb_str kind, struct gb_str gap, size_t count,
                   struct gb_str reason)
{
    if (gap.len)
        gb_collection_gap(all, kind, gap);
    else if (count)
        gb_collection_complete(all, kind);
    else
        gb_collection_absent(all, kind, reason);
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct gb_certificate_places places;
    struct scan *scan = gb_alloc(collector->scratch, sizeof *scan);
    if (!scan ||
        gb_accounts_load(collector->host, collector->scratch, false, &scan->accounts) < 0 ||
        gb_certificate_places_find(collector->host, collector->scratch, &places) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for certificates");
    scan->collector = collector;
    scan->judge = gb_path_judge(collector->host, &scan->accounts, collector->scratch);
    scan->end = &scan->first;
    if (places.unlisted.len)
        note_gap(scan, places.unlisted, places.unlisted_code);
    for (size_t i = 0; i < places.by_path.count; i++) {
        if (read_place(scan, places.by_path.entries[i].value) < 0)
            return gb_error_set(err, GB_E_MEMORY, "no memory for certificates");
    }
    for (const struct found *found = scan->first; found; found = found->next) {
        if (found->file.has_certificate && !is_copy_of_anchor(scan, found))
            put_certificate(scan, found);
        if (found->file.has_key)
            put_key(scan, found);
    }
    finish(collector->all, GB_STR("certificate"), scan->certificate_gap, scan->certificates,
           GB_STR("no certificates of services were found"));
    finish(collector->all, GB_STR("key_file"), scan->key_gap, scan->keys,
           GB_STR("no private keys of services were found"));
    return gb_arena_failed(collector->arena) ? GB_E_MEMORY : GB_OK;
}

const struct gb_source gb_source_certificate = {
    .name = "host/certificate",
    .title = "certificates",
    .kinds = kinds,
    .order = 5,
    .collect = collect,
};
