// A hash table from string slices to pointers, in an arena. Keys are not copied: they must live as
// long as the table. Iteration is in order of insertion.
#ifndef GABION_BASE_MAP_H
#define GABION_BASE_MAP_H

#include "base/str.h"

struct gb_map_entry {
    struct gb_str key;
    void *value;
};

struct gb_map {
    struct gb_arena *arena;
    struct gb_map_entry *entries; // count of them, in order of insertion
    uint32_t *slots;              // 1-based indexes into entries; 0 = free
    size_t count, capacity, slot_count;
};

static inline struct gb_map gb_map(struct gb_arena *arena)
{
    return (struct gb_map){.arena = arena};
}

// NULL when absent.
void *gb_map_get(const struct gb_map *map, struct gb_str key);
// Adds or replaces. GB_E_MEMORY beyond the arena's limit.
GB_MUST_USE int gb_map_set(struct gb_map *map, struct gb_str key, void *value);

#endif
