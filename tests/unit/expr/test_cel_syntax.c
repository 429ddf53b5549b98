// The grammar: literals, precedence, what is refused and where the error stands.
#include "cel_case.h"

static void reads_literals(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"0", "0"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"- 9223372036854775808", "-9223372036854775808"},
        {"0x7fffffffffffffff", "9223372036854775807"},
        {"-0x8000000000000000", "-9223372036854775808"},
        {"0XaBc", "2748"},
        {"18446744073709551615u", "18446744073709551615u"},
        {"0xffffffffffffffffU", "18446744073709551615u"},
        {"1.5", "1.5"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"1e3", "1000.0"},
        {"1E-2", "0.01"},
        {"1.0e+3", "1000.0"},
        {"1e-400", "0.0"},
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
        {"''", "\"\""},
        {"'it\\'s'", "\"it's\""},
        {"\"a\" + 'b'", "\"ab\""},
        {"'''a'b''c\nd'''", "\"a'b''c\\x0ad\""},
        {"\"\"\"a\"b\\\"\"\"\"", "\"a\\x22b\\x22\""},
        {"r'a\\n'", "\"a\\x5cn\""},
        {"R'''\\'''", "\"\\x5c\""},
        {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\\"\\'\\`'",
         "\"\\x07\\x08\\x0c\\x0a\\x0d\\x09\\x0b\\x5c?\\x22'`\""},
        {"'\\x41\\X42\\103'", "\"ABC\""},
        {"'\\xe9' == '\\u00e9'", "true"},
        {"b'\\xe9'", "b\"\xe9\""},
        {"b'\\351' == b'\\xe9'", "true"},
        {"b'\\u00e9'", "1:3: \\u and \\U stand for characters: not in bytes, use \\x"},
        {"'\\U0001f600' == '\xf0\x9f\x98\x80'", "true"},
        {"b'a\\x00b'", "b\"a\\x00b\""},
        {"br'\\x00'", "b\"\\x5cx00\""},
        {"Br\"\\\"", "b\"\\x5c\""},
        {"b'\xc3\xbf' == b'\\303\\277'", "true"},
        {"[]", "[]"},
        {"[1, 2, 3,]", "[1, 2, 3]"},
        {"[,]", "[]"},
        {"{}", "{}"},
        {"{,}", "{}"},
        {"{'a': 1, 2: 'b', true: null, 3u: [],}", "{\"a\": 1, 2: \"b\", true: null, 3u: []}"},
        {"1 // a comment", "1"},
        {"// first\n 1 +\n // second\n 2", "3"},
        {" \t\r\n\f1", "1"},
    };
    CEL_CHECK(cases);
}

static void keeps_precedence(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"1 + 2 * 3", "7"},
        {"(1 + 2) * 3", "9"},
        {"2 * 3 + 4 * 5", "26"},
        {"10 - 3 - 2", "5"},
        {"100 / 10 / 5", "2"},
        {"7 % 4 * 2", "6"},
        {"-2 * -3", "6"},
        {"- - 2", "2"},
        {"---2", "-2"},
        {"!!true", "true"},
        {"!!!true", "false"},
        {"!true || true", "true"},
        {"!(true || true)", "false"},
        {"1 + 1 == 2", "true"},
        {"1 < 2 == true", "true"},
        {"1 == 2 || 3 == 3 && 4 == 5", "false"},
        {"true || false && false", "true"},
        {"(true || false) && false", "false"},
        {"false ? 1 : false ? 2 : 3", "3"},
        {"true ? 1 : false ? 2 : 3", "1"},
        {"true || false ? 1 : 2", "1"},
        {"(true ? false : true) ? 1 : 2", "2"},
        {"1 + (true ? 1 : 2)", "2"},
        {"1 in [1] && 2 in [2]", "true"},
        {"!(1 in [1])", "false"},
        {"-[1, 2][0]", "-1"},
        {"!{'a': true}.a", "false"},
        {"-2.0.type()", "1:6: no double.type(); there is type(A)"},
        {"[[1, 2], [3]][0][1]", "2"},
        {"{'a': {'b': [5]}}.a.b[0]", "5"},
        {"'a' + 'b' in ['ab']", "true"},
        {"1 - 1", "0"},
        {"1 -1", "0"},
        {"1-1", "0"},
        {"[1].size() + size([1, 2])", "3"},
    };
    CEL_CHECK(cases);
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"", "1:1: expected an expression, got the end"},
        {"   ", "1:4: expected an expression, got the end"},
        {"// only a comment", "1:18: expected an expression, got the end"},
        {"1 +", "1:4: expected an expression, got the end"},
        {"1 + * 2", "1:5: expected an expression, got *"},
        {"(1", "1:3: expected ')', got the end"},
        {"1)", "1:2: expected an operator or the end, got )"},
        {"[1, 2", "1:6: expected ',' or ']', got the end"},
        {"[1 2]", "1:4: expected ',' or ']', got 2"},
        {"[1,, 2]", "1:4: expected an expression, got ,"},
        {"{1: 2", "1:6: expected ',' or '}', got the end"},
        {"{1}", "1:3: expected ':' between key and value, got }"},
        {"{'a' 1}", "1:6: expected ':' between key and value, got 1"},
        {"size(1,)", "1:8: expected an argument, got )"},
        {"size(1", "1:7: expected ',' or ')', got the end"},
        {"a.", "1:3: expected a field or function name, got the end"},
        {"a.1", "1:2: expected an operator or the end, got .1"},
        {"a..b", "1:3: expected a field or function name, got ."},
        {"a.in", "1:3: 'in' cannot be a field name; write ['in']"},
        {"a[]", "1:3: expected an expression, got ]"},
        {"a[1", "1:4: expected ']', got the end"},
        {"true ? 1", "1:9: expected ':' of the conditional, got the end"},
        {"true ? : 1", "1:8: expected an expression, got :"},
        {"1 = 1", "1:3: '=' is no operator; equality is '=='"},
        {"true & true", "1:6: '&' and '|' are no operators; use '&&' and '||'"},
        {"1 === 1", "1:5: '=' is no operator; equality is '=='"},
        {"a ~ b", "1:3: unexpected character '~'"},
        {"a # b", "1:3: unexpected character '#'"},
        {"a\x01", "1:2: unexpected character outside of a string"},
        {"\xc3\xa9", "1:1: unexpected character outside of a string"},
        {"'\xff'", "1:2: a byte that is not UTF-8"},
        {"'\xed\xa0\x80'", "1:2: a byte that is not UTF-8"},
        {"if", "1:1: 'if' is a reserved word, no variable"},
        {"while(1)", "1:1: 'while' is a reserved word, no variable"},
        {"1 +\n\n  ]", "3:3: expected an expression, got ]"},
        {"Foo{a: 1}", "1:1: there are no message types: 'Foo' cannot be made with {}"},
        {"a.b.Foo{}", "1:5: there are no message types: 'Foo' cannot be made with {}"},
        {"a.`b`(1)", "1:6: expected an operator or the end, got ("},
        {"`a`", "1:1: expected an expression, got a"},
        {"a.`b", "1:5: a back-quoted name has letters, digits, '_', '.', '-', '/' and spaces"},
        {"a.`b$`", "1:5: a back-quoted name has letters, digits, '_', '.', '-', '/' and spaces"},
        {"a.``", "1:4: an empty back-quoted name"},
    };
    CEL_CHECK(cases);
}

static void refuses_bad_literals(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"9223372036854775808", "1:1: the number does not fit an int (64 bits with sign)"},
        {"-9223372036854775809", "1:2: the number does not fit an int (64 bits with sign)"},
        {"18446744073709551616u", "1:1: the number does not fit 64 bits"},
        {"0x10000000000000000", "1:1: the number does not fit 64 bits"},
        {"0x", "1:1: expected hexadecimal digits behind 0x"},
        {"1e", "1:2: expected digits in the exponent"},
        {"1e+", "1:2: expected digits in the exponent"},
        {"1e400", "1:1: the number does not fit a double"},
        {"12abc", "1:3: a number ends in letters: a space or an operator is missing"},
        {"1uu", "1:3: a number ends in letters: a space or an operator is missing"},
        {"1.", "1:3: expected a field or function name, got the end"},
        {"'abc", "1:1: a string without its closing quote"},
        {"'abc\"", "1:1: a string without its closing quote"},
        {"'''abc''", "1:1: a string without its closing quote"},
        {"1 + 'a\nb'", "1:5: a string without its closing quote on its line"},
        {"\"a\rb\"", "1:1: a string without its closing quote on its line"},
        {"r'a\nb'", "1:2: a string without its closing quote on its line"},
        {"'\\", "1:1: a string without its closing quote"},
        {"'\\'", "1:1: a string without its closing quote"},
        {"'\\q'", "1:2: unknown escape; a backslash itself is written \\\\"},
        {"'\\ '", "1:2: unknown escape; a backslash itself is written \\\\"},
        {"'a\\8'", "1:3: unknown escape; a backslash itself is written \\\\"},
        {"'\\x4'", "1:2: this escape needs 2 hexadecimal digits"},
        {"'\\xg0'", "1:2: this escape needs 2 hexadecimal digits"},
        {"'\\u12'", "1:2: this escape needs 4 hexadecimal digits"},
        {"'\\U0001f60'", "1:2: this escape needs 8 hexadecimal digits"},
        {"'\\01'", "1:2: an octal escape needs three digits, 000 to 377"},
        {"'\\400'", "1:2: unknown escape; a backslash itself is written \\\\"},
        {"'\\ud800'", "1:2: no such character: surrogate, or beyond 10FFFF"},
        {"'\\udfff'", "1:2: no such character: surrogate, or beyond 10FFFF"},
        {"'\\U0000d800'", "1:2: no such character: surrogate, or beyond 10FFFF"},
        {"'\\U00110000'", "1:2: no such character: surrogate, or beyond 10FFFF"},
        {"rb'a'", "1:3: expected an operator or the end, got 'a'"},
        {"b '1'", "1:3: expected an operator or the end, got '1'"},
    };
    CEL_CHECK(cases);
}

static void refuses_macros_that_are_misused(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"has(a)", "1:1: has() takes one field selection: has(a.b), not has(a) or has(a[b])"},
        {"has(a['b'])", "1:1: has() takes one field selection: has(a.b), not has(a) or has(a[b])"},
        {"has(a.?b)", "1:1: has() takes one field selection: has(a.b), not has(a) or has(a[b])"},
        {"has()", "1:1: has() takes one field selection: has(a.b), not has(a) or has(a[b])"},
        {"[1].all(x)", "1:5: wrong number of arguments for the macro 'all'"},
        {"[1].all(x, y, z, true)", "1:5: wrong number of arguments for the macro 'all'"},
        {"[1].map(1, 2)", "1:9: expected the name of a new variable"},
        {"[1].map(a.b, 2)", "1:11: expected the name of a new variable"},
        {"[1].map(.a, 2)", "1:9: expected the name of a new variable"},
        {"[1].all(x, x, true)", "1:12: two variables of one name"},
        {"cel.bind(1, 2, 3)", "1:10: expected the name of a new variable"},
        {"cel.block(1, 2)", "1:11: cel.block() takes a list of at most 1000 expressions"},
        {"cel.index(-1)", "1:11: expected a small number"},
        {"cel.index(0)", "1:5: no variable \"@index0\""},
    };
    CEL_CHECK(cases);
}

static void runs_without_macros(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"[1].all(x, x == 1) || true", "true"}, // the call fails, which || absorbs
        {"has({}.a)", "error: no function \"has\""},
    };
    cel_check(cases, 2, &(struct gb_cel_options){.no_check = true, .no_macros = true});
}

static void repeat(struct gb_buffer *out, const char *text, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        gb_buffer_text(out, text);
}

static void check_nested(const char *open, const char *middle, const char *close, unsigned times,
                         const char *expected)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1u << 20);
    repeat(&text, open, times);
    gb_buffer_text(&text, middle);
    repeat(&text, close, times);
    gb_buffer_char(&text, 0);
    cel_run(&out, text.data, NULL);
    const char *got = out.data;
    if (expected[0] == '*')
        got = strchr(got, ' ') ? strchr(got, ' ') : got;
    if (strcmp(got, expected + (expected[0] == '*')) != 0)
        fail_msg("%u times %s: %s", times, open, out.data);
}

static void bounds_nesting(void **state)
{
    (void)state;
    const char *const refused = "* nested more than 250 levels deep";
    check_nested("(", "1", ")", 200, "1");
    check_nested("(", "1", ")", 300, refused);
    check_nested("(", "1", ")", 30000, refused);
    check_nested("[", "", "]", 300, refused);
    check_nested("[", "", "]", 30000, refused);
    check_nested("{1:", "1", "}", 20000, refused);
    check_nested("size(", "1", ")", 10000, refused);
    check_nested("true ? 1 : ", "2", "", 200, "1");
    check_nested("true ? 1 : ", "2", "", 5000, refused);
    check_nested("", "1", " + 1", 200, "201");
    check_nested("", "1", " + 1", 5000, refused);
    check_nested("", "{}", ".a", 5000, refused);
    check_nested("", "[]", "[0]", 5000, refused);
    check_nested("", "''", ".trim()", 5000, refused);
    check_nested("", "[1]", ".map(x, x)", 5000, refused);
    check_nested("!", "true", "", 50001, "false");
    check_nested("-", "1", "", 50000, "1");
    check_nested("", "true", " && true", 4000, "true");
    check_nested("", "false", " || true", 4000, "true");
    check_nested("", "'a'", " // x", 15000, "\"a\"");
}

static void bounds_size(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(4u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1u << 20);
    repeat(&text, " ", 100001);
    gb_buffer_char(&text, 0);
    cel_run(&out, text.data, NULL);
    assert_string_equal(out.data, "1:1: an expression has at most 100000 bytes");

    gb_buffer_clear(&text);
    gb_buffer_clear(&out);
    gb_buffer_text(&text, "[1");
    repeat(&text, ",1", 5000);
    gb_buffer_text(&text, "]");
    gb_buffer_char(&text, 0);
    cel_run(&out, text.data, NULL);
    assert_string_equal(out.data, "1:10002: more than 5000 elements");

    gb_buffer_clear(&text);
    gb_buffer_clear(&out);
    for (unsigned i = 0; i < 11; i++) {
        gb_buffer_text(&text, i ? "+[" : "[");
        repeat(&text, "1,", 4900);
        gb_buffer_text(&text, "]");
    }
    gb_buffer_char(&text, 0);
    cel_run(&out, text.data, NULL);
    assert_non_null(strstr(out.data, "an expression has at most 100000 bytes"));
}

static void counts_places_from_the_options(void **state)
{
    (void)state;
    struct gb_cel_program *program;
    struct gb_error err = {0};
    struct gb_cel_options options = {.file = "content/controls/ssh.yaml", .line = 14, .column = 8};
    char text[800];
    assert_int_equal(gb_cel_compile(env, GB_STR("1 + nope"), &options, arena, &program, &err),
                     GB_E_TYPE);
    gb_error_text(&err, text, sizeof text);
    assert_string_equal(text, "content/controls/ssh.yaml:14:13: no variable \"nope\"");
    assert_int_equal(gb_cel_compile(env, GB_STR("1 +\n nope"), &options, arena, &program, &err),
                     GB_E_TYPE);
    gb_error_text(&err, text, sizeof text);
    assert_string_equal(text, "content/controls/ssh.yaml:15:2: no variable \"nope\"");
    // Without anybody to tell.
    assert_int_equal(gb_cel_compile(env, GB_STR("1 +"), NULL, arena, &program, NULL), GB_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_literals),
        cmocka_unit_test(keeps_precedence),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_bad_literals),
        cmocka_unit_test(refuses_macros_that_are_misused),
        cmocka_unit_test(runs_without_macros),
        cmocka_unit_test(bounds_nesting),
        cmocka_unit_test(bounds_size),
        cmocka_unit_test(counts_places_from_the_options),
    };
    return cmocka_run_group_tests(tests, cel_set_up, cel_tear_down);
}
