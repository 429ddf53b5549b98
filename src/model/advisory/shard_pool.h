// Runs of bytes, each kept once and known by a number: what the writer of shards gathers strings,
// lists and records in.
#ifndef GABION_MODEL_ADVISORY_SHARD_POOL_H
#define GABION_MODEL_ADVISORY_SHARD_POOL_H

#include "base/str.h"

struct gb_pool {
    struct gb_arena *arena;
    struct gb_str *entries; // count of them, by number
    uint32_t *slots;        // 1-based; 0 = free
    uint32_t count, capacity, slot_count;
};

// The number of `bytes`, which are copied when they are new. GB_E_LIMIT when the arena is full.
GB_MUST_USE int gb_pool_add(struct gb_pool *pool, struct gb_str bytes, uint32_t *ret,
                            struct gb_error *err);

#endif
