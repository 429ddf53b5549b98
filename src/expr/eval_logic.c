// Evaluates logic, comparison, arithmetic and membership.
#include "expr/engine.h"

// Keeps the value that counts of those that are no bool. `kept` must be the caller's own.
static void keep_worst(struct gb_value *kept, bool *any, const struct gb_value *value)
{
    if (!gb_is_blocked(value))
        value = &gb_value_no_overload;
    if (!*any || gb_blocked_rank(value) > gb_blocked_rank(kept))
        *kept = *value;
    *any = true;
}

// && (decided by false) and || (decided by true): whatever the other terms are.
static inline const struct gb_value *logic(const struct gb_node_many *node, struct gb_cel_run *run,
                                           struct gb_value *scratch, bool decides)
{
    struct gb_value kept __attribute__((uninitialized));
    bool any = false;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct gb_value *term = gb_eval(node->child[i], run, scratch);
        if (term->kind == GB_VALUE_BOOL) {
            if (term->boolean == decides)
                return decides ? &gb_value_true : &gb_value_false;
        } else {
            keep_worst(&kept, &any, term);
        }
    }
    if (!any)
        return decides ? &gb_value_false : &gb_value_true;
    *scratch = kept;
    return scratch;
}

const struct gb_value *gb_eval_and(const struct gb_node *node, struct gb_cel_run *run,
                                   struct gb_value *scratch)
{
    return logic((const struct gb_node_many *)node, run, scratch, false);
}

const struct gb_value *gb_eval_or(const struct gb_node *node, struct gb_cel_run *run,
                                  struct gb_value *scratch)
{
    return logic((const struct gb_node_many *)node, run, scratch, true);
}

const struct gb_value *gb_eval_not(const struct gb_node *node, struct gb_cel_run *run,
                                   struct gb_value *scratch)
{
    const struct gb_value *value =
        gb_eval(((const struct gb_node_unary *)node)->operand, run, scratch);
    if (value->kind == GB_VALUE_BOOL)
        return value->boolean ? &gb_value_false : &gb_value_true;
    return gb_is_blocked(value) ? value : &gb_value_no_overload;
}

const struct gb_value *gb_eval_negate(const struct gb_node *node, struct gb_cel_run *run,
                                      struct gb_value *scratch)
{
    struct gb_value own;
    const struct gb_value *value =
        gb_eval(((const struct gb_node_unary *)node)->operand, run, &own);
    if (gb_is_blocked(value)) {
        *scratch = *value;
        return scratch;
    }
    gb_operate_negate(value, scratch);
    scratch->origin = value->origin;
    return scratch;
}

const struct gb_value *gb_eval_conditional(const struct gb_node *n, struct gb_cel_run *run,
                                           struct gb_value *scratch)
{
    const struct gb_node_many *node = (const struct gb_node_many *)n;
    const struct gb_value *condition = gb_eval(node->child[0], run, scratch);
    if (condition->kind == GB_VALUE_BOOL)
        return gb_eval(node->child[condition->boolean ? 1 : 2], run, scratch);
    return gb_is_blocked(condition) ? condition : &gb_value_no_overload;
}

// Both operands of a strict operator; false when one of them is no value: then *scratch is it.
static inline bool operands(const struct gb_node_binary *node, struct gb_cel_run *run,
                            struct gb_value own[2], const struct gb_value *value[2],
                            struct gb_value *scratch)
{
    value[0] = gb_eval(node->left, run, &own[0]);
    value[1] = gb_eval(node->right, run, &own[1]);
    if (!gb_is_blocked(value[0]) && !gb_is_blocked(value[1]))
        return true;
    *scratch = gb_blocked_rank(value[0]) >= gb_blocked_rank(value[1]) ? *value[0] : *value[1];
    return false;
}

static const struct gb_value *truth(bool b)
{
    return b ? &gb_value_true : &gb_value_false;
}

static const struct gb_value *equal(struct gb_cel_run *run, const struct gb_value *a,
                                    const struct gb_value *b, bool negate, struct gb_value *scratch)
{
    const struct gb_value *blocked = NULL;
    bool result = gb_equal_blocked(run, a, b, &blocked);
    if (!blocked || !result)
        return truth(result != negate);
    *scratch = *blocked;
    return scratch;
}

const struct gb_value *gb_eval_equal(const struct gb_node *n, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    struct gb_value own[2] __attribute__((uninitialized));
    const struct gb_value *value[2] __attribute__((uninitialized));
    if (!operands(node, run, own, value, scratch))
        return scratch;
    return equal(run, value[0], value[1], node->op == GB_OP_NOT_EQUAL, scratch);
}

// Compared with a constant string.
const struct gb_value *gb_eval_equal_string(const struct gb_node *n, struct gb_cel_run *run,
                                            struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    const struct gb_value *value = gb_eval(node->left, run, scratch);
    if (value->kind == GB_VALUE_STRING)
        return truth(gb_str_eq(value->string, node->constant.string) == (node->op == GB_OP_EQUAL));
    return gb_is_blocked(value) ? value : truth(node->op == GB_OP_NOT_EQUAL);
}

// Compared with a constant int.
const struct gb_value *gb_eval_equal_int(const struct gb_node *n, struct gb_cel_run *run,
                                         struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    const struct gb_value *value = gb_eval(node->left, run, scratch);
    if (value->kind == GB_VALUE_INT)
        return truth((value->integer == node->constant.integer) == (node->op == GB_OP_EQUAL));
    if (gb_is_blocked(value))
        return value;
    return equal(run, value, &node->constant, node->op == GB_OP_NOT_EQUAL, scratch);
}

static inline bool order_holds(uint8_t op, int order)
{
    switch (op) {
    case GB_OP_LESS:
        return order < 0;
    case GB_OP_LESS_EQUAL:
        return order <= 0;
    case GB_OP_GREATER:
        return order == 1;
    default:
        return order == 0 || order == 1;
    }
}

static bool is_nan(const struct gb_value *value)
{
    return value->kind == GB_VALUE_DOUBLE && gb_cel_order(value, value) == 2;
}

// What cannot be ordered is an error, but for NaN, which is on no side of any number.
static const struct gb_value *order_result(uint8_t op, const struct gb_value *a,
                                           const struct gb_value *b)
{
    int order = gb_cel_order(a, b);
    if (order != 2)
        return truth(order_holds(op, order));
    return is_nan(a) || is_nan(b) ? &gb_value_false : &gb_value_no_overload;
}

const struct gb_value *gb_eval_order(const struct gb_node *n, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    struct gb_value own[2] __attribute__((uninitialized));
    const struct gb_value *value[2] __attribute__((uninitialized));
    if (!operands(node, run, own, value, scratch))
        return scratch;
    return order_result(node->op, value[0], value[1]);
}

// Ordered against a constant int.
const struct gb_value *gb_eval_order_int(const struct gb_node *n, struct gb_cel_run *run,
                                         struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    const struct gb_value *value = gb_eval(node->left, run, scratch);
    if (value->kind == GB_VALUE_INT) {
        int64_t a = value->integer, b = node->constant.integer;
        return truth(order_holds(node->op, (a > b) - (a < b)));
    }
    return gb_is_blocked(value) ? value : order_result(node->op, value, &node->constant);
}

const struct gb_value *gb_eval_operate(const struct gb_node *n, struct gb_cel_run *run,
                                       struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    struct gb_value own[2] __attribute__((uninitialized));
    const struct gb_value *value[2] __attribute__((uninitialized));
    if (!operands(node, run, own, value, scratch))
        return scratch;
    node->operate(run, value[0], value[1], scratch);
    if (!scratch->origin)
        scratch->origin = value[0]->origin ? value[0]->origin : value[1]->origin;
    return scratch;
}

static const struct gb_value *in_list(struct gb_cel_run *run, const struct gb_value *value,
                                      const struct gb_list *list, struct gb_value *scratch)
{
    const struct gb_value *unknown = NULL;
    if (!gb_cel_charge(run, list->count / 4)) {
        gb_cel_fail_memory(run, scratch);
        return scratch;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct gb_value *blocked = NULL;
        if (!gb_equal_blocked(run, value, &list->items[i], &blocked))
            continue;
        if (!blocked)
            return &gb_value_true;
        if (!unknown || gb_blocked_rank(blocked) > gb_blocked_rank(unknown))
            unknown = blocked;
    }
    if (!unknown)
        return &gb_value_false;
    *scratch = *unknown;
    return scratch;
}

const struct gb_value *gb_eval_in(const struct gb_node *n, struct gb_cel_run *run,
                                  struct gb_value *scratch)
{
    const struct gb_node_binary *node = (const struct gb_node_binary *)n;
    struct gb_value own[2] __attribute__((uninitialized));
    const struct gb_value *value[2] __attribute__((uninitialized));
    if (!operands(node, run, own, value, scratch))
        return scratch;
    if (value[1]->kind == GB_VALUE_LIST)
        return in_list(run, value[0], value[1]->list, scratch);
    if (value[1]->kind != GB_VALUE_MAP)
        return &gb_value_no_overload;
    return truth(gb_map_lookup(value[1]->map, value[0]) != NULL);
}

const struct gb_value *gb_eval_in_set(const struct gb_node *n, struct gb_cel_run *run,
                                      struct gb_value *scratch)
{
    const struct gb_node_member *node = (const struct gb_node_member *)n;
    const struct gb_value *value = gb_eval(node->operand, run, scratch);
    if (gb_is_blocked(value))
        return value;
    return truth(gb_map_lookup(node->set, value) != NULL);
}
