// Evaluates comprehensions: all, exists, exists_one, filter, map, transformMap, sortBy.
#include "expr/engine.h"

// A walk over a list, or a map's keys (and values): sets the local variables, step by step.
struct walk {
    const struct gb_list *list;
    const struct gb_map_value *map;
    size_t at, count;
    struct gb_value index; // of a list, where there are two variables
    const struct gb_value *element;
};

// False when the range is nothing to go through: *scratch is the result then.
static bool walk_begin(const struct gb_node_fold *node, struct gb_cel_run *run, struct walk *walk,
                       struct gb_value *scratch)
{
    const struct gb_value *range = gb_eval(node->range, run, scratch);
    walk->at = 0;
    walk->map = NULL;
    if (range->kind == GB_VALUE_LIST) {
        walk->list = range->list;
        walk->count = range->list->count;
        return true;
    }
    walk->list = NULL;
    if (range->kind == GB_VALUE_MAP) {
        walk->map = range->map;
        walk->count = range->map->count;
        return true;
    }
    *scratch = gb_is_blocked(range) ? *range : gb_value_no_overload;
    return false;
}

static inline bool walk_next(const struct gb_node_fold *node, struct gb_cel_run *run,
                             struct walk *walk)
{
    if (walk->at >= walk->count || !gb_cel_charge(run, node->step_cost))
        return false;
    size_t i = walk->at++;
    const struct gb_value *first, *second;
    if (walk->list) {
        first = second = &walk->list->items[i];
        if (node->two) {
            walk->index = gb_int((int64_t)i);
            first = &walk->index;
        }
    } else {
        first = &walk->map->pairs[i].key;
        second = &walk->map->pairs[i].value;
    }
    run->locals[node->local] = first;
    if (node->two)
        run->locals[node->local2] = second;
    walk->element = node->two ? second : first;
    return true;
}

// The worst of what a predicate gave besides bools.
struct worst {
    struct gb_value value;
    bool any;
};

static void keep_worst(struct worst *worst, const struct gb_value *value)
{
    if (!gb_is_blocked(value))
        value = &gb_value_no_overload;
    if (!worst->any || gb_blocked_rank(value) > gb_blocked_rank(&worst->value))
        worst->value = *value;
    worst->any = true;
}

static inline const struct gb_value *quantifier(const struct gb_node_fold *node,
                                                struct gb_cel_run *run, struct gb_value *scratch,
                                                bool decides)
{
    struct walk walk __attribute__((uninitialized));
    struct worst worst __attribute__((uninitialized));
    worst.any = false;
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    while (walk_next(node, run, &walk)) {
        const struct gb_value *holds = gb_eval(node->condition, run, scratch);
        if (holds->kind != GB_VALUE_BOOL)
            keep_worst(&worst, holds);
        else if (holds->boolean == decides)
            return decides ? &gb_value_true : &gb_value_false;
    }
    if (!worst.any)
        return decides ? &gb_value_false : &gb_value_true;
    *scratch = worst.value;
    return scratch;
}

const struct gb_value *gb_eval_all(const struct gb_node *node, struct gb_cel_run *run,
                                   struct gb_value *scratch)
{
    return quantifier((const struct gb_node_fold *)node, run, scratch, false);
}

const struct gb_value *gb_eval_exists(const struct gb_node *node, struct gb_cel_run *run,
                                      struct gb_value *scratch)
{
    return quantifier((const struct gb_node_fold *)node, run, scratch, true);
}

const struct gb_value *gb_eval_exists_one(const struct gb_node *n, struct gb_cel_run *run,
                                          struct gb_value *scratch)
{
    const struct gb_node_fold *node = (const struct gb_node_fold *)n;
    struct walk walk;
    struct worst worst = {0};
    size_t count = 0;
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    while (walk_next(node, run, &walk)) {
        const struct gb_value *holds = gb_eval(node->condition, run, scratch);
        if (holds->kind != GB_VALUE_BOOL)
            keep_worst(&worst, holds);
        else if (holds->boolean)
            count++;
    }
    *scratch = worst.any ? worst.value : gb_bool(count == 1);
    return scratch;
}

// Whether the element passes the condition, if there is one. What is no bool is kept.
static inline bool passes(const struct gb_node_fold *node, struct gb_cel_run *run,
                          struct worst *worst, struct gb_value *scratch)
{
    if (!node->condition)
        return true;
    const struct gb_value *holds = gb_eval(node->condition, run, scratch);
    if (holds->kind == GB_VALUE_BOOL)
        return holds->boolean;
    keep_worst(worst, holds);
    return false;
}

static void list_add(struct gb_cel_run *run, struct gb_list *list, const struct gb_value *value)
{
    if (gb_cel_charge(run, 3))
        gb_list_add(run->arena, list, *value);
}

static const struct gb_value *list_result(struct gb_cel_run *run, const struct worst *worst,
                                          const struct gb_list *list, struct gb_value *scratch)
{
    if (!list || gb_arena_failed(run->arena))
        gb_cel_fail_memory(run, scratch);
    else
        *scratch = worst->any ? worst->value : gb_list_of(list);
    return scratch;
}

const struct gb_value *gb_eval_filter(const struct gb_node *n, struct gb_cel_run *run,
                                      struct gb_value *scratch)
{
    const struct gb_node_fold *node = (const struct gb_node_fold *)n;
    struct walk walk;
    struct worst worst = {0};
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    struct gb_list *list = gb_list_new(run->arena);
    while (list && walk_next(node, run, &walk))
        if (passes(node, run, &worst, scratch))
            list_add(run, list, run->locals[node->local]);
    return list_result(run, &worst, list, scratch);
}

const struct gb_value *gb_eval_fold_map(const struct gb_node *n, struct gb_cel_run *run,
                                        struct gb_value *scratch)
{
    const struct gb_node_fold *node = (const struct gb_node_fold *)n;
    struct walk walk;
    struct worst worst = {0};
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    struct gb_list *list = gb_list_new(run->arena);
    while (list && walk_next(node, run, &walk)) {
        if (!passes(node, run, &worst, scratch))
            continue;
        const struct gb_value *value = gb_eval(node->body, run, scratch);
        if (gb_is_blocked(value)) {
            keep_worst(&worst, value);
            continue;
        }
        list_add(run, list, value);
        // What is made from an element stands where the element stands.
        if (list->count && !list->items[list->count - 1].origin)
            list->items[list->count - 1].origin = walk.element->origin;
    }
    return list_result(run, &worst, list, scratch);
}

static const struct gb_value *map_result(struct gb_cel_run *run, const struct worst *worst,
                                         const struct gb_map_value *map, struct gb_value *scratch)
{
    if (!map || gb_arena_failed(run->arena))
        gb_cel_fail_memory(run, scratch);
    else
        *scratch = worst->any ? worst->value : gb_map_of(map);
    return scratch;
}

const struct gb_value *gb_eval_transform_map(const struct gb_node *n, struct gb_cel_run *run,
                                             struct gb_value *scratch)
{
    const struct gb_node_fold *node = (const struct gb_node_fold *)n;
    struct walk walk;
    struct worst worst = {0};
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    struct gb_map_value *map = gb_map_new(run->arena);
    while (map && walk_next(node, run, &walk)) {
        if (!passes(node, run, &worst, scratch))
            continue;
        const struct gb_value *value = gb_eval(node->body, run, scratch);
        if (gb_is_blocked(value))
            keep_worst(&worst, value);
        else if (gb_cel_charge(run, 6))
            gb_map_put_key(run->arena, map, *run->locals[node->local], *value);
    }
    return map_result(run, &worst, map, scratch);
}

// Adds the entries that one step made; a key that is there already is an error.
static void add_entries(struct gb_cel_run *run, struct gb_map_value *map,
                        const struct gb_value *entries, struct worst *worst)
{
    if (entries->kind != GB_VALUE_MAP) {
        keep_worst(worst, entries);
        return;
    }
    for (size_t i = 0; i < entries->map->count; i++) {
        const struct gb_pair *pair = &entries->map->pairs[i];
        struct gb_value error;
        gb_cel_error(&error, GB_STR("a key occurs twice"));
        if (gb_map_lookup(map, &pair->key))
            keep_worst(worst, &error);
        else if (gb_cel_charge(run, 6))
            gb_map_put_key(run->arena, map, pair->key, pair->value);
    }
}

const struct gb_value *gb_eval_transform_entry(const struct gb_node *n, struct gb_cel_run *run,
                                               struct gb_value *scratch)
{
    const struct gb_node_fold *node = (const struct gb_node_fold *)n;
    struct walk walk;
    struct worst worst = {0};
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    struct gb_map_value *map = gb_map_new(run->arena);
    while (map && walk_next(node, run, &walk))
        if (passes(node, run, &worst, scratch))
            add_entries(run, map, gb_eval(node->body, run, scratch), &worst);
    return map_result(run, &worst, map, scratch);
}

// Stable merge of two sorted runs; false when two keys cannot be ordered.
static bool merge(const struct gb_sorting *from, size_t left, size_t middle, size_t right,
                  struct gb_sorting *into)
{
    size_t a = left, b = middle;
    for (size_t i = left; i < right; i++) {
        int order = 0;
        if (a < middle && b < right)
            order = gb_cel_order(&from[a].key, &from[b].key);
        if (order == 2)
            return false;
        into[i] = a < middle && (b >= right || order <= 0) ? from[a++] : from[b++];
    }
    return true;
}

bool gb_sort_by_key(struct gb_cel_run *run, struct gb_sorting **items, size_t count)
{
    struct gb_sorting *from = *items, *into = gb_alloc_array(run->arena, count, sizeof *into);
    if (!into)
        return true; // the arena's failure is seen at the end
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t left = 0; left < count; left += 2 * width) {
            size_t middle = left + width < count ? left + width : count;
            size_t right = middle + width < count ? middle + width : count;
            if (!gb_cel_charge(run, right - left) || !merge(from, left, middle, right, into))
                return false;
        }
        struct gb_sorting *other = from;
        from = into;
        into = other;
    }
    *items = from;
    return true;
}

const struct gb_value *gb_eval_sort_by(const struct gb_node *n, struct gb_cel_run *run,
                                       struct gb_value *scratch)
{
    const struct gb_node_fold *node = (const struct gb_node_fold *)n;
    struct walk walk;
    struct worst worst = {0};
    if (!walk_begin(node, run, &walk, scratch))
        return scratch;
    struct gb_list *list = gb_list_new(run->arena);
    struct gb_sorting *items = gb_alloc_array(run->arena, walk.count, sizeof *items);
    size_t count = 0;
    while (list && items && walk_next(node, run, &walk)) {
        const struct gb_value *key = gb_eval(node->body, run, scratch);
        if (gb_is_blocked(key) || !walk.list || gb_cel_order(key, key) == 2)
            keep_worst(&worst, key);
        else if (gb_cel_charge(run, 8))
            items[count++] = (struct gb_sorting){*key, *walk.element};
    }
    if (items && !worst.any && !gb_sort_by_key(run, &items, count))
        keep_worst(&worst, &gb_value_no_overload);
    for (size_t i = 0; list && items && !worst.any && i < count; i++)
        list_add(run, list, &items[i].element);
    return list_result(run, &worst, list, scratch);
}
