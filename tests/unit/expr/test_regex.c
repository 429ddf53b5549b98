// Regular expressions: what matches what, where, and which patterns are refused. Every row runs on
// every engine. Semantics are those of RE2 (leftmost match, first alternative preferred).
#include "base/encoding.h"
#include "expr/regex_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct gb_regex *compiled(struct gb_arena *arena, struct gb_str pattern)
{
    struct gb_regex *regex = NULL;
    struct gb_error err = {0};
    if (gb_regex_compile(pattern, arena, &regex, &err) < 0)
        fail_msg("/" GB_PRI "/ column %u: %s", GB_ARG(pattern), err.column, err.reason);
    return regex;
}

static const char *const engine_names[] = {"best", "fixed", "lazy", "simulation", "pike"};

static void expect_search(struct gb_str pattern, struct gb_str text, int expected)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    struct gb_regex *regex = compiled(arena, pattern);
    for (unsigned engine = GB_REGEX_ENGINE_BEST; engine <= GB_REGEX_ENGINE_PIKE; engine++) {
        int result = gb_regex_search_by(regex, text, engine, arena, NULL);
        if (result != expected)
            fail_msg("/" GB_PRI "/ in \"" GB_PRI "\" by %s: %d, expected %d", GB_ARG(pattern),
                     GB_ARG(text), engine_names[engine], result, expected);
    }
}

// The match as "0-4 1-2 - ..." (group 0 first), or "none".
static void expect_match(const char *pattern, struct gb_str text, size_t start,
                         const char *expected)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    struct gb_regex *regex = compiled(arena, gb_str_of(pattern));
    struct gb_str slices[10];
    size_t count = gb_regex_groups(regex) + 1;
    assert_true(count <= 10);
    char seen[256] = "none";
    int result = gb_regex_match(regex, text, start, slices, count, arena, NULL);
    assert_true(result >= 0);
    for (size_t i = 0, len = 0; result == 1 && i < count; i++) {
        if (slices[i].at)
            len += (size_t)snprintf(seen + len, sizeof seen - len, "%s%zu-%zu", i ? " " : "",
                                    (size_t)(slices[i].at - text.at),
                                    (size_t)(slices[i].at - text.at) + slices[i].len);
        else
            len += (size_t)snprintf(seen + len, sizeof seen - len, "%s-", i ? " " : "");
    }
    if (strcmp(seen, expected) != 0)
        fail_msg("/%s/ in \"" GB_PRI "\" from %zu: %s, expected %s", pattern, GB_ARG(text), start,
                 seen, expected);
}

struct search_row {
    const char *pattern, *text;
    int expected;
};

static void run_rows(const struct search_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_search(gb_str_of(rows[i].pattern), gb_str_of(rows[i].text), rows[i].expected);
}
#define RUN(rows) run_rows((rows), sizeof(rows) / sizeof *(rows))

static void test_literals(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"", "", 1},
        {"", "abc", 1},
        {"abc", "xxabcxx", 1},
        {"abc", "xxabxcx", 0},
        {"abc", "ab", 0},
        {"^abc", "abcd", 1},
        {"^abc", "xabc", 0},
        {"^abc", "ab", 0},
        {"abc$", "xabc", 1},
        {"abc$", "abcx", 0},
        {"abc$", "bc", 0},
        {"^abc$", "abc", 1},
        {"^abc$", "abcd", 0},
        {"^$", "", 1},
        {"^$", "x", 0},
        {"$^", "", 1},
        {"x$^", "x", 0},
        {"\\Aabc\\z", "abc", 1},
        {"héllo", "say héllo", 1},
        {"héllo", "say hello", 0},
        {"日本", "日本語", 1},
        {"\xf0\x9f\x98\x80", "a\xf0\x9f\x98\x80z", 1},
        {"a.c", "abc", 1},
        {"a.c", "a\nc", 0},
        {"a.c", "a€c", 1},
        {"a..c", "a€c", 0},
        {"]", "]", 1},
        {"}", "}", 1},
        {"a{", "a{", 1},
        {"a{,2}", "a{,2}", 1},
        {"a{,2}", "aa", 0},
        {"a{1", "a{1", 1},
        {"a{01}", "a{01}", 1},
        {"a{x}", "a{x}", 1},
        {".*foo.*", "a foo b", 1},
        {".*foo.*", "a fo b", 0},
        {"a*b*", "zzz", 1},
    };
    RUN(rows);
}

static void test_operators(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"^a*$", "aaaa", 1},
        {"^a*$", "aaba", 0},
        {"^a+$", "", 0},
        {"^a+$", "a", 1},
        {"^a?$", "aa", 0},
        {"^ab|cd$", "abx", 1},
        {"^ab|cd$", "xcd", 1},
        {"^ab|cd$", "xcdx", 0},
        {"^(ab|cd)$", "cd", 1},
        {"^(ab|cd)$", "abcd", 0},
        {"^(?:ab|cd)+$", "abcdab", 1},
        {"^a{3}$", "aaa", 1},
        {"^a{3}$", "aa", 0},
        {"^a{2,}$", "a", 0},
        {"^a{2,}$", "aaaaa", 1},
        {"^a{2,3}$", "aaaa", 0},
        {"^a{2,3}$", "aaa", 1},
        {"^a{0}$", "", 1},
        {"^a{0}$", "a", 0},
        {"^a{0,1}b$", "b", 1},
        {"^(a{2}){3}$", "aaaaaa", 1},
        {"^(a{2}){3}$", "aaaaa", 0},
        {"^(|a)+$", "aaa", 1},
        {"^(a*)*$", "aaa", 1},
        {"^(a*)+b$", "aaab", 1},
        {"^(a|b|)*c$", "abbac", 1},
        {"^(?:)*x$", "x", 1},
        {"(|)", "", 1},
        {"a||b", "zz", 1},
        {"^(?:a??b)+?$", "abbab", 1},
        {"x*", "", 1},
        {"^.{3}$", "日本語", 1},
        {"^.{3}$", "日本", 0},
        {"^(^a)", "a", 1},
        {"(?:^a|^b)c", "xac", 0},
        {"(?:^a|^b)c", "bc", 1},
        {"(?:^a|b)c", "xbc", 1},
        {"(^a)+", "ba", 0},
        {"^*a", "a", 1},
        {"foo|bar|baz", "xxbazxx", 1},
        {"foo|bar|baz", "xxbaxx", 0},
    };
    RUN(rows);
}

static void test_classes(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"^[abc]+$", "cab", 1},
        {"^[a-c]+$", "cad", 0},
        {"^[^a-c]$", "d", 1},
        {"^[^a-c]$", "b", 0},
        {"^[^a]$", "\n", 1},
        {"^[]a]+$", "a]", 1},
        {"^[^]a]$", "]", 0},
        {"^[a-]+$", "-a", 1},
        {"^[-a]+$", "-a", 1},
        {"^[a-c-e]+$", "b-e", 1},
        {"^[a-c-e]+$", "d", 0},
        {"^[\\]\\-\\\\]+$", "]-\\", 1},
        {"^[\\d-z]+$", "4-z", 1},
        {"^[\\d-z]+$", "y", 0},
        {"^[[:alpha:]]+$", "abZ", 1},
        {"^[[:alpha:]]+$", "ab1", 0},
        {"^[[:^alpha:]]+$", "12", 1},
        {"^[[:digit:][:upper:]]+$", "A1", 1},
        {"^[[:space:]]$", "\v", 1},
        {"^\\s$", "\v", 0},
        {"^\\s$", "\f", 1},
        {"^[[:punct:]]+$", "!/:@[`{~", 1},
        {"^[[:punct:]]$", "a", 0},
        {"^[[:xdigit:]]+$", "09afAF", 1},
        {"^[[:xdigit:]]+$", "g", 0},
        {"^[[:word:]]+$", "a_1", 1},
        {"^[[:cntrl:]]+$", "\x01\x7f", 1},
        {"^[[:blank:]]+$", " \t", 1},
        {"^[[:blank:]]+$", "\n", 0},
        {"^[[:graph:]]+$", "a b", 0},
        {"^[[:print:]]+$", "a b", 1},
        {"^[[:ascii:]]$", "é", 0},
        {"^[[:a]+$", "[:a", 1},
        {"^\\d+$", "0123456789", 1},
        {"^\\d$", "٣", 0}, // ASCII digits only
        {"^\\D$", "٣", 1},
        {"^\\w+$", "aZ_9", 1},
        {"^\\w$", "é", 0},
        {"^\\W$", "é", 1},
        {"^[\\D]$", "5", 0},
        {"^[^\\D]$", "5", 1},
        {"^[^\\d\\s]+$", "ab", 1},
        {"^[^\\d\\s]+$", "a b", 0},
        {"^[à-ü]+$", "éèç", 1},
        {"^[à-ü]$", "À", 0},
        {"^[^é]$", "é", 0},
        {"^[^é]$", "ê", 1},
        {"^[\\x{1F600}-\\x{1F64F}]$", "\xf0\x9f\x98\x80", 1},
        {"^[\\x{1F600}-\\x{1F64F}]$", "\xf0\x9f\x99\x90", 0},
    };
    RUN(rows);
}

static void test_unicode_classes(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"^\\p{Greek}+$", "αβγ", 1},
        {"^\\p{Greek}+$", "abc", 0},
        {"^\\P{Greek}+$", "abc", 1},
        {"^\\p{^Greek}$", "α", 0},
        {"^\\P{^Greek}$", "α", 1},
        {"^\\pL+$", "aéß日", 1},
        {"^\\pL+$", "a1", 0},
        {"^\\PL+$", "1 2", 1},
        {"^\\p{Lu}$", "É", 1},
        {"^\\p{Lu}$", "é", 0},
        {"^\\p{Nd}+$", "1٣", 1},
        {"^\\p{Any}+$", "a\n日", 1},
        {"^[\\p{Lu}\\p{Nd}]+$", "A1", 1},
        {"^[^\\p{Lu}]$", "A", 0},
        {"^[\\P{Lu}]$", "a", 1},
        {"^\\p{Sc}$", "€", 1},
        {"^\\p{Han}+$", "日本", 1},
        {"^\\p{Zs}$", "\xc2\xa0", 1},
        {"^\\p{Cs}$", "a", 0},
        {"^\\p{Old_Italic}$", "\xf0\x90\x8c\x80", 1},
    };
    RUN(rows);
}

static void test_case_folding(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"(?i)abc", "xABcx", 1},
        {"(?i)abc", "xABx", 0},
        {"(?i)straße", "STRAẞE", 1},
        {"(?i)^k$", "\xe2\x84\xaa", 1}, // Kelvin sign
        {"(?i)^[j-l]$", "\xe2\x84\xaa", 1},
        {"(?i)^s$", "ſ", 1},
        {"(?i)^[^k]$", "K", 0},
        {"(?i)^σ+$", "Σςσ", 1},
        {"(?i)^ДА$", "да", 1},
        {"(?i)^\\p{Lu}+$", "aÉ", 1},
        {"(?i)^[[:upper:]]+$", "abc", 1},
        {"(?i)^[A-Z]+$", "xyz", 1},
        {"(?i)^ǆ$", "ǅ", 1},
        {"(?i:a)b", "Ab", 1},
        {"(?i:a)b", "AB", 0},
        {"a(?i)b", "aB", 1},
        {"a(?i)b", "AB", 0},
        {"(a(?i)b)c", "aBc", 1},
        {"(a(?i)b)c", "aBC", 0},
        {"(?i)a(?-i)b", "Ab", 1},
        {"(?i)a(?-i)b", "AB", 0},
        {"(?i)a|b", "B", 1},
        {"(?i)1", "1", 1},
    };
    RUN(rows);
}

static void test_flags_and_assertions(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"(?s)a.b", "a\nb", 1},
        {"(?s:a.)b.", "a\nb\n", 0},
        {"^b", "a\nb", 0},
        {"(?m)^b", "a\nb", 1},
        {"(?m)a$", "a\nb", 1},
        {"a$", "a\n", 0},
        {"(?m)a\\z", "a\nb", 0},
        {"(?m)^$", "a\n\nb", 1},
        {"(?m)^$", "a\nb", 0},
        {"(?m)^\\Ab", "a\nb", 0},
        {"(?ms)^.*$", "", 1},
        {"(?m-s)^b$", "a\nb\nc", 1},
        {"\\bfoo\\b", "a foo b", 1},
        {"\\bfoo\\b", "afoo", 0},
        {"\\bfoo\\b", "food", 0},
        {"\\bfoo\\b", "foo", 1},
        {"\\Boo\\b", "foo", 1},
        {"\\Bfoo", "foo", 0},
        {"\\b", "", 0},
        {"\\B", "", 1},
        {"\\b", "a", 1},
        {"\\B", "a", 0},
        {"\\B", "aéa", 0}, // not between the bytes of a character
        {"\\B", "ab", 1},
        {"a\\b.", "aé", 1},
        {"^\\b$", "", 0},
        {"(?m)\\b$", "ab\n", 1},
        {"$\\b", "a", 1},
        {"$\\b", "-", 0},
        {"(?m)$\\n^b", "a\nb", 1},
        {"(?m)(^|,)x(,|$)", "a\nx,y", 1},
        {"(?m)(^|,)x(,|$)", "ax,y", 0},
        {"\\b\\B", "ab", 0},
        {"^(\\b|\\B)a", "a", 1},
    };
    RUN(rows);
}

static void test_escapes(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"^\\x41\\x{42}\\x{00043}$", "ABC", 1},
        {"^\\x{10FFFF}$", "\xf4\x8f\xbf\xbf", 1},
        {"^\\101\\0101$",
         "A\x08"
         "1",
         1},
        {"^\\a\\f\\t\\n\\r\\v$", "\a\f\t\n\r\v", 1},
        {"^\\.\\*\\_\\-\\/\\\"$", ".*_-/\"", 1},
        {"^\\Qa.b*\\E+$", "a.b***", 1},
        {"^\\Qa.b*\\E$", "axb", 0},
        {"^\\Q\\\\E$", "\\", 1},
        {"^\\Qa|b", "a|b", 1},
        {"^\\Q\\E$", "", 1},
        {"\\x{D800}", "\xed\xa0\x80", 0},
        {"^[\\x00-\\x{10FFFF}]$", "é", 1},
    };
    RUN(rows);
    expect_search(GB_STR("^\\0$"), GB_STR("\0"), 1);
    expect_search(GB_STR("a\0b"), GB_STR("a\0b"), 1);
    expect_search(GB_STR("^[\\0-\\x1f]$"), GB_STR("\0"), 1);
}

static void test_invalid_text(void **state)
{
    (void)state;
    static const struct search_row rows[] = {
        {"^.$", "\xff", 1},
        {"^..$", "\xc3\x28", 1},
        {"^.$", "\xe2\x82", 0},
        {"^..$", "\xe2\x82", 1},
        {"^...$",
         "\xe2\x82"
         "A",
         1},
        {"^\\x{FFFD}$", "\x80", 1},
        {"\xef\xbf\xbd", "a\x80", 1},
        {"a\xef\xbf\xbd$", "a\x80", 1},
        {"^[^a]+$", "\xc0\x80", 1},
        {"^a.*b$",
         "a\xf5\xf6"
         "b",
         1},
        {"b",
         "\xf0\x9f"
         "b",
         1},
        {"\\w\\B\\W", "a\xff", 0},
        {"^\\pL+$", "\xff", 0},
        {"^\\P{L}$", "\xff", 1},
        {"(?:é|x)y",
         "\xc3"
         "xy",
         1},
        {"^.{3}$", "\xed\xa0\x80", 1},     // a surrogate is three invalid bytes
        {"^.{4}$", "\xf4\x90\x80\x80", 1}, // above U+10FFFF
        {"^.{2}$", "\xc1\xbf", 1},         // overlong
        {"(?:x|^){2}", "\x9f", 1},
        {"(?m)^(?:)", "\n\x9f", 1},
    };
    RUN(rows);
    expect_match("b.d",
                 GB_STR("a\xff"
                        "b\xfe"
                        "d"),
                 0, "2-5");
    expect_match("(b)(.)",
                 GB_STR("\xff\xff"
                        "b\xfe"),
                 2, "2-4 2-3 3-4");
}

static void test_groups(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        size_t start;
        const char *expected;
    } rows[] = {
        {"abc", "xabc", 0, "1-4"},
        {"", "abc", 1, "1-1"},
        {"a+", "baac", 0, "1-3"},
        {"a+?", "baac", 0, "1-2"},
        {"(?U)a+", "baac", 0, "1-2"},
        {"(?U)a+?", "baac", 0, "1-3"},
        {"a|ab", "ab", 0, "0-1"},
        {"ab|a", "ab", 0, "0-2"},
        {"(a|ab)(c|bcd)", "abcd", 0, "0-4 0-1 1-4"},
        {"(a+)(b+)", "xaabbx", 0, "1-5 1-3 3-5"},
        {"(a)|(b)", "b", 0, "0-1 - 0-1"},
        {"(a)|(b)", "a", 0, "0-1 0-1 -"},
        {"(?:(a)|b)*", "ab", 0, "0-2 0-1"},
        {"(a*)*", "aa", 0, "0-2 0-2"},
        {"(a*)+", "b", 0, "0-0 0-0"},
        {"(|a)*", "aa", 0, "0-0 0-0"},
        {"(|a)+", "aa", 0, "0-0 0-0"},
        {"(a|)+", "aa", 0, "0-2 1-2"},
        {"(.*)b", "abab", 0, "0-4 0-3"},
        {"(.*?)b", "abab", 0, "0-2 0-1"},
        {"(?P<year>\\d{4})-(?<month>\\d\\d)", "on 2026-11-21", 0, "3-10 3-7 8-10"},
        {"^a", "aa", 1, "none"},
        {"a", "aba", 1, "2-3"},
        {"\\ba", "ba a", 1, "3-4"},
        {"a$", "ab", 0, "none"},
        {"(?m)^(\\w+)$", "a b\ncd\n", 0, "4-6 4-6"},
        {"(é+)(.)", "xéé€y", 0, "1-8 1-5 5-8"},
        {"((a)(b)?)+", "aba", 0, "0-3 2-3 2-3 1-2"},
        {"x{2,3}?", "xxxx", 0, "0-2"},
        {"x{2,3}", "xxxx", 0, "0-3"},
        {"(foo|foobar)(.*)", "foobar", 0, "0-6 0-3 3-6"},
        {"\\B", "éa", 0, "0-0"},
        {"\\Ba|a", "éba", 0, "3-4"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_match(rows[i].pattern, gb_str_of(rows[i].text), rows[i].start, rows[i].expected);
}

static struct gb_str unhexed(struct gb_arena *arena, struct gb_str hex)
{
    struct gb_str bytes;
    if (gb_hex_decode(arena, hex, &bytes) < 0)
        fail_msg("not hexadecimal: " GB_PRI, GB_ARG(hex));
    return bytes;
}

static void check_recorded(struct gb_str line)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    struct gb_str word, pattern;
    struct gb_regex *regex = NULL;
    assert_true(gb_str_next_word(&line, &word));
    pattern = unhexed(arena, word);
    bool refused = gb_regex_compile(pattern, arena, &regex, NULL) < 0;
    assert_true(gb_str_next_word(&line, &word));
    if (refused || gb_str_is(word, "E")) {
        if (refused != gb_str_is(word, "E"))
            fail_msg("/" GB_PRI "/ was %s", GB_ARG(pattern), refused ? "refused" : "accepted");
        return;
    }
    struct gb_str text = unhexed(arena, gb_str_from(word, 1));
    struct gb_str slices[20];
    int result = gb_regex_match(regex, text, 0, slices, 20, arena, NULL);
    for (unsigned engine = GB_REGEX_ENGINE_BEST; engine <= GB_REGEX_ENGINE_PIKE; engine++)
        assert_int_equal(gb_regex_search_by(regex, text, engine, arena, NULL), result);
    for (size_t i = 0; gb_str_next_word(&line, &word); i++) {
        int64_t place = -1;
        if (gb_str_is(word, "N") || gb_str_to_int(word, &place) < 0)
            place = -2;
        const struct gb_str *slice = &slices[i / 2];
        int64_t seen = result != 1 ? -2 : !slice->at ? -1 : slice->at - text.at;
        seen += seen >= 0 && i % 2 ? (int64_t)slice->len : 0;
        if (seen != place)
            fail_msg("/" GB_PRI "/ in \"" GB_PRI "\": place %zu is %lld, expected %lld",
                     GB_ARG(pattern), GB_ARG(text), i, (long long)seen, (long long)place);
    }
}

// What another engine of the same semantics found.
static void test_recorded(void **state)
{
    (void)state;
    char path[4096];
    const char *tree = getenv("GABION_TREE");
    snprintf(path, sizeof path, "%s/tests/unit/expr/regex_cases.txt", tree ? tree : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[4096];
    size_t count = 0;
    while (fgets(line, sizeof line, file)) {
        struct gb_str text = gb_str_trim(gb_str_of(line));
        if (line[0] == '#')
            continue;
        check_recorded(text);
        count++;
    }
    fclose(file);
    assert_true(count > 1000);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        int code;
        unsigned column;
        const char *reason;
    } rows[] = {
        {"abc(def", GB_E_SYNTAX, 4, "missing )"},
        {"abc)", GB_E_SYNTAX, 4, "unexpected )"},
        {"a[bc", GB_E_SYNTAX, 2, "missing ]"},
        {"[]", GB_E_SYNTAX, 1, "missing ]"},
        {"[^]", GB_E_SYNTAX, 1, "missing ]"},
        {"*a", GB_E_SYNTAX, 1, "nothing to repeat"},
        {"a|*", GB_E_SYNTAX, 3, "nothing to repeat"},
        {"(+)", GB_E_SYNTAX, 2, "nothing to repeat"},
        {"\\Q\\E*", GB_E_SYNTAX, 5, "nothing to repeat"},
        {"a**", GB_E_SYNTAX, 3, "repetition of a repetition"},
        {"a+*", GB_E_SYNTAX, 3, "repetition of a repetition"},
        {"a{2}{3}", GB_E_SYNTAX, 5, "repetition of a repetition"},
        {"a??+", GB_E_SYNTAX, 4, "repetition of a repetition"},
        {"a{1001}", GB_E_SYNTAX, 2, "at most 1000"},
        {"a{2,99999999999}", GB_E_SYNTAX, 2, "at most 1000"},
        {"a{3,2}", GB_E_SYNTAX, 2, "above its maximum"},
        {"(a{100}){100}", GB_E_LIMIT, 9, "multiply"},
        {"[z-a]", GB_E_SYNTAX, 2, "ends before"},
        {"[a-\\d]", GB_E_SYNTAX, 4, "unknown escape"},
        {"[[:nope:]]", GB_E_SYNTAX, 2, "unknown class name"},
        {"a\\", GB_E_SYNTAX, 2, "backslash at the end"},
        {"\\y", GB_E_SYNTAX, 1, "unknown escape"},
        {"\\é", GB_E_SYNTAX, 1, "unknown escape"},
        {"(a)\\1", GB_E_SYNTAX, 4, "back-references"},
        {"\\8", GB_E_SYNTAX, 1, "back-references"},
        {"\\C", GB_E_SYNTAX, 1, "\\C"},
        {"\\Z", GB_E_SYNTAX, 1, "\\z"},
        {"\\x4", GB_E_SYNTAX, 1, "\\xHH"},
        {"\\x{}", GB_E_SYNTAX, 1, "\\xHH"},
        {"\\x{12", GB_E_SYNTAX, 1, "\\xHH"},
        {"\\x{110000}", GB_E_SYNTAX, 1, "U+10FFFF"},
        {"\\x{FFFFFFFFFFFFFFFFF}", GB_E_SYNTAX, 1, "U+10FFFF"},
        {"\\p", GB_E_SYNTAX, 1, "expected a Unicode class"},
        {"\\pQ", GB_E_SYNTAX, 1, "no Unicode category or script"},
        {"\\p{Greec}", GB_E_SYNTAX, 1, "did you mean Greek?"},
        {"\\p{Greek", GB_E_SYNTAX, 1, "missing }"},
        {"\\p{}", GB_E_SYNTAX, 1, "no Unicode category"},
        {"(?=a)", GB_E_SYNTAX, 3, "look-around"},
        {"a(?!b)", GB_E_SYNTAX, 4, "look-around"},
        {"(?<=a)b", GB_E_SYNTAX, 3, "look-around"},
        {"(?<!a)b", GB_E_SYNTAX, 3, "look-around"},
        {"(?>a)", GB_E_SYNTAX, 3, "look-around"},
        {"(?x)a", GB_E_SYNTAX, 3, "unknown flag"},
        {"(?i-)a", GB_E_SYNTAX, 5, "expected a flag"},
        {"(?i-s-m)a", GB_E_SYNTAX, 6, "second -"},
        {"(?i", GB_E_SYNTAX, 3, "missing )"},
        {"(?P<n", GB_E_SYNTAX, 6, "group name"},
        {"(?P<>a)", GB_E_SYNTAX, 5, "group name"},
        {"(?P<n-m>a)", GB_E_SYNTAX, 6, "group name"},
        {"(?P<n>a)(?<n>b)", GB_E_SYNTAX, 12, "exists already"},
        {"a\xff", GB_E_SYNTAX, 2, "not valid UTF-8"},
        {"[\xc3]", GB_E_SYNTAX, 2, "not valid UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
        struct gb_regex *regex = NULL;
        struct gb_error err = {0};
        int code = gb_regex_compile(gb_str_of(rows[i].pattern), arena, &regex, &err);
        if (code != rows[i].code || err.code != code || err.column != rows[i].column ||
            !strstr(err.reason, rows[i].reason))
            fail_msg("/%s/: code %d column %u \"%s\", expected %d, %u, \"%s\"", rows[i].pattern,
                     code, err.column, err.reason, rows[i].code, rows[i].column, rows[i].reason);
        assert_null(regex);
    }
}

// A pattern of `count` times `piece` between `open` and `close`.
static struct gb_str repeated(struct gb_arena *arena, const char *open, const char *piece,
                              size_t count, const char *close)
{
    size_t unit = strlen(piece), len = 0;
    char *text = gb_alloc(arena, strlen(open) + unit * count + strlen(close) + 1);
    assert_non_null(text);
    memcpy(text, open, strlen(open));
    len += strlen(open);
    for (size_t i = 0; i < count; i++, len += unit)
        memcpy(text + len, piece, unit);
    memcpy(text + len, close, strlen(close));
    return (struct gb_str){text, len + strlen(close)};
}

static int compile_code(struct gb_str pattern)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    struct gb_regex *regex = NULL;
    struct gb_error err = {0};
    return gb_regex_compile(pattern, arena, &regex, &err);
}

static void test_limits(void **state)
{
    (void)state;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    assert_int_equal(compile_code(repeated(arena, "", "a", GB_REGEX_MAX_PATTERN, "")), 0);
    assert_int_equal(compile_code(repeated(arena, "", "a", GB_REGEX_MAX_PATTERN + 1, "")),
                     GB_E_LIMIT);
    assert_int_equal(compile_code(repeated(arena, "", "(?:", 200, "a")), GB_E_SYNTAX);
    assert_int_equal(compile_code(repeated(arena, "", "(?:", 1000, "a")), GB_E_LIMIT);
    assert_int_equal(compile_code(repeated(arena, "", "()", 200, "")), 0);
    assert_int_equal(compile_code(repeated(arena, "", "()", 201, "")), GB_E_LIMIT);
    assert_int_equal(compile_code(GB_STR("(?:a{1000})")), 0);
    assert_int_equal(compile_code(GB_STR("\\pL{1000}")), GB_E_LIMIT);
    assert_int_equal(compile_code(repeated(arena, "", "a{1000}", 500, "")), GB_E_LIMIT);
    assert_int_equal(compile_code(repeated(arena, "(?:", "|", 3000, "){1000}")), GB_E_LIMIT);
    assert_int_equal(compile_code(repeated(arena, "[", "\\pL", 1300, "]")), 0);
    assert_int_equal(compile_code(repeated(arena, "(?i)[", "\\P{L}", 680, "]")), 0);
}

static void test_no_allocation_for_small_patterns(void **state)
{
    (void)state;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 1u << 20);
    static const char *const patterns[] = {"^(yes|no|prohibit-password)$", "(?i)error",
                                           "^[a-z][a-z0-9-]{0,30}$", "\\bfoo\\b.*bar"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct gb_regex *regex = compiled(arena, gb_str_of(patterns[i]));
        GB_CLEANUP(gb_arena_free) struct gb_arena *none = gb_arena_new("none", 0);
        assert_true(gb_regex_search(regex, GB_STR("something else altogether"), none, NULL) >= 0);
        assert_false(gb_arena_failed(none));
    }
}

// Steps per byte must not grow with the text.
static void test_linear_time(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(a*)*b",
        "(x+x+)+y",
        "(a|aa)+$",
        "(.*)(.*)(.*)(.*)[yz]b",
        "(?:a?){50}a{50}b",
        "(a|b)*a(a|b){12}c",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
    };
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 256u << 20);
    char *text = gb_alloc(arena, 40001);
    for (size_t i = 0; i < 40000; i++)
        text[i] = i % 3 == 2 ? 'x' : 'a';
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct gb_regex *regex = compiled(arena, gb_str_of(patterns[i]));
        for (unsigned engine = GB_REGEX_ENGINE_FIXED; engine <= GB_REGEX_ENGINE_PIKE; engine++) {
            for (unsigned kind = 0; kind < 3; kind++) {
                if (kind)
                    memset(text, kind == 1 ? 'a' : 'x', 40000);
                uint64_t steps[2] = {0};
                for (unsigned grown = 0; grown < 2; grown++) {
                    uint64_t count = 0;
                    struct gb_str subject = {text, grown ? 40000 : 4000};
                    assert_true(gb_regex_search_by(regex, subject, engine, arena, &count) >= 0);
                    steps[grown] = count;
                    if (count > (subject.len + 1) * (regex->inst_count * 3 + 1))
                        fail_msg("/%s/ by %s: %llu steps for %zu bytes", patterns[i],
                                 engine_names[engine], (unsigned long long)count, subject.len);
                }
                if (steps[1] > steps[0] * 11 + 1000)
                    fail_msg("/%s/ by %s: %llu steps for 4000 bytes, %llu for 40000", patterns[i],
                             engine_names[engine], (unsigned long long)steps[0],
                             (unsigned long long)steps[1]);
            }
        }
    }
}

// A DFA of 2^13 states does not fit the cache: it is flushed, then given up, and the answer stays.
static void test_cache_overflow(void **state)
{
    (void)state;
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    struct gb_regex *regex = compiled(arena, GB_STR("(?:a|b)*a(?:a|b){14}c"));
    assert_null(regex->dfa.next);
    char *text = gb_alloc(arena, 50000);
    uint32_t random = 12345;
    for (size_t i = 0; i < 50000; i++) {
        random = random * 1103515245 + 12345;
        text[i] = random >> 16 & 1 ? 'a' : 'b';
    }
    for (int expected = 0; expected < 2; expected++) {
        if (expected) {
            text[49980] = 'a';
            text[49995] = 'c';
        }
        struct gb_str subject = {text, 50000};
        assert_int_equal(gb_regex_lazy_search(regex, subject, 0, 16 << 10, arena, NULL), expected);
        assert_int_equal(gb_regex_lazy_search(regex, subject, 0, 512 << 10, arena, NULL), expected);
        assert_int_equal(gb_regex_lazy_search(regex, subject, 0, 64, arena, NULL), expected);
        assert_int_equal(gb_regex_lazy_search(regex, subject, 0, 0, arena, NULL), expected);
    }
}

static void test_memory_failures(void **state)
{
    (void)state;
    const struct gb_str pattern = GB_STR("(?i)(\\pL+|[^x]{2,5})@(é|\\bfoo)$");
    const struct gb_str text = GB_STR("some people@FOO");
    unsigned failures = 0, successes = 0;
    for (size_t nth = 1; nth < 1000; nth += nth < 100 ? 1 : 7) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
        GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("test", 1u << 20);
        struct gb_regex *regex = NULL;
        struct gb_error err = {0};
        gb_arena_fail_at(nth);
        int code = gb_regex_compile(pattern, arena, &regex, &err);
        gb_arena_fail_at(0);
        if (code == 0) { // without its fixed DFA at worst: the answer is the same
            assert_int_equal(gb_regex_search(regex, text, scratch, NULL), 1);
            successes++;
        } else {
            assert_int_equal(code, GB_E_MEMORY);
            assert_null(regex);
            failures++;
        }
    }
    assert_true(failures > 20 && successes > 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("test", 64u << 20);
    struct gb_regex *regex = compiled(arena, pattern);
    for (unsigned engine = GB_REGEX_ENGINE_LAZY; engine <= GB_REGEX_ENGINE_PIKE; engine++) {
        size_t nth = 1;
        for (int result = GB_E_MEMORY; result < 0; nth++) {
            gb_arena_fail_at(nth);
            result = gb_regex_search_by(regex, text, engine, arena, NULL);
            gb_arena_fail_at(0);
            assert_true(result == GB_E_MEMORY || result == 1);
        }
        assert_true(nth > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_unicode_classes),
        cmocka_unit_test(test_case_folding),
        cmocka_unit_test(test_flags_and_assertions),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_invalid_text),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_no_allocation_for_small_patterns),
        cmocka_unit_test(test_linear_time),
        cmocka_unit_test(test_cache_overflow),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
