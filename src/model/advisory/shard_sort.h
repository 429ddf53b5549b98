// Sorting by numbers: what the writer of shards brings its strings and records in order with.
#ifndef GABION_MODEL_ADVISORY_SHARD_SORT_H
#define GABION_MODEL_ADVISORY_SHARD_SORT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// Something to sort: the front of it as a number, and which one it is.
struct gb_sort_key {
    uint64_t front;
    uint32_t number;
};

// The first eight bytes as a number: where two differ, the strings are in the same order.
static inline uint64_t gb_sort_front(struct gb_str s)
{
    uint64_t word = 0;
    if (s.len)
        memcpy(&word, s.at, s.len < sizeof word ? s.len : sizeof word);
    return be64toh(word);
}

// Of two with the same front; as qsort_r's, with pointers to gb_sort_key.
typedef int gb_sort_compare(const void *a, const void *b, void *context);

// Sorts by fronts, those of one front by `compare` (NULL: they stay in their order). Works in
// memory of the arena that is given back; false when there is none.
GB_MUST_USE bool gb_sort(struct gb_sort_key *keys, uint32_t count, gb_sort_compare *compare,
                         void *context, struct gb_arena *arena);

#endif
