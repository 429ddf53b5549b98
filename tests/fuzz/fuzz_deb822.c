// Control files of Debian: dpkg's status, Release heads, .sources, preferences, one-line sources.
#include "model/version/version.h"
#include "source/package/apt_preferences.h"
#include "source/package/apt_release.h"
#include "source/package/apt_sources.h"
#include "source/package/deb822.h"
#include "source/package/dpkg.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_str text = {(const char *)data, size}, where = GB_STR("/fuzz");
    if (!arena)
        return 0;
    struct gb_deb822 reader = gb_deb822(text);
    gb_deb822_unwrap(&reader);
    uint32_t last = 0;
    while (gb_deb822_stanza(&reader)) {
        for (struct gb_deb822_field field; gb_deb822_next(&reader, &field); last = field.line) {
            if (field.line <= last) // lines only go forward
                abort();
            struct gb_str rest = field.value, part;
            while (gb_deb822_word(&rest, &part))
                if (!part.len)
                    abort();
            rest = field.value;
            while (gb_deb822_line(&rest, &part))
                ;
        }
    }
    struct gb_dpkg dpkg = {.count = 0};
    if (gb_dpkg_parse(&dpkg, arena, text, where, false) == GB_OK)
        (void)!gb_dpkg_finish(&dpkg, arena);
    for (size_t i = 1; i < dpkg.count; i++) {
        struct gb_str a = dpkg.packages[i - 1]->version, b = dpkg.packages[i]->version;
        int order = gb_version_compare(GB_VERSION_DPKG, a, b),
            back = gb_version_compare(GB_VERSION_DPKG, b, a);
        if ((order > 0) != (back < 0) || (order == 0) != (back == 0))
            abort();
    }
    struct gb_apt_release release = {.date = 0};
    gb_apt_release_parse(&release, text);
    (void)gb_apt_release_is_security(&release);
    struct gb_apt_preferences preferences = {.arena = arena};
    (void)!gb_apt_preferences_parse(&preferences, text);
    struct gb_apt_sources sources = {.arena = arena};
    (void)!gb_apt_sources_parse_deb822(&sources, text, where);
    (void)!gb_apt_sources_parse_list(&sources, text, where);
    for (size_t i = 0; i < sources.count; i++)
        if (gb_str_contains(sources.items[i].list_prefix, GB_STR("/")))
            abort(); // becomes a file name
    return 0;
}
