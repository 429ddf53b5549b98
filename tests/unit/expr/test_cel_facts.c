// What becomes of facts: unknown and not-applicable values, origins, the paths for evidence.
#include "cel_case.h"

static struct gb_map_value *map_new(void)
{
    struct gb_map_value *map = gb_map_new(arena);
    assert_non_null(map);
    return map;
}

static struct gb_value text_at(const char *text, uint32_t origin)
{
    return gb_at(gb_string(gb_str_of(text)), origin);
}

static int set_up(void **state)
{
    if (cel_set_up(state))
        return -1;
    struct gb_map_value *sshd = map_new();
    gb_map_put(arena, sshd, GB_STR("port"), gb_at(gb_int(22), 7));
    gb_map_put(arena, sshd, GB_STR("host_key"), gb_unknown(GB_STR("needs root")));
    gb_map_put(arena, sshd, GB_STR("live"), gb_not_applicable(GB_STR("needs a live kernel")));
    gb_map_put(arena, sshd, GB_STR("banner"), text_at("none", 8));
    gb_map_put(arena, sshd, GB_STR("nested"), gb_map_of(sshd));
    static const char *const names[] = {"root", "admin", "guest"};
    struct gb_list *users = gb_list_new(arena);
    for (uint32_t i = 0; i < 3; i++) {
        struct gb_map_value *user = map_new();
        gb_map_put(arena, user, GB_STR("name"), text_at(names[i], 100 + i));
        gb_map_put(arena, user, GB_STR("uid"), gb_int(i));
        gb_map_put(arena, user, GB_STR("shell"), text_at("/bin/sh", 200 + i));
        gb_map_put(arena, user, GB_STR("hash"),
                   i == 1 ? gb_string(GB_STR("sha512")) : gb_unknown(GB_STR("needs root")));
        gb_list_add(arena, users, gb_at(gb_map_of(user), 300 + i));
    }
    struct gb_list *mixed = gb_list_new(arena);
    gb_list_add(arena, mixed, gb_int(1));
    gb_list_add(arena, mixed, gb_unknown(GB_STR("needs root")));
    cel_declare("sshd", &gb_type_dyn, gb_map_of(sshd));
    cel_declare("users", &gb_type_dyn, gb_list_of(users));
    cel_declare("gone", &gb_type_dyn, gb_not_applicable(GB_STR("no docker here")));
    cel_declare("hidden", &gb_type_dyn, gb_unknown(GB_STR("permission denied")));
    cel_declare("mixed", &gb_type_dyn, gb_list_of(mixed));
    return 0;
}

static void hands_on_what_is_not_known(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"sshd.host_key", "unknown: needs root"},
        {"sshd.host_key == 'x'", "unknown: needs root"},
        {"sshd.host_key != 'x'", "unknown: needs root"},
        {"sshd.host_key > 5", "unknown: needs root"},
        {"sshd.host_key.a.b", "unknown: needs root"},
        {"sshd.host_key[0]", "unknown: needs root"},
        {"[1, 2][sshd.host_key]", "unknown: needs root"},
        {"!sshd.host_key", "unknown: needs root"},
        {"-sshd.host_key", "unknown: needs root"},
        {"sshd.host_key + 1", "unknown: needs root"},
        {"1 + sshd.host_key", "unknown: needs root"},
        {"sshd.host_key ? 1 : 2", "unknown: needs root"},
        {"size(sshd.host_key)", "unknown: needs root"},
        {"sshd.host_key.startsWith('a')", "unknown: needs root"},
        {"'abc'.startsWith(sshd.host_key)", "unknown: needs root"},
        {"sshd.host_key.matches('a')", "unknown: needs root"},
        {"'a'.matches(sshd.host_key)", "unknown: needs root"},
        {"sshd.host_key in ['a']", "unknown: needs root"},
        {"sshd.host_key in ['a', 'b', 'c', 'd', 'e', 'f', 'g']", "unknown: needs root"},
        {"[sshd.host_key]", "unknown: needs root"},
        {"{'a': sshd.host_key}", "unknown: needs root"},
        {"{sshd.host_key: 1}", "unknown: needs root"},
        {"has(sshd.host_key)", "unknown: needs root"},
        {"has(sshd.host_key.a)", "unknown: needs root"},
        {"sshd.?host_key", "unknown: needs root"},
        {"sshd.?host_key.orValue('')", "unknown: needs root"},
        {"sshd[?'host_key']", "unknown: needs root"},
        {"sshd.host_key.all(x, true)", "unknown: needs root"},
        {"sshd.host_key.map(x, x)", "unknown: needs root"},
        {"cel.bind(x, sshd.host_key, x == 1)", "unknown: needs root"},
        {"cel.bind(x, sshd.host_key, true)", "true"},
        {"gone.running", "not applicable: no docker here"},
        {"gone.all(c, c.privileged)", "not applicable: no docker here"},
        {"gone.filter(c, c.privileged).map(c, c.name)", "not applicable: no docker here"},
        {"sshd.live == 1", "not applicable: needs a live kernel"},
        {"users.map(u, u.hash)", "unknown: needs root"},
        {"users.all(u, u.hash == 'sha512')", "unknown: needs root"},
        {"users.all(u, u.hash == 'md5')", "false"}, // one that is known decides
        {"users.exists(u, u.hash == 'sha512')", "true"},
        {"users.exists(u, u.hash == 'md5')", "unknown: needs root"},
        {"users.filter(u, u.hash == 'sha512')", "unknown: needs root"},
        {"users.filter(u, u.uid == 1).map(u, u.hash)", "[\"sha512\"]"},
        {"users.exists_one(u, u.hash == 'sha512')", "unknown: needs root"},
        {"users.sortBy(u, u.hash)", "unknown: needs root"},
        {"users.transformMap(i, u, u.hash)", "unknown: needs root"},
        {"1 in mixed", "true"},
        {"2 in mixed", "unknown: needs root"},
        {"mixed == [1, 2]", "unknown: needs root"},
        {"mixed == [2, 2]", "false"}, // different whatever the unknown one is
        {"mixed == [1]", "false"},
        {"mixed != [1, 2]", "unknown: needs root"},
        {"mixed[0]", "1"},
        {"mixed[1]", "unknown: needs root"},
        {"mixed.exists(x, x == 1)", "true"},
        {"mixed.sort()", "unknown: needs root"},
        {"mixed.max()", "unknown: needs root"},
        {"mixed.sum()", "unknown: needs root"},
        {"mixed.distinct()", "unknown: needs root"},
    };
    CEL_CHECK(cases);
}

static void weighs_several(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"hidden || true", "true"},
        {"true || hidden", "true"},
        {"hidden && false", "false"},
        {"hidden || false", "unknown: permission denied"},
        {"hidden && true", "unknown: permission denied"},
        {"gone || false", "not applicable: no docker here"},
        // error before unknown before not applicable, on either side
        {"gone || hidden", "unknown: permission denied"},
        {"hidden || gone", "unknown: permission denied"},
        {"gone || hidden || 1/0 == 1", "error: division by zero"},
        {"1/0 == 1 && hidden && gone", "error: division by zero"},
        {"gone && hidden && true", "unknown: permission denied"},
        {"gone || hidden || 1/0 == 1 || true", "true"},
        {"gone == hidden", "unknown: permission denied"},
        {"gone + hidden", "unknown: permission denied"},
        {"hidden < gone", "unknown: permission denied"},
        {"hidden + 1/0", "error: division by zero"},
        {"gone[hidden]", "unknown: permission denied"},
        {"[gone, hidden]", "unknown: permission denied"},
        {"{'a': gone, 'b': hidden}", "unknown: permission denied"},
        {"gone in hidden", "unknown: permission denied"},
        {"users.all(u, u.uid == 0 ? hidden : gone)", "unknown: permission denied"},
        {"'a'.replace(gone, hidden)", "unknown: permission denied"},
    };
    CEL_CHECK(cases);
}

static struct gb_value evaluate(const char *text)
{
    struct gb_cel_program *program;
    struct gb_error err = {0};
    struct gb_value value;
    if (gb_cel_compile(env, gb_str_of(text), NULL, arena, &program, &err) < 0)
        fail_msg("%s: %s", text, err.reason);
    gb_cel_eval(program, slots, arena, &value);
    return value;
}

static void keeps_origins(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t origin;
    } cases[] = {
        {"sshd.port", 7},
        {"sshd['port']", 7},
        {"sshd.nested.nested.port", 7},
        {"sshd.?port.value()", 7},
        {"sshd.?port", 7},
        {"sshd.port + 1", 7},
        {"-sshd.port", 7},
        {"1 + sshd.port", 7},
        {"string(sshd.port)", 7},
        {"sshd.banner + '!'", 8},
        {"'banner: ' + sshd.banner", 8},
        {"'port ' + string(sshd.port) + ', ' + sshd.banner", 7},
        {"sshd.banner.upperAscii()", 8},
        {"sshd.banner.split('o')[1]", 8},
        {"users[1]", 301},
        {"users[1].name", 101},
        {"users[1].uid", 301}, // has none of its own: where its record stands
        {"users.map(u, u.name).join(', ')", 100},
        {"cel.bind(u, users[2], u.name + ' (' + u.shell + ')')", 102},
        {"true ? users[2].name : ''", 102},
        {"users.sortBy(u, -u.uid)[0].name", 102},
        {"users.map(u, u.name).reverse()[0]", 102},
        {"'x' + 'y'", 0},
        {"1 + 1", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_value value = evaluate(cases[i].text);
        if (value.origin != cases[i].origin)
            fail_msg("%s: origin %u, expected %u", cases[i].text, value.origin, cases[i].origin);
    }
    static const struct {
        const char *text;
        uint32_t first;
    } lists[] = {
        {"users.map(u, u.name)", 101},
        {"users.filter(u, true)", 301},
        {"users.map(u, u.name + ' (' + u.shell + ')')", 101},
        {"users.map(u, 'user ' + string(u.uid))", 301},
        {"users.map(u, 'a constant')", 301},
        {"users.transformList(i, u, string(i) + '. ' + u.name)", 101},
        {"[users[0].name] + [users[1].name]", 101},
        {"users.map(u, u.name).distinct()", 101},
        {"users.sortBy(u, u.uid)", 301},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct gb_value value = evaluate(lists[i].text);
        assert_int_equal(value.kind, GB_VALUE_LIST);
        if (value.list->items[1].origin != lists[i].first)
            fail_msg("%s: origin %u", lists[i].text, value.list->items[1].origin);
    }
}

static void tells_what_it_reads(void **state)
{
    (void)state;
    struct gb_cel_program *program;
    struct gb_error err = {0};
    assert_int_equal(gb_cel_compile(env,
                                    GB_STR("sshd.port == 22 && has(sshd.nested.banner) && "
                                           "users.all(u, u.name != sshd['banner']) && "
                                           "sshd.port > 1 && sshd.absent == 1 && hidden.a"),
                                    NULL, arena, &program, &err),
                     GB_OK);
    assert_true(gb_cel_reads(program, 0));
    assert_true(gb_cel_reads(program, 1));
    assert_false(gb_cel_reads(program, 2));
    assert_true(gb_cel_reads(program, 3));
    assert_false(gb_cel_reads(program, 99));
    static const char *const expected[] = {"sshd.port", "sshd.nested.banner", "sshd.absent",
                                           "hidden.a"};
    assert_int_equal(gb_cel_path_count(program), 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(gb_str_is(gb_cel_path_text(program, i), expected[i]));
    assert_int_equal(gb_cel_path_text(program, 4).len, 0);
    const struct gb_value *value = gb_cel_path_value(program, 0, slots);
    assert_int_equal(value->integer, 22);
    assert_int_equal(value->origin, 7);
    assert_true(gb_str_is(gb_cel_path_value(program, 1, slots)->string, "none"));
    assert_null(gb_cel_path_value(program, 2, slots));
    assert_int_equal(gb_cel_path_value(program, 3, slots)->kind, GB_VALUE_UNKNOWN);
    assert_null(gb_cel_path_value(program, 4, slots));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_on_what_is_not_known),
        cmocka_unit_test(weighs_several),
        cmocka_unit_test(keeps_origins),
        cmocka_unit_test(tells_what_it_reads),
    };
    return cmocka_run_group_tests(tests, set_up, cel_tear_down);
}
