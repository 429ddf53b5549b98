// JSON: any bytes. What is read must be written and read back the same; skipping must agree with
// reading; jansson, where it is installed, must accept the same texts and see the same tree.
#include "base/json.h"

#include "../nodes.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef GB_WITH_JANSSON
#include <jansson.h>
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 1 << 20 };

static _Noreturn void wrong(const char *what, const char *detail)
{
    fprintf(stderr, "%s: %s\n", what, detail);
    abort();
}

static void write_node(struct gb_json_writer *w, const struct gb_node *node)
{
    switch ((enum gb_node_kind)node->kind) {
    case GB_NODE_NULL:
        gb_json_null(w);
        return;
    case GB_NODE_BOOL:
        gb_json_bool(w, node->boolean);
        return;
    case GB_NODE_INT:
        gb_json_int(w, node->integer);
        return;
    case GB_NODE_UINT:
        gb_json_uint(w, node->uinteger);
        return;
    case GB_NODE_DOUBLE:
        gb_json_double(w, node->real);
        return;
    case GB_NODE_STRING:
        gb_json_string(w, node->string);
        return;
    case GB_NODE_LIST:
        gb_json_list_begin(w);
        for (size_t i = 0; i < node->list.count; i++)
            write_node(w, &node->list.items[i]);
        gb_json_list_end(w);
        return;
    case GB_NODE_MAP:
        gb_json_object_begin(w);
        for (size_t i = 0; i < node->map.count; i++) {
            gb_json_key_str(w, node->map.pairs[i].key);
            write_node(w, &node->map.pairs[i].value);
        }
        gb_json_object_end(w);
        return;
    }
}

static void check_round_trip(const struct gb_node *node, unsigned indent)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("again", 256u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(64u << 20);
    struct gb_json_writer w = gb_json_writer(&out, indent);
    write_node(&w, node);
    struct gb_node again;
    struct gb_error err = {0};
    if (out.failed ||
        gb_json_node(gb_buffer_str(&out), "again", GB_JSON_LIMITS_DEFAULT, arena, &again, &err) < 0)
        wrong("what was written is not read", err.reason);
    if (!same_nodes(node, &again, false))
        wrong("what was written is read differently", out.data);
}

static void check_skip(struct gb_str text, int code, const struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("skip", 1u << 20);
    struct gb_json_reader r;
    struct gb_error skip_err = {0};
    int skipped = gb_json_open(&r, text, GB_JSON_LIMITS_DEFAULT, arena, &skip_err);
    if (!skipped)
        skipped = gb_json_skip(&r, &skip_err);
    if (!skipped)
        skipped = gb_json_next(&r, &skip_err);
    bool duplicate = code == GB_E_SYNTAX && strstr(err->reason, "duplicate key");
    if (!duplicate && (skipped == GB_JSON_END) != (code == GB_OK))
        wrong("reading and skipping disagree", skip_err.reason);
}

#ifdef GB_WITH_JANSSON
static bool same_as_peer(const struct gb_node *node, const json_t *peer)
{
    const json_t *item;
    switch ((enum gb_node_kind)node->kind) {
    case GB_NODE_NULL:
        return json_is_null(peer);
    case GB_NODE_BOOL:
        return json_is_boolean(peer) && json_is_true(peer) == node->boolean;
    case GB_NODE_INT:
        return json_is_integer(peer) && json_integer_value(peer) == node->integer;
    case GB_NODE_DOUBLE: {
        double value = json_real_value(peer);
        return json_is_real(peer) && memcmp(&value, &node->real, sizeof value) == 0;
    }
    case GB_NODE_STRING:
        return json_is_string(peer) &&
               gb_str_eq(node->string,
                         (struct gb_str){json_string_value(peer), json_string_length(peer)});
    case GB_NODE_LIST:
        if (!json_is_array(peer) || json_array_size(peer) != node->list.count)
            return false;
        for (size_t i = 0; i < node->list.count; i++)
            if (!same_as_peer(&node->list.items[i], json_array_get(peer, i)))
                return false;
        return true;
    case GB_NODE_MAP:
        if (!json_is_object(peer) || json_object_size(peer) != node->map.count)
            return false;
        for (size_t i = 0; i < node->map.count; i++) {
            struct gb_str key = node->map.pairs[i].key;
            item = json_object_getn(peer, key.at, key.len);
            if (!item || !same_as_peer(&node->map.pairs[i].value, item))
                return false;
        }
        return true;
    case GB_NODE_UINT:
        break;
    }
    return false;
}

// Where the two mean to differ: jansson has no integers beyond int64 and no zero bytes in keys, and
// takes a zero byte behind the document for its end; our limits on depth and on the length of
// numbers are lower.
static void check_peer(struct gb_str text, int code, const struct gb_node *node)
{
    if (gb_str_find_char(text, 0) >= 0)
        return;
    json_error_t why;
    json_t *peer = json_loadb(text.at, text.len,
                              JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (peer && code && code != GB_E_LIMIT)
        wrong("jansson accepts", "and we refuse");
    if (!peer && !code && !strstr(why.text, "too big") && !strstr(why.text, "NUL byte in object"))
        wrong("we accept, and jansson refuses", why.text);
    if (peer && !code && !same_as_peer(node, peer))
        wrong("jansson sees", "another tree");
    json_decref(peer);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > LARGEST)
        return 0;
    struct gb_str text = {(const char *)data, size};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 256u << 20);
    struct gb_node node;
    struct gb_error err = {0};
    int code = gb_json_node(text, "fuzz", GB_JSON_LIMITS_DEFAULT, arena, &node, &err);
    if (code && (err.code != code || !err.reason[0] || !err.line))
        wrong("an error without a place or a reason", err.reason);
    check_skip(text, code, &err);
    if (!code) {
        check_round_trip(&node, 0);
        check_round_trip(&node, 3);
    }
#ifdef GB_WITH_JANSSON
    check_peer(text, code, &node);
#endif
    return 0;
}
