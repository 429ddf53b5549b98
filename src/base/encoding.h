// Base64 (RFC 4648) and hexadecimal, strict: no white space, no characters outside the alphabet, no
// bits left over, padding exactly as the variant says.
#ifndef GABION_BASE_ENCODING_H
#define GABION_BASE_ENCODING_H

#include "base/str.h"

enum gb_base64 {
    GB_BASE64,         // + and /, padded
    GB_BASE64_RAW,     // + and /, not padded
    GB_BASE64_URL,     // - and _, padded
    GB_BASE64_URL_RAW, // - and _, not padded
};

// Empty with .at NULL on failure, which is sticky in the arena.
struct gb_str gb_base64_encode(struct gb_arena *arena, struct gb_str bytes, enum gb_base64 variant);
GB_MUST_USE int gb_base64_decode(struct gb_arena *arena, struct gb_str text, enum gb_base64 variant,
                                 struct gb_str *ret);

struct gb_str gb_hex_encode(struct gb_arena *arena, struct gb_str bytes); // lower case
GB_MUST_USE int gb_hex_decode(struct gb_arena *arena, struct gb_str text, struct gb_str *ret);

#endif
