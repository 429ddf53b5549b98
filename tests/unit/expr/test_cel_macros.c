// Comprehensions, bindings, optionals.
#include "cel_case.h"

static void goes_through_lists_and_maps(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"[1, 2, 3].all(x, x > 0)", "true"},
        {"[1, 2, 3].all(x, x > 1)", "false"},
        {"[].all(x, false)", "true"},
        {"[1, 2, 3].exists(x, x == 2)", "true"},
        {"[].exists(x, true)", "false"},
        {"[1, 2, 2].exists_one(x, x == 2)", "false"},
        {"[1, 2, 2].existsOne(x, x == 1)", "true"},
        {"[1, 2, 3].filter(x, x % 2 == 1)", "[1, 3]"},
        {"[1, 2, 3].map(x, x * x)", "[1, 4, 9]"},
        {"[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]"},
        {"{'a': 1, 'b': 2}.all(k, k < 'c')", "true"},
        {"{'a': 1, 'b': 2}.map(k, k + '!')", "[\"a!\", \"b!\"]"},
        {"{'a': 1, 'b': 2}.filter(k, k == 'b')", "[\"b\"]"},
        {"[[1, 2], [3]].map(x, x.map(y, y + 1))", "[[2, 3], [4]]"},
        {"[1, 2].map(x, [3, 4].map(y, x * y))", "[[3, 4], [6, 8]]"},
        {"[1, 2].map(x, [x].map(x, x + 1))", "[[2], [3]]"},
        {"[1, 2].exists(x, [2, 3].exists(y, x == y))", "true"},
        {"[3, 1, 2].sortBy(x, -x)", "[3, 2, 1]"},
        {"['bb', 'a', 'cc', 'd'].sortBy(s, size(s))", "[\"a\", \"d\", \"bb\", \"cc\"]"},
        {"[dyn(1), 'a'].sortBy(x, x)", "error: no such overload"},
        {"[].sortBy(x, x)", "[]"},
        {"[1, 2].sortBy(x, 1 / (x - 1))", "error: division by zero"},
    };
    CEL_CHECK(cases);
}

static void takes_two_variables(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"[5, 6].all(i, x, x == i + 5)", "true"},
        {"[5, 6].exists(i, x, i == 1 && x == 6)", "true"},
        {"[5, 6].existsOne(i, x, i < 1)", "true"},
        {"[5, 6].exists_one(i, x, i < 2)", "false"},
        {"{'a': 1}.all(k, v, k == 'a' && v == 1)", "true"},
        {"{'a': 1}.exists(k, v, v > 1)", "false"},
        {"[5, 6].transformList(i, x, i * x)", "[0, 6]"},
        {"[5, 6, 7].transformList(i, x, i != 1, x)", "[5, 7]"},
        {"{'a': 1, 'b': 2}.transformList(k, v, k + string(v))", "[\"a1\", \"b2\"]"},
        {"{'a': 1, 'b': 2}.transformMap(k, v, v * 10)", "{\"a\": 10, \"b\": 20}"},
        {"{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10)", "{\"b\": 20}"},
        {"['x', 'y'].transformMap(i, v, v + v)", "{0: \"xx\", 1: \"yy\"}"},
        {"{'a': 'x', 'b': 'y'}.transformMapEntry(k, v, {v: k})", "{\"x\": \"a\", \"y\": \"b\"}"},
        {"{'a': 'x', 'b': 'x'}.transformMapEntry(k, v, {v: k})", "error: a key occurs twice"},
        {"['x', 'y'].transformMapEntry(i, v, i > 0, {v: i})", "{\"y\": 1}"},
        {"[1, 2].transformMap(i, v, 1 / i)", "error: division by zero"},
    };
    CEL_CHECK(cases);
}

static void binds(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"cel.bind(x, 2, x * x)", "4"},
        {"cel.bind(x, [1, 2], x + x)", "[1, 2, 1, 2]"},
        {"cel.bind(x, 2, cel.bind(y, x + 1, x * y))", "6"},
        {"cel.bind(x, 2, cel.bind(x, x + 1, x))", "3"},
        {"cel.bind(x, 1 / 0, true)", "true"},
        {"cel.bind(x, 1 / 0, x == 1 || true)", "true"},
        {"cel.bind(x, 1 / 0, x)", "error: division by zero"},
        {"[1, 2].map(y, cel.bind(x, y + 1, x * x))", "[4, 9]"},
        {"cel.bind(f, [3, 4], [1, 2].map(x, f.map(y, x + y)))", "[[4, 5], [5, 6]]"},
        {"cel.block([1, cel.index(0) + 1], [cel.index(0), cel.index(1)])", "[1, 2]"},
        {"cel.block([1 / 0, 2], cel.index(1))", "2"},
        {"cel.block([], 5)", "5"},
        {"[1, 2].map(cel.iterVar(0, 0), cel.iterVar(0, 0) * 2)", "[2, 4]"},
        // More local variables than fit without an allocation.
        {"cel.bind(a, 1, cel.bind(b, a, cel.bind(c, b, cel.bind(d, c, cel.bind(e, d, cel.bind(f, "
         "e, "
         "cel.bind(g, f, cel.bind(h, g, cel.bind(i, h, cel.bind(j, i, "
         "a+b+c+d+e+f+g+h+i+j))))))))))",
         "10"},
    };
    CEL_CHECK(cases);
}

static void handles_what_may_be_absent(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"optional.of(1)", "some 1"},
        {"optional.none()", "none"},
        {"optional.ofNonZeroValue(0)", "none"},
        {"optional.ofNonZeroValue('')", "none"},
        {"optional.ofNonZeroValue([])", "none"},
        {"optional.ofNonZeroValue(duration('0s'))", "none"},
        {"optional.ofNonZeroValue(3)", "some 3"},
        {"optional.of(1).value()", "1"},
        {"optional.none().value()", "error: optional.none() has no value"},
        {"optional.none().or(optional.of(2)).value()", "2"},
        {"optional.of(1).or(optional.of(2)).value()", "1"},
        {"optional.none().orValue(3)", "3"},
        {"optional.of(1).orValue(3)", "1"},
        {"optional.of(1).hasValue()", "true"},
        {"optional.of(2).optMap(x, x + 1)", "some 3"},
        {"optional.none().optMap(x, x + 1)", "none"},
        {"optional.of(0).optMap(x, 1 / x)", "error: division by zero"},
        {"optional.of(2).optFlatMap(x, optional.none())", "none"},
        {"optional.of({'a': 1}).optFlatMap(x, x.?a)", "some 1"},
        {"{'a': 1}.?a", "some 1"},
        {"{'a': 1}.?b", "none"},
        {"{'a': {'b': 1}}.?a.b", "some 1"},
        {"{'a': {'b': 1}}.?a.c", "none"},
        {"dyn({'a': {'b': 1}}).?x.b.c.d", "none"},
        {"{'a': [1]}.?a[0]", "some 1"},
        {"{'a': [1]}.?a[1]", "none"},
        {"[1][?0]", "some 1"},
        {"[1][?1]", "none"},
        {"{'a': 1}[?'b'].orValue(5)", "5"},
        {"has({'a': {'b': 1}}.?a.b)", "true"},
        {"has({'a': {'b': 1}}.?a.c)", "false"},
        {"[?optional.of(1), ?optional.none(), 2]", "[1, 2]"},
        {"{?'a': optional.of(1), ?'b': optional.none()}", "{\"a\": 1}"},
        {"optional.of(1) == optional.of(1)", "true"},
        {"optional.of(1) == optional.none()", "false"},
        {"optional.none() == optional.none()", "true"},
        {"[1, 2].first()", "some 1"},
        {"[1, 2].last()", "some 2"},
        {"[].first()", "none"},
        {"optional.unwrap([optional.of(1), optional.none(), optional.of(2)])", "[1, 2]"},
        {"[optional.of(1)].unwrapOpt()", "[1]"},
        {"dyn(1).?a", "error: no field \"a\": int has no fields"},
        {"dyn(1)[?0]", "error: no such overload"},
    };
    CEL_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_through_lists_and_maps),
        cmocka_unit_test(takes_two_variables),
        cmocka_unit_test(binds),
        cmocka_unit_test(handles_what_may_be_absent),
    };
    return cmocka_run_group_tests(tests, cel_set_up, cel_tear_down);
}
