// Overloads of calls: which rows of the function tables a call may reach, and its type.
#include "expr/checker.h"

static const void *try_function(const struct gb_cel_env *env, struct gb_str name)
{
    const struct gb_signature *signature = gb_cel_env_find_function(env, name);
    while (signature && signature->method)
        signature = signature->next;
    return signature;
}

// A method call on a name may be a call of a function with dots: math.abs(x).
static const struct gb_signature *namespaced(struct gb_checker *checker, struct gb_ast *node)
{
    char buffer[512];
    if (node->name.len > 200)
        return NULL;
    struct gb_str target =
        gb_checker_qualified(checker, node->child[0], buffer, sizeof buffer - node->name.len - 1);
    if (!target.len)
        return NULL;
    memmove(buffer, target.at, target.len);
    buffer[target.len] = '.';
    memcpy(buffer + target.len + 1, node->name.at, node->name.len);
    const struct gb_ast *root = node->child[0];
    while (root->kind == GB_AST_SELECT)
        root = root->child[0];
    const struct gb_signature *first =
        gb_checker_resolve(checker, (struct gb_str){buffer, target.len + 1 + node->name.len},
                           root->absolute, try_function);
    if (!first)
        return NULL;
    node->kind = GB_AST_CALL;
    node->name = first->name;
    node->child++;
    node->child_count--;
    return first;
}

static int unknown_function(struct gb_checker *checker, const struct gb_ast *node)
{
    const struct gb_map *functions = &checker->env->functions;
    struct gb_str *names = gb_alloc_array(checker->arena, functions->count + 1, sizeof *names);
    struct gb_str nearest = {0};
    size_t count = 0;
    for (size_t i = 0; names && i < functions->count; i++)
        names[count++] = functions->entries[i].key;
    if (gb_cel_env_find_function(checker->env, node->name))
        return gb_checker_fail(checker, node,
                               "\"" GB_PRI "\" is called on a value: x." GB_PRI "(...)",
                               GB_ARG(node->name), GB_ARG(node->name));
    if (names && node->name.len > 1)
        nearest = gb_str_nearest(node->name, names, count);
    if (nearest.len)
        return gb_checker_fail(checker, node,
                               "no function \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)",
                               GB_ARG(node->name), GB_ARG(nearest));
    return gb_checker_fail(checker, node, "no function \"" GB_PRI "\"", GB_ARG(node->name));
}

// "'charAt' does not take string.charAt(bool); there is string.charAt(int)".
static int no_overload(struct gb_checker *checker, const struct gb_ast *node,
                       const struct gb_signature *first)
{
    struct gb_arena *arena = checker->arena;
    struct gb_str got = node->name;
    bool method = node->kind == GB_AST_METHOD;
    if (method)
        got = gb_str_format(arena, GB_PRI "." GB_PRI,
                            GB_ARG(gb_checker_text(checker, node->child[0]->type)), GB_ARG(got));
    for (uint32_t i = method; i < node->child_count && got.len < 200; i++)
        got = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(got), i > method ? ", " : "(",
                            GB_ARG(gb_checker_text(checker, node->child[i]->type)));
    struct gb_str known = {0};
    size_t count = 0;
    for (const struct gb_signature *s = first; s && count < 4; s = s->next, count++)
        known = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(known), count ? ", " : "",
                              GB_ARG(gb_signature_text(arena, s)));
    return gb_checker_fail(checker, node, "no " GB_PRI "%s; there is " GB_PRI, GB_ARG(got),
                           node->child_count == (method ? 1 : 0) ? "()" : ")", GB_ARG(known));
}

// Whether the arguments fit; binds type variables when they do, and sets *result.
static bool fits(struct gb_checker *checker, const struct gb_ast *node,
                 const struct gb_signature *signature, const struct gb_type **result)
{
    struct gb_types_instance instance = {0};
    size_t mark = gb_types_mark(&checker->types);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct gb_type *wanted = signature->parameters[i];
        if (signature->generic)
            wanted = gb_types_instantiate(&checker->types, &instance, wanted);
        if (!gb_types_assignable(&checker->types, node->child[i]->type, wanted)) {
            gb_types_reset(&checker->types, mark);
            return false;
        }
    }
    *result = signature->result;
    if (signature->generic) {
        *result = gb_types_instantiate(&checker->types, &instance, *result);
        *result = gb_types_resolve(&checker->types, *result, false);
    }
    return true;
}

// Whether dyn is in a type: then what it stands for decides only while evaluating.
static bool is_open(const struct gb_checker *checker, const struct gb_type *type)
{
    type = gb_types_shallow(&checker->types, type);
    if (type->kind == GB_TYPE_DYN || type->kind == GB_TYPE_PARAMETER ||
        (type->element && is_open(checker, type->element)) ||
        (type->key && is_open(checker, type->key)))
        return true;
    for (size_t i = 0; type->parameters && i < type->parameter_count; i++)
        if (is_open(checker, type->parameters[i]))
            return true;
    return false;
}

static int overloads(struct gb_checker *checker, struct gb_ast *node,
                     const struct gb_signature *first)
{
    size_t count = 0;
    for (const struct gb_signature *s = first; s; s = s->next)
        count++;
    node->candidates = gb_alloc_array(checker->arena, count, sizeof *node->candidates);
    if (!node->candidates)
        return gb_error_set(checker->err, GB_E_MEMORY, "out of memory");
    const struct gb_type *result = NULL, *type = NULL;
    bool method = node->kind == GB_AST_METHOD, open = checker->lenient;
    for (uint32_t i = 0; i < node->child_count; i++)
        open |= is_open(checker, node->child[i]->type);
    // Where every type is known the first that fits is the one: later ones are more general.
    for (const struct gb_signature *s = first; s && (open || !result); s = s->next) {
        if (s->method != method || s->count != node->child_count)
            continue;
        if (!checker->lenient && !fits(checker, node, s, &type))
            continue;
        node->candidates[node->candidate_count++] = s;
        if (checker->lenient)
            continue;
        if (result && !gb_type_equal(result, type))
            type = &gb_type_dyn;
        result = type;
    }
    if (checker->lenient)
        return GB_OK;
    if (!result)
        return no_overload(checker, node, first);
    node->type = result;
    return GB_OK;
}

int gb_checker_call(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_signature *first;
    if (node->kind == GB_AST_METHOD) {
        first = namespaced(checker, node);
        if (!first)
            first = gb_cel_env_find_function(checker->env, node->name);
    } else {
        first = gb_checker_resolve(checker, node->name, node->absolute, try_function);
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        int code = gb_checker_visit(checker, node->child[i]);
        if (code)
            return code;
    }
    if (first)
        return overloads(checker, node, first);
    return checker->lenient ? GB_OK : unknown_function(checker, node);
}
