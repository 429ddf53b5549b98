// Feeds of the corpus, imported and laid out as shards in memory, for the conformance programs that
// match. They lie in the folder above that of the file of expected results: distro/, osv/.
#ifndef GABION_CONFORMANCE_FEEDS_H
#define GABION_CONFORMANCE_FEEDS_H

#include "area/vulnerability/match.h"
#include "base/map.h"
#include "source/feed/feed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEEDS_SHARD_BYTES = 512 << 20 };

struct feeds_shard {
    struct gb_shard_description is;
    struct gb_shard_writer *writer;
    struct gb_buffer bytes;
    uint64_t last_advisory; // number of the one that it took last
};

struct feeds {
    struct gb_arena *arena;
    struct gb_host *host;
    char folder[PATH_MAX];
    size_t count;
    const struct gb_shard **shards;
    struct feeds_shard **made; // what these lie in
    struct gb_map by_scope;    // of the feed that is imported now -> struct feeds_shard
    struct gb_map ids;         // of every advisory
    struct gb_str feed;
    bool complete_fixes;
    uint64_t advisories, left_out;
};

static void feeds_fail(const struct gb_error *err, const char *what)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    fprintf(stderr, "%s: %s\n", what, text);
    exit(2);
}

// `folder` has the feeds.
static struct feeds feeds_new(const char *folder)
{
    struct feeds feeds = {.arena = gb_arena_new("feeds", 1u << 30)};
    if (!realpath(folder, feeds.folder))
        feeds.folder[0] = '\0';
    struct gb_host_options options = {.kernel = GB_KERNEL_NONE, .root = "/"};
    struct gb_error err = {0};
    if (!feeds.arena || gb_host_open(&options, &feeds.host, &err))
        feeds_fail(&err, "starting");
    feeds.ids = gb_map(feeds.arena);
    return feeds;
}

static struct feeds_shard *feeds_shard(struct feeds *feeds, const struct gb_affected *affected)
{
    struct feeds_shard *shard = gb_map_get(&feeds->by_scope, affected->scope);
    if (shard)
        return shard;
    shard = gb_alloc(feeds->arena, sizeof *shard);
    struct gb_str scope = gb_str_copy(feeds->arena, affected->scope);
    if (!shard || gb_map_set(&feeds->by_scope, scope, shard))
        return NULL;
    shard->is = (struct gb_shard_description){.feed = feeds->feed,
                                              .scope = scope,
                                              .scheme = affected->scheme,
                                              .complete_fixes = feeds->complete_fixes};
    struct gb_error err = {0};
    if (gb_shard_writer_new(&shard->is, FEEDS_SHARD_BYTES, &shard->writer, &err))
        feeds_fail(&err, "shard");
    return shard;
}

static int feeds_remember(struct feeds *feeds, struct gb_str id)
{
    if (gb_map_get(&feeds->ids, id))
        return 0;
    return gb_map_set(&feeds->ids, gb_str_copy(feeds->arena, id), feeds);
}

static int feeds_advisory(void *context, const struct gb_advisory *advisory, struct gb_error *err)
{
    struct feeds *feeds = context;
    feeds->advisories++;
    int code = feeds_remember(feeds, advisory->id);
    for (size_t i = 0; i < advisory->affected_count && !code; i++) {
        struct feeds_shard *shard = feeds_shard(feeds, &advisory->affected[i]);
        if (!shard)
            return gb_error_set(err, GB_E_MEMORY, "out of memory");
        if (shard->last_advisory == feeds->advisories)
            continue;
        shard->last_advisory = feeds->advisories;
        code = gb_shard_writer_advisory(shard->writer, advisory, err);
    }
    return code;
}

static int feeds_ignore_exploit(void *context, const struct gb_exploit_facts *facts,
                                struct gb_error *err)
{
    (void)context, (void)facts, (void)err;
    return 0;
}

static int feeds_ignore_lifecycle(void *context, const struct gb_lifecycle *lifecycle,
                                  struct gb_error *err)
{
    (void)context, (void)lifecycle, (void)err;
    return 0;
}

static void feeds_left_out(void *context, struct gb_str why)
{
    struct feeds *feeds = context;
    if (feeds->left_out++ < 5)
        fprintf(stderr, "left out: " GB_PRI "\n", GB_ARG(why));
}

// Keeps the shards of what was imported.
static void feeds_keep(struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->by_scope.count; i++) {
        struct feeds_shard *made = feeds->by_scope.entries[i].value;
        struct gb_error err = {0};
        struct gb_shard *shard = NULL;
        made->bytes = gb_buffer(FEEDS_SHARD_BYTES);
        if (gb_shard_writer_finish(made->writer, &made->bytes, NULL, &err) ||
            gb_shard_open(gb_buffer_str(&made->bytes), feeds->arena, &shard, &err))
            feeds_fail(&err, "shard");
        gb_shard_writer_free(&made->writer);
        const struct gb_shard **grown = gb_grow_array(feeds->arena, feeds->shards, feeds->count,
                                                      feeds->count + 1, sizeof(struct gb_shard *));
        struct feeds_shard **list = gb_grow_array(feeds->arena, feeds->made, feeds->count,
                                                  feeds->count + 1, sizeof(struct feeds_shard *));
        if (!grown || !list)
            feeds_fail(&err, "out of memory");
        feeds->shards = grown;
        feeds->made = list;
        feeds->made[feeds->count] = made;
        feeds->shards[feeds->count++] = shard;
    }
}

// `path` in the folder of the feeds.
static inline void feeds_path(const struct feeds *feeds, const char *path, char *into, size_t size)
{
    snprintf(into, size, "%s/%s", feeds->folder, path);
}

static void feeds_import(struct feeds *feeds, const char *path, const char *feed,
                         bool complete_fixes)
{
    char full[PATH_MAX + 256];
    struct gb_error err = {0};
    feeds_path(feeds, path, full, sizeof full);
    feeds->feed = gb_str_of(feed);
    feeds->complete_fixes = complete_fixes;
    feeds->by_scope = gb_map(feeds->arena);
    const struct gb_advisory_sink sink = {.context = feeds,
                                          .advisory = feeds_advisory,
                                          .exploit = feeds_ignore_exploit,
                                          .lifecycle = feeds_ignore_lifecycle,
                                          .left_out = feeds_left_out};
    struct gb_feed_options options = {0};
    struct gb_feed_summary summary = {0};
    if (gb_feed_import_path(feeds->host, full, &options, &sink, &summary, &err) < 0)
        feeds_fail(&err, full);
    feeds_keep(feeds);
}

// The folder above that of `file`: where the feeds of expected results lie.
static inline struct feeds feeds_beside(const char *file)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(file, '/');
    int length = slash ? (int)(slash - file) : 0;
    snprintf(folder, sizeof folder, "%.*s/..", length ? length : 1, length ? file : ".");
    return feeds_new(folder);
}

static void feeds_free(struct feeds *feeds)
{
    for (size_t i = 0; i < feeds->count; i++)
        gb_buffer_free(&feeds->made[i]->bytes);
    gb_host_close(&feeds->host);
    gb_arena_free(&feeds->arena);
}

#endif
