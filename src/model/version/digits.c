// Digit strings of any length: the one place where version numbers are compared.
#include "model/version/digits.h"

struct gb_str gb_digits_take(struct gb_str s, size_t *at)
{
    size_t start = *at;
    while (*at < s.len && gb_digits_is(s.at[*at]))
        (*at)++;
    return gb_str_sub(s, start, *at - start);
}

struct gb_str gb_digits_take_letters(struct gb_str s, size_t *at)
{
    size_t start = *at;
    while (*at < s.len && gb_digits_is_letter(s.at[*at]))
        (*at)++;
    return gb_str_sub(s, start, *at - start);
}

static struct gb_str without_zeros(struct gb_str digits)
{
    size_t zeros = 0;
    while (zeros < digits.len && digits.at[zeros] == '0')
        zeros++;
    return gb_str_from(digits, zeros);
}

int gb_digits_compare(struct gb_str a, struct gb_str b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len ? gb_digits_sign(memcmp(a.at, b.at, a.len)) : 0;
}

bool gb_digits_zero(struct gb_str digits)
{
    return without_zeros(digits).len == 0;
}

bool gb_digits_all(struct gb_str s)
{
    size_t at = 0;
    return s.len && gb_digits_take(s, &at).len == s.len;
}

int gb_digits_compare_nocase(struct gb_str a, struct gb_str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        unsigned char x = (unsigned char)gb_digits_lower(a.at[i]);
        unsigned char y = (unsigned char)gb_digits_lower(b.at[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

bool gb_digits_starts_nocase(struct gb_str s, struct gb_str prefix)
{
    return s.len >= prefix.len &&
           gb_digits_compare_nocase(gb_str_sub(s, 0, prefix.len), prefix) == 0;
}
