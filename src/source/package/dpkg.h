// dpkg's data base: /var/lib/dpkg/status with its journal below updates/, or the one-stanza files
// of /var/lib/dpkg/status.d (images without dpkg itself). Read once a scan, when it is first
// needed; shared by the package sources and, through installed.h and owner.h, by all others.
//
// Format: deb822(5) and dpkg's own manual. The source package's name and version follow the
// "Source" field where it is given ("name (version)"), else the package's own.
#ifndef GABION_SOURCE_PACKAGE_DPKG_H
#define GABION_SOURCE_PACKAGE_DPKG_H

#include "base/map.h"
#include "source/source.h"

enum gb_dpkg_state { // third word of Status, in dpkg's order
    GB_DPKG_NOT_INSTALLED,
    GB_DPKG_CONFIG_FILES, // removed, configuration left behind
    GB_DPKG_HALF_INSTALLED,
    GB_DPKG_UNPACKED,
    GB_DPKG_HALF_CONFIGURED,
    GB_DPKG_TRIGGERS_AWAITED,
    GB_DPKG_TRIGGERS_PENDING,
    GB_DPKG_INSTALLED,
};

struct gb_dpkg_package {
    struct gb_str name, version, architecture, source, source_version;
    struct gb_str maintainer, section, provides, depends;
    enum gb_dpkg_state state;
    bool held;           // first word of Status is "hold"
    bool reinstall;      // second word is "reinstreq": broken, dpkg wants it installed again
    bool essential;      // or protected: needed to boot or to repair
    bool transitional;   // an empty package that only pulls in its successor
    bool co_installable; // "Multi-Arch: same": its info files carry the architecture
    uint64_t installed_kib;
    uint32_t conffiles;
    struct gb_str where; // file and line of the stanza
    uint32_t line;
    struct gb_dpkg_package *next; // same name, other architecture
    size_t position;              // in gb_dpkg.packages
};

enum gb_dpkg_presence {
    GB_DPKG_READ,
    GB_DPKG_ABSENT,     // no dpkg here; `reason` says so
    GB_DPKG_UNREADABLE, // there is a data base that could not be read; `reason` says why
};

struct gb_dpkg {
    enum gb_dpkg_presence presence;
    struct gb_str reason;
    struct gb_str path;                // of the main file
    struct gb_dpkg_package **packages; // by name, then architecture
    size_t count, capacity;
    struct gb_map by_name;     // -> struct gb_dpkg_package, the chain `next`; all states
    struct gb_map by_provides; // virtual name -> struct gb_dpkg_package with its files in place
    uint32_t malformed_lines;
};

// The data base of this scan. Never NULL but when memory is exhausted (GB_E_MEMORY).
GB_MUST_USE int gb_dpkg_load(struct gb_collector *collector, const struct gb_dpkg **ret,
                             struct gb_error *err);

// The parser by itself, for tests: reads the stanzas of `text` into `into` (packages in order of
// the text). A stanza that names a package of the same architecture again replaces the earlier one.
// `without_status` is for files whose stanzas have no Status field: they count as installed.
GB_MUST_USE int gb_dpkg_parse(struct gb_dpkg *into, struct gb_arena *arena, struct gb_str text,
                              struct gb_str where, bool without_status);
// Sorts and indexes what was parsed.
GB_MUST_USE int gb_dpkg_finish(struct gb_dpkg *dpkg, struct gb_arena *arena);

// Are the package's files on disk (whether or not it is configured)?
static inline bool gb_dpkg_in_place(const struct gb_dpkg_package *package)
{
    return package->state >= GB_DPKG_UNPACKED;
}

const char *gb_dpkg_state_name(enum gb_dpkg_state state); // "config-files"

#endif
