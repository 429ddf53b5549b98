// What an assessment is about: this machine, a root directory, a container image, or an SBOM. One
// opener for all commands; what can be had of each kind of target is collected the same way.
//
//     struct gb_target target;
//     gb_target_parse(invocation, operands, count, &target, &err)   // words only
//     gb_target_open(&target, arena, progress, context, &err)       // .host can be asked
//     gb_target_collect(&target, &collector, &err)
//     gb_target_close(&target)
//
//     host               this machine (no operand)
//     rootfs DIR         a root directory, the same as --root DIR
//     image REF          a container image: see source/image/image.h for what REF may be
//     sbom FILE          a CycloneDX or SPDX file
#ifndef GABION_CLI_TARGET_H
#define GABION_CLI_TARGET_H

#include "cli/arguments.h"
#include "source/source.h"

enum gb_target_kind { GB_TARGET_HOST, GB_TARGET_ROOT, GB_TARGET_IMAGE, GB_TARGET_SBOM };

struct gb_image;

struct gb_target {
    enum gb_target_kind kind;
    const char *reference; // directory, image reference or file; NULL for the host
    struct gb_host_options options;
    const struct gb_host *host;
    struct gb_host *own_host; // NULL: the image's
    struct gb_image *image;
    const struct gb_str *problems; // what could not be read of it: the run is incomplete
    size_t problem_count;
    bool foreign_sbom;  // packages come from an SBOM of another program
    const char *distro; // of an SBOM: its operating system, whatever it says; NULL = as it says
};

// Words of `operands` and --root, --recorded-kernel, --now. GB_E_USAGE with a sentence. Opens
// nothing.
GB_MUST_USE int gb_target_parse(const struct gb_invocation *invocation,
                                const struct gb_str *operands, size_t count, struct gb_target *ret,
                                struct gb_error *err);

// Opens it; an image is read as a whole. Sets .host.
GB_MUST_USE int gb_target_open(struct gb_target *target, const struct gb_invocation *invocation,
                               void (*progress)(void *context, const char *phase, uint64_t done,
                                                uint64_t total),
                               void *progress_context, struct gb_error *err);
void gb_target_close(struct gb_target *target);

// Fills collector->all; collector->host is target->host. Sets .problems.
GB_MUST_USE int gb_target_collect(struct gb_target *target, struct gb_collector *collector,
                                  struct gb_error *err);

// "host web-01", "root /mnt/x", "image debian:12", "sbom app.cdx.json".
struct gb_str gb_target_name(const struct gb_target *target, struct gb_str host_name,
                             struct gb_arena *arena);

// Of what is no host or root directory nothing but packages is known.
static inline bool gb_target_is_inventory(const struct gb_target *target)
{
    return target->kind == GB_TARGET_IMAGE || target->kind == GB_TARGET_SBOM;
}

#endif
