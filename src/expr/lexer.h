// Tokens of an expression; used by the parser only.
#ifndef GABION_EXPR_LEXER_H
#define GABION_EXPR_LEXER_H

#include "expr/ast.h"

enum gb_token_kind {
    GB_TOKEN_END,
    GB_TOKEN_IDENT,
    GB_TOKEN_RESERVED, // a word that may name a field but no variable
    GB_TOKEN_QUOTED,   // `back-quoted` field name; .text is without the quotes
    GB_TOKEN_INT,      // .text are the digits, with 0x
    GB_TOKEN_UINT,     // .text is without the u
    GB_TOKEN_DOUBLE,
    GB_TOKEN_STRING, // .string is the content
    GB_TOKEN_BYTES,
    GB_TOKEN_TRUE,
    GB_TOKEN_FALSE,
    GB_TOKEN_NULL,
    GB_TOKEN_IN,
    GB_TOKEN_EQUAL,
    GB_TOKEN_NOT_EQUAL,
    GB_TOKEN_LESS,
    GB_TOKEN_LESS_EQUAL,
    GB_TOKEN_GREATER,
    GB_TOKEN_GREATER_EQUAL,
    GB_TOKEN_AND,
    GB_TOKEN_OR,
    // Single characters stand for themselves above this.
    GB_TOKEN_CHARACTER = 32,
};

struct gb_token {
    uint8_t kind; // enum gb_token_kind, or a character of ( ) [ ] { } . , : ? ! + - * / %
    uint32_t offset;
    struct gb_str text;   // as written
    struct gb_str string; // of string and bytes
};

struct gb_lexer {
    const struct gb_ast_source *source;
    struct gb_arena *arena; // strings with escapes
    struct gb_error *err;
    size_t at;
};

// The next token, or a negative code.
GB_MUST_USE int gb_lexer_next(struct gb_lexer *lexer, struct gb_token *ret);

#endif
