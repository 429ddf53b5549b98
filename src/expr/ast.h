// The syntax tree of an expression, between parser (makes it), checker (adds types and resolutions)
// and compiler (reads it). Private to the CEL engine; lives in a scratch arena while compiling.
#ifndef GABION_EXPR_AST_H
#define GABION_EXPR_AST_H

#include "expr/cel.h"
#include "expr/library.h"

enum {
    GB_AST_MAX_TEXT = 100000, // bytes of an expression
    GB_AST_MAX_HEIGHT = 250,  // of the tree, and of nested brackets
    GB_AST_MAX_NODES = 50000,
    GB_AST_MAX_ARGUMENTS = 5000, // of a call, list or map
};

enum gb_ast_kind {
    GB_AST_CONSTANT,     // .value
    GB_AST_IDENT,        // .name; .absolute for ".name"
    GB_AST_SELECT,       // child 0 . name; .optional for .?name
    GB_AST_HAS,          // has(child 0 . name)
    GB_AST_INDEX,        // child 0 [ child 1 ]; .optional for [?...]
    GB_AST_OPERATOR,     // .op over its children
    GB_AST_CALL,         // .name(children)
    GB_AST_METHOD,       // child 0 .name(children from 1)
    GB_AST_LIST,         // children; .marked says which are optional
    GB_AST_MAP,          // key, value, key, value ...; .marked by pair
    GB_AST_FOLD,         // .op; range, condition or NULL, body or NULL; variables .name and .name2
    GB_AST_BIND,         // child 0 named .name in child 1
    GB_AST_BLOCK,        // all but the last child are named @index0, @index1 ... in what follows
    GB_AST_OPTIONAL_MAP, // child 0 .optMap(.name, child 1); .optional for optFlatMap
};

enum gb_ast_operator {
    GB_OP_AND, // any number of children
    GB_OP_OR,
    GB_OP_CONDITIONAL,
    GB_OP_NOT,
    GB_OP_NEGATE,
    GB_OP_ADD,
    GB_OP_SUBTRACT,
    GB_OP_MULTIPLY,
    GB_OP_DIVIDE,
    GB_OP_MODULO,
    GB_OP_EQUAL,
    GB_OP_NOT_EQUAL,
    GB_OP_LESS,
    GB_OP_LESS_EQUAL,
    GB_OP_GREATER,
    GB_OP_GREATER_EQUAL,
    GB_OP_IN,
    GB_OP_COUNT,
};

enum gb_ast_fold {
    GB_FOLD_ALL,             // condition
    GB_FOLD_EXISTS,          // condition
    GB_FOLD_EXISTS_ONE,      // condition
    GB_FOLD_FILTER,          // condition
    GB_FOLD_MAP,             // condition or NULL, body
    GB_FOLD_TRANSFORM_MAP,   // condition or NULL, body: the new value
    GB_FOLD_TRANSFORM_ENTRY, // condition or NULL, body: a map with the new entries
    GB_FOLD_SORT_BY,         // body: the key
};

enum { GB_FOLD_RANGE, GB_FOLD_CONDITION, GB_FOLD_BODY, GB_FOLD_CHILDREN }; // children of a fold

enum gb_ast_resolution {
    GB_RESOLVED_NOT,
    GB_RESOLVED_SLOT,  // declared variable: .index
    GB_RESOLVED_LOCAL, // comprehension variable or binding: .index
    GB_RESOLVED_TYPE,  // type as a value: .value
};

struct gb_signature;
struct fact;

struct gb_ast {
    uint8_t kind; // enum gb_ast_kind
    uint8_t op;   // enum gb_ast_operator or gb_ast_fold
    uint8_t resolution;
    bool absolute, optional, two_variables;
    uint16_t height;
    uint32_t offset;        // where an error about this node points to in the text
    uint32_t index, index2; // slot, local; of binders: the locals that they set
    uint32_t child_count;
    struct gb_ast **child;
    struct gb_str name, name2;
    struct gb_value value;
    bool *marked; // NULL = none
    // By the checker:
    const struct gb_type *type;
    const struct gb_signature **candidates; // overloads that may fit, in order
    uint32_t candidate_count;
    const struct fact *facts; // of a filter, for presence.c: what its condition says
};

// What an error message calls an operator: "+".
const char *gb_ast_operator_text(uint8_t op);

// The text between two offsets decides places: line and column as the options count them.
struct gb_ast_source {
    struct gb_str text;
    const struct gb_cel_options *options;
};

// Sets the error at an offset and returns the code.
int gb_ast_error(const struct gb_ast_source *source, struct gb_error *err, int code,
                 uint32_t offset, const char *format, ...) GB_PRINTF(5, 6);

GB_MUST_USE int gb_cel_parse(const struct gb_ast_source *source, struct gb_arena *arena,
                             struct gb_ast **ret, struct gb_error *err);

#endif
