// Data written as YAML as JSON text.
#include "base/yaml_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int convert(const char *text, size_t maximum, struct gb_buffer *out, struct gb_error *err)
{
    *out = gb_buffer(maximum);
    struct gb_yaml_limits limits = {.max_bytes = 100000, .max_depth = 8, .max_nodes = 1000};
    int code = gb_yaml_to_json(gb_str_of(text), "x.yaml", limits, out, err);
    gb_buffer_char(out, 0);
    return code;
}

static void converted(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "null"},
        {"a: 0.10\n", "{\"a\":\"0.10\"}"},
        {"0: 007\n1.10: yes\n", "{\"0\":\"007\",\"1.10\":\"yes\"}"},
        {"a:\n- b\n- ~\n- null\n- 'null'\n- \"~\"\n", "{\"a\":[\"b\",null,null,\"null\",\"~\"]}"},
        {"a:\nb: {c: [], d: {}}\n", "{\"a\":null,\"b\":{\"c\":[],\"d\":{}}}"},
        {"- a: 1\n  b: |\n    x\n    y\n- c\n", "[{\"a\":\"1\",\"b\":\"x\\ny\\n\"},\"c\"]"},
        {"a: {b: {c: d}, e: f}\ng: h\n", "{\"a\":{\"b\":{\"c\":\"d\"},\"e\":\"f\"},\"g\":\"h\"}"},
        {"a: 1\na: 2\n", "{\"a\":\"1\",\"a\":\"2\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_buffer out;
        struct gb_error err = {0};
        assert_int_equal(convert(cases[i][0], 10000, &out, &err), 0);
        assert_string_equal(out.data, cases[i][1]);
        gb_buffer_free(&out);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        uint32_t line;
        const char *reason;
    } cases[] = {
        {"a: &x 1\nb: *x\n", GB_E_SYNTAX, 1, "anchors"},
        {"b: *x\n", GB_E_SYNTAX, 1, "anchors"},
        {"a: !!int 1\n", GB_E_SYNTAX, 1, "tags"},
        {"a: 1\n<<: {b: 2}\n", GB_E_SYNTAX, 2, "merge"},
        {"[a]: 1\n", GB_E_SYNTAX, 1, "keys are strings"},
        {"---\na: 1\n---\nb: 2\n", GB_E_SYNTAX, 3, "second document"},
        {"a: [[[[[[[[[[[1]]]]]]]]]]]\n", GB_E_LIMIT, 1, "nested too deep"},
        {"a: 1\n b: [\n", GB_E_SYNTAX, 2, ""},
        {"a: \xff\n", GB_E_SYNTAX, 0, "not UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_buffer out;
        struct gb_error err = {0};
        int code = convert(cases[i].text, 10000, &out, &err);
        if (code != cases[i].code || err.line != cases[i].line ||
            !strstr(err.reason, cases[i].reason))
            print_error("%s: %d line %u %s\n", cases[i].text, code, err.line, err.reason);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(err.line, cases[i].line);
        assert_non_null(strstr(err.reason, cases[i].reason));
        gb_buffer_free(&out);
    }
    struct gb_buffer out;
    struct gb_error err = {0};
    assert_int_equal(convert("a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 20, &out, &err),
                     GB_E_LIMIT);
    gb_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converted),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
