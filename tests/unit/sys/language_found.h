// What the language reader makes of one file in memory, as text to compare with: a package a line,
// "ecosystem name version flags inside", problems as "problem: path: reason".
#ifndef GABION_TESTS_LANGUAGE_FOUND_H
#define GABION_TESTS_LANGUAGE_FOUND_H

#include "base/buffer.h"
#include "source/language/language.h"

static inline void language_found_print(const struct gb_language_inventory *found,
                                        struct gb_buffer *out)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct gb_language_package *p = &found->items[i];
        gb_buffer_print(out, "%s" GB_PRI " " GB_PRI " " GB_PRI, out->len ? "\n" : "",
                        GB_ARG(p->ecosystem), GB_ARG(p->name), GB_ARG(p->version));
        gb_buffer_text(out, p->main_module ? " main" : "");
        gb_buffer_text(out, p->standard_library ? " standard" : "");
        gb_buffer_text(out, p->development ? " development" : "");
        if (p->system.len || p->architecture.len)
            gb_buffer_print(out, " " GB_PRI "/" GB_PRI, GB_ARG(p->system), GB_ARG(p->architecture));
        if (p->inside.len)
            gb_buffer_print(out, " in " GB_PRI, GB_ARG(p->inside));
    }
    for (size_t i = 0; i < found->problem_count; i++)
        gb_buffer_print(out, "%sproblem: " GB_PRI ": " GB_PRI, out->len ? "\n" : "",
                        GB_ARG(found->problems[i].path), GB_ARG(found->problems[i].reason));
    gb_buffer_char(out, '\0');
}

// The text lives until the buffer is cleared or freed.
static inline const char *language_found(struct gb_arena *arena, struct gb_buffer *out,
                                         const char *path, struct gb_str bytes)
{
    struct gb_language_inventory found = {.arena = arena, .layer = UINT32_MAX};
    struct gb_memory_content memory;
    struct gb_content_reader content = gb_content_of_memory(&memory, bytes);
    struct gb_error err = {0};
    gb_buffer_clear(out);
    if (gb_language_read(&found, gb_str_of(path), &content, &err) < 0)
        gb_buffer_print(out, "error: %s\n", err.reason);
    language_found_print(&found, out);
    return out->data;
}

#endif
