// Environments: what expressions may name. Made by whoever compiles expressions.
#include "expr/env.h"

#include "expr/types.h"

#include <assert.h>

const struct gb_cel_opaque *gb_cel_opaque_of(uint16_t tag)
{
    for (size_t i = 0; i < gb_cel_library_count; i++)
        for (size_t j = 0; j < gb_cel_libraries[i]->opaque_count; j++)
            if (gb_cel_libraries[i]->opaque[j].tag == tag)
                return &gb_cel_libraries[i]->opaque[j];
    return NULL;
}

static int add_signature(struct gb_cel_env *env, struct gb_signature *signature)
{
    struct gb_signature *first = gb_map_get(&env->functions, signature->name);
    if (!first)
        return gb_map_set(&env->functions, signature->name, signature);
    // Behind the last of its name: the order of the tables is the order in which they are tried.
    struct gb_signature *last = first;
    while (last->next)
        last = last->next;
    last->next = signature;
    return GB_OK;
}

static int add_library(struct gb_cel_env *env, const struct gb_cel_library *library)
{
    for (size_t i = 0; i < library->count; i++) {
        const struct gb_cel_overload *row = &library->overloads[i];
        if (row->flags & (GB_CEL_MACRO | GB_CEL_LAZY))
            continue;
        struct gb_signature *signature = gb_alloc(env->arena, sizeof *signature);
        if (!signature)
            return GB_E_MEMORY;
        bool read = gb_signature_read(env->arena, row->signature, signature);
        assert(read || gb_arena_failed(env->arena));
        if (!read)
            return GB_E_MEMORY;
        signature->row = row;
        signature->function = row->function;
        signature->name = gb_str_of(row->name);
        signature->method = row->flags & GB_CEL_METHOD;
        signature->no_fold = row->flags & GB_CEL_NO_FOLD;
        int code = add_signature(env, signature);
        if (code)
            return code;
    }
    return GB_OK;
}

static int add_type(struct gb_cel_env *env, const char *name)
{
    struct gb_value *value = gb_alloc(env->arena, sizeof *value);
    if (!value)
        return GB_E_MEMORY;
    *value = (struct gb_value){.kind = GB_VALUE_TYPE, .string = gb_str_of(name)};
    return gb_map_set(&env->types, value->string, value);
}

static int add_types(struct gb_cel_env *env)
{
    static const char *const names[] = {
        "bool",
        "int",
        "uint",
        "double",
        "string",
        "bytes",
        "list",
        "map",
        "null_type",
        "type",
        "google.protobuf.Timestamp",
        "google.protobuf.Duration",
        "optional_type",
    };
    int code = GB_OK;
    for (size_t i = 0; !code && i < sizeof names / sizeof *names; i++)
        code = add_type(env, names[i]);
    for (uint16_t tag = 1; !code && tag < GB_CEL_TAGS; tag++) {
        const struct gb_cel_opaque *opaque = gb_cel_opaque_of(tag);
        if (opaque)
            code = add_type(env, opaque->name);
    }
    return code;
}

struct gb_cel_env *gb_cel_env_new(struct gb_arena *arena)
{
    struct gb_cel_env *env = gb_alloc(arena, sizeof *env);
    if (!env)
        return NULL;
    env->arena = arena;
    env->variables = gb_map(arena);
    env->functions = gb_map(arena);
    env->types = gb_map(arena);
    int code = add_types(env);
    for (size_t i = 0; !code && i < gb_cel_library_count; i++)
        code = add_library(env, gb_cel_libraries[i]);
    return code ? NULL : env;
}

int gb_cel_env_variable(struct gb_cel_env *env, struct gb_str name, const struct gb_type *type)
{
    struct gb_cel_variable *variable = gb_alloc(env->arena, sizeof *variable);
    if (!variable || env->variable_count >= UINT32_MAX)
        return GB_E_MEMORY;
    *variable = (struct gb_cel_variable){gb_str_copy(env->arena, name), type,
                                         (uint32_t)env->variable_count};
    if (gb_arena_failed(env->arena))
        return GB_E_MEMORY;
    int code = gb_map_set(&env->variables, variable->name, variable);
    if (code)
        return code;
    env->variable_count++;
    env->dotted |= gb_str_find_char(name, '.') >= 0;
    return GB_OK;
}

int gb_cel_env_function(struct gb_cel_env *env, struct gb_str name, struct gb_str overload_id,
                        bool receiver, const struct gb_type *const *parameters, size_t count,
                        const struct gb_type *result)
{
    (void)overload_id; // names an overload in other engines' error messages only
    if (count > GB_CEL_MAX_PARAMETERS || (receiver && !count))
        return GB_E_RANGE;
    struct gb_signature *signature = gb_alloc(env->arena, sizeof *signature);
    if (!signature)
        return GB_E_MEMORY;
    signature->name = gb_str_copy(env->arena, name);
    signature->count = (uint8_t)count;
    signature->method = receiver;
    signature->generic = true;
    signature->result = result;
    for (size_t i = 0; i < count; i++)
        signature->parameters[i] = parameters[i];
    gb_signature_kinds(signature);
    return add_signature(env, signature);
}

void gb_cel_env_container(struct gb_cel_env *env, struct gb_str container)
{
    env->container = gb_str_copy(env->arena, container);
}

void gb_cel_env_zones(struct gb_cel_env *env, const struct gb_cel_zones *zones)
{
    env->zones = zones;
}

const struct gb_cel_variable *gb_cel_env_find_variable(const struct gb_cel_env *env,
                                                       struct gb_str name)
{
    return gb_map_get(&env->variables, name);
}

const struct gb_signature *gb_cel_env_find_function(const struct gb_cel_env *env,
                                                    struct gb_str name)
{
    return gb_map_get(&env->functions, name);
}
