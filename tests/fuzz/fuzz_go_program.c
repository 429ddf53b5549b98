// Programs: ELF, Go's build information, Rust's list, and Go's table of functions.
#include "source/language/language.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gb_str wanted[] = {GB_STR_INIT("example.com/a.Plain"),
                                           GB_STR_INIT("gopkg.in/yaml.v2.*"), GB_STR_INIT("m.*")};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_language_inventory found = {.arena = arena, .layer = UINT32_MAX};
    struct gb_memory_content memory;
    struct gb_content_reader content =
        gb_content_of_memory(&memory, (struct gb_str){(const char *)data, size});
    bool present = false;
    if (!arena)
        return 0;
    if (gb_language_read(&found, GB_STR("/usr/bin/p"), &content, NULL) < 0)
        abort();
    for (size_t i = 0; i < found.count; i++)
        if (!found.items[i].name.len || !found.items[i].ecosystem.len)
            abort();
    (void)!gb_language_go_symbols(&content, wanted, sizeof wanted / sizeof *wanted, &present, NULL);
    return 0;
}
