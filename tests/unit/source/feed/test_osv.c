// OSV records: every ecosystem's peculiarities, ranges, ids, and what is wrong with them.
#include "feed_lines.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORD(id, rest) "{\"id\": \"" id "\", \"modified\": \"2024-01-02T00:00:00Z\", " rest "}"
#define AFFECTED(ecosystem, name, rest)                                                            \
    "\"affected\": [{\"package\": {\"ecosystem\": \"" ecosystem "\", \"name\": \"" name            \
    "\"}, " rest "}]"
#define RANGE(type, events) "\"ranges\": [{\"type\": \"" type "\", \"events\": [" events "]}]"

static void distributions(void **state)
{
    (void)state;
    feed_expect("a.json",
                RECORD("DEBIAN-CVE-2024-1",
                       "\"upstream\": [\"CVE-2024-1\"], " AFFECTED(
                           "Debian:12", "openssl",
                           RANGE("ECOSYSTEM", "{\"introduced\": \"0\"}, {\"fixed\": "
                                              "\"3.0-1\"}") ", \"versions\": [\"2.9-1\", "
                                                            "\"3.0-1~rc\"], "
                                                            "\"ecosystem_specific\": "
                                                            "{\"urgency\": \"unimportant\"}")),
                "document osv\n"
                "advisory DEBIAN-CVE-2024-1 [CVE-2024-1] modified=1704153600\n"
                "  debian-12 openssl: affected fixed negligible [,3.0-1)\n");
    feed_expect(
        "a.json",
        RECORD("UBUNTU-CVE-2024-1",
               "\"upstream\": [\"CVE-2024-1\"], \"related\": [\"USN-1-1\"], "
               "\"severity\": [{\"type\": \"CVSS_V3\", \"score\": "
               "\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"}, "
               "{\"type\": \"Ubuntu\", \"score\": \"medium\"}], " AFFECTED(
                   "Ubuntu:Pro:16.04:LTS", "zlib", RANGE("ECOSYSTEM", "{\"introduced\": \"0\"}"))),
        "document osv\n"
        "advisory UBUNTU-CVE-2024-1 [CVE-2024-1] medium "
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H modified=1704153600\n"
        "  ubuntu-pro-16.04 zlib: affected not-yet [,)\n");
    feed_expect(
        "a.json",
        RECORD("ALSA-2024:1",
               "\"summary\": \"Important: nodejs:16 security update\", "
               "\"related\": [\"CVE-2024-1\", \"CVE-2024-2\"], " AFFECTED(
                   "AlmaLinux:8", "npm",
                   RANGE("ECOSYSTEM", "{\"introduced\": \"0\"}, "
                                      "{\"fixed\": \"1:8-1.module_el8.7.0+3496+a59a3324\"}"))),
        "document osv fixes-only\n"
        "advisory ALSA-2024:1 [CVE-2024-1 CVE-2024-2] high modified=1704153600 "
        "\"Important: nodejs:16 security update\"\n"
        "  almalinux-8 npm: affected fixed [,1:8-1.module_el8.7.0+3496+a59a3324) "
        "module=nodejs:16\n");
}

static void modules(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Moderate: virt:rhel and virt-devel:rhel security update", "virt:rhel"},
        {"Moderate: virt:rhel and virt-devel:rhel security update", "virt-devel:rhel"},
        {"Important: varnish security update", "varnish:*"},
        {"ALSA-2022:5468: php:8.0 security update (Important)", "php:8.0"},
        {"perl-IO-Socket-SSL:2.066 and perl-libwww-perl:6.34 update", "perl-libwww-perl:6.34"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 RECORD("ALSA-1:1", "\"summary\": \"%s\", " AFFECTED(
                                        "AlmaLinux:8", "x",
                                        RANGE("ECOSYSTEM", "{\"introduced\": \"0\"}, {\"fixed\": "
                                                           "\"1-1.module_el8.5.0+1\"}"))),
                 cases[i][0]);
        struct feed_lines *lines = feed_import("a.json", gb_str_of(text), NULL);
        char expected[128];
        snprintf(expected, sizeof expected, " module=%s\n", cases[i][1]);
        if (!strstr(lines->out.data, expected))
            print_error("%s: %s", cases[i][0], lines->out.data);
        assert_non_null(strstr(lines->out.data, expected));
    }
    // The same words where no build of a module is concerned.
    struct feed_lines *lines = feed_import(
        "a.json",
        GB_STR(RECORD("ALSA-2024:10281",
                      "\"summary\": \"Moderate: kernel:4.18.0 security update\", " AFFECTED(
                          "AlmaLinux:8", "kernel",
                          RANGE("ECOSYSTEM", "{\"introduced\": \"0\"}, {\"fixed\": "
                                             "\"4.18.0-553.el8\"}")))),
        NULL);
    assert_null(strstr(lines->out.data, "module="));
}

static void languages(void **state)
{
    (void)state;
    feed_expect(
        "GO-2024-1.json",
        RECORD("GO-2024-1", "\"published\": \"0001-01-01T00:00:00Z\", "
                            "\"aliases\": [\"CVE-2024-1\", \"GHSA-aaaa-bbbb-cccc\"], "
                            "\"references\": [{\"type\": \"WEB\", \"url\": \"https://w\"}], "
                            "\"database_specific\": {\"url\": "
                            "\"https://pkg.go.dev/vuln/GO-2024-1\", "
                            "\"review_status\": \"REVIEWED\"}, " AFFECTED(
                                "Go", "github.com/Some/Module",
                                RANGE("SEMVER", "{\"introduced\": \"0\"}, {\"fixed\": \"1.2.0\"}, "
                                                "{\"introduced\": \"1.3.0\"}, {\"fixed\": "
                                                "\"1.3.4\"}") ", \"ecosystem_specific\": "
                                                              "{\"imports\": [{\"path\": \"a/b\", "
                                                              "\"symbols\": "
                                                              "[\"F\", \"T.M\"], \"goos\": "
                                                              "[\"windows\"]}, {\"path\": \"a/c\", "
                                                              "\"goos\": [\"linux\"]}]}")),
        "document osv\n"
        "advisory GO-2024-1 [CVE-2024-1] (GHSA-aaaa-bbbb-cccc) modified=1704153600 "
        "https://pkg.go.dev/vuln/GO-2024-1\n"
        "  go github.com/some/module: affected fixed [,1.2.0) [1.3.0,1.3.4) os=windows linux "
        "symbols=a/b.F a/b.T.M a/c.*\n");
    feed_expect(
        "x.json",
        RECORD("RUSTSEC-2024-1",
               "\"withdrawn\": \"2024-02-01T00:00:00Z\", " AFFECTED(
                   "crates.io", "Some_Crate",
                   RANGE("SEMVER",
                         "{\"introduced\": \"0.0.0-0\"}") ", \"database_specific\": "
                                                          "{\"informational\": \"unmaintained\", "
                                                          "\"cvss\": null, \"categories\": []}, "
                                                          "\"ecosystem_specific\": "
                                                          "{\"affected_functions\": null, "
                                                          "\"affects\": {\"arch\": [], \"os\": "
                                                          "[\"windows\"], \"functions\": []}}")),
        "document osv\n"
        "advisory RUSTSEC-2024-1 modified=1704153600 withdrawn=1706745600 informational\n"
        "  crates.io some-crate: affected not-yet [0.0.0-0,) os=windows "
        "note=unmaintained\n");
    feed_expect("x.json",
                RECORD("PYSEC-2024-1",
                       AFFECTED("PyPI", "Ruamel.YAML",
                                "\"ranges\": [{\"type\": \"GIT\", \"repo\": \"https://r\", "
                                "\"events\": [{\"introduced\": \"0\"}, {\"fixed\": \"abc\"}]}, "
                                "{\"type\": \"ECOSYSTEM\", \"events\": [{\"introduced\": \"1\"}, "
                                "{\"last_affected\": \"1.5\"}]}], "
                                "\"versions\": [\"1.0\", \"1.5.0\", \"0.1\"]")),
                "document osv\n"
                "advisory PYSEC-2024-1 modified=1704153600\n"
                "  pypi ruamel-yaml: affected [1,1.5] {0.1}\n");
    feed_expect("x.json",
                RECORD("GHSA-1", "\"database_specific\": {\"severity\": \"MODERATE\"}, "
                                 "\"aliases\": [\"CVE-2024-1\"], "
                                 "\"related\": [\"CVE-2024-2\"], " AFFECTED(
                                     "Maven", "org.a:b", RANGE("GIT", "{\"introduced\": \"0\"}"))),
                "document osv\n"
                "advisory GHSA-1 [CVE-2024-1] medium modified=1704153600\n");
}

static void events_in_disorder(void **state)
{
    (void)state;
    feed_expect("x.json",
                RECORD("A", AFFECTED("npm", "@s/p",
                                     RANGE("SEMVER", "{\"fixed\": \"2.1.0\"}, "
                                                     "{\"introduced\": \"2.0.0\"}, "
                                                     "{\"fixed\": \"1.10.0\"}, "
                                                     "{\"introduced\": \"0\"}, "
                                                     "{\"introduced\": \"1.9.0\"}"))),
                "document osv\n"
                "advisory A modified=1704153600\n"
                "  npm @s/p: affected fixed [,1.10.0) [2.0.0,2.1.0)\n");
    // One version alone, and an end without a start.
    feed_expect("x.json",
                RECORD("A", AFFECTED("npm", "p",
                                     RANGE("SEMVER", "{\"introduced\": \"1.2.3\"}, "
                                                     "{\"last_affected\": \"1.2.3\"}, "
                                                     "{\"fixed\": \"9.0.0\"}"))),
                "document osv\n"
                "advisory A modified=1704153600\n"
                "  npm p: affected [1.2.3,1.2.3]\n");
}

static void several_records(void **state)
{
    (void)state;
    const char *expected = "document osv\n"
                           "advisory A modified=1704153600\n"
                           "advisory B modified=1704153600\n";
    feed_expect("x.jsonl", RECORD("A", "\"affected\": []") "\n\n" RECORD("B", "\"aliases\": null"),
                expected);
    feed_expect("x.json", RECORD("A", "\"affected\": []") "\n" RECORD("B", "\"affected\": []") "\n",
                expected);
    feed_expect("x.json",
                "[" RECORD("A", "\"affected\": []") ", " RECORD("B", "\"affected\": []") "]",
                expected);
    feed_expect("x.jsonl",
                RECORD("A", "\"affected\": []") "\n{\"id\": 1, \"modified\": \"\"}\n{\"id\": "
                                                "\n" RECORD("B", "\"affected\": []") "\n",
                "document osv\n"
                "advisory A modified=1704153600\n"
                "left out x.jsonl:2: expected a string, found a number\n"
                "left out x.jsonl:3: expected a value, found the end of the text\n"
                "advisory B modified=1704153600\n");
}

static void refused(void **state)
{
    (void)state;
    feed_refuse("x.json", RECORD("A", "\"id\": \"B\""), GB_E_SYNTAX, "comes twice");
    feed_refuse("x.json", RECORD("A", "\"affected\": [{\"package\": 3}]"), GB_E_TYPE,
                "expected an object, found a number");
    feed_refuse("x.json", RECORD("A", "\"summary\": \"\xff\""), GB_E_SYNTAX, "not UTF-8");
    feed_refuse("x.json", RECORD("A", "\"affected\": []") "}", GB_E_SYNTAX, "the end of the text");
    feed_refuse("x.json", RECORD("", "\"affected\": []"), GB_E_TYPE, "without an id");
    char *text = malloc(300000);
    assert_non_null(text);
    char *version = malloc(100001);
    assert_non_null(version);
    memset(version, '9', 100000);
    version[100000] = 0;
    snprintf(text, 300000,
             RECORD("A", AFFECTED("npm", "p", RANGE("SEMVER", "{\"introduced\": \"%s\"}"))),
             version);
    struct feed_lines *lines = feed_import("x.json", gb_str_of(text), NULL);
    assert_string_equal(lines->out.data, "left out x.json: A: version longer than anything real\n");
    assert_true(lines->summary.incomplete);
    free(version);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions),   cmocka_unit_test(modules),
        cmocka_unit_test(languages),       cmocka_unit_test(events_in_disorder),
        cmocka_unit_test(several_records), cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
