// How long matching takes: bench-match FOLDER, that of the corpus with the feeds. Three worlds: the
// packages of this machine against an old release's advisories; the same with every version lowered
// to 0, so that each row about them hits; every Go module that has advisories, at v0.0.1.
#include "../conformance/feeds.h"

#include "source/source.h"

#include <time.h>

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void put(struct gb_arena *arena, struct gb_map_value *props, const char *key,
                struct gb_str value)
{
    gb_map_put(arena, props, gb_str_of(key), gb_string(value));
}

static struct gb_collection *this_machine(struct gb_arena *arena, struct gb_arena *scratch,
                                          const struct gb_host *host)
{
    static const char *const kinds[] = {"os_package", NULL};
    struct gb_collector collector = {
        .host = host, .arena = arena, .scratch = scratch, .only_kinds = kinds};
    struct gb_error err = {0};
    double before = cpu_ms();
    collector.all = gb_collection_new(arena, gb_host_now(host));
    if (!collector.all || gb_sources_collect(&collector, &err) < 0)
        feeds_fail(&err, "packages");
    printf("%zu packages collected in %.1f ms CPU\n",
           gb_collection_kind(collector.all, GB_STR("os_package"))->count, cpu_ms() - before);
    return collector.all;
}

static struct gb_collection *lowered(struct gb_arena *arena, const struct gb_collection *all)
{
    struct gb_collection *low = gb_collection_new(arena, 0);
    const struct gb_kind_state *state = gb_collection_kind(all, GB_STR("os_package"));
    for (size_t i = 0; i < state->count; i++) {
        const struct gb_resource *from = state->resources[i];
        struct gb_map_value *to = gb_collection_add(low, from->kind, from->name);
        static const char *const same[] = {"name", "source", "manager", "architecture"};
        for (size_t k = 0; k < 4; k++)
            put(arena, to, same[k],
                gb_value_str_or(gb_map_find(from->props, gb_str_of(same[k])), GB_STR("")));
        put(arena, to, "version", GB_STR("0"));
        put(arena, to, "source_version", GB_STR("0"));
    }
    return low;
}

static struct gb_collection *modules(struct gb_arena *arena, const struct gb_shard *shard)
{
    struct gb_collection *all = gb_collection_new(arena, 0);
    struct gb_shard_rows rows = gb_shard_all(shard);
    struct gb_shard_row row;
    struct gb_str last = {0};
    while (gb_shard_next(&rows, arena, &row)) {
        if (gb_str_eq(row.affected.package, last))
            continue;
        last = row.affected.package;
        struct gb_map_value *package = gb_collection_add(all, GB_STR("language_package"), last);
        put(arena, package, "ecosystem", GB_STR("Go"));
        put(arena, package, "name", last);
        put(arena, package, "version", GB_STR("v0.0.1"));
    }
    return all;
}

static void measure(const char *what, const struct gb_collection *all, const struct feeds *feeds,
                    const char *scope)
{
    for (int round = 0; round < 3; round++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("match", 512u << 20);
        struct gb_match_options options = {.shards = feeds->shards,
                                           .shard_count = feeds->count,
                                           .scope = gb_str_of(scope),
                                           .now = 1793491200};
        struct gb_matches matches;
        struct gb_error err = {0};
        double before = cpu_ms();
        if (gb_match(all, &options, arena, &matches, &err))
            feeds_fail(&err, "matching");
        double spent = cpu_ms() - before;
        printf("%s: %zu packages, %zu matches: %.2f ms CPU, %zu KiB\n", what,
               matches.coverage.packages, matches.count, spent, gb_arena_used(arena) >> 10);
    }
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: bench-match FOLDER\n");
        return 2;
    }
    struct feeds feeds = feeds_new(arguments[1]);
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 512u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 256u << 20);
    struct gb_host_options options = {.root = "/", .kernel = GB_KERNEL_NONE};
    struct gb_host *host;
    struct gb_error err = {0};
    if (gb_host_open(&options, &host, &err))
        feeds_fail(&err, "starting");
    feeds_import(&feeds, "distro/debsecan-2021-11-17.tar.zst", "debsecan", true);
    feeds_import(&feeds, "osv/Go/all.zip", "osv", true);
    const struct gb_shard *go = feeds.shards[feeds.count - 1];
    for (size_t i = 0; i < feeds.count; i++)
        printf("shard " GB_PRI ": %zu rows, %zu KiB\n",
               GB_ARG(gb_shard_describe(feeds.shards[i])->scope),
               gb_shard_row_count(feeds.shards[i]), feeds.made[i]->bytes.len >> 10);
    struct gb_collection *here = this_machine(arena, scratch, host);
    measure("this machine", here, &feeds, "debian-11");
    measure("all versions 0", lowered(arena, here), &feeds, "debian-11");
    measure("all Go modules", modules(arena, go), &feeds, "debian-11");
    gb_host_close(&host);
    feeds_free(&feeds);
    return 0;
}
