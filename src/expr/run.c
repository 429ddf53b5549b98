// What the functions of the libraries may ask of an evaluation (expr/library.h).
#include "expr/engine.h"

#include "base/number.h"
#include "base/time.h"

#include <stdio.h>

struct gb_arena *gb_cel_arena(struct gb_cel_run *run)
{
    return run->arena;
}

bool gb_cel_charge(struct gb_cel_run *run, uint64_t units)
{
    if (run->budget >= units && !run->exhausted) {
        run->budget -= units;
        return true;
    }
    if (!run->exhausted)
        run->stop_reason = GB_STR("cost limit exceeded");
    run->exhausted = true;
    return false;
}

void gb_cel_fail_memory(struct gb_cel_run *run, struct gb_value *ret)
{
    if (!run->exhausted)
        run->stop_reason = GB_STR("memory limit exceeded");
    run->exhausted = true;
    gb_cel_error(ret, run->stop_reason);
}

void gb_cel_fail_overload(struct gb_value *ret)
{
    *ret = gb_value_no_overload;
}

void gb_cel_fail(struct gb_cel_run *run, struct gb_value *ret, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct gb_str reason = {text, len < 0 ? 0 : (size_t)len};
    if (reason.len >= sizeof text)
        reason.len = sizeof text - 1;
    if (!gb_cel_charge(run, 20)) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    reason = gb_str_copy(run->arena, reason);
    gb_cel_error(ret, reason.at ? reason : GB_STR("out of memory"));
}

void gb_cel_text_add(struct gb_cel_text *text, struct gb_str s)
{
    if (text->failed || !s.len)
        return;
    if (s.len > text->capacity - text->len) {
        size_t capacity = text->capacity ? text->capacity * 2 : 64;
        if (capacity < text->len + s.len)
            capacity = text->len + s.len;
        char *data = gb_cel_charge(text->run, 1 + (capacity - text->capacity) / 8)
                         ? gb_grow_array(text->run->arena, text->data, text->capacity, capacity, 1)
                         : NULL;
        if (!data) {
            text->failed = true;
            return;
        }
        text->data = data;
        text->capacity = capacity;
    }
    memcpy(text->data + text->len, s.at, s.len);
    text->len += s.len;
}

void gb_cel_text_char(struct gb_cel_text *text, char c)
{
    gb_cel_text_add(text, (struct gb_str){&c, 1});
}

void gb_cel_text_print(struct gb_cel_text *text, const char *format, ...)
{
    char piece[128];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof piece)
        text->failed = true;
    else
        gb_cel_text_add(text, (struct gb_str){piece, (size_t)len});
}

void gb_cel_text_end(struct gb_cel_text *text, struct gb_value *ret)
{
    if (text->failed)
        gb_cel_fail_memory(text->run, ret);
    else
        *ret = gb_string((struct gb_str){text->data, text->len});
}

uint32_t gb_cel_origin(const struct gb_value *value)
{
    if (value->origin || value->kind != GB_VALUE_LIST)
        return value->origin;
    for (size_t i = 0; i < value->list->count; i++)
        if (value->list->items[i].origin)
            return value->list->items[i].origin;
    return 0;
}

void gb_cel_optional_of(struct gb_cel_run *run, const struct gb_value *value, struct gb_value *ret)
{
    struct gb_value *copy = gb_alloc(run->arena, sizeof *copy);
    if (!copy) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    *copy = *value;
    *ret = (struct gb_value){.kind = GB_VALUE_OPTIONAL, .origin = copy->origin, .pointer = copy};
}

struct gb_value gb_cel_optional_none(void)
{
    return (struct gb_value){.kind = GB_VALUE_OPTIONAL};
}

const struct gb_regex *gb_run_regex(struct gb_cel_run *run, struct gb_str pattern,
                                    struct gb_value *ret)
{
    struct gb_error err = {0};
    for (const struct gb_pattern *known = run->patterns; known; known = known->next)
        if (known->text.at == pattern.at && known->text.len == pattern.len)
            return known->regex;
    if (run->last_regex && gb_str_eq(run->last_pattern, pattern))
        return run->last_regex;
    run->last_regex = NULL;
    run->last_pattern = pattern;
    if (!gb_cel_charge(run, 100 + pattern.len * 20))
        gb_cel_fail_memory(run, ret);
    else if (gb_regex_compile_within(pattern, run->arena, &run->last_regex, &err) < 0)
        gb_cel_fail(run, ret, "pattern: %s", err.reason);
    uint64_t steps = run->last_regex          ? gb_regex_compile_steps(run->last_regex)
                     : err.code == GB_E_LIMIT ? GB_REGEX_MAX_COMPILE_STEPS
                                              : 0;
    if (!gb_cel_charge(run, steps / GB_RUN_STEPS_A_UNIT)) {
        gb_cel_fail_memory(run, ret);
        run->last_regex = NULL;
    }
    return run->last_regex;
}

int gb_run_search(struct gb_cel_run *run, const struct gb_regex *regex, struct gb_str text,
                  struct gb_value *ret)
{
    uint64_t steps = 0, units = 4 + text.len / 2;
    int found = GB_E_LIMIT;
    if (gb_cel_charge(run, units)) {
        struct gb_mark mark = gb_arena_mark(run->arena);
        found = gb_regex_search(regex, text, run->arena, &steps);
        gb_arena_reset(run->arena, mark);
        // Few patterns take more than a step or two a byte.
        if (steps / GB_RUN_STEPS_A_UNIT > units &&
            !gb_cel_charge(run, steps / GB_RUN_STEPS_A_UNIT - units))
            found = GB_E_LIMIT;
    }
    if (found < 0)
        gb_cel_fail_memory(run, ret);
    return found;
}

struct gb_str gb_cel_type_name(const struct gb_value *value)
{
    static const char *const names[] = {
        [GB_VALUE_NULL] = "null_type",
        [GB_VALUE_BOOL] = "bool",
        [GB_VALUE_INT] = "int",
        [GB_VALUE_UINT] = "uint",
        [GB_VALUE_DOUBLE] = "double",
        [GB_VALUE_STRING] = "string",
        [GB_VALUE_BYTES] = "bytes",
        [GB_VALUE_TIMESTAMP] = "google.protobuf.Timestamp",
        [GB_VALUE_DURATION] = "google.protobuf.Duration",
        [GB_VALUE_LIST] = "list",
        [GB_VALUE_MAP] = "map",
        [GB_VALUE_UNKNOWN] = "unknown",
        [GB_VALUE_NOT_APPLICABLE] = "not_applicable",
        [GB_VALUE_ERROR] = "error",
        [GB_VALUE_TYPE] = "type",
        [GB_VALUE_OPTIONAL] = "optional_type",
    };
    if (value->kind != GB_VALUE_OPAQUE)
        return gb_str_of(names[value->kind]);
    const struct gb_cel_opaque *opaque = gb_cel_opaque_of(value->tag);
    return gb_str_of(opaque ? opaque->name : "opaque");
}

bool gb_cel_text_of(struct gb_cel_run *run, const struct gb_value *value, struct gb_str *ret)
{
    char text[64]; // a double, a timestamp, a duration
    size_t len;
    switch (value->kind) {
    case GB_VALUE_BOOL:
        *ret = value->boolean ? GB_STR("true") : GB_STR("false");
        return true;
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
        *ret = value->string;
        return true;
    case GB_VALUE_INT:
        len = (size_t)snprintf(text, sizeof text, "%lld", (long long)value->integer);
        break;
    case GB_VALUE_UINT:
        len = (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value->uinteger);
        break;
    case GB_VALUE_DOUBLE:
        len = gb_number_double_text(value->real, text);
        break;
    case GB_VALUE_TIMESTAMP:
        len = gb_time_text(value->time.seconds, value->time.nanos, text);
        break;
    case GB_VALUE_DURATION:
        len = gb_duration_text(value->time.seconds, value->time.nanos, text);
        break;
    default:
        return false;
    }
    *ret = gb_str_copy(run->arena, (struct gb_str){text, len});
    return ret->at != NULL;
}
