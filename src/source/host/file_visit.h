// What the file walk looks at: one context a thread collects findings of every class. Used by
// file_walk.c, which merges the contexts and writes the resources.
#ifndef GABION_SOURCE_HOST_FILE_VISIT_H
#define GABION_SOURCE_HOST_FILE_VISIT_H

#include "source/host/file_finding.h"
#include "source/host/file_rules.h"
#include "source/language/walked.h"
#include "source/package/owner.h"
#include "source/walk/walk.h"

enum gb_file_class {
    GB_FILES_SETUID,
    GB_FILES_WORLD_WRITABLE,
    GB_FILES_UNOWNED,
    GB_FILES_CAPABLE,
    GB_FILES_UNPACKAGED,
    GB_FILES_SECRET,
    GB_FILES_DEVICE,
    GB_FILES_ODD,
    GB_FILE_CLASS_COUNT,
};

enum {                       // gb_file_finding.detail
    GB_FILE_IN_COMMANDS = 1, // in the search path
    GB_FILE_IN_SYSTEM = 2,   // in the system's own directories
    GB_FILE_IN_TEMPORARY = 4,
    GB_FILE_SAMPLE = 8,
    GB_FILE_EFFECTIVE = 16, // capabilities that are in force without asking
    GB_FILE_UNKNOWN_USER = 32,
    GB_FILE_UNKNOWN_GROUP = 64,
};

struct gb_id_range {
    uint32_t first, last;
};

// Ids that somebody owns, sorted and without overlaps.
struct gb_id_set {
    const struct gb_id_range *ranges;
    size_t count;
    bool known; // false: nothing can be said about owners
};

struct gb_file_visit_shared {            // the same for all threads, immutable
    const struct gb_owner_index *owners; // NULL: not known
    struct gb_id_set users, groups;
};

struct gb_file_visitor {
    const struct gb_file_visit_shared *shared;
    struct gb_file_findings findings[GB_FILE_CLASS_COUNT];
    struct gb_file_findings pruned;       // container stores that were left out
    struct gb_language_visitor *language; // of the same thread; NULL: not looked for
    uint64_t world_writable_unreachable;
    uint64_t dir_number; // of the directory that the next fields describe
    enum gb_file_place place;
    bool in_libraries; // below /usr/lib, /usr/libexec
    int own_cwd;       // 0 not tried, 1 this thread has a current directory of its own, -1 not
    uint64_t cwd_number;
};

void gb_file_visitor_init(struct gb_file_visitor *visitor,
                          const struct gb_file_visit_shared *shared);
void gb_file_visitor_free(struct gb_file_visitor *visitor);

// For gb_walk_run; the context is a gb_file_visitor.
gb_walk_visit gb_file_visit;

bool gb_id_known(const struct gb_id_set *set, uint32_t id);

#endif
