// The directories that a walk still has to do with: nodes with a name and a parent, the stack of
// pending ones, and the descriptors that are held open for them. Private to walk.c.
#ifndef GABION_SOURCE_WALK_TREE_H
#define GABION_SOURCE_WALK_TREE_H

#include "base/str.h"

#include <pthread.h>
#include <sys/types.h>

enum { GB_TREE_HEAD = 2000 };

struct gb_tree_node {
    struct gb_tree_node *parent;
    struct gb_tree_node *older, *newer; // among those that hold a descriptor
    int fd;                             // -1: none is held
    uint32_t alive;   // children that exist, and 1 for itself until it was read to the end
    uint32_t waiting; // children that were not opened yet, and 1 while it is to be continued
    uint32_t users;   // threads that work relative to `fd`
    uint32_t name_len;
    size_t path_len; // of the names from the root to here, each with its slash
    // The ancestor (or itself) with which the path first has GB_TREE_HEAD bytes; NULL: shorter.
    // With it both ends of a path are found without a way through all its names.
    const struct gb_tree_node *head;
    dev_t device; // of what was opened under this name
    ino_t inode;
    off_t resume_at; // directory position to go on from
    bool opened;     // was read in part before
    bool reachable;  // everybody may pass to what is inside
    char name[];     // NUL behind it
};

struct gb_tree {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct gb_tree_node *root;
    struct gb_tree_node **stack; // pending
    size_t depth, capacity;
    unsigned busy;                        // threads with a directory in hand
    struct gb_tree_node *oldest, *newest; // holders of descriptors
    unsigned held, held_limit;
    size_t memory, memory_limit; // of the nodes; atomic
};

// `root_fd` stays the caller's. GB_E_MEMORY.
GB_MUST_USE int gb_tree_init(struct gb_tree *tree, int root_fd, unsigned held_limit,
                             size_t memory_limit);
void gb_tree_free(struct gb_tree *tree);

// A directory to read, and what to reach it by.
struct gb_tree_task {
    struct gb_tree_node *node;
    int parent_fd; // pinned until gb_tree_done; negative errno; -1 for the root
    int fd;        // of a directory that is continued, or of the root; -1: to be opened
};

// Takes the next pending directory; waits while other threads may still bring some. False at the
// end.
bool gb_tree_take(struct gb_tree *tree, struct gb_tree_task *task);

// A child of a directory that this thread has in hand; NULL beyond the memory limit.
struct gb_tree_node *gb_tree_child(struct gb_tree *tree, struct gb_tree_node *parent,
                                   struct gb_str name);

// Gives the task back: puts the children (and, when `again`, the directory itself below them) on
// the stack. The tree takes `fd` (or -1) and keeps it where it is still useful. Returns how many
// directories were lost for want of memory.
size_t gb_tree_done(struct gb_tree *tree, const struct gb_tree_task *task, int fd,
                    struct gb_tree_node *const *children, size_t count, bool again);

// Closes a descriptor that nobody uses right now; false when there is none.
bool gb_tree_drop_one(struct gb_tree *tree);

// Opens a directory relative to another: no links, no mounts. `path` may have several components.
// Negative errno.
int gb_tree_open_beneath(int dir_fd, const char *path, int flags);

#endif
