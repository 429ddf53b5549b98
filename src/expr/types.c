// Assignability of types with variables, in the way of CEL's reference checkers: dyn fits
// everywhere, a variable takes the most general of the types that it meets.
#include "expr/types.h"

#include <stdio.h>

struct variable {
    struct gb_type type; // .parameter_count is the number + 1
    char text[12];
};

// Deeper types than anybody writes are refused to fit, so that recursion is bounded.
enum { MAX_DEPTH = 300 };

const struct gb_type *gb_types_variable(struct gb_types *types)
{
    if (types->count == types->capacity) {
        size_t capacity = types->capacity ? types->capacity * 2 : 16;
        const struct gb_type **bound =
            gb_grow_array(types->arena, types->bound, types->capacity, capacity, sizeof *bound);
        if (!bound) {
            types->failed = true;
            return &gb_type_dyn;
        }
        types->bound = bound;
        types->capacity = capacity;
    }
    struct variable *variable = gb_alloc(types->arena, sizeof *variable);
    if (!variable) {
        types->failed = true;
        return &gb_type_dyn;
    }
    size_t number = types->count++, len = 0;
    variable->text[len++] = '_';
    for (size_t n = number; len == 1 || n; n /= 10)
        variable->text[len++] = (char)('0' + n % 10); // reversed; only unique names are wanted
    variable->type = (struct gb_type){
        .kind = GB_TYPE_PARAMETER, .name = {variable->text, len}, .parameter_count = number + 1};
    return &variable->type;
}

static bool is_variable(const struct gb_type *type)
{
    return type->kind == GB_TYPE_PARAMETER && type->parameter_count;
}

static const struct gb_type *bound_to(const struct gb_types *types, const struct gb_type *variable)
{
    return types->bound[variable->parameter_count - 1];
}

const struct gb_type *gb_types_shallow(const struct gb_types *types, const struct gb_type *type)
{
    while (is_variable(type) && bound_to(types, type))
        type = bound_to(types, type);
    return type;
}

static void bind(struct gb_types *types, const struct gb_type *variable, const struct gb_type *to)
{
    if (types->change_count == types->change_capacity) {
        size_t capacity = types->change_capacity ? types->change_capacity * 2 : 32;
        struct gb_types_change *changes = gb_grow_array(
            types->arena, types->changes, types->change_capacity, capacity, sizeof *changes);
        if (!changes) {
            types->failed = true;
            return;
        }
        types->changes = changes;
        types->change_capacity = capacity;
    }
    size_t number = variable->parameter_count - 1;
    types->changes[types->change_count++] = (struct gb_types_change){number, types->bound[number]};
    types->bound[number] = to;
}

size_t gb_types_mark(const struct gb_types *types)
{
    return types->change_count;
}

void gb_types_reset(struct gb_types *types, size_t mark)
{
    while (types->change_count > mark) {
        const struct gb_types_change *change = &types->changes[--types->change_count];
        types->bound[change->variable] = change->before;
    }
}

// Whether `variable` occurs in `type`: binding it would make a type without end.
static bool occurs(const struct gb_types *types, const struct gb_type *variable,
                   const struct gb_type *type, unsigned depth)
{
    if (!type)
        return false;
    if (depth > MAX_DEPTH)
        return true;
    type = gb_types_shallow(types, type);
    if (type == variable || occurs(types, variable, type->key, depth + 1) ||
        occurs(types, variable, type->element, depth + 1))
        return true;
    for (size_t i = 0; type->parameters && i < type->parameter_count; i++)
        if (occurs(types, variable, type->parameters[i], depth + 1))
            return true;
    return false;
}

// Whether `a` says no more than `b`.
static bool is_more_general(const struct gb_type *a, const struct gb_type *b, unsigned depth)
{
    if (a->kind == GB_TYPE_DYN || a->kind == GB_TYPE_PARAMETER)
        return true;
    if (b->kind == GB_TYPE_DYN || b->kind == GB_TYPE_PARAMETER || depth > MAX_DEPTH)
        return false;
    if (a->kind == GB_TYPE_MAP && b->kind == GB_TYPE_RECORD)
        return true;
    if (a->kind != b->kind)
        return false;
    if (a->kind == GB_TYPE_LIST)
        return is_more_general(a->element, b->element, depth + 1);
    if (a->kind == GB_TYPE_MAP)
        return is_more_general(a->key, b->key, depth + 1) &&
               is_more_general(a->element, b->element, depth + 1);
    if (a->kind == GB_TYPE_OPAQUE) {
        if (!gb_str_eq(a->name, b->name) || a->parameter_count != b->parameter_count)
            return false;
        for (size_t i = 0; i < a->parameter_count; i++)
            if (!is_more_general(a->parameters[i], b->parameters[i], depth + 1))
                return false;
        return true;
    }
    return a->kind == GB_TYPE_TYPE || gb_type_equal(a, b);
}

static bool assignable(struct gb_types *types, const struct gb_type *from, const struct gb_type *to,
                       unsigned depth);

// Lets a variable stand for `type` too. `reversed`: the variable is what is assigned.
static bool take(struct gb_types *types, const struct gb_type *variable, const struct gb_type *type,
                 unsigned depth)
{
    const struct gb_type *before = bound_to(types, variable);
    if (type == variable || type == before)
        return true;
    if (before) {
        if (!assignable(types, type, before, depth + 1))
            return false;
        const struct gb_type *general = is_more_general(type, before, 0) ? type : before;
        if (general != before && !occurs(types, variable, general, 0))
            bind(types, variable, general);
        return true;
    }
    if (occurs(types, variable, type, 0))
        return false;
    bind(types, variable, type);
    return true;
}

static bool parameters_assignable(struct gb_types *types, const struct gb_type *from,
                                  const struct gb_type *to, unsigned depth)
{
    if (!gb_str_eq(from->name, to->name) || from->parameter_count != to->parameter_count)
        return false;
    for (size_t i = 0; i < from->parameter_count; i++)
        if (!assignable(types, from->parameters[i], to->parameters[i], depth + 1))
            return false;
    return true;
}

static bool may_be_null(const struct gb_type *type)
{
    return type->kind == GB_TYPE_RECORD || type->kind == GB_TYPE_TIMESTAMP ||
           type->kind == GB_TYPE_DURATION || type->kind == GB_TYPE_OPAQUE;
}

static bool assignable(struct gb_types *types, const struct gb_type *from, const struct gb_type *to,
                       unsigned depth)
{
    if (from == to)
        return true;
    if (depth > MAX_DEPTH)
        return false;
    if (is_variable(to)) {
        if (take(types, to, from, depth))
            return true;
        if (bound_to(types, to))
            return false;
    }
    if (is_variable(from))
        return take(types, from, to, depth);
    if (from->kind == GB_TYPE_DYN || to->kind == GB_TYPE_DYN)
        return true;
    if (from->kind == GB_TYPE_NULL && may_be_null(to))
        return true;
    if (from->kind == GB_TYPE_RECORD && to->kind == GB_TYPE_MAP)
        return assignable(types, &gb_type_string, to->key, depth + 1) &&
               assignable(types, &gb_type_dyn, to->element, depth + 1);
    if (from->kind != to->kind)
        return false;
    switch (from->kind) {
    case GB_TYPE_LIST:
        return assignable(types, from->element, to->element, depth + 1);
    case GB_TYPE_MAP:
        return assignable(types, from->key, to->key, depth + 1) &&
               assignable(types, from->element, to->element, depth + 1);
    case GB_TYPE_OPAQUE:
        return parameters_assignable(types, from, to, depth);
    case GB_TYPE_TYPE:
        return true;
    default:
        return gb_type_equal(from, to);
    }
}

bool gb_types_assignable(struct gb_types *types, const struct gb_type *from,
                         const struct gb_type *to)
{
    size_t mark = gb_types_mark(types);
    if (assignable(types, from, to, 0))
        return true;
    gb_types_reset(types, mark);
    return false;
}

const struct gb_type *gb_types_join(struct gb_types *types, const struct gb_type *a,
                                    const struct gb_type *b)
{
    if (a == b)
        return a;
    if (gb_types_assignable(types, a, b) || gb_types_assignable(types, b, a)) {
        a = gb_types_resolve(types, a, false);
        b = gb_types_resolve(types, b, false);
        return is_more_general(a, b, 0) && a->kind != GB_TYPE_PARAMETER ? a : b;
    }
    return &gb_type_dyn;
}

// Rebuilds a type with `replace` applied to what it is made of.
typedef const struct gb_type *replace_function(struct gb_types *types, void *context,
                                               const struct gb_type *type);

static const struct gb_type *rebuild(struct gb_types *types, const struct gb_type *type,
                                     replace_function *replace, void *context)
{
    struct gb_type copy = *type;
    bool changed = false;
    if (type->key) {
        copy.key = replace(types, context, type->key);
        changed |= copy.key != type->key;
    }
    if (type->element) {
        copy.element = replace(types, context, type->element);
        changed |= copy.element != type->element;
    }
    if (type->parameters) {
        const struct gb_type **parameters =
            gb_alloc_array(types->arena, type->parameter_count, sizeof *parameters);
        for (size_t i = 0; parameters && i < type->parameter_count; i++) {
            parameters[i] = replace(types, context, type->parameters[i]);
            changed |= parameters[i] != type->parameters[i];
        }
        copy.parameters = parameters;
        types->failed |= !parameters;
    }
    if (!changed || types->failed)
        return type;
    struct gb_type *fresh = gb_alloc(types->arena, sizeof *fresh);
    if (!fresh) {
        types->failed = true;
        return type;
    }
    *fresh = copy;
    return fresh;
}

struct resolving {
    bool free_to_dyn;
    unsigned depth;
};

static const struct gb_type *resolve(struct gb_types *types, void *context,
                                     const struct gb_type *type)
{
    struct resolving *resolving = context;
    type = gb_types_shallow(types, type);
    if (type->kind == GB_TYPE_PARAMETER)
        return resolving->free_to_dyn ? &gb_type_dyn : type;
    if (!type->element && !type->parameters)
        return type;
    if (resolving->depth >= MAX_DEPTH)
        return &gb_type_dyn;
    resolving->depth++;
    type = rebuild(types, type, resolve, resolving);
    resolving->depth--;
    return type;
}

const struct gb_type *gb_types_resolve(struct gb_types *types, const struct gb_type *type,
                                       bool free_to_dyn)
{
    struct resolving resolving = {.free_to_dyn = free_to_dyn};
    return resolve(types, &resolving, type);
}

static const struct gb_type *instantiate(struct gb_types *types, void *context,
                                         const struct gb_type *type)
{
    struct gb_types_instance *instance = context;
    if (type->kind == GB_TYPE_PARAMETER && !type->parameter_count) {
        size_t letter = (unsigned char)type->name.at[0] - (size_t)'A';
        if (letter >= 26)
            return &gb_type_dyn;
        if (!instance->variables[letter])
            instance->variables[letter] = gb_types_variable(types);
        return instance->variables[letter];
    }
    if (!type->element && !type->parameters)
        return type;
    return rebuild(types, type, instantiate, instance);
}

const struct gb_type *gb_types_instantiate(struct gb_types *types,
                                           struct gb_types_instance *instance,
                                           const struct gb_type *type)
{
    return instantiate(types, instance, type);
}

const struct gb_type *gb_types_optional(struct gb_arena *arena, const struct gb_type *of)
{
    const struct gb_type **parameters = gb_alloc_array(arena, 1, sizeof *parameters);
    struct gb_type *type = gb_alloc(arena, sizeof *type);
    if (!type || !parameters)
        return &gb_type_dyn;
    parameters[0] = of;
    *type = (struct gb_type){.kind = GB_TYPE_OPAQUE,
                             .name = GB_STR("optional_type"),
                             .parameters = parameters,
                             .parameter_count = 1};
    return type;
}

bool gb_types_is_optional(const struct gb_type *type)
{
    return type->kind == GB_TYPE_OPAQUE && type->parameter_count == 1 &&
           gb_str_is(type->name, "optional_type");
}
