// Evaluates calls of functions of the tables, and matches() with a constant pattern.
#include "expr/engine.h"

static inline bool fits(const struct gb_signature *signature, const struct gb_value *arguments,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!(signature->kinds[i] >> arguments[i].kind & 1))
            return false;
        if (signature->tags[i] && signature->tags[i] != arguments[i].tag)
            return false;
    }
    return true;
}

static const struct gb_value *call(const struct gb_node_call *node, struct gb_cel_run *run,
                                   const struct gb_value *arguments, struct gb_value *scratch)
{
    const struct gb_value *worst = NULL;
    for (uint32_t i = 0; i < node->candidate_count; i++) {
        const struct gb_signature *candidate = node->candidates[i];
        if (!fits(candidate, arguments, node->count))
            continue;
        if (!candidate->function)
            break;
        candidate->function(run, arguments, scratch);
        for (uint32_t j = 0; !scratch->origin && j < node->count; j++)
            scratch->origin = arguments[j].origin;
        return scratch;
    }
    for (uint32_t i = 0; i < node->count; i++)
        if (gb_is_blocked(&arguments[i]) &&
            (!worst || gb_blocked_rank(&arguments[i]) > gb_blocked_rank(worst)))
            worst = &arguments[i];
    *scratch = worst ? *worst : node->failure;
    return scratch;
}

const struct gb_value *gb_eval_call1(const struct gb_node *n, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    const struct gb_node_call *node = (const struct gb_node_call *)n;
    struct gb_value own __attribute__((uninitialized));
    const struct gb_value *argument = gb_eval(node->child[0], run, &own);
    return call(node, run, argument, scratch);
}

const struct gb_value *gb_eval_call2(const struct gb_node *n, struct gb_cel_run *run,
                                     struct gb_value *scratch)
{
    const struct gb_node_call *node = (const struct gb_node_call *)n;
    struct gb_value own __attribute__((uninitialized)), arguments[2] __attribute__((uninitialized));
    arguments[0] = *gb_eval(node->child[0], run, &own);
    arguments[1] = *gb_eval(node->child[1], run, &own);
    return call(node, run, arguments, scratch);
}

const struct gb_value *gb_eval_call(const struct gb_node *n, struct gb_cel_run *run,
                                    struct gb_value *scratch)
{
    const struct gb_node_call *node = (const struct gb_node_call *)n;
    struct gb_value arguments[GB_CEL_MAX_PARAMETERS] __attribute__((uninitialized));
    struct gb_value own __attribute__((uninitialized));
    for (uint32_t i = 0; i < node->count; i++)
        arguments[i] = *gb_eval(node->child[i], run, &own);
    return call(node, run, arguments, scratch);
}

const struct gb_value *gb_eval_matches(const struct gb_node *n, struct gb_cel_run *run,
                                       struct gb_value *scratch)
{
    const struct gb_node_matches *node = (const struct gb_node_matches *)n;
    const struct gb_value *text = gb_eval(node->operand, run, scratch);
    if (text->kind != GB_VALUE_STRING)
        return gb_is_blocked(text) ? text : &gb_value_no_overload;
    int found = gb_run_search(run, node->regex, text->string, scratch);
    return found < 0 ? scratch : found ? &gb_value_true : &gb_value_false;
}
