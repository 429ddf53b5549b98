// Who can change what a path leads to.
#include "source/host/path_trust.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct temporary_root root;
static struct gb_host *host;
static struct gb_arena *arena;
static struct gb_accounts accounts;
static struct gb_path_judge judge;

static int setup(void **state)
{
    (void)state;
    root = temporary_root_new();
    host = temporary_root_host(&root, GB_KERNEL_NONE);
    arena = gb_arena_new("test", 1 << 20);
    accounts = gb_accounts(arena);
    chmod(root.path, 0755);
    if (!arena ||
        gb_accounts_parse_passwd(&accounts, GB_STR("root:x:0:0::/:/bin/sh\n"
                                                   "alice:x:1000:1000::/:/bin/sh\n"
                                                   "bob:x:1001:1001::/:/bin/sh\n")) ||
        gb_accounts_parse_group(&accounts, GB_STR("root:x:0:\nstaff:x:50:\ndev:x:60:bob\n")) ||
        gb_accounts_index(&accounts))
        return -1;
    judge = gb_path_judge(host, &accounts, arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    gb_arena_free(&arena);
    return 0;
}

static void make(const char *path, unsigned uid, unsigned gid, unsigned mode)
{
    char full[4096];
    size_t len = strlen(path);
    if (path[len - 1] == '/')
        temporary_root_dirs(&root, path);
    else
        temporary_root_file(&root, path, "");
    snprintf(full, sizeof full, "%s%s", root.path, path);
    assert_int_equal(chown(full, uid, gid), 0);
    assert_int_equal(chmod(full, mode), 0);
}

static void expect_weak(const char *path, unsigned trusted, const char *weak, const char *who)
{
    struct gb_path_trust trust;
    assert_int_equal(gb_path_trust(&judge, gb_str_of(path), trusted, &trust), GB_OK);
    if (!gb_str_is(trust.weak, weak) || !gb_str_is(trust.who, who))
        fail_msg("%s: weak \"%.*s\", who \"%.*s\"", path, GB_ARG(trust.weak), GB_ARG(trust.who));
}

static void needs_root(void)
{
    if (geteuid() != 0)
        skip(); // owners can only be set by root
}

static void files_and_directories(void **state)
{
    (void)state;
    needs_root();
    make("/usr/bin/good", 0, 0, 0755);
    make("/usr/bin/open", 0, 0, 0757);
    make("/usr/bin/alices", 1000, 0, 0755);
    make("/usr/bin/empty_group", 0, 50, 0775);
    make("/usr/bin/dev_group", 0, 60, 0775);
    make("/opt/app/", 1000, 1000, 0755);
    make("/opt/app/run", 0, 0, 0755);
    make("/tmp/", 0, 0, 01777);
    make("/tmp/roots", 0, 0, 0755);
    make("/tmp/bobs", 1001, 1001, 0755);
    expect_weak("/usr/bin/good", 0, "", "");
    expect_weak("/usr/bin/open", 0, "/usr/bin/open", "everybody");
    expect_weak("/usr/bin/alices", 0, "/usr/bin/alices", "user alice");
    expect_weak("/usr/bin/alices", 1000, "", "");
    expect_weak("/usr/bin/empty_group", 0, "", "");
    expect_weak("/usr/bin/dev_group", 0, "/usr/bin/dev_group", "group dev");
    expect_weak("/usr/bin/dev_group", 1001, "", "");
    expect_weak("/opt/app/run", 0, "/opt/app", "user alice");
    expect_weak("/opt/app/run", 1000, "", "");
    expect_weak("/tmp/roots", 0, "", "");
    expect_weak("/tmp/bobs", 0, "/tmp", "everybody");
    expect_weak("/tmp", 0, "/tmp", "everybody");
    expect_weak("/", 0, "", "");
}

static void what_does_not_exist(void **state)
{
    (void)state;
    needs_root();
    make("/usr/bin/", 0, 0, 0755);
    make("/srv/open/", 0, 0, 0777);
    struct gb_path_trust trust;
    assert_int_equal(gb_path_trust(&judge, GB_STR("/usr/bin/none/x"), 0, &trust), GB_OK);
    assert_false(trust.exists);
    assert_int_equal(trust.code, GB_OK);
    assert_int_equal(trust.weak.len, 0);
    expect_weak("/srv/open/none", 0, "/srv/open", "everybody");
    assert_int_equal(gb_path_trust(&judge, GB_STR("relative"), 0, &trust), GB_OK);
    assert_int_equal(trust.code, GB_E_USAGE);
}

static void links_are_followed(void **state)
{
    (void)state;
    needs_root();
    make("/usr/bin/good", 0, 0, 0755);
    make("/home/alice/", 1000, 1000, 0755);
    make("/home/alice/tool", 0, 0, 0755);
    temporary_root_link(&root, "/bin", "usr/bin");
    temporary_root_link(&root, "/usr/bin/tool", "../../home/alice/tool");
    temporary_root_link(&root, "/usr/bin/up", "/usr/../../bin/./good");
    temporary_root_link(&root, "/usr/bin/loop", "loop");
    struct gb_path_trust trust;
    assert_int_equal(gb_path_trust(&judge, GB_STR("/bin/up"), 0, &trust), GB_OK);
    assert_true(trust.exists);
    assert_true(gb_str_is(trust.target, "/usr/bin/good"));
    assert_int_equal(trust.weak.len, 0);
    expect_weak("/bin/tool", 0, "/home/alice", "user alice");
    assert_int_equal(gb_path_trust(&judge, GB_STR("/bin/loop"), 0, &trust), GB_OK);
    assert_int_equal(trust.code, GB_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_and_directories, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_exist, setup, teardown),
        cmocka_unit_test_setup_teardown(links_are_followed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
