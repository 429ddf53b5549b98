// CSAF documents of Red Hat and SUSE as advisories.
#include "csaf_documents.h"
#include "feed_lines.h"

static void red_hat(void **state)
{
    (void)state;
    feed_expect("cve-2024-1.json", csaf_document("csaf_red_hat.json"),
                "document csaf 1706745600\n"
                "advisory CVE-2024-1 [CVE-2024-1] high CVSS:3.1/AV:N published=1704067200 "
                "modified=1706745600 \"openssl: x\" https://x/c\n"
                "  rhel-8 edk2: not-affected high arch=src note=vulnerable_code_not_present\n"
                "  rhel-8 npm: affected fixed high [,1:8-1.module+el8) module=nodejs:16\n"
                "  rhel-9 edk2: affected wont high [,) arch=src\n"
                "  rhel-9 openssl: affected fixed high [,1:3.0.7-2.el9) arch=aarch64 x86_64\n"
                "  rhel-9 openssl: affected fixed high [,1:3.0.7-2.el9) arch=src\n"
                "  rhel-eus-9.2 openssl: affected fixed high [,1:3.0.7-2.el9) arch=x86_64\n");
}

static void suse(void **state)
{
    (void)state;
    feed_expect("suse.json", csaf_document("csaf_suse.json"),
                "document csaf fixes-only 1706745600\n"
                "advisory CVE-2023-2 [CVE-2023-2] medium modified=1706745600 \"Security update for "
                "zlib\"\n"
                "  opensuse-leap-15.5 libz1: affected fixed [,1.2.13-150500.4.3.1) arch=x86_64\n"
                "  sles-15.5 libz1: affected fixed medium [,1.2.13-150500.4.3.1) arch=x86_64\n");
}

static void others(void **state)
{
    (void)state;
    // Products that are no packages, and a relation that leads to itself.
    feed_expect("x.json",
                "{\"document\": {\"category\": \"csaf_base\", \"tracking\": {\"id\": \"X-1\"}}, "
                "\"product_tree\": {\"relationships\": [" CSAF_RELATION(
                    "a", "a") ", {\"product_reference\": \"l\", \"relates_to_product_reference\": "
                              "\"l\", \"full_product_name\": {\"product_id\": \"l\", \"name\": "
                              "\"l\"}}]}, \"vulnerabilities\": [{\"cve\": \"CVE-2024-1\", "
                              "\"product_status\": {\"fixed\": [\"a:a\", \"l\", \"nowhere\"]}}]}",
                "left out x.json: none of its products is a package of a known distribution\n");
    feed_refuse("x.json", "{\"document\": {\"category\": \"csaf_vex\"}, \"product_tree\": [}",
                GB_E_TYPE, "expected an object, found a list");
    feed_refuse("x.json",
                "{\"document\": {\"category\": \"csaf_vex\", \"category\": \"csaf_base\"}}",
                GB_E_SYNTAX, "comes twice");
    feed_refuse("x.json", "{\"@context\": \"https://openvex.dev/ns/v0.2.0\", \"statements\": []}",
                GB_E_UNSUPPORTED, "--vex FILE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(red_hat),
        cmocka_unit_test(suse),
        cmocka_unit_test(others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
