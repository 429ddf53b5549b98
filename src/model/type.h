// Types of values: of fields in kind descriptions, and of expressions. Types are immutable and live
// in the arena that they were made in; simple types are shared constants.
#ifndef GABION_MODEL_TYPE_H
#define GABION_MODEL_TYPE_H

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

enum gb_type_kind {
    GB_TYPE_DYN, // anything; checked while evaluating
    GB_TYPE_NULL,
    GB_TYPE_BOOL,
    GB_TYPE_INT,
    GB_TYPE_UINT,
    GB_TYPE_DOUBLE,
    GB_TYPE_STRING,
    GB_TYPE_BYTES,
    GB_TYPE_TIMESTAMP,
    GB_TYPE_DURATION,
    GB_TYPE_LIST,      // .element
    GB_TYPE_MAP,       // .key, .element
    GB_TYPE_RECORD,    // .record: a map with known string keys
    GB_TYPE_TYPE,      // a type as a value; .element is the type, or NULL
    GB_TYPE_OPAQUE,    // .name, .parameters: optional_type, net.IP ...
    GB_TYPE_PARAMETER, // .name: a type variable in a declaration
};

struct gb_record;

struct gb_type {
    uint8_t kind; // enum gb_type_kind
    struct gb_str name;
    const struct gb_type *key, *element;
    const struct gb_record *record;
    const struct gb_type *const *parameters;
    size_t parameter_count;
};

// How a value may be shown.
enum gb_sensitivity {
    GB_PUBLIC,   // may appear anywhere
    GB_INTERNAL, // normal: describes this system
    GB_PERSONAL, // names a person; --redact masks it
    GB_SECRET, // never leaves the collector: such a field holds a kind or a digest, not the secret
};

struct gb_field {
    struct gb_str name, doc;
    const struct gb_type *type;
    bool optional; // may be absent: expressions must guard it
    uint8_t sensitivity;
    const struct gb_str *values; // closed set of strings; NULL = any
    size_t value_count;
};

struct gb_record {
    struct gb_str name; // "sshd", or "sshd.match_block" for a nested one
    struct gb_field *fields;
    size_t field_count;
    struct gb_map by_name; // -> struct gb_field
};

extern const struct gb_type gb_type_dyn, gb_type_null, gb_type_bool, gb_type_int, gb_type_uint,
    gb_type_double, gb_type_string, gb_type_bytes, gb_type_timestamp, gb_type_duration;

const struct gb_type *gb_type_list(struct gb_arena *arena, const struct gb_type *element);
const struct gb_type *gb_type_map(struct gb_arena *arena, const struct gb_type *key,
                                  const struct gb_type *element);
const struct gb_type *gb_type_record(struct gb_arena *arena, const struct gb_record *record);

// NULL when the record has no such field.
const struct gb_field *gb_record_field(const struct gb_record *record, struct gb_str name);
// True when the field has no closed set of values, or `s` is one of them.
bool gb_field_allows(const struct gb_field *field, struct gb_str s);
// The nearest field name for "did you mean"; empty when none is near.
struct gb_str gb_record_nearest(const struct gb_record *record, struct gb_str name);

bool gb_type_equal(const struct gb_type *a, const struct gb_type *b);

// As it is written in kind files and messages: "list(string)", "map(string, int)".
struct gb_str gb_type_text(struct gb_arena *arena, const struct gb_type *type);

#endif
