// VEX statements: kept by id, found by package (vex.h).
#include "model/vex.h"

static const char *const status_names[] = {"not_affected", "affected", "fixed",
                                           "under_investigation"};

struct chain {
    uint32_t statement;
    struct chain *next;
};

const char *gb_vex_status_name(enum gb_vex_status status)
{
    return status_names[status];
}

int gb_vex_status_parse(struct gb_str word, enum gb_vex_status *ret)
{
    for (int i = 0; i < 4; i++)
        if (gb_str_is(word, status_names[i])) {
            *ret = (enum gb_vex_status)i;
            return GB_OK;
        }
    return GB_E_TYPE;
}

int gb_vex_add(struct gb_vex *vex, const struct gb_vex_statement *statement, struct gb_error *err)
{
    if (!vex->by_id.arena)
        vex->by_id = gb_map(vex->arena);
    if (vex->count == vex->capacity) {
        size_t capacity = vex->capacity ? vex->capacity * 2 : 16;
        struct gb_vex_statement *grown =
            gb_grow_array(vex->arena, vex->statements, vex->capacity, capacity, sizeof *grown);
        if (!grown)
            return gb_error_set(err, GB_E_MEMORY, "out of memory for VEX statements");
        vex->statements = grown;
        vex->capacity = capacity;
    }
    for (size_t i = 0; i < statement->id_count; i++) {
        struct chain *link = gb_alloc(vex->arena, sizeof *link);
        if (!link)
            return gb_error_set(err, GB_E_MEMORY, "out of memory for VEX statements");
        link->statement = (uint32_t)vex->count;
        link->next = gb_map_get(&vex->by_id, statement->ids[i]);
        if (gb_map_set(&vex->by_id, statement->ids[i], link) < 0)
            return gb_error_set(err, GB_E_MEMORY, "out of memory for VEX statements");
    }
    vex->statements[vex->count++] = *statement;
    return GB_OK;
}

// Where a package comes from says nothing about which it is.
static bool tells_apart(struct gb_str key)
{
    static const char *const others[] = {"repository_url", "repository_id", "download_url",
                                         "vcs_url",        "checksum",      "file_name",
                                         "upstream"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (gb_str_is(key, others[i]))
            return false;
    return true;
}

static bool qualifiers_agree(const struct gb_purl *stated, const struct gb_purl *package,
                             bool source)
{
    for (size_t i = 0; i < stated->qualifier_count; i++) {
        const struct gb_purl_qualifier *q = &stated->qualifiers[i];
        if (!tells_apart(q->key) || (source && gb_str_is(q->key, "arch")))
            continue;
        struct gb_str own = {0};
        for (size_t k = 0; k < package->qualifier_count; k++)
            if (gb_str_eq(package->qualifiers[k].key, q->key))
                own = package->qualifiers[k].value;
        if (!gb_str_eq(own, q->value))
            return false;
    }
    return true;
}

bool gb_vex_covers(const struct gb_purl *stated, const struct gb_purl *package)
{
    struct gb_str arch = gb_purl_qualifier(stated, "arch");
    bool source = gb_str_is(arch, "source") || gb_str_is(arch, "src");
    struct gb_str name = package->name, version = package->version;
    struct gb_str upstream = gb_purl_qualifier(package, "upstream");
    if (source && upstream.len) {
        ptrdiff_t at = gb_str_rfind_char(upstream, '@');
        name = at < 0 ? upstream : gb_str_sub(upstream, 0, (size_t)at);
        version = at < 0 ? package->version : gb_str_from(upstream, (size_t)at + 1);
    }
    return gb_str_eq(stated->type, package->type) && gb_str_eq(stated->ns, package->ns) &&
           gb_str_eq(stated->name, name) &&
           (!stated->version.len || gb_str_eq(stated->version, version)) &&
           qualifiers_agree(stated, package, source);
}

static bool about(const struct gb_vex_product *product, const struct gb_purl *package,
                  struct gb_str scope, const struct gb_purl *target)
{
    if (product->scope.len && !gb_str_eq(product->scope, scope))
        return false;
    if (!product->sub_count)
        return gb_vex_covers(&product->purl, package) ||
               (target && gb_vex_covers(&product->purl, target));
    if (!target || !gb_vex_covers(&product->purl, target))
        return false;
    for (size_t i = 0; i < product->sub_count; i++)
        if (gb_vex_covers(&product->sub[i], package))
            return true;
    return false;
}

const struct gb_vex_statement *gb_vex_find(const struct gb_vex *vex, const struct gb_str *ids,
                                           size_t id_count, const struct gb_purl *package,
                                           struct gb_str scope, const struct gb_purl *target)
{
    const struct gb_vex_statement *found = NULL;
    for (size_t i = 0; i < id_count && vex->by_id.arena; i++)
        for (const struct chain *c = gb_map_get(&vex->by_id, ids[i]); c; c = c->next) {
            const struct gb_vex_statement *s = &vex->statements[c->statement];
            if (found && (s->at < found->at || (s->at == found->at && s <= found)))
                continue;
            for (size_t k = 0; k < s->product_count; k++)
                if (about(&s->products[k], package, scope, target)) {
                    found = s;
                    break;
                }
        }
    return found;
}
