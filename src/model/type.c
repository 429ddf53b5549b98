// Types; used by kinds and by the expression checker.
#include "model/type.h"

const struct gb_type gb_type_dyn = {.kind = GB_TYPE_DYN};
const struct gb_type gb_type_null = {.kind = GB_TYPE_NULL};
const struct gb_type gb_type_bool = {.kind = GB_TYPE_BOOL};
const struct gb_type gb_type_int = {.kind = GB_TYPE_INT};
const struct gb_type gb_type_uint = {.kind = GB_TYPE_UINT};
const struct gb_type gb_type_double = {.kind = GB_TYPE_DOUBLE};
const struct gb_type gb_type_string = {.kind = GB_TYPE_STRING};
const struct gb_type gb_type_bytes = {.kind = GB_TYPE_BYTES};
const struct gb_type gb_type_timestamp = {.kind = GB_TYPE_TIMESTAMP};
const struct gb_type gb_type_duration = {.kind = GB_TYPE_DURATION};

const struct gb_type *gb_type_list(struct gb_arena *arena, const struct gb_type *element)
{
    struct gb_type *type = gb_alloc(arena, sizeof *type);
    if (type)
        *type = (struct gb_type){.kind = GB_TYPE_LIST, .element = element};
    return type;
}

const struct gb_type *gb_type_map(struct gb_arena *arena, const struct gb_type *key,
                                  const struct gb_type *element)
{
    struct gb_type *type = gb_alloc(arena, sizeof *type);
    if (type)
        *type = (struct gb_type){.kind = GB_TYPE_MAP, .key = key, .element = element};
    return type;
}

const struct gb_type *gb_type_record(struct gb_arena *arena, const struct gb_record *record)
{
    struct gb_type *type = gb_alloc(arena, sizeof *type);
    if (type)
        *type = (struct gb_type){.kind = GB_TYPE_RECORD, .record = record};
    return type;
}

const struct gb_field *gb_record_field(const struct gb_record *record, struct gb_str name)
{
    return gb_map_get(&record->by_name, name);
}

bool gb_field_allows(const struct gb_field *field, struct gb_str s)
{
    for (size_t i = 0; i < field->value_count; i++)
        if (gb_str_eq(field->values[i], s))
            return true;
    return field->value_count == 0;
}

struct gb_str gb_record_nearest(const struct gb_record *record, struct gb_str name)
{
    struct gb_str best = {0};
    // One by one, so that no array of names is needed; a nearer name replaces a near one.
    for (size_t i = 0; i < record->field_count; i++) {
        struct gb_str two[] = {best, record->fields[i].name};
        struct gb_str nearer = gb_str_nearest(name, best.len ? two : two + 1, best.len ? 2 : 1);
        if (nearer.len)
            best = nearer;
    }
    return best;
}

static bool parameters_equal(const struct gb_type *a, const struct gb_type *b)
{
    if (a->parameter_count != b->parameter_count)
        return false;
    for (size_t i = 0; i < a->parameter_count; i++)
        if (!gb_type_equal(a->parameters[i], b->parameters[i]))
            return false;
    return true;
}

static bool both_equal(const struct gb_type *a, const struct gb_type *b)
{
    return a == b || (a && b && gb_type_equal(a, b));
}

bool gb_type_equal(const struct gb_type *a, const struct gb_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind)
        return false;
    switch ((enum gb_type_kind)a->kind) {
    case GB_TYPE_LIST:
    case GB_TYPE_TYPE:
        return both_equal(a->element, b->element);
    case GB_TYPE_MAP:
        return both_equal(a->key, b->key) && both_equal(a->element, b->element);
    case GB_TYPE_RECORD:
        return a->record == b->record;
    case GB_TYPE_OPAQUE:
        return gb_str_eq(a->name, b->name) && parameters_equal(a, b);
    case GB_TYPE_PARAMETER:
        return gb_str_eq(a->name, b->name);
    case GB_TYPE_DYN:
    case GB_TYPE_NULL:
    case GB_TYPE_BOOL:
    case GB_TYPE_INT:
    case GB_TYPE_UINT:
    case GB_TYPE_DOUBLE:
    case GB_TYPE_STRING:
    case GB_TYPE_BYTES:
    case GB_TYPE_TIMESTAMP:
    case GB_TYPE_DURATION:
        break;
    }
    return true;
}

static struct gb_str text_of(struct gb_arena *arena, const struct gb_type *type)
{
    return type ? gb_type_text(arena, type) : GB_STR("any");
}

static struct gb_str opaque_text(struct gb_arena *arena, const struct gb_type *type)
{
    struct gb_str text = type->name;
    for (size_t i = 0; i < type->parameter_count; i++) {
        struct gb_str parameter = gb_type_text(arena, type->parameters[i]);
        text = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(text), i ? ", " : "(",
                             GB_ARG(parameter));
    }
    if (type->parameter_count)
        text = gb_str_format(arena, GB_PRI ")", GB_ARG(text));
    return text;
}

struct gb_str gb_type_text(struct gb_arena *arena, const struct gb_type *type)
{
    static const char *const simple[] = {
        "any", "null", "bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration",
    };
    struct gb_str element, key;
    switch ((enum gb_type_kind)type->kind) {
    case GB_TYPE_LIST:
        element = text_of(arena, type->element);
        return gb_str_format(arena, "list(" GB_PRI ")", GB_ARG(element));
    case GB_TYPE_MAP:
        key = text_of(arena, type->key);
        element = text_of(arena, type->element);
        return gb_str_format(arena, "map(" GB_PRI ", " GB_PRI ")", GB_ARG(key), GB_ARG(element));
    case GB_TYPE_TYPE:
        element = text_of(arena, type->element);
        return gb_str_format(arena, "type(" GB_PRI ")", GB_ARG(element));
    case GB_TYPE_RECORD:
        return type->record->name;
    case GB_TYPE_OPAQUE:
        return opaque_text(arena, type);
    case GB_TYPE_PARAMETER:
        return type->name;
    case GB_TYPE_DYN:
    case GB_TYPE_NULL:
    case GB_TYPE_BOOL:
    case GB_TYPE_INT:
    case GB_TYPE_UINT:
    case GB_TYPE_DOUBLE:
    case GB_TYPE_STRING:
    case GB_TYPE_BYTES:
    case GB_TYPE_TIMESTAMP:
    case GB_TYPE_DURATION:
        break;
    }
    return gb_str_of(simple[type->kind]);
}
