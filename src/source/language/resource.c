// Writes packages of languages into a collection: see resource.h.
#include "source/language/resource.h"

#include "source/facts.h"

static void put_text(struct gb_facts *facts, const char *field, struct gb_str text)
{
    if (text.len)
        gb_fact(facts, field, gb_fact_text(facts, text));
}

void gb_language_put(struct gb_collector *collector, const struct gb_language_package *package,
                     struct gb_str owner)
{
    struct gb_str id = gb_str_format(
        collector->arena, GB_PRI ":" GB_PRI "@" GB_PRI ":" GB_PRI "%s" GB_PRI,
        GB_ARG(package->ecosystem), GB_ARG(package->name), GB_ARG(package->version),
        GB_ARG(package->path), package->inside.len ? "!/" : "", GB_ARG(package->inside));
    struct gb_str name = gb_string_clean(collector->arena, id).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("language_package"), name));
    gb_fact(&facts, "ecosystem", gb_string(package->ecosystem));
    gb_fact(&facts, "name",
            gb_fact_at(&facts, gb_fact_text(&facts, package->name), package->path, 0));
    if (package->version.len)
        gb_fact(&facts, "version",
                gb_fact_at(&facts, gb_fact_text(&facts, package->version), package->path, 0));
    gb_fact(&facts, "path", gb_fact_text(&facts, package->path));
    put_text(&facts, "inside", package->inside);
    put_text(&facts, "owner", owner);
    gb_fact(&facts, "main_module", gb_bool(package->main_module));
    gb_fact(&facts, "standard_library", gb_bool(package->standard_library));
    gb_fact(&facts, "development", gb_bool(package->development));
    put_text(&facts, "system", package->system);
    put_text(&facts, "architecture", package->architecture);
    if (package->layer != UINT32_MAX)
        gb_fact(&facts, "layer", gb_int(package->layer));
}
