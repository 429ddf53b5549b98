// What the installed changelogs of packages call fixed (kind "package_changelog"): ids of flaws in
// the entry of the installed version and in those below it. dpkg:
// /usr/share/doc/PACKAGE/changelog.Debian.gz (and changelog.gz, which is Debian's own for native
// packages; a file that does not begin with an entry of the package or its source is another's and
// is left alone). rpm: the changelog in the header.
//
// The newest mention of an id decides: an entry that takes a fix back ("Revert the fix for
// CVE-...") or calls it unfixed undoes older ones.
#ifndef GABION_SOURCE_PACKAGE_CHANGELOG_H
#define GABION_SOURCE_PACKAGE_CHANGELOG_H

#include "base/map.h"
#include "source/package/evidence.h"

// Adds a resource for each package with a changelog that can be read. GB_E_MEMORY only.
GB_MUST_USE int gb_package_changelogs_collect(struct gb_collector *collector,
                                              const struct gb_evidence_request *request);

struct gb_changelog_fix {
    struct gb_str id;      // CVE-2023-0286, GHSA-....
    struct gb_str version; // of the entry
    uint32_t line;
    bool undone; // the newest mention takes it back
};

struct gb_changelog {
    struct gb_arena *arena;
    struct gb_changelog_fix *items; // in order of the text: newest entry first
    size_t count, capacity;
    struct gb_map by_id;
    const struct gb_map *wanted; // ids that matter; NULL = all
};

// The parser by itself: a changelog of Debian (deb-changelog(5)). `source` and `package` are names
// of which the first entry must have one (else nothing is read: false); entries above that of
// `version` (or of the first that is not newer) are left out. Slices point into `text`.
GB_MUST_USE int gb_changelog_parse(struct gb_changelog *into, struct gb_str text,
                                   struct gb_str source, struct gb_str package,
                                   struct gb_str version, bool *ret);

// Adds the ids of one line of an entry.
GB_MUST_USE int gb_changelog_add_line(struct gb_changelog *into, struct gb_str line,
                                      struct gb_str version, uint32_t number);

#endif
