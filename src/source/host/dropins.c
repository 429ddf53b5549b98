// Configuration directories that mask each other: see dropins.h.
#include "source/host/dropins.h"

#include <stdlib.h>

enum { MAX_FILES = 4096 }; // in one directory

static int compare(const void *left, const void *right)
{
    const struct gb_dropin *a = left, *b = right;
    return gb_str_compare(a->name, b->name);
}

static int add(struct gb_dropins *files, struct gb_str name, struct gb_str path,
               struct gb_arena *arena)
{
    if (!path.at)
        return GB_E_MEMORY;
    if (files->count == files->capacity) {
        size_t wider = files->capacity ? files->capacity * 2 : 8;
        void *grown =
            gb_grow_array(arena, files->items, files->capacity, wider, sizeof *files->items);
        if (!grown)
            return GB_E_MEMORY;
        files->items = grown;
        files->capacity = wider;
    }
    files->items[files->count++] = (struct gb_dropin){name, path};
    return GB_OK;
}

// Names of one directory that no directory before it had.
static int gather(struct gb_dropins *files, const struct gb_host *host, const char *directory,
                  const char *suffix, struct gb_arena *arena)
{
    struct gb_dir_entry *entries;
    size_t entry_count, before = files->count;
    int code = gb_host_list(host, directory, MAX_FILES, arena, &entries, &entry_count, NULL);
    if (code == GB_E_NOT_FOUND || code == GB_E_MEMORY)
        return code == GB_E_MEMORY ? code : GB_OK;
    if (code) {
        files->unlisted = directory;
        files->unlisted_code = code;
        return GB_OK;
    }
    for (size_t i = 0; i < entry_count; i++) {
        struct gb_str name = entries[i].name;
        bool known = !gb_str_ends(name, gb_str_of(suffix)) || name.at[0] == '.';
        for (size_t k = 0; k < before && !known; k++)
            known = gb_str_eq(files->items[k].name, name);
        if (known)
            continue;
        struct gb_str path = gb_str_format(arena, "%s/" GB_PRI, directory, GB_ARG(name));
        if (add(files, name, path, arena))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

int gb_dropins_list(const struct gb_host *host, const char *const *directories,
                    size_t directory_count, const char *suffix, struct gb_arena *arena,
                    struct gb_dropins *ret)
{
    *ret = (struct gb_dropins){0};
    for (size_t i = 0; i < directory_count; i++)
        if (gather(ret, host, directories[i], suffix, arena))
            return GB_E_MEMORY;
    if (ret->count > 1)
        qsort(ret->items, ret->count, sizeof *ret->items, compare);
    return GB_OK;
}

bool gb_dropin_is_mask(const struct gb_host *host, const char *path, struct gb_arena *arena)
{
    struct gb_str target;
    return gb_host_readlink(host, path, arena, &target, NULL) == GB_OK &&
           gb_str_is(target, "/dev/null");
}
