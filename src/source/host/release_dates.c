// Release dates of Debian and Ubuntu, built in for hosts without distro-info-data: see
// release_dates.h. The dates are those that the distributions have published, as distro-info-data
// 0.68 lists them; releases that were not out by then are left to newer tables.
#include "source/host/release_dates.h"

const char gb_release_dates_as_of[] = "2025-10-18";

// One release a line; the names for people are left out.
static const struct gb_str debian =
    GB_STR_INIT("version,codename,series,created,release,eol,eol-lts,eol-elts\n"
                "8,,jessie,2013-05-04,2015-04-26,2018-06-17,2020-06-30,2025-06-30\n"
                "9,,stretch,2015-04-26,2017-06-17,2020-07-18,2022-06-30,2027-06-30\n"
                "10,,buster,2017-06-17,2019-07-06,2022-09-10,2024-06-30,2029-06-30\n"
                "11,,bullseye,2019-07-06,2021-08-14,2024-08-14,2026-08-31,2031-06-30\n"
                "12,,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30\n"
                "13,,trixie,2023-06-10,2025-08-09,2028-08-09,2030-06-30,2035-06-30\n");

static const struct gb_str ubuntu = GB_STR_INIT(
    "version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy\n"
    "14.04 LTS,,trusty,2013-10-17,2014-04-17,2019-04-25,2019-04-25,2024-04-25,2026-04-28\n"
    "16.04 LTS,,xenial,2015-10-22,2016-04-21,2021-04-30,2021-04-30,2026-04-23,2028-04-25\n"
    "18.04 LTS,,bionic,2017-10-19,2018-04-26,2023-05-31,2023-05-31,2028-04-26,2030-04-30\n"
    "20.04 LTS,,focal,2019-10-17,2020-04-23,2025-05-29,2025-05-29,2030-04-23,2032-04-27\n"
    "22.04 LTS,,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21,2034-04-25\n"
    "22.10,,kinetic,2022-04-21,2022-10-20,2023-07-20\n"
    "23.04,,lunar,2022-10-20,2023-04-20,2024-01-25\n"
    "23.10,,mantic,2023-04-20,2023-10-12,2024-07-11\n"
    "24.04 LTS,,noble,2023-10-12,2024-04-25,2029-05-31,2029-05-31,2034-04-25,2036-04-29\n"
    "24.10,,oracular,2024-04-25,2024-10-10,2025-07-10\n"
    "25.04,,plucky,2024-10-10,2025-04-17,2026-01-15\n"
    "25.10,,questing,2025-04-17,2025-10-09,2026-07-09\n"
    "26.04 LTS,,resolute,2025-10-09,2026-04-23,2031-05-29,2031-05-29,2036-04-23,2038-04-27\n");

struct gb_str gb_release_dates(struct gb_str id)
{
    return gb_str_is(id, "debian") ? debian : gb_str_is(id, "ubuntu") ? ubuntu : GB_STR("");
}
