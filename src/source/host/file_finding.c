// Bounded, ordered sets of findings; see file_finding.h.
#include "source/host/file_finding.h"

#include <stdlib.h>

static struct gb_str path_of(const struct gb_file_finding *finding)
{
    return (struct gb_str){finding->path, finding->path_length};
}

static int by_path(const void *a, const void *b)
{
    return gb_str_compare(path_of(a), path_of(b));
}

static void swap(struct gb_file_finding *a, struct gb_file_finding *b)
{
    struct gb_file_finding kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct gb_file_findings *set, size_t at)
{
    while (at && by_path(&set->items[(at - 1) / 2], &set->items[at]) < 0) {
        swap(&set->items[(at - 1) / 2], &set->items[at]);
        at = (at - 1) / 2;
    }
}

static void sift_down(struct gb_file_findings *set, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= set->count)
            return;
        if (child + 1 < set->count && by_path(&set->items[child], &set->items[child + 1]) < 0)
            child++;
        if (by_path(&set->items[at], &set->items[child]) >= 0)
            return;
        swap(&set->items[at], &set->items[child]);
        at = child;
    }
}

static bool grow(struct gb_file_findings *set)
{
    if (set->count < set->capacity)
        return true;
    size_t capacity = set->capacity ? set->capacity * 2 : 16;
    struct gb_file_finding *items = realloc(set->items, capacity * sizeof *items);
    if (!items)
        return false;
    set->items = items;
    set->capacity = capacity;
    return true;
}

// Takes over finding->path.
static void insert(struct gb_file_findings *set, const struct gb_file_finding *finding)
{
    if (set->count == set->limit) {
        free(set->items[0].path);
        set->items[0] = *finding;
        sift_down(set, 0);
    } else if (grow(set)) {
        set->items[set->count++] = *finding;
        sift_up(set, set->count - 1);
    } else {
        set->failed = true;
        free(finding->path);
    }
}

static bool is_wanted(const struct gb_file_findings *set, struct gb_str path)
{
    return set->count < set->limit ||
           (set->limit && gb_str_compare(path, path_of(&set->items[0])) < 0);
}

void gb_file_findings_add(struct gb_file_findings *set, struct gb_str path,
                          const struct gb_file_finding *finding)
{
    set->total++;
    if (!is_wanted(set, path))
        return;
    struct gb_file_finding kept = *finding;
    kept.path = malloc(path.len + 1);
    kept.path_length = path.len;
    if (!kept.path) {
        set->failed = true;
        return;
    }
    memcpy(kept.path, path.at, path.len);
    kept.path[path.len] = '\0';
    insert(set, &kept);
}

void gb_file_findings_merge(struct gb_file_findings *into, struct gb_file_findings *from)
{
    into->total += from->total;
    into->failed = into->failed || from->failed;
    for (size_t i = 0; i < from->count; i++) {
        if (is_wanted(into, path_of(&from->items[i])))
            insert(into, &from->items[i]);
        else
            free(from->items[i].path);
    }
    free(from->items);
    *from = (struct gb_file_findings){.limit = from->limit};
}

void gb_file_findings_sort(struct gb_file_findings *set)
{
    if (set->count)
        qsort(set->items, set->count, sizeof *set->items, by_path);
}

void gb_file_findings_free(struct gb_file_findings *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->items[i].path);
    free(set->items);
    *set = (struct gb_file_findings){.limit = set->limit};
}
