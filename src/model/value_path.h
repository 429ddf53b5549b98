// The way from a value's root to a part of it, for messages: "match_blocks[0].user". Used by what
// walks values or documents along types. Steps live on the walker's stack.
#ifndef GABION_MODEL_VALUE_PATH_H
#define GABION_MODEL_VALUE_PATH_H

#include "base/str.h"

enum { GB_VALUE_DEEPEST = 64 }; // levels that walkers go down

struct gb_value_path {
    const struct gb_value_path *outer; // NULL: the root's own part
    struct gb_str field;               // .at NULL: a list index
    size_t index;
    unsigned depth;
};

static inline struct gb_value_path gb_value_path_field(const struct gb_value_path *outer,
                                                       struct gb_str field)
{
    return (struct gb_value_path){
        .outer = outer, .field = field, .depth = outer ? outer->depth + 1 : 1};
}

static inline struct gb_value_path gb_value_path_index(const struct gb_value_path *outer,
                                                       size_t index)
{
    return (struct gb_value_path){
        .outer = outer, .index = index, .depth = outer ? outer->depth + 1 : 1};
}

// True where a walker must stop.
static inline bool gb_value_path_too_deep(const struct gb_value_path *path)
{
    return path && path->depth > GB_VALUE_DEEPEST;
}

// As much as fits `size` bytes, with a NUL; "" for NULL.
void gb_value_path_text(const struct gb_value_path *path, char *into, size_t size);

#endif
