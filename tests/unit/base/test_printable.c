// Hostile text made printable; widths and cuts.
#include "base/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

static struct gb_arena *arena;

static void check(struct gb_str in, const char *expected)
{
    struct gb_str out = gb_printable(arena, in);
    char text[256];
    snprintf(text, sizeof text, GB_PRI, GB_ARG(out));
    assert_string_equal(text, expected);
}

static void escapes_what_a_terminal_would_obey(void **state)
{
    (void)state;
    check(GB_STR("plain \\ text"), "plain \\ text");
    check(GB_STR("a\nb\tc\r"), "a\\nb\\tc\\r");
    check(GB_STR("\033[31mred\033[0m"), "\\x1b[31mred\\x1b[0m");
    check(GB_STR("\0\177"), "\\x00\\x7f");
    check(GB_STR("\302\233"), "\\u009b");             // C1 CSI
    check(GB_STR("\342\200\256evil"), "\\u202eevil"); // right-to-left override
    check(GB_STR("\342\200\213"), "\\u200b");         // zero width space
    check(GB_STR("\377a\303"), "\\xffa\\xc3");        // no UTF-8
    check(GB_STR("\303\251\346\274\242"), "\303\251\346\274\242");
    check(GB_STR(""), "");
}

static void counts_columns(void **state)
{
    (void)state;
    assert_int_equal(gb_columns(GB_STR("abc")), 3);
    assert_int_equal(gb_columns(GB_STR("\346\274\242\345\255\227")), 4); // two wide characters
    assert_int_equal(gb_columns(GB_STR("e\314\201")), 1);                // combining acute
}

static void cuts_whole_characters(void **state)
{
    (void)state;
    assert_true(gb_str_is(gb_cut_to_columns(arena, GB_STR("abcdef"), 6), "abcdef"));
    assert_true(gb_str_is(gb_cut_to_columns(arena, GB_STR("abcdefg"), 6), "abc..."));
    assert_true(gb_str_is(gb_cut_to_columns(arena, GB_STR("abcdefg"), 2), ".."));
    // Three wide characters in five columns: one fits before the dots.
    struct gb_str wide = GB_STR("\346\274\242\345\255\227\346\274\242");
    assert_true(gb_str_is(gb_cut_to_columns(arena, wide, 5), "\346\274\242..."));
}

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 16);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_a_terminal_would_obey),
        cmocka_unit_test(counts_columns),
        cmocka_unit_test(cuts_whole_characters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
