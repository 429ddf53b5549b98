// dpkg's data base, "is it installed" and "who owns this path", below a temporary root.
#include "source/package/installed.h"
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

static const char status[] =
    "Package: libssl3\nStatus: install ok installed\nArchitecture: i386\nMulti-Arch: same\n"
    "Source: openssl\nVersion: 3.0.17-1\n\n"
    "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\n"
    "Source: openssl (3.0.17-1~real)\nVersion: 3.0.17-1+b1\nInstalled-Size: 6021\n\n"
    "Package: ntp\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1:4.2\n"
    "Conffiles:\n /etc/ntp.conf 0123\n /etc/default/ntp 4567\n\n"
    "Package: dash\nEssential: yes\nStatus: hold ok installed\nArchitecture: amd64\n"
    "Version: 0.5.12-2\nMaintainer: A <a@example.org>\nSection: shells\n\n"
    "Package: exim4\nStatus: install reinstreq half-configured\nArchitecture: all\nVersion: 4.96\n"
    "Provides: mail-transport-agent, foo (= 1)\n"
    "Description: metapackage to ease Exim MTA (v4) installation\n transitional package not\n\n"
    "Package: ntpdate\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n"
    "Depends: ntpsec-ntpdate\nDescription: Network Time Protocol daemon - transitional package\n";

static void reads_the_data_base(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/dpkg/status", status);
    const struct gb_dpkg *dpkg = NULL;
    assert_int_equal(gb_dpkg_load(&collector, &dpkg, NULL), GB_OK);
    assert_int_equal(dpkg->presence, GB_DPKG_READ);
    assert_int_equal(dpkg->count, 6);
    const struct gb_dpkg_package *dash = dpkg->packages[0];
    assert_true(gb_str_is(dash->name, "dash"));
    assert_true(dash->held && dash->essential && !dash->transitional);
    assert_true(gb_str_is(dash->source, "dash") && gb_str_is(dash->source_version, "0.5.12-2"));
    const struct gb_dpkg_package *exim = dpkg->packages[1];
    assert_int_equal(exim->state, GB_DPKG_HALF_CONFIGURED);
    assert_true(exim->reinstall && !exim->transitional);
    const struct gb_dpkg_package *ssl = dpkg->packages[2];
    assert_true(gb_str_is(ssl->architecture, "amd64"));
    assert_true(gb_str_is(ssl->source, "openssl"));
    assert_true(gb_str_is(ssl->source_version, "3.0.17-1~real"));
    assert_int_equal(ssl->installed_kib, 6021);
    assert_int_equal(ssl->line, 8);
    assert_true(gb_str_is(dpkg->packages[3]->source_version, "3.0.17-1"));
    assert_int_equal(dpkg->packages[4]->conffiles, 2);
    assert_true(dpkg->packages[5]->transitional);
    const struct gb_dpkg *again = NULL;
    assert_int_equal(gb_dpkg_load(&collector, &again, NULL), GB_OK);
    assert_ptr_equal(dpkg, again);
}

static void tells_what_is_installed(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/dpkg/status", status);
    assert_int_equal(gb_package_installed(&collector, "dash"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "libssl3"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "ntp"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_installed(&collector, "sudo"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_installed(&collector, "exim4"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "mail-transport-agent"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_provided(&collector, "mail-transport-agent"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_provided(&collector, "foo"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_provided(&collector, "ntp"), GB_INSTALLED_NO);
    assert_true(gb_str_is(gb_package_provider(&collector, "foo")->name, "exim4"));
    assert_null(gb_package_find(&collector, "ntp"));
}

static void the_journal_is_newer_than_the_status_file(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/dpkg/status", status);
    temporary_root_file(&root, "/var/lib/dpkg/updates/0000",
                        "Package: sudo\nStatus: install ok installed\nArchitecture: amd64\n"
                        "Version: 1\n");
    temporary_root_file(&root, "/var/lib/dpkg/updates/0001",
                        "Package: dash\nStatus: deinstall ok config-files\nArchitecture: amd64\n"
                        "Version: 1\n");
    temporary_root_file(&root, "/var/lib/dpkg/updates/tmp.i",
                        "Package: half\nStatus: install ok installed\nArchitecture: amd64\n");
    assert_int_equal(gb_package_installed(&collector, "sudo"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "dash"), GB_INSTALLED_NO);
    assert_int_equal(gb_package_installed(&collector, "half"), GB_INSTALLED_NO);
}

static void images_without_dpkg_have_one_file_a_package(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/dpkg/status.d/base-files",
                        "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n");
    temporary_root_file(&root, "/var/lib/dpkg/status.d/base-files.md5sums", "Package: wrong\n");
    assert_int_equal(gb_package_installed(&collector, "base-files"), GB_INSTALLED_YES);
    assert_int_equal(gb_package_installed(&collector, "wrong"), GB_INSTALLED_NO);
}

static void another_package_manager_is_not_nothing(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/rpm/rpmdb.sqlite", "x");
    assert_int_equal(gb_package_installed(&collector, "sudo"), GB_INSTALLED_UNKNOWN);
    assert_int_equal(gb_package_provided(&collector, "sudo"), GB_INSTALLED_UNKNOWN);
    struct gb_str reason;
    assert_false(gb_package_owners_known(&collector, &reason));
    assert_true(gb_str_contains(reason, GB_STR("rpm")));
}

static void no_package_manager_at_all(void **state)
{
    (void)state;
    const struct gb_dpkg *dpkg = NULL;
    assert_int_equal(gb_dpkg_load(&collector, &dpkg, NULL), GB_OK);
    assert_int_equal(dpkg->presence, GB_DPKG_ABSENT);
    assert_int_equal(gb_package_installed(&collector, "sudo"), GB_INSTALLED_NO);
}

static void a_broken_data_base_is_unknown(void **state)
{
    (void)state;
    temporary_root_bytes(&root, "/var/lib/dpkg/status", GB_STR("\0\1\2binary\xff\n\0\0"));
    assert_int_equal(gb_package_installed(&collector, "sudo"), GB_INSTALLED_UNKNOWN);
}

static void finds_owners(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/dpkg/status", status);
    temporary_root_file(&root, "/var/lib/dpkg/info/dash.list", "/.\n/bin\n/bin/dash\n/bin/sh\n");
    temporary_root_file(&root, "/var/lib/dpkg/info/libssl3:amd64.list",
                        "/.\n/usr\n/usr/lib/x86_64-linux-gnu/libssl.so.3\n");
    temporary_root_file(&root, "/var/lib/dpkg/info/libssl3:i386.list",
                        "/usr/lib/i386/libssl.so.3\n");
    temporary_root_file(&root, "/var/lib/dpkg/info/exim4.list", "/usr/sbin/exim\n/usr/bin/pg\n");
    temporary_root_file(&root, "/var/lib/dpkg/info/ntp.list", "/etc/ntp.conf");
    temporary_root_file(&root, "/var/lib/dpkg/info/ntpdate.list", "/usr/bin/pg\n");
    temporary_root_file(&root, "/var/lib/dpkg/diversions",
                        "/usr/bin/pg\n/usr/bin/pg.original\nntpdate\n"
                        "/usr/sbin/exim\n/usr/sbin/exim.real\n:\n");
    temporary_root_dirs(&root, "/usr/bin/");
    temporary_root_link(&root, "/bin", "usr/bin");
    static const struct {
        const char *path, *owner;
    } rows[] = {
        {"/bin/dash", "dash"},
        {"/usr/bin/dash", "dash"},
        {"/usr/bin/sh", "dash"},
        {"/usr/sbin/dash", ""},
        {"/sbin/dash", ""},
        {"/usr/lib/x86_64-linux-gnu/libssl.so.3", "libssl3"},
        {"/usr/lib/i386/libssl.so.3", "libssl3"},
        {"/lib/i386/libssl.so.3", ""}, // /lib is no link here
        {"/etc/ntp.conf", "ntp"},
        {"/usr/bin/pg", "ntpdate"},
        {"/bin/pg.original", "exim4"},
        {"/usr/sbin/exim", ""},
        {"/usr/sbin/exim.real", "exim4"},
        {"/opt/x", ""},
        {"", ""},
        {"/", ""},
    };
    assert_true(gb_package_owners_known(&collector, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_str owner = gb_package_owner(&collector, gb_str_of(rows[i].path));
        if (!gb_str_is(owner, rows[i].owner))
            fail_msg("%s: wanted \"%s\", got \"" GB_PRI "\"", rows[i].path, rows[i].owner,
                     GB_ARG(owner));
    }
}

static void names_cannot_leave_the_folder(void **state)
{
    (void)state;
    temporary_root_file(&root, "/var/lib/dpkg/status",
                        "Package: ../../x\nStatus: install ok installed\nArchitecture: all\n");
    temporary_root_file(&root, "/var/lib/x.list", "/usr/bin/evil\n");
    temporary_root_dirs(&root, "/var/lib/dpkg/info/");
    struct gb_str reason = {0};
    assert_false(gb_package_owners_known(&collector, &reason));
    assert_int_equal(gb_package_owner(&collector, GB_STR("/usr/bin/evil")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_the_data_base, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(tells_what_is_installed, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(the_journal_is_newer_than_the_status_file, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(images_without_dpkg_have_one_file_a_package, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(another_package_manager_is_not_nothing, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(no_package_manager_at_all, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(a_broken_data_base_is_unknown, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(finds_owners, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(names_cannot_leave_the_folder, setup, collected_root_end),
    };
    return cmocka_run_group_tests_name("source/package/dpkg", tests, NULL, NULL);
}
