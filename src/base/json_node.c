// JSON documents as trees; used by loaders of documents that people or tools write.
#include "base/json.h"
#include "base/node_builder.h"

// Places of offsets that only grow: each byte is looked at once.
struct place {
    struct gb_str text;
    size_t at, line_start;
    uint32_t line;
};

static void advance(struct place *place, size_t offset)
{
    const char *hit;
    while (place->at < offset &&
           (hit = memchr(place->text.at + place->at, '\n', offset - place->at))) {
        place->at = place->line_start = (size_t)(hit - place->text.at) + 1;
        place->line++;
    }
    place->at = offset;
}

static uint32_t column_of(const struct place *place)
{
    return (uint32_t)(place->at - place->line_start + 1);
}

static int add_value(struct gb_node_builder *b, const struct gb_json_reader *r, int event,
                     const struct place *place, struct gb_error *err)
{
    struct gb_node node = {.line = place->line, .column = column_of(place)};
    switch ((enum gb_json_event)event) {
    case GB_JSON_BOOL:
        node.kind = GB_NODE_BOOL;
        node.boolean = r->boolean;
        break;
    case GB_JSON_INT:
        node.kind = GB_NODE_INT;
        node.integer = r->integer;
        break;
    case GB_JSON_UINT:
        node.kind = GB_NODE_UINT;
        node.uinteger = r->uinteger;
        break;
    case GB_JSON_DOUBLE:
        node.kind = GB_NODE_DOUBLE;
        node.real = r->real;
        break;
    case GB_JSON_STRING:
        node.kind = GB_NODE_STRING;
        node.string = r->string;
        node.text_column = (uint16_t)(node.column < UINT16_MAX ? node.column + 1 : 0);
        break;
    case GB_JSON_OBJECT_BEGIN:
        node.kind = GB_NODE_MAP;
        return gb_node_builder_begin(b, &node, err);
    case GB_JSON_LIST_BEGIN:
        node.kind = GB_NODE_LIST;
        return gb_node_builder_begin(b, &node, err);
    case GB_JSON_OBJECT_END:
    case GB_JSON_LIST_END:
        return gb_node_builder_end(b, err);
    case GB_JSON_KEY:
        return gb_node_builder_key(b, r->string, node.line, node.column, err);
    case GB_JSON_NULL:
    case GB_JSON_END:
        break;
    }
    return gb_node_builder_value(b, &node, err);
}

int gb_json_node(struct gb_str text, const char *file, struct gb_json_limits limits,
                 struct gb_arena *arena, struct gb_node *ret, struct gb_error *err)
{
    struct gb_json_reader reader;
    int code = gb_json_open(&reader, text, limits, arena, err);
    GB_CLEANUP(gb_node_builder_free)
    struct gb_node_builder builder = {
        .arena = arena, .file = file, .max_depth = limits.max_depth, .max_nodes = UINT32_MAX};
    struct place place = {.text = text, .line = 1};
    while (code == GB_OK) {
        int event = gb_json_next(&reader, err);
        if (event == GB_JSON_END) {
            gb_node_builder_finish(&builder, ret);
            return GB_OK;
        }
        if (event < 0) {
            code = event;
            break;
        }
        advance(&place, reader.start);
        code = add_value(&builder, &reader, event, &place, err);
    }
    gb_error_subject(err, file);
    return code;
}
