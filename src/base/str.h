// Strings as slices by value: bytes and a length, never NUL-terminated by promise. C strings live
// in sys/ only. A slice owns nothing; the arena or literal behind it does.
#ifndef GABION_BASE_STR_H
#define GABION_BASE_STR_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct gb_str {
    const char *at;
    size_t len;
};

// A slice of a string literal, as an expression and as an initialiser.
#define GB_STR(literal) ((struct gb_str){(literal), sizeof(literal) - 1})
#define GB_STR_INIT(literal)                                                                       \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
// For printf: printf(GB_PRI, GB_ARG(s))
#define GB_PRI    "%.*s"
#define GB_ARG(s) (int)((s).len > 1u << 20 ? 1u << 20 : (s).len), (s).at

static inline struct gb_str gb_str_of(const char *text)
{
    return (struct gb_str){text, text ? strlen(text) : 0};
}

static inline bool gb_str_eq(struct gb_str a, struct gb_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool gb_str_is(struct gb_str s, const char *text)
{
    return gb_str_eq(s, gb_str_of(text));
}

// Byte order; a prefix sorts first.
int gb_str_compare(struct gb_str a, struct gb_str b);
bool gb_str_eq_nocase(struct gb_str a, struct gb_str b); // ASCII letters only
bool gb_str_starts(struct gb_str s, struct gb_str prefix);
bool gb_str_ends(struct gb_str s, struct gb_str suffix);
bool gb_str_contains(struct gb_str s, struct gb_str part);

// Index of the first occurrence, or -1.
ptrdiff_t gb_str_find(struct gb_str s, struct gb_str part);
ptrdiff_t gb_str_find_char(struct gb_str s, char c);
ptrdiff_t gb_str_rfind_char(struct gb_str s, char c);

// Both clamp: never outside of `s`.
struct gb_str gb_str_from(struct gb_str s, size_t start);
struct gb_str gb_str_sub(struct gb_str s, size_t start, size_t len);

struct gb_str gb_str_trim(struct gb_str s); // spaces, tabs, CR, LF at both ends

// Takes the next piece up to `separator` off the front of *rest; false when nothing is left. An
// empty last piece behind a trailing separator is not given ("a\nb\n" has two lines).
bool gb_str_next(struct gb_str *rest, char separator, struct gb_str *piece);
// Takes the next word (runs of spaces and tabs separate) off the front of *rest.
bool gb_str_next_word(struct gb_str *rest, struct gb_str *word);

// A NUL-terminated copy in the arena; NULL on failure.
char *gb_str_c(struct gb_arena *arena, struct gb_str s);
struct gb_str gb_str_copy(struct gb_arena *arena, struct gb_str s);
struct gb_str gb_str_format(struct gb_arena *arena, const char *format, ...) GB_PRINTF(2, 3);
struct gb_str gb_str_lower(struct gb_arena *arena, struct gb_str s); // ASCII letters only

// Whole string as a number; no sign for uint, no spaces, no trailing text. base 8, 10 or 16.
GB_MUST_USE int gb_str_to_uint(struct gb_str s, unsigned base, uint64_t *ret);
GB_MUST_USE int gb_str_to_int(struct gb_str s, int64_t *ret);

// Hash for tables (not for security): 64-bit, seeded once a process from the kernel.
uint64_t gb_str_hash(struct gb_str s);

// Shell-style pattern with * ? [...] over the whole of `s`; linear memory, no recursion. Where
// `path` is true, * and ? stop at a slash.
bool gb_str_glob(struct gb_str pattern, struct gb_str s, bool path);

// The nearest of `names` by edit distance (at most a third of the length), for "did you mean";
// empty slice when none is near.
struct gb_str gb_str_nearest(struct gb_str name, const struct gb_str *names, size_t count);

#endif
