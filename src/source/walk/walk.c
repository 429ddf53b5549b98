// The threads of a walk and the reading of directories; see walk.h. Used by file_walk.c.
#include "source/walk/walk.h"

#include "source/walk/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 32 << 10,
    ENTRIES_PER_BUFFER = BUFFER_BYTES / 24, // the smallest record
    CHILDREN_ENOUGH = 1024,                 // then a directory is left and continued later
    PATH_BYTES = 4096,
    PATH_PART = GB_TREE_HEAD, // kept of both ends of a longer path
    STACK_BYTES = 512 << 10,
    FD_LIMIT_DEFAULT = 256,
    FD_LIMIT_LEAST = 8,
    MEMORY_DEFAULT = 16 << 20,
};

struct linux_dirent { // as getdents64(2) gives it
    uint64_t inode;
    int64_t next;
    unsigned short length;
    unsigned char type;
    char name[];
};

struct gb_walk_dir {
    const struct gb_tree_node *node;
    struct gb_str root_path;
    size_t path_length; // SIZE_MAX: not built yet
    char path[PATH_BYTES];
};

struct shared {
    struct gb_tree tree;
    gb_walk_visit *visit;
    int open_flags;
    bool root_reachable;
};

struct worker {
    struct shared *shared;
    void *context;
    struct gb_walk_counts counts;
    pthread_t thread;
    struct gb_walk_dir dir;
    uint64_t dir_number;
    struct gb_tree_node *children[CHILDREN_ENOUGH + ENTRIES_PER_BUFFER];
    size_t child_count;
    _Alignas(8) char buffer[BUFFER_BYTES];
};

// ---- paths

// Copies the part of `text`, which stands at `at` in a longer string, that falls into the window of
// `into` beginning at `window` and `size` long.
static void copy_window(char *into, size_t window, size_t size, struct gb_str text, size_t at)
{
    size_t start = at > window ? at : window;
    size_t end = at + text.len < window + size ? at + text.len : window + size;
    if (start < end)
        memcpy(into + (start - window), text.at + (start - at), end - start);
}

// Writes the part of a directory's whole path that falls into a window. Goes up only as far as the
// window reaches.
static void write_window(const struct gb_walk_dir *dir, const struct gb_tree_node *node, char *into,
                         size_t window, size_t size)
{
    size_t at = dir->root_path.len + node->path_len;
    for (; node->parent && at > window; node = node->parent) {
        at -= node->name_len;
        copy_window(into, window, size, (struct gb_str){node->name, node->name_len}, at);
        copy_window(into, window, size, GB_STR("/"), --at);
    }
    copy_window(into, window, size, dir->root_path, 0);
}

static void build_path(struct gb_walk_dir *dir)
{
    const struct gb_tree_node *node = dir->node;
    size_t whole = dir->root_path.len + node->path_len;
    if (whole < sizeof dir->path) {
        write_window(dir, node, dir->path, 0, whole);
        dir->path_length = whole;
        return;
    }
    static const struct gb_str gap = GB_STR_INIT("/.../");
    write_window(dir, node->head ? node->head : node, dir->path, 0, PATH_PART);
    memcpy(dir->path + PATH_PART, gap.at, gap.len);
    write_window(dir, node, dir->path + PATH_PART + gap.len, whole - PATH_PART, PATH_PART);
    dir->path_length = 2 * PATH_PART + gap.len;
}

struct gb_str gb_walk_dir_path(const struct gb_walk_dir *dir)
{
    if (dir->path_length == SIZE_MAX) {
        // The cache belongs to this thread's worker, which hands out const pointers to it.
        union {
            const struct gb_walk_dir *in;
            struct gb_walk_dir *out;
        } own = {.in = dir};
        build_path(own.out);
    }
    return (struct gb_str){dir->path, dir->path_length};
}

struct gb_str gb_walk_entry_path(const struct gb_walk_entry *entry, char *into, size_t size)
{
    struct gb_str dir = gb_walk_dir_path(entry->dir);
    bool is_dir = entry->type == GB_FILE_DIRECTORY; // then `dir` is the entry itself
    size_t name = is_dir ? 0 : entry->name.len + 1, length = dir.len + name;
    if (!length && size > 1) {
        into[0] = '/';
        into[1] = '\0';
        return (struct gb_str){into, 1};
    }
    if (length + 1 > size) {
        into[0] = '\0';
        return (struct gb_str){into, 0};
    }
    if (dir.len)
        memcpy(into, dir.at, dir.len);
    if (!is_dir) {
        into[dir.len] = '/';
        memcpy(into + dir.len + 1, entry->name.at, entry->name.len);
    }
    into[length] = '\0';
    return (struct gb_str){into, length};
}

// ---- reading

static void count_failure(struct gb_walk_counts *counts, int number)
{
    if (number == ENOENT || number == ENOTDIR || number == ELOOP || number == ESTALE) {
        counts->vanished++;
    } else if (number == EXDEV) {
        counts->mounts++;
    } else {
        counts->unreadable++;
        if (!counts->worst_errno || counts->worst_errno == EACCES)
            counts->worst_errno = number;
    }
}

static void count_type(struct gb_walk_counts *counts, enum gb_file_type type)
{
    // Read by the thread that tells about progress.
    __atomic_store_n(&counts->entries, counts->entries + 1, __ATOMIC_RELAXED);
    counts->directories += type == GB_FILE_DIRECTORY;
    counts->files += type == GB_FILE_REGULAR;
    counts->links += type == GB_FILE_LINK;
    counts->others += type != GB_FILE_DIRECTORY && type != GB_FILE_REGULAR && type != GB_FILE_LINK;
}

static void add_child(struct worker *w, struct gb_str name)
{
    struct gb_tree_node *parent = (struct gb_tree_node *)(uintptr_t)w->dir.node;
    struct gb_tree_node *child = gb_tree_child(&w->shared->tree, parent, name);
    if (child)
        w->children[w->child_count++] = child;
    else
        w->counts.skipped++;
}

static void read_entry(struct worker *w, int fd, dev_t device, const struct linux_dirent *raw)
{
    struct gb_str name = gb_str_of(raw->name);
    if (gb_str_is(name, ".") || gb_str_is(name, ".."))
        return;
    if (raw->type == DT_DIR) {
        add_child(w, name);
        return;
    }
    struct stat st;
    struct gb_walk_entry entry = {
        .name = name,
        .dir = &w->dir,
        .type = GB_FILE_LINK,
        .dir_fd = fd,
        .reachable = w->dir.node->reachable,
        .dir_number = w->dir_number,
    };
    if (raw->type != DT_LNK) {
        if (fstatat(fd, raw->name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
            count_failure(&w->counts, errno);
            return;
        }
        entry.type = gb_file_type_of_mode(st.st_mode);
        if (entry.type == GB_FILE_DIRECTORY) { // this file system does not say so before
            add_child(w, name);
            return;
        }
        if (st.st_dev != device) { // a file that is mounted over another
            w->counts.mounts++;
            return;
        }
        entry.stat = entry.type == GB_FILE_LINK ? NULL : &st;
    }
    count_type(&w->counts, entry.type);
    w->shared->visit(w->context, &entry);
}

// Reads until the end of the directory, or until enough children were found (true: to be
// continued).
static bool read_entries(struct worker *w, struct gb_tree_node *node, int fd)
{
    for (;;) {
        long got = syscall(SYS_getdents64, fd, w->buffer, sizeof w->buffer);
        if (got < 0)
            count_failure(&w->counts, errno);
        if (got <= 0)
            return false;
        const struct linux_dirent *raw = NULL;
        for (long at = 0; at < got; at += raw->length) {
            raw = (const struct linux_dirent *)(const void *)(w->buffer + at);
            read_entry(w, fd, node->device, raw);
        }
        if (w->child_count >= CHILDREN_ENOUGH) {
            node->resume_at = raw->next;
            return true;
        }
    }
}

// The descriptor to read a directory with, at the right place; negative errno.
static int open_dir(struct worker *w, const struct gb_tree_task *task)
{
    struct gb_tree_node *node = task->node;
    struct shared *shared = w->shared;
    int fd = task->fd;
    if (fd < 0 && task->parent_fd < 0)
        return task->parent_fd;
    if (fd < 0) {
        do
            fd = gb_tree_open_beneath(task->parent_fd, node->name, shared->open_flags);
        while ((fd == -EMFILE || fd == -ENFILE) && gb_tree_drop_one(&shared->tree));
        if (fd == -EPERM && shared->open_flags & O_NOATIME) // of another owner, without privilege
            fd = gb_tree_open_beneath(task->parent_fd, node->name, O_RDONLY);
        if (fd < 0)
            return fd;
    }
    if (!node->parent || node->opened) {
        if (lseek(fd, node->resume_at, SEEK_SET) < 0 && errno == EBADF) {
            int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            int failed = -errno;
            close(fd);
            fd = again < 0 ? failed : again;
            if (fd >= 0 && lseek(fd, node->resume_at, SEEK_SET) < 0) {
                close(fd);
                fd = -EIO;
            }
        }
    }
    return fd;
}

// First sight of a directory: remember it, show it. False when it is not to be read.
static bool enter(struct worker *w, struct gb_tree_node *node, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        count_failure(&w->counts, errno);
        return false;
    }
    if (node->opened) {
        if (st.st_dev == node->device && st.st_ino == node->inode)
            return true;
        w->counts.vanished++;
        return false;
    }
    bool above = node->parent ? node->parent->reachable : w->shared->root_reachable;
    node->device = st.st_dev;
    node->inode = st.st_ino;
    node->reachable = above && st.st_mode & S_IXOTH;
    count_type(&w->counts, GB_FILE_DIRECTORY);
    struct gb_walk_entry entry = {
        .name = {node->name, node->name_len},
        .dir = &w->dir,
        .type = GB_FILE_DIRECTORY,
        .stat = &st,
        .dir_fd = fd,
        .reachable = above,
        .dir_number = w->dir_number,
    };
    if (w->shared->visit(w->context, &entry))
        return true;
    w->counts.pruned++;
    return false;
}

static void read_dir(struct worker *w, const struct gb_tree_task *task)
{
    struct gb_tree_node *node = task->node;
    w->dir.node = node;
    w->dir_number++;
    w->dir.path_length = SIZE_MAX;
    w->child_count = 0;
    int fd = open_dir(w, task);
    bool again = false;
    if (fd < 0)
        count_failure(&w->counts, -fd);
    else if (enter(w, node, fd))
        again = read_entries(w, node, fd);
    w->counts.skipped +=
        gb_tree_done(&w->shared->tree, task, fd, w->children, w->child_count, again);
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct gb_tree_task task;
    while (gb_tree_take(&w->shared->tree, &task))
        read_dir(w, &task);
    return NULL;
}

// ---- running

unsigned gb_walk_threads(const struct gb_walk_options *options)
{
    unsigned threads = options->threads;
    if (!threads) {
        cpu_set_t set;
        threads = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 2;
        threads = threads < 2 ? 2 : threads;
    }
    return threads < GB_WALK_THREADS_MAX ? threads : GB_WALK_THREADS_MAX;
}

static void add_counts(struct gb_walk_counts *sum, const struct gb_walk_counts *part)
{
    sum->entries += part->entries;
    sum->directories += part->directories;
    sum->files += part->files;
    sum->links += part->links;
    sum->others += part->others;
    sum->unreadable += part->unreadable;
    sum->vanished += part->vanished;
    sum->skipped += part->skipped;
    sum->pruned += part->pruned;
    sum->mounts += part->mounts;
    if (part->worst_errno && (!sum->worst_errno || sum->worst_errno == EACCES))
        sum->worst_errno = part->worst_errno;
}

// Waits for a thread and tells about progress meanwhile.
static void join(const struct gb_walk_options *options, struct worker *const *workers,
                 unsigned count, pthread_t thread)
{
    enum { TENTH_NS = 100 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TENTH_NS;
        until.tv_sec += until.tv_nsec / SECOND_NS;
        until.tv_nsec %= SECOND_NS;
        if (pthread_timedjoin_np(thread, NULL, options->progress ? &until : NULL) != ETIMEDOUT)
            return;
        uint64_t entries = 0;
        for (unsigned i = 0; i < count; i++)
            entries += __atomic_load_n(&workers[i]->counts.entries, __ATOMIC_RELAXED);
        options->progress(options->progress_context, entries);
    }
}

static int run(const struct gb_walk_options *options, struct worker **workers, unsigned count,
               struct gb_walk_counts *ret, struct gb_error *err)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    unsigned started = 0;
    while (started < count &&
           pthread_create(&workers[started]->thread, &attributes, work, workers[started]) == 0)
        started++;
    pthread_attr_destroy(&attributes);
    if (!started)
        work(workers[0]); // no threads to be had: alone, then
    for (unsigned i = 0; i < started; i++)
        join(options, workers, count, workers[i]->thread);
    *ret = (struct gb_walk_counts){0};
    for (unsigned i = 0; i < count; i++)
        add_counts(ret, &workers[i]->counts);
    if (!ret->entries)
        return gb_error_errno(err, ret->worst_errno ? ret->worst_errno : EIO,
                              "the root of the walk cannot be read");
    return GB_OK;
}

int gb_walk_run(const struct gb_walk_options *options, gb_walk_visit *visit, void *const *contexts,
                struct gb_walk_counts *ret, struct gb_error *err)
{
    unsigned fd_limit = options->fd_limit ? options->fd_limit : FD_LIMIT_DEFAULT;
    struct shared shared = {
        .visit = visit,
        .root_reachable = !options->root_unreachable,
        // Reading leaves no trace where the kernel allows it.
        .open_flags = O_RDONLY | (geteuid() == 0 ? O_NOATIME : 0),
    };
    if (gb_tree_init(&shared.tree, options->root_fd,
                     fd_limit < FD_LIMIT_LEAST ? FD_LIMIT_LEAST : fd_limit,
                     options->memory_limit ? options->memory_limit : MEMORY_DEFAULT) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a walk");
    unsigned count = gb_walk_threads(options), made = 0;
    struct worker *workers[GB_WALK_THREADS_MAX] = {NULL};
    for (; made < count; made++) {
        workers[made] = calloc(1, sizeof **workers);
        if (!workers[made])
            break;
        workers[made]->shared = &shared;
        workers[made]->context = contexts[made];
        workers[made]->dir.root_path = options->root_path;
    }
    int code = made ? run(options, workers, made, ret, err)
                    : gb_error_set(err, GB_E_MEMORY, "no memory for a walk");
    for (unsigned i = 0; i < made; i++)
        free(workers[i]);
    gb_tree_free(&shared.tree);
    return code;
}
