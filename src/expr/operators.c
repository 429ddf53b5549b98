// Arithmetic, equality and order of values, as CEL defines them; used by nodes and libraries.
#include "expr/engine.h"

#include "base/time.h"

#include <math.h>

enum { NANOS = 1000000000 };

const struct gb_value gb_value_true = {.kind = GB_VALUE_BOOL, .boolean = true};
const struct gb_value gb_value_false = {.kind = GB_VALUE_BOOL, .boolean = false};
const struct gb_value gb_value_no_overload = {.kind = GB_VALUE_ERROR,
                                              .string = GB_STR_INIT("no such overload")};

static void overflow(struct gb_value *ret)
{
    gb_cel_error(ret, GB_STR("integer overflow"));
}

static int compare_time(const struct gb_value *a, const struct gb_value *b)
{
    if (a->time.seconds != b->time.seconds)
        return a->time.seconds < b->time.seconds ? -1 : 1;
    return (a->time.nanos > b->time.nanos) - (a->time.nanos < b->time.nanos);
}

static int compare_doubles(double a, double b)
{
    if (isnan(a) || isnan(b))
        return 2;
    return (a > b) - (a < b);
}

// As the reference implementations do: integers are taken as the nearest double, so that two
// numbers that a double cannot tell apart are equal.
static int compare_double_int(double d, int64_t i)
{
    if (d < -9223372036854775808.0)
        return -1;
    return d > 9223372036854775808.0 ? 1 : compare_doubles(d, (double)i);
}

static int compare_double_uint(double d, uint64_t u)
{
    if (d < 0)
        return -1;
    return d > 18446744073709551616.0 ? 1 : compare_doubles(d, (double)u);
}

static int reversed(int order)
{
    return order == 2 ? 2 : -order;
}

static bool is_number(const struct gb_value *value)
{
    return value->kind == GB_VALUE_INT || value->kind == GB_VALUE_UINT ||
           value->kind == GB_VALUE_DOUBLE;
}

static int compare_numbers(const struct gb_value *a, const struct gb_value *b)
{
    if (a->kind == GB_VALUE_DOUBLE) {
        if (b->kind == GB_VALUE_INT)
            return compare_double_int(a->real, b->integer);
        if (b->kind == GB_VALUE_UINT)
            return compare_double_uint(a->real, b->uinteger);
        return compare_doubles(a->real, b->real);
    }
    if (b->kind == GB_VALUE_DOUBLE)
        return reversed(compare_numbers(b, a));
    if (a->kind == b->kind && a->kind == GB_VALUE_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (a->kind == GB_VALUE_INT && a->integer < 0)
        return -1;
    if (b->kind == GB_VALUE_INT && b->integer < 0)
        return 1;
    return (a->uinteger > b->uinteger) - (a->uinteger < b->uinteger);
}

int gb_cel_order(const struct gb_value *a, const struct gb_value *b)
{
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b);
    if (a->kind != b->kind)
        return 2;
    switch (a->kind) {
    case GB_VALUE_BOOL:
        return a->boolean - b->boolean;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES: {
        int order = gb_str_compare(a->string, b->string);
        return (order > 0) - (order < 0);
    }
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
        return compare_time(a, b);
    default:
        return 2;
    }
}

static bool equal_lists(struct gb_cel_run *run, const struct gb_list *a, const struct gb_list *b,
                        const struct gb_value **blocked)
{
    if (a->count != b->count || !gb_cel_charge(run, 1 + a->count / 4))
        return false;
    bool equal = true;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = gb_equal_blocked(run, &a->items[i], &b->items[i], blocked);
    if (!equal)
        *blocked = NULL; // different whatever the unknown one is
    return equal;
}

static bool equal_maps(struct gb_cel_run *run, const struct gb_map_value *a,
                       const struct gb_map_value *b, const struct gb_value **blocked)
{
    if (a->count != b->count || !gb_cel_charge(run, 1 + a->count / 2))
        return false;
    bool equal = true;
    for (size_t i = 0; equal && i < a->count; i++) {
        const struct gb_value *other = gb_map_lookup(b, &a->pairs[i].key);
        equal = other && gb_equal_blocked(run, &a->pairs[i].value, other, blocked);
    }
    if (!equal)
        *blocked = NULL;
    return equal;
}

static bool equal_opaque(const struct gb_value *a, const struct gb_value *b)
{
    const struct gb_cel_opaque *type = a->tag == b->tag ? gb_cel_opaque_of(a->tag) : NULL;
    return type && type->equal(a->pointer, b->pointer);
}

static bool equal_optionals(struct gb_cel_run *run, const struct gb_value *a,
                            const struct gb_value *b, const struct gb_value **blocked)
{
    const struct gb_value *x = a->pointer, *y = b->pointer;
    return x && y ? gb_equal_blocked(run, x, y, blocked) : x == y;
}

bool gb_equal_blocked(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                      const struct gb_value **blocked)
{
    if (gb_is_blocked(a) || gb_is_blocked(b)) {
        *blocked = gb_blocked_rank(a) >= gb_blocked_rank(b) ? a : b;
        return true; // so that the rest is looked at: one difference decides
    }
    if (is_number(a) && is_number(b))
        return compare_numbers(a, b) == 0;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case GB_VALUE_NULL:
        return true;
    case GB_VALUE_BOOL:
        return a->boolean == b->boolean;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
    case GB_VALUE_TYPE:
        return gb_str_eq(a->string, b->string);
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
        return compare_time(a, b) == 0;
    case GB_VALUE_LIST:
        return equal_lists(run, a->list, b->list, blocked);
    case GB_VALUE_MAP:
        return equal_maps(run, a->map, b->map, blocked);
    case GB_VALUE_OPTIONAL:
        return equal_optionals(run, a, b, blocked);
    case GB_VALUE_OPAQUE:
        return equal_opaque(a, b);
    default:
        return false;
    }
}

bool gb_cel_equal(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b)
{
    const struct gb_value *blocked = NULL;
    return gb_equal_blocked(run, a, b, &blocked) && !blocked;
}

static void concat(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                   struct gb_value *ret)
{
    if (!a->string.len || !b->string.len) {
        *ret = a->string.len ? *a : *b;
        ret->origin = a->origin ? a->origin : b->origin;
        return;
    }
    size_t len = a->string.len + b->string.len;
    if (!gb_cel_charge(run, len / 8)) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    char *text = gb_alloc(run->arena, len);
    if (!text) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    memcpy(text, a->string.at, a->string.len);
    memcpy(text + a->string.len, b->string.at, b->string.len);
    *ret = (struct gb_value){
        .kind = a->kind, .origin = a->origin ? a->origin : b->origin, .string = {text, len}};
}

static void concat_lists(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                         struct gb_value *ret)
{
    if (!a->list->count || !b->list->count) {
        *ret = a->list->count ? *a : *b;
        return;
    }
    size_t count = a->list->count + b->list->count;
    struct gb_list *list = NULL;
    if (gb_cel_charge(run, count * 3)) {
        list = gb_list_new(run->arena);
        if (list)
            list->items = gb_alloc_array(run->arena, count, sizeof *list->items);
    }
    if (!list || !list->items) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    memcpy(list->items, a->list->items, a->list->count * sizeof *list->items);
    memcpy(list->items + a->list->count, b->list->items, b->list->count * sizeof *list->items);
    list->count = list->capacity = count;
    *ret = gb_at(gb_list_of(list), a->origin ? a->origin : b->origin);
}

// Brings nanos into the range that the kind has, and the whole into its limits.
static void normalise(struct gb_value *ret, uint8_t kind, int64_t seconds, int64_t nanos)
{
    seconds += nanos / NANOS;
    nanos %= NANOS;
    if (nanos < 0 && (kind == GB_VALUE_TIMESTAMP || seconds > 0)) {
        nanos += NANOS;
        seconds--;
    } else if (nanos > 0 && seconds < 0 && kind == GB_VALUE_DURATION) {
        nanos -= NANOS;
        seconds++;
    }
    int64_t total;
    bool fits = kind == GB_VALUE_TIMESTAMP
                    ? seconds >= GB_TIME_MINIMUM && seconds <= GB_TIME_MAXIMUM
                    : !__builtin_mul_overflow(seconds, (int64_t)NANOS, &total) &&
                          !__builtin_add_overflow(total, nanos, &total);
    if (!fits) {
        gb_cel_error(ret, kind == GB_VALUE_TIMESTAMP ? GB_STR("timestamp out of range")
                                                     : GB_STR("duration out of range"));
        return;
    }
    *ret = (struct gb_value){.kind = kind, .time = {seconds, (int32_t)nanos}};
}

static void add_time(const struct gb_value *a, const struct gb_value *b, struct gb_value *ret)
{
    uint8_t kind = a->kind == GB_VALUE_TIMESTAMP || b->kind == GB_VALUE_TIMESTAMP
                       ? GB_VALUE_TIMESTAMP
                       : GB_VALUE_DURATION;
    int64_t seconds;
    if (__builtin_add_overflow(a->time.seconds, b->time.seconds, &seconds)) {
        gb_cel_error(ret, GB_STR("duration out of range"));
        return;
    }
    normalise(ret, kind, seconds, (int64_t)a->time.nanos + b->time.nanos);
}

static void subtract_time(const struct gb_value *a, const struct gb_value *b, struct gb_value *ret)
{
    uint8_t kind = b->kind == GB_VALUE_TIMESTAMP || a->kind == GB_VALUE_DURATION
                       ? GB_VALUE_DURATION
                       : GB_VALUE_TIMESTAMP;
    int64_t seconds;
    if (__builtin_sub_overflow(a->time.seconds, b->time.seconds, &seconds)) {
        gb_cel_error(ret, GB_STR("duration out of range"));
        return;
    }
    normalise(ret, kind, seconds, (int64_t)a->time.nanos - b->time.nanos);
}

static bool is_time(const struct gb_value *value)
{
    return value->kind == GB_VALUE_TIMESTAMP || value->kind == GB_VALUE_DURATION;
}

void gb_operate_add(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                    struct gb_value *ret)
{
    int64_t i;
    uint64_t u;
    if (a->kind != b->kind) {
        if (is_time(a) && is_time(b)) {
            add_time(a, b, ret);
            return;
        }
        *ret = gb_value_no_overload;
        return;
    }
    switch (a->kind) {
    case GB_VALUE_INT:
        if (__builtin_add_overflow(a->integer, b->integer, &i)) {
            overflow(ret);
            return;
        }
        *ret = gb_int(i);
        return;
    case GB_VALUE_UINT:
        if (__builtin_add_overflow(a->uinteger, b->uinteger, &u)) {
            overflow(ret);
            return;
        }
        *ret = gb_uint(u);
        return;
    case GB_VALUE_DOUBLE:
        *ret = gb_double(a->real + b->real);
        return;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
        concat(run, a, b, ret);
        return;
    case GB_VALUE_LIST:
        concat_lists(run, a, b, ret);
        return;
    case GB_VALUE_DURATION:
        add_time(a, b, ret);
        return;
    default:
        *ret = gb_value_no_overload;
    }
}

void gb_operate_subtract(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                         struct gb_value *ret)
{
    (void)run;
    int64_t i;
    uint64_t u;
    if (is_time(a) && is_time(b) && (a->kind == b->kind || a->kind == GB_VALUE_TIMESTAMP)) {
        subtract_time(a, b, ret);
        return;
    }
    if (a->kind != b->kind) {
        *ret = gb_value_no_overload;
    } else if (a->kind == GB_VALUE_INT) {
        if (__builtin_sub_overflow(a->integer, b->integer, &i)) {
            overflow(ret);
            return;
        }
        *ret = gb_int(i);
    } else if (a->kind == GB_VALUE_UINT) {
        if (__builtin_sub_overflow(a->uinteger, b->uinteger, &u)) {
            overflow(ret);
            return;
        }
        *ret = gb_uint(u);
    } else if (a->kind == GB_VALUE_DOUBLE) {
        *ret = gb_double(a->real - b->real);
    } else {
        *ret = gb_value_no_overload;
    }
}

void gb_operate_multiply(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                         struct gb_value *ret)
{
    (void)run;
    int64_t i;
    uint64_t u;
    if (a->kind != b->kind) {
        *ret = gb_value_no_overload;
    } else if (a->kind == GB_VALUE_INT) {
        if (__builtin_mul_overflow(a->integer, b->integer, &i)) {
            overflow(ret);
            return;
        }
        *ret = gb_int(i);
    } else if (a->kind == GB_VALUE_UINT) {
        if (__builtin_mul_overflow(a->uinteger, b->uinteger, &u)) {
            overflow(ret);
            return;
        }
        *ret = gb_uint(u);
    } else if (a->kind == GB_VALUE_DOUBLE) {
        *ret = gb_double(a->real * b->real);
    } else {
        *ret = gb_value_no_overload;
    }
}

void gb_operate_divide(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                       struct gb_value *ret)
{
    (void)run;
    if (a->kind != b->kind) {
        *ret = gb_value_no_overload;
    } else if (a->kind == GB_VALUE_DOUBLE) {
        *ret = gb_double(a->real / b->real);
    } else if (a->kind != GB_VALUE_INT && a->kind != GB_VALUE_UINT) {
        *ret = gb_value_no_overload;
    } else if (!b->uinteger) {
        gb_cel_error(ret, GB_STR("division by zero"));
    } else if (a->kind == GB_VALUE_UINT) {
        *ret = gb_uint(a->uinteger / b->uinteger);
    } else if (a->integer == INT64_MIN && b->integer == -1) {
        overflow(ret);
    } else {
        *ret = gb_int(a->integer / b->integer);
    }
}

void gb_operate_modulo(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                       struct gb_value *ret)
{
    (void)run;
    if (a->kind != b->kind || (a->kind != GB_VALUE_INT && a->kind != GB_VALUE_UINT))
        *ret = gb_value_no_overload;
    else if (!b->uinteger)
        gb_cel_error(ret, GB_STR("modulus by zero"));
    else if (a->kind == GB_VALUE_UINT)
        *ret = gb_uint(a->uinteger % b->uinteger);
    else if (a->integer == INT64_MIN && b->integer == -1)
        overflow(ret);
    else
        *ret = gb_int(a->integer % b->integer);
}

void gb_operate_negate(const struct gb_value *a, struct gb_value *ret)
{
    if (a->kind == GB_VALUE_DOUBLE)
        *ret = gb_double(-a->real);
    else if (a->kind != GB_VALUE_INT)
        *ret = gb_value_no_overload;
    else if (a->integer == INT64_MIN)
        overflow(ret);
    else
        *ret = gb_int(-a->integer);
}
