// Regular expressions: any pattern, any text. All engines must agree; a match must lie within the
// text and its groups within what was matched; PCRE2, where it is installed, must find the same
// match for patterns that mean the same to it. Input: pattern, a newline, text.
#include "expr/regex_program.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef GB_WITH_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void fail(struct gb_str pattern, struct gb_str text, const char *what, long seen,
                           long expected)
{
    fprintf(stderr, "/" GB_PRI "/ in \"" GB_PRI "\": %s: %ld, expected %ld\n", GB_ARG(pattern),
            GB_ARG(text), what, seen, expected);
    abort();
}

#ifdef GB_WITH_PCRE2
// Constructs whose meaning differs between RE2 and PCRE2, or that PCRE2 lacks.
static bool means_the_same(struct gb_str pattern, struct gb_str text)
{
    static const char *const differing[] = {"\\", "(?", "[:", "$",  "{", "[^]",
                                            "[]", "++", "?+", "*+", "#"};
    for (size_t i = 0; i < sizeof differing / sizeof *differing; i++)
        if (gb_str_contains(pattern, gb_str_of(differing[i])))
            return false;
    for (size_t i = 0; i < pattern.len; i++)
        if ((uint8_t)pattern.at[i] >= 0x80 || pattern.at[i] == 0)
            return false;
    // An optional part that can match nothing is entered differently.
    if (gb_str_contains(pattern, GB_STR(")*")) || gb_str_contains(pattern, GB_STR(")+")) ||
        gb_str_contains(pattern, GB_STR(")?")))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.at[i] >= 0x80)
            return false;
    return true;
}

static void compare_with_pcre2(struct gb_str pattern, struct gb_str text, int result,
                               struct gb_str found)
{
    if (!means_the_same(pattern, text) || pattern.len > 60 || text.len > 60)
        return;
    int code;
    PCRE2_SIZE offset;
    pcre2_code *peer = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, 0, &code, &offset, NULL);
    if (!peer)
        return;
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(peer, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(context, 100000);
    int peer_result = pcre2_match(peer, (PCRE2_SPTR)text.at, text.len, 0, 0, data, context);
    if (peer_result >= 0 || peer_result == PCRE2_ERROR_NOMATCH) {
        if ((peer_result >= 0) != result)
            fail(pattern, text, "PCRE2", result, peer_result);
        const PCRE2_SIZE *places = pcre2_get_ovector_pointer(data);
        if (result && (size_t)(found.at - text.at) != places[0])
            fail(pattern, text, "begin", found.at - text.at, (long)places[0]);
        if (result && (size_t)(found.at - text.at) + found.len != places[1])
            fail(pattern, text, "end", found.at - text.at + (long)found.len, (long)places[1]);
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_code_free(peer);
}
#endif

static void check_groups(struct gb_regex *regex, struct gb_str pattern, struct gb_str text,
                         int expected, struct gb_arena *scratch)
{
    enum { MAX_SLICES = 8 };
    struct gb_str slices[MAX_SLICES];
    int result = gb_regex_match(regex, text, 0, slices, MAX_SLICES, scratch, NULL);
    if (result < 0)
        return;
    if (result != expected)
        fail(pattern, text, "match", result, expected);
    for (size_t i = 0; result && i < MAX_SLICES; i++) {
        if (!slices[i].at)
            continue;
        if (slices[i].at < text.at || slices[i].at + slices[i].len > text.at + text.len)
            fail(pattern, text, "group outside the text", (long)i, 0);
        if (slices[i].at < slices[0].at ||
            slices[i].at + slices[i].len > slices[0].at + slices[0].len)
            fail(pattern, text, "group outside the match", (long)i, 0);
    }
#ifdef GB_WITH_PCRE2
    compare_with_pcre2(pattern, text, result, slices[0]);
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    const char *newline = size ? memchr(bytes, '\n', size) : NULL;
    if (!newline || size > 4096)
        return 0;
    struct gb_str pattern = {bytes, (size_t)(newline - bytes)};
    struct gb_str text = {newline + 1, size - pattern.len - 1};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("pattern", 32u << 20);
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 64u << 20);
    struct gb_regex *regex = NULL;
    struct gb_error err = {0};
    if (!arena || !scratch)
        return 0;
    int code = gb_regex_compile(pattern, arena, &regex, &err);
    if (code < 0) {
        if (err.code != code || !err.reason[0] || err.column > pattern.len + 1)
            fail(pattern, text, "error without a place", (long)err.column, code);
        return 0;
    }
    int expected = gb_regex_search(regex, text, scratch, NULL);
    if (expected < 0)
        return 0;
    for (unsigned engine = GB_REGEX_ENGINE_FIXED; engine <= GB_REGEX_ENGINE_PIKE; engine++) {
        uint64_t steps = 0;
        int result = gb_regex_search_by(regex, text, engine, scratch, &steps);
        if (result >= 0 && result != expected)
            fail(pattern, text, "engine", result, expected);
        // Twice: text that is not UTF-8 may be searched again, three times as long.
        uint64_t bound = (uint64_t)(text.len * 4 + 2) * (regex->inst_count * 3 + 2);
        if (steps > bound)
            fail(pattern, text, "steps", (long)steps, (long)bound);
    }
    check_groups(regex, pattern, text, expected, scratch);
    return 0;
}
