// Packages of the managers besides dpkg: rpm's data bases and apk's, read once a scan when first
// needed. Used by the inventory, installed.h, owner.h and the os source.
//
// Identity of an rpm: name, version "[epoch:]version-release", architecture, module "name:stream".
// Keys that rpm keeps as packages (gpg-pubkey) are left out. A name can be there several times
// (kernels): all are kept. apk's origin is the source package, with the package's own version.
#ifndef GABION_SOURCE_PACKAGE_OS_PACKAGES_H
#define GABION_SOURCE_PACKAGE_OS_PACKAGES_H

#include "base/map.h"
#include "source/source.h"

enum gb_package_manager { GB_MANAGER_DPKG, GB_MANAGER_RPM, GB_MANAGER_APK };

const char *gb_package_manager_name(enum gb_package_manager manager); // "rpm"

struct gb_os_package {
    enum gb_package_manager manager;
    struct gb_str name, version, architecture, source;
    struct gb_str source_version;     // "" = not known
    struct gb_str module;             // "nodejs:18"; "" = none
    struct gb_str vendor, maintainer; // as the package says; "" = not stated
    struct gb_str section;
    uint64_t installed_kib;
    uint32_t conffiles;
    uint32_t number; // of its record in rpm's data base
    bool broken;     // apk could not finish
    bool pinned;     // apk's world wants this version
    struct gb_str where;
    uint32_t line;              // 0 = the whole
    struct gb_os_package *next; // same name
    size_t position;            // in gb_os_packages.items
};

enum gb_packages_presence {
    GB_PACKAGES_ABSENT,     // no such data base; `reason` says so
    GB_PACKAGES_READ,       // `problem` says what of it could not be read
    GB_PACKAGES_UNREADABLE, // there is one that could not be read: `reason`
};

struct gb_os_packages {
    enum gb_packages_presence presence;
    enum gb_package_manager manager; // of the data base that was found; rpm before apk
    struct gb_str path;              // of it
    struct gb_str reason, problem;
    struct gb_os_package **items; // by name, then architecture, then version
    size_t count, capacity;
    struct gb_map by_name;   // -> struct gb_os_package, the chain `next`
    struct gb_str os_vendor; // vendor of the package that brought os-release; "" = not known
};

// Never NULL but when memory is exhausted (GB_E_MEMORY).
GB_MUST_USE int gb_os_packages_load(struct gb_collector *collector,
                                    const struct gb_os_packages **ret, struct gb_error *err);

// The parsers by themselves. gb_rpm_package_read gives GB_E_SYNTAX for a blob that is no header,
// GB_E_NOT_FOUND for a header that is no package (gpg-pubkey). Strings are copied into the arena.
GB_MUST_USE int gb_rpm_package_read(struct gb_str blob, struct gb_arena *arena,
                                    struct gb_os_package *ret, struct gb_error *err);
// apk's "installed": stanzas of "X:value" lines. Strings are copied. GB_E_MEMORY only.
GB_MUST_USE int gb_apk_parse(struct gb_os_packages *into, struct gb_arena *arena,
                             struct gb_str text, struct gb_str where);

// Both into the same list; the managers' halves of gb_os_packages_load.
GB_MUST_USE int gb_rpm_load(struct gb_collector *collector, struct gb_os_packages *into);
GB_MUST_USE int gb_apk_load(struct gb_collector *collector, struct gb_os_packages *into);
GB_MUST_USE int gb_os_packages_add(struct gb_os_packages *into, struct gb_arena *arena,
                                   const struct gb_os_package *package);

// Walks over all paths of all these packages ("/usr/bin/ls"), for the owner index. The path is
// valid until the call returns.
struct gb_os_path_visitor {
    int (*visit)(void *context, struct gb_str path, const struct gb_os_package *package);
    void *context;
};
GB_MUST_USE int gb_rpm_paths(struct gb_collector *collector, const struct gb_os_packages *packages,
                             const struct gb_os_path_visitor *visitor);
GB_MUST_USE int gb_apk_paths(struct gb_collector *collector, const struct gb_os_packages *packages,
                             const struct gb_os_path_visitor *visitor);

#endif
