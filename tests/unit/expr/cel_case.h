// Shared by the tests of the CEL engine: an expression and what comes out of it, as text.
#ifndef GABION_TESTS_CEL_CASE_H
#define GABION_TESTS_CEL_CASE_H

#include "base/buffer.h"
#include "base/number.h"
#include "base/time.h"
#include "expr/cel.h"
#include "expr/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct cel_case {
    const char *text, *expected;
};

static struct gb_arena *arena;
static struct gb_cel_env *env;
static struct gb_value slots[32];

static int cel_set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 256u << 20);
    env = arena ? gb_cel_env_new(arena) : NULL;
    return env ? 0 : -1;
}

static int cel_tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void cel_write(struct gb_buffer *out, const struct gb_value *value);

static void cel_write_quoted(struct gb_buffer *out, struct gb_str text)
{
    gb_buffer_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
            gb_buffer_print(out, "\\x%02x", c);
        else
            gb_buffer_char(out, text.at[i]);
    }
    gb_buffer_char(out, '"');
}

static void cel_write_pairs(struct gb_buffer *out, const struct gb_map_value *map)
{
    gb_buffer_char(out, '{');
    for (size_t i = 0; i < map->count; i++) {
        gb_buffer_text(out, i ? ", " : "");
        cel_write(out, &map->pairs[i].key);
        gb_buffer_text(out, ": ");
        cel_write(out, &map->pairs[i].value);
    }
    gb_buffer_char(out, '}');
}

static void cel_write_items(struct gb_buffer *out, const struct gb_list *list)
{
    gb_buffer_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        gb_buffer_text(out, i ? ", " : "");
        cel_write(out, &list->items[i]);
    }
    gb_buffer_char(out, ']');
}

// The value as a literal of its kind: 1, 1u, 1.0, "a", b"a", [..], {..}, error: reason ...
static void cel_write(struct gb_buffer *out, const struct gb_value *value)
{
    char text[64];
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
        gb_buffer_print(out, "%lluu", (unsigned long long)value->uinteger);
        break;
    case GB_VALUE_DOUBLE:
        gb_number_double_text(value->real, text);
        gb_buffer_print(out, "%s%s", text, strpbrk(text, ".en") ? "" : ".0");
        break;
    case GB_VALUE_BYTES:
        gb_buffer_char(out, 'b');
        cel_write_quoted(out, value->string);
        break;
    case GB_VALUE_STRING:
        cel_write_quoted(out, value->string);
        break;
    case GB_VALUE_TIMESTAMP:
        gb_time_text(value->time.seconds, value->time.nanos, text);
        gb_buffer_print(out, "timestamp %s", text);
        break;
    case GB_VALUE_DURATION:
        gb_duration_text(value->time.seconds, value->time.nanos, text);
        gb_buffer_print(out, "duration %s", text);
        break;
    case GB_VALUE_LIST:
        cel_write_items(out, value->list);
        break;
    case GB_VALUE_MAP:
        cel_write_pairs(out, value->map);
        break;
    case GB_VALUE_UNKNOWN:
        gb_buffer_print(out, "unknown: " GB_PRI, GB_ARG(value->string));
        break;
    case GB_VALUE_NOT_APPLICABLE:
        gb_buffer_print(out, "not applicable: " GB_PRI, GB_ARG(value->string));
        break;
    case GB_VALUE_ERROR:
        gb_buffer_print(out, "error: " GB_PRI, GB_ARG(value->string));
        break;
    case GB_VALUE_TYPE:
        gb_buffer_print(out, "type " GB_PRI, GB_ARG(value->string));
        break;
    case GB_VALUE_OPTIONAL:
        gb_buffer_text(out, value->pointer ? "some " : "none");
        if (value->pointer)
            cel_write(out, value->pointer);
        break;
    case GB_VALUE_OPAQUE:
        gb_buffer_print(out, GB_PRI, GB_ARG(gb_cel_type_name(value)));
        break;
    }
}

// What an expression gives, or "line:column: reason" when it does not compile.
static inline void cel_run(struct gb_buffer *out, const char *text,
                           const struct gb_cel_options *options)
{
    struct gb_cel_program *program;
    struct gb_error err = {0};
    struct gb_value value;
    if (gb_cel_compile(env, gb_str_of(text), options, arena, &program, &err) < 0) {
        gb_buffer_print(out, "%u:%u: %s", err.line, err.column, err.reason);
    } else {
        gb_cel_eval(program, slots, arena, &value);
        cel_write(out, &value);
    }
    gb_buffer_char(out, 0);
    assert_false(out->failed);
}

static inline void cel_check(const struct cel_case *cases, size_t count,
                             const struct gb_cel_options *options)
{
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1u << 20);
        cel_run(&out, cases[i].text, options);
        if (strcmp(out.data, cases[i].expected) == 0)
            continue;
        print_error("%s\n  expected: %s\n  got:      %s\n", cases[i].text, cases[i].expected,
                    out.data);
        failed++;
    }
    assert_int_equal(failed, 0);
}

#define CEL_CHECK(cases) cel_check((cases), sizeof(cases) / sizeof *(cases), NULL)
#define CEL_UNCHECKED(cases)                                                                       \
    cel_check((cases), sizeof(cases) / sizeof *(cases), &(struct gb_cel_options){.no_check = true})

// Declares the next variable with its value.
static inline void cel_declare(const char *name, const struct gb_type *type, struct gb_value value)
{
    static size_t count;
    static const struct gb_cel_env *of;
    if (of != env)
        count = 0;
    of = env;
    assert_true(count < sizeof slots / sizeof *slots);
    assert_int_equal(gb_cel_env_variable(env, gb_str_of(name), type), GB_OK);
    slots[count++] = value;
}

// A record type from rows of name, type, and whether it is optional.
struct cel_field {
    const char *name;
    const struct gb_type *type;
    bool optional;
};

static inline const struct gb_type *cel_record(const char *name, const struct cel_field *fields,
                                               size_t count)
{
    struct gb_record *record = gb_alloc(arena, sizeof *record);
    assert_non_null(record);
    record->name = gb_str_of(name);
    record->fields = gb_alloc_array(arena, count, sizeof *record->fields);
    record->field_count = count;
    record->by_name = gb_map(arena);
    assert_non_null(record->fields);
    for (size_t i = 0; i < count; i++) {
        record->fields[i] = (struct gb_field){.name = gb_str_of(fields[i].name),
                                              .type = fields[i].type,
                                              .optional = fields[i].optional};
        assert_int_equal(gb_map_set(&record->by_name, record->fields[i].name, &record->fields[i]),
                         GB_OK);
    }
    return gb_type_record(arena, record);
}

#endif
