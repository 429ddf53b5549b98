// Values as one line of text.
#include "model/value_text.h"

#include "base/printable.h"
#include "base/time.h"

enum { DEEPEST = 6 };

static void add_value(struct gb_buffer *out, const struct gb_value *value, bool quoted,
                      unsigned depth);

static void add_list(struct gb_buffer *out, const struct gb_list *list, unsigned depth)
{
    if (depth)
        gb_buffer_char(out, '[');
    for (size_t i = 0; i < list->count && !out->failed; i++) {
        gb_buffer_text(out, i ? ", " : "");
        add_value(out, &list->items[i], false, depth + 1);
    }
    if (depth)
        gb_buffer_char(out, ']');
    else if (!list->count)
        gb_buffer_text(out, "(none)");
}

static void add_map(struct gb_buffer *out, const struct gb_map_value *map, unsigned depth)
{
    if (depth)
        gb_buffer_char(out, '{');
    for (size_t i = 0; i < map->count && !out->failed; i++) {
        gb_buffer_text(out, i ? " " : "");
        add_value(out, &map->pairs[i].key, false, depth + 1);
        gb_buffer_char(out, '=');
        add_value(out, &map->pairs[i].value, true, depth + 1);
    }
    if (depth)
        gb_buffer_char(out, '}');
}

static void add_string(struct gb_buffer *out, struct gb_str s, bool quoted)
{
    // Quotes only where the end of the text would not be seen.
    bool needs = quoted && (!s.len || gb_str_find_char(s, ' ') >= 0);
    if (needs)
        gb_buffer_char(out, '"');
    gb_buffer_add(out, s);
    if (needs)
        gb_buffer_char(out, '"');
}

static void add_value(struct gb_buffer *out, const struct gb_value *value, bool quoted,
                      unsigned depth)
{
    char text[GB_TIME_SIZE > GB_DURATION_SIZE ? GB_TIME_SIZE : GB_DURATION_SIZE];
    if (depth > DEEPEST) {
        gb_buffer_text(out, "...");
        return;
    }
    switch ((enum gb_value_kind)value->kind) {
    case GB_VALUE_NULL:
        gb_buffer_text(out, "null");
        break;
    case GB_VALUE_BOOL:
        gb_buffer_text(out, value->boolean ? "true" : "false");
        break;
    case GB_VALUE_INT:
        gb_buffer_print(out, "%lld", (long long)value->integer);
        break;
    case GB_VALUE_UINT:
        gb_buffer_print(out, "%llu", (unsigned long long)value->uinteger);
        break;
    case GB_VALUE_DOUBLE:
        gb_buffer_print(out, "%g", value->real);
        break;
    case GB_VALUE_STRING:
        add_string(out, value->string, quoted);
        break;
    case GB_VALUE_BYTES:
        gb_buffer_print(out, "%zu bytes", value->string.len);
        break;
    case GB_VALUE_TIMESTAMP:
        gb_time_text(value->time.seconds, value->time.nanos, text);
        gb_buffer_text(out, text);
        break;
    case GB_VALUE_DURATION:
        gb_duration_words(value->time.seconds, value->time.nanos, text);
        gb_buffer_text(out, text);
        break;
    case GB_VALUE_LIST:
        add_list(out, value->list, depth);
        break;
    case GB_VALUE_MAP:
        add_map(out, value->map, depth);
        break;
    case GB_VALUE_UNKNOWN:
        gb_buffer_text(out, "unknown: ");
        gb_buffer_add(out, value->string);
        break;
    case GB_VALUE_NOT_APPLICABLE:
        gb_buffer_text(out, "not applicable: ");
        gb_buffer_add(out, value->string);
        break;
    case GB_VALUE_ERROR:
        gb_buffer_text(out, "error: ");
        gb_buffer_add(out, value->string);
        break;
    case GB_VALUE_TYPE:
    case GB_VALUE_OPTIONAL:
    case GB_VALUE_OPAQUE:
        gb_buffer_text(out, gb_value_kind_name(value->kind));
        break;
    }
}

struct gb_str gb_value_text(struct gb_arena *arena, const struct gb_value *value, size_t max_bytes)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(max_bytes * 4 + 1024);
    add_value(&out, value, false, 0);
    struct gb_str text = gb_buffer_str(&out);
    bool cut = out.failed || text.len > max_bytes;
    if (text.len > max_bytes) {
        // Not in the middle of a character.
        while (max_bytes && ((unsigned char)text.at[max_bytes] & 0xc0) == 0x80)
            max_bytes--;
        text.len = max_bytes;
    }
    text = gb_printable(arena, text);
    return cut ? gb_str_format(arena, GB_PRI "...", GB_ARG(text)) : text;
}

struct gb_str gb_place_text(struct gb_arena *arena, struct gb_str where, uint32_t line)
{
    return line ? gb_str_format(arena, GB_PRI ":%u", GB_ARG(where), line) : where;
}
