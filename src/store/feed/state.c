// update.json; used by `gabion feed update` and `status`.
#include "store/feed/state.h"

#include "base/json.h"
#include "base/time.h"
#include "store/feed/files.h"

enum { STATE_MAX_BYTES = 4 << 20 };

static struct gb_str text_of(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_STRING ? node->string : GB_STR("");
}

struct gb_feed_url *gb_feed_state_url(struct gb_feed_state *state, struct gb_str url)
{
    for (size_t i = 0; i < state->count; i++)
        if (gb_str_eq(state->urls[i].url, url))
            return &state->urls[i];
    if (state->count == state->capacity) {
        size_t wider = state->capacity ? state->capacity * 2 : 32;
        struct gb_feed_url *urls =
            gb_grow_array(state->arena, state->urls, state->capacity, wider, sizeof *urls);
        if (!urls)
            return NULL;
        state->urls = urls;
        state->capacity = wider;
    }
    struct gb_feed_url *fresh = &state->urls[state->count++];
    *fresh = (struct gb_feed_url){.url = gb_str_copy(state->arena, url)};
    return fresh;
}

static const struct gb_str shard_prefix = GB_STR_INIT("shard:");

int64_t gb_feed_state_checked(const struct gb_feed_state *state, struct gb_str name)
{
    for (size_t i = 0; i < state->count; i++)
        if (gb_str_starts(state->urls[i].url, shard_prefix) &&
            gb_str_eq(gb_str_from(state->urls[i].url, shard_prefix.len), name))
            return state->urls[i].checked_at;
    return 0;
}

void gb_feed_state_set_checked(struct gb_feed_state *state, struct gb_str name, int64_t at)
{
    struct gb_feed_url *shard = gb_feed_state_url(
        state, gb_str_format(state->arena, GB_PRI GB_PRI, GB_ARG(shard_prefix), GB_ARG(name)));
    if (shard)
        shard->checked_at = at;
}

struct gb_feed_state gb_feed_state_load(const struct gb_feed_store *store, struct gb_arena *arena)
{
    struct gb_feed_state state = {.arena = arena};
    char path[GB_FEED_PATH_MAX];
    struct gb_str text;
    struct gb_node map;
    struct gb_error why = {0};
    struct gb_json_limits limits = {.max_bytes = STATE_MAX_BYTES, .max_depth = 8};
    if (gb_feed_path(path, gb_feed_store_folder(store), GB_STR("update.json"), &why) < 0 ||
        gb_feed_read_file(path, STATE_MAX_BYTES, arena, &text, &why) < 0 ||
        gb_json_node(text, path, limits, arena, &map, &why) < 0 || map.kind != GB_NODE_MAP)
        return state;
    const struct gb_node *list = gb_node_get(&map, "urls");
    for (size_t i = 0; list && list->kind == GB_NODE_LIST && i < list->list.count; i++) {
        const struct gb_node *item = &list->list.items[i];
        int32_t nanos;
        if (item->kind != GB_NODE_MAP)
            continue;
        struct gb_feed_url *url = gb_feed_state_url(&state, text_of(item, "url"));
        if (!url)
            break;
        url->etag = text_of(item, "etag");
        url->last_modified = text_of(item, "last_modified");
        url->newest = text_of(item, "newest");
        if (gb_time_parse(text_of(item, "checked_at"), &url->checked_at, &nanos) < 0)
            url->checked_at = 0;
    }
    return state;
}

int gb_feed_state_save(const struct gb_feed_state *state, const struct gb_feed_store *store,
                       struct gb_error *err)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(STATE_MAX_BYTES);
    struct gb_json_writer w = gb_json_writer(&out, 2);
    gb_json_object_begin(&w);
    gb_json_key(&w, "urls");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < state->count; i++) {
        const struct gb_feed_url *url = &state->urls[i];
        char text[GB_TIME_SIZE];
        size_t len = gb_time_text(url->checked_at, 0, text);
        gb_json_object_begin(&w);
        gb_json_field_str(&w, "url", url->url);
        gb_json_field_str(&w, "etag", url->etag);
        gb_json_field_str(&w, "last_modified", url->last_modified);
        gb_json_field_str(&w, "newest", url->newest);
        gb_json_field_str(&w, "checked_at", (struct gb_str){text, len});
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(&out, '\n');
    char path[GB_FEED_PATH_MAX];
    if (out.failed)
        return gb_error_set(err, GB_E_LIMIT, "what updates remember is too large");
    int code = gb_feed_path(path, gb_feed_store_folder(store), GB_STR("update.json"), err);
    return code ? code : gb_feed_write_file(path, gb_buffer_str(&out), 0644, err);
}
