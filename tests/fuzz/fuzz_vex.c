// VEX documents, and the lookup of what they state.
#include "source/feed/vex.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_error err = {0};
    size_t left_out;
    if (!arena)
        return 0;
    struct gb_vex vex = {.arena = arena};
    int code =
        gb_vex_read((struct gb_str){(const char *)data, size}, "x.json", &vex, &left_out, &err);
    if (code < 0 && !err.reason[0])
        abort();
    for (size_t i = 0; i < vex.count; i++) {
        const struct gb_vex_statement *s = &vex.statements[i];
        for (size_t k = 0; k < s->product_count; k++) {
            const struct gb_vex_product *p = &s->products[k];
            const struct gb_vex_statement *found =
                gb_vex_find(&vex, s->ids, s->id_count, p->sub_count ? &p->sub[0] : &p->purl,
                            p->scope, &p->purl);
            if (!gb_vex_status_name(s->status) || (found && found->at < s->at))
                abort();
        }
    }
    return 0;
}
