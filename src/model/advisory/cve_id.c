// CVE ids as one word; used by what writes and what reads shards.
#include "model/advisory/shard_layout.h"

#include <stdio.h>

enum { YEARS = 64, LEAST_DIGITS = 4 };

bool gb_cve_pack(struct gb_str id, uint32_t *ret)
{
    uint64_t year, number;
    if (id.len < sizeof "CVE-2000-0000" - 1 || memcmp(id.at, "CVE-", 4) != 0 || id.at[8] != '-')
        return false;
    struct gb_str digits = gb_str_from(id, 9);
    if (gb_str_to_uint(gb_str_sub(id, 4, 4), 10, &year) < 0 ||
        gb_str_to_uint(digits, 10, &number) < 0)
        return false;
    if (year < GB_CVE_FIRST_YEAR || year >= GB_CVE_FIRST_YEAR + YEARS ||
        number >> GB_CVE_NUMBER_BITS || (digits.len > LEAST_DIGITS && digits.at[0] == '0'))
        return false;
    *ret = (uint32_t)(year - GB_CVE_FIRST_YEAR) << GB_CVE_NUMBER_BITS | (uint32_t)number;
    return true;
}

size_t gb_cve_text(uint32_t packed, char into[GB_CVE_TEXT_BYTES])
{
    unsigned year = GB_CVE_FIRST_YEAR + (packed >> GB_CVE_NUMBER_BITS) % YEARS;
    unsigned number = packed & ((1u << GB_CVE_NUMBER_BITS) - 1);
    return (size_t)snprintf(into, GB_CVE_TEXT_BYTES, "CVE-%04u-%04u", year, number);
}
