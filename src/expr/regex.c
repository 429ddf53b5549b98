// Regular expressions: compiles a pattern and chooses the engine for a search. Used by the
// expression language and by rules.
#include "expr/regex.h"

#include "expr/regex_program.h"

#include "base/utf8.h"

enum {
    WORK_LIMIT = 64 << 20,  // memory while compiling
    LAZY_CACHE = 512 << 10, // of the lazy DFA, in the caller's scratch
    WORTH_REQUIRED = 64,    // bytes of text from which on the required string is looked for first
};

static int compile(struct gb_str pattern, struct gb_arena *arena, struct gb_arena *work,
                   struct gb_regex **ret, struct gb_error *err)
{
    struct gb_regex *regex = gb_alloc(arena, sizeof *regex);
    if (!work || !regex)
        return gb_error_set(err, GB_E_MEMORY, "out of memory for the regular expression");
    struct gb_regex_syntax syntax;
    int code = gb_regex_parse(pattern, work, &syntax, err);
    if (code == 0)
        code = gb_regex_build(&syntax, arena, work, regex, err);
    if (code < 0)
        return code;
    if (regex->literal_kind == GB_REGEX_LITERAL_NONE)
        gb_regex_dfa_build(regex, arena, work);
    if (gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "out of memory for the regular expression");
    *ret = regex;
    return 0;
}

int gb_regex_compile(struct gb_str pattern, struct gb_arena *arena, struct gb_regex **ret,
                     struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *work = gb_arena_new("regex", WORK_LIMIT);
    return compile(pattern, arena, work, ret, err);
}

int gb_regex_compile_within(struct gb_str pattern, struct gb_arena *arena, struct gb_regex **ret,
                            struct gb_error *err)
{
    return compile(pattern, arena, arena, ret, err);
}

size_t gb_regex_groups(const struct gb_regex *regex)
{
    return regex->groups;
}

uint64_t gb_regex_compile_steps(const struct gb_regex *regex)
{
    enum { STEPS_AN_INSTRUCTION = 80 }; // as measured
    return regex->build_steps + (uint64_t)regex->inst_count * STEPS_AN_INSTRUCTION;
}

// --- text that is not UTF-8

// Where a place of the text lies in its copy, or the other way round.
static size_t translate_place(struct gb_str text, size_t place, bool to_copy)
{
    size_t in_text = 0, in_copy = 0;
    while (in_text < text.len && (to_copy ? in_text : in_copy) < place) {
        uint32_t character;
        size_t length = gb_utf8_decode(gb_str_from(text, in_text), &character);
        in_text += length ? length : 1;
        in_copy += length ? length : 3; // U+FFFD
    }
    return to_copy ? in_copy : in_text;
}

// --- search

static bool search_literal(const struct gb_regex *regex, struct gb_str text)
{
    struct gb_str literal = regex->literal;
    switch (regex->literal_kind) {
    case GB_REGEX_LITERAL_EXACT:
        return gb_str_eq(text, literal);
    case GB_REGEX_LITERAL_PREFIX:
        return literal.len <= text.len && memcmp(text.at, literal.at, literal.len) == 0;
    case GB_REGEX_LITERAL_SUFFIX:
        return literal.len <= text.len &&
               memcmp(text.at + (text.len - literal.len), literal.at, literal.len) == 0;
    default:
        return memmem(text.at, text.len, literal.at, literal.len) != NULL;
    }
}

static int search_by(const struct gb_regex *regex, struct gb_str text, enum gb_regex_engine engine,
                     struct gb_arena *scratch, uint64_t *steps)
{
    switch (engine) {
    case GB_REGEX_ENGINE_LAZY:
        return gb_regex_lazy_search(regex, text, 0, LAZY_CACHE, scratch, steps);
    case GB_REGEX_ENGINE_SIMULATION:
        return gb_regex_lazy_search(regex, text, 0, 0, scratch, steps);
    case GB_REGEX_ENGINE_PIKE:
        return gb_regex_pike_match(regex, text, 0, NULL, 0, scratch, steps);
    case GB_REGEX_ENGINE_BEST:
        if (regex->literal_kind != GB_REGEX_LITERAL_NONE)
            return search_literal(regex, text);
        if (text.len >= WORTH_REQUIRED && regex->required.len &&
            !memmem(text.at, text.len, regex->required.at, regex->required.len))
            return 0;
        break;
    case GB_REGEX_ENGINE_FIXED:
        break;
    }
    if (regex->dfa.next)
        return gb_regex_dfa_search(regex, text, 0, steps);
    return gb_regex_lazy_search(regex, text, 0, LAZY_CACHE, scratch, steps);
}

int gb_regex_search_by(const struct gb_regex *regex, struct gb_str text,
                       enum gb_regex_engine engine, struct gb_arena *scratch, uint64_t *steps)
{
    if (!text.at)
        text.at = "";
    // What matches the text as it is also matches with the invalid bytes replaced; the other way
    // round only where U+FFFD can be part of a match. So valid text is never checked for nothing.
    int result = search_by(regex, text, engine, scratch, steps);
    if (result != 0 || !regex->matches_replacement || gb_utf8_valid(text))
        return result;
    struct gb_mark mark = gb_arena_mark(scratch);
    struct gb_str copy = gb_utf8_clean(scratch, text);
    result = copy.len ? search_by(regex, copy, engine, scratch, steps) : GB_E_MEMORY;
    gb_arena_reset(scratch, mark);
    return result;
}

int gb_regex_search(const struct gb_regex *regex, struct gb_str text, struct gb_arena *scratch,
                    uint64_t *steps)
{
    return gb_regex_search_by(regex, text, GB_REGEX_ENGINE_BEST, scratch, steps);
}

int gb_regex_match(const struct gb_regex *regex, struct gb_str text, size_t start,
                   struct gb_str *slices, size_t slice_count, struct gb_arena *scratch,
                   uint64_t *steps)
{
    for (size_t i = 0; i < slice_count; i++)
        slices[i] = (struct gb_str){0};
    if (!text.at)
        text.at = "";
    if (start > text.len)
        return 0;
    struct gb_mark mark = gb_arena_mark(scratch);
    bool copied = regex->matches_replacement && !gb_utf8_valid(text);
    struct gb_str subject = copied ? gb_utf8_clean(scratch, text) : text;
    size_t known = slice_count < regex->groups + 1u ? slice_count : regex->groups + 1u;
    size_t *slots = gb_alloc_array(scratch, known * 2, sizeof *slots);
    int result = GB_E_MEMORY;
    if (subject.at && slots)
        result =
            gb_regex_pike_match(regex, subject, copied ? translate_place(text, start, true) : start,
                                slots, known * 2, scratch, steps);
    for (size_t i = 0; result == 1 && i < known; i++) {
        size_t from = slots[i * 2], to = slots[i * 2 + 1];
        if (from == SIZE_MAX || to == SIZE_MAX)
            continue;
        if (copied) {
            from = translate_place(text, from, false);
            to = translate_place(text, to, false);
        }
        slices[i] = (struct gb_str){text.at + from, to - from};
    }
    gb_arena_reset(scratch, mark);
    return result;
}
