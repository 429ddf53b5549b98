// model/kind.h: kind documents, and facts held against them.
#include "model/kind.h"

#include "documents.h"
#include "model/value_json.h"

static const char good[] =
    "kind: sshd\n"
    "title: The server\n"
    "provider: host\n"
    "many: true\n"
    "plural: sshds\n"
    "doc: About it.\n"
    "fields:\n"
    "  port: {type: list(int), doc: Ports.}\n"
    "  root: {type: string, values: [yes, no], doc: Root.}\n"
    "  since: {type: timestamp, optional: true, doc: When.}\n"
    "  blocks: {type: list(block), optional: true, doc: Blocks.}\n"
    "  words: {type: 'list(string)', values: [a, b], optional: true, doc: W.}\n"
    "  named:\n"
    "    type: map(string, list(block))\n"
    "    optional: true\n"
    "    sensitivity: personal\n"
    "    doc: >\n"
    "      Long text.\n"
    "records:\n"
    "  block:\n"
    "    fields:\n"
    "      user: {type: string, doc: Who.}\n"
    "      inner: {type: block, optional: true, doc: More.}\n";

static int add(struct gb_kinds *kinds, const char *text, struct gb_error *err)
{
    return gb_kinds_add(kinds, document_of(text), GB_STR("t.yaml"), err);
}

static struct gb_kinds sshd_kinds(void)
{
    struct gb_kinds kinds = gb_kinds(arena);
    struct gb_error err = {0};
    if (add(&kinds, good, &err) < 0) {
        print_error("%u:%u: %s\n", err.line, err.column, err.reason);
        fail();
    }
    return kinds;
}

static void test_reads(void **state)
{
    (void)state;
    struct gb_kinds kinds = sshd_kinds();
    const struct gb_kind *kind = gb_kinds_find(&kinds, GB_STR("sshd"));
    assert_non_null(kind);
    assert_null(gb_kinds_find(&kinds, GB_STR("sshds")));
    assert_true(kind->many);
    assert_true(gb_str_is(kind->plural, "sshds"));
    assert_true(gb_str_is(kind->title, "The server"));
    assert_int_equal(kind->line, 1);
    assert_int_equal(kind->record->field_count, 6);
    assert_ptr_equal(kind->type->record, kind->record);
    const struct gb_field *port = gb_record_field(kind->record, GB_STR("port"));
    assert_true(gb_str_is(gb_type_text(arena, port->type), "list(int)"));
    assert_false(port->optional);
    assert_int_equal(port->sensitivity, GB_INTERNAL);
    const struct gb_field *root = gb_record_field(kind->record, GB_STR("root"));
    assert_int_equal(root->value_count, 2);
    assert_true(gb_str_is(root->values[0], "yes"));
    const struct gb_field *named = gb_record_field(kind->record, GB_STR("named"));
    assert_int_equal(named->sensitivity, GB_PERSONAL);
    assert_true(named->optional);
    assert_true(gb_str_is(named->doc, "Long text."));
    assert_int_equal(named->type->kind, GB_TYPE_MAP);
    const struct gb_record *block = named->type->element->element->record;
    assert_true(gb_str_is(block->name, "sshd.block"));
    // A record may hold itself.
    assert_ptr_equal(gb_record_field(block, GB_STR("inner"))->type->record, block);
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"kind: sshd", "kind: SSH", GB_E_TYPE, 1, 7, "\"SSH\" is no name"},
        {"kind: sshd", "kind: 7", GB_E_TYPE, 1, 7, "\"kind\": expected a string, found an integer"},
        {"kind: sshd", "kind: package", GB_E_TYPE, 1, 7, "means something else in expressions"},
        {"kind: sshd", "kind: in", GB_E_TYPE, 1, 7, "keyword"},
        {"kind: sshd\n", "", GB_E_TYPE, 1, 1, "\"kind\" is missing"},
        {"title: The server", "titel: The server", GB_E_TYPE, 2, 1, "did you mean \"title\"?"},
        {"title: The server", "title: ''", GB_E_TYPE, 2, 8, "\"title\" is empty"},
        {"many: true", "many: yes", GB_E_TYPE, 4, 7, "expected true or false, found a string"},
        {"plural: sshds\n", "", GB_E_TYPE, 1, 1, "\"plural\" is missing"},
        {"plural: sshds", "plural: sshd", GB_E_CONFLICT, 5, 9, "must differ"},
        {"fields:\n  port", "fields: {}\nother:\n  port", GB_E_TYPE, 8, 1, "unknown key \"other\""},
        {"list(int)", "list(itn)", GB_E_TYPE, 8, 21,
         "unknown type \"itn\" (did you mean \"int\"?)"},
        {"list(int)", "list(int", GB_E_TYPE, 8, 24, "expected )"},
        {"list(int)", "list", GB_E_TYPE, 8, 20, "expected ( and"},
        {"list(int)", "list()", GB_E_TYPE, 8, 21, "expected a type"},
        {"list(int)", "list(int) x", GB_E_TYPE, 8, 25, "expected nothing more"},
        {"list(int)", "list(list(list(list(list(list(list(list(list(list(int))))))))))", GB_E_TYPE,
         8, 61, "expected fewer levels"},
        {"map(string, list(block))", "map(double, int)", GB_E_TYPE, 14, 21, "the type of keys"},
        {"map(string, list(block))", "map(string)", GB_E_TYPE, 14, 21, "expected a comma"},
        {"values: [yes, no]", "values: []", GB_E_TYPE, 9, 32, "\"values\" is empty"},
        {"values: [yes, no]", "values: [yes, true]", GB_E_TYPE, 9, 38,
         "true or false in it (quote"},
        {"type: list(int)", "type: list(int), values: [a]", GB_E_TYPE, 8, 35, "is for strings"},
        {"optional: true", "optional: 1", GB_E_TYPE, 10, 38, "expected true or false"},
        {"personal", "privat", GB_E_TYPE, 16, 18, "expected public, internal, personal or secret"},
        {", doc: Ports.", "", GB_E_TYPE, 8, 9, "\"doc\" is missing"},
        {"doc: Ports.", "doc: Ports, all.", GB_E_TYPE, 8, 39, "a text with a comma needs quotes"},
        {"port: {type: list(int), doc: Ports.}", "port: list(int)", GB_E_TYPE, 8, 9,
         "expected a field (a map), found a string"},
        {"  port:", "  Port:", GB_E_TYPE, 8, 3, "\"Port\" is no name"},
        {"  port:", "  in:", GB_E_TYPE, 8, 3, "keyword"},
        {"  block:\n", "  list:\n", GB_E_CONFLICT, 20, 3, "is a type already"},
        {"      user: {type: string, doc: Who.}\n", "      user: {type: striing, doc: Who.}\n",
         GB_E_TYPE, 22, 20, "did you mean \"string\"?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_kinds kinds = gb_kinds(arena);
        struct gb_error err = {0};
        int code = add(&kinds, with(good, cases[i].from, cases[i].to), &err);
        assert_refusal(&cases[i], code, &err);
        assert_int_equal(kinds.count, 0);
        assert_int_equal(kinds.by_name.count, 0);
    }
    struct gb_kinds kinds = sshd_kinds();
    struct gb_error err = {0};
    assert_int_equal(add(&kinds, good, &err), GB_E_CONFLICT);
    assert_non_null(strstr(err.reason, "\"sshd\" is taken by the kind sshd (t.yaml:1)"));
    assert_int_equal(add(&kinds, with(good, "kind: sshd", "kind: sshds"), &err), GB_E_CONFLICT);
    assert_int_equal(kinds.count, 1);
    err = (struct gb_error){0};
    assert_int_equal(add(&kinds, "- 1\n", &err), GB_E_TYPE);
    assert_non_null(strstr(err.reason, "expected a kind (a map), found a list"));
}

static struct gb_value value_of(const char *json)
{
    struct gb_value value;
    struct gb_error err = {0};
    assert_int_equal(gb_value_read_json(gb_str_of(json), &gb_type_dyn, arena, &value, &err), GB_OK);
    return value;
}

static void test_checks_values(void **state)
{
    (void)state;
    struct gb_kinds kinds = sshd_kinds();
    const struct gb_type *type = gb_kinds_find(&kinds, GB_STR("sshd"))->type;
    static const char *const fit[] = {
        "{\"port\":[22],\"root\":\"no\"}",
        "{\"port\":[],\"root\":{\"unknown\":\"needs root\"}}",
        "{\"port\":[22,{\"not_applicable\":\"x\"}],\"root\":\"no\",\"words\":[\"a\",\"b\",\"a\"]}",
        "{\"port\":[1],\"root\":\"no\",\"named\":{\"x\":[{\"user\":\"u\"}]}}",
    };
    for (size_t i = 0; i < sizeof fit / sizeof *fit; i++) {
        struct gb_value value = value_of(fit[i]);
        struct gb_error err = {0};
        if (gb_kind_check(&value, type, &err) < 0)
            fail_msg("%s: %s", fit[i], err.reason);
    }
    static const char *const misfit[][2] = {
        {"[]", "expected sshd, found list"},
        {"{\"root\":\"no\"}", "\"port\" is missing"},
        {"{\"port\":22,\"root\":\"no\"}", "port: expected list(int), found int"},
        {"{\"port\":[22,\"x\"],\"root\":\"no\"}", "port[1]: expected int, found string"},
        {"{\"port\":[22],\"root\":null}", "root: expected string, found null"},
        {"{\"port\":[22],\"root\":\"maybe\"}",
         "root: \"maybe\" is not one of the values of \"root\""},
        {"{\"port\":[22],\"root\":\"no\",\"prot\":1}", "no field \"prot\" (nearest: \"port\")"},
        {"{\"port\":[22],\"root\":\"no\",\"words\":[\"a\",\"c\"]}", "words[1]: \"c\" is not one"},
        {"{\"port\":[22],\"root\":\"no\",\"blocks\":[{\"user\":\"u\"},{}]}",
         "blocks[1]: \"user\" is missing"},
        {"{\"port\":[22],\"root\":\"no\",\"named\":{\"x\":[{\"user\":1}]}}",
         "named.x[0].user: expected string, found int"},
        {"{\"port\":[22],\"root\":\"no\",\"since\":\"2026-01-01T00:00:00Z\"}",
         "since: expected timestamp, found string"},
    };
    for (size_t i = 0; i < sizeof misfit / sizeof *misfit; i++) {
        struct gb_value value = value_of(misfit[i][0]);
        struct gb_error err = {0};
        if (gb_kind_check(&value, type, &err) != GB_E_TYPE || !strstr(err.reason, misfit[i][1]))
            fail_msg("%s: %s", misfit[i][0], err.reason);
    }
    struct gb_error err = {0};
    struct gb_value error = {.kind = GB_VALUE_ERROR};
    assert_int_equal(gb_kind_check(&error, &gb_type_dyn, &err), GB_E_TYPE);
    struct gb_value numbers = gb_map_of(gb_map_new(arena));
    gb_map_put_key(arena, (struct gb_map_value *)(uintptr_t)numbers.map, gb_int(1), gb_int(2));
    assert_int_equal(gb_kind_check(&numbers, gb_type_map(arena, &gb_type_int, &gb_type_int), &err),
                     GB_OK);
    assert_int_equal(
        gb_kind_check(&numbers, gb_type_map(arena, &gb_type_string, &gb_type_int), &err),
        GB_E_TYPE);
    assert_int_equal(gb_kind_check(&numbers, type, &err), GB_E_TYPE);
}

static void test_checks_deep_values(void **state)
{
    (void)state;
    struct gb_kinds kinds = sshd_kinds();
    const struct gb_type *block = gb_type_record(
        arena, gb_record_field(gb_kinds_find(&kinds, GB_STR("sshd"))->record, GB_STR("blocks"))
                   ->type->element->record);
    struct gb_value value = gb_string(GB_STR("end"));
    for (int i = 0; i < 1000; i++) {
        struct gb_map_value *map = gb_map_new(arena);
        gb_map_put(arena, map, GB_STR("user"), gb_string(GB_STR("u")));
        if (i)
            gb_map_put(arena, map, GB_STR("inner"), value);
        value = gb_map_of(map);
    }
    struct gb_error err = {0};
    assert_int_equal(gb_kind_check(&value, block, &err), GB_E_LIMIT);
}

static void test_checks_collections(void **state)
{
    (void)state;
    struct gb_kinds kinds = sshd_kinds();
    struct gb_error err = {0};
    assert_int_equal(
        add(&kinds, with(with(good, "kind: sshd", "kind: one"), "many: true\nplural: sshds\n", ""),
            &err),
        GB_OK);
    struct gb_collection *all = gb_collection_new(arena, 0);
    struct gb_value ports = value_of("[22]");
    struct gb_map_value *first = gb_collection_add(all, GB_STR("sshd"), GB_STR("a"));
    gb_map_put(arena, first, GB_STR("port"), ports);
    gb_map_put(arena, first, GB_STR("root"), gb_string(GB_STR("yes")));
    assert_int_equal(gb_kinds_check(&kinds, all, &err), GB_OK);
    gb_map_put(arena, first, GB_STR("root"), gb_int(1));
    assert_int_equal(gb_kinds_check(&kinds, all, &err), GB_E_TYPE);
    assert_string_equal(err.subject, "sshd:a");
    gb_map_put(arena, first, GB_STR("root"), gb_string(GB_STR("yes")));
    for (int i = 0; i < 2; i++) {
        struct gb_map_value *one = gb_collection_add(all, GB_STR("one"), (struct gb_str){0});
        gb_map_put(arena, one, GB_STR("port"), ports);
        gb_map_put(arena, one, GB_STR("root"), gb_string(GB_STR("no")));
        assert_int_equal(gb_kinds_check(&kinds, all, &err), i ? GB_E_TYPE : GB_OK);
    }
    assert_non_null(strstr(err.reason, "2 resources of the kind \"one\""));
    struct gb_collection *other = gb_collection_new(arena, 0);
    gb_collection_absent(other, GB_STR("ssdh"), GB_STR("why"));
    assert_int_equal(gb_kinds_check(&kinds, other, &err), GB_E_TYPE);
    assert_non_null(strstr(err.reason, "no kind \"ssdh\""));
}

static void test_memory_failures(void **state)
{
    (void)state;
    const struct gb_node *document = document_of(good);
    size_t n = 1;
    for (;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_kinds kinds = gb_kinds(small);
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_kinds_add(&kinds, document, GB_STR("t.yaml"), &err);
        gb_arena_fail_at(0);
        if (code == GB_OK)
            break;
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
        assert_int_equal(kinds.count, 0);
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_checks_values),
        cmocka_unit_test(test_checks_deep_values),
        cmocka_unit_test(test_checks_collections),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
