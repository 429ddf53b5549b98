// pack-content TREE OUTPUT: the build's tool. Reads TREE/content/**/*.yaml strictly and writes them
// as the one document that is embedded in the program. A malformed file, kind or control fails the
// build with its place; all are looked at, so that one run shows all that is wrong. Expressions are
// checked by the program itself.
#include "model/content.h"
#include "model/control.h"
#include "model/kind.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILE_BYTES = 4 << 20, PACKED_BYTES = 64 << 20, DEEPEST = 8 };

struct paths {
    struct gb_arena *arena;
    const char **items; // "content/kinds/sshd.yaml"
    size_t count, capacity;
};

static int complain(const struct gb_error *err)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    fprintf(stderr, "pack-content: %s\n", text);
    return -1;
}

static int add_path(struct paths *paths, const char *path)
{
    if (paths->count == paths->capacity) {
        size_t capacity = paths->capacity ? paths->capacity * 2 : 64;
        const char **items = gb_grow_array(paths->arena, (void *)paths->items, paths->capacity,
                                           capacity, sizeof *items);
        if (!items)
            return -1;
        paths->items = items;
        paths->capacity = capacity;
    }
    paths->items[paths->count++] = path;
    return 0;
}

// Adds the YAML files below TREE/folder; anything else with another name is left alone.
static int find_files(struct paths *paths, const char *tree, const char *folder, int depth)
{
    char *full = gb_str_c(paths->arena, gb_str_format(paths->arena, "%s/%s", tree, folder));
    DIR *dir = full && depth < DEEPEST ? opendir(full) : NULL;
    if (!dir && errno == ENOENT && depth == 0)
        return 0; // a tree without content
    if (!dir) {
        fprintf(stderr, "pack-content: cannot read %s/%s\n", tree, folder);
        return -1;
    }
    int code = 0;
    for (struct dirent *entry; code == 0 && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        struct gb_str path = gb_str_format(paths->arena, "%s/%s", folder, entry->d_name);
        struct gb_str whole = gb_str_format(paths->arena, "%s/" GB_PRI, tree, GB_ARG(path));
        struct stat status;
        if (!path.at || !whole.at || stat(whole.at, &status) < 0)
            code = -1;
        else if (S_ISDIR(status.st_mode))
            code = find_files(paths, tree, path.at, depth + 1);
        else if (S_ISREG(status.st_mode) && gb_str_ends(path, GB_STR(".yaml")))
            code = add_path(paths, path.at);
    }
    closedir(dir);
    return code;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_file(struct gb_arena *arena, const char *tree, const char *path, struct gb_str *ret)
{
    struct gb_str whole = gb_str_format(arena, "%s/%s", tree, path);
    FILE *file = whole.at ? fopen(whole.at, "rb") : NULL;
    char *text = gb_alloc(arena, FILE_BYTES);
    size_t len = file && text ? fread(text, 1, FILE_BYTES, file) : 0;
    bool good = file && text && !ferror(file) && len < FILE_BYTES;
    if (file)
        fclose(file);
    if (!good)
        fprintf(stderr, "pack-content: cannot read %s\n", path);
    *ret = (struct gb_str){text, len};
    return good ? 0 : -1;
}

struct documents {
    struct gb_content_document *items;
    size_t count, capacity;
};

static int load_file(struct gb_arena *arena, struct gb_arena *scratch, const char *tree,
                     const char *path, struct documents *all)
{
    struct gb_str text;
    if (read_file(scratch, tree, path, &text) < 0)
        return -1;
    struct gb_content_document *documents;
    size_t count;
    struct gb_error err = {0};
    if (gb_content_load_yaml(text, path, arena, &documents, &count, &err) < 0)
        return complain(&err);
    if (all->count + count > all->capacity) {
        size_t capacity = (all->count + count) * 2;
        struct gb_content_document *items =
            gb_grow_array(arena, all->items, all->capacity, capacity, sizeof *items);
        if (!items)
            return -1;
        all->items = items;
        all->capacity = capacity;
    }
    if (count)
        memcpy(all->items + all->count, documents, count * sizeof *documents);
    all->count += count;
    return 0;
}

// Kinds first: controls refer to them. Gives the number of problems.
static int check_kinds(const struct documents *all, struct gb_kinds *kinds)
{
    int problems = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct gb_content_document *document = &all->items[i];
        struct gb_error err = {0};
        if (gb_str_starts(document->path, GB_STR("content/kinds/")) &&
            gb_kinds_add(kinds, &document->node, document->path, &err) < 0)
            problems -= complain(&err);
    }
    return problems;
}

static int check_control(const struct gb_content_document *document, struct gb_arena *arena,
                         const struct gb_kinds *kinds, struct gb_map *ids)
{
    struct gb_error err = {0};
    struct gb_control *control;
    if (gb_control_read(&document->node, document->path, arena, &control, &err) < 0)
        return complain(&err);
    const char *file = gb_str_c(arena, document->path);
    const struct gb_control *other = gb_map_get(ids, control->id);
    if (other)
        gb_error_at(&err, GB_E_CONFLICT, file, control->line, 0,
                    "the id " GB_PRI " is taken (" GB_PRI ":%u)", GB_ARG(control->id),
                    GB_ARG(other->file), other->line);
    else if (!gb_kinds_find(kinds, control->kind))
        gb_error_at(&err, GB_E_TYPE, file, control->line, 0,
                    GB_PRI ": there is no kind \"" GB_PRI "\"", GB_ARG(control->id),
                    GB_ARG(control->kind));
    else if (gb_map_set(ids, control->id, control) < 0)
        gb_error_set(&err, GB_E_MEMORY, "out of memory");
    return err.code ? complain(&err) : 0;
}

static int check_documents(const struct documents *all, struct gb_arena *arena)
{
    struct gb_kinds kinds = gb_kinds(arena);
    struct gb_map ids = gb_map(arena);
    int problems = check_kinds(all, &kinds);
    for (size_t i = 0; i < all->count; i++)
        if (gb_str_starts(all->items[i].path, GB_STR("content/controls/")))
            problems -= check_control(&all->items[i], arena, &kinds, &ids);
    return problems;
}

static int write_file(const char *path, struct gb_str text)
{
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(text.at, 1, text.len, file) == text.len;
    if (file && fclose(file) != 0)
        good = false;
    if (!good) {
        fprintf(stderr, "pack-content: cannot write %s\n", path);
        remove(path);
    }
    return good ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: pack-content TREE OUTPUT\n", stderr);
        return 2;
    }
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("content", 256u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("file", 2 * FILE_BYTES);
    struct paths paths = {.arena = arena};
    if (!arena || !scratch || find_files(&paths, argv[1], "content", 0) < 0)
        return 1;
    if (paths.count)
        qsort(paths.items, paths.count, sizeof *paths.items, by_name);
    struct documents all = {0};
    int problems = 0;
    for (size_t i = 0; i < paths.count; i++) {
        struct gb_mark mark = gb_arena_mark(scratch);
        if (load_file(arena, scratch, argv[1], paths.items[i], &all) < 0)
            problems++;
        gb_arena_reset(scratch, mark);
    }
    problems += check_documents(&all, arena);
    if (problems)
        return 1;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(PACKED_BYTES);
    struct gb_error err = {0};
    if (gb_content_pack(all.items, all.count, &out, &err) < 0) {
        complain(&err);
        return 1;
    }
    return write_file(argv[2], gb_buffer_str(&out)) < 0 ? 1 : 0;
}
