// Reads the signatures of the function tables ("string, list(T) -> bool"); the environment uses it.
#include "expr/env.h"

#include "expr/types.h"

struct reader {
    struct gb_arena *arena;
    struct gb_str rest;
    unsigned depth;
    bool failed, generic;
};

enum { MAX_DEPTH = 8, MAX_TYPE_PARAMETERS = 3 };

static void skip_space(struct reader *reader)
{
    while (reader->rest.len && reader->rest.at[0] == ' ')
        reader->rest = gb_str_from(reader->rest, 1);
}

static bool take(struct reader *reader, const char *text)
{
    skip_space(reader);
    if (!gb_str_starts(reader->rest, gb_str_of(text)))
        return false;
    reader->rest = gb_str_from(reader->rest, strlen(text));
    return true;
}

static struct gb_str take_name(struct reader *reader)
{
    skip_space(reader);
    size_t len = 0;
    for (; len < reader->rest.len; len++) {
        char c = reader->rest.at[len];
        bool part = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
        if (!part)
            break;
    }
    struct gb_str name = gb_str_sub(reader->rest, 0, len);
    reader->rest = gb_str_from(reader->rest, len);
    return name;
}

static const struct gb_type *simple_type(struct gb_str name)
{
    static const struct {
        struct gb_str name;
        const struct gb_type *type;
    } simple[] = {
        {GB_STR_INIT("string"), &gb_type_string},
        {GB_STR_INIT("int"), &gb_type_int},
        {GB_STR_INIT("bool"), &gb_type_bool},
        {GB_STR_INIT("dyn"), &gb_type_dyn},
        {GB_STR_INIT("uint"), &gb_type_uint},
        {GB_STR_INIT("double"), &gb_type_double},
        {GB_STR_INIT("bytes"), &gb_type_bytes},
        {GB_STR_INIT("timestamp"), &gb_type_timestamp},
        {GB_STR_INIT("duration"), &gb_type_duration},
        {GB_STR_INIT("null"), &gb_type_null},
    };
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (gb_str_eq(name, simple[i].name))
            return simple[i].type;
    return NULL;
}

static const struct gb_type *type(struct reader *reader);

static const struct gb_type *new_type(struct reader *reader, struct gb_type content)
{
    struct gb_type *fresh = gb_alloc(reader->arena, sizeof *fresh);
    if (!fresh) {
        reader->failed = true;
        return &gb_type_dyn;
    }
    *fresh = content;
    return fresh;
}

// The types in parentheses, if there are some; returns their number.
static size_t parameters(struct reader *reader, const struct gb_type *into[MAX_TYPE_PARAMETERS])
{
    size_t count = 0;
    if (!take(reader, "("))
        return 0;
    do {
        if (count == MAX_TYPE_PARAMETERS) {
            reader->failed = true;
            return count;
        }
        into[count++] = type(reader);
    } while (take(reader, ","));
    reader->failed |= !take(reader, ")");
    return count;
}

static bool is_opaque(struct gb_str name)
{
    for (uint16_t tag = 1; tag < GB_CEL_TAGS; tag++) {
        const struct gb_cel_opaque *opaque = gb_cel_opaque_of(tag);
        if (opaque && gb_str_is(name, opaque->name))
            return true;
    }
    return false;
}

static const struct gb_type *type(struct reader *reader)
{
    struct gb_str name = take_name(reader);
    const struct gb_type *found = simple_type(name), *of[MAX_TYPE_PARAMETERS] = {0};
    if (found)
        return found;
    if (++reader->depth > MAX_DEPTH || !name.len) {
        reader->failed = true;
        return &gb_type_dyn;
    }
    size_t count = parameters(reader, of);
    reader->depth--;
    if (name.len == 1 && name.at[0] >= 'A' && name.at[0] <= 'Z') {
        reader->generic = true;
        return new_type(reader, (struct gb_type){.kind = GB_TYPE_PARAMETER, .name = name});
    }
    if (gb_str_is(name, "list") && count == 1)
        found = gb_type_list(reader->arena, of[0]);
    if (gb_str_is(name, "map") && count == 2)
        found = gb_type_map(reader->arena, of[0], of[1]);
    if (gb_str_is(name, "optional") && count == 1)
        found = gb_types_optional(reader->arena, of[0]);
    if (found)
        return found;
    if (gb_str_is(name, "type"))
        return new_type(reader, (struct gb_type){.kind = GB_TYPE_TYPE, .element = of[0]});
    if (!is_opaque(name))
        reader->failed = true;
    return new_type(reader, (struct gb_type){.kind = GB_TYPE_OPAQUE, .name = name});
}

// Which kinds of value a parameter takes; sets *tag for an opaque one.
static uint32_t kinds_of(const struct gb_type *parameter, uint16_t *tag)
{
    static const uint8_t kinds[] = {
        [GB_TYPE_NULL] = GB_VALUE_NULL,         [GB_TYPE_BOOL] = GB_VALUE_BOOL,
        [GB_TYPE_INT] = GB_VALUE_INT,           [GB_TYPE_UINT] = GB_VALUE_UINT,
        [GB_TYPE_DOUBLE] = GB_VALUE_DOUBLE,     [GB_TYPE_STRING] = GB_VALUE_STRING,
        [GB_TYPE_BYTES] = GB_VALUE_BYTES,       [GB_TYPE_TIMESTAMP] = GB_VALUE_TIMESTAMP,
        [GB_TYPE_DURATION] = GB_VALUE_DURATION, [GB_TYPE_LIST] = GB_VALUE_LIST,
        [GB_TYPE_MAP] = GB_VALUE_MAP,           [GB_TYPE_RECORD] = GB_VALUE_MAP,
        [GB_TYPE_TYPE] = GB_VALUE_TYPE,
    };
    const uint32_t blocked =
        1u << GB_VALUE_UNKNOWN | 1u << GB_VALUE_NOT_APPLICABLE | 1u << GB_VALUE_ERROR;
    if (parameter->kind == GB_TYPE_DYN || parameter->kind == GB_TYPE_PARAMETER)
        return ~blocked;
    if (parameter->kind != GB_TYPE_OPAQUE)
        return 1u << kinds[parameter->kind];
    if (gb_types_is_optional(parameter))
        return 1u << GB_VALUE_OPTIONAL;
    for (uint16_t i = 1; i < GB_CEL_TAGS; i++) {
        const struct gb_cel_opaque *opaque = gb_cel_opaque_of(i);
        if (opaque && gb_str_is(parameter->name, opaque->name))
            *tag = i;
    }
    return 1u << GB_VALUE_OPAQUE;
}

void gb_signature_kinds(struct gb_signature *signature)
{
    for (size_t i = 0; i < signature->count; i++)
        signature->kinds[i] = kinds_of(signature->parameters[i], &signature->tags[i]);
}

bool gb_signature_read(struct gb_arena *arena, const char *text, struct gb_signature *ret)
{
    struct reader reader = {.arena = arena, .rest = gb_str_of(text)};
    ret->count = 0;
    if (!take(&reader, "->")) {
        do {
            if (ret->count == GB_CEL_MAX_PARAMETERS)
                return false;
            ret->parameters[ret->count++] = type(&reader);
        } while (take(&reader, ","));
        reader.failed |= !take(&reader, "->");
    }
    ret->result = type(&reader);
    ret->generic = reader.generic;
    gb_signature_kinds(ret);
    return !reader.failed && !reader.rest.len;
}

struct gb_str gb_signature_text(struct gb_arena *arena, const struct gb_signature *signature)
{
    struct gb_str text = signature->name;
    size_t first = 0;
    if (signature->method) {
        struct gb_str receiver = gb_type_text(arena, signature->parameters[0]);
        text = gb_str_format(arena, GB_PRI "." GB_PRI, GB_ARG(receiver), GB_ARG(text));
        first = 1;
    }
    text = gb_str_format(arena, GB_PRI "(", GB_ARG(text));
    for (size_t i = first; i < signature->count; i++) {
        struct gb_str parameter = gb_type_text(arena, signature->parameters[i]);
        text = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(text), i > first ? ", " : "",
                             GB_ARG(parameter));
    }
    return gb_str_format(arena, GB_PRI ")", GB_ARG(text));
}
