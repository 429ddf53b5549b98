// The order of Debian versions. tests/e2e holds it against dpkg itself, the corpus against
// published comparisons.
#include "model/version/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void orders_versions(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"1", "1", 0},
        {"1", "2", -1},
        {"1.10", "1.9", 1},
        {"0:1", "1", 0},
        {"1:1", "2", 1},
        {"2:1", "10:0", -1},
        {"1-1", "1", 1},
        {"1-0", "1", 0},
        {"1.0~rc1", "1.0", -1},
        {"1.0~~", "1.0~", -1},
        {"1.0~", "1.0", -1},
        {"1.0a", "1.0+", -1},
        {"1.0+b1", "1.0", 1},
        {"1.0-2+b8", "1.0-2+b13", -1},
        {"12.4+deb12u11", "12.4+deb12u9", 1},
        {"1.00", "1.0", 0},
        {"1.a", "1.b", -1},
        {"1.a", "1.", 1},
        {"1.Z", "1.a", -1},
        {"1.2-3-4", "1.2-3-5", -1},
        {"1.2-3", "1.2-3-1", -1},
        {"", "0", 0},
        {"", "~", 1},
        {"a", "", 1},
        {"99999999999999999999999", "99999999999999999999998", 1},
        {"7.88.1-10+deb12u14", "7.88.1-10+deb12u15", -1},
        {"20230311+deb12u1", "20250419~deb12u2", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_str a = gb_str_of(rows[i].a), b = gb_str_of(rows[i].b);
        int got = sign(gb_version_compare(GB_VERSION_DPKG, a, b));
        int back = sign(gb_version_compare(GB_VERSION_DPKG, b, a));
        if (got != rows[i].order || back != -rows[i].order)
            fail_msg("%s against %s: wanted %d, got %d and %d back", rows[i].a, rows[i].b,
                     rows[i].order, got, back);
    }
}

static void takes_parts_off(void **state)
{
    (void)state;
    assert_true(gb_str_is(gb_version_without_epoch(GB_VERSION_DPKG, GB_STR("2:1.0-1")), "1.0-1"));
    assert_true(gb_str_is(gb_version_without_epoch(GB_VERSION_DPKG, GB_STR("1.0")), "1.0"));
    assert_true(gb_str_is(gb_version_without_rebuild(GB_STR("1.0-2+b13")), "1.0-2"));
    assert_true(gb_str_is(gb_version_without_rebuild(GB_STR("1.0-2+b")), "1.0-2+b"));
    assert_true(gb_str_is(gb_version_without_rebuild(GB_STR("1.0+deb12u1")), "1.0+deb12u1"));
    assert_true(gb_str_is(gb_version_without_rebuild(GB_STR("b1")), "b1"));
    assert_true(gb_str_is(gb_version_without_rebuild(GB_STR("")), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_versions),
        cmocka_unit_test(takes_parts_off),
    };
    return cmocka_run_group_tests_name("model/version/dpkg", tests, NULL, NULL);
}
