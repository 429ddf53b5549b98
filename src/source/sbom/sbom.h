// Software bills of materials as targets: CycloneDX 1.2 to 1.7 and SPDX 2.2, 2.3 and 3.0, all as
// JSON. Packages become what a scan of the host would have found: kinds os, os_package,
// language_package, each with the line of the document as its origin.
//
//     struct gb_sbom sbom;
//     if (gb_sbom_collect(text, GB_STR("app.cdx.json"), NULL, collection, &sbom, &err) < 0) ...
//
// What identifies a package is its purl. Beside it are read: Trivy's properties
// (aquasecurity:trivy:SrcName ...), Syft's (syft:metadata:source ...), and what gabion sbom writes.
// Packages of an operating system without a word of which one are an error, since nothing could be
// matched and "no findings" would be a lie.
#ifndef GABION_SOURCE_SBOM_SBOM_H
#define GABION_SOURCE_SBOM_SBOM_H

#include "model/collection.h"

enum { GB_SBOM_MAX_BYTES = 128 << 20 };

struct gb_sbom_options {
    struct gb_str os; // "debian-12": the operating system, whatever the document says; "" = it
};

// How well it could be read.
struct gb_sbom {
    const char *format;    // "CycloneDX", "SPDX"
    struct gb_str version; // "1.6"
    struct gb_str tool;    // that made it, the first one named; "" = not said
    bool foreign;          // not made by this program: epochs may have been lost
    size_t os_packages, language_packages;
    size_t without_epoch;  // packages of dpkg and rpm without an epoch, in a foreign document
    size_t without_purl;   // packages that nothing identifies
    size_t other_types;    // purls of ecosystems that are not known here
    size_t malformed;      // purls that are none, packages without a version: the result is partial
    struct gb_str example; // name of a malformed one
    struct gb_str os_said_by; // "operating-system component", "purl", "--distro"; "" = none
};

// Strings are copied into the collection. Errors: GB_E_SYNTAX (no JSON, no SBOM, repeated keys),
// GB_E_UNSUPPORTED (another version), GB_E_LIMIT beyond GB_SBOM_MAX_BYTES or 512 MiB of memory,
// GB_E_NOT_FOUND (packages of an operating system that is not named), GB_E_USAGE (options),
// GB_E_MEMORY. After an error the collection holds a part at most: do not use it.
GB_MUST_USE int gb_sbom_collect(struct gb_str text, struct gb_str where,
                                const struct gb_sbom_options *options, struct gb_collection *all,
                                struct gb_sbom *ret, struct gb_error *err);

#endif
