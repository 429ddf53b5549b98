// What a walk finds: for each class of finding the files with the smallest paths, up to a limit,
// and the number of all. The same whatever order files come in, so results do not depend on
// threads. Used by file_visit.c (one set a thread and class) and file_walk.c (which merges them).
#ifndef GABION_SOURCE_HOST_FILE_FINDING_H
#define GABION_SOURCE_HOST_FILE_FINDING_H

#include "base/str.h"

#include <sys/stat.h>

struct gb_file_finding {
    char *path; // owned, malloc
    size_t path_length;
    const char *what; // a word of the class: "private key"; static; may be NULL
    uint32_t detail;  // bits of the class
    uint64_t mask;    // capabilities of the file
    uint32_t mode, uid, gid;
    uint64_t size, inode, special; // special: device number of a device file
    int64_t modified_at;
    bool is_dir, reachable;
};

struct gb_file_findings {
    struct gb_file_finding *items; // a heap, the largest path first, until it is sorted
    size_t count, capacity, limit;
    uint64_t total;
    bool failed; // out of memory
};

// Copies `path` when the finding is kept.
void gb_file_findings_add(struct gb_file_findings *set, struct gb_str path,
                          const struct gb_file_finding *finding);
// Moves all of `from` into `into`; `from` is empty then.
void gb_file_findings_merge(struct gb_file_findings *into, struct gb_file_findings *from);
// By path; no more adding after that.
void gb_file_findings_sort(struct gb_file_findings *set);
void gb_file_findings_free(struct gb_file_findings *set);

#endif
