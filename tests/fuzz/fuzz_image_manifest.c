// Documents of images and registries: manifests, indexes, configurations, the list of `docker
// save`, credentials, names of images and challenges. The first byte says which.
#include "source/image/credentials.h"
#include "source/image/manifest.h"
#include "source/image/registry_name.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY = 64 << 20 };

static void parse_manifest(struct gb_str text, struct gb_arena *arena, struct gb_error *err)
{
    struct gb_manifest manifest;
    struct gb_platform platform;
    if (gb_manifest_parse(text, "manifest", 100, arena, &manifest, err))
        return;
    for (size_t i = 0; i < manifest.count; i++)
        if (!gb_is_digest(manifest.entries[i].digest))
            abort();
    if (!manifest.is_index && manifest.count > 100)
        abort();
    if (gb_platform_parse(GB_STR("linux/arm64"), &platform, err) == GB_OK)
        (void)gb_manifest_choose(&manifest, &platform);
    if (gb_manifest_platforms(&manifest, arena).len > 400)
        abort();
}

static void parse_name(struct gb_str text, struct gb_arena *arena, struct gb_error *err)
{
    struct gb_registry_name name;
    struct gb_challenge challenge;
    if (gb_registry_name_parse(text, arena, &name, err) == GB_OK &&
        (!name.repository.len || !name.host.len || (!name.tag.len && !name.digest.len) ||
         gb_str_contains(name.repository, GB_STR("/../")) || gb_str_find_char(name.host, '@') >= 0))
        abort();
    gb_challenge_parse(text, arena, &challenge);
    struct gb_str escaped = gb_query_escape(arena, text);
    for (size_t i = 0; i < escaped.len; i++)
        if (escaped.at[i] <= ' ' || escaped.at[i] == '&' || escaped.at[i] == '#')
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", MEMORY);
    struct gb_error err = {0};
    struct gb_image_config config;
    struct gb_saved_image *images = NULL;
    struct gb_credentials credentials;
    size_t count = 0;
    if (!arena || !size)
        return 0;
    struct gb_str text = gb_str_copy(arena, (struct gb_str){(const char *)data + 1, size - 1});
    if (!text.at)
        return 0;
    switch (data[0] % 5) {
    case 0:
        parse_manifest(text, arena, &err);
        break;
    case 1:
        (void)!gb_image_config_parse(text, "config", arena, &config, &err);
        break;
    case 2:
        (void)!gb_saved_images_parse(text, "list", 100, arena, &images, &count, &err);
        break;
    case 3:
        gb_credentials_read(text, "config.json", GB_STR("docker.io"), GB_STR("library/debian"),
                            arena, &credentials);
        break;
    default:
        parse_name(text, arena, &err);
    }
    return 0;
}
