// Who can read a file besides its owner and root: its mode, and whether the directories on the way
// let them through. For files that hold secrets. (Who can change a path is path_trust.h.)
//
//     gb_path_readers(host, &accounts, path, &info, arena).who  ->  "everybody", "group staff", ""
#ifndef GABION_SOURCE_HOST_PATH_READERS_H
#define GABION_SOURCE_HOST_PATH_READERS_H

#include "source/host/account_file.h"

struct gb_readers {
    struct gb_str who; // "everybody", "group staff"; "" = nobody
    bool people;       // ordinary users (uid 1000 and up) are among them, not services alone
};

// `path` is absolute and without symbolic links on the way, `info` is of the file. A group counts
// only where somebody else than the owner is in it. The answer is in `arena`.
struct gb_readers gb_path_readers(const struct gb_host *host, const struct gb_accounts *accounts,
                                  struct gb_str path, const struct gb_file_info *info,
                                  struct gb_arena *arena);

#endif
