// String slices; used everywhere.
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

int gb_str_compare(struct gb_str a, struct gb_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    if (order)
        return order < 0 ? -1 : 1;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

bool gb_str_eq_nocase(struct gb_str a, struct gb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

bool gb_str_starts(struct gb_str s, struct gb_str prefix)
{
    return s.len >= prefix.len && gb_str_eq(gb_str_sub(s, 0, prefix.len), prefix);
}

bool gb_str_ends(struct gb_str s, struct gb_str suffix)
{
    return s.len >= suffix.len && gb_str_eq(gb_str_from(s, s.len - suffix.len), suffix);
}

bool gb_str_contains(struct gb_str s, struct gb_str part)
{
    return gb_str_find(s, part) >= 0;
}

ptrdiff_t gb_str_find(struct gb_str s, struct gb_str part)
{
    if (part.len == 0)
        return 0;
    const char *hit = s.len ? memmem(s.at, s.len, part.at, part.len) : NULL;
    return hit ? hit - s.at : -1;
}

ptrdiff_t gb_str_find_char(struct gb_str s, char c)
{
    const char *hit = s.len ? memchr(s.at, c, s.len) : NULL;
    return hit ? hit - s.at : -1;
}

ptrdiff_t gb_str_rfind_char(struct gb_str s, char c)
{
    const char *hit = s.len ? memrchr(s.at, c, s.len) : NULL;
    return hit ? hit - s.at : -1;
}

struct gb_str gb_str_from(struct gb_str s, size_t start)
{
    if (start > s.len)
        start = s.len;
    return (struct gb_str){s.at ? s.at + start : NULL, s.len - start};
}

struct gb_str gb_str_sub(struct gb_str s, size_t start, size_t len)
{
    s = gb_str_from(s, start);
    if (s.len > len)
        s.len = len;
    return s;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct gb_str gb_str_trim(struct gb_str s)
{
    while (s.len && is_space(s.at[0]))
        s = gb_str_from(s, 1);
    while (s.len && is_space(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool gb_str_next(struct gb_str *rest, char separator, struct gb_str *piece)
{
    if (rest->len == 0)
        return false;
    ptrdiff_t at = gb_str_find_char(*rest, separator);
    size_t len = at < 0 ? rest->len : (size_t)at;
    *piece = gb_str_sub(*rest, 0, len);
    *rest = gb_str_from(*rest, at < 0 ? len : len + 1);
    return true;
}

bool gb_str_next_word(struct gb_str *rest, struct gb_str *word)
{
    size_t start = 0;
    while (start < rest->len && is_space(rest->at[start]))
        start++;
    size_t end = start;
    while (end < rest->len && !is_space(rest->at[end]))
        end++;
    *word = gb_str_sub(*rest, start, end - start);
    *rest = gb_str_from(*rest, end);
    return word->len > 0;
}

char *gb_str_c(struct gb_arena *arena, struct gb_str s)
{
    char *copy = gb_alloc(arena, s.len + 1);
    if (copy && s.len)
        memcpy(copy, s.at, s.len);
    return copy;
}

struct gb_str gb_str_copy(struct gb_arena *arena, struct gb_str s)
{
    char *copy = gb_str_c(arena, s);
    return (struct gb_str){copy, copy ? s.len : 0};
}

struct gb_str gb_str_format(struct gb_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = len < 0 ? NULL : gb_alloc(arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct gb_str){text, text ? (size_t)len : 0};
}

struct gb_str gb_str_lower(struct gb_arena *arena, struct gb_str s)
{
    char *copy = gb_str_c(arena, s);
    for (size_t i = 0; copy && i < s.len; i++)
        copy[i] = lower(copy[i]);
    return (struct gb_str){copy, copy ? s.len : 0};
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

int gb_str_to_uint(struct gb_str s, unsigned base, uint64_t *ret)
{
    if (s.len == 0)
        return GB_E_SYNTAX;
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = digit_of(s.at[i]);
        if (digit >= (int)base)
            return GB_E_SYNTAX;
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return GB_E_RANGE;
    }
    *ret = value;
    return GB_OK;
}

int gb_str_to_int(struct gb_str s, int64_t *ret)
{
    bool negative = s.len && s.at[0] == '-';
    uint64_t value;
    int code = gb_str_to_uint(gb_str_from(s, negative ? 1 : 0), 10, &value);
    if (code)
        return code;
    if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return GB_E_RANGE;
    *ret = negative ? (int64_t)(0 - value) : (int64_t)value;
    return GB_OK;
}

__extension__ typedef unsigned __int128 wide;

static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t gb_str_hash(struct gb_str s)
{
    static uint64_t seed;
    uint64_t hash = __atomic_load_n(&seed, __ATOMIC_RELAXED);
    if (!hash) {
        uint64_t fresh = 0;
        if (getrandom(&fresh, sizeof fresh, GRND_NONBLOCK) != (ssize_t)sizeof fresh)
            fresh = 0x9e3779b97f4a7c15u;
        fresh |= 1;
        __atomic_compare_exchange_n(&seed, &hash, fresh, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
        hash = __atomic_load_n(&seed, __ATOMIC_RELAXED);
    }
    // Multiply and fold, eight bytes at a time; the last eight may overlap those before.
    uint64_t word = 0;
    if (s.len >= 8) {
        for (size_t i = 0; i + 8 < s.len; i += 8) {
            memcpy(&word, s.at + i, 8);
            hash = fold(hash ^ word, 0xa0761d6478bd642fu);
        }
        memcpy(&word, s.at + s.len - 8, 8);
    } else if (s.len >= 4) {
        uint32_t low, high;
        memcpy(&low, s.at, 4);
        memcpy(&high, s.at + s.len - 4, 4);
        word = (uint64_t)high << 32 | low;
    } else if (s.len) {
        word = (uint64_t)(unsigned char)s.at[0] << 16 |
               (uint64_t)(unsigned char)s.at[s.len / 2] << 8 | (unsigned char)s.at[s.len - 1];
    }
    return fold(fold(hash ^ word, 0xa0761d6478bd642fu) ^ s.len, 0xe7037ed1a0b428dbu);
}

// One [...] set at pattern[*p]; moves *p behind it. Without a closing bracket '[' is itself.
static bool match_set(struct gb_str pattern, size_t *p, char c)
{
    size_t i = *p + 1;
    bool negated = i < pattern.len && (pattern.at[i] == '!' || pattern.at[i] == '^');
    if (negated)
        i++;
    bool hit = false;
    size_t first = i;
    for (; i < pattern.len && (pattern.at[i] != ']' || i == first); i++) {
        char low = pattern.at[i], high = low;
        if (i + 2 < pattern.len && pattern.at[i + 1] == '-' && pattern.at[i + 2] != ']') {
            high = pattern.at[i + 2];
            i += 2;
        }
        if ((unsigned char)c >= (unsigned char)low && (unsigned char)c <= (unsigned char)high)
            hit = true;
    }
    if (i >= pattern.len) {
        *p += 1;
        return c == '[';
    }
    *p = i + 1;
    return hit != negated;
}

bool gb_str_glob(struct gb_str pattern, struct gb_str s, bool path)
{
    size_t p = 0, i = 0, star = SIZE_MAX, star_at = 0;
    while (i < s.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = ++p;
            star_at = i;
            continue;
        }
        size_t next = p;
        bool ok = false;
        if (p < pattern.len) {
            char c = pattern.at[p];
            if (c == '?') {
                ok = !(path && s.at[i] == '/');
                next = p + 1;
            } else if (c == '[') {
                ok = match_set(pattern, &next, s.at[i]) && !(path && s.at[i] == '/');
            } else if (c == '\\' && p + 1 < pattern.len) {
                ok = pattern.at[p + 1] == s.at[i];
                next = p + 2;
            } else {
                ok = c == s.at[i];
                next = p + 1;
            }
        }
        if (ok) {
            p = next;
            i++;
        } else if (star != SIZE_MAX && !(path && s.at[star_at] == '/')) {
            p = star;
            i = ++star_at;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

// Edit distance of two short names; `limit` + 1 when larger than `limit`.
static size_t distance(struct gb_str a, struct gb_str b, size_t limit)
{
    enum { LONGEST = 64 };
    if (a.len > LONGEST || b.len > LONGEST)
        return limit + 1;
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            size_t best = diagonal + (lower(a.at[i - 1]) == lower(b.at[j - 1]) ? 0 : 1);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b.len];
}

struct gb_str gb_str_nearest(struct gb_str name, const struct gb_str *names, size_t count)
{
    size_t limit = name.len / 3 + 1;
    struct gb_str best = {0};
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i], limit);
        if (d <= limit) {
            best = names[i];
            if (d == 0)
                break;
            limit = d - 1;
        }
    }
    return best;
}
