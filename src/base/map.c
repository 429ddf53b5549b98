// Hash table with open addressing; used by loaders and sources to join by name.
#include "base/map.h"

static uint32_t *slot_of(const struct gb_map *map, struct gb_str key)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = gb_str_hash(key) & mask;; i = (i + 1) & mask) {
        uint32_t index = map->slots[i];
        if (!index || gb_str_eq(map->entries[index - 1].key, key))
            return &map->slots[i];
    }
}

void *gb_map_get(const struct gb_map *map, struct gb_str key)
{
    if (!map->slot_count)
        return NULL;
    uint32_t index = *slot_of(map, key);
    return index ? map->entries[index - 1].value : NULL;
}

static int widen(struct gb_map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 8;
    if (capacity > UINT32_MAX / 2)
        return GB_E_LIMIT;
    struct gb_map_entry *entries =
        gb_grow_array(map->arena, map->entries, map->capacity, capacity, sizeof *entries);
    if (!entries)
        return GB_E_MEMORY;
    map->entries = entries;
    uint32_t *slots = gb_alloc_array(map->arena, capacity * 2, sizeof *slots);
    if (!slots)
        return GB_E_MEMORY;
    map->capacity = capacity;
    map->slots = slots;
    map->slot_count = capacity * 2;
    for (size_t i = 0; i < map->count; i++)
        *slot_of(map, map->entries[i].key) = (uint32_t)(i + 1);
    return GB_OK;
}

int gb_map_set(struct gb_map *map, struct gb_str key, void *value)
{
    if (map->count == map->capacity) {
        int code = widen(map);
        if (code)
            return code;
    }
    uint32_t *slot = slot_of(map, key);
    if (!*slot) {
        map->entries[map->count++].key = key;
        *slot = (uint32_t)map->count;
    }
    map->entries[*slot - 1].value = value;
    return GB_OK;
}
