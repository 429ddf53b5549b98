// State and pieces of the regular expression parser: regex_parse.c reads the structure,
// regex_atom.c single characters and sets. Internal to these two.
#ifndef GABION_EXPR_REGEX_PARSER_H
#define GABION_EXPR_REGEX_PARSER_H

#include "expr/regex_syntax.h"

enum { GB_REGEX_MAX_DEPTH = 250, GB_REGEX_MAX_GROUPS = 200 };

enum {
    GB_REGEX_FLAG_FOLD = 1,        // i
    GB_REGEX_FLAG_DOT_NEWLINE = 2, // s
    GB_REGEX_FLAG_MULTILINE = 4,   // m
    GB_REGEX_FLAG_UNGREEDY = 8,    // U
};

struct gb_regex_group_name {
    struct gb_str name;
    const struct gb_regex_group_name *next;
};

struct gb_regex_parser {
    const char *start, *at, *end;
    struct gb_arena *arena;
    struct gb_error *err;
    const struct gb_regex_group_name *names;
    uint32_t flags, groups;
    unsigned depth;
    int code; // the first error
};

// Both give NULL after they set the error.
void *gb_regex_parser_fail(struct gb_regex_parser *p, const char *at, const char *format, ...)
    GB_PRINTF(3, 4);
void *gb_regex_parser_no_memory(struct gb_regex_parser *p);
// NULL, with the error set, when memory is out.
struct gb_regex_node *gb_regex_parser_node(struct gb_regex_parser *p, uint8_t kind);

// Each reads one item at p->at and moves behind it; NULL after an error.
struct gb_regex_node *gb_regex_parse_literal(struct gb_regex_parser *p);
struct gb_regex_node *gb_regex_parse_bracket(struct gb_regex_parser *p);
struct gb_regex_node *gb_regex_parse_escape(struct gb_regex_parser *p);
// These two have read theirs already.
struct gb_regex_node *gb_regex_parse_dot(struct gb_regex_parser *p);
struct gb_regex_node *gb_regex_parse_assert(struct gb_regex_parser *p, uint8_t assert);

#endif
