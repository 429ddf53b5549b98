// Radix sort by the fronts of keys, then a sort by comparing within those that are the same; used
// by the writer of shards.
#include "model/advisory/shard_sort.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = sizeof(uint64_t), VALUES = 256 };

static unsigned digit_of(uint64_t front, unsigned digit)
{
    return front >> (8 * digit) & (VALUES - 1);
}

// By the lowest byte of the fronts first. Bytes in which all are the same are passed over.
static void sort_fronts(struct gb_sort_key *keys, uint32_t count, struct gb_sort_key *spare)
{
    uint32_t counts[DIGITS][VALUES] = {{0}};
    for (uint32_t i = 0; i < count; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(keys[i].front, digit)]++;
    struct gb_sort_key *from = keys, *to = spare;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint32_t *at = counts[digit], sum = 0;
        if (at[digit_of(from[0].front, digit)] == count)
            continue;
        for (unsigned value = 0; value < VALUES; value++) {
            uint32_t here = at[value];
            at[value] = sum;
            sum += here;
        }
        for (uint32_t i = 0; i < count; i++)
            to[at[digit_of(from[i].front, digit)]++] = from[i];
        struct gb_sort_key *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
}

bool gb_sort(struct gb_sort_key *keys, uint32_t count, gb_sort_compare *compare, void *context,
             struct gb_arena *arena)
{
    if (count < 2)
        return true;
    struct gb_mark mark = gb_arena_mark(arena);
    struct gb_sort_key *spare = gb_alloc_array(arena, count, sizeof *spare);
    if (!spare)
        return false;
    sort_fronts(keys, count, spare);
    gb_arena_reset(arena, mark);
    for (uint32_t start = 0, end; compare && start < count; start = end) {
        end = start + 1;
        while (end < count && keys[end].front == keys[start].front)
            end++;
        if (end - start > 1)
            qsort_r(keys + start, end - start, sizeof *keys, compare, context);
    }
    return true;
}
