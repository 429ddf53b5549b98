// Content documents, packed and unpacked; used by the build tool and by all loaders of rules.
#include "model/content.h"

#include "base/json.h"
#include "base/yaml.h"

#include <math.h>
#include <stdio.h>

enum { CONTENT_BYTES = 64 << 20, CONTENT_DEPTH = 64 };
enum style { STYLE_OTHER, STYLE_QUOTED, STYLE_BLOCK, STYLE_BITS = 2 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Packing

struct packer {
    struct gb_json_writer writer;
    struct gb_buffer places;
    uint32_t line;
    const char *file;
    struct gb_error *err;
};

static void pack_number(struct gb_buffer *out, uint32_t number)
{
    for (; number >= 32; number /= 32)
        gb_buffer_char(out, alphabet[32 + number % 32]);
    gb_buffer_char(out, alphabet[number]);
}

static void pack_place(struct packer *p, uint32_t line, uint32_t column, enum style style)
{
    uint32_t down = line > p->line ? line - p->line : 0;
    p->line += down;
    pack_number(&p->places, down << STYLE_BITS | style);
    pack_number(&p->places, column);
}

static enum style style_of(const struct gb_node *node)
{
    if (node->kind != GB_NODE_STRING)
        return STYLE_OTHER;
    if (node->text_line)
        return STYLE_BLOCK;
    return node->text_column > node->column ? STYLE_QUOTED : STYLE_OTHER;
}

static int pack_node(struct packer *p, const struct gb_node *node)
{
    struct gb_json_writer *w = &p->writer;
    enum style style = style_of(node);
    pack_place(p, node->line, node->column, style);
    if (style == STYLE_BLOCK)
        pack_number(&p->places, node->text_column);
    int code = GB_OK;
    switch ((enum gb_node_kind)node->kind) {
    case GB_NODE_NULL:
        gb_json_null(w);
        break;
    case GB_NODE_BOOL:
        gb_json_bool(w, node->boolean);
        break;
    case GB_NODE_INT:
        gb_json_int(w, node->integer);
        break;
    case GB_NODE_UINT:
        gb_json_uint(w, node->uinteger);
        break;
    case GB_NODE_DOUBLE:
        if (!isfinite(node->real))
            return gb_error_at(p->err, GB_E_RANGE, p->file, node->line, node->column,
                               "not a finite number");
        gb_json_double(w, node->real);
        break;
    case GB_NODE_STRING:
        gb_json_string(w, node->string);
        break;
    case GB_NODE_LIST:
        gb_json_list_begin(w);
        for (size_t i = 0; i < node->list.count && !code; i++)
            code = pack_node(p, &node->list.items[i]);
        gb_json_list_end(w);
        break;
    case GB_NODE_MAP:
        gb_json_object_begin(w);
        for (size_t i = 0; i < node->map.count && !code; i++) {
            const struct gb_node_pair *pair = &node->map.pairs[i];
            pack_place(p, pair->line, pair->column, STYLE_OTHER);
            gb_json_key_str(w, pair->key);
            code = pack_node(p, &pair->value);
        }
        gb_json_object_end(w);
        break;
    }
    return code;
}

// The documents of one path, from `documents` on; `count` of them.
static int pack_file(struct packer *p, const struct gb_content_document *documents, size_t count,
                     struct gb_buffer *place_texts)
{
    struct gb_json_writer *w = &p->writer;
    struct gb_json_writer places = gb_json_writer(place_texts, 0);
    gb_buffer_clear(place_texts);
    gb_json_object_begin(w);
    gb_json_field_str(w, "path", documents[0].path);
    gb_json_key(w, "documents");
    gb_json_list_begin(w);
    gb_json_list_begin(&places);
    for (size_t i = 0; i < count; i++) {
        gb_buffer_clear(&p->places);
        p->line = 0;
        int code = pack_node(p, &documents[i].node);
        if (code)
            return code;
        gb_json_string(&places, gb_buffer_str(&p->places));
        if (p->places.failed)
            p->writer.out->failed = true;
    }
    gb_json_list_end(&places);
    gb_json_list_end(w);
    gb_json_key(w, "places");
    w->after_key = false;
    gb_buffer_add(w->out, gb_buffer_str(place_texts));
    if (place_texts->failed)
        w->out->failed = true;
    gb_json_object_end(w);
    return GB_OK;
}

int gb_content_pack(const struct gb_content_document *documents, size_t count,
                    struct gb_buffer *out, struct gb_error *err)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(CONTENT_BYTES);
    struct packer p = {
        .writer = gb_json_writer(out, 0), .places = gb_buffer(CONTENT_BYTES), .err = err};
    int code = GB_OK;
    gb_json_object_begin(&p.writer);
    gb_json_key(&p.writer, "files");
    gb_json_list_begin(&p.writer);
    for (size_t i = 0, same; i < count && !code; i += same) {
        for (same = 1; i + same < count; same++)
            if (!gb_str_eq(documents[i].path, documents[i + same].path))
                break;
        char file[256]; // for messages
        snprintf(file, sizeof file, GB_PRI, GB_ARG(documents[i].path));
        p.file = file;
        code = pack_file(&p, &documents[i], same, &texts);
    }
    gb_json_list_end(&p.writer);
    gb_json_object_end(&p.writer);
    gb_buffer_free(&p.places);
    if (!code && out->failed)
        return gb_error_set(err, GB_E_LIMIT, "the content does not fit %zu bytes", out->maximum);
    return code;
}

// Unpacking

struct places {
    struct gb_str rest;
    uint32_t line;
    bool damaged;
};

static uint32_t next_number(struct places *places)
{
    uint32_t number = 0;
    for (unsigned shift = 0; shift < 30 && places->rest.len; shift += 5) {
        const char *hit = memchr(alphabet, places->rest.at[0], sizeof alphabet - 1);
        if (!hit)
            break;
        uint32_t digit = (uint32_t)(hit - alphabet);
        places->rest = gb_str_from(places->rest, 1);
        number |= (digit % 32) << shift;
        if (digit < 32)
            return number;
    }
    places->damaged = true;
    return 0;
}

static enum style next_place(struct places *places, uint32_t *line, uint32_t *column)
{
    uint32_t first = next_number(places);
    places->line += first >> STYLE_BITS;
    *line = places->line;
    *column = next_number(places);
    return (enum style)(first & ((1u << STYLE_BITS) - 1));
}

static void place_node(struct gb_node *node, struct places *places)
{
    enum style style = next_place(places, &node->line, &node->column);
    node->text_line = 0;
    node->text_column = 0;
    if (node->kind == GB_NODE_STRING) {
        uint32_t column = node->column + (style == STYLE_QUOTED ? 1 : 0);
        if (style == STYLE_BLOCK) {
            node->text_line = node->line + 1;
            column = next_number(places);
        }
        node->text_column = (uint16_t)(column <= UINT16_MAX ? column : 0);
    } else if (node->kind == GB_NODE_LIST) {
        for (size_t i = 0; i < node->list.count && !places->damaged; i++)
            place_node(&node->list.items[i], places);
    } else if (node->kind == GB_NODE_MAP) {
        for (size_t i = 0; i < node->map.count && !places->damaged; i++) {
            struct gb_node_pair *pair = &node->map.pairs[i];
            next_place(places, &pair->line, &pair->column);
            place_node(&pair->value, places);
        }
    }
}

static int load_file(const struct gb_node *file, struct gb_content_document *documents,
                     struct gb_error *err)
{
    const struct gb_node *nodes = gb_node_get(file, "documents");
    const struct gb_node *texts = gb_node_get(file, "places");
    for (size_t i = 0; i < nodes->list.count; i++) {
        documents[i].node = nodes->list.items[i];
        struct places places = {0};
        if (texts->list.items[i].kind == GB_NODE_STRING)
            places.rest = texts->list.items[i].string;
        place_node(&documents[i].node, &places);
        if (places.damaged || places.rest.len)
            return gb_error_set(err, GB_E_SYNTAX, "packed content: damaged places");
        documents[i].path = gb_node_get(file, "path")->string;
    }
    return GB_OK;
}

// How many documents a file of the packed form has, or a negative code.
static int check_file(const struct gb_node *file, size_t *count, struct gb_error *err)
{
    const struct gb_node *path = gb_node_get(file, "path");
    const struct gb_node *documents = gb_node_get(file, "documents");
    const struct gb_node *places = gb_node_get(file, "places");
    if (!path || path->kind != GB_NODE_STRING || !documents || documents->kind != GB_NODE_LIST ||
        !places || places->kind != GB_NODE_LIST || places->list.count != documents->list.count)
        return gb_error_set(err, GB_E_SYNTAX, "packed content: damaged file entry");
    *count += documents->list.count;
    return GB_OK;
}

int gb_content_load(struct gb_str packed, struct gb_arena *arena, struct gb_content_document **ret,
                    size_t *ret_count, struct gb_error *err)
{
    struct gb_node root;
    struct gb_json_limits limits = {.max_bytes = CONTENT_BYTES, .max_depth = CONTENT_DEPTH};
    int code = gb_json_node(packed, "packed content", limits, arena, &root, err);
    if (code)
        return code;
    const struct gb_node *files = gb_node_get(&root, "files");
    if (!files || files->kind != GB_NODE_LIST)
        return gb_error_set(err, GB_E_SYNTAX, "packed content: no list of files");
    size_t count = 0;
    for (size_t i = 0; i < files->list.count; i++) {
        code = check_file(&files->list.items[i], &count, err);
        if (code)
            return code;
    }
    struct gb_content_document *documents = gb_alloc_array(arena, count, sizeof *documents);
    if (!documents)
        return gb_error_set(err, GB_E_MEMORY, "out of memory loading the content");
    size_t at = 0;
    for (size_t i = 0; i < files->list.count; i++) {
        code = load_file(&files->list.items[i], documents + at, err);
        if (code)
            return code;
        at += gb_node_get(&files->list.items[i], "documents")->list.count;
    }
    *ret = documents;
    *ret_count = count;
    return GB_OK;
}

int gb_content_load_yaml(struct gb_str text, const char *path, struct gb_arena *arena,
                         struct gb_content_document **ret, size_t *ret_count, struct gb_error *err)
{
    struct gb_node *nodes = NULL;
    size_t count = 0, kept = 0;
    int code = gb_yaml_nodes(text, path, GB_YAML_LIMITS_DEFAULT, arena, &nodes, &count, err);
    if (code)
        return code;
    struct gb_content_document *documents = gb_alloc_array(arena, count, sizeof *documents);
    if (!documents)
        return gb_error_set(err, GB_E_MEMORY, "out of memory loading %s", path);
    for (size_t i = 0; i < count; i++)
        if (nodes[i].kind != GB_NODE_NULL)
            documents[kept++] =
                (struct gb_content_document){.path = gb_str_of(path), .node = nodes[i]};
    *ret = documents;
    *ret_count = kept;
    return GB_OK;
}
