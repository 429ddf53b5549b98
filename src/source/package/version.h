// Versions of Debian packages: [epoch:]upstream[-revision], compared as deb-version(7) says and as
// `dpkg --compare-versions` does.
//
//     gb_debian_version_compare(GB_STR("1:1.0-1"), GB_STR("1.0~rc1-3")) > 0
#ifndef GABION_SOURCE_PACKAGE_VERSION_H
#define GABION_SOURCE_PACKAGE_VERSION_H

#include "base/str.h"

// Negative, zero or positive. Total over all byte strings: what is no version (letters in the
// epoch, bytes that no version may have) still gets one fixed place in the order.
int gb_debian_version_compare(struct gb_str a, struct gb_str b);

// Without the epoch: "2:1.0-1" gives "1.0-1".
struct gb_str gb_debian_version_without_epoch(struct gb_str version);

// Without the suffix of a rebuild of the binary package alone ("1.0-2+b1" gives "1.0-2").
struct gb_str gb_debian_version_without_rebuild(struct gb_str version);

#endif
