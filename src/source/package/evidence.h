// What this host tells about packages that an advisory speaks of: who runs their code, as whom,
// who of those listens on the network, what the installed changelogs call fixed. Asked for between
// matching and priority, so that it costs little: only the packages that were matched are looked
// at, in one pass over /proc.
//
//     struct gb_evidence_request request = {.packages = names, .package_count = count};
//     if (gb_package_evidence_collect(collector, &request, &err)) ...
//     use = gb_collection_find(all, GB_STR("package_use:libssl3"));
//     log = gb_collection_find(all, GB_STR("package_changelog:libssl3"));
//
// Adds one resource of kind package_use for each name and path that was asked for (the resource's
// name is the name or path; architectures of one package are one), and one of package_changelog for
// each package that has a changelog which can be read. Asking again for the same adds nothing.
//
// * In use means: a running process executes or maps a file of the package. Code that was replaced
//   or deleted since is the old version's and counts, with `replaced`.
// * Processes in another mount name space whose root is not the host's are left out: their paths
//   are those of other files.
// * Without a live kernel package_use has no subject. Processes that could not be looked at (not
//   root) make `processes` and `listeners` of a package unknown while nobody was seen to use it.
// * Listeners come from kind "listener", collected before; without it they are unknown.
// * Paths of programs and archives can be seen in use; of what an interpreter reads once (Python,
//   npm, PHP, Ruby) nobody can tell from outside: `processes` is unknown with that reason.
#ifndef GABION_SOURCE_PACKAGE_EVIDENCE_H
#define GABION_SOURCE_PACKAGE_EVIDENCE_H

#include "source/source.h"

struct gb_evidence_request {
    const struct gb_str *packages; // names of os_package
    size_t package_count;
    const struct gb_str *paths; // of language_package; resolved (no links)
    size_t path_count;
    // Ids of flaws that changelogs are searched for; none: every id that they name is told.
    const struct gb_str *ids;
    size_t id_count;
};

// The slices must live as long as the collection. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_package_evidence_collect(struct gb_collector *collector,
                                            const struct gb_evidence_request *request,
                                            struct gb_error *err);

#endif
