// Docker's storage, read without its daemon: image/overlay2/repositories.json, the configurations
// in imagedb, the chain of layers in layerdb and the directories of the driver overlay2.
#include "base/toml.h"
#include "source/image/storage.h"

#include <limits.h>
#include <stdio.h>

static const char *find_root(struct gb_image *image)
{
    struct gb_node root;
    if (image->options.docker_storage)
        return image->options.docker_storage;
    if (!gb_storage_read_json(image, "/etc/docker/daemon.json", &root, NULL) &&
        root.kind == GB_NODE_MAP) {
        struct gb_str chosen = gb_storage_string(&root, "data-root");
        if (chosen.len && chosen.at[0] == '/')
            return gb_str_c(image->arena, chosen);
    }
    return "/var/lib/docker";
}

// The id of the image, "sha256:..."; *tied: how many fit equally well.
static struct gb_str find_id(const struct gb_node *repositories, struct gb_str name, unsigned *tied,
                             struct gb_str *digest)
{
    struct gb_str found = {0};
    unsigned best = 0;
    const struct gb_node *all = gb_node_get(repositories, "Repositories");
    for (size_t i = 0; all && all->kind == GB_NODE_MAP && i < all->map.count; i++) {
        const struct gb_node *tags = &all->map.pairs[i].value;
        for (size_t j = 0; tags->kind == GB_NODE_MAP && j < tags->map.count; j++) {
            struct gb_str stored = tags->map.pairs[j].key;
            if (tags->map.pairs[j].value.kind != GB_NODE_STRING)
                continue;
            struct gb_str id = tags->map.pairs[j].value.string;
            unsigned fit = gb_str_eq(stored, name) || gb_image_id_fits(id, name)
                               ? 5
                               : gb_image_name_fits(stored, name);
            if (fit && fit == best && !gb_str_eq(id, found))
                ++*tied;
            if (fit > best) {
                best = fit;
                found = id;
                *tied = 1;
            }
        }
    }
    for (size_t i = 0; all && all->kind == GB_NODE_MAP && found.len && i < all->map.count; i++) {
        const struct gb_node *tags = &all->map.pairs[i].value;
        for (size_t j = 0; tags->kind == GB_NODE_MAP && j < tags->map.count; j++) {
            struct gb_str stored = tags->map.pairs[j].key;
            ptrdiff_t at = gb_str_find_char(stored, '@');
            if (at >= 0 && tags->map.pairs[j].value.kind == GB_NODE_STRING &&
                gb_str_eq(tags->map.pairs[j].value.string, found))
                *digest = gb_str_from(stored, (size_t)at + 1);
        }
    }
    return found;
}

// The id of a chain of layers is the digest of "chain diff-id".
static int next_chain(struct gb_image *image, struct gb_str *chain, struct gb_str diff_id,
                      struct gb_error *err)
{
    struct gb_str hex;
    if (!chain->len) {
        *chain = diff_id;
        return GB_OK;
    }
    struct gb_str both =
        gb_str_format(image->arena, GB_PRI " " GB_PRI, GB_ARG(*chain), GB_ARG(diff_id));
    int code = gb_digest_hex(GB_SHA256, both, image->arena, &hex, err);
    *chain = gb_str_format(image->arena, "sha256:" GB_PRI, GB_ARG(hex));
    return code;
}

static int take_layer(struct gb_image *image, const char *root, struct gb_str chain,
                      struct gb_error *err)
{
    char path[PATH_MAX];
    struct gb_str cache;
    snprintf(path, sizeof path, "%s/image/overlay2/layerdb/sha256/" GB_PRI "/cache-id", root,
             GB_ARG(gb_str_from(chain, 7)));
    int code = gb_host_read(image->here, path, 256, image->arena, &cache, err);
    if (code)
        return code;
    cache = gb_str_trim(cache);
    if (!cache.len || cache.at[0] == '.' || gb_str_find_char(cache, '/') >= 0)
        return gb_error_at(err, GB_E_SYNTAX, path, 1, 0, "it is no name of a layer's directory");
    snprintf(path, sizeof path, "%s/overlay2/" GB_PRI "/diff", root, GB_ARG(cache));
    return gb_image_take_directory(image, path, false, err);
}

int gb_image_from_docker_storage(struct gb_image *image, struct gb_str name, struct gb_error *err)
{
    char path[PATH_MAX];
    struct gb_node repositories;
    struct gb_error failure = {0};
    struct gb_str text, digest = {0}, chain = {0};
    unsigned tied = 0;
    const char *root = find_root(image);
    snprintf(path, sizeof path, "%s/image/overlay2/repositories.json", root);
    int code = gb_storage_read_json(image, path, &repositories, &failure);
    if (code == GB_E_NOT_FOUND)
        return gb_error_set(err, GB_E_NOT_FOUND, "no Docker storage with overlay2 below %s", root);
    if (code == GB_E_DENIED)
        return gb_error_at(err, GB_E_DENIED, path, 0, 0, "needs root");
    if (code) {
        *err = failure;
        return code;
    }
    struct gb_str id = find_id(&repositories, name, &tied, &digest);
    if (!id.len)
        return gb_error_set(err, GB_E_NOT_FOUND, "no image \"" GB_PRI "\" in Docker's storage",
                            GB_ARG(gb_str_sub(name, 0, 150)));
    if (tied > 1)
        return gb_error_set(err, GB_E_USAGE, "\"" GB_PRI "\" fits %u stored images: say more of it",
                            GB_ARG(gb_str_sub(name, 0, 150)), tied);
    if (!gb_is_digest(id))
        return gb_error_at(err, GB_E_SYNTAX, path, 1, 0, "an image's id is no digest");
    snprintf(path, sizeof path, "%s/image/overlay2/imagedb/content/sha256/" GB_PRI, root,
             GB_ARG(gb_str_from(id, 7)));
    image->form = GB_STR("docker-daemon");
    image->digest = digest;
    code = gb_host_read(image->here, path, GB_MANIFEST_MAX_BYTES, image->arena, &text, err);
    if (!code)
        code = gb_digest_check(id, text, "the configuration", err);
    if (!code)
        code = gb_image_take_config(image, text, id, err);
    for (size_t i = 0; !code && i < image->config.diff_count; i++) {
        code = next_chain(image, &chain, image->config.diff_ids[i], err);
        if (!code)
            code = take_layer(image, root, chain, err);
    }
    return code;
}
