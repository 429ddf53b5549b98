// Zip archives and the Java archives that they may be.
#include "base/zip.h"
#include "source/language/language.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_entry(const struct gb_zip *zip, const struct gb_zip_entry *entry)
{
    GB_CLEANUP(gb_inflate_free) struct gb_inflate *inflate = NULL;
    struct gb_part_content part;
    struct gb_content_reader packed;
    uint64_t budget = 1 << 20;
    if (gb_zip_data(zip, entry, &part, &packed, NULL) < 0)
        return;
    if (packed.size != entry->compressed_size)
        abort();
    if (entry->method != GB_ZIP_DEFLATED ||
        gb_inflate_new(&packed, GB_DEFLATE_RAW, entry->size, 0, &budget, &inflate) < 0)
        return;
    // Read from the middle, then from the front again: the same bytes as at first.
    struct gb_content_reader content = gb_inflate_content(inflate);
    char first[64], again[64], far[64];
    int64_t got = gb_content_read(&content, 0, first, sizeof first);
    (void)gb_content_read(&content, entry->size / 2, far, sizeof far);
    int64_t more = gb_content_read(&content, 0, again, sizeof again);
    if (got > 0 && more > 0 && memcmp(first, again, (size_t)(got < more ? got : more)) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_memory_content memory;
    struct gb_content_reader content =
        gb_content_of_memory(&memory, (struct gb_str){(const char *)data, size});
    struct gb_zip zip;
    if (gb_zip_open(&content, &zip, NULL) == GB_OK) {
        GB_CLEANUP(gb_zip_walk_free) struct gb_zip_walk *walk = gb_zip_walk_new(&zip);
        struct gb_zip_entry entry;
        for (int i = 0; walk && i < 100 && gb_zip_next(walk, &entry, NULL) > 0; i++)
            read_entry(&zip, &entry);
    }
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 256u << 20);
    struct gb_language_inventory found = {.arena = arena, .layer = UINT32_MAX};
    if (arena && gb_language_read(&found, GB_STR("/srv/a-1.jar"), &content, NULL) < 0)
        abort();
    return 0;
}
