// Between the readers of the formats and what becomes of a package. Used by this folder only.
#ifndef GABION_SOURCE_SBOM_READING_H
#define GABION_SOURCE_SBOM_READING_H

#include "base/node.h"
#include "source/sbom/sbom.h"

// One package as a document describes it, whatever its format. "" = not said.
struct gb_sbom_component {
    struct gb_str name, group, version, purl;
    struct gb_str source, source_version; // of an OS package, with its epoch
    struct gb_str source_rpm;             // "openssl-3.0.7-27.el9.src.rpm"
    struct gb_str module;                 // "nodejs:18:...", of rpm
    struct gb_str origin, path, inside, owner;
    struct gb_str system, architecture; // that a Go program was built for
    bool third_party, third_party_said;
    bool main_module, standard_library, development;
    uint32_t line;
};

// What is said of the operating system, from the surest place so far.
struct gb_sbom_os {
    struct gb_str id, version, pretty_name;
    uint32_t line;
    bool differs; // packages name different ones
};

struct gb_sbom_reading {
    struct gb_arena *scratch; // of this document
    struct gb_collection *all;
    struct gb_str where;
    struct gb_sbom *result;
    struct gb_sbom_os component; // of an operating-system component
    struct gb_sbom_os qualifier; // of the purls' distro
};

struct gb_str gb_sbom_text(const struct gb_node *map, const char *key); // "" when it is no string
// Sorts out one package: by its purl an OS package, a language's, or none that is known.
void gb_sbom_add(struct gb_sbom_reading *reading, const struct gb_sbom_component *component);
// A name and version of an operating system as programs write them ("redhat" "8.4").
void gb_sbom_say_os(struct gb_sbom_reading *reading, struct gb_sbom_os *into, struct gb_str name,
                    struct gb_str version, uint32_t line);

int gb_sbom_read_cyclonedx(struct gb_sbom_reading *reading, const struct gb_node *document,
                           struct gb_error *err);
int gb_sbom_read_spdx(struct gb_sbom_reading *reading, const struct gb_node *document,
                      struct gb_error *err);
int gb_sbom_read_spdx_graph(struct gb_sbom_reading *reading, const struct gb_node *document,
                            struct gb_error *err);

#endif
