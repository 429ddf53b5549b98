// Optional values: what may be absent, without an error.
#include "expr/library.h"

static void of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_optional_of(run, a, ret);
}

static void none(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run, (void)a;
    *ret = gb_cel_optional_none();
}

// Zero, empty, false, null and an optional without value.
static bool is_zero(const struct gb_value *value)
{
    switch (value->kind) {
    case GB_VALUE_NULL:
        return true;
    case GB_VALUE_BOOL:
        return !value->boolean;
    case GB_VALUE_INT:
    case GB_VALUE_UINT:
        return !value->uinteger;
    case GB_VALUE_DOUBLE:
        return value->real == 0;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
        return !value->string.len;
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
        return !value->time.seconds && !value->time.nanos;
    case GB_VALUE_LIST:
        return !value->list->count;
    case GB_VALUE_MAP:
        return !value->map->count;
    case GB_VALUE_OPTIONAL:
        return !value->pointer;
    default:
        return false;
    }
}

static void of_non_zero(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    if (is_zero(a))
        *ret = gb_cel_optional_none();
    else
        gb_cel_optional_of(run, a, ret);
}

static void has_value(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(a->pointer != NULL);
}

static void value(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (a->pointer)
        *ret = *(const struct gb_value *)a->pointer;
    else
        gb_cel_error(ret, GB_STR("optional.none() has no value"));
}

static void either(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = a[0].pointer ? a[0] : a[1];
}

static void or_value(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = a[0].pointer ? *(const struct gb_value *)a[0].pointer : a[1];
}

static void unwrap(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_list *list = gb_list_new(gb_cel_arena(run));
    if (!list || !gb_cel_charge(run, a->list->count * 3)) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    for (size_t i = 0; i < a->list->count; i++) {
        const struct gb_value *item = &a->list->items[i];
        if (!gb_cel_is_value(item)) {
            *ret = *item;
            return;
        }
        if (item->kind != GB_VALUE_OPTIONAL) {
            gb_cel_fail_overload(ret);
            return;
        }
        if (item->pointer)
            gb_list_add(gb_cel_arena(run), list, *(const struct gb_value *)item->pointer);
    }
    *ret = gb_list_of(list);
}

static void first(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    if (!a->list->count)
        *ret = gb_cel_optional_none();
    else
        gb_cel_optional_of(run, &a->list->items[0], ret);
}

static void last(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    if (!a->list->count)
        *ret = gb_cel_optional_none();
    else
        gb_cel_optional_of(run, &a->list->items[a->list->count - 1], ret);
}

static const struct gb_cel_overload overloads[] = {
    {"optional.of", "A -> optional(A)", of, 0, "An optional with a value."},
    {"optional.none", "-> optional(A)", none, 0, "An optional without a value."},
    {"optional.ofNonZeroValue", "A -> optional(A)", of_non_zero, 0,
     "An optional with the value, unless that is zero, empty, false or null."},
    {"hasValue", "optional(A) -> bool", has_value, GB_CEL_METHOD, "Whether there is a value."},
    {"value", "optional(A) -> A", value, GB_CEL_METHOD, "The value; an error when there is none."},
    {"or", "optional(A), optional(A) -> optional(A)", either, GB_CEL_METHOD,
     "This one, or the other when this one has no value."},
    {"orValue", "optional(A), A -> A", or_value, GB_CEL_METHOD,
     "The value, or another one when there is none: user.?shell.orValue('')."},
    {"optional.unwrap", "list(optional(A)) -> list(A)", unwrap, 0,
     "The values of those that have one."},
    {"unwrapOpt", "list(optional(A)) -> list(A)", unwrap, GB_CEL_METHOD,
     "The values of those that have one."},
    {"first", "list(A) -> optional(A)", first, GB_CEL_METHOD,
     "The first element, if there is one."},
    {"last", "list(A) -> optional(A)", last, GB_CEL_METHOD, "The last element, if there is one."},
    {"optMap", "optional(A), expression -> optional(B)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "optMap(x, expression): the optional of the expression with x as the value."},
    {"optFlatMap", "optional(A), expression -> optional(B)", NULL, GB_CEL_METHOD | GB_CEL_MACRO,
     "As optMap, for an expression that gives an optional."},
};

const struct gb_cel_library gb_cel_library_optional = {
    .name = "optional",
    .doc = "Optional values",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
