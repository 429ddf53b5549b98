// Which operating system is it where no os-release file says so? From the release files of older
// distributions, else from the packages that make the distribution (base-files, almalinux-release,
// alpine-release). Used by the os source, which tells that the identity was inferred.
#ifndef GABION_SOURCE_HOST_OS_INFERRED_H
#define GABION_SOURCE_HOST_OS_INFERRED_H

#include "source/source.h"

struct gb_os_identity {
    struct gb_str id, name, version, codename; // version and codename may be empty
    struct gb_str from;                        // "base-files 12.4+deb12u11", "/etc/alpine-release"
    struct gb_str where;                       // the file that says so
    uint32_t line;
};

// False when nothing says which one it is. Strings live as long as the collection.
bool gb_os_infer(struct gb_collector *collector, struct gb_os_identity *ret);

// The text of a release file by itself: "CentOS release 6.10 (Final)".
bool gb_os_release_line(struct gb_str text, struct gb_os_identity *ret);

#endif
