// What standard operators and conversions give.
#include "cel_case.h"

static void computes(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"7 / 2", "3"},
        {"-7 / 2", "-3"},
        {"-7 % 2", "-1"},
        {"7 % -2", "1"},
        {"7u / 2u", "3u"},
        {"7.0 / 2.0", "3.5"},
        {"1.0 / 0.0", "inf"},
        {"0.0 / 0.0", "nan"},
        {"9223372036854775807 + 1", "error: integer overflow"},
        {"-9223372036854775808 - 1", "error: integer overflow"},
        {"9223372036854775807 * 2", "error: integer overflow"},
        {"-(-9223372036854775808)", "error: integer overflow"},
        {"-9223372036854775808 / -1", "error: integer overflow"},
        {"-9223372036854775808 % -1", "error: integer overflow"},
        {"0u - 1u", "error: integer overflow"},
        {"18446744073709551615u + 1u", "error: integer overflow"},
        {"5 / 0", "error: division by zero"},
        {"5 % 0", "error: modulus by zero"},
        {"5u / 0u", "error: division by zero"},
        {"'a' + 'b' + ''", "\"ab\""},
        {"b'a' + b'\\xff'", "b\"a\xff\""},
        {"[1] + [2, 3] + []", "[1, 2, 3]"},
        {"dyn(1) + dyn('a')", "error: no such overload"},
        {"dyn(1) + dyn(1u)", "error: no such overload"},
        {"-dyn('a')", "error: no such overload"},
        {"!dyn(1)", "error: no such overload"},
    };
    CEL_CHECK(cases);
}

static void compares(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"1 == 1", "true"},
        {"1 != 1", "false"},
        {"dyn(1) == 1u", "true"},
        {"dyn(1) == 1.0", "true"},
        {"dyn(-1) == 18446744073709551615u", "false"},
        {"dyn(1.5) == 1", "false"},
        {"dyn('1') == 1", "false"},
        {"dyn(null) == 1", "false"},
        {"0.0 == -0.0", "true"},
        {"double('nan') == double('nan')", "false"},
        {"double('nan') != double('nan')", "true"},
        {"double('nan') < 1.0", "false"},
        {"double('nan') >= 1.0", "false"},
        {"dyn(9007199254740993) == 9007199254740992.0", "true"}, // as near as a double comes
        {"1 < 2", "true"},
        {"2 < 1", "false"},
        {"2 > 1", "true"},
        {"2 <= 2", "true"},
        {"2 >= 3", "false"},
        {"1 < 2u", "true"},
        {"-1 < 0u", "true"},
        {"0u > -1", "true"},
        {"1 < 1.5", "true"},
        {"2u >= 1.5", "true"},
        {"18446744073709551615u > 9223372036854775807", "true"},
        {"'a' < 'b'", "true"},
        {"'a' < 'ab'", "true"},
        {"'B' < 'a'", "true"},
        {"'\\u00ff' < '\\u0100'", "true"},
        {"b'\\x01' < b'\\xff'", "true"},
        {"false < true", "true"},
        {"timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:00.000000001Z')", "true"},
        {"duration('-1s') < duration('0s')", "true"},
        {"duration('-1.5s') < duration('-1.2s')", "true"},
        {"dyn(1) < 'a'", "error: no such overload"},
        {"dyn([1]) < dyn([2])", "error: no such overload"},
        {"dyn(null) < dyn(null)", "error: no such overload"},
        {"2 > 1 && 1 < 2 && 3 >= 3 && 3 <= 3", "true"},
        // The constant stands on the left.
        {"cel.bind(x, dyn(5), 4 < x && 5 <= x && 6 > x && 5 >= x && 5 == x && 4 != x)", "true"},
        {"cel.bind(x, dyn('a'), 'a' == x && 'b' != x)", "true"},
        {"cel.bind(x, dyn('a'), 5 == x || 5 != x)", "true"},
        {"[1, 2] == [1, 2]", "true"},
        {"[1, 2] == [2, 1]", "false"},
        {"[dyn(1)] == [dyn(1.0)]", "true"},
        {"[[1], [2, 3]] == [[1], [2, 3]]", "true"},
        {"{'a': 1, 'b': [2]} == {'b': [2], 'a': 1}", "true"},
        {"{'a': 1} == {'a': 2}", "false"},
        {"{'a': 1} == {'b': 1}", "false"},
        {"{dyn(1): 1} == {dyn(1u): 1}", "true"},
        {"[double('nan')] == [double('nan')]", "false"},
        {"int == int", "true"},
        {"type(1) == int", "true"},
        {"dyn(type(1)) == string", "false"},
    };
    CEL_CHECK(cases);
}

static void absorbs_errors(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"1/0 == 1 || true", "true"},
        {"true || 1/0 == 1", "true"},
        {"1/0 == 1 && false", "false"},
        {"false && 1/0 == 1", "false"},
        {"1/0 == 1 || false", "error: division by zero"},
        {"1/0 == 1 && true", "error: division by zero"},
        {"1/0 == 1 && true && true && false", "false"},
        {"1/0 == 1 || 1 % 0 == 1", "error: division by zero"}, // the first of several
        {"dyn(1) || true", "true"},
        {"dyn(1) || false", "error: no such overload"},
        {"dyn('a') && true", "error: no such overload"},
        {"dyn('a') && false", "false"},
        {"true ? 1 : 1/0", "1"},
        {"false ? 1/0 : 2", "2"},
        {"1/0 == 1 ? 1 : 2", "error: division by zero"},
        {"dyn(1) ? 1 : 2", "error: no such overload"},
        {"[1, 2, 0].exists(x, 1 / x == 1)", "true"},
        {"[0, 1].exists(x, 1 / x == 1)", "true"},
        {"[0, 2].exists(x, 1 / x == 1)", "error: division by zero"},
        {"[0, 1].all(x, 1 / x > 5)", "false"},
        {"[0, 1].all(x, 1 / x == 1)", "error: division by zero"},
        {"[0, 1].exists_one(x, 1 / x == 1)", "error: division by zero"},
        {"[0, 1].map(x, 1 / x)", "error: division by zero"},
        {"[0, 1].filter(x, 1 / x == 1)", "error: division by zero"},
        {"[1, 1 / 0]", "error: division by zero"},
        {"{'a': 1 / 0}", "error: division by zero"},
        {"size([1 / 0])", "error: division by zero"},
    };
    CEL_CHECK(cases);
}

static void converts(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"int('42')", "42"},
        {"int('-42')", "-42"},
        {"int('+42')", "42"},
        {"int('4 2')", "error: not an int: \"4 2\""},
        {"int('')", "error: not an int: \"\""},
        {"int('9223372036854775808')", "error: not an int: \"9223372036854775808\""},
        {"int(2.9)", "2"},
        {"int(-2.9)", "-2"},
        {"int(1e19)", "error: number out of range"},
        {"int(double('nan'))", "error: number out of range"},
        {"int(double('inf'))", "error: number out of range"},
        {"int(9223372036854775808u)", "error: number out of range"},
        {"int(timestamp('1970-01-01T00:01:00Z'))", "60"},
        {"int(duration('90s'))", "90"},
        {"uint(3)", "3u"},
        {"uint(-3)", "error: number out of range"},
        {"uint(-0.5)", "error: number out of range"},
        {"uint(3.7)", "3u"},
        {"uint(1e20)", "error: number out of range"},
        {"uint('12')", "12u"},
        {"uint('-1')", "error: not a uint: \"-1\""},
        {"double(3)", "3.0"},
        {"double('1e3')", "1000.0"},
        {"double('NaN')", "nan"},
        {"double('-Infinity')", "-inf"},
        {"double('1.2.3')", "error: not a double: \"1.2.3\""},
        {"string(1)", "\"1\""},
        {"string(18446744073709551615u)", "\"18446744073709551615\""},
        {"string(1.0)", "\"1\""},
        {"string(0.1)", "\"0.1\""},
        {"string(true)", "\"true\""},
        {"string(b'abc')", "\"abc\""},
        {"string(b'\\xff')", "error: bytes that are not UTF-8"},
        {"string(duration('1h30m'))", "\"5400s\""},
        {"string(duration('-1.5s'))", "\"-1.5s\""},
        {"string(timestamp('2026-11-01T01:02:03.5+02:00'))", "\"2026-10-31T23:02:03.5Z\""},
        {"bytes('\\u00e9') == b'\\xc3\\xa9'", "true"},
        {"bool('true')", "true"},
        {"bool('F')", "false"},
        {"bool('yes')", "error: not a bool: \"yes\""},
        {"type(1)", "type int"},
        {"type(type(1))", "type type"},
        {"type(null)", "type null_type"},
        {"type([])", "type list"},
        {"type({})", "type map"},
        {"type(timestamp(0))", "type google.protobuf.Timestamp"},
        {"type(optional.none())", "type optional_type"},
        {"dyn(1)", "1"},
        {"string(dyn([]))", "error: no such overload: string()"},
        {"int(dyn(null))", "error: no such overload: int()"},
    };
    CEL_CHECK(cases);
}

static void looks_up(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"[1, 2][0]", "1"},
        {"[1, 2][1]", "2"},
        {"[1, 2][2]", "error: index out of range: 2"},
        {"[1, 2][-1]", "error: index out of range: -1"},
        {"[1, 2][dyn(1u)]", "2"},
        {"[1, 2][dyn(1.0)]", "2"},
        {"[1, 2][dyn(0.5)]", "error: index out of range"},
        {"[1, 2][dyn('0')]", "error: no such overload"},
        {"{'a': 1}.a", "1"},
        {"{'a': 1}['a']", "1"},
        {"{'a': 1}.b", "error: no such key: b"},
        {"{'a': 1}['b']", "error: no such key: b"},
        {"{1: 'x'}[2]", "error: no such key: 2"},
        {"{1: 'x'}[dyn(1u)]", "\"x\""},
        {"{1u: 'x'}[dyn(1.0)]", "\"x\""},
        {"{true: 'x'}[true]", "\"x\""},
        {"{'a': 1, 'a': 2}", "error: a key occurs twice"},
        {"{dyn(1): 1, dyn(1u): 2}", "error: a key occurs twice"},
        {"{dyn(1.5): 1}", "error: unsupported key type"},
        {"{dyn(null): 1}", "error: unsupported key type"},
        {"{dyn([1]): 1}", "error: unsupported key type"},
        {"has({'a': null}.a)", "true"},
        {"has({'a': 1}.b)", "false"},
        {"dyn('abc').length", "error: no field \"length\": string has no fields"},
        {"has(dyn(1).a)", "error: no field \"a\": int has no fields"},
        {"{'a.b': 1}.`a.b`", "1"},
        {"{'a-b/c d': 1}.`a-b/c d`", "1"},
        {"{'if': 1}.if", "1"},
        {"{'in': 1}['in']", "1"},
        {"1 in [1, 2]", "true"},
        {"3 in [1, 2]", "false"},
        {"dyn(1.0) in [1, 2]", "true"},
        {"'a' in {'a': 1}", "true"},
        {"dyn(1u) in {1: 1}", "true"},
        {"dyn(1.5) in {1: 1}", "false"},
        {"1 in dyn(1)", "error: no such overload"},
        {"'e' in ['a', 'b', 'c', 'd', 'e', 'f', 'g']", "true"},
        {"'x' in ['a', 'b', 'c', 'd', 'e', 'f', 'g']", "false"},
        {"dyn(5.0) in [1, 2, 3, 4, 5, 6, 7]", "true"},
        {"dyn('a') in [dyn(1), 'a', 2.0, null, [], {}, 7]", "true"},
        {"[1] in [[1], [2]]", "true"},
    };
    CEL_CHECK(cases);
}

static void calculates_with_time(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"timestamp('2026-11-01T00:00:00Z')", "timestamp 2026-11-01T00:00:00Z"},
        {"timestamp('2026-11-01T00:00:00.123456789+01:00')",
         "timestamp 2026-10-31T23:00:00.123456789Z"},
        {"timestamp('2026-02-29T00:00:00Z')",
         "error: timestamp out of range: \"2026-02-29T00:00:00Z\""},
        {"timestamp('2026-11-01')", "error: not a timestamp (RFC 3339): \"2026-11-01\""},
        {"timestamp(253402300799)", "timestamp 9999-12-31T23:59:59Z"},
        {"timestamp(253402300800)", "error: timestamp out of range"},
        {"timestamp(-62135596801)", "error: timestamp out of range"},
        {"duration('1h30m0.5s')", "duration 5400.5s"},
        {"duration('-1ms')", "duration -0.001s"},
        {"duration('1us') + duration('1ns')", "duration 0.000001001s"},
        {"duration('1')", "error: not a duration (1h30m, 90s): \"1\""},
        {"duration('1d')", "error: not a duration (1h30m, 90s): \"1d\""},
        {"duration('9223372036s')", "duration 9223372036s"},
        {"duration('9223372037s')", "error: duration out of range"},
        {"duration('1.5s') - duration('2s')", "duration -0.5s"},
        {"duration('-1.5s') + duration('1s')", "duration -0.5s"},
        {"timestamp(0) - timestamp(1)", "duration -1s"},
        {"timestamp(0) + duration('-1ns')", "timestamp 1969-12-31T23:59:59.999999999Z"},
        {"timestamp(0) - duration('1ns')", "timestamp 1969-12-31T23:59:59.999999999Z"},
        {"duration('24h') + timestamp(0)", "timestamp 1970-01-02T00:00:00Z"},
        {"timestamp(253402300799) + duration('1s')", "error: timestamp out of range"},
        {"timestamp(253402300799) - timestamp(-62135596800)", "error: duration out of range"},
        {"timestamp('2024-02-29T13:14:15.5Z').getFullYear()", "2024"},
        {"timestamp('2024-02-29T13:14:15.5Z').getMonth()", "1"},
        {"timestamp('2024-02-29T13:14:15.5Z').getDate()", "29"},
        {"timestamp('2024-02-29T13:14:15.5Z').getDayOfMonth()", "28"},
        {"timestamp('2024-02-29T13:14:15.5Z').getDayOfWeek()", "4"},
        {"timestamp('2024-02-29T13:14:15.5Z').getDayOfYear()", "59"},
        {"timestamp('2024-02-29T13:14:15.5Z').getHours()", "13"},
        {"timestamp('2024-02-29T13:14:15.5Z').getMinutes()", "14"},
        {"timestamp('2024-02-29T13:14:15.5Z').getSeconds()", "15"},
        {"timestamp('2024-02-29T13:14:15.5Z').getMilliseconds()", "500"},
        {"timestamp('2024-12-31T23:30:00Z').getFullYear('+01:00')", "2025"},
        {"timestamp('2024-12-31T23:30:00Z').getHours('-08:30')", "15"},
        {"timestamp('2024-12-31T23:30:00Z').getHours('UTC')", "23"},
        {"timestamp('2024-12-31T23:30:00Z').getHours('25:00')",
         "error: no such time zone: \"25:00\""},
        {"timestamp('2024-12-31T23:30:00Z').getMilliseconds('Nowhere/Land')",
         "error: no such time zone: \"Nowhere/Land\""},
        {"duration('3h2m1.5s').getHours()", "3"},
        {"duration('3h2m1.5s').getMinutes()", "182"},
        {"duration('3h2m1.5s').getSeconds()", "10921"},
        {"duration('3h2m1.5s').getMilliseconds()", "500"},
    };
    CEL_CHECK(cases);
}

static void goes_on_without_checking(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"nope", "error: no variable \"nope\""},
        {"nope || true", "true"},
        {"nope.a.b == 1 || true", "true"},
        {"f(1) || true", "true"},
        {"f(1)", "error: no function \"f\""},
        {"(1).f()", "error: no function \"f\""},
        {"1 + 'a'", "error: no such overload"},
        {"'a' == 1", "false"},
        {"true ? 1 : 'a'", "1"},
        {"[1, 'a', null]", "[1, \"a\", null]"},
        {"'abc'.startsWith(1)", "error: no such overload: startsWith()"},
        {"5.all(x, true)", "error: no such overload"},
        {"(5).all(x, true)", "error: no such overload"},
        {"[?1]", "error: an element marked with ? is no optional"},
    };
    static const struct cel_case last[] = {{"dyn", "error: no variable \"dyn\""}};
    CEL_UNCHECKED(cases);
    CEL_UNCHECKED(last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes),
        cmocka_unit_test(compares),
        cmocka_unit_test(absorbs_errors),
        cmocka_unit_test(converts),
        cmocka_unit_test(looks_up),
        cmocka_unit_test(calculates_with_time),
        cmocka_unit_test(goes_on_without_checking),
    };
    return cmocka_run_group_tests(tests, cel_set_up, cel_tear_down);
}
