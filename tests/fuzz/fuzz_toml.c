// TOML: no input may crash the reader, take more memory than a multiple of its size, or give an
// assignment without a path.
#include "base/toml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_toml toml;
    struct gb_error err = {0};
    int code =
        gb_toml_read((struct gb_str){(const char *)data, size}, "x.toml", arena, &toml, &err);
    assert(code == GB_OK || err.code == code);
    assert(code == GB_OK || code == GB_E_MEMORY || err.line > 0);
    for (size_t i = 0; i < toml.count; i++) {
        assert(toml.entries[i].count > 0 && toml.entries[i].count <= GB_TOML_MAX_DEPTH);
        assert(toml.entries[i].value.kind != GB_NODE_MAP);
        assert(toml.entries[i].line > 0);
    }
    gb_arena_free(&arena);
    return 0;
}
