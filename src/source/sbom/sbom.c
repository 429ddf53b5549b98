// Which format a document is, and the operating system that its packages belong to.
#include "source/sbom/sbom.h"

#include "base/json.h"
#include "source/sbom/reading.h"

enum { MEMORY = 512 << 20, DEEPEST = 64 };

struct gb_str gb_sbom_text(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_STRING ? node->string : (struct gb_str){0};
}

static void put(struct gb_collection *all, struct gb_map_value *props, const char *name,
                struct gb_value value)
{
    if (props)
        gb_map_put(all->arena, props, gb_str_of(name), value);
}

static void put_os(struct gb_sbom_reading *reading, const struct gb_sbom_os *os)
{
    struct gb_collection *all = reading->all;
    struct gb_map_value *props = gb_collection_add(all, GB_STR("os"), (struct gb_str){0});
    uint32_t origin = gb_collection_origin(all, reading->where, os->line);
    struct gb_value unsaid = gb_unknown(GB_STR("an SBOM does not say"));
    struct gb_str pretty = os->pretty_name.len
                               ? os->pretty_name
                               : gb_str_format(all->arena, GB_PRI "%s" GB_PRI, GB_ARG(os->id),
                                               os->version.len ? " " : "", GB_ARG(os->version));
    put(all, props, "id", gb_at(gb_string_clean(all->arena, os->id), origin));
    put(all, props, "like", unsaid);
    put(all, props, "name", gb_at(gb_string_clean(all->arena, os->id), origin));
    put(all, props, "pretty_name", gb_at(gb_string_clean(all->arena, pretty), origin));
    if (os->version.len)
        put(all, props, "version", gb_at(gb_string_clean(all->arena, os->version), origin));
    put(all, props, "phase", unsaid);
}

// "debian-12", "opensuse-leap-15.5".
static int os_of_option(struct gb_sbom_reading *reading, struct gb_str text, struct gb_sbom_os *os,
                        struct gb_error *err)
{
    ptrdiff_t dash = gb_str_rfind_char(text, '-');
    if (dash <= 0 || (size_t)dash + 1 == text.len)
        return gb_error_set(err, GB_E_USAGE,
                            "\"" GB_PRI "\" names no release of an operating system like debian-12",
                            GB_ARG(text));
    gb_sbom_say_os(reading, os, gb_str_sub(text, 0, (size_t)dash),
                   gb_str_from(text, (size_t)dash + 1), 0);
    return 0;
}

// A release is needed; Debian's testing and unstable have none and say "sid".
static bool names_release(const struct gb_sbom_os *os)
{
    static const char *const rolling[] = {"wolfi", "chainguard", "arch"};
    for (size_t i = 0; i < sizeof rolling / sizeof *rolling; i++)
        if (gb_str_is(os->id, rolling[i]))
            return true;
    return os->id.len && (os->version.len || gb_str_contains(os->pretty_name, GB_STR("sid")));
}

static int find_os(struct gb_sbom_reading *reading, const struct gb_sbom_options *options,
                   struct gb_error *err)
{
    struct gb_sbom *result = reading->result;
    struct gb_sbom_os given = {0};
    if (options && options->os.len) {
        int code = os_of_option(reading, options->os, &given, err);
        if (code < 0)
            return code;
        result->os_said_by = GB_STR("--distro");
        put_os(reading, &given);
        return 0;
    }
    if (names_release(&reading->component)) {
        result->os_said_by = GB_STR("operating-system component");
        put_os(reading, &reading->component);
        return 0;
    }
    if (names_release(&reading->qualifier)) {
        if (reading->qualifier.differs)
            return gb_error_set(err, GB_E_NOT_FOUND,
                                "its packages belong to different operating systems, and no "
                                "component says which one it is: --distro does");
        result->os_said_by = GB_STR("purl");
        put_os(reading, &reading->qualifier);
        return 0;
    }
    if (!result->os_packages) {
        gb_collection_absent(reading->all, GB_STR("os"),
                             GB_STR("the SBOM has no operating system"));
        return 0;
    }
    const struct gb_sbom_os *half =
        reading->component.id.len ? &reading->component : &reading->qualifier;
    return gb_error_set(err, GB_E_NOT_FOUND,
                        "it has %zu packages of an operating system but does not say %s" GB_PRI
                        ": they cannot be matched (--distro debian-12 would say so)",
                        result->os_packages, half->id.len ? "which release of " : "which one",
                        GB_ARG(half->id));
}

static void finish(struct gb_sbom_reading *reading)
{
    struct gb_collection *all = reading->all;
    struct gb_sbom *result = reading->result;
    gb_collection_complete(all, GB_STR("os_package"));
    gb_collection_complete(all, GB_STR("language_package"));
    if (result->without_purl)
        gb_collection_note(all, gb_str_format(all->arena,
                                              "%zu packages of the SBOM have no package URL and "
                                              "were left out",
                                              result->without_purl));
    if (result->other_types)
        gb_collection_note(all, gb_str_format(all->arena,
                                              "%zu packages of the SBOM are of ecosystems without "
                                              "advisories here and were left out",
                                              result->other_types));
    if (result->without_epoch)
        gb_collection_note(
            all, gb_str_format(all->arena,
                               "%zu packages of the SBOM have no epoch: where an advisory "
                               "has one it is assumed",
                               result->without_epoch));
}

static int read_document(struct gb_sbom_reading *reading, const struct gb_node *document,
                         struct gb_error *err)
{
    const struct gb_node *inner = gb_node_get(document, "sbom"); // what GitHub exports
    if (inner && inner->kind == GB_NODE_MAP)
        document = inner;
    if (gb_str_is(gb_sbom_text(document, "bomFormat"), "CycloneDX"))
        return gb_sbom_read_cyclonedx(reading, document, err);
    if (gb_sbom_text(document, "spdxVersion").len)
        return gb_sbom_read_spdx(reading, document, err);
    if (gb_node_get(document, "@context") && gb_node_get(document, "@graph"))
        return gb_sbom_read_spdx_graph(reading, document, err);
    return gb_error_set(err, GB_E_SYNTAX, "it is JSON, but neither CycloneDX nor SPDX");
}

int gb_sbom_collect(struct gb_str text, struct gb_str where, const struct gb_sbom_options *options,
                    struct gb_collection *all, struct gb_sbom *ret, struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("sbom", MEMORY);
    struct gb_json_limits limits = {.max_bytes = GB_SBOM_MAX_BYTES, .max_depth = DEEPEST};
    struct gb_node document;
    struct gb_str start = gb_str_trim(gb_str_sub(text, 0, 4096));
    char *name = scratch ? gb_str_c(scratch, where) : NULL;
    *ret = (struct gb_sbom){.foreign = true};
    if (!name)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an SBOM");
    if (start.len && start.at[0] == '<')
        return gb_error_at(err, GB_E_UNSUPPORTED, name, 0, 0,
                           "this is XML: SBOMs are read as JSON only");
    struct gb_sbom_reading reading = {.scratch = scratch, .all = all, .result = ret};
    reading.where = gb_string_clean(all->arena, where).string;
    int code = gb_json_node(text, name, limits, scratch, &document, err);
    if (!code)
        code = read_document(&reading, &document, err);
    if (!code)
        code = find_os(&reading, options, err);
    if (code)
        return gb_error_subject(err, name);
    finish(&reading);
    ret->version = gb_string_clean(all->arena, ret->version).string;
    ret->tool = gb_string_clean(all->arena, ret->tool).string;
    ret->example = gb_string_clean(all->arena, ret->example).string;
    if (gb_arena_failed(scratch) || gb_arena_failed(all->arena))
        return gb_error_at(err, GB_E_LIMIT, name, 0, 0, "the SBOM needs more memory than allowed");
    return 0;
}
