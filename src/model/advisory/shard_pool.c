// A hash table of byte runs; used by the writer of shards.
#include "model/advisory/shard_pool.h"

enum { FIRST_CAPACITY = 256, MOST = 1 << 28 };

static int full(struct gb_error *err)
{
    return gb_error_set(err, GB_E_LIMIT, "the shard needs more memory than allowed");
}

static int widen(struct gb_pool *pool, struct gb_error *err)
{
    uint32_t capacity = pool->capacity ? pool->capacity * 2 : FIRST_CAPACITY;
    if (capacity > MOST)
        return full(err);
    struct gb_str *entries =
        gb_grow_array(pool->arena, pool->entries, pool->capacity, capacity, sizeof *entries);
    uint32_t *slots = gb_alloc_array(pool->arena, (size_t)capacity * 2, sizeof *slots);
    if (!entries || !slots)
        return full(err);
    pool->entries = entries;
    pool->capacity = capacity;
    pool->slots = slots;
    pool->slot_count = capacity * 2;
    for (uint32_t i = 0; i < pool->count; i++) {
        uint64_t at = gb_str_hash(entries[i]);
        while (slots[at & (pool->slot_count - 1)])
            at++;
        slots[at & (pool->slot_count - 1)] = i + 1;
    }
    return GB_OK;
}

int gb_pool_add(struct gb_pool *pool, struct gb_str bytes, uint32_t *ret, struct gb_error *err)
{
    if (pool->count == pool->capacity) {
        int code = widen(pool, err);
        if (code)
            return code;
    }
    uint64_t at = gb_str_hash(bytes);
    for (uint32_t taken; (taken = pool->slots[at & (pool->slot_count - 1)]) != 0; at++)
        if (gb_str_eq(pool->entries[taken - 1], bytes)) {
            *ret = taken - 1;
            return GB_OK;
        }
    struct gb_str copy = gb_str_copy(pool->arena, bytes);
    if (!copy.at && bytes.len)
        return full(err);
    pool->entries[pool->count] = copy;
    pool->slots[at & (pool->slot_count - 1)] = pool->count + 1;
    *ret = pool->count++;
    return GB_OK;
}
