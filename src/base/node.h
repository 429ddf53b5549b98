// A document tree with places: what the JSON and YAML readers make of small documents that people
// write (controls, kinds, configuration, exemptions). Each node knows its line and column, so that
// loaders can say where something is wrong. Data (feeds, API answers) uses base/json.h directly.
#ifndef GABION_BASE_NODE_H
#define GABION_BASE_NODE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum gb_node_kind {
    GB_NODE_NULL,
    GB_NODE_BOOL,
    GB_NODE_INT,  // fits int64
    GB_NODE_UINT, // above INT64_MAX
    GB_NODE_DOUBLE,
    GB_NODE_STRING,
    GB_NODE_LIST,
    GB_NODE_MAP, // keys are strings, unique, in order of the text
};

struct gb_node {
    uint8_t kind; // enum gb_node_kind
    // Of a string: the column of its text's first character, behind a quote; of a YAML block
    // scalar: the first column of all its lines. For errors inside the text: gb_node_place.
    uint16_t text_column;
    uint32_t line, column;
    uint32_t text_line; // of a YAML block scalar: line of its first text line; else 0
    union {
        bool boolean;
        int64_t integer;
        uint64_t uinteger;
        double real;
        struct gb_str string;
        struct {
            struct gb_node *items; // count of them
            size_t count;
        } list;
        struct {
            struct gb_node_pair *pairs;
            size_t count;
        } map;
    };
};

struct gb_node_pair {
    struct gb_str key;
    uint32_t line, column; // of the key
    struct gb_node value;
};

// For messages: "string", "integer", "list" ...
const char *gb_node_kind_name(uint8_t kind);

// The place in the file of a place (both 1-based) inside of a string node's text, for errors in
// expressions. Exact for literal block scalars and for one-line scalars without escapes; in a
// folded scalar (>) the line is its first.
void gb_node_place(const struct gb_node *string, uint32_t text_line, uint32_t text_column,
                   uint32_t *line, uint32_t *column);

// NULL when absent or `map` is no map.
const struct gb_node *gb_node_get(const struct gb_node *map, const char *key);

// Typed access to a field of a map, for loaders. Each fails with file:line:column, the path-less
// field name, what was expected and what was found. `ret` is untouched when an optional field is
// absent; a field that is there but null is of the wrong type.
GB_MUST_USE int gb_node_string(const struct gb_node *map, const char *key, bool mandatory,
                               struct gb_str *ret, const char *file, struct gb_error *err);
// A string without the spaces around it, which must not be empty where it is there.
GB_MUST_USE int gb_node_text(const struct gb_node *map, const char *key, bool mandatory,
                             struct gb_str *ret, const char *file, struct gb_error *err);
GB_MUST_USE int gb_node_bool(const struct gb_node *map, const char *key, bool mandatory, bool *ret,
                             const char *file, struct gb_error *err);
GB_MUST_USE int gb_node_int(const struct gb_node *map, const char *key, bool mandatory,
                            int64_t minimum, int64_t maximum, int64_t *ret, const char *file,
                            struct gb_error *err);
GB_MUST_USE int gb_node_double(const struct gb_node *map, const char *key, bool mandatory,
                               double minimum, double maximum, double *ret, const char *file,
                               struct gb_error *err);
// A field of one kind (GB_NODE_LIST, GB_NODE_MAP ...), as it is.
GB_MUST_USE int gb_node_field(const struct gb_node *map, const char *key, bool mandatory,
                              enum gb_node_kind kind, const struct gb_node **ret, const char *file,
                              struct gb_error *err);
// A list of strings, or one string (a list of one). The array is in the arena.
GB_MUST_USE int gb_node_strings(const struct gb_node *map, const char *key, bool mandatory,
                                struct gb_arena *arena, struct gb_str **ret, size_t *ret_count,
                                const char *file, struct gb_error *err);
// `node` must be a map: fails with its place and `what` it should be: "a control".
GB_MUST_USE int gb_node_expect_map(const struct gb_node *node, const char *what, const char *file,
                                   struct gb_error *err);
// Refuses keys outside `known` (count of them, at most 64), naming the nearest.
GB_MUST_USE int gb_node_known_keys(const struct gb_node *map, const char *const *known,
                                   size_t count, const char *file, struct gb_error *err);

#endif
