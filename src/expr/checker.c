// The checker's walk: literals, names, selections, comprehensions. Calls and operators are in
// checker_call.c and checker_operator.c.
#include "expr/checker.h"

#include <stdio.h>

int gb_checker_fail(struct gb_checker *checker, const struct gb_ast *node, const char *format, ...)
{
    char reason[480];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return gb_ast_error(checker->source, checker->err, GB_E_TYPE, node->offset, "%s", reason);
}

const struct gb_type *gb_checker_type(const struct gb_checker *checker, const struct gb_ast *node)
{
    return gb_types_shallow(&checker->types, node->type);
}

struct gb_str gb_checker_text(struct gb_checker *checker, const struct gb_type *type)
{
    return gb_type_text(checker->arena, gb_types_resolve(&checker->types, type, true));
}

static bool is_open(const struct gb_type *type)
{
    return type->kind == GB_TYPE_DYN || type->kind == GB_TYPE_PARAMETER;
}

// As gb_type_list and gb_type_map; dyn without memory, which is noticed at the end.
static const struct gb_type *list_of(struct gb_checker *checker, const struct gb_type *element)
{
    const struct gb_type *type = gb_type_list(checker->arena, element);
    return type ? type : &gb_type_dyn;
}

static const struct gb_type *map_of(struct gb_checker *checker, const struct gb_type *key,
                                    const struct gb_type *element)
{
    const struct gb_type *type = gb_type_map(checker->arena, key, element);
    return type ? type : &gb_type_dyn;
}

const struct gb_checker_scope *gb_checker_local(const struct gb_checker *checker,
                                                struct gb_str name)
{
    const struct gb_checker_scope *scope = checker->scope;
    while (scope && !gb_str_eq(scope->name, name))
        scope = scope->outer;
    return scope;
}

struct gb_str gb_checker_qualified(const struct gb_checker *checker, const struct gb_ast *node,
                                   char *into, size_t size)
{
    size_t used = size; // filled from the end: the chain is walked from its last name
    for (;; node = node->child[0]) {
        bool ident = node->kind == GB_AST_IDENT;
        if ((!ident && (node->kind != GB_AST_SELECT || node->optional)) ||
            node->name.len + 1 > used)
            return (struct gb_str){0};
        used -= node->name.len;
        memcpy(into + used, node->name.at, node->name.len);
        if (ident) {
            if (!node->absolute && gb_checker_local(checker, node->name))
                return (struct gb_str){0};
            return (struct gb_str){into + used, size - used};
        }
        into[--used] = '.';
    }
}

const void *gb_checker_resolve(const struct gb_checker *checker, struct gb_str name, bool absolute,
                               gb_checker_try *try)
{
    char buffer[512];
    struct gb_str container = absolute ? (struct gb_str){0} : checker->env->container;
    while (container.len) {
        if (container.len + 1 + name.len <= sizeof buffer) {
            memcpy(buffer, container.at, container.len);
            buffer[container.len] = '.';
            memcpy(buffer + container.len + 1, name.at, name.len);
            const void *found =
                try(checker->env, (struct gb_str){buffer, container.len + 1 + name.len});
            if (found)
                return found;
        }
        ptrdiff_t dot = gb_str_rfind_char(container, '.');
        container = gb_str_sub(container, 0, dot < 0 ? 0 : (size_t)dot);
    }
    return try(checker->env, name);
}

static const void *try_variable(const struct gb_cel_env *env, struct gb_str name)
{
    return gb_cel_env_find_variable(env, name);
}

static const void *try_type(const struct gb_cel_env *env, struct gb_str name)
{
    return gb_map_get(&env->types, name);
}

// What a type's name is as a type: type(int).
static const struct gb_type *type_of_type(struct gb_checker *checker, struct gb_str name)
{
    static const struct gb_type type_type = {.kind = GB_TYPE_TYPE};
    static const struct {
        const char *name;
        const struct gb_type *type;
    } known[] = {
        {"bool", &gb_type_bool},
        {"int", &gb_type_int},
        {"uint", &gb_type_uint},
        {"double", &gb_type_double},
        {"string", &gb_type_string},
        {"bytes", &gb_type_bytes},
        {"null_type", &gb_type_null},
        {"google.protobuf.Timestamp", &gb_type_timestamp},
        {"google.protobuf.Duration", &gb_type_duration},
    };
    struct gb_type *type = gb_alloc(checker->arena, sizeof *type);
    if (!type)
        return &type_type;
    type->kind = GB_TYPE_TYPE;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (gb_str_is(name, known[i].name))
            type->element = known[i].type;
    return type;
}

// Makes the node what `name` means: a declared variable or a type. False when it means nothing.
static bool resolve_name(struct gb_checker *checker, struct gb_ast *node, struct gb_str name,
                         bool absolute)
{
    const struct gb_cel_variable *variable =
        gb_checker_resolve(checker, name, absolute, try_variable);
    if (variable) {
        node->resolution = GB_RESOLVED_SLOT;
        node->index = variable->slot;
        node->name = variable->name;
        node->type = checker->lenient ? &gb_type_dyn : variable->type;
        return true;
    }
    const struct gb_value *type = gb_checker_resolve(checker, name, absolute, try_type);
    if (!type)
        return false;
    node->resolution = GB_RESOLVED_TYPE;
    node->value = *type;
    node->type = checker->lenient ? &gb_type_dyn : type_of_type(checker, type->string);
    return true;
}

static int unknown_variable(struct gb_checker *checker, const struct gb_ast *node)
{
    const struct gb_map *variables = &checker->env->variables;
    size_t count = variables->count;
    for (const struct gb_checker_scope *scope = checker->scope; scope; scope = scope->outer)
        count++;
    struct gb_str *names = gb_alloc_array(checker->arena, count + 1, sizeof *names);
    struct gb_str nearest = {0};
    if (names && node->name.len > 1) {
        count = 0;
        for (const struct gb_checker_scope *scope = checker->scope; scope; scope = scope->outer)
            names[count++] = scope->name;
        for (size_t i = 0; i < variables->count; i++)
            names[count++] = variables->entries[i].key;
        nearest = gb_str_nearest(node->name, names, count);
    }
    if (nearest.len)
        return gb_checker_fail(checker, node,
                               "no variable \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)",
                               GB_ARG(node->name), GB_ARG(nearest));
    return gb_checker_fail(checker, node, "no variable \"" GB_PRI "\"", GB_ARG(node->name));
}

static int visit_ident(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_checker_scope *local =
        node->absolute ? NULL : gb_checker_local(checker, node->name);
    if (local) {
        node->resolution = GB_RESOLVED_LOCAL;
        node->index = local->local;
        node->type = local->type;
        return GB_OK;
    }
    if (resolve_name(checker, node, node->name, node->absolute) || checker->lenient)
        return GB_OK;
    return unknown_variable(checker, node);
}

const struct gb_field *gb_checker_field(const struct gb_checker *checker, const struct gb_ast *node)
{
    if ((node->kind != GB_AST_SELECT && node->kind != GB_AST_HAS) || !node->child[0]->type)
        return NULL;
    const struct gb_type *type = gb_checker_type(checker, node->child[0]);
    if (gb_types_is_optional(type))
        type = gb_types_shallow(&checker->types, type->parameters[0]);
    return type->kind == GB_TYPE_RECORD ? gb_record_field(type->record, node->name) : NULL;
}

static int unknown_field(struct gb_checker *checker, const struct gb_ast *node,
                         const struct gb_record *record, struct gb_str name)
{
    struct gb_str nearest = gb_record_nearest(record, name);
    if (nearest.len)
        return gb_checker_fail(
            checker, node, "no field \"" GB_PRI "\" in " GB_PRI " (did you mean \"" GB_PRI "\"?)",
            GB_ARG(name), GB_ARG(record->name), GB_ARG(nearest));
    return gb_checker_fail(checker, node, "no field \"" GB_PRI "\" in " GB_PRI, GB_ARG(name),
                           GB_ARG(record->name));
}

// The type of field `name` of a value of `type`; sets *ret.
static int field_type(struct gb_checker *checker, const struct gb_ast *node,
                      const struct gb_type *type, struct gb_str name, const struct gb_type **ret)
{
    type = gb_types_shallow(&checker->types, type);
    *ret = &gb_type_dyn;
    if (type->kind == GB_TYPE_PARAMETER)
        (void)gb_types_assignable(&checker->types, &gb_type_dyn, type);
    if (is_open(type) || checker->lenient)
        return GB_OK;
    if (type->kind == GB_TYPE_RECORD) {
        const struct gb_field *field = gb_record_field(type->record, name);
        if (!field)
            return unknown_field(checker, node, type->record, name);
        *ret = field->type;
        return GB_OK;
    }
    if (type->kind != GB_TYPE_MAP)
        return gb_checker_fail(checker, node, "no field \"" GB_PRI "\": " GB_PRI " has no fields",
                               GB_ARG(name), GB_ARG(gb_checker_text(checker, type)));
    if (!gb_types_assignable(&checker->types, &gb_type_string, type->key))
        return gb_checker_fail(checker, node, "the keys of " GB_PRI " are no strings",
                               GB_ARG(gb_checker_text(checker, type)));
    *ret = type->element;
    return GB_OK;
}

// The type of a selection whose operand is checked.
static int select_from(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *type = gb_checker_type(checker, node->child[0]), *field = NULL;
    bool optional = gb_types_is_optional(type);
    int code = field_type(checker, node, optional ? type->parameters[0] : type, node->name, &field);
    if (!code)
        node->type = (optional || node->optional) && !checker->lenient
                         ? gb_types_optional(checker->arena, field)
                         : field;
    return code;
}

static int visit_select(struct gb_checker *checker, struct gb_ast *node)
{
    char buffer[512];
    struct gb_str name = {0};
    if (!node->optional)
        name = gb_checker_qualified(checker, node, buffer, sizeof buffer);
    const struct gb_ast *root = node;
    while (name.len && root->kind == GB_AST_SELECT)
        root = root->child[0];
    if (name.len && resolve_name(checker, node, name, root->absolute)) {
        node->kind = GB_AST_IDENT;
        node->child_count = 0;
        return GB_OK;
    }
    int code = gb_checker_visit(checker, node->child[0]);
    return code ? code : select_from(checker, node);
}

static int visit_has(struct gb_checker *checker, struct gb_ast *node)
{
    int code = gb_checker_visit(checker, node->child[0]);
    if (code)
        return code;
    const struct gb_type *type = gb_checker_type(checker, node->child[0]), *field;
    if (gb_types_is_optional(type))
        type = type->parameters[0];
    node->type = checker->lenient ? &gb_type_dyn : &gb_type_bool;
    return field_type(checker, node, type, node->name, &field);
}

// The type of the elements of a list or map under a key.
static int element_type(struct gb_checker *checker, const struct gb_ast *node,
                        const struct gb_type *type, const struct gb_type **ret)
{
    const struct gb_ast *key = node->child[1];
    type = gb_types_shallow(&checker->types, type);
    *ret = &gb_type_dyn;
    if (type->kind == GB_TYPE_PARAMETER)
        (void)gb_types_assignable(&checker->types, &gb_type_dyn, type);
    if (is_open(type) || checker->lenient)
        return GB_OK;
    const struct gb_type *wanted;
    if (type->kind == GB_TYPE_RECORD) {
        wanted = &gb_type_string;
    } else if (type->kind == GB_TYPE_LIST) {
        wanted = &gb_type_int;
        *ret = type->element;
    } else if (type->kind == GB_TYPE_MAP) {
        wanted = type->key;
        *ret = type->element;
    } else {
        return gb_checker_fail(checker, node, "[] needs a list or a map, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, type)));
    }
    if (gb_types_assignable(&checker->types, key->type, wanted))
        return GB_OK;
    struct gb_str index = gb_checker_text(checker, key->type);
    return gb_checker_fail(checker, key, GB_PRI " cannot be looked up in " GB_PRI, GB_ARG(index),
                           GB_ARG(gb_checker_text(checker, type)));
}

static int visit_index(struct gb_checker *checker, struct gb_ast *node)
{
    int code = gb_checker_visit(checker, node->child[0]);
    if (!code)
        code = gb_checker_visit(checker, node->child[1]);
    if (code)
        return code;
    const struct gb_type *type = gb_checker_type(checker, node->child[0]), *element = NULL;
    bool optional = gb_types_is_optional(type);
    const struct gb_ast *key = node->child[1];
    if (type->kind == GB_TYPE_RECORD && key->kind == GB_AST_CONSTANT &&
        key->value.kind == GB_VALUE_STRING) { // user['name'] is user.name
        node->kind = GB_AST_SELECT;
        node->name = key->value.string;
        node->offset = key->offset;
        node->child_count = 1;
        return select_from(checker, node);
    }
    code = element_type(checker, node, optional ? type->parameters[0] : type, &element);
    if (!code)
        node->type = (optional || node->optional) && !checker->lenient
                         ? gb_types_optional(checker->arena, element)
                         : element;
    return code;
}

// The type that an element marked with ? contributes: what its optional holds.
static int unwrap(struct gb_checker *checker, const struct gb_ast *node, const struct gb_type **ret)
{
    const struct gb_type *type = gb_checker_type(checker, node);
    *ret = &gb_type_dyn;
    if (gb_types_is_optional(type))
        *ret = type->parameters[0];
    else if (!is_open(type) && !checker->lenient)
        return gb_checker_fail(checker, node,
                               "an element marked with ? must be optional, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, type)));
    return GB_OK;
}

static const struct gb_type *join(struct gb_checker *checker, const struct gb_type *a,
                                  const struct gb_type *b)
{
    return a ? gb_types_join(&checker->types, a, b) : b;
}

static int visit_list(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *element = NULL, *type;
    for (uint32_t i = 0; i < node->child_count; i++) {
        int code = gb_checker_visit(checker, node->child[i]);
        if (code)
            return code;
        type = node->child[i]->type;
        if (node->marked && node->marked[i]) {
            code = unwrap(checker, node->child[i], &type);
            if (code)
                return code;
        }
        if (!checker->lenient)
            element = join(checker, element, type);
    }
    if (checker->lenient)
        return GB_OK;
    if (!element)
        element = gb_types_variable(&checker->types);
    node->type = list_of(checker, element);
    return GB_OK;
}

static bool may_be_key(const struct gb_type *type)
{
    return is_open(type) || type->kind == GB_TYPE_BOOL || type->kind == GB_TYPE_INT ||
           type->kind == GB_TYPE_UINT || type->kind == GB_TYPE_STRING;
}

static int visit_map(struct gb_checker *checker, struct gb_ast *node)
{
    const struct gb_type *key = NULL, *element = NULL, *type;
    for (uint32_t i = 0; i < node->child_count; i += 2) {
        struct gb_ast *k = node->child[i], *v = node->child[i + 1];
        int code = gb_checker_visit(checker, k);
        if (!code)
            code = gb_checker_visit(checker, v);
        if (code)
            return code;
        type = v->type;
        if (node->marked && node->marked[i]) {
            code = unwrap(checker, v, &type);
            if (code)
                return code;
        }
        if (checker->lenient)
            continue;
        if (!may_be_key(gb_checker_type(checker, k)))
            return gb_checker_fail(checker, k,
                                   "a map's key is a bool, int, uint or string, not " GB_PRI,
                                   GB_ARG(gb_checker_text(checker, k->type)));
        key = join(checker, key, k->type);
        element = join(checker, element, type);
    }
    if (checker->lenient)
        return GB_OK;
    if (!key) {
        key = gb_types_variable(&checker->types);
        element = gb_types_variable(&checker->types);
    }
    node->type = map_of(checker, key, element);
    return GB_OK;
}

// The types of a comprehension's variables over a range: of one, and of two.
struct range {
    const struct gb_type *single, *key, *value;
};

static int range_types(struct gb_checker *checker, const struct gb_ast *node, struct range *range)
{
    const struct gb_type *type = gb_checker_type(checker, node->child[GB_FOLD_RANGE]);
    *range = (struct range){&gb_type_dyn, &gb_type_dyn, &gb_type_dyn};
    if (type->kind == GB_TYPE_PARAMETER)
        (void)gb_types_assignable(&checker->types, &gb_type_dyn, type);
    if (is_open(type) || checker->lenient)
        return GB_OK;
    if (type->kind == GB_TYPE_LIST)
        *range = (struct range){type->element, &gb_type_int, type->element};
    else if (type->kind == GB_TYPE_MAP && node->op != GB_FOLD_SORT_BY)
        *range = (struct range){type->key, type->key, type->element};
    else // a record's fields are known: who goes through them means something else
        return gb_checker_fail(checker, node, "needs a list%s to go through, got " GB_PRI,
                               node->op == GB_FOLD_SORT_BY ? "" : " or a map",
                               GB_ARG(gb_checker_text(checker, type)));
    return GB_OK;
}

static bool is_ordered(const struct gb_type *type)
{
    return is_open(type) || (type->kind >= GB_TYPE_BOOL && type->kind <= GB_TYPE_DURATION);
}

static int fold_result(struct gb_checker *checker, struct gb_ast *node, const struct range *range)
{
    const struct gb_ast *body = node->child[GB_FOLD_BODY];
    const struct gb_type *type = body ? gb_checker_type(checker, body) : NULL;
    switch (node->op) {
    case GB_FOLD_FILTER:
        node->type = list_of(checker, range->single);
        break;
    case GB_FOLD_MAP:
        node->type = list_of(checker, body->type);
        break;
    case GB_FOLD_TRANSFORM_MAP:
        node->type = map_of(checker, range->key, body->type);
        break;
    case GB_FOLD_TRANSFORM_ENTRY:
        if (type->kind != GB_TYPE_MAP && !is_open(type))
            return gb_checker_fail(checker, body,
                                   "transformMapEntry() makes entries {key: value}, got " GB_PRI,
                                   GB_ARG(gb_checker_text(checker, type)));
        node->type = body->type;
        break;
    case GB_FOLD_SORT_BY:
        if (!is_ordered(type))
            return gb_checker_fail(checker, body, "cannot sort by " GB_PRI,
                                   GB_ARG(gb_checker_text(checker, type)));
        node->type = node->child[GB_FOLD_RANGE]->type;
        break;
    default:
        node->type = &gb_type_bool;
    }
    return GB_OK;
}

static struct gb_checker_scope scope_for(struct gb_checker *checker, struct gb_str name,
                                         const struct gb_type *type)
{
    return (struct gb_checker_scope){checker->scope, name, type, checker->locals++};
}

static int visit_fold(struct gb_checker *checker, struct gb_ast *node)
{
    struct gb_ast *condition = node->child[GB_FOLD_CONDITION], *body = node->child[GB_FOLD_BODY];
    int code = gb_checker_visit(checker, node->child[GB_FOLD_RANGE]);
    struct range range;
    if (!code)
        code = range_types(checker, node, &range);
    if (code)
        return code;
    struct gb_checker_scope *outer = checker->scope, first, second;
    first = scope_for(checker, node->name, node->two_variables ? range.key : range.single);
    checker->scope = &first;
    node->index = first.local;
    if (node->two_variables) {
        second = scope_for(checker, node->name2, range.value);
        checker->scope = &second;
        node->index2 = second.local;
    }
    code = condition ? gb_checker_visit(checker, condition) : GB_OK;
    if (!code && condition && !gb_types_assignable(&checker->types, condition->type, &gb_type_bool))
        code = gb_checker_fail(checker, condition, "the condition must be a bool, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, condition->type)));
    if (!code && body)
        code = gb_checker_visit(checker, body);
    checker->scope = outer;
    return code || checker->lenient ? code : fold_result(checker, node, &range);
}

static int visit_bind(struct gb_checker *checker, struct gb_ast *node)
{
    int code = gb_checker_visit(checker, node->child[0]);
    if (code)
        return code;
    struct gb_checker_scope *outer = checker->scope,
                            scope = scope_for(checker, node->name, node->child[0]->type);
    checker->scope = &scope;
    node->index = scope.local;
    code = gb_checker_visit(checker, node->child[1]);
    checker->scope = outer;
    node->type = node->child[1]->type;
    return code;
}

static int visit_block(struct gb_checker *checker, struct gb_ast *node)
{
    struct gb_checker_scope *outer = checker->scope;
    uint32_t last = node->child_count - 1;
    struct gb_checker_scope *scopes = gb_alloc_array(checker->arena, last, sizeof *scopes);
    if (!scopes)
        return gb_error_set(checker->err, GB_E_MEMORY, "out of memory");
    int code = GB_OK;
    node->index = checker->locals; // the first of them; no other local comes between
    checker->locals += last;
    for (uint32_t i = 0; !code && i <= last; i++) {
        code = gb_checker_visit(checker, node->child[i]);
        if (i == last)
            break;
        struct gb_str name = gb_str_format(checker->arena, "@index%u", i);
        scopes[i] =
            (struct gb_checker_scope){checker->scope, name, node->child[i]->type, node->index + i};
        checker->scope = &scopes[i];
    }
    checker->scope = outer;
    node->type = node->child[last]->type;
    return code;
}

static int visit_optional_map(struct gb_checker *checker, struct gb_ast *node)
{
    int code = gb_checker_visit(checker, node->child[0]);
    if (code)
        return code;
    const struct gb_type *type = gb_checker_type(checker, node->child[0]);
    if (!gb_types_is_optional(type) && !is_open(type))
        return gb_checker_fail(checker, node, "needs an optional, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, type)));
    type = gb_types_is_optional(type) ? type->parameters[0] : &gb_type_dyn;
    struct gb_checker_scope *outer = checker->scope, scope = scope_for(checker, node->name, type);
    checker->scope = &scope;
    node->index = scope.local;
    code = gb_checker_visit(checker, node->child[1]);
    checker->scope = outer;
    if (code || checker->lenient)
        return code;
    type = gb_checker_type(checker, node->child[1]);
    if (node->optional && !gb_types_is_optional(type) && !is_open(type))
        return gb_checker_fail(checker, node->child[1],
                               "optFlatMap() makes an optional, got " GB_PRI,
                               GB_ARG(gb_checker_text(checker, type)));
    node->type = node->optional ? type : gb_types_optional(checker->arena, type);
    return GB_OK;
}

static const struct gb_type *constant_type(uint8_t kind)
{
    switch (kind) {
    case GB_VALUE_BOOL:
        return &gb_type_bool;
    case GB_VALUE_INT:
        return &gb_type_int;
    case GB_VALUE_UINT:
        return &gb_type_uint;
    case GB_VALUE_DOUBLE:
        return &gb_type_double;
    case GB_VALUE_STRING:
        return &gb_type_string;
    case GB_VALUE_BYTES:
        return &gb_type_bytes;
    default:
        return &gb_type_null;
    }
}

int gb_checker_visit(struct gb_checker *checker, struct gb_ast *node)
{
    node->type = &gb_type_dyn;
    switch ((enum gb_ast_kind)node->kind) {
    case GB_AST_CONSTANT:
        if (!checker->lenient)
            node->type = constant_type(node->value.kind);
        return GB_OK;
    case GB_AST_IDENT:
        return visit_ident(checker, node);
    case GB_AST_SELECT:
        return visit_select(checker, node);
    case GB_AST_HAS:
        return visit_has(checker, node);
    case GB_AST_INDEX:
        return visit_index(checker, node);
    case GB_AST_OPERATOR:
        return gb_checker_operator(checker, node);
    case GB_AST_CALL:
    case GB_AST_METHOD:
        return gb_checker_call(checker, node);
    case GB_AST_LIST:
        return visit_list(checker, node);
    case GB_AST_MAP:
        return visit_map(checker, node);
    case GB_AST_FOLD:
        return visit_fold(checker, node);
    case GB_AST_BIND:
        return visit_bind(checker, node);
    case GB_AST_BLOCK:
        return visit_block(checker, node);
    case GB_AST_OPTIONAL_MAP:
        return visit_optional_map(checker, node);
    }
    return gb_error_set(checker->err, GB_E_INTERNAL, "an unknown kind of node");
}

// Replaces the type variables in the whole tree.
static void finish(struct gb_checker *checker, struct gb_ast *node)
{
    node->type = gb_types_resolve(&checker->types, node->type, true);
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->child[i])
            finish(checker, node->child[i]);
}

int gb_cel_check(const struct gb_cel_env *env, const struct gb_ast_source *source,
                 struct gb_arena *arena, struct gb_ast *root, uint32_t *locals,
                 struct gb_error *err)
{
    struct gb_checker checker = {.env = env,
                                 .source = source,
                                 .arena = arena,
                                 .err = err,
                                 .types = {.arena = arena},
                                 .lenient = source->options->no_check};
    int code = gb_checker_visit(&checker, root);
    const struct gb_type *expected = source->options->expected;
    if (!code && expected && !checker.lenient &&
        !gb_types_assignable(&checker.types, root->type, expected)) {
        struct gb_str got = gb_checker_text(&checker, root->type);
        code = gb_checker_fail(&checker, root, "expected " GB_PRI ", got " GB_PRI,
                               GB_ARG(gb_checker_text(&checker, expected)), GB_ARG(got));
    }
    if (!code && (checker.types.failed || gb_arena_failed(arena)))
        code = gb_error_set(err, GB_E_MEMORY, "out of memory");
    if (!code)
        finish(&checker, root);
    *locals = checker.locals;
    return code;
}
