// Versions and their order, one scheme for each ecosystem that advisories speak of. Used by feeds
// (to bring ranges in order), by the vulnerability area (to match), and by what compares packages.
//
//     if (gb_version_compare(GB_VERSION_DPKG, installed, fixed) < 0) ... // vulnerable
//
// Every comparison is total over all byte strings, never fails, allocates nothing and takes time
// linear in the lengths: numbers of any length are compared as digits. What is no valid version
// still has one fixed place in the order; gb_version_valid tells.
#ifndef GABION_MODEL_VERSION_VERSION_H
#define GABION_MODEL_VERSION_VERSION_H

#include "base/error.h"
#include "base/str.h"

enum gb_version_scheme {
    GB_VERSION_NONE,   // not comparable: only equality of the bytes means something
    GB_VERSION_DPKG,   // Debian, Ubuntu: deb-version(7)
    GB_VERSION_RPM,    // [epoch:]version-release; a missing epoch is 0
    GB_VERSION_APK,    // Alpine, Wolfi, Chainguard
    GB_VERSION_SEMVER, // semver.org 2.0.0: crates.io, Pub's relatives, Hex
    GB_VERSION_NPM,    // semver with npm's ranges
    GB_VERSION_GO,     // semver with v, pseudo-versions, +incompatible; go1.22rc1 of the toolchain
    GB_VERSION_PEP440, // PyPI
    GB_VERSION_MAVEN,
    GB_VERSION_GEM,      // RubyGems
    GB_VERSION_COMPOSER, // Packagist
    GB_VERSION_NUGET,
    GB_VERSION_PUB,
    GB_VERSION_CRAN,
    GB_VERSION_HACKAGE,
    GB_VERSION_BITNAMI,
    GB_VERSION_JVM,
    GB_VERSION_PACMAN,
    GB_VERSION_PORTAGE,
    GB_VERSION_SCHEME_COUNT,
};

const char *gb_version_scheme_name(enum gb_version_scheme scheme); // "dpkg", "rpm", ...
// GB_E_TYPE for other words.
GB_MUST_USE int gb_version_scheme_parse(struct gb_str word, enum gb_version_scheme *ret);

// The scheme of an OSV ecosystem, with or without its release suffix: "Debian:12", "Go", "PyPI",
// "AlmaLinux:8", "crates.io". GB_VERSION_NONE for ecosystems that are not known.
enum gb_version_scheme gb_version_scheme_of_ecosystem(struct gb_str ecosystem);

// Negative, zero or positive.
int gb_version_compare(enum gb_version_scheme scheme, struct gb_str a, struct gb_str b);
// What is not valid still compares, but its place in the order means little: callers say so, or do
// not match it at all ("(devel)" of Go).
bool gb_version_valid(enum gb_version_scheme scheme, struct gb_str version);

// dpkg and rpm: a missing epoch is 0 in a package data base, but lost epochs are common in foreign
// SBOMs. There, an epoch on one side only is left out; *ret_assumed (may be NULL) tells that one
// other than 0 was.
int gb_version_compare_epoch_assumed(enum gb_version_scheme scheme, struct gb_str a,
                                     struct gb_str b, bool *ret_assumed);
// "2:1.0-1" gives "1.0-1".
struct gb_str gb_version_without_epoch(enum gb_version_scheme scheme, struct gb_str version);
// dpkg: without the suffix of a rebuild of the binary package alone ("1.0-2+b1" gives "1.0-2").
struct gb_str gb_version_without_rebuild(struct gb_str version);

// Does `version` lie in `range`, written in the ecosystem's own syntax (npm: "^1.2 || >=3 <4",
// PEP 440 specifiers: "~=1.4.2, !=1.4.5", Maven and NuGet: "[1.0,2.0)", RubyGems: "~> 1.2"), for
// the others, and for Maven and NuGet too, in comparison form: comma = and, "||" = or,
// "< 1.2, >= 1.0", a bare version = equal, nothing = any; for apk also the fuzzy ~ <~ >~.
// GB_E_SYNTAX for a range that is not understood. Costs one comparison for each bound.
GB_MUST_USE int gb_version_in_range(enum gb_version_scheme scheme, struct gb_str version,
                                    struct gb_str range, bool *ret, struct gb_error *err);

enum gb_version_option {
    GB_VERSION_LOOSE = 1,         // npm: "1.2.3beta" is a version
    GB_VERSION_PRERELEASES = 2,   // npm: a pre-release may lie in any range
    GB_VERSION_EPOCH_ASSUMED = 4, // as gb_version_compare_epoch_assumed
    // npm and PEP 440: comparison form in plain order, as advisories mean it. (The specifier
    // "<1.1.1" leaves 1.1.1rc1 out; an advisory's "fixed in 1.1.1" does not.)
    GB_VERSION_PLAIN_ORDER = 8,
};

GB_MUST_USE int gb_version_in_range_with(enum gb_version_scheme scheme, unsigned options,
                                         struct gb_str version, struct gb_str range, bool *ret,
                                         struct gb_error *err);
// Is it a range at all?
GB_MUST_USE int gb_version_range_check(enum gb_version_scheme scheme, unsigned options,
                                       struct gb_str range, struct gb_error *err);
// npm only (GB_E_UNSUPPORTED for others): is there a version in both? GB_E_LIMIT for ranges of more
// than 4096 bytes, since the time is their product.
GB_MUST_USE int gb_version_ranges_intersect(enum gb_version_scheme scheme, unsigned options,
                                            struct gb_str a, struct gb_str b, bool *ret,
                                            struct gb_error *err);

#endif
