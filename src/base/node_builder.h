// Builds gb_node trees from a stream of begin, key, value, end: the one place that the JSON reader,
// the YAML reader and the packed content share. Inside base and model only.
//
//     struct gb_node_builder b = {.arena = arena, .file = file, .max_depth = 32, .max_nodes =
//     1000}; gb_node_builder_begin(&b, &(struct gb_node){.kind = GB_NODE_MAP, .line = 1, .column =
//     1}, err); gb_node_builder_key(&b, key, 1, 2, err); gb_node_builder_value(&b, &node, err);
//     gb_node_builder_end(&b, err);            // duplicate keys are refused here
//     gb_node_builder_finish(&b, &root, err);
//     gb_node_builder_free(&b);                // always
//
// Children are collected on one stack and move into an array of their exact size when their
// container ends. The caller pairs begin and end, and gives a key before each value in a map.
#ifndef GABION_BASE_NODE_BUILDER_H
#define GABION_BASE_NODE_BUILDER_H

#include "base/node.h"

struct gb_node_builder {
    struct gb_arena *arena; // of the tree
    const char *file;       // subject of errors
    uint32_t max_depth, max_nodes;
    // Private:
    struct gb_node_pair *pending; // malloc; open containers and their children so far
    size_t count, capacity;
    size_t *open; // malloc; indexes of the open containers in pending
    size_t depth, open_capacity;
    bool has_key; // pending[count - 1] waits for its value
    size_t nodes;
};

GB_MUST_USE int gb_node_builder_begin(struct gb_node_builder *b, const struct gb_node *container,
                                      struct gb_error *err);
GB_MUST_USE int gb_node_builder_end(struct gb_node_builder *b, struct gb_error *err);
GB_MUST_USE int gb_node_builder_key(struct gb_node_builder *b, struct gb_str key, uint32_t line,
                                    uint32_t column, struct gb_error *err);
GB_MUST_USE int gb_node_builder_value(struct gb_node_builder *b, const struct gb_node *value,
                                      struct gb_error *err);
// The innermost open container, or NULL. While it is open, only its kind and place mean something.
const struct gb_node *gb_node_builder_container(const struct gb_node_builder *b);
// True where the next thing must be a key.
bool gb_node_builder_wants_key(const struct gb_node_builder *b);
// Gives the root, which is complete, and makes the builder ready for another tree (whose values
// count towards the same max_nodes).
void gb_node_builder_finish(struct gb_node_builder *b, struct gb_node *ret);
void gb_node_builder_free(struct gb_node_builder *b);

#endif
