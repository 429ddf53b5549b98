// The syntax tree of a regular expression, between its parser and its compiler. Internal to the
// regular expression engine (src/expr/regex*.c).
#ifndef GABION_EXPR_REGEX_SYNTAX_H
#define GABION_EXPR_REGEX_SYNTAX_H

#include "expr/regex.h"

struct gb_regex_range {
    uint32_t low, high;
};

// A set of characters. Ranges may overlap until gb_regex_class_finish sorts and joins them.
struct gb_regex_class {
    struct gb_arena *arena;
    struct gb_regex_range *ranges;
    uint32_t count, capacity;
};

void gb_regex_class_add(struct gb_regex_class *class, uint32_t low, uint32_t high);
void gb_regex_class_add_class(struct gb_regex_class *class, const struct gb_regex_class *other);
void gb_regex_class_finish(struct gb_regex_class *class);
// Adds everything that equals a member but for case, and finishes the class.
void gb_regex_class_fold(struct gb_regex_class *class);
// Finishes the class and turns it into its complement.
void gb_regex_class_negate(struct gb_regex_class *class);
bool gb_regex_class_has(const struct gb_regex_class *class, uint32_t character); // once finished
// \d, \s, \w by letter; false for others. Never negated: the caller looks at the case.
bool gb_regex_class_add_perl(struct gb_regex_class *class, char letter);
bool gb_regex_class_add_posix(struct gb_regex_class *class, struct gb_str name); // "alpha"
// A category or script ("Lu", "Greek", "Any"); false when there is none of that name.
bool gb_regex_class_add_unicode(struct gb_regex_class *class, struct gb_str name);

enum gb_regex_node_kind {
    GB_REGEX_EMPTY,
    GB_REGEX_CHARACTER, // .character
    GB_REGEX_CLASS,     // .class, may be empty: matches nothing
    GB_REGEX_ASSERT,    // .assert
    GB_REGEX_CONCAT,    // .children, .count
    GB_REGEX_ALTERNATE, // .children, .count; the first that matches is preferred
    GB_REGEX_REPEAT,    // .children[0], .minimum, .maximum, .greedy
    GB_REGEX_GROUP,     // .children[0], .group from 1
};

enum gb_regex_assert {
    GB_REGEX_BEGIN_TEXT,
    GB_REGEX_BEGIN_LINE,
    GB_REGEX_END_TEXT,
    GB_REGEX_END_LINE,
    GB_REGEX_WORD_EDGE,
    GB_REGEX_NO_WORD_EDGE,
};

enum { GB_REGEX_NO_MAXIMUM = -1, GB_REGEX_MAX_REPEAT = 1000 };

struct gb_regex_node {
    uint8_t kind, assert; // enum gb_regex_node_kind, enum gb_regex_assert
    bool greedy;
    bool nullable;   // can match the empty string
    uint32_t weight; // copies that nested counted repetitions make of the innermost part
    union {
        uint32_t character;
        uint32_t group;
        struct {
            int32_t minimum, maximum;
        };
    };
    union {
        struct gb_regex_class *class;
        struct {
            struct gb_regex_node **children;
            uint32_t count;
        };
    };
};

struct gb_regex_syntax {
    struct gb_regex_node *root;
    uint32_t groups;
};

// Parses RE2 syntax into `arena`. Errors as gb_regex_compile.
GB_MUST_USE int gb_regex_parse(struct gb_str pattern, struct gb_arena *arena,
                               struct gb_regex_syntax *ret, struct gb_error *err);

#endif
