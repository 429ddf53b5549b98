// model/content.h: what is packed comes back with every place.
#include "model/content.h"

#include "../../nodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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

static void assert_same(const struct gb_node *a, const struct gb_node *b)
{
    assert_true(same_nodes(a, b, true));
}

static const char first[] = "# comment\n"
                            "id: GBN-X-001\n"
                            "expect: \"a == 'b'\"\n"
                            "when: |\n"
                            "  one &&\n"
                            "  two\n"
                            "why: >\n"
                            "    folded\n"
                            "    text\n"
                            "nothing:\n"
                            "numbers: [1, -2, 3.0, 18446744073709551615, true, ~]\n"
                            "examples:\n"
                            "  - name: \xc3\xa9t\xc3\xa9\n"
                            "    given: {a: {b: []}}\n";
static const char second[] = "a: 1\n---\n---\nb: 2\n---\n- 1\n";

static void test_packed_and_back(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_content_document all[8], *documents;
    size_t count, total = 0;
    struct gb_str texts[] = {gb_str_of(first), gb_str_of(second)};
    const char *const paths[] = {"content/a.yaml", "content/b.yaml"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(gb_content_load_yaml(texts[i], paths[i], arena, &documents, &count, &err),
                         GB_OK);
        assert_int_equal(count, i == 0 ? 1 : 3);
        memcpy(all + total, documents, count * sizeof *documents);
        total += count;
    }
    GB_CLEANUP(gb_buffer_free) struct gb_buffer packed = gb_buffer(1 << 20);
    assert_int_equal(gb_content_pack(all, total, &packed, &err), GB_OK);
    assert_int_equal(gb_content_load(gb_buffer_str(&packed), arena, &documents, &count, &err),
                     GB_OK);
    assert_int_equal(count, total);
    for (size_t i = 0; i < total; i++) {
        assert_true(gb_str_eq(documents[i].path, all[i].path));
        assert_same(&documents[i].node, &all[i].node);
    }
    assert_int_equal(gb_node_get(&documents[0].node, "when")->text_line, 5);
    assert_int_equal(gb_node_get(&documents[2].node, "b")->line, 4);
}

static void test_far_places(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_content_document *documents, *again;
    size_t count;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(4 << 20);
    for (int i = 0; i < 3000; i++)
        gb_buffer_char(&text, '\n');
    gb_buffer_text(&text, "a:\n");
    for (int i = 0; i < 1500; i++)
        gb_buffer_char(&text, ' ');
    gb_buffer_text(&text, "b: [1, 'x']\n");
    assert_int_equal(
        gb_content_load_yaml(gb_buffer_str(&text), "c", arena, &documents, &count, &err), GB_OK);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer packed = gb_buffer(1 << 20);
    assert_int_equal(gb_content_pack(documents, count, &packed, &err), GB_OK);
    assert_int_equal(gb_content_load(gb_buffer_str(&packed), arena, &again, &count, &err), GB_OK);
    assert_int_equal(count, 1);
    assert_same(&again->node, &documents->node);
    assert_int_equal(gb_node_get(gb_node_get(&again->node, "a"), "b")->column, 1504);
}

static void test_refused(void **state)
{
    (void)state;
    struct gb_error err = {0};
    struct gb_content_document *documents;
    size_t count;
    static const char *const damaged[] = {
        "",
        "[]",
        "{}",
        "{\"files\":[1]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[1],\"places\":[]}]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[1],\"places\":[\"\"]}]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[1],\"places\":[\"E\"]}]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[1],\"places\":[\"EB!\"]}]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[1],\"places\":[\"EBB\"]}]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[1],\"places\":[\"--------A\"]}]}",
        "{\"files\":[{\"path\":\"a\",\"documents\":[[1]],\"places\":[7]}]}",
        "{\"files\":[{\"path\":1,\"documents\":[],\"places\":[]}]}",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        int code = gb_content_load(gb_str_of(damaged[i]), arena, &documents, &count, &err);
        if (code != GB_E_SYNTAX) {
            print_error("%s: %d\n", damaged[i], code);
            fail();
        }
    }
    assert_int_equal(gb_content_load(GB_STR("{\"files\":[{\"path\":\"a\",\"documents\":[1],"
                                            "\"places\":[\"EB\"]}]}"),
                                     arena, &documents, &count, &err),
                     GB_OK);
    assert_int_equal(documents->node.line, 1);
    assert_int_equal(
        gb_content_load_yaml(GB_STR("a: 1\na: 2\n"), "u.yaml", arena, &documents, &count, &err),
        GB_E_SYNTAX);
    assert_string_equal(err.subject, "u.yaml");
    assert_int_equal(
        gb_content_load_yaml(GB_STR("a:\n  - .inf\n"), "u.yaml", arena, &documents, &count, &err),
        GB_OK);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer packed = gb_buffer(1 << 20);
    assert_int_equal(gb_content_pack(documents, count, &packed, &err), GB_E_RANGE);
    assert_string_equal(err.subject, "u.yaml");
    assert_int_equal(err.line, 2);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer small = gb_buffer(16);
    assert_int_equal(gb_content_pack(documents, 0, &small, &err), GB_OK);
    documents->node = (struct gb_node){.line = 1};
    assert_int_equal(gb_content_pack(documents, 1, &small, &err), GB_E_LIMIT);
}

static void test_memory_failures(void **state)
{
    (void)state;
    static const struct gb_str packed = GB_STR_INIT(
        "{\"files\":[{\"path\":\"a\",\"documents\":[{\"k\":[1]}],\"places\":[\"EBABAEAF\"]}]}");
    size_t n = 1;
    for (;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_content_document *documents = NULL;
        size_t count = 0;
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_content_load(packed, small, &documents, &count, &err);
        gb_arena_fail_at(0);
        if (code == GB_OK) {
            assert_int_equal(gb_node_get(&documents->node, "k")->list.items[0].column, 5);
            break;
        }
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
        assert_int_equal(count, 0);
    }
    assert_true(n > 4);
    for (n = 1;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_content_document *documents = NULL;
        size_t count = 0;
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_content_load_yaml(gb_str_of(second), "t", small, &documents, &count, &err);
        gb_arena_fail_at(0);
        if (code == GB_OK)
            break;
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
    }
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed_and_back),
        cmocka_unit_test(test_far_places),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
