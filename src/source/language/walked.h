// Packages of languages that the file system walk comes by: one context a thread collects them, and
// what all of them found is merged and shared for the source that writes the resources
// (inventory.c). Used by the walk of source/host.
//
//     struct gb_language_visitor visitors[N] = {0};
//     gb_language_visit(&visitors[i], entry)                      // of each regular file
//     gb_language_walked(collector, visitors, N, err)             // after the walk
#ifndef GABION_SOURCE_LANGUAGE_WALKED_H
#define GABION_SOURCE_LANGUAGE_WALKED_H

#include "source/language/language.h"
#include "source/source.h"
#include "source/walk/walk.h"

struct gb_language_visitor {
    struct gb_language_inventory found; // its arena is made by the first file that is read
    uint64_t files;                     // that were read
    uint64_t denied;                    // that could not be opened for want of permission
    bool failed;                        // memory ran out
};

// Looks at a regular file; cheap for those that are of no interest. One thread a visitor.
void gb_language_visit(struct gb_language_visitor *visitor, const struct gb_walk_entry *entry);

// What a walk found, sorted by path, place inside, ecosystem, name and version, without
// repetitions.
struct gb_language_walk {
    struct gb_language_inventory found; // in the collector's arena
    uint64_t files, denied;
    bool failed;
};

// Merges what the visitors found into the collector and frees them. GB_E_MEMORY.
GB_MUST_USE int gb_language_walked(struct gb_collector *collector,
                                   struct gb_language_visitor *visitors, size_t count,
                                   struct gb_error *err);
// What gb_language_walked kept, or NULL where no walk ran.
const struct gb_language_walk *gb_language_walk_of(const struct gb_collector *collector);

// Brings packages and problems into their order and drops repetitions.
void gb_language_sort(struct gb_language_inventory *inventory);

#endif
