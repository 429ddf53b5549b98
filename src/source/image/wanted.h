// Which small files of an image are kept for the sources that read a root directory, by path alone.
#ifndef GABION_SOURCE_IMAGE_WANTED_H
#define GABION_SOURCE_IMAGE_WANTED_H

#include "base/str.h"

enum gb_wanted {
    GB_WANTED_NO,
    GB_WANTED_FILE,
    GB_WANTED_DATABASE, // of packages: what tells which layer brought a package
};

// `path` is absolute and clean. *max_bytes: the largest content that is kept.
enum gb_wanted gb_image_wants(struct gb_str path, uint64_t *max_bytes);

// Symbolic links that may lie on the way to such a file, or are one.
bool gb_image_wants_link(struct gb_str path);

// Makes a path of an archive absolute and clean: slashes and dots are folded. Writes into `into`
// (of `size` bytes, NUL behind it). GB_E_RANGE when it leaves the root by "..", GB_E_LIMIT when it
// is too long or more than 64 components deep.
GB_MUST_USE int gb_image_clean_path(struct gb_str raw, char *into, size_t size, struct gb_str *ret);

#endif
