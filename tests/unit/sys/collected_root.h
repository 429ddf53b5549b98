// What tests of sources share: a temporary root directory and a collector over it. The tests use
// the variables; their setup calls collected_root_begin first.
//
//     static int setup(void **state) { return collected_root_begin(GB_KERNEL_NONE); }
//     ... cmocka_run_group_tests(tests, ...) with collected_root_end as teardown
#ifndef GABION_TESTS_COLLECTED_ROOT_H
#define GABION_TESTS_COLLECTED_ROOT_H

#include "source/source.h"

#include "temporary_root.h"

static struct temporary_root root;
static struct gb_host *host;
static struct gb_arena *arena, *scratch;
static struct gb_collector collector;

static inline int collected_root_begin(enum gb_kernel_form kernel)
{
    root = temporary_root_new();
    temporary_root_mode(&root, "", 0755);
    host = temporary_root_host(&root, kernel);
    arena = gb_arena_new("test", 32u << 20);
    scratch = gb_arena_new("scratch", 32u << 20);
    if (!arena || !scratch)
        return -1;
    collector = (struct gb_collector){
        .host = host, .arena = arena, .scratch = scratch, .all = gb_collection_new(arena, 0)};
    return collector.all ? 0 : -1;
}

static inline int collected_root_end(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    gb_arena_free(&scratch);
    temporary_root_free(&root, &host);
    return 0;
}

#endif
