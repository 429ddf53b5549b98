// SPDX 2.3 as JSON: packages with purls, the operating system as a package, relationships.
#include "base/digest.h"
#include "base/json.h"
#include "base/time.h"
#include "sink/sbom/inventory.h"

#include <stdio.h>

#define OS_ID     "SPDXRef-OperatingSystem"
#define TARGET_ID "SPDXRef-Target"

struct document {
    struct gb_json_writer *w;
    const struct gb_sbom_subject *subject;
    char when[GB_TIME_SIZE];
    struct gb_str tool; // "Tool: gabion-1.0"
};

// Identifiers hold letters, digits, dots and hyphens only: a digest of the reference.
static int id_of(struct gb_str reference, struct gb_arena *arena, struct gb_str *ret,
                 struct gb_error *err)
{
    struct gb_str hex;
    int code = gb_digest_hex(GB_SHA256, reference, arena, &hex, err);
    if (code < 0)
        return code;
    hex = gb_str_sub(hex, 0, 24);
    *ret = gb_str_format(arena, "SPDXRef-Package-" GB_PRI, GB_ARG(hex));
    return 0;
}

static void begin_package(struct document *document, struct gb_str id, struct gb_str name,
                          struct gb_str version, const char *purpose)
{
    struct gb_json_writer *w = document->w;
    gb_json_object_begin(w);
    gb_json_field_str(w, "name", name);
    gb_json_field_str(w, "SPDXID", id);
    if (version.len)
        gb_json_field_str(w, "versionInfo", version);
    gb_json_field_text(w, "primaryPackagePurpose", purpose);
    gb_json_field_text(w, "supplier", "NOASSERTION");
    gb_json_field_text(w, "downloadLocation", "NOASSERTION");
    gb_json_field_bool(w, "filesAnalyzed", false);
    gb_json_field_text(w, "licenseConcluded", "NOASSERTION");
    gb_json_field_text(w, "licenseDeclared", "NOASSERTION");
    gb_json_field_text(w, "copyrightText", "NOASSERTION");
}

static void annotate(struct document *document, const char *name, struct gb_str value,
                     struct gb_arena *arena)
{
    struct gb_json_writer *w = document->w;
    if (!value.len)
        return;
    gb_json_object_begin(w);
    gb_json_field_text(w, "annotationDate", document->when);
    gb_json_field_text(w, "annotationType", "OTHER");
    gb_json_field_str(w, "annotator", document->tool);
    gb_json_field_str(w, "comment", gb_str_format(arena, "gabion:%s=" GB_PRI, name, GB_ARG(value)));
    gb_json_object_end(w);
}

static void write_package(struct document *document, const struct gb_sbom_package *package,
                          struct gb_str id, struct gb_arena *arena)
{
    struct gb_json_writer *w = document->w;
    struct gb_str name = package->name;
    if (package->group.len)
        name = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(package->group),
                             gb_str_starts(package->purl, GB_STR("pkg:maven/")) ? ":" : "/",
                             GB_ARG(package->name));
    begin_package(document, id, name, package->version, "LIBRARY");
    if (package->source.len && package->source_version.len)
        gb_json_field_str(w, "sourceInfo",
                          gb_str_format(arena, "built package from: " GB_PRI " " GB_PRI,
                                        GB_ARG(package->source), GB_ARG(package->source_version)));
    gb_json_key(w, "externalRefs");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_field_text(w, "referenceCategory", "PACKAGE-MANAGER");
    gb_json_field_text(w, "referenceType", "purl");
    gb_json_field_str(w, "referenceLocator", package->purl);
    gb_json_object_end(w);
    gb_json_list_end(w);
    if (package->extra_count || package->path.len) {
        gb_json_key(w, "annotations");
        gb_json_list_begin(w);
        annotate(document, "path", package->path, arena);
        for (size_t i = 0; i < package->extra_count; i++)
            annotate(document, package->extras[i].name, package->extras[i].value, arena);
        gb_json_list_end(w);
    }
    gb_json_object_end(w);
}

static void relate(struct gb_json_writer *w, const char *from, const char *type, struct gb_str to)
{
    gb_json_object_begin(w);
    gb_json_field_text(w, "spdxElementId", from);
    gb_json_field_text(w, "relationshipType", type);
    gb_json_field_str(w, "relatedSpdxElement", to);
    gb_json_object_end(w);
}

static size_t write_head(struct document *document, struct gb_buffer *out)
{
    struct gb_json_writer *w = document->w;
    gb_json_field_text(w, "spdxVersion", "SPDX-2.3");
    gb_json_field_text(w, "dataLicense", "CC0-1.0");
    gb_json_field_text(w, "SPDXID", "SPDXRef-DOCUMENT");
    gb_json_field_str(w, "name", document->subject->name);
    gb_json_field_text(w, "documentNamespace", "urn:uuid:" GB_SBOM_NO_UUID);
    size_t uuid = out->len - sizeof GB_SBOM_NO_UUID; // before the closing quote
    gb_json_key(w, "creationInfo");
    gb_json_object_begin(w);
    gb_json_field_text(w, "created", document->when);
    gb_json_key(w, "creators");
    gb_json_list_begin(w);
    gb_json_string(w, document->tool);
    gb_json_list_end(w);
    gb_json_object_end(w);
    return uuid;
}

static const char *purpose_of(const struct gb_sbom_subject *subject)
{
    return strcmp(subject->type, "container") == 0 ? "CONTAINER"
           : strcmp(subject->type, "device") == 0  ? "DEVICE"
                                                   : "FILE";
}

int gb_sbom_write_spdx(const struct gb_collection *all, const struct gb_sbom_subject *subject,
                       struct gb_arena *scratch, struct gb_buffer *out, struct gb_error *err)
{
    struct gb_sbom_inventory inventory;
    int code = gb_sbom_inventory(all, scratch, &inventory, err);
    if (code < 0)
        return code;
    struct gb_json_writer w = gb_json_writer(out, 2);
    struct document document = {.w = &w, .subject = subject};
    gb_time_text(subject->made_at, 0, document.when);
    document.tool = gb_str_format(scratch, "Tool: gabion-" GB_PRI, GB_ARG(subject->tool_version));
    struct gb_str *ids = gb_alloc_array(scratch, inventory.count + 1, sizeof *ids);
    if (!ids)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an SBOM");
    gb_json_object_begin(&w);
    size_t uuid = write_head(&document, out);
    gb_json_key(&w, "packages");
    gb_json_list_begin(&w);
    begin_package(&document, GB_STR(TARGET_ID), subject->name, (struct gb_str){0},
                  purpose_of(subject));
    gb_json_object_end(&w);
    if (inventory.os_id.len) {
        begin_package(&document, GB_STR(OS_ID), inventory.os_id, inventory.os_version,
                      "OPERATING-SYSTEM");
        if (inventory.os_name.len)
            gb_json_field_str(&w, "description", inventory.os_name);
        gb_json_object_end(&w);
    }
    for (size_t i = 0; i < inventory.count && !code; i++) {
        code = id_of(inventory.packages[i].reference, scratch, &ids[i], err);
        if (!code)
            write_package(&document, &inventory.packages[i], ids[i], scratch);
    }
    if (code < 0)
        return code;
    gb_json_list_end(&w);
    gb_json_key(&w, "relationships");
    gb_json_list_begin(&w);
    relate(&w, "SPDXRef-DOCUMENT", "DESCRIBES", GB_STR(TARGET_ID));
    if (inventory.os_id.len)
        relate(&w, TARGET_ID, "CONTAINS", GB_STR(OS_ID));
    for (size_t i = 0; i < inventory.count; i++)
        relate(&w, inventory.os_id.len && inventory.packages[i].of_os ? OS_ID : TARGET_ID,
               "CONTAINS", ids[i]);
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return gb_sbom_put_uuid(out, &uuid, 1, err);
}
