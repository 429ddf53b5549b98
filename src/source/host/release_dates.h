// How long releases of Debian and Ubuntu are supported, for hosts without distro-info-data: its
// tables as of the day that gb_release_dates_as_of tells, in the same format. Used by the os
// source. The dates change rarely, and always to later ones: what they say is told with their age.
#ifndef GABION_SOURCE_HOST_RELEASE_DATES_H
#define GABION_SOURCE_HOST_RELEASE_DATES_H

#include "base/str.h"

// Day of the newest change to the tables below: "2026-08-20".
extern const char gb_release_dates_as_of[];

// The table of a distribution by its id ("debian"), for gb_release_table_find; empty when there is
// none.
struct gb_str gb_release_dates(struct gb_str id);

#endif
