// CISA's catalogue of known exploited vulnerabilities: its JSON, its CSV, and the table that joins
// it with EPSS (CVE,CVSS3,EPSS,EPSS Percentile,Description,Vendor,Product), which has no dates.
#include "base/json_fields.h"
#include "base/number.h"
#include "source/feed/csv.h"
#include "source/feed/draft.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static bool recognise(const struct gb_feed_head *head)
{
    if (head->json == '{')
        return gb_feed_head_has(head, "vulnerabilities") &&
               (gb_feed_head_has(head, "catalogVersion") ||
                (gb_feed_head_has(head, "dateReleased") && gb_feed_head_has(head, "count")));
    return gb_feed_head_starts(head, "CVE,CVSS3,EPSS,EPSS Percentile,") ||
           gb_feed_head_starts(head, "cveID,vendorProject,product,") ||
           gb_feed_head_starts(head, "\"cveID\",\"vendorProject\",\"product\",");
}

struct entry {
    struct gb_str cve, added, due, ransomware;
};

struct catalogue {
    struct gb_feed_member *member;
    struct gb_str released;
};

static int give(struct gb_feed_member *m, const struct entry *entry, struct gb_error *err)
{
    struct gb_exploit_facts facts = {
        .cve = entry->cve,
        .has_kev = true,
        .kev_ransomware = gb_str_eq_nocase(entry->ransomware, GB_STR("Known")),
        .kev_added_at = gb_feed_time(entry->added),
        .kev_due_at = gb_feed_time(entry->due),
    };
    if (!gb_feed_is_cve(entry->cve))
        facts.cve = (struct gb_str){0};
    return gb_feed_give_exploit(m, &facts, err);
}

static int read_entry(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cveID"), NULL, offsetof(struct entry, cve)},
        {GB_STR_INIT("dateAdded"), NULL, offsetof(struct entry, added)},
        {GB_STR_INIT("dueDate"), NULL, offsetof(struct entry, due)},
        {GB_STR_INIT("knownRansomwareCampaignUse"), NULL, offsetof(struct entry, ransomware)},
    };
    struct catalogue *catalogue = into;
    struct entry entry = {0};
    struct gb_mark mark = gb_arena_mark(r->arena);
    int code = gb_json_fields(r, event, FIELDS(fields), &entry, err);
    if (code < 0)
        return code;
    if (!catalogue->member->data_at)
        catalogue->member->data_at = gb_feed_time(catalogue->released);
    code = give(catalogue->member, &entry, err);
    gb_arena_reset(r->arena, mark);
    return code;
}

static int read_entries(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_entry, into, err);
}

static int import_json(struct gb_feed_member *m, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("dateReleased"), NULL, offsetof(struct catalogue, released)},
        {GB_STR_INIT("vulnerabilities"), read_entries, 0},
    };
    struct gb_str text;
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 16};
    struct catalogue catalogue = {.member = m};
    int code = gb_feed_text(m, &text, err);
    if (code == GB_OK)
        code = gb_json_open(&r, text, limits, m->arena, err);
    if (code == GB_OK)
        code = gb_json_fields(&r, gb_json_next(&r, err), FIELDS(fields), &catalogue, err);
    if (code == GB_OK)
        code = gb_json_next(&r, err);
    return code < 0 ? code : GB_OK;
}

static int give_row(struct gb_feed_member *m, const struct gb_csv_row *row, struct gb_error *err)
{
    struct entry entry = {.cve = gb_csv_cell(row, "cveID"),
                          .added = gb_csv_cell(row, "dateAdded"),
                          .due = gb_csv_cell(row, "dueDate"),
                          .ransomware = gb_csv_cell(row, "knownRansomwareCampaignUse")};
    if (entry.cve.len)
        return give(m, &entry, err);
    struct gb_exploit_facts facts = {.cve = gb_csv_cell(row, "CVE"), .has_kev = true};
    if (!gb_feed_is_cve(facts.cve))
        facts.cve = (struct gb_str){0};
    facts.has_epss = gb_csv_share(row, "EPSS", &facts.epss) &&
                     gb_csv_share(row, "EPSS Percentile", &facts.epss_percentile);
    return gb_feed_give_exploit(m, &facts, err);
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    return m->head->json ? import_json(m, err) : gb_csv_read(m, ',', give_row, err);
}

const struct gb_feed_format gb_feed_format_kev = {
    .name = "kev",
    .title = "CISA's known exploited vulnerabilities (JSON, CSV)",
    .recognise = recognise,
    .import = import,
};
