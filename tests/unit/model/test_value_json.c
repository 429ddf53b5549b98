// model/value_json.h: the JSON form of values, both ways.
#include "model/value_json.h"

#include "model/kind.h"

#include "documents.h"

#include <math.h>

static const char *written(const struct gb_value *value)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 16);
    struct gb_json_writer w = gb_json_writer(&out, 0);
    gb_value_write_json(&w, value);
    assert_false(out.failed);
    return gb_str_c(arena, gb_buffer_str(&out));
}

static void test_writes(void **state)
{
    (void)state;
    struct gb_map_value *map = gb_map_new(arena);
    struct gb_list *list = gb_list_new(arena);
    const struct gb_value items[] = {
        gb_null(),
        gb_bool(true),
        gb_int(-5),
        gb_uint(UINT64_MAX),
        gb_double(2),
        gb_double(INFINITY),
        gb_string(GB_STR("a\n\xff")),
        gb_bytes(GB_STR("\x00\xff\x10")),
        gb_timestamp(1793491200, 500000000),
        gb_duration(-3723, -500000000),
        gb_unknown(GB_STR("needs root")),
        gb_not_applicable(GB_STR("needs a live kernel")),
        {.kind = GB_VALUE_ERROR, .string = GB_STR_INIT("x")},
        {.kind = GB_VALUE_OPTIONAL},
    };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        gb_list_add(arena, list, items[i]);
    gb_map_put(arena, map, GB_STR("list"), gb_list_of(list));
    gb_map_put_key(arena, map, gb_int(-7), gb_int(1));
    gb_map_put_key(arena, map, gb_uint(7), gb_int(2));
    gb_map_put_key(arena, map, gb_bool(false), gb_map_of(gb_map_new(arena)));
    struct gb_value value = gb_map_of(map);
    assert_string_equal(written(&value),
                        "{\"list\":[null,true,-5,18446744073709551615,2.0,null,"
                        "\"a\\n\xef\xbf\xbd\",\"AP8Q\",\"2026-11-01T00:00:00.5Z\",\"-3723.5s\","
                        "{\"unknown\":\"needs root\"},{\"not_applicable\":\"needs a live kernel\"},"
                        "null,null],\"-7\":1,\"7\":2,\"false\":{}}");
    for (int i = 0; i < 100; i++) {
        struct gb_list *outer = gb_list_new(arena);
        gb_list_add(arena, outer, value);
        value = gb_list_of(outer);
    }
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 16);
    struct gb_json_writer w = gb_json_writer(&out, 0);
    gb_value_write_json(&w, &value);
    assert_true(out.failed);
}

static const char kind_text[] = "kind: thing\n"
                                "title: T\n"
                                "provider: host\n"
                                "doc: D\n"
                                "fields:\n"
                                "  flag: {type: bool, doc: d}\n"
                                "  count: {type: int, doc: d}\n"
                                "  size: {type: uint, doc: d}\n"
                                "  ratio: {type: double, doc: d}\n"
                                "  name: {type: string, doc: d}\n"
                                "  mode: {type: string, values: [on, off], doc: d}\n"
                                "  raw: {type: bytes, doc: d}\n"
                                "  at: {type: timestamp, doc: d}\n"
                                "  age: {type: duration, doc: d}\n"
                                "  free: {type: any, doc: d}\n"
                                "  numbers: {type: \"map(int, string)\", doc: d}\n"
                                "  flags: {type: \"map(bool, int)\", doc: d}\n"
                                "  sizes: {type: \"map(uint, int)\", doc: d}\n"
                                "  parts: {type: list(part), doc: d}\n"
                                "records:\n"
                                "  part:\n"
                                "    fields:\n"
                                "      unknown: {type: string, doc: d}\n"
                                "      name: {type: string, doc: d}\n";

static const struct gb_type *thing_type(void)
{
    struct gb_kinds *kinds = gb_alloc(arena, sizeof *kinds);
    *kinds = gb_kinds(arena);
    struct gb_error err = {0};
    if (gb_kinds_add(kinds, document_of(kind_text), GB_STR("t.yaml"), &err) < 0)
        fail_msg("%u:%u: %s", err.line, err.column, err.reason);
    return gb_kinds_find(kinds, GB_STR("thing"))->type;
}

static void test_reads_by_type(void **state)
{
    (void)state;
    const struct gb_type *type = thing_type();
    static const char text[] =
        "{\"flag\":true,\"count\":-5,\"size\":5,\"ratio\":2.0,\"name\":\"2026-11-01T00:00:00Z\","
        "\"mode\":\"off\",\"raw\":\"AP8Q\",\"at\":\"2026-11-01T00:00:00.5Z\",\"age\":\"-3723.5s\","
        "\"free\":[1,18446744073709551615,1.5,\"x\",null,false,{\"k\":{\"unknown\":\"why\"}}],"
        "\"numbers\":{\"-1\":\"a\",\"2\":{\"not_applicable\":\"no\"}},\"flags\":{\"true\":1},"
        "\"sizes\":{\"18446744073709551615\":1},\"parts\":[{\"unknown\":\"a field\"}]}";
    struct gb_value value;
    struct gb_error err = {0};
    if (gb_value_read_json(gb_str_of(text), type, arena, &value, &err) < 0)
        fail_msg("%u:%u: %s", err.line, err.column, err.reason);
    assert_int_equal(gb_value_get(&value, "size")->kind, GB_VALUE_UINT);
    assert_int_equal(gb_value_get(&value, "name")->kind, GB_VALUE_STRING);
    assert_int_equal(gb_value_get(&value, "raw")->kind, GB_VALUE_BYTES);
    assert_int_equal(gb_value_get(&value, "at")->kind, GB_VALUE_TIMESTAMP);
    assert_int_equal(gb_value_get(&value, "age")->kind, GB_VALUE_DURATION);
    assert_true(gb_value_get(&value, "age")->time.seconds == -3723);
    assert_int_equal(gb_value_get(&value, "numbers")->map->pairs[0].key.kind, GB_VALUE_INT);
    assert_int_equal(gb_value_get(&value, "sizes")->map->pairs[0].key.kind, GB_VALUE_UINT);
    // A record's own field "unknown" is a field.
    const struct gb_value *part = &gb_value_get(&value, "parts")->list->items[0];
    assert_true(gb_str_is(gb_value_get(part, "unknown")->string, "a field"));
    // And back to the same text.
    assert_string_equal(written(&value), text);
    assert_int_equal(
        gb_value_read_json(GB_STR("{\"unknown\":\"needs root\"}"), type, arena, &value, &err),
        GB_OK);
    assert_int_equal(value.kind, GB_VALUE_UNKNOWN);
    // Integers fit doubles.
    assert_int_equal(gb_value_read_json(GB_STR("{\"ratio\":3}"), type, arena, &value, &err), GB_OK);
    assert_true(gb_value_get(&value, "ratio")->real == 3);
}

static void test_refuses(void **state)
{
    (void)state;
    const struct gb_type *type = thing_type();
    static const struct {
        const char *text;
        uint32_t column;
        const char *reason;
    } cases[] = {
        {"[]", 1, "expected thing, found list"},
        {"{\"flag\":1}", 9, "flag: expected bool, found integer"},
        {"{\"count\":1.5}", 10, "count: expected int, found number"},
        {"{\"count\":18446744073709551615}", 10, "count: expected int, found integer"},
        {"{\"size\":-1}", 9, "size: expected uint, found integer"},
        {"{\"ratio\":\"x\"}", 10, "ratio: expected double, found string"},
        {"{\"name\":null}", 9, "name: expected string, found null"},
        {"{\"mode\":\"of\"}", 9, "mode: \"of\" is not one of its values"},
        {"{\"raw\":\"A\"}", 8, "raw: expected base64, found \"A\""},
        {"{\"at\":\"yesterday\"}", 7, "at: expected a time as in"},
        {"{\"age\":\"1d\"}", 8, "age: expected a duration as in"},
        {"{\"cuont\":1}", 2, "thing has no field \"cuont\" (did you mean \"count\"?)"},
        {"{\"zzzzzz\":1}", 2, "thing has no field \"zzzzzz\""},
        {"{\"numbers\":{\"x\":\"y\"}}", 17, "numbers.x: the key is no int"},
        {"{\"parts\":[{},{\"name\":[]}]}", 22, "parts[1].name: expected string, found list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_value value = gb_int(77);
        struct gb_error err = {0};
        int code = gb_value_read_json(gb_str_of(cases[i].text), type, arena, &value, &err);
        if (code != GB_E_TYPE || err.column != cases[i].column ||
            !strstr(err.reason, cases[i].reason) || value.integer != 77)
            fail_msg("%s: %u: %s", cases[i].text, err.column, err.reason);
    }
}

static void test_memory_failures(void **state)
{
    (void)state;
    const struct gb_type *type = thing_type();
    const struct gb_node *node = document_of("{free: [1, {a: b}], parts: [{name: x}], raw: AAAA}");
    size_t n = 1;
    for (;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_value value;
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_value_from_node(node, type, small, &value, &err);
        gb_arena_fail_at(0);
        if (code == GB_OK)
            break;
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
    }
    assert_true(n > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_reads_by_type),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
