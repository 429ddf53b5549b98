// apk's data base and Debian's changelogs.
#include "source/package/changelog.h"
#include "source/package/os_packages.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_str text = {(const char *)data, size};
    if (!arena)
        return 0;
    struct gb_os_packages packages = {.count = 0};
    if (gb_apk_parse(&packages, arena, text, GB_STR("/fuzz")) == GB_OK)
        for (size_t i = 0; i < packages.count; i++)
            if (!packages.items[i]->name.len || !packages.items[i]->version.len ||
                !packages.items[i]->source.len)
                abort();
    struct gb_changelog log = {.arena = arena};
    bool is_log = false;
    if (gb_changelog_parse(&log, text, GB_STR("openssl"), GB_STR("libssl3"), GB_STR("3.0.11-1"),
                           &is_log) == GB_OK &&
        log.count && !is_log)
        abort();
    for (size_t i = 0; i < log.count; i++)
        if (log.items[i].id.len < 9)
            abort();
    return 0;
}
