// Cycles of products by endoflife.date: a list of cycles (/api/PRODUCT.json), one product of the
// newer interface (/api/v1/products/PRODUCT), or all of them (/api/v1/products/full).
//
//     [{"cycle": "12", "codename": "Bookworm", "releaseDate": "2023-06-10", "eol": "2026-06-10",
//       "extendedSupport": "2028-06-30"}]
//     {"schema_version": "1.2.0", "result": {"name": "debian", "releases": [{"name": "12",
//       "codename": "Bookworm", "releaseDate": "...", "eolFrom": "...", "eoesFrom": "..."}]}}
#include "base/json_fields.h"
#include "source/feed/draft.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static bool recognise(const struct gb_feed_head *head)
{
    if (head->json == '[')
        return gb_feed_head_has(head, "cycle") &&
               (gb_feed_head_has(head, "eol") || gb_feed_head_has(head, "releaseDate"));
    return head->json == '{' && gb_feed_head_has(head, "schema_version") &&
           gb_feed_head_has(head, "result") &&
           (gb_feed_head_has(head, "last_modified") || gb_feed_head_has(head, "generated_at") ||
            gb_feed_head_has(head, "total"));
}

struct product {
    struct gb_feed_member *member;
    struct gb_str name;
    struct gb_str generated;
    struct gb_lifecycle *cycles;
    size_t count, capacity;
};

struct cycle {
    struct gb_str name, codename, released;
    int64_t eol_at, extended_at;
};

// A date, or true or false where no day is known: neither is an end.
static int64_t day(struct gb_json_reader *r, int event, int *code, struct gb_error *err)
{
    int64_t at = event == GB_JSON_STRING ? gb_feed_time(r->string) : 0;
    *code = gb_json_skip_rest(r, event, err);
    return at;
}

static int read_eol(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct cycle *cycle = into;
    int code;
    cycle->eol_at = day(r, event, &code, err);
    return code;
}

static int read_extended(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct cycle *cycle = into;
    int code;
    cycle->extended_at = day(r, event, &code, err);
    return code;
}

// "12", but also 12 in older data.
static int read_name(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct cycle *cycle = into;
    if (event == GB_JSON_STRING || event == GB_JSON_INT || event == GB_JSON_DOUBLE)
        cycle->name = r->string;
    return gb_json_skip_rest(r, event, err);
}

static int keep(struct product *product, const struct cycle *cycle, struct gb_error *err)
{
    struct gb_arena *arena = product->member->arena;
    if (product->count == product->capacity) {
        size_t capacity = product->capacity ? product->capacity * 2 : 32;
        struct gb_lifecycle *grown =
            gb_grow_array(arena, product->cycles, product->capacity, capacity, sizeof *grown);
        if (!grown)
            return gb_error_set(err, GB_E_LIMIT, "more cycles than are read");
        product->cycles = grown;
        product->capacity = capacity;
    }
    product->cycles[product->count++] = (struct gb_lifecycle){
        .cycle = cycle->name,
        .codename = gb_str_lower(arena, cycle->codename),
        .released_at = gb_feed_time(cycle->released),
        .eol_at = cycle->eol_at,
        .extended_eol_at = cycle->extended_at,
        .extended_name = cycle->extended_at ? GB_STR("extended support") : (struct gb_str){0},
    };
    return GB_OK;
}

static int read_cycle(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("cycle"), read_name, 0},
        {GB_STR_INIT("name"), read_name, 0},
        {GB_STR_INIT("codename"), NULL, offsetof(struct cycle, codename)},
        {GB_STR_INIT("releaseDate"), NULL, offsetof(struct cycle, released)},
        {GB_STR_INIT("eol"), read_eol, 0},
        {GB_STR_INIT("eolFrom"), read_eol, 0},
        {GB_STR_INIT("extendedSupport"), read_extended, 0},
        {GB_STR_INIT("eoesFrom"), read_extended, 0},
    };
    struct product *product = into;
    struct cycle cycle = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &cycle, err);
    if (code < 0)
        return code;
    if (!cycle.name.len) {
        gb_feed_leave_out(product->member, 0, "a cycle without a name");
        return GB_OK;
    }
    return keep(product, &cycle, err);
}

static int read_cycles(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_cycle, into, err);
}

static int give(struct product *product, struct gb_error *err)
{
    if (!product->name.len)
        return gb_error_set(err, GB_E_USAGE,
                            "the data does not name its product: its file is named after it "
                            "(debian.json), or the scope is given");
    for (size_t i = 0; i < product->count; i++) {
        product->cycles[i].product = product->name;
        int code = gb_feed_give_lifecycle(product->member, &product->cycles[i], err);
        if (code < 0)
            return code;
    }
    return GB_OK;
}

static int read_product(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("name"), NULL, offsetof(struct product, name)},
        {GB_STR_INIT("releases"), read_cycles, 0},
    };
    struct product *outer = into, product = {.member = outer->member};
    struct gb_mark mark = gb_arena_mark(r->arena);
    if (!product.member->data_at)
        product.member->data_at = gb_feed_time(outer->generated);
    int code = gb_json_fields(r, event, FIELDS(fields), &product, err);
    if (code == GB_OK)
        code = give(&product, err);
    if (code == GB_OK)
        gb_arena_reset(r->arena, mark);
    return code;
}

static int read_result(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return event == GB_JSON_LIST_BEGIN ? gb_json_items(r, event, read_product, into, err)
                                       : read_product(r, event, into, err);
}

static int read_text(struct product *product, struct gb_str text, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("generated_at"), NULL, offsetof(struct product, generated)},
        {GB_STR_INIT("result"), read_result, 0},
    };
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 32};
    int code = gb_json_open(&r, text, limits, product->member->arena, err);
    if (code < 0)
        return code;
    int event = gb_json_next(&r, err);
    if (event == GB_JSON_LIST_BEGIN) {
        struct gb_str file = product->member->head->name;
        if (product->member->scope.len)
            product->name = product->member->scope;
        else if (gb_str_ends(file, GB_STR(".json")))
            product->name = gb_str_sub(file, 0, file.len - 5);
        code = read_cycles(&r, event, product, err);
        if (code == GB_OK)
            code = give(product, err);
    } else {
        code = gb_json_fields(&r, event, FIELDS(fields), product, err);
    }
    if (code == GB_OK)
        code = gb_json_next(&r, err);
    return code < 0 ? code : GB_OK;
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_str text;
    struct product product = {.member = m};
    int code = gb_feed_text(m, &text, err);
    return code < 0 ? code : read_text(&product, text, err);
}

const struct gb_feed_format gb_feed_format_endoflife = {
    .name = "endoflife",
    .title = "ends of support by endoflife.date (JSON)",
    .recognise = recognise,
    .import = import,
};
