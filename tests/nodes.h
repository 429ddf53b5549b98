// For tests: are two document trees the same, with or without their places?
#ifndef GABION_TESTS_NODES_H
#define GABION_TESTS_NODES_H

#include "base/node.h"

static inline bool same_place(const struct gb_node *a, const struct gb_node *b)
{
    return a->line == b->line && a->column == b->column && a->text_line == b->text_line &&
           a->text_column == b->text_column;
}

static inline bool same_nodes(const struct gb_node *a, const struct gb_node *b, bool places)
{
    if (a->kind != b->kind || (places && !same_place(a, b)))
        return false;
    switch ((enum gb_node_kind)a->kind) {
    case GB_NODE_NULL:
        return true;
    case GB_NODE_BOOL:
        return a->boolean == b->boolean;
    case GB_NODE_INT:
        return a->integer == b->integer;
    case GB_NODE_UINT:
        return a->uinteger == b->uinteger;
    case GB_NODE_DOUBLE: // bit by bit: -0.0 is not 0.0
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case GB_NODE_STRING:
        return gb_str_eq(a->string, b->string);
    case GB_NODE_LIST:
        if (a->list.count != b->list.count)
            return false;
        for (size_t i = 0; i < a->list.count; i++)
            if (!same_nodes(&a->list.items[i], &b->list.items[i], places))
                return false;
        return true;
    case GB_NODE_MAP:
        break;
    }
    if (a->map.count != b->map.count)
        return false;
    for (size_t i = 0; i < a->map.count; i++) {
        const struct gb_node_pair *x = &a->map.pairs[i], *y = &b->map.pairs[i];
        if (!gb_str_eq(x->key, y->key) || !same_nodes(&x->value, &y->value, places) ||
            (places && (x->line != y->line || x->column != y->column)))
            return false;
    }
    return true;
}

#endif
