// One layer's result: built entry by entry.
#include "source/image/layer.h"

#include "base/printable.h"
#include "source/image/wanted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    IN_MEMORY = 16 << 20, // content up to here is not spooled
    LONGEST_PATH = 4096,
    LARGEST_PROGRAM = 1 << 30, // content that is looked at once
};

struct gb_layer *gb_layer_new(struct gb_arena *arena, struct gb_workspace *workspace,
                              uint32_t *entries_left)
{
    struct gb_layer *layer = gb_alloc(arena, sizeof *layer);
    if (!layer)
        return NULL;
    *layer = (struct gb_layer){
        .arena = arena,
        .workspace = workspace,
        .entries_left = entries_left,
        .by_path = gb_map(arena),
        .language = {.arena = arena},
    };
    return layer;
}

void gb_layer_free(struct gb_layer *layer)
{
    if (!layer)
        return;
    free(layer->marks);
    free(layer->buffer);
    layer->marks = layer->buffer = NULL;
    layer->mark_count = layer->mark_capacity = layer->buffer_size = 0;
}

void gb_layer_problem(struct gb_layer *layer, struct gb_str text)
{
    size_t most = sizeof layer->problems / sizeof *layer->problems;
    if (layer->problem_count == most)
        layer->more_problems++;
    else
        layer->problems[layer->problem_count++] = gb_printable(layer->arena, text);
}

static void problem_with(struct gb_layer *layer, struct gb_str path, const char *what)
{
    char text[600];
    struct gb_str shown = gb_str_sub(path, 0, 400);
    snprintf(text, sizeof text, GB_PRI ": %s", GB_ARG(shown), what);
    gb_layer_problem(layer, gb_str_of(text));
}

// Marks

static int no_memory(struct gb_error *err)
{
    return gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
}

static int add_mark(struct gb_layer *layer, struct gb_str path, unsigned flags,
                    struct gb_error *err)
{
    if (layer->mark_count == layer->mark_capacity) {
        size_t wider = layer->mark_capacity ? layer->mark_capacity * 2 : 1024;
        uint64_t *marks = realloc(layer->marks, wider * sizeof *marks);
        if (!marks)
            return no_memory(err);
        layer->marks = marks;
        layer->mark_capacity = wider;
    }
    layer->marks[layer->mark_count++] = (gb_str_hash(path) & ~(uint64_t)3) | flags;
    return GB_OK;
}

int gb_layer_hide(struct gb_layer *layer, struct gb_str path, struct gb_error *err)
{
    return add_mark(layer, path, GB_LAYER_EXACT | GB_LAYER_SUBTREE, err);
}

int gb_layer_hide_below(struct gb_layer *layer, struct gb_str path, struct gb_error *err)
{
    return add_mark(layer, path, GB_LAYER_SUBTREE, err);
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

void gb_layer_finish(struct gb_layer *layer)
{
    size_t kept = 0;
    if (layer->mark_count)
        qsort(layer->marks, layer->mark_count, sizeof *layer->marks, by_value);
    for (size_t i = 0; i < layer->mark_count; i++) {
        if (kept && (layer->marks[kept - 1] | 3) == (layer->marks[i] | 3))
            layer->marks[kept - 1] |= layer->marks[i];
        else
            layer->marks[kept++] = layer->marks[i];
    }
    layer->mark_count = kept;
    if (kept) {
        uint64_t *exact = realloc(layer->marks, kept * sizeof *exact);
        layer->marks = exact ? exact : layer->marks;
        layer->mark_capacity = kept;
    }
    free(layer->buffer);
    layer->buffer = NULL;
    layer->buffer_size = 0;
}

static unsigned flags_of(const struct gb_layer *layer, struct gb_str path)
{
    uint64_t key = gb_str_hash(path) & ~(uint64_t)3;
    size_t low = 0, high = layer->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (layer->marks[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < layer->mark_count && (layer->marks[low] & ~(uint64_t)3) == key
               ? (unsigned)(layer->marks[low] & 3)
               : 0;
}

bool gb_layer_speaks_of(const struct gb_layer *layer, struct gb_str path)
{
    return (flags_of(layer, path) & GB_LAYER_EXACT) != 0;
}

bool gb_layer_hides(const struct gb_layer *layer, struct gb_str path)
{
    if (!layer->mark_count)
        return false;
    if (flags_of(layer, path) & GB_LAYER_EXACT)
        return true;
    while (path.len > 1) {
        ptrdiff_t slash = gb_str_rfind_char(path, '/');
        path = gb_str_sub(path, 0, slash > 0 ? (size_t)slash : 1);
        if (flags_of(layer, path) & GB_LAYER_SUBTREE)
            return true;
    }
    return false;
}

// Items

static struct gb_layer_item *find_item(const struct gb_layer *layer, struct gb_str path)
{
    uintptr_t number = (uintptr_t)gb_map_get(&layer->by_path, path);
    return number ? &layer->items[number - 1] : NULL;
}

static int add_item(struct gb_layer *layer, const struct gb_layer_item *item, struct gb_error *err)
{
    if (layer->count == layer->capacity) {
        size_t wider = layer->capacity ? layer->capacity * 2 : 64;
        struct gb_layer_item *items =
            gb_grow_array(layer->arena, layer->items, layer->capacity, wider, sizeof *items);
        if (!items)
            return no_memory(err);
        layer->items = items;
        layer->capacity = wider;
    }
    struct gb_layer_item *added = &layer->items[layer->count++];
    *added = *item;
    added->path = gb_str_copy(layer->arena, item->path);
    added->target = gb_str_copy(layer->arena, item->target);
    if (!added->path.at ||
        gb_map_set(&layer->by_path, added->path, (void *)(uintptr_t)layer->count))
        return no_memory(err);
    return GB_OK;
}

// Content: in memory, in the spool file, or behind the entry's own descriptor.
struct content {
    const char *memory; // NULL = fd
    int fd;
    uint64_t size;
};

static int64_t read_memory(void *context, uint64_t offset, void *into, size_t size)
{
    const struct content *content = context;
    if (offset >= content->size)
        return 0;
    size_t left = (size_t)(content->size - offset);
    size = size < left ? size : left;
    memcpy(into, content->memory + offset, size);
    return (int64_t)size;
}

static int64_t read_fd(void *context, uint64_t offset, void *into, size_t size)
{
    const struct content *content = context;
    if (offset > INT64_MAX)
        return 0;
    ssize_t got;
    do
        got = pread(content->fd, into, size, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? GB_E_IO : got;
}

static int grow_buffer(struct gb_layer *layer, size_t size, struct gb_error *err)
{
    if (size <= layer->buffer_size)
        return GB_OK;
    size_t wider = layer->buffer_size ? layer->buffer_size : 64 << 10;
    while (wider < size && wider < IN_MEMORY)
        wider *= 2;
    void *buffer = realloc(layer->buffer, wider);
    if (!buffer)
        return no_memory(err);
    layer->buffer = buffer;
    layer->buffer_size = wider;
    return GB_OK;
}

static int write_at(int fd, uint64_t offset, const void *piece, size_t len, struct gb_error *err)
{
    while (len) {
        ssize_t written = pwrite(fd, piece, len, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return gb_error_errno(err, errno, "cannot write a temporary file");
        piece = (const char *)piece + written;
        offset += (size_t)written;
        len -= (size_t)written;
    }
    return GB_OK;
}

// 1 when the content is there, 0 when it is no program though only programs were asked for.
static int take_content(struct gb_layer *layer, const struct gb_layer_entry *entry, bool programs,
                        struct content *ret, struct gb_error *err)
{
    *ret = (struct content){.fd = -1};
    bool spooled = entry->size > IN_MEMORY;
    const void *piece;
    uint64_t offset = 0;
    int code = GB_OK;
    for (int64_t len; (len = entry->next(entry->context, &piece, &offset, err)) != 0;) {
        if (len < 0)
            return (int)len;
        if (offset > entry->size || (uint64_t)len > entry->size - offset)
            return gb_error_set(err, GB_E_SYNTAX, "more content than its size says");
        // The first piece of a program holds its first four bytes.
        if (programs && !ret->size && (offset || len < 4 || memcmp(piece, "\177ELF", 4) != 0))
            return 0;
        uint64_t end = offset + (uint64_t)len;
        if (spooled && ret->fd < 0)
            code = gb_workspace_spool(layer->workspace, &ret->fd, err);
        else if (!spooled)
            code = grow_buffer(layer, (size_t)end, err);
        if (code)
            return code;
        if (spooled) {
            code = write_at(ret->fd, offset, piece, (size_t)len, err);
            if (code)
                return code;
        } else {
            char *buffer = layer->buffer;
            if (offset > ret->size)
                memset(buffer + ret->size, 0, (size_t)(offset - ret->size));
            memcpy(buffer + offset, piece, (size_t)len);
            ret->memory = buffer;
        }
        if (end > ret->size)
            ret->size = end;
    }
    if (ret->fd < 0 && !ret->memory)
        ret->memory = "";
    return programs && !ret->size ? 0 : 1;
}

static int has_program_magic(int fd)
{
    char head[4];
    return pread(fd, head, 4, 0) == 4 && memcmp(head, "\177ELF", 4) == 0;
}

static int open_content(struct gb_layer *layer, const struct gb_layer_entry *entry, bool programs,
                        struct content *ret, struct gb_error *err)
{
    if (entry->fd < 0)
        return take_content(layer, entry, programs, ret, err);
    *ret = (struct content){.fd = entry->fd, .size = entry->size};
    return programs ? has_program_magic(entry->fd) : 1;
}

// Copies the content into the workspace.
static int keep_content(struct gb_layer *layer, const struct content *content, uint32_t *ret,
                        struct gb_error *err)
{
    struct content whole = *content;
    if (content->fd >= 0 && content->fd != layer->workspace->spool) {
        int code = grow_buffer(layer, 64 << 10, err);
        uint64_t at = 0;
        if (!code)
            code = gb_workspace_spool(layer->workspace, &whole.fd, err);
        while (!code && at < content->size) {
            int64_t got =
                read_fd(&(struct content){.fd = content->fd}, at, layer->buffer, 64 << 10);
            if (got < 0)
                return gb_error_set(err, GB_E_IO, "cannot be read");
            if (!got)
                break;
            code = write_at(whole.fd, at, layer->buffer, (size_t)got, err);
            at += (uint64_t)got;
        }
        if (code)
            return code;
        whole.size = at;
    }
    return whole.fd >= 0
               ? gb_workspace_keep_spool(layer->workspace, whole.size, ret, err)
               : gb_workspace_keep(layer->workspace,
                                   (struct gb_str){whole.memory, (size_t)whole.size}, ret, err);
}

static int read_language(struct gb_layer *layer, struct gb_str path, struct content *content,
                         struct gb_layer_item *item, struct gb_error *err)
{
    struct gb_content_reader reader = {
        .context = content,
        .size = content->size,
        .read_at = content->fd >= 0 ? read_fd : read_memory,
    };
    size_t problems = layer->language.problem_count;
    item->first_package = layer->language.count;
    int code = gb_language_read(&layer->language, path, &reader, err);
    if (code)
        return code;
    item->package_count = layer->language.count - item->first_package;
    for (size_t i = problems; i < layer->language.problem_count; i++) {
        const struct gb_language_problem *problem = &layer->language.problems[i];
        char reason[200];
        snprintf(reason, sizeof reason, GB_PRI, GB_ARG(gb_str_sub(problem->reason, 0, 180)));
        problem_with(layer, problem->path, reason);
    }
    return GB_OK;
}

static int add_regular(struct gb_layer *layer, const struct gb_layer_entry *entry,
                       struct gb_str path, struct gb_error *err)
{
    uint64_t largest = LARGEST_PROGRAM;
    enum gb_wanted wanted = gb_image_wants(path, &largest);
    enum gb_language_interest interest = gb_language_wants(path, entry->mode, entry->size);
    if (wanted == GB_WANTED_NO && interest == GB_LANGUAGE_IGNORE)
        return GB_OK;
    if (entry->size > largest) {
        problem_with(layer, path, "larger than what is read of such a file");
        return GB_OK;
    }
    struct content content;
    struct gb_layer_item item = {
        .path = path, .file = GB_NOT_KEPT, .database = wanted == GB_WANTED_DATABASE};
    bool programs = wanted == GB_WANTED_NO && interest == GB_LANGUAGE_SNIFF;
    int code = open_content(layer, entry, programs, &content, err);
    if (code <= 0)
        return code;
    if (interest != GB_LANGUAGE_IGNORE) {
        code = read_language(layer, path, &content, &item, err);
        if (code)
            return code;
    }
    if (wanted != GB_WANTED_NO) {
        struct gb_error failure = {0};
        if (keep_content(layer, &content, &item.file, &failure)) {
            problem_with(layer, path, failure.reason);
            item.file = GB_NOT_KEPT;
        }
    }
    return item.file == GB_NOT_KEPT && !item.package_count ? GB_OK : add_item(layer, &item, err);
}

// A hard link to a file of the same layer has all that the file has.
static int add_hard_link(struct gb_layer *layer, const struct gb_layer_entry *entry,
                         struct gb_str path, struct gb_error *err)
{
    char buffer[LONGEST_PATH];
    struct gb_str target;
    uint64_t ignored;
    int code = gb_image_clean_path(entry->target, buffer, sizeof buffer, &target);
    if (code) {
        problem_with(layer, path,
                     code == GB_E_RANGE ? "hard link to a place outside of the image"
                                        : "hard link to a path that is too long or too deep");
        return GB_OK;
    }
    if (gb_str_eq(path, target))
        return GB_OK;
    const struct gb_layer_item *there = find_item(layer, target);
    bool wanted = gb_image_wants(path, &ignored) != GB_WANTED_NO ||
                  gb_language_wants(path, entry->mode, 1024) == GB_LANGUAGE_READ;
    if (!wanted && (!there || there->dropped || !there->package_count))
        return GB_OK;
    return add_item(layer,
                    &(struct gb_layer_item){
                        .kind = GB_ITEM_HARD_LINK,
                        .path = path,
                        .target = target,
                        .file = GB_NOT_KEPT,
                        .database = gb_image_wants(path, &ignored) == GB_WANTED_DATABASE,
                    },
                    err);
}

// ".wh.NAME" hides NAME; ".wh..wh..opq" hides all that lower layers have in its directory. Other
// names in ".wh..wh." are of the file system aufs and mean nothing here. 1 = it was one of these.
static int take_whiteout(struct gb_layer *layer, struct gb_str path, struct gb_error *err)
{
    ptrdiff_t slash = gb_str_rfind_char(path, '/');
    struct gb_str name = gb_str_from(path, (size_t)slash + 1);
    if (!gb_str_starts(name, GB_STR(".wh.")))
        return 0;
    struct gb_str folder = gb_str_sub(path, 0, slash > 0 ? (size_t)slash : 1);
    if (gb_str_is(name, ".wh..wh..opq")) {
        int code = gb_layer_hide_below(layer, folder, err);
        return code ? code : 1;
    }
    struct gb_str hidden = gb_str_from(name, 4);
    if (gb_str_starts(name, GB_STR(".wh..wh.")))
        return 1;
    if (!hidden.len || gb_str_is(hidden, ".") || gb_str_is(hidden, "..")) {
        problem_with(layer, path, "a whiteout of nothing");
        return 1;
    }
    char buffer[LONGEST_PATH];
    memcpy(buffer, path.at, (size_t)slash + 1);
    memcpy(buffer + slash + 1, hidden.at, hidden.len);
    int code = gb_layer_hide(layer, (struct gb_str){buffer, (size_t)slash + 1 + hidden.len}, err);
    return code ? code : 1;
}

int gb_layer_add(struct gb_layer *layer, const struct gb_layer_entry *entry, struct gb_error *err)
{
    char buffer[LONGEST_PATH];
    struct gb_str path;
    if (!*layer->entries_left)
        return gb_error_set(err, GB_E_LIMIT, "more entries than an image may have");
    --*layer->entries_left;
    layer->entries++;
    int code = gb_image_clean_path(entry->path, buffer, sizeof buffer, &path);
    if (code) {
        problem_with(layer, entry->path,
                     code == GB_E_RANGE ? "leads out of the image" : "too long or too deep a path");
        return GB_OK;
    }
    if (path.len == 1)
        return GB_OK; // the root itself
    code = take_whiteout(layer, path, err);
    if (code)
        return code < 0 ? code : GB_OK;
    bool directory = entry->type == GB_FILE_DIRECTORY && !entry->hard_link;
    code =
        add_mark(layer, path,
                 directory ? GB_LAYER_EXACT : (unsigned)(GB_LAYER_EXACT | GB_LAYER_SUBTREE), err);
    struct gb_layer_item *earlier = find_item(layer, path);
    if (earlier)
        earlier->dropped = true;
    if (code || directory)
        return code;
    if (entry->hard_link)
        return add_hard_link(layer, entry, path, err);
    if (entry->type == GB_FILE_REGULAR)
        return add_regular(layer, entry, path, err);
    if (entry->type == GB_FILE_LINK && gb_image_wants_link(path))
        return add_item(
            layer,
            &(struct gb_layer_item){
                .kind = GB_ITEM_LINK, .path = path, .target = entry->target, .file = GB_NOT_KEPT},
            err);
    return GB_OK;
}
