// A CSAF document as it is written (csaf.h).
#include "source/feed/csaf.h"
#include "base/json_fields.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

// What the reading functions share beside their place.
struct reading {
    struct gb_csaf *csaf;
    struct gb_arena *arena;
};

static int out_of_memory(struct gb_error *err)
{
    return gb_error_set(err, GB_E_LIMIT, "a document that needs too much memory");
}

// document

static int read_aggregate(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("text"), NULL, offsetof(struct gb_csaf, severity)}};
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_publisher(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("name"), NULL, offsetof(struct gb_csaf, publisher)}};
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_tracking(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("id"), NULL, offsetof(struct gb_csaf, id)},
        {GB_STR_INIT("current_release_date"), NULL, offsetof(struct gb_csaf, released)},
        {GB_STR_INIT("initial_release_date"), NULL, offsetof(struct gb_csaf, first_released)},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

struct reference {
    struct gb_str category, url;
};

static int read_reference(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("category"), NULL, offsetof(struct reference, category)},
        {GB_STR_INIT("url"), NULL, offsetof(struct reference, url)},
    };
    struct gb_csaf *csaf = into;
    struct reference reference = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &reference, err);
    // The first of its own that is no copy of the data.
    if (code == GB_OK && gb_str_is(reference.category, "self") && !csaf->url.len &&
        !gb_str_ends(reference.url, GB_STR(".json")))
        csaf->url = reference.url;
    return code;
}

static int read_references(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_reference, into, err);
}

static int read_document(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("category"), NULL, offsetof(struct gb_csaf, category)},
        {GB_STR_INIT("title"), NULL, offsetof(struct gb_csaf, title)},
        {GB_STR_INIT("aggregate_severity"), read_aggregate, 0},
        {GB_STR_INIT("publisher"), read_publisher, 0},
        {GB_STR_INIT("tracking"), read_tracking, 0},
        {GB_STR_INIT("references"), read_references, 0},
    };
    struct reading *reading = into;
    return gb_json_fields(r, event, FIELDS(fields), reading->csaf, err);
}

// product_tree

static int keep_product(struct reading *reading, const struct gb_csaf_product *product,
                        struct gb_error *err)
{
    if (!product->id.len)
        return GB_OK;
    struct gb_csaf_product *kept = gb_alloc(reading->arena, sizeof *kept);
    if (!kept)
        return out_of_memory(err);
    *kept = *product;
    return gb_map_set(&reading->csaf->products, product->id, kept) < 0 ? out_of_memory(err) : GB_OK;
}

static int read_purls(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_feed_strings purls = {0};
    struct gb_csaf_product *product = into;
    int code = gb_feed_read_strings(r, event, &purls, err);
    if (code == GB_OK && purls.count && !product->purl.len)
        product->purl = purls.at[0];
    return code;
}

static int read_helper(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("purl"), NULL, offsetof(struct gb_csaf_product, purl)},
        {GB_STR_INIT("purls"), read_purls, 0}, // CSAF 2.1
        {GB_STR_INIT("cpe"), NULL, offsetof(struct gb_csaf_product, cpe)},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static const struct gb_json_field product_fields[] = {
    {GB_STR_INIT("product_id"), NULL, offsetof(struct gb_csaf_product, id)},
    {GB_STR_INIT("name"), NULL, offsetof(struct gb_csaf_product, name)},
    {GB_STR_INIT("product_identification_helper"), read_helper, 0},
};

static int read_product(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_product product = {0};
    int code = gb_json_fields(r, event, FIELDS(product_fields), &product, err);
    return code < 0 ? code : keep_product(into, &product, err);
}

static int read_branches(struct gb_json_reader *r, int event, void *into, struct gb_error *err);

// Branches hold branches: as deep as the reader's limit lets JSON nest.
static int read_branch(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("product"), read_product, 0},
        {GB_STR_INIT("branches"), read_branches, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_branches(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_branch, into, err);
}

static int read_products(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_product, into, err);
}

static int read_full_name(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_fields(r, event, FIELDS(product_fields), into, err);
}

static int read_relationship(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("product_reference"), NULL, offsetof(struct gb_csaf_product, component)},
        {GB_STR_INIT("relates_to_product_reference"), NULL,
         offsetof(struct gb_csaf_product, platform)},
        {GB_STR_INIT("full_product_name"), read_full_name, 0},
    };
    struct gb_csaf_product product = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &product, err);
    return code < 0 ? code : keep_product(into, &product, err);
}

static int read_relationships(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_relationship, into, err);
}

static int read_tree(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("branches"), read_branches, 0},
        {GB_STR_INIT("full_product_names"), read_products, 0},
        {GB_STR_INIT("relationships"), read_relationships, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

// vulnerabilities

static int read_remark_products(struct gb_json_reader *r, int event, void *into,
                                struct gb_error *err)
{
    struct gb_csaf_remark *remark = into;
    return gb_feed_read_strings(r, event, &remark->products, err);
}

static int read_remark(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("category"), NULL, offsetof(struct gb_csaf_remark, what)},
        {GB_STR_INIT("label"), NULL, offsetof(struct gb_csaf_remark, what)},
        {GB_STR_INIT("details"), NULL, offsetof(struct gb_csaf_remark, details)},
        {GB_STR_INIT("product_ids"), read_remark_products, 0},
    };
    struct gb_csaf_remarks *list = into;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct gb_csaf_remark *grown =
            gb_grow_array(r->arena, list->at, list->capacity, capacity, sizeof *grown);
        if (!grown)
            return out_of_memory(err);
        list->at = grown;
        list->capacity = capacity;
    }
    struct gb_csaf_remark *remark = &list->at[list->count++];
    *remark = (struct gb_csaf_remark){0};
    return gb_json_fields(r, event, FIELDS(fields), remark, err);
}

static int read_flags(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_json_items(r, event, read_remark, &flaw->flags, err);
}

static int read_remediations(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_json_items(r, event, read_remark, &flaw->remediations, err);
}

static int read_threats(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_json_items(r, event, read_remark, &flaw->threats, err);
}

static int read_fixed(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_feed_read_strings(r, event, &flaw->products[GB_CSAF_FIXED], err);
}

static int read_affected(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_feed_read_strings(r, event, &flaw->products[GB_CSAF_AFFECTED], err);
}

static int read_not_affected(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_feed_read_strings(r, event, &flaw->products[GB_CSAF_NOT_AFFECTED], err);
}

static int read_investigated(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_csaf_flaw *flaw = into;
    return gb_feed_read_strings(r, event, &flaw->products[GB_CSAF_UNDER_INVESTIGATION], err);
}

static int read_status(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("fixed"), read_fixed, 0},
        {GB_STR_INIT("first_fixed"), read_fixed, 0},
        {GB_STR_INIT("known_affected"), read_affected, 0},
        {GB_STR_INIT("last_affected"), read_affected, 0},
        {GB_STR_INIT("known_not_affected"), read_not_affected, 0},
        {GB_STR_INIT("under_investigation"), read_investigated, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_vector(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("vectorString"), NULL, offsetof(struct reference, url)}};
    struct gb_feed_draft draft = {0};
    struct reference vector = {0};
    struct gb_csaf_flaw *flaw = into;
    int code = gb_json_fields(r, event, FIELDS(fields), &vector, err);
    draft.advisory.cvss = flaw->cvss;
    if (code == GB_OK)
        gb_feed_draft_cvss(&draft, vector.url);
    flaw->cvss = draft.advisory.cvss;
    return code;
}

static int read_score(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cvss_v4"), read_vector, 0},
        {GB_STR_INIT("cvss_v3"), read_vector, 0},
        {GB_STR_INIT("cvss_v2"), read_vector, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_scores(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_score, into, err);
}

struct named {
    struct gb_str name, text;
};

static int read_id(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("text"), NULL, offsetof(struct named, text)}};
    struct gb_csaf_flaw *flaw = into;
    struct named id = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &id, err);
    if (code == GB_OK && id.text.len)
        gb_feed_strings_add(&flaw->ids, id.text, r->arena);
    return code;
}

static int read_ids(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_id, into, err);
}

static int read_note(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("category"), NULL, offsetof(struct named, name)},
        {GB_STR_INIT("text"), NULL, offsetof(struct named, text)},
    };
    struct gb_csaf_flaw *flaw = into;
    struct named note = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &note, err);
    if (code == GB_OK && !flaw->note.len &&
        (gb_str_is(note.name, "description") || gb_str_is(note.name, "general")))
        flaw->note = note.text;
    return code;
}

static int read_notes(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_note, into, err);
}

static int read_flaw(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cve"), NULL, offsetof(struct gb_csaf_flaw, cve)},
        {GB_STR_INIT("title"), NULL, offsetof(struct gb_csaf_flaw, title)},
        {GB_STR_INIT("ids"), read_ids, 0},
        {GB_STR_INIT("notes"), read_notes, 0},
        {GB_STR_INIT("scores"), read_scores, 0},
        {GB_STR_INIT("product_status"), read_status, 0},
        {GB_STR_INIT("flags"), read_flags, 0},
        {GB_STR_INIT("remediations"), read_remediations, 0},
        {GB_STR_INIT("threats"), read_threats, 0},
    };
    struct reading *reading = into;
    struct gb_csaf *csaf = reading->csaf;
    if (csaf->flaw_count == csaf->flaw_capacity) {
        size_t capacity = csaf->flaw_capacity ? csaf->flaw_capacity * 2 : 4;
        struct gb_csaf_flaw *grown =
            gb_grow_array(r->arena, csaf->flaws, csaf->flaw_capacity, capacity, sizeof *grown);
        if (!grown)
            return out_of_memory(err);
        csaf->flaws = grown;
        csaf->flaw_capacity = capacity;
    }
    struct gb_csaf_flaw *flaw = &csaf->flaws[csaf->flaw_count++];
    *flaw = (struct gb_csaf_flaw){0};
    return gb_json_fields(r, event, FIELDS(fields), flaw, err);
}

static int read_flaws(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_flaw, into, err);
}

int gb_csaf_read(struct gb_str text, struct gb_arena *arena, struct gb_csaf *ret,
                 struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("document"), read_document, 0},
        {GB_STR_INIT("product_tree"), read_tree, 0},
        {GB_STR_INIT("vulnerabilities"), read_flaws, 0},
    };
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 64};
    struct reading reading = {ret, arena};
    *ret = (struct gb_csaf){.products = gb_map(arena)};
    int code = gb_json_open(&r, text, limits, arena, err);
    if (code == GB_OK)
        code = gb_json_fields(&r, gb_json_next(&r, err), FIELDS(fields), &reading, err);
    if (code == GB_OK)
        code = gb_json_next(&r, err);
    if (code >= 0 && gb_arena_failed(arena))
        return out_of_memory(err);
    return code < 0 ? code : GB_OK;
}
