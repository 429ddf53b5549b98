// Documents of content: kinds, controls, exemptions, and packed content. Any bytes: as YAML, each
// document goes to the reader that its keys suggest; as packed content, to the loader. Values that
// a kind's reader makes must fit that kind.
#include "model/content.h"
#include "model/control.h"
#include "model/exemption.h"
#include "model/kind.h"
#include "model/value_json.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 256 << 10 };
#define NOW INT64_C(1793491200)

static _Noreturn void wrong(const char *what, const char *detail)
{
    fprintf(stderr, "%s: %s\n", what, detail);
    abort();
}

static void check_error(int code, const struct gb_error *err)
{
    if (code && (err->code != code || !err->reason[0] || (code != GB_E_MEMORY && !err->line)))
        wrong("an error without a place or a reason", err->reason);
}

static void check_value(const struct gb_node *node, const struct gb_kinds *kinds,
                        struct gb_arena *arena)
{
    for (size_t i = 0; i < kinds->count; i++) {
        struct gb_value value;
        struct gb_error err = {0};
        int code = gb_value_from_node(node, kinds->items[i]->type, arena, &value, &err);
        check_error(code, &err);
        // Reading lets mandatory fields be absent; all else it must have checked.
        if (!code && gb_kind_check(&value, kinds->items[i]->type, &err) < 0 &&
            !strstr(err.reason, "is missing"))
            wrong("a value that was read does not fit", err.reason);
        if (code)
            continue;
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(16u << 20);
        struct gb_json_writer w = gb_json_writer(&out, 0);
        gb_value_write_json(&w, &value);
        struct gb_value again;
        if (out.failed ||
            gb_value_read_json(gb_buffer_str(&out), kinds->items[i]->type, arena, &again, &err) < 0)
            wrong("a value that was written is not read", err.reason);
    }
}

static void read_control(const struct gb_content_document *document, const struct gb_kinds *kinds,
                         struct gb_arena *arena)
{
    struct gb_control *control;
    struct gb_error err = {0};
    int code = gb_control_read(&document->node, document->path, arena, &control, &err);
    check_error(code, &err);
    for (size_t i = 0; !code && i < control->example_count; i++)
        for (size_t k = 0; k < control->examples[i].given->map.count; k++)
            check_value(&control->examples[i].given->map.pairs[k].value, kinds, arena);
}

static void read_exemptions(const struct gb_content_document *document, struct gb_arena *arena)
{
    struct gb_exemptions all = {0};
    struct gb_str *problems = NULL;
    size_t count = 0;
    struct gb_error err = {0};
    int code = gb_exemptions_read(&document->node, document->path, NOW, arena, &all, &problems,
                                  &count, &err);
    check_error(code, &err);
    for (size_t i = 0; i < all.count; i++)
        if (!all.items[i].reason.len || !all.items[i].owner.len ||
            all.items[i].expires_at > NOW + INT64_C(368) * 86400)
            wrong("an exemption without reason, owner or near expiry", "accepted");
    if (!code)
        gb_exemptions_match(&all, GB_STR("GBN-SSH-001"), GB_STR("sshd"), GB_STR("host"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > LARGEST)
        return 0;
    struct gb_str text = {(const char *)data, size};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 512u << 20);
    struct gb_content_document *documents = NULL;
    size_t count = 0;
    struct gb_error err = {0};
    if (gb_content_load(text, arena, &documents, &count, &err) < 0 && !err.reason[0])
        wrong("packed content", "refused without a reason");
    err = (struct gb_error){0};
    int code = gb_content_load_yaml(text, "fuzz", arena, &documents, &count, &err);
    check_error(code, &err);
    if (code)
        return 0;
    struct gb_kinds kinds = gb_kinds(arena);
    for (size_t i = 0; i < count; i++) {
        if (gb_node_get(&documents[i].node, "fields")) {
            err = (struct gb_error){0};
            check_error(gb_kinds_add(&kinds, &documents[i].node, documents[i].path, &err), &err);
        } else if (gb_node_get(&documents[i].node, "exemptions")) {
            read_exemptions(&documents[i], arena);
        } else {
            read_control(&documents[i], &kinds, arena);
            check_value(&documents[i].node, &kinds, arena);
        }
    }
    return 0;
}
