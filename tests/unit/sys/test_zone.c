// sys/zone.h: against the C library's reading of the same files, rules at the end of a file, and
// files and names that are not what they should be.
#include "sys/zone.h"

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char directory[] = "/usr/share/zoneinfo";

static void test_against_c_library(void **state)
{
    (void)state;
    if (chdir(directory) != 0) {
        print_message("no time zones are installed here\n");
        skip();
    }
    static const char *const names[] = {"UTC",
                                        "Europe/Berlin",
                                        "America/New_York",
                                        "America/St_Johns",
                                        "Asia/Kolkata",
                                        "Australia/Lord_Howe",
                                        "Europe/Dublin",
                                        "Pacific/Apia",
                                        "Africa/Cairo",
                                        "Africa/Casablanca",
                                        "Asia/Tehran",
                                        "America/Santiago",
                                        "Asia/Pyongyang",
                                        "Etc/GMT+12",
                                        "EST5EDT",
                                        "America/Argentina/Buenos_Aires",
                                        "Asia/Gaza",
                                        "Pacific/Chatham",
                                        "America/Nuuk",
                                        "Antarctica/Troll"};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 4u << 20);
    struct gb_zones *zones = gb_zones_new(directory, arena);
    assert_non_null(zones);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        setenv("TZ", names[i], 1);
        tzset();
        // Steps of about 5 days from 1833 to 2470, then of years to the end.
        for (int64_t at = -4300000000; at < GB_TIME_MAXIMUM - 100000;
             at += at < 15800000000 ? 437891 : 31112345) {
            time_t moment = (time_t)at;
            struct tm tm;
            int32_t seen = -1;
            assert_non_null(localtime_r(&moment, &tm));
            assert_int_equal(gb_zones_offset(zones, gb_str_of(names[i]), at, &seen), GB_OK);
            if (seen != tm.tm_gmtoff)
                fail_msg("%s at %lld: %d, expected %ld", names[i], (long long)at, seen,
                         tm.tm_gmtoff);
        }
    }
    unsetenv("TZ");
    tzset();
}

static void test_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "/etc/passwd",
        "../../../etc/passwd",
        "Europe/../Europe/Berlin",
        "Europe//Berlin",
        "Europe/",
        "/UTC",
        "Europe/Berlin\n",
        ".",
        "Mars/Olympus",
        "Europe",
        "tzdata.zi",
        "zone1970.tab",
        "Europe/Berlin/",
        "UTC ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 1u << 20);
    struct gb_zones *zones = gb_zones_new(directory, arena);
    int32_t ignored;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gb_zones_offset(zones, gb_str_of(names[i]), 0, &ignored) != GB_E_NOT_FOUND)
            fail_msg("\"%s\" was found", names[i]);
    assert_int_equal(gb_zones_offset(zones, GB_STR("UTC\0x"), 0, &ignored), GB_E_NOT_FOUND);
    zones = gb_zones_new("/nonexistent", arena);
    assert_int_equal(gb_zones_offset(zones, GB_STR("UTC"), 0, &ignored), GB_E_NOT_FOUND);
}

// A zone of version 2 with one transition, from type 0 (+3600) to type 1 (+7200) at 1000.
struct made {
    char bytes[512];
    size_t len;
};

static void add(struct made *made, const char *bytes, size_t len)
{
    assert_true(made->len + len <= sizeof made->bytes);
    memcpy(made->bytes + made->len, bytes, len);
    made->len += len;
}

static void add_header(struct made *made, char version, unsigned times, unsigned types)
{
    char header[44] = "TZif";
    header[4] = version;
    header[35] = (char)times;
    header[39] = (char)types;
    header[43] = 4; // characters
    add(made, header, sizeof header);
}

static struct made make_zone(const char *footer)
{
    struct made made = {.len = 0};
    static const char types[] = "\0\0\x0e\x10\0\0"
                                "\0\0\x1c\x20\1\0"
                                "ABC";
    add_header(&made, '2', 0, 1);
    add(&made, "\0\0\0\0\0\0ABC", 10);
    add_header(&made, '2', 1, 2);
    add(&made, "\0\0\0\0\0\0\x03\xe8\1", 9);
    add(&made, types, sizeof types);
    add(&made, "\n", 1);
    add(&made, footer, strlen(footer));
    add(&made, "\n", 1);
    return made;
}

static int parse_code(const struct made *made, size_t len)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 1u << 20);
    struct gb_zone *zone;
    return gb_zone_parse((struct gb_str){made->bytes, len}, arena, &zone);
}

static void test_rules_of_the_footer(void **state)
{
    (void)state;
    static const struct {
        const char *footer;
        int64_t moment;
        int32_t expected;
    } rows[] = {
        {"", 999, 3600},
        {"", 1000, 7200},
        {"", GB_TIME_MAXIMUM, 7200},
        {"CET-1", 999, 3600},
        {"CET-1", 1000, 3600},
        {"<-0330>3:30", 5000, -12600},
        {"<+1234>-12:34:56", 5000, 45296},
        // 2026: 29 March 01:00 UTC, 25 October 01:00 UTC
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1774745999, 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1792889999, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1792890000, 3600},
        // winter is the exception
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1774745999, 0},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 1774746000, 3600},
        // south: summer crosses the year
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1767225600, 39600},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 1782864000, 36000},
        // Julian days: J60 is 1 March in every year, 59 is 29 February 2028
        {"A0B,J60/0,J365/0", 1835308799, 0},    // 2028-02-28T23:59:59Z
        {"A0B,J60/0,J365/0", 1835481599, 0},    // 2028-02-29T23:59:59Z
        {"A0B,J60/0,J365/0", 1835481600, 3600}, // 2028-03-01
        {"A0B,59/0,364/0", 1835395199, 0},
        {"A0B,59/0,364/0", 1835395200, 3600}, // 2028-02-29
        // times outside of their day: 8 March 02:00 and 8 November 01:00 UTC
        {"A3B,M3.2.0/-1,M11.1.0/167", 1772935199, -10800},
        {"A3B,M3.2.0/-1,M11.1.0/167", 1772935200, -7200},
        {"A3B,M3.2.0/-1,M11.1.0/167", 1794099599, -7200},
        {"A3B,M3.2.0/-1,M11.1.0/167", 1794099600, -10800},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 1u << 20);
        struct made made = make_zone(rows[i].footer);
        struct gb_zone *zone;
        if (gb_zone_parse((struct gb_str){made.bytes, made.len}, arena, &zone) < 0)
            fail_msg("\"%s\" was refused", rows[i].footer);
        int32_t seen = gb_zone_offset(zone, rows[i].moment);
        if (seen != rows[i].expected)
            fail_msg("\"%s\" at %lld: %d, expected %d", rows[i].footer, (long long)rows[i].moment,
                     seen, rows[i].expected);
    }
}

static void test_damaged_files(void **state)
{
    (void)state;
    static const char *const footers[] = {"CET",
                                          "-1",
                                          "<CET-1",
                                          "CET-",
                                          "CET-1CEST",
                                          "CET-26:00:01",
                                          "CET-1CEST,M3.5.0",
                                          "CET-1CEST,M13.5.0,M10.5.0",
                                          "CET-1CEST,M3.6.0,M10.5.0",
                                          "CET-1CEST,M3.5.7,M10.5.0",
                                          "CET-1CEST,J0,J5",
                                          "CET-1CEST,366,5",
                                          "CET-1CEST,M3.5.0/168,J5",
                                          "CET-1CEST,M3.5.0,M10.5.0/3x",
                                          "CET-99999",
                                          "CET-1:60"};
    for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
        struct made made = make_zone(footers[i]);
        if (parse_code(&made, made.len) != GB_E_SYNTAX)
            fail_msg("\"%s\" was read", footers[i]);
    }
    struct made made = make_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    assert_int_equal(parse_code(&made, made.len), GB_OK);
    for (size_t len = 0; len < made.len; len++)
        assert_int_equal(parse_code(&made, len), GB_E_SYNTAX);
    // A transition to a type that is not there; counts beyond the file.
    struct made changed = made;
    size_t second = 44 + 10 + 44;
    changed.bytes[second + 8] = 2;
    assert_int_equal(parse_code(&changed, changed.len), GB_E_SYNTAX);
    changed = made;
    changed.bytes[44 + 10 + 32] = 0x7f;
    assert_int_equal(parse_code(&changed, changed.len), GB_E_SYNTAX);
    changed = made;
    changed.bytes[second + 9] = 0x7f; // an offset of centuries
    assert_int_equal(parse_code(&changed, changed.len), GB_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_c_library),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_rules_of_the_footer),
        cmocka_unit_test(test_damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
