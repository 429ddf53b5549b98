// CycloneDX as JSON (ECMA-424): components, their properties, the operating-system component.
#include "source/sbom/reading.h"

// Versions of Trivy's source packages come in three properties.
struct trivy_source {
    struct gb_str version, release, epoch;
};

static const struct gb_node *list_of(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_LIST ? node : NULL;
}

static void take_property(struct gb_sbom_component *component, struct trivy_source *trivy,
                          struct gb_str name, struct gb_str value)
{
    const struct {
        const char *name;
        struct gb_str *into;
    } texts[] = {
        {"aquasecurity:trivy:SrcName", &component->source},
        {"aquasecurity:trivy:SrcVersion", &trivy->version},
        {"aquasecurity:trivy:SrcRelease", &trivy->release},
        {"aquasecurity:trivy:SrcEpoch", &trivy->epoch},
        {"aquasecurity:trivy:Modularitylabel", &component->module},
        {"aquasecurity:trivy:FilePath", &component->path},
        {"syft:metadata:source", &component->source},
        {"syft:metadata:sourceVersion", &component->source_version},
        {"syft:metadata:originPackage", &component->source},
        {"syft:metadata:sourceRpm", &component->source_rpm},
        {"syft:metadata:modularityLabel", &component->module},
        {"syft:location:0:path", &component->path},
        {"gabion:origin", &component->origin},
        {"gabion:inside", &component->inside},
        {"gabion:owner", &component->owner},
        {"gabion:system", &component->system},
        {"gabion:architecture", &component->architecture},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (gb_str_is(name, texts[i].name) && value.len)
            *texts[i].into = value;
    bool yes = gb_str_is(value, "true");
    if (gb_str_is(name, "gabion:third_party")) {
        component->third_party = yes;
        component->third_party_said = true;
    } else if (gb_str_is(name, "gabion:main_module")) {
        component->main_module = yes;
    } else if (gb_str_is(name, "gabion:standard_library")) {
        component->standard_library = yes;
    } else if (gb_str_is(name, "gabion:development") ||
               gb_str_is(name, "cdx:npm:package:development")) {
        component->development = yes;
    }
}

static void take_properties(struct gb_sbom_reading *reading, const struct gb_node *node,
                            struct gb_sbom_component *component)
{
    const struct gb_node *properties = list_of(node, "properties");
    struct trivy_source trivy = {0};
    for (size_t i = 0; properties && i < properties->list.count; i++)
        take_property(component, &trivy, gb_sbom_text(&properties->list.items[i], "name"),
                      gb_sbom_text(&properties->list.items[i], "value"));
    if (!trivy.version.len)
        return;
    if (gb_str_is(trivy.epoch, "0"))
        trivy.epoch = (struct gb_str){0};
    component->source_version =
        gb_str_format(reading->scratch, GB_PRI "%s" GB_PRI "%s" GB_PRI, GB_ARG(trivy.epoch),
                      trivy.epoch.len ? ":" : "", GB_ARG(trivy.version),
                      trivy.release.len ? "-" : "", GB_ARG(trivy.release));
}

static struct gb_str property(const struct gb_node *node, const char *name)
{
    const struct gb_node *properties = list_of(node, "properties");
    for (size_t i = 0; properties && i < properties->list.count; i++)
        if (gb_str_is(gb_sbom_text(&properties->list.items[i], "name"), name))
            return gb_sbom_text(&properties->list.items[i], "value");
    return (struct gb_str){0};
}

static void take_os(struct gb_sbom_reading *reading, const struct gb_node *node)
{
    struct gb_str id = property(node, "syft:distro:id");
    struct gb_str version = property(node, "syft:distro:versionID");
    gb_sbom_say_os(reading, &reading->component, id.len ? id : gb_sbom_text(node, "name"),
                   version.len ? version : gb_sbom_text(node, "version"), node->line);
    struct gb_str pretty = property(node, "syft:distro:prettyName");
    if (!pretty.len)
        pretty = gb_sbom_text(node, "description");
    if (pretty.len)
        reading->component.pretty_name = pretty;
}

// Types that are packages even without a purl; files, devices and the like are none.
static bool is_package(struct gb_str type)
{
    return gb_str_is(type, "library") || gb_str_is(type, "framework");
}

static void take_component(struct gb_sbom_reading *reading, const struct gb_node *node)
{
    struct gb_str type = gb_sbom_text(node, "type");
    if (gb_str_is(type, "operating-system")) {
        take_os(reading, node);
        return;
    }
    struct gb_sbom_component component = {
        .name = gb_sbom_text(node, "name"),
        .group = gb_sbom_text(node, "group"),
        .version = gb_sbom_text(node, "version"),
        .purl = gb_sbom_text(node, "purl"),
        .development = gb_str_is(gb_sbom_text(node, "scope"), "excluded"),
        .line = node->line,
    };
    if (!component.purl.len && !is_package(type))
        return;
    const struct gb_node *evidence = gb_node_get(node, "evidence");
    const struct gb_node *occurrences = evidence ? list_of(evidence, "occurrences") : NULL;
    if (occurrences && occurrences->list.count)
        component.path = gb_sbom_text(&occurrences->list.items[0], "location");
    take_properties(reading, node, &component);
    gb_sbom_add(reading, &component);
}

// Components may stand inside of components, as deep as the reader of JSON lets them.
static void take_components(struct gb_sbom_reading *reading, const struct gb_node *parent)
{
    const struct gb_node *components = list_of(parent, "components");
    for (size_t i = 0; components && i < components->list.count; i++) {
        take_component(reading, &components->list.items[i]);
        take_components(reading, &components->list.items[i]);
    }
}

// metadata.tools: a list of {vendor, name}, or since 1.5 {components: [{name}]}.
static struct gb_str tool_of(const struct gb_node *metadata)
{
    const struct gb_node *tools = gb_node_get(metadata, "tools");
    if (tools && tools->kind == GB_NODE_MAP)
        tools = list_of(tools, "components");
    return tools && tools->kind == GB_NODE_LIST && tools->list.count
               ? gb_sbom_text(&tools->list.items[0], "name")
               : (struct gb_str){0};
}

int gb_sbom_read_cyclonedx(struct gb_sbom_reading *reading, const struct gb_node *document,
                           struct gb_error *err)
{
    struct gb_sbom *result = reading->result;
    uint64_t minor = 0;
    result->format = "CycloneDX";
    result->version = gb_sbom_text(document, "specVersion");
    if (!gb_str_starts(result->version, GB_STR("1.")) ||
        gb_str_to_uint(gb_str_from(result->version, 2), 10, &minor) < 0 || minor < 2)
        return gb_error_set(err, GB_E_UNSUPPORTED,
                            "CycloneDX \"" GB_PRI "\" is no version that is read here (1.2 to 1.7)",
                            GB_ARG(result->version));
    const struct gb_node *metadata = gb_node_get(document, "metadata");
    if (metadata) {
        result->tool = tool_of(metadata);
        result->foreign = !gb_str_is(result->tool, "gabion");
        const struct gb_node *subject = gb_node_get(metadata, "component");
        if (subject && gb_str_is(gb_sbom_text(subject, "type"), "operating-system"))
            take_os(reading, subject);
        else if (subject && gb_sbom_text(subject, "purl").len &&
                 !gb_str_starts(gb_sbom_text(subject, "purl"), GB_STR("pkg:oci/")))
            take_component(reading, subject);
        if (subject)
            take_components(reading, subject);
    }
    take_components(reading, document);
    return 0;
}
