// What one layer of an image says, read once from front to back and independent of the layers below
// it: small files that are kept, packages of languages, links, and marks for all that it hides of
// lower layers. Layers are put together by merge.h.
#ifndef GABION_SOURCE_IMAGE_LAYER_H
#define GABION_SOURCE_IMAGE_LAYER_H

#include "base/map.h"
#include "source/image/stream.h"
#include "source/image/workspace.h"
#include "source/language/language.h"
#include "sys/host.h"

enum gb_layer_item_kind {
    GB_ITEM_CONTENT,   // a regular file: kept, or with packages, or both
    GB_ITEM_LINK,      // symbolic
    GB_ITEM_HARD_LINK, // to a path that is wanted or was not seen before it
};

#define GB_NOT_KEPT UINT32_MAX

struct gb_layer_item {
    enum gb_layer_item_kind kind;
    struct gb_str path; // absolute, clean
    bool database;      // of packages
    bool dropped;       // a later entry of the same layer replaced it
    uint32_t file;      // in the workspace, or GB_NOT_KEPT
    struct gb_str target;
    size_t first_package, package_count; // in the layer's language inventory
};

struct gb_layer {
    struct gb_arena *arena;
    struct gb_workspace *workspace;
    uint32_t *entries_left;  // of the image
    uint64_t unpacked_limit; // bytes; 0 = none
    bool digest_unused; // nobody knows what `digest` must be: it is not computed where it costs
    struct gb_layer_item *items;
    size_t count, capacity;
    struct gb_map by_path; // -> number of the item + 1
    // malloc; hash of a path with two flags below it: what a lower layer has there is hidden
    // (EXACT), all that it has below it is hidden (SUBTREE). Sorted by gb_layer_finish.
    uint64_t *marks;
    size_t mark_count, mark_capacity;
    struct gb_language_inventory language;
    struct gb_str digest;      // "sha256:..." of the bytes as stored; "" = not streamed, or unused
    struct gb_str diff_digest; // of the unpacked archive
    uint64_t stored_bytes, unpacked_bytes;
    uint32_t entries;
    struct gb_str last_entry; // that was begun, for messages; in the arena at the end
    struct gb_str problems[8];
    size_t problem_count;
    uint64_t more_problems; // beyond those
    void *buffer;           // malloc; for content
    size_t buffer_size;
};

enum { GB_LAYER_EXACT = 1, GB_LAYER_SUBTREE = 2 };

// A layer to be read into. Free with gb_layer_free; items live in the arena.
struct gb_layer *gb_layer_new(struct gb_arena *arena, struct gb_workspace *workspace,
                              uint32_t *entries_left);
void gb_layer_free(struct gb_layer *layer); // NULL allowed

// One entry. Content comes in pieces, or is there as a descriptor.
struct gb_layer_entry {
    struct gb_str path, target; // as the archive spells them
    enum gb_file_type type;
    bool hard_link;
    uint32_t mode; // 07777
    uint64_t size;
    int fd; // >= 0: the content
    void *context;
    // The next piece and its place in the file (between pieces there are zeros): its size, 0 at the
    // end, or a negative code. May be NULL for what is not regular.
    int64_t (*next)(void *context, const void **piece, uint64_t *offset, struct gb_error *err);
};

// Errors end the layer (no memory, the limit of entries, content that breaks off); what is wrong
// with one entry is a problem of the layer.
GB_MUST_USE int gb_layer_add(struct gb_layer *layer, const struct gb_layer_entry *entry,
                             struct gb_error *err);
// Hides everything below a directory of lower layers.
GB_MUST_USE int gb_layer_hide_below(struct gb_layer *layer, struct gb_str path,
                                    struct gb_error *err);
// Hides a path of lower layers and all below it.
GB_MUST_USE int gb_layer_hide(struct gb_layer *layer, struct gb_str path, struct gb_error *err);
void gb_layer_problem(struct gb_layer *layer, struct gb_str text); // copied
void gb_layer_finish(struct gb_layer *layer);

// After gb_layer_finish: does the layer hide this path of lower layers?
bool gb_layer_hides(const struct gb_layer *layer, struct gb_str path);
// Has the layer an entry, or a whiteout, of exactly this path?
bool gb_layer_speaks_of(const struct gb_layer *layer, struct gb_str path);

// Reads a tar archive, plain or packed with gzip, zstd or xz, to its end. What breaks off is a
// problem of the layer; errors are no memory and a stream that failed.
GB_MUST_USE int gb_layer_read_tar(struct gb_layer *layer, const struct gb_image_stream *stream,
                                  struct gb_error *err);

// Reads a directory that holds what an overlay mounts as one layer: character devices 0:0, .wh.
// files and opaque attributes hide. `whole`: it holds the whole tree (the driver "vfs").
GB_MUST_USE int gb_layer_read_directory(struct gb_layer *layer, int fd, bool whole,
                                        struct gb_error *err);

#endif
