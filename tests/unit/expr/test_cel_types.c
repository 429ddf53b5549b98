// The checker: deduced types, overloads, records with known fields, names in containers; and what
// its messages say.
#include "cel_case.h"

static const struct gb_type *match_type, *sshd_type, *user_type;

static int set_up(void **state)
{
    if (cel_set_up(state))
        return -1;
    static const struct cel_field match_fields[] = {{"criteria", &gb_type_string, false},
                                                    {"banner", &gb_type_string, true}};
    match_type = cel_record("sshd.match", match_fields, 2);
    const struct cel_field sshd_fields[] = {
        {"permit_root_login", &gb_type_string, false},
        {"port", gb_type_list(arena, &gb_type_int), false},
        {"max_auth_tries", &gb_type_int, false},
        {"match", gb_type_list(arena, match_type), false},
        {"extra", &gb_type_dyn, false},
        {"env", gb_type_map(arena, &gb_type_string, &gb_type_string), false},
    };
    sshd_type = cel_record("sshd", sshd_fields, 6);
    static const struct gb_str values[] = {GB_STR_INIT("yes"), GB_STR_INIT("no"),
                                           GB_STR_INIT("prohibit-password")};
    sshd_type->record->fields[0].values = values;
    sshd_type->record->fields[0].value_count = 3;
    static const struct cel_field user_fields[] = {{"name", &gb_type_string, false},
                                                   {"uid", &gb_type_int, false}};
    user_type = cel_record("user", user_fields, 2);
    cel_declare("sshd", sshd_type, gb_null());
    cel_declare("users", gb_type_list(arena, user_type), gb_null());
    cel_declare("now", &gb_type_timestamp, gb_null());
    cel_declare("any", &gb_type_dyn, gb_null());
    return 0;
}

// The deduced type as text, or the error.
static void check_types(const struct cel_case *cases, size_t count)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        struct gb_cel_program *program;
        struct gb_error err = {0};
        char got[800];
        if (gb_cel_compile(env, gb_str_of(cases[i].text), NULL, arena, &program, &err) < 0) {
            snprintf(got, sizeof got, "%u:%u: %s", err.line, err.column, err.reason);
        } else {
            struct gb_str text = gb_type_text(arena, gb_cel_type(program));
            snprintf(got, sizeof got, GB_PRI, GB_ARG(text));
        }
        if (strcmp(got, cases[i].expected) == 0)
            continue;
        print_error("%s\n  expected: %s\n  got:      %s\n", cases[i].text, cases[i].expected, got);
        failed++;
    }
    assert_int_equal(failed, 0);
}
#define CHECK_TYPES(cases) check_types((cases), sizeof(cases) / sizeof *(cases))

static void deduces(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"1", "int"},
        {"[]", "list(any)"},
        {"[1, 2]", "list(int)"},
        {"[1, 'a']", "list(any)"},
        {"[[], [1]]", "list(list(int))"},
        {"{'a': 1}", "map(string, int)"},
        {"{'a': [], 'b': [true]}", "map(string, list(bool))"},
        {"{1: 1, 'a': 1}", "map(any, int)"},
        {"sshd", "sshd"},
        {"sshd.port", "list(int)"},
        {"sshd.port[0]", "int"},
        {"sshd['max_auth_tries']", "int"},
        {"sshd.match[0].criteria", "string"},
        {"sshd.extra.whatever[0]", "any"},
        {"sshd.env.PATH", "string"},
        {"sshd.?port", "optional_type(list(int))"},
        {"sshd.?match[0].?banner", "optional_type(string)"},
        {"sshd.?max_auth_tries.orValue(6)", "int"},
        {"sshd.env[?'PATH'].hasValue()", "bool"},
        {"users.map(u, u.name)", "list(string)"},
        {"users.filter(u, u.uid == 0)", "list(user)"},
        {"users.filter(u, u.uid == 0).map(u, u.uid + 1)", "list(int)"},
        {"users.sortBy(u, u.name)", "list(user)"},
        {"users.transformList(i, u, i * u.uid)", "list(int)"},
        {"users.transformMap(i, u, u.name)", "map(int, string)"},
        {"users.transformMapEntry(i, u, {u.name: u.uid})", "map(string, int)"},
        {"{'a': 1}.map(k, k)", "list(string)"},
        {"{'a': 1}.exists(k, v, v > 0)", "bool"},
        {"{'a': 1}.transformMap(k, v, string(v))", "map(string, string)"},
        {"'a' in sshd", "bool"},
        {"now - duration('1h')", "timestamp"},
        {"now - now", "duration"},
        {"any + 1", "int"},
        {"any + any", "any"},
        {"any - now", "duration"},
        {"any.a.b", "any"},
        {"any ? 1 : 2", "int"},
        {"true ? 1 : any", "any"},
        {"true ? [] : [1]", "list(int)"},
        {"true ? optional.none() : optional.of(1)", "optional_type(int)"},
        {"[] + [1]", "list(int)"},
        {"[1].first()", "optional_type(int)"},
        {"optional.of([1])[0]", "optional_type(int)"},
        {"optional.of(sshd).max_auth_tries", "optional_type(int)"},
        {"optional.of(1).optMap(x, string(x))", "optional_type(string)"},
        {"optional.of(1).optFlatMap(x, optional.of(true))", "optional_type(bool)"},
        {"cel.bind(x, users[0], x.uid)", "int"},
        {"type(1)", "type(int)"},
        {"int", "type(int)"},
        {"dyn(1)", "any"},
        {"size(any)", "int"},
        {"any.size()", "int"},
        {"int(any)", "int"},
        {"[3, 1].sort()", "list(int)"},
        {"[[1], [2]].flatten()", "list(int)"},
        {"[1u].sum()", "uint"},
        {"math.greatest(1, 2)", "int"},
        {"math.greatest(1, 2.0)", "any"},
        {"math.greatest(1.0, 2.0, 3.0)", "double"},
        {"'a,b'.split(',')", "list(string)"},
        {"regex.extract('a', 'b')", "optional_type(string)"},
    };
    CHECK_TYPES(cases);
}

static void refuses_wrong_types(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"1 + 'a'", "1:3: '+' does not take int and string"},
        {"1 + 1u", "1:3: '+' does not take int and uint"},
        {"1 - now", "1:3: '-' does not take int and timestamp"},
        {"'a' % 'b'", "1:5: '%' does not take string and string"},
        {"-'a'", "1:1: '-' does not take string"},
        {"-1u", "1:1: '-' does not take uint"},
        {"-true", "1:1: '-' does not take bool"},
        {"[1] + ['a']", "1:5: '+' does not take list(int) and list(string)"},
        {"!1", "1:2: '!' needs a bool, got int"},
        {"1 && true", "1:1: '&&' needs a bool, got int"},
        {"true || 'a'", "1:9: '||' needs a bool, got string"},
        {"1 ? 2 : 3", "1:1: the condition of ?: must be a bool, got int"},
        {"true ? 1 : 'a'", "1:6: the branches of ?: have different types: int and string"},
        {"1 == 'a'", "1:3: '==' compares int with string: never equal"},
        {"1 != 1.0", "1:3: '!=' compares int with double: never equal"},
        {"[1] == ['a']", "1:5: '==' compares list(int) with list(string): never equal"},
        {"1 < 'a'", "1:3: '<' does not take int and string"},
        {"[1] < [2]", "1:5: '<' does not take list(int) and list(int)"},
        {"1 in ['a']", "1:3: int is never in list(string)"},
        {"1 in 2", "1:3: 'in' needs a list or a map on its right, got int"},
        {"1 in {'a': 1}", "1:3: int is never in map(string, int)"},
        {"1[0]", "1:2: [] needs a list or a map, got int"},
        {"[1]['a']", "1:5: string cannot be looked up in list(int)"},
        {"{'a': 1}[1]", "1:10: int cannot be looked up in map(string, int)"},
        {"'a'.b", "1:5: no field \"b\": string has no fields"},
        {"has('a'.b)", "1:9: no field \"b\": string has no fields"},
        {"{1: 2}.a", "1:8: the keys of map(int, int) are no strings"},
        {"{1.0: 2}", "1:2: a map's key is a bool, int, uint or string, not double"},
        {"[?1]", "1:3: an element marked with ? must be optional, got int"},
        {"{?'a': 1}", "1:8: an element marked with ? must be optional, got int"},
        {"1.all(x, true)", "1:3: needs a list or a map to go through, got int"},
        {"sshd.exists(name, name == 'port')", "1:6: needs a list or a map to go through, got sshd"},
        {"'abc'.map(x, x)", "1:7: needs a list or a map to go through, got string"},
        {"{}.sortBy(x, x)", "1:4: needs a list to go through, got map(any, any)"},
        {"[1].filter(x, x)", "1:15: the condition must be a bool, got int"},
        {"[1].all(x, 'a')", "1:12: the condition must be a bool, got string"},
        {"[1].map(x, 'a', x)", "1:12: the condition must be a bool, got string"},
        {"[[1]].sortBy(x, x)", "1:17: cannot sort by list(int)"},
        {"[1].transformMapEntry(i, x, x)",
         "1:29: transformMapEntry() makes entries {key: value}, got int"},
        {"1.optMap(x, x)", "1:3: needs an optional, got int"},
        {"optional.of(1).optFlatMap(x, x)", "1:30: optFlatMap() makes an optional, got int"},
        {"'abc'.startsWith(1)",
         "1:7: no string.startsWith(int); there is string.startsWith(string)"},
        {"'abc'.startsWith()", "1:7: no string.startsWith(); there is string.startsWith(string)"},
        {"size(1)",
         "1:1: no size(int); there is size(string), size(bytes), size(list(A)), size(map(A, B))"},
        {"'a'.strtsWith('b')", "1:5: no function \"strtsWith\" (did you mean \"startsWith\"?)"},
        {"sise([])", "1:1: no function \"sise\" (did you mean \"size\"?)"},
        {"math.gratest(1, 2)", "1:1: no variable \"math\""},
        {"timestamp(true)", "1:1: no timestamp(bool); there is timestamp(string), "
                            "timestamp(int), timestamp(timestamp)"},
        {"usrs.size() > 0", "1:1: no variable \"usrs\" (did you mean \"users\"?)"},
        {"users.all(usr, us.uid > 0)", "1:16: no variable \"us\" (did you mean \"usr\"?)"},
        {"[].exists(x, y)", "1:14: no variable \"y\""},
    };
    CHECK_TYPES(cases);
}

static void knows_fields(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"sshd.permit_rootlogin == 'no'",
         "1:6: no field \"permit_rootlogin\" in sshd (did you mean \"permit_root_login\"?)"},
        {"sshd.xyzzy", "1:6: no field \"xyzzy\" in sshd"},
        {"sshd['prt']", "1:6: no field \"prt\" in sshd (did you mean \"port\"?)"},
        {"sshd.?prt", "1:7: no field \"prt\" in sshd (did you mean \"port\"?)"},
        {"has(sshd.prt)", "1:10: no field \"prt\" in sshd (did you mean \"port\"?)"},
        {"users.filter(u, u.uuid == 0)", "1:19: no field \"uuid\" in user (did you mean \"uid\"?)"},
        {"sshd.match.exists(m, m.criterea == '')",
         "1:24: no field \"criterea\" in sshd.match (did you mean \"criteria\"?)"},
        {"optional.of(sshd).prt", "1:19: no field \"prt\" in sshd (did you mean \"port\"?)"},
        {"users.name", "1:7: no field \"name\": list(user) has no fields"},
        {"sshd.permit_root_login == 'no'", "bool"},
        {"sshd.permit_root_login == 'without-password'",
         "1:27: \"without-password\" is never the value of permit_root_login (it is one of: yes, "
         "no, prohibit-password)"},
        {"'prohibit-pasword' != sshd.permit_root_login",
         "1:1: \"prohibit-pasword\" is never the value of permit_root_login (it is one of: yes, "
         "no, prohibit-password)"},
        {"sshd.permit_root_login in ['no', 'yess']",
         "1:34: \"yess\" is never the value of permit_root_login (it is one of: yes, no, "
         "prohibit-password)"},
        {"sshd == users[0]", "1:6: '==' compares sshd with user: never equal"},
    };
    CHECK_TYPES(cases);
}

static void holds_results_to_what_is_expected(void **state)
{
    (void)state;
    struct gb_cel_program *program;
    struct gb_error err = {0};
    struct gb_cel_options options = {.expected = &gb_type_bool};
    assert_int_equal(gb_cel_compile(env, GB_STR("1 == 1"), &options, arena, &program, &err), 0);
    assert_int_equal(gb_cel_compile(env, GB_STR("any"), &options, arena, &program, &err), 0);
    assert_int_equal(gb_cel_compile(env, GB_STR("sshd.port"), &options, arena, &program, &err),
                     GB_E_TYPE);
    assert_string_equal(err.reason, "expected bool, got list(int)");
    assert_int_equal(err.column, 6);
}

static void finds_names_in_containers(void **state)
{
    (void)state;
    cel_declare("com.example.x", &gb_type_int, gb_int(1));
    cel_declare("com.x", &gb_type_int, gb_int(2));
    cel_declare("x", &gb_type_int, gb_int(3));
    cel_declare("a.b.c", &gb_type_string, gb_string(GB_STR("abc")));
    cel_declare("a.b", gb_type_map(arena, &gb_type_string, &gb_type_string),
                gb_map_of(gb_map_new(arena)));
    static const struct cel_case outside[] = {
        {"x", "3"},
        {"com.x", "2"},
        {"com.example.x", "1"},
        {".x", "3"},
        {"a.b.c", "\"abc\""},
        {"a.b.d", "error: no such key: d"},
        {"a.c", "1:1: no variable \"a\""},
        {"[7].map(x, x)", "[7]"},
        {"[7].map(x, .x)", "[3]"},
        {"[{'b': {'c': 'local'}}].map(a, a.b.c)", "[\"local\"]"},
        {"cel.bind(com, {'x': 9}, com.x)", "9"},
        {"cel.bind(com, {'x': 9}, .com.x)", "2"},
    };
    CEL_CHECK(outside);
    gb_cel_env_container(env, GB_STR("com.example"));
    static const struct cel_case inside[] = {
        {"x", "1"}, {".x", "3"}, {"com.x", "2"}, {"example.x", "1"}, {"[7].map(x, x)", "[7]"},
    };
    CEL_CHECK(inside);
    gb_cel_env_container(env, GB_STR("com.other"));
    static const struct cel_case other[] = {{"x", "2"}, {"example.x", "1"}};
    CEL_CHECK(other);
}

static void declares_functions(void **state)
{
    (void)state;
    const struct gb_type t = {.kind = GB_TYPE_PARAMETER, .name = GB_STR_INIT("T")};
    const struct gb_type *of_t = gb_type_list(arena, &t);
    const struct gb_type *parameters[] = {of_t, &t};
    assert_int_equal(gb_cel_env_function(env, GB_STR("count"), GB_STR("count_list"), false,
                                         parameters, 2, &gb_type_int),
                     GB_OK);
    assert_int_equal(
        gb_cel_env_function(env, GB_STR("pick"), GB_STR("list_pick"), true, parameters, 1, &t),
        GB_OK);
    static const struct cel_case cases[] = {
        {"count([1], 2)", "int"},
        {"count([1], 'a')", "1:1: no count(list(int), string); there is count(list(T), T)"},
        {"['a'].pick()", "string"},
        {"pick(['a'])", "1:1: \"pick\" is called on a value: x.pick(...)"},
    };
    CHECK_TYPES(cases);
    static const struct cel_case run[] = {{"['a'].pick()", "error: no such overload: pick()"}};
    CEL_CHECK(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deduces),
        cmocka_unit_test(refuses_wrong_types),
        cmocka_unit_test(knows_fields),
        cmocka_unit_test(holds_results_to_what_is_expected),
        cmocka_unit_test(declares_functions),
        cmocka_unit_test(finds_names_in_containers), // last: it leaves a container behind
    };
    return cmocka_run_group_tests(tests, set_up, cel_tear_down);
}
