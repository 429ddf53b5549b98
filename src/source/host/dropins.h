// Configuration directories of which one masks the other (sysctl.d, modprobe.d, NAME.conf.d): which
// files count, in which order. Used by the readers of those files.
//
// Of files with one name the directory that is named first wins. What is left is taken in order of
// file names, whatever the directory. A link to /dev/null masks too: it is listed, and reads as
// nothing.
//
//     struct gb_dropins files;
//     if (gb_dropins_list(host, directories, 5, ".conf", arena, &files)) return GB_E_MEMORY;
//     for (size_t i = 0; i < files.count; i++) ... files.items[i].path ...
#ifndef GABION_SOURCE_HOST_DROPINS_H
#define GABION_SOURCE_HOST_DROPINS_H

#include "sys/host.h"

struct gb_dropin {
    struct gb_str name, path; // NUL behind both
};

struct gb_dropins {
    struct gb_dropin *items; // by name
    size_t count, capacity;
    // A directory that is there and could not be listed (the last one, when there are several):
    const char *unlisted; // NULL: all could
    int unlisted_code;
};

// Names that begin with a dot are left out. Directories that do not exist are nothing. GB_E_MEMORY
// is the only error.
GB_MUST_USE int gb_dropins_list(const struct gb_host *host, const char *const *directories,
                                size_t directory_count, const char *suffix, struct gb_arena *arena,
                                struct gb_dropins *ret);

// Is the file a mask (a link to /dev/null)?
bool gb_dropin_is_mask(const struct gb_host *host, const char *path, struct gb_arena *arena);

#endif
