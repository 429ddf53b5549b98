// Types of operators: which operands each takes, and what comes out.
#include "expr/checker.h"

static bool is_open(const struct gb_type *type)
{
    return type->kind == GB_TYPE_DYN || type->kind == GB_TYPE_PARAMETER;
}

static bool is_number(const struct gb_type *type)
{
    return type->kind == GB_TYPE_INT || type->kind == GB_TYPE_UINT || type->kind == GB_TYPE_DOUBLE;
}

static const struct arithmetic {
    uint8_t op, left, right;
    const struct gb_type *result; // NULL: a list of what both hold
} arithmetics[] = {
    {GB_OP_ADD, GB_TYPE_INT, GB_TYPE_INT, &gb_type_int},
    {GB_OP_ADD, GB_TYPE_UINT, GB_TYPE_UINT, &gb_type_uint},
    {GB_OP_ADD, GB_TYPE_DOUBLE, GB_TYPE_DOUBLE, &gb_type_double},
    {GB_OP_ADD, GB_TYPE_STRING, GB_TYPE_STRING, &gb_type_string},
    {GB_OP_ADD, GB_TYPE_BYTES, GB_TYPE_BYTES, &gb_type_bytes},
    {GB_OP_ADD, GB_TYPE_LIST, GB_TYPE_LIST, NULL},
    {GB_OP_ADD, GB_TYPE_TIMESTAMP, GB_TYPE_DURATION, &gb_type_timestamp},
    {GB_OP_ADD, GB_TYPE_DURATION, GB_TYPE_TIMESTAMP, &gb_type_timestamp},
    {GB_OP_ADD, GB_TYPE_DURATION, GB_TYPE_DURATION, &gb_type_duration},
    {GB_OP_SUBTRACT, GB_TYPE_INT, GB_TYPE_INT, &gb_type_int},
    {GB_OP_SUBTRACT, GB_TYPE_UINT, GB_TYPE_UINT, &gb_type_uint},
    {GB_OP_SUBTRACT, GB_TYPE_DOUBLE, GB_TYPE_DOUBLE, &gb_type_double},
    {GB_OP_SUBTRACT, GB_TYPE_TIMESTAMP, GB_TYPE_TIMESTAMP, &gb_type_duration},
    {GB_OP_SUBTRACT, GB_TYPE_TIMESTAMP, GB_TYPE_DURATION, &gb_type_timestamp},
    {GB_OP_SUBTRACT, GB_TYPE_DURATION, GB_TYPE_DURATION, &gb_type_duration},
    {GB_OP_MULTIPLY, GB_TYPE_INT, GB_TYPE_INT, &gb_type_int},
    {GB_OP_MULTIPLY, GB_TYPE_UINT, GB_TYPE_UINT, &gb_type_uint},
    {GB_OP_MULTIPLY, GB_TYPE_DOUBLE, GB_TYPE_DOUBLE, &gb_type_double},
    {GB_OP_DIVIDE, GB_TYPE_INT, GB_TYPE_INT, &gb_type_int},
    {GB_OP_DIVIDE, GB_TYPE_UINT, GB_TYPE_UINT, &gb_type_uint},
    {GB_OP_DIVIDE, GB_TYPE_DOUBLE, GB_TYPE_DOUBLE, &gb_type_double},
    {GB_OP_MODULO, GB_TYPE_INT, GB_TYPE_INT, &gb_type_int},
    {GB_OP_MODULO, GB_TYPE_UINT, GB_TYPE_UINT, &gb_type_uint},
};

static int refuse(struct gb_checker *checker, const struct gb_ast *node)
{
    struct gb_str left = gb_checker_text(checker, node->child[0]->type);
    if (node->child_count == 1)
        return gb_checker_fail(checker, node, "'%s' does not take " GB_PRI,
                               gb_ast_operator_text(node->op), GB_ARG(left));
    struct gb_str right = gb_checker_text(checker, node->child[1]->type);
    return gb_checker_fail(checker, node, "'%s' does not take " GB_PRI " and " GB_PRI,
                           gb_ast_operator_text(node->op), GB_ARG(left), GB_ARG(right));
}

static int arithmetic(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *left = gb_checker_type(checker, node->child[0]);
    const struct gb_type *right = gb_checker_type(checker, node->child[1]);
    const struct gb_type *result = NULL;
    if (node->op == GB_OP_ADD && left->kind == GB_TYPE_LIST && right->kind == GB_TYPE_LIST) {
        if (!gb_types_assignable(&checker->types, left, right) &&
            !gb_types_assignable(&checker->types, right, left))
            return refuse(checker, node);
        node->type = gb_types_join(&checker->types, left, right);
        return GB_OK;
    }
    for (size_t i = 0; i < sizeof arithmetics / sizeof *arithmetics; i++) {
        const struct arithmetic *row = &arithmetics[i];
        if (row->op != node->op || (left->kind != row->left && !is_open(left)) ||
            (right->kind != row->right && !is_open(right)))
            continue;
        const struct gb_type *type = row->result ? row->result : is_open(left) ? right : left;
        if (result && result != type)
            type = &gb_type_dyn;
        result = type;
    }
    if (!result)
        return refuse(checker, node);
    node->type = result;
    return GB_OK;
}

static int order(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *left = gb_checker_type(checker, node->child[0]);
    const struct gb_type *right = gb_checker_type(checker, node->child[1]);
    node->type = &gb_type_bool;
    bool left_fits =
        is_open(left) || (left->kind >= GB_TYPE_BOOL && left->kind <= GB_TYPE_DURATION);
    bool right_fits =
        is_open(right) || (right->kind >= GB_TYPE_BOOL && right->kind <= GB_TYPE_DURATION);
    bool both = is_open(left) || is_open(right) || left->kind == right->kind ||
                (is_number(left) && is_number(right));
    return left_fits && right_fits && both ? GB_OK : refuse(checker, node);
}

static int unknown_value(struct gb_checker *checker, const struct gb_ast *node,
                         const struct gb_field *field, struct gb_str value)
{
    struct gb_str hint = {0};
    for (size_t i = 0; i < field->value_count && hint.len < 120; i++)
        hint = gb_str_format(checker->arena, GB_PRI "%s" GB_PRI, GB_ARG(hint),
                             i ? ", " : "it is one of: ", GB_ARG(field->values[i]));
    if (hint.len >= 120) { // too many to read: the nearest one, if there is one
        hint = gb_str_nearest(value, field->values, field->value_count);
        hint = hint.len
                   ? gb_str_format(checker->arena, "did you mean \"" GB_PRI "\"?", GB_ARG(hint))
                   : gb_str_format(checker->arena, "it is one of %zu", field->value_count);
    }
    return gb_checker_fail(checker, node,
                           "\"" GB_PRI "\" is never the value of " GB_PRI " (" GB_PRI ")",
                           GB_ARG(value), GB_ARG(field->name), GB_ARG(hint));
}

// A constant that is compared with a field that has a closed set of values must be one of them.
static int check_value(struct gb_checker *checker, const struct gb_ast *field_node,
                       const struct gb_ast *constant)
{
    const struct gb_field *field = gb_checker_field(checker, field_node);
    if (!field || !field->value_count || field->type->kind != GB_TYPE_STRING ||
        field_node->kind != GB_AST_SELECT || constant->kind != GB_AST_CONSTANT ||
        constant->value.kind != GB_VALUE_STRING)
        return GB_OK;
    for (size_t i = 0; i < field->value_count; i++)
        if (gb_str_eq(field->values[i], constant->value.string))
            return GB_OK;
    return unknown_value(checker, constant, field, constant->value.string);
}

static int equality(struct gb_checker *checker, struct gb_ast *node)
{
    struct gb_ast *left = node->child[0], *right = node->child[1];
    node->type = &gb_type_bool;
    if (!gb_types_assignable(&checker->types, left->type, right->type) &&
        !gb_types_assignable(&checker->types, right->type, left->type)) {
        struct gb_str a = gb_checker_text(checker, left->type);
        return gb_checker_fail(checker, node,
                               "'%s' compares " GB_PRI " with " GB_PRI ": never equal",
                               gb_ast_operator_text(node->op), GB_ARG(a),
                               GB_ARG(gb_checker_text(checker, right->type)));
    }
    int code = check_value(checker, left, right);
    return code ? code : check_value(checker, right, left);
}

static int membership(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *right = gb_checker_type(checker, node->child[1]);
    node->type = &gb_type_bool;
    if (right->kind == GB_TYPE_PARAMETER)
        (void)gb_types_assignable(&checker->types, &gb_type_dyn, right);
    if (is_open(right))
        return GB_OK;
    const struct gb_type *element = right->kind == GB_TYPE_LIST     ? right->element
                                    : right->kind == GB_TYPE_MAP    ? right->key
                                    : right->kind == GB_TYPE_RECORD ? &gb_type_string
                                                                    : NULL;
    if (!element)
        return gb_checker_fail(checker, node,
                               "'in' needs a list or a map on its right, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, right)));
    if (!gb_types_assignable(&checker->types, node->child[0]->type, element) &&
        !gb_types_assignable(&checker->types, element, node->child[0]->type)) {
        struct gb_str left = gb_checker_text(checker, node->child[0]->type);
        return gb_checker_fail(checker, node, GB_PRI " is never in " GB_PRI, GB_ARG(left),
                               GB_ARG(gb_checker_text(checker, right)));
    }
    int code = GB_OK;
    const struct gb_ast *list = node->child[1];
    for (uint32_t i = 0; !code && list->kind == GB_AST_LIST && i < list->child_count; i++)
        code = check_value(checker, node->child[0], list->child[i]);
    return code;
}

static int conditional(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_ast *condition = node->child[0], *yes = node->child[1], *no = node->child[2];
    if (!gb_types_assignable(&checker->types, condition->type, &gb_type_bool))
        return gb_checker_fail(checker, condition,
                               "the condition of ?: must be a bool, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, condition->type)));
    if (!gb_types_assignable(&checker->types, yes->type, no->type) &&
        !gb_types_assignable(&checker->types, no->type, yes->type)) {
        struct gb_str text = gb_checker_text(checker, yes->type);
        return gb_checker_fail(checker, node,
                               "the branches of ?: have different types: " GB_PRI " and " GB_PRI,
                               GB_ARG(text), GB_ARG(gb_checker_text(checker, no->type)));
    }
    node->type = gb_types_join(&checker->types, yes->type, no->type);
    return GB_OK;
}

static int logic(struct gb_checker *checker, struct gb_ast *node)
{
    node->type = &gb_type_bool;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (!gb_types_assignable(&checker->types, node->child[i]->type, &gb_type_bool))
            return gb_checker_fail(checker, node->child[i], "'%s' needs a bool, got " GB_PRI,
                                   gb_ast_operator_text(node->op),
                                   GB_ARG(gb_checker_text(checker, node->child[i]->type)));
    return GB_OK;
}

static int negation(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *type = gb_checker_type(checker, node->child[0]);
    if (!is_open(type) && type->kind != GB_TYPE_INT && type->kind != GB_TYPE_DOUBLE)
        return refuse(checker, node);
    node->type = is_open(type) ? &gb_type_dyn : type;
    return GB_OK;
}

int gb_checker_operator(struct gb_checker *checker, struct gb_ast *node)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        int code = gb_checker_visit(checker, node->child[i]);
        if (code)
            return code;
    }
    if (checker->lenient)
        return GB_OK;
    switch ((enum gb_ast_operator)node->op) {
    case GB_OP_AND:
    case GB_OP_OR:
    case GB_OP_NOT:
        return logic(checker, node);
    case GB_OP_CONDITIONAL:
        return conditional(checker, node);
    case GB_OP_NEGATE:
        return negation(checker, node);
    case GB_OP_ADD:
    case GB_OP_SUBTRACT:
    case GB_OP_MULTIPLY:
    case GB_OP_DIVIDE:
    case GB_OP_MODULO:
        return arithmetic(checker, node);
    case GB_OP_EQUAL:
    case GB_OP_NOT_EQUAL:
        return equality(checker, node);
    case GB_OP_LESS:
    case GB_OP_LESS_EQUAL:
    case GB_OP_GREATER:
    case GB_OP_GREATER_EQUAL:
        return order(checker, node);
    case GB_OP_IN:
        return membership(checker, node);
    case GB_OP_COUNT:
        break;
    }
    return gb_error_set(checker->err, GB_E_INTERNAL, "an unknown operator");
}
