// Layers as tar archives, packed or not: two of them out of one input, put on top of each other and
// laid out as a tree. The first two bytes say where the second begins.
#include "source/image/merge.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 256 << 20, ENTRIES = 2000 };

static int64_t next_piece(void *context, const void **ret, struct gb_error *err)
{
    struct gb_str *left = context;
    size_t len = left->len < 512 ? left->len : 512;
    (void)err;
    *ret = left->at;
    *left = gb_str_from(*left, len);
    return (int64_t)len;
}

static void read_layer(struct gb_image_view *view, struct gb_workspace *workspace,
                       uint32_t *entries, struct gb_str bytes, uint32_t index)
{
    struct gb_error err = {0};
    struct gb_image_stream stream = {&bytes, next_piece};
    struct gb_layer *layer = gb_layer_new(view->arena, workspace, entries);
    bool databases;
    if (!layer)
        return;
    layer->unpacked_limit = 4 << 20;
    if (gb_layer_read_tar(layer, &stream, &err) == GB_OK) {
        gb_layer_finish(layer);
        (void)!gb_image_view_add(view, layer, index, &databases, &err);
    }
    gb_layer_free(layer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *where;
    struct stat st;
    struct gb_error err = {0};
    struct gb_workspace workspace = {.spool = -1};
    uint32_t entries = ENTRIES;
    int tree;
    if (!where)
        where = stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp";
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", MEMORY);
    if (!arena || size < 2 || gb_workspace_open(&workspace, where, 1 << 20, 200, &err))
        return 0;
    struct gb_image_view view = gb_image_view(arena);
    struct gb_str bytes = {(const char *)data + 2, size - 2};
    size_t first = ((size_t)data[0] << 8 | data[1]) * 16;
    first = first < bytes.len ? first : bytes.len;
    read_layer(&view, &workspace, &entries, gb_str_sub(bytes, 0, first), 0);
    read_layer(&view, &workspace, &entries, gb_str_from(bytes, first), 1);
    for (size_t i = 0; i < view.count; i++)
        if (!view.items[i].path.len || view.items[i].path.at[0] != '/' ||
            gb_str_contains(view.items[i].path, GB_STR("/../")))
            abort();
    if (gb_workspace_tree(&workspace, "root", &tree, &err) == GB_OK) {
        (void)!gb_image_view_place(&view, &workspace, tree, false, &err);
        close(tree);
    }
    gb_workspace_close(&workspace);
    return 0;
}
