// What the readers of local storages share: names of images, layers that are directories.
#ifndef GABION_SOURCE_IMAGE_STORAGE_H
#define GABION_SOURCE_IMAGE_STORAGE_H

#include "base/node.h"
#include "source/image/image_private.h"

// How well `name`, as somebody typed it, names an image that is stored as `stored`
// ("docker.io/library/debian:12"): 0 not at all; the higher the better. A name without tag means
// "latest".
unsigned gb_image_name_fits(struct gb_str stored, struct gb_str name);
// Is `name` the whole of a hexadecimal id, or at least its first 6 digits?
bool gb_image_id_fits(struct gb_str id, struct gb_str name);

// Takes a directory as the next layer. `path` is on this machine; `whole` as in layer.h.
GB_MUST_USE int gb_image_take_directory(struct gb_image *image, const char *path, bool whole,
                                        struct gb_error *err);

// A JSON file of this machine, at most 64 MiB, in the image's arena.
GB_MUST_USE int gb_storage_read_json(struct gb_image *image, const char *path, struct gb_node *ret,
                                     struct gb_error *err);
struct gb_str gb_storage_string(const struct gb_node *map, const char *key); // "" = none

#endif
