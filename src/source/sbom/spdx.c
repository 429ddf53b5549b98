// SPDX as JSON: the documents of 2.2 and 2.3, and the graphs of 3.0 (JSON-LD).
#include "source/sbom/reading.h"

static const struct gb_node *list_of(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_LIST ? node : NULL;
}

static struct gb_str purl_of(const struct gb_node *package)
{
    const struct gb_node *references = list_of(package, "externalRefs");
    for (size_t i = 0; references && i < references->list.count; i++)
        if (gb_str_is(gb_sbom_text(&references->list.items[i], "referenceType"), "purl"))
            return gb_sbom_text(&references->list.items[i], "referenceLocator");
    return (struct gb_str){0};
}

// Trivy: "built package from: openssl 3.0.11-1".
static void take_source_info(struct gb_sbom_component *component, struct gb_str info)
{
    struct gb_str before = GB_STR("built package from: "), name, version;
    if (!gb_str_starts(info, before))
        return;
    info = gb_str_from(info, before.len);
    if (!gb_str_next_word(&info, &name) || !gb_str_next_word(&info, &version))
        return;
    component->source = name;
    component->source_version = version;
}

// What gabion sbom could not say in fields: annotations "gabion:origin=Docker".
static void take_annotation(struct gb_sbom_component *component, struct gb_str name,
                            struct gb_str value)
{
    const struct {
        const char *name;
        struct gb_str *into;
    } texts[] = {
        {"origin", &component->origin},
        {"path", &component->path},
        {"inside", &component->inside},
        {"owner", &component->owner},
        {"module", &component->module},
        {"system", &component->system},
        {"architecture", &component->architecture},
    };
    const struct {
        const char *name;
        bool *into;
    } flags[] = {
        {"main_module", &component->main_module},
        {"standard_library", &component->standard_library},
        {"development", &component->development},
        {"third_party", &component->third_party},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (gb_str_is(name, texts[i].name))
            *texts[i].into = value;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (gb_str_is(name, flags[i].name))
            *flags[i].into = gb_str_is(value, "true");
    if (gb_str_is(name, "third_party"))
        component->third_party_said = true;
}

static void take_annotations(struct gb_sbom_component *component, const struct gb_node *package)
{
    const struct gb_node *annotations = list_of(package, "annotations");
    for (size_t i = 0; annotations && i < annotations->list.count; i++) {
        struct gb_str comment = gb_sbom_text(&annotations->list.items[i], "comment");
        ptrdiff_t equals = gb_str_find_char(comment, '=');
        if (equals > 7 && gb_str_starts(comment, GB_STR("gabion:")))
            take_annotation(component, gb_str_sub(comment, 7, (size_t)equals - 7),
                            gb_str_from(comment, (size_t)equals + 1));
    }
}

static void take_package(struct gb_sbom_reading *reading, const struct gb_node *package)
{
    struct gb_str purpose = gb_sbom_text(package, "primaryPackagePurpose");
    struct gb_sbom_component component = {
        .name = gb_sbom_text(package, "name"),
        .version = gb_sbom_text(package, "versionInfo"),
        .purl = purl_of(package),
        .line = package->line,
    };
    if (gb_str_is(purpose, "OPERATING-SYSTEM") || gb_str_is(purpose, "OPERATING_SYSTEM")) {
        gb_sbom_say_os(reading, &reading->component, component.name, component.version,
                       package->line);
        reading->component.pretty_name = gb_sbom_text(package, "description");
        return;
    }
    // The image, folder or file that the document is about is no package of it.
    bool container = gb_str_is(purpose, "CONTAINER") || gb_str_is(purpose, "SOURCE") ||
                     gb_str_is(purpose, "DEVICE") || gb_str_is(purpose, "FILE");
    if (gb_str_starts(component.purl, GB_STR("pkg:oci/")) || (container && !component.purl.len) ||
        (!component.purl.len && gb_str_is(purpose, "APPLICATION")))
        return;
    take_source_info(&component, gb_sbom_text(package, "sourceInfo"));
    take_annotations(&component, package);
    gb_sbom_add(reading, &component);
}

// creationInfo.creators: "Tool: trivy-0.50.0".
static struct gb_str tool_of(const struct gb_node *document)
{
    const struct gb_node *info = gb_node_get(document, "creationInfo");
    const struct gb_node *creators = info ? list_of(info, "creators") : NULL;
    for (size_t i = 0; creators && i < creators->list.count; i++) {
        const struct gb_node *one = &creators->list.items[i];
        if (one->kind == GB_NODE_STRING && gb_str_starts(one->string, GB_STR("Tool: ")))
            return gb_str_from(one->string, 6);
    }
    return (struct gb_str){0};
}

int gb_sbom_read_spdx(struct gb_sbom_reading *reading, const struct gb_node *document,
                      struct gb_error *err)
{
    struct gb_sbom *result = reading->result;
    struct gb_str version = gb_sbom_text(document, "spdxVersion");
    result->format = "SPDX";
    result->version = gb_str_from(version, 5);
    if (!gb_str_is(version, "SPDX-2.2") && !gb_str_is(version, "SPDX-2.3"))
        return gb_error_set(err, GB_E_UNSUPPORTED,
                            "\"" GB_PRI
                            "\" is no version of SPDX that is read here (2.2, 2.3, 3.0)",
                            GB_ARG(version));
    result->tool = tool_of(document);
    result->foreign = !gb_str_starts(result->tool, GB_STR("gabion-"));
    const struct gb_node *packages = list_of(document, "packages");
    for (size_t i = 0; packages && i < packages->list.count; i++)
        take_package(reading, &packages->list.items[i]);
    return 0;
}

// The names of types and fields with and without their profile: "software_Package", "Package".
static struct gb_str field_of(const struct gb_node *element, const char *name)
{
    struct gb_str value = gb_sbom_text(element, name);
    const char *bare = strchr(name, '_');
    return value.len || !bare ? value : gb_sbom_text(element, bare + 1);
}

static struct gb_str graph_purl(const struct gb_node *element)
{
    struct gb_str purl = field_of(element, "software_packageUrl");
    const struct gb_node *identifiers = list_of(element, "externalIdentifier");
    for (size_t i = 0; !purl.len && identifiers && i < identifiers->list.count; i++)
        if (gb_str_is(gb_sbom_text(&identifiers->list.items[i], "externalIdentifierType"),
                      "packageUrl"))
            purl = gb_sbom_text(&identifiers->list.items[i], "identifier");
    return purl;
}

int gb_sbom_read_spdx_graph(struct gb_sbom_reading *reading, const struct gb_node *document,
                            struct gb_error *err)
{
    struct gb_sbom *result = reading->result;
    const struct gb_node *graph = list_of(document, "@graph");
    result->format = "SPDX";
    result->version = GB_STR("3.0");
    if (!graph)
        return gb_error_set(err, GB_E_SYNTAX, "@graph is no list");
    for (size_t i = 0; i < graph->list.count; i++) {
        const struct gb_node *element = &graph->list.items[i];
        struct gb_str type = gb_sbom_text(element, "type");
        struct gb_sbom_component component = {
            .name = gb_sbom_text(element, "name"),
            .version = field_of(element, "software_packageVersion"),
            .purl = graph_purl(element),
            .line = element->line,
        };
        struct gb_str purpose = field_of(element, "software_primaryPurpose");
        if (gb_str_is(type, "Tool") && !result->tool.len)
            result->tool = component.name;
        if (!gb_str_is(type, "software_Package") && !gb_str_is(type, "Package"))
            continue;
        if (gb_str_is(purpose, "operatingSystem"))
            gb_sbom_say_os(reading, &reading->component, component.name, component.version,
                           component.line);
        else if (component.purl.len || gb_str_is(purpose, "library"))
            gb_sbom_add(reading, &component);
    }
    return 0;
}
