// CycloneDX 1.6 as JSON: components with purls, the operating-system component, what depends on
// what, and the properties by which Trivy finds source packages.
#include "base/json.h"
#include "base/time.h"
#include "sink/sbom/inventory.h"

#include <stdio.h>

static void property(struct gb_json_writer *w, const char *name, struct gb_str value)
{
    if (!value.len)
        return;
    gb_json_object_begin(w);
    gb_json_field_text(w, "name", name);
    gb_json_field_str(w, "value", value);
    gb_json_object_end(w);
}

// Trivy keeps the versions of source packages in three pieces.
static void trivy_source(struct gb_json_writer *w, const struct gb_sbom_package *package)
{
    struct gb_str version = package->source_version, epoch = {0}, release = {0};
    bool split = !gb_str_is(package->manager, "apk");
    ptrdiff_t colon = split ? gb_str_find_char(version, ':') : -1;
    if (colon >= 0) {
        epoch = gb_str_sub(version, 0, (size_t)colon);
        version = gb_str_from(version, (size_t)colon + 1);
    }
    ptrdiff_t dash = split ? gb_str_rfind_char(version, '-') : -1;
    if (dash >= 0) {
        release = gb_str_from(version, (size_t)dash + 1);
        version = gb_str_sub(version, 0, (size_t)dash);
    }
    property(w, "aquasecurity:trivy:SrcName", package->source);
    property(w, "aquasecurity:trivy:SrcVersion", version);
    property(w, "aquasecurity:trivy:SrcRelease", release);
    property(w, "aquasecurity:trivy:SrcEpoch", epoch);
}

static void write_properties(struct gb_json_writer *w, const struct gb_sbom_package *package,
                             struct gb_str os)
{
    gb_json_key(w, "properties");
    gb_json_list_begin(w);
    if (package->of_os) {
        property(w, "aquasecurity:trivy:PkgType", os);
        trivy_source(w, package);
        property(w, "aquasecurity:trivy:Modularitylabel", package->module);
        property(w, "syft:metadata:source", package->source);
        property(w, "syft:metadata:sourceVersion", package->source_version);
    } else {
        property(w, "aquasecurity:trivy:FilePath", package->path);
        property(w, "syft:location:0:path", package->path);
    }
    for (size_t i = 0; i < package->extra_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "gabion:%s", package->extras[i].name);
        property(w, name, package->extras[i].value);
    }
    gb_json_list_end(w);
}

static void write_package(struct gb_json_writer *w, const struct gb_sbom_package *package,
                          struct gb_str os)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "bom-ref", package->reference);
    gb_json_field_text(w, "type", "library");
    if (package->group.len)
        gb_json_field_str(w, "group", package->group);
    gb_json_field_str(w, "name", package->name);
    if (package->version.len)
        gb_json_field_str(w, "version", package->version);
    gb_json_field_str(w, "purl", package->purl);
    write_properties(w, package, os);
    if (package->path.len) {
        gb_json_key(w, "evidence");
        gb_json_object_begin(w);
        gb_json_key(w, "occurrences");
        gb_json_list_begin(w);
        gb_json_object_begin(w);
        gb_json_field_str(w, "location", package->path);
        gb_json_object_end(w);
        gb_json_list_end(w);
        gb_json_object_end(w);
    }
    gb_json_object_end(w);
}

static void write_os(struct gb_json_writer *w, const struct gb_sbom_inventory *inventory)
{
    if (!inventory->os_id.len)
        return;
    gb_json_object_begin(w);
    gb_json_field_text(w, "bom-ref", "operating-system");
    gb_json_field_text(w, "type", "operating-system");
    gb_json_field_str(w, "name", inventory->os_id);
    if (inventory->os_version.len)
        gb_json_field_str(w, "version", inventory->os_version);
    if (inventory->os_name.len)
        gb_json_field_str(w, "description", inventory->os_name);
    gb_json_key(w, "properties");
    gb_json_list_begin(w);
    property(w, "aquasecurity:trivy:Class", GB_STR("os-pkgs"));
    property(w, "aquasecurity:trivy:Type", inventory->os_id);
    property(w, "syft:distro:id", inventory->os_id);
    property(w, "syft:distro:versionID", inventory->os_version);
    property(w, "syft:distro:prettyName", inventory->os_name);
    gb_json_list_end(w);
    gb_json_object_end(w);
}

static void write_metadata(struct gb_json_writer *w, const struct gb_sbom_subject *subject)
{
    char when[GB_TIME_SIZE];
    gb_time_text(subject->made_at, 0, when);
    gb_json_key(w, "metadata");
    gb_json_object_begin(w);
    gb_json_field_text(w, "timestamp", when);
    gb_json_key(w, "tools");
    gb_json_object_begin(w);
    gb_json_key(w, "components");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_field_text(w, "type", "application");
    gb_json_field_text(w, "name", "gabion");
    gb_json_field_str(w, "version", subject->tool_version);
    gb_json_object_end(w);
    gb_json_list_end(w);
    gb_json_object_end(w);
    gb_json_key(w, "component");
    gb_json_object_begin(w);
    gb_json_field_text(w, "bom-ref", "target");
    gb_json_field_text(w, "type", subject->type);
    gb_json_field_str(w, "name", subject->name);
    gb_json_object_end(w);
    gb_json_object_end(w);
}

static void begin_dependency(struct gb_json_writer *w, struct gb_str reference)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "ref", reference);
    gb_json_key(w, "dependsOn");
    gb_json_list_begin(w);
}

static void end_dependency(struct gb_json_writer *w)
{
    gb_json_list_end(w);
    gb_json_object_end(w);
}

// The target holds its operating system and the packages of languages, the system its packages.
static void write_dependencies(struct gb_json_writer *w, const struct gb_sbom_inventory *inventory)
{
    bool os = inventory->os_id.len > 0;
    gb_json_key(w, "dependencies");
    gb_json_list_begin(w);
    begin_dependency(w, GB_STR("target"));
    if (os)
        gb_json_text(w, "operating-system");
    for (size_t i = 0; i < inventory->count; i++)
        if (!os || !inventory->packages[i].of_os)
            gb_json_string(w, inventory->packages[i].reference);
    end_dependency(w);
    if (os) {
        begin_dependency(w, GB_STR("operating-system"));
        for (size_t i = 0; i < inventory->os_count; i++)
            gb_json_string(w, inventory->packages[i].reference);
        end_dependency(w);
    }
    gb_json_list_end(w);
}

int gb_sbom_write_cyclonedx(const struct gb_collection *all, const struct gb_sbom_subject *subject,
                            struct gb_arena *scratch, struct gb_buffer *out, struct gb_error *err)
{
    struct gb_sbom_inventory inventory;
    int code = gb_sbom_inventory(all, scratch, &inventory, err);
    if (code < 0)
        return code;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    gb_json_field_text(&w, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    gb_json_field_text(&w, "bomFormat", "CycloneDX");
    gb_json_field_text(&w, "specVersion", "1.6");
    gb_json_field_text(&w, "serialNumber", "urn:uuid:" GB_SBOM_NO_UUID);
    size_t uuid = out->len - sizeof GB_SBOM_NO_UUID; // before the closing quote
    gb_json_field_int(&w, "version", 1);
    write_metadata(&w, subject);
    gb_json_key(&w, "components");
    gb_json_list_begin(&w);
    write_os(&w, &inventory);
    for (size_t i = 0; i < inventory.count; i++)
        write_package(&w, &inventory.packages[i], inventory.os_id);
    gb_json_list_end(&w);
    write_dependencies(&w, &inventory);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return gb_sbom_put_uuid(out, &uuid, 1, err);
}
