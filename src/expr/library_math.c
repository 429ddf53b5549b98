// Functions on numbers, as in cel-go's math extension; and base64.
#include "expr/engine.h"

#include "base/encoding.h"

#include <math.h>

static bool is_number(const struct gb_value *value)
{
    return value->kind == GB_VALUE_INT || value->kind == GB_VALUE_UINT ||
           value->kind == GB_VALUE_DOUBLE;
}

// The greatest (sign 1) or least (sign -1) of some numbers; the first of equal ones.
static void extreme(const struct gb_value *items, size_t count, int sign, struct gb_value *ret)
{
    const struct gb_value *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!is_number(&items[i])) {
            *ret = gb_cel_is_value(&items[i]) ? gb_value_no_overload : items[i];
            return;
        }
        int order = best ? gb_cel_order(&items[i], best) : 0;
        if (!best || (order != 2 && order * sign > 0))
            best = &items[i];
    }
    if (best)
        *ret = *best;
    else
        gb_cel_error(ret, GB_STR("needs at least one number"));
}

static void greatest_one(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = *a;
}

static void greatest_two(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    extreme(a, 2, 1, ret);
}

static void greatest_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    extreme(a->list->items, a->list->count, 1, ret);
}

static void least_two(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    extreme(a, 2, -1, ret);
}

static void least_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->list->count);
    extreme(a->list->items, a->list->count, -1, ret);
}

static void ceiling(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double(ceil(a->real));
}

static void floored(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double(floor(a->real));
}

static void rounded(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double(round(a->real));
}

static void truncated(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double(trunc(a->real));
}

static void absolute(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (a->kind == GB_VALUE_DOUBLE)
        *ret = gb_double(fabs(a->real));
    else if (a->kind == GB_VALUE_INT && a->integer < 0)
        gb_operate_negate(a, ret);
    else
        *ret = *a;
}

static void sign(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (a->kind == GB_VALUE_INT)
        *ret = gb_int((a->integer > 0) - (a->integer < 0));
    else if (a->kind == GB_VALUE_UINT)
        *ret = gb_uint(a->uinteger > 0);
    else
        *ret = isnan(a->real) ? *a : gb_double((a->real > 0) - (a->real < 0));
}

static void is_nan(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(isnan(a->real));
}

static void is_infinite(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(isinf(a->real));
}

static void is_finite(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(isfinite(a->real));
}

static void root(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    double value = a->kind == GB_VALUE_INT    ? (double)a->integer
                   : a->kind == GB_VALUE_UINT ? (double)a->uinteger
                                              : a->real;
    *ret = gb_double(sqrt(value));
}

static struct gb_value like(const struct gb_value *a, uint64_t bits)
{
    return (struct gb_value){.kind = a->kind, .uinteger = bits};
}

static void bit_and(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = like(a, a[0].uinteger & a[1].uinteger);
}

static void bit_or(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = like(a, a[0].uinteger | a[1].uinteger);
}

static void bit_xor(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = like(a, a[0].uinteger ^ a[1].uinteger);
}

static void bit_not(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = like(a, ~a->uinteger);
}

static void shift(const struct gb_value *a, bool left, struct gb_value *ret)
{
    int64_t by = a[1].integer;
    if (by < 0)
        gb_cel_error(ret, GB_STR("a negative number of bits to shift"));
    else if (by > 63)
        *ret = like(a, 0);
    else
        *ret = like(a, left ? a->uinteger << by : a->uinteger >> by);
}

static void shift_left(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    shift(a, true, ret);
}

static void shift_right(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    shift(a, false, ret);
}

static void base64_encode(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_str text = {0};
    if (gb_cel_charge(run, a->string.len / 4))
        text = gb_base64_encode(run->arena, a->string, GB_BASE64);
    if (text.at)
        *ret = gb_string(text);
    else
        gb_cel_fail_memory(run, ret);
}

static void base64_decode(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_str bytes;
    bool padded = a->string.len % 4 == 0;
    if (!gb_cel_charge(run, a->string.len / 4))
        gb_cel_fail_memory(run, ret);
    else if (gb_base64_decode(run->arena, a->string, padded ? GB_BASE64 : GB_BASE64_RAW, &bytes) <
             0)
        gb_cel_error(ret, GB_STR("not base64"));
    else
        *ret = gb_bytes(bytes);
}

#define EXTREME(name, two, of, word)                                                               \
    {name, "int -> int", greatest_one, 0, "Itself."},                                              \
        {name, "uint -> uint", greatest_one, 0, "Itself."},                                        \
        {name, "double -> double", greatest_one, 0, "Itself."},                                    \
        {name, "int, int -> int", two, 0, "The " word " of the numbers given, however many."},     \
        {name, "uint, uint -> uint", two, 0, "The " word " of the numbers given."},                \
        {name, "double, double -> double", two, 0, "The " word " of the numbers given."},          \
        {name, "int, uint -> dyn", two, 0, "The " word " of the numbers given."},                  \
        {name, "int, double -> dyn", two, 0, "The " word " of the numbers given."},                \
        {name, "uint, int -> dyn", two, 0, "The " word " of the numbers given."},                  \
        {name, "uint, double -> dyn", two, 0, "The " word " of the numbers given."},               \
        {name, "double, int -> dyn", two, 0, "The " word " of the numbers given."},                \
        {name, "double, uint -> dyn", two, 0, "The " word " of the numbers given."},               \
        {name, "list(int) -> int", of, 0, "The " word " of the numbers in a list."},               \
        {name, "list(uint) -> uint", of, 0, "The " word " of the numbers in a list."},             \
        {name, "list(double) -> double", of, 0, "The " word " of the numbers in a list."},         \
    {                                                                                              \
        name, "list(dyn) -> dyn", of, 0, "The " word " of the numbers in a list."                  \
    }

#define NUMBERS(name, function, doc)                                                               \
    {name, "int -> int", function, 0, doc}, {name, "uint -> uint", function, 0, doc},              \
    {                                                                                              \
        name, "double -> double", function, 0, doc                                                 \
    }

#define BITS(name, function, doc)                                                                  \
    {name, "int, int -> int", function, 0, doc},                                                   \
    {                                                                                              \
        name, "uint, uint -> uint", function, 0, doc                                               \
    }

static const struct gb_cel_overload overloads[] = {
    EXTREME("math.greatest", greatest_two, greatest_of, "greatest"),
    EXTREME("math.least", least_two, least_of, "least"),
    {"math.ceil", "double -> double", ceiling, 0, "Rounded up."},
    {"math.floor", "double -> double", floored, 0, "Rounded down."},
    {"math.round", "double -> double", rounded, 0, "Rounded to the nearest; halves away from 0."},
    {"math.trunc", "double -> double", truncated, 0, "Rounded towards 0."},
    NUMBERS("math.abs", absolute, "Without its sign."),
    NUMBERS("math.sign", sign, "-1, 0 or 1."),
    {"math.isNaN", "double -> bool", is_nan, 0, "Whether it is not a number."},
    {"math.isInf", "double -> bool", is_infinite, 0, "Whether it is infinite."},
    {"math.isFinite", "double -> bool", is_finite, 0, "Whether it is a finite number."},
    {"math.sqrt", "int -> double", root, 0, "The square root."},
    {"math.sqrt", "uint -> double", root, 0, "The square root."},
    {"math.sqrt", "double -> double", root, 0, "The square root."},
    BITS("math.bitAnd", bit_and, "The bits that both have: math.bitAnd(file.mode, 18) == 0."),
    BITS("math.bitOr", bit_or, "The bits that one of both has."),
    BITS("math.bitXor", bit_xor, "The bits that exactly one of both has."),
    {"math.bitNot", "int -> int", bit_not, 0, "Every bit inverted."},
    {"math.bitNot", "uint -> uint", bit_not, 0, "Every bit inverted."},
    {"math.bitShiftLeft", "int, int -> int", shift_left, 0, "The bits moved up."},
    {"math.bitShiftLeft", "uint, int -> uint", shift_left, 0, "The bits moved up."},
    {"math.bitShiftRight", "int, int -> int", shift_right, 0, "The bits moved down, zeros above."},
    {"math.bitShiftRight", "uint, int -> uint", shift_right, 0, "The bits moved down."},
    {"base64.encode", "bytes -> string", base64_encode, 0, "Bytes as base64 text."},
    {"base64.decode", "string -> bytes", base64_decode, 0,
     "The bytes of a base64 text, with or without padding."},
};

const struct gb_cel_library gb_cel_library_math = {
    .name = "math",
    .doc = "Numbers, bits, base64",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
