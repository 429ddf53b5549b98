// Arenas: chained blocks that double in size; used by everything that keeps memory.
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct block {
    struct block *before;
    size_t size, used;
    _Alignas(ALIGN) unsigned char data[];
};

struct gb_arena {
    const char *label;
    size_t limit, total;
    struct block *newest;
    bool failed;
};

static size_t fail_countdown;

void gb_arena_fail_at(size_t nth)
{
    fail_countdown = nth;
}

static bool must_fail(void)
{
    return fail_countdown && --fail_countdown == 0;
}

struct gb_arena *gb_arena_new(const char *label, size_t limit_bytes)
{
    struct gb_arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        return NULL;
    arena->label = label;
    arena->limit = limit_bytes;
    return arena;
}

static void drop_newest(struct gb_arena *arena)
{
    struct block *block = arena->newest;
    arena->newest = block->before;
    arena->total -= block->size;
    free(block);
}

void gb_arena_free(struct gb_arena **handle)
{
    struct gb_arena *arena = *handle;
    if (!arena)
        return;
    while (arena->newest)
        drop_newest(arena);
    free(arena);
    *handle = NULL;
}

static struct block *add_block(struct gb_arena *arena, size_t need)
{
#ifdef GB_ARENA_DEBUG
    size_t size = need;
#else
    size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < need)
        size = need;
    if (size > arena->limit - arena->total)
        size = need;
#endif
    if (size > arena->limit - arena->total)
        return NULL;
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        return NULL;
    *block = (struct block){.before = arena->newest, .size = size};
    arena->newest = block;
    arena->total += size;
    return block;
}

void *gb_alloc(struct gb_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGN || must_fail()) {
        arena->failed = true;
        return NULL;
    }
    size_t need = size ? (size + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
#ifdef GB_ARENA_DEBUG
    need = size ? size : 1;
    struct block *block = NULL;
#else
    struct block *block = arena->newest;
#endif
    if (!block || block->size - block->used < need) {
        block = add_block(arena, need);
        if (!block) {
            arena->failed = true;
            return NULL;
        }
    }
    void *piece = block->data + block->used;
    block->used += need;
    memset(piece, 0, need);
    return piece;
}

void *gb_alloc_array(struct gb_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->failed = true;
        return NULL;
    }
    return gb_alloc(arena, bytes);
}

void *gb_grow_array(struct gb_arena *arena, void *old, size_t old_count, size_t new_count,
                    size_t size)
{
    assert(new_count >= old_count);
    size_t bytes;
    if (__builtin_mul_overflow(new_count, size, &bytes) || bytes > SIZE_MAX - ALIGN) {
        arena->failed = true;
        return NULL;
    }
#ifndef GB_ARENA_DEBUG
    struct block *block = arena->newest;
    size_t old_bytes = (old_count * size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t new_bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (old && old_bytes && block && block->used >= old_bytes &&
        (unsigned char *)old == block->data + block->used - old_bytes &&
        new_bytes - old_bytes <= block->size - block->used) {
        memset(block->data + block->used, 0, new_bytes - old_bytes);
        block->used += new_bytes - old_bytes;
        return old;
    }
#endif
    void *piece = gb_alloc(arena, bytes);
    if (piece && old && old_count)
        memcpy(piece, old, old_count * size);
    return piece;
}

struct gb_mark gb_arena_mark(const struct gb_arena *arena)
{
    return (struct gb_mark){
        .block = arena->newest,
        .used = arena->newest ? arena->newest->used : 0,
        .total = arena->total,
    };
}

void gb_arena_reset(struct gb_arena *arena, struct gb_mark mark)
{
    while (arena->newest != mark.block) {
        assert(arena->newest);
        drop_newest(arena);
    }
    if (arena->newest)
        arena->newest->used = mark.used;
    assert(arena->total == mark.total);
}

bool gb_arena_failed(const struct gb_arena *arena)
{
    return arena->failed;
}

size_t gb_arena_used(const struct gb_arena *arena)
{
    return arena->total;
}

const char *gb_arena_label(const struct gb_arena *arena)
{
    return arena->label;
}
