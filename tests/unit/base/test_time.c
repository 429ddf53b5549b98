// base/time.h: dates against the C library's, RFC 3339 and durations against their texts.
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

static void test_civil_matches_gmtime(void **state)
{
    (void)state;
    // Steps of about 11 days and some hours over all 9,999 years, with both ends.
    for (int64_t at = GB_TIME_MINIMUM; at <= GB_TIME_MAXIMUM; at += 987654) {
        struct gb_civil c;
        gb_time_civil(at, &c);
        time_t seconds = (time_t)at;
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday ||
            c.hour != tm.tm_hour || c.minute != tm.tm_min || c.second != tm.tm_sec ||
            c.weekday != tm.tm_wday || c.yearday != tm.tm_yday) {
            print_error("%lld\n", (long long)at);
            fail();
        }
        int64_t back;
        assert_int_equal(gb_time_from_civil(&c, &back), GB_OK);
        assert_true(back == at);
    }
    struct gb_civil first, last;
    gb_time_civil(INT64_MIN, &first);
    assert_int_equal(first.year, 1);
    assert_int_equal(first.yearday, 0);
    gb_time_civil(INT64_MAX, &last);
    assert_int_equal(last.year, 9999);
    assert_int_equal(last.second, 59);
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        int64_t seconds;
        int32_t nanos;
        const char *again; // NULL: the same
    } cases[] = {
        {"1970-01-01T00:00:00Z", GB_OK, 0, 0, NULL},
        {"2009-02-13T23:31:30Z", GB_OK, 1234567890, 0, NULL},
        {"0001-01-01T00:00:00Z", GB_OK, GB_TIME_MINIMUM, 0, NULL},
        {"9999-12-31T23:59:59.999999999Z", GB_OK, GB_TIME_MAXIMUM, 999999999, NULL},
        {"1969-12-31T23:59:59.5Z", GB_OK, -1, 500000000, NULL},
        {"2000-02-29t12:00:00.120z", GB_OK, 951825600, 120000000, "2000-02-29T12:00:00.12Z"},
        {"2026-11-01T01:00:00+01:30", GB_OK, 1793489400, 0, "2026-10-31T23:30:00Z"},
        {"2026-11-01T01:00:00-00:30", GB_OK, 1793496600, 0, "2026-11-01T01:30:00Z"},
        {"2026-11-01T01:00:00.1234567899Z", GB_OK, 1793494800, 123456789,
         "2026-11-01T01:00:00.123456789Z"},
        {"0001-01-01T00:00:00+00:01", GB_E_RANGE, 0, 0, NULL},
        {"9999-12-31T23:59:59-00:01", GB_E_RANGE, 0, 0, NULL},
        {"0000-01-01T00:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-02-29T00:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"1900-02-29T00:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-13-01T00:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-00-01T00:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-01-00T00:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-01-01T24:00:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-01-01T00:60:00Z", GB_E_RANGE, 0, 0, NULL},
        {"2026-06-30T23:59:60Z", GB_E_RANGE, 0, 0, NULL},
        {"", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01T00:00:00", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01 00:00:00Z", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01T00:00:00.Z", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01T00:00Z", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01T00:00:00Zx", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01T00:00:00+0100", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-11-01T00:00:00+24:00", GB_E_SYNTAX, 0, 0, NULL},
        {"10000-01-01T00:00:00Z", GB_E_SYNTAX, 0, 0, NULL},
        {"2026-1-01T00:00:00Z", GB_E_SYNTAX, 0, 0, NULL},
        {"+026-11-01T00:00:00Z", GB_E_SYNTAX, 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds = -7;
        int32_t nanos = -7;
        int code = gb_time_parse(gb_str_of(cases[i].text), &seconds, &nanos);
        bool good = code == cases[i].code;
        if (good && code == GB_OK) {
            char text[GB_TIME_SIZE];
            size_t len = gb_time_text(seconds, nanos, text);
            good = seconds == cases[i].seconds && nanos == cases[i].nanos && len == strlen(text) &&
                   strcmp(text, cases[i].again ? cases[i].again : cases[i].text) == 0;
        } else {
            good = good && seconds == -7 && nanos == -7;
        }
        if (!good) {
            print_error("%s: code %d, %lld %d\n", cases[i].text, code, (long long)seconds, nanos);
            fail();
        }
    }
}

static void test_date(void **state)
{
    (void)state;
    int64_t at;
    char text[GB_TIME_SIZE];
    assert_int_equal(gb_date_parse(GB_STR("2027-01-31"), &at), GB_OK);
    assert_true(at == 1801353600);
    assert_int_equal(gb_date_text(at + 86399, text), 10);
    assert_string_equal(text, "2027-01-31");
    assert_int_equal(gb_date_parse(GB_STR("2027-01-31T"), &at), GB_E_SYNTAX);
    assert_int_equal(gb_date_parse(GB_STR("2027-02-31"), &at), GB_E_RANGE);
}

static void test_durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
        int64_t seconds;
        int32_t nanos;
        const char *plain, *words;
    } cases[] = {
        {"0", GB_OK, 0, 0, "0s", "0s"},
        {"0s", GB_OK, 0, 0, "0s", "0s"},
        {"1h2m3.5s", GB_OK, 3723, 500000000, "3723.5s", "1h2m3.5s"},
        {"-90s", GB_OK, -90, 0, "-90s", "-1m30s"},
        {"+1.5m", GB_OK, 90, 0, "90s", "1m30s"},
        {"1000000s", GB_OK, 1000000, 0, "1000000s", "277h46m40s"},
        {"1ns", GB_OK, 0, 1, "0.000000001s", "0.000000001s"},
        {"-1ms", GB_OK, 0, -1000000, "-0.001s", "-0.001s"},
        {"3\xc2\xb5s", GB_OK, 0, 3000, "0.000003s", "0.000003s"},
        {"3\xce\xbcs", GB_OK, 0, 3000, "0.000003s", "0.000003s"},
        {"3us", GB_OK, 0, 3000, "0.000003s", "0.000003s"},
        {".5s", GB_OK, 0, 500000000, "0.5s", "0.5s"},
        {"5.s", GB_OK, 5, 0, "5s", "5s"},
        {"0.3333333333333333333333333h", GB_OK, 1199, 999999999, "1199.999999999s",
         "19m59.999999999s"},
        {"1.9ns", GB_OK, 0, 1, "0.000000001s", "0.000000001s"},
        {"1s1h", GB_OK, 3601, 0, "3601s", "1h0m1s"},
        {"315576000000s", GB_OK, 315576000000, 0, "315576000000s", "87660000h0m0s"},
        {"-315576000000s", GB_OK, -315576000000, 0, "-315576000000s", "-87660000h0m0s"},
        {"315576000000s1ns", GB_E_RANGE, 0, 0, NULL, NULL},
        {"320000000000s", GB_E_RANGE, 0, 0, NULL, NULL},
        {"99999999999999999999999999999999999999999999h", GB_E_RANGE, 0, 0, NULL, NULL},
        {"99999999999999999999999999999999999999999999q", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"-", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"1", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"s", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {".s", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"1 s", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"1d", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"--1s", GB_E_SYNTAX, 0, 0, NULL, NULL},
        {"1h-1m", GB_E_SYNTAX, 0, 0, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds = -7;
        int32_t nanos = -7;
        int code = gb_duration_parse(gb_str_of(cases[i].text), &seconds, &nanos);
        bool good = code == cases[i].code;
        char plain[GB_DURATION_SIZE] = "", words[GB_DURATION_SIZE] = "";
        if (good && code == GB_OK) {
            good = seconds == cases[i].seconds && nanos == cases[i].nanos &&
                   gb_duration_text(seconds, nanos, plain) == strlen(plain) &&
                   gb_duration_words(seconds, nanos, words) == strlen(words) &&
                   strcmp(plain, cases[i].plain) == 0 && strcmp(words, cases[i].words) == 0;
        } else {
            good = good && seconds == -7 && nanos == -7;
        }
        if (!good) {
            print_error("%s: code %d, %lld %d, %s, %s\n", cases[i].text, code, (long long)seconds,
                        nanos, plain, words);
            fail();
        }
    }
    char text[GB_DURATION_SIZE];
    gb_duration_text(INT64_MIN, -999999999, text);
    assert_string_equal(text, "-9223372036854775808.999999999s");
    gb_duration_words(INT64_MIN, -999999999, text);
    assert_string_equal(text, "-2562047788015215h30m8.999999999s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civil_matches_gmtime),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
