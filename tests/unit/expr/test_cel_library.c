// The functions of the libraries on strings, lists, numbers and patterns.
#include "cel_case.h"

static void works_on_strings(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"size('')", "0"},
        {"size('h\\u00e9\\U0001f600')", "3"},
        {"'abc'.size()", "3"},
        {"size(b'\\xff\\xfe')", "2"},
        {"'abc'.startsWith('ab')", "true"},
        {"'abc'.endsWith('bc')", "true"},
        {"'abc'.contains('')", "true"},
        {"'abc'.contains('x')", "false"},
        {"'h\\u00e9llo'.charAt(1)", "\"\xc3\xa9\""},
        {"'abc'.charAt(3)", "\"\""},
        {"'abc'.charAt(4)", "error: index out of range: 4"},
        {"'abc'.charAt(-1)", "error: index out of range: -1"},
        {"'h\\u00e9llo'.indexOf('l')", "2"},
        {"'hello'.indexOf('l', 3)", "3"},
        {"'hello'.indexOf('l', 4)", "-1"},
        {"'hello'.indexOf('', 5)", "5"},
        {"'hello'.indexOf('l', 6)", "error: index out of range: 6"},
        {"'hello'.lastIndexOf('l')", "3"},
        {"'hello'.lastIndexOf('l', 2)", "2"},
        {"'hello'.lastIndexOf('l', 1)", "-1"},
        {"'hello'.lastIndexOf('')", "5"},
        {"''.lastIndexOf('a')", "-1"},
        {"'AbC\\u00c9'.lowerAscii()", "\"abc\xc3\x89\""},
        {"'aBc[`{'.upperAscii()", "\"ABC[`{\""},
        {"'banana'.replace('an', 'AN')", "\"bANANa\""},
        {"'banana'.replace('an', '', 1)", "\"bana\""},
        {"'banana'.replace('an', 'x', 0)", "\"banana\""},
        {"'banana'.replace('an', 'x', -1)", "\"bxxa\""},
        {"'abc'.replace('', '-')", "\"-a-b-c-\""},
        {"'abc'.replace('', '-', 2)", "\"-a-bc\""},
        {"''.replace('', '-')", "\"-\""},
        {"''.replace('a', '-')", "\"\""},
        {"'a,b,,c'.split(',')", "[\"a\", \"b\", \"\", \"c\"]"},
        {"'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"},
        {"'a,b,c'.split(',', 0)", "[]"},
        {"'a,b,c'.split(',', 1)", "[\"a,b,c\"]"},
        {"'a,b'.split(',', -1)", "[\"a\", \"b\"]"},
        {"'h\\u00e9y'.split('')", "[\"h\", \"\xc3\xa9\", \"y\"]"},
        {"''.split('')", "[]"},
        {"''.split(',')", "[\"\"]"},
        {"'hello'.substring(2)", "\"llo\""},
        {"'hello'.substring(1, 3)", "\"el\""},
        {"'hello'.substring(5)", "\"\""},
        {"'hello'.substring(6)", "error: index out of range: 6"},
        {"'hello'.substring(3, 1)", "error: invalid substring range: start 3, end 1"},
        {"' \\t\\u00a0a b\\u3000'.trim()", "\"a b\""},
        {"'   '.trim()", "\"\""},
        {"['a', 'b'].join()", "\"ab\""},
        {"['a', 'b', ''].join('-')", "\"a-b-\""},
        {"[].join(',')", "\"\""},
        {"[dyn(1), 'a'].join()", "error: no such overload"},
        {"strings.quote('a\"\\n\\\\')", "\"\\x22a\\x5c\\x22\\x5cn\\x5c\\x5c\\x22\""},
        {"'ab\\u00e9'.reverse()", "\"\xc3\xa9"
                                  "ba\""},
        {"'sshd.conf'.glob('*.conf')", "true"},
        {"'sshd.conf'.glob('[a-r]*')", "false"},
        {"'/etc/ssh/sshd'.glob('/etc/*')", "true"},
        {"'/etc/ssh/sshd'.globPath('/etc/*')", "false"},
        {"'/etc/ssh/sshd'.globPath('/etc/*/ssh?')", "true"},
    };
    CEL_CHECK(cases);
}

static void works_on_lists(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"[1, 2, 3, 4].slice(1, 3)", "[2, 3]"},
        {"[1, 2].slice(2, 2)", "[]"},
        {"[1, 2].slice(1, 3)", "error: cannot slice 1 to 3 of 2 elements"},
        {"[1, 2].slice(-1, 1)", "error: cannot slice -1 to 1 of 2 elements"},
        {"[1, 2].slice(1, 0)", "error: cannot slice 1 to 0 of 2 elements"},
        {"[[1], [2, [3]]].flatten()", "[1, 2, [3]]"},
        {"[dyn(1), [2, [3, [4]]]].flatten(2)", "[1, 2, 3, [4]]"},
        {"[[1]].flatten(0)", "[[1]]"},
        {"[[1]].flatten(-1)", "error: the depth must not be negative"},
        {"[1, 2, 1, 3, 2].distinct()", "[1, 2, 3]"},
        {"[dyn(1), 1u, 1.0, 'a', 'a', [1], [1], null, null].distinct()", "[1, \"a\", [1], null]"},
        {"[3, 1, 2].sort()", "[1, 2, 3]"},
        {"['b', 'a'].sort()", "[\"a\", \"b\"]"},
        {"[dyn(3), 1.5, 2u].sort()", "[1.5, 2u, 3]"},
        {"[dyn(1), 'a'].sort()", "error: no such overload"},
        {"[dyn([1])].sort()", "error: no such overload"},
        {"[].sort()", "[]"},
        {"[1, 2].reverse()", "[2, 1]"},
        {"lists.range(3)", "[0, 1, 2]"},
        {"lists.range(0)", "[]"},
        {"lists.range(-1)", "[]"},
        {"[1, 2, 2].isSorted()", "true"},
        {"[2, 1].isSorted()", "false"},
        {"[].isSorted()", "true"},
        {"[1, 2, 3].sum()", "6"},
        {"[1.5, 2.0].sum()", "3.5"},
        {"[duration('1s'), duration('2s')].sum()", "duration 3s"},
        {"[].sum()", "0"},
        {"['a', 'b'].sum()", "error: no such overload"},
        {"[9223372036854775807, 1].sum()", "error: integer overflow"},
        {"[2, 1, 3].min()", "1"},
        {"[2, 1, 3].max()", "3"},
        {"[].min()", "error: min() and max() need an element"},
        {"[dyn(1), 'a'].max()", "error: no such overload"},
        {"[1, 2, 1].indexOf(1)", "0"},
        {"[1, 2, 1].lastIndexOf(1)", "2"},
        {"[1, 2, 1].indexOf(5)", "-1"},
        {"sets.contains([1, 2, 3], [3, 1])", "true"},
        {"sets.contains([1, 2], [3])", "false"},
        {"sets.contains([1], [])", "true"},
        {"sets.equivalent([1, 2, 2], [2, 1])", "true"},
        {"sets.equivalent([1, 2], [1])", "false"},
        {"sets.intersects([1, 2], [2, 3])", "true"},
        {"sets.intersects([1], [2])", "false"},
        {"sets.intersects([], [])", "false"},
    };
    CEL_CHECK(cases);
}

static void works_on_numbers(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"math.greatest(1, 2)", "2"},
        {"math.greatest(1, 2.5, 2u)", "2.5"},
        {"math.greatest([1, 3, 2])", "3"},
        {"math.greatest(5)", "5"},
        {"math.least(1, -2, 3, 4, 5)", "-2"},
        {"math.least([])", "error: needs at least one number"},
        {"math.greatest(dyn('a'), 1)", "error: no such overload: math.greatest()"},
        {"math.greatest([dyn('a'), 1])", "error: no such overload"},
        {"math.ceil(1.2)", "2.0"},
        {"math.floor(-1.2)", "-2.0"},
        {"math.round(-2.5)", "-3.0"},
        {"math.trunc(-2.7)", "-2.0"},
        {"math.abs(-3)", "3"},
        {"math.abs(-3.5)", "3.5"},
        {"math.abs(3u)", "3u"},
        {"math.abs(-9223372036854775808)", "error: integer overflow"},
        {"math.sign(-3)", "-1"},
        {"math.sign(0.0)", "0.0"},
        {"math.isNaN(0.0 / 0.0)", "true"},
        {"math.isInf(-1.0 / 0.0)", "true"},
        {"math.isFinite(1.0)", "true"},
        {"math.sqrt(16)", "4.0"},
        {"math.sqrt(-1.0)", "nan"},
        {"math.bitAnd(12, 10)", "8"},
        {"math.bitOr(12u, 10u)", "14u"},
        {"math.bitXor(12, 10)", "6"},
        {"math.bitNot(0)", "-1"},
        {"math.bitShiftLeft(1, 63)", "-9223372036854775808"},
        {"math.bitShiftLeft(1, 64)", "0"},
        {"math.bitShiftRight(-1, 63)", "1"},
        {"math.bitShiftRight(8u, 2)", "2u"},
        {"math.bitShiftRight(1, -1)", "error: a negative number of bits to shift"},
        {"base64.encode(b'hello')", "\"aGVsbG8=\""},
        {"base64.decode('aGVsbG8=')", "b\"hello\""},
        {"base64.decode('aGVsbG8')", "b\"hello\""},
        {"base64.decode('!')", "error: not base64"},
    };
    CEL_CHECK(cases);
}

static void works_with_patterns(void **state)
{
    (void)state;
    static const struct cel_case cases[] = {
        {"'abc'.matches('b')", "true"},
        {"'abc'.matches('^b')", "false"},
        {"matches('abc', '^a.c$')", "true"},
        {"'abc'.matches('(')", "1:15: the pattern: missing ) for this ("},
        {"'abc'.matches('(' + '')", "1:19: the pattern: missing ) for this ("},
        {"cel.bind(p, dyn('['), 'abc'.matches(p))", "error: pattern: missing ] for this ["},
        {"['a', 'b'].map(p, 'abc'.matches(p + '.$'))", "[false, true]"},
        {"'a1b22'.find('[0-9]+')", "\"1\""},
        {"'ab'.find('[0-9]+')", "\"\""},
        {"'a1b22'.findAll('[0-9]+')", "[\"1\", \"22\"]"},
        {"'a1b22c3'.findAll('[0-9]+', 2)", "[\"1\", \"22\"]"},
        {"'abc'.findAll('x*')", "[\"\", \"\", \"\", \"\"]"},
        {"regex.extract('port=22', 'port=([0-9]+)')", "some \"22\""},
        {"regex.extract('port=22', '[0-9]+')", "some \"22\""},
        {"regex.extract('port', '[0-9]+')", "none"},
        {"regex.extract('ab', '(a)(b)')",
         "error: the pattern has more than one group: use (?:...) for the others"},
        {"regex.extractAll('a=1,b=2', '[a-z]=([0-9])')", "[\"1\", \"2\"]"},
        {"regex.replace('a1b2', '[0-9]', 'x')", "\"axbx\""},
        {"regex.replace('a1b2', '[0-9]', 'x', 1)", "\"axb2\""},
        {"regex.replace('a1b2', '([a-z])([0-9])', '\\\\2\\\\1')", "\"1a2b\""},
        {"regex.replace('ab', 'a', '\\\\9')",
         "error: the replacement names a group that the pattern does not have"},
        {"regex.replace('abc', '', '-')", "\"-a-b-c-\""},
    };
    CEL_CHECK(cases);
}

// Every row of the tables can be read, has a sentence, and is a function or says why not.
static void tables_are_complete(void **state)
{
    (void)state;
    size_t rows = 0;
    for (size_t i = 0; i < gb_cel_library_count; i++) {
        const struct gb_cel_library *library = gb_cel_libraries[i];
        assert_true(library->name && library->doc && library->count);
        for (size_t j = 0; j < library->count; j++, rows++) {
            const struct gb_cel_overload *row = &library->overloads[j];
            if (!row->doc || !row->doc[0] || row->doc[strlen(row->doc) - 1] != '.')
                fail_msg("%s: %s has no sentence", library->name, row->name);
            bool function = !(row->flags & (GB_CEL_MACRO | GB_CEL_LAZY));
            if (function != (row->function != NULL))
                fail_msg("%s: %s: function and flags contradict", library->name, row->name);
        }
    }
    assert_true(rows > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_on_strings),    cmocka_unit_test(works_on_lists),
        cmocka_unit_test(works_on_numbers),    cmocka_unit_test(works_with_patterns),
        cmocka_unit_test(tables_are_complete),
    };
    return cmocka_run_group_tests(tests, cel_set_up, cel_tear_down);
}
