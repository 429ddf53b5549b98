// Single characters, escapes and bracket expressions of regular expressions. Used by regex_parse.c.
#include "expr/regex_parser.h"

#include "base/utf8.h"
#include "expr/unicode.h"

static struct gb_regex_class *new_class(struct gb_regex_parser *p)
{
    struct gb_regex_class *class = gb_alloc(p->arena, sizeof *class);
    if (class)
        class->arena = p->arena;
    return class;
}

static struct gb_regex_node *class_node(struct gb_regex_parser *p, struct gb_regex_class *class)
{
    struct gb_regex_node *node = gb_regex_parser_node(p, GB_REGEX_CLASS);
    if (!node)
        return NULL;
    gb_regex_class_finish(class);
    if (class->count == 1 && class->ranges[0].low == class->ranges[0].high) {
        node->kind = GB_REGEX_CHARACTER;
        node->character = class->ranges[0].low;
    } else {
        node->class = class;
    }
    return node;
}

// Adds a part of a bracket expression, which is a class of its own until it is folded and negated.
static void add_part(struct gb_regex_parser *p, struct gb_regex_class *set,
                     struct gb_regex_class *part, bool negated)
{
    if (p->flags & GB_REGEX_FLAG_FOLD)
        gb_regex_class_fold(part);
    if (negated)
        gb_regex_class_negate(part);
    gb_regex_class_add_class(set, part);
}

static bool read_character(struct gb_regex_parser *p, uint32_t *character)
{
    struct gb_str rest = {p->at, (size_t)(p->end - p->at)};
    size_t length = gb_utf8_decode(rest, character);
    if (!length)
        return gb_regex_parser_fail(p, p->at, "the pattern is not valid UTF-8") != NULL;
    p->at += length;
    return true;
}

static struct gb_regex_node *character_node(struct gb_regex_parser *p, uint32_t character)
{
    struct gb_regex_class *class = new_class(p);
    if (!class)
        return gb_regex_parser_no_memory(p);
    gb_regex_class_add(class, character, character);
    if (p->flags & GB_REGEX_FLAG_FOLD)
        gb_regex_class_fold(class);
    return class_node(p, class);
}

struct gb_regex_node *gb_regex_parse_literal(struct gb_regex_parser *p)
{
    uint32_t character;
    return read_character(p, &character) ? character_node(p, character) : NULL;
}

struct gb_regex_node *gb_regex_parse_dot(struct gb_regex_parser *p)
{
    struct gb_regex_class *class = new_class(p);
    if (!class)
        return gb_regex_parser_no_memory(p);
    if (p->flags & GB_REGEX_FLAG_DOT_NEWLINE) {
        gb_regex_class_add(class, 0, GB_UTF8_LARGEST);
    } else {
        gb_regex_class_add(class, '\n', '\n');
        gb_regex_class_negate(class);
    }
    return class_node(p, class);
}

struct gb_regex_node *gb_regex_parse_assert(struct gb_regex_parser *p, uint8_t assert)
{
    struct gb_regex_node *node = gb_regex_parser_node(p, GB_REGEX_ASSERT);
    if (node)
        node->assert = assert;
    return node;
}

// --- escapes

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// After "\x": two digits, or any number in braces.
static bool read_hex(struct gb_regex_parser *p, const char *start, uint32_t *character)
{
    uint32_t value = 0;
    int digits = 0;
    bool braces = p->at < p->end && *p->at == '{';
    if (braces)
        p->at++;
    for (; p->at < p->end && hex_digit(*p->at) >= 0 && (braces || digits < 2); p->at++, digits++) {
        value = value * 16 + (uint32_t)hex_digit(*p->at);
        if (value > GB_UTF8_LARGEST)
            return gb_regex_parser_fail(p, start, "a character above U+10FFFF") != NULL;
    }
    bool ended = braces ? digits > 0 && p->at < p->end && *p->at == '}' : digits == 2;
    if (!ended)
        return gb_regex_parser_fail(p, start, "expected \\xHH or \\x{HHHH}") != NULL;
    p->at += braces;
    *character = value;
    return true;
}

static bool is_octal(const struct gb_regex_parser *p)
{
    return p->at < p->end && *p->at >= '0' && *p->at <= '7';
}

// The character that an escape stands for. At the backslash.
static bool read_escaped(struct gb_regex_parser *p, uint32_t *character)
{
    const char *start = p->at++;
    if (p->at == p->end)
        return gb_regex_parser_fail(p, start, "a backslash at the end of the pattern") != NULL;
    char c = *p->at++;
    static const char names[] = "aftnrv", values[] = "\a\f\t\n\r\v";
    const char *name = memchr(names, c, sizeof names - 1);
    if (name) {
        *character = (uint32_t)values[name - names];
        return true;
    }
    if (c == 'x')
        return read_hex(p, start, character);
    if (c >= '1' && c <= '9' && (c >= '8' || !is_octal(p)))
        return gb_regex_parser_fail(p, start,
                                    "back-references are not supported (RE2 syntax, matched in "
                                    "linear time)") != NULL;
    if (c >= '0' && c <= '7') {
        *character = (uint32_t)(c - '0');
        for (int more = 0; more < 2 && is_octal(p); more++)
            *character = *character * 8 + (uint32_t)(*p->at++ - '0');
        return true;
    }
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (unsigned char)c >= 0x80)
        return gb_regex_parser_fail(p, start, "unknown escape") != NULL;
    *character = (unsigned char)c;
    return true;
}

static bool unknown_unicode_name(struct gb_regex_parser *p, const char *start, struct gb_str name)
{
    struct gb_str names[256];
    size_t count = gb_unicode_set_count < 256 ? gb_unicode_set_count : 256;
    for (size_t i = 0; i < count; i++)
        names[i] = gb_str_of(gb_unicode_sets[i].name);
    struct gb_str near = gb_str_nearest(name, names, count);
    name = gb_str_sub(name, 0, 40);
    return gb_regex_parser_fail(
               p, start, "no Unicode category or script \"" GB_PRI "\"%s" GB_PRI "%s", GB_ARG(name),
               near.len ? " (did you mean " : "", GB_ARG(near), near.len ? "?)" : "") != NULL;
}

// \pL, \p{Greek}, \P{^Lu}. At the backslash.
static bool read_unicode_class(struct gb_regex_parser *p, struct gb_regex_class *set)
{
    const char *start = p->at;
    bool negated = p->at[1] == 'P';
    p->at += 2;
    struct gb_str name = {p->at, 1};
    if (p->at == p->end)
        return gb_regex_parser_fail(p, start, "expected a Unicode class: \\pL or \\p{Greek}") !=
               NULL;
    if (*p->at == '{') {
        const char *close = memchr(p->at, '}', (size_t)(p->end - p->at));
        if (!close)
            return gb_regex_parser_fail(p, start, "missing } of a Unicode class") != NULL;
        name = (struct gb_str){p->at + 1, (size_t)(close - p->at) - 1};
        p->at = close + 1;
    } else {
        p->at++;
    }
    if (name.len && name.at[0] == '^') {
        negated = !negated;
        name = gb_str_from(name, 1);
    }
    struct gb_regex_class named = {.arena = p->arena};
    if (!gb_regex_class_add_unicode(&named, name))
        return unknown_unicode_name(p, start, name);
    add_part(p, set, &named, negated);
    return true;
}

// Whether an escape names a class (\d, \pL); then it is read and added to the set.
static bool read_class_escape(struct gb_regex_parser *p, struct gb_regex_class *set, bool *found)
{
    *found = false;
    if (p->end - p->at < 2 || p->at[0] != '\\')
        return true;
    char letter = p->at[1];
    if (letter == 'p' || letter == 'P') {
        *found = true;
        return read_unicode_class(p, set);
    }
    struct gb_regex_class named = {.arena = p->arena};
    if (!gb_regex_class_add_perl(&named, letter))
        return true;
    *found = true;
    p->at += 2;
    add_part(p, set, &named, letter < 'a');
    return true;
}

struct gb_regex_node *gb_regex_parse_escape(struct gb_regex_parser *p)
{
    char letter = p->end - p->at >= 2 ? p->at[1] : 0;
    static const char letters[] = "AzbB";
    static const uint8_t asserts[] = {GB_REGEX_BEGIN_TEXT, GB_REGEX_END_TEXT, GB_REGEX_WORD_EDGE,
                                      GB_REGEX_NO_WORD_EDGE};
    const char *known = letter ? memchr(letters, letter, sizeof letters - 1) : NULL;
    if (known) {
        p->at += 2;
        return gb_regex_parse_assert(p, asserts[known - letters]);
    }
    if (letter == 'C')
        return gb_regex_parser_fail(p, p->at, "\\C is not supported: it would split a character");
    if (letter == 'Z')
        return gb_regex_parser_fail(p, p->at, "\\Z is not supported: use \\z");
    struct gb_regex_class *class = new_class(p);
    bool found;
    if (!class)
        return gb_regex_parser_no_memory(p);
    if (!read_class_escape(p, class, &found))
        return NULL;
    if (found)
        return class_node(p, class);
    uint32_t character;
    return read_escaped(p, &character) ? character_node(p, character) : NULL;
}

// --- bracket expressions

static bool read_bracket_character(struct gb_regex_parser *p, uint32_t *character)
{
    return *p->at == '\\' ? read_escaped(p, character) : read_character(p, character);
}

// [:alpha:] at p->at; *found is false where it is no such name but an ordinary bracket.
static bool read_posix_class(struct gb_regex_parser *p, struct gb_regex_class *set, bool *found)
{
    struct gb_str rest = {p->at, (size_t)(p->end - p->at)};
    *found = false;
    if (!gb_str_starts(rest, GB_STR("[:")))
        return true;
    ptrdiff_t close = gb_str_find(gb_str_from(rest, 2), GB_STR(":]"));
    if (close < 0)
        return true;
    struct gb_str name = gb_str_sub(rest, 2, (size_t)close);
    bool negated = name.len && name.at[0] == '^';
    struct gb_regex_class named = {.arena = p->arena};
    if (!gb_regex_class_add_posix(&named, negated ? gb_str_from(name, 1) : name))
        return gb_regex_parser_fail(p, p->at,
                                    "unknown class name: expected alnum, alpha, ascii, "
                                    "blank, cntrl, digit, graph, lower, print, punct, "
                                    "space, upper, word or xdigit") != NULL;
    *found = true;
    p->at += (size_t)close + 4;
    add_part(p, set, &named, negated);
    return true;
}

static bool read_bracket_range(struct gb_regex_parser *p, struct gb_regex_class *set)
{
    const char *start = p->at;
    uint32_t low, high;
    if (!read_bracket_character(p, &low))
        return false;
    high = low;
    if (p->end - p->at >= 2 && p->at[0] == '-' && p->at[1] != ']') {
        p->at++;
        if (!read_bracket_character(p, &high))
            return false;
        if (high < low)
            return gb_regex_parser_fail(p, start, "a range that ends before it begins") != NULL;
    }
    struct gb_regex_class range = {.arena = p->arena};
    gb_regex_class_add(&range, low, high);
    add_part(p, set, &range, false);
    return true;
}

struct gb_regex_node *gb_regex_parse_bracket(struct gb_regex_parser *p)
{
    const char *start = p->at++;
    struct gb_regex_class *class = new_class(p);
    if (!class)
        return gb_regex_parser_no_memory(p);
    bool negated = p->at < p->end && *p->at == '^';
    p->at += negated;
    for (const char *first = p->at; p->at < p->end && (*p->at != ']' || p->at == first);) {
        bool found;
        if (!read_posix_class(p, class, &found))
            return NULL;
        if (found)
            continue;
        if (!read_class_escape(p, class, &found))
            return NULL;
        if (!found && !read_bracket_range(p, class))
            return NULL;
    }
    if (p->at == p->end)
        return gb_regex_parser_fail(p, start, "missing ] for this [");
    p->at++;
    if (negated)
        gb_regex_class_negate(class);
    return class_node(p, class);
}
