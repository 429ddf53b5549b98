// Strict YAML for documents that people write: the core schema of YAML 1.2 over libyaml's events.
// Refused, each with line and column: aliases and anchors, tags, duplicate keys, keys that are not
// strings, merge keys, more than one document where one is expected, depth and size over the limits
// (libyaml takes quadratic time on nesting).
//
// Scalars: null ~ (empty) | true false | integers (decimal, 0x, 0o) | floats | all else strings. A
// plain scalar that YAML 1.1 would take for something else (yes, no, on, off, a date) is a string.
// A plain number with leading zeros (0640) is refused, because YAML 1.1 and 1.2 read different
// numbers. Directives (a % at the start of a line) are refused.
//
// Columns count characters, as libyaml does.
#ifndef GABION_BASE_YAML_H
#define GABION_BASE_YAML_H

#include "base/node.h"

struct gb_yaml_limits {
    size_t max_bytes;
    uint32_t max_depth, max_nodes;
};
#define GB_YAML_LIMITS_DEFAULT                                                                     \
    ((struct gb_yaml_limits){.max_bytes = 4u << 20, .max_depth = 32, .max_nodes = 200000})

// One document. An empty text gives a null node. `file` is the subject of errors.
GB_MUST_USE int gb_yaml_node(struct gb_str text, const char *file, struct gb_yaml_limits limits,
                             struct gb_arena *arena, struct gb_node *ret, struct gb_error *err);

// All documents of a text.
GB_MUST_USE int gb_yaml_nodes(struct gb_str text, const char *file, struct gb_yaml_limits limits,
                              struct gb_arena *arena, struct gb_node **ret, size_t *ret_count,
                              struct gb_error *err);

#endif
