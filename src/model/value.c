// Values, lists and maps; used by sources, expressions and sinks.
#include "model/value.h"

#include "base/utf8.h"

#include <assert.h>

enum { HASHED_FROM = 12 }; // pairs; smaller maps are searched one by one

struct gb_value gb_string_clean(struct gb_arena *arena, struct gb_str s)
{
    return gb_string(gb_utf8_clean(arena, s));
}

struct gb_map_value *gb_map_new(struct gb_arena *arena)
{
    return gb_alloc(arena, sizeof(struct gb_map_value));
}

struct gb_list *gb_list_new(struct gb_arena *arena)
{
    return gb_alloc(arena, sizeof(struct gb_list));
}

void gb_list_add(struct gb_arena *arena, struct gb_list *list, struct gb_value value)
{
    if (!list)
        return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct gb_value *items =
            gb_grow_array(arena, list->items, list->capacity, capacity, sizeof *items);
        if (!items)
            return;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = value;
}

static uint64_t hash_of(const struct gb_value *key)
{
    switch (key->kind) {
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
        return gb_str_hash(key->string);
    case GB_VALUE_BOOL:
        return key->boolean ? 3 : 5;
    default:
        // Numbers of different kinds may be equal; the expression engine looks each kind up.
        return (key->uinteger + 1) * 0x9e3779b97f4a7c15u;
    }
}

static uint32_t *slot_of(const struct gb_map_value *map, const struct gb_value *key)
{
    size_t mask = map->slot_count - 1;
    for (size_t i = hash_of(key) & mask;; i = (i + 1) & mask) {
        uint32_t index = map->slots[i];
        if (!index || gb_value_equal(&map->pairs[index - 1].key, key))
            return &map->slots[i];
    }
}

static void index_pairs(struct gb_arena *arena, struct gb_map_value *map)
{
    size_t slot_count = map->capacity * 2;
    uint32_t *slots = gb_alloc_array(arena, slot_count, sizeof *slots);
    if (!slots)
        return;
    map->slots = slots;
    map->slot_count = slot_count;
    for (size_t i = 0; i < map->count; i++)
        *slot_of(map, &map->pairs[i].key) = (uint32_t)(i + 1);
}

static struct gb_pair *find_pair(const struct gb_map_value *map, const struct gb_value *key)
{
    if (map->slots) {
        uint32_t index = *slot_of(map, key);
        return index ? &map->pairs[index - 1] : NULL;
    }
    for (size_t i = 0; i < map->count; i++)
        if (gb_value_equal(&map->pairs[i].key, key))
            return &map->pairs[i];
    return NULL;
}

void gb_map_put_key(struct gb_arena *arena, struct gb_map_value *map, struct gb_value key,
                    struct gb_value value)
{
    if (!map)
        return;
    struct gb_pair *there = find_pair(map, &key);
    if (there) {
        there->value = value;
        return;
    }
    if (map->count == map->capacity) {
        // Capacities are powers of two, so that they serve the hash index too.
        size_t capacity = map->capacity ? map->capacity * 2 : 4;
        struct gb_pair *pairs =
            gb_grow_array(arena, map->pairs, map->capacity, capacity, sizeof *pairs);
        if (!pairs)
            return;
        map->pairs = pairs;
        map->capacity = capacity;
        if (capacity > HASHED_FROM)
            index_pairs(arena, map);
    }
    map->pairs[map->count++] = (struct gb_pair){key, value};
    if (map->slots)
        *slot_of(map, &key) = (uint32_t)map->count;
}

void gb_map_put(struct gb_arena *arena, struct gb_map_value *map, struct gb_str key,
                struct gb_value value)
{
    gb_map_put_key(arena, map, gb_string(key), value);
}

const struct gb_value *gb_map_find(const struct gb_map_value *map, struct gb_str key)
{
    if (map->slots) {
        struct gb_value wanted = gb_string(key);
        uint32_t index = *slot_of(map, &wanted);
        return index ? &map->pairs[index - 1].value : NULL;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct gb_value *k = &map->pairs[i].key;
        if (k->kind == GB_VALUE_STRING && gb_str_eq(k->string, key))
            return &map->pairs[i].value;
    }
    return NULL;
}

const struct gb_value *gb_map_find_key(const struct gb_map_value *map, const struct gb_value *key)
{
    const struct gb_pair *pair = find_pair(map, key);
    return pair ? &pair->value : NULL;
}

const struct gb_value *gb_value_get(const struct gb_value *value, const char *key)
{
    if (!value || value->kind != GB_VALUE_MAP)
        return NULL;
    return gb_map_find(value->map, gb_str_of(key));
}

struct gb_str gb_value_str_or(const struct gb_value *value, struct gb_str otherwise)
{
    return value && value->kind == GB_VALUE_STRING ? value->string : otherwise;
}

static bool lists_equal(const struct gb_list *a, const struct gb_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!gb_value_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

static bool maps_equal(const struct gb_map_value *a, const struct gb_map_value *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct gb_pair *other = find_pair(b, &a->pairs[i].key);
        if (!other || !gb_value_equal(&a->pairs[i].value, &other->value))
            return false;
    }
    return true;
}

bool gb_value_equal(const struct gb_value *a, const struct gb_value *b)
{
    if (a->kind != b->kind)
        return false;
    switch ((enum gb_value_kind)a->kind) {
    case GB_VALUE_NULL:
        return true;
    case GB_VALUE_BOOL:
        return a->boolean == b->boolean;
    case GB_VALUE_INT:
        return a->integer == b->integer;
    case GB_VALUE_UINT:
        return a->uinteger == b->uinteger;
    case GB_VALUE_DOUBLE:
        return a->real == b->real;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
    case GB_VALUE_UNKNOWN:
    case GB_VALUE_NOT_APPLICABLE:
    case GB_VALUE_ERROR:
        return gb_str_eq(a->string, b->string);
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
        return a->time.seconds == b->time.seconds && a->time.nanos == b->time.nanos;
    case GB_VALUE_LIST:
        return lists_equal(a->list, b->list);
    case GB_VALUE_MAP:
        return maps_equal(a->map, b->map);
    case GB_VALUE_TYPE:
    case GB_VALUE_OPTIONAL:
    case GB_VALUE_OPAQUE:
        break; // the expression engine compares these itself
    }
    return a->tag == b->tag && a->pointer == b->pointer;
}

static int order(bool less, bool more)
{
    return less ? -1 : more ? 1 : 0;
}

static int compare_lists(const struct gb_list *a, const struct gb_list *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int result = gb_value_compare(&a->items[i], &b->items[i]);
        if (result)
            return result;
    }
    return order(a->count<b->count, a->count> b->count);
}

static int compare_maps(const struct gb_map_value *a, const struct gb_map_value *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int result = gb_value_compare(&a->pairs[i].key, &b->pairs[i].key);
        if (!result)
            result = gb_value_compare(&a->pairs[i].value, &b->pairs[i].value);
        if (result)
            return result;
    }
    return order(a->count<b->count, a->count> b->count);
}

int gb_value_compare(const struct gb_value *a, const struct gb_value *b)
{
    if (a->kind != b->kind)
        return order(a->kind < b->kind, true);
    switch ((enum gb_value_kind)a->kind) {
    case GB_VALUE_NULL:
        return 0;
    case GB_VALUE_BOOL:
        return order(a->boolean<b->boolean, a->boolean> b->boolean);
    case GB_VALUE_INT:
        return order(a->integer<b->integer, a->integer> b->integer);
    case GB_VALUE_UINT:
        return order(a->uinteger<b->uinteger, a->uinteger> b->uinteger);
    case GB_VALUE_DOUBLE:
        return order(a->real<b->real, a->real> b->real);
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
    case GB_VALUE_UNKNOWN:
    case GB_VALUE_NOT_APPLICABLE:
    case GB_VALUE_ERROR:
        return gb_str_compare(a->string, b->string);
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
        if (a->time.seconds != b->time.seconds)
            return order(a->time.seconds < b->time.seconds, true);
        return order(a->time.nanos<b->time.nanos, a->time.nanos> b->time.nanos);
    case GB_VALUE_LIST:
        return compare_lists(a->list, b->list);
    case GB_VALUE_MAP:
        return compare_maps(a->map, b->map);
    case GB_VALUE_TYPE:
    case GB_VALUE_OPTIONAL:
    case GB_VALUE_OPAQUE:
        break;
    }
    return order(a->tag<b->tag, a->tag> b->tag);
}

static struct gb_value copy_list(struct gb_arena *arena, const struct gb_list *list)
{
    struct gb_list *copy = gb_list_new(arena);
    for (size_t i = 0; copy && i < list->count; i++)
        gb_list_add(arena, copy, gb_value_copy(arena, list->items[i]));
    return copy ? gb_list_of(copy) : gb_null();
}

static struct gb_value copy_map(struct gb_arena *arena, const struct gb_map_value *map)
{
    struct gb_map_value *copy = gb_map_new(arena);
    for (size_t i = 0; copy && i < map->count; i++)
        gb_map_put_key(arena, copy, gb_value_copy(arena, map->pairs[i].key),
                       gb_value_copy(arena, map->pairs[i].value));
    return copy ? gb_map_of(copy) : gb_null();
}

struct gb_value gb_value_copy(struct gb_arena *arena, struct gb_value value)
{
    struct gb_value copy = value;
    switch ((enum gb_value_kind)value.kind) {
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
    case GB_VALUE_UNKNOWN:
    case GB_VALUE_NOT_APPLICABLE:
    case GB_VALUE_ERROR:
        copy.string = gb_str_copy(arena, value.string);
        break;
    case GB_VALUE_LIST:
        copy = gb_at(copy_list(arena, value.list), value.origin);
        break;
    case GB_VALUE_MAP:
        copy = gb_at(copy_map(arena, value.map), value.origin);
        break;
    case GB_VALUE_NULL:
    case GB_VALUE_BOOL:
    case GB_VALUE_INT:
    case GB_VALUE_UINT:
    case GB_VALUE_DOUBLE:
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
    case GB_VALUE_TYPE:
    case GB_VALUE_OPTIONAL:
    case GB_VALUE_OPAQUE:
        break;
    }
    return copy;
}

const char *gb_value_kind_name(uint8_t kind)
{
    static const char *const names[] = {
        "null",           "bool",      "int",      "uint",     "double", "string",
        "bytes",          "timestamp", "duration", "list",     "map",    "unknown",
        "not applicable", "error",     "type",     "optional", "opaque",
    };
    return kind < sizeof names / sizeof *names ? names[kind] : "invalid";
}
