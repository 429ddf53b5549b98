// Layers put on top of each other, lowest first: what is there at the end, which layer brought each
// package of a language, and a tree of the small files for the sources to read.
#ifndef GABION_SOURCE_IMAGE_MERGE_H
#define GABION_SOURCE_IMAGE_MERGE_H

#include "source/image/layer.h"

struct gb_view_item {
    struct gb_str path; // links on the way are resolved
    enum gb_layer_item_kind kind;
    bool database;
    bool alive;
    uint32_t died_in; // layer, when not alive
    uint32_t file;    // in the workspace, or GB_NOT_KEPT
    struct gb_str target;
    struct gb_language_package *packages; // their .layer is the one that brought them
    size_t package_count;
};

struct gb_image_view {
    struct gb_arena *arena;
    struct gb_view_item *items;
    size_t count, capacity;
    struct gb_map by_path; // -> number of the item + 1
    size_t links;
    struct gb_str *problems; // hard links to content that was not kept
    size_t problem_count, problem_capacity;
};

static inline struct gb_image_view gb_image_view(struct gb_arena *arena)
{
    return (struct gb_image_view){.arena = arena, .by_path = gb_map(arena)};
}

// Puts a finished layer on top. *databases: did it change a package data base?
GB_MUST_USE int gb_image_view_add(struct gb_image_view *view, const struct gb_layer *layer,
                                  uint32_t index, bool *databases, struct gb_error *err);

// Lays the files and links out as a tree (gb_workspace_tree); only package data bases and links
// with `databases`. What cannot be placed is a problem of the view.
GB_MUST_USE int gb_image_view_place(struct gb_image_view *view, struct gb_workspace *workspace,
                                    int tree, bool databases, struct gb_error *err);

#endif
