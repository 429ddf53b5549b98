// base/utf8.h: every character, and everything that is none.
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= GB_UTF8_LARGEST + 10; code++) {
        char text[4];
        uint32_t back;
        size_t len = gb_utf8_encode(code, text);
        bool is_character = code <= GB_UTF8_LARGEST && !(code >= 0xd800 && code <= 0xdfff);
        struct gb_str s = {text, len};
        if (gb_utf8_decode(s, &back) != len || back != (is_character ? code : GB_UTF8_REPLACEMENT))
            fail_msg("U+%04X", code);
        // Cut short it is none.
        for (size_t cut = 0; cut < len; cut++)
            if (gb_utf8_decode(gb_str_sub(s, 0, cut), &back) != 0 || back != GB_UTF8_REPLACEMENT)
                fail_msg("U+%04X cut to %zu", code, cut);
    }
}

// All sequences of two and three bytes against the table of well-formed ones in the Unicode
// standard.
static size_t well_formed(const unsigned char *b, size_t len)
{
    if (b[0] < 0x80)
        return 1;
    bool second = len > 1 && b[1] >= 0x80 && b[1] <= 0xbf;
    if (b[0] >= 0xc2 && b[0] <= 0xdf)
        return second ? 2 : 0;
    bool third = len > 2 && b[2] >= 0x80 && b[2] <= 0xbf;
    if (!second || !third || b[0] < 0xe0 || b[0] > 0xef)
        return 0;
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f))
        return 0;
    return 3;
}

static void test_every_short_sequence(void **state)
{
    (void)state;
    unsigned char b[3];
    for (unsigned i = 0; i < 1u << 24; i++) {
        b[0] = (unsigned char)(i >> 16);
        b[1] = (unsigned char)(i >> 8);
        b[2] = (unsigned char)i;
        uint32_t code;
        struct gb_str s = {(const char *)b, 3};
        if (gb_utf8_decode(s, &code) != well_formed(b, 3))
            fail_msg("%02x %02x %02x", b[0], b[1], b[2]);
    }
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        struct gb_str text;
        size_t valid, count;
        const char *clean;
    } cases[] = {
        {GB_STR_INIT(""), 0, 0, ""},
        {GB_STR_INIT("plain text of ASCII"), 19, 19, "plain text of ASCII"},
        {GB_STR_INIT("\xc3\xa9t\xc3\xa9"), 5, 3, "\xc3\xa9t\xc3\xa9"},
        {GB_STR_INIT("0123456789\xff"
                     "012"),
         10, 14,
         "0123456789\xef\xbf\xbd"
         "012"},
        {GB_STR_INIT("\xc0\xaf"), 0, 2, "\xef\xbf\xbd\xef\xbf\xbd"},
        {GB_STR_INIT("\xe2\x82"), 0, 2, "\xef\xbf\xbd\xef\xbf\xbd"},
        {GB_STR_INIT("\xf5\x80\x80\x80"), 0, 4, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {GB_STR_INIT("\xf4\x8f\xbf\xbf"), 4, 1, "\xf4\x8f\xbf\xbf"},
        {GB_STR_INIT("\xf4\x90\x80\x80z"), 0, 5,
         "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},
    };
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 1 << 16);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_str clean = gb_utf8_clean(arena, cases[i].text);
        if (gb_utf8_valid_len(cases[i].text) != cases[i].valid ||
            gb_utf8_valid(cases[i].text) != (cases[i].valid == cases[i].text.len) ||
            gb_utf8_count(cases[i].text) != cases[i].count || !gb_str_is(clean, cases[i].clean) ||
            !gb_utf8_valid(clean))
            fail_msg("case %zu", i);
    }
    gb_arena_fail_at(1);
    assert_null(gb_utf8_clean(arena, GB_STR("\xff")).at);
    gb_arena_fail_at(0);
    assert_true(gb_arena_failed(arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_every_short_sequence),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
