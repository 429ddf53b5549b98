// Whose package is it: the distribution's own, or somebody else's, for whom the distribution's
// advisories do not speak? Told by apt's package lists, never guessed: which archive offers this
// very version. Used by candidates.c for each installed package.
//
//   offered in this version           by an archive of the distribution: own; else a third party's
//   other versions are offered        only by third parties: theirs; only by the distribution,
//   newer,
//                                     with the same maintainer: own; else not told
//   no archive has the name           own when the source is offered in other packages; not told
//   when
//                                     the maintainer writes from the distribution's domain, or the
//                                     distribution has a package named like the source (something
//                                     that it dropped); else a third party's
//
// Nothing is told where no list of the distribution itself is at hand (a mirror that calls itself
// otherwise), or where some lists could not be read.
#ifndef GABION_SOURCE_PACKAGE_APT_ORIGIN_H
#define GABION_SOURCE_PACKAGE_APT_ORIGIN_H

#include "source/package/apt_release.h"
#include "source/source.h"

enum gb_apt_party { GB_APT_PARTY_UNKNOWN, GB_APT_PARTY_OWN, GB_APT_PARTY_THIRD };

// Who publishes an archive, on this distribution (kind "os", collected before). `host` is that of
// the archive's address, for archives that do not say their origin.
enum gb_apt_party gb_apt_party_of_archive(const struct gb_collection *all, struct gb_str origin,
                                          struct gb_str host);

// What the offers of one installed package said, one after the other.
struct gb_apt_offers_seen {
    enum gb_apt_party exact; // who offers the installed version
    struct gb_str exact_origin;
    bool own_maintainer; // of the installed package (gb_apt_maintainer_is_own): set before
    bool any_own, any_third, newer_own_same_maintainer, any_newer, any_same_maintainer;
    struct gb_str third_origin;
    bool third_origins_differ;
};

// `order` is the offered version against the installed one.
void gb_apt_offer_seen(struct gb_apt_offers_seen *seen, enum gb_apt_party party,
                       struct gb_str origin, int order, bool same_maintainer);

struct gb_apt_origin {
    enum gb_apt_party party;
    struct gb_str origin; // as the archive says; "" = not told
};

// For packages that some archive offers.
struct gb_apt_origin gb_apt_origin_decide(const struct gb_apt_offers_seen *seen);

// Does the maintainer write from a distribution's domain (or from nowhere that could be told)?
bool gb_apt_maintainer_is_own(struct gb_str maintainer);

#endif
