// string.format(list): the formatting clauses of cel-go's strings extension (%s %d %f %e %b %o %x
// %X).
#include "expr/library.h"

#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 32, DEFAULT_DIGITS = 6 };

// The text while it grows. After `failed` nothing more is added: *ret says why.
struct text {
    struct gb_cel_text out;
    struct gb_cel_run *run;
    struct gb_value *ret;
    bool failed;
};

static void fail_memory(struct text *text)
{
    gb_cel_fail_memory(text->run, text->ret);
    text->failed = true;
}

static void add(struct text *text, struct gb_str s)
{
    gb_cel_text_add(&text->out, s);
}

static void fail_kind(struct text *text, const char *clause, const struct gb_value *value)
{
    if (text->failed)
        return;
    struct gb_str name = gb_cel_type_name(value);
    gb_cel_fail(text->run, text->ret, "format: %s, was given " GB_PRI, clause, GB_ARG(name));
    text->failed = true;
}

// --- %s

static bool add_not_finite(struct text *text, double number)
{
    if (isfinite(number))
        return false;
    add(text, isnan(number) ? GB_STR("NaN")
              : number < 0  ? GB_STR("-Infinity")
                            : GB_STR("Infinity"));
    return true;
}

// The shortest digits that mean this number, without an exponent.
static void add_double(struct text *text, double number)
{
    if (add_not_finite(text, number))
        return;
    char shortest[GB_NUMBER_DOUBLE_SIZE], digits[GB_NUMBER_DOUBLE_SIZE];
    gb_number_double_text(number, shortest);
    char *mark = strchr(shortest, 'e');
    if (!mark) {
        add(text, gb_str_of(shortest));
        return;
    }
    long exponent = strtol(mark + 1, NULL, 10);
    size_t count = 0;
    long point = 0; // digits before the point
    for (const char *c = shortest; c < mark; c++) {
        if (*c >= '0' && *c <= '9')
            digits[count++] = *c;
        else if (*c == '.')
            point = (long)count;
    }
    if (!point)
        point = (long)count;
    point += exponent;
    if (shortest[0] == '-')
        add(text, GB_STR("-"));
    if (point <= 0)
        add(text, GB_STR("0."));
    for (long i = point; i < 0; i++)
        add(text, GB_STR("0"));
    for (long i = 0; i < (long)count; i++) {
        if (i == point && i > 0)
            add(text, GB_STR("."));
        add(text, (struct gb_str){&digits[i], 1});
    }
    for (long i = (long)count; i < point; i++)
        add(text, GB_STR("0"));
}

static void add_string(struct text *text, const struct gb_value *value, unsigned depth);

static void add_list(struct text *text, const struct gb_list *list, unsigned depth)
{
    add(text, GB_STR("["));
    for (size_t i = 0; i < list->count && !text->failed && !text->out.failed; i++) {
        if (i)
            add(text, GB_STR(", "));
        add_string(text, &list->items[i], depth + 1);
    }
    add(text, GB_STR("]"));
}

struct entry {
    struct gb_str key;
    const struct gb_value *value;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    return gb_str_compare(left->key, right->key);
}

// In order of the keys' texts, so that equal maps have equal texts.
static void add_map(struct text *text, const struct gb_map_value *map, unsigned depth)
{
    struct entry *entries = gb_alloc_array(gb_cel_arena(text->run), map->count, sizeof *entries);
    if (!entries) {
        fail_memory(text);
        return;
    }
    for (size_t i = 0; i < map->count && !text->failed && !text->out.failed; i++) {
        struct text key = {.out.run = text->run, .run = text->run, .ret = text->ret};
        add_string(&key, &map->pairs[i].key, depth + 1);
        entries[i] = (struct entry){{key.out.data, key.out.len}, &map->pairs[i].value};
        text->failed |= key.failed;
        text->out.failed |= key.out.failed;
    }
    if (text->failed || text->out.failed)
        return;
    qsort(entries, map->count, sizeof *entries, compare_entries);
    add(text, GB_STR("{"));
    for (size_t i = 0; i < map->count && !text->failed && !text->out.failed; i++) {
        if (i)
            add(text, GB_STR(", "));
        add(text, entries[i].key);
        add(text, GB_STR(": "));
        add_string(text, entries[i].value, depth + 1);
    }
    add(text, GB_STR("}"));
}

static void add_string(struct text *text, const struct gb_value *value, unsigned depth)
{
    struct gb_str plain;
    if (text->failed || text->out.failed)
        return;
    if (depth > DEEPEST) {
        gb_cel_error(text->ret, GB_STR("format: the value is nested too deeply"));
        text->failed = true;
    } else if (!gb_cel_is_value(value)) {
        *text->ret = *value;
        text->failed = true;
    } else if (value->kind == GB_VALUE_DOUBLE) {
        add_double(text, value->real);
    } else if (value->kind == GB_VALUE_NULL) {
        add(text, GB_STR("null"));
    } else if (value->kind == GB_VALUE_LIST) {
        add_list(text, value->list, depth);
    } else if (value->kind == GB_VALUE_MAP) {
        add_map(text, value->map, depth);
    } else if (value->kind == GB_VALUE_TYPE) {
        add(text, value->string);
    } else if (value->kind == GB_VALUE_OPTIONAL || value->kind == GB_VALUE_OPAQUE) {
        fail_kind(text, "%s takes strings, bools, bytes, numbers, maps, lists, types and times",
                  value);
    } else if (value->kind == GB_VALUE_BYTES) {
        add(text, gb_utf8_clean(gb_cel_arena(text->run), value->string));
    } else if (gb_cel_text_of(text->run, value, &plain)) {
        add(text, plain);
    } else {
        fail_memory(text);
    }
}

// --- numbers

static void add_decimal(struct text *text, const struct gb_value *value)
{
    struct gb_str plain;
    if (value->kind == GB_VALUE_DOUBLE && add_not_finite(text, value->real))
        return;
    if (value->kind != GB_VALUE_INT && value->kind != GB_VALUE_UINT)
        fail_kind(text, "%d takes integers", value);
    else if (gb_cel_text_of(text->run, value, &plain))
        add(text, plain);
    else
        fail_memory(text);
}

static void add_digits(struct text *text, const struct gb_value *value, bool scientific,
                       unsigned digits)
{
    double number = value->kind == GB_VALUE_DOUBLE ? value->real
                    : value->kind == GB_VALUE_INT  ? (double)value->integer
                                                   : (double)value->uinteger;
    if (value->kind != GB_VALUE_DOUBLE && value->kind != GB_VALUE_INT &&
        value->kind != GB_VALUE_UINT) {
        fail_kind(text, scientific ? "%e takes numbers" : "%f takes numbers", value);
        return;
    }
    if (add_not_finite(text, number))
        return;
    char into[GB_NUMBER_DIGITS_SIZE];
    size_t len = gb_number_double_digits(number, scientific, digits, into);
    add(text, (struct gb_str){into, len});
}

// In base 2, 8 or 16.
static void add_based(struct text *text, const struct gb_value *value, unsigned bits, bool upper)
{
    bool negative = value->kind == GB_VALUE_INT && value->integer < 0;
    uint64_t magnitude = value->kind == GB_VALUE_BOOL ? value->boolean : value->uinteger;
    if (negative)
        magnitude = 0 - (uint64_t)value->integer;
    char into[66];
    size_t at = sizeof into;
    do {
        unsigned digit = (unsigned)(magnitude & ((1u << bits) - 1));
        into[--at] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[digit];
        magnitude >>= bits;
    } while (magnitude);
    if (negative)
        into[--at] = '-';
    add(text, (struct gb_str){into + at, sizeof into - at});
}

static void add_binary(struct text *text, const struct gb_value *value)
{
    if (value->kind != GB_VALUE_INT && value->kind != GB_VALUE_UINT && value->kind != GB_VALUE_BOOL)
        fail_kind(text, "%b takes integers and bools", value);
    else
        add_based(text, value, 1, false);
}

static void add_octal(struct text *text, const struct gb_value *value)
{
    if (value->kind != GB_VALUE_INT && value->kind != GB_VALUE_UINT)
        fail_kind(text, "%o takes integers", value);
    else
        add_based(text, value, 3, false);
}

static void add_hexadecimal(struct text *text, const struct gb_value *value, bool upper)
{
    if (value->kind == GB_VALUE_INT || value->kind == GB_VALUE_UINT) {
        add_based(text, value, 4, upper);
        return;
    }
    if (value->kind != GB_VALUE_STRING && value->kind != GB_VALUE_BYTES) {
        fail_kind(text, "%x takes integers, bytes and strings", value);
        return;
    }
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (size_t i = 0; i < value->string.len && !text->failed && !text->out.failed; i++) {
        uint8_t byte = (uint8_t)value->string.at[i];
        char pair[2] = {digits[byte >> 4], digits[byte & 15]};
        add(text, (struct gb_str){pair, 2});
    }
}

// --- clauses

static void add_clause(struct text *text, char verb, unsigned digits, const struct gb_value *value)
{
    switch (verb) {
    case 's':
        add_string(text, value, 0);
        break;
    case 'd':
        add_decimal(text, value);
        break;
    case 'e':
    case 'f':
        add_digits(text, value, verb == 'e', digits);
        break;
    case 'b':
        add_binary(text, value);
        break;
    case 'o':
        add_octal(text, value);
        break;
    default: // x, X
        add_hexadecimal(text, value, verb == 'X');
        break;
    }
}

static void fail_clause(struct text *text, const char *what)
{
    gb_cel_fail(text->run, text->ret, "format: %s", what);
    text->failed = true;
}

// Behind the percent sign at format.at[*at - 1]: reads ".DIGITS" and the verb.
static bool read_clause(struct text *text, struct gb_str format, size_t *at, unsigned *digits,
                        char *verb)
{
    *digits = DEFAULT_DIGITS;
    if (*at < format.len && format.at[*at] == '.') {
        size_t start = ++*at;
        for (*digits = 0; *at < format.len && format.at[*at] >= '0' && format.at[*at] <= '9'; ++*at)
            if (*digits <= GB_NUMBER_MOST_DIGITS)
                *digits = *digits * 10 + (unsigned)(format.at[*at] - '0');
        if (*at == start || *digits > GB_NUMBER_MOST_DIGITS) {
            fail_clause(text, *at == start ? "expected digits after the point of a clause"
                                           : "a clause may ask for at most 100 digits");
            return false;
        }
    }
    if (*at == format.len) {
        fail_clause(text, "a clause without a verb at the end");
        return false;
    }
    *verb = format.at[(*at)++];
    if (*verb && strchr("sdfeboxX", *verb))
        return true;
    char what[64];
    bool printable = *verb > ' ' && *verb < 0x7f;
    snprintf(what, sizeof what, "unknown clause \"%%%c\" (known: s d f e b o x X)",
             printable ? *verb : '?');
    fail_clause(text, what);
    return false;
}

static void format(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct text text = {.out.run = run, .run = run, .ret = ret};
    struct gb_str pattern = a[0].string;
    const struct gb_list *values = a[1].list;
    size_t used = 0;
    for (size_t at = 0; at < pattern.len && !text.failed && !text.out.failed;) {
        ptrdiff_t percent = gb_str_find_char(gb_str_from(pattern, at), '%');
        size_t plain = percent < 0 ? pattern.len - at : (size_t)percent;
        add(&text, gb_str_sub(pattern, at, plain));
        at += plain + 1;
        if (percent < 0)
            break;
        if (at < pattern.len && pattern.at[at] == '%') {
            add(&text, GB_STR("%"));
            at++;
            continue;
        }
        unsigned digits;
        char verb;
        if (!read_clause(&text, pattern, &at, &digits, &verb))
            return;
        if (used >= values->count) {
            gb_cel_fail(run, ret, "format: clause %zu has no value", used + 1);
            return;
        }
        const struct gb_value *value = &values->items[used++];
        if (!gb_cel_is_value(value)) {
            *ret = *value;
            return;
        }
        add_clause(&text, verb, digits, value);
    }
    if (!text.failed)
        gb_cel_text_end(&text.out, ret);
}

static const struct gb_cel_overload overloads[] = {
    {"format", "string, list(dyn) -> string", format, GB_CEL_METHOD,
     "Puts the values of a list in the place of clauses: %s any value, %d whole numbers, %f and %e "
     "numbers (%.2f: digits behind the point), %b, %o, %x and %X bases 2, 8 and 16, %% a percent "
     "sign."},
};

const struct gb_cel_library gb_cel_library_format = {
    .name = "format",
    .doc = "Formatting of values into text",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
