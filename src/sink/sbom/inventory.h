// What both formats of SBOMs say: the packages of a collection, each with its purl, in a fixed
// order. Used by this folder only.
#ifndef GABION_SINK_SBOM_INVENTORY_H
#define GABION_SINK_SBOM_INVENTORY_H

#include "sink/sbom/sbom.h"

struct gb_sbom_extra {
    const char *name; // without "gabion:"
    struct gb_str value;
};

enum { GB_SBOM_MOST_EXTRAS = 10 };

struct gb_sbom_package {
    const struct gb_resource *resource;
    bool of_os;
    struct gb_str manager;                // of an OS package
    struct gb_str name, group;            // group: Maven's, and npm's scope
    struct gb_str version;                // with its epoch
    struct gb_str purl, reference;        // reference: the purl, made unique
    struct gb_str source, source_version; // of an OS package; "" = not known
    struct gb_str module, path;
    struct gb_sbom_extra extras[GB_SBOM_MOST_EXTRAS]; // what no field of the formats holds
    size_t extra_count;
};

struct gb_sbom_inventory {
    struct gb_str os_id, os_version, os_name; // "" = not known
    struct gb_sbom_package *packages;         // those of the OS first
    size_t count, os_count;
};

GB_MUST_USE int gb_sbom_inventory(const struct gb_collection *all, struct gb_arena *arena,
                                  struct gb_sbom_inventory *ret, struct gb_error *err);

// Writes a UUID made of the digest of all bytes of `out` over the 36 bytes at each of `places`.
GB_MUST_USE int gb_sbom_put_uuid(struct gb_buffer *out, const size_t *places, size_t count,
                                 struct gb_error *err);
#define GB_SBOM_NO_UUID "00000000-0000-0000-0000-000000000000"

#endif
