// A version of semver's family taken apart, leniently: [v]1.2.3-pre.1+build. Used by semver.c and
// by the schemes that differ from it in a detail.
#ifndef GABION_MODEL_VERSION_SEMVER_H
#define GABION_MODEL_VERSION_SEMVER_H

#include "base/str.h"

struct gb_semver {
    struct gb_str numbers; // "1.2.3", any count of numbers; "" where there are none
    struct gb_str pre, build;
    bool has_pre, has_build;
    // The pre-release began without a hyphen (1.20rc1, 1.0.0.beta2).
    bool bare_pre;
};

// What a scheme does differently from semver.org.
enum gb_semver_flavour {
    GB_SEMVER_PLAIN = 0,
    GB_SEMVER_NOCASE = 1,      // pre-releases compare without case (NuGet)
    GB_SEMVER_SPLIT_WORDS = 2, // in a bare pre-release, rc10 is rc.10 (Go's toolchain)
    GB_SEMVER_ORDER_BUILD = 4, // build metadata counts: none < some (Pub)
    GB_SEMVER_NO_REVISION = 8, // a hyphen and digits alone are a packaging revision (Bitnami)
};

struct gb_semver gb_semver_parse(struct gb_str version);
int gb_semver_compare_numbers(struct gb_str a, struct gb_str b); // missing ones are 0
int gb_semver_compare(const struct gb_semver *a, const struct gb_semver *b, unsigned flavour);
// Exactly as semver.org wants it, without "v".
bool gb_semver_strict(struct gb_str version);

#endif
