// Routes what importers give to one writer for each feed and scope; used by `gabion feed`.
#include "store/feed/intake.h"

#include "base/map.h"
#include "model/advisory/shard_pool.h"

#include <stdlib.h>

enum { INTAKE_BYTES = 256 << 20, MOST_SHARDS = 4096 };

struct route {
    struct gb_shard_description description;
    struct gb_shard_writer *writer;
    int64_t newest; // of its advisories
};

struct gb_feed_intake {
    struct gb_feed_store *store;
    struct gb_feed_intake_options options;
    struct gb_arena *arena;
    struct gb_map by_key; // "content feed scope" -> route
    struct gb_pool given; // ids of advisories, when merging
    struct gb_str feed;   // of the document at hand
    int64_t data_at;
    bool fixes_only;
    struct route *last; // the same route comes again and again
    struct gb_feed_result *results;
    size_t result_count;
    unsigned per_cent; // of the rows before that are expected
};

static int no_memory(struct gb_error *err)
{
    return gb_error_set(err, GB_E_MEMORY, "no memory to import");
}

int gb_feed_intake_new(struct gb_feed_store *store, const struct gb_feed_intake_options *options,
                       struct gb_feed_intake **ret, struct gb_error *err)
{
    struct gb_feed_intake *intake = calloc(1, sizeof *intake);
    if (intake)
        intake->arena = gb_arena_new("intake", INTAKE_BYTES);
    if (!intake || !intake->arena) {
        free(intake);
        return no_memory(err);
    }
    intake->store = store;
    intake->options = *options;
    intake->options.feed = gb_str_copy(intake->arena, options->feed);
    intake->options.origin = gb_str_copy(intake->arena, options->origin);
    intake->options.licence = gb_str_copy(intake->arena, options->licence);
    if (!intake->options.max_bytes)
        intake->options.max_bytes = 1u << 30;
    intake->by_key = gb_map(intake->arena);
    intake->given.arena = intake->arena;
    *ret = intake;
    return GB_OK;
}

void gb_feed_intake_free(struct gb_feed_intake **handle)
{
    struct gb_feed_intake *intake = *handle;
    if (!intake)
        return;
    for (size_t i = 0; i < intake->by_key.count; i++) {
        struct route *route = intake->by_key.entries[i].value;
        gb_shard_writer_free(&route->writer);
    }
    gb_arena_free(&intake->arena);
    free(intake);
    *handle = NULL;
}

static int add_route(struct gb_feed_intake *intake, enum gb_shard_content content,
                     struct gb_str scope, enum gb_version_scheme scheme, struct gb_str key,
                     struct route **ret, struct gb_error *err)
{
    struct route *route = gb_alloc(intake->arena, sizeof *route);
    struct gb_str copy = gb_str_copy(intake->arena, key);
    if (!route || !copy.at)
        return no_memory(err);
    if (intake->by_key.count == MOST_SHARDS)
        return gb_error_set(err, GB_E_LIMIT, "more than %d shards", MOST_SHARDS);
    route->description = (struct gb_shard_description){
        .content = content,
        .feed = gb_str_copy(intake->arena, intake->feed),
        .scope = gb_str_copy(intake->arena, scope),
        .scheme = scheme,
        .built_at = intake->options.now,
        .origin = intake->options.origin,
        .licence = intake->options.licence,
        .complete_fixes = !intake->fixes_only,
    };
    int code =
        gb_shard_writer_new(&route->description, intake->options.max_bytes, &route->writer, err);
    if (!code)
        code = gb_map_set(&intake->by_key, copy, route);
    if (code)
        gb_shard_writer_free(&route->writer);
    *ret = route;
    return code;
}

static int find_route(struct gb_feed_intake *intake, enum gb_shard_content content,
                      struct gb_str scope, enum gb_version_scheme scheme, struct route **ret,
                      struct gb_error *err)
{
    struct route *last = intake->last;
    int code = GB_OK;
    if (!last || last->description.content != content ||
        !gb_str_eq(last->description.scope, scope) ||
        !gb_str_eq(last->description.feed, intake->feed)) {
        struct gb_mark mark = gb_arena_mark(intake->arena);
        struct gb_str key = gb_str_format(intake->arena, "%d " GB_PRI " " GB_PRI, (int)content,
                                          GB_ARG(intake->feed), GB_ARG(scope));
        if (!key.at)
            return no_memory(err);
        last = gb_map_get(&intake->by_key, key);
        if (last)
            gb_arena_reset(intake->arena, mark);
        else
            code = add_route(intake, content, scope, scheme, key, &last, err);
    }
    if (code || !last)
        return code ? code : no_memory(err);
    if (intake->data_at > last->description.data_at)
        last->description.data_at = intake->data_at;
    intake->last = *ret = last;
    return GB_OK;
}

static int on_document(void *context, const struct gb_advisory_document *document,
                       struct gb_error *err)
{
    struct gb_feed_intake *intake = context;
    struct gb_str feed = intake->options.feed.len ? intake->options.feed : document->feed;
    if (!gb_str_eq(feed, intake->feed)) {
        intake->feed = gb_str_copy(intake->arena, feed);
        if (!intake->feed.at)
            return no_memory(err);
    }
    intake->data_at = document->data_at;
    intake->fixes_only = document->fixes_only;
    return GB_OK;
}

static bool seen_before(const struct gb_affected *affected, size_t at)
{
    // Scopes come in runs: the one before is the likely one.
    for (size_t i = at; i > 0; i--)
        if (gb_str_eq(affected[i - 1].scope, affected[at].scope))
            return true;
    return false;
}

static bool is_wanted(const struct gb_feed_intake *intake, struct gb_str scope)
{
    bool wanted = !intake->options.scopes;
    for (size_t i = 0; !wanted && i < intake->options.scope_count; i++)
        wanted = gb_str_eq(intake->options.scopes[i], scope);
    return wanted;
}

static int on_advisory(void *context, const struct gb_advisory *advisory, struct gb_error *err)
{
    struct gb_feed_intake *intake = context;
    uint32_t number;
    int code =
        intake->options.merge ? gb_pool_add(&intake->given, advisory->id, &number, err) : GB_OK;
    for (size_t i = 0; !code && i < advisory->affected_count; i++) {
        const struct gb_affected *affected = &advisory->affected[i];
        struct route *route;
        if (!is_wanted(intake, affected->scope) || seen_before(advisory->affected, i))
            continue;
        code =
            find_route(intake, GB_SHARD_ADVISORIES, affected->scope, affected->scheme, &route, err);
        if (!code)
            code = gb_shard_writer_advisory(route->writer, advisory, err);
        if (!code && advisory->modified_at > route->newest)
            route->newest = advisory->modified_at;
    }
    return code;
}

static void leave_out(struct gb_feed_intake *intake, struct gb_str why)
{
    if (intake->options.left_out)
        intake->options.left_out(intake->options.context, why);
}

static int on_exploit(void *context, const struct gb_exploit_facts *facts, struct gb_error *err)
{
    struct gb_feed_intake *intake = context;
    struct route *route;
    struct gb_error why = {0};
    int code = find_route(intake, GB_SHARD_EXPLOITS, GB_STR(""), GB_VERSION_NONE, &route, err);
    if (code)
        return code;
    code = gb_shard_writer_exploit(route->writer, facts, &why);
    if (code == GB_E_TYPE) {
        leave_out(intake, gb_str_of(why.reason));
        return GB_OK;
    }
    if (code)
        *err = why;
    return code;
}

static int on_lifecycle(void *context, const struct gb_lifecycle *lifecycle, struct gb_error *err)
{
    struct gb_feed_intake *intake = context;
    struct route *route;
    int code = find_route(intake, GB_SHARD_LIFECYCLES, GB_STR(""), GB_VERSION_NONE, &route, err);
    return code ? code : gb_shard_writer_lifecycle(route->writer, lifecycle, err);
}

static void on_left_out(void *context, struct gb_str why)
{
    leave_out(context, why);
}

struct gb_advisory_sink gb_feed_intake_sink(struct gb_feed_intake *intake)
{
    return (struct gb_advisory_sink){
        .context = intake,
        .document = on_document,
        .advisory = on_advisory,
        .exploit = on_exploit,
        .lifecycle = on_lifecycle,
        .left_out = on_left_out,
    };
}

// --- Merging with what is there ---

static const struct gb_feed_entry *entry_of(const struct gb_feed_intake *intake,
                                            const struct route *route)
{
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(intake->store, &count);
    for (size_t i = 0; i < count; i++)
        if (entries[i].content == route->description.content &&
            gb_str_eq(entries[i].feed, route->description.feed) &&
            gb_str_eq(entries[i].scope, route->description.scope))
            return &entries[i];
    return NULL;
}

// One row of the old shard, with its text, to the new one.
static int keep_row(struct gb_feed_intake *intake, struct route *route,
                    const struct gb_shard *shard, const struct gb_shard_row *row,
                    struct gb_pool *heads, struct gb_arena *scratch, struct gb_error *err)
{
    struct gb_advisory advisory;
    struct gb_advisory_text text = {0};
    uint32_t before = heads->count, number;
    int code = gb_shard_advisory(shard, row->advisory, scratch, &advisory, err);
    if (code || gb_pool_has(&intake->given, advisory.id))
        return code;
    code = gb_pool_add(heads, (struct gb_str){(const char *)&row->advisory, sizeof row->advisory},
                       &number, err);
    if (!code && heads->count > before)
        code = gb_feed_store_text(intake->store, route->description.feed, route->description.scope,
                                  advisory.id, scratch, &text, err);
    if (code)
        return code;
    advisory.title = text.title;
    advisory.details = text.details;
    advisory.url = text.url;
    advisory.affected = &row->affected;
    advisory.affected_count = 1;
    if (advisory.modified_at > route->newest)
        route->newest = advisory.modified_at;
    return gb_shard_writer_advisory(route->writer, &advisory, err);
}

static int merge(struct gb_feed_intake *intake, struct route *route, struct gb_error *err)
{
    const struct gb_shard *const *shards;
    size_t count;
    const struct gb_shard *old = NULL;
    int code =
        gb_feed_store_shards(intake->store, &route->description.scope, 1, &shards, &count, err);
    const struct gb_feed_entry *entry = code ? NULL : entry_of(intake, route);
    if (entry)
        old = entry->opened;
    if (code || !old || route->description.content != GB_SHARD_ADVISORIES)
        return code;
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("merge", 64u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *seen = gb_arena_new("merge", 256u << 20);
    if (!scratch || !seen)
        return no_memory(err);
    struct gb_pool heads = {.arena = seen};
    struct gb_shard_rows rows = gb_shard_all(old);
    struct gb_shard_row row;
    struct gb_mark mark = gb_arena_mark(scratch);
    while (!code && gb_shard_next(&rows, scratch, &row)) {
        code = keep_row(intake, route, old, &row, &heads, scratch, err);
        gb_arena_reset(scratch, mark);
    }
    if (!code && gb_arena_failed(scratch))
        code = no_memory(err);
    if (entry->data_at > route->description.data_at)
        route->description.data_at = entry->data_at;
    return code;
}

void gb_feed_intake_expect(struct gb_feed_intake *intake, unsigned per_cent)
{
    intake->per_cent = per_cent;
}

static int put(struct gb_feed_intake *intake, struct route *route, struct gb_error *err)
{
    struct gb_feed_result *result = &intake->results[intake->result_count];
    const struct gb_feed_entry *before = entry_of(intake, route);
    *result = (struct gb_feed_result){
        .feed = route->description.feed,
        .scope = route->description.scope,
        .content = route->description.content,
        .rows_before = before ? before->rows : 0,
        .data_at_before = before ? before->data_at : 0,
        .is_new = !before,
    };
    int code = intake->options.merge ? merge(intake, route, err) : GB_OK;
    size_t rows = gb_shard_writer_row_count(route->writer);
    if (!code && rows * 100 < result->rows_before * intake->per_cent)
        code = gb_error_set(err, GB_E_SYNTAX,
                            "%zu rows came where %llu are: not taken, the data may be torn", rows,
                            (unsigned long long)result->rows_before);
    if (code)
        return code;
    if (!route->description.data_at)
        route->description.data_at =
            intake->options.data_at ? intake->options.data_at : route->newest;
    gb_shard_writer_set_data_at(route->writer, route->description.data_at);
    code = gb_feed_store_put(intake->store, route->writer, &route->description, err);
    gb_shard_writer_free(&route->writer);
    const struct gb_feed_entry *after = code ? NULL : entry_of(intake, route);
    if (!after)
        return code;
    result->rows = after->rows;
    result->data_at = after->data_at;
    intake->result_count++;
    return GB_OK;
}

int gb_feed_intake_finish(struct gb_feed_intake *intake, struct gb_error *err)
{
    size_t count = intake->by_key.count;
    intake->results = gb_alloc_array(intake->arena, count, sizeof *intake->results);
    if (!intake->results)
        return no_memory(err);
    int code = GB_OK;
    for (size_t i = 0; !code && i < count; i++) {
        struct route *route = intake->by_key.entries[i].value;
        code = put(intake, route, err);
        if (code)
            gb_error_wrap(err, GB_PRI " " GB_PRI, GB_ARG(route->description.feed),
                          GB_ARG(route->description.scope));
    }
    int swept = gb_feed_store_sweep(intake->store, code ? NULL : err);
    return code ? code : swept;
}

const struct gb_feed_result *gb_feed_intake_results(const struct gb_feed_intake *intake,
                                                    size_t *count)
{
    *count = intake->result_count;
    return intake->results;
}
