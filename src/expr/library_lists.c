// Functions on lists, as in cel-go's lists extension and Kubernetes' list library. Comprehensions
// are macros (eval_fold.c).
#include "expr/engine.h"

static struct gb_list *new_list(struct gb_cel_run *run, size_t capacity, struct gb_value *ret)
{
    struct gb_list *list = NULL;
    if (gb_cel_charge(run, 1 + capacity * 3)) {
        list = gb_list_new(run->arena);
        if (list)
            list->items = gb_alloc_array(run->arena, capacity, sizeof *list->items);
    }
    if (!list || !list->items) {
        gb_cel_fail_memory(run, ret);
        return NULL;
    }
    list->capacity = capacity;
    return list;
}

static void slice(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    int64_t start = a[1].integer, end = a[2].integer;
    if (start < 0 || end < start || (uint64_t)end > a->list->count) {
        gb_cel_fail(run, ret, "cannot slice %lld to %lld of %zu elements", (long long)start,
                    (long long)end, a->list->count);
        return;
    }
    struct gb_list *list = gb_list_new(run->arena);
    if (!list) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    list->items = a->list->items + start; // shared: values are immutable
    list->count = list->capacity = (size_t)(end - start);
    *ret = gb_list_of(list);
}

static void flatten_into(struct gb_cel_run *run, const struct gb_list *from, int64_t depth,
                         struct gb_list *into)
{
    for (size_t i = 0; i < from->count && gb_cel_charge(run, 4); i++) {
        const struct gb_value *item = &from->items[i];
        // The depth is at most that of a value, which the parsers bound.
        if (item->kind == GB_VALUE_LIST && depth > 0)
            flatten_into(run, item->list, depth - 1, into);
        else
            gb_list_add(run->arena, into, *item);
    }
}

static void flatten_to(struct gb_cel_run *run, const struct gb_value *a, int64_t depth,
                       struct gb_value *ret)
{
    struct gb_list *list = gb_list_new(run->arena);
    if (depth < 0) {
        gb_cel_error(ret, GB_STR("the depth must not be negative"));
        return;
    }
    if (list)
        flatten_into(run, a->list, depth, list);
    if (!list || gb_arena_failed(run->arena))
        gb_cel_fail_memory(run, ret);
    else
        *ret = gb_list_of(list);
}

static void flatten(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    flatten_to(run, a, 1, ret);
}

static void flatten_depth(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    flatten_to(run, a, a[1].integer, ret);
}

static bool hashable(const struct gb_value *value)
{
    return value->kind == GB_VALUE_STRING || value->kind == GB_VALUE_INT ||
           value->kind == GB_VALUE_UINT || value->kind == GB_VALUE_BOOL;
}

static bool contains(struct gb_cel_run *run, const struct gb_list *list,
                     const struct gb_value *value)
{
    if (!gb_cel_charge(run, 1 + list->count / 2))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (gb_cel_equal(run, &list->items[i], value))
            return true;
    return false;
}

static void distinct(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_list *list = new_list(run, a->list->count, ret);
    struct gb_map_value *seen = gb_map_new(run->arena);
    for (size_t i = 0; list && seen && i < a->list->count && !run->exhausted; i++) {
        const struct gb_value *item = &a->list->items[i];
        if (!gb_cel_is_value(item)) {
            *ret = *item;
            return;
        }
        if (hashable(item) ? gb_map_lookup(seen, item) != NULL : contains(run, list, item))
            continue;
        if (hashable(item) && gb_cel_charge(run, 8))
            gb_map_put_key(run->arena, seen, *item, gb_null());
        list->items[list->count++] = *item;
    }
    if (!list || !seen || gb_arena_failed(run->arena))
        gb_cel_fail_memory(run, ret);
    else
        *ret = gb_list_of(list);
}

static void sort(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    size_t count = a->list->count;
    struct gb_list *list = new_list(run, count, ret);
    struct gb_sorting *items =
        gb_cel_charge(run, count * 12) ? gb_alloc_array(run->arena, count, sizeof *items) : NULL;
    if (!list || !items) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct gb_value *item = &a->list->items[i];
        if (!gb_cel_is_value(item) || gb_cel_order(item, item) == 2) {
            *ret = gb_cel_is_value(item) ? gb_value_no_overload : *item;
            return;
        }
        items[i] = (struct gb_sorting){*item, *item};
    }
    if (!gb_sort_by_key(run, &items, count)) {
        gb_cel_fail_overload(ret);
        return;
    }
    for (size_t i = 0; i < count; i++)
        list->items[i] = items[i].element;
    list->count = count;
    *ret = gb_list_of(list);
}

static void reverse(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_list *list = new_list(run, a->list->count, ret);
    if (!list)
        return;
    for (size_t i = a->list->count; i > 0; i--)
        list->items[list->count++] = a->list->items[i - 1];
    *ret = gb_list_of(list);
}

static void range(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    int64_t count = a->integer > 0 ? a->integer : 0;
    if (count > UINT32_MAX) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    struct gb_list *list = new_list(run, (size_t)count, ret);
    if (!list)
        return;
    for (int64_t i = 0; i < count; i++)
        list->items[i] = gb_int(i);
    list->count = (size_t)count;
    *ret = gb_list_of(list);
}

static void is_sorted(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    *ret = gb_value_true;
    for (size_t i = 0; i < a->list->count; i++) {
        const struct gb_value *item = &a->list->items[i];
        int order = i ? gb_cel_order(item - 1, item) : gb_cel_order(item, item);
        if (!gb_cel_is_value(item)) {
            *ret = *item;
            return;
        }
        if (order == 2) {
            gb_cel_fail_overload(ret);
            return;
        }
        if (order > 0)
            *ret = gb_value_false;
    }
}

static void sum(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    struct gb_value total = a->list->count ? a->list->items[0] : gb_int(0);
    if (total.kind == GB_VALUE_STRING || total.kind == GB_VALUE_LIST)
        total = gb_value_no_overload;
    for (size_t i = 1; i < a->list->count && gb_cel_is_value(&total); i++) {
        struct gb_value next = a->list->items[i];
        if (gb_cel_is_value(&next))
            gb_operate_add(run, &total, &a->list->items[i], &next);
        total = next;
    }
    *ret = total;
}

// The least (sign 1) or greatest (sign -1) element.
static void extreme(struct gb_cel_run *run, const struct gb_value *a, int sign,
                    struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    if (!a->list->count) {
        gb_cel_error(ret, GB_STR("min() and max() need an element"));
        return;
    }
    const struct gb_value *best = &a->list->items[0];
    for (size_t i = 0; i < a->list->count; i++) {
        const struct gb_value *item = &a->list->items[i];
        int order = gb_cel_order(item, best);
        if (!gb_cel_is_value(item) || order == 2) {
            *ret = gb_cel_is_value(item) ? gb_value_no_overload : *item;
            return;
        }
        if (order * sign < 0)
            best = item;
    }
    *ret = *best;
}

static void minimum(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    extreme(run, a, 1, ret);
}

static void maximum(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    extreme(run, a, -1, ret);
}

static void index_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    *ret = gb_int(-1);
    for (size_t i = 0; i < a->list->count; i++) {
        if (gb_cel_equal(run, &a->list->items[i], &a[1])) {
            *ret = gb_int((int64_t)i);
            return;
        }
    }
}

static void last_index_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    *ret = gb_int(-1);
    for (size_t i = 0; i < a->list->count; i++)
        if (gb_cel_equal(run, &a->list->items[i], &a[1]))
            *ret = gb_int((int64_t)i);
}

// How many elements of the second list are in the first.
static size_t shared(struct gb_cel_run *run, const struct gb_list *in, const struct gb_list *of)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        count += contains(run, in, &of->items[i]);
    return count;
}

static void set_contains(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    *ret = gb_bool(shared(run, a[0].list, a[1].list) == a[1].list->count);
}

static void set_equivalent(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    *ret = gb_bool(shared(run, a[0].list, a[1].list) == a[1].list->count &&
                   shared(run, a[1].list, a[0].list) == a[0].list->count);
}

static void set_intersects(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    *ret = gb_bool(shared(run, a[0].list, a[1].list) > 0);
}

static const struct gb_cel_overload overloads[] = {
    {"slice", "list(A), int, int -> list(A)", slice, GB_CEL_METHOD,
     "The elements from a position up to another, which is not part of it."},
    {"flatten", "list(list(A)) -> list(A)", flatten, GB_CEL_METHOD,
     "The elements of the lists inside, one level deep."},
    {"flatten", "list(dyn) -> list(dyn)", flatten, GB_CEL_METHOD,
     "The elements of the lists inside, one level deep."},
    {"flatten", "list(dyn), int -> list(dyn)", flatten_depth, GB_CEL_METHOD,
     "The elements of the lists inside, so many levels deep."},
    {"distinct", "list(A) -> list(A)", distinct, GB_CEL_METHOD, "Without repeated elements."},
    {"sort", "list(A) -> list(A)", sort, GB_CEL_METHOD,
     "The elements in ascending order; see also sortBy."},
    {"reverse", "list(A) -> list(A)", reverse, GB_CEL_METHOD, "The elements from last to first."},
    {"lists.range", "int -> list(int)", range, 0, "The numbers from 0 up to the one before n."},
    {"isSorted", "list(A) -> bool", is_sorted, GB_CEL_METHOD,
     "Whether the elements are in ascending order."},
    {"sum", "list(A) -> A", sum, GB_CEL_METHOD, "The sum of numbers or durations; 0 of none."},
    {"min", "list(A) -> A", minimum, GB_CEL_METHOD, "The least element."},
    {"max", "list(A) -> A", maximum, GB_CEL_METHOD, "The greatest element."},
    {"indexOf", "list(A), A -> int", index_of, GB_CEL_METHOD,
     "The first position of an element, or -1."},
    {"lastIndexOf", "list(A), A -> int", last_index_of, GB_CEL_METHOD,
     "The last position of an element, or -1."},
    {"sets.contains", "list(A), list(A) -> bool", set_contains, 0,
     "Whether every element of the second list is in the first."},
    {"sets.equivalent", "list(A), list(A) -> bool", set_equivalent, 0,
     "Whether both lists have the same elements, in any order and number."},
    {"sets.intersects", "list(A), list(A) -> bool", set_intersects, 0,
     "Whether both lists share an element."},
};

const struct gb_cel_library gb_cel_library_lists = {
    .name = "lists",
    .doc = "Lists and sets",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
