// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Used by every
// reader of text and by everything that shows text to people.
//
//     uint32_t code;
//     for (size_t at = 0; at < s.len;) {
//         size_t len = gb_utf8_decode(gb_str_from(s, at), &code);
//         ... // code is U+FFFD where s.at[at] is not part of UTF-8 (len is 0)
//         at += len ? len : 1;
//     }
#ifndef GABION_BASE_UTF8_H
#define GABION_BASE_UTF8_H

#include "base/str.h"

enum { GB_UTF8_REPLACEMENT = 0xfffd, GB_UTF8_LARGEST = 0x10ffff };

// The character at the front of `s`; its length in bytes (1 to 4), or 0 when `s` is empty or does
// not start with a whole well-formed character (then *ret is U+FFFD).
size_t gb_utf8_decode(struct gb_str s, uint32_t *ret);

// Writes one character and gives its length (1 to 4); surrogates and numbers above U+10FFFF become
// U+FFFD.
size_t gb_utf8_encode(uint32_t code, char into[4]);

// Bytes at the front of `s` that are well-formed; s.len when all of it is.
size_t gb_utf8_valid_len(struct gb_str s);
static inline bool gb_utf8_valid(struct gb_str s)
{
    return gb_utf8_valid_len(s) == s.len;
}

// Characters (code points) in `s`; a byte that is not part of UTF-8 counts as one.
size_t gb_utf8_count(struct gb_str s);

// A copy in the arena, each byte that is not part of UTF-8 as U+FFFD. Empty on failure, which is
// sticky in the arena.
struct gb_str gb_utf8_clean(struct gb_arena *arena, struct gb_str s);

#endif
