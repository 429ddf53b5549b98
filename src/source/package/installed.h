// Is a package installed? For every source and whatever order sources run in.
//
//     if (gb_package_installed(collector, "openssh-server") == GB_INSTALLED_NO)
//         gb_collection_absent(all, GB_STR("sshd"), GB_STR("openssh-server is not installed"));
//
// The answer is about the package manager's data base: dpkg's, else rpm's or apk's, where packages
// that go by another name there are looked for by that. Software can be there without it (copied,
// built): a source that wants to be sure looks for the program or its configuration as well.
#ifndef GABION_SOURCE_PACKAGE_INSTALLED_H
#define GABION_SOURCE_PACKAGE_INSTALLED_H

#include "source/package/dpkg.h"

enum gb_installed {
    GB_INSTALLED_NO,
    GB_INSTALLED_YES,
    GB_INSTALLED_UNKNOWN, // the data base could not be read, or with rpm and apk: nobody knows what
                          // the package would be called there
};

// By exact name, whatever the architecture. Packages that only left configuration files behind are
// not installed. A transitional package (ntp on Debian 12) counts, as it is installed: use
// gb_package_find and its `transitional` where that matters.
enum gb_installed gb_package_installed(struct gb_collector *collector, const char *name);

// By name, or by a virtual name that an installed package provides ("mail-transport-agent").
enum gb_installed gb_package_provided(struct gb_collector *collector, const char *name);

// The installed package of dpkg, NULL when there is none (or nothing is known).
const struct gb_dpkg_package *gb_package_find(struct gb_collector *collector, const char *name);

// The package that provides a virtual name, or has it; NULL when there is none.
const struct gb_dpkg_package *gb_package_provider(struct gb_collector *collector, const char *name);

#endif
