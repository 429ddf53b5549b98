// For tests of what reads documents: a document from text, and a table of what is refused.
#ifndef GABION_TESTS_DOCUMENTS_H
#define GABION_TESTS_DOCUMENTS_H

#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 64u << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

// The document must be good YAML. Lives in the arena.
static inline struct gb_node *document_of(const char *text)
{
    struct gb_node *node = gb_alloc(arena, sizeof *node);
    struct gb_error err = {0};
    assert_non_null(node);
    if (gb_yaml_node(gb_str_of(text), "t.yaml", GB_YAML_LIMITS_DEFAULT, arena, node, &err) < 0) {
        print_error("%s\n%u:%u: %s\n", text, err.line, err.column, err.reason);
        fail();
    }
    return node;
}

// `text` with its first `from` replaced; `from` must be there.
static inline const char *with(const char *text, const char *from, const char *to)
{
    const char *hit = strstr(text, from);
    if (!hit)
        fail_msg("\"%s\" is not in the document", from);
    return gb_str_c(
        arena, gb_str_format(arena, "%.*s%s%s", (int)(hit - text), text, to, hit + strlen(from)));
}

// One change to a good document, and the error that it must give.
struct refusal {
    const char *from, *to;
    int code;
    uint32_t line, column;
    const char *reason; // part of it
};

static inline void assert_refusal(const struct refusal *expected, int code,
                                  const struct gb_error *err)
{
    if (code == expected->code && err->code == code && err->line == expected->line &&
        err->column == expected->column && strstr(err->reason, expected->reason) &&
        strcmp(err->subject, "t.yaml") == 0)
        return;
    print_error("\"%s\" for \"%s\": code %d, %s:%u:%u: %s\n", expected->to, expected->from, code,
                err->subject, err->line, err->column, err->reason);
    fail();
}

#endif
