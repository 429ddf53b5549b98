// base/arena.h: pieces, marks, limits, and failures that stick.
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_pieces(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("pieces", 8u << 20);
    assert_non_null(arena);
    assert_string_equal(gb_arena_label(arena), "pieces");
    unsigned char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 37;
        pieces[i] = gb_alloc(arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)i, size);
    }
    // No piece reaches into another.
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < i * 37; k++)
            assert_int_equal(pieces[i][k], i);
    assert_false(gb_arena_failed(arena));
    gb_arena_free(&arena);
    assert_null(arena);
    gb_arena_free(&arena);
}

static void test_marks(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("marks", 64u << 20);
    struct gb_mark empty = gb_arena_mark(arena);
    char *kept = gb_alloc(arena, 100);
    memset(kept, 'k', 100);
    struct gb_mark outer = gb_arena_mark(arena);
    size_t used = gb_arena_used(arena);
    for (int round = 0; round < 50; round++) {
        memset(gb_alloc(arena, 5000), 'x', 5000);
        struct gb_mark inner = gb_arena_mark(arena);
        memset(gb_alloc(arena, 2u << 20), 'y', 2u << 20);
        gb_arena_reset(arena, inner);
        // What is given again is zeroed again.
        char *again = gb_alloc(arena, 3000);
        for (int i = 0; i < 3000; i++)
            assert_int_equal(again[i], 0);
        gb_arena_reset(arena, outer);
        assert_int_equal(gb_arena_used(arena), used);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(kept[i], 'k');
    gb_arena_reset(arena, empty);
    assert_int_equal(gb_arena_used(arena), 0);
    gb_arena_free(&arena);
}

static void test_limit(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("limit", 10000);
    assert_non_null(gb_alloc(arena, 4000));
    assert_null(gb_alloc(arena, 10001));
    assert_true(gb_arena_failed(arena));
    // The failure sticks, and smaller pieces are still given.
    assert_non_null(gb_alloc(arena, 1000));
    assert_true(gb_arena_failed(arena));
    assert_true(gb_arena_used(arena) <= 10000);
    volatile size_t most = SIZE_MAX; // not a constant that the compiler warns of
    assert_null(gb_alloc(arena, most));
    assert_null(gb_alloc(arena, most - 8));
    gb_arena_free(&arena);
    arena = gb_arena_new("exact", 4096);
    assert_non_null(gb_alloc(arena, 4096));
    assert_null(gb_alloc(arena, 1));
    gb_arena_free(&arena);
}

static void test_arrays(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("arrays", 16u << 20);
    volatile size_t huge = SIZE_MAX / 2; // not a constant that the compiler warns of
    assert_null(gb_alloc_array(arena, huge, 4));
    assert_true(gb_arena_failed(arena));
    uint64_t *array = NULL;
    size_t count = 0;
    for (size_t next = 1; next < 100000; next = next * 3 / 2 + 1) {
        array = gb_grow_array(arena, array, count, next, sizeof *array);
        assert_non_null(array);
        for (size_t i = 0; i < count; i++)
            assert_true(array[i] == i * 7 + 1);
        for (size_t i = count; i < next; i++) {
            assert_true(array[i] == 0);
            array[i] = i * 7 + 1;
        }
        count = next;
        // Every other time something stands behind it, so that it cannot grow in place.
        if (next % 2)
            memset(gb_alloc(arena, 24), 0xff, 24);
    }
    assert_null(gb_grow_array(arena, array, count, huge, sizeof *array));
    assert_true(array[count - 1] == (count - 1) * 7 + 1);
    gb_arena_free(&arena);
}

static void test_fail_at(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("torture", 1 << 20);
    gb_arena_fail_at(3);
    assert_non_null(gb_alloc(arena, 1));
    assert_non_null(gb_alloc(arena, 1));
    assert_false(gb_arena_failed(arena));
    assert_null(gb_alloc(arena, 1));
    assert_true(gb_arena_failed(arena));
    assert_non_null(gb_alloc(arena, 1));
    gb_arena_fail_at(1);
    gb_arena_fail_at(0);
    assert_non_null(gb_alloc(arena, 1));
    gb_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces), cmocka_unit_test(test_marks),   cmocka_unit_test(test_limit),
        cmocka_unit_test(test_arrays), cmocka_unit_test(test_fail_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
