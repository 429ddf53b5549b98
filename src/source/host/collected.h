// What other sources have collected already, for sources that join facts: is a process of that name
// there, is a unit started at boot. Used by the sources of logging and auditing.
#ifndef GABION_SOURCE_HOST_COLLECTED_H
#define GABION_SOURCE_HOST_COLLECTED_H

#include "source/source.h"

// True or false; unknown or not applicable with the reason of kind "process". `name` as the kernel
// keeps it: at most 15 bytes.
struct gb_value gb_collected_process(const struct gb_collection *all, const char *name);

// at_boot of a unit ("rsyslog.service"): false when there is no such unit.
struct gb_value gb_collected_at_boot(const struct gb_collection *all, const char *unit);

// Name of an account or group by its id, "" when there is none.
struct gb_str gb_collected_user(const struct gb_collection *all, uint32_t uid);
struct gb_str gb_collected_group(const struct gb_collection *all, uint32_t gid);

#endif
