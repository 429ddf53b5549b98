// Expressions from anybody: compiling and evaluating stays within its limits and never crashes, the
// checked and the unchecked program agree, and what comes out is well-formed. Input: an expression.
#include "base/utf8.h"
#include "expr/cel.h"
#include "expr/library.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COST = 200000 };

static struct gb_arena *process;
static struct gb_cel_env *env;
static struct gb_value slots[4];

static _Noreturn void fail(struct gb_str text, const char *what)
{
    fprintf(stderr, "%s: " GB_PRI "\n", what, GB_ARG(text));
    abort();
}

static struct gb_value item(const char *name, int64_t number)
{
    struct gb_map_value *map = gb_map_new(process);
    gb_map_put(process, map, GB_STR("name"), gb_at(gb_string(gb_str_of(name)), 1));
    gb_map_put(process, map, GB_STR("n"), gb_int(number));
    gb_map_put(process, map, GB_STR("hidden"), gb_unknown(GB_STR("needs root")));
    return gb_at(gb_map_of(map), 2);
}

static void set_up(void)
{
    process = gb_arena_new("process", 16u << 20);
    env = gb_cel_env_new(process);
    struct gb_list *list = gb_list_new(process);
    gb_list_add(process, list, item("a", 1));
    gb_list_add(process, list, item("b", -1));
    slots[0] = item("x", 5);
    slots[1] = gb_list_of(list);
    slots[2] = gb_timestamp(1700000000, 5);
    slots[3] = gb_not_applicable(GB_STR("not here"));
    if (!env || gb_cel_env_variable(env, GB_STR("x"), &gb_type_dyn) < 0 ||
        gb_cel_env_variable(env, GB_STR("l"), &gb_type_dyn) < 0 ||
        gb_cel_env_variable(env, GB_STR("now"), &gb_type_timestamp) < 0 ||
        gb_cel_env_variable(env, GB_STR("gone"), &gb_type_dyn) < 0)
        abort();
}

// Strings are UTF-8, kinds are known, containers hold values.
static void inspect(struct gb_str text, const struct gb_value *value, unsigned depth)
{
    if (depth > 20000)
        fail(text, "deeper than any expression");
    switch (value->kind) {
    case GB_VALUE_STRING:
        if (!gb_utf8_valid(value->string))
            fail(text, "a string that is not UTF-8");
        break;
    case GB_VALUE_LIST:
        for (size_t i = 0; i < value->list->count; i++) {
            if (!gb_cel_is_value(&value->list->items[i]))
                fail(text, "no value in a list");
            inspect(text, &value->list->items[i], depth + 1);
        }
        break;
    case GB_VALUE_MAP:
        for (size_t i = 0; i < value->map->count; i++) {
            inspect(text, &value->map->pairs[i].key, depth + 1);
            if (depth == 0 || value->origin != 2) // the facts have unknown fields
                inspect(text, &value->map->pairs[i].value, depth + 1);
        }
        break;
    case GB_VALUE_ERROR:
    case GB_VALUE_UNKNOWN:
    case GB_VALUE_NOT_APPLICABLE:
        if (!value->string.len)
            fail(text, "no reason");
        break;
    case GB_VALUE_TIMESTAMP:
        if (value->time.nanos < 0 || value->time.nanos > 999999999)
            fail(text, "nanoseconds of a timestamp");
        break;
    case GB_VALUE_DURATION:
        if (value->time.nanos < -999999999 || value->time.nanos > 999999999 ||
            (value->time.seconds > 0 && value->time.nanos < 0) ||
            (value->time.seconds < 0 && value->time.nanos > 0))
            fail(text, "nanoseconds of a duration");
        break;
    default:
        if (value->kind > GB_VALUE_OPAQUE)
            fail(text, "an unknown kind");
    }
}

static bool run(struct gb_str text, bool no_check, struct gb_arena *arena, struct gb_value *ret)
{
    struct gb_cel_program *program;
    struct gb_cel_options options = {.no_check = no_check, .strict_presence = !no_check};
    struct gb_error err = {0};
    int code = gb_cel_compile(env, text, &options, arena, &program, &err);
    if (code) {
        if (code != err.code || !err.reason[0])
            fail(text, "an error without a reason");
        return false;
    }
    gb_cel_set_cost_limit(program, COST);
    gb_cel_eval(program, slots, arena, ret);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!env)
        set_up();
    struct gb_str text = {(const char *)data, size};
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("input", 64u << 20);
    struct gb_value checked, unchecked;
    bool compiles = run(text, false, arena, &checked);
    bool compiles_unchecked = run(text, true, arena, &unchecked);
    if (compiles && !compiles_unchecked)
        fail(text, "compiles only when it is checked");
    if (compiles)
        inspect(text, &checked, 0);
    if (compiles_unchecked)
        inspect(text, &unchecked, 0);
    // What is fully typed gives the same without types; errors may be worded otherwise.
    bool limited = compiles && checked.kind == GB_VALUE_ERROR;
    bool limited_too = compiles_unchecked && unchecked.kind == GB_VALUE_ERROR;
    if (compiles && !limited && !limited_too && gb_cel_is_value(&checked) &&
        checked.kind != GB_VALUE_DOUBLE && checked.kind != unchecked.kind)
        fail(text, "the checked program gives something else");
    return 0;
}
