// Advisories for tests of shards: every field filled somewhere.
#ifndef GABION_TESTS_SHARDS_H
#define GABION_TESTS_SHARDS_H

#include "model/advisory/shard.h"

static const struct gb_affected_range one_fixed[] = {{.fixed = GB_STR_INIT("1.2-3")}};
static const struct gb_affected_range endless[] = {{.introduced = GB_STR_INIT("")}};
static const struct gb_affected_range several[] = {
    {.introduced = GB_STR_INIT("1.0"), .fixed = GB_STR_INIT("1.2-3")},
    {.introduced = GB_STR_INIT("2.0"), .last_affected = GB_STR_INIT("2.9")},
    {.introduced = GB_STR_INIT("3.0")},
};
static const struct gb_str versions[] = {GB_STR_INIT("1.2-2+deb12u1"), GB_STR_INIT("0.9")};
static const struct gb_str unaffected[] = {GB_STR_INIT("1.1-1+deb11u1")};
static const struct gb_str architectures[] = {GB_STR_INIT("amd64"), GB_STR_INIT("arm64")};
static const struct gb_str systems[] = {GB_STR_INIT("linux")};
static const struct gb_str symbols[] = {GB_STR_INIT("net/http.Get"), GB_STR_INIT("net/http.*")};

static const struct gb_affected one_affected[] = {{
    .scope = GB_STR_INIT("debian-12"),
    .scheme = GB_VERSION_DPKG,
    .package = GB_STR_INIT("openssl"),
    .status = GB_STATUS_AFFECTED,
    .fix = GB_FIX_AVAILABLE,
    .severity = GB_ADVISORY_HIGH,
    .remote = true,
    .ranges = one_fixed,
    .range_count = 1,
}};
static const struct gb_affected many_affected[] = {
    {
        .scope = GB_STR_INIT("debian-12"),
        .scheme = GB_VERSION_RPM,
        .package = GB_STR_INIT("libc6"),
        .binary = true,
        .status = GB_STATUS_UNDER_INVESTIGATION,
        .fix = GB_FIX_END_OF_LIFE,
        .severity = GB_ADVISORY_CRITICAL,
        .ranges = several,
        .range_count = 3,
        .versions = versions,
        .version_count = 2,
        .unaffected = unaffected,
        .unaffected_count = 1,
        .module = GB_STR_INIT("nodejs:18"),
        .architectures = architectures,
        .architecture_count = 2,
        .systems = systems,
        .system_count = 1,
        .symbols = symbols,
        .symbol_count = 2,
        .note = GB_STR_INIT("postponed"),
    },
    {
        .scope = GB_STR_INIT("debian-11"),
        .scheme = GB_VERSION_DPKG,
        .package = GB_STR_INIT("elsewhere"),
        .ranges = one_fixed,
        .range_count = 1,
    },
    {
        .scope = GB_STR_INIT("debian-12"),
        .scheme = GB_VERSION_DPKG,
        .package = GB_STR_INIT("openssl"),
        .status = GB_STATUS_NOT_AFFECTED,
    },
};
static const struct gb_affected unfixed_affected[] = {{
    .scope = GB_STR_INIT("debian-12"),
    .scheme = GB_VERSION_DPKG,
    .package = GB_STR_INIT("a"),
    .fix = GB_FIX_NOT_YET,
    .ranges = endless,
    .range_count = 1,
}};

static const struct gb_str own_cve[] = {GB_STR_INIT("CVE-2023-0464")};
static const struct gb_str cves[] = {GB_STR_INIT("CVE-2024-1000001"), GB_STR_INIT("CVE-1999-0001"),
                                     GB_STR_INIT("CVE-1899-0001")};
static const struct gb_str aliases[] = {GB_STR_INIT("GHSA-aaaa-bbbb-cccc"),
                                        GB_STR_INIT("CVE-2024-00001")};

static const struct gb_advisory advisories[] = {
    {
        .id = GB_STR_INIT("CVE-2023-0464"),
        .cves = own_cve,
        .cve_count = 1,
        .severity = GB_ADVISORY_LOW,
        .title = GB_STR_INIT("Excessive use of resources"),
        .details = GB_STR_INIT("A chain of certificates that is verified takes long."),
        .url = GB_STR_INIT("https://example.org/CVE-2023-0464"),
        .affected = one_affected,
        .affected_count = 1,
    },
    {
        .id = GB_STR_INIT("DSA-5555-1"),
        .cves = cves,
        .cve_count = 3,
        .aliases = aliases,
        .alias_count = 2,
        .severity = GB_ADVISORY_CRITICAL,
        .cvss = GB_STR_INIT("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        .published_at = -5,
        .modified_at = 1700000000,
        .withdrawn_at = INT64_C(5000000000),
        .disputed = true,
        .informational = true,
        .details = GB_STR_INIT("Much."),
        .affected = many_affected,
        .affected_count = 3,
    },
    {
        .id = GB_STR_INIT("TEMP-0000000-ABCDEF"),
        .affected = unfixed_affected,
        .affected_count = 1,
    },
};
enum { ADVISORIES = sizeof advisories / sizeof *advisories };

static const struct gb_shard_description advisory_description = {
    .content = GB_SHARD_ADVISORIES,
    .feed = GB_STR_INIT("debian-tracker"),
    .scope = GB_STR_INIT("debian-12"),
    .scheme = GB_VERSION_DPKG,
    .data_at = 1700000001,
    .built_at = 1700000002,
    .origin = GB_STR_INIT("https://example.org/data.json"),
    .licence = GB_STR_INIT("public"),
    .complete_fixes = true,
};

#endif
