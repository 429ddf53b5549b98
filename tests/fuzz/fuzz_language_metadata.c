// Metadata of installed packages: the first byte chooses the kind of file.
#include "source/language/language.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gb_str paths[] = {
        GB_STR_INIT("/x/node_modules/@a/b/package.json"),
        GB_STR_INIT("/x/a.dist-info/METADATA"),
        GB_STR_INIT("/x/specifications/a.gemspec"),
        GB_STR_INIT("/x/vendor/composer/installed.json"),
        GB_STR_INIT("/x/app.deps.json"),
    };
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_language_inventory found = {.arena = arena, .layer = UINT32_MAX};
    struct gb_memory_content memory;
    if (!arena || !size)
        return 0;
    struct gb_str path = paths[data[0] % (sizeof paths / sizeof *paths)];
    struct gb_content_reader content =
        gb_content_of_memory(&memory, (struct gb_str){(const char *)data + 1, size - 1});
    if (gb_language_wants(path, 0644, size) != GB_LANGUAGE_READ ||
        gb_language_read(&found, path, &content, NULL) < 0)
        abort();
    for (size_t i = 0; i < found.count; i++)
        if (!found.items[i].name.len || !gb_str_eq(found.items[i].path, path))
            abort();
    return 0;
}
