// Runs the sources in order; used by the commands that need facts.
#include "source/source.h"

#include <stdlib.h>

static int by_order(const void *a, const void *b)
{
    const struct gb_source *const *left = a, *const *right = b;
    if ((*left)->order != (*right)->order)
        return (*left)->order < (*right)->order ? -1 : 1;
    return strcmp((*left)->name, (*right)->name);
}

// A source that did not get through says nothing certain about its kinds.
static void leave_gaps(struct gb_collector *collector, const struct gb_source *source,
                       const struct gb_error *err)
{
    char text[600];
    gb_error_text(err, text, sizeof text);
    struct gb_str reason = gb_str_copy(collector->arena, gb_str_of(text));
    for (const char *const *kind = source->kinds; *kind; kind++)
        gb_collection_gap(collector->all, gb_str_of(*kind), reason);
}

static bool wanted(const struct gb_collector *collector, const struct gb_source *source)
{
    if (source->slow && !collector->walk && !collector->verify)
        return false;
    if (!collector->only_kinds)
        return true;
    for (const char *const *kind = source->kinds; *kind; kind++)
        for (const char *const *only = collector->only_kinds; *only; only++)
            if (strcmp(*kind, *only) == 0)
                return true;
    return false;
}

int gb_sources_collect(struct gb_collector *collector, struct gb_error *err)
{
    const struct gb_source **sources =
        gb_alloc_array(collector->arena, gb_source_count, sizeof(struct gb_source *));
    if (!sources)
        return gb_error_set(err, GB_E_MEMORY, "no memory to run the sources");
    for (size_t i = 0; i < gb_source_count; i++)
        sources[i] = gb_sources[i];
    qsort(sources, gb_source_count, sizeof(struct gb_source *), by_order);

    int ran = 0;
    for (size_t i = 0; i < gb_source_count; i++) {
        const struct gb_source *source = sources[i];
        if (collector->progress)
            collector->progress(collector->progress_context, source->title, i, gb_source_count);
        if (!wanted(collector, source))
            continue;
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        struct gb_error failure = {0};
        if (source->collect(collector, &failure) < 0)
            leave_gaps(collector, source, &failure);
        gb_arena_reset(collector->scratch, mark);
        ran++;
    }
    if (gb_arena_failed(collector->arena))
        return gb_error_set(err, GB_E_MEMORY,
                            "the facts of this host need more memory than allowed");
    return ran;
}
