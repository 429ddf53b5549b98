// Values to JSON and from documents; used by outputs, the store, examples and tests.
#include "model/value_json.h"

#include "base/encoding.h"
#include "base/time.h"
#include "model/value_path.h"

#include <inttypes.h>
#include <stdio.h>

// Writing

static void write_at(struct gb_json_writer *w, const struct gb_value *value, unsigned depth);

static void write_bytes(struct gb_json_writer *w, struct gb_str bytes)
{
    // An arena of its own: the text is a third longer than the bytes, and gone at once.
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("base64", SIZE_MAX);
    struct gb_str text = scratch ? gb_base64_encode(scratch, bytes, GB_BASE64) : (struct gb_str){0};
    if (!text.at)
        w->out->failed = true;
    gb_json_string(w, text);
}

static void write_key(struct gb_json_writer *w, const struct gb_value *key)
{
    char text[32] = "";
    if (key->kind == GB_VALUE_STRING) {
        gb_json_key_str(w, key->string);
        return;
    }
    if (key->kind == GB_VALUE_INT)
        snprintf(text, sizeof text, "%" PRId64, key->integer);
    else if (key->kind == GB_VALUE_UINT)
        snprintf(text, sizeof text, "%" PRIu64, key->uinteger);
    else if (key->kind == GB_VALUE_BOOL)
        snprintf(text, sizeof text, "%s", key->boolean ? "true" : "false");
    gb_json_key(w, text);
}

static void write_container(struct gb_json_writer *w, const struct gb_value *value, unsigned depth)
{
    if (depth >= GB_VALUE_DEEPEST) {
        w->out->failed = true;
        return;
    }
    if (value->kind == GB_VALUE_LIST) {
        gb_json_list_begin(w);
        for (size_t i = 0; i < value->list->count; i++)
            write_at(w, &value->list->items[i], depth + 1);
        gb_json_list_end(w);
        return;
    }
    gb_json_object_begin(w);
    for (size_t i = 0; i < value->map->count; i++) {
        write_key(w, &value->map->pairs[i].key);
        write_at(w, &value->map->pairs[i].value, depth + 1);
    }
    gb_json_object_end(w);
}

static void write_reason(struct gb_json_writer *w, const char *key, struct gb_str reason)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, key, reason);
    gb_json_object_end(w);
}

static void write_at(struct gb_json_writer *w, const struct gb_value *value, unsigned depth)
{
    char text[GB_TIME_SIZE > GB_DURATION_SIZE ? GB_TIME_SIZE : GB_DURATION_SIZE];
    switch ((enum gb_value_kind)value->kind) {
    case GB_VALUE_BOOL:
        gb_json_bool(w, value->boolean);
        return;
    case GB_VALUE_INT:
        gb_json_int(w, value->integer);
        return;
    case GB_VALUE_UINT:
        gb_json_uint(w, value->uinteger);
        return;
    case GB_VALUE_DOUBLE:
        gb_json_double(w, value->real);
        return;
    case GB_VALUE_STRING:
        gb_json_string(w, value->string);
        return;
    case GB_VALUE_BYTES:
        write_bytes(w, value->string);
        return;
    case GB_VALUE_TIMESTAMP:
        gb_time_text(value->time.seconds, value->time.nanos, text);
        gb_json_text(w, text);
        return;
    case GB_VALUE_DURATION:
        gb_duration_text(value->time.seconds, value->time.nanos, text);
        gb_json_text(w, text);
        return;
    case GB_VALUE_LIST:
    case GB_VALUE_MAP:
        write_container(w, value, depth);
        return;
    case GB_VALUE_UNKNOWN:
        write_reason(w, "unknown", value->string);
        return;
    case GB_VALUE_NOT_APPLICABLE:
        write_reason(w, "not_applicable", value->string);
        return;
    case GB_VALUE_NULL:
    case GB_VALUE_ERROR:
    case GB_VALUE_TYPE:
    case GB_VALUE_OPTIONAL:
    case GB_VALUE_OPAQUE:
        break;
    }
    gb_json_null(w);
}

void gb_value_write_json(struct gb_json_writer *w, const struct gb_value *value)
{
    write_at(w, value, 0);
}

// Reading

struct reading {
    struct gb_arena *arena;
    struct gb_error *err;
};

static int read_at(const struct reading *r, const struct gb_node *node, const struct gb_type *type,
                   const struct gb_field *field, const struct gb_value_path *path,
                   struct gb_value *ret);

static int refuse(const struct reading *r, const struct gb_node *node,
                  const struct gb_value_path *path, int code, const char *format, ...)
    GB_PRINTF(5, 6);

static int refuse(const struct reading *r, const struct gb_node *node,
                  const struct gb_value_path *path, int code, const char *format, ...)
{
    char where[160], reason[300];
    gb_value_path_text(path, where, sizeof where);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return gb_error_at(r->err, code, NULL, node->line, node->column, "%s%s%s", where,
                       where[0] ? ": " : "", reason);
}

static int no_memory(const struct reading *r)
{
    return gb_error_set(r->err, GB_E_MEMORY, "out of memory reading a value");
}

static int mismatch(const struct reading *r, const struct gb_node *node, const struct gb_type *type,
                    const struct gb_value_path *path)
{
    struct gb_str text = gb_type_text(r->arena, type);
    return refuse(r, node, path, GB_E_TYPE, "expected " GB_PRI ", found %s", GB_ARG(text),
                  gb_node_kind_name(node->kind));
}

static int misread(const struct reading *r, const struct gb_node *node,
                   const struct gb_value_path *path, const char *expected)
{
    return refuse(r, node, path, GB_E_TYPE, "expected %s, found \"" GB_PRI "\"", expected,
                  GB_ARG(node->string));
}

// {unknown: reason} and {not_applicable: reason}; a record's own field of that name comes first.
static bool read_reason(const struct gb_node *node, const struct gb_type *type,
                        struct gb_value *ret)
{
    if (node->kind != GB_NODE_MAP || node->map.count != 1 ||
        node->map.pairs[0].value.kind != GB_NODE_STRING)
        return false;
    struct gb_str key = node->map.pairs[0].key, reason = node->map.pairs[0].value.string;
    if (type->kind == GB_TYPE_RECORD && gb_record_field(type->record, key))
        return false;
    if (gb_str_is(key, "unknown"))
        *ret = gb_unknown(reason);
    else if (gb_str_is(key, "not_applicable"))
        *ret = gb_not_applicable(reason);
    else
        return false;
    return true;
}

static int read_list(const struct reading *r, const struct gb_node *node,
                     const struct gb_type *element, const struct gb_field *field,
                     const struct gb_value_path *path, struct gb_value *ret)
{
    struct gb_list *list = gb_list_new(r->arena);
    for (size_t i = 0; list && i < node->list.count; i++) {
        struct gb_value_path inner = gb_value_path_index(path, i);
        struct gb_value item;
        int code = read_at(r, &node->list.items[i], element, field, &inner, &item);
        if (code)
            return code;
        gb_list_add(r->arena, list, item);
    }
    if (!list || gb_arena_failed(r->arena))
        return no_memory(r);
    *ret = gb_list_of(list);
    return GB_OK;
}

// A key of a map from its text, as the map's type wants it.
static int read_key(const struct reading *r, const struct gb_node_pair *pair,
                    const struct gb_type *type, const struct gb_value_path *path,
                    struct gb_value *ret)
{
    uint64_t number;
    int64_t integer;
    *ret = gb_string(pair->key);
    if (type->kind == GB_TYPE_STRING || type->kind == GB_TYPE_DYN)
        return GB_OK;
    if (type->kind == GB_TYPE_INT && gb_str_to_int(pair->key, &integer) == GB_OK)
        *ret = gb_int(integer);
    else if (type->kind == GB_TYPE_UINT && gb_str_to_uint(pair->key, 10, &number) == GB_OK)
        *ret = gb_uint(number);
    else if (type->kind == GB_TYPE_BOOL &&
             (gb_str_is(pair->key, "true") || gb_str_is(pair->key, "false")))
        *ret = gb_bool(gb_str_is(pair->key, "true"));
    else
        return refuse(r, &pair->value, path, GB_E_TYPE, "the key is no " GB_PRI,
                      GB_ARG(gb_type_text(r->arena, type)));
    return GB_OK;
}

static int read_map(const struct reading *r, const struct gb_node *node, const struct gb_type *key,
                    const struct gb_type *element, const struct gb_field *field,
                    const struct gb_value_path *path, struct gb_value *ret)
{
    struct gb_map_value *map = gb_map_new(r->arena);
    for (size_t i = 0; map && i < node->map.count; i++) {
        const struct gb_node_pair *pair = &node->map.pairs[i];
        struct gb_value_path inner = gb_value_path_field(path, pair->key);
        struct gb_value name, item;
        int code = read_key(r, pair, key, &inner, &name);
        if (!code)
            code = read_at(r, &pair->value, element, field, &inner, &item);
        if (code)
            return code;
        gb_map_put_key(r->arena, map, name, item);
    }
    if (!map || gb_arena_failed(r->arena))
        return no_memory(r);
    *ret = gb_map_of(map);
    return GB_OK;
}

static int unknown_field(const struct reading *r, const struct gb_node_pair *pair,
                         const struct gb_record *record, const struct gb_value_path *path)
{
    struct gb_node at_key = {.line = pair->line, .column = pair->column};
    struct gb_str near = gb_record_nearest(record, pair->key);
    if (near.len)
        return refuse(r, &at_key, path, GB_E_TYPE,
                      GB_PRI " has no field \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)",
                      GB_ARG(record->name), GB_ARG(pair->key), GB_ARG(near));
    return refuse(r, &at_key, path, GB_E_TYPE, GB_PRI " has no field \"" GB_PRI "\"",
                  GB_ARG(record->name), GB_ARG(pair->key));
}

static int read_record(const struct reading *r, const struct gb_node *node,
                       const struct gb_record *record, const struct gb_value_path *path,
                       struct gb_value *ret)
{
    struct gb_map_value *map = gb_map_new(r->arena);
    for (size_t i = 0; map && i < node->map.count; i++) {
        const struct gb_node_pair *pair = &node->map.pairs[i];
        const struct gb_field *field = gb_record_field(record, pair->key);
        if (!field)
            return unknown_field(r, pair, record, path);
        struct gb_value_path inner = gb_value_path_field(path, field->name);
        struct gb_value item;
        int code = read_at(r, &pair->value, field->type, field, &inner, &item);
        if (code)
            return code;
        gb_map_put(r->arena, map, field->name, item);
    }
    if (!map || gb_arena_failed(r->arena))
        return no_memory(r);
    *ret = gb_map_of(map);
    return GB_OK;
}

// What JSON and YAML can say by themselves.
static int read_dynamic(const struct reading *r, const struct gb_node *node,
                        const struct gb_value_path *path, struct gb_value *ret)
{
    switch ((enum gb_node_kind)node->kind) {
    case GB_NODE_NULL:
        *ret = gb_null();
        break;
    case GB_NODE_BOOL:
        *ret = gb_bool(node->boolean);
        break;
    case GB_NODE_INT:
        *ret = gb_int(node->integer);
        break;
    case GB_NODE_UINT:
        *ret = gb_uint(node->uinteger);
        break;
    case GB_NODE_DOUBLE:
        *ret = gb_double(node->real);
        break;
    case GB_NODE_STRING:
        *ret = gb_string(node->string);
        break;
    case GB_NODE_LIST:
        return read_list(r, node, &gb_type_dyn, NULL, path, ret);
    case GB_NODE_MAP:
        return read_map(r, node, &gb_type_dyn, &gb_type_dyn, NULL, path, ret);
    }
    return GB_OK;
}

static int read_number(const struct reading *r, const struct gb_node *node,
                       const struct gb_type *type, const struct gb_value_path *path,
                       struct gb_value *ret)
{
    bool is_int = node->kind == GB_NODE_INT, is_uint = node->kind == GB_NODE_UINT;
    if (type->kind == GB_TYPE_INT && is_int)
        *ret = gb_int(node->integer);
    else if (type->kind == GB_TYPE_UINT && is_uint)
        *ret = gb_uint(node->uinteger);
    else if (type->kind == GB_TYPE_UINT && is_int && node->integer >= 0)
        *ret = gb_uint((uint64_t)node->integer);
    else if (type->kind == GB_TYPE_DOUBLE && node->kind == GB_NODE_DOUBLE)
        *ret = gb_double(node->real);
    else if (type->kind == GB_TYPE_DOUBLE && is_int)
        *ret = gb_double((double)node->integer);
    else if (type->kind == GB_TYPE_DOUBLE && is_uint)
        *ret = gb_double((double)node->uinteger);
    else
        return mismatch(r, node, type, path);
    return GB_OK;
}

static int read_string(const struct reading *r, const struct gb_node *node,
                       const struct gb_type *type, const struct gb_field *field,
                       const struct gb_value_path *path, struct gb_value *ret)
{
    int64_t seconds;
    int32_t nanos;
    struct gb_str bytes;
    if (node->kind != GB_NODE_STRING)
        return mismatch(r, node, type, path);
    if (type->kind == GB_TYPE_TIMESTAMP) {
        if (gb_time_parse(node->string, &seconds, &nanos) < 0)
            return misread(r, node, path, "a time as in 2026-11-01T00:00:00Z");
        *ret = gb_timestamp(seconds, nanos);
    } else if (type->kind == GB_TYPE_DURATION) {
        if (gb_duration_parse(node->string, &seconds, &nanos) < 0)
            return misread(r, node, path, "a duration as in 1h30m or 90s");
        *ret = gb_duration(seconds, nanos);
    } else if (type->kind == GB_TYPE_BYTES) {
        int code = gb_base64_decode(r->arena, node->string, GB_BASE64, &bytes);
        if (code == GB_E_MEMORY)
            return no_memory(r);
        if (code)
            return misread(r, node, path, "base64");
        *ret = gb_bytes(bytes);
    } else if (field && !gb_field_allows(field, node->string)) {
        return refuse(r, node, path, GB_E_TYPE, "\"" GB_PRI "\" is not one of its values",
                      GB_ARG(node->string));
    } else {
        *ret = gb_string(node->string);
    }
    return GB_OK;
}

static int read_at(const struct reading *r, const struct gb_node *node, const struct gb_type *type,
                   const struct gb_field *field, const struct gb_value_path *path,
                   struct gb_value *ret)
{
    if (gb_value_path_too_deep(path))
        return refuse(r, node, NULL, GB_E_LIMIT, "nested deeper than %d levels", GB_VALUE_DEEPEST);
    if (read_reason(node, type, ret))
        return GB_OK;
    switch ((enum gb_type_kind)type->kind) {
    case GB_TYPE_DYN:
        return read_dynamic(r, node, path, ret);
    case GB_TYPE_NULL:
    case GB_TYPE_BOOL:
        if (node->kind != (type->kind == GB_TYPE_BOOL ? GB_NODE_BOOL : GB_NODE_NULL))
            break;
        *ret = type->kind == GB_TYPE_BOOL ? gb_bool(node->boolean) : gb_null();
        return GB_OK;
    case GB_TYPE_INT:
    case GB_TYPE_UINT:
    case GB_TYPE_DOUBLE:
        return read_number(r, node, type, path, ret);
    case GB_TYPE_STRING:
    case GB_TYPE_BYTES:
    case GB_TYPE_TIMESTAMP:
    case GB_TYPE_DURATION:
        return read_string(r, node, type, field, path, ret);
    case GB_TYPE_LIST:
        if (node->kind != GB_NODE_LIST)
            break;
        return read_list(r, node, type->element, field, path, ret);
    case GB_TYPE_MAP:
        if (node->kind != GB_NODE_MAP)
            break;
        return read_map(r, node, type->key, type->element, field, path, ret);
    case GB_TYPE_RECORD:
        if (node->kind != GB_NODE_MAP)
            break;
        return read_record(r, node, type->record, path, ret);
    case GB_TYPE_TYPE:
    case GB_TYPE_OPAQUE:
    case GB_TYPE_PARAMETER:
        break;
    }
    return mismatch(r, node, type, path);
}

int gb_value_from_node(const struct gb_node *node, const struct gb_type *type,
                       struct gb_arena *arena, struct gb_value *ret, struct gb_error *err)
{
    struct reading r = {.arena = arena, .err = err};
    struct gb_value value;
    int code = read_at(&r, node, type, NULL, NULL, &value);
    if (!code)
        *ret = value;
    return code;
}

int gb_value_read_json(struct gb_str text, const struct gb_type *type, struct gb_arena *arena,
                       struct gb_value *ret, struct gb_error *err)
{
    struct gb_node node;
    int code = gb_json_node(text, "", GB_JSON_LIMITS_DEFAULT, arena, &node, err);
    return code ? code : gb_value_from_node(&node, type, arena, ret, err);
}
