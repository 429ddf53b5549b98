// The order of versions of every scheme: rising chains of our own, equal spellings, and properties
// that must hold for any bytes. The corpus has thousands of published pairs.
#include "model/version/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void expect(enum gb_version_scheme scheme, const char *a, const char *b, int wanted)
{
    int got = sign(gb_version_compare(scheme, gb_str_of(a), gb_str_of(b)));
    int back = sign(gb_version_compare(scheme, gb_str_of(b), gb_str_of(a)));
    if (got != wanted || back != -wanted)
        fail_msg("%s: \"%s\" against \"%s\": wanted %d, got %d and %d back",
                 gb_version_scheme_name(scheme), a, b, wanted, got, back);
}

// Each row rises from left to right: every pair is compared.
static void chains_rise(void **state)
{
    (void)state;
    static const struct {
        enum gb_version_scheme scheme;
        const char *versions[16];
    } chains[] = {
        {GB_VERSION_DPKG, {"1.0~~", "1.0~rc1", "1.0", "1.0-1", "1.0-1+b1", "1.0a", "1.0+1", "1:0"}},
        {GB_VERSION_RPM,
         {"1.0~rc1-1", "1.0", "1.0-1.el9", "1.0-1.el9_2", "1.0-2", "1.0^git1-1", "1.0.a-1",
          "1.0.1-1", "1.10-1", "1:0.1-1"}},
        {GB_VERSION_RPM,
         {"a", "1", "1a", "1.1", "99999999999999999999998", "99999999999999999999999"}},
        {GB_VERSION_APK,
         {"1.2_alpha", "1.2_alpha1", "1.2_beta", "1.2_rc2", "1.2", "1.2-r0", "1.2-r1", "1.2_git1",
          "1.2_p1-r0", "1.2a", "1.2b", "1.2.0", "1.2.01", "1.2.1", "1.2.10"}},
        {GB_VERSION_APK, {"6.0.2-r1", "6.0.2p1-r0", "6.0.2p1-r1", "6.0.2p2-r0", "6.0.3p1-r0"}},
        {GB_VERSION_SEMVER,
         {"1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
          "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.0.1", "1.10.0"}},
        {GB_VERSION_NPM, {"1.0.0-x", "1.0.0", "1.2.3-4-foo", "1.2.3", "9.9.9", "10.0.0"}},
        {GB_VERSION_GO,
         {"v0.0.0-20190101000000-abcdefabcdef", "v0.0.0-20200101000000-0123456789ab", "v0.0.0",
          "v1.2.3-0.20200101000000-0123456789ab", "v1.2.3-rc.1", "v1.2.3", "v2.0.0+incompatible"}},
        {GB_VERSION_GO,
         {"go1.9", "go1.21rc2", "go1.21rc10", "go1.21.0", "go1.22.4 X:boringcrypto", "go1.22.5"}},
        {GB_VERSION_PEP440,
         {"trunk", "1.0-bulbasaur", "1.0.dev1", "1.0a1.dev1", "1.0a1", "1.0a1.post1", "1.0b1",
          "1.0rc1", "1.0", "1.0+abc", "1.0+abc.1", "1.0+5", "1.0.post1", "1.1.dev1", "1.1",
          "1!0.1"}},
        {GB_VERSION_MAVEN,
         {"1-alpha-1", "1-beta", "1-m2", "1-rc1", "1-SNAPSHOT", "1", "1-sp1", "1-foo", "1-1", "1-2",
          "1.0.1", "1.1", "1.10", "2"}},
        {GB_VERSION_GEM,
         {"1.0.a", "1.0.a.1", "1.0.b1", "1.0.pre", "1.0.rc1", "1.0", "1.0.1.a", "1.0.1", "1.2",
          "1.10"}},
        {GB_VERSION_COMPOSER,
         {"dev-main", "1.0-dev", "1.0-alpha1", "1.0-beta1", "1.0-RC1", "1.0", "1.0.0", "1.0.1",
          "1.0.10", "1.0-p1", "1.1"}},
        {GB_VERSION_NUGET,
         {"1.0.0-ALPHA", "1.0.0-beta", "1.0.0-Beta2", "1.0.0", "1.0.0.1", "1.0.1"}},
        {GB_VERSION_PUB,
         {"1.0.0-a", "1.0.0-a+1", "1.0.0", "1.0.0+1", "1.0.0+2", "1.0.0+a", "1.0.1"}},
        {GB_VERSION_CRAN, {"0.9", "0.75", "1.0", "1.0-0", "1.0-1", "1.0.2"}},
        {GB_VERSION_HACKAGE, {"1", "1.0", "1.0.0", "1.0.1", "1.1", "1.10"}},
        {GB_VERSION_BITNAMI, {"1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0-5"}},
        {GB_VERSION_JVM,
         {"1.4.2_19", "1.7.0_80", "1.8.0_131-ea", "1.8.0_131", "8u132", "8.0.200", "9.0.1",
          "11.0.4+11-LTS", "11.0.4.1", "17-ea", "17"}},
        {GB_VERSION_PACMAN, {"1.0~rc1-1", "1.0-1", "1.0-2", "1.0.1-1", "1:0.5-1"}},
        {GB_VERSION_PORTAGE,
         {"1.2_alpha", "1.2_beta2", "1.2_rc", "1.2", "1.2-r1", "1.2_p0", "1.2a", "1.2.0", "1.2.01",
          "1.2.1"}},
        {GB_VERSION_NONE, {"1", "10", "2"}},
    };
    bool seen[GB_VERSION_SCHEME_COUNT] = {false};
    for (size_t c = 0; c < sizeof chains / sizeof *chains; c++) {
        seen[chains[c].scheme] = true;
        for (int i = 0; i < 16 && chains[c].versions[i]; i++)
            for (int j = 0; j < 16 && chains[c].versions[j]; j++)
                expect(chains[c].scheme, chains[c].versions[i], chains[c].versions[j], sign(i - j));
    }
    for (int i = 0; i < GB_VERSION_SCHEME_COUNT; i++)
        if (!seen[i])
            fail_msg("no chain for %s", gb_version_scheme_name((enum gb_version_scheme)i));
}

static void spellings_are_equal(void **state)
{
    (void)state;
    static const struct {
        enum gb_version_scheme scheme;
        const char *a, *b;
    } rows[] = {
        {GB_VERSION_DPKG, "0:1.0-0", "1.0"},
        {GB_VERSION_RPM, "0:1.0-1", "1.0-1"},
        {GB_VERSION_RPM, "1_0.a+1", "1.0.a1"},
        {GB_VERSION_APK, "1.2-r01", "1.2-r1"},
        {GB_VERSION_SEMVER, "v1.2.3+build", "1.2.3"},
        {GB_VERSION_SEMVER, "1.20rc1", "1.20.0-rc1"},
        {GB_VERSION_NPM, " = v1.2.3", "1.2.3"},
        {GB_VERSION_GO, "go1.23rc1", "v1.23.0-rc.1"},
        {GB_VERSION_GO, "v2.0.0+incompatible", "2.0.0"},
        {GB_VERSION_PEP440, "1.0.0alpha1", "1.0-a.1"},
        {GB_VERSION_PEP440, " v1.0-1", "1.0.post1"},
        {GB_VERSION_PEP440, "1.0RC", "1c0"},
        {GB_VERSION_MAVEN, "1.0.0-ga", "1"},
        {GB_VERSION_MAVEN, "1.0alpha1", "1-ALPHA-1"},
        {GB_VERSION_MAVEN, "3.1.RELEASE", "3.1.0.Final"},
        {GB_VERSION_GEM, "1.0.0.a", "1.a"},
        {GB_VERSION_GEM, "1.2.0-x86_64-linux-gnu", "1.2"},
        {GB_VERSION_COMPOSER, "v1.0beta2", "1.0-beta.2"},
        {GB_VERSION_NUGET, "1.0.0-RC", "1.0-rc+5"},
        {GB_VERSION_PUB, "v1.0.0", "1.0.0"},
        {GB_VERSION_CRAN, "1.0-01", "1.0.1"},
        {GB_VERSION_HACKAGE, "1.01", "1.1"},
        {GB_VERSION_BITNAMI, "1.2.3-4", "1.2.3-5"},
        {GB_VERSION_JVM, "1.8.0_131-b11", "8.0.131+12"},
        {GB_VERSION_PORTAGE, "1.2-r0", "1.2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(rows[i].scheme, rows[i].a, rows[i].b, 0);
}

static void tells_valid_versions(void **state)
{
    (void)state;
    static const struct {
        enum gb_version_scheme scheme;
        const char *version;
        bool valid;
    } rows[] = {
        {GB_VERSION_DPKG, "1:2.3-1~deb12u1", true},
        {GB_VERSION_DPKG, "a:1", false},
        {GB_VERSION_DPKG, "1.0-", false},
        {GB_VERSION_DPKG, "", false},
        {GB_VERSION_DPKG, "1.0 1", false},
        {GB_VERSION_RPM, "1:2.3-1.el9", true},
        {GB_VERSION_RPM, "2.3-", false},
        {GB_VERSION_RPM, "2 3", false},
        {GB_VERSION_APK, "1.2.3_rc1-r2", true},
        {GB_VERSION_APK, "6.0.2p1-r1", false},
        {GB_VERSION_SEMVER, "1.2.3-a.1+b", true},
        {GB_VERSION_SEMVER, "v1.2.3", false},
        {GB_VERSION_SEMVER, "1.2", false},
        {GB_VERSION_SEMVER, "1.2.03", false},
        {GB_VERSION_NPM, "v1.2.3", true},
        {GB_VERSION_NPM, "latest", false},
        {GB_VERSION_GO, "go1.22.4", true},
        {GB_VERSION_GO, "(devel)", false},
        {GB_VERSION_PEP440, "1!2.0.post1+local.1", true},
        {GB_VERSION_PEP440, "1.0-bulbasaur", false},
        {GB_VERSION_MAVEN, "1.0-SNAPSHOT", true},
        {GB_VERSION_MAVEN, "${project.version}", true},
        {GB_VERSION_MAVEN, "[1,2)", false},
        {GB_VERSION_GEM, "1.0.pre.1", true},
        {GB_VERSION_GEM, "1..0", false},
        {GB_VERSION_COMPOSER, "dev-main", true},
        {GB_VERSION_COMPOSER, "main", false},
        {GB_VERSION_NUGET, "1.0.0.1-beta", true},
        {GB_VERSION_NUGET, "1.0.0.0.1", false},
        {GB_VERSION_PUB, "1.0.0+1", true},
        {GB_VERSION_CRAN, "1.0-1", true},
        {GB_VERSION_CRAN, "1", false},
        {GB_VERSION_HACKAGE, "1.0.0.0", true},
        {GB_VERSION_HACKAGE, "1.0-1", false},
        {GB_VERSION_BITNAMI, "1.2.3-4", true},
        {GB_VERSION_JVM, "1.8.0_131", true},
        {GB_VERSION_JVM, "latest", false},
        {GB_VERSION_PACMAN, "1:1.0-1", true},
        {GB_VERSION_PORTAGE, "1.2_p-r1", true},
        {GB_VERSION_PORTAGE, "1.2~abc", false},
        {GB_VERSION_NONE, "1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (gb_version_valid(rows[i].scheme, gb_str_of(rows[i].version)) != rows[i].valid)
            fail_msg("%s: \"%s\" is %svalid", gb_version_scheme_name(rows[i].scheme),
                     rows[i].version, rows[i].valid ? "" : "not ");
}

static void ignores_epochs_of_one_side(void **state)
{
    (void)state;
    bool assumed = false;
    assert_int_equal(gb_version_compare_epoch_assumed(GB_VERSION_RPM, GB_STR("1.0-1"),
                                                      GB_STR("2:1.0-1"), &assumed),
                     0);
    assert_true(assumed);
    assert_true(gb_version_compare_epoch_assumed(GB_VERSION_DPKG, GB_STR("1:1.0"), GB_STR("2:0.9"),
                                                 &assumed) < 0);
    assert_false(assumed);
    assert_true(gb_version_compare_epoch_assumed(GB_VERSION_DPKG, GB_STR("0:1.1"), GB_STR("1.0"),
                                                 &assumed) > 0);
    assert_false(assumed);
}

// A small generator, so that failures repeat.
static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static size_t generate(char *into, size_t most, const char *const *pieces, uint32_t count)
{
    size_t length = 0;
    for (uint32_t n = 1 + draw(7); n; n--) {
        const char *piece = pieces[draw(count)];
        for (size_t i = 0; piece[i] && length < most; i++)
            into[length++] = piece[i];
    }
    return length;
}

// Maven's own order is not transitive where words follow dots (see maven.c): pieces leave them out.
static void order_is_total(void **state)
{
    (void)state;
    static const char *const any[] = {"0",  "1",   "2",    "10",  "09",    ".",  ".",        "-",
                                      "_",  "+",   "~",    "^",   ":",     "a",  "b",        "rc",
                                      "p",  "dev", "post", "-r1", "alpha", "!",  "v",        "#",
                                      "-0", "00",  "_p1",  ".0",  "final", "\0", "\xc3\xa4", " "};
    static const char *const maven[] = {"0",  "1",      "2",    "10",     "-1",   "-0",
                                        ".0", ".1",     "-rc",  "-alpha", "-foo", "-sp",
                                        "-1", "-final", "-rc1", ".10"};
    enum { COUNT = 120, LONGEST = 24 };
    static char text[COUNT][LONGEST];
    for (int s = 0; s < GB_VERSION_SCHEME_COUNT; s++) {
        enum gb_version_scheme scheme = (enum gb_version_scheme)s;
        struct gb_str versions[COUNT];
        for (int i = 0; i < COUNT; i++) {
            size_t length = s == GB_VERSION_MAVEN
                                ? generate(text[i], LONGEST, maven, sizeof maven / sizeof *maven)
                                : generate(text[i], LONGEST, any, sizeof any / sizeof *any);
            versions[i] = (struct gb_str){text[i], length};
        }
        static signed char order[COUNT][COUNT];
        for (int i = 0; i < COUNT; i++)
            for (int j = 0; j < COUNT; j++)
                order[i][j] =
                    (signed char)sign(gb_version_compare(scheme, versions[i], versions[j]));
        for (int i = 0; i < COUNT; i++)
            for (int j = 0; j < COUNT; j++) {
                if (order[i][j] != -order[j][i])
                    fail_msg("%s: \"" GB_PRI "\" and \"" GB_PRI "\": %d and %d back",
                             gb_version_scheme_name(scheme), GB_ARG(versions[i]),
                             GB_ARG(versions[j]), order[i][j], order[j][i]);
                for (int k = 0; k < COUNT; k++)
                    if (order[i][j] <= 0 && order[j][k] <= 0 &&
                        (order[i][k] > 0 || (order[i][k] == 0 && (order[i][j] || order[j][k]))))
                        fail_msg("%s: not transitive: \"" GB_PRI "\" \"" GB_PRI "\" \"" GB_PRI "\"",
                                 gb_version_scheme_name(scheme), GB_ARG(versions[i]),
                                 GB_ARG(versions[j]), GB_ARG(versions[k]));
            }
    }
}

// 100 kB of anything is compared at once: quadratic time would take minutes.
static void long_versions(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    static const char *const patterns[] = {"9",   "1.",  "0.",    "a1",   "-",  "~",   "1.0-", "0-",
                                           "0.a", "_p1", "alpha", ".-.-", "+a", "0-0", "rc.",  "^"};
    char *a = malloc(LENGTH), *b = malloc(LENGTH);
    assert_non_null(a);
    assert_non_null(b);
    clock_t start = clock();
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        size_t period = strlen(patterns[p]);
        for (size_t i = 0; i < LENGTH; i++)
            a[i] = b[i] = patterns[p][i % period];
        b[LENGTH - 1] = '7';
        for (int s = 0; s < GB_VERSION_SCHEME_COUNT; s++) {
            enum gb_version_scheme scheme = (enum gb_version_scheme)s;
            struct gb_str x = {a, LENGTH}, y = {b, LENGTH};
            assert_int_equal(gb_version_compare(scheme, x, x), 0);
            assert_int_equal(sign(gb_version_compare(scheme, x, y)),
                             -sign(gb_version_compare(scheme, y, x)));
            (void)gb_version_valid(scheme, x);
        }
    }
    free(a);
    free(b);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20);
}

static void knows_ecosystems(void **state)
{
    (void)state;
    assert_int_equal(gb_version_scheme_of_ecosystem(GB_STR("Debian:12")), GB_VERSION_DPKG);
    assert_int_equal(gb_version_scheme_of_ecosystem(GB_STR("AlmaLinux:8")), GB_VERSION_RPM);
    assert_int_equal(gb_version_scheme_of_ecosystem(GB_STR("Alpine:v3.18")), GB_VERSION_APK);
    assert_int_equal(gb_version_scheme_of_ecosystem(GB_STR("crates.io")), GB_VERSION_SEMVER);
    assert_int_equal(gb_version_scheme_of_ecosystem(GB_STR("PyPI")), GB_VERSION_PEP440);
    assert_int_equal(gb_version_scheme_of_ecosystem(GB_STR("pypi")), GB_VERSION_NONE);
    for (int s = 0; s < GB_VERSION_SCHEME_COUNT; s++) {
        enum gb_version_scheme scheme;
        const char *name = gb_version_scheme_name((enum gb_version_scheme)s);
        assert_int_equal(gb_version_scheme_parse(gb_str_of(name), &scheme), 0);
        assert_int_equal(scheme, s);
    }
    enum gb_version_scheme unused;
    assert_int_equal(gb_version_scheme_parse(GB_STR("dpk"), &unused), GB_E_TYPE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_rise),          cmocka_unit_test(spellings_are_equal),
        cmocka_unit_test(tells_valid_versions), cmocka_unit_test(ignores_epochs_of_one_side),
        cmocka_unit_test(order_is_total),       cmocka_unit_test(long_versions),
        cmocka_unit_test(knows_ecosystems),
    };
    return cmocka_run_group_tests_name("model/version/order", tests, NULL, NULL);
}
