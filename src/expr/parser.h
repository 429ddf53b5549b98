// What the parser and the macros share; private to the CEL engine.
#ifndef GABION_EXPR_PARSER_H
#define GABION_EXPR_PARSER_H

#include "expr/lexer.h"

struct gb_parser {
    struct gb_lexer lexer;
    struct gb_token token; // the next one
    struct gb_arena *arena;
    struct gb_error *err;
    uint32_t depth, nodes;
};

// A new node with room for `children`; NULL with the error set.
struct gb_ast *gb_parser_node(struct gb_parser *parser, uint8_t kind, uint32_t offset,
                              size_t children);
// Sets the node's height from its children, refusing what is too high. Returns a code.
GB_MUST_USE int gb_parser_close(struct gb_parser *parser, struct gb_ast *node);
GB_MUST_USE int gb_parser_fail(struct gb_parser *parser, uint32_t offset, const char *format, ...)
    GB_PRINTF(3, 4);

// Turns a call of a macro into what it stands for; leaves other calls as they are.
GB_MUST_USE int gb_macro_expand(struct gb_parser *parser, struct gb_ast **call);

#endif
