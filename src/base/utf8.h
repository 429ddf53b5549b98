// UTF-8 (RFC 3629): shortest forms only, no surrogates, up to U+10FFFF.
#ifndef GABION_BASE_UTF8_H
#define GABION_BASE_UTF8_H

#include "base/str.h"

// Decodes the code point at the front of `s` (not empty) and returns its length in bytes, or 0 when
// the first byte does not begin a valid one.
size_t gb_utf8_decode(struct gb_str s, uint32_t *code_point);

// Writes 1 to 4 bytes into `into` and returns their number; an invalid code point becomes U+FFFD.
size_t gb_utf8_encode(uint32_t code_point, char into[4]);

bool gb_utf8_valid(struct gb_str s);

// Number of code points; an invalid byte counts as one.
size_t gb_utf8_count(struct gb_str s);

// A copy in which each byte that is not part of valid UTF-8 is U+FFFD.
struct gb_str gb_utf8_clean(struct gb_arena *arena, struct gb_str s);

#endif
