// limits.conf(5): see limits_conf.h.
#include "source/host/limits_conf.h"

enum { MAX_LIMITS = 20000 };

int gb_limits_parse(struct gb_limits *limits, struct gb_str text, struct gb_str file,
                    struct gb_arena *arena)
{
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        ptrdiff_t hash = gb_str_find_char(line, '#');
        if (hash >= 0)
            line = gb_str_sub(line, 0, (size_t)hash);
        struct gb_limit limit = {.file = file, .line = number};
        if (!gb_str_next_word(&line, &limit.domain) || !gb_str_next_word(&line, &limit.type) ||
            !gb_str_next_word(&line, &limit.item) || !gb_str_next_word(&line, &limit.value) ||
            limits->count == MAX_LIMITS)
            continue;
        if (limits->count == limits->capacity) {
            size_t wider = limits->capacity ? limits->capacity * 2 : 16;
            void *grown =
                gb_grow_array(arena, limits->items, limits->capacity, wider, sizeof *limits->items);
            if (!grown)
                return GB_E_MEMORY;
            limits->items = grown;
            limits->capacity = wider;
        }
        limits->items[limits->count++] = limit;
    }
    return GB_OK;
}

const struct gb_limit *gb_limits_hard_default(const struct gb_limits *limits, const char *item)
{
    for (size_t i = limits->count; i-- > 0;) {
        const struct gb_limit *limit = &limits->items[i];
        if (gb_str_is(limit->domain, "*") && gb_str_is(limit->item, item) &&
            (gb_str_is(limit->type, "hard") || gb_str_is(limit->type, "-")))
            return limit;
    }
    return NULL;
}
