// Memory with a named lifetime (process, ruleset, scan, batch, scratch): pieces are taken one by
// one and given back all at once. Each arena has a label and a limit; a failure is sticky, so that
// a builder may check once at its end. Not thread-safe: one arena belongs to one thread at a time.
//
//     GB_CLEANUP(gb_arena_free) struct gb_arena *scan = gb_arena_new("scan", 64u << 20);
//     struct gb_mark mark = gb_arena_mark(scan);
//     ... gb_alloc(scan, n) ...
//     gb_arena_reset(scan, mark);
//
// With -Darena_debug=true every piece is a malloc of its own, so that sanitizers see overruns.
#ifndef GABION_BASE_ARENA_H
#define GABION_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct gb_arena;

// A place to return to. Marks nest.
struct gb_mark {
    void *block;
    size_t used, total;
};

// `label` must outlive the arena. `limit_bytes` bounds all memory that it ever holds at once.
// NULL when out of memory.
struct gb_arena *gb_arena_new(const char *label, size_t limit_bytes);

// Takes the address of the handle (for GB_CLEANUP) and sets it to NULL. NULL is allowed.
void gb_arena_free(struct gb_arena **arena);

// Zeroed, aligned to 16 bytes. NULL (and the sticky failure) beyond the limit. A size of 0 gives a
// valid, empty piece.
void *gb_alloc(struct gb_arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

// As gb_alloc for `count` elements, with the multiplication checked.
void *gb_alloc_array(struct gb_arena *arena, size_t count, size_t size)
    __attribute__((malloc, alloc_size(2, 3)));

// Grows an array that was allocated from this arena, in place where it is the newest piece. The new
// part is zeroed. NULL on failure; `old` stays valid then.
void *gb_grow_array(struct gb_arena *arena, void *old, size_t old_count, size_t new_count,
                    size_t size);

struct gb_mark gb_arena_mark(const struct gb_arena *arena);
void gb_arena_reset(struct gb_arena *arena, struct gb_mark mark);

// True once an allocation failed; stays so until the arena is freed.
bool gb_arena_failed(const struct gb_arena *arena);

size_t gb_arena_used(const struct gb_arena *arena);
const char *gb_arena_label(const struct gb_arena *arena);

// For tests: the Nth allocation from now on (1 = the next one) fails, in every arena. 0 = off.
void gb_arena_fail_at(size_t nth);

#endif
