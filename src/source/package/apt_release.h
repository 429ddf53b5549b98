// The head of an archive's Release or InRelease file as apt keeps it in /var/lib/apt/lists: who
// publishes it, which suite it is, from when it is and until when it counts. Format: the Debian
// repository format (wiki.debian.org/DebianRepository/Format). Signatures were checked by apt when
// it fetched the file; here only their presence is told.
#ifndef GABION_SOURCE_PACKAGE_APT_RELEASE_H
#define GABION_SOURCE_PACKAGE_APT_RELEASE_H

#include "base/str.h"

struct gb_apt_release {
    struct gb_str origin, label, suite, codename, version;
    int64_t date, valid_until; // seconds since 1970 UTC; 0 = not given
    bool not_automatic, but_automatic_upgrades;
};

// Reads the fields that stand before the checksums; slices point into `text`. What is missing stays
// empty.
void gb_apt_release_parse(struct gb_apt_release *release, struct gb_str text);

// "Fri, 20 Nov 2026 00:12:41 UTC" as seconds since 1970. GB_E_SYNTAX for anything else.
GB_MUST_USE int gb_apt_date_parse(struct gb_str text, int64_t *ret);

// Does the archive publish security fixes for a distribution (Debian-Security, jammy-security)?
bool gb_apt_release_is_security(const struct gb_apt_release *release);

#endif
