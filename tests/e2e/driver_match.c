// Matches the installed packages of a root directory against one feed: for test_debsecan.py and
// test_changelogs.py, and by hand.
// driver_match ROOT FEED SCOPE: prints "ID PACKAGE" for each match, suppressed ones too, as feed
// and data base of packages say it: packages that are not wholly installed, and kernels that are
// found under the source behind their signed one, are left out.
#include "area/vulnerability/match.h"
#include "source/feed/feed.h"
#include "source/source.h"

#include <stdio.h>

struct shard {
    struct gb_shard_writer *writer;
};

static int add(void *context, const struct gb_advisory *advisory, struct gb_error *err)
{
    struct shard *shard = context;
    return gb_shard_writer_advisory(shard->writer, advisory, err);
}

static int no_exploit(void *context, const struct gb_exploit_facts *facts, struct gb_error *err)
{
    (void)context, (void)facts, (void)err;
    return 0;
}

static int no_lifecycle(void *context, const struct gb_lifecycle *lifecycle, struct gb_error *err)
{
    (void)context, (void)lifecycle, (void)err;
    return 0;
}

static void left_out(void *context, struct gb_str why)
{
    (void)context;
    fprintf(stderr, "left out: " GB_PRI "\n", GB_ARG(why));
}

static int read_feed(const struct gb_host *host, const char *path, struct gb_str scope,
                     struct gb_arena *arena, struct gb_buffer *bytes, struct gb_shard **ret,
                     struct gb_error *err)
{
    struct gb_shard_description is = {.feed = GB_STR("debsecan"),
                                      .scope = scope,
                                      .scheme = GB_VERSION_DPKG,
                                      .complete_fixes = true};
    struct shard shard = {0};
    int code = gb_shard_writer_new(&is, 512u << 20, &shard.writer, err);
    if (code)
        return code;
    const struct gb_advisory_sink sink = {.context = &shard,
                                          .advisory = add,
                                          .exploit = no_exploit,
                                          .lifecycle = no_lifecycle,
                                          .left_out = left_out};
    struct gb_feed_options options = {.scope = scope};
    struct gb_feed_summary summary = {0};
    code = gb_feed_import_path(host, path, &options, &sink, &summary, err);
    if (!code)
        code = gb_shard_writer_finish(shard.writer, bytes, NULL, err);
    if (!code)
        code = gb_shard_open(gb_buffer_str(bytes), arena, ret, err);
    gb_shard_writer_free(&shard.writer);
    return code;
}

static struct gb_str text(const struct gb_resource *resource, const char *field)
{
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(field)), (struct gb_str){0});
}

static void print(const struct gb_matches *matches)
{
    for (size_t i = 0; i < matches->count; i++) {
        const struct gb_vulnerability *v = &matches->items[i];
        bool as_named =
            gb_str_eq(v->name, text(v->package, "source")) || gb_str_eq(v->name, v->installed);
        if (as_named && gb_str_is(text(v->package, "state"), "installed"))
            printf(GB_PRI " " GB_PRI "\n", GB_ARG(v->id), GB_ARG(v->installed));
    }
}

static int run(char **arguments, struct gb_buffer *bytes, struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("match", 512u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 256u << 20);
    GB_CLEANUP(gb_host_close) struct gb_host *here = NULL;
    GB_CLEANUP(gb_host_close) struct gb_host *target = NULL;
    struct gb_host_options this = {.root = "/", .kernel = GB_KERNEL_NONE};
    struct gb_host_options other = {.root = arguments[1], .kernel = GB_KERNEL_NONE};
    int code = gb_host_open(&this, &here, err);
    if (!code)
        code = gb_host_open(&other, &target, err);
    if (code)
        return code;
    static const char *const kinds[] = {"os_package", NULL};
    struct gb_collector collector = {
        .host = target, .arena = arena, .scratch = scratch, .only_kinds = kinds};
    collector.all = gb_collection_new(arena, gb_host_now(target));
    struct gb_shard *shard;
    code = gb_sources_collect(&collector, err);
    if (code >= 0)
        code = read_feed(here, arguments[2], gb_str_of(arguments[3]), arena, bytes, &shard, err);
    if (code < 0)
        return code;
    const struct gb_shard *shards[] = {shard};
    struct gb_match_options options = {.shards = shards,
                                       .shard_count = 1,
                                       .scope = gb_str_of(arguments[3]),
                                       .now = gb_host_now(target)};
    struct gb_matches matches;
    code = gb_match(collector.all, &options, arena, &matches, err);
    if (!code)
        print(&matches);
    return code;
}

int main(int count, char **arguments)
{
    struct gb_error err = {0};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(512u << 20);
    if (count != 4) {
        fprintf(stderr, "usage: driver_match ROOT FEED SCOPE\n");
        return 2;
    }
    if (run(arguments, &bytes, &err) < 0) {
        char message[1024];
        gb_error_text(&err, message, sizeof message);
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    return 0;
}
