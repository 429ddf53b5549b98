// Release files of distributions that are older than os-release.
#include "source/host/os_inferred.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void release_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *id, *version;
    } rows[] = {
        {"CentOS release 6.10 (Final)\nKernel \\r", "centos", "6.10"},
        {"CentOS Linux release 7.9.2009 (Core)\n", "centos", "7.9.2009"},
        {"CentOS Stream release 8\n", "centos", "8"},
        {"Red Hat Enterprise Linux Server release 6.10 (Santiago)", "rhel", "6.10"},
        {"AlmaLinux release 8.9 (Midnight Oncilla)\n", "almalinux", "8.9"},
        {"Fedora release 39 (Thirty Nine)\n", "fedora", "39"},
        {"Amazon Linux AMI release 2018.03\n", "amzn", "2018.03"},
        {"Something else release 5\n", NULL, NULL},
        {"CentOS without a number\n", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_os_identity identity = {.line = 1};
        bool known = gb_os_release_line(gb_str_of(rows[i].text), &identity);
        if (known != (rows[i].id != NULL))
            fail_msg("%s: %s", rows[i].text, known ? "known" : "not known");
        if (known &&
            (!gb_str_is(identity.id, rows[i].id) || !gb_str_is(identity.version, rows[i].version)))
            fail_msg("%s: got " GB_PRI " " GB_PRI, rows[i].text, GB_ARG(identity.id),
                     GB_ARG(identity.version));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(release_files)};
    return cmocka_run_group_tests_name("source/host/os_inferred", tests, NULL, NULL);
}
