// The checksums that packages bring for their files (/var/lib/dpkg/info/PACKAGE.md5sums). MD5: good
// against decay and careless change, no proof against somebody who can forge it; and whoever is
// root can write the list as well.
#ifndef GABION_SOURCE_PACKAGE_CHECKSUMS_H
#define GABION_SOURCE_PACKAGE_CHECKSUMS_H

#include "source/package/dpkg.h"

// The list of a package: lines of 32 hexadecimal digits, two blanks, and the path without its first
// slash. Valid until the scratch arena is reset. GB_E_NOT_FOUND when the package has none.
GB_MUST_USE int gb_package_checksum_list(struct gb_collector *collector,
                                         const struct gb_dpkg_package *package, struct gb_str *ret);

// Takes the next line off *list. `path` has no slash in front.
bool gb_package_checksum_next(struct gb_str *list, struct gb_str *path, struct gb_str *sum);

// Is the file's content what its package says? 1 yes, 0 no; GB_E_NOT_FOUND when the package says
// nothing of it, another code when the file cannot be read.
GB_MUST_USE int gb_package_is_intact(struct gb_collector *collector, struct gb_str package,
                                     const char *path, struct gb_error *err);

#endif
