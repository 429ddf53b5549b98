// The export for debsecan: rows, flags, suites, and what is wrong with it.
#include "feed_lines.h"

static const char export[] = "VERSION 1\n"
                             "CVE-2021-0001,,first, with a comma\n"
                             "TEMP-0000000-ABCDEF,,second\n"
                             "CVE-2021-0003,,** DISPUTED ** third\n"
                             "\n"
                             "alpha,0,SMRF,1.2-3,1.0-1+deb11u1 1.1-2\n"
                             "alpha,1,S ? ,,\n"
                             "beta-bin,2,BH  ,2.0,1.9\n"
                             "gamma,0,    ,1:0,\n"
                             "\n"
                             "alpha,alpha-bin libalpha1\n"
                             "beta,\n";

static void rows(void **state)
{
    (void)state;
    feed_expect("folder/bullseye", export,
                "document debsecan\n"
                "advisory CVE-2021-0001 [CVE-2021-0001] \"first, with a comma\"\n"
                "  debian-11 alpha: affected fixed medium remote [,1.2-3) "
                "-{1.0-1+deb11u1 1.1-2}\n"
                "advisory TEMP-0000000-ABCDEF \"second\"\n"
                "  debian-11 alpha: affected not-yet [,)\n"
                "advisory CVE-2021-0003 [CVE-2021-0003] disputed \"** DISPUTED ** third\"\n"
                "  debian-11 beta-bin (binary): affected not-yet high [,2.0)\n"
                "advisory CVE-2021-0001 [CVE-2021-0001] \"first, with a comma\"\n"
                "  debian-11 gamma: affected not-yet [,1:0)\n");
}

static void suites(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"sid", "debian-sid"},
                                           {"GENERIC", "debian-generic"},
                                           {"stretch", "debian-9"},
                                           {"buster", "debian-10"},
                                           {"bookworm", "debian-12"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct feed_lines *lines = feed_import(names[i][0], gb_str_of(export), NULL);
        assert_int_equal(lines->code, 0);
        assert_non_null(strstr(lines->out.data, names[i][1]));
    }
    feed_refuse("download", export, GB_E_USAGE, "does not say which suite");
    struct gb_feed_options options = {.scope = GB_STR("debian-11")};
    assert_int_equal(feed_import("download", gb_str_of(export), &options)->code, 0);
}

static void wrong_rows(void **state)
{
    (void)state;
    feed_expect("sid",
                "VERSION 1\nCVE-2021-0001,,x\n\n"
                "alpha,1,S   ,1,\n"
                "alpha,0,S\n"
                "beta,99999999999999999999,S   ,1,\n"
                "gamma,0,S  F,1,\n\n",
                "left out sid:4: alpha: there is no flaw number 1\n"
                "left out sid:5: expected package,number,flags,version,versions\n"
                "left out sid:6: beta: there is no flaw number 99999999999999999999\n"
                "document debsecan\n"
                "advisory CVE-2021-0001 [CVE-2021-0001] \"x\"\n"
                "  debian-sid gamma: affected fixed [,1)\n");
}

static void cut_off(void **state)
{
    (void)state;
    feed_refuse("sid", "VERSION 1\nCVE-2021-0001,,x\n", GB_E_SYNTAX, "ends before its packages");
    feed_refuse("sid", "VERSION 1\nCVE-2021-0001,,x\n\nalpha,0,S   ,1,\n", GB_E_SYNTAX,
                "ends within its packages");
    feed_refuse("sid", "VERSION 1\nCVE-2021-0001\n\n", GB_E_SYNTAX, "name,flags,description");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(suites),
        cmocka_unit_test(wrong_rows),
        cmocka_unit_test(cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
