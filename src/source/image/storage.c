// Names of stored images, and layers that are directories.
#include "source/image/storage.h"

#include "base/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { LARGEST_LIST = 64 << 20 };

static struct gb_str without_tag(struct gb_str name, struct gb_str *tag)
{
    ptrdiff_t at = gb_str_find_char(name, '@');
    if (at >= 0)
        name = gb_str_sub(name, 0, (size_t)at);
    ptrdiff_t slash = gb_str_rfind_char(name, '/');
    ptrdiff_t colon = gb_str_rfind_char(name, ':');
    *tag = GB_STR("latest");
    if (colon > slash) {
        *tag = gb_str_from(name, (size_t)colon + 1);
        name = gb_str_sub(name, 0, (size_t)colon);
    }
    return name;
}

unsigned gb_image_name_fits(struct gb_str stored, struct gb_str name)
{
    struct gb_str stored_tag, tag;
    if (gb_str_eq(stored, name))
        return 4;
    struct gb_str stored_path = without_tag(stored, &stored_tag);
    struct gb_str path = without_tag(name, &tag);
    if (!gb_str_eq(tag, stored_tag) || !path.len)
        return 0;
    if (gb_str_eq(path, stored_path))
        return 3;
    if (stored_path.len <= path.len || !gb_str_ends(stored_path, path))
        return 0;
    struct gb_str front = gb_str_sub(stored_path, 0, stored_path.len - path.len);
    if (gb_str_is(front, "localhost/"))
        return 3;
    if (gb_str_is(front, "docker.io/library/") || gb_str_is(front, "docker.io/"))
        return 2;
    // "team/app" of some registry, as podman finds it; a name that begins with a host is whole.
    return gb_str_ends(front, GB_STR("/")) ? 1 : 0;
}

bool gb_image_id_fits(struct gb_str id, struct gb_str name)
{
    if (gb_str_starts(name, GB_STR("sha256:")))
        name = gb_str_from(name, 7);
    if (gb_str_starts(id, GB_STR("sha256:")))
        id = gb_str_from(id, 7);
    for (size_t i = 0; i < name.len; i++)
        if (!memchr("0123456789abcdef", name.at[i], 16))
            return false;
    return name.len >= 6 && gb_str_starts(id, name);
}

int gb_image_take_directory(struct gb_image *image, const char *path, bool whole,
                            struct gb_error *err)
{
    struct gb_error failure = {0};
    struct gb_layer *layer = NULL;
    int code = GB_OK;
    int fd = gb_host_open_fd(image->here, path, O_RDONLY | O_DIRECTORY, &failure);
    if (fd == GB_E_DENIED)
        gb_error_set(&failure, GB_E_DENIED, "needs root");
    if (fd >= 0) {
        layer = gb_image_new_layer(image);
        code = layer ? gb_layer_read_directory(layer, fd, whole, &failure)
                     : gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
        close(fd);
    }
    if (code == GB_E_MEMORY) {
        *err = failure;
        return code;
    }
    if (code && layer)
        gb_layer_problem(layer, gb_str_of(failure.reason));
    return gb_image_take_layer(image, layer, GB_STR(""), &failure, err);
}

int gb_storage_read_json(struct gb_image *image, const char *path, struct gb_node *ret,
                         struct gb_error *err)
{
    struct gb_str text;
    struct gb_json_limits limits = {.max_bytes = LARGEST_LIST, .max_depth = 32};
    int code = gb_host_read(image->here, path, LARGEST_LIST, image->arena, &text, err);
    char *kept = gb_str_c(image->arena, gb_str_of(path));
    return code ? code : gb_json_node(text, kept ? kept : "", limits, image->arena, ret, err);
}

struct gb_str gb_storage_string(const struct gb_node *map, const char *key)
{
    const struct gb_node *node = gb_node_get(map, key);
    return node && node->kind == GB_NODE_STRING ? node->string : GB_STR("");
}
