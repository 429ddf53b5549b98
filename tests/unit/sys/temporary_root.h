// A directory tree for tests, made of texts, removed at the end.
//
//     struct temporary_root root = temporary_root_new();
//     temporary_root_file(&root, "/etc/os-release", "ID=debian\n");
//     struct gb_host *host = temporary_root_host(&root, GB_KERNEL_RECORDED);
//     ...
//     temporary_root_free(&root, &host);
#ifndef GABION_TESTS_TEMPORARY_ROOT_H
#define GABION_TESTS_TEMPORARY_ROOT_H

#include "sys/host.h"

#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct temporary_root {
    char path[64];
};

static inline struct temporary_root temporary_root_new(void)
{
    struct temporary_root root = {"/tmp/gabion-test-XXXXXX"};
    if (!mkdtemp(root.path))
        abort();
    return root;
}

// Makes the directories above `path`; `path` itself when it ends in a slash.
static inline void temporary_root_dirs(const struct temporary_root *root, const char *path)
{
    char full[4096];
    snprintf(full, sizeof full, "%s%s", root->path, path);
    for (char *slash = full + strlen(root->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
}

static inline void temporary_root_bytes(const struct temporary_root *root, const char *path,
                                        struct gb_str bytes)
{
    char full[4096];
    temporary_root_dirs(root, path);
    snprintf(full, sizeof full, "%s%s", root->path, path);
    FILE *file = fopen(full, "wb");
    if (!file || fwrite(bytes.at, 1, bytes.len, file) != bytes.len || fclose(file))
        abort();
}

static inline void temporary_root_file(const struct temporary_root *root, const char *path,
                                       const char *text)
{
    temporary_root_bytes(root, path, gb_str_of(text));
}

static inline void temporary_root_link(const struct temporary_root *root, const char *path,
                                       const char *target)
{
    char full[4096];
    temporary_root_dirs(root, path);
    snprintf(full, sizeof full, "%s%s", root->path, path);
    if (symlink(target, full))
        abort();
}

static inline void temporary_root_mode(const struct temporary_root *root, const char *path,
                                       unsigned mode)
{
    char full[4096];
    snprintf(full, sizeof full, "%s%s", root->path, path);
    if (chmod(full, mode))
        abort();
}

static inline struct gb_host *temporary_root_host(const struct temporary_root *root,
                                                  enum gb_kernel_form kernel)
{
    struct gb_host *host = NULL;
    struct gb_host_options options = {
        .root = root->path, .kernel = kernel, .now_seconds = 1793491200};
    if (gb_host_open(&options, &host, NULL))
        abort();
    return host;
}

static inline int temporary_root_remove(const char *path, const struct stat *st, int type,
                                        struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void temporary_root_free(const struct temporary_root *root, struct gb_host **host)
{
    if (host)
        gb_host_close(host);
    nftw(root->path, temporary_root_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
