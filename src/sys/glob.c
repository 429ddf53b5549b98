// Pattern by component: each special one multiplies the paths found so far by what its directory
// lists. Used by the readers of configuration files with includes.
#include "sys/glob.h"

#include <stdlib.h>

enum { MAX_COMPONENTS = 64, MAX_ENTRIES = 65536 };

struct paths {
    struct gb_str *items;
    size_t count, capacity;
};

static bool is_special(struct gb_str component)
{
    for (size_t i = 0; i < component.len; i++)
        if (strchr("*?[\\", component.at[i]))
            return true;
    return false;
}

static int add_path(struct gb_arena *arena, struct paths *paths, size_t max_paths,
                    struct gb_str directory, struct gb_str name, struct gb_error *err)
{
    if (paths->count == max_paths)
        return gb_error_set(err, GB_E_LIMIT, "a pattern matches more than %zu files", max_paths);
    if (paths->count == paths->capacity) {
        size_t capacity = paths->capacity ? paths->capacity * 2 : 8;
        struct gb_str *items =
            gb_grow_array(arena, paths->items, paths->capacity, capacity, sizeof *items);
        if (!items)
            return gb_error_set(err, GB_E_MEMORY, "no memory for the files of a pattern");
        paths->items = items;
        paths->capacity = capacity;
    }
    struct gb_str path = gb_str_format(arena, GB_PRI "/" GB_PRI, GB_ARG(directory), GB_ARG(name));
    if (!path.at)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the files of a pattern");
    paths->items[paths->count++] = path;
    return GB_OK;
}

// Adds the entries of one directory that match. A directory that is none, or is not there, has
// none.
static int expand(const struct gb_host *host, struct gb_arena *arena, struct gb_str directory,
                  struct gb_str component, struct paths *paths, size_t max_paths,
                  struct gb_error *err)
{
    const char *path = gb_str_c(arena, directory.len ? directory : GB_STR("/"));
    if (!path)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the files of a pattern");
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(host, path, MAX_ENTRIES, arena, &entries, &count, err);
    if (code == GB_E_DENIED || code == GB_E_LIMIT || code == GB_E_MEMORY)
        return code;
    if (code)
        return GB_OK;
    for (size_t i = 0; i < count; i++) {
        struct gb_str name = entries[i].name;
        if (name.at[0] == '.' && component.at[0] != '.')
            continue;
        if (!gb_str_glob(component, name, true))
            continue;
        code = add_path(arena, paths, max_paths, directory, name, err);
        if (code)
            return code;
    }
    return GB_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return gb_str_compare(*(const struct gb_str *)a, *(const struct gb_str *)b);
}

static void keep_existing(const struct gb_host *host, struct gb_arena *arena, struct paths *paths)
{
    size_t kept = 0;
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = gb_str_c(arena, paths->items[i]);
        struct gb_file_info info;
        if (path && gb_host_stat(host, path, false, &info, NULL) == GB_OK)
            paths->items[kept++] = paths->items[i];
    }
    paths->count = kept;
}

int gb_host_glob(const struct gb_host *host, const char *pattern, size_t max_paths,
                 struct gb_arena *arena, struct gb_str **ret, size_t *ret_count,
                 struct gb_error *err)
{
    struct gb_str rest = gb_str_of(pattern), component;
    struct gb_str *first = gb_alloc(arena, sizeof *first);
    if (!first)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the files of a pattern");
    *first = GB_STR("");
    struct paths now = {.items = first, .count = 1, .capacity = 1};
    int result = GB_OK;
    bool last_is_special = false;
    for (unsigned components = 0; gb_str_next(&rest, '/', &component);) {
        if (component.len == 0)
            continue;
        if (++components > MAX_COMPONENTS)
            return gb_error_at(err, GB_E_LIMIT, pattern, 0, 0, "too many components");
        struct paths next = {0};
        last_is_special = is_special(component);
        for (size_t i = 0; i < now.count; i++) {
            int code = last_is_special
                           ? expand(host, arena, now.items[i], component, &next, max_paths,
                                    result ? NULL : err)
                           : add_path(arena, &next, max_paths, now.items[i], component, err);
            if (code == GB_E_DENIED)
                result = code;
            else if (code)
                return code;
        }
        now = next;
    }
    if (!last_is_special)
        keep_existing(host, arena, &now);
    if (now.count > 1)
        qsort(now.items, now.count, sizeof *now.items, by_bytes);
    *ret = now.items;
    *ret_count = now.count;
    return result;
}
