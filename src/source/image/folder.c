// An OCI layout or a "dir" in a folder; and reading a layer out of a file, for the other openers.
#include "source/image/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 << 10 };

struct file_stream {
    int fd;
    char *block; // malloc
};

static int64_t next_of_file(void *context, const void **ret, struct gb_error *err)
{
    struct file_stream *stream = context;
    ssize_t got;
    do
        got = read(stream->fd, stream->block, BLOCK);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return gb_error_errno(err, errno, "cannot be read");
    *ret = stream->block;
    return got;
}

int gb_image_layer_of_file(struct gb_image *image, int fd, struct gb_layer **ret,
                           struct gb_error *err)
{
    struct file_stream file = {.fd = fd, .block = malloc(BLOCK)};
    struct gb_image_stream stream = {&file, next_of_file};
    struct gb_layer *layer = gb_image_new_layer(image);
    int code = layer && file.block ? gb_layer_read_tar(layer, &stream, err)
                                   : gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
    free(file.block);
    if (!code)
        *ret = layer;
    return code;
}

struct folder {
    struct gb_image *image;
    const char *path;
};

static int path_of(const struct folder *folder, struct gb_str name, char into[PATH_MAX],
                   struct gb_error *err)
{
    // Names of layers in a manifest.json may be anything.
    if (gb_str_contains(name, GB_STR("..")) || (name.len && name.at[0] == '/'))
        return gb_error_set(err, GB_E_RANGE, "\"" GB_PRI "\" leads out of the image",
                            GB_ARG(gb_str_sub(name, 0, 150)));
    int len = snprintf(into, PATH_MAX, "%s/" GB_PRI, folder->path, GB_ARG(name));
    return len < PATH_MAX ? GB_OK : gb_error_set(err, GB_E_LIMIT, "the path is too long");
}

// The place of a part: in a "dir", blobs stand side by side under their digits alone.
static int find_part(const struct folder *folder, struct gb_str name, char into[PATH_MAX],
                     struct gb_error *err)
{
    int code = path_of(folder, name, into, err);
    if (code || !gb_str_starts(name, GB_STR("blobs/sha256/")) ||
        gb_host_exists(folder->image->here, into))
        return code;
    char beside[PATH_MAX];
    code = path_of(folder, gb_str_from(name, sizeof "blobs/sha256/" - 1), beside, err);
    if (!code && gb_host_exists(folder->image->here, beside))
        memcpy(into, beside, sizeof beside);
    return code;
}

static int get_text(void *context, struct gb_str name, bool manifest, struct gb_str *ret,
                    struct gb_error *err)
{
    const struct folder *folder = context;
    char path[PATH_MAX];
    (void)manifest;
    int code = find_part(folder, name, path, err);
    return code ? code
                : gb_host_read(folder->image->here, path, GB_MANIFEST_MAX_BYTES,
                               folder->image->arena, ret, err);
}

static int get_layer(void *context, struct gb_str name, uint64_t size, struct gb_layer **ret,
                     struct gb_error *err)
{
    const struct folder *folder = context;
    char path[PATH_MAX];
    struct stat st;
    (void)size;
    int code = find_part(folder, name, path, err);
    if (code)
        return code;
    int fd = gb_host_open_fd(folder->image->here, path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        code = gb_error_at(err, GB_E_TYPE, path, 0, 0, "it is no regular file");
    else
        code = gb_image_layer_of_file(folder->image, fd, ret, err);
    close(fd);
    return code;
}

int gb_image_from_folder(struct gb_image *image, const char *path, struct gb_str which,
                         struct gb_error *err)
{
    char absolute[PATH_MAX];
    if (!realpath(path, absolute))
        return gb_error_errno(err, errno, "cannot open %s", path);
    struct folder folder = {image, absolute};
    struct gb_image_blobs blobs = {&folder, get_text, get_layer};
    int code = gb_image_take_layout(image, &blobs, which, err);
    return code ? gb_error_subject(err, path) : GB_OK;
}
