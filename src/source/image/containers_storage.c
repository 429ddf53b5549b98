// The storage of podman, buildah and CRI-O: DRIVER-images/images.json, DRIVER-layers/layers.json
// and the directories that the drivers overlay and vfs keep. Read without locks: its files are
// replaced as wholes.
#include "base/encoding.h"
#include "base/toml.h"
#include "source/image/storage.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_ROOTS = 8 };

struct roots {
    const char *items[MOST_ROOTS];
    size_t count;
};

static const char *const drivers[] = {"overlay", "vfs"};

static void add_root(struct roots *roots, const char *path)
{
    if (!path || path[0] != '/' || roots->count == MOST_ROOTS)
        return;
    for (size_t i = 0; i < roots->count; i++)
        if (strcmp(roots->items[i], path) == 0)
            return;
    roots->items[roots->count++] = path;
}

static const char *in_home(struct gb_image *image, const char *variable, const char *otherwise,
                           const char *below)
{
    const char *base = variable ? getenv(variable) : NULL;
    const char *home = getenv("HOME");
    struct gb_str path = {0};
    if (base && base[0] == '/')
        path = gb_str_format(image->arena, "%s/%s", base, below);
    else if (home && home[0] == '/')
        path = gb_str_format(image->arena, "%s/%s/%s", home, otherwise, below);
    return path.at;
}

static void add_configured(struct gb_image *image, const struct gb_toml *toml,
                           const char *const *path, struct roots *roots)
{
    struct gb_str value = gb_toml_string(gb_toml_get(toml, path), GB_STR(""));
    if (value.len && !gb_str_contains(value, GB_STR("$"))) // $HOME and $UID: the usual place
        add_root(roots, gb_str_c(image->arena, value));
}

// What a storage.conf says of places: graphroot, and stores beside it.
static void read_configuration(struct gb_image *image, const char *path, struct roots *roots)
{
    struct gb_str text;
    struct gb_toml toml;
    if (!path || gb_host_read(image->here, path, 1 << 20, image->arena, &text, NULL) ||
        gb_toml_read(text, path, image->arena, &toml, NULL))
        return;
    if (getuid() != 0)
        add_configured(image, &toml, GB_TOML_PATH("storage", "rootless_storage_path"), roots);
    add_configured(image, &toml, GB_TOML_PATH("storage", "graphroot"), roots);
    const struct gb_toml_entry *more =
        gb_toml_get(&toml, GB_TOML_PATH("storage", "options", "additionalimagestores"));
    for (size_t i = 0; more && more->value.kind == GB_NODE_LIST && i < more->value.list.count; i++)
        if (more->value.list.items[i].kind == GB_NODE_STRING)
            add_root(roots, gb_str_c(image->arena, more->value.list.items[i].string));
}

static void find_roots(struct gb_image *image, struct roots *roots)
{
    if (image->options.containers_storage) {
        add_root(roots, image->options.containers_storage);
        return;
    }
    if (getuid() != 0) {
        read_configuration(
            image, in_home(image, "XDG_CONFIG_HOME", ".config", "containers/storage.conf"), roots);
        add_root(roots, in_home(image, "XDG_DATA_HOME", ".local/share", "containers/storage"));
    }
    read_configuration(image, "/etc/containers/storage.conf", roots);
    read_configuration(image, "/usr/share/containers/storage.conf", roots);
    add_root(roots, "/var/lib/containers/storage");
}

// How well the image fits a name: 0 not, else the higher the better.
static unsigned fits(struct gb_image *image, const struct gb_node *entry, struct gb_str name)
{
    struct gb_str *names = NULL;
    size_t count = 0;
    unsigned best = gb_image_id_fits(gb_storage_string(entry, "id"), name) ? 5 : 0;
    ptrdiff_t at = gb_str_find_char(name, '@');
    const struct gb_node *list = gb_node_get(entry, "names");
    if (at >= 0) { // by digest: whatever its names are
        struct gb_str digest = gb_str_from(name, (size_t)at + 1);
        return gb_str_eq(digest, gb_storage_string(entry, "digest")) ? 5 : 0;
    }
    if (!list || list->kind != GB_NODE_LIST ||
        gb_node_strings(entry, "names", false, image->arena, &names, &count, "images.json", NULL))
        return best;
    for (size_t i = 0; i < count; i++) {
        unsigned fit = gb_image_name_fits(names[i], name);
        best = fit > best ? fit : best;
    }
    return best;
}

// The entry of an image in images.json, NULL when it is not there.
static int find_image(struct gb_image *image, const struct gb_node *list, struct gb_str name,
                      const struct gb_node **ret, struct gb_error *err)
{
    unsigned best = 0, same = 0;
    *ret = NULL;
    for (size_t i = 0; list->kind == GB_NODE_LIST && i < list->list.count; i++) {
        const struct gb_node *entry = &list->list.items[i];
        unsigned fit = entry->kind == GB_NODE_MAP ? fits(image, entry, name) : 0;
        same += fit && fit == best;
        if (fit > best) {
            best = fit;
            same = 1;
            *ret = entry;
        }
    }
    if (same > 1)
        return gb_error_set(err, GB_E_USAGE, "\"" GB_PRI "\" fits %u stored images: say more of it",
                            GB_ARG(gb_str_sub(name, 0, 150)), same);
    return GB_OK;
}

// A document that is kept with an image: names that are not plain are base64 behind '='.
static int read_data(struct gb_image *image, const char *root, const char *driver, struct gb_str id,
                     struct gb_str key, struct gb_str *ret, struct gb_error *err)
{
    char path[PATH_MAX];
    struct gb_str file = key;
    if (!gb_str_is(key, "manifest"))
        file = gb_str_format(image->arena, "=" GB_PRI,
                             GB_ARG(gb_base64_encode(image->arena, key, GB_BASE64)));
    snprintf(path, sizeof path, "%s/%s-images/" GB_PRI "/" GB_PRI, root, driver, GB_ARG(id),
             GB_ARG(file));
    return gb_host_read(image->here, path, GB_MANIFEST_MAX_BYTES, image->arena, ret, err);
}

static int take_documents(struct gb_image *image, const char *root, const char *driver,
                          const struct gb_node *entry, struct gb_error *err)
{
    struct gb_str text, id = gb_storage_string(entry, "id");
    struct gb_manifest manifest;
    int code = read_data(image, root, driver, id, GB_STR("manifest"), &text, err);
    if (!code)
        code = gb_manifest_parse(text, "manifest", image->options.limits.layers, image->arena,
                                 &manifest, err);
    if (!code && manifest.is_index)
        return gb_error_set(err, GB_E_UNSUPPORTED, "the image is a list of images; name one of it");
    image->digest = gb_storage_string(entry, "digest");
    if (!code)
        code = read_data(image, root, driver, id, manifest.config.digest, &text, err);
    if (!code)
        code = gb_digest_check(manifest.config.digest, text, "the configuration", err);
    return code ? code : gb_image_take_config(image, text, manifest.config.digest, err);
}

static bool safe_id(struct gb_str id)
{
    return id.len && id.len <= 128 && gb_str_find_char(id, '/') < 0 && id.at[0] != '.';
}

static const struct gb_node *find_layer(const struct gb_node *list, struct gb_str id)
{
    for (size_t i = 0; list->kind == GB_NODE_LIST && i < list->list.count; i++)
        if (gb_str_eq(gb_storage_string(&list->list.items[i], "id"), id))
            return &list->list.items[i];
    return NULL;
}

static int take_layers(struct gb_image *image, const char *root, const char *driver,
                       struct gb_str top, struct gb_error *err)
{
    char path[PATH_MAX];
    struct gb_node list;
    const struct gb_node **chain =
        gb_alloc_array(image->arena, image->options.limits.layers, sizeof *chain);
    size_t count = 0;
    snprintf(path, sizeof path, "%s/%s-layers/layers.json", root, driver);
    int code = chain ? gb_storage_read_json(image, path, &list, err)
                     : gb_error_set(err, GB_E_MEMORY, "no memory for the layers");
    while (!code && top.len) {
        const struct gb_node *layer = find_layer(&list, top);
        if (!layer || !safe_id(top))
            return gb_error_at(err, GB_E_NOT_FOUND, path, 0, 0, "layer " GB_PRI " is not in it",
                               GB_ARG(gb_str_sub(top, 0, 100)));
        if (count == image->options.limits.layers)
            return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "more than %u layers, or a loop",
                               image->options.limits.layers);
        chain[count++] = layer;
        top = gb_storage_string(layer, "parent");
    }
    bool whole = strcmp(driver, "vfs") == 0;
    while (!code && count--) {
        struct gb_str id = gb_storage_string(chain[count], "id");
        snprintf(path, sizeof path, whole ? "%s/vfs/dir/" GB_PRI : "%s/overlay/" GB_PRI "/diff",
                 root, GB_ARG(id));
        code = gb_image_take_directory(image, path, whole, err);
    }
    return code;
}

int gb_image_from_containers_storage(struct gb_image *image, struct gb_str name,
                                     struct gb_error *err)
{
    struct roots roots = {0};
    struct gb_error denied = {0};
    find_roots(image, &roots);
    for (size_t i = 0; i < roots.count; i++)
        for (size_t d = 0; d < sizeof drivers / sizeof *drivers; d++) {
            char path[PATH_MAX];
            struct gb_node list;
            const struct gb_node *entry;
            snprintf(path, sizeof path, "%s/%s-images/images.json", roots.items[i], drivers[d]);
            struct gb_error failure = {0};
            int code = gb_storage_read_json(image, path, &list, &failure);
            if (code == GB_E_NOT_FOUND)
                continue;
            if (code == GB_E_DENIED) {
                if (!denied.code)
                    gb_error_at(&denied, GB_E_DENIED, path, 0, 0, "needs root");
                continue;
            }
            if (code) {
                *err = failure;
                return code;
            }
            code = find_image(image, &list, name, &entry, err);
            if (code)
                return code;
            if (!entry || !safe_id(gb_storage_string(entry, "id")))
                continue;
            image->form = GB_STR("containers-storage");
            code = take_documents(image, roots.items[i], drivers[d], entry, err);
            return code ? code
                        : take_layers(image, roots.items[i], drivers[d],
                                      gb_storage_string(entry, "layer"), err);
        }
    if (denied.code) {
        *err = denied;
        return GB_E_DENIED;
    }
    return gb_error_set(err, GB_E_NOT_FOUND, "no image \"" GB_PRI "\" in containers-storage",
                        GB_ARG(gb_str_sub(name, 0, 150)));
}
