// The sources of accounts, sudo, PAM, cron and files when memory runs out: each allocation fails
// once. A source then says so, or leaves the failure in the arena; it never crashes, and nothing
// that it left behind is taken for complete.
#include "source/source.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

extern const struct gb_source gb_source_accounts, gb_source_account_database, gb_source_login_defs,
    gb_source_sudo, gb_source_pam_service, gb_source_password_policy, gb_source_cron,
    gb_source_shell_environment, gb_source_system_file, gb_source_banner, gb_source_polkit;

static struct temporary_root root;
static struct gb_host *host;

static int setup(void **state)
{
    (void)state;
    root = temporary_root_new();
    host = temporary_root_host(&root, GB_KERNEL_NONE);
    temporary_root_file(&root, "/etc/passwd",
                        "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n"
                        "bob:x:1000:7::/nonexistent:/bin/false\nshort:x:5:5\n+@x::::::\n");
    temporary_root_file(&root, "/etc/group", "root:x:0:\nalice:x:1000:bob,ghost\nops:x:1000:\n");
    temporary_root_file(&root, "/etc/shadow",
                        "root:*:1:0:9:7:::\nalice:$6$rounds=9$s$h:2::::::\ngone:!:1::::::\n");
    temporary_root_file(&root, "/etc/gshadow", "root:*::\nalice:!::\n");
    temporary_root_file(&root, "/etc/nsswitch.conf", "passwd: files [x=y] sss # z\n");
    temporary_root_file(&root, "/etc/login.defs",
                        "UMASK 027\nENCRYPT_METHOD SHA512\nENV_SUPATH PATH=/bin::/srv\n");
    temporary_root_file(&root, "/home/alice/.netrc", "");
    temporary_root_file(&root, "/bin/sh", "");
    temporary_root_file(&root, "/usr/bin/sudo", "");
    temporary_root_file(&root, "/usr/bin/su", "");
    temporary_root_file(&root, "/usr/sbin/cron", "");
    temporary_root_file(&root, "/usr/sbin/atd", "");
    temporary_root_file(&root, "/etc/sudoers",
                        "Defaults secure_path=\"/bin:x:/srv\", env_keep+=\"LD_PRELOAD A\"\n"
                        "User_Alias A = alice, !bob : B = A, %ops\nCmnd_Alias C = /bin/vi, /srv/*\n"
                        "A, B ALL = (root, bob) NOPASSWD: C, sudoedit /etc/x, /bin/sh /srv/y\n"
                        "%ops, +net ALL=ALL, !/bin/su\nwrong line\n@includedir /etc/sudoers.d\n");
    temporary_root_file(&root, "/etc/sudoers.d/a", "ALL ALL = CWD=/ \"x\"\n");
    temporary_root_file(&root, "/etc/sudoers.d/a.b", "");
    temporary_root_file(&root, "/etc/pam.d/common-auth",
                        "auth required pam_faillock.so preauth [a b\\]]\n"
                        "auth [success=1 default=ignore] pam_unix.so nullok\n"
                        "auth [default=die] pam_faillock.so authfail\n");
    temporary_root_file(&root, "/etc/pam.d/login",
                        "@include common-auth\nsession optional pam_umask.so\nbad\n"
                        "auth substack common-auth\n");
    temporary_root_file(&root, "/etc/pam.d/su",
                        "auth required pam_wheel.so group=ops\nauth include common-auth\n");
    temporary_root_file(&root, "/etc/pam.d/passwd",
                        "password requisite pam_pwquality.so\npassword required pam_unix.so\n"
                        "password required pam_pwhistory.so remember=5\n");
    temporary_root_file(&root, "/etc/security/pwquality.conf", "minlen = 9\n");
    temporary_root_file(&root, "/etc/security/pwquality.conf.d/a.conf", "minclass = 2\n");
    temporary_root_file(&root, "/etc/security/faillock.conf", "deny = 4\nunlock_time = x\n");
    temporary_root_file(&root, "/usr/lib/x86_64-linux-gnu/security/pam_unix.so", "");
    temporary_root_file(&root, "/etc/crontab",
                        "PATH=/srv:/bin\n1 2 3 4 5 root cd /srv && nice ./x; sh -c '/bin/y' | z\n"
                        "@daily alice run-parts /srv\nbad\n");
    temporary_root_file(&root, "/etc/cron.d/x.y", "");
    temporary_root_file(&root, "/etc/cron.daily/z", "");
    temporary_root_file(&root, "/var/spool/cron/crontabs/ghost", "1 2 3 4 5 /bin/a\n");
    temporary_root_file(&root, "/etc/profile", "umask 022\nTMOUT=9\nexport PATH=~/bin:$PATH:.\n");
    temporary_root_file(&root, "/etc/environment", "PATH=\"/bin\"\n");
    temporary_root_file(&root, "/etc/shells", "/bin/sh\n");
    temporary_root_file(&root, "/etc/issue", "\\s \\r on Debian\n");
    temporary_root_file(&root, "/srv/x", "");
    temporary_root_file(&root, "/usr/libexec/polkitd", "");
    temporary_root_file(&root, "/etc/polkit-1/rules.d/a.rules", "polkit.Result.YES\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    return 0;
}

// Runs the source with the nth allocation failing; true when that was noticed.
static bool fails(const struct gb_source *source, size_t nth, bool *done)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("facts", 64u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 64u << 20);
    struct gb_collection *all = gb_collection_new(arena, 1793491200);
    struct gb_collector collector = {.host = host, .arena = arena, .scratch = scratch, .all = all};
    struct gb_error err = {0};
    gb_arena_fail_at(nth);
    int code = source->collect(&collector, &err);
    gb_arena_fail_at(0);
    bool failed = code < 0 || gb_arena_failed(arena) || gb_arena_failed(scratch);
    if (code < 0)
        assert_int_equal(code, GB_E_MEMORY);
    *done = !failed;
    return failed;
}

static void survives(const struct gb_source *source)
{
    enum { MOST_ALLOCATIONS = 20000 };
    bool done = false;
    size_t nth = 1;
    for (; !done && nth < MOST_ALLOCATIONS; nth++)
        (void)fails(source, nth, &done);
    if (!done || nth < 10)
        fail_msg("%s: stopped at allocation %zu", source->name, nth);
}

static void each_source_survives_each_failure(void **state)
{
    (void)state;
    const struct gb_source *sources[] = {
        &gb_source_accounts,    &gb_source_account_database,
        &gb_source_login_defs,  &gb_source_sudo,
        &gb_source_pam_service, &gb_source_password_policy,
        &gb_source_cron,        &gb_source_shell_environment,
        &gb_source_system_file, &gb_source_banner,
        &gb_source_polkit,
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        survives(sources[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_source_survives_each_failure, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
