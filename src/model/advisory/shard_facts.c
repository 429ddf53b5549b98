// Looks up exploit facts and life cycles in shards; used by the vulnerability area.
#include "base/time.h"
#include "model/advisory/shard_layout.h"

static uint32_t word_at(const struct gb_shard *shard, enum gb_shard_section section, uint32_t word)
{
    return gb_little32(shard->sections[section].at + 4 * (size_t)word);
}

static void take_exploit(const struct gb_shard *shard, uint32_t at, struct gb_exploit_facts *ret)
{
    unsigned flags = (unsigned char)shard->sections[GB_SECTION_EXPLOIT_FLAGS].at[at];
    ret->has_kev = flags & GB_EXPLOIT_KEV;
    ret->kev_ransomware = flags & GB_EXPLOIT_RANSOMWARE;
    ret->has_epss = flags & GB_EXPLOIT_EPSS;
    ret->has_ssvc = flags & GB_EXPLOIT_SSVC;
    ret->ssvc_automatable = flags & GB_EXPLOIT_AUTOMATABLE;
    ret->ssvc_total = flags & GB_EXPLOIT_TOTAL;
    ret->ssvc_exploitation = (uint8_t)(flags >> GB_EXPLOIT_STAGE);
    if (shard->sections[GB_SECTION_EXPLOIT_KEV].len) {
        ret->kev_added_at = (int64_t)word_at(shard, GB_SECTION_EXPLOIT_KEV, 2 * at) * GB_DAY;
        ret->kev_due_at = (int64_t)word_at(shard, GB_SECTION_EXPLOIT_KEV, 2 * at + 1) * GB_DAY;
    }
    if (shard->sections[GB_SECTION_EXPLOIT_EPSS].len) {
        ret->epss = word_at(shard, GB_SECTION_EXPLOIT_EPSS, 2 * at) / 1e9;
        ret->epss_percentile = word_at(shard, GB_SECTION_EXPLOIT_EPSS, 2 * at + 1) / 1e9;
    }
    if (shard->sections[GB_SECTION_EXPLOIT_CVSS].len)
        ret->cvss = gb_shard_string(shard, word_at(shard, GB_SECTION_EXPLOIT_CVSS, at));
}

int gb_shard_exploit(const struct gb_shard *shard, struct gb_str cve, struct gb_exploit_facts *ret)
{
    uint32_t packed;
    if (!gb_cve_pack(cve, &packed))
        return GB_E_NOT_FOUND;
    uint32_t low = 0, high = shard->exploit_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t found = word_at(shard, GB_SECTION_EXPLOIT_CVES, middle);
        if (found == packed) {
            *ret = (struct gb_exploit_facts){.cve = cve};
            take_exploit(shard, middle, ret);
            return GB_OK;
        }
        if (found < packed)
            low = middle + 1;
        else
            high = middle;
    }
    return GB_E_NOT_FOUND;
}

static struct gb_str cycle_string(const struct gb_shard *shard, uint32_t at, unsigned which)
{
    const char *record =
        shard->sections[GB_SECTION_LIFECYCLES].at + (size_t)at * GB_LIFECYCLE_BYTES;
    return gb_shard_string(shard, gb_little32(record + 4 * which));
}

static int64_t cycle_time(const struct gb_shard *shard, uint32_t at, unsigned which)
{
    const char *record =
        shard->sections[GB_SECTION_LIFECYCLES].at + (size_t)at * GB_LIFECYCLE_BYTES;
    return (int64_t)gb_little64(record + 16 + 8 * which);
}

int gb_shard_lifecycle(const struct gb_shard *shard, struct gb_str product, struct gb_str cycle,
                       struct gb_lifecycle *ret)
{
    uint32_t low = 0, high = shard->lifecycle_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = gb_str_compare(cycle_string(shard, middle, 0), product);
        if (order == 0)
            order = gb_str_compare(cycle_string(shard, middle, 1), cycle);
        if (order == 0) {
            *ret = (struct gb_lifecycle){
                .product = cycle_string(shard, middle, 0),
                .cycle = cycle_string(shard, middle, 1),
                .codename = cycle_string(shard, middle, 2),
                .extended_name = cycle_string(shard, middle, 3),
                .released_at = cycle_time(shard, middle, 0),
                .eol_at = cycle_time(shard, middle, 1),
                .extended_eol_at = cycle_time(shard, middle, 2),
            };
            return GB_OK;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return GB_E_NOT_FOUND;
}
