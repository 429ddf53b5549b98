// strict_presence: an optional field is selected only where it is known to be there.
#include "cel_case.h"

static int set_up(void **state)
{
    if (cel_set_up(state))
        return -1;
    static const struct cel_field key_fields[] = {{"bits", &gb_type_int, true},
                                                  {"type", &gb_type_string, false}};
    const struct gb_type *key = cel_record("user.key", key_fields, 2);
    const struct cel_field user_fields[] = {
        {"name", &gb_type_string, false},
        {"shell", &gb_type_string, true},
        {"key", key, true},
        {"keys", gb_type_list(arena, key), false},
    };
    const struct gb_type *user = cel_record("user", user_fields, 4);
    cel_declare("user", user, gb_null());
    cel_declare("users", gb_type_list(arena, user), gb_null());
    cel_declare("ok", &gb_type_bool, gb_null());
    return 0;
}

static bool accepts(const char *text, const char *assumed, struct gb_error *err)
{
    struct gb_cel_program *program, *when;
    const struct gb_cel_program *known[2] = {NULL};
    struct gb_cel_options options = {.strict_presence = true, .assumed = known};
    if (assumed) {
        assert_int_equal(gb_cel_compile(env, gb_str_of(assumed), NULL, arena, &when, err), GB_OK);
        known[0] = when;
    }
    return gb_cel_compile(env, gb_str_of(text), &options, arena, &program, err) == GB_OK;
}

static void check(const char *const *texts, size_t count, bool accepted)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        struct gb_error err = {0};
        if (accepts(texts[i], NULL, &err) == accepted &&
            (accepted || strstr(err.reason, "may be absent")))
            continue;
        print_error("%s: %s\n", texts[i], accepted ? err.reason : "was accepted");
        failed++;
    }
    assert_int_equal(failed, 0);
}

static void accepts_what_is_guarded(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "user.name == ''",
        "has(user.shell)",
        "!has(user.shell)",
        "has(user.shell) && user.shell == ''",
        "has(user.shell) && ok && (ok || user.shell == '')",
        "ok && has(user.shell) && user.shell == ''",
        "!has(user.shell) || user.shell == ''",
        "!(has(user.shell) && ok) || user.shell == ''",
        "!(!has(user.shell)) && user.shell == ''",
        "has(user.shell) ? user.shell == '' : ok",
        "!has(user.shell) ? ok : user.shell == ''",
        "has(user.shell) && ok ? user.shell == '' : ok",
        "(has(user.shell) ? user.shell : '') == ''",
        "user.?shell.orValue('') == ''",
        "user.?key.?bits.orValue(0) > 0",
        "has(user.key) && has(user.key.bits) && user.key.bits > 0",
        "has(user.key) && user.key.type == ''",
        "users.all(u, !has(u.shell) || u.shell != '')",
        "users.exists(u, has(u.shell) && u.shell == '')",
        "users.filter(u, has(u.shell)).all(v, v.shell != '')",
        "users.filter(u, has(u.shell) && u.shell != '').map(u, u.name + u.shell)",
        "users.filter(u, has(u.shell)).filter(v, ok).map(w, w.shell)",
        "users.filter(u, has(u.shell)).sortBy(v, v.shell).map(w, w.shell)",
        "users.map(u, has(u.shell), u.shell)",
        "users.transformList(i, u, has(u.shell), u.shell)",
        "users.filter(u, has(u.key) && has(u.key.bits)).exists(v, v.key.bits < 2048)",
        "users.all(u, u.keys.filter(k, has(k.bits)).all(k, k.bits > 2047))",
        "cel.bind(k, user.keys, k.all(x, !has(x.bits) || x.bits > 0))",
        "has(user.key) && cel.bind(k, user.key, has(k.bits) && k.bits > 0)",
        "has(user.key) && has(user.key.bits) && cel.bind(k, user.key, k.bits > 0)",
        "has(user.shell) && users.all(u, u.name != user.shell)",
        "(has(user.shell) && has(user.key) || ok && has(user.shell)) && user.shell == ''",
        "(!has(user.shell) || !ok) || user.shell == ''",
    };
    check(texts, sizeof texts / sizeof *texts, true);
}

static void refuses_what_is_not(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "user.shell == ''",
        "user['shell'] == ''",
        "user.shell == '' && has(user.shell)",
        "has(user.shell) || user.shell == ''",
        "!has(user.shell) && user.shell == ''",
        "has(user.shell) ? ok : user.shell == ''",
        "has(user.key) && user.key.bits > 0",
        "has(user.key.bits)",
        "has(user.shell) && ok || user.shell == ''",
        "(has(user.shell) || ok) && user.shell == ''",
        "ok && user.shell == ''",
        "users.all(u, u.shell != '')",
        "users.all(u, has(u.shell)) && users.all(u, u.shell != '')",
        "users.exists(u, has(u.shell)) && user.shell == ''",
        "has(user.shell) && users.all(u, u.shell == '')",
        "users.filter(u, ok || has(u.shell)).all(v, v.shell != '')",
        "users.filter(u, has(u.key)).all(v, v.key.bits > 0)",
        "users.map(u, u.shell)",
        "users.map(u, ok, u.shell)",
        "users.filter(u, has(u.shell)).map(u, u.key.type)",
        "users.filter(u, has(user.shell)).map(u, u.shell)",
        "[user.shell]",
        "{'a': user.shell}",
        "size(user.shell)",
        "cel.bind(s, user.shell, s == '')",
        "users[0].shell == ''",
        "has(users[0].shell) && users[1].shell == ''",
    };
    check(texts, sizeof texts / sizeof *texts, false);
}

static void believes_assumptions(void **state)
{
    (void)state;
    struct gb_error err = {0};
    assert_true(accepts("user.shell == ''", "has(user.shell)", &err));
    assert_true(accepts("user.shell == ''", "ok && has(user.shell) && user.shell != 'x'", &err));
    assert_true(accepts("user.key.bits > 0", "has(user.key) && has(user.key.bits)", &err));
    assert_false(accepts("user.shell == ''", "ok || has(user.shell)", &err));
    assert_false(accepts("user.shell == ''", "!has(user.shell)", &err));
    assert_false(accepts("user.key.bits > 0", "has(user.key)", &err));
    assert_false(accepts("users.all(u, u.shell == '')", "users.all(u, has(u.shell))", &err));
}

static void says_where_and_what_to_do(void **state)
{
    (void)state;
    struct gb_error err = {0};
    assert_false(accepts("ok &&\n  user.shell == ''", NULL, &err));
    assert_int_equal(err.code, GB_E_TYPE);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 8);
    assert_string_equal(err.reason, "\"shell\" of user may be absent: guard it with "
                                    "has(user.shell) && ..., or use user.?shell.orValue(...)");
    assert_false(accepts("users.all(u, u.keys.all(k, k.bits > 0))", NULL, &err));
    assert_string_equal(err.reason, "\"bits\" of user.key may be absent: guard it with "
                                    "has(k.bits) && ..., or use k.?bits.orValue(...)");
    assert_false(accepts("users[0].shell == ''", NULL, &err));
    assert_string_equal(err.reason, "\"shell\" of user may be absent: use .?shell.orValue(...)");
}

// Where presence is strict, what cannot but fail is refused too.
static void refuses_constants_that_fail(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"timestamp('2026-13-01T00:00:00Z') < timestamp(0)",
         "1:1: this always fails: timestamp out of range: \"2026-13-01T00:00:00Z\""},
        {"ok || 1 / 0 == 1", "1:9: this always fails: division by zero"},
        {"ok && duration('1 day') > duration('1h')",
         "1:7: this always fails: not a duration (1h30m, 90s): \"1 day\""},
        {"{'a': 1}.b == 1", "1:10: this always fails: no such key: b"},
        {"[1, 2][5] == 1", "1:7: this always fails: index out of range: 5"},
        {"user.name.matches('[a')", "1:19: the pattern: missing ] for this ["},
    };
    cel_check(cases, sizeof cases / sizeof *cases,
              &(struct gb_cel_options){.strict_presence = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_is_guarded),     cmocka_unit_test(refuses_what_is_not),
        cmocka_unit_test(believes_assumptions),        cmocka_unit_test(says_where_and_what_to_do),
        cmocka_unit_test(refuses_constants_that_fail),
    };
    return cmocka_run_group_tests(tests, set_up, cel_tear_down);
}
