// Evaluates list and map literals.
#include "expr/engine.h"

// What an element marked with ? gives: its value, or NULL for none; sets *scratch to an error.
static const struct gb_value *optional_element(const struct gb_value *value, bool *none,
                                               struct gb_value *error)
{
    if (value->kind != GB_VALUE_OPTIONAL) {
        gb_cel_error(error, GB_STR("an element marked with ? is no optional"));
        return error;
    }
    *none = !value->pointer;
    return value->pointer;
}

static void keep_worst(struct gb_value *kept, const struct gb_value *value)
{
    if (gb_blocked_rank(value) > gb_blocked_rank(kept))
        *kept = *value;
}

const struct gb_value *gb_eval_list(const struct gb_node *n, struct gb_cel_run *run,
                                    struct gb_value *scratch)
{
    const struct gb_node_many *node = (const struct gb_node_many *)n;
    struct gb_list *list = gb_list_new(run->arena);
    struct gb_value *items = gb_alloc_array(run->arena, node->count, sizeof *items);
    struct gb_value worst = {.kind = GB_VALUE_NULL}, error;
    if (!list || !items) {
        gb_cel_fail_memory(run, scratch);
        return scratch;
    }
    list->items = items;
    list->capacity = node->count;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct gb_value *value = gb_eval(node->child[i], run, scratch);
        bool none = false;
        if (node->marked && node->marked[i] && !gb_is_blocked(value))
            value = optional_element(value, &none, &error);
        if (none)
            continue;
        keep_worst(&worst, value);
        items[list->count++] = *value;
    }
    *scratch = gb_is_blocked(&worst) ? worst : gb_list_of(list);
    return scratch;
}

static bool may_be_key(const struct gb_value *key)
{
    return key->kind == GB_VALUE_STRING || key->kind == GB_VALUE_INT ||
           key->kind == GB_VALUE_UINT || key->kind == GB_VALUE_BOOL;
}

const struct gb_value *gb_eval_map(const struct gb_node *n, struct gb_cel_run *run,
                                   struct gb_value *scratch)
{
    const struct gb_node_many *node = (const struct gb_node_many *)n;
    struct gb_map_value *map = gb_map_new(run->arena);
    struct gb_value worst = {.kind = GB_VALUE_NULL}, own, error;
    for (uint32_t i = 0; map && i < node->count; i += 2) {
        const struct gb_value *key = gb_eval(node->child[i], run, &own);
        const struct gb_value *value = gb_eval(node->child[i + 1], run, scratch);
        bool none = false;
        if (node->marked && node->marked[i] && !gb_is_blocked(value))
            value = optional_element(value, &none, &error);
        if (gb_is_blocked(key) || (!none && gb_is_blocked(value))) {
            keep_worst(&worst, key);
            if (!none)
                keep_worst(&worst, value);
        } else if (!may_be_key(key)) {
            gb_cel_error(&error, GB_STR("unsupported key type"));
            keep_worst(&worst, &error);
        } else if (none) {
            continue;
        } else if (gb_map_lookup(map, key)) {
            gb_cel_error(&error, GB_STR("a key occurs twice"));
            keep_worst(&worst, &error);
        } else {
            gb_map_put_key(run->arena, map, *key, *value);
        }
    }
    if (!map || gb_arena_failed(run->arena))
        gb_cel_fail_memory(run, scratch);
    else
        *scratch = gb_is_blocked(&worst) ? worst : gb_map_of(map);
    return scratch;
}
