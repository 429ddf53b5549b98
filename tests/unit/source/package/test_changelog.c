// What changelogs call fixed, and what they take back.
#include "source/package/changelog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 8 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_changelog parse(const char *text, const char *version, bool *ret)
{
    struct gb_changelog log = {.arena = arena};
    assert_int_equal(gb_changelog_parse(&log, gb_str_of(text), GB_STR("openssl"), GB_STR("libssl3"),
                                        gb_str_of(version), ret),
                     GB_OK);
    return log;
}

static const struct gb_changelog_fix *find(const struct gb_changelog *log, const char *id)
{
    for (size_t i = 0; i < log->count; i++)
        if (gb_str_is(log->items[i].id, id))
            return &log->items[i];
    return NULL;
}

static const char text[] =
    "openssl (3.0.15-1) bookworm-security; urgency=medium\n"
    "\n"
    "  * New upstream: CVE-2024-9999\n"
    " -- A <a@example.org>  Mon, 02 Sep 2024 10:00:00 +0000\n"
    "\n"
    "openssl (3.0.11-1~deb12u2) bookworm-security; urgency=medium\n"
    "\n"
    "  * CVE-2023-5363 (Incorrect cipher key), CVE-2023-5678/CVE-2023-12345678\n"
    "  * Revert the fix for CVE-2023-0001, it broke things\n"
    "  * Revert \"a change of ours\" (CVE-2023-0002)\n"
    "  * CVE-2023-0003 is still unfixed\n"
    "  * GHSA-abcd-1234-efgh and no id: CVE-20-1, CVE-2023-12, xCVE-2020-1111, GHSA-AB\n"
    "\n"
    " -- A <a@example.org>  Tue, 24 Oct 2023 10:00:00 +0000\n"
    "\n"
    "openssl (3.0.11-1~deb12u1) bookworm; urgency=medium\n"
    "\n"
    "  * Fix CVE-2023-0001, CVE-2023-0003, CVE-2023-0286.\n"
    "\n"
    " -- A <a@example.org>  Tue, 24 Oct 2023 10:00:00 +0000\n";

static void tells_what_is_fixed(void **state)
{
    (void)state;
    bool is_log;
    struct gb_changelog log = parse(text, "3.0.11-1~deb12u2", &is_log);
    assert_true(is_log);
    assert_null(find(&log, "CVE-2024-9999")); // newer than the installed version
    assert_non_null(find(&log, "CVE-2023-5363"));
    assert_non_null(find(&log, "CVE-2023-5678"));
    assert_non_null(find(&log, "CVE-2023-12345678"));
    assert_true(find(&log, "CVE-2023-0001")->undone); // the newest mention decides
    assert_false(find(&log, "CVE-2023-0002")->undone);
    assert_true(find(&log, "CVE-2023-0003")->undone);
    assert_non_null(find(&log, "GHSA-abcd-1234-efgh"));
    const struct gb_changelog_fix *old = find(&log, "CVE-2023-0286");
    assert_true(old && !old->undone && gb_str_is(old->version, "3.0.11-1~deb12u1"));
    assert_int_equal(old->line, 18);
    assert_non_null(find(&log, "CVE-2020-1111"));
    assert_int_equal(log.count, 9);
}

static void older_versions_know_less(void **state)
{
    (void)state;
    bool is_log;
    struct gb_changelog log = parse(text, "3.0.11-1~deb12u1", &is_log);
    assert_int_equal(log.count, 3);
    assert_false(find(&log, "CVE-2023-0001")->undone);
    log = parse(text, "3.0.10-1", &is_log);
    assert_true(is_log);
    assert_int_equal(log.count, 0);
}

// A stable update is numbered below the version that it was made from.
static void what_stands_below_went_into_it(void **state)
{
    (void)state;
    bool is_log;
    struct gb_changelog log = parse("openssl (590-2.2) sid; urgency=high\n\n  * CVE-2025-1111\n\n"
                                    "openssl (590-2.1~deb12u2) bookworm; urgency=high\n\n"
                                    "  * Rebuild\n\n"
                                    "openssl (590-2.1) sid; urgency=high\n\n  * CVE-2024-32487\n",
                                    "590-2.1~deb12u2", &is_log);
    assert_int_equal(log.count, 1);
    assert_non_null(find(&log, "CVE-2024-32487"));
}

static void another_text_is_left_alone(void **state)
{
    (void)state;
    bool is_log = true;
    struct gb_changelog log =
        parse("nginx (1.2-1) sid; urgency=low\n\n  * CVE-2023-0286\n", "3.0.11-1", &is_log);
    assert_false(is_log);
    assert_int_equal(log.count, 0);
    log =
        parse("Changes between 3.0.10 and 3.0.11\n\n * Fixed CVE-2023-0286\n", "3.0.11-1", &is_log);
    assert_false(is_log);
    assert_int_equal(log.count, 0);
    log = parse("\n\nlibssl3 (3.0.11-1) sid; urgency=low\n\n  * CVE-2023-0286", "3.0.11-1",
                &is_log); // the binary package's name will do
    assert_true(is_log);
    assert_int_equal(log.count, 1);
}

static void only_what_is_asked_for_is_kept(void **state)
{
    (void)state;
    struct gb_map wanted = gb_map(arena);
    assert_int_equal(gb_map_set(&wanted, GB_STR("CVE-2023-0286"), arena), GB_OK);
    struct gb_changelog log = {.arena = arena, .wanted = &wanted};
    assert_int_equal(
        gb_changelog_add_line(&log, GB_STR("CVE-2023-0286 CVE-2023-0287"), GB_STR("1"), 1), GB_OK);
    assert_int_equal(log.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_what_is_fixed, setup, teardown),
        cmocka_unit_test_setup_teardown(older_versions_know_less, setup, teardown),
        cmocka_unit_test_setup_teardown(what_stands_below_went_into_it, setup, teardown),
        cmocka_unit_test_setup_teardown(another_text_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_is_asked_for_is_kept, setup, teardown),
    };
    return cmocka_run_group_tests_name("source/package/changelog", tests, NULL, NULL);
}
