// Evaluates variables, constants, fields, keys, has(), bindings.
#include "expr/engine.h"

const struct gb_value *gb_eval_constant(const struct gb_node *node, struct gb_cel_run *run,
                                        struct gb_value *scratch)
{
    (void)run, (void)scratch;
    return &((const struct gb_node_constant *)node)->value;
}

const struct gb_value *gb_eval_slot(const struct gb_node *node, struct gb_cel_run *run,
                                    struct gb_value *scratch)
{
    (void)scratch;
    return &run->slots[((const struct gb_node_variable *)node)->index];
}

const struct gb_value *gb_eval_local(const struct gb_node *node, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    (void)scratch;
    return run->locals[((const struct gb_node_variable *)node)->index];
}

// Records of one kind mostly have their fields in one order: first look where it was last time.
static inline const struct gb_value *find_field(const struct gb_map_value *map,
                                                const struct gb_node_select *node)
{
    uint32_t place = __atomic_load_n(node->place, __ATOMIC_RELAXED);
    if (place < map->count) {
        const struct gb_pair *pair = &map->pairs[place];
        if (pair->key.kind == GB_VALUE_STRING && gb_str_eq(pair->key.string, node->name.string))
            return &pair->value;
    }
    const struct gb_value *found = gb_map_find(map, node->name.string);
    if (found) {
        size_t offset = (size_t)((const char *)found - (const char *)map->pairs);
        __atomic_store_n(node->place, (uint32_t)(offset / sizeof(struct gb_pair)),
                         __ATOMIC_RELAXED);
    }
    return found;
}

// What is derived from a record without saying where it stands is where the record stands.
static inline const struct gb_value *with_origin(const struct gb_value *found, uint32_t origin,
                                                 struct gb_value *scratch)
{
    if (found->origin || !origin)
        return found;
    *scratch = *found;
    scratch->origin = origin;
    return scratch;
}

static const struct gb_value *none(struct gb_value *scratch)
{
    *scratch = gb_cel_optional_none();
    return scratch;
}

static const struct gb_value *some(struct gb_cel_run *run, const struct gb_value *value,
                                   struct gb_value *scratch)
{
    struct gb_value copy = *value; // `value` may be scratch itself
    gb_cel_optional_of(run, &copy, scratch);
    return scratch;
}

// The optional of a map's field.
static const struct gb_value *optional_field(const struct gb_node_select *node,
                                             struct gb_cel_run *run, const struct gb_value *from,
                                             struct gb_value *scratch)
{
    const struct gb_value *found = find_field(from->map, node);
    if (!found)
        return none(scratch);
    found = with_origin(found, from->origin, scratch);
    return gb_is_blocked(found) ? found : some(run, found, scratch);
}

// A field of something that is no map: of an optional the optional of the field, else an error.
static const struct gb_value *select_other(const struct gb_node_select *node,
                                           struct gb_cel_run *run, const struct gb_value *from,
                                           struct gb_value *scratch)
{
    if (gb_is_blocked(from))
        return from;
    if (from->kind != GB_VALUE_OPTIONAL) {
        gb_cel_fail(run, scratch, "no field \"" GB_PRI "\": %s has no fields",
                    GB_ARG(node->name.string), gb_value_kind_name(from->kind));
        return scratch;
    }
    const struct gb_value *inner = from->pointer;
    if (!inner)
        return from;
    if (gb_is_blocked(inner))
        return inner;
    if (inner->kind != GB_VALUE_MAP)
        return &gb_value_no_overload;
    return optional_field(node, run, inner, scratch);
}

static inline const struct gb_value *select_from(const struct gb_node_select *node,
                                                 struct gb_cel_run *run,
                                                 const struct gb_value *from,
                                                 struct gb_value *scratch)
{
    if (from->kind != GB_VALUE_MAP)
        return select_other(node, run, from, scratch);
    const struct gb_value *found = find_field(from->map, node);
    return found ? with_origin(found, from->origin, scratch) : &node->missing;
}

const struct gb_value *gb_eval_select(const struct gb_node *n, struct gb_cel_run *run,
                                      struct gb_value *scratch)
{
    const struct gb_node_select *node = (const struct gb_node_select *)n;
    return select_from(node, run, gb_eval(node->operand, run, scratch), scratch);
}

const struct gb_value *gb_eval_select_slot(const struct gb_node *n, struct gb_cel_run *run,
                                           struct gb_value *scratch)
{
    const struct gb_node_select *node = (const struct gb_node_select *)n;
    return select_from(node, run, &run->slots[node->slot], scratch);
}

const struct gb_value *gb_eval_select_optional(const struct gb_node *n, struct gb_cel_run *run,
                                               struct gb_value *scratch)
{
    const struct gb_node_select *node = (const struct gb_node_select *)n;
    const struct gb_value *from = gb_eval(node->operand, run, scratch);
    return from->kind == GB_VALUE_MAP ? optional_field(node, run, from, scratch)
                                      : select_other(node, run, from, scratch);
}

const struct gb_value *gb_eval_has(const struct gb_node *n, struct gb_cel_run *run,
                                   struct gb_value *scratch)
{
    const struct gb_node_select *node = (const struct gb_node_select *)n;
    const struct gb_value *from = gb_eval(node->operand, run, scratch);
    if (from->kind == GB_VALUE_OPTIONAL) {
        from = from->pointer;
        if (!from)
            return &gb_value_false;
    }
    if (gb_is_blocked(from))
        return from;
    if (from->kind != GB_VALUE_MAP)
        return select_other(node, run, from, scratch);
    const struct gb_value *found = find_field(from->map, node);
    if (!found)
        return &gb_value_false;
    // Whether a field that could not be read is there is not known either.
    return gb_is_blocked(found) ? found : &gb_value_true;
}

const struct gb_value *gb_map_lookup(const struct gb_map_value *map, const struct gb_value *key)
{
    const struct gb_value *found;
    struct gb_value other;
    if (key->kind == GB_VALUE_STRING)
        return gb_map_find(map, key->string);
    if (key->kind != GB_VALUE_DOUBLE) {
        found = gb_map_find_key(map, key);
        if (found || (key->kind != GB_VALUE_INT && key->kind != GB_VALUE_UINT) ||
            key->uinteger > INT64_MAX)
            return found;
        other = key->kind == GB_VALUE_INT ? gb_uint(key->uinteger) : gb_int(key->integer);
        return gb_map_find_key(map, &other);
    }
    double real = key->real;
    if (real >= -9223372036854775808.0 && real < 9223372036854775808.0 &&
        (double)(int64_t)real == real) {
        other = gb_int((int64_t)real);
        return gb_map_lookup(map, &other);
    }
    if (real >= 9223372036854775808.0 && real < 18446744073709551616.0 &&
        (double)(uint64_t)real == real) {
        other = gb_uint((uint64_t)real);
        return gb_map_lookup(map, &other);
    }
    return NULL;
}

static const struct gb_value *element(const struct gb_list *list, const struct gb_value *key,
                                      struct gb_value *ret)
{
    int64_t index = -1;
    if (key->kind == GB_VALUE_INT || key->kind == GB_VALUE_UINT) {
        index = key->integer; // of a uint beyond int64 negative
    } else if (key->kind != GB_VALUE_DOUBLE) {
        *ret = gb_value_no_overload;
    } else if (key->real >= 0 && key->real < 9007199254740992.0) {
        index = (double)(int64_t)key->real == key->real ? (int64_t)key->real : -1;
    }
    if (index < 0 || (uint64_t)index >= list->count)
        return NULL;
    return &list->items[index];
}

const struct gb_value *gb_value_at(const struct gb_value *from, const struct gb_value *key,
                                   struct gb_value *ret)
{
    ret->kind = GB_VALUE_NULL;
    if (from->kind == GB_VALUE_LIST)
        return element(from->list, key, ret);
    if (from->kind == GB_VALUE_MAP)
        return gb_map_lookup(from->map, key);
    *ret = gb_value_no_overload;
    return NULL;
}

static const struct gb_value *index_failed(struct gb_cel_run *run, const struct gb_value *from,
                                           const struct gb_value *key, struct gb_value *scratch)
{
    struct gb_str text;
    if (from->kind == GB_VALUE_LIST && key->kind == GB_VALUE_INT)
        gb_cel_fail(run, scratch, "index out of range: %lld", (long long)key->integer);
    else if (from->kind == GB_VALUE_MAP && gb_cel_text_of(run, key, &text))
        gb_cel_fail(run, scratch, "no such key: " GB_PRI, GB_ARG(text));
    else
        gb_cel_error(scratch, from->kind == GB_VALUE_LIST ? GB_STR("index out of range")
                                                          : GB_STR("no such key"));
    return scratch;
}

const struct gb_value *gb_eval_index(const struct gb_node *n, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    const struct gb_node_index *node = (const struct gb_node_index *)n;
    struct gb_value own, error;
    const struct gb_value *from = gb_eval(node->operand, run, &own);
    const struct gb_value *key = gb_eval(node->key, run, scratch);
    if (gb_is_blocked(from) || gb_is_blocked(key)) {
        const struct gb_value *worst = gb_blocked_rank(from) >= gb_blocked_rank(key) ? from : key;
        *scratch = *worst;
        return scratch;
    }
    bool optional = node->optional;
    if (from->kind == GB_VALUE_OPTIONAL) {
        optional = true;
        if (!from->pointer)
            return none(scratch);
        from = from->pointer;
    }
    const struct gb_value *found = gb_value_at(from, key, &error);
    if (found) {
        found = with_origin(found, from->origin, scratch);
        return optional && !gb_is_blocked(found) ? some(run, found, scratch) : found;
    }
    if (error.kind != GB_VALUE_ERROR && !optional)
        return index_failed(run, from, key, scratch);
    *scratch = error.kind == GB_VALUE_ERROR ? error : gb_cel_optional_none();
    return scratch;
}

const struct gb_value *gb_eval_bind(const struct gb_node *n, struct gb_cel_run *run,
                                    struct gb_value *scratch)
{
    const struct gb_node_bind *node = (const struct gb_node_bind *)n;
    struct gb_value own;
    run->locals[node->local] = gb_eval(node->init, run, &own);
    *scratch = *gb_eval(node->body, run, scratch); // the result may be `own`
    return scratch;
}

const struct gb_value *gb_eval_block(const struct gb_node *n, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    const struct gb_node_many *node = (const struct gb_node_many *)n;
    uint32_t last = node->count - 1;
    struct gb_value *own = gb_alloc_array(run->arena, last, sizeof *own);
    if (!own) {
        gb_cel_fail_memory(run, scratch);
        return scratch;
    }
    for (uint32_t i = 0; i < last; i++)
        run->locals[node->local + i] = gb_eval(node->child[i], run, &own[i]);
    return gb_eval(node->child[last], run, scratch);
}

const struct gb_value *gb_eval_optional_map(const struct gb_node *n, struct gb_cel_run *run,
                                            struct gb_value *scratch)
{
    const struct gb_node_bind *node = (const struct gb_node_bind *)n;
    struct gb_value own;
    const struct gb_value *target = gb_eval(node->init, run, &own);
    if (target->kind != GB_VALUE_OPTIONAL) {
        *scratch = gb_is_blocked(target) ? *target : gb_value_no_overload;
        return scratch;
    }
    if (!target->pointer)
        return none(scratch);
    run->locals[node->local] = target->pointer;
    const struct gb_value *result = gb_eval(node->body, run, scratch);
    if (gb_is_blocked(result))
        return result;
    if (!node->flat)
        return some(run, result, scratch);
    return result->kind == GB_VALUE_OPTIONAL ? result : &gb_value_no_overload;
}
