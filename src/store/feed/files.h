// Files of the feed folder: read whole, mapped, written in one step.
#ifndef GABION_STORE_FEED_FILES_H
#define GABION_STORE_FEED_FILES_H

#include "base/str.h"

#include <sys/types.h>

enum { GB_FEED_PATH_MAX = 4096 };

// "FOLDER/NAME"; GB_E_LIMIT.
GB_MUST_USE int gb_feed_path(char into[GB_FEED_PATH_MAX], const char *folder, struct gb_str name,
                             struct gb_error *err);
// Is it ours or root's, and not writable by all? GB_E_DENIED otherwise, GB_E_NOT_FOUND.
GB_MUST_USE int gb_feed_check_owner(const char *path, struct gb_error *err);
GB_MUST_USE int gb_feed_read_file(const char *path, size_t max_bytes, struct gb_arena *arena,
                                  struct gb_str *ret, struct gb_error *err);
// A regular file of exactly `bytes`. Unmapped by gb_feed_unmap.
GB_MUST_USE int gb_feed_map(const char *path, uint64_t bytes, struct gb_str *ret,
                            struct gb_error *err);
void gb_feed_unmap(struct gb_str *map);
// Written beside it, synced, and put in its place by renaming.
GB_MUST_USE int gb_feed_write_file(const char *path, struct gb_str bytes, mode_t mode,
                                   struct gb_error *err);
GB_MUST_USE int gb_feed_make_folder(const char *path, mode_t mode, struct gb_error *err);
// Names in a folder that end so, sorted; none where there is no folder.
GB_MUST_USE int gb_feed_list(const char *folder, const char *suffix, struct gb_arena *arena,
                             struct gb_str **ret, size_t *count, struct gb_error *err);

#endif
