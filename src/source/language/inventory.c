// Kind "language_package": what the file system walk found of Go, Rust, npm, Python, Java, Ruby,
// PHP and .NET (walked.h), and which package of the operating system brought it.
#include "source/facts.h"
#include "source/language/walked.h"
#include "source/package/owner.h"

static void put_text(struct gb_facts *facts, const char *field, struct gb_str text)
{
    if (text.len)
        gb_fact(facts, field, gb_fact_text(facts, text));
}

static void add_package(struct gb_collector *collector, const struct gb_language_package *package,
                        struct gb_str path, struct gb_str owner)
{
    struct gb_arena *arena = collector->arena;
    struct gb_str name =
        gb_str_format(arena, GB_PRI ":" GB_PRI "@" GB_PRI ":" GB_PRI "%s" GB_PRI,
                      GB_ARG(package->ecosystem), GB_ARG(package->name), GB_ARG(package->version),
                      GB_ARG(path), package->inside.len ? "!/" : "", GB_ARG(package->inside));
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("language_package"), name));
    gb_fact(&facts, "ecosystem", gb_string(package->ecosystem));
    gb_fact(&facts, "name", gb_fact_at(&facts, gb_string(package->name), path, 0));
    if (package->version.len)
        gb_fact(&facts, "version", gb_fact_at(&facts, gb_string(package->version), path, 0));
    gb_fact(&facts, "path", gb_string(path));
    put_text(&facts, "inside", package->inside);
    put_text(&facts, "owner", owner);
    gb_fact(&facts, "main_module", gb_bool(package->main_module));
    gb_fact(&facts, "standard_library", gb_bool(package->standard_library));
    gb_fact(&facts, "development", gb_bool(package->development));
    put_text(&facts, "system", package->system);
    put_text(&facts, "architecture", package->architecture);
}

// What is missing from the list, as one clause; empty when nothing is.
static struct gb_str missing(struct gb_collector *collector, const struct gb_language_walk *walk)
{
    const struct gb_language_inventory *found = &walk->found;
    if (walk->failed)
        return GB_STR("memory ran out while packages of languages were read");
    if (found->problem_count) {
        const struct gb_language_problem *first = &found->problems[0];
        struct gb_str path = gb_string_clean(collector->arena, first->path).string;
        if (found->problem_count == 1)
            return gb_str_format(collector->arena, GB_PRI ": " GB_PRI, GB_ARG(path),
                                 GB_ARG(first->reason));
        return gb_str_format(collector->arena,
                             GB_PRI ": " GB_PRI ", and %zu more files that were not read whole",
                             GB_ARG(path), GB_ARG(first->reason), found->problem_count - 1);
    }
    return walk->denied ? GB_STR("needs root") : GB_STR("");
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    const struct gb_language_walk *walk = gb_language_walk_of(collector);
    struct gb_str kind = GB_STR("language_package");
    if (!walk)
        return GB_OK; // no walk: the kind stays "not collected"
    gb_collection_complete(collector->all, kind);
    struct gb_str path = GB_STR(""), owner = GB_STR("");
    for (size_t i = 0; i < walk->found.count; i++) {
        const struct gb_language_package *package = &walk->found.items[i];
        if (!i || !gb_str_eq(package->path, walk->found.items[i - 1].path)) {
            path = gb_string_clean(collector->arena, package->path).string;
            owner = gb_package_owner(collector, package->path);
        }
        add_package(collector, package, path, owner);
    }
    struct gb_str reason = missing(collector, walk);
    if (reason.len)
        gb_collection_gap(collector->all, kind, reason);
    return gb_arena_failed(collector->arena)
               ? gb_error_set(err, GB_E_MEMORY, "no memory for packages of languages")
               : GB_OK;
}

static const char *const kinds[] = {"language_package", NULL};

const struct gb_source gb_source_language_inventory = {
    .name = "language/inventory",
    .title = "packages of languages",
    .kinds = kinds,
    .order = 61,
    .slow = true,
    .collect = collect,
};
