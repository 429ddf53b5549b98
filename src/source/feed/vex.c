// VEX documents: OpenVEX 0.2.0, and the statements of CSAF (vex.h).
#include "source/feed/vex.h"
#include "base/json_fields.h"
#include "source/feed/csaf.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

struct products {
    struct gb_vex_product *at;
    size_t count, capacity;
};

static struct gb_vex_product *add_product(struct products *list, struct gb_arena *arena)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct gb_vex_product *grown =
            gb_grow_array(arena, list->at, list->capacity, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        list->at = grown;
        list->capacity = capacity;
    }
    struct gb_vex_product *product = &list->at[list->count++];
    *product = (struct gb_vex_product){0};
    return product;
}

// A component of OpenVEX: its "@id" is a purl, or identifiers.purl is.
struct component {
    struct gb_str id, purl;
    struct gb_purl *sub;
    size_t sub_count, sub_capacity;
};

static int read_identifiers(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("purl"), NULL, offsetof(struct component, purl)}};
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static bool purl_of(const struct component *c, struct gb_arena *arena, struct gb_purl *ret,
                    struct gb_str *text)
{
    *text = c->purl.len ? c->purl : c->id;
    return gb_str_starts(*text, GB_STR("pkg:")) && gb_purl_parse(*text, arena, ret, NULL) == GB_OK;
}

static int read_sub(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("@id"), NULL, offsetof(struct component, id)},
        {GB_STR_INIT("identifiers"), read_identifiers, 0},
    };
    struct component *product = into, sub = {0};
    struct gb_purl purl;
    struct gb_str text;
    int code = gb_json_fields(r, event, FIELDS(fields), &sub, err);
    if (code < 0 || !purl_of(&sub, r->arena, &purl, &text))
        return code;
    if (product->sub_count == product->sub_capacity) {
        size_t capacity = product->sub_capacity ? product->sub_capacity * 2 : 4;
        struct gb_purl *grown =
            gb_grow_array(r->arena, product->sub, product->sub_capacity, capacity, sizeof *grown);
        if (!grown)
            return gb_error_set(err, GB_E_LIMIT, "a document that needs too much memory");
        product->sub = grown;
        product->sub_capacity = capacity;
    }
    product->sub[product->sub_count++] = purl;
    return GB_OK;
}

struct statement {
    struct gb_vex_statement said;
    struct gb_feed_strings ids;
    struct products products;
    size_t nameless; // products that no package URL names
    struct gb_str status, time, last_updated, impact, action, notes;
};

static int read_subs(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_sub, into, err);
}

static int read_product(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("@id"), NULL, offsetof(struct component, id)},
        {GB_STR_INIT("identifiers"), read_identifiers, 0},
        {GB_STR_INIT("subcomponents"), read_subs, 0},
    };
    struct statement *statement = into;
    struct component c = {0};
    // Older documents write the id alone.
    int code = event == GB_JSON_STRING ? gb_json_take_string(r, event, &c.id, err)
                                       : gb_json_fields(r, event, FIELDS(fields), &c, err);
    if (code < 0)
        return code;
    struct gb_vex_product product = {.sub = c.sub, .sub_count = c.sub_count};
    if (!purl_of(&c, r->arena, &product.purl, &product.text)) {
        statement->nameless++;
        return GB_OK;
    }
    struct gb_vex_product *kept = add_product(&statement->products, r->arena);
    if (!kept)
        return gb_error_set(err, GB_E_LIMIT, "a document that needs too much memory");
    *kept = product;
    return GB_OK;
}

static int read_products(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_product, into, err);
}

static int read_alias(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_str s;
    int code = gb_json_take_string(r, event, &s, err);
    if (code == GB_OK && s.len)
        gb_feed_strings_add_new(into, s, r->arena);
    return code;
}

static int read_aliases(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct statement *statement = into;
    return gb_json_items(r, event, read_alias, &statement->ids, err);
}

static int read_name(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct statement *statement = into;
    struct gb_str name;
    int code = gb_json_take_string(r, event, &name, err);
    // An "@id" may be an address whose last part is the id.
    ptrdiff_t slash = code < 0 ? -1 : gb_str_rfind_char(name, '/');
    if (code == GB_OK && name.len)
        gb_feed_strings_add_new(&statement->ids,
                                slash < 0 ? name : gb_str_from(name, (size_t)slash + 1), r->arena);
    return code;
}

static int read_vulnerability(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("name"), read_name, 0},
        {GB_STR_INIT("@id"), read_name, 0},
        {GB_STR_INIT("aliases"), read_aliases, 0},
    };
    return event == GB_JSON_STRING ? read_name(r, event, into, err)
                                   : gb_json_fields(r, event, FIELDS(fields), into, err);
}

struct openvex {
    struct gb_vex *vex;
    const char *file;
    size_t *left_out;
    struct gb_str id, author, time, last_updated, context;
    struct statement *waiting; // until the document's own time is known
    size_t count, capacity;
};

static int read_statement(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("vulnerability"), read_vulnerability, 0},
        {GB_STR_INIT("products"), read_products, 0},
        {GB_STR_INIT("status"), NULL, offsetof(struct statement, status)},
        {GB_STR_INIT("justification"), NULL, offsetof(struct statement, said.justification)},
        {GB_STR_INIT("impact_statement"), NULL, offsetof(struct statement, impact)},
        {GB_STR_INIT("action_statement"), NULL, offsetof(struct statement, action)},
        {GB_STR_INIT("status_notes"), NULL, offsetof(struct statement, notes)},
        {GB_STR_INIT("timestamp"), NULL, offsetof(struct statement, time)},
        {GB_STR_INIT("last_updated"), NULL, offsetof(struct statement, last_updated)},
    };
    struct openvex *doc = into;
    if (doc->count == doc->capacity) {
        size_t capacity = doc->capacity ? doc->capacity * 2 : 8;
        struct statement *grown =
            gb_grow_array(r->arena, doc->waiting, doc->capacity, capacity, sizeof *grown);
        if (!grown)
            return gb_error_set(err, GB_E_LIMIT, "a document that needs too much memory");
        doc->waiting = grown;
        doc->capacity = capacity;
    }
    uint32_t line, column;
    gb_json_place(r, r->start, &line, &column);
    struct statement *s = &doc->waiting[doc->count++];
    *s = (struct statement){0};
    int code = gb_json_fields(r, event, FIELDS(fields), s, err);
    if (code < 0)
        return code;
    if (gb_vex_status_parse(s->status, &s->said.status) < 0)
        return gb_error_at(err, GB_E_TYPE, NULL, line, column,
                           "\"" GB_PRI "\" is no status: not_affected, affected, fixed, "
                           "under_investigation are",
                           GB_ARG(gb_str_sub(s->status, 0, 64)));
    if (!s->ids.count)
        return gb_error_at(err, GB_E_TYPE, NULL, line, column,
                           "a statement that names no vulnerability");
    return GB_OK;
}

static int read_statements(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_statement, into, err);
}

static struct gb_str first_of(struct gb_str a, struct gb_str b)
{
    return a.len ? a : b;
}

static int keep_statements(struct openvex *doc, struct gb_error *err)
{
    for (size_t i = 0; i < doc->count; i++) {
        struct statement *s = &doc->waiting[i];
        if (s->nameless || !s->products.count)
            *doc->left_out += 1;
        if (!s->products.count)
            continue;
        s->said.ids = s->ids.at;
        s->said.id_count = s->ids.count;
        s->said.products = s->products.at;
        s->said.product_count = s->products.count;
        s->said.text = first_of(s->impact, first_of(s->action, s->notes));
        s->said.at = gb_feed_time(
            first_of(s->last_updated, first_of(s->time, first_of(doc->last_updated, doc->time))));
        s->said.document = first_of(doc->id, gb_str_of(doc->file));
        s->said.author = doc->author;
        int code = gb_vex_add(doc->vex, &s->said, err);
        if (code < 0)
            return code;
    }
    return GB_OK;
}

static int read_context(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct openvex *doc = into;
    if (event == GB_JSON_STRING)
        doc->context = r->string;
    return gb_json_skip_rest(r, event, err);
}

// Is it the other format? Told by the key that its documents open with.
static int read_other(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct openvex *doc = into;
    doc->context = GB_STR("csaf");
    return gb_json_skip_rest(r, event, err);
}

static int read_openvex(struct gb_str text, struct openvex *doc, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("@context"), read_context, 0},
        {GB_STR_INIT("document"), read_other, 0},
        {GB_STR_INIT("@id"), NULL, offsetof(struct openvex, id)},
        {GB_STR_INIT("author"), NULL, offsetof(struct openvex, author)},
        {GB_STR_INIT("timestamp"), NULL, offsetof(struct openvex, time)},
        {GB_STR_INIT("last_updated"), NULL, offsetof(struct openvex, last_updated)},
        {GB_STR_INIT("statements"), read_statements, 0},
    };
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = GB_VEX_MAX_BYTES, .max_depth = 64};
    int code = gb_json_open(&r, text, limits, doc->vex->arena, err);
    if (code == GB_OK)
        code = gb_json_fields(&r, gb_json_next(&r, err), FIELDS(fields), doc, err);
    if (code == GB_OK)
        code = gb_json_next(&r, err);
    return code < 0 ? code : GB_OK;
}

// CSAF: one statement for each flaw, status and justification; a product with its release.
static int keep_csaf_products(struct gb_vex *vex, const struct gb_csaf *csaf,
                              struct gb_csaf_flaw *flaw, enum gb_csaf_status status,
                              size_t *left_out, struct gb_error *err)
{
    static const enum gb_vex_status statuses[] = {[GB_CSAF_FIXED] = GB_VEX_FIXED,
                                                  [GB_CSAF_AFFECTED] = GB_VEX_AFFECTED,
                                                  [GB_CSAF_NOT_AFFECTED] = GB_VEX_NOT_AFFECTED,
                                                  [GB_CSAF_UNDER_INVESTIGATION] =
                                                      GB_VEX_UNDER_INVESTIGATION};
    struct gb_arena *arena = vex->arena;
    struct gb_feed_strings ids = {0};
    gb_feed_strings_add(&ids, flaw->cve.len || !flaw->ids.count ? flaw->cve : flaw->ids.at[0],
                        arena);
    for (size_t i = 0; i < flaw->products[status].count; i++) {
        struct gb_str id = flaw->products[status].at[i];
        struct gb_csaf_package package;
        struct products list = {0};
        struct gb_vex_product *product = NULL;
        if (gb_csaf_package_of(csaf, id, arena, &package) && package.has_purl)
            product = add_product(&list, arena);
        if (!product || !ids.at || !ids.at[0].len) {
            *left_out += 1;
            continue;
        }
        product->purl = package.purl;
        product->text = package.text;
        product->scope = package.scope;
        const struct gb_csaf_remark *flag = gb_csaf_remark_of(&flaw->flags, id, arena);
        const struct gb_csaf_remark *threat = gb_csaf_remark_of(&flaw->threats, id, arena);
        bool negative = status == GB_CSAF_NOT_AFFECTED;
        int code =
            gb_vex_add(vex,
                       &(struct gb_vex_statement){
                           .ids = ids.at,
                           .id_count = ids.count,
                           .products = list.at,
                           .product_count = 1,
                           .status = statuses[status],
                           .justification = negative && flag ? flag->what : (struct gb_str){0},
                           .text = negative && threat ? threat->details : (struct gb_str){0},
                           .at = gb_feed_time(csaf->released),
                           .document = csaf->id,
                           .author = csaf->publisher,
                       },
                       err);
        if (code < 0)
            return code;
    }
    return GB_OK;
}

static int read_csaf(struct gb_str text, struct gb_vex *vex, size_t *left_out, struct gb_error *err)
{
    struct gb_csaf csaf;
    int code = gb_csaf_read(text, vex->arena, &csaf, err);
    for (size_t i = 0; code == GB_OK && i < csaf.flaw_count; i++)
        for (int status = 0; code == GB_OK && status < GB_CSAF_STATUS_COUNT; status++)
            code = keep_csaf_products(vex, &csaf, &csaf.flaws[i], (enum gb_csaf_status)status,
                                      left_out, err);
    return code;
}

int gb_vex_read(struct gb_str text, const char *file, struct gb_vex *vex, size_t *left_out,
                struct gb_error *err)
{
    struct openvex doc = {.vex = vex, .file = file, .left_out = left_out};
    *left_out = 0;
    int code = read_openvex(text, &doc, err);
    if (code == GB_OK && gb_str_is(doc.context, "csaf"))
        code = read_csaf(text, vex, left_out, err);
    else if (code == GB_OK && !gb_str_contains(doc.context, GB_STR("openvex.dev/ns")))
        code = gb_error_set(err, GB_E_UNSUPPORTED, "neither OpenVEX nor CSAF");
    else if (code == GB_OK)
        code = keep_statements(&doc, err);
    if (code == GB_OK && gb_arena_failed(vex->arena))
        code = gb_error_set(err, GB_E_LIMIT, "a document that needs too much memory");
    return code < 0 ? gb_error_subject(err, file), code : code;
}
