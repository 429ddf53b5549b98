// From the checked tree to nodes that evaluate: picks the specialised ones, computes what is
// constant, compiles constant patterns. Used by gb_cel_compile.
#include "expr/engine.h"

struct generator {
    const struct gb_ast_source *source;
    struct gb_arena *arena; // of the program
    struct gb_error *err;
    const struct gb_pattern *patterns;
    uint64_t fold_budget;
    size_t pattern_bytes;
    bool failed;    // out of memory
    int error_code; // of a constant that cannot be (a pattern)
};

// Cost units for computing constants ahead: of one, and of all of a program. What is left over is
// computed while evaluating.
enum { FOLD_BUDGET = 2000, FOLD_BUDGET_ALL = 100000, SET_FROM = 6, PATTERN_BYTES_ALL = 16 << 20 };

static const struct gb_node *generate(struct generator *generator, const struct gb_ast *ast);

static const struct gb_node *constant(struct generator *generator, struct gb_value value);

// A zeroed node of `size` bytes; a constant error when there is no memory (then failed is set, and
// the program is never run).
static void *new_node(struct generator *generator, size_t size, gb_node_function *eval,
                      uint64_t cost)
{
    static struct gb_node_call spare; // large enough for each kind; never evaluated
    struct gb_node *node = gb_alloc(generator->arena, size);
    if (!node) {
        generator->failed = true;
        return &spare;
    }
    node->eval = eval;
    node->cost = cost > UINT32_MAX ? UINT32_MAX : (uint32_t)cost;
    return node;
}

static const struct gb_node *constant(struct generator *generator, struct gb_value value)
{
    struct gb_node_constant *node = new_node(generator, sizeof *node, gb_eval_constant, 1);
    if (!generator->failed)
        node->value = value;
    return &node->node;
}

static bool is_constant(const struct gb_node *node)
{
    return node->eval == gb_eval_constant;
}

static const struct gb_value *constant_value(const struct gb_node *node)
{
    return &((const struct gb_node_constant *)node)->value;
}

static bool is_constant_string(const struct gb_node *node)
{
    return is_constant(node) && constant_value(node)->kind == GB_VALUE_STRING;
}

// Strings of the tree live in the scratch arena or in the caller's text: the program keeps copies.
static struct gb_value keep(struct generator *generator, struct gb_value value)
{
    if (value.kind == GB_VALUE_STRING || value.kind == GB_VALUE_BYTES ||
        value.kind == GB_VALUE_TYPE)
        value.string = gb_str_copy(generator->arena, value.string);
    return value;
}

// What a name that means nothing gives without a check: an error, which may be absorbed.
static const struct gb_node *failing(struct generator *generator, const char *what,
                                     struct gb_str name)
{
    struct gb_str reason =
        gb_str_format(generator->arena, "no %s \"" GB_PRI "\"", what, GB_ARG(name));
    return constant(generator, (struct gb_value){.kind = GB_VALUE_ERROR, .string = reason});
}

// Computes a node whose operands are all constant. An error stays: it may be absorbed while
// evaluating. Where presence is strict it is the author's mistake, and said when loaded.
static const struct gb_node *fold(struct generator *generator, const struct gb_ast *ast,
                                  const struct gb_node *node)
{
    if (generator->failed || generator->error_code || generator->fold_budget < FOLD_BUDGET)
        return node;
    const struct gb_value *locals[1] = {NULL};
    struct gb_cel_run run = {.arena = generator->arena,
                             .locals = locals,
                             .budget = FOLD_BUDGET,
                             .patterns = generator->patterns};
    struct gb_value scratch;
    struct gb_value value = *gb_eval(node, &run, &scratch);
    generator->fold_budget -= FOLD_BUDGET - run.budget;
    if (run.exhausted || value.kind == GB_VALUE_OPTIONAL)
        return node;
    if (!gb_is_blocked(&value))
        return constant(generator, value);
    if (generator->source->options->strict_presence)
        generator->error_code =
            gb_ast_error(generator->source, generator->err, GB_E_TYPE, ast->offset,
                         "this always fails: " GB_PRI, GB_ARG(value.string));
    return node;
}

static const struct gb_node *identifier(struct generator *generator, const struct gb_ast *ast)
{
    if (ast->resolution == GB_RESOLVED_TYPE)
        return constant(generator, keep(generator, ast->value));
    if (ast->resolution == GB_RESOLVED_NOT)
        return failing(generator, "variable", ast->name);
    struct gb_node_variable *node =
        new_node(generator, sizeof *node,
                 ast->resolution == GB_RESOLVED_SLOT ? gb_eval_slot : gb_eval_local, 1);
    if (!generator->failed)
        node->index = ast->index;
    return &node->node;
}

static const struct gb_node *selection(struct generator *generator, const struct gb_ast *ast,
                                       const struct gb_node *operand, struct gb_str name,
                                       gb_node_function *eval)
{
    bool slot = operand->eval == gb_eval_slot && eval == gb_eval_select;
    struct gb_node_select *node =
        new_node(generator, sizeof *node, slot ? gb_eval_select_slot : eval, operand->cost + 1ull);
    uint32_t *place = gb_alloc(generator->arena, sizeof *place);
    struct gb_str copy = gb_str_copy(generator->arena, name);
    struct gb_str reason = gb_str_format(generator->arena, "no such key: " GB_PRI, GB_ARG(name));
    if (generator->failed || !place || !reason.at)
        return &node->node;
    node->operand = operand;
    node->place = place;
    node->name = gb_string(copy);
    node->missing = (struct gb_value){.kind = GB_VALUE_ERROR, .string = reason};
    if (slot)
        node->slot = ((const struct gb_node_variable *)operand)->index;
    return is_constant(operand) ? fold(generator, ast, &node->node) : &node->node;
}

static const struct gb_node *indexing(struct generator *generator, const struct gb_ast *ast)
{
    const struct gb_node *operand = generate(generator, ast->child[0]);
    const struct gb_node *key = generate(generator, ast->child[1]);
    const struct gb_type *type = ast->child[0]->type;
    bool record = type->kind == GB_TYPE_RECORD || type->kind == GB_TYPE_MAP;
    if (record && is_constant_string(key) && !ast->optional)
        return selection(generator, ast, operand, constant_value(key)->string, gb_eval_select);
    struct gb_node_index *node =
        new_node(generator, sizeof *node, gb_eval_index, (uint64_t)operand->cost + key->cost + 1);
    if (generator->failed)
        return &node->node;
    node->operand = operand;
    node->key = key;
    node->optional = ast->optional;
    return is_constant(operand) && is_constant(key) ? fold(generator, ast, &node->node)
                                                    : &node->node;
}

static const struct gb_node *const *children(struct generator *generator, const struct gb_ast *ast,
                                             uint64_t *cost, bool *all_constant)
{
    const struct gb_node **child =
        gb_alloc_array(generator->arena, ast->child_count, sizeof *child);
    *cost = 1;
    *all_constant = true;
    if (!child)
        generator->failed = true;
    for (uint32_t i = 0; child && i < ast->child_count; i++) {
        child[i] = generate(generator, ast->child[i]);
        *cost += child[i]->cost;
        *all_constant &= is_constant(child[i]);
    }
    return child;
}

static const bool *marks(struct generator *generator, const struct gb_ast *ast)
{
    if (!ast->marked)
        return NULL;
    bool *marked = gb_alloc(generator->arena, ast->child_count);
    if (marked)
        memcpy(marked, ast->marked, ast->child_count);
    else
        generator->failed = true;
    return marked;
}

static const struct gb_node *many(struct generator *generator, const struct gb_ast *ast,
                                  gb_node_function *eval)
{
    uint64_t cost;
    bool all_constant;
    const struct gb_node *const *child = children(generator, ast, &cost, &all_constant);
    struct gb_node_many *node = new_node(generator, sizeof *node, eval, cost);
    const bool *marked = marks(generator, ast);
    if (generator->failed)
        return &node->node;
    node->count = ast->child_count;
    node->child = child;
    node->marked = marked;
    node->local = ast->index;
    return all_constant && ast->kind != GB_AST_BLOCK ? fold(generator, ast, &node->node)
                                                     : &node->node;
}

static const struct gb_node *unary(struct generator *generator, const struct gb_ast *ast,
                                   gb_node_function *eval)
{
    const struct gb_node *operand = generate(generator, ast->child[0]);
    struct gb_node_unary *node = new_node(generator, sizeof *node, eval, operand->cost + 1ull);
    if (generator->failed)
        return &node->node;
    node->operand = operand;
    return is_constant(operand) ? fold(generator, ast, &node->node) : &node->node;
}

static gb_operate_function *operation(uint8_t op)
{
    switch (op) {
    case GB_OP_ADD:
        return gb_operate_add;
    case GB_OP_SUBTRACT:
        return gb_operate_subtract;
    case GB_OP_MULTIPLY:
        return gb_operate_multiply;
    case GB_OP_DIVIDE:
        return gb_operate_divide;
    default:
        return gb_operate_modulo;
    }
}

static bool is_equality(uint8_t op)
{
    return op == GB_OP_EQUAL || op == GB_OP_NOT_EQUAL;
}

static bool is_order(uint8_t op)
{
    return op >= GB_OP_LESS && op <= GB_OP_GREATER_EQUAL;
}

// Specialised on a constant right side where that pays.
static gb_node_function *comparison(uint8_t op, const struct gb_node *right)
{
    uint8_t kind = is_constant(right) ? constant_value(right)->kind : GB_VALUE_ERROR;
    if (is_equality(op))
        return kind == GB_VALUE_STRING ? gb_eval_equal_string
               : kind == GB_VALUE_INT  ? gb_eval_equal_int
                                       : gb_eval_equal;
    return kind == GB_VALUE_INT ? gb_eval_order_int : gb_eval_order;
}

// What a comparison says with its sides exchanged.
static uint8_t mirrored(uint8_t op)
{
    switch (op) {
    case GB_OP_LESS:
        return GB_OP_GREATER;
    case GB_OP_LESS_EQUAL:
        return GB_OP_GREATER_EQUAL;
    case GB_OP_GREATER:
        return GB_OP_LESS;
    case GB_OP_GREATER_EQUAL:
        return GB_OP_LESS_EQUAL;
    default:
        return op;
    }
}

static const struct gb_node *binary(struct generator *generator, const struct gb_ast *ast)
{
    const struct gb_node *left = generate(generator, ast->child[0]);
    const struct gb_node *right = generate(generator, ast->child[1]);
    uint8_t op = ast->op;
    bool compares = is_equality(op) || is_order(op);
    if (compares && is_constant(left) && !is_constant(right)) {
        const struct gb_node *swap = left;
        left = right;
        right = swap;
        op = mirrored(op);
    }
    struct gb_node_binary *node =
        new_node(generator, sizeof *node, compares ? comparison(op, right) : gb_eval_operate,
                 (uint64_t)left->cost + right->cost + 1);
    if (generator->failed)
        return &node->node;
    node->left = left;
    node->right = right;
    node->op = op;
    node->operate = operation(op);
    if (is_constant(right))
        node->constant = *constant_value(right);
    return is_constant(left) && is_constant(right) ? fold(generator, ast, &node->node)
                                                   : &node->node;
}

// The elements of a constant list as a hashed set, if all of them can be keys; else NULL.
static const struct gb_map_value *set_of(struct generator *generator, const struct gb_node *node)
{
    if (!is_constant(node) || constant_value(node)->kind != GB_VALUE_LIST ||
        constant_value(node)->list->count < SET_FROM)
        return NULL;
    const struct gb_list *list = constant_value(node)->list;
    struct gb_map_value *set = gb_map_new(generator->arena);
    for (size_t i = 0; set && i < list->count; i++) {
        uint8_t kind = list->items[i].kind;
        if (kind != GB_VALUE_STRING && kind != GB_VALUE_INT && kind != GB_VALUE_UINT &&
            kind != GB_VALUE_BOOL)
            return NULL;
        gb_map_put_key(generator->arena, set, list->items[i], gb_null());
    }
    return set;
}

static const struct gb_node *membership(struct generator *generator, const struct gb_ast *ast)
{
    const struct gb_node *left = generate(generator, ast->child[0]);
    const struct gb_node *right = generate(generator, ast->child[1]);
    uint64_t cost = (uint64_t)left->cost + right->cost + 1;
    const struct gb_map_value *set = set_of(generator, right);
    if (set && !is_constant(left)) {
        struct gb_node_member *member =
            new_node(generator, sizeof *member, gb_eval_in_set, left->cost + 1ull);
        if (!generator->failed) {
            member->operand = left;
            member->set = set;
        }
        return &member->node;
    }
    struct gb_node_binary *node = new_node(generator, sizeof *node, gb_eval_in, cost);
    if (generator->failed)
        return &node->node;
    node->left = left;
    node->right = right;
    node->op = ast->op;
    return is_constant(left) && is_constant(right) ? fold(generator, ast, &node->node)
                                                   : &node->node;
}

static const struct gb_node *operators(struct generator *generator, const struct gb_ast *ast)
{
    switch (ast->op) {
    case GB_OP_AND:
        return many(generator, ast, gb_eval_and);
    case GB_OP_OR:
        return many(generator, ast, gb_eval_or);
    case GB_OP_CONDITIONAL:
        return many(generator, ast, gb_eval_conditional);
    case GB_OP_NOT:
        return unary(generator, ast, gb_eval_not);
    case GB_OP_NEGATE:
        return unary(generator, ast, gb_eval_negate);
    case GB_OP_IN:
        return membership(generator, ast);
    default:
        return binary(generator, ast);
    }
}

// Compiles a constant pattern once, now; NULL with the generator's error when it is none.
static const struct gb_pattern *pattern_of(struct generator *generator, const struct gb_ast *ast,
                                           const struct gb_node *node)
{
    struct gb_error reason = {0};
    if (generator->error_code)
        return NULL;
    struct gb_str text = constant_value(node)->string;
    struct gb_pattern *pattern = gb_alloc(generator->arena, sizeof *pattern);
    bool memory = pattern && !gb_arena_failed(generator->arena);
    size_t before = gb_arena_used(generator->arena);
    int code =
        memory ? gb_regex_compile(text, generator->arena, &pattern->regex, &reason) : GB_E_MEMORY;
    generator->pattern_bytes += gb_arena_used(generator->arena) - before;
    if (!code && generator->pattern_bytes > PATTERN_BYTES_ALL)
        code = gb_error_set(&reason, GB_E_LIMIT, "all patterns of the expression are too large");
    if (code) {
        generator->error_code =
            gb_ast_error(generator->source, generator->err, code, ast->child[1]->offset,
                         "the pattern: %s", reason.reason);
        return NULL;
    }
    pattern->text = text;
    pattern->next = generator->patterns;
    generator->patterns = pattern;
    return pattern;
}

static bool takes_pattern(const struct gb_ast *ast)
{
    return ast->candidate_count && ast->candidates[0]->row && ast->child_count >= 2 &&
           ast->candidates[0]->row->flags & GB_CEL_PATTERN;
}

static const struct gb_node *matches(struct generator *generator, const struct gb_ast *ast,
                                     const struct gb_node *text, const struct gb_pattern *pattern)
{
    struct gb_node_matches *node =
        new_node(generator, sizeof *node, gb_eval_matches, text->cost + 5ull);
    if (generator->failed)
        return &node->node;
    node->operand = text;
    node->regex = pattern->regex;
    return is_constant(text) ? fold(generator, ast, &node->node) : &node->node;
}

static bool foldable(const struct gb_ast *ast)
{
    for (uint32_t i = 0; i < ast->candidate_count; i++)
        if (ast->candidates[i]->no_fold || !ast->candidates[i]->function)
            return false;
    return true;
}

static const struct gb_node *call(struct generator *generator, const struct gb_ast *ast)
{
    uint64_t cost;
    bool all_constant;
    const struct gb_node *const *child = children(generator, ast, &cost, &all_constant);
    if (generator->failed || ast->child_count > GB_CEL_MAX_PARAMETERS || !ast->candidate_count)
        return failing(generator, "function", ast->name);
    if (takes_pattern(ast) && is_constant_string(child[1])) {
        const struct gb_pattern *pattern = pattern_of(generator, ast, child[1]);
        if (!pattern)
            return child[1];
        if (gb_str_is(ast->name, "matches") && ast->child_count == 2)
            return matches(generator, ast, child[0], pattern);
    }
    gb_node_function *eval = ast->child_count == 1   ? gb_eval_call1
                             : ast->child_count == 2 ? gb_eval_call2
                                                     : gb_eval_call;
    struct gb_node_call *node = new_node(generator, sizeof *node, eval, cost + 1);
    const struct gb_signature **candidates =
        gb_alloc_array(generator->arena, ast->candidate_count, sizeof *candidates);
    struct gb_str reason =
        gb_str_format(generator->arena, "no such overload: " GB_PRI "()", GB_ARG(ast->name));
    if (generator->failed || !candidates || !reason.at)
        return &node->node;
    for (uint32_t i = 0; i < ast->candidate_count; i++)
        candidates[i] = ast->candidates[i];
    node->count = ast->child_count;
    node->child = child;
    node->candidates = candidates;
    node->candidate_count = ast->candidate_count;
    node->failure = (struct gb_value){.kind = GB_VALUE_ERROR, .string = reason};
    return all_constant && foldable(ast) ? fold(generator, ast, &node->node) : &node->node;
}

static const struct gb_node *comprehension(struct generator *generator, const struct gb_ast *ast)
{
    static gb_node_function *const functions[] = {
        [GB_FOLD_ALL] = gb_eval_all,
        [GB_FOLD_EXISTS] = gb_eval_exists,
        [GB_FOLD_EXISTS_ONE] = gb_eval_exists_one,
        [GB_FOLD_FILTER] = gb_eval_filter,
        [GB_FOLD_MAP] = gb_eval_fold_map,
        [GB_FOLD_TRANSFORM_MAP] = gb_eval_transform_map,
        [GB_FOLD_TRANSFORM_ENTRY] = gb_eval_transform_entry,
        [GB_FOLD_SORT_BY] = gb_eval_sort_by,
    };
    const struct gb_node *range = generate(generator, ast->child[GB_FOLD_RANGE]);
    const struct gb_node *condition = NULL, *body = NULL;
    uint64_t step = 1;
    if (ast->child[GB_FOLD_CONDITION]) {
        condition = generate(generator, ast->child[GB_FOLD_CONDITION]);
        step += condition->cost;
    }
    if (ast->child[GB_FOLD_BODY]) {
        body = generate(generator, ast->child[GB_FOLD_BODY]);
        step += body->cost;
    }
    struct gb_node_fold *node =
        new_node(generator, sizeof *node, functions[ast->op], range->cost + 1ull);
    if (generator->failed)
        return &node->node;
    node->range = range;
    node->condition = condition;
    node->body = body;
    node->local = ast->index;
    node->local2 = ast->index2;
    node->two = ast->two_variables;
    node->step_cost = step > UINT32_MAX ? UINT32_MAX : (uint32_t)step;
    return &node->node;
}

static const struct gb_node *binding(struct generator *generator, const struct gb_ast *ast,
                                     gb_node_function *eval)
{
    const struct gb_node *init = generate(generator, ast->child[0]);
    const struct gb_node *body = generate(generator, ast->child[1]);
    struct gb_node_bind *node =
        new_node(generator, sizeof *node, eval, (uint64_t)init->cost + body->cost + 1);
    if (generator->failed)
        return &node->node;
    node->init = init;
    node->body = body;
    node->local = ast->index;
    node->flat = ast->optional;
    return &node->node;
}

static const struct gb_node *generate(struct generator *generator, const struct gb_ast *ast)
{
    switch ((enum gb_ast_kind)ast->kind) {
    case GB_AST_CONSTANT:
        return constant(generator, keep(generator, ast->value));
    case GB_AST_IDENT:
        return identifier(generator, ast);
    case GB_AST_SELECT:
        return selection(generator, ast, generate(generator, ast->child[0]), ast->name,
                         ast->optional ? gb_eval_select_optional : gb_eval_select);
    case GB_AST_HAS:
        return selection(generator, ast, generate(generator, ast->child[0]), ast->name,
                         gb_eval_has);
    case GB_AST_INDEX:
        return indexing(generator, ast);
    case GB_AST_OPERATOR:
        return operators(generator, ast);
    case GB_AST_CALL:
    case GB_AST_METHOD:
        return call(generator, ast);
    case GB_AST_LIST:
        return many(generator, ast, gb_eval_list);
    case GB_AST_MAP:
        return many(generator, ast, gb_eval_map);
    case GB_AST_FOLD:
        return comprehension(generator, ast);
    case GB_AST_BIND:
        return binding(generator, ast, gb_eval_bind);
    case GB_AST_BLOCK:
        return many(generator, ast, gb_eval_block);
    case GB_AST_OPTIONAL_MAP:
        return binding(generator, ast, gb_eval_optional_map);
    }
    return constant(generator, gb_value_no_overload);
}

int gb_cel_generate(const struct gb_ast_source *source, struct gb_arena *arena, struct gb_ast *root,
                    struct gb_cel_program *program, struct gb_error *err)
{
    struct generator generator = {
        .source = source, .arena = arena, .err = err, .fold_budget = FOLD_BUDGET_ALL};
    program->root = generate(&generator, root);
    program->patterns = generator.patterns;
    if (generator.error_code)
        return generator.error_code;
    if (generator.failed || gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    return GB_OK;
}
