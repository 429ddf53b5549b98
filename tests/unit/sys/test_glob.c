// Patterns over the files of a root.
#include "sys/glob.h"

#include "temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct temporary_root root;
static struct gb_host *host;
static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    root = temporary_root_new();
    host = temporary_root_host(&root, GB_KERNEL_NONE);
    arena = gb_arena_new("test", 1 << 20);
    static const char *const files[] = {"/etc/a/1.conf",  "/etc/a/10.conf", "/etc/b/2.conf",
                                        "/etc/b/.x.conf", "/etc/b/readme",  "/etc/plain"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        temporary_root_file(&root, files[i], "");
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    gb_arena_free(&arena);
    return 0;
}

static void assert_glob(const char *pattern, const char *expected)
{
    struct gb_str *paths;
    size_t count;
    struct gb_error err = {0};
    char got[512] = "";
    assert_int_equal(gb_host_glob(host, pattern, 100, arena, &paths, &count, &err), GB_OK);
    for (size_t i = 0; i < count; i++) {
        strncat(got, i ? " " : "", 2);
        strncat(got, paths[i].at, 100);
    }
    if (strcmp(got, expected) != 0)
        fail_msg("%s: expected \"%s\", got \"%s\"", pattern, expected, got);
}

static void patterns_match_in_any_component(void **state)
{
    (void)state;
    assert_glob("/etc/a/*.conf", "/etc/a/1.conf /etc/a/10.conf");
    assert_glob("/etc/*/*.conf", "/etc/a/1.conf /etc/a/10.conf /etc/b/2.conf");
    assert_glob("/etc/[b]/?.conf", "/etc/b/2.conf");
    assert_glob("/etc/b/.*", "/etc/b/.x.conf");
    assert_glob("/etc//plain", "/etc/plain");
    assert_glob("/*/a", "/etc/a");
}

static void nothing_is_no_error(void **state)
{
    (void)state;
    assert_glob("/etc/none/*.conf", "");
    assert_glob("/etc/plain/*", "");
    assert_glob("/etc/absent", "");
    assert_glob("/etc/*/absent", "");
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct gb_str *paths;
    size_t count;
    assert_int_equal(gb_host_glob(host, "/etc/*/*", 2, arena, &paths, &count, NULL), GB_E_LIMIT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(patterns_match_in_any_component),
        T(nothing_is_no_error),
        T(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
