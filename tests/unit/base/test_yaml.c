// base/yaml.h: what is read, with places, and what is refused.
#include "base/yaml.h"

#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 128u << 20);
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
    return gb_yaml_node(gb_str_of(text), "t.yaml", GB_YAML_LIMITS_DEFAULT, arena, ret, err);
}

static struct gb_node good(const char *text)
{
    struct gb_node node;
    struct gb_error err = {0};
    if (read_text(text, &node, &err) < 0) {
        print_error("%s\n%u:%u: %s\n", text, err.line, err.column, err.reason);
        fail();
    }
    return node;
}

static void test_scalars(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum gb_node_kind kind;
        double number;
        const char *string;
    } cases[] = {
        {"", GB_NODE_NULL, 0, NULL},
        {"# nothing\n", GB_NODE_NULL, 0, NULL},
        {"~", GB_NODE_NULL, 0, NULL},
        {"Null", GB_NODE_NULL, 0, NULL},
        {"nULL", GB_NODE_STRING, 0, "nULL"},
        {"true", GB_NODE_BOOL, 1, NULL},
        {"False", GB_NODE_BOOL, 0, NULL},
        {"yes", GB_NODE_STRING, 0, "yes"},
        {"off", GB_NODE_STRING, 0, "off"},
        {"0", GB_NODE_INT, 0, NULL},
        {"-0", GB_NODE_INT, 0, NULL},
        {"+12", GB_NODE_INT, 12, NULL},
        {"-12", GB_NODE_INT, -12, NULL},
        {"0x1F", GB_NODE_INT, 31, NULL},
        {"0o17", GB_NODE_INT, 15, NULL},
        {"0x", GB_NODE_STRING, 0, "0x"},
        {"0xfg", GB_NODE_STRING, 0, "0xfg"},
        {"-0x1", GB_NODE_STRING, 0, "-0x1"},
        {"0b101", GB_NODE_STRING, 0, "0b101"},
        {"1_000", GB_NODE_STRING, 0, "1_000"},
        {"12:30:45", GB_NODE_STRING, 0, "12:30:45"},
        {"2027-01-31", GB_NODE_STRING, 0, "2027-01-31"},
        {"18446744073709551615", GB_NODE_UINT, 18446744073709551615.0, NULL},
        {"1.5", GB_NODE_DOUBLE, 1.5, NULL},
        {".5", GB_NODE_DOUBLE, 0.5, NULL},
        {"5.", GB_NODE_DOUBLE, 5, NULL},
        {"1e3", GB_NODE_DOUBLE, 1000, NULL},
        {"-.inf", GB_NODE_DOUBLE, -INFINITY, NULL},
        {"1.2.3", GB_NODE_STRING, 0, "1.2.3"},
        {".", GB_NODE_STRING, 0, "."},
        {"-", GB_NODE_LIST, 0, NULL},
        {"e3", GB_NODE_STRING, 0, "e3"},
        {"\"true\"", GB_NODE_STRING, 0, "true"},
        {"'0640'", GB_NODE_STRING, 0, "0640"},
        {"\"\\x41\\n\\u00e9\"", GB_NODE_STRING, 0, "A\n\xc3\xa9"},
        {"|\n  a\n   b\n", GB_NODE_STRING, 0, "a\n b\n"},
        {">\n  a\n  b\n", GB_NODE_STRING, 0, "a b\n"},
        {">-\n  a\n", GB_NODE_STRING, 0, "a"},
        {"100%", GB_NODE_STRING, 0, "100%"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_node node = good(cases[i].text);
        bool same = node.kind == cases[i].kind;
        if (same && node.kind == GB_NODE_STRING)
            same = gb_str_is(node.string, cases[i].string);
        else if (same && node.kind == GB_NODE_BOOL)
            same = node.boolean == (cases[i].number != 0);
        else if (same && node.kind == GB_NODE_INT)
            same = (double)node.integer == cases[i].number;
        else if (same && node.kind == GB_NODE_UINT)
            same = (double)node.uinteger == cases[i].number;
        else if (same && node.kind == GB_NODE_DOUBLE)
            same = node.real == cases[i].number;
        if (!same) {
            print_error("%s is read as %s\n", cases[i].text, gb_node_kind_name(node.kind));
            fail();
        }
    }
    struct gb_node nan = good(".nan");
    assert_true(nan.kind == GB_NODE_DOUBLE && isnan(nan.real));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        unsigned line, column;
        const char *reason;
    } cases[] = {
        {"a: &x 1\n", GB_E_SYNTAX, 1, 4, "anchors"},
        {"a: 1\nb: *x\n", GB_E_SYNTAX, 2, 4, "aliases"},
        {"a: !!str 1\n", GB_E_SYNTAX, 1, 4, "tags"},
        {"a: ! x\n", GB_E_SYNTAX, 1, 4, "tags"},
        {"- !!map {}\n", GB_E_SYNTAX, 1, 3, "tags"},
        {"- &a []\n", GB_E_SYNTAX, 1, 3, "anchors"},
        {"&k a: 1\n", GB_E_SYNTAX, 1, 1, "anchors"},
        {"%YAML 1.2\n---\na: 1\n", GB_E_SYNTAX, 1, 1, "directives"},
        {"a: 1\n...\n%TAG ! x\n---\n", GB_E_SYNTAX, 3, 1, "directives"},
        {"a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", GB_E_SYNTAX, 5, 3,
         "duplicate key \"c\" (first on line 3)"},
        {"{a: 1, \"a\": 2}", GB_E_SYNTAX, 1, 8, "duplicate key"},
        {"<<: {a: 1}\n", GB_E_SYNTAX, 1, 1, "merge keys"},
        {"22: ssh\n", GB_E_SYNTAX, 1, 1, "quote \"22\", which reads as integer"},
        {"true: 1\n", GB_E_SYNTAX, 1, 1, "keys are strings"},
        {"~: 1\n", GB_E_SYNTAX, 1, 1, "keys are strings"},
        {": 1\n", GB_E_SYNTAX, 1, 1, "expected key"},
        {"? [a]\n: 1\n", GB_E_SYNTAX, 1, 3, "not lists or maps"},
        {"{[a]: 1}\n", GB_E_SYNTAX, 1, 2, "not lists or maps"},
        {"a: 1\n---\nb: 2\n", GB_E_SYNTAX, 2, 1, "second document"},
        {"mode: 0640\n", GB_E_SYNTAX, 1, 7, "leading zeros"},
        {"n: 18446744073709551616\n", GB_E_RANGE, 1, 4, "out of range"},
        {"n: -9223372036854775809\n", GB_E_RANGE, 1, 4, "out of range"},
        {"n: 1e999\n", GB_E_RANGE, 1, 4, "out of range"},
        {"a:\n\tb: 1\n", GB_E_SYNTAX, 2, 1, "spaces, not with tabs"},
        {"a: b: c\n", GB_E_SYNTAX, 1, 5, "quote a text with \": \" in it"},
        {"a: @x\n", GB_E_SYNTAX, 1, 4, "quote a text that starts with it"},
        {"a: [1\nb: 2\n", GB_E_SYNTAX, 2, 2, "flow sequence"},
        {"a: \"x\n", GB_E_SYNTAX, 2, 1, "quoted scalar"},
        {"a: 1\n b: 2\n", GB_E_SYNTAX, 2, 3, "mapping values"},
        {"a: \xff\n", GB_E_SYNTAX, 1, 4, "not UTF-8"},
        {"\xc3\xa9: \xc3\xa9\xff\n", GB_E_SYNTAX, 1, 5, "not UTF-8"},
        {"x: 1\na: \x01\n", GB_E_SYNTAX, 2, 4, "control characters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_node node = {.line = 77};
        struct gb_error err = {0};
        int code = read_text(cases[i].text, &node, &err);
        if (code != cases[i].code || err.code != code || err.line != cases[i].line ||
            err.column != cases[i].column || !strstr(err.reason, cases[i].reason) ||
            strcmp(err.subject, "t.yaml") != 0 || node.line != 77) {
            print_error("%s\ncode %d, %s:%u:%u: %s\n", cases[i].text, code, err.subject, err.line,
                        err.column, err.reason);
            fail();
        }
    }
}

static void assert_place(const struct gb_node *node, uint32_t line, uint32_t column)
{
    assert_non_null(node);
    assert_int_equal(node->line, line);
    assert_int_equal(node->column, column);
}

// The character of the file that gb_node_place names for a place in the text.
static void assert_points_at(const char *file, const struct gb_node *node, uint32_t text_line,
                             uint32_t text_column, const char *expected)
{
    uint32_t line, column;
    gb_node_place(node, text_line, text_column, &line, &column);
    struct gb_str rest = gb_str_of(file), piece = {0};
    for (uint32_t i = 0; i < line; i++)
        assert_true(gb_str_next(&rest, '\n', &piece));
    if (!gb_str_starts(gb_str_from(piece, column - 1), gb_str_of(expected))) {
        print_error("%u:%u is not at %s\n", line, column, expected);
        fail();
    }
}

static void test_places(void **state)
{
    (void)state;
    static const char file[] = "# first\n"
                               "plain:   users.filter(u, u.uid)\n"
                               "quoted: \"a == 'b'\"\n"
                               "block: |\n"
                               "\n"
                               "    first line\n"
                               "      second line\n"
                               "indented: |2\n"
                               "     three more\n"
                               "list:\n"
                               "  - one\n"
                               "  - {k: v}\n"
                               "folded: >\n"
                               "  some text\n"
                               "  and more\n";
    struct gb_node node = good(file);
    assert_place(&node, 2, 1);
    assert_place(gb_node_get(&node, "plain"), 2, 10);
    assert_int_equal(node.map.pairs[2].line, 4);
    assert_int_equal(node.map.pairs[2].column, 1);
    assert_int_equal(gb_node_get(&node, "plain")->text_line, 0);
    assert_points_at(file, gb_node_get(&node, "plain"), 1, 7, "filter");
    assert_points_at(file, gb_node_get(&node, "quoted"), 1, 6, "'b'");
    const struct gb_node *block = gb_node_get(&node, "block");
    assert_int_equal(block->text_line, 5);
    assert_true(gb_str_is(block->string, "\nfirst line\n  second line\n"));
    assert_points_at(file, block, 2, 1, "first");
    assert_points_at(file, block, 3, 3, "second");
    const struct gb_node *indented = gb_node_get(&node, "indented");
    assert_true(gb_str_is(indented->string, "   three more\n"));
    assert_points_at(file, indented, 1, 4, "three");
    const struct gb_node *list = gb_node_get(&node, "list");
    assert_place(list, 11, 3);
    assert_place(&list->list.items[0], 11, 5);
    assert_place(gb_node_get(&list->list.items[1], "k"), 12, 9);
    assert_points_at(file, gb_node_get(&node, "folded"), 1, 6, "text");
}

static void test_documents(void **state)
{
    (void)state;
    struct gb_node *nodes;
    size_t count;
    struct gb_error err = {0};
    assert_int_equal(gb_yaml_nodes(GB_STR("a: 1\n---\nb: 2\n...\n---\n"), "t",
                                   GB_YAML_LIMITS_DEFAULT, arena, &nodes, &count, &err),
                     GB_OK);
    assert_int_equal(count, 3);
    assert_int_equal(gb_node_get(&nodes[1], "b")->integer, 2);
    assert_int_equal(gb_node_get(&nodes[1], "b")->line, 3);
    assert_int_equal(nodes[2].kind, GB_NODE_NULL);
    assert_int_equal(
        gb_yaml_nodes(GB_STR(""), "t", GB_YAML_LIMITS_DEFAULT, arena, &nodes, &count, &err), GB_OK);
    assert_int_equal(count, 0);
}

static void test_limits(void **state)
{
    (void)state;
    struct gb_node node;
    struct gb_error err = {0};
    struct gb_yaml_limits limits = {.max_bytes = 100, .max_depth = 3, .max_nodes = 5};
    assert_int_equal(gb_yaml_node(GB_STR("[[[1]]]"), "t", limits, arena, &node, &err), GB_OK);
    assert_int_equal(gb_yaml_node(GB_STR("[[[[1]]]]"), "t", limits, arena, &node, &err),
                     GB_E_LIMIT);
    assert_int_equal(err.column, 4);
    assert_int_equal(gb_yaml_node(GB_STR("- - - - 1\n"), "t", limits, arena, &node, &err),
                     GB_E_LIMIT);
    assert_int_equal(gb_yaml_node(GB_STR("[1, 2, 3, 4]"), "t", limits, arena, &node, &err), GB_OK);
    assert_int_equal(gb_yaml_node(GB_STR("[1, 2, 3, 4, 5]"), "t", limits, arena, &node, &err),
                     GB_E_LIMIT);
    char big[200];
    memset(big, ' ', sizeof big);
    assert_int_equal(
        gb_yaml_node((struct gb_str){big, sizeof big}, "t", limits, arena, &node, &err),
        GB_E_LIMIT);
}

// Inputs on which a naive reader takes quadratic time: 4 MB of each must be refused or read at
// once.
static void test_hostile_sizes(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "[",   "{",    "- ",  "? ",     "[\n", "{a: ", "%TAG !a! b\n", "\xc2\x85%TAG !b! c",
        "&a ", "*a\n", "!a ", "a: {\n", "[?",  "\"",   "---\n",        "a:\n",
        "'",   "#",    "|\n"};
    enum { SIZE = 4 << 20 };
    char *text = gb_alloc(arena, SIZE);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t len = strlen(pieces[i]), count = SIZE / len;
        for (size_t k = 0; k < count; k++)
            memcpy(text + k * len, pieces[i], len);
        struct timespec before, after;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
        struct gb_mark mark = gb_arena_mark(arena);
        struct gb_node *nodes;
        size_t found;
        struct gb_error err = {0};
        int code = gb_yaml_nodes((struct gb_str){text, len * count}, "t", GB_YAML_LIMITS_DEFAULT,
                                 arena, &nodes, &found, &err);
        gb_arena_reset(arena, mark);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
        double seconds =
            (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
        // Linear is far below a second even with sanitizers; quadratic is minutes.
        if (seconds > 20) {
            print_error("4 MB of %s: code %d after %.1f s\n", pieces[i], code, seconds);
            fail();
        }
    }
}

static void test_memory_failures(void **state)
{
    (void)state;
    static const char text[] = "a: [1, x, {k: \"v\"}]\nb: |\n  text\n";
    struct gb_node node;
    size_t n = 1;
    for (;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_yaml_node(gb_str_of(text), "t", GB_YAML_LIMITS_DEFAULT, small, &node, &err);
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
        cmocka_unit_test(test_scalars),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_places),          cmocka_unit_test(test_documents),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_hostile_sizes),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
