// Macros: has(), comprehensions, cel.bind and others, turned into their own kinds of node while
// parsing. The parser calls in here for every call that it has read.
#include "expr/parser.h"

enum { MAX_BLOCK = 1000 };

// Whether the receiver of a method is the name `cel`.
static bool on_cel(const struct gb_ast *call)
{
    return call->child[0]->kind == GB_AST_IDENT && gb_str_is(call->child[0]->name, "cel");
}

static bool is_method(const struct gb_ast *call, const char *name, uint32_t arguments)
{
    return call->kind == GB_AST_METHOD && call->child_count == arguments + 1 &&
           gb_str_is(call->name, name);
}

static int constant_index(struct gb_parser *parser, const struct gb_ast *node, int64_t *ret)
{
    if (node->kind != GB_AST_CONSTANT || node->value.kind != GB_VALUE_INT ||
        node->value.integer < 0 || node->value.integer > GB_AST_MAX_ARGUMENTS)
        return gb_parser_fail(parser, node->offset, "expected a small number");
    *ret = node->value.integer;
    return GB_OK;
}

// cel.index(n), cel.iterVar(a, b): variables that no author can name otherwise.
static int synthetic(struct gb_parser *parser, struct gb_ast **call)
{
    struct gb_ast *node = *call;
    bool index = is_method(node, "index", 1);
    int64_t a = 0, b = 0;
    int code = constant_index(parser, node->child[1], &a);
    if (!code && !index)
        code = constant_index(parser, node->child[2], &b);
    if (code)
        return code;
    node->name = index ? gb_str_format(parser->arena, "@index%d", (int)a)
                       : gb_str_format(parser->arena, "@it:%d:%d", (int)a, (int)b);
    node->kind = GB_AST_IDENT;
    node->child_count = 0;
    node->height = 1;
    return GB_OK;
}

static int has(struct gb_parser *parser, struct gb_ast **call)
{
    struct gb_ast *node = *call;
    struct gb_ast *field = node->child_count == 1 ? node->child[0] : NULL;
    if (!field || field->kind != GB_AST_SELECT || field->optional)
        return gb_parser_fail(parser, node->offset,
                              "has() takes one field selection: has(a.b), not has(a) or has(a[b])");
    node->kind = GB_AST_HAS;
    node->name = field->name;
    node->offset = field->offset;
    node->child[0] = field->child[0];
    return gb_parser_close(parser, node);
}

static int variable(struct gb_parser *parser, const struct gb_ast *node, struct gb_str *ret)
{
    if (node->kind != GB_AST_IDENT || node->absolute)
        return gb_parser_fail(parser, node->offset, "expected the name of a new variable");
    *ret = node->name;
    return GB_OK;
}

struct fold_macro {
    struct gb_str name;
    uint8_t op, variables, arguments; // arguments in all
};

static const struct fold_macro folds[] = {
    {GB_STR_INIT("all"), GB_FOLD_ALL, 1, 2},
    {GB_STR_INIT("exists"), GB_FOLD_EXISTS, 1, 2},
    {GB_STR_INIT("exists_one"), GB_FOLD_EXISTS_ONE, 1, 2},
    {GB_STR_INIT("existsOne"), GB_FOLD_EXISTS_ONE, 1, 2},
    {GB_STR_INIT("filter"), GB_FOLD_FILTER, 1, 2},
    {GB_STR_INIT("map"), GB_FOLD_MAP, 1, 2},
    {GB_STR_INIT("map"), GB_FOLD_MAP, 1, 3},
    {GB_STR_INIT("sortBy"), GB_FOLD_SORT_BY, 1, 2},
    {GB_STR_INIT("all"), GB_FOLD_ALL, 2, 3},
    {GB_STR_INIT("exists"), GB_FOLD_EXISTS, 2, 3},
    {GB_STR_INIT("existsOne"), GB_FOLD_EXISTS_ONE, 2, 3},
    {GB_STR_INIT("exists_one"), GB_FOLD_EXISTS_ONE, 2, 3},
    {GB_STR_INIT("transformList"), GB_FOLD_MAP, 2, 3},
    {GB_STR_INIT("transformList"), GB_FOLD_MAP, 2, 4},
    {GB_STR_INIT("transformMap"), GB_FOLD_TRANSFORM_MAP, 2, 3},
    {GB_STR_INIT("transformMap"), GB_FOLD_TRANSFORM_MAP, 2, 4},
    {GB_STR_INIT("transformMapEntry"), GB_FOLD_TRANSFORM_ENTRY, 2, 3},
    {GB_STR_INIT("transformMapEntry"), GB_FOLD_TRANSFORM_ENTRY, 2, 4},
};

static int fold(struct gb_parser *parser, struct gb_ast **call, const struct fold_macro *macro)
{
    struct gb_ast *node = *call, **from = node->child;
    struct gb_ast **child = gb_alloc_array(parser->arena, GB_FOLD_CHILDREN, sizeof *child);
    if (!child)
        return gb_error_set(parser->err, GB_E_MEMORY, "out of memory");
    int code = variable(parser, from[1], &node->name);
    if (!code && macro->variables == 2)
        code = variable(parser, from[2], &node->name2);
    if (code)
        return code;
    if (macro->variables == 2 && gb_str_eq(node->name, node->name2))
        return gb_parser_fail(parser, from[2]->offset, "two variables of one name");
    child[GB_FOLD_RANGE] = from[0];
    struct gb_ast *last = from[macro->arguments];
    bool predicate = macro->op <= GB_FOLD_FILTER;
    child[predicate ? GB_FOLD_CONDITION : GB_FOLD_BODY] = last;
    if (macro->arguments - macro->variables == 2)
        child[GB_FOLD_CONDITION] = from[macro->arguments - 1];
    node->kind = GB_AST_FOLD;
    node->op = macro->op;
    node->two_variables = macro->variables == 2;
    node->child = child;
    node->child_count = GB_FOLD_CHILDREN;
    return gb_parser_close(parser, node);
}

// Which comprehension a method call is, or NULL; sets *named when at least its name is one.
static const struct fold_macro *fold_of(const struct gb_ast *call, bool *named)
{
    for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
        if (!gb_str_eq(call->name, folds[i].name))
            continue;
        *named = true;
        if (call->child_count == folds[i].arguments + 1u)
            return &folds[i];
    }
    return NULL;
}

static int bind(struct gb_parser *parser, struct gb_ast **call)
{
    struct gb_ast *node = *call;
    int code = variable(parser, node->child[1], &node->name);
    if (code)
        return code;
    node->kind = GB_AST_BIND;
    node->child += 2; // what is bound, and where it is used
    node->child_count = 2;
    return gb_parser_close(parser, node);
}

static int block(struct gb_parser *parser, struct gb_ast **call)
{
    struct gb_ast *node = *call, *list = node->child[1];
    if (list->kind != GB_AST_LIST || list->marked || list->child_count > MAX_BLOCK)
        return gb_parser_fail(parser, list->offset,
                              "cel.block() takes a list of at most %d expressions", MAX_BLOCK);
    struct gb_ast **child = gb_alloc_array(parser->arena, list->child_count + 1, sizeof *child);
    if (!child)
        return gb_error_set(parser->err, GB_E_MEMORY, "out of memory");
    for (uint32_t i = 0; i < list->child_count; i++)
        child[i] = list->child[i];
    child[list->child_count] = node->child[2];
    node->kind = GB_AST_BLOCK;
    node->child_count = list->child_count + 1;
    node->child = child;
    return gb_parser_close(parser, node);
}

static int optional_map(struct gb_parser *parser, struct gb_ast **call)
{
    struct gb_ast *node = *call;
    bool flat = gb_str_is(node->name, "optFlatMap");
    int code = variable(parser, node->child[1], &node->name);
    if (code)
        return code;
    node->kind = GB_AST_OPTIONAL_MAP;
    node->optional = flat;
    node->child[1] = node->child[2];
    node->child_count = 2;
    return gb_parser_close(parser, node);
}

// math.greatest(a, b, c ...): more than two numbers become one list.
static int pack_numbers(struct gb_parser *parser, struct gb_ast *node)
{
    struct gb_ast *list = gb_parser_node(parser, GB_AST_LIST, node->offset, node->child_count - 1);
    if (!list)
        return GB_E_MEMORY;
    for (uint32_t i = 1; i < node->child_count; i++)
        list->child[i - 1] = node->child[i];
    node->child[1] = list;
    node->child_count = 2;
    int code = gb_parser_close(parser, list);
    return code ? code : gb_parser_close(parser, node);
}

int gb_macro_expand(struct gb_parser *parser, struct gb_ast **call)
{
    struct gb_ast *node = *call;
    if (node->kind == GB_AST_CALL)
        return gb_str_is(node->name, "has") ? has(parser, call) : GB_OK;
    if (on_cel(node)) {
        if (is_method(node, "bind", 3))
            return bind(parser, call);
        if (is_method(node, "block", 2))
            return block(parser, call);
        if (is_method(node, "index", 1) || is_method(node, "iterVar", 2))
            return synthetic(parser, call);
    }
    if (node->child_count > 3 && node->child[0]->kind == GB_AST_IDENT &&
        gb_str_is(node->child[0]->name, "math") &&
        (gb_str_is(node->name, "greatest") || gb_str_is(node->name, "least")))
        return pack_numbers(parser, node);
    if (is_method(node, "optMap", 2) || is_method(node, "optFlatMap", 2))
        return optional_map(parser, call);
    bool named = false;
    const struct fold_macro *macro = fold_of(node, &named);
    if (macro)
        return fold(parser, call, macro);
    if (named)
        return gb_parser_fail(parser, node->offset,
                              "wrong number of arguments for the macro '" GB_PRI "'",
                              GB_ARG(node->name));
    return GB_OK;
}
