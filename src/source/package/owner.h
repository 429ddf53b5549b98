// Which package does a file belong to? Answers as `dpkg -S`, `rpm -qf` and `apk info -W` do, for
// many paths cheaply: the first question reads all file lists once (/var/lib/dpkg/info/*.list, the
// data bases of rpm and apk) and keeps a hash of each path; every further question is a look-up.
//
//     struct gb_str owner = gb_package_owner(collector, GB_STR("/usr/sbin/sshd"));
//     if (!owner.len) ... not packaged
//
// * Directories that are links today and were none when the package was built (/bin, /sbin, /lib*)
//   count as one: /bin/ls and /usr/bin/ls have the same owner.
// * A path that was diverted belongs to the package that diverted it; the diverted-to name belongs
//   to the package that ships the original.
// * Paths are taken literally: resolve symbolic links before asking.
#ifndef GABION_SOURCE_PACKAGE_OWNER_H
#define GABION_SOURCE_PACKAGE_OWNER_H

#include "source/source.h"

// The package's name ("libc6"; without architecture), or an empty slice when no package has the
// path. Lives as long as the collection. When the lists cannot be read the answer is empty too: see
// gb_package_owners_known.
struct gb_str gb_package_owner(struct gb_collector *collector, struct gb_str path);

// False when nothing can be said about owners here (no package manager, lists unreadable or
// truncated); *reason (may be NULL) says why.
bool gb_package_owners_known(struct gb_collector *collector, struct gb_str *reason);

// A view for threads: what gb_package_owner answers, without a collector. Immutable after it was
// made, so any number of threads may ask. NULL when owners are not known.
struct gb_owner_index;
const struct gb_owner_index *gb_owner_index_get(struct gb_collector *collector);
struct gb_str gb_owner_index_find(const struct gb_owner_index *index, struct gb_str path);

#endif
