// Strict YAML: any bytes. What is read as content must come back from its packed form with every
// place; every place must lie inside the text.
#include "base/yaml.h"
#include "model/content.h"

#include "../nodes.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 256 << 10 };

static _Noreturn void wrong(const char *what, const char *detail)
{
    fprintf(stderr, "%s: %s\n", what, detail);
    abort();
}

static void check_places(const struct gb_node *node, size_t lines)
{
    if (!node->line || !node->column || node->line > lines || node->text_line > lines + 1)
        wrong("a place outside of the text", gb_node_kind_name(node->kind));
    if (node->kind == GB_NODE_LIST)
        for (size_t i = 0; i < node->list.count; i++)
            check_places(&node->list.items[i], lines);
    if (node->kind == GB_NODE_MAP)
        for (size_t i = 0; i < node->map.count; i++)
            check_places(&node->map.pairs[i].value, lines);
}

static void check_packed(const struct gb_content_document *documents, size_t count)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("again", 256u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer packed = gb_buffer(64u << 20);
    struct gb_content_document *again;
    size_t again_count;
    struct gb_error err = {0};
    int code = gb_content_pack(documents, count, &packed, &err);
    if (code == GB_E_RANGE)
        return; // a number that JSON does not have
    if (code || gb_content_load(gb_buffer_str(&packed), arena, &again, &again_count, &err) < 0)
        wrong("packed content does not load", err.reason);
    if (again_count != count)
        wrong("packed content has", "another number of documents");
    for (size_t i = 0; i < count; i++)
        if (!same_nodes(&documents[i].node, &again[i].node, true))
            wrong("packed content comes back differently", packed.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > LARGEST)
        return 0;
    struct gb_str text = {(const char *)data, size};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 256u << 20);
    struct gb_content_document *documents = NULL;
    size_t count = 0;
    struct gb_error err = {0};
    int code = gb_content_load_yaml(text, "fuzz", arena, &documents, &count, &err);
    if (code) {
        if (err.code != code || !err.reason[0] || (code != GB_E_MEMORY && !err.line))
            wrong("an error without a place or a reason", err.reason);
        return 0;
    }
    size_t lines = 2; // libyaml also breaks lines at CR, NEL, LS and PS
    for (size_t i = 0; i < size; i++)
        if (data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 ||
            data[i] == 0xa9)
            lines++;
    for (size_t i = 0; i < count; i++)
        check_places(&documents[i].node, lines);
    check_packed(documents, count);
    return 0;
}
