// Packages of a collection as SBOMs name them: purls, references, order.
#include "sink/sbom/inventory.h"

#include "base/digest.h"
#include "model/package_purl.h"
#include "model/version/version.h"

#include <stdlib.h>

enum { LONGEST_PURL = 64 << 10 };

static struct gb_str text(const struct gb_resource *resource, const char *name)
{
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(name)), (struct gb_str){0});
}

static const struct gb_value *flag(const struct gb_resource *resource, const char *name)
{
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(name));
    return value && value->kind == GB_VALUE_BOOL ? value : NULL;
}

static struct gb_str purl_text(const struct gb_purl *purl, struct gb_arena *arena)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LONGEST_PURL);
    gb_purl_write(purl, &out);
    return out.failed ? (struct gb_str){0} : gb_str_copy(arena, gb_buffer_str(&out));
}

static void add_extra(struct gb_sbom_package *package, const char *name, struct gb_str value)
{
    if (value.len && package->extra_count < GB_SBOM_MOST_EXTRAS)
        package->extras[package->extra_count++] = (struct gb_sbom_extra){name, value};
}

static void add_flag(struct gb_sbom_package *package, const char *name, bool also_false)
{
    const struct gb_value *value = flag(package->resource, name);
    if (value && (value->boolean || also_false))
        add_extra(package, name, value->boolean ? GB_STR("true") : GB_STR("false"));
}

static void name_os_package(struct gb_sbom_package *package, const struct gb_sbom_inventory *os,
                            struct gb_arena *arena)
{
    struct gb_purl purl;
    if (gb_package_purl(package->resource, os->os_id, os->os_version, arena, &purl))
        package->purl = purl_text(&purl, arena);
}

static bool take_os_package(struct gb_sbom_package *package, const struct gb_sbom_inventory *os,
                            struct gb_arena *arena)
{
    const struct gb_resource *resource = package->resource;
    const struct gb_value *installed = flag(resource, "installed");
    if (installed && !installed->boolean)
        return false;
    package->of_os = true;
    package->manager = text(resource, "manager");
    package->name = text(resource, "name");
    package->version = text(resource, "version");
    package->source = text(resource, "source");
    package->source_version = text(resource, "source_version");
    package->module = text(resource, "module");
    add_extra(package, "origin", text(resource, "origin"));
    add_flag(package, "third_party", true);
    name_os_package(package, os, arena);
    return package->purl.len > 0;
}

// The spelling that the type of purl asks for is made by reading it once.
static struct gb_str spelled(struct gb_str purl, struct gb_arena *arena)
{
    struct gb_purl parsed;
    return gb_purl_parse(purl, arena, &parsed, NULL) < 0 ? purl : purl_text(&parsed, arena);
}

static bool take_language_package(struct gb_sbom_package *package, struct gb_arena *arena)
{
    const struct gb_resource *resource = package->resource;
    struct gb_purl purl;
    struct gb_str whole = text(resource, "name");
    package->version = text(resource, "version");
    if (!gb_purl_of_package(text(resource, "ecosystem"), whole, package->version, &purl))
        return false;
    package->purl = spelled(purl_text(&purl, arena), arena);
    bool grouped = gb_str_is(purl.type, "maven") || gb_str_is(purl.type, "npm");
    package->group = grouped ? purl.ns : (struct gb_str){0};
    package->name = grouped ? purl.name : whole;
    package->path = text(resource, "path");
    static const char *const texts[] = {"inside", "owner", "system", "architecture"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_extra(package, texts[i], text(resource, texts[i]));
    add_flag(package, "main_module", false);
    add_flag(package, "standard_library", false);
    add_flag(package, "development", false);
    return true;
}

static int by_place(const void *left, const void *right)
{
    const struct gb_sbom_package *a = left, *b = right;
    int order = (int)b->of_os - (int)a->of_os;
    if (!order)
        order = gb_str_compare(a->purl, b->purl);
    if (!order)
        order = gb_str_compare(a->path, b->path);
    return order ? order : gb_str_compare(a->resource->id, b->resource->id);
}

// The same package in several places needs a reference for each.
static void refer(struct gb_sbom_inventory *inventory, struct gb_arena *arena)
{
    size_t same = 1;
    for (size_t i = 0; i < inventory->count; i++) {
        struct gb_sbom_package *package = &inventory->packages[i];
        same = i && gb_str_eq(package->purl, package[-1].purl) ? same + 1 : 1;
        package->reference = same == 1
                                 ? package->purl
                                 : gb_str_format(arena, GB_PRI "#%zu", GB_ARG(package->purl), same);
    }
}

int gb_sbom_inventory(const struct gb_collection *all, struct gb_arena *arena,
                      struct gb_sbom_inventory *ret, struct gb_error *err)
{
    const struct gb_kind_state *system = gb_collection_kind(all, GB_STR("os_package"));
    const struct gb_kind_state *language = gb_collection_kind(all, GB_STR("language_package"));
    const struct gb_resource *os = gb_collection_find(all, GB_STR("os"));
    struct gb_sbom_inventory inventory = {0};
    if (os) {
        inventory.os_id = text(os, "id");
        inventory.os_version = text(os, "version");
        inventory.os_name = text(os, "pretty_name");
    }
    inventory.packages =
        gb_alloc_array(arena, system->count + language->count + 1, sizeof *inventory.packages);
    if (!inventory.packages)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the packages of an SBOM");
    for (size_t i = 0; i < system->count + language->count; i++) {
        struct gb_sbom_package *package = &inventory.packages[inventory.count];
        bool of_os = i < system->count;
        package->resource = of_os ? system->resources[i] : language->resources[i - system->count];
        bool taken = of_os ? take_os_package(package, &inventory, arena)
                           : take_language_package(package, arena);
        if (taken)
            inventory.count++;
        else
            *package = (struct gb_sbom_package){0};
        inventory.os_count += taken && of_os;
    }
    qsort(inventory.packages, inventory.count, sizeof *inventory.packages, by_place);
    refer(&inventory, arena);
    if (gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the packages of an SBOM");
    *ret = inventory;
    return 0;
}

int gb_sbom_put_uuid(struct gb_buffer *out, const size_t *places, size_t count,
                     struct gb_error *err)
{
    unsigned char sum[GB_DIGEST_LARGEST];
    if (out->failed)
        return gb_error_set(err, GB_E_LIMIT, "the SBOM is too large or memory is short");
    int code = gb_digest(GB_SHA256, gb_buffer_str(out), sum, err);
    if (code < 0)
        return code;
    sum[6] = (unsigned char)((sum[6] & 0x0f) | 0x80); // version 8: of our own making
    sum[8] = (unsigned char)((sum[8] & 0x3f) | 0x80);
    char text_of[sizeof GB_SBOM_NO_UUID];
    size_t len = 0;
    for (size_t i = 0; i < 16; i++) {
        static const char digits[] = "0123456789abcdef";
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text_of[len++] = '-';
        text_of[len++] = digits[sum[i] >> 4];
        text_of[len++] = digits[sum[i] & 15];
    }
    for (size_t i = 0; i < count; i++)
        memcpy(out->data + places[i], text_of, len);
    return 0;
}
