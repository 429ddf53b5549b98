// What is known about exploitation (KEV, EPSS, SSVC) and the ends of support.
#include "feed_lines.h"

static void kev(void **state)
{
    (void)state;
    feed_expect("kev.json",
                "{\"title\": \"x\", \"catalogVersion\": \"2025.08.25\", \"dateReleased\": "
                "\"2025-08-25T17:04:19.9796Z\", \"count\": 2, \"vulnerabilities\": [\n"
                "{\"cveID\": \"CVE-2025-1\", \"dateAdded\": \"2025-08-25\", \"dueDate\": "
                "\"2025-09-15\", \"knownRansomwareCampaignUse\": \"Known\", \"cwes\": []},\n"
                "{\"cveID\": \"CVE-2025-2\", \"dateAdded\": \"2025-08-25\", \"dueDate\": "
                "\"2025-09-15\", \"knownRansomwareCampaignUse\": \"Unknown\"},\n"
                "{\"cveID\": \"what\"}]}",
                "document kev 1756141459\n"
                "exploit CVE-2025-1 kev ransomware added=1756080000 due=1757894400\n"
                "exploit CVE-2025-2 kev added=1756080000 due=1757894400\n"
                "left out kev.json: \"\" is no CVE id\n");
    feed_expect("kev.csv",
                "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,"
                "requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes\r\n"
                "CVE-2025-1,V,P,\"A \"\"name\"\",\nof two lines\",2025-08-25,d,a,2025-09-15,Known,"
                ",\r\n",
                "document kev\n"
                "exploit CVE-2025-1 kev ransomware added=1756080000 due=1757894400\n");
    feed_expect("kev_epss.csv",
                "CVE,CVSS3,EPSS,EPSS Percentile,Description,Vendor,Product\n"
                "CVE-2025-1,8.8,0.01015,0.60644,\"a, b\",V,P\n"
                "CVE-2025-2,,none,0.6,d,V,P\n",
                "document kev\n"
                "exploit CVE-2025-1 kev added=0 due=0 epss=0.01015/0.60644\n"
                "exploit CVE-2025-2 kev added=0 due=0\n");
}

static void epss(void **state)
{
    (void)state;
    feed_expect("epss.csv",
                "#model_version:v2025.03.14,score_date:2026-01-02T12:55:00Z\n"
                "cve,epss,percentile\n"
                "CVE-2025-1,0.5,0.9\n"
                "CVE-2025-2,1.5,0.9\n"
                "CVE-2025-3,0.5\n"
                "x,0.5,0.9\n"
                "CVE-2025-4,nan,0.9\n"
                "CVE-2025-5,1,0\n",
                "document epss 1767312000\n"
                "exploit CVE-2025-1 epss=0.50000/0.90000\n"
                "left out epss.csv:4: expected a CVE id and two numbers from 0 to 1\n"
                "left out epss.csv:5: expected a CVE id and two numbers from 0 to 1\n"
                "left out epss.csv:6: expected a CVE id and two numbers from 0 to 1\n"
                "left out epss.csv:7: expected a CVE id and two numbers from 0 to 1\n"
                "exploit CVE-2025-5 epss=1.00000/0.00000\n");
    feed_expect("epss.csv", "cve,epss,percentile\nCVE-2025-1,0.5,0.9",
                "document epss\nexploit CVE-2025-1 epss=0.50000/0.90000\n");
}

static void ssvc(void **state)
{
    (void)state;
    feed_expect("x.tsv",
                "cve\texploitation\tautomatable\ttechnical_impact\ttimestamp\tcvss31\n"
                "CVE-2024-1\tPoC\tYes\tTotal\t2024-08-01T18:51:01Z\tCVSS:3.1/AV:N\n"
                "CVE-2024-2\tactive\tno\tpartial\t2024-08-01T18:51:01Z\t\n"
                "CVE-2024-3\tmaybe\tno\tpartial\t\t\n",
                "document ssvc\n"
                "exploit CVE-2024-1 ssvc=1 automatable total CVSS:3.1/AV:N\n"
                "exploit CVE-2024-2 ssvc=2\n"
                "left out x.tsv:4: expected a CVE id and three decision points\n");
}

#define CVE(state, rest)                                                                           \
    "{\"dataType\": \"CVE_RECORD\", \"dataVersion\": \"5.1\", \"cveMetadata\": {\"cveId\": "       \
    "\"CVE-2024-1\", \"state\": \"" state "\"}, \"containers\": {" rest "}}"

static void vulnrichment(void **state)
{
    (void)state;
    feed_expect("CVE-2024-1.json",
                CVE("PUBLISHED",
                    "\"cna\": {\"title\": \"x\", \"metrics\": [{\"cvssV3_1\": {\"vectorString\": "
                    "\"CVSS:3.1/AV:L\"}}]}, \"adp\": [{\"title\": \"CVE Program Container\", "
                    "\"metrics\": []}, {\"title\": \"CISA ADP Vulnrichment\", \"metrics\": "
                    "[{\"other\": {\"type\": \"kev\", \"content\": {\"dateAdded\": "
                    "\"2024-01-01\"}}}, {\"other\": {\"type\": \"ssvc\", \"content\": {\"id\": "
                    "\"CVE-2024-1\", \"options\": [{\"Exploitation\": \"Active\"}, "
                    "{\"Automatable\": \"YES\"}, {\"Technical Impact\": \"partial\"}]}}}]}]"),
                "document vulnrichment\n"
                "exploit CVE-2024-1 ssvc=2 automatable CVSS:3.1/AV:L\n");
    feed_expect("CVE-2024-1.json", CVE("REJECTED", "\"cna\": {}"), "");
    feed_refuse("x.json", "{\"dataType\": \"CVE_RECORD\", \"containers\": {}}", GB_E_TYPE,
                "without a CVE id");
}

static void distro_info(void **state)
{
    (void)state;
    feed_expect("debian.csv",
                "version,codename,series,created,release,eol,eol-lts,eol-elts\n"
                "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30\n"
                "14,Forky,forky,2025-08-09\n"
                ",Sid,sid,1993-08-16\n"
                "15,Duke\n",
                "document distro-info\n"
                "cycle debian 12 (bookworm) 1686355200 1783728000 1845936000 LTS\n"
                "cycle debian 14 (forky) 0 0 0 \n"
                "left out debian.csv:5: expected version,codename,series,created,...\n");
    feed_expect("ubuntu.csv",
                "version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy\n"
                "22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,"
                "2032-04-09,2034-04-25\n",
                "document distro-info\n"
                "cycle ubuntu 22.04 (jammy) 1650499200 1811808000 1965081600 ESM\n");
}

static void endoflife(void **state)
{
    (void)state;
    const char *expected = "document endoflife\n"
                           "cycle debian 12 (bookworm) 1686355200 1781049600 1845936000 extended "
                           "support\n"
                           "cycle debian 9 () 0 0 0 \n";
    const char *list = "[{\"cycle\": \"12\", \"codename\": \"Bookworm\", \"releaseDate\": "
                       "\"2023-06-10\", \"eol\": \"2026-06-10\", \"extendedSupport\": "
                       "\"2028-06-30\"}, {\"cycle\": 9, \"eol\": true, \"latest\": \"9.13\"}]";
    feed_expect("debian.json", list, expected);
    feed_refuse("download", list, GB_E_USAGE, "does not name its product");
    feed_expect("x.json",
                "{\"schema_version\": \"1.2.0\", \"generated_at\": \"2025-08-25T17:04:19Z\", "
                "\"last_modified\": \"x\", \"result\": {\"name\": \"debian\", \"aliases\": [], "
                "\"releases\": [{\"name\": \"12\", \"codename\": \"Bookworm\", \"releaseDate\": "
                "\"2023-06-10\", \"isEol\": false, \"eolFrom\": \"2026-06-10\", \"eoesFrom\": "
                "\"2028-06-30\"}]}}",
                "document endoflife 1756141459\n"
                "cycle debian 12 (bookworm) 1686355200 1781049600 1845936000 extended support\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kev),          cmocka_unit_test(epss),        cmocka_unit_test(ssvc),
        cmocka_unit_test(vulnrichment), cmocka_unit_test(distro_info), cmocka_unit_test(endoflife),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
