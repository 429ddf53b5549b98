// base/str.h: slices.
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 4u << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static const struct gb_str none; // what a failed function gives: no bytes anywhere

static void test_compare(void **state)
{
    (void)state;
    assert_true(gb_str_eq(none, GB_STR("")));
    assert_true(gb_str_is(GB_STR("a\0b"), "a") == false);
    assert_int_equal(gb_str_compare(GB_STR("a"), GB_STR("ab")), -1);
    assert_int_equal(gb_str_compare(GB_STR("b"), GB_STR("ab")), 1);
    assert_int_equal(gb_str_compare(GB_STR("\xff"), GB_STR("a")), 1);
    assert_int_equal(gb_str_compare(none, none), 0);
    assert_true(gb_str_eq_nocase(GB_STR("Port"), GB_STR("pORT")));
    assert_false(gb_str_eq_nocase(GB_STR("Port"), GB_STR("Por")));
    assert_false(gb_str_eq_nocase(GB_STR("@"), GB_STR("`")));
    assert_true(gb_str_starts(GB_STR("abc"), GB_STR("")));
    assert_false(gb_str_starts(GB_STR("a"), GB_STR("ab")));
    assert_true(gb_str_ends(GB_STR("abc"), GB_STR("bc")));
    assert_false(gb_str_ends(GB_STR("c"), GB_STR("bc")));
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(gb_str_find(GB_STR("abcabc"), GB_STR("ca")), 2);
    assert_int_equal(gb_str_find(GB_STR("abc"), GB_STR("abcd")), -1);
    assert_int_equal(gb_str_find(none, GB_STR("a")), -1);
    assert_int_equal(gb_str_find(none, none), 0);
    assert_int_equal(gb_str_find_char(GB_STR("a\0b"), '\0'), 1);
    assert_int_equal(gb_str_find_char(none, 'a'), -1);
    assert_int_equal(gb_str_rfind_char(GB_STR("a/b/c"), '/'), 3);
    assert_int_equal(gb_str_rfind_char(none, '/'), -1);
    assert_true(gb_str_contains(GB_STR("abc"), GB_STR("b")));
}

static void test_parts(void **state)
{
    (void)state;
    assert_true(gb_str_is(gb_str_sub(GB_STR("abcdef"), 2, 3), "cde"));
    assert_true(gb_str_is(gb_str_sub(GB_STR("abc"), 2, SIZE_MAX), "c"));
    assert_int_equal(gb_str_sub(GB_STR("abc"), SIZE_MAX, 1).len, 0);
    assert_int_equal(gb_str_from(none, 5).len, 0);
    assert_true(gb_str_is(gb_str_trim(GB_STR(" \t\r\n a b \n")), "a b"));
    assert_int_equal(gb_str_trim(GB_STR(" \n ")).len, 0);
}

static void assert_pieces(const char *text, char separator, const char *joined)
{
    struct gb_str rest = gb_str_of(text), piece;
    char all[128] = "";
    while (gb_str_next(&rest, separator, &piece)) {
        strncat(all, piece.at, piece.len);
        strncat(all, "|", 1);
    }
    assert_string_equal(all, joined);
}

static void test_pieces(void **state)
{
    (void)state;
    assert_pieces("", ',', "");
    assert_pieces("a", ',', "a|");
    assert_pieces("a,b", ',', "a|b|");
    assert_pieces("a,,b,", ',', "a||b|");
    assert_pieces(",", ',', "|");
    assert_pieces("a\nb\n", '\n', "a|b|");
    struct gb_str rest = GB_STR("  one\ttwo \n three  "), word;
    static const char *const words[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        assert_true(gb_str_next_word(&rest, &word));
        assert_true(gb_str_is(word, words[i]));
    }
    assert_false(gb_str_next_word(&rest, &word));
    assert_false(gb_str_next_word(&rest, &word));
}

static void test_copies(void **state)
{
    (void)state;
    assert_string_equal(gb_str_c(arena, gb_str_sub(GB_STR("abcdef"), 1, 2)), "bc");
    assert_string_equal(gb_str_c(arena, none), "");
    assert_true(gb_str_is(gb_str_copy(arena, GB_STR("x")), "x"));
    assert_true(gb_str_is(gb_str_lower(arena, GB_STR("AZaz@[\xc3\x84")), "azaz@[\xc3\x84"));
    struct gb_str text = gb_str_format(arena, "%d " GB_PRI, 7, GB_ARG(GB_STR("seven")));
    assert_true(gb_str_is(text, "7 seven"));
    assert_int_equal(text.at[text.len], 0);
    for (int i = 0; i < 4; i++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 12);
        gb_arena_fail_at(1);
        if (i == 0)
            assert_null(gb_str_c(small, GB_STR("x")));
        else if (i == 1)
            assert_int_equal(gb_str_copy(small, GB_STR("x")).len, 0);
        else if (i == 2)
            assert_int_equal(gb_str_format(small, "%d", 12345).len, 0);
        else
            assert_int_equal(gb_str_lower(small, GB_STR("x")).len, 0);
        gb_arena_fail_at(0);
        assert_true(gb_arena_failed(small));
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned base;
        int code;
        uint64_t value;
    } cases[] = {
        {"0", 10, GB_OK, 0},
        {"007", 10, GB_OK, 7},
        {"18446744073709551615", 10, GB_OK, UINT64_MAX},
        {"18446744073709551616", 10, GB_E_RANGE, 0},
        {"99999999999999999999999", 10, GB_E_RANGE, 0},
        {"0777", 8, GB_OK, 511},
        {"8", 8, GB_E_SYNTAX, 0},
        {"fF", 16, GB_OK, 255},
        {"ffffffffffffffff", 16, GB_OK, UINT64_MAX},
        {"10000000000000000", 16, GB_E_RANGE, 0},
        {"0x1", 16, GB_E_SYNTAX, 0},
        {"g", 16, GB_E_SYNTAX, 0},
        {"", 10, GB_E_SYNTAX, 0},
        {"+1", 10, GB_E_SYNTAX, 0},
        {"-1", 10, GB_E_SYNTAX, 0},
        {" 1", 10, GB_E_SYNTAX, 0},
        {"1 ", 10, GB_E_SYNTAX, 0},
        {"1a", 10, GB_E_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t value = 77;
        int code = gb_str_to_uint(gb_str_of(cases[i].text), cases[i].base, &value);
        uint64_t expected = cases[i].code ? 77 : cases[i].value;
        if (code != cases[i].code || value != expected)
            fail_msg("%s: %d", cases[i].text, code);
    }
    static const struct {
        const char *text;
        int code;
        int64_t value;
    } integers[] = {
        {"9223372036854775807", GB_OK, INT64_MAX},
        {"-9223372036854775808", GB_OK, INT64_MIN},
        {"9223372036854775808", GB_E_RANGE, 0},
        {"-9223372036854775809", GB_E_RANGE, 0},
        {"-0", GB_OK, 0},
        {"-", GB_E_SYNTAX, 0},
        {"--1", GB_E_SYNTAX, 0},
        {"", GB_E_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        int64_t value = 77;
        int code = gb_str_to_int(gb_str_of(integers[i].text), &value);
        int64_t expected = integers[i].code ? 77 : integers[i].value;
        if (code != integers[i].code || value != expected)
            fail_msg("%s: %d", integers[i].text, code);
    }
}

static void test_glob(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool path, matches;
    } cases[] = {
        {"", "", false, true},
        {"", "a", false, false},
        {"*", "", false, true},
        {"*", "a/b", false, true},
        {"*", "a/b", true, false},
        {"*/*", "a/b", true, true},
        {"a*c", "abbbc", false, true},
        {"a*c", "abbbd", false, false},
        {"a*b*c", "a1b2b3c", false, true},
        {"?", "a", false, true},
        {"?", "", false, false},
        {"?", "/", true, false},
        {"[abc]x", "bx", false, true},
        {"[!abc]x", "bx", false, false},
        {"[^abc]x", "dx", false, true},
        {"[a-c]", "b", false, true},
        {"[]]", "]", false, true},
        {"[a-]", "-", false, true},
        {"[!/]", "/", true, false},
        {"[.-0]", "/", true, false},
        {"[a", "[a", false, true},
        {"\\*", "*", false, true},
        {"\\*", "a", false, false},
        {"/etc/*.conf", "/etc/a.conf", true, true},
        {"/etc/*.conf", "/etc/d/a.conf", true, false},
        {"GBN-SSH-*", "GBN-SSH-001", false, true},
        {"*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false},
        {"a**b", "axxb", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (gb_str_glob(gb_str_of(cases[i].pattern), gb_str_of(cases[i].text), cases[i].path) !=
            cases[i].matches)
            fail_msg("%s against %s", cases[i].pattern, cases[i].text);
}

static void test_nearest(void **state)
{
    (void)state;
    const struct gb_str names[] = {GB_STR("severity"), GB_STR("title"), GB_STR("fix"),
                                   GB_STR("finding")};
    assert_true(gb_str_is(gb_str_nearest(GB_STR("severty"), names, 4), "severity"));
    assert_true(gb_str_is(gb_str_nearest(GB_STR("Title"), names, 4), "title"));
    assert_true(gb_str_is(gb_str_nearest(GB_STR("finding"), names, 4), "finding"));
    assert_int_equal(gb_str_nearest(GB_STR("something"), names, 4).len, 0);
    assert_int_equal(gb_str_nearest(none, names, 4).len, 0);
    assert_int_equal(gb_str_nearest(GB_STR("x"), names, 0).len, 0);
    char text[1000];
    memset(text, 'a', sizeof text);
    assert_int_equal(gb_str_nearest((struct gb_str){text, sizeof text}, names, 4).len, 0);
}

static void test_hash(void **state)
{
    (void)state;
    // Different texts of all lengths up to 64 that share prefixes: no two alike.
    char text[64];
    uint64_t seen[65];
    memset(text, 'a', sizeof text);
    for (size_t len = 0; len <= sizeof text; len++) {
        seen[len] = gb_str_hash((struct gb_str){text, len});
        assert_true(seen[len] == gb_str_hash((struct gb_str){text, len}));
        for (size_t i = 0; i < len; i++)
            assert_true(seen[i] != seen[len]);
    }
    assert_true(gb_str_hash(GB_STR("ab")) != gb_str_hash(GB_STR("ba")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_find),
        cmocka_unit_test(test_parts),   cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_copies),  cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_glob),    cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
