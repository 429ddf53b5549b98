// Updates from what another machine exported: its signed shards, from a folder or over HTTP(S).
#include "base/printable.h"
#include "cli/feed_update.h"
#include "store/feed/files.h"
#include "store/feed/manifest.h"

#include <unistd.h>

enum { INDEX_MAX = 1 << 20 };

// One file of the entry into a mapping; the file is gone again.
static int fetch_data(struct gb_feed_update *update, struct gb_str base,
                      const struct gb_feed_file *file, struct gb_str *ret, struct gb_error *err)
{
    struct gb_feed_fetched fetched;
    if (!file->file.len)
        return GB_OK;
    struct gb_str url =
        gb_str_format(update->arena, GB_PRI "/data/" GB_PRI, GB_ARG(base), GB_ARG(file->file));
    struct gb_feed_fetch fetch = update->fetch;
    fetch.max_bytes = file->bytes;
    int code = gb_feed_fetch_file(&fetch, url, NULL, false, &fetched, err);
    if (code)
        return code;
    code = gb_feed_map(fetched.path, file->bytes, ret, err);
    unlink(fetched.path);
    return code;
}

static int take_entry(struct gb_feed_update *update, struct gb_str base, struct gb_str file,
                      struct gb_error *err)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(GB_MANIFEST_MAX_BYTES);
    struct gb_feed_entry entry;
    struct gb_str url = gb_str_format(update->arena, GB_PRI "/" GB_PRI, GB_ARG(base), GB_ARG(file));
    struct gb_str shard = {0}, texts = {0};
    bool newer;
    int code = gb_feed_fetch_text(&update->fetch, url, GB_MANIFEST_MAX_BYTES, &text, err);
    if (!code)
        code = gb_feed_store_read_manifest(update->store, gb_buffer_str(&text), update->arena,
                                           &entry, err);
    if (code)
        return code;
    struct gb_str title = gb_feed_title(update->arena, entry.feed, entry.scope);
    if (gb_feed_have(update->store, &entry, &newer)) {
        gb_buffer_print(&update->out, "%-34.*s unchanged%s, data " GB_PRI "\n", GB_ARG(title),
                        newer ? " (what is here is newer)" : "",
                        GB_ARG(gb_feed_age(update->arena, entry.data_at, update->now)));
        update->unchanged++;
        return GB_OK;
    }
    code = fetch_data(update, base, &entry.shard, &shard, err);
    if (!code)
        code = fetch_data(update, base, &entry.texts, &texts, err);
    if (!code)
        code = gb_feed_store_take(update->store, gb_buffer_str(&text), shard, texts, err);
    gb_feed_unmap(&shard);
    gb_feed_unmap(&texts);
    if (code)
        return code;
    gb_buffer_print(&update->out, "%-34.*s %8llu rows, data " GB_PRI ", signed by " GB_PRI "\n",
                    GB_ARG(title), (unsigned long long)entry.rows,
                    GB_ARG(gb_feed_age(update->arena, entry.data_at, update->now)),
                    GB_ARG(gb_printable(update->arena, entry.signer)));
    update->updated++;
    return GB_OK;
}

static bool is_manifest_name(struct gb_str name)
{
    return gb_str_ends(name, GB_STR(".manifest")) && name.len < 256 && name.at[0] != '.' &&
           gb_str_find_char(name, '/') < 0;
}

int gb_feed_update_from(struct gb_feed_update *update, struct gb_str from, struct gb_error *err)
{
    while (from.len > 1 && from.at[from.len - 1] == '/')
        from.len--;
    if (!gb_str_starts(from, GB_STR("http://")) && !gb_str_starts(from, GB_STR("https://"))) {
        struct gb_feed_taken taken = {0};
        int code = gb_feed_adopt_folder(update->invocation, update->store,
                                        gb_str_c(update->arena, from), &update->out, &taken, err);
        update->updated += taken.taken;
        update->unchanged += taken.kept;
        update->failed += taken.refused;
        return code;
    }
    GB_CLEANUP(gb_buffer_free) struct gb_buffer index = gb_buffer(INDEX_MAX);
    struct gb_str url = gb_str_format(update->arena, GB_PRI "/MANIFESTS", GB_ARG(from));
    int code = gb_feed_fetch_text(&update->fetch, url, INDEX_MAX, &index, err);
    struct gb_str rest = gb_buffer_str(&index), name;
    while (!code && gb_str_next(&rest, '\n', &name)) {
        struct gb_error why = {0};
        if (!is_manifest_name(name))
            code = gb_error_set(err, GB_E_SYNTAX, GB_PRI " names no manifests", GB_ARG(url));
        else if (take_entry(update, from, name, &why)) {
            gb_say(GB_PRI " refused: %s%s%s", GB_ARG(gb_printable(update->arena, name)),
                   why.subject, why.subject[0] ? ": " : "", why.reason);
            update->failed++;
        }
    }
    return code;
}
