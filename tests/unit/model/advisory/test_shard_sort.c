// Tests of model/advisory/shard_sort.h and shard_pool.h: against what comparing alone gives.
#include "model/advisory/shard_pool.h"
#include "model/advisory/shard_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

enum { COUNT = 5000 };

static int compare(const void *a, const void *b, void *context)
{
    const struct gb_sort_key *left = a, *right = b;
    const struct gb_str *strings = context;
    return gb_str_compare(strings[left->number], strings[right->number]);
}

// Strings that share their first bytes, that are shorter than eight, that hold NUL and high bytes.
static struct gb_str string_of(struct gb_arena *arena, uint32_t i)
{
    uint32_t mixed = i * 2654435761u;
    if (i < 4)
        return (struct gb_str){"\0\0\0", i};
    if (i % 3 == 0)
        return gb_str_format(arena, "CVE-20%02u-%u", mixed % 7, i);
    return i % 3 == 1 ? gb_str_format(arena, "%c%x", (int)(mixed >> 24), i)
                      : gb_str_format(arena, "%u", i);
}

static void test_order(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("test", 8u << 20);
    struct gb_str *strings = gb_alloc_array(arena, COUNT, sizeof *strings);
    struct gb_sort_key *keys = gb_alloc_array(arena, COUNT, sizeof *keys);
    for (uint32_t i = 0; i < COUNT; i++) {
        strings[i] = string_of(arena, i);
        keys[i] = (struct gb_sort_key){gb_sort_front(strings[i]), i};
    }
    assert_true(gb_sort(keys, COUNT, compare, strings, arena));
    for (uint32_t i = 1; i < COUNT; i++)
        assert_true(gb_str_compare(strings[keys[i - 1].number], strings[keys[i].number]) <= 0);
    gb_arena_free(&arena);
}

static void test_same_fronts_stay(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("test", 1u << 20);
    struct gb_sort_key keys[600];
    for (uint32_t i = 0; i < 600; i++)
        keys[i] = (struct gb_sort_key){(uint64_t)(i * 7 % 5) << 40, i};
    assert_true(gb_sort(keys, 600, NULL, NULL, arena));
    for (uint32_t i = 1; i < 600; i++)
        assert_true(keys[i - 1].front < keys[i].front ||
                    (keys[i - 1].front == keys[i].front && keys[i - 1].number < keys[i].number));
    assert_true(gb_sort(keys, 0, NULL, NULL, arena));
    gb_arena_free(&arena);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("test", 1024);
    struct gb_sort_key keys[600] = {{0}};
    assert_false(gb_sort(keys, 600, NULL, NULL, arena));
    gb_arena_free(&arena);
}

// Each run once, found again by its number, with records and without.
static void check_pool(size_t record)
{
    struct gb_error err = {0};
    struct gb_arena *arena = gb_arena_new("test", 8u << 20);
    struct gb_pool pool = {.arena = arena, .record = record};
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < COUNT; i++) {
            char text[32];
            snprintf(text, sizeof text, "%08x", i * 2654435761u);
            uint32_t number;
            assert_int_equal(gb_pool_add(&pool, (struct gb_str){text, 8}, &number, &err), GB_OK);
            assert_int_equal(number, i);
            assert_memory_equal(gb_pool_at(&pool, i).at, text, 8);
            assert_int_equal(gb_pool_at(&pool, i).len, 8);
            assert_true(gb_pool_has(&pool, (struct gb_str){text, 8}));
        }
    assert_int_equal(pool.count, COUNT);
    assert_false(gb_pool_has(&pool, GB_STR("nothing.")));
    gb_arena_free(&arena);
}

static void test_pool(void **state)
{
    (void)state;
    check_pool(0);
    check_pool(8);
}

static void test_full_pool(void **state)
{
    (void)state;
    struct gb_error err = {0};
    for (size_t record = 0; record <= 8; record += 8) {
        struct gb_arena *arena = gb_arena_new("test", 24u << 10);
        struct gb_pool pool = {.arena = arena, .record = record};
        int code = GB_OK;
        for (uint32_t i = 0; !code && i < COUNT; i++) {
            char text[32];
            uint32_t number;
            snprintf(text, sizeof text, "%08x", i);
            code = gb_pool_add(&pool, (struct gb_str){text, 8}, &number, &err);
        }
        assert_int_equal(code, GB_E_LIMIT);
        gb_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),     cmocka_unit_test(test_same_fronts_stay),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_pool),
        cmocka_unit_test(test_full_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
