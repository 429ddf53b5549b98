// Where time daemons get the time from: the source lines of chrony.conf(5), ntp.conf(5) of ntpsec
// and ntpd.conf(5) of OpenNTPD, which are alike: a keyword, an address, options. Used by the clock
// probe and the fuzz target.
#ifndef GABION_SOURCE_HOST_TIME_CONFIG_H
#define GABION_SOURCE_HOST_TIME_CONFIG_H

#include "base/arena.h"
#include "base/str.h"

struct gb_time_source {
    struct gb_str address; // host, pool, or the driver of a reference clock
    bool authenticated;    // NTS or a symmetric key
    bool local;            // a reference clock of this machine: nothing on the network can forge it
    struct gb_str file;
    uint32_t line;
};

struct gb_time_sources {
    struct gb_time_source *items;
    size_t count, capacity;
    // Files and directories that the text tells to read as well, with their keyword.
    struct gb_time_include {
        struct gb_str keyword; // include confdir sourcedir includefile
        struct gb_str path;
    } * includes;
    size_t include_count, include_capacity;
};

// Adds what a text says. `text` and `file` must live as long as the arena. GB_E_MEMORY is the only
// error.
GB_MUST_USE int gb_time_config_parse(struct gb_time_sources *sources, struct gb_str text,
                                     struct gb_str file, struct gb_arena *arena);

// Adds one source.
GB_MUST_USE int gb_time_source_add(struct gb_time_sources *sources, struct gb_time_source source,
                                   struct gb_arena *arena);

#endif
