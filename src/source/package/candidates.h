// What apt would upgrade, worked out from its own lists without running it: for every installed
// package the versions that the configured archives offer, their priorities (pins included), and
// the candidate that apt's rules choose. Differs from `apt list --upgradable` only where pins with
// regular expressions or phased updates decide; both are told.
#ifndef GABION_SOURCE_PACKAGE_CANDIDATES_H
#define GABION_SOURCE_PACKAGE_CANDIDATES_H

#include "source/package/apt_origin.h"
#include "source/package/apt_release.h"
#include "source/package/apt_sources.h"
#include "source/package/dpkg.h"

struct gb_apt_archive { // one source with its Release file and lists
    const struct gb_apt_source *source;
    struct gb_apt_release release;
    struct gb_str release_path; // "" when there is none
    int64_t refreshed_at;       // when apt last fetched or confirmed it; 0 = not known
    bool is_signed;             // InRelease, or Release with Release.gpg
    bool security;
    enum gb_apt_party party;
    size_t lists;          // package lists found
    struct gb_str problem; // "" or why (some of) its lists could not be read
};

struct gb_apt_update {
    const struct gb_dpkg_package *package;
    struct gb_str candidate;
    struct gb_str archive;          // suite that offers the candidate
    struct gb_str security_version; // newest version of a security archive above the installed one
};

// How an installed version stands to what the archives offer.
enum gb_apt_standing {
    GB_APT_NOT_LOOKED_FOR, // not installed, or no list could be read
    GB_APT_OFFERED,        // an archive has this very version
    GB_APT_SUPERSEDED,     // archives have newer ones only
    GB_APT_NEWER,          // newer than all that is offered
    GB_APT_FOREIGN,        // no archive has a package of this name
};

struct gb_apt_candidates {
    struct gb_apt_archive *archives; // enabled binary sources, in their order
    size_t archive_count;
    struct gb_apt_update *updates; // by package name
    size_t update_count;
    unsigned char *standings;      // enum gb_apt_standing of each package, by its position
    struct gb_apt_origin *origins; // of each package, by its position
    uint64_t offered;              // packages seen in all lists
    struct gb_str problem;         // "" = complete; else why `updates` may lack some
    uint32_t pins_not_understood;
};

// Worked out once a scan. Reading lists of 50 MB takes about 40 ms.
GB_MUST_USE int gb_apt_candidates_load(struct gb_collector *collector,
                                       const struct gb_apt_candidates **ret, struct gb_error *err);

#endif
