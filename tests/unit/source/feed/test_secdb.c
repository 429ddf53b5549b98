// Security fixes of Alpine and its kin, as YAML and JSON.
#include "feed_lines.h"

static void yaml(void **state)
{
    (void)state;
    feed_expect("main.yaml",
                "---\n"
                "distroversion: v3.18\n"
                "reponame: main\n"
                "urlprefix: http://example\n"
                "apkurl: \"{{urlprefix}}\"\n"
                "packages:\n"
                "  - pkg:\n"
                "      name: openssl\n"
                "      secfixes:\n"
                "        1.10:\n"
                "          - CVE-2021-1\n"
                "        3.1.1-r1:\n"
                "          - CVE-2023-2650 GHSA-aaaa (regression fix)\n"
                "          - CVE-2023-1, CVE-2023-2 XSA-1\n"
                "          - XSA-123 something\n"
                "          - WHAT-1\n"
                "        \"0\":\n"
                "          - CVE-2021-3711\n"
                "  - pkg:\n"
                "      name: nothing\n"
                "      secfixes:\n",
                "document secdb fixes-only\n"
                "advisory CVE-2021-1 [CVE-2021-1]\n"
                "  alpine-3.18 openssl: affected fixed [,1.10)\n"
                "advisory CVE-2023-2650 [CVE-2023-2650] (GHSA-aaaa)\n"
                "  alpine-3.18 openssl: affected fixed [,3.1.1-r1)\n"
                "advisory CVE-2023-1 [CVE-2023-1]\n"
                "  alpine-3.18 openssl: affected fixed [,3.1.1-r1)\n"
                "advisory CVE-2023-2 [CVE-2023-2]\n"
                "  alpine-3.18 openssl: affected fixed [,3.1.1-r1)\n"
                "advisory XSA-123\n"
                "  alpine-3.18 openssl: affected fixed [,3.1.1-r1)\n"
                "advisory WHAT-1\n"
                "  alpine-3.18 openssl: affected fixed [,3.1.1-r1)\n"
                "advisory CVE-2021-3711 [CVE-2021-3711]\n"
                "  alpine-3.18 openssl: not-affected\n");
}

static void json(void **state)
{
    (void)state;
    // The heading behind the packages, the fixes in front of the name.
    feed_expect("security.json",
                "{\"apkurl\": \"x\", \"archs\": [\"x86_64\"], \"reponame\": \"os\", \"packages\": "
                "[{\"pkg\": {\"secfixes\": {\"1.2-r0\": [\"CVE-2023-1\"]}, \"name\": \"zlib\"}}], "
                "\"urlprefix\": \"https://packages.wolfi.dev\"}",
                "document secdb fixes-only\n"
                "advisory CVE-2023-1 [CVE-2023-1]\n"
                "  wolfi zlib: affected fixed [,1.2-r0)\n");
    feed_expect("community.json",
                "{\"apkurl\": \"x\", \"distroversion\": \"edge\", \"packages\": null}", "");
}

static void refused(void **state)
{
    (void)state;
    feed_refuse("x.json", "{\"apkurl\": \"x\", \"packages\": []}", GB_E_TYPE, "which release");
    feed_refuse("x.json", "{\"apkurl\": \"x\", \"packages\": 3}", GB_E_TYPE, "expected a list");
    feed_refuse("x.yaml", "reponame: &a [x, x]\napkurl: *a\n", GB_E_SYNTAX, "anchors");
    feed_refuse("x.yaml", "reponame: a\napkurl: b\n", GB_E_TYPE, "no list of packages");
    feed_refuse("x.json",
                "{\"apkurl\": \"x\", \"distroversion\": \"v3.1\", \"packages\": [{\"pkg\": "
                "{\"name\": \"a\", \"secfixes\": {\"1\": \"CVE-2023-1\"}}}]}",
                GB_E_TYPE, "expected a list, found a string");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml),
        cmocka_unit_test(json),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
