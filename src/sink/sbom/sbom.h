// Software bills of materials of a collection: its operating system, its packages, the packages of
// languages; written so that other scanners can match them. That needs the purl with distribution,
// architecture, epoch and source package, an operating-system component, and the properties that
// Trivy and Syft read.
//
//     struct gb_sbom_subject subject = {.type = "container", .name = reference, ...};
//     gb_sbom_write_cyclonedx(collection, &subject, scratch, &out, &err);
//
// The same collection gives the same bytes: the serial number is a digest of the document.
// Formats: CycloneDX 1.6 (ECMA-424), SPDX 2.3 (ISO/IEC 5962), both as JSON.
#ifndef GABION_SINK_SBOM_SBOM_H
#define GABION_SINK_SBOM_SBOM_H

#include "base/buffer.h"
#include "model/collection.h"

struct gb_sbom_subject {
    const char *type; // of CycloneDX: "container", "device", "file"
    struct gb_str name;
    struct gb_str tool_version;
    int64_t made_at; // seconds since 1970 UTC
};

// GB_E_MEMORY; GB_E_LIMIT when `out` is full.
GB_MUST_USE int gb_sbom_write_cyclonedx(const struct gb_collection *all,
                                        const struct gb_sbom_subject *subject,
                                        struct gb_arena *scratch, struct gb_buffer *out,
                                        struct gb_error *err);
GB_MUST_USE int gb_sbom_write_spdx(const struct gb_collection *all,
                                   const struct gb_sbom_subject *subject, struct gb_arena *scratch,
                                   struct gb_buffer *out, struct gb_error *err);

#endif
