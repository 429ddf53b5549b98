// os-release and the tables of releases.
#include "source/host/os_release.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void assert_variable(const struct gb_os_release *release, const char *name,
                            const char *value)
{
    const struct gb_os_variable *found = gb_os_release_find(release, name);
    assert_non_null(found);
    char text[256];
    snprintf(text, sizeof text, GB_PRI, GB_ARG(found->value));
    assert_string_equal(text, value);
}

static void removes_the_quotes_of_the_shell(void **state)
{
    (void)state;
    struct gb_os_release release;
    assert_int_equal(gb_os_release_parse(GB_STR("# comment\n"
                                                "ID=debian\n"
                                                "NAME=\"Debian \\\"GNU\\\" \\$HOME\"\n"
                                                "VERSION='12 (book$worm)'\n"
                                                "  VERSION_ID = 12\n"
                                                "9X=1\n"
                                                "no assignment\n"
                                                "ID_LIKE=\n"
                                                "PRETTY_NAME=one\\ word"),
                                         arena, &release),
                     GB_OK);
    assert_variable(&release, "ID", "debian");
    assert_variable(&release, "NAME", "Debian \"GNU\" $HOME");
    assert_variable(&release, "VERSION", "12 (book$worm)");
    assert_variable(&release, "ID_LIKE", "");
    assert_variable(&release, "PRETTY_NAME", "one word");
    assert_null(gb_os_release_find(&release, "VERSION_ID")); // "VERSION_ID " is no name
    assert_null(gb_os_release_find(&release, "9X"));
    assert_int_equal(gb_os_release_find(&release, "NAME")->line, 3);
}

static void the_last_of_a_name_counts(void **state)
{
    (void)state;
    struct gb_os_release release;
    assert_int_equal(gb_os_release_parse(GB_STR("ID=a\nID=b\n"), arena, &release), GB_OK);
    assert_variable(&release, "ID", "b");
}

static const char table[] = "version,codename,series,created,release,eol,eol-lts,eol-elts\n"
                            "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,"
                            "2033-06-30\n"
                            "14,Forky,forky,2025-08-09\n"
                            ",Sid,sid,1993-08-16\n";

static void finds_a_release_by_series_or_version(void **state)
{
    (void)state;
    struct gb_release_row row;
    struct gb_str text = gb_str_of(table);
    assert_int_equal(gb_release_table_find(text, GB_STR("12"), GB_STR("bookworm"), &row), GB_OK);
    assert_int_equal(row.line, 2);
    // Support lasts to the end of the day that is named.
    assert_int_equal(row.standard_ends, 1783814400); // 2026-07-12
    assert_int_equal(row.free_ends, 1846022400);     // 2028-07-01
    assert_int_equal(row.paid_ends, 2003788800);     // 2033-07-01
    assert_int_equal(gb_release_table_find(text, GB_STR("12"), GB_STR(""), &row), GB_OK);
    assert_int_equal(gb_release_table_find(text, GB_STR(""), GB_STR("forky"), &row), GB_OK);
    assert_int_equal(row.released_at, 0);
    assert_int_equal(row.free_ends, 0);
    assert_int_equal(gb_release_table_find(text, GB_STR("7"), GB_STR(""), &row), GB_E_NOT_FOUND);
    assert_int_equal(gb_release_table_find(text, GB_STR(""), GB_STR(""), &row), GB_E_NOT_FOUND);
}

static void ubuntu_names_its_columns_otherwise(void **state)
{
    (void)state;
    struct gb_release_row row;
    struct gb_str text = GB_STR("version,codename,series,created,release,eol,eol-server,eol-esm\n"
                                "22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,"
                                "2027-06-01,2032-04-09\n");
    assert_int_equal(gb_release_table_find(text, GB_STR("22.04"), GB_STR(""), &row), GB_OK);
    assert_int_equal(row.free_ends, 1811894400); // 2027-06-02
    assert_true(row.paid_ends > row.free_ends);
}

static void a_table_without_its_columns_is_refused(void **state)
{
    (void)state;
    struct gb_release_row row;
    assert_int_equal(
        gb_release_table_find(GB_STR("version,series\n12,x\n"), GB_STR("12"), GB_STR(""), &row),
        GB_E_SYNTAX);
    assert_int_equal(gb_release_table_find(GB_STR(""), GB_STR("12"), GB_STR(""), &row),
                     GB_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(removes_the_quotes_of_the_shell),
        cmocka_unit_test(the_last_of_a_name_counts),
        cmocka_unit_test(finds_a_release_by_series_or_version),
        cmocka_unit_test(ubuntu_names_its_columns_otherwise),
        cmocka_unit_test(a_table_without_its_columns_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
