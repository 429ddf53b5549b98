// UTF-8; used by readers of outside text and by the expression engine.
#include "base/utf8.h"

size_t gb_utf8_decode(struct gb_str s, uint32_t *code_point)
{
    const unsigned char *b = (const unsigned char *)s.at;
    if (b[0] < 0x80) {
        *code_point = b[0];
        return 1;
    }
    size_t len = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    if (b[0] < 0xc2 || b[0] > 0xf4 || s.len < len)
        return 0;
    uint32_t c = b[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (b[i] & 0x3fu);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < smallest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code_point = c;
    return len;
}

size_t gb_utf8_encode(uint32_t c, char into[4])
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    if (c < 0x80) {
        into[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        into[0] = (char)(0xc0 | c >> 6);
        into[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        into[0] = (char)(0xe0 | c >> 12);
        into[1] = (char)(0x80 | (c >> 6 & 0x3f));
        into[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | c >> 18);
    into[1] = (char)(0x80 | (c >> 12 & 0x3f));
    into[2] = (char)(0x80 | (c >> 6 & 0x3f));
    into[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

// Length of the run of ASCII at the front, eight bytes at a time.
static size_t ascii_run(struct gb_str s)
{
    size_t i = 0;
    for (uint64_t word; i + 8 <= s.len; i += 8) {
        memcpy(&word, s.at + i, 8);
        if (word & 0x8080808080808080u)
            break;
    }
    while (i < s.len && (unsigned char)s.at[i] < 0x80)
        i++;
    return i;
}

// Length of the valid part at the front.
static size_t valid_run(struct gb_str s)
{
    size_t i = ascii_run(s);
    while (i < s.len) {
        uint32_t c;
        size_t len = gb_utf8_decode(gb_str_from(s, i), &c);
        if (!len)
            break;
        i += len;
        i += ascii_run(gb_str_from(s, i));
    }
    return i;
}

bool gb_utf8_valid(struct gb_str s)
{
    return valid_run(s) == s.len;
}

size_t gb_utf8_count(struct gb_str s)
{
    size_t count = 0;
    while (s.len) {
        uint32_t c;
        size_t len = gb_utf8_decode(s, &c);
        s = gb_str_from(s, len ? len : 1);
        count++;
    }
    return count;
}

struct gb_str gb_utf8_clean(struct gb_arena *arena, struct gb_str s)
{
    if (gb_utf8_valid(s))
        return gb_str_copy(arena, s);
    if (s.len > SIZE_MAX / 3 - 1)
        return (struct gb_str){0};
    char *copy = gb_alloc(arena, s.len * 3 + 1);
    if (!copy)
        return (struct gb_str){0};
    size_t len = 0;
    while (s.len) {
        size_t good = valid_run(s);
        memcpy(copy + len, s.at, good);
        len += good;
        s = gb_str_from(s, good);
        if (s.len) {
            memcpy(copy + len, "\xef\xbf\xbd", 3);
            len += 3;
            s = gb_str_from(s, 1);
        }
    }
    return (struct gb_str){copy, len};
}
