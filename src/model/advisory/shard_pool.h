// Runs of bytes, each kept once and known by a number: what the writer of shards gathers strings,
// lists and records in.
#ifndef GABION_MODEL_ADVISORY_SHARD_POOL_H
#define GABION_MODEL_ADVISORY_SHARD_POOL_H

#include "base/str.h"

struct gb_pool {
    struct gb_arena *arena;
    struct gb_str *entries; // count of them, by number
    // Half of the hash above a number, 1-based; 0 = free. Most strangers differ in the hash, so
    // that their bytes are not looked at.
    uint64_t *slots;
    uint32_t count, capacity, slot_count;
};

bool gb_pool_has(const struct gb_pool *pool, struct gb_str bytes);
// The number of `bytes`, which are copied when they are new. GB_E_LIMIT when the arena is full.
GB_MUST_USE int gb_pool_add(struct gb_pool *pool, struct gb_str bytes, uint32_t *ret,
                            struct gb_error *err);

#endif
