// Pending directories of a walk and their descriptors; see tree.h. Used by walk.c.
#include "source/walk/tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int gb_tree_open_beneath(int dir_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    // EAGAIN: a rename or mount ran against the resolution; the kernel asks to try again.
    for (int tries = 0; tries < 16; tries++) {
        int fd = (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
        if (fd >= 0)
            return fd;
        if (errno != EAGAIN)
            return -errno;
    }
    return -EAGAIN;
}

static size_t size_of(const struct gb_tree_node *node)
{
    return sizeof *node + node->name_len + 1;
}

static struct gb_tree_node *make_node(struct gb_tree_node *parent, struct gb_str name)
{
    struct gb_tree_node *node = malloc(sizeof *node + name.len + 1);
    if (!node)
        return NULL;
    *node = (struct gb_tree_node){
        .parent = parent,
        .fd = -1,
        .alive = 1,
        .name_len = (uint32_t)name.len,
        .path_len = parent ? parent->path_len + name.len + 1 : 0,
        .head = parent ? parent->head : NULL,
    };
    if (!node->head && node->path_len >= GB_TREE_HEAD)
        node->head = node;
    if (name.len)
        memcpy(node->name, name.at, name.len);
    node->name[name.len] = '\0';
    return node;
}

int gb_tree_init(struct gb_tree *tree, int root_fd, unsigned held_limit, size_t memory_limit)
{
    enum { FIRST_STACK = 1024 };
    *tree = (struct gb_tree){.held_limit = held_limit, .memory_limit = memory_limit};
    tree->root = make_node(NULL, GB_STR(""));
    tree->stack = malloc(FIRST_STACK * sizeof(*tree->stack));
    if (!tree->root || !tree->stack) {
        free(tree->root);
        free(tree->stack);
        return GB_E_MEMORY;
    }
    tree->capacity = FIRST_STACK;
    tree->root->fd = root_fd;
    tree->stack[tree->depth++] = tree->root;
    pthread_mutex_init(&tree->lock, NULL);
    pthread_cond_init(&tree->work, NULL);
    return GB_OK;
}

static void unlink_holder(struct gb_tree *tree, struct gb_tree_node *node)
{
    *(node->older ? &node->older->newer : &tree->oldest) = node->newer;
    *(node->newer ? &node->newer->older : &tree->newest) = node->older;
    node->older = node->newer = NULL;
    tree->held--;
}

static void hold(struct gb_tree *tree, struct gb_tree_node *node, int fd)
{
    node->fd = fd;
    node->older = tree->newest;
    *(tree->newest ? &tree->newest->newer : &tree->oldest) = node;
    tree->newest = node;
    tree->held++;
}

static void drop(struct gb_tree *tree, struct gb_tree_node *node)
{
    unlink_holder(tree, node);
    close(node->fd);
    node->fd = -1;
}

// The oldest ones are nearest to the root: in a walk that goes deep first they are needed last.
static bool drop_oldest(struct gb_tree *tree)
{
    for (struct gb_tree_node *node = tree->oldest; node; node = node->newer) {
        if (!node->users) {
            drop(tree, node);
            return true;
        }
    }
    return false;
}

// One less to wait for: without any the descriptor has no use.
static void stop_waiting(struct gb_tree *tree, struct gb_tree_node *node)
{
    node->waiting--;
    if (!node->waiting && !node->users && node->fd >= 0 && node != tree->root)
        drop(tree, node);
}

// Frees the node, and those above that it alone kept, when nothing of it is alive.
static void release(struct gb_tree *tree, struct gb_tree_node *node)
{
    while (node && --node->alive == 0 && node != tree->root) {
        struct gb_tree_node *parent = node->parent;
        assert(!node->users);
        if (node->fd >= 0)
            drop(tree, node);
        __atomic_fetch_sub(&tree->memory, size_of(node), __ATOMIC_RELAXED);
        free(node);
        node = parent;
    }
}

void gb_tree_free(struct gb_tree *tree)
{
    while (tree->depth)
        release(tree, tree->stack[--tree->depth]);
    free(tree->root);
    free(tree->stack);
    pthread_mutex_destroy(&tree->lock);
    pthread_cond_destroy(&tree->work);
}

struct gb_tree_node *gb_tree_child(struct gb_tree *tree, struct gb_tree_node *parent,
                                   struct gb_str name)
{
    size_t size = sizeof(struct gb_tree_node) + name.len + 1;
    size_t memory = __atomic_add_fetch(&tree->memory, size, __ATOMIC_RELAXED);
    struct gb_tree_node *node = memory > tree->memory_limit ? NULL : make_node(parent, name);
    if (!node)
        __atomic_fetch_sub(&tree->memory, size, __ATOMIC_RELAXED);
    return node;
}

static bool is_same(int fd, const struct gb_tree_node *node)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_dev == node->device && st.st_ino == node->inode;
}

// The names from `from` (left out) to `to`, or, when a path cannot hold them all, to the directory
// where the first piece of them ends, which becomes *end. Gives where the path starts in `path`.
static char *path_between(struct gb_tree_node *from, struct gb_tree_node *to, char path[PATH_MAX],
                          struct gb_tree_node **end)
{
    for (*end = to;;) {
        char *at = path + PATH_MAX - 1;
        *at = '\0';
        struct gb_tree_node *node = *end;
        while (node != from && at - path > (ptrdiff_t)node->name_len + 1) {
            if (*at || node != *end)
                *--at = '/';
            at -= node->name_len;
            memcpy(at, node->name, node->name_len);
            node = node->parent;
        }
        if (node == from)
            return at;
        *end = node;
    }
}

// Opens `to` by the names behind its nearest ancestor that has a descriptor. Where the path is too
// long for one call, the directories where its pieces end keep descriptors, so that the next search
// is short. Under the lock: this is rare.
static int find_again(struct gb_tree *tree, struct gb_tree_node *to)
{
    struct gb_tree_node *from = to, *end = NULL;
    while (from->fd < 0)
        from = from->parent;
    from->users++;
    while (from != to) {
        char path[PATH_MAX];
        const char *names = path_between(from, to, path, &end);
        if (tree->held >= tree->held_limit)
            drop_oldest(tree);
        int fd = gb_tree_open_beneath(from->fd, names, O_PATH);
        from->users--;
        if (fd >= 0 && !is_same(fd, end)) {
            close(fd);
            fd = -ENOENT;
        }
        if (fd < 0)
            return fd;
        hold(tree, end, fd);
        end->users++;
        from = end;
    }
    from->users--;
    return from->fd;
}

static void prepare(struct gb_tree *tree, struct gb_tree_task *task)
{
    struct gb_tree_node *node = task->node, *parent = node->parent;
    task->parent_fd = -1;
    task->fd = -1;
    if (node == tree->root) {
        task->fd = node->fd;
        return;
    }
    if (node->opened && node->fd >= 0 && !node->users) {
        task->fd = node->fd;
        unlink_holder(tree, node);
        node->fd = -1;
        return;
    }
    task->parent_fd = parent->fd >= 0 ? parent->fd : find_again(tree, parent);
    if (task->parent_fd >= 0)
        parent->users++;
}

bool gb_tree_take(struct gb_tree *tree, struct gb_tree_task *task)
{
    pthread_mutex_lock(&tree->lock);
    while (!tree->depth && tree->busy)
        pthread_cond_wait(&tree->work, &tree->lock);
    bool found = tree->depth > 0;
    if (found) {
        task->node = tree->stack[--tree->depth];
        tree->busy++;
        prepare(tree, task);
    }
    pthread_mutex_unlock(&tree->lock);
    return found;
}

static bool push(struct gb_tree *tree, struct gb_tree_node *node)
{
    if (tree->depth == tree->capacity) {
        struct gb_tree_node **stack =
            realloc(tree->stack, tree->capacity * 2 * sizeof(*tree->stack));
        if (!stack)
            return false;
        tree->stack = stack;
        tree->capacity *= 2;
    }
    tree->stack[tree->depth++] = node;
    return true;
}

static size_t push_all(struct gb_tree *tree, struct gb_tree_node *node,
                       struct gb_tree_node *const *children, size_t count)
{
    size_t lost = 0;
    node->alive += (uint32_t)count;
    node->waiting += (uint32_t)count;
    for (size_t i = count; i-- > 0;) {
        if (push(tree, children[i]))
            continue;
        lost++;
        node->waiting--;
        release(tree, children[i]);
    }
    return lost;
}

size_t gb_tree_done(struct gb_tree *tree, const struct gb_tree_task *task, int fd,
                    struct gb_tree_node *const *children, size_t count, bool again)
{
    struct gb_tree_node *node = task->node;
    pthread_mutex_lock(&tree->lock);
    if (task->parent_fd >= 0)
        node->parent->users--;
    if (node->opened)
        node->waiting--;
    else if (node->parent)
        stop_waiting(tree, node->parent);
    node->opened = true;
    bool goes_on = again && push(tree, node); // below its children
    node->waiting += goes_on;
    size_t lost = push_all(tree, node, children, count) + (again && !goes_on);
    if (fd >= 0 && node != tree->root) {
        if (node->waiting && node->fd < 0 && (tree->held < tree->held_limit || drop_oldest(tree)))
            hold(tree, node, fd);
        else
            close(fd);
    }
    if (!goes_on)
        release(tree, node);
    tree->busy--;
    if (count || goes_on || !tree->busy)
        pthread_cond_broadcast(&tree->work);
    pthread_mutex_unlock(&tree->lock);
    return lost;
}

bool gb_tree_drop_one(struct gb_tree *tree)
{
    pthread_mutex_lock(&tree->lock);
    bool dropped = drop_oldest(tree);
    pthread_mutex_unlock(&tree->lock);
    return dropped;
}
