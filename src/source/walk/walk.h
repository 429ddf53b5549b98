// One walk of a file system for everything that needs one: parallel, in bounded memory, and safe
// against whatever users put into their directories.
//
// * Directories are opened one name at a time relative to their parent, never through symbolic
// links
//   and never across a mount (openat2: no links, no magic links, beneath, no mounts). A directory
//   that is renamed or replaced meanwhile is noticed by its device and inode.
// * Pending directories are a stack, so the walk goes deep first; a directory with very many
//   subdirectories is left in the middle and continued later. Descriptors are bounded: the oldest
//   are closed and found again by their names. Depth has no limit but memory's.
// * What cannot be read, vanishes, or would need too much memory is counted, never fatal.
//
// Each thread calls the visitor with a context of its own, so visitors need no locks. The order of
// calls is not fixed: sort what you collect.
//
//     struct gb_walk_options options = {.root_fd = fd, .threads = 2};
//     gb_walk_run(&options, visit, contexts, &counts, err);
#ifndef GABION_SOURCE_WALK_WALK_H
#define GABION_SOURCE_WALK_WALK_H

#include "sys/host.h"

#include <sys/stat.h>

struct gb_walk_dir; // a directory that is being read

struct gb_walk_entry {
    struct gb_str name;            // "" for the root itself; NUL behind it
    const struct gb_walk_dir *dir; // the directory that holds it; of a directory: itself
    enum gb_file_type type;
    // Of everything but symbolic links, which are not asked; NULL then.
    const struct stat *stat;
    int dir_fd;          // to reach the entry by name (of a directory: the directory itself)
    bool reachable;      // every directory above lets everybody pass
    uint64_t dir_number; // another one for each directory that this thread reads
};

struct gb_walk_counts {
    uint64_t entries; // seen, directories included, the root too
    uint64_t directories, files, links, others;
    uint64_t unreadable; // directories that could not be opened or listed, files without stat
    uint64_t vanished;   // gone or replaced between two looks
    uint64_t skipped;    // directories left out because too many were pending
    uint64_t pruned;     // directories that the visitor did not want
    uint64_t mounts;     // directories on which another file system is mounted
    int worst_errno;     // of `unreadable`: EACCES only when there was nothing else
};

struct gb_walk_options {
    int root_fd;             // O_RDONLY, directory; stays the caller's
    struct gb_str root_path; // what paths begin with; "" for "/"
    bool root_unreachable;   // not everybody can get to the root
    unsigned threads;        // 0 = as many as processors, 2 to 8
    unsigned fd_limit;       // descriptors that may be open at a time; 0 = 256
    size_t memory_limit;     // for pending directories; 0 = 16 MiB
    // Called by the thread that called gb_walk_run, about ten times a second. May be NULL.
    void (*progress)(void *context, uint64_t entries);
    void *progress_context;
};

// False for a directory prunes it: it is not read.
typedef bool gb_walk_visit(void *context, const struct gb_walk_entry *entry);

enum { GB_WALK_THREADS_MAX = 8 };

// How many threads (and so contexts) a walk with these options uses.
unsigned gb_walk_threads(const struct gb_walk_options *options);

// `contexts`: one for each thread. GB_E_MEMORY, or GB_E_IO when the root cannot be read.
GB_MUST_USE int gb_walk_run(const struct gb_walk_options *options, gb_walk_visit *visit,
                            void *const *contexts, struct gb_walk_counts *ret,
                            struct gb_error *err);

// The path of a directory, without a slash at its end ("" for the root), kept for as long as the
// directory is being read. Longer than 4096 bytes: the middle is left out as "/.../".
struct gb_str gb_walk_dir_path(const struct gb_walk_dir *dir);

// Writes the path of an entry into `into` (`size` bytes with the NUL) and returns it.
struct gb_str gb_walk_entry_path(const struct gb_walk_entry *entry, char *into, size_t size);

#endif
