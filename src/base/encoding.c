// Base64 and hexadecimal; used by values in JSON, keys and certificates, and expressions.
#include "base/encoding.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_url(enum gb_base64 variant)
{
    return variant == GB_BASE64_URL || variant == GB_BASE64_URL_RAW;
}

static bool is_padded(enum gb_base64 variant)
{
    return variant == GB_BASE64 || variant == GB_BASE64_URL;
}

struct gb_str gb_base64_encode(struct gb_arena *arena, struct gb_str bytes, enum gb_base64 variant)
{
    const char *alphabet = is_url(variant) ? url : standard;
    size_t groups = bytes.len / 3 + 1, room;
    char *text = __builtin_mul_overflow(groups, (size_t)4, &room) ? NULL : gb_alloc(arena, room);
    if (!text)
        return (struct gb_str){0};
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)(unsigned char)bytes.at[i] << 16;
        if (left > 1)
            group |= (uint32_t)(unsigned char)bytes.at[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)bytes.at[i + 2];
        size_t digits = left > 2 ? 4 : left + 1;
        for (size_t k = 0; k < 4; k++) {
            if (k < digits)
                text[len++] = alphabet[group >> (18 - 6 * k) & 63];
            else if (is_padded(variant))
                text[len++] = '=';
        }
    }
    return (struct gb_str){text, len};
}

static int base64_digit(char c, bool url_alphabet)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (url_alphabet ? '-' : '+'))
        return 62;
    return c == (url_alphabet ? '_' : '/') ? 63 : -1;
}

// Takes the padding off; false when it is not as the variant and the length want it.
static bool strip_padding(struct gb_str *text, enum gb_base64 variant)
{
    size_t padding = 0;
    while (padding < 2 && text->len && text->at[text->len - 1] == '=') {
        text->len--;
        padding++;
    }
    if (text->len % 4 == 1)
        return false;
    return padding == (is_padded(variant) ? (4 - text->len % 4) % 4 : 0);
}

int gb_base64_decode(struct gb_arena *arena, struct gb_str text, enum gb_base64 variant,
                     struct gb_str *ret)
{
    if (!strip_padding(&text, variant))
        return GB_E_SYNTAX;
    char *bytes = gb_alloc(arena, text.len / 4 * 3 + 3);
    if (!bytes)
        return GB_E_MEMORY;
    size_t len = 0;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.at[i], is_url(variant));
        if (digit < 0)
            return GB_E_SYNTAX;
        group = group << 6 | (uint32_t)digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[len++] = (char)(group >> bits & 0xff);
        }
    }
    if (group & ((1u << bits) - 1))
        return GB_E_SYNTAX;
    *ret = (struct gb_str){bytes, len};
    return GB_OK;
}

struct gb_str gb_hex_encode(struct gb_arena *arena, struct gb_str bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = gb_alloc_array(arena, bytes.len, 2);
    if (!text)
        return (struct gb_str){0};
    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i] = digits[(unsigned char)bytes.at[i] >> 4];
        text[2 * i + 1] = digits[(unsigned char)bytes.at[i] & 15];
    }
    return (struct gb_str){text, bytes.len * 2};
}

int gb_hex_decode(struct gb_arena *arena, struct gb_str text, struct gb_str *ret)
{
    if (text.len % 2)
        return GB_E_SYNTAX;
    char *bytes = gb_alloc(arena, text.len / 2);
    if (!bytes)
        return GB_E_MEMORY;
    for (size_t i = 0; i < text.len / 2; i++) {
        uint64_t byte;
        if (gb_str_to_uint(gb_str_sub(text, 2 * i, 2), 16, &byte) < 0)
            return GB_E_SYNTAX;
        bytes[i] = (char)byte;
    }
    *ret = (struct gb_str){bytes, text.len / 2};
    return GB_OK;
}
