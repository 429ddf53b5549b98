// Quantities of Kubernetes in expressions ("1.5Gi", "200m", "3e6"): quantity() and its methods.
//
// A quantity is kept exactly, in billionths. As in Kubernetes, what is finer is rounded up (away
// from zero) and what is larger than 2^63-1 is cut to that.
#include "expr/library.h"

#include <math.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

enum { MAX_LENGTH = 64, BILLION = 1000000000, DECIMALS = 9 };

struct quantity {
    wide billionths;
};

static const wide LARGEST = (wide)INT64_MAX * BILLION;

// What stands before the suffix: digits with a point anywhere.
struct number {
    unsigned_wide digits;
    int exponent;        // of ten
    bool negative, rest; // rest: digits that did not fit, not all zero
};

static bool read_number(struct gb_str *s, struct number *ret)
{
    struct number number = {0};
    size_t at = 0, seen = 0;
    bool point = false;
    if (at < s->len && (s->at[at] == '-' || s->at[at] == '+'))
        number.negative = s->at[at++] == '-';
    for (; at < s->len; at++) {
        char c = s->at[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        seen++;
        // Of 38 digits the first 37 are kept.
        if (number.digits < ((unsigned_wide)1 << 122)) {
            number.digits = number.digits * 10 + (unsigned)(c - '0');
            number.exponent -= point;
        } else {
            number.rest |= c != '0';
            number.exponent += !point;
        }
    }
    *s = gb_str_from(*s, at);
    *ret = number;
    return seen > 0;
}

// The suffix's powers of ten and two.
static bool read_suffix(struct gb_str s, int *ten, int *two)
{
    static const char decimal[] = "num kMGTPE", binary[] = "KMGTPE";
    *ten = *two = 0;
    if (s.len == 0)
        return true;
    const char *found = memchr(binary, s.at[0], sizeof binary - 1);
    if (s.len == 2 && s.at[1] == 'i' && found) {
        *two = (int)(found - binary + 1) * 10;
        return true;
    }
    found = s.at[0] == ' ' ? NULL : memchr(decimal, s.at[0], sizeof decimal - 1);
    if (s.len == 1 && found) {
        *ten = (int)(found - decimal) * 3 - 9;
        return true;
    }
    if (s.at[0] != 'e' && s.at[0] != 'E')
        return false;
    s = gb_str_from(s, 1);
    bool negative = s.len && s.at[0] == '-';
    if (s.len && (s.at[0] == '-' || s.at[0] == '+'))
        s = gb_str_from(s, 1);
    uint64_t exponent;
    if (gb_str_to_uint(s, 10, &exponent) < 0 || exponent > INT32_MAX)
        return false;
    if (exponent > 1000)
        exponent = 1000; // beyond any quantity already
    *ten = negative ? -(int)exponent : (int)exponent;
    return true;
}

// number * 10^ten * 2^two in billionths, cut and rounded.
static wide scale(struct number number, int ten, int two)
{
    unsigned_wide value = number.digits;
    ten += number.exponent + DECIMALS;
    for (; two > 0; two--) {
        // Only what has digits to spare behind the point can still be small enough.
        for (; value >> 127 && ten < 0; ten++) {
            number.rest |= value % 10 != 0;
            value /= 10;
        }
        if (value >> 127)
            return LARGEST;
        value *= 2;
    }
    for (; ten > 0 && value; ten--)
        if (__builtin_mul_overflow(value, (unsigned_wide)10, &value))
            return LARGEST;
    for (; ten < 0 && value; ten++) {
        number.rest |= value % 10 != 0;
        value /= 10;
    }
    if (value >= (unsigned_wide)LARGEST)
        return LARGEST;
    return (wide)value + number.rest;
}

static bool read_quantity(struct gb_str text, struct quantity *ret)
{
    struct number number;
    int ten, two;
    if (text.len > MAX_LENGTH || !read_number(&text, &number) || !read_suffix(text, &ten, &two))
        return false;
    wide value = scale(number, ten, two);
    ret->billionths = number.negative ? -value : value;
    return true;
}

static const struct quantity *quantity_of(const struct gb_value *value)
{
    return value->pointer;
}

static void give(struct gb_cel_run *run, wide billionths, struct gb_value *ret)
{
    struct quantity *kept = gb_alloc(gb_cel_arena(run), sizeof *kept);
    if (!kept) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    kept->billionths = billionths;
    *ret = gb_cel_opaque_value(GB_CEL_QUANTITY, kept);
}

static void quantity(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct quantity value;
    if (!read_quantity(a->string, &value)) {
        struct gb_str text = gb_str_sub(a->string, 0, 60);
        gb_cel_fail(run, ret, "not a quantity (1.5Gi, 200m): \"" GB_PRI "\"", GB_ARG(text));
        return;
    }
    give(run, value.billionths, ret);
}

static void is_quantity(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    struct quantity ignored;
    *ret = gb_bool(read_quantity(a->string, &ignored));
}

static bool is_whole(const struct quantity *value)
{
    wide whole = value->billionths / BILLION;
    return value->billionths % BILLION == 0 && whole >= INT64_MIN && whole <= INT64_MAX;
}

static void is_integer(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(is_whole(quantity_of(a)));
}

static void as_integer(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    const struct quantity *value = quantity_of(a);
    if (is_whole(value))
        *ret = gb_int((int64_t)(value->billionths / BILLION));
    else
        gb_cel_error(ret, GB_STR("the quantity is not a whole number"));
}

static void as_float(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double((double)((long double)quantity_of(a)->billionths / BILLION));
}

static void sign(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    wide value = quantity_of(a)->billionths;
    *ret = gb_int(value < 0 ? -1 : value > 0);
}

// A sum that stays far from what 128 bits hold, however often sums are summed.
static void give_sum(struct gb_cel_run *run, wide sum, struct gb_value *ret)
{
    if (sum > LARGEST * 1024 || sum < -LARGEST * 1024)
        gb_cel_error(ret, GB_STR("the quantity is out of range"));
    else
        give(run, sum, ret);
}

static void add(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    give_sum(run, quantity_of(a)->billionths + quantity_of(a + 1)->billionths, ret);
}

static void add_int(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    give_sum(run, quantity_of(a)->billionths + (wide)a[1].integer * BILLION, ret);
}

static void sub(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    give_sum(run, quantity_of(a)->billionths - quantity_of(a + 1)->billionths, ret);
}

static void sub_int(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    give_sum(run, quantity_of(a)->billionths - (wide)a[1].integer * BILLION, ret);
}

static int compare(const struct gb_value *a, const struct gb_value *b)
{
    wide left = quantity_of(a)->billionths, right = quantity_of(b)->billionths;
    return left < right ? -1 : left > right;
}

static void is_less(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(compare(a, a + 1) < 0);
}

static void is_greater(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(compare(a, a + 1) > 0);
}

static void compare_to(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(compare(a, a + 1));
}

static const struct gb_cel_overload overloads[] = {
    {"quantity", "string -> kubernetes.Quantity", quantity, 0,
     "The quantity that the text is (1.5Gi, 200m, 3e6); an error when it is none."},
    {"isQuantity", "string -> bool", is_quantity, 0, "Whether the text is a quantity."},
    {"isInteger", "kubernetes.Quantity -> bool", is_integer, GB_CEL_METHOD,
     "Whether it is a whole number that fits an int."},
    {"asInteger", "kubernetes.Quantity -> int", as_integer, GB_CEL_METHOD,
     "The quantity as an int; an error when it is no whole number."},
    {"asApproximateFloat", "kubernetes.Quantity -> double", as_float, GB_CEL_METHOD,
     "The quantity as the nearest double."},
    {"sign", "kubernetes.Quantity -> int", sign, GB_CEL_METHOD, "-1, 0 or 1."},
    {"add", "kubernetes.Quantity, kubernetes.Quantity -> kubernetes.Quantity", add, GB_CEL_METHOD,
     "The sum."},
    {"add", "kubernetes.Quantity, int -> kubernetes.Quantity", add_int, GB_CEL_METHOD, "The sum."},
    {"sub", "kubernetes.Quantity, kubernetes.Quantity -> kubernetes.Quantity", sub, GB_CEL_METHOD,
     "The difference."},
    {"sub", "kubernetes.Quantity, int -> kubernetes.Quantity", sub_int, GB_CEL_METHOD,
     "The difference."},
    {"isLessThan", "kubernetes.Quantity, kubernetes.Quantity -> bool", is_less, GB_CEL_METHOD,
     "Whether the quantity is less than the other."},
    {"isGreaterThan", "kubernetes.Quantity, kubernetes.Quantity -> bool", is_greater, GB_CEL_METHOD,
     "Whether the quantity is more than the other."},
    {"compareTo", "kubernetes.Quantity, kubernetes.Quantity -> int", compare_to, GB_CEL_METHOD,
     "-1, 0 or 1 as the quantity is less than the other, equal, or more."},
};

static bool equal(const void *a, const void *b)
{
    const struct quantity *left = a, *right = b;
    return left->billionths == right->billionths;
}

static const struct gb_cel_opaque opaque[] = {{GB_CEL_QUANTITY, "kubernetes.Quantity", equal}};

const struct gb_cel_library gb_cel_library_quantity = {
    .name = "quantity",
    .doc = "Quantities as Kubernetes writes them",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
    .opaque = opaque,
    .opaque_count = sizeof opaque / sizeof *opaque,
};
