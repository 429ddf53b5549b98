// base/node.h: access to documents, and what the errors say.
#include "base/node.h"

#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_node map;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    struct gb_error err = {0};
    return arena ? gb_yaml_node(GB_STR("text: abc\n"
                                       "flag: true\n"
                                       "count: 7\n"
                                       "huge: 18446744073709551615\n"
                                       "ratio: 1.5\n"
                                       "list: [a, b]\n"
                                       "mixed: [a, [b]]\n"
                                       "map: {k: v}\n"
                                       "empty:\n"),
                                "t", GB_YAML_LIMITS_DEFAULT, arena, &map, &err)
                 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void assert_error(const struct gb_error *err, int code, uint32_t line, uint32_t column,
                         const char *reason)
{
    if (err->code != code || err->line != line || err->column != column ||
        strcmp(err->subject, "f") != 0 || strcmp(err->reason, reason) != 0)
        fail_msg("%d %s:%u:%u: %s", err->code, err->subject, err->line, err->column, err->reason);
}

static void test_typed_access(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_str text = GB_STR("before");
    bool flag = false;
    int64_t count = 1;
    double ratio = 1;
    struct gb_str *strings;
    size_t string_count = 77;
    const struct gb_node *node = NULL;
    assert_int_equal(gb_node_string(&map, "text", true, &text, "f", &err), GB_OK);
    assert_true(gb_str_is(text, "abc"));
    assert_int_equal(gb_node_bool(&map, "flag", true, &flag, "f", &err), GB_OK);
    assert_true(flag);
    assert_int_equal(gb_node_int(&map, "count", true, 0, 7, &count, "f", &err), GB_OK);
    assert_int_equal(count, 7);
    assert_int_equal(gb_node_double(&map, "ratio", true, 0, 2, &ratio, "f", &err), GB_OK);
    assert_true(ratio == 1.5);
    assert_int_equal(gb_node_double(&map, "huge", true, 0, 1e30, &ratio, "f", &err), GB_OK);
    assert_true(ratio == 18446744073709551615.0);
    assert_int_equal(gb_node_strings(&map, "list", true, arena, &strings, &string_count, "f", &err),
                     GB_OK);
    assert_int_equal(string_count, 2);
    assert_true(gb_str_is(strings[1], "b"));
    assert_int_equal(gb_node_strings(&map, "text", true, arena, &strings, &string_count, "f", &err),
                     GB_OK);
    assert_int_equal(string_count, 1);
    assert_int_equal(gb_node_field(&map, "map", true, GB_NODE_MAP, &node, "f", &err), GB_OK);
    assert_true(gb_str_is(gb_node_get(node, "k")->string, "v"));
    // An optional field that is absent leaves everything as it was.
    assert_int_equal(gb_node_string(&map, "no", false, &text, "f", &err), GB_OK);
    assert_int_equal(gb_node_bool(&map, "no", false, &flag, "f", &err), GB_OK);
    assert_int_equal(gb_node_int(&map, "no", false, 0, 0, &count, "f", &err), GB_OK);
    assert_int_equal(gb_node_strings(&map, "no", false, arena, &strings, &string_count, "f", &err),
                     GB_OK);
    assert_true(gb_str_is(text, "abc") && flag && count == 7 && string_count == 1);
    assert_null(gb_node_get(NULL, "x"));
    assert_null(gb_node_get(gb_node_get(&map, "list"), "x"));
}

static void test_errors(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_str text;
    bool flag;
    int64_t count;
    double ratio;
    struct gb_str *strings;
    size_t string_count;
    assert_int_equal(gb_node_string(&map, "no", true, &text, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 1, 1, "\"no\" is missing");
    assert_int_equal(gb_node_string(&map, "count", true, &text, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 3, 8, "\"count\": expected a string, found an integer");
    assert_int_equal(gb_node_string(&map, "empty", false, &text, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 9, 7, "\"empty\": expected a string, found nothing");
    assert_int_equal(gb_node_bool(&map, "text", true, &flag, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 1, 7, "\"text\": expected true or false, found a string");
    assert_int_equal(gb_node_int(&map, "ratio", true, 0, 9, &count, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 5, 8, "\"ratio\": expected an integer, found a number");
    assert_int_equal(gb_node_int(&map, "count", true, -3, 6, &count, "f", &err), GB_E_RANGE);
    assert_error(&err, GB_E_RANGE, 3, 8, "\"count\": expected -3 to 6");
    assert_int_equal(gb_node_int(&map, "huge", true, 0, INT64_MAX, &count, "f", &err), GB_E_RANGE);
    assert_int_equal(gb_node_double(&map, "ratio", true, 2, 3, &ratio, "f", &err), GB_E_RANGE);
    assert_int_equal(gb_node_double(&map, "text", true, 2, 3, &ratio, "f", &err), GB_E_TYPE);
    assert_int_equal(
        gb_node_strings(&map, "mixed", true, arena, &strings, &string_count, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 7, 12,
                 "\"mixed\": expected a list of strings, found a list in it");
    assert_int_equal(gb_node_strings(&map, "map", true, arena, &strings, &string_count, "f", &err),
                     GB_E_TYPE);
    assert_int_equal(gb_node_expect_map(gb_node_get(&map, "list"), "a thing", "f", &err),
                     GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 6, 7, "expected a thing (a map), found a list");
    assert_int_equal(gb_node_expect_map(&map, "a thing", "f", &err), GB_OK);
}

static void test_text(void **state)
{
    (void)state;
    struct gb_node node;
    struct gb_error err = {0};
    struct gb_str text = GB_STR("before");
    assert_int_equal(gb_yaml_node(GB_STR("a: >\n  some\n  text\nb: ' '\n"), "t",
                                  GB_YAML_LIMITS_DEFAULT, arena, &node, &err),
                     GB_OK);
    assert_int_equal(gb_node_text(&node, "c", false, &text, "f", &err), GB_OK);
    assert_int_equal(gb_node_text(&node, "b", false, &text, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 4, 4, "\"b\" is empty");
    assert_true(gb_str_is(text, "before"));
    assert_int_equal(gb_node_text(&node, "a", true, &text, "f", &err), GB_OK);
    assert_true(gb_str_is(text, "some text"));
}

static void test_known_keys(void **state)
{
    (void)state;
    struct gb_error err = {0};
    static const char *const all[] = {"text", "flag",  "count", "huge", "ratio",
                                      "list", "mixed", "map",   "empty"};
    assert_int_equal(gb_node_known_keys(&map, all, 9, "f", &err), GB_OK);
    static const char *const near[] = {"text", "flags", "count", "huge", "ratio",
                                       "list", "mixed", "map",   "empty"};
    assert_int_equal(gb_node_known_keys(&map, near, 9, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 2, 1, "unknown key \"flag\" (did you mean \"flags\"?)");
    assert_int_equal(gb_node_known_keys(&map, all, 0, "f", &err), GB_E_TYPE);
    assert_error(&err, GB_E_TYPE, 1, 1, "unknown key \"text\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed_access),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_known_keys),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
