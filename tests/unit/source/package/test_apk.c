// apk's data base: packages, owners, what is pinned and what is broken.
#include "source/package/installed.h"
#include "source/package/os_packages.h"
#include "source/package/owner.h"

#include "collected_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int setup(void **state)
{
    (void)state;
    return collected_root_begin(GB_KERNEL_NONE);
}

static const char installed[] =
    "C:Q1abc=\nP:libcrypto3\nV:3.1.4-r1\nA:x86_64\nS:1\nI:2097152\nT:Crypto library\n"
    "U:https://www.openssl.org/\nL:Apache-2.0\no:openssl\nm:A <a@example.org>\nt:1\nc:d\n"
    "D:so:libc.musl-x86_64.so.1\np:so:libcrypto.so.3=3\nF:etc\nF:etc/ssl\nR:openssl.cnf\nZ:Q1x=\n"
    "F:lib\nR:libcrypto.so.3\na:0:0:755\n\n"
    "P:busybox\nV:1.36.1-r2\nA:x86_64\nI:4096\nF:\nR:top\nF:bin\nR:busybox\nf:xS\n\n"
    "P:half\nA:x86_64\n\n"
    "P:audit\nV:3.1-r0\no:audit";

static void reads_the_data_base(void **state)
{
    (void)state;
    temporary_root_file(&root, "/lib/apk/db/installed", installed);
    temporary_root_file(&root, "/etc/apk/world", "busybox\nlibcrypto3<3.2\naudit@edge\n");
    const struct gb_os_packages *all = NULL;
    assert_int_equal(gb_os_packages_load(&collector, &all, NULL), GB_OK);
    assert_int_equal(all->presence, GB_PACKAGES_READ);
    assert_int_equal(all->count, 3); // "half" has no version
    const struct gb_os_package *audit = all->items[0], *busybox = all->items[1],
                               *crypto = all->items[2];
    assert_true(gb_str_is(audit->name, "audit") && !audit->pinned);
    assert_int_equal(audit->line, 37);
    assert_true(gb_str_is(busybox->source, "busybox") && busybox->broken && !busybox->pinned);
    assert_true(gb_str_is(crypto->name, "libcrypto3") && gb_str_is(crypto->source, "openssl"));
    assert_true(gb_str_is(crypto->version, "3.1.4-r1"));
    assert_true(gb_str_is(crypto->source_version, "3.1.4-r1"));
    assert_true(gb_str_is(crypto->architecture, "x86_64"));
    assert_true(crypto->pinned && !crypto->broken);
    assert_int_equal(crypto->installed_kib, 2048);
    assert_int_equal(crypto->line, 2);
    assert_int_equal(crypto->manager, GB_MANAGER_APK);
}

static void tells_what_is_installed(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/lib/apk/db/installed", installed);
    assert_int_equal(gb_package_installed(&collector, "busybox"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "auditd"), GB_INSTALLED_YES); // audit
    assert_int_equal(gb_package_installed(&collector, "rsyslog"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_provided(&collector, "cron-daemon"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_installed(&collector, "sysklogd"), GB_INSTALLED_UNKNOWN);
}

static void finds_owners(void **state)
{
    (void)state;
    temporary_root_file(&root, "/lib/apk/db/installed", installed);
    static const struct {
        const char *path, *owner;
    } rows[] = {
        {"/etc/ssl/openssl.cnf", "libcrypto3"},
        {"/etc/ssl", "libcrypto3"},
        {"/lib/libcrypto.so.3", "libcrypto3"},
        {"/bin/busybox", "busybox"},
        {"/top", "busybox"},
        {"/usr/bin/busybox", ""},
    };
    assert_true(gb_package_owners_known(&collector, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_str owner = gb_package_owner(&collector, gb_str_of(rows[i].path));
        if (!gb_str_is(owner, rows[i].owner))
            fail_msg("%s: wanted \"%s\", got \"" GB_PRI "\"", rows[i].path, rows[i].owner,
                     GB_ARG(owner));
    }
}

static void what_is_no_data_base_is_unknown(void **state)
{
    (void)state;
    temporary_root_file(&root, "/lib/apk/db/installed", "this is not it\n");
    const struct gb_os_packages *all = NULL;
    assert_int_equal(gb_os_packages_load(&collector, &all, NULL), GB_OK);
    assert_int_equal(all->presence, GB_PACKAGES_UNREADABLE);
    assert_int_equal(gb_package_installed(&collector, "busybox"), GB_INSTALLED_UNKNOWN);
}

static void an_empty_data_base_has_no_packages(void **state)
{
    (void)state;
    temporary_root_file(&root, "/lib/apk/db/installed", "\n");
    const struct gb_os_packages *all = NULL;
    assert_int_equal(gb_os_packages_load(&collector, &all, NULL), GB_OK);
    assert_int_equal(all->presence, GB_PACKAGES_READ);
    assert_int_equal(all->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_the_data_base, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(tells_what_is_installed, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(finds_owners, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(what_is_no_data_base_is_unknown, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(an_empty_data_base_has_no_packages, setup,
                                        collected_root_end),
    };
    return cmocka_run_group_tests_name("source/package/apk", tests, NULL, NULL);
}
