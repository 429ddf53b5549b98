// A layer as the directory that an overlay file system mounts: of podman's and Docker's storage.
#include "source/image/layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { DEEPEST = 64, LONGEST_PATH = 4096, MOST_NAMES = 4 << 20 };

struct names {
    char **items; // malloc, each too
    size_t count, capacity;
};

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Takes over `fd`. Sorted, so that results do not depend on the disk.
static int list(int fd, struct names *names, struct gb_error *err)
{
    DIR *folder = fdopendir(fd);
    if (!folder) {
        int reason = errno;
        close(fd);
        return gb_error_errno(err, reason, "cannot list a directory");
    }
    int code = GB_OK;
    for (const struct dirent *entry; !code && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (names->count == names->capacity) {
            size_t wider = names->capacity ? names->capacity * 2 : 32;
            char **items = wider > MOST_NAMES ? NULL : realloc(names->items, wider * sizeof *items);
            if (!items) {
                code = gb_error_set(err, GB_E_LIMIT, "a directory with too many entries");
                break;
            }
            names->items = items;
            names->capacity = wider;
        }
        char *name = strdup(entry->d_name);
        if (!name)
            code = gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
        else
            names->items[names->count++] = name;
    }
    closedir(folder);
    if (!code && names->count)
        qsort(names->items, names->count, sizeof *names->items, by_bytes);
    return code;
}

static bool is_opaque(int fd)
{
    static const char *const attributes[] = {"trusted.overlay.opaque", "user.overlay.opaque",
                                             "user.fuseoverlayfs.opaque"};
    char value[4];
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (fgetxattr(fd, attributes[i], value, sizeof value) == 1 && value[0] == 'y')
            return true;
    return false;
}

// An upper file whose content is still the lower one's.
static bool has_no_content(int fd)
{
    return fgetxattr(fd, "trusted.overlay.metacopy", NULL, 0) >= 0 ||
           fgetxattr(fd, "user.overlay.metacopy", NULL, 0) >= 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void denied(struct gb_layer *layer, struct gb_str path, int reason)
{
    char text[LONGEST_PATH + 64];
    if (reason == EACCES || reason == EPERM)
        snprintf(text, sizeof text, "needs root: " GB_PRI, GB_ARG(path));
    else
        snprintf(text, sizeof text, GB_PRI ": cannot be opened", GB_ARG(path));
    gb_layer_problem(layer, gb_str_of(text));
}

static int add_file(struct gb_layer *layer, int parent, const char *name, struct gb_str path,
                    const struct stat *st, struct gb_error *err)
{
    GB_CLEANUP(close_fd) int fd = -1;
    struct gb_layer_entry entry = {
        .path = path,
        .type = gb_file_type_of_mode(st->st_mode),
        .mode = st->st_mode & 07777,
        .size = st->st_size > 0 ? (uint64_t)st->st_size : 0,
        .fd = -1,
    };
    char target[LONGEST_PATH];
    if (entry.type == GB_FILE_CHARACTER && st->st_rdev == makedev(0, 0))
        return gb_layer_hide(layer, path, err);
    if (entry.type == GB_FILE_LINK) {
        ssize_t len = readlinkat(parent, name, target, sizeof target);
        entry.target = (struct gb_str){target, len > 0 ? (size_t)len : 0};
    }
    if (entry.type == GB_FILE_REGULAR) {
        fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0) {
            denied(layer, path, errno);
            return gb_layer_hide(layer, path, err);
        }
        if (has_no_content(fd))
            return GB_OK;
        entry.fd = fd;
    }
    return gb_layer_add(layer, &entry, err);
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by DEEPEST
static int read_below(struct gb_layer *layer, int fd, char *path, size_t len, unsigned depth,
                      struct gb_error *err)
{
    struct names names = {0};
    int listed = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct gb_str here = {path, len};
    if (is_opaque(fd) && gb_layer_hide_below(layer, len ? here : GB_STR("/"), err))
        return GB_E_MEMORY;
    int code = listed < 0 ? gb_error_errno(err, errno, "cannot list a directory")
                          : list(listed, &names, err);
    for (size_t i = 0; !code && i < names.count; i++) {
        struct stat st;
        const char *name = names.items[i];
        size_t name_len = strlen(name);
        if (len + name_len + 2 > LONGEST_PATH || fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        path[len] = '/';
        memcpy(path + len + 1, name, name_len + 1);
        struct gb_str below = {path, len + 1 + name_len};
        if (!S_ISDIR(st.st_mode)) {
            code = add_file(layer, fd, name, below, &st, err);
            continue;
        }
        code = gb_layer_add(
            layer, &(struct gb_layer_entry){.path = below, .type = GB_FILE_DIRECTORY, .fd = -1},
            err);
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            denied(layer, below, errno);
        else if (depth == 0)
            gb_layer_problem(layer, GB_STR("directories more than 64 deep"));
        else if (!code)
            code = read_below(layer, next, path, below.len, depth - 1, err);
        if (next >= 0)
            close(next);
    }
    free_names(&names);
    return code;
}

int gb_layer_read_directory(struct gb_layer *layer, int fd, bool whole, struct gb_error *err)
{
    char path[LONGEST_PATH + 1] = "";
    if (whole) {
        int code = gb_layer_hide_below(layer, GB_STR("/"), err);
        if (code)
            return code;
    }
    return read_below(layer, fd, path, 0, DEEPEST, err);
}
