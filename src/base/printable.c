// Escaping for terminals; used by the command line, the reports and evidence.
#include "base/printable.h"

#include "base/utf8.h"

#include <stdio.h>

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

bool gb_is_hidden(uint32_t c)
{
    static const struct range hidden[] = {
        {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
    };
    return is_in(c, hidden, sizeof hidden / sizeof *hidden);
}

// Writes the escape of a code point; at most 10 bytes.
static size_t escape(uint32_t c, char *into)
{
    static const char letters[] = "abtnvfr"; // 0x07 to 0x0d
    if (c >= 0x07 && c <= 0x0d) {
        into[0] = '\\';
        into[1] = letters[c - 0x07];
        return 2;
    }
    if (c < 0x80)
        return (size_t)snprintf(into, 11, "\\x%02x", c);
    return (size_t)(c <= 0xffff ? snprintf(into, 11, "\\u%04x", c)
                                : snprintf(into, 11, "\\U%08x", c));
}

struct gb_str gb_printable(struct gb_arena *arena, struct gb_str s)
{
    enum { LONGEST_ESCAPE = 10 };
    if (s.len > SIZE_MAX / LONGEST_ESCAPE - 1)
        return (struct gb_str){0};
    // Two passes: the length first, so that plain text costs no more than its size.
    char *copy = NULL;
    size_t len = 0;
    for (int pass = 0; pass < 2; pass++) {
        len = 0;
        for (size_t i = 0; i < s.len;) {
            uint32_t c;
            size_t step = gb_utf8_decode(gb_str_from(s, i), &c);
            char piece[16];
            size_t piece_len = step;
            if (!step)
                piece_len =
                    (size_t)snprintf(piece, sizeof piece, "\\x%02x", (unsigned char)s.at[i]);
            else if (gb_is_hidden(c))
                piece_len = escape(c, piece);
            else
                memcpy(piece, s.at + i, step);
            if (copy)
                memcpy(copy + len, piece, piece_len);
            len += piece_len;
            i += step ? step : 1;
        }
        if (!copy && !(copy = gb_alloc(arena, len + 1)))
            return (struct gb_str){0};
    }
    return (struct gb_str){copy, len};
}

static size_t columns_of(uint32_t c)
{
    static const struct range none[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
        {0x6d6, 0x6dc},   {0x900, 0x902},   {0xe31, 0xe31},   {0xe34, 0xe3a},   {0x1ab0, 0x1aff},
        {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    };
    static const struct range wide[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
        {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };
    if (c < 0x300)
        return 1;
    if (is_in(c, none, sizeof none / sizeof *none))
        return 0;
    return is_in(c, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

// Bytes of the front part that takes at most `columns`.
static size_t fitting(struct gb_str s, size_t columns, size_t *used)
{
    size_t i = 0;
    *used = 0;
    while (i < s.len) {
        uint32_t c = 0xfffd;
        size_t step = gb_utf8_decode(gb_str_from(s, i), &c);
        size_t width = columns_of(c);
        if (*used + width > columns)
            break;
        *used += width;
        i += step ? step : 1;
    }
    return i;
}

size_t gb_columns(struct gb_str s)
{
    size_t used;
    fitting(s, SIZE_MAX / 4, &used);
    return used;
}

struct gb_str gb_cut_to_columns(struct gb_arena *arena, struct gb_str s, size_t columns)
{
    size_t used;
    if (fitting(s, columns, &used) == s.len)
        return s;
    size_t dots = columns < 3 ? columns : 3;
    struct gb_str front = gb_str_sub(s, 0, fitting(s, columns - dots, &used));
    return gb_str_format(arena, GB_PRI "%.*s", GB_ARG(front), (int)dots, "...");
}
