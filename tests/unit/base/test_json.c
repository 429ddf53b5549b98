// base/json.h: the reader against texts that are and are not JSON, the writer against the reader.
#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

// Each test makes its trees here.
static struct gb_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 64u << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static int read_text(const char *text, struct gb_node *ret, struct gb_error *err)
{
    return gb_json_node(gb_str_of(text), "t.json", GB_JSON_LIMITS_DEFAULT, arena, ret, err);
}

// Writes a tree compactly, to compare by text.
static void write_node(struct gb_json_writer *w, const struct gb_node *node)
{
    switch ((enum gb_node_kind)node->kind) {
    case GB_NODE_NULL:
        gb_json_null(w);
        break;
    case GB_NODE_BOOL:
        gb_json_bool(w, node->boolean);
        break;
    case GB_NODE_INT:
        gb_json_int(w, node->integer);
        break;
    case GB_NODE_UINT:
        gb_json_uint(w, node->uinteger);
        break;
    case GB_NODE_DOUBLE:
        gb_json_double(w, node->real);
        break;
    case GB_NODE_STRING:
        gb_json_string(w, node->string);
        break;
    case GB_NODE_LIST:
        gb_json_list_begin(w);
        for (size_t i = 0; i < node->list.count; i++)
            write_node(w, &node->list.items[i]);
        gb_json_list_end(w);
        break;
    case GB_NODE_MAP:
        gb_json_object_begin(w);
        for (size_t i = 0; i < node->map.count; i++) {
            gb_json_key_str(w, node->map.pairs[i].key);
            write_node(w, &node->map.pairs[i].value);
        }
        gb_json_object_end(w);
        break;
    }
}

static struct gb_str rewritten(const char *text, unsigned indent)
{
    struct gb_node node;
    struct gb_error err = {0};
    if (read_text(text, &node, &err) < 0) {
        print_error("%s: %u:%u %s\n", text, err.line, err.column, err.reason);
        fail();
    }
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 20);
    struct gb_json_writer w = gb_json_writer(&out, indent);
    write_node(&w, &node);
    assert_false(out.failed);
    return gb_str_copy(arena, gb_buffer_str(&out));
}

static void assert_text(struct gb_str s, const char *expected)
{
    assert_string_equal(gb_str_c(arena, s), expected);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"null", "null"},
        {" [ ] ", "[]"},
        {"{}", "{}"},
        {"{\"a\" : [1, -2,\t3.5 , true,false,null,\"x\"]\r\n}",
         "{\"a\":[1,-2,3.5,true,false,null,\"x\"]}"},
        {"[9223372036854775807,9223372036854775808,18446744073709551615]",
         "[9223372036854775807,9223372036854775808,18446744073709551615]"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"-9223372036854775809", "-9.223372036854776e+18"},
        {"18446744073709551616", "1.8446744073709552e+19"},
        {"-0", "0"},
        {"-0.0", "-0.0"},
        {"1.0", "1.0"},
        {"1E2", "100.0"},
        {"0.1", "0.1"},
        {"1e300", "1e+300"},
        {"123456789012345.678", "123456789012345.67"},
        {"5e-324", "5e-324"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"9007199254740993.0", "9007199254740992.0"},
        {"1e-400", "0.0"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u00e9\\u20ac\\ud83d\\ude00\"", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\"\\u0000\\u001b\\u007f\\u0085\\u2028\\u202e\"",
         "\"\\u0000\\u001b\\u007f\\u0085\\u2028\\u202e\""},
        {"{\"\":{\"\\u0061\":1,\"b\":{}}}", "{\"\":{\"a\":1,\"b\":{}}}"},
        {"\"long enough for the eight byte steps, then \xc3\xa9 and more text behind it\"",
         "\"long enough for the eight byte steps, then \xc3\xa9 and more text behind it\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_text(rewritten(cases[i][0], 0), cases[i][1]);
    assert_text(rewritten("{\"a\":[1,{}],\"b\":{\"c\":null}}", 2),
                "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        unsigned line, column;
        const char *reason; // part of it
    } cases[] = {
        {"", GB_E_SYNTAX, 1, 1, "found the end of the text"},
        {"\n\n  nul", GB_E_SYNTAX, 3, 3, "expected a value, found 'n'"},
        {"nullx", GB_E_SYNTAX, 1, 5, "expected the end of the text, found 'x'"},
        {"[1,]", GB_E_SYNTAX, 1, 4, "expected a value, found ']'"},
        {"[1 2]", GB_E_SYNTAX, 1, 4, "expected ',' or ']', found '2'"},
        {"[1", GB_E_SYNTAX, 1, 3, "expected ',' or ']', found the end"},
        {"[1}", GB_E_SYNTAX, 1, 3, "expected ',' or ']', found '}'"},
        {"]", GB_E_SYNTAX, 1, 1, "expected a value"},
        {"{\"a\":1,}", GB_E_SYNTAX, 1, 8, "expected a key in double quotes, found '}'"},
        {"{\"a\" 1}", GB_E_SYNTAX, 1, 6, "expected ':' behind the key, found '1'"},
        {"{'a':1}", GB_E_SYNTAX, 1, 2, "double quotes)"},
        {"{a:1}", GB_E_SYNTAX, 1, 2, "expected a key in double quotes or '}', found 'a'"},
        {"{1:1}", GB_E_SYNTAX, 1, 2, "expected a key"},
        {"[1] // x", GB_E_SYNTAX, 1, 5, "no comments"},
        {"01", GB_E_SYNTAX, 1, 1, "leading zeros"},
        {"-", GB_E_SYNTAX, 1, 2, "expected a digit"},
        {"-01", GB_E_SYNTAX, 1, 2, "leading zeros"},
        {"1.", GB_E_SYNTAX, 1, 3, "expected a digit"},
        {".5", GB_E_SYNTAX, 1, 1, "expected a value"},
        {"+5", GB_E_SYNTAX, 1, 1, "expected a value"},
        {"1e", GB_E_SYNTAX, 1, 3, "expected a digit"},
        {"1e+", GB_E_SYNTAX, 1, 4, "expected a digit"},
        {"1e999", GB_E_RANGE, 1, 1, "too large"},
        {"NaN", GB_E_SYNTAX, 1, 1, "expected a value"},
        {"True", GB_E_SYNTAX, 1, 1, "expected a value"},
        {"\"abc", GB_E_SYNTAX, 1, 1, "has no end"},
        {"\"abc\\", GB_E_SYNTAX, 1, 5, "unknown escape"},
        {"\"a\nb\"", GB_E_SYNTAX, 1, 3, "ends on its line"},
        {"\"a\tb\"", GB_E_SYNTAX, 1, 3, "control characters"},
        {"\"\\x41\"", GB_E_SYNTAX, 1, 2, "unknown escape"},
        {"\"\\u12g4\"", GB_E_SYNTAX, 1, 2, "four hexadecimal digits"},
        {"\"\\u+123\"", GB_E_SYNTAX, 1, 2, "four hexadecimal digits"},
        {"\"\\ud83d\"", GB_E_SYNTAX, 1, 2, "surrogate"},
        {"\"\\ude00\"", GB_E_SYNTAX, 1, 2, "surrogate"},
        {"\"\\ud83d\\u0041\"", GB_E_SYNTAX, 1, 2, "surrogate"},
        {"\"\\ud83dx\"", GB_E_SYNTAX, 1, 2, "surrogate"},
        {"\"\xff\"", GB_E_SYNTAX, 1, 2, "not UTF-8"},
        {"\"\xc0\x80\"", GB_E_SYNTAX, 1, 2, "not UTF-8"},
        {"\"\xed\xa0\x80\"", GB_E_SYNTAX, 1, 2, "not UTF-8"},
        {"\"\xf4\x90\x80\x80\"", GB_E_SYNTAX, 1, 2, "not UTF-8"},
        {"\"\xe2\x82\"", GB_E_SYNTAX, 1, 2, "not UTF-8"},
        {"\xef\xbb\xbfnull", GB_E_SYNTAX, 1, 1, "byte order mark"},
        {"{\"a\":1,\n \"b\":2,\n \"a\":3}", GB_E_SYNTAX, 3, 2,
         "duplicate key \"a\" (first on line 1)"},
        {"[1]\x01", GB_E_SYNTAX, 1, 4, "found byte 0x01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_node node = {.line = 77};
        struct gb_error err = {0};
        int code = read_text(cases[i].text, &node, &err);
        if (code != cases[i].code || err.code != code || err.line != cases[i].line ||
            err.column != cases[i].column || !strstr(err.reason, cases[i].reason) ||
            strcmp(err.subject, "t.json") != 0 || node.line != 77) {
            print_error("case %zu: %s: code %d, %s:%u:%u: %s\n", i, cases[i].text, code,
                        err.subject, err.line, err.column, err.reason);
            fail();
        }
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct gb_node node;
    struct gb_error err = {0};
    struct gb_json_limits limits = {.max_bytes = 10, .max_depth = 3};
    assert_int_equal(gb_json_node(GB_STR("[[[1]]]"), "t", limits, arena, &node, &err), GB_OK);
    assert_int_equal(gb_json_node(GB_STR("[[[[1]]]]"), "t", limits, arena, &node, &err),
                     GB_E_LIMIT);
    assert_int_equal(err.column, 4);
    assert_int_equal(gb_json_node(GB_STR("           "), "t", limits, arena, &node, &err),
                     GB_E_LIMIT);
    char digits[1200];
    memset(digits, '7', sizeof digits);
    err = (struct gb_error){0};
    assert_int_equal(gb_json_node((struct gb_str){digits, sizeof digits}, "t",
                                  GB_JSON_LIMITS_DEFAULT, arena, &node, &err),
                     GB_E_LIMIT);
    // A duplicate among many keys is found too.
    GB_CLEANUP(gb_buffer_free) struct gb_buffer many = gb_buffer(1 << 20);
    gb_buffer_char(&many, '{');
    for (int i = 0; i < 500; i++)
        gb_buffer_print(&many, "\"k%d\":%d,\n", i, i);
    gb_buffer_text(&many, "\"k250\":1}");
    err = (struct gb_error){0};
    assert_int_equal(
        gb_json_node(gb_buffer_str(&many), "t", GB_JSON_LIMITS_DEFAULT, arena, &node, &err),
        GB_E_SYNTAX);
    assert_int_equal(err.line, 501);
    assert_non_null(strstr(err.reason, "\"k250\" (first on line 251)"));
}

static void test_places(void **state)
{
    (void)state;
    struct gb_node node;
    struct gb_error err = {0};
    assert_int_equal(read_text("{\n  \"a\": [1,\n   \"x\"],\n  \"b\": true\n}", &node, &err),
                     GB_OK);
    assert_int_equal(node.line, 1);
    assert_int_equal(node.column, 1);
    assert_int_equal(node.map.pairs[0].line, 2);
    assert_int_equal(node.map.pairs[0].column, 3);
    const struct gb_node *list = gb_node_get(&node, "a");
    assert_int_equal(list->line, 2);
    assert_int_equal(list->column, 8);
    assert_int_equal(list->list.items[1].line, 3);
    assert_int_equal(list->list.items[1].column, 4);
    assert_int_equal(gb_node_get(&node, "b")->line, 4);
    uint32_t line, column;
    gb_node_place(&list->list.items[1], 1, 1, &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 5);
}

static void test_pull(void **state)
{
    (void)state;
    const struct gb_str text =
        GB_STR("{\"skip\":{\"a\":[\"\\u0041\",2]},\"keep\":[\"x\\ty\",7],\"last\":1.5}");
    struct gb_json_reader r;
    struct gb_error err = {0};
    assert_int_equal(gb_json_open(&r, text, GB_JSON_LIMITS_DEFAULT, arena, &err), GB_OK);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_OBJECT_BEGIN);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_KEY);
    assert_true(gb_str_is(r.string, "skip"));
    size_t before = gb_arena_used(arena);
    assert_int_equal(gb_json_skip(&r, &err), GB_OK);
    assert_int_equal(gb_arena_used(arena), before);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_KEY);
    assert_true(gb_str_is(r.string, "keep"));
    // A string without escapes points into the text.
    assert_ptr_equal(r.string.at, text.at + 28);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_LIST_BEGIN);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_STRING);
    assert_true(gb_str_is(r.string, "x\ty"));
    assert_int_equal(gb_json_skip(&r, &err), GB_OK);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_LIST_END);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_KEY);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_DOUBLE);
    assert_true(gb_str_is(r.string, "1.5"));
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_OBJECT_END);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_END);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_END);
    // Nothing to skip.
    assert_int_equal(gb_json_open(&r, GB_STR("[]"), GB_JSON_LIMITS_DEFAULT, arena, &err), GB_OK);
    assert_int_equal(gb_json_next(&r, &err), GB_JSON_LIST_BEGIN);
    assert_int_equal(gb_json_skip(&r, &err), GB_E_USAGE);
    assert_int_equal(gb_json_next(&r, &err), GB_E_USAGE);
}

static void test_writer_cleans(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 10);
    struct gb_json_writer w = gb_json_writer(&out, 0);
    gb_json_list_begin(&w);
    gb_json_string(&w, GB_STR("a\xff\x62\xc3"));
    gb_json_double(&w, NAN);
    gb_json_double(&w, INFINITY);
    gb_json_double(&w, 3);
    gb_json_list_end(&w);
    assert_text(gb_buffer_str(&out), "[\"a\xef\xbf\xbd"
                                     "b\xef\xbf\xbd\",null,null,3.0]");
    // A failure is sticky, and nothing is written past the maximum.
    GB_CLEANUP(gb_buffer_free) struct gb_buffer small = gb_buffer(4);
    w = gb_json_writer(&small, 0);
    gb_json_text(&w, "longer");
    assert_true(small.failed);
    gb_buffer_clear(&out);
    w = gb_json_writer(&out, 0);
    gb_json_object_end(&w);
    assert_true(out.failed);
}

static void test_memory_failures(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[\"\\u0041\",[],{}],\"b\":\"x\\ny\"}";
    struct gb_node node;
    for (size_t n = 1;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_json_node(gb_str_of(text), "t", GB_JSON_LIMITS_DEFAULT, small, &node, &err);
        gb_arena_fail_at(0);
        if (code == GB_OK) {
            assert_true(n > 5);
            break;
        }
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_pull),
        cmocka_unit_test(test_writer_cleans),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
