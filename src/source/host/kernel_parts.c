// Loaded or built in; see the header.
#include "source/host/kernel_parts.h"

#include <stdio.h>

enum { MAX_LIST_BYTES = 4 << 20 };

bool gb_kernel_part_is_there(const struct gb_host *host, struct gb_arena *scratch,
                             const char *module)
{
    struct gb_mark mark = gb_arena_mark(scratch);
    struct gb_str modules, builtin, line, word;
    struct gb_kernel_name kernel;
    char text[192];
    bool found = false;
    if (!gb_host_is_live(host) ||
        gb_host_read(host, "/proc/modules", MAX_LIST_BYTES, scratch, &modules, NULL) < 0)
        return true;
    while (!found && gb_str_next(&modules, '\n', &line))
        found = gb_str_next_word(&line, &word) && gb_str_is(word, module);
    if (!found && gb_host_uname(host, &kernel, NULL) == GB_OK) {
        snprintf(text, sizeof text, "/lib/modules/%s/modules.builtin", kernel.release);
        if (gb_host_read(host, text, MAX_LIST_BYTES, scratch, &builtin, NULL) < 0) {
            found = true; // no list, no files to load
        } else {
            snprintf(text, sizeof text, "/%s.ko", module);
            found = gb_str_contains(builtin, gb_str_of(text));
        }
    }
    gb_arena_reset(scratch, mark);
    return found;
}
