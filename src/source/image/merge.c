// Puts the results of layers on top of each other.
#include "source/image/merge.h"

#include "source/image/wanted.h"

#include <stdio.h>

enum { LONGEST_PATH = 4096, MOST_LINKS = 40 };

static int no_memory(struct gb_error *err)
{
    return gb_error_set(err, GB_E_MEMORY, "no memory to put layers together");
}

static void add_problem(struct gb_image_view *view, struct gb_str text)
{
    if (view->problem_count == view->problem_capacity) {
        size_t wider = view->problem_capacity ? view->problem_capacity * 2 : 8;
        struct gb_str *problems = gb_grow_array(view->arena, view->problems, view->problem_capacity,
                                                wider, sizeof *problems);
        if (!problems)
            return;
        view->problems = problems;
        view->problem_capacity = wider;
    }
    view->problems[view->problem_count++] = text;
}

static struct gb_view_item *find(const struct gb_image_view *view, struct gb_str path)
{
    uintptr_t number = (uintptr_t)gb_map_get(&view->by_path, path);
    return number ? &view->items[number - 1] : NULL;
}

static const struct gb_view_item *link_at(const struct gb_image_view *view, struct gb_str path)
{
    const struct gb_view_item *item = find(view, path);
    return item && item->alive && item->kind == GB_ITEM_LINK ? item : NULL;
}

// The path with the links on the way to its last component followed, as the kernel would inside of
// the root. A loop or a path that grows too long leaves it as it was.
static struct gb_str resolve(const struct gb_image_view *view, struct gb_str path,
                             char into[LONGEST_PATH])
{
    char rest[LONGEST_PATH], next[LONGEST_PATH];
    size_t len = 0;
    unsigned links = 0;
    if (!view->links || path.len >= sizeof rest)
        return path;
    memcpy(rest, path.at, path.len);
    struct gb_str left = {rest, path.len}, part;
    while (gb_str_next(&left, '/', &part)) {
        if (!part.len || gb_str_is(part, "."))
            continue;
        if (gb_str_is(part, "..")) {
            while (len && into[--len] != '/')
                ;
            continue;
        }
        if (len + part.len + 1 >= LONGEST_PATH)
            return path;
        size_t before = len;
        into[len++] = '/';
        memcpy(into + len, part.at, part.len);
        len += part.len;
        const struct gb_view_item *link =
            left.len ? link_at(view, (struct gb_str){into, len}) : NULL;
        if (!link)
            continue;
        if (++links > MOST_LINKS || link->target.len + left.len + 2 > sizeof next)
            return path;
        memcpy(next, link->target.at, link->target.len);
        next[link->target.len] = '/';
        memcpy(next + link->target.len + 1, left.at, left.len);
        left = (struct gb_str){rest, link->target.len + 1 + left.len};
        memcpy(rest, next, left.len);
        len = link->target.len && link->target.at[0] == '/' ? 0 : before;
    }
    return len ? (struct gb_str){into, len} : path;
}

static bool same_package(const struct gb_language_package *a, const struct gb_language_package *b)
{
    return gb_str_eq(a->name, b->name) && gb_str_eq(a->version, b->version) &&
           gb_str_eq(a->ecosystem, b->ecosystem) && gb_str_eq(a->inside, b->inside);
}

// A file that is written again with the same package in it was brought by the earlier layer.
static void inherit_layers(struct gb_view_item *item, const struct gb_view_item *before)
{
    for (size_t i = 0; i < item->package_count; i++)
        for (size_t j = 0; j < before->package_count; j++)
            if (same_package(&item->packages[i], &before->packages[j])) {
                item->packages[i].layer = before->packages[j].layer;
                break;
            }
}

static int put(struct gb_image_view *view, struct gb_view_item *item, uint32_t layer,
               struct gb_error *err)
{
    struct gb_view_item *before = find(view, item->path);
    if (before) {
        if (before->alive || before->died_in == layer)
            inherit_layers(item, before);
        view->links -= before->alive && before->kind == GB_ITEM_LINK;
        item->path = before->path;
        *before = *item;
    } else {
        if (view->count == view->capacity) {
            size_t wider = view->capacity ? view->capacity * 2 : 256;
            struct gb_view_item *items =
                gb_grow_array(view->arena, view->items, view->capacity, wider, sizeof *items);
            if (!items)
                return no_memory(err);
            view->items = items;
            view->capacity = wider;
        }
        item->path = gb_str_copy(view->arena, item->path);
        view->items[view->count++] = *item;
        if (!item->path.at || gb_map_set(&view->by_path, item->path, (void *)view->count))
            return no_memory(err);
    }
    view->links += item->kind == GB_ITEM_LINK;
    return GB_OK;
}

static int copy_packages(struct gb_image_view *view, const struct gb_language_package *from,
                         size_t count, struct gb_str path, uint32_t layer,
                         struct gb_view_item *item, struct gb_error *err)
{
    if (!count)
        return GB_OK;
    item->packages = gb_alloc_array(view->arena, count, sizeof *item->packages);
    struct gb_str kept = gb_str_copy(view->arena, path);
    if (!item->packages || !kept.at)
        return no_memory(err);
    memcpy(item->packages, from, count * sizeof *from);
    item->package_count = count;
    for (size_t i = 0; i < count; i++) {
        item->packages[i].layer = layer;
        item->packages[i].path = kept;
    }
    return GB_OK;
}

static int add_content(struct gb_image_view *view, const struct gb_layer *layer, uint32_t index,
                       const struct gb_layer_item *from, struct gb_error *err)
{
    char buffer[LONGEST_PATH];
    struct gb_view_item item = {
        .path = resolve(view, from->path, buffer),
        .kind = from->kind,
        .database = from->database,
        .alive = true,
        .file = from->file,
        .target = from->target,
    };
    const struct gb_language_package *packages =
        from->package_count ? layer->language.items + from->first_package : NULL;
    int code = copy_packages(view, packages, from->package_count, item.path, index, &item, err);
    return code ? code : put(view, &item, index, err);
}

static int add_hard_link(struct gb_image_view *view, uint32_t index,
                         const struct gb_layer_item *from, struct gb_error *err)
{
    char buffer[LONGEST_PATH], other[LONGEST_PATH];
    struct gb_str path = resolve(view, from->path, buffer);
    const struct gb_view_item *there = find(view, resolve(view, from->target, other));
    if (!there || !there->alive) {
        add_problem(view, gb_str_format(view->arena,
                                        "layer %u: " GB_PRI " is a hard link to " GB_PRI
                                        ", whose content was not kept",
                                        index, GB_ARG(from->path), GB_ARG(from->target)));
        return GB_OK;
    }
    struct gb_view_item item = *there;
    item.path = path;
    item.database = from->database;
    item.packages = NULL;
    item.package_count = 0;
    int code = copy_packages(view, there->packages, there->package_count, path, index, &item, err);
    return code ? code : put(view, &item, index, err);
}

int gb_image_view_add(struct gb_image_view *view, const struct gb_layer *layer, uint32_t index,
                      bool *databases, struct gb_error *err)
{
    *databases = false;
    for (size_t i = 0; i < view->count; i++) {
        struct gb_view_item *item = &view->items[i];
        if (!item->alive || !gb_layer_hides(layer, item->path))
            continue;
        item->alive = false;
        item->died_in = index;
        view->links -= item->kind == GB_ITEM_LINK;
        *databases |= item->database;
    }
    // Links first: what stands behind them in the same layer was written through them.
    for (int kind = 0; kind < 3; kind++) {
        static const enum gb_layer_item_kind order[] = {GB_ITEM_LINK, GB_ITEM_CONTENT,
                                                        GB_ITEM_HARD_LINK};
        for (size_t i = 0; i < layer->count; i++) {
            const struct gb_layer_item *item = &layer->items[i];
            if (item->dropped || item->kind != order[kind])
                continue;
            *databases |= item->database;
            int code = item->kind == GB_ITEM_HARD_LINK ? add_hard_link(view, index, item, err)
                                                       : add_content(view, layer, index, item, err);
            if (code)
                return code;
        }
    }
    return GB_OK;
}

int gb_image_view_place(struct gb_image_view *view, struct gb_workspace *workspace, int tree,
                        bool databases, struct gb_error *err)
{
    for (int links = 0; links < 2; links++)
        for (size_t i = 0; i < view->count; i++) {
            const struct gb_view_item *item = &view->items[i];
            bool is_link = item->kind == GB_ITEM_LINK;
            char path[LONGEST_PATH];
            struct gb_error failure = {0};
            if (!item->alive || is_link != (links == 1) || (!is_link && item->file == GB_NOT_KEPT))
                continue;
            if (databases && !is_link && !item->database)
                continue;
            snprintf(path, sizeof path, GB_PRI, GB_ARG(item->path));
            int code;
            if (is_link) {
                char *target = gb_str_c(view->arena, item->target);
                if (!target)
                    return no_memory(err);
                code = gb_workspace_place_link(tree, path, target, &failure);
            } else {
                code = gb_workspace_place(workspace, tree, path, item->file, &failure);
            }
            if (code && !databases)
                add_problem(view, gb_str_format(view->arena, GB_PRI ": %s", GB_ARG(item->path),
                                                failure.reason));
        }
    return GB_OK;
}
