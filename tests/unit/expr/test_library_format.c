// string.format(): every clause, with what it takes and what it refuses.
#include "cel_case.h"

static void test_strings(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"''.format([])", "\"\""},
        {"'no clause'.format([])", "\"no clause\""},
        {"'%%'.format([])", "\"%\""},
        {"'%s%%'.format(['a'])", "\"a%\""},
        {"'%s and %s'.format(['a', 'é'])", "\"a and é\""},
        {"'%s'.format(['%d'])", "\"%d\""},
        {"'%s %s %s'.format([true, null, 1u])", "\"true null 1\""},
        {"'%s'.format([b'xyz'])", "\"xyz\""},
        {"'%s'.format([b'\\xff!'])", "\"\xef\xbf\xbd!\""},
        {"'%s'.format([type(1)])", "\"int\""},
        {"'%s'.format([timestamp('2023-02-03T23:31:20.5Z')])", "\"2023-02-03T23:31:20.5Z\""},
        {"'%s'.format([duration('1h45m47s')])", "\"6347s\""},
        {"'%s'.format([[1, 'a', [2.5, null]]])", "\"[1, a, [2.5, null]]\""},
        {"'%s'.format([[]])", "\"[]\""},
        {"'%s'.format([{}])", "\"{}\""},
        {"'%s'.format([{'b': 1, 'a': [2], 3: {}}])", "\"{3: {}, a: [2], b: 1}\""},
        {"'%s'.format([cidr('10.0.0.0/8')])", "error: format: %s takes strings, bools, bytes, "
                                              "numbers, maps, lists, types and times, was "
                                              "given net.CIDR"},
        {"'%s'.format([string(ip('::1'))])", "\"::1\""},
    };
    CEL_CHECK(cases);
}

static void test_doubles(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"'%s'.format([0.1])", "\"0.1\""},
        {"'%s'.format([-2.0])", "\"-2\""},
        {"'%s'.format([1e21])", "\"1000000000000000000000\""},
        {"'%s'.format([1.5e20])", "\"150000000000000000000\""},
        {"'%s'.format([-1.25e-7])", "\"-0.000000125\""},
        {"'%s'.format([1e-5])", "\"0.00001\""},
        {"'%s'.format([123456789012345680.0])", "\"123456789012345680\""},
        {"'%s %s %s'.format([1.0/0.0, -1.0/0.0, 0.0/0.0])", "\"Infinity -Infinity NaN\""},
        {"'%f'.format([2.71828])", "\"2.718280\""},
        {"'%.0f %.0f %.0f'.format([0.5, 1.5, 2.5])", "\"0 2 2\""},
        {"'%.3f'.format([1.2345])", "\"1.234\""},
        {"'%.2f'.format([3])", "\"3.00\""},
        {"'%.2f'.format([18446744073709551615u])", "\"18446744073709551616.00\""},
        {"'%.100f'.format([1])",
         "\"1."
         "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000\""},
        {"'%.1f'.format([1e308]).size()", "311"},
        {"'%e'.format([1052.032911275])", "\"1.052033e+03\""},
        {"'%.2e'.format([-0.00012345])", "\"-1.23e-04\""},
        {"'%e'.format([3u])", "\"3.000000e+00\""},
        {"'%e %f %d'.format([-1.0/0.0, 0.0/0.0, 1.0/0.0])", "\"-Infinity NaN Infinity\""},
    };
    CEL_CHECK(cases);
}

static void test_integers(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"'%d %d'.format([-5, 7u])", "\"-5 7\""},
        {"'%d'.format([-9223372036854775807 - 1])", "\"-9223372036854775808\""},
        {"'%b %b %b %b'.format([5, -5, 6u, true])", "\"101 -101 110 1\""},
        {"'%b'.format([0])", "\"0\""},
        {"'%b'.format([-9223372036854775807 - 1]).size()", "65"},
        {"'%o %o'.format([11, -8])", "\"13 -10\""},
        {"'%x %X %x'.format([30, 30, -30])", "\"1e 1E -1e\""},
        {"'%x'.format([18446744073709551615u])", "\"ffffffffffffffff\""},
        {"'%X'.format(['Hello'])", "\"48656C6C6F\""},
        {"'%x'.format([b'\\x00\\xff'])", "\"00ff\""},
        {"'%x'.format([''])", "\"\""},
    };
    CEL_CHECK(cases);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"'%s %s'.format(['a'])", "error: format: clause 2 has no value"},
        {"'%'.format([1])", "error: format: a clause without a verb at the end"},
        {"'%.3'.format([1])", "error: format: a clause without a verb at the end"},
        {"'%.f'.format([1])", "error: format: expected digits after the point of a clause"},
        {"'%.101f'.format([1])", "error: format: a clause may ask for at most 100 digits"},
        {"'%.99999999999999999999f'.format([1])",
         "error: format: a clause may ask for at most 100 digits"},
        {"'%a'.format([1])", "error: format: unknown clause \"%a\" (known: s d f e b o x X)"},
        {"'%E'.format([1])", "error: format: unknown clause \"%E\" (known: s d f e b o x X)"},
        {"'%\\n'.format([1])", "error: format: unknown clause \"%?\" (known: s d f e b o x X)"},
        {"'%d'.format(['1'])", "error: format: %d takes integers, was given string"},
        {"'%d'.format([1.5])", "error: format: %d takes integers, was given double"},
        {"'%d'.format([duration('1s')])",
         "error: format: %d takes integers, was given google.protobuf.Duration"},
        {"'%f'.format(['1'])", "error: format: %f takes numbers, was given string"},
        {"'%e'.format([null])", "error: format: %e takes numbers, was given null_type"},
        {"'%b'.format([1.0])", "error: format: %b takes integers and bools, was given double"},
        {"'%o'.format([true])", "error: format: %o takes integers, was given bool"},
        {"'%x'.format([1.0])",
         "error: format: %x takes integers, bytes and strings, was given double"},
    };
    CEL_CHECK(cases);
}

// What was not known stays not known; what is nested without end is refused.
static void test_elements_from_outside(void **state)
{
    (void)state;
    struct gb_list *list = gb_list_new(arena);
    gb_list_add(arena, list, gb_int(1));
    gb_list_add(arena, list, gb_unknown(GB_STR("needs root")));
    cel_declare("items", gb_type_list(arena, &gb_type_dyn), gb_list_of(list));
    struct gb_value deep = gb_int(1);
    for (int i = 0; i < 100; i++) {
        list = gb_list_new(arena);
        gb_list_add(arena, list, deep);
        deep = gb_list_of(list);
    }
    cel_declare("deep", &gb_type_dyn, deep);
    static const struct cel_case cases[] = {
        {"'%d'.format(items)", "\"1\""},
        {"'%d %d'.format(items)", "unknown: needs root"},
        {"'%s'.format([items])", "unknown: needs root"},
        {"'%s'.format([{'a': items}])", "unknown: needs root"},
        {"'%s'.format([deep])", "error: format: the value is nested too deeply"},
    };
    CEL_CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_strings, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_doubles, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_integers, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_refused, cel_set_up, cel_tear_down),
        cmocka_unit_test_setup_teardown(test_elements_from_outside, cel_set_up, cel_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
