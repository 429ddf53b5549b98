// SBOMs of others: whatever is read can be written, and is read again as so many packages.
#include "sink/sbom/sbom.h"
#include "source/sbom/sbom.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct gb_collection *all, struct gb_arena *arena, bool spdx)
{
    struct gb_sbom_subject subject = {.type = "file", .name = GB_STR("fuzz")};
    struct gb_error err = {0};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(64u << 20);
    int code = spdx ? gb_sbom_write_spdx(all, &subject, arena, &out, &err)
                    : gb_sbom_write_cyclonedx(all, &subject, arena, &out, &err);
    if (code < 0)
        return; // out of memory
    struct gb_collection *again = gb_collection_new(arena, 0);
    struct gb_sbom sbom;
    if (!again)
        return;
    code = gb_sbom_collect(gb_buffer_str(&out), GB_STR("fuzz"), NULL, again, &sbom, &err);
    if (code == GB_E_SYNTAX || (code == 0 && sbom.malformed))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 128u << 20);
    struct gb_collection *all = arena ? gb_collection_new(arena, 0) : NULL;
    struct gb_sbom_options options = {.os = size && data[0] == ' ' ? GB_STR("debian-12")
                                                                   : GB_STR("")};
    struct gb_sbom sbom;
    struct gb_error err = {0};
    if (!all)
        return 0;
    int code = gb_sbom_collect((struct gb_str){(const char *)data, size}, GB_STR("fuzz"), &options,
                               all, &sbom, &err);
    if (code < 0) {
        if (!err.reason[0])
            abort();
        return 0;
    }
    if (gb_collection_kind(all, GB_STR("os_package"))->count != sbom.os_packages ||
        gb_collection_kind(all, GB_STR("language_package"))->count != sbom.language_packages)
        abort();
    write_and_read(all, arena, false);
    write_and_read(all, arena, true);
    return 0;
}
