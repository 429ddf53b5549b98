// Doubles to and from text; used by JSON, YAML and expressions.
#include "base/number.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// What a decimal literal consists of.
struct parts {
    bool negative;
    bool exact;        // mantissa holds all digits
    uint64_t mantissa; // digits without the point
    int64_t exponent;  // of ten
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(struct parts *parts, char c)
{
    uint64_t next;
    if (__builtin_mul_overflow(parts->mantissa, (uint64_t)10, &next) ||
        __builtin_add_overflow(next, (uint64_t)(c - '0'), &next))
        parts->exact = false;
    else
        parts->mantissa = next;
}

static bool split_exponent(struct gb_str s, size_t i, struct parts *parts)
{
    bool negative = i < s.len && s.at[i] == '-';
    if (i < s.len && (s.at[i] == '-' || s.at[i] == '+'))
        i++;
    if (i == s.len)
        return false;
    int64_t value = 0;
    for (; i < s.len; i++) {
        if (!is_digit(s.at[i]))
            return false;
        if (value < 1000000)
            value = value * 10 + (s.at[i] - '0');
    }
    parts->exponent += negative ? -value : value;
    return true;
}

static bool split(struct gb_str s, struct parts *parts)
{
    *parts = (struct parts){.exact = true};
    size_t i = 0, digits = 0;
    if (i < s.len && (s.at[i] == '-' || s.at[i] == '+'))
        parts->negative = s.at[i++] == '-';
    for (; i < s.len && is_digit(s.at[i]); i++, digits++)
        add_digit(parts, s.at[i]);
    if (i < s.len && s.at[i] == '.') {
        for (i++; i < s.len && is_digit(s.at[i]); i++, digits++) {
            add_digit(parts, s.at[i]);
            parts->exponent--;
        }
    }
    if (!digits)
        return false;
    if (i < s.len && (s.at[i] == 'e' || s.at[i] == 'E'))
        return split_exponent(s, i + 1, parts);
    return i == s.len;
}

// A mantissa of at most 53 bits times or over an exact power of ten is rounded once, so correctly.
static bool fast_double(const struct parts *parts, double *ret)
{
#if FLT_EVAL_METHOD == 0
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (!parts->exact || parts->mantissa > (uint64_t)1 << 53 || parts->exponent < -22 ||
        parts->exponent > 22)
        return false;
    double value = (double)parts->mantissa;
    if (parts->exponent < 0)
        value /= powers[-parts->exponent];
    else
        value *= powers[parts->exponent];
    *ret = parts->negative ? -value : value;
    return true;
#else
    (void)parts;
    (void)ret;
    return false;
#endif
}

static locale_t plain_locale;

static void make_plain_locale(void)
{
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double slow_double(const char *text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_plain_locale);
    // The "C" locale is built into the C library; without memory even for that, strtod is right in
    // every locale that writes a point.
    return plain_locale ? strtod_l(text, NULL, plain_locale) : strtod(text, NULL);
}

int gb_number_double(struct gb_str text, double *ret)
{
    if (text.len > GB_NUMBER_LONGEST)
        return GB_E_LIMIT;
    struct parts parts;
    if (!split(text, &parts))
        return GB_E_SYNTAX;
    if (fast_double(&parts, ret))
        return GB_OK;
    char copy[GB_NUMBER_LONGEST + 1];
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    int before = errno;
    double value = slow_double(copy);
    errno = before;
    if (isinf(value))
        return GB_E_RANGE;
    *ret = value;
    return GB_OK;
}

// snprintf writes the locale's decimal point, which may be a comma or several bytes.
static size_t make_point(char *text)
{
    size_t len = 0;
    for (size_t i = 0; text[i]; i++) {
        char c = text[i];
        if (is_digit(c) || c == '-' || c == '+' || c == 'e')
            text[len++] = c;
        else if (len == 0 || text[len - 1] != '.')
            text[len++] = '.';
    }
    text[len] = 0;
    return len;
}

size_t gb_number_double_text(double number, char into[GB_NUMBER_DOUBLE_SIZE])
{
    if (!isfinite(number)) {
        const char *name = isnan(number) ? "nan" : number < 0 ? "-inf" : "inf";
        return (size_t)snprintf(into, GB_NUMBER_DOUBLE_SIZE, "%s", name);
    }
    // Of fewer than 16 digits a normal double keeps all; below that range fewer may do.
    int digits = fabs(number) < DBL_MIN && number != 0 ? 1 : 15;
    for (;; digits++) {
        char text[GB_NUMBER_DOUBLE_SIZE + 8]; // a long decimal point
        snprintf(text, sizeof text, "%.*g", digits, number);
        size_t len = make_point(text);
        double back;
        if (digits < 17 &&
            (gb_number_double((struct gb_str){text, len}, &back) < 0 || back != number))
            continue;
        if (len >= GB_NUMBER_DOUBLE_SIZE)
            len = GB_NUMBER_DOUBLE_SIZE - 1;
        memcpy(into, text, len);
        into[len] = 0;
        return len;
    }
}

size_t gb_number_double_digits(double number, bool scientific, unsigned digits,
                               char into[GB_NUMBER_DIGITS_SIZE])
{
    if (digits > GB_NUMBER_MOST_DIGITS)
        digits = GB_NUMBER_MOST_DIGITS;
    snprintf(into, GB_NUMBER_DIGITS_SIZE, scientific ? "%.*e" : "%.*f", (int)digits, number);
    return make_point(into);
}
