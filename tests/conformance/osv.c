// Runs recorded answers of the OSV service: conformance-osv FILE, a JSON array of {ecosystem, name,
// version, ids}. Matches each query whose ecosystem has a feed beside the file (osv/, in the folder
// above) and looks for every id of the answer among the ids and aliases of the matches. An id that
// is missing there and that no advisory of the feed has is newer (or older) than the feed, or of a
// publisher whose advisories are not in it: such ids are counted, not judged. Prints each id that
// is missing and, last, "N passed, N failed": a test is an id that the feed has, or an answer
// without ids.
#include "feeds.h"

#include "base/json.h"

struct run {
    struct feeds feeds;
    struct gb_arena *arena;
    size_t passed, failed, unknown, extra, queries, other;
};

static struct gb_str text(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_STRING ? node->string : (struct gb_str){0};
}

static void put(struct gb_arena *arena, struct gb_map_value *props, const char *key,
                struct gb_str value)
{
    gb_map_put(arena, props, gb_str_of(key), gb_string(value));
}

// The scope of a distribution's ecosystem; languages are matched by kind language_package.
static struct gb_str os_scope(struct gb_arena *arena, struct gb_str ecosystem)
{
    ptrdiff_t colon = gb_str_find_char(ecosystem, ':');
    struct gb_str scope = gb_str_lower(arena, ecosystem);
    if (colon < 0)
        return (struct gb_str){0};
    return gb_str_format(arena, GB_PRI "-" GB_PRI, GB_ARG(gb_str_sub(scope, 0, (size_t)colon)),
                         GB_ARG(gb_str_from(scope, (size_t)colon + 1)));
}

static bool has_feed(const struct run *run, struct gb_str scope)
{
    for (size_t i = 0; i < run->feeds.count; i++)
        if (gb_str_eq(gb_shard_describe(run->feeds.shards[i])->scope, scope))
            return true;
    return false;
}

static struct gb_collection *collect(struct gb_arena *arena, const struct gb_node *query,
                                     struct gb_str scope)
{
    struct gb_collection *all = gb_collection_new(arena, 0);
    const char *kind = scope.len ? "os_package" : "language_package";
    struct gb_map_value *package = gb_collection_add(all, gb_str_of(kind), text(query, "name"));
    put(arena, package, "name", text(query, "name"));
    put(arena, package, "version", text(query, "version"));
    if (scope.len) {
        put(arena, package, "manager", GB_STR("rpm"));
    } else {
        put(arena, package, "ecosystem", text(query, "ecosystem"));
    }
    return all;
}

static bool is_matched(const struct gb_matches *matches, struct gb_str id)
{
    for (size_t i = 0; i < matches->count; i++) {
        const struct gb_vulnerability *v = &matches->items[i];
        if (gb_str_eq(v->id, id))
            return true;
        for (size_t k = 0; k < v->alias_count; k++)
            if (gb_str_eq(v->aliases[k], id))
                return true;
    }
    return false;
}

static bool is_expected(const struct gb_node *ids, const struct gb_vulnerability *v)
{
    for (size_t i = 0; i < ids->list.count; i++) {
        struct gb_str id = ids->list.items[i].string;
        if (gb_str_eq(v->id, id))
            return true;
        for (size_t k = 0; k < v->alias_count; k++)
            if (gb_str_eq(v->aliases[k], id))
                return true;
    }
    return false;
}

static void judge(struct run *run, const struct gb_node *query, const struct gb_matches *matches)
{
    const struct gb_node *ids = gb_node_get(query, "ids");
    size_t extra = 0;
    for (size_t i = 0; i < matches->count; i++)
        extra += !is_expected(ids, &matches->items[i]);
    run->extra += extra;
    if (!ids->list.count)
        run->passed++;
    for (size_t i = 0; i < ids->list.count; i++) {
        struct gb_str id = ids->list.items[i].string;
        if (is_matched(matches, id)) {
            run->passed++;
        } else if (!gb_map_get(&run->feeds.ids, id)) {
            run->unknown++;
        } else {
            run->failed++;
            printf("missing: " GB_PRI " " GB_PRI " " GB_PRI ": " GB_PRI "\n",
                   GB_ARG(text(query, "ecosystem")), GB_ARG(text(query, "name")),
                   GB_ARG(text(query, "version")), GB_ARG(id));
        }
    }
    if (extra)
        printf("more than recorded: " GB_PRI " " GB_PRI " " GB_PRI ": %zu\n",
               GB_ARG(text(query, "ecosystem")), GB_ARG(text(query, "name")),
               GB_ARG(text(query, "version")), extra);
}

static void ask(struct run *run, const struct gb_node *query)
{
    struct gb_mark mark = gb_arena_mark(run->arena);
    struct gb_str scope = os_scope(run->arena, text(query, "ecosystem"));
    struct gb_str language = gb_str_lower(run->arena, text(query, "ecosystem"));
    if (has_feed(run, scope.len ? scope : language)) {
        run->queries++;
        struct gb_match_options options = {
            .shards = run->feeds.shards, .shard_count = run->feeds.count, .scope = scope};
        struct gb_matches matches;
        struct gb_error err = {0};
        if (gb_match(collect(run->arena, query, scope), &options, run->arena, &matches, &err))
            feeds_fail(&err, "matching");
        judge(run, query, &matches);
    } else {
        run->other++;
    }
    gb_arena_reset(run->arena, mark);
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: conformance-osv FILE\n");
        return 2;
    }
    struct run run = {.feeds = feeds_beside(arguments[1]),
                      .arena = gb_arena_new("osv", 256u << 20)};
    static const char *const feeds[] = {"osv/Go/all.zip", "osv/crates.io/all.zip",
                                        "osv/PyPI/pypa-advisories-2024-10-10.tar.zst",
                                        "osv/AlmaLinux/all.zip"};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        feeds_import(&run.feeds, feeds[i], "osv", i < 3);
    struct gb_error err = {0};
    struct gb_str content;
    struct gb_node root;
    if (gb_host_read(run.feeds.host, arguments[1], 64u << 20, run.feeds.arena, &content, &err) ||
        gb_json_node(content, arguments[1], GB_JSON_LIMITS_DEFAULT, run.feeds.arena, &root, &err))
        feeds_fail(&err, arguments[1]);
    for (size_t i = 0; i < root.list.count; i++)
        ask(&run, &root.list.items[i]);
    printf("%zu queries of ecosystems with a feed, %zu others; %zu ids that no advisory of the "
           "feeds has; %zu matches that the recording does not have\n",
           run.queries, run.other, run.unknown, run.extra);
    printf("%zu passed, %zu failed\n", run.passed, run.failed);
    gb_arena_free(&run.arena);
    feeds_free(&run.feeds);
    return run.failed || !run.passed;
}
