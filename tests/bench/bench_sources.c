// CPU time of each source over this host, without the slow ones: who takes how much of a scan.
#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5 };

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_order(const void *a, const void *b)
{
    const struct gb_source *left = *(const struct gb_source *const *)a,
                           *right = *(const struct gb_source *const *)b;
    if (left->order != right->order)
        return left->order < right->order ? -1 : 1;
    return strcmp(left->name, right->name);
}

int main(void)
{
    const struct gb_source **sources = calloc(gb_source_count, sizeof(struct gb_source *));
    double *best = calloc(gb_source_count, sizeof *best), total = 0;
    if (!sources || !best)
        return 1;
    for (size_t i = 0; i < gb_source_count; i++)
        sources[i] = gb_sources[i];
    qsort(sources, gb_source_count, sizeof *sources, by_order);
    for (int round = 0; round < ROUNDS; round++) {
        struct gb_arena *arena = gb_arena_new("bench", 256u << 20);
        struct gb_arena *scratch = gb_arena_new("scratch", 256u << 20);
        struct gb_host *host = NULL;
        struct gb_error err = {0};
        struct gb_host_options options = {.kernel = GB_KERNEL_LIVE};
        if (!arena || !scratch || gb_host_open(&options, &host, &err) < 0)
            return 1;
        struct gb_collector collector = {.host = host,
                                         .arena = arena,
                                         .scratch = scratch,
                                         .all = gb_collection_new(arena, gb_host_now(host))};
        for (size_t i = 0; i < gb_source_count; i++) {
            if (sources[i]->slow)
                continue;
            struct gb_mark mark = gb_arena_mark(scratch);
            double start = cpu_ms();
            if (sources[i]->collect(&collector, &err) < 0)
                printf("%s: %s\n", sources[i]->name, err.reason);
            double took = cpu_ms() - start;
            if (round == 0 || took < best[i])
                best[i] = took;
            gb_arena_reset(scratch, mark);
        }
        gb_host_close(&host);
        gb_arena_free(&scratch);
        gb_arena_free(&arena);
    }
    for (size_t i = 0; i < gb_source_count; i++) {
        if (!sources[i]->slow)
            printf("%8.2f ms  %s\n", best[i], sources[i]->name);
        total += best[i];
    }
    printf("%8.2f ms  all\n", total);
    free(sources);
    free(best);
    return 0;
}
