// Files of the feed folder; used by the store of feeds.
#include "store/feed/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_NAMES = 1 << 14 };

int gb_feed_path(char into[GB_FEED_PATH_MAX], const char *folder, struct gb_str name,
                 struct gb_error *err)
{
    int len = snprintf(into, GB_FEED_PATH_MAX, "%s/" GB_PRI, folder, GB_ARG(name));
    return len < 0 || len >= GB_FEED_PATH_MAX ? gb_error_set(err, GB_E_LIMIT, "a path too long")
                                              : GB_OK;
}

static int failed(struct gb_error *err, const char *path, const char *what)
{
    int code = gb_error_errno(err, errno, "%s", what);
    if (err)
        gb_error_subject(err, path);
    return code;
}

int gb_feed_check_owner(const char *path, struct gb_error *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return failed(err, path, "looking at it");
    if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & S_IWOTH))
        return gb_error_at(err, GB_E_DENIED, path, 0, 0,
                           "is not used: it must belong to you or root, and not be writable by all "
                           "(owner %u, mode %04o)",
                           st.st_uid, st.st_mode & 07777);
    return GB_OK;
}

// An open regular file; its size.
static int open_regular(const char *path, off_t *size, struct gb_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return failed(err, path, "opening it");
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return gb_error_at(err, GB_E_TYPE, path, 0, 0, "is no regular file");
    }
    *size = st.st_size;
    return fd;
}

int gb_feed_read_file(const char *path, size_t max_bytes, struct gb_arena *arena,
                      struct gb_str *ret, struct gb_error *err)
{
    off_t size;
    int fd = open_regular(path, &size, err);
    if (fd < 0)
        return fd;
    int code = GB_OK;
    char *text = NULL;
    size_t len = 0;
    if (size < 0 || (uint64_t)size > max_bytes)
        code = gb_error_at(err, GB_E_LIMIT, path, 0, 0, "is larger than %zu bytes", max_bytes);
    else if (!(text = gb_alloc(arena, (size_t)size + 1)))
        code = gb_error_set(err, GB_E_MEMORY, "no memory to read a file");
    while (!code && len < (size_t)size) {
        ssize_t got = read(fd, text + len, (size_t)size - len);
        if (got < 0 && errno != EINTR)
            code = failed(err, path, "reading it");
        else if (got == 0)
            break;
        len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    *ret = (struct gb_str){text, len};
    return code;
}

int gb_feed_map(const char *path, uint64_t bytes, struct gb_str *ret, struct gb_error *err)
{
    off_t size;
    int fd = open_regular(path, &size, err);
    if (fd < 0)
        return fd;
    if (size <= 0 || (uint64_t)size != bytes) {
        close(fd);
        return gb_error_at(err, GB_E_SYNTAX, path, 0, 0, "it should have %llu bytes and has %lld",
                           (unsigned long long)bytes, (long long)size);
    }
    void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    int error = errno;
    close(fd);
    if (map == MAP_FAILED) {
        errno = error;
        return failed(err, path, "mapping it");
    }
    *ret = (struct gb_str){map, (size_t)size};
    return GB_OK;
}

void gb_feed_unmap(struct gb_str *map)
{
    // mmap gave it for reading; munmap takes it without const.
    union {
        const char *given;
        void *taken;
    } at = {map->at};
    if (map->at)
        munmap(at.taken, map->len);
    *map = (struct gb_str){0};
}

static int write_all(int fd, struct gb_str bytes)
{
    for (size_t done = 0; done < bytes.len;) {
        ssize_t wrote = write(fd, bytes.at + done, bytes.len - done);
        if (wrote < 0 && errno != EINTR)
            return -1;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return fsync(fd);
}

static int sync_folder_of(const char *path)
{
    char folder[GB_FEED_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len == 0 || len >= sizeof folder)
        return 0;
    memcpy(folder, path, len);
    folder[len] = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd);
    close(fd);
    return result;
}

int gb_feed_write_file(const char *path, struct gb_str bytes, mode_t mode, struct gb_error *err)
{
    char beside[GB_FEED_PATH_MAX];
    int len = snprintf(beside, sizeof beside, "%s.new-XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof beside)
        return gb_error_set(err, GB_E_LIMIT, "a path too long");
    int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return failed(err, path, "writing it");
    int result = write_all(fd, bytes);
    if (!result)
        result = fchmod(fd, mode);
    int error = errno;
    if (close(fd) < 0 && !result)
        error = errno, result = -1;
    if (!result && rename(beside, path) < 0)
        error = errno, result = -1;
    if (result) {
        unlink(beside);
        errno = error;
        return failed(err, path, "writing it");
    }
    return sync_folder_of(path) < 0 ? failed(err, path, "syncing its folder") : GB_OK;
}

int gb_feed_make_folder(const char *path, mode_t mode, struct gb_error *err)
{
    char part[GB_FEED_PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof part)
        return gb_error_set(err, GB_E_LIMIT, "a path too long");
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != 0)
            continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, mode) < 0 && errno != EEXIST)
            return failed(err, part, "making this folder");
    }
    return GB_OK;
}

static int compare_names(const void *a, const void *b)
{
    return gb_str_compare(*(const struct gb_str *)a, *(const struct gb_str *)b);
}

int gb_feed_list(const char *folder, const char *suffix, struct gb_arena *arena,
                 struct gb_str **ret, size_t *count, struct gb_error *err)
{
    *ret = NULL;
    *count = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT ? GB_OK : failed(err, folder, "listing it");
    struct gb_str *names = NULL;
    size_t capacity = 0;
    int code = GB_OK;
    const struct dirent *entry;
    while (!code && (entry = readdir(dir))) {
        struct gb_str name = gb_str_of(entry->d_name);
        if (name.at[0] == '.' || !gb_str_ends(name, gb_str_of(suffix)))
            continue;
        if (*count == capacity) {
            size_t wider = capacity ? capacity * 2 : 32;
            struct gb_str *more = wider > MOST_NAMES
                                      ? NULL
                                      : gb_grow_array(arena, names, capacity, wider, sizeof *names);
            if (!more) {
                code = gb_error_at(err, GB_E_LIMIT, folder, 0, 0, "holds too many files");
                break;
            }
            names = more;
            capacity = wider;
        }
        names[(*count)++] = gb_str_copy(arena, name);
    }
    closedir(dir);
    if (!code && gb_arena_failed(arena))
        code = gb_error_set(err, GB_E_MEMORY, "no memory to list a folder");
    if (!code && *count)
        qsort(names, *count, sizeof *names, compare_names);
    *ret = names;
    return code;
}
