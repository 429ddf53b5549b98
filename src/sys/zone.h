// Time zones by their IANA names, from the compiled rules that the system carries
// (/usr/share/zoneinfo). Used where expressions ask for the hour or the day in a zone.
//
//     struct gb_zones *zones = gb_zones_new("/usr/share/zoneinfo", arena);
//     int32_t east; // seconds to add to UTC
//     if (gb_zones_offset(zones, GB_STR("Europe/Berlin"), moment, &east) == GB_OK) ...
//
// Format: RFC 8536 (TZif, versions 1 to 4); moments behind the last transition follow the POSIX TZ
// rule at the file's end. Leap seconds do not exist here.
#ifndef GABION_SYS_ZONE_H
#define GABION_SYS_ZONE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct gb_zone;
struct gb_zones;

// Reads one compiled zone out of memory; the bytes need not outlive the call. GB_E_SYNTAX,
// GB_E_MEMORY.
GB_MUST_USE int gb_zone_parse(struct gb_str bytes, struct gb_arena *arena, struct gb_zone **ret);
// Seconds east of UTC at a moment (seconds since 1970 UTC): more than -86400, less than 93600.
int32_t gb_zone_offset(const struct gb_zone *zone, int64_t moment);

// Zones are read when they are first asked for and kept in the arena. One thread at a time.
// `directory` must outlive it. NULL on memory failure.
struct gb_zones *gb_zones_new(const char *directory, struct gb_arena *arena);
// GB_E_NOT_FOUND for what is no zone (names never leave the directory); GB_E_SYNTAX for a file that
// is damaged; GB_E_IO, GB_E_DENIED, GB_E_LIMIT, GB_E_MEMORY.
GB_MUST_USE int gb_zones_offset(struct gb_zones *zones, struct gb_str name, int64_t moment,
                                int32_t *ret);

#endif
