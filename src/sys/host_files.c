// Files and directories of a host.
#include "sys/host_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool is_pseudo(const char *path)
{
    return is_below(path, "/proc") || is_below(path, "/sys");
}

// Kernel files exist only where there is a kernel to speak of.
static int refuse_kernel_path(const struct gb_host *host, const char *path, struct gb_error *err)
{
    if (host->kernel != GB_KERNEL_NONE || !is_pseudo(path))
        return GB_OK;
    return gb_error_at(err, GB_E_UNSUPPORTED, path, 0, 0, "needs a live kernel");
}

static int fail(struct gb_error *err, const char *path, int errno_value, const char *what)
{
    gb_error_errno(err, errno_value, "%s", what);
    return err ? gb_error_subject(err, path) : gb_error_errno(NULL, errno_value, "%s", what);
}

enum gb_file_type gb_file_type_of_mode(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return GB_FILE_REGULAR;
    case S_IFDIR:
        return GB_FILE_DIRECTORY;
    case S_IFLNK:
        return GB_FILE_LINK;
    case S_IFIFO:
        return GB_FILE_FIFO;
    case S_IFSOCK:
        return GB_FILE_SOCKET;
    case S_IFCHR:
        return GB_FILE_CHARACTER;
    case S_IFBLK:
        return GB_FILE_BLOCK;
    default:
        return GB_FILE_UNKNOWN;
    }
}

static const char *type_text(enum gb_file_type type)
{
    static const char *const texts[] = {
        "a regular file", "a directory",        "a symbolic link", "a FIFO",
        "a socket",       "a character device", "a block device",  "a special file",
    };
    return texts[type];
}

int gb_host_open_fd(const struct gb_host *host, const char *path, int flags, struct gb_error *err)
{
    int code = refuse_kernel_path(host, path, err);
    if (code)
        return code;
    int fd = gb_host_open_raw(host, path, flags);
    return fd < 0 ? fail(err, path, errno, "cannot open") : fd;
}

int gb_host_stat(const struct gb_host *host, const char *path, bool follow,
                 struct gb_file_info *ret, struct gb_error *err)
{
    int code = refuse_kernel_path(host, path, err);
    if (code)
        return code;
    struct stat st;
    if (host->whole) {
        if (fstatat(AT_FDCWD, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
            return fail(err, path, errno, "cannot look at it");
    } else {
        GB_CLEANUP(close_fd)
        int fd = gb_host_open_raw(host, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
        if (fd < 0 || fstatat(fd, "", &st, AT_EMPTY_PATH) < 0)
            return fail(err, path, errno, "cannot look at it");
    }
    *ret = (struct gb_file_info){
        .type = gb_file_type_of_mode(st.st_mode),
        .mode = st.st_mode & 07777,
        .uid = st.st_uid,
        .gid = st.st_gid,
        .size = (uint64_t)st.st_size,
        .inode = st.st_ino,
        .links = st.st_nlink,
        .device = st.st_dev,
        .modified_at = st.st_mtim.tv_sec,
        .changed_at = st.st_ctim.tv_sec,
    };
    return GB_OK;
}

bool gb_host_exists(const struct gb_host *host, const char *path)
{
    struct gb_file_info info;
    return gb_host_stat(host, path, true, &info, NULL) == GB_OK;
}

// A readable descriptor of a regular file. The file is looked at before it is opened: merely
// opening a device can have effects (a watchdog starts), and users choose what their links point
// to.
static int open_regular(const struct gb_host *host, const char *path, struct stat *st,
                        struct gb_error *err)
{
    GB_CLEANUP(close_fd) int handle = gb_host_open_raw(host, path, O_PATH);
    if (handle < 0 || fstatat(handle, "", st, AT_EMPTY_PATH) < 0)
        return fail(err, path, errno, "cannot read");
    if (!S_ISREG(st->st_mode))
        return gb_error_at(err, GB_E_TYPE, path, 0, 0, "is %s, not a regular file",
                           type_text(gb_file_type_of_mode(st->st_mode)));
    char again[40];
    snprintf(again, sizeof again, "/proc/self/fd/%d", handle);
    int fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT) // no /proc here
        fd = gb_host_open_raw(host, path, O_RDONLY);
    return fd < 0 ? fail(err, path, errno, "cannot read") : fd;
}

static int read_all(int fd, const char *path, size_t expected, size_t max_bytes,
                    struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    // One byte more than expected shows the end in one read, and holds the NUL.
    size_t capacity = (expected < max_bytes ? expected : max_bytes) + 2;
    char *data = gb_alloc(arena, capacity);
    size_t len = 0;
    while (data) {
        ssize_t got = read(fd, data + len, capacity - len - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(err, path, errno, "cannot read");
        len += (size_t)got;
        if (len > max_bytes)
            return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "is larger than %zu bytes", max_bytes);
        if (got == 0) {
            data[len] = '\0';
            *ret = (struct gb_str){data, len};
            return GB_OK;
        }
        if (len + 1 == capacity) {
            size_t wider = capacity < 4096 ? 8192 : capacity * 2;
            data = gb_grow_array(arena, data, capacity, wider, 1);
            capacity = wider;
        }
    }
    return gb_error_at(err, GB_E_MEMORY, path, 0, 0, "no memory to read it");
}

int gb_host_read(const struct gb_host *host, const char *path, size_t max_bytes,
                 struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    int code = refuse_kernel_path(host, path, err);
    if (code)
        return code;
    bool pseudo = is_pseudo(path);
    for (int tries = 0; tries < 2; tries++) {
        struct stat before, after;
        GB_CLEANUP(close_fd) int fd = open_regular(host, path, &before, err);
        if (fd < 0)
            return fd;
        size_t expected = pseudo || before.st_size < 0 ? 4096 : (size_t)before.st_size;
        if (!pseudo && expected > max_bytes)
            return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "is larger than %zu bytes", max_bytes);
        code = read_all(fd, path, expected, max_bytes, arena, ret, err);
        if (code)
            return code;
        if (pseudo || fstat(fd, &after) < 0 ||
            (after.st_size == before.st_size && after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
             after.st_mtim.tv_nsec == before.st_mtim.tv_nsec))
            return GB_OK;
    }
    return gb_error_at(err, GB_E_CONFLICT, path, 0, 0, "changed while it was being read");
}

int gb_host_read_recording(const struct gb_host *host, const char *name, size_t max_bytes,
                           struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    char path[256];
    snprintf(path, sizeof path, "/.gabion/%s", name);
    return gb_host_read(host, path, max_bytes, arena, ret, err);
}

int gb_host_readlink(const struct gb_host *host, const char *path, struct gb_arena *arena,
                     struct gb_str *ret, struct gb_error *err)
{
    int code = refuse_kernel_path(host, path, err);
    if (code)
        return code;
    char target[4096];
    ssize_t len;
    if (host->whole) {
        len = readlink(path, target, sizeof target);
    } else {
        GB_CLEANUP(close_fd) int fd = gb_host_open_raw(host, path, O_PATH | O_NOFOLLOW);
        if (fd < 0)
            return fail(err, path, errno, "cannot read the link");
        len = readlinkat(fd, "", target, sizeof target);
        // An O_PATH descriptor of something else than a link answers ENOENT.
        if (len < 0 && errno == ENOENT)
            errno = EINVAL;
    }
    if (len < 0)
        return fail(err, path, errno, "cannot read the link");
    if ((size_t)len == sizeof target)
        return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "the link's target is too long");
    *ret = gb_str_copy(arena, (struct gb_str){target, (size_t)len});
    return ret->at ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory");
}

static int by_name(const void *a, const void *b)
{
    const struct gb_dir_entry *left = a, *right = b;
    return gb_str_compare(left->name, right->name);
}

static enum gb_file_type type_of_entry(int dir_fd, const struct dirent *entry)
{
    switch (entry->d_type) {
    case DT_REG:
        return GB_FILE_REGULAR;
    case DT_DIR:
        return GB_FILE_DIRECTORY;
    case DT_LNK:
        return GB_FILE_LINK;
    case DT_FIFO:
        return GB_FILE_FIFO;
    case DT_SOCK:
        return GB_FILE_SOCKET;
    case DT_CHR:
        return GB_FILE_CHARACTER;
    case DT_BLK:
        return GB_FILE_BLOCK;
    default: {
        struct stat st;
        if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            return GB_FILE_UNKNOWN;
        return gb_file_type_of_mode(st.st_mode);
    }
    }
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

int gb_host_list(const struct gb_host *host, const char *path, size_t max_entries,
                 struct gb_arena *arena, struct gb_dir_entry **ret, size_t *ret_count,
                 struct gb_error *err)
{
    int fd = gb_host_open_fd(host, path, O_RDONLY | O_DIRECTORY, err);
    if (fd < 0)
        return fd;
    GB_CLEANUP(close_dir) DIR *dir = fdopendir(fd);
    if (!dir) {
        int saved = errno;
        close(fd);
        return fail(err, path, saved, "cannot list");
    }
    struct gb_dir_entry *entries = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (count == max_entries)
            return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "has more than %zu entries",
                               max_entries);
        if (count == capacity) {
            size_t wider = capacity ? capacity * 2 : 32;
            entries = gb_grow_array(arena, entries, capacity, wider, sizeof *entries);
            if (!entries)
                return gb_error_set(err, GB_E_MEMORY, "no memory to list %s", path);
            capacity = wider;
        }
        struct gb_str name = gb_str_copy(arena, gb_str_of(entry->d_name));
        if (!name.at)
            return gb_error_set(err, GB_E_MEMORY, "no memory to list %s", path);
        entries[count++] = (struct gb_dir_entry){
            .name = name,
            .type = type_of_entry(dirfd(dir), entry),
            .inode = entry->d_ino,
        };
    }
    if (errno)
        return fail(err, path, errno, "cannot list");
    if (count > 1)
        qsort(entries, count, sizeof *entries, by_name);
    *ret = entries;
    *ret_count = count;
    return GB_OK;
}

int gb_host_xattr(const struct gb_host *host, const char *path, const char *name,
                  struct gb_arena *arena, struct gb_str *ret, struct gb_error *err)
{
    struct stat st;
    GB_CLEANUP(close_fd) int fd = open_regular(host, path, &st, err);
    if (fd < 0)
        return fd;
    char value[4096];
    ssize_t len = fgetxattr(fd, name, value, sizeof value);
    if (len < 0 && errno == ENODATA)
        return gb_error_at(err, GB_E_NOT_FOUND, path, 0, 0, "has no attribute %s", name);
    if (len < 0)
        return fail(err, path, errno, "cannot read an extended attribute");
    *ret = gb_str_copy(arena, (struct gb_str){value, (size_t)len});
    return ret->at ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory");
}
