// Runs of bytes, each kept once and known by a number: what the writer of shards gathers strings,
// lists and records in.
#ifndef GABION_MODEL_ADVISORY_SHARD_POOL_H
#define GABION_MODEL_ADVISORY_SHARD_POOL_H

#include "base/str.h"

enum { GB_POOL_RECORDS = 256 };

struct gb_pool {
    struct gb_arena *arena;
    size_t record;          // bytes of each run, where all have as many; else 0
    struct gb_str *entries; // count of them, by number; NULL where there are records
    char **records;         // pieces of GB_POOL_RECORDS
    // Half of the hash above a number, 1-based; 0 = free. Most strangers differ in the hash, so
    // that their bytes are not looked at.
    uint64_t *slots;
    uint32_t count, capacity, slot_count;
    // Short runs of bytes lie one behind the other in pieces of memory that grow.
    char *room;
    size_t left, piece;
};

static inline struct gb_str gb_pool_at(const struct gb_pool *pool, uint32_t number)
{
    if (!pool->record)
        return pool->entries[number];
    const char *piece = pool->records[number / GB_POOL_RECORDS];
    return (struct gb_str){piece + number % GB_POOL_RECORDS * pool->record, pool->record};
}

bool gb_pool_has(const struct gb_pool *pool, struct gb_str bytes);
// The number of `bytes`, which are copied when they are new. GB_E_LIMIT when the arena is full.
GB_MUST_USE int gb_pool_add(struct gb_pool *pool, struct gb_str bytes, uint32_t *ret,
                            struct gb_error *err);

#endif
