// Parser of regular expressions: RE2 syntax to a syntax tree. Sequences, groups, repetition and
// escapes are here; bracket expressions and literals stand in regex_atom.c.
#include "expr/regex_parser.h"

#include <stdarg.h>
#include <stdio.h>

static void *fail_with(struct gb_regex_parser *p, int code, const char *at, const char *what)
{
    if (!p->code)
        p->code = gb_error_at(p->err, code, NULL, 0, (uint32_t)(at - p->start) + 1, "%s", what);
    return NULL;
}

void *gb_regex_parser_fail(struct gb_regex_parser *p, const char *at, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return fail_with(p, GB_E_SYNTAX, at, what);
}

void *gb_regex_parser_no_memory(struct gb_regex_parser *p)
{
    return fail_with(p, GB_E_MEMORY, p->at, "out of memory for the regular expression");
}

struct gb_regex_node *gb_regex_parser_node(struct gb_regex_parser *p, uint8_t kind)
{
    struct gb_regex_node *node = gb_alloc(p->arena, sizeof *node);
    if (!node)
        return gb_regex_parser_no_memory(p);
    node->kind = kind;
    node->weight = 1;
    node->nullable = kind == GB_REGEX_EMPTY || kind == GB_REGEX_ASSERT;
    return node;
}

// Children of a sequence or alternation while it is read.
struct children {
    struct gb_regex_node **items;
    uint32_t count, capacity;
};

static bool add_child(struct gb_regex_parser *p, struct children *list, struct gb_regex_node *node)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 4;
        struct gb_regex_node **items =
            gb_grow_array(p->arena, list->items, list->count, capacity, sizeof(void *));
        if (!items)
            return gb_regex_parser_no_memory(p) != NULL;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = node;
    return true;
}

static struct gb_regex_node *join(struct gb_regex_parser *p, uint8_t kind, struct children list)
{
    if (list.count == 1)
        return list.items[0];
    struct gb_regex_node *node =
        gb_regex_parser_node(p, list.count ? kind : (uint8_t)GB_REGEX_EMPTY);
    if (!node || !list.count)
        return node;
    node->children = list.items;
    node->count = list.count;
    bool any = false, all = true;
    for (uint32_t i = 0; i < list.count; i++) {
        any |= list.items[i]->nullable;
        all &= list.items[i]->nullable;
        if (list.items[i]->weight > node->weight)
            node->weight = list.items[i]->weight;
    }
    node->nullable = kind == GB_REGEX_CONCAT ? all : any;
    return node;
}

// --- repetition

// A number of {n,m}: no leading zero. More digits than could be allowed give a number beyond it.
static bool read_count(const char **at, const char *end, int32_t *ret)
{
    const char *here = *at;
    if (here == end || *here < '0' || *here > '9')
        return false;
    if (*here == '0' && here + 1 < end && here[1] >= '0' && here[1] <= '9')
        return false;
    int32_t value = 0;
    for (; here < end && *here >= '0' && *here <= '9'; here++)
        if (value <= GB_REGEX_MAX_REPEAT)
            value = value * 10 + (*here - '0');
    *at = here;
    *ret = value;
    return true;
}

// The operator at *at, if there is one; moves *at behind it.
static bool read_operator(const char **at, const char *end, int32_t *minimum, int32_t *maximum)
{
    const char *here = *at;
    if (here == end)
        return false;
    switch (*here++) {
    case '*':
        *minimum = 0;
        *maximum = GB_REGEX_NO_MAXIMUM;
        break;
    case '+':
        *minimum = 1;
        *maximum = GB_REGEX_NO_MAXIMUM;
        break;
    case '?':
        *minimum = 0;
        *maximum = 1;
        break;
    case '{':
        if (!read_count(&here, end, minimum))
            return false;
        *maximum = *minimum;
        if (here < end && *here == ',') {
            here++;
            if (here < end && *here == '}')
                *maximum = GB_REGEX_NO_MAXIMUM;
            else if (!read_count(&here, end, maximum))
                return false;
        }
        if (here == end || *here++ != '}')
            return false;
        break;
    default:
        return false;
    }
    *at = here;
    return true;
}

// Wraps the last item of the sequence. `operator` stands at the operator, p->at behind it.
static bool repeat_last(struct gb_regex_parser *p, struct children *list, const char *operator,
                        int32_t minimum, int32_t maximum)
{
    if (!list->count)
        return gb_regex_parser_fail(p, operator, "nothing to repeat before this operator") != NULL;
    if (minimum > GB_REGEX_MAX_REPEAT || maximum > GB_REGEX_MAX_REPEAT)
        return gb_regex_parser_fail(p, operator, "a repetition count may be at most 1000") != NULL;
    if (maximum != GB_REGEX_NO_MAXIMUM && minimum > maximum)
        return gb_regex_parser_fail(p, operator, "a repetition's minimum is above its maximum") !=
               NULL;
    bool greedy = !(p->flags & GB_REGEX_FLAG_UNGREEDY);
    if (p->at < p->end && *p->at == '?') {
        greedy = !greedy;
        p->at++;
    }
    int32_t ignored[2];
    const char *second = p->at;
    if (read_operator(&second, p->end, &ignored[0], &ignored[1]))
        return gb_regex_parser_fail(p, p->at,
                                    "a repetition of a repetition needs a group: (?:x*)*") != NULL;
    struct gb_regex_node *node = gb_regex_parser_node(p, GB_REGEX_REPEAT);
    struct gb_regex_node **children = gb_alloc_array(p->arena, 1, sizeof *children);
    if (!node || !children)
        return gb_regex_parser_no_memory(p) != NULL;
    struct gb_regex_node *inner = list->items[list->count - 1];
    int32_t copies = maximum > minimum ? maximum : minimum;
    node->weight = inner->weight * (uint32_t)(copies > 1 ? copies : 1);
    if (node->weight > GB_REGEX_MAX_REPEAT)
        return fail_with(p, GB_E_LIMIT, operator,
                         "nested repetition counts multiply to more than 1000") != NULL;
    children[0] = inner;
    node->children = children;
    node->count = 1;
    node->minimum = minimum;
    node->maximum = maximum;
    node->greedy = greedy;
    node->nullable = minimum == 0 || inner->nullable;
    list->items[list->count - 1] = node;
    return true;
}

// --- groups

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// After "(?P<" or "(?<": the name and its ">".
static bool read_group_name(struct gb_regex_parser *p)
{
    const char *start = p->at;
    while (p->at < p->end && is_name_char(*p->at))
        p->at++;
    if (p->at == start || p->at == p->end || *p->at != '>')
        return gb_regex_parser_fail(
                   p, p->at, "a group name has letters, digits and _ and ends with >") != NULL;
    struct gb_str name = {start, (size_t)(p->at - start)};
    p->at++;
    for (const struct gb_regex_group_name *other = p->names; other; other = other->next)
        if (gb_str_eq(other->name, name))
            return gb_regex_parser_fail(p, start, "a group of this name exists already") != NULL;
    struct gb_regex_group_name *entry = gb_alloc(p->arena, sizeof *entry);
    if (!entry)
        return gb_regex_parser_no_memory(p) != NULL;
    *entry = (struct gb_regex_group_name){.name = name, .next = p->names};
    p->names = entry;
    return true;
}

// Flags after "(?": up to ":" (true in *opens) or ")".
static bool read_flags(struct gb_regex_parser *p, bool *opens)
{
    const char *start = p->at;
    uint32_t flags = p->flags;
    bool off = false, seen = false;
    for (; p->at < p->end; p->at++) {
        uint32_t flag = 0;
        switch (*p->at) {
        case 'i':
            flag = GB_REGEX_FLAG_FOLD;
            break;
        case 's':
            flag = GB_REGEX_FLAG_DOT_NEWLINE;
            break;
        case 'm':
            flag = GB_REGEX_FLAG_MULTILINE;
            break;
        case 'U':
            flag = GB_REGEX_FLAG_UNGREEDY;
            break;
        case '-':
            if (off)
                return gb_regex_parser_fail(p, p->at, "a second - among the flags") != NULL;
            off = true;
            seen = false;
            continue;
        case ':':
        case ')':
            if (off && !seen)
                return gb_regex_parser_fail(p, p->at, "expected a flag after -") != NULL;
            *opens = *p->at++ == ':';
            p->flags = flags;
            return true;
        case '=':
        case '!':
        case '>':
        case '<':
        case '#':
            return gb_regex_parser_fail(p, start,
                                        "look-around, atomic groups and comments are not supported "
                                        "(RE2 syntax, matched in linear time)") != NULL;
        default:
            return gb_regex_parser_fail(p, p->at, "unknown flag: expected i, m, s or U") != NULL;
        }
        seen = true;
        flags = off ? flags & ~flag : flags | flag;
    }
    return gb_regex_parser_fail(p, start, "missing ) of a group") != NULL;
}

static struct gb_regex_node *parse_alternation(struct gb_regex_parser *p);

static struct gb_regex_node *parse_group_body(struct gb_regex_parser *p, const char *open,
                                              bool capture)
{
    uint32_t group = capture ? ++p->groups : 0;
    if (p->groups > GB_REGEX_MAX_GROUPS)
        return fail_with(p, GB_E_LIMIT, open, "too many groups");
    if (++p->depth > GB_REGEX_MAX_DEPTH)
        return fail_with(p, GB_E_LIMIT, open, "groups are nested too deeply");
    struct gb_regex_node *body = parse_alternation(p);
    p->depth--;
    if (!body)
        return NULL;
    if (p->at == p->end)
        return gb_regex_parser_fail(p, open, "missing ) for this (");
    p->at++;
    if (!capture)
        return body;
    struct gb_regex_node *node = gb_regex_parser_node(p, GB_REGEX_GROUP);
    struct gb_regex_node **children = gb_alloc_array(p->arena, 1, sizeof *children);
    if (!node || !children)
        return gb_regex_parser_no_memory(p);
    children[0] = body;
    node->children = children;
    node->count = 1;
    node->group = group;
    node->nullable = body->nullable;
    node->weight = body->weight;
    return node;
}

// At "(". *flags_only is set where it only changed flags: "(?i)".
static struct gb_regex_node *parse_group(struct gb_regex_parser *p, bool *flags_only)
{
    const char *open = p->at++;
    uint32_t outer_flags = p->flags;
    bool capture = true;
    if (p->at < p->end && *p->at == '?') {
        struct gb_str rest = {p->at, (size_t)(p->end - p->at)};
        size_t skip = gb_str_starts(rest, GB_STR("?P<"))                                         ? 3
                      : gb_str_starts(rest, GB_STR("?<=")) || gb_str_starts(rest, GB_STR("?<!")) ? 0
                      : gb_str_starts(rest, GB_STR("?<"))                                        ? 2
                                                          : 0;
        p->at += skip ? skip : 1;
        if (skip) {
            if (!read_group_name(p))
                return NULL;
        } else {
            bool opens = false;
            capture = false;
            if (!read_flags(p, &opens))
                return NULL;
            if (!opens) {
                *flags_only = true;
                return NULL;
            }
        }
    }
    struct gb_regex_node *node = parse_group_body(p, open, capture);
    p->flags = outer_flags;
    return node;
}

// --- sequences

static struct gb_regex_node *parse_atom(struct gb_regex_parser *p, bool *flags_only)
{
    switch (*p->at) {
    case '(':
        return parse_group(p, flags_only);
    case '[':
        return gb_regex_parse_bracket(p);
    case '.':
        p->at++;
        return gb_regex_parse_dot(p);
    case '^':
        p->at++;
        return gb_regex_parse_assert(p, p->flags & GB_REGEX_FLAG_MULTILINE ? GB_REGEX_BEGIN_LINE
                                                                           : GB_REGEX_BEGIN_TEXT);
    case '$':
        p->at++;
        return gb_regex_parse_assert(p, p->flags & GB_REGEX_FLAG_MULTILINE ? GB_REGEX_END_LINE
                                                                           : GB_REGEX_END_TEXT);
    case '\\':
        return gb_regex_parse_escape(p);
    default:
        return gb_regex_parse_literal(p);
    }
}

static bool at_quote_mark(const struct gb_regex_parser *p, char mark)
{
    return p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == mark;
}

static struct gb_regex_node *parse_sequence(struct gb_regex_parser *p)
{
    struct children list = {0};
    bool quoted = false; // between \Q and \E
    while (p->at < p->end) {
        if (at_quote_mark(p, quoted ? 'E' : 'Q')) {
            quoted = !quoted;
            p->at += 2;
            continue;
        }
        if (!quoted && (*p->at == '|' || *p->at == ')'))
            break;
        const char *start = p->at;
        int32_t minimum, maximum;
        if (!quoted && read_operator(&p->at, p->end, &minimum, &maximum)) {
            if (!repeat_last(p, &list, start, minimum, maximum))
                return NULL;
            continue;
        }
        bool flags_only = false;
        struct gb_regex_node *atom =
            quoted ? gb_regex_parse_literal(p) : parse_atom(p, &flags_only);
        if (flags_only)
            continue;
        if (!atom || !add_child(p, &list, atom))
            return NULL;
    }
    return join(p, GB_REGEX_CONCAT, list);
}

static struct gb_regex_node *parse_alternation(struct gb_regex_parser *p)
{
    struct children list = {0};
    for (;;) {
        struct gb_regex_node *sequence = parse_sequence(p);
        if (!sequence || !add_child(p, &list, sequence))
            return NULL;
        if (p->at == p->end || *p->at != '|')
            return join(p, GB_REGEX_ALTERNATE, list);
        p->at++;
    }
}

int gb_regex_parse(struct gb_str pattern, struct gb_arena *arena, struct gb_regex_syntax *ret,
                   struct gb_error *err)
{
    struct gb_regex_parser p = {
        .start = pattern.at,
        .at = pattern.at,
        .end = pattern.at + pattern.len,
        .arena = arena,
        .err = err,
    };
    if (pattern.len > GB_REGEX_MAX_PATTERN)
        return gb_error_set(err, GB_E_LIMIT, "a regular expression may have at most %d bytes",
                            (int)GB_REGEX_MAX_PATTERN);
    struct gb_regex_node *root = parse_alternation(&p);
    if (root && p.at < p.end)
        gb_regex_parser_fail(&p, p.at, "unexpected )");
    if (!p.code && gb_arena_failed(arena))
        gb_regex_parser_no_memory(&p);
    if (p.code)
        return p.code;
    *ret = (struct gb_regex_syntax){.root = root, .groups = p.groups};
    return 0;
}
