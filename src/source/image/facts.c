// The facts of an image: its own, the packages of the sources that read its tree, the packages of
// languages, and which layer brought each.
#include "source/facts.h"

#include "base/time.h"
#include "source/image/image_private.h"
#include "source/language/resource.h"
#include "source/package/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REVISION_MEMORY = 256 << 20 };

// A source is run on an image when one of its kinds is among these. All others ask of a running
// system, or of files that are not kept.
static const char *const image_kinds[] = {"os", "os_package", "package_source", NULL};

static bool has_kind(const struct gb_source *source, const char *const *kinds)
{
    for (const char *const *kind = source->kinds; *kind; kind++)
        for (const char *const *wanted = kinds; *wanted; wanted++)
            if (strcmp(*kind, *wanted) == 0)
                return true;
    return false;
}

static int by_order(const void *a, const void *b)
{
    const struct gb_source *const *left = a, *const *right = b;
    if ((*left)->order != (*right)->order)
        return (*left)->order < (*right)->order ? -1 : 1;
    return strcmp((*left)->name, (*right)->name);
}

// Runs the sources of some kinds, in their order.
static int run_sources(struct gb_collector *collector, const char *const *kinds,
                       struct gb_error *err)
{
    const struct gb_source **sources =
        gb_alloc_array(collector->arena, gb_source_count, sizeof *sources);
    size_t count = 0;
    if (!sources)
        return gb_error_set(err, GB_E_MEMORY, "no memory to run the sources");
    for (size_t i = 0; i < gb_source_count; i++)
        if (!gb_sources[i]->slow && has_kind(gb_sources[i], kinds))
            sources[count++] = gb_sources[i];
    qsort(sources, count, sizeof *sources, by_order);
    for (size_t i = 0; i < count; i++) {
        struct gb_error failure = {0};
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        if (collector->progress)
            collector->progress(collector->progress_context, sources[i]->title, i, count);
        if (sources[i]->collect(collector, &failure) < 0) {
            struct gb_str reason = gb_str_copy(collector->arena, gb_str_of(failure.reason));
            for (const char *const *kind = sources[i]->kinds; *kind; kind++)
                gb_collection_gap(collector->all, gb_str_of(*kind), reason);
        }
        gb_arena_reset(collector->scratch, mark);
    }
    return gb_arena_failed(collector->arena)
               ? gb_error_set(err, GB_E_MEMORY, "the facts need more memory than allowed")
               : GB_OK;
}

// What makes a package the same one from layer to layer.
static struct gb_str package_key(struct gb_arena *arena, const struct gb_map_value *props)
{
    static const char *const fields[] = {"manager", "name", "architecture", "version"};
    struct gb_str parts[4];
    for (size_t i = 0; i < 4; i++)
        parts[i] = gb_value_str_or(gb_map_find(props, gb_str_of(fields[i])), GB_STR(""));
    return gb_str_format(arena, GB_PRI "\n" GB_PRI "\n" GB_PRI "\n" GB_PRI, GB_ARG(parts[0]),
                         GB_ARG(parts[1]), GB_ARG(parts[2]), GB_ARG(parts[3]));
}

static int note_revision(struct gb_image *image, const struct gb_collection *all, uint32_t layer)
{
    const struct gb_kind_state *packages = gb_collection_kind(all, GB_STR("os_package"));
    struct gb_map now = gb_map(image->arena);
    for (size_t i = 0; i < packages->count; i++) {
        struct gb_str key = package_key(image->arena, packages->resources[i]->props);
        void *before = gb_map_get(&image->package_layers, key);
        if (!key.at || gb_map_set(&now, key, before ? before : (void *)((uintptr_t)layer + 1)))
            return GB_E_MEMORY;
    }
    image->package_layers = now;
    return GB_OK;
}

int gb_image_note_packages(struct gb_image *image, uint32_t layer, struct gb_error *err)
{
    static const char *const kinds[] = {"os_package", NULL};
    char name[24], path[4200];
    int tree;
    snprintf(name, sizeof name, "layer-%u", layer);
    int code = gb_workspace_tree(&image->workspace, name, &tree, err);
    if (code)
        return code;
    code = gb_image_view_place(&image->view, &image->workspace, tree, true, err);
    close(tree);
    snprintf(path, sizeof path, "%s/%s", image->workspace.path, name);
    struct gb_host_options options = {.root = path, .kernel = GB_KERNEL_NONE, .now_seconds = 1};
    struct gb_host *host = NULL;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("revision", REVISION_MEMORY);
    GB_CLEANUP(gb_arena_free)
    struct gb_arena *scratch = gb_arena_new("revision scratch", REVISION_MEMORY);
    struct gb_collection *all = arena && scratch ? gb_collection_new(arena, 1) : NULL;
    if (!code && !all)
        code = gb_error_set(err, GB_E_MEMORY, "no memory for the packages of a layer");
    if (!code)
        code = gb_host_open(&options, &host, err);
    struct gb_collector collector = {.host = host, .arena = arena, .scratch = scratch, .all = all};
    if (!code)
        code = run_sources(&collector, kinds, err);
    if (!code && note_revision(image, all, layer))
        code = gb_error_set(err, GB_E_MEMORY, "no memory for the packages of a layer");
    gb_host_close(&host);
    gb_workspace_drop_tree(&image->workspace, name);
    return code;
}

static void put_package_layers(struct gb_image *image, struct gb_collector *collector)
{
    const struct gb_kind_state *packages = gb_collection_kind(collector->all, GB_STR("os_package"));
    for (size_t i = 0; i < packages->count; i++) {
        struct gb_map_value *props = packages->resources[i]->props;
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        uintptr_t layer =
            (uintptr_t)gb_map_get(&image->package_layers, package_key(collector->scratch, props));
        gb_arena_reset(collector->scratch, mark);
        if (layer)
            gb_map_put(collector->arena, props, GB_STR("layer"), gb_int((int64_t)layer - 1));
    }
}

static int by_path(const void *a, const void *b)
{
    const struct gb_view_item *const *left = a, *const *right = b;
    return gb_str_compare((*left)->path, (*right)->path);
}

static int add_language_packages(struct gb_image *image, struct gb_collector *collector,
                                 struct gb_error *err)
{
    const struct gb_view_item **items =
        gb_alloc_array(collector->arena, image->view.count + 1, sizeof *items);
    size_t count = 0;
    if (!items)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the packages of languages");
    for (size_t i = 0; i < image->view.count; i++)
        if (image->view.items[i].alive && image->view.items[i].package_count)
            items[count++] = &image->view.items[i];
    if (count)
        qsort(items, count, sizeof *items, by_path);
    gb_collection_complete(collector->all, GB_STR("language_package"));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < items[i]->package_count; j++)
            gb_language_put(collector, &items[i]->packages[j],
                            gb_package_owner(collector, items[i]->packages[j].path));
    return GB_OK;
}

static void put_layers(struct gb_image *image, struct gb_facts *facts)
{
    struct gb_list *list = gb_list_new(facts->collector->arena);
    for (size_t i = 0; list && i < image->layer_count; i++) {
        const struct gb_image_layer_facts *layer = &image->layers[i];
        struct gb_facts record = gb_facts_record(facts->collector);
        gb_fact(&record, "index", gb_int((int64_t)i));
        gb_fact(&record, "digest",
                gb_fact_text(&record, layer->diff_id.len ? layer->diff_id : layer->digest));
        if (layer->created_by.len)
            gb_fact(&record, "created_by", gb_fact_text(&record, layer->created_by));
        gb_fact(&record, "complete", gb_bool(layer->complete));
        if (record.props)
            gb_list_add(facts->collector->arena, list, gb_map_of(record.props));
    }
    gb_fact(facts, "layers", gb_list_of(list));
}

static void add_image(struct gb_image *image, struct gb_collector *collector)
{
    const struct gb_platform *platform = &image->config.platform;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("image"), GB_STR("")));
    int64_t seconds;
    int32_t nanos;
    gb_fact(&facts, "reference", gb_fact_text(&facts, image->reference));
    gb_fact(&facts, "form", gb_fact_text(&facts, image->form));
    if (image->digest.len)
        gb_fact(&facts, "digest", gb_fact_text(&facts, image->digest));
    gb_fact(&facts, "config_digest", gb_fact_text(&facts, image->config_digest));
    gb_fact(&facts, "platform",
            gb_fact_text(&facts, gb_str_format(collector->arena, GB_PRI "/" GB_PRI "%s" GB_PRI,
                                               GB_ARG(platform->os), GB_ARG(platform->architecture),
                                               platform->variant.len ? "/" : "",
                                               GB_ARG(platform->variant))));
    gb_fact(&facts, "user", gb_fact_text(&facts, image->config.user));
    if (!gb_time_parse(image->config.created, &seconds, &nanos))
        gb_fact(&facts, "created_at", gb_timestamp(seconds, nanos));
    struct gb_list *variables = gb_list_new(collector->arena);
    for (size_t i = 0; variables && i < image->config.variable_count; i++)
        gb_list_add(collector->arena, variables, gb_fact_text(&facts, image->config.variables[i]));
    gb_fact(&facts, "variables", gb_list_of(variables));
    gb_fact(&facts, "complete", gb_bool(image->problem_count == 0));
    put_layers(image, &facts);
}

// What could not be read may have held packages of any kind.
static void leave_gaps(struct gb_image *image, struct gb_collector *collector)
{
    if (!image->problem_count)
        return;
    struct gb_str reason = gb_str_format(
        collector->arena, "the image could not be read whole: " GB_PRI, GB_ARG(image->problems[0]));
    for (size_t i = 0; i < image->problem_count; i++)
        gb_collection_note(collector->all, gb_str_copy(collector->arena, image->problems[i]));
    gb_collection_gap(collector->all, GB_STR("os_package"), reason);
    gb_collection_gap(collector->all, GB_STR("language_package"), reason);
}

int gb_image_collect(struct gb_image *image, struct gb_collector *collector, struct gb_error *err)
{
    collector->walk = collector->verify = false;
    add_image(image, collector);
    int code = run_sources(collector, image_kinds, err);
    if (code)
        return code;
    put_package_layers(image, collector);
    code = add_language_packages(image, collector, err);
    if (code)
        return code;
    leave_gaps(image, collector);
    return gb_arena_failed(collector->arena)
               ? gb_error_set(err, GB_E_MEMORY, "the facts need more memory than allowed")
               : GB_OK;
}
