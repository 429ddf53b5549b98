// apt's configuration language, and LZ4 frames, which apt keeps its lists in.
#include "source/package/apt_conf.h"
#include "source/package/lz4.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decompress(struct gb_str input)
{
    struct gb_lz4 frame;
    size_t used = 0, made = 0;
    if (gb_lz4_open(&frame, input, &used, NULL) < 0 || frame.block_max > 1u << 20)
        return;
    unsigned char *out = malloc(GB_LZ4_HISTORY + frame.block_max);
    for (int blocks = 0; out && blocks < 8; blocks++) {
        input = gb_str_from(input, used);
        if (gb_lz4_block(&frame, input, &used, out + GB_LZ4_HISTORY, blocks ? GB_LZ4_HISTORY : 0,
                         &made, NULL) != GB_LZ4_DATA)
            break;
        if (made > frame.block_max || used > input.len)
            abort();
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_str text = {(const char *)data, size};
    if (!arena)
        return 0;
    struct gb_apt_conf conf = {.arena = arena};
    if (gb_apt_conf_parse(&conf, text, GB_STR("/fuzz")) == GB_OK) {
        (void)gb_apt_conf_bool(gb_apt_conf_find(&conf, "APT::Periodic::Enable"), true);
        const struct gb_apt_conf_item *item = NULL;
        while ((item = gb_apt_conf_next(&conf, "DPkg::Post-Invoke", item)))
            if (!item->line)
                abort();
    }
    decompress(text);
    return 0;
}
