// TOML 1.0: values, keys, tables, arrays of tables, errors with their places.
#include "base/toml.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 16u << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_toml read(const char *text)
{
    struct gb_toml toml;
    struct gb_error err = {0};
    if (gb_toml_read(gb_str_of(text), "x.toml", arena, &toml, &err) < 0)
        fail_msg("%s: line %u column %u: %s", text, err.line, err.column, err.reason);
    return toml;
}

static const struct gb_node *value(const struct gb_toml *toml, const char *const *path)
{
    const struct gb_toml_entry *entry = gb_toml_get(toml, path);
    if (!entry)
        fail_msg("there is no %s", path[0]);
    return &entry->value;
}

static void assert_string(const char *text, const char *expected)
{
    struct gb_toml toml = read(text);
    struct gb_str seen = gb_toml_string(gb_toml_get(&toml, GB_TOML_PATH("a")), GB_STR("(none)"));
    if (!gb_str_is(seen, expected))
        fail_msg("%s: \"" GB_PRI "\", not \"%s\"", text, GB_ARG(seen), expected);
}

static void reads_strings(void **state)
{
    (void)state;
    assert_string("a = \"b\"", "b");
    assert_string("a=\"\"", "");
    assert_string("a = \"q\\\"\\\\ \\t\\n\\u00e9\\U0001F600\"",
                  "q\"\\ \t\n\xc3\xa9\xf0\x9f\x98\x80");
    assert_string("a = 'c:\\x'  # comment", "c:\\x");
    assert_string("a = \"\"\"\none\ntwo\"\"\"", "one\ntwo");
    assert_string("a = \"\"\"one \\\n   two\"\"\"", "one two");
    assert_string("a = \"\"\"\"quoted\"\"\"\"\"", "\"quoted\"\"");
    assert_string("a = '''\r\nit's \\n'''", "it's \\n");
    assert_string("a = 1979-05-27T07:32:00Z", "1979-05-27T07:32:00Z");
    assert_string("a = 1979-05-27 07:32:00", "1979-05-27 07:32:00");
    assert_string("a = 07:32:00", "07:32:00");
    assert_string("a = \"x\"\na = \"y\"", "y");
}

static void reads_all_scalars(void **state)
{
    (void)state;
    struct gb_toml toml =
        read("a = 1_000\nc = 0xff\nd = 0o17\ne = 0b101\nf = +5\ng = 1.5e3\nh = true\ni = false\n");
    static const struct {
        const char *key;
        int64_t number;
    } numbers[] = {{"a", 1000}, {"c", 255}, {"d", 15}, {"e", 5}, {"f", 5}};
    for (size_t i = 0; i < 5; i++) {
        const struct gb_node *node = value(&toml, GB_TOML_PATH(numbers[i].key));
        assert_int_equal(node->kind, GB_NODE_INT);
        assert_int_equal(node->integer, numbers[i].number);
    }
    const struct gb_node *real = value(&toml, GB_TOML_PATH("g"));
    assert_int_equal(real->kind, GB_NODE_DOUBLE);
    assert_true(real->real == 1500.0);
    assert_true(gb_toml_bool(gb_toml_get(&toml, GB_TOML_PATH("h")), false));
    assert_false(gb_toml_bool(gb_toml_get(&toml, GB_TOML_PATH("i")), true));
    assert_true(gb_toml_bool(gb_toml_get(&toml, GB_TOML_PATH("none")), true));
}

static void reads_lists_and_inline_tables(void **state)
{
    (void)state;
    struct gb_toml toml = read("a = [ 1, \"two\", # note\n [3, 4],\n {x = 5},\n]\n"
                               "b = { c = 1, d = { e = \"f\" }, g.h = 2 }\n");
    const struct gb_node *list = value(&toml, GB_TOML_PATH("a"));
    assert_int_equal(list->kind, GB_NODE_LIST);
    assert_int_equal(list->list.count, 4);
    assert_int_equal(list->list.items[2].list.items[1].integer, 4);
    assert_int_equal(gb_node_get(&list->list.items[3], "x")->integer, 5);
    assert_int_equal(value(&toml, GB_TOML_PATH("b", "c"))->integer, 1);
    assert_true(gb_str_is(value(&toml, GB_TOML_PATH("b", "d", "e"))->string, "f"));
    assert_int_equal(value(&toml, GB_TOML_PATH("b", "g.h"))->integer, 2);
}

static void reads_tables(void **state)
{
    (void)state;
    struct gb_toml toml = read("top = 1\n[engine]\nruntime = \"crun\"\na.\"b.c\".d = 2\n"
                               "[plugins.\"io.containerd.grpc.v1.cri\".x]\ny = true\n"
                               "[[registry]]\nlocation = \"one\"\n[registry.mirror]\nz = 1\n"
                               "[[registry]]\nlocation = \"two\"\n[[registry.list]]\nw = 3\n");
    assert_int_equal(value(&toml, GB_TOML_PATH("top"))->integer, 1);
    assert_true(gb_str_is(value(&toml, GB_TOML_PATH("engine", "runtime"))->string, "crun"));
    assert_int_equal(value(&toml, GB_TOML_PATH("engine", "a", "b.c", "d"))->integer, 2);
    const struct gb_toml_entry *cri =
        gb_toml_get(&toml, GB_TOML_PATH("plugins", "io.containerd.grpc.v1.cri", "x", "y"));
    assert_true(gb_toml_bool(cri, false));
    assert_int_equal(cri->line, 6);
    assert_true(gb_str_is(value(&toml, GB_TOML_PATH("registry", "0", "location"))->string, "one"));
    assert_int_equal(value(&toml, GB_TOML_PATH("registry", "0", "mirror", "z"))->integer, 1);
    assert_true(gb_str_is(value(&toml, GB_TOML_PATH("registry", "1", "location"))->string, "two"));
    assert_int_equal(value(&toml, GB_TOML_PATH("registry", "1", "list", "0", "w"))->integer, 3);
    assert_null(gb_toml_get(&toml, GB_TOML_PATH("registry")));
}

static void tells_where_an_error_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        uint32_t line;
    } rows[] = {
        {"a", GB_E_SYNTAX, 1},
        {"a =", GB_E_SYNTAX, 1},
        {"\n\n= 1", GB_E_SYNTAX, 3},
        {"a = \"x\ny\"", GB_E_SYNTAX, 1},
        {"a = 'x", GB_E_SYNTAX, 1},
        {"a = \"\\q\"", GB_E_SYNTAX, 1},
        {"a = \"\\u12\"", GB_E_SYNTAX, 1},
        {"a = 1 b = 2", GB_E_SYNTAX, 1},
        {"a = [1 2]", GB_E_SYNTAX, 1},
        {"a = [1,\n", GB_E_SYNTAX, 2},
        {"a = {b 1}", GB_E_SYNTAX, 1},
        {"[a", GB_E_SYNTAX, 1},
        {"[[a]", GB_E_SYNTAX, 1},
        {"[a] x", GB_E_SYNTAX, 1},
        {"a = yes", GB_E_SYNTAX, 1},
        {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y = 1", GB_E_LIMIT, 1},
        {"a = [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", GB_E_LIMIT, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_toml toml;
        struct gb_error err = {0};
        int code = gb_toml_read(gb_str_of(rows[i].text), "x.toml", arena, &toml, &err);
        if (code != rows[i].code || err.line != rows[i].line)
            fail_msg("%s: code %d line %u", rows[i].text, code, err.line);
        assert_string_equal(err.subject, "x.toml");
    }
    read("");
    read("\xef\xbb\xbf# only a comment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_all_scalars, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_lists_and_inline_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_where_an_error_is, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
