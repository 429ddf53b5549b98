// The standard functions: sizes, conversions, types, and the tests on strings that need no
// extension. Times are in library_time.c.
#include "expr/engine.h"

#include "base/number.h"
#include "base/time.h"
#include "base/utf8.h"

#include <math.h>

static void size_string(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->string.len / 8);
    *ret = gb_int((int64_t)gb_utf8_count(a->string));
}

static void size_bytes(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int((int64_t)a->string.len);
}

static void size_list(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int((int64_t)a->list->count);
}

static void size_map(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int((int64_t)a->map->count);
}

static void same(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = *a;
}

static void type_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = (struct gb_value){.kind = GB_VALUE_TYPE, .string = gb_cel_type_name(a)};
}

static void out_of_range(struct gb_value *ret)
{
    gb_cel_error(ret, GB_STR("number out of range"));
}

static void int_of_uint(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (a->uinteger > INT64_MAX) {
        out_of_range(ret);
        return;
    }
    *ret = gb_int(a->integer);
}

static void int_of_double(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    // Both ends are out: what a double next to them stands for is not exact.
    if (!(a->real > -9223372036854775808.0 && a->real < 9223372036854775808.0)) {
        out_of_range(ret);
        return;
    }
    *ret = gb_int((int64_t)a->real);
}

static void int_of_string(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    int64_t value;
    struct gb_str text = a->string;
    if (text.len && text.at[0] == '+')
        text = gb_str_from(text, 1);
    if (gb_str_to_int(text, &value) < 0) {
        gb_cel_fail(run, ret, "not an int: \"" GB_PRI "\"", GB_ARG(gb_str_sub(a->string, 0, 60)));
        return;
    }
    *ret = gb_int(value);
}

static void int_of_time(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(a->time.seconds);
}

static void uint_of_int(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (a->integer < 0) {
        out_of_range(ret);
        return;
    }
    *ret = gb_uint(a->uinteger);
}

static void uint_of_double(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    if (!(a->real >= 0 && a->real < 18446744073709551616.0)) {
        out_of_range(ret);
        return;
    }
    *ret = gb_uint((uint64_t)a->real);
}

static void uint_of_string(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    uint64_t value;
    if (gb_str_to_uint(a->string, 10, &value) < 0) {
        gb_cel_fail(run, ret, "not a uint: \"" GB_PRI "\"", GB_ARG(gb_str_sub(a->string, 0, 60)));
        return;
    }
    *ret = gb_uint(value);
}

static void double_of_int(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double((double)a->integer);
}

static void double_of_uint(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_double((double)a->uinteger);
}

static void double_of_string(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    double value;
    struct gb_str text = a->string;
    bool negative = text.len && text.at[0] == '-';
    struct gb_str bare = text.len && (negative || text.at[0] == '+') ? gb_str_from(text, 1) : text;
    if (gb_str_eq_nocase(bare, GB_STR("inf")) || gb_str_eq_nocase(bare, GB_STR("infinity")))
        *ret = gb_double(negative ? -INFINITY : INFINITY);
    else if (gb_str_eq_nocase(bare, GB_STR("nan")))
        *ret = gb_double(NAN);
    else if (gb_number_double(text, &value) < 0)
        gb_cel_fail(run, ret, "not a double: \"" GB_PRI "\"", GB_ARG(gb_str_sub(text, 0, 60)));
    else
        *ret = gb_double(value);
}

static void string_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_str text;
    if (!gb_cel_text_of(run, a, &text)) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    *ret = gb_string(text);
}

static void string_of_bytes(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a->string.len / 8);
    if (gb_utf8_valid(a->string))
        *ret = gb_string(a->string);
    else
        gb_cel_error(ret, GB_STR("bytes that are not UTF-8"));
}

static void bytes_of_string(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bytes(a->string);
}

static void bool_of_string(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (gb_str_is(a->string, yes[i]) || gb_str_is(a->string, no[i])) {
            *ret = gb_bool(gb_str_is(a->string, yes[i]));
            return;
        }
    }
    gb_cel_fail(run, ret, "not a bool: \"" GB_PRI "\"", GB_ARG(gb_str_sub(a->string, 0, 60)));
}

static void starts_with(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_str_starts(a[0].string, a[1].string));
}

static void ends_with(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(gb_str_ends(a[0].string, a[1].string));
}

static void contains(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    gb_cel_charge(run, a[0].string.len / 8);
    *ret = gb_bool(gb_str_contains(a[0].string, a[1].string));
}

// A pattern that is no constant: compiled now, and kept while it stays the same.
static void matches(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    const struct gb_regex *regex = gb_run_regex(run, a[1].string, ret);
    int found = regex ? gb_run_search(run, regex, a[0].string, ret) : -1;
    if (found >= 0)
        *ret = gb_bool(found);
}

static const struct gb_cel_overload overloads[] = {
    {"size", "string -> int", size_string, 0, "The number of characters (code points)."},
    {"size", "bytes -> int", size_bytes, 0, "The number of bytes."},
    {"size", "list(A) -> int", size_list, 0, "The number of elements."},
    {"size", "map(A, B) -> int", size_map, 0, "The number of entries."},
    {"size", "string -> int", size_string, GB_CEL_METHOD, "The number of characters."},
    {"size", "bytes -> int", size_bytes, GB_CEL_METHOD, "The number of bytes."},
    {"size", "list(A) -> int", size_list, GB_CEL_METHOD, "The number of elements."},
    {"size", "map(A, B) -> int", size_map, GB_CEL_METHOD, "The number of entries."},
    {"dyn", "A -> dyn", same, 0, "The same value, its type no longer checked when loaded."},
    {"type", "A -> type(A)", type_of, 0, "The type of a value: type(1) == int."},
    {"int", "int -> int", same, 0, "Itself."},
    {"int", "uint -> int", int_of_uint, 0, "The same number; an error when it does not fit."},
    {"int", "double -> int", int_of_double, 0, "The number cut towards zero."},
    {"int", "string -> int", int_of_string, 0, "The number that a text is: int('42')."},
    {"int", "timestamp -> int", int_of_time, 0, "Seconds since 1970-01-01T00:00:00Z."},
    {"int", "duration -> int", int_of_time, 0, "Whole seconds."},
    {"uint", "uint -> uint", same, 0, "Itself."},
    {"uint", "int -> uint", uint_of_int, 0, "The same number; an error when it is negative."},
    {"uint", "double -> uint", uint_of_double, 0, "The number cut towards zero."},
    {"uint", "string -> uint", uint_of_string, 0, "The number that a text is."},
    {"double", "double -> double", same, 0, "Itself."},
    {"double", "int -> double", double_of_int, 0, "The nearest double."},
    {"double", "uint -> double", double_of_uint, 0, "The nearest double."},
    {"double", "string -> double", double_of_string, 0, "The number that a text is."},
    {"string", "string -> string", same, 0, "Itself."},
    {"string", "bool -> string", string_of, 0, "true or false."},
    {"string", "int -> string", string_of, 0, "The number as text."},
    {"string", "uint -> string", string_of, 0, "The number as text."},
    {"string", "double -> string", string_of, 0, "The shortest text that reads back."},
    {"string", "bytes -> string", string_of_bytes, 0, "The text that UTF-8 bytes are."},
    {"string", "timestamp -> string", string_of, 0, "RFC 3339, in UTC."},
    {"string", "duration -> string", string_of, 0, "In seconds: 90s, 1.5s."},
    {"bytes", "bytes -> bytes", same, 0, "Itself."},
    {"bytes", "string -> bytes", bytes_of_string, 0, "The text as UTF-8."},
    {"bool", "bool -> bool", same, 0, "Itself."},
    {"bool", "string -> bool", bool_of_string, 0, "bool('true'); also t, 1, f, 0 and so on."},
    {"startsWith", "string, string -> bool", starts_with, GB_CEL_METHOD,
     "Whether the text begins with another."},
    {"endsWith", "string, string -> bool", ends_with, GB_CEL_METHOD,
     "Whether the text ends with another."},
    {"contains", "string, string -> bool", contains, GB_CEL_METHOD,
     "Whether the text has another inside."},
    {"matches", "string, string -> bool", matches, GB_CEL_METHOD | GB_CEL_PATTERN,
     "Whether a pattern (RE2 syntax) matches anywhere in the text; anchor with ^ and $."},
    {"matches", "string, string -> bool", matches, GB_CEL_PATTERN, "matches(text, pattern)."},
};

const struct gb_cel_library gb_cel_library_core = {
    .name = "core",
    .doc = "Sizes, conversions, types, tests on strings",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
