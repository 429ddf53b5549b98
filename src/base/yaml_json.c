// Data written as YAML as JSON text (yaml_json.h), from libyaml's events to the JSON writer.
#include "base/yaml_json.h"

#include "base/json.h"
#include "base/utf8.h"

#include <yaml.h>

struct converter {
    const char *file;
    struct gb_json_writer writer;
    struct gb_yaml_limits limits;
    uint32_t depth, nodes, documents;
    // A bit a level (the depth is below 64): is it a map, and does a key come next?
    uint64_t maps, keys;
};

static int fail(const struct converter *c, yaml_mark_t at, int code, const char *reason,
                struct gb_error *err)
{
    return gb_error_at(err, code, c->file, (uint32_t)at.line + 1, (uint32_t)at.column + 1, "%s",
                       reason);
}

static bool wants_key(const struct converter *c)
{
    uint64_t bit = UINT64_C(1) << (c->depth & 63);
    return (c->maps & bit) && (c->keys & bit);
}

// A value is complete: in a map a key comes next.
static void after_value(struct converter *c)
{
    c->keys |= UINT64_C(1) << (c->depth & 63);
}

static int begin(struct converter *c, const yaml_event_t *event, bool map, struct gb_error *err)
{
    if (wants_key(c))
        return fail(c, event->start_mark, GB_E_SYNTAX, "keys are strings, not lists or maps", err);
    if (c->depth >= c->limits.max_depth || c->depth >= 62)
        return fail(c, event->start_mark, GB_E_LIMIT, "nested too deep", err);
    c->depth++;
    uint64_t bit = UINT64_C(1) << (c->depth & 63);
    c->maps = map ? c->maps | bit : c->maps & ~bit;
    c->keys |= bit;
    if (map)
        gb_json_object_begin(&c->writer);
    else
        gb_json_list_begin(&c->writer);
    return GB_OK;
}

static int end(struct converter *c, bool map)
{
    if (map)
        gb_json_object_end(&c->writer);
    else
        gb_json_list_end(&c->writer);
    c->depth--;
    after_value(c);
    return GB_OK;
}

static bool is_null(const yaml_event_t *event, struct gb_str s)
{
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!s.len || gb_str_is(s, "~") || gb_str_is(s, "null") || gb_str_is(s, "Null") ||
            gb_str_is(s, "NULL"));
}

static int scalar(struct converter *c, const yaml_event_t *event, struct gb_error *err)
{
    struct gb_str s = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (!wants_key(c)) {
        if (is_null(event, s))
            gb_json_null(&c->writer);
        else
            gb_json_string(&c->writer, s);
        after_value(c);
        return GB_OK;
    }
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && gb_str_is(s, "<<"))
        return fail(c, event->start_mark, GB_E_SYNTAX, "merge keys (<<) are refused", err);
    gb_json_key_str(&c->writer, s);
    c->keys &= ~(UINT64_C(1) << (c->depth & 63));
    return GB_OK;
}

static int refuse(const struct converter *c, const yaml_event_t *event, struct gb_error *err)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (event->type == YAML_ALIAS_EVENT || anchor)
        return fail(c, event->start_mark, GB_E_SYNTAX, "anchors and aliases are refused", err);
    return tag ? fail(c, event->start_mark, GB_E_SYNTAX, "tags are refused", err) : GB_OK;
}

static int take(struct converter *c, const yaml_event_t *event, struct gb_error *err)
{
    int code = refuse(c, event, err);
    if (code < 0)
        return code;
    if (++c->nodes > c->limits.max_nodes)
        return fail(c, event->start_mark, GB_E_LIMIT, "more values than are read", err);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return c->documents++ ? fail(c, event->start_mark, GB_E_SYNTAX,
                                     "a second document (---), where one is expected", err)
                              : GB_OK;
    case YAML_SCALAR_EVENT:
        return scalar(c, event, err);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return begin(c, event, event->type == YAML_MAPPING_START_EVENT, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return end(c, event->type == YAML_MAPPING_END_EVENT);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_ALIAS_EVENT:
        break;
    }
    return GB_OK;
}

static int convert(struct converter *c, yaml_parser_t *parser, struct gb_error *err)
{
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            const char *problem = parser->problem ? parser->problem : "out of memory";
            int code = parser->error == YAML_MEMORY_ERROR ? GB_E_MEMORY : GB_E_SYNTAX;
            return fail(c, parser->problem_mark, code, problem, err);
        }
        bool last = event.type == YAML_STREAM_END_EVENT;
        int code = take(c, &event, err);
        yaml_event_delete(&event);
        if (code < 0 || last)
            return code;
        if (c->writer.out->failed)
            return gb_error_at(err, GB_E_LIMIT, c->file, 0, 0, "larger than is read");
    }
}

int gb_yaml_to_json(struct gb_str text, const char *file, struct gb_yaml_limits limits,
                    struct gb_buffer *out, struct gb_error *err)
{
    struct converter c = {.file = file, .limits = limits, .writer = gb_json_writer(out, 0)};
    yaml_parser_t parser;
    if (text.len > limits.max_bytes)
        return gb_error_at(err, GB_E_LIMIT, file, 0, 0, "%zu bytes: at most %zu are read", text.len,
                           limits.max_bytes);
    if (!gb_utf8_valid(text))
        return gb_error_at(err, GB_E_SYNTAX, file, 0, 0, "not UTF-8");
    if (!yaml_parser_initialize(&parser))
        return gb_error_at(err, GB_E_MEMORY, file, 0, 0, "out of memory reading YAML");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.at, text.len);
    int code = convert(&c, &parser, err);
    yaml_parser_delete(&parser);
    if (code == GB_OK && !c.documents)
        gb_json_null(&c.writer);
    if (code == GB_OK && out->failed)
        code = gb_error_at(err, GB_E_LIMIT, file, 0, 0, "larger than is read");
    return code;
}
