// The value tree: what resources, events and expressions are made of. A value is 24 bytes, passed
// by value; strings, lists and maps point into an arena that outlives it. Values are immutable once
// handed on.
//
// Every value can carry its origin (file and line, command, API path): a number that the collection
// resolves (model/collection.h). It survives selection and copying, so that what an expression
// touched is evidence without further work.
//
// Two kinds say that something is not known. They are values, never errors:
//   unknown          could not be read (no permission, broken file): a verdict on it is "unknown"
//   not applicable   cannot exist here (no live kernel below --root): "not applicable"
#ifndef GABION_MODEL_VALUE_H
#define GABION_MODEL_VALUE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/str.h"

enum gb_value_kind {
    GB_VALUE_NULL,
    GB_VALUE_BOOL,
    GB_VALUE_INT,
    GB_VALUE_UINT,
    GB_VALUE_DOUBLE,
    GB_VALUE_STRING, // UTF-8; bytes that are not are replaced when it is made
    GB_VALUE_BYTES,
    GB_VALUE_TIMESTAMP, // seconds since 1970 UTC and nanoseconds 0..999999999
    GB_VALUE_DURATION,  // seconds and nanoseconds of the same sign
    GB_VALUE_LIST,
    GB_VALUE_MAP,
    GB_VALUE_UNKNOWN,        // .string is the reason
    GB_VALUE_NOT_APPLICABLE, // .string is the reason
    // Only inside the expression engine:
    GB_VALUE_ERROR, // .string is the reason
    GB_VALUE_TYPE,
    GB_VALUE_OPTIONAL,
    GB_VALUE_OPAQUE, // ip, cidr, semver, format and so on
};

struct gb_value;
struct gb_list;
struct gb_map_value;

struct gb_value {
    uint8_t kind; // enum gb_value_kind
    uint8_t flags;
    uint16_t tag;    // of an opaque value: which; otherwise 0
    uint32_t origin; // 0 = none
    union {
        bool boolean;
        int64_t integer;
        uint64_t uinteger;
        double real;
        struct gb_str string; // string, bytes, unknown, not applicable, error
        struct {
            int64_t seconds;
            int32_t nanos;
        } time;
        const struct gb_list *list;
        const struct gb_map_value *map;
        const void *pointer;
    };
};

struct gb_list {
    struct gb_value *items;
    size_t count, capacity;
};

struct gb_pair {
    struct gb_value key, value;
};

// In order of insertion. Keys: bool, int, uint, string (any, inside the expression engine).
struct gb_map_value {
    struct gb_pair *pairs;
    size_t count, capacity;
    uint32_t *slots; // hash index, built when the map grows large; NULL before
    size_t slot_count;
};

static inline struct gb_value gb_null(void)
{
    return (struct gb_value){.kind = GB_VALUE_NULL};
}
static inline struct gb_value gb_bool(bool b)
{
    return (struct gb_value){.kind = GB_VALUE_BOOL, .boolean = b};
}
static inline struct gb_value gb_int(int64_t i)
{
    return (struct gb_value){.kind = GB_VALUE_INT, .integer = i};
}
static inline struct gb_value gb_uint(uint64_t u)
{
    return (struct gb_value){.kind = GB_VALUE_UINT, .uinteger = u};
}
static inline struct gb_value gb_double(double d)
{
    return (struct gb_value){.kind = GB_VALUE_DOUBLE, .real = d};
}
// The slice must be valid UTF-8 (gb_string_clean makes it so) and outlive the value.
static inline struct gb_value gb_string(struct gb_str s)
{
    return (struct gb_value){.kind = GB_VALUE_STRING, .string = s};
}
static inline struct gb_value gb_bytes(struct gb_str s)
{
    return (struct gb_value){.kind = GB_VALUE_BYTES, .string = s};
}
static inline struct gb_value gb_timestamp(int64_t seconds, int32_t nanos)
{
    return (struct gb_value){.kind = GB_VALUE_TIMESTAMP, .time = {seconds, nanos}};
}
static inline struct gb_value gb_duration(int64_t seconds, int32_t nanos)
{
    return (struct gb_value){.kind = GB_VALUE_DURATION, .time = {seconds, nanos}};
}
// `reason` names what could not be read and why: "/etc/shadow: permission denied (needs root)".
static inline struct gb_value gb_unknown(struct gb_str reason)
{
    return (struct gb_value){.kind = GB_VALUE_UNKNOWN, .string = reason};
}
static inline struct gb_value gb_not_applicable(struct gb_str reason)
{
    return (struct gb_value){.kind = GB_VALUE_NOT_APPLICABLE, .string = reason};
}

static inline struct gb_value gb_at(struct gb_value value, uint32_t origin)
{
    value.origin = origin;
    return value;
}

// Copies `s` into the arena as valid UTF-8: each byte that is not part of it becomes U+FFFD.
struct gb_value gb_string_clean(struct gb_arena *arena, struct gb_str s);

// Builders. Memory failures are sticky in the arena: check gb_arena_failed once at the end.
// A new map or list starts empty; `struct gb_map_value *` stays valid while it grows.
struct gb_map_value *gb_map_new(struct gb_arena *arena);
struct gb_list *gb_list_new(struct gb_arena *arena);
void gb_map_put(struct gb_arena *arena, struct gb_map_value *map, struct gb_str key,
                struct gb_value value); // replaces an equal key
void gb_map_put_key(struct gb_arena *arena, struct gb_map_value *map, struct gb_value key,
                    struct gb_value value);
void gb_list_add(struct gb_arena *arena, struct gb_list *list, struct gb_value value);
static inline struct gb_value gb_map_of(const struct gb_map_value *map)
{
    return (struct gb_value){.kind = GB_VALUE_MAP, .map = map};
}
static inline struct gb_value gb_list_of(const struct gb_list *list)
{
    return (struct gb_value){.kind = GB_VALUE_LIST, .list = list};
}

// The value behind a string key, NULL when absent. Linear for small maps, hashed for large ones.
const struct gb_value *gb_map_find(const struct gb_map_value *map, struct gb_str key);
// The same for any key; keys of different kinds differ (1 is not 1u).
const struct gb_value *gb_map_find_key(const struct gb_map_value *map, const struct gb_value *key);
// Of a map value; NULL when it is no map or has no such key.
const struct gb_value *gb_value_get(const struct gb_value *value, const char *key);
// The string, or `otherwise` when the value is NULL or no string.
struct gb_str gb_value_str_or(const struct gb_value *value, struct gb_str otherwise);

// Same kind and same content; maps in any order; NaN differs from NaN. Origins do not count.
bool gb_value_equal(const struct gb_value *a, const struct gb_value *b);

// A stable order over all values (kind first), for sorted output.
int gb_value_compare(const struct gb_value *a, const struct gb_value *b);

// Deep copy into another arena.
struct gb_value gb_value_copy(struct gb_arena *arena, struct gb_value value);

const char *gb_value_kind_name(uint8_t kind);

#endif
