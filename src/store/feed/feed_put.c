// Writes the folder of feeds: data first, then the manifest that names it, in one step. Used by
// `gabion feed`.
#include "store/feed/private.h"

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

enum { FILE_NAME_DIGITS = 32 };

int gb_feed_store_lock(struct gb_feed_store *store, struct gb_error *err)
{
    char path[GB_FEED_PATH_MAX];
    if (store->lock >= 0)
        return GB_OK;
    int code = gb_feed_path(path, store->folder, GB_STR("data"), err);
    if (!code)
        code = gb_feed_make_folder(path, 0755, err);
    if (!code)
        code = gb_feed_check_owner(store->folder, err);
    if (!code)
        code = gb_feed_path(path, store->folder, GB_STR("lock"), err);
    if (code)
        return code;
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return gb_error_errno(err, errno, "opening %s", path);
    if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
        int error = errno;
        close(lock);
        return error == EWOULDBLOCK ? gb_error_at(err, GB_E_CONFLICT, store->folder, 0, 0,
                                                  "another import or update is at work here")
                                    : gb_error_errno(err, error, "locking %s", path);
    }
    bool had_own = gb_feed_path(path, store->folder, GB_STR("own.pub"), err) == GB_OK &&
                   faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
    code = gb_feed_key_own(store->folder, &store->own, err);
    if (!code && !had_own)
        code = gb_feed_keys_add_file(&store->keys, path, "own", err);
    if (code) {
        close(lock);
        return code;
    }
    store->lock = lock;
    // What another process wrote before the lock was taken.
    return gb_feed_store_load(store, err);
}

static int need_lock(const struct gb_feed_store *store, struct gb_error *err)
{
    return store->lock >= 0 ? GB_OK
                            : gb_error_set(err, GB_E_INTERNAL, "the feed folder is not locked");
}

// Writes bytes as data/HASH.SUFFIX, unless they are there.
static int put_data(struct gb_feed_store *store, struct gb_str bytes, const char *suffix,
                    struct gb_feed_file *ret, struct gb_error *err)
{
    if (!bytes.len)
        return GB_OK;
    struct gb_str sum;
    int code = gb_digest_hex(GB_SHA256, bytes, store->arena, &sum, err);
    if (code)
        return code;
    *ret = (struct gb_feed_file){
        .file = gb_str_format(store->arena, "%.*s.%s", FILE_NAME_DIGITS, sum.at, suffix),
        .bytes = bytes.len,
        .sha256 = sum,
    };
    char data[GB_FEED_PATH_MAX], path[GB_FEED_PATH_MAX];
    code = gb_feed_path(data, store->folder, GB_STR("data"), err);
    if (!code)
        code = gb_feed_path(path, data, ret->file, err);
    return code ? code : gb_feed_write_file(path, bytes, 0644, err);
}

static int put_manifest(struct gb_feed_store *store, struct gb_str name, struct gb_str text,
                        struct gb_error *err)
{
    char path[GB_FEED_PATH_MAX];
    struct gb_str file = gb_str_format(store->arena, GB_PRI GB_MANIFEST_SUFFIX, GB_ARG(name));
    int code = gb_feed_path(path, store->folder, file, err);
    if (!code)
        code = gb_feed_write_file(path, text, 0644, err);
    return code ? code : gb_feed_store_load(store, err);
}

int gb_feed_store_put(struct gb_feed_store *store, struct gb_shard_writer *writer,
                      const struct gb_shard_description *description, struct gb_error *err)
{
    int code = need_lock(store, err);
    if (code)
        return code;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer shard = gb_buffer(SIZE_MAX / 4);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(SIZE_MAX / 4);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer manifest = gb_buffer(GB_MANIFEST_MAX_BYTES);
    struct gb_feed_entry entry = {
        .name = gb_manifest_name(store->arena, description->feed, description->scope),
        .feed = description->feed,
        .scope = description->scope,
        .content = description->content,
        .data_at = description->data_at,
        .built_at = description->built_at,
        .origin = description->origin,
        .licence = description->licence,
    };
    struct gb_shard *opened;
    bool advisories = description->content == GB_SHARD_ADVISORIES;
    code = gb_shard_writer_finish(writer, &shard, advisories ? &texts : NULL, err);
    struct gb_mark mark = gb_arena_mark(store->arena);
    if (!code)
        code = gb_feed_check_shard(gb_buffer_str(&shard), &entry, store->arena, &opened, err);
    if (!code)
        entry.rows = gb_shard_row_count(opened);
    gb_arena_reset(store->arena, mark);
    if (!code)
        code = put_data(store, gb_buffer_str(&shard), "shard", &entry.shard, err);
    if (!code)
        code = put_data(store, gb_buffer_str(&texts), "texts", &entry.texts, err);
    if (!code)
        code = gb_manifest_write(&entry, &store->own, &manifest, err);
    if (!code)
        code = put_manifest(store, entry.name, gb_buffer_str(&manifest), err);
    return code;
}

int gb_feed_store_read_manifest(const struct gb_feed_store *store, struct gb_str manifest,
                                struct gb_arena *arena, struct gb_feed_entry *ret,
                                struct gb_error *err)
{
    return gb_manifest_read(manifest, &store->keys, arena, ret, err);
}

int gb_feed_store_take(struct gb_feed_store *store, struct gb_str manifest, struct gb_str shard,
                       struct gb_str texts, struct gb_error *err)
{
    struct gb_feed_entry entry;
    int code = need_lock(store, err);
    if (!code)
        code = gb_manifest_read(manifest, &store->keys, store->arena, &entry, err);
    if (!code)
        code = gb_feed_check_file(shard, &entry.shard, err);
    if (!code && entry.texts.file.len)
        code = gb_feed_check_file(texts, &entry.texts, err);
    struct gb_mark mark = gb_arena_mark(store->arena);
    struct gb_shard *opened;
    if (!code)
        code = gb_feed_check_shard(shard, &entry, store->arena, &opened, err);
    gb_arena_reset(store->arena, mark);
    // The names in a manifest are the signer's: ours are made here, so they must be the same.
    struct gb_feed_file file = {0};
    if (!code)
        code = put_data(store, shard, "shard", &file, err);
    if (!code && !gb_str_eq(file.file, entry.shard.file))
        code = gb_error_set(err, GB_E_SYNTAX, "the manifest names its file in another way");
    if (!code && entry.texts.file.len)
        code = put_data(store, texts, "texts", &file, err);
    if (!code && entry.texts.file.len && !gb_str_eq(file.file, entry.texts.file))
        code = gb_error_set(err, GB_E_SYNTAX, "the manifest names its file in another way");
    return code ? code : put_manifest(store, entry.name, manifest, err);
}

static struct gb_item *item_of(const struct gb_feed_store *store, struct gb_str name)
{
    for (size_t i = 0; i < store->count; i++)
        if (gb_str_eq(store->items[i].entry.name, name))
            return &store->items[i];
    return NULL;
}

static int map_data(const struct gb_feed_store *store, const struct gb_feed_file *file,
                    struct gb_str *ret, struct gb_error *err)
{
    char data[GB_FEED_PATH_MAX], path[GB_FEED_PATH_MAX];
    if (!file->file.len)
        return GB_OK;
    int code = gb_feed_path(data, store->folder, GB_STR("data"), err);
    if (!code)
        code = gb_feed_path(path, data, file->file, err);
    return code ? code : gb_feed_map(path, file->bytes, ret, err);
}

int gb_feed_store_adopt(struct gb_feed_store *store, struct gb_feed_store *from,
                        const struct gb_feed_entry *entry, struct gb_error *err)
{
    const struct gb_item *item = item_of(from, entry->name);
    if (!item)
        return gb_error_set(err, GB_E_NOT_FOUND, "there is no " GB_PRI, GB_ARG(entry->name));
    struct gb_str shard = {0}, texts = {0};
    int code = map_data(from, &entry->shard, &shard, err);
    if (!code)
        code = map_data(from, &entry->texts, &texts, err);
    if (!code)
        code = gb_feed_store_take(store, item->manifest, shard, texts, err);
    gb_feed_unmap(&shard);
    gb_feed_unmap(&texts);
    return code;
}

static int export_file(const char *folder, struct gb_str name, struct gb_str bytes,
                       struct gb_error *err)
{
    char path[GB_FEED_PATH_MAX];
    int code = gb_feed_path(path, folder, name, err);
    return code ? code : gb_feed_write_file(path, bytes, 0644, err);
}

static int export_item(struct gb_feed_store *store, const struct gb_item *item, const char *folder,
                       struct gb_error *err)
{
    char data[GB_FEED_PATH_MAX];
    struct gb_str shard = {0}, texts = {0};
    int code = gb_feed_path(data, folder, GB_STR("data"), err);
    if (!code)
        code = map_data(store, &item->entry.shard, &shard, err);
    if (!code)
        code = map_data(store, &item->entry.texts, &texts, err);
    if (!code)
        code = export_file(data, item->entry.shard.file, shard, err);
    if (!code && texts.len)
        code = export_file(data, item->entry.texts.file, texts, err);
    if (!code)
        code = export_file(
            folder,
            gb_str_format(store->arena, GB_PRI GB_MANIFEST_SUFFIX, GB_ARG(item->entry.name)),
            item->manifest, err);
    gb_feed_unmap(&shard);
    gb_feed_unmap(&texts);
    return code;
}

// own.pub of the folder is the one of this machine: what a receiver has to trust.
static int export_key(struct gb_feed_store *store, const char *folder, struct gb_error *err)
{
    char path[GB_FEED_PATH_MAX];
    struct gb_str text;
    struct gb_error absent = {0};
    int code = gb_feed_path(path, store->folder, GB_STR("own.pub"), err);
    if (!code && gb_feed_read_file(path, GB_MANIFEST_MAX_BYTES, store->arena, &text, &absent) == 0)
        code = export_file(folder, GB_STR("signer.pub"), text, err);
    return code;
}

// MANIFESTS names all of them, for those who fetch the folder over HTTP.
static int export_index(struct gb_feed_store *store, const char *folder, struct gb_error *err)
{
    struct gb_str *names;
    size_t count;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer index = gb_buffer(4u << 20);
    int code = gb_feed_list(folder, GB_MANIFEST_SUFFIX, store->arena, &names, &count, err);
    for (size_t i = 0; !code && i < count; i++)
        gb_buffer_print(&index, GB_PRI "\n", GB_ARG(names[i]));
    if (!code && index.failed)
        code = gb_error_set(err, GB_E_LIMIT, "more manifests than can be listed");
    return code ? code : export_file(folder, GB_STR("MANIFESTS"), gb_buffer_str(&index), err);
}

int gb_feed_store_export(struct gb_feed_store *store, const char *folder, size_t *ret,
                         struct gb_error *err)
{
    char data[GB_FEED_PATH_MAX];
    *ret = 0;
    int code = gb_feed_path(data, folder, GB_STR("data"), err);
    if (!code)
        code = gb_feed_make_folder(data, 0755, err);
    if (!code)
        code = gb_feed_store_verify(store, err);
    for (size_t i = 0; !code && i < store->count; i++) {
        if (store->items[i].entry.problem.len)
            continue;
        code = export_item(store, &store->items[i], folder, err);
        *ret += !code;
    }
    if (!code)
        code = export_key(store, folder, err);
    return code ? code : export_index(store, folder, err);
}

static bool is_named(const struct gb_feed_store *store, struct gb_str file)
{
    for (size_t i = 0; i < store->count; i++)
        if (gb_str_eq(store->items[i].entry.shard.file, file) ||
            gb_str_eq(store->items[i].entry.texts.file, file))
            return true;
    return false;
}

int gb_feed_store_sweep(struct gb_feed_store *store, struct gb_error *err)
{
    char data[GB_FEED_PATH_MAX], path[GB_FEED_PATH_MAX];
    struct gb_str *names;
    size_t count;
    int code = need_lock(store, err);
    if (!code)
        code = gb_feed_path(data, store->folder, GB_STR("data"), err);
    if (!code)
        code = gb_feed_list(data, "", store->arena, &names, &count, err);
    for (size_t i = 0; !code && i < count; i++) {
        if (is_named(store, names[i]))
            continue;
        code = gb_feed_path(path, data, names[i], err);
        if (!code && unlink(path) < 0 && errno != ENOENT)
            code = gb_error_errno(err, errno, "removing %s", path);
    }
    return code;
}
