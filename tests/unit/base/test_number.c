// base/number.h: doubles to and from text, against the C library, in any locale.
#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static double read_good(const char *text)
{
    double value = 77;
    if (gb_number_double(gb_str_of(text), &value) != GB_OK)
        fail_msg("%s", text);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void test_hard_cases(void **state)
{
    (void)state;
    // Halfway between doubles, just beside it, at the edges of the range, with many digits.
    static const char *const cases[] = {
        "0",
        "-0",
        "0.0e0",
        "1",
        "0.1",
        "0.3",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.00000000000000000000000001",
        "123456789012345678901234567890",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "2.4703282292062327208e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "6.0221409e+23",
        "1E-5",
        "+1.5",
        ".5",
        "5.",
        "00012.500",
        "0.000000000000000000000000000000000000000000000000000000000001",
        "179769313486231580793728971405301e276",
        "1e-400",
        "1e-99999999999",
        "8.5e-16",
        "3.5844466002796428e+298",
        "6.9294956446009195e15",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203126",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double expected = strtod(cases[i], NULL);
        double value = read_good(cases[i]);
        if (bits_of(value) != bits_of(expected))
            fail_msg("%s: %.17g, not %.17g", cases[i], value, expected);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        {"", GB_E_SYNTAX},
        {".", GB_E_SYNTAX},
        {"+", GB_E_SYNTAX},
        {"e5", GB_E_SYNTAX},
        {"1e", GB_E_SYNTAX},
        {"1e+", GB_E_SYNTAX},
        {"1e5x", GB_E_SYNTAX},
        {" 1", GB_E_SYNTAX},
        {"1 ", GB_E_SYNTAX},
        {"0x10", GB_E_SYNTAX},
        {"inf", GB_E_SYNTAX},
        {"nan", GB_E_SYNTAX},
        {"1,5", GB_E_SYNTAX},
        {"--1", GB_E_SYNTAX},
        {"1.2.3", GB_E_SYNTAX},
        {"1e999", GB_E_RANGE},
        {"-1e309", GB_E_RANGE},
        {"1.7976931348623159e308", GB_E_RANGE},
        {"1e99999999999999999999", GB_E_RANGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 77;
        int code = gb_number_double(gb_str_of(cases[i].text), &value);
        if (code != cases[i].code || value != 77)
            fail_msg("%s: %d", cases[i].text, code);
    }
    char digits[GB_NUMBER_LONGEST + 1];
    memset(digits, '0', sizeof digits);
    double value;
    assert_int_equal(gb_number_double((struct gb_str){digits, sizeof digits}, &value), GB_E_LIMIT);
    digits[0] = '1';
    assert_int_equal(gb_number_double((struct gb_str){digits, 300}, &value), GB_OK);
    assert_true(value == 1e299);
    digits[1] = '.';
    assert_int_equal(gb_number_double((struct gb_str){digits, GB_NUMBER_LONGEST}, &value), GB_OK);
    assert_true(value == 1);
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {3, "3"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e300, "1e+300"},
        {123456789, "123456789"},
        {1e15, "1e+15"},
        {5e-324, "5e-324"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {1.0 / 3, "0.3333333333333333"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "nan"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[GB_NUMBER_DOUBLE_SIZE];
        size_t len = gb_number_double_text(cases[i].number, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(len, strlen(text));
    }
}

static void test_every_pattern_comes_back(void **state)
{
    (void)state;
    // A fixed walk over bit patterns of all exponents.
    uint64_t bits = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 200000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        char text[GB_NUMBER_DOUBLE_SIZE];
        size_t len = gb_number_double_text(number, text);
        if (gb_number_double((struct gb_str){text, len}, &back) != GB_OK ||
            bits_of(back) != bits_of(number))
            fail_msg("%s", text);
    }
}

static void test_locale_with_a_comma(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    const char *found = NULL;
    for (size_t i = 0; !found && i < sizeof names / sizeof *names; i++)
        found = setlocale(LC_NUMERIC, names[i]);
    if (!found) {
        print_message("# no locale with a decimal comma is installed\n");
        skip();
    }
    char text[GB_NUMBER_DOUBLE_SIZE];
    gb_number_double_text(1234.5, text);
    double back = read_good("1234.5678901234567890123456789");
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(text, "1234.5");
    assert_true(back == 1234.5678901234568);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hard_cases),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_every_pattern_comes_back),
        cmocka_unit_test(test_locale_with_a_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
