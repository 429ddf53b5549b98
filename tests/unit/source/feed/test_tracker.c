// The Debian security tracker's JSON.
#include "feed_lines.h"

#include <stdio.h>
#include <stdlib.h>

#define URL " https://security-tracker.debian.org/tracker/"

static void statuses(void **state)
{
    (void)state;
    feed_expect(
        "json",
        "{\"openssl\": {\"CVE-2024-1\": {\"scope\": \"remote\", \"description\": \"d\", "
        "\"releases\": {\n"
        "\"bookworm\": {\"status\": \"resolved\", \"repositories\": {\"bookworm\": \"3.0\"}, "
        "\"fixed_version\": \"3.0-1\", \"urgency\": \"high**\"},\n"
        "\"bullseye\": {\"status\": \"open\", \"urgency\": \"low\", \"nodsa\": \"Minor issue\", "
        "\"nodsa_reason\": \"\"},\n"
        "\"buster\": {\"status\": \"open\", \"urgency\": \"end-of-life\"},\n"
        "\"trixie\": {\"status\": \"resolved\", \"fixed_version\": \"0\", \"urgency\": "
        "\"unimportant\"},\n"
        "\"sid\": {\"status\": \"undetermined\"},\n"
        "\"newname\": {\"status\": \"open\", \"urgency\": \"not yet assigned\"}}},\n"
        "\"TEMP-1-ABC\": {\"releases\": {\"sid\": {\"status\": \"open\", \"nodsa\": \"x\", "
        "\"nodsa_reason\": \"ignored\"}, \"forky\": {\"status\": \"open\", \"nodsa_reason\": "
        "\"postponed\"}}}}, \"zlib\": {\"CVE-2024-2\": {\"releases\": {\"sid\": {\"status\": "
        "\"undetermined\"}}}}}",
        "document debian-tracker\n"
        "advisory CVE-2024-1 [CVE-2024-1]" URL "CVE-2024-1\n"
        "  debian-12 openssl: affected fixed high remote [,3.0-1)\n"
        "  debian-11 openssl: affected deferred low remote [,) note=Minor issue\n"
        "  debian-10 openssl: affected end-of-life remote [,)\n"
        "  debian-13 openssl: not-affected negligible remote\n"
        "  debian-newname openssl: affected not-yet remote [,)\n"
        "advisory TEMP-1-ABC" URL "TEMP-1-ABC\n"
        "  debian-sid openssl: affected wont [,) note=x\n"
        "  debian-14 openssl: affected deferred [,)\n");
}

#define GOOD(name)                                                                                 \
    "\"" name "\": {\"CVE-2024-1\": {\"releases\": {\"sid\": {\"status\": \"open\"}}}}"
#define SEEN(name)                                                                                 \
    "advisory CVE-2024-1 [CVE-2024-1]" URL "CVE-2024-1\n"                                          \
    "  debian-sid " name ": affected not-yet [,)\n"

// One source that is wrong leaves the others.
static void partly_wrong(void **state)
{
    (void)state;
    feed_expect("json",
                "{" GOOD("a") ",\n\"b\": {\"CVE-2024-2\": {\n\"releases\": [1]}},\n\"c\": 7, "
                              "\"d\": {\"CVE-2024-2\": nonsense},\n" GOOD("e\\\"\xc3\xa9") "}\n",
                "document debian-tracker\n" SEEN(
                    "a") "left out json:3: expected an object, found a list\n"
                         "left out json:4: expected an object, found a number\n"
                         "left out json:4: expected a value, found 'n'\n" SEEN("e\\\"\xc3\xa9"));
    feed_refuse("json", "{" GOOD("a") ", \"b\": {\"CVE-2024-1\": {", GB_E_SYNTAX,
                "found the end of the text");
    feed_refuse("json", "{" GOOD("a") " \"b\"", GB_E_SYNTAX, "',' or '}'");
    feed_refuse("json", "{" GOOD("a") "} x", GB_E_SYNTAX, "the end of the text");
    feed_refuse("json", "{" GOOD("a") ", 3: 4}", GB_E_SYNTAX, "a key in double quotes");
}

// Larger than what is read at once, with strings across the borders.
static void large(void **state)
{
    (void)state;
    struct gb_buffer text = gb_buffer(64u << 20);
    gb_buffer_text(&text, "{");
    for (int i = 0; i < 6000; i++)
        gb_buffer_print(&text,
                        "%s\"package%d\": {\"CVE-2024-%d\": {\"description\": \"%0*d \\\" } ]\", "
                        "\"releases\": {\"sid\": {\"status\": \"open\"}}}}",
                        i ? ",\n" : "", i, i, i % 500, 0);
    gb_buffer_text(&text, "}");
    struct feed_lines *lines = feed_import("json", gb_buffer_str(&text), NULL);
    assert_int_equal(lines->code, 0);
    assert_int_equal(lines->summary.advisories, 6000);
    assert_int_equal(lines->summary.left_out, 0);
    gb_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses),
        cmocka_unit_test(partly_wrong),
        cmocka_unit_test(large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
