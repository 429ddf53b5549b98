// Ranges of versions in each syntax: cases of our own. The corpus has hundreds of published ones.
#include "model/version/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { IN = 1, OUT = 0, MALFORMED = -1 };

static const struct {
    enum gb_version_scheme scheme;
    unsigned options;
    const char *version, *range;
    int wanted;
} rows[] = {
    {GB_VERSION_DPKG, 0, "1.0-1", "", IN},
    {GB_VERSION_DPKG, 0, "1.0-1", ">= 1.0, << 2", MALFORMED},
    {GB_VERSION_DPKG, 0, "1.0-1", ">= 1.0, < 2", IN},
    {GB_VERSION_DPKG, 0, "1.0-1", "<1.0||>=2", OUT},
    {GB_VERSION_DPKG, 0, "1.0-1", "!= 1.0-1", OUT},
    {GB_VERSION_DPKG, 0, "1.0-1", "1.0-1", IN},
    {GB_VERSION_DPKG, 0, "1.0-1", "< 1.0 |", MALFORMED},
    {GB_VERSION_DPKG, 0, "1.0-1", "<", MALFORMED},
    {GB_VERSION_DPKG, 0, "1.0-1", "< 2 ||", MALFORMED},
    {GB_VERSION_DPKG, 0, "1.0-1", "~ 1.0", MALFORMED},
    {GB_VERSION_DPKG, 0, "1.0-1", "< 1:0.5", IN},
    {GB_VERSION_DPKG, GB_VERSION_EPOCH_ASSUMED, "1.0-1", "< 1:0.5", OUT},
    {GB_VERSION_APK, 0, "3.6.9-r1", "~ 3.6", IN},
    {GB_VERSION_APK, 0, "3.60", "~ 3.6", OUT},
    {GB_VERSION_APK, 0, "3.5", "<~ 3.6", IN},
    {GB_VERSION_APK, 0, "3.6.1", ">~ 3.6", IN},
    {GB_VERSION_NPM, 0, "1.9.0", "^1.2.3", IN},
    {GB_VERSION_NPM, 0, "2.0.0", "^1.2.3", OUT},
    {GB_VERSION_NPM, 0, "0.2.9", "^0.2.3", IN},
    {GB_VERSION_NPM, 0, "0.3.0", "^0.2.3", OUT},
    {GB_VERSION_NPM, 0, "0.0.4", "^0.0.3", OUT},
    {GB_VERSION_NPM, 0, "0.5.0", "^0", IN},
    {GB_VERSION_NPM, 0, "0.1.9", "^0.1", IN},
    {GB_VERSION_NPM, 0, "1.2.9", "~1.2.3", IN},
    {GB_VERSION_NPM, 0, "1.3.0", "~1.2.3", OUT},
    {GB_VERSION_NPM, 0, "2.3.9", "1.2.3 - 2.3", IN},
    {GB_VERSION_NPM, 0, "2.4.0", "1.2.3 - 2.3", OUT},
    {GB_VERSION_NPM, 0, "10.0.0", ">9", IN},
    {GB_VERSION_NPM, 0, "9.9.9", ">9", OUT},
    {GB_VERSION_NPM, 0, "100.0.0", ">=99.5 <100.1", IN},
    {GB_VERSION_NPM, 0, "2.0.0-rc.1", "<2.0.0", OUT},
    {GB_VERSION_NPM, GB_VERSION_PRERELEASES, "2.0.0-rc.1", "<2.0.0", IN},
    {GB_VERSION_NPM, GB_VERSION_PLAIN_ORDER, "2.0.0-rc.1", "<2.0.0", IN},
    {GB_VERSION_NPM, 0, "2.0.0-rc.2", ">=2.0.0-rc.1 <3", IN},
    {GB_VERSION_NPM, 0, "2.1.0-rc.2", ">=2.0.0-rc.1 <3", OUT},
    {GB_VERSION_NPM, 0, "1.0.0", "latest", MALFORMED},
    {GB_VERSION_NPM, 0, "1.0.0", "1.0.0 || ^", MALFORMED},
    {GB_VERSION_NPM, 0, "1.0.0beta", "<2", OUT},
    {GB_VERSION_PEP440, 0, "1.4.5", "~=1.4.2", IN},
    {GB_VERSION_PEP440, 0, "1.5", "~=1.4.2", OUT},
    {GB_VERSION_PEP440, 0, "1.4.5", "~=1.4.2, !=1.4.5", OUT},
    {GB_VERSION_PEP440, 0, "2.0.7", "==2.0.*", IN},
    {GB_VERSION_PEP440, 0, "2.0", "== 2", IN},
    {GB_VERSION_PEP440, 0, "2.0+local", "==2", IN},
    {GB_VERSION_PEP440, 0, "2.0", "===2.0", IN},
    {GB_VERSION_PEP440, 0, "2.0", "===2", OUT},
    {GB_VERSION_PEP440, 0, "1.1.1rc1", "<1.1.1", OUT},
    {GB_VERSION_PEP440, GB_VERSION_PLAIN_ORDER, "1.1.1rc1", "<1.1.1", IN},
    {GB_VERSION_PEP440, 0, "2.0.post1", ">2.0", OUT},
    {GB_VERSION_PEP440, 0, "2.0.post1", ">2.0a1", IN},
    {GB_VERSION_PEP440, 0, "2.0b2", "<2.0.post1", IN},
    {GB_VERSION_PEP440, 0, "2.0.post1.dev1", "<2.0.post1", OUT},
    {GB_VERSION_PEP440, 0, "1.0", ">=1.0.*", MALFORMED},
    {GB_VERSION_PEP440, 0, "1.0", "~=1", MALFORMED},
    {GB_VERSION_MAVEN, 0, "1.5", "[1.0,2.0)", IN},
    {GB_VERSION_MAVEN, 0, "2.0", "[1.0,2.0)", OUT},
    {GB_VERSION_MAVEN, 0, "2.0-rc1", "[1.0,2.0)", IN},
    {GB_VERSION_MAVEN, 0, "1.0", "(,1.0],[1.2,)", IN},
    {GB_VERSION_MAVEN, 0, "1.1", "(,1.0],[1.2,)", OUT},
    {GB_VERSION_MAVEN, 0, "1.0", "[1.0]", IN},
    {GB_VERSION_MAVEN, 0, "1.0", "(1.0]", MALFORMED},
    {GB_VERSION_MAVEN, 0, "1.0", "[1.0,2.0", MALFORMED},
    {GB_VERSION_MAVEN, 0, "1.0", "[1.0][2.0]", MALFORMED},
    {GB_VERSION_MAVEN, 0, "1.0", "< 1.1", IN},
    {GB_VERSION_NUGET, 0, "13.0.1", "[12.0.0, 13.0.1)", OUT},
    {GB_VERSION_GEM, 0, "1.9", "~> 1.2", IN},
    {GB_VERSION_GEM, 0, "2.0", "~> 1.2", OUT},
    {GB_VERSION_GEM, 0, "2.0.a", "~> 1.2", OUT},
    {GB_VERSION_GEM, 0, "1.2.9", "~> 1.2.3", IN},
    {GB_VERSION_GEM, 0, "1.3.0", "~> 1.2.3", OUT},
    {GB_VERSION_GEM, 0, "1.1", "~> 1.2", OUT},
    {GB_VERSION_GEM, 0, "1.3-x86_64-linux", "~> 1.2, != 1.3", OUT},
    {GB_VERSION_GO, 0, "v1.2.3", ">= v1.2.0, < v1.2.4", IN},
    {GB_VERSION_BITNAMI, 0, "1.2.3-7", "<= 1.2.3", IN},
};

static void holds_versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool in = false;
        struct gb_error err = {0};
        int code =
            gb_version_in_range_with(rows[i].scheme, rows[i].options, gb_str_of(rows[i].version),
                                     gb_str_of(rows[i].range), &in, &err);
        int got = code < 0 ? MALFORMED : in;
        int check =
            gb_version_range_check(rows[i].scheme, rows[i].options, gb_str_of(rows[i].range), NULL);
        if (got != rows[i].wanted || (check < 0) != (rows[i].wanted == MALFORMED) ||
            (code < 0 && (code != GB_E_SYNTAX || !err.reason[0])))
            fail_msg("%s: \"%s\" in \"%s\": got %d (%s), wanted %d",
                     gb_version_scheme_name(rows[i].scheme), rows[i].version, rows[i].range, got,
                     err.reason, rows[i].wanted);
    }
}

static bool meet(const char *a, const char *b)
{
    bool both = false;
    struct gb_error err = {0};
    if (gb_version_ranges_intersect(GB_VERSION_NPM, 0, gb_str_of(a), gb_str_of(b), &both, &err) < 0)
        fail_msg("%s and %s: %s", a, b, err.reason);
    return both;
}

static void ranges_intersect(void **state)
{
    (void)state;
    assert_true(meet("^1.2.0", ">=1.9 <3"));
    assert_false(meet("^1.2.0", ">=2"));
    assert_true(meet("<1 || >5", "6.0.1"));
    assert_false(meet(">2 <1", "*"));
    assert_false(meet("1.2.3-rc.1", ">1"));
    assert_true(meet("1.2.3-rc.1", ">=1.2.3-rc.0 <2"));
    assert_false(meet("*", ">x"));
    bool both;
    static char large[5000];
    memset(large, ' ', sizeof large);
    assert_int_equal(gb_version_ranges_intersect(GB_VERSION_NPM, 0,
                                                 (struct gb_str){large, sizeof large}, GB_STR("1"),
                                                 &both, NULL),
                     GB_E_LIMIT);
    assert_int_equal(
        gb_version_ranges_intersect(GB_VERSION_GEM, 0, GB_STR("1"), GB_STR("1"), &both, NULL),
        GB_E_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_versions),
        cmocka_unit_test(ranges_intersect),
    };
    return cmocka_run_group_tests_name("model/version/range", tests, NULL, NULL);
}
