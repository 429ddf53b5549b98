// Builder of document trees; used by the JSON and YAML readers and the packed content.
#include "base/node_builder.h"

#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

static int no_memory(const struct gb_node_builder *b, struct gb_error *err)
{
    return gb_error_at(err, GB_E_MEMORY, b->file, 0, 0, "out of memory reading the document");
}

const struct gb_node *gb_node_builder_container(const struct gb_node_builder *b)
{
    return b->depth ? &b->pending[b->open[b->depth - 1]].value : NULL;
}

bool gb_node_builder_wants_key(const struct gb_node_builder *b)
{
    const struct gb_node *container = gb_node_builder_container(b);
    return container && container->kind == GB_NODE_MAP && !b->has_key;
}

// One more at the end of pending; NULL when out of memory.
static struct gb_node_pair *push(struct gb_node_builder *b)
{
    if (b->count == b->capacity) {
        size_t capacity = b->capacity ? b->capacity * 2 : 64;
        struct gb_node_pair *pending = reallocarray(b->pending, capacity, sizeof *pending);
        if (!pending)
            return NULL;
        b->pending = pending;
        b->capacity = capacity;
    }
    b->pending[b->count] = (struct gb_node_pair){0};
    return &b->pending[b->count++];
}

int gb_node_builder_key(struct gb_node_builder *b, struct gb_str key, uint32_t line,
                        uint32_t column, struct gb_error *err)
{
    assert(gb_node_builder_wants_key(b));
    struct gb_node_pair *pair = push(b);
    if (!pair)
        return no_memory(b, err);
    pair->key = key;
    pair->line = line;
    pair->column = column;
    b->has_key = true;
    return GB_OK;
}

int gb_node_builder_value(struct gb_node_builder *b, const struct gb_node *value,
                          struct gb_error *err)
{
    assert(!gb_node_builder_wants_key(b));
    assert(b->depth || !b->count);
    if (b->nodes >= b->max_nodes)
        return gb_error_at(err, GB_E_LIMIT, b->file, value->line, value->column,
                           "more than %u values", b->max_nodes);
    b->nodes++;
    struct gb_node_pair *pair = b->has_key ? &b->pending[b->count - 1] : push(b);
    if (!pair)
        return no_memory(b, err);
    pair->value = *value;
    b->has_key = false;
    return GB_OK;
}

int gb_node_builder_begin(struct gb_node_builder *b, const struct gb_node *container,
                          struct gb_error *err)
{
    if (b->depth >= b->max_depth)
        return gb_error_at(err, GB_E_LIMIT, b->file, container->line, container->column,
                           "nested deeper than %u levels", b->max_depth);
    int code = gb_node_builder_value(b, container, err);
    if (code)
        return code;
    if (b->depth == b->open_capacity) {
        size_t capacity = b->open_capacity ? b->open_capacity * 2 : 16;
        size_t *open = reallocarray(b->open, capacity, sizeof *open);
        if (!open)
            return no_memory(b, err);
        b->open = open;
        b->open_capacity = capacity;
    }
    b->open[b->depth++] = b->count - 1;
    return GB_OK;
}

static int duplicate(const struct gb_node_builder *b, const struct gb_node_pair *first,
                     const struct gb_node_pair *second, struct gb_error *err)
{
    return gb_error_at(err, GB_E_SYNTAX, b->file, second->line, second->column,
                       "duplicate key \"" GB_PRI "\" (first on line %u)", GB_ARG(second->key),
                       first->line);
}

static int refuse_duplicates(const struct gb_node_builder *b, struct gb_node_pair *pairs,
                             size_t count, struct gb_error *err)
{
    enum { FEW = 16 };
    if (count <= FEW) {
        for (size_t i = 1; i < count; i++)
            for (size_t j = 0; j < i; j++)
                if (gb_str_eq(pairs[i].key, pairs[j].key))
                    return duplicate(b, &pairs[j], &pairs[i], err);
        return GB_OK;
    }
    // A table of its own, given back at once.
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("keys", SIZE_MAX);
    if (!scratch)
        return no_memory(b, err);
    struct gb_map seen = gb_map(scratch);
    for (size_t i = 0; i < count; i++) {
        const struct gb_node_pair *first = gb_map_get(&seen, pairs[i].key);
        if (first)
            return duplicate(b, first, &pairs[i], err);
        if (gb_map_set(&seen, pairs[i].key, &pairs[i]) < 0)
            return no_memory(b, err);
    }
    return GB_OK;
}

int gb_node_builder_end(struct gb_node_builder *b, struct gb_error *err)
{
    assert(b->depth && !b->has_key);
    size_t at = b->open[b->depth - 1];
    struct gb_node *container = &b->pending[at].value;
    struct gb_node_pair *children = &b->pending[at + 1];
    size_t count = b->count - at - 1;
    if (container->kind == GB_NODE_MAP) {
        int code = refuse_duplicates(b, children, count, err);
        if (code)
            return code;
        struct gb_node_pair *pairs = gb_alloc_array(b->arena, count, sizeof *pairs);
        if (!pairs)
            return no_memory(b, err);
        if (count)
            memcpy(pairs, children, count * sizeof *pairs);
        container->map.pairs = pairs;
        container->map.count = count;
    } else {
        struct gb_node *items = gb_alloc_array(b->arena, count, sizeof *items);
        if (!items)
            return no_memory(b, err);
        for (size_t i = 0; i < count; i++)
            items[i] = children[i].value;
        container->list.items = items;
        container->list.count = count;
    }
    b->count = at + 1;
    b->depth--;
    return GB_OK;
}

void gb_node_builder_finish(struct gb_node_builder *b, struct gb_node *ret)
{
    assert(b->count == 1 && !b->depth);
    *ret = b->pending[0].value;
    b->count = 0;
}

void gb_node_builder_free(struct gb_node_builder *b)
{
    free(b->pending);
    free(b->open);
    *b = (struct gb_node_builder){0};
}
