// Digits, letters and numbers of any length inside version texts: what all schemes read with. Only
// ASCII counts. Used by the files of this folder.
#ifndef GABION_MODEL_VERSION_DIGITS_H
#define GABION_MODEL_VERSION_DIGITS_H

#include "base/str.h"

static inline bool gb_digits_is(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool gb_digits_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char gb_digits_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

// The character at `at`, NUL behind the end.
static inline char gb_digits_peek(struct gb_str s, size_t at)
{
    return at < s.len ? s.at[at] : '\0';
}

static inline int gb_digits_sign(int n)
{
    return (n > 0) - (n < 0);
}

// The run of digits (letters) that starts at *at, maybe empty; *at moves behind it.
struct gb_str gb_digits_take(struct gb_str s, size_t *at);
struct gb_str gb_digits_take_letters(struct gb_str s, size_t *at);

// As numbers: leading zeros do not count, nothing is 0. Both hold digits only.
int gb_digits_compare(struct gb_str a, struct gb_str b);
bool gb_digits_zero(struct gb_str digits); // nothing but zeros, or empty
bool gb_digits_all(struct gb_str s);       // not empty and nothing but digits

// Byte order of the texts in lower case.
int gb_digits_compare_nocase(struct gb_str a, struct gb_str b);
bool gb_digits_starts_nocase(struct gb_str s, struct gb_str prefix); // prefix in lower case

#endif
