// Holding collected facts against the descriptions of their kinds; used in debug builds and tests.
#include "model/kind.h"

#include "model/value_path.h"

#include <stdio.h>

static int refuse(const struct gb_value_path *path, struct gb_error *err, const char *format, ...)
    GB_PRINTF(3, 4);

static int refuse(const struct gb_value_path *path, struct gb_error *err, const char *format, ...)
{
    char where[200], reason[300];
    gb_value_path_text(path, where, sizeof where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return gb_error_set(err, GB_E_TYPE, "%s%s%s", where, where[0] ? ": " : "", reason);
}

static int check(const struct gb_value *value, const struct gb_type *type,
                 const struct gb_field *field, const struct gb_value_path *path,
                 struct gb_error *err);

// The kind of value that a type wants; -1 where the type says more or nothing.
static int wanted_kind(const struct gb_type *type)
{
    switch ((enum gb_type_kind)type->kind) {
    case GB_TYPE_NULL:
        return GB_VALUE_NULL;
    case GB_TYPE_BOOL:
        return GB_VALUE_BOOL;
    case GB_TYPE_INT:
        return GB_VALUE_INT;
    case GB_TYPE_UINT:
        return GB_VALUE_UINT;
    case GB_TYPE_DOUBLE:
        return GB_VALUE_DOUBLE;
    case GB_TYPE_STRING:
        return GB_VALUE_STRING;
    case GB_TYPE_BYTES:
        return GB_VALUE_BYTES;
    case GB_TYPE_TIMESTAMP:
        return GB_VALUE_TIMESTAMP;
    case GB_TYPE_DURATION:
        return GB_VALUE_DURATION;
    case GB_TYPE_LIST:
        return GB_VALUE_LIST;
    case GB_TYPE_MAP:
    case GB_TYPE_RECORD:
        return GB_VALUE_MAP;
    case GB_TYPE_DYN:
    case GB_TYPE_TYPE:
    case GB_TYPE_OPAQUE:
    case GB_TYPE_PARAMETER:
        break;
    }
    return -1;
}

static int check_set(const struct gb_value *value, const struct gb_field *field,
                     const struct gb_value_path *path, struct gb_error *err)
{
    if (!field || gb_field_allows(field, value->string))
        return GB_OK;
    return refuse(path, err, "\"" GB_PRI "\" is not one of the values of \"" GB_PRI "\"",
                  GB_ARG(value->string), GB_ARG(field->name));
}

static int check_list(const struct gb_value *value, const struct gb_type *type,
                      const struct gb_field *field, const struct gb_value_path *path,
                      struct gb_error *err)
{
    for (size_t i = 0; i < value->list->count; i++) {
        struct gb_value_path inner = gb_value_path_index(path, i);
        int code = check(&value->list->items[i], type->element, field, &inner, err);
        if (code)
            return code;
    }
    return GB_OK;
}

static int check_map(const struct gb_value *value, const struct gb_type *type,
                     const struct gb_field *field, const struct gb_value_path *path,
                     struct gb_error *err)
{
    for (size_t i = 0; i < value->map->count; i++) {
        const struct gb_pair *pair = &value->map->pairs[i];
        struct gb_value_path inner = gb_value_path_index(path, i);
        if (pair->key.kind == GB_VALUE_STRING)
            inner.field = pair->key.string;
        int code = check(&pair->key, type->key, NULL, &inner, err);
        if (!code)
            code = check(&pair->value, type->element, field, &inner, err);
        if (code)
            return code;
    }
    return GB_OK;
}

static int unknown_field(const struct gb_record *record, struct gb_str name,
                         const struct gb_value_path *path, struct gb_error *err)
{
    struct gb_str near = gb_record_nearest(record, name);
    if (near.len)
        return refuse(path, err, GB_PRI " has no field \"" GB_PRI "\" (nearest: \"" GB_PRI "\")",
                      GB_ARG(record->name), GB_ARG(name), GB_ARG(near));
    return refuse(path, err, GB_PRI " has no field \"" GB_PRI "\"", GB_ARG(record->name),
                  GB_ARG(name));
}

static int check_record(const struct gb_value *value, const struct gb_record *record,
                        const struct gb_value_path *path, struct gb_error *err)
{
    for (size_t i = 0; i < value->map->count; i++) {
        const struct gb_pair *pair = &value->map->pairs[i];
        if (pair->key.kind != GB_VALUE_STRING)
            return refuse(path, err, "a key of kind %s", gb_value_kind_name(pair->key.kind));
        const struct gb_field *field = gb_record_field(record, pair->key.string);
        if (!field)
            return unknown_field(record, pair->key.string, path, err);
        struct gb_value_path inner = gb_value_path_field(path, field->name);
        int code = check(&pair->value, field->type, field, &inner, err);
        if (code)
            return code;
    }
    for (size_t i = 0; i < record->field_count; i++)
        if (!record->fields[i].optional && !gb_map_find(value->map, record->fields[i].name))
            return refuse(path, err, "\"" GB_PRI "\" is missing, and it is not optional",
                          GB_ARG(record->fields[i].name));
    return GB_OK;
}

static int check(const struct gb_value *value, const struct gb_type *type,
                 const struct gb_field *field, const struct gb_value_path *path,
                 struct gb_error *err)
{
    if (gb_value_path_too_deep(path))
        return gb_error_set(err, GB_E_LIMIT, "nested deeper than %d levels", GB_VALUE_DEEPEST);
    if (value->kind == GB_VALUE_UNKNOWN || value->kind == GB_VALUE_NOT_APPLICABLE)
        return GB_OK;
    if (value->kind > GB_VALUE_NOT_APPLICABLE)
        return refuse(path, err, "a value of kind %s is no fact", gb_value_kind_name(value->kind));
    if (type->kind == GB_TYPE_DYN)
        return GB_OK;
    if (value->kind != wanted_kind(type)) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("type", 1 << 16);
        struct gb_str text = scratch ? gb_type_text(scratch, type) : GB_STR("?");
        return refuse(path, err, "expected " GB_PRI ", found %s", GB_ARG(text),
                      gb_value_kind_name(value->kind));
    }
    if (type->kind == GB_TYPE_STRING)
        return check_set(value, field, path, err);
    if (type->kind == GB_TYPE_LIST)
        return check_list(value, type, field, path, err);
    if (type->kind == GB_TYPE_MAP)
        return check_map(value, type, field, path, err);
    if (type->kind == GB_TYPE_RECORD)
        return check_record(value, type->record, path, err);
    return GB_OK;
}

int gb_kind_check(const struct gb_value *value, const struct gb_type *type, struct gb_error *err)
{
    return check(value, type, NULL, NULL, err);
}

static int check_resource(const struct gb_kinds *kinds, const struct gb_resource *resource,
                          struct gb_error *err)
{
    const struct gb_kind *kind = gb_kinds_find(kinds, resource->kind);
    if (!kind)
        return gb_error_set(err, GB_E_TYPE, "no kind \"" GB_PRI "\" is described",
                            GB_ARG(resource->kind));
    struct gb_value props = gb_map_of(resource->props);
    return gb_kind_check(&props, kind->type, err);
}

int gb_kinds_check(const struct gb_kinds *kinds, const struct gb_collection *all,
                   struct gb_error *err)
{
    for (size_t i = 0; i < all->resource_count; i++) {
        int code = check_resource(kinds, all->resources[i], err);
        if (code) {
            char id[200];
            snprintf(id, sizeof id, GB_PRI, GB_ARG(all->resources[i]->id));
            gb_error_subject(err, id);
            return code;
        }
    }
    for (size_t i = 0; i < all->states.count; i++) {
        const struct gb_kind_state *state = all->states.entries[i].value;
        const struct gb_kind *kind = gb_kinds_find(kinds, state->kind);
        if (!kind)
            return gb_error_set(err, GB_E_TYPE, "no kind \"" GB_PRI "\" is described",
                                GB_ARG(state->kind));
        if (!kind->many && state->count > 1)
            return gb_error_set(err, GB_E_TYPE,
                                "%zu resources of the kind \"" GB_PRI "\", which has one",
                                state->count, GB_ARG(kind->name));
    }
    return GB_OK;
}
