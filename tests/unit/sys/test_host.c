// The host handle: files below a root, hostile files, recordings, spawn.
#include "sys/host.h"

#include "temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    gb_arena_free(&arena);
    return 0;
}

static void reads_a_file_below_the_root(void **state)
{
    (void)state;
    temporary_root_file(&root, "/etc/hostname", "web-01\n");
    struct gb_str text;
    assert_int_equal(gb_host_read(host, "/etc/hostname", 100, arena, &text, NULL), GB_OK);
    assert_true(gb_str_is(text, "web-01\n"));
    assert_int_equal(text.at[text.len], '\0');
}

static void absolute_links_stay_below_the_root(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/lib/os-release", "ID=inside\n");
    temporary_root_link(&root, "/etc/os-release", "/usr/lib/os-release");
    temporary_root_link(&root, "/etc/escape", "../../../../../../etc/passwd");
    struct gb_str text;
    assert_int_equal(gb_host_read(host, "/etc/os-release", 100, arena, &text, NULL), GB_OK);
    assert_true(gb_str_is(text, "ID=inside\n"));
    assert_int_equal(gb_host_read(host, "/etc/escape", 1 << 19, arena, &text, NULL),
                     GB_E_NOT_FOUND);
}

static void refuses_what_is_no_regular_file(void **state)
{
    (void)state;
    char path[4096];
    temporary_root_dirs(&root, "/etc/");
    snprintf(path, sizeof path, "%s/etc/fifo", root.path);
    assert_int_equal(mkfifo(path, 0644), 0);
    struct gb_str text;
    struct gb_error err = {0};
    assert_int_equal(gb_host_read(host, "/etc/fifo", 100, arena, &text, &err), GB_E_TYPE);
    assert_string_equal(err.subject, "/etc/fifo");
    assert_non_null(strstr(err.reason, "FIFO"));
    assert_int_equal(gb_host_read(host, "/etc", 100, arena, &text, &err), GB_E_TYPE);
    temporary_root_link(&root, "/etc/loop", "loop");
    assert_int_equal(gb_host_read(host, "/etc/loop", 100, arena, &text, &err), GB_E_LIMIT);
    assert_int_equal(gb_host_read(host, "relative", 100, arena, &text, &err), GB_E_IO);
}

static void large_files_are_refused_before_they_are_read(void **state)
{
    (void)state;
    temporary_root_file(&root, "/etc/huge", "");
    char path[4096];
    snprintf(path, sizeof path, "%s/etc/huge", root.path);
    assert_int_equal(truncate(path, (off_t)1 << 30), 0);
    struct gb_str text;
    struct gb_error err = {0};
    assert_int_equal(gb_host_read(host, "/etc/huge", 1000, arena, &text, &err), GB_E_LIMIT);
    assert_true(gb_arena_used(arena) < 8192);
    temporary_root_file(&root, "/etc/fits", "12345");
    assert_int_equal(gb_host_read(host, "/etc/fits", 5, arena, &text, &err), GB_OK);
    assert_int_equal(gb_host_read(host, "/etc/fits", 4, arena, &text, &err), GB_E_LIMIT);
}

static void kernel_files_need_a_kernel(void **state)
{
    (void)state;
    struct gb_str text;
    struct gb_error err = {0};
    temporary_root_file(&root, "/proc/cmdline", "quiet\n");
    assert_int_equal(gb_host_read(host, "/proc/cmdline", 100, arena, &text, &err),
                     GB_E_UNSUPPORTED);
    assert_string_equal(err.reason, "needs a live kernel");
    struct gb_host *recorded = temporary_root_host(&root, GB_KERNEL_RECORDED);
    assert_int_equal(gb_host_read(recorded, "/proc/cmdline", 100, arena, &text, &err), GB_OK);
    assert_true(gb_str_is(text, "quiet\n"));
    temporary_root_file(&root, "/.gabion/adjtimex", "5 64\n");
    struct gb_clock_state clock;
    assert_int_equal(gb_host_clock(recorded, &clock, &err), GB_OK);
    assert_int_equal(clock.state, 5);
    assert_int_equal(clock.status, 64);
    assert_int_equal(gb_host_clock(host, &clock, &err), GB_E_UNSUPPORTED);
    temporary_root_file(&root, "/.gabion/netlink/audit", "answer");
    char request[16] = {16};
    assert_int_equal(gb_host_netlink(recorded, "audit", 9, request, 16, 100, arena, &text, &err),
                     GB_OK);
    assert_true(gb_str_is(text, "answer"));
    gb_host_close(&recorded);
}

static void lists_sorted_and_bounded(void **state)
{
    (void)state;
    temporary_root_file(&root, "/d/b", "");
    temporary_root_file(&root, "/d/a", "");
    temporary_root_link(&root, "/d/c", "a");
    temporary_root_dirs(&root, "/d/e/");
    struct gb_dir_entry *entries;
    size_t count;
    assert_int_equal(gb_host_list(host, "/d", 10, arena, &entries, &count, NULL), GB_OK);
    assert_int_equal(count, 4);
    assert_true(gb_str_is(entries[0].name, "a"));
    assert_int_equal(entries[0].type, GB_FILE_REGULAR);
    assert_int_equal(entries[2].type, GB_FILE_LINK);
    assert_int_equal(entries[3].type, GB_FILE_DIRECTORY);
    assert_int_equal(gb_host_list(host, "/d", 3, arena, &entries, &count, NULL), GB_E_LIMIT);
    assert_int_equal(gb_host_list(host, "/none", 3, arena, &entries, &count, NULL), GB_E_NOT_FOUND);
    struct gb_str target;
    assert_int_equal(gb_host_readlink(host, "/d/c", arena, &target, NULL), GB_OK);
    assert_true(gb_str_is(target, "a"));
    assert_int_not_equal(gb_host_readlink(host, "/d/a", arena, &target, NULL), GB_OK);
}

static void looks_at_modes(void **state)
{
    (void)state;
    temporary_root_file(&root, "/bin/su", "x");
    temporary_root_mode(&root, "/bin/su", 04755);
    temporary_root_link(&root, "/bin/link", "su");
    struct gb_file_info info;
    assert_int_equal(gb_host_stat(host, "/bin/link", true, &info, NULL), GB_OK);
    assert_int_equal(info.mode, 04755);
    assert_int_equal(info.size, 1);
    assert_int_equal(gb_host_stat(host, "/bin/link", false, &info, NULL), GB_OK);
    assert_int_equal(info.type, GB_FILE_LINK);
    assert_false(gb_host_exists(host, "/bin/none"));
}

static void starts_programs_on_a_live_host_only(void **state)
{
    (void)state;
    struct gb_spawn_result result;
    const char *const argv[] = {"/bin/echo", "a b", NULL};
    assert_int_equal(gb_host_spawn(host, argv, 100, 1000, arena, &result, NULL), GB_E_UNSUPPORTED);
    struct gb_host *live = NULL;
    struct gb_host_options options = {.kernel = GB_KERNEL_LIVE};
    assert_int_equal(gb_host_open(&options, &live, NULL), GB_OK);
    assert_int_equal(gb_host_spawn(live, argv, 100, 5000, arena, &result, NULL), GB_OK);
    assert_int_equal(result.exit_status, 0);
    assert_true(gb_str_is(result.output, "a b\n"));
    const char *const many[] = {"/usr/bin/yes", NULL};
    struct gb_error err = {0};
    assert_int_equal(gb_host_spawn(live, many, 1000, 5000, arena, &result, &err), GB_E_LIMIT);
    const char *const slow[] = {"/bin/sleep", "60", NULL};
    assert_int_equal(gb_host_spawn(live, slow, 1000, 50, arena, &result, &err), GB_E_LIMIT);
    assert_string_equal(err.subject, "/bin/sleep");
    const char *const none[] = {"/no/such/program", NULL};
    assert_int_equal(gb_host_spawn(live, none, 1000, 50, arena, &result, &err), GB_E_NOT_FOUND);
    gb_host_close(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_a_file_below_the_root, setup, teardown),
        cmocka_unit_test_setup_teardown(absolute_links_stay_below_the_root, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_regular_file, setup, teardown),
        cmocka_unit_test_setup_teardown(large_files_are_refused_before_they_are_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(kernel_files_need_a_kernel, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_sorted_and_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(looks_at_modes, setup, teardown),
        cmocka_unit_test_setup_teardown(starts_programs_on_a_live_host_only, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
