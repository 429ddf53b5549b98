// Recursive descent over the tokens of an expression; gb_cel_compile uses it.
// Grammar: the CEL language definition, with optional selection and back-quoted field names.
#include "expr/parser.h"

#include "base/number.h"
#include "base/utf8.h"

#include <stdio.h>

static int expression(struct gb_parser *parser, struct gb_ast **ret);

int gb_parser_fail(struct gb_parser *parser, uint32_t offset, const char *format, ...)
{
    char reason[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return gb_ast_error(parser->lexer.source, parser->err, GB_E_SYNTAX, offset, "%s", reason);
}

struct gb_ast *gb_parser_node(struct gb_parser *parser, uint8_t kind, uint32_t offset,
                              size_t children)
{
    if (++parser->nodes > GB_AST_MAX_NODES) {
        gb_ast_error(parser->lexer.source, parser->err, GB_E_LIMIT, offset,
                     "the expression has more than %d parts", GB_AST_MAX_NODES);
        return NULL;
    }
    struct gb_ast *node = gb_alloc(parser->arena, sizeof *node);
    if (node) {
        node->kind = kind;
        node->offset = offset;
        node->height = 1;
        node->child_count = (uint32_t)children;
        node->child =
            children ? gb_alloc_array(parser->arena, children, sizeof *node->child) : NULL;
    }
    if (!node || (children && !node->child)) {
        gb_error_set(parser->err, GB_E_MEMORY, "out of memory");
        return NULL;
    }
    return node;
}

int gb_parser_close(struct gb_parser *parser, struct gb_ast *node)
{
    unsigned height = 0;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->child[i] && node->child[i]->height > height)
            height = node->child[i]->height;
    if (height >= GB_AST_MAX_HEIGHT)
        return gb_ast_error(parser->lexer.source, parser->err, GB_E_LIMIT, node->offset,
                            "nested more than %d levels deep", GB_AST_MAX_HEIGHT);
    node->height = (uint16_t)(height + 1);
    return GB_OK;
}

// The code that the error was set with, for functions that give a pointer.
static int failed(const struct gb_parser *parser)
{
    return parser->err && parser->err->code ? parser->err->code : GB_E_MEMORY;
}

static int advance(struct gb_parser *parser)
{
    return gb_lexer_next(&parser->lexer, &parser->token);
}

static bool at(const struct gb_parser *parser, int kind)
{
    return parser->token.kind == kind;
}

static int expected(struct gb_parser *parser, const char *what)
{
    if (at(parser, GB_TOKEN_END))
        return gb_parser_fail(parser, parser->token.offset, "expected %s, got the end", what);
    struct gb_str text = gb_str_sub(parser->token.text, 0, 40);
    return gb_parser_fail(parser, parser->token.offset, "expected %s, got " GB_PRI, what,
                          GB_ARG(text));
}

static int take(struct gb_parser *parser, int kind, const char *what)
{
    return at(parser, kind) ? advance(parser) : expected(parser, what);
}

// A node of one, two or three children, closed.
static int combine(struct gb_parser *parser, uint8_t kind, uint32_t offset, struct gb_ast *a,
                   struct gb_ast *b, struct gb_ast **ret)
{
    struct gb_ast *node = gb_parser_node(parser, kind, offset, b ? 2 : 1);
    if (!node)
        return failed(parser);
    node->child[0] = a;
    if (b)
        node->child[1] = b;
    *ret = node;
    return gb_parser_close(parser, node);
}

// A growing run of expressions: the arguments of a call, the elements of a list, the terms of &&.
struct run {
    struct gb_ast **items;
    bool *marked;
    size_t count, capacity;
    bool any_marked;
};

static int run_add(struct gb_parser *parser, struct run *run, struct gb_ast *item, bool marked)
{
    if (run->count >= GB_AST_MAX_ARGUMENTS)
        return gb_ast_error(parser->lexer.source, parser->err, GB_E_LIMIT, item->offset,
                            "more than %d elements", GB_AST_MAX_ARGUMENTS);
    if (run->count == run->capacity) {
        size_t capacity = run->capacity ? run->capacity * 2 : 4;
        struct gb_ast **items =
            gb_grow_array(parser->arena, run->items, run->capacity, capacity, sizeof *items);
        bool *flags = gb_grow_array(parser->arena, run->marked, run->capacity, capacity, 1);
        if (!items || !flags)
            return gb_error_set(parser->err, GB_E_MEMORY, "out of memory");
        run->items = items;
        run->marked = flags;
        run->capacity = capacity;
    }
    run->items[run->count] = item;
    run->marked[run->count++] = marked;
    run->any_marked |= marked;
    return GB_OK;
}

static int run_close(struct gb_parser *parser, const struct run *run, struct gb_ast *node)
{
    node->child = run->items;
    node->child_count = (uint32_t)run->count;
    node->marked = run->any_marked ? run->marked : NULL;
    return gb_parser_close(parser, node);
}

static int integer(struct gb_parser *parser, bool negative, struct gb_ast *node)
{
    struct gb_str digits = parser->token.text;
    bool hex = digits.len > 2 && (digits.at[1] == 'x' || digits.at[1] == 'X');
    uint64_t value;
    if (gb_str_to_uint(hex ? gb_str_from(digits, 2) : digits, hex ? 16 : 10, &value) < 0)
        return gb_parser_fail(parser, parser->token.offset, "the number does not fit 64 bits");
    if (at(parser, GB_TOKEN_UINT)) {
        node->value = gb_uint(value);
        return GB_OK;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return gb_parser_fail(parser, parser->token.offset,
                              "the number does not fit an int (64 bits with sign)");
    node->value = gb_int(negative ? (int64_t)(0 - value) : (int64_t)value);
    return GB_OK;
}

static int real(struct gb_parser *parser, bool negative, struct gb_ast *node)
{
    double value;
    int code = gb_number_double(parser->token.text, &value);
    if (code)
        return gb_parser_fail(parser, parser->token.offset,
                              code == GB_E_RANGE ? "the number does not fit a double"
                                                 : "the number is too long");
    node->value = gb_double(negative ? -value : value);
    return GB_OK;
}

static bool at_number(const struct gb_parser *parser)
{
    return at(parser, GB_TOKEN_INT) || at(parser, GB_TOKEN_UINT) || at(parser, GB_TOKEN_DOUBLE);
}

static int literal(struct gb_parser *parser, bool negative, struct gb_ast **ret)
{
    struct gb_ast *node = gb_parser_node(parser, GB_AST_CONSTANT, parser->token.offset, 0);
    if (!node)
        return failed(parser);
    int code = GB_OK;
    switch (parser->token.kind) {
    case GB_TOKEN_INT:
    case GB_TOKEN_UINT:
        code = integer(parser, negative, node);
        break;
    case GB_TOKEN_DOUBLE:
        code = real(parser, negative, node);
        break;
    case GB_TOKEN_STRING:
        node->value = gb_string(parser->token.string);
        break;
    case GB_TOKEN_BYTES:
        node->value = gb_bytes(parser->token.string);
        break;
    case GB_TOKEN_TRUE:
    case GB_TOKEN_FALSE:
        node->value = gb_bool(at(parser, GB_TOKEN_TRUE));
        break;
    default:
        node->value = gb_null();
    }
    *ret = node;
    return code ? code : advance(parser);
}

// Arguments up to the closing parenthesis, which is taken.
static int arguments(struct gb_parser *parser, struct run *run)
{
    int code = take(parser, '(', "'('");
    while (!code && !at(parser, ')')) {
        struct gb_ast *argument;
        code = expression(parser, &argument);
        if (!code)
            code = run_add(parser, run, argument, false);
        if (!code && !at(parser, ')'))
            code = at(parser, ',') ? advance(parser) : expected(parser, "',' or ')'");
        else
            break;
        if (!code && at(parser, ')'))
            return expected(parser, "an argument");
    }
    return code ? code : take(parser, ')', "')'");
}

static int call(struct gb_parser *parser, uint8_t kind, struct gb_ast *target, struct gb_str name,
                uint32_t offset, bool absolute, struct gb_ast **ret)
{
    struct run run = {0};
    int code = target ? run_add(parser, &run, target, false) : GB_OK;
    if (!code)
        code = arguments(parser, &run);
    if (code)
        return code;
    struct gb_ast *node = gb_parser_node(parser, kind, offset, 0);
    if (!node)
        return failed(parser);
    node->name = name;
    node->absolute = absolute;
    code = run_close(parser, &run, node);
    *ret = node;
    return code || parser->lexer.source->options->no_macros ? code : gb_macro_expand(parser, ret);
}

static int list(struct gb_parser *parser, struct gb_ast **ret)
{
    struct gb_ast *node = gb_parser_node(parser, GB_AST_LIST, parser->token.offset, 0);
    if (!node)
        return failed(parser);
    struct run run = {0};
    int code = advance(parser);
    while (!code && !at(parser, ']')) {
        if (at(parser, ',') && !run.count) { // [,]
            code = advance(parser);
            break;
        }
        bool marked = at(parser, '?');
        struct gb_ast *element = NULL;
        code = marked ? advance(parser) : GB_OK;
        if (!code)
            code = expression(parser, &element);
        if (!code)
            code = run_add(parser, &run, element, marked);
        if (code || at(parser, ']'))
            break;
        code = at(parser, ',') ? advance(parser) : expected(parser, "',' or ']'");
    }
    if (!code)
        code = take(parser, ']', "']'");
    *ret = node;
    return code ? code : run_close(parser, &run, node);
}

static int entry(struct gb_parser *parser, struct run *run)
{
    bool marked = at(parser, '?');
    struct gb_ast *key = NULL, *value = NULL;
    int code = marked ? advance(parser) : GB_OK;
    if (!code)
        code = expression(parser, &key);
    if (!code)
        code = take(parser, ':', "':' between key and value");
    if (!code)
        code = expression(parser, &value);
    if (!code)
        code = run_add(parser, run, key, marked);
    return code ? code : run_add(parser, run, value, marked);
}

static int map(struct gb_parser *parser, struct gb_ast **ret)
{
    struct gb_ast *node = gb_parser_node(parser, GB_AST_MAP, parser->token.offset, 0);
    if (!node)
        return failed(parser);
    struct run run = {0};
    int code = advance(parser);
    while (!code && !at(parser, '}')) {
        if (at(parser, ',') && !run.count) { // {,}
            code = advance(parser);
            break;
        }
        code = entry(parser, &run);
        if (code || at(parser, '}'))
            break;
        code = at(parser, ',') ? advance(parser) : expected(parser, "',' or '}'");
    }
    if (!code)
        code = take(parser, '}', "'}'");
    *ret = node;
    return code ? code : run_close(parser, &run, node);
}

static int identifier(struct gb_parser *parser, struct gb_ast **ret)
{
    uint32_t offset = parser->token.offset;
    bool absolute = at(parser, '.');
    int code = absolute ? advance(parser) : GB_OK;
    if (code)
        return code;
    if (at(parser, GB_TOKEN_RESERVED))
        return gb_parser_fail(parser, offset, "'" GB_PRI "' is a reserved word, no variable",
                              GB_ARG(parser->token.text));
    if (!at(parser, GB_TOKEN_IDENT))
        return expected(parser, "a name");
    struct gb_str name = parser->token.text;
    code = advance(parser);
    if (!code && at(parser, '('))
        return call(parser, GB_AST_CALL, NULL, name, offset, absolute, ret);
    if (code)
        return code;
    struct gb_ast *node = gb_parser_node(parser, GB_AST_IDENT, offset, 0);
    if (!node)
        return failed(parser);
    node->name = name;
    node->absolute = absolute;
    *ret = node;
    return GB_OK;
}

static int primary(struct gb_parser *parser, struct gb_ast **ret)
{
    switch (parser->token.kind) {
    case GB_TOKEN_INT:
    case GB_TOKEN_UINT:
    case GB_TOKEN_DOUBLE:
    case GB_TOKEN_STRING:
    case GB_TOKEN_BYTES:
    case GB_TOKEN_TRUE:
    case GB_TOKEN_FALSE:
    case GB_TOKEN_NULL:
        return literal(parser, false, ret);
    case GB_TOKEN_IDENT:
    case GB_TOKEN_RESERVED:
    case '.':
        return identifier(parser, ret);
    case '[':
        return list(parser, ret);
    case '{':
        return map(parser, ret);
    case '(': {
        int code = advance(parser);
        if (!code)
            code = expression(parser, ret);
        return code ? code : take(parser, ')', "')'");
    }
    default:
        return expected(parser, "an expression");
    }
}

// ".name", ".?name", ".name(...)"; the token is the '.'.
static int selection(struct gb_parser *parser, struct gb_ast **node)
{
    int code = advance(parser);
    bool optional = !code && at(parser, '?');
    if (optional)
        code = advance(parser);
    if (code)
        return code;
    uint32_t offset = parser->token.offset;
    struct gb_str name = parser->token.text;
    bool quoted = at(parser, GB_TOKEN_QUOTED);
    if (!quoted && !at(parser, GB_TOKEN_IDENT) && !at(parser, GB_TOKEN_RESERVED))
        return at(parser, GB_TOKEN_IN) || at(parser, GB_TOKEN_TRUE) || at(parser, GB_TOKEN_FALSE) ||
                       at(parser, GB_TOKEN_NULL)
                   ? gb_parser_fail(parser, offset,
                                    "'" GB_PRI "' cannot be a field name; write ['" GB_PRI "']",
                                    GB_ARG(name), GB_ARG(name))
                   : expected(parser, "a field or function name");
    code = advance(parser);
    if (!code && at(parser, '(') && !optional && !quoted)
        return call(parser, GB_AST_METHOD, *node, name, offset, false, node);
    if (!code)
        code = combine(parser, GB_AST_SELECT, offset, *node, NULL, node);
    if (!code) {
        (*node)->name = name;
        (*node)->optional = optional;
    }
    return code;
}

static int subscript(struct gb_parser *parser, struct gb_ast **node)
{
    uint32_t offset = parser->token.offset;
    struct gb_ast *key = NULL;
    int code = advance(parser);
    bool optional = !code && at(parser, '?');
    if (optional)
        code = advance(parser);
    if (!code)
        code = expression(parser, &key);
    if (!code)
        code = take(parser, ']', "']'");
    if (!code)
        code = combine(parser, GB_AST_INDEX, offset, *node, key, node);
    if (!code)
        (*node)->optional = optional;
    return code;
}

static bool names_a_type(const struct gb_ast *node)
{
    while (node->kind == GB_AST_SELECT && !node->optional)
        node = node->child[0];
    return node->kind == GB_AST_IDENT;
}

static int postfix(struct gb_parser *parser, struct gb_ast **node)
{
    for (;;) {
        int code;
        if (at(parser, '.'))
            code = selection(parser, node);
        else if (at(parser, '['))
            code = subscript(parser, node);
        else if (at(parser, '{') && names_a_type(*node))
            code = gb_ast_error(parser->lexer.source, parser->err, GB_E_TYPE, (*node)->offset,
                                "there are no message types: '" GB_PRI "' cannot be made with {}",
                                GB_ARG((*node)->name));
        else
            return GB_OK;
        if (code)
            return code;
    }
}

// Runs of ! or of -, then a member. Of a run two or one remain: types are checked, depth is not
// used.
static int unary(struct gb_parser *parser, struct gb_ast **ret)
{
    uint32_t offset = parser->token.offset;
    int sign = parser->token.kind, code = GB_OK;
    size_t count = 0;
    if (sign == '!' || sign == '-')
        for (; !code && at(parser, sign); count++)
            code = advance(parser);
    bool negative = sign == '-' && count && at_number(parser) && !at(parser, GB_TOKEN_UINT);
    if (!code)
        code = negative ? literal(parser, true, ret) : primary(parser, ret);
    if (!code && negative) {
        (*ret)->offset = offset;
        count--;
    }
    if (!code)
        code = postfix(parser, ret);
    for (count = count > 2 ? 2 - count % 2 : count; !code && count; count--) {
        code = combine(parser, GB_AST_OPERATOR, offset, *ret, NULL, ret);
        if (!code)
            (*ret)->op = sign == '!' ? GB_OP_NOT : GB_OP_NEGATE;
    }
    return code;
}

struct binary {
    uint8_t token, op, level;
};

static const struct binary *binary_of(const struct gb_parser *parser)
{
    static const struct binary binaries[] = {
        {GB_TOKEN_EQUAL, GB_OP_EQUAL, 1},
        {GB_TOKEN_NOT_EQUAL, GB_OP_NOT_EQUAL, 1},
        {GB_TOKEN_LESS, GB_OP_LESS, 1},
        {GB_TOKEN_LESS_EQUAL, GB_OP_LESS_EQUAL, 1},
        {GB_TOKEN_GREATER, GB_OP_GREATER, 1},
        {GB_TOKEN_GREATER_EQUAL, GB_OP_GREATER_EQUAL, 1},
        {GB_TOKEN_IN, GB_OP_IN, 1},
        {'+', GB_OP_ADD, 2},
        {'-', GB_OP_SUBTRACT, 2},
        {'*', GB_OP_MULTIPLY, 3},
        {'/', GB_OP_DIVIDE, 3},
        {'%', GB_OP_MODULO, 3},
    };
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (parser->token.kind == binaries[i].token)
            return &binaries[i];
    return NULL;
}

// Relations (level 1), sums (2) and products (3), each from the left.
static int arithmetic(struct gb_parser *parser, uint8_t level, struct gb_ast **ret)
{
    int code = unary(parser, ret);
    const struct binary *binary;
    while (!code && (binary = binary_of(parser)) && binary->level >= level) {
        uint32_t offset = parser->token.offset;
        struct gb_ast *right = NULL;
        code = advance(parser);
        if (!code)
            code = arithmetic(parser, binary->level + 1, &right);
        if (!code)
            code = combine(parser, GB_AST_OPERATOR, offset, *ret, right, ret);
        if (!code)
            (*ret)->op = binary->op;
    }
    return code;
}

// Terms joined by && (or, one level up, by ||) make one node, however many they are.
static int logic(struct gb_parser *parser, bool either, struct gb_ast **ret)
{
    struct run run = {0};
    uint32_t offset = 0;
    for (;;) {
        int code = either ? logic(parser, false, ret) : arithmetic(parser, 1, ret);
        if (code || (!run.count && !at(parser, either ? GB_TOKEN_OR : GB_TOKEN_AND)))
            return code;
        code = run_add(parser, &run, *ret, false);
        if (code)
            return code;
        if (!at(parser, either ? GB_TOKEN_OR : GB_TOKEN_AND))
            break;
        if (run.count == 1)
            offset = parser->token.offset;
        code = advance(parser);
        if (code)
            return code;
    }
    struct gb_ast *node = gb_parser_node(parser, GB_AST_OPERATOR, offset, 0);
    if (!node)
        return failed(parser);
    node->op = either ? GB_OP_OR : GB_OP_AND;
    *ret = node;
    return run_close(parser, &run, node);
}

static int conditional(struct gb_parser *parser, struct gb_ast **ret)
{
    int code = logic(parser, true, ret);
    if (code || !at(parser, '?'))
        return code;
    struct gb_ast *node = gb_parser_node(parser, GB_AST_OPERATOR, parser->token.offset, 3);
    if (!node)
        return failed(parser);
    node->op = GB_OP_CONDITIONAL;
    node->child[0] = *ret;
    code = advance(parser);
    if (!code)
        code = logic(parser, true, &node->child[1]);
    if (!code)
        code = take(parser, ':', "':' of the conditional");
    if (!code)
        code = expression(parser, &node->child[2]);
    *ret = node;
    return code ? code : gb_parser_close(parser, node);
}

static int expression(struct gb_parser *parser, struct gb_ast **ret)
{
    if (++parser->depth > GB_AST_MAX_HEIGHT)
        return gb_ast_error(parser->lexer.source, parser->err, GB_E_LIMIT, parser->token.offset,
                            "nested more than %d levels deep", GB_AST_MAX_HEIGHT);
    int code = conditional(parser, ret);
    parser->depth--;
    return code;
}

static size_t first_invalid(struct gb_str text)
{
    uint32_t code_point;
    size_t at_byte = 0;
    while (at_byte < text.len) {
        size_t len = gb_utf8_decode(gb_str_from(text, at_byte), &code_point);
        if (!len)
            break;
        at_byte += len;
    }
    return at_byte;
}

int gb_cel_parse(const struct gb_ast_source *source, struct gb_arena *arena, struct gb_ast **ret,
                 struct gb_error *err)
{
    struct gb_error local = {0};
    if (!err)
        err = &local;
    if (source->text.len > GB_AST_MAX_TEXT)
        return gb_ast_error(source, err, GB_E_LIMIT, 0, "an expression has at most %d bytes",
                            GB_AST_MAX_TEXT);
    if (!gb_utf8_valid(source->text))
        return gb_ast_error(source, err, GB_E_SYNTAX, (uint32_t)first_invalid(source->text),
                            "a byte that is not UTF-8");
    struct gb_parser parser = {
        .lexer = {.source = source, .arena = arena, .err = err}, .arena = arena, .err = err};
    int code = advance(&parser);
    if (!code)
        code = expression(&parser, ret);
    if (!code && !at(&parser, GB_TOKEN_END))
        code = expected(&parser, "an operator or the end");
    return code;
}
