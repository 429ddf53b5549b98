// The package URL of an installed package: how SBOMs and VEX documents name it.
//
//     struct gb_purl purl;
//     if (gb_package_purl(package, os_id, os_version, arena, &purl))
//         ... pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl
//
// Packages of the system have the qualifiers arch, distro, epoch, rpmmod (module of rpm) and
// upstream (source package, with its version where that differs), as Syft and Trivy read them.
#ifndef GABION_MODEL_PACKAGE_PURL_H
#define GABION_MODEL_PACKAGE_PURL_H

#include "model/collection.h"
#include "model/purl.h"

// `package`: of kind os_package or language_package. `os_id` and `os_version`: of kind os, "" where
// not known. Strings are the package's or in the arena. False for what has no package URL, and
// without memory (sticky in the arena).
bool gb_package_purl(const struct gb_resource *package, struct gb_str os_id,
                     struct gb_str os_version, struct gb_arena *arena, struct gb_purl *ret);

#endif
