// Opens the folder of feeds: manifests, then the shards that are asked for, mapped. Used by scans
// and by `gabion feed`.
#include "store/feed/feed_store.h"

#include "store/feed/files.h"
#include "store/feed/private.h"
#include "store/feed/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STORE_BYTES = 64 << 20, MOST_TEXT_BYTES = 1 << 30 };

int gb_feed_store_path(bool writing, char *into, size_t size, struct gb_error *err)
{
    static const char *const system = "/var/lib/gabion/feeds";
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int len = snprintf(into, size, "%s", system);
    if (geteuid() != 0) {
        if (data && data[0] == '/')
            len = snprintf(into, size, "%s/gabion/feeds", data);
        else if (home && home[0] == '/')
            len = snprintf(into, size, "%s/.local/share/gabion/feeds", home);
        else if (writing)
            return gb_error_set(err, GB_E_NOT_FOUND, "HOME is not set: where feeds go is unknown");
        bool own =
            len > 0 && (size_t)len < size && faccessat(AT_FDCWD, into, F_OK, AT_EACCESS) == 0;
        if (!writing && !own)
            len = snprintf(into, size, "%s", system);
    }
    return len < 0 || (size_t)len >= size ? gb_error_set(err, GB_E_LIMIT, "a path too long")
                                          : GB_OK;
}

static int load_keys(struct gb_feed_store *store, const struct gb_feed_store_options *options,
                     struct gb_error *err)
{
    char own[GB_FEED_PATH_MAX];
    int code = gb_feed_path(own, store->folder, GB_STR("own.pub"), err);
    if (!code && faccessat(AT_FDCWD, own, F_OK, AT_EACCESS) == 0)
        code = gb_feed_keys_add_file(&store->keys, own, "own", err);
    if (!code)
        code = gb_feed_keys_add_folder(
            &store->keys, options->key_folder ? options->key_folder : "/etc/gabion/feed-keys", err);
    for (size_t i = 0; !code && i < options->trust_count; i++)
        code = gb_feed_keys_add_file(&store->keys, options->trust[i], options->trust[i], err);
    return code;
}

static struct gb_str problem_of(struct gb_arena *arena, const struct gb_error *why)
{
    return gb_str_copy(arena, gb_str_of(why->reason));
}

// The same bytes as before, which were found good: they are not verified again for each shard of an
// import. Keys only become more while a store is open.
static bool load_again(struct gb_str name, struct gb_str text, const struct gb_item *before,
                       size_t before_count, struct gb_item *ret)
{
    for (size_t i = 0; i < before_count; i++)
        if (gb_str_eq(before[i].entry.name, name)) {
            if (before[i].entry.problem.len || !gb_str_eq(before[i].manifest, text))
                return false;
            *ret = (struct gb_item){.entry = before[i].entry, .manifest = before[i].manifest};
            ret->entry.opened = NULL;
            return true;
        }
    return false;
}

static void load_entry(struct gb_feed_store *store, struct gb_str file,
                       const struct gb_item *before, size_t before_count, struct gb_item *item)
{
    char path[GB_FEED_PATH_MAX];
    struct gb_error why = {0};
    struct gb_str text = {0}, name = gb_str_sub(file, 0, file.len - GB_MANIFEST_SUFFIX_LEN);
    struct gb_mark mark = gb_arena_mark(store->arena);
    int code = gb_feed_path(path, store->folder, file, &why);
    if (!code)
        code = gb_feed_read_file(path, GB_MANIFEST_MAX_BYTES, store->arena, &text, &why);
    if (!code && load_again(name, text, before, before_count, item)) {
        gb_arena_reset(store->arena, mark);
        return;
    }
    if (!code)
        code = gb_manifest_read(text, &store->keys, store->arena, &item->entry, &why);
    if (!code && !gb_str_eq(item->entry.name, name))
        code = gb_error_set(&why, GB_E_SYNTAX, "the manifest is that of " GB_PRI,
                            GB_ARG(item->entry.name));
    item->entry.name = name;
    item->manifest = text;
    if (code)
        item->entry.problem = problem_of(store->arena, &why);
}

int gb_feed_store_load(struct gb_feed_store *store, struct gb_error *err)
{
    struct gb_str *names;
    size_t count;
    int code = gb_feed_list(store->folder, GB_MANIFEST_SUFFIX, store->arena, &names, &count, err);
    if (code)
        return code;
    const struct gb_item *before = store->items;
    size_t before_count = store->count;
    gb_feed_store_unload(store);
    store->items = gb_alloc_array(store->arena, count, sizeof *store->items);
    store->entries = gb_alloc_array(store->arena, count, sizeof *store->entries);
    if (!store->items || !store->entries)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the feeds");
    store->count = count;
    struct gb_feed_state state = gb_feed_state_load(store, store->arena);
    for (size_t i = 0; i < count; i++) {
        load_entry(store, names[i], before, before_count, &store->items[i]);
        store->items[i].entry.checked_at =
            gb_feed_state_checked(&state, store->items[i].entry.name);
    }
    return gb_arena_failed(store->arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for the feeds")
                                         : GB_OK;
}

int gb_feed_store_open(const struct gb_feed_store_options *options, struct gb_feed_store **ret,
                       struct gb_error *err)
{
    struct gb_feed_store *store = calloc(1, sizeof *store);
    if (store)
        store->arena = gb_arena_new("feeds", STORE_BYTES);
    if (!store || !store->arena) {
        free(store);
        return gb_error_set(err, GB_E_MEMORY, "no memory for the feeds");
    }
    store->lock = -1;
    int code = GB_OK;
    if (options->path)
        snprintf(store->folder, sizeof store->folder, "%s", options->path);
    else
        code = gb_feed_store_path(false, store->folder, sizeof store->folder, err);
    struct gb_error absent = {0};
    int owner = code ? code : gb_feed_check_owner(store->folder, &absent);
    if (!code && owner && owner != GB_E_NOT_FOUND) {
        *err = absent;
        code = owner;
    }
    if (!code)
        code = load_keys(store, options, err);
    if (!code)
        code = gb_feed_store_load(store, err);
    if (code)
        gb_feed_store_close(&store);
    else
        *ret = store;
    return code;
}

void gb_feed_store_unload(struct gb_feed_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        gb_feed_unmap(&store->items[i].shard);
        gb_feed_unmap(&store->items[i].texts);
    }
    store->count = 0;
}

void gb_feed_store_close(struct gb_feed_store **handle)
{
    struct gb_feed_store *store = *handle;
    if (!store)
        return;
    gb_feed_store_unload(store);
    gb_feed_keys_free(&store->keys);
    gb_feed_key_free(&store->own);
    if (store->lock >= 0)
        close(store->lock);
    gb_arena_free(&store->arena);
    free(store);
    *handle = NULL;
}

const char *gb_feed_store_folder(const struct gb_feed_store *store)
{
    return store->folder;
}

const struct gb_feed_entry *gb_feed_store_entries(const struct gb_feed_store *store, size_t *count)
{
    for (size_t i = 0; i < store->count; i++)
        store->entries[i] = store->items[i].entry;
    *count = store->count;
    return store->entries;
}

int gb_feed_check_file(struct gb_str bytes, const struct gb_feed_file *file, struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("digest", 4096);
    struct gb_str sum;
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a digest");
    if (bytes.len != file->bytes)
        return gb_error_set(err, GB_E_SYNTAX, "its file has %zu bytes and should have %llu",
                            bytes.len, (unsigned long long)file->bytes);
    int code = gb_digest_hex(GB_SHA256, bytes, arena, &sum, err);
    if (!code && !gb_str_eq(sum, file->sha256))
        code = gb_error_set(err, GB_E_SYNTAX, "its file is not the one that was signed (SHA-256)");
    return code;
}

static int map_file(const struct gb_feed_store *store, const struct gb_feed_file *file,
                    struct gb_str *ret, struct gb_error *err)
{
    char path[GB_FEED_PATH_MAX], data[GB_FEED_PATH_MAX];
    int code = gb_feed_path(data, store->folder, GB_STR("data"), err);
    if (!code)
        code = gb_feed_path(path, data, file->file, err);
    if (!code)
        code = gb_feed_map(path, file->bytes, ret, err);
    if (code)
        return code;
    code = gb_feed_check_file(*ret, file, err);
    if (code)
        gb_feed_unmap(ret);
    return code;
}

int gb_feed_check_shard(struct gb_str bytes, const struct gb_feed_entry *entry,
                        struct gb_arena *arena, struct gb_shard **ret, struct gb_error *err)
{
    int code = gb_shard_open(bytes, arena, ret, err);
    if (code)
        return code;
    const struct gb_shard_description *description = gb_shard_describe(*ret);
    if (description->content != entry->content || !gb_str_eq(description->feed, entry->feed) ||
        !gb_str_eq(description->scope, entry->scope))
        return gb_error_set(err, GB_E_SYNTAX, "its shard is of " GB_PRI " " GB_PRI,
                            GB_ARG(description->feed), GB_ARG(description->scope));
    return GB_OK;
}

void gb_feed_store_map(struct gb_feed_store *store, struct gb_item *item)
{
    struct gb_shard *shard = NULL;
    struct gb_error why = {0};
    if (item->entry.problem.len || item->entry.opened)
        return;
    int code = map_file(store, &item->entry.shard, &item->shard, &why);
    if (!code)
        code = gb_feed_check_shard(item->shard, &item->entry, store->arena, &shard, &why);
    if (code)
        item->entry.problem = problem_of(store->arena, &why);
    else
        item->entry.opened = shard;
}

static bool wanted(const struct gb_feed_entry *entry, const struct gb_str *scopes, size_t count)
{
    bool all = !scopes || entry->content != GB_SHARD_ADVISORIES;
    for (size_t i = 0; !all && i < count; i++)
        all = gb_str_eq(entry->scope, scopes[i]);
    return all;
}

int gb_feed_store_shards(struct gb_feed_store *store, const struct gb_str *scopes,
                         size_t scope_count, const struct gb_shard *const **ret, size_t *count,
                         struct gb_error *err)
{
    const struct gb_shard **shards = gb_alloc_array(store->arena, store->count, sizeof *shards);
    if (!shards)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the feeds");
    *count = 0;
    for (size_t i = 0; i < store->count; i++) {
        struct gb_item *item = &store->items[i];
        if (!wanted(&item->entry, scopes, scope_count))
            continue;
        gb_feed_store_map(store, item);
        if (item->entry.opened)
            shards[(*count)++] = item->entry.opened;
    }
    *ret = shards;
    return GB_OK;
}

static int map_texts(const struct gb_feed_store *store, struct gb_item *item, struct gb_error *err)
{
    if (item->texts.at || !item->entry.texts.file.len || item->entry.problem.len)
        return GB_OK;
    return map_file(store, &item->entry.texts, &item->texts, err);
}

int gb_feed_store_text(struct gb_feed_store *store, struct gb_str feed, struct gb_str scope,
                       struct gb_str advisory_id, struct gb_arena *arena,
                       struct gb_advisory_text *ret, struct gb_error *err)
{
    *ret = (struct gb_advisory_text){0};
    for (size_t i = 0; i < store->count; i++) {
        struct gb_item *item = &store->items[i];
        if (!gb_str_eq(item->entry.feed, feed) || !gb_str_eq(item->entry.scope, scope))
            continue;
        int code = map_texts(store, item, err);
        if (code || !item->texts.at)
            return code;
        return gb_shard_text(item->texts, advisory_id, arena, ret, err);
    }
    return GB_OK;
}

int gb_feed_store_verify(struct gb_feed_store *store, struct gb_error *err)
{
    for (size_t i = 0; i < store->count; i++) {
        struct gb_item *item = &store->items[i];
        struct gb_error why = {0};
        gb_feed_store_map(store, item);
        if (map_texts(store, item, &why))
            item->entry.problem = gb_str_format(store->arena, "texts: %s", why.reason);
    }
    return gb_arena_failed(store->arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for the feeds")
                                         : GB_OK;
}
