// A hash table of byte runs; used by the writer of shards.
#include "model/advisory/shard_pool.h"

enum {
    FIRST_CAPACITY = GB_POOL_RECORDS,
    MOST = 1 << 28,
    FIRST_PIECE = 1 << 10,
    LARGEST_PIECE = 64 << 10
};

static int full(struct gb_error *err)
{
    return gb_error_set(err, GB_E_LIMIT, "the shard needs more memory than allowed");
}

static int widen(struct gb_pool *pool, struct gb_error *err)
{
    uint32_t capacity = pool->capacity ? pool->capacity * 2 : FIRST_CAPACITY;
    if (capacity > MOST)
        return full(err);
    struct gb_str *entries = NULL;
    char **records = NULL;
    if (pool->record)
        records = gb_grow_array(pool->arena, pool->records, pool->capacity / GB_POOL_RECORDS,
                                capacity / GB_POOL_RECORDS, sizeof *records);
    else
        entries =
            gb_grow_array(pool->arena, pool->entries, pool->capacity, capacity, sizeof *entries);
    uint64_t *slots = gb_alloc_array(pool->arena, (size_t)capacity * 2, sizeof *slots);
    if ((!entries && !records) || !slots)
        return full(err);
    uint32_t mask = capacity * 2 - 1;
    for (uint32_t i = 0; i < pool->slot_count; i++) {
        uint64_t slot = pool->slots[i];
        uint32_t at = (uint32_t)(slot >> 32);
        while (slot && slots[at & mask])
            at++;
        if (slot)
            slots[at & mask] = slot;
    }
    pool->entries = entries;
    pool->records = records;
    pool->capacity = capacity;
    pool->slots = slots;
    pool->slot_count = capacity * 2;
    return GB_OK;
}

// The slot of `bytes`, or the free one where it would go.
static uint32_t slot_of(const struct gb_pool *pool, struct gb_str bytes, uint32_t hash)
{
    uint32_t at = hash & (pool->slot_count - 1);
    for (uint64_t slot; (slot = pool->slots[at]) != 0; at = (at + 1) & (pool->slot_count - 1))
        if (slot >> 32 == hash && gb_str_eq(gb_pool_at(pool, (uint32_t)slot - 1), bytes))
            break;
    return at;
}

bool gb_pool_has(const struct gb_pool *pool, struct gb_str bytes)
{
    return pool->slot_count && pool->slots[slot_of(pool, bytes, (uint32_t)gb_str_hash(bytes))];
}

// Room for `len` bytes; NULL when the arena is full.
static char *make_room(struct gb_pool *pool, size_t len)
{
    if (len > pool->left) {
        size_t piece = pool->piece ? pool->piece * 2 : FIRST_PIECE;
        if (piece > LARGEST_PIECE)
            piece = LARGEST_PIECE;
        if (len > piece / 4)
            return gb_alloc(pool->arena, len);
        char *room = gb_alloc(pool->arena, piece);
        if (!room)
            return NULL;
        pool->room = room;
        pool->left = pool->piece = piece;
    }
    char *at = pool->room;
    pool->room += len;
    pool->left -= len;
    return at;
}

// Copies a new run to where its number says.
static bool keep(struct gb_pool *pool, struct gb_str bytes)
{
    if (pool->record) {
        char **piece = &pool->records[pool->count / GB_POOL_RECORDS];
        uint32_t at = pool->count % GB_POOL_RECORDS;
        if (at == 0)
            *piece = gb_alloc_array(pool->arena, GB_POOL_RECORDS, pool->record);
        if (*piece)
            memcpy(*piece + at * pool->record, bytes.at, pool->record);
        return *piece != NULL;
    }
    char *copy = bytes.len ? make_room(pool, bytes.len) : NULL;
    if (!copy && bytes.len)
        return false;
    if (copy)
        memcpy(copy, bytes.at, bytes.len);
    pool->entries[pool->count] = (struct gb_str){copy ? copy : "", bytes.len};
    return true;
}

int gb_pool_add(struct gb_pool *pool, struct gb_str bytes, uint32_t *ret, struct gb_error *err)
{
    if (pool->count == pool->capacity) {
        int code = widen(pool, err);
        if (code)
            return code;
    }
    uint32_t hash = (uint32_t)gb_str_hash(bytes);
    uint32_t at = slot_of(pool, bytes, hash);
    if (pool->slots[at]) {
        *ret = (uint32_t)pool->slots[at] - 1;
        return GB_OK;
    }
    if (!keep(pool, bytes))
        return full(err);
    *ret = pool->count++;
    pool->slots[at] = (uint64_t)hash << 32 | pool->count;
    return GB_OK;
}
