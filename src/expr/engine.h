// The compiled form: a tree of nodes, each with the C function that evaluates it. Private to the
// CEL engine (docs/adr/0003-cel-compilation.md).
//
// A node gives a pointer to its value: to what exists already (a slot, a field of a record, a
// constant), so that nothing is copied, or to the `scratch` that its caller lends. Never to its own
// C frame, and never to a loop's state that the caller outlives.
#ifndef GABION_EXPR_ENGINE_H
#define GABION_EXPR_ENGINE_H

#include "expr/ast.h"
#include "expr/env.h"
#include "expr/regex.h"

enum {
    GB_RUN_LOCALS = 8,       // locals without an allocation
    GB_RUN_STEPS_A_UNIT = 4, // of regular expressions
};

struct gb_pattern { // a constant pattern, compiled with the program
    const struct gb_pattern *next;
    struct gb_str text; // by its place: the same text elsewhere is another constant
    struct gb_regex *regex;
};

struct gb_cel_run {
    struct gb_arena *arena;
    const struct gb_value *slots;
    const struct gb_value **locals;
    uint64_t budget; // cost units left
    bool exhausted;  // of cost or memory: the whole result is an error
    struct gb_str stop_reason;
    const struct gb_cel_zones *zones;
    const struct gb_pattern *patterns;
    struct gb_str last_pattern; // the newest pattern that was no constant, compiled
    struct gb_regex *last_regex;
};

struct gb_node;
typedef const struct gb_value *gb_node_function(const struct gb_node *node, struct gb_cel_run *run,
                                                struct gb_value *scratch);

struct gb_node {
    gb_node_function *eval;
    uint32_t cost; // of itself and its children, bodies of comprehensions not counted
};

static inline const struct gb_value *gb_eval(const struct gb_node *node, struct gb_cel_run *run,
                                             struct gb_value *scratch)
{
    return node->eval(node, run, scratch);
}

struct gb_node_constant {
    struct gb_node node;
    struct gb_value value;
};

struct gb_node_variable { // slot or local
    struct gb_node node;
    uint32_t index;
};

struct gb_node_select { // also has(), .?f, and [constant string]
    struct gb_node node;
    const struct gb_node *operand;
    uint32_t slot;   // when the operand is a slot
    uint32_t *place; // where the field was last time
    struct gb_value name;
    struct gb_value missing; // the error
};

struct gb_node_index {
    struct gb_node node;
    const struct gb_node *operand, *key;
    bool optional;
};

struct gb_node_unary {
    struct gb_node node;
    const struct gb_node *operand;
};

struct gb_node_binary {
    struct gb_node node;
    const struct gb_node *left, *right;
    struct gb_value constant; // of nodes that are specialised on a constant right side
    void (*operate)(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                    struct gb_value *ret);
    uint8_t op;
};

struct gb_node_many { // && || lists maps blocks; ?: with three
    struct gb_node node;
    uint32_t count, local;
    const struct gb_node *const *child;
    const bool *marked;
};

struct gb_node_call {
    struct gb_node node;
    uint32_t count, candidate_count;
    const struct gb_node *const *child;
    const struct gb_signature *const *candidates;
    struct gb_value failure; // when none fits
};

struct gb_node_matches {
    struct gb_node node;
    const struct gb_node *operand;
    const struct gb_regex *regex;
};

struct gb_node_member { // in a constant list of strings, hashed
    struct gb_node node;
    const struct gb_node *operand;
    const struct gb_map_value *set;
};

struct gb_node_fold {
    struct gb_node node;
    const struct gb_node *range, *condition, *body;
    uint32_t local, local2, step_cost;
    bool two;
};

struct gb_node_bind { // also optMap
    struct gb_node node;
    const struct gb_node *init, *body;
    uint32_t local;
    bool flat;
};

// eval_access.c
gb_node_function gb_eval_constant, gb_eval_slot, gb_eval_local, gb_eval_select, gb_eval_select_slot,
    gb_eval_has, gb_eval_select_optional, gb_eval_index, gb_eval_bind, gb_eval_block,
    gb_eval_optional_map;
// The value under a key of a list or map, or NULL; sets *ret to an error where the key cannot be.
const struct gb_value *gb_value_at(const struct gb_value *from, const struct gb_value *key,
                                   struct gb_value *ret);
// By CEL's equality: 1, 1u and 1.0 are one key. NULL when absent.
const struct gb_value *gb_map_lookup(const struct gb_map_value *map, const struct gb_value *key);
// eval_logic.c
gb_node_function gb_eval_and, gb_eval_or, gb_eval_not, gb_eval_conditional, gb_eval_equal,
    gb_eval_equal_string, gb_eval_equal_int, gb_eval_order, gb_eval_order_int, gb_eval_operate,
    gb_eval_negate, gb_eval_in, gb_eval_in_set;
// eval_build.c
gb_node_function gb_eval_list, gb_eval_map;
// eval_call.c
gb_node_function gb_eval_call1, gb_eval_call2, gb_eval_call, gb_eval_matches;
// eval_fold.c
gb_node_function gb_eval_all, gb_eval_exists, gb_eval_exists_one, gb_eval_filter, gb_eval_fold_map,
    gb_eval_transform_map, gb_eval_transform_entry, gb_eval_sort_by;

// An element with what it is sorted by. Stable; false when two keys cannot be ordered. *items may
// become another array of the arena.
struct gb_sorting {
    struct gb_value key, element;
};
bool gb_sort_by_key(struct gb_cel_run *run, struct gb_sorting **items, size_t count);

// The compiled pattern; the newest is kept while the evaluation lasts. NULL: *ret is an error.
const struct gb_regex *gb_run_regex(struct gb_cel_run *run, struct gb_str pattern,
                                    struct gb_value *ret);
// Whether it matches, 1 or 0, with its cost charged. Negative: *ret is an error.
int gb_run_search(struct gb_cel_run *run, const struct gb_regex *regex, struct gb_str text,
                  struct gb_value *ret);

// operators.c
typedef void gb_operate_function(struct gb_cel_run *run, const struct gb_value *a,
                                 const struct gb_value *b, struct gb_value *ret);
gb_operate_function gb_operate_add, gb_operate_subtract, gb_operate_multiply, gb_operate_divide,
    gb_operate_modulo;
void gb_operate_negate(const struct gb_value *a, struct gb_value *ret);
// As gb_cel_equal; *blocked becomes an unknown value that was met inside and decides.
bool gb_equal_blocked(struct gb_cel_run *run, const struct gb_value *a, const struct gb_value *b,
                      const struct gb_value **blocked);

extern const struct gb_value gb_value_true, gb_value_false, gb_value_no_overload;

static inline bool gb_is_blocked(const struct gb_value *value)
{
    return !gb_cel_is_value(value);
}

// Of two values that are no values the one that counts: error before unknown before not applicable.
// `a` may be NULL.
static inline int gb_blocked_rank(const struct gb_value *value)
{
    return value->kind == GB_VALUE_ERROR            ? 3
           : value->kind == GB_VALUE_UNKNOWN        ? 2
           : value->kind == GB_VALUE_NOT_APPLICABLE ? 1
                                                    : 0;
}

struct gb_cel_program {
    const struct gb_node *root;
    uint32_t local_count, slot_count;
    uint64_t cost_limit;
    const struct gb_type *type;
    const struct gb_cel_zones *zones;
    const struct gb_pattern *patterns;
    uint64_t *reads; // bit per slot
    struct gb_cel_path *paths;
    size_t path_count;
    struct gb_str *present; // paths that are present when the expression is true
    size_t present_count;
};

struct gb_cel_path {
    struct gb_str text;
    uint32_t slot;
    struct gb_str *fields;
    size_t field_count;
};

// Turns a checked tree into nodes. `locals` is the number of local variables.
GB_MUST_USE int gb_cel_generate(const struct gb_ast_source *source, struct gb_arena *arena,
                                struct gb_ast *root, struct gb_cel_program *program,
                                struct gb_error *err);

#endif
