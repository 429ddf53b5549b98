// Kind "language_package": what the file system walk found of Go, Rust, npm, Python, Java, Ruby,
// PHP and .NET (walked.h), and which package of the operating system brought it.
#include "source/language/resource.h"
#include "source/language/walked.h"
#include "source/package/owner.h"

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
    struct gb_str owner = GB_STR("");
    for (size_t i = 0; i < walk->found.count; i++) {
        const struct gb_language_package *package = &walk->found.items[i];
        if (!i || !gb_str_eq(package->path, walk->found.items[i - 1].path))
            owner = gb_package_owner(collector, package->path);
        gb_language_put(collector, package, owner);
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
