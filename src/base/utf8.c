// UTF-8: decoding and validation; used by every reader of text.
#include "base/utf8.h"

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t gb_utf8_decode(struct gb_str s, uint32_t *ret)
{
    *ret = GB_UTF8_REPLACEMENT;
    if (s.len == 0)
        return 0;
    uint32_t first = (unsigned char)s.at[0];
    if (first < 0x80) {
        *ret = first;
        return 1;
    }
    // What the second byte may be narrows with the first: no overlong forms, no surrogates.
    size_t len;
    uint32_t code;
    unsigned char low = 0x80, high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        len = 2;
        code = first & 0x1f;
    } else if (first >= 0xe0 && first <= 0xef) {
        len = 3;
        code = first & 0x0f;
        if (first == 0xe0)
            low = 0xa0;
        else if (first == 0xed)
            high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        len = 4;
        code = first & 0x07;
        if (first == 0xf0)
            low = 0x90;
        else if (first == 0xf4)
            high = 0x8f;
    } else {
        return 0;
    }
    if (s.len < len || (unsigned char)s.at[1] < low || (unsigned char)s.at[1] > high)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(s.at[i]))
            return 0;
        code = code << 6 | ((unsigned char)s.at[i] & 0x3fu);
    }
    *ret = code;
    return len;
}

size_t gb_utf8_encode(uint32_t code, char into[4])
{
    if (code < 0x80) {
        into[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        into[0] = (char)(0xc0 | code >> 6);
        into[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code > GB_UTF8_LARGEST || (code >= 0xd800 && code <= 0xdfff))
        code = GB_UTF8_REPLACEMENT;
    if (code < 0x10000) {
        into[0] = (char)(0xe0 | code >> 12);
        into[1] = (char)(0x80 | (code >> 6 & 0x3f));
        into[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | code >> 18);
    into[1] = (char)(0x80 | (code >> 12 & 0x3f));
    into[2] = (char)(0x80 | (code >> 6 & 0x3f));
    into[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

// Bytes of ASCII at s.at[at]: most text is nothing else, eight at a time.
static size_t ascii_len(struct gb_str s, size_t at)
{
    size_t i = at;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.at + i, 8);
        if (word & 0x8080808080808080u)
            break;
    }
    while (i < s.len && (unsigned char)s.at[i] < 0x80)
        i++;
    return i - at;
}

size_t gb_utf8_valid_len(struct gb_str s)
{
    size_t at = 0;
    while (at < s.len) {
        at += ascii_len(s, at);
        uint32_t code;
        size_t len = gb_utf8_decode(gb_str_from(s, at), &code);
        if (!len)
            break;
        at += len;
    }
    return at;
}

size_t gb_utf8_count(struct gb_str s)
{
    size_t count = 0;
    for (size_t at = 0; at < s.len; count++) {
        uint32_t code;
        size_t len = gb_utf8_decode(gb_str_from(s, at), &code);
        at += len ? len : 1;
    }
    return count;
}

struct gb_str gb_utf8_clean(struct gb_arena *arena, struct gb_str s)
{
    // Counted first, so that the copy has its exact size.
    size_t wrong = 0, need;
    for (size_t at = gb_utf8_valid_len(s); at < s.len; wrong++) {
        at++;
        at += gb_utf8_valid_len(gb_str_from(s, at));
    }
    if (__builtin_mul_overflow(wrong, (size_t)2, &need) ||
        __builtin_add_overflow(need, s.len, &need))
        return (struct gb_str){0};
    char *copy = gb_alloc(arena, need);
    if (!copy)
        return (struct gb_str){0};
    size_t len = 0;
    while (s.len) {
        size_t valid = gb_utf8_valid_len(s);
        if (valid)
            memcpy(copy + len, s.at, valid);
        len += valid;
        s = gb_str_from(s, valid);
        if (s.len) {
            memcpy(copy + len, "\xef\xbf\xbd", 3);
            len += 3;
            s = gb_str_from(s, 1);
        }
    }
    return (struct gb_str){copy, len};
}
