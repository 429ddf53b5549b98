// The store of feeds as its files see it: reading (feed_store.c), writing (feed_put.c).
#ifndef GABION_STORE_FEED_PRIVATE_H
#define GABION_STORE_FEED_PRIVATE_H

#include "base/digest.h"
#include "store/feed/files.h"
#include "store/feed/manifest.h"

#include <fcntl.h>

#define GB_MANIFEST_SUFFIX ".manifest"
enum { GB_MANIFEST_SUFFIX_LEN = sizeof GB_MANIFEST_SUFFIX - 1 };

struct gb_item {
    struct gb_feed_entry entry;
    struct gb_str manifest;     // its text
    struct gb_str shard, texts; // mapped
};

struct gb_feed_store {
    char folder[GB_FEED_PATH_MAX];
    struct gb_arena *arena;
    struct gb_feed_keys keys;
    struct gb_feed_key own; // .key NULL until locked
    int lock;               // -1 = not taken
    struct gb_item *items;
    struct gb_feed_entry *entries; // what callers see
    size_t count;
};

// Reads all manifests again.
GB_MUST_USE int gb_feed_store_load(struct gb_feed_store *store, struct gb_error *err);
void gb_feed_store_unload(struct gb_feed_store *store);
// Fills opened or problem.
void gb_feed_store_map(struct gb_feed_store *store, struct gb_item *item);
GB_MUST_USE int gb_feed_check_file(struct gb_str bytes, const struct gb_feed_file *file,
                                   struct gb_error *err);
GB_MUST_USE int gb_feed_check_shard(struct gb_str bytes, const struct gb_feed_entry *entry,
                                    struct gb_arena *arena, struct gb_shard **ret,
                                    struct gb_error *err);

#endif
