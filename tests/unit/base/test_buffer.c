// base/buffer.h and base/map.h: growing, maxima, and failures that stick.
#include "base/buffer.h"
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_grows(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 20);
    for (int i = 0; i < 10000; i++)
        gb_buffer_print(&out, "%04d,", i);
    assert_false(out.failed);
    assert_int_equal(out.len, 50000);
    assert_memory_equal(out.data + 5 * 1234, "1234,", 5);
    gb_buffer_clear(&out);
    gb_buffer_text(&out, "text");
    gb_buffer_char(&out, '!');
    gb_buffer_add(&out, (struct gb_str){0});
    char *room = gb_buffer_reserve(&out, 3);
    memcpy(room, "abc", 3);
    out.len += 3;
    assert_true(gb_str_is(gb_buffer_str(&out), "text!abc"));
}

static void test_maximum(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(8);
    gb_buffer_print(&out, "%s", "12345678");
    assert_false(out.failed);
    assert_true(gb_str_is(gb_buffer_str(&out), "12345678"));
    gb_buffer_char(&out, 'x');
    assert_true(out.failed);
    // Nothing is added any more, not even what fits.
    gb_buffer_clear(&out);
    gb_buffer_print(&out, "%s", "123456789");
    assert_true(out.failed);
    gb_buffer_char(&out, 'x');
    assert_int_equal(out.len, 0);
    assert_null(gb_buffer_reserve(&out, 1));
    gb_buffer_clear(&out);
    assert_null(gb_buffer_reserve(&out, SIZE_MAX));
    gb_buffer_clear(&out);
    gb_buffer_char(&out, 'x');
    assert_false(out.failed);
    gb_buffer_free(&out);
    assert_int_equal(out.maximum, 8);
    assert_null(out.data);
    struct gb_buffer nothing = gb_buffer(0);
    gb_buffer_text(&nothing, "");
    assert_false(nothing.failed);
    gb_buffer_char(&nothing, 'x');
    assert_true(nothing.failed);
    gb_buffer_free(&nothing);
}

static void test_map(void **state)
{
    (void)state;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 4u << 20);
    struct gb_map map = gb_map(arena);
    assert_null(gb_map_get(&map, GB_STR("absent")));
    static char names[3000][8];
    for (int i = 0; i < 3000; i++) {
        snprintf(names[i], sizeof names[i], "k%d", i);
        assert_int_equal(gb_map_set(&map, gb_str_of(names[i]), names[i]), GB_OK);
    }
    assert_int_equal(map.count, 3000);
    for (int i = 0; i < 3000; i++) {
        assert_ptr_equal(gb_map_get(&map, gb_str_of(names[i])), names[i]);
        assert_true(gb_str_is(map.entries[i].key, names[i]));
    }
    assert_null(gb_map_get(&map, GB_STR("k3000")));
    // Replacing keeps the place.
    assert_int_equal(gb_map_set(&map, GB_STR("k7"), &map), GB_OK);
    assert_int_equal(map.count, 3000);
    assert_ptr_equal(map.entries[7].value, &map);
    // The empty key and keys with zero bytes are keys.
    assert_int_equal(gb_map_set(&map, GB_STR(""), &map), GB_OK);
    assert_int_equal(gb_map_set(&map, GB_STR("\0"), names), GB_OK);
    assert_ptr_equal(gb_map_get(&map, GB_STR("")), &map);
    assert_ptr_equal(gb_map_get(&map, GB_STR("\0")), names);
}

static void test_map_memory_failures(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"};
    enum { COUNT = sizeof keys / sizeof *keys };
    size_t n = 1;
    for (;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 1 << 20);
        struct gb_map map = gb_map(arena);
        int code = GB_OK;
        size_t added = 0;
        gb_arena_fail_at(n);
        while (added < COUNT && (code = gb_map_set(&map, gb_str_of(keys[added]), &map)) == GB_OK)
            added++;
        gb_arena_fail_at(0);
        // What was added is still there.
        for (size_t i = 0; i < COUNT; i++)
            assert_ptr_equal(gb_map_get(&map, gb_str_of(keys[i])), i < added ? &map : NULL);
        if (code == GB_OK)
            break;
        assert_int_equal(code, GB_E_MEMORY);
        // And after the failure it works on.
        assert_int_equal(gb_map_set(&map, GB_STR("z"), &map), GB_OK);
        assert_ptr_equal(gb_map_get(&map, GB_STR("z")), &map);
        assert_int_equal(map.count, added + 1);
    }
    assert_true(n > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_maximum),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_map_memory_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
