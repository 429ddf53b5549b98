// The private directory of an opened image.
#include "source/image/workspace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_OPEN = 4, DEEPEST = 80 };

// What the signal handler removes. Only the thread that opens and closes images writes here.
static struct {
    const char *path; // NULL = free
    int fd;
} open_workspaces[MOST_OPEN];

static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { DEADLY = sizeof deadly / sizeof *deadly };
static struct sigaction before[DEADLY];
static unsigned open_count;

struct entry { // of getdents64
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

// Empties a directory. Only system calls, so that a signal handler may do it. What was made here is
// at most DEEPEST deep.
// NOLINTNEXTLINE(misc-no-recursion): bounded by `depth`
static void empty(int fd, unsigned depth)
{
    _Alignas(struct entry) char buffer[2048];
    bool removed = true;
    while (removed) { // a directory that changes while it is read is read again
        removed = false;
        if (lseek(fd, 0, SEEK_SET) < 0)
            return;
        for (long len; (len = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0;)
            for (long at = 0; at < len;) {
                const struct entry *entry = (const void *)(buffer + at);
                at += entry->length;
                if (entry->name[0] == '.' &&
                    (!entry->name[1] || (entry->name[1] == '.' && !entry->name[2])))
                    continue;
                if (!unlinkat(fd, entry->name, 0)) {
                    removed = true;
                    continue;
                }
                int below =
                    openat(fd, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (below >= 0 && depth)
                    empty(below, depth - 1);
                if (below >= 0)
                    close(below);
                removed |= !unlinkat(fd, entry->name, AT_REMOVEDIR);
            }
    }
}

static void remove_all(int signal_number)
{
    for (unsigned i = 0; i < MOST_OPEN; i++)
        if (open_workspaces[i].path) {
            empty(open_workspaces[i].fd, DEEPEST);
            rmdir(open_workspaces[i].path);
        }
    // The default action follows when this handler returns: the signal is blocked until then.
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = remove_all};
    sigfillset(&action.sa_mask);
    for (unsigned i = 0; i < DEADLY; i++) {
        sigaction(deadly[i], NULL, &before[i]);
        if (before[i].sa_handler == SIG_DFL)
            sigaction(deadly[i], &action, NULL);
    }
}

static void register_workspace(const struct gb_workspace *workspace)
{
    for (unsigned i = 0; i < MOST_OPEN; i++)
        if (!open_workspaces[i].path) {
            open_workspaces[i].fd = workspace->fd;
            open_workspaces[i].path = workspace->path;
            break;
        }
    if (open_count++ == 0)
        watch_signals();
}

static void unregister_workspace(const struct gb_workspace *workspace)
{
    for (unsigned i = 0; i < MOST_OPEN; i++)
        if (open_workspaces[i].path == workspace->path)
            open_workspaces[i].path = NULL;
    if (--open_count == 0)
        for (unsigned i = 0; i < DEADLY; i++)
            if (before[i].sa_handler == SIG_DFL)
                sigaction(deadly[i], &before[i], NULL);
}

static int make_below(const char *where, char **ret)
{
    char *path = NULL;
    if (asprintf(&path, "%s/gabion-image-XXXXXX", where) < 0)
        return GB_E_MEMORY;
    if (!mkdtemp(path)) {
        int code = gb_error_errno(NULL, errno, "mkdtemp");
        free(path);
        return code;
    }
    *ret = path;
    return GB_OK;
}

static int open_workspace(struct gb_workspace *ret, const char *where, uint64_t most_bytes,
                          uint32_t most_files, struct gb_error *err)
{
    const char *chosen = getenv("TMPDIR");
    char *path = NULL;
    int code;
    if (where) {
        code = make_below(where, &path);
    } else {
        code = chosen && chosen[0] == '/' ? make_below(chosen, &path) : GB_E_NOT_FOUND;
        if (code)
            code = make_below("/var/tmp", &path);
        if (code)
            code = make_below("/tmp", &path);
    }
    if (code)
        return gb_error_set(err, code, "cannot make a private directory%s%s",
                            where ? " below " : "", where ? where : "");
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        rmdir(path);
        free(path);
        return gb_error_errno(err, errno, "cannot open the private directory");
    }
    *ret = (struct gb_workspace){
        .path = path, .fd = fd, .most_bytes = most_bytes, .most_files = most_files, .spool = -1};
    register_workspace(ret);
    return GB_OK;
}

int gb_workspace_open(struct gb_workspace *ret, const char *where, uint64_t most_bytes,
                      uint32_t most_files, struct gb_error *err)
{
    // A signal waits until the directory that was just made is known to the handler.
    sigset_t held, outer;
    sigemptyset(&held);
    for (unsigned i = 0; i < DEADLY; i++)
        sigaddset(&held, deadly[i]);
    pthread_sigmask(SIG_BLOCK, &held, &outer);
    int code = open_workspace(ret, where, most_bytes, most_files, err);
    pthread_sigmask(SIG_SETMASK, &outer, NULL);
    return code;
}

void gb_workspace_close(struct gb_workspace *workspace)
{
    if (!workspace->path)
        return;
    empty(workspace->fd, DEEPEST);
    rmdir(workspace->path);
    unregister_workspace(workspace);
    if (workspace->spool >= 0)
        close(workspace->spool);
    close(workspace->fd);
    free(workspace->path);
    *workspace = (struct gb_workspace){.spool = -1};
}

static int new_file(struct gb_workspace *workspace, uint64_t size, int *fd, struct gb_error *err)
{
    char name[16];
    if (workspace->files >= workspace->most_files)
        return gb_error_set(err, GB_E_LIMIT, "more than %u small files to keep",
                            workspace->most_files);
    if (size > workspace->most_bytes - workspace->kept_bytes)
        return gb_error_set(err, GB_E_LIMIT, "more than %llu MiB of small files to keep",
                            (unsigned long long)(workspace->most_bytes >> 20));
    snprintf(name, sizeof name, "f%u", workspace->files);
    *fd = openat(workspace->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return *fd < 0 ? gb_error_errno(err, errno, "cannot make a temporary file") : GB_OK;
}

static int write_all(int fd, struct gb_str content)
{
    while (content.len) {
        ssize_t written = write(fd, content.at, content.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        content = gb_str_from(content, (size_t)written);
    }
    return 0;
}

// Ends what new_file began: counts it, or forgets it when its content could not be written.
static int finish_file(struct gb_workspace *workspace, int fd, int failed, uint64_t size,
                       uint32_t *ret, struct gb_error *err)
{
    int reason = errno;
    if (close(fd) < 0 && !failed) {
        failed = -1;
        reason = errno;
    }
    uint32_t number = workspace->files++; // the name is taken either way
    if (failed) {
        char name[16];
        snprintf(name, sizeof name, "f%u", number);
        unlinkat(workspace->fd, name, 0);
        return gb_error_errno(err, reason, "cannot write a temporary file");
    }
    workspace->kept_bytes += size;
    *ret = number;
    return GB_OK;
}

int gb_workspace_keep(struct gb_workspace *workspace, struct gb_str content, uint32_t *ret,
                      struct gb_error *err)
{
    int fd;
    int code = new_file(workspace, content.len, &fd, err);
    if (code)
        return code;
    return finish_file(workspace, fd, write_all(fd, content), content.len, ret, err);
}

int gb_workspace_keep_spool(struct gb_workspace *workspace, uint64_t size, uint32_t *ret,
                            struct gb_error *err)
{
    int fd;
    int code = new_file(workspace, size, &fd, err);
    if (code)
        return code;
    off_t at = 0;
    int failed = 0;
    while (!failed && (uint64_t)at < size) {
        ssize_t sent = sendfile(fd, workspace->spool, &at, (size_t)(size - (uint64_t)at));
        failed = sent <= 0 ? -1 : 0;
    }
    return finish_file(workspace, fd, failed, size, ret, err);
}

int gb_workspace_unlinked(struct gb_workspace *workspace, int *ret, struct gb_error *err)
{
    *ret = openat(workspace->fd, "spool", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*ret < 0)
        return gb_error_errno(err, errno, "cannot make a temporary file");
    unlinkat(workspace->fd, "spool", 0);
    return GB_OK;
}

int gb_workspace_spool(struct gb_workspace *workspace, int *ret, struct gb_error *err)
{
    if (workspace->spool < 0) {
        int code = gb_workspace_unlinked(workspace, &workspace->spool, err);
        if (code)
            return code;
    }
    if (ftruncate(workspace->spool, 0) < 0 || lseek(workspace->spool, 0, SEEK_SET) < 0)
        return gb_error_errno(err, errno, "cannot empty the temporary file");
    *ret = workspace->spool;
    return GB_OK;
}

int gb_workspace_tree(struct gb_workspace *workspace, const char *name, int *ret,
                      struct gb_error *err)
{
    if (mkdirat(workspace->fd, name, 0700) < 0)
        return gb_error_errno(err, errno, "cannot make a temporary directory");
    *ret = openat(workspace->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret < 0 ? gb_error_errno(err, errno, "cannot open a temporary directory") : GB_OK;
}

void gb_workspace_drop_tree(const struct gb_workspace *workspace, const char *name)
{
    int fd = openat(workspace->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    empty(fd, DEEPEST);
    close(fd);
    unlinkat(workspace->fd, name, AT_REMOVEDIR);
}

// The directory that `path` stands in, made where it is missing; *name is the last component.
static int parent_of(int tree, const char *path, const char **name, struct gb_error *err)
{
    int fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
    unsigned depth = 0;
    struct open_how how = {
        .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    while (fd >= 0) {
        const char *slash;
        char component[256];
        path += strspn(path, "/");
        slash = strchr(path, '/');
        if (!slash)
            break;
        size_t len = (size_t)(slash - path);
        if (len >= sizeof component || ++depth >= DEEPEST - 2) {
            close(fd);
            return gb_error_set(err, GB_E_LIMIT, "the path is too long or too deep");
        }
        memcpy(component, path, len);
        component[len] = '\0';
        path = slash;
        if (mkdirat(fd, component, 0700) < 0 && errno != EEXIST) {
            int reason = errno;
            close(fd);
            return gb_error_errno(err, reason, "cannot make a temporary directory");
        }
        int below = (int)syscall(SYS_openat2, fd, component, &how, sizeof how);
        int reason = errno;
        close(fd);
        errno = reason;
        fd = below;
    }
    *name = path;
    return fd < 0 ? gb_error_errno(err, errno, "cannot open a temporary directory") : fd;
}

int gb_workspace_place(const struct gb_workspace *workspace, int tree, const char *path,
                       uint32_t file, struct gb_error *err)
{
    char from[16];
    const char *name = path;
    snprintf(from, sizeof from, "f%u", file);
    int parent = parent_of(tree, path, &name, err);
    if (parent < 0)
        return parent;
    int code = GB_OK;
    if (linkat(workspace->fd, from, parent, name, 0) < 0)
        code = gb_error_errno(err, errno, "cannot place a temporary file");
    close(parent);
    return code;
}

int gb_workspace_place_link(int tree, const char *path, const char *target, struct gb_error *err)
{
    const char *name = path;
    int parent = parent_of(tree, path, &name, err);
    if (parent < 0)
        return parent;
    int code = GB_OK;
    if (symlinkat(target, parent, name) < 0)
        code = gb_error_errno(err, errno, "cannot place a temporary link");
    close(parent);
    return code;
}
