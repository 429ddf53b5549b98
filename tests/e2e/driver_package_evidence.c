// Collects the facts of a host and then the evidence for some packages and paths: for
// test_package_evidence.py and by hand.
// driver_package_evidence ROOT NAME|/PATH|CVE-ID...: prints one JSON object a line for each
// resource of the kinds package_use and package_changelog, and at the end {"kinds": ..., "cpu_ms":
// ...} for the evidence alone.
#include "base/json.h"
#include "model/value_json.h"
#include "source/package/evidence.h"

#include <stdio.h>
#include <time.h>

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void print_kind(const struct gb_collection *all, struct gb_str kind)
{
    const struct gb_kind_state *state = gb_collection_kind(all, kind);
    for (size_t i = 0; i < state->count; i++) {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(16u << 20);
        struct gb_json_writer writer = gb_json_writer(&out, 0);
        struct gb_value props = gb_map_of(state->resources[i]->props);
        gb_value_write_json(&writer, &props);
        printf("{\"kind\": \"" GB_PRI "\", \"props\": %.*s}\n", GB_ARG(kind), (int)out.len,
               out.data);
    }
}

int main(int argc, char **argv)
{
    struct gb_error err = {0};
    struct gb_host *host = NULL;
    if (argc < 2)
        return 2;
    bool live = strcmp(argv[1], "/") == 0;
    struct gb_host_options options = {.root = argv[1],
                                      .kernel = live ? GB_KERNEL_LIVE : GB_KERNEL_NONE};
    if (gb_host_open(&options, &host, &err) < 0)
        return 1;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("facts", 256u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 256u << 20);
    struct gb_collector collector = {.host = host, .arena = arena, .scratch = scratch};
    collector.all = arena ? gb_collection_new(arena, gb_host_now(host)) : NULL;
    struct gb_str *names = gb_alloc_array(arena, (size_t)argc, sizeof *names),
                  *paths = gb_alloc_array(arena, (size_t)argc, sizeof *paths),
                  *ids = gb_alloc_array(arena, (size_t)argc, sizeof *ids);
    struct gb_evidence_request request = {.packages = names, .paths = paths, .ids = ids};
    if (!collector.all || !names || !paths || !ids || gb_sources_collect(&collector, &err) < 0)
        return 1;
    for (int i = 2; i < argc; i++) {
        if (argv[i][0] == '/')
            paths[request.path_count++] = gb_str_of(argv[i]);
        else if (gb_str_starts(gb_str_of(argv[i]), GB_STR("CVE-")))
            ids[request.id_count++] = gb_str_of(argv[i]);
        else
            names[request.package_count++] = gb_str_of(argv[i]);
    }
    double before = cpu_ms();
    int code = gb_package_evidence_collect(&collector, &request, &err);
    double spent = cpu_ms() - before;
    print_kind(collector.all, GB_STR("package_use"));
    print_kind(collector.all, GB_STR("package_changelog"));
    const struct gb_kind_state *use = gb_collection_kind(collector.all, GB_STR("package_use"));
    printf("{\"presence\": %d, \"cpu_ms\": %.3f}\n", (int)use->presence, spent);
    gb_host_close(&host);
    return code ? 1 : 0;
}
