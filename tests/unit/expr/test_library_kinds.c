// Every function of every library with every combination of kinds of arguments: a function runs
// exactly when one of its signatures fits, and gives what the signature says or an error.
#include "cel_case.h"

#include <stdlib.h>

// Values to call with, as expressions; also odd ones of their kinds.
static const char *const pool_texts[] = {
    "null",
    "true",
    "0",
    "-1",
    "9223372036854775807",
    "2u",
    "1.5",
    "0.0 / 0.0",
    "''",
    "'a%s,b'",
    "b''",
    "b'\\xff'",
    "timestamp(0)",
    "duration('-1.5s')",
    "[]",
    "[1, 'a', null]",
    "{}",
    "{'a': 1, 2: [3]}",
    "int",
    "optional.none()",
    "optional.of(1)",
    "ip('::1')",
    "cidr('10.0.0.0/8')",
    "semver('1.2.3-a')",
    "quantity('1.5')",
    "url('http://h:1/?a')",
    "format.uuid()",
};
enum { POOL = sizeof pool_texts / sizeof *pool_texts, MOST = 4 };

static struct gb_value pool[POOL];

// Pools for calls of many arguments: one value of each kind, then only those that text functions
// take.
static const unsigned char one_of_each[] = {0, 1, 2, 5, 6, 9, 11, 12, 13, 15, 17, 18, 20, 21};
static const unsigned char few[] = {3, 9, 2, 1, 15};

static void make_pool(void)
{
    for (size_t i = 0; i < POOL; i++) {
        struct gb_cel_program *program;
        struct gb_error err = {0};
        if (gb_cel_compile(env, gb_str_of(pool_texts[i]), NULL, arena, &program, &err) < 0)
            fail_msg("%s: %s", pool_texts[i], err.reason);
        gb_cel_eval(program, slots, arena, &pool[i]);
        if (pool[i].kind == GB_VALUE_ERROR)
            fail_msg("%s is an error", pool_texts[i]);
    }
}

// Whether a value is of a type as a signature writes it. Elements are not looked at.
static bool fits(struct gb_str type, const struct gb_value *value)
{
    static const struct {
        const char *type;
        uint8_t kind;
    } names[] = {
        {"null", GB_VALUE_NULL},
        {"bool", GB_VALUE_BOOL},
        {"int", GB_VALUE_INT},
        {"uint", GB_VALUE_UINT},
        {"double", GB_VALUE_DOUBLE},
        {"string", GB_VALUE_STRING},
        {"bytes", GB_VALUE_BYTES},
        {"timestamp", GB_VALUE_TIMESTAMP},
        {"duration", GB_VALUE_DURATION},
        {"list(", GB_VALUE_LIST},
        {"map(", GB_VALUE_MAP},
        {"type", GB_VALUE_TYPE},
        {"optional(", GB_VALUE_OPTIONAL},
    };
    if (gb_str_is(type, "dyn") || (type.len == 1 && type.at[0] >= 'A' && type.at[0] <= 'Z'))
        return true;
    if (value->kind == GB_VALUE_OPAQUE)
        return gb_str_eq(type, gb_cel_type_name(value));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].kind == value->kind)
            return gb_str_starts(type, gb_str_of(names[i].type)); // "type", "type(T)"
    return false;
}

struct signature {
    struct gb_str parameters[MOST + 1], result;
    size_t count;
};

// Cuts at the commas that stand in no brackets.
static struct signature split(const char *text)
{
    struct signature signature = {0};
    struct gb_str rest = gb_str_of(text);
    ptrdiff_t arrow = gb_str_find(rest, GB_STR("->"));
    assert_true(arrow >= 0);
    signature.result = gb_str_trim(gb_str_from(rest, (size_t)arrow + 2));
    rest = gb_str_trim(gb_str_sub(rest, 0, (size_t)arrow));
    int depth = 0;
    size_t start = 0;
    for (size_t i = 0; rest.len && i <= rest.len; i++) {
        bool end = i == rest.len || (rest.at[i] == ',' && depth == 0);
        if (i < rest.len)
            depth += rest.at[i] == '(' ? 1 : rest.at[i] == ')' ? -1 : 0;
        if (!end)
            continue;
        assert_true(signature.count < MOST);
        signature.parameters[signature.count++] = gb_str_trim(gb_str_sub(rest, start, i - start));
        start = i + 1;
    }
    return signature;
}

// The first row of this name and form that fits the arguments; NULL when none does.
static const struct gb_cel_overload *expected_row(const struct gb_cel_overload *like,
                                                  const struct gb_value *arguments, size_t count)
{
    for (size_t l = 0; l < gb_cel_library_count; l++) {
        for (size_t r = 0; r < gb_cel_libraries[l]->count; r++) {
            const struct gb_cel_overload *row = &gb_cel_libraries[l]->overloads[r];
            if (strcmp(row->name, like->name) != 0 ||
                (row->flags ^ like->flags) & (GB_CEL_METHOD | GB_CEL_MACRO))
                continue;
            struct signature signature = split(row->signature);
            bool all = signature.count == count;
            for (size_t i = 0; all && i < count; i++)
                all = fits(signature.parameters[i], &arguments[i]);
            if (all)
                return row;
        }
    }
    return NULL;
}

static size_t calls, values;

static void check_call(const struct gb_cel_overload *row, const struct gb_cel_program *program,
                       const size_t *chosen, size_t count)
{
    struct gb_mark mark = gb_arena_mark(arena);
    struct gb_value result;
    for (size_t i = 0; i < count; i++)
        slots[i] = pool[chosen[i]];
    gb_cel_eval(program, slots, arena, &result);
    const struct gb_cel_overload *fitting = expected_row(row, slots, count);
    bool refused =
        result.kind == GB_VALUE_ERROR && gb_str_starts(result.string, GB_STR("no such overload:"));
    bool right = !refused && fitting &&
                 (result.kind == GB_VALUE_ERROR || fits(split(fitting->signature).result, &result));
    if (refused ? fitting != NULL : !right) {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1u << 20);
        for (size_t i = 0; i < count; i++)
            gb_buffer_print(&out, "%s%s", i ? ", " : "", pool_texts[chosen[i]]);
        gb_buffer_text(&out, " gives ");
        cel_write(&out, &result);
        gb_buffer_char(&out, 0);
        fail_msg("%s of %s; the signature is %s", row->name, out.data,
                 fitting ? fitting->signature : "none");
    }
    calls++;
    values += result.kind != GB_VALUE_ERROR;
    gb_arena_reset(arena, mark);
}

static struct gb_cel_program *compile_call(const struct gb_cel_overload *row, size_t count)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(4096);
    bool method = row->flags & GB_CEL_METHOD;
    gb_buffer_print(&text, "%s%s(", method ? "a0." : "", row->name);
    for (size_t i = method; i < count; i++)
        gb_buffer_print(&text, "%sa%zu", i > method ? ", " : "", i);
    gb_buffer_char(&text, ')');
    struct gb_cel_program *program;
    struct gb_error err = {0};
    struct gb_str copy = gb_str_copy(arena, gb_buffer_str(&text));
    if (gb_cel_compile(env, copy, NULL, arena, &program, &err) < 0)
        fail_msg(GB_PRI ": %s", GB_ARG(copy), err.reason);
    return program;
}

static void check_row(const struct gb_cel_overload *row)
{
    size_t count = split(row->signature).count;
    const unsigned char *subset = count == 3 ? one_of_each : count > 3 ? few : NULL;
    size_t size = count == 3 ? sizeof one_of_each : count > 3 ? sizeof few : POOL;
    struct gb_cel_program *program = compile_call(row, count);
    size_t combinations = 1;
    for (size_t i = 0; i < count; i++)
        combinations *= size;
    for (size_t c = 0; c < combinations; c++) {
        size_t chosen[MOST] = {0}, rest = c;
        for (size_t i = 0; i < count; i++, rest /= size)
            chosen[i] = subset ? subset[rest % size] : rest % size;
        check_call(row, program, chosen, count);
    }
}

static void test_all(void **state)
{
    (void)state;
    make_pool();
    for (size_t i = 0; i < MOST; i++) {
        static const char *const names[MOST] = {"a0", "a1", "a2", "a3"};
        cel_declare(names[i], &gb_type_dyn, gb_null());
    }
    size_t rows = 0;
    for (size_t l = 0; l < gb_cel_library_count; l++) {
        for (size_t r = 0; r < gb_cel_libraries[l]->count; r++) {
            const struct gb_cel_overload *row = &gb_cel_libraries[l]->overloads[r];
            if (!(row->flags & (GB_CEL_LAZY | GB_CEL_MACRO))) {
                check_row(row);
                rows++;
            }
        }
    }
    print_message("%zu functions, %zu calls, %zu of them with a value\n", rows, calls, values);
    assert_true(rows > 150 && values > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all, cel_set_up, cel_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
