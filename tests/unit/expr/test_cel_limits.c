// Cost, memory, threads: evaluation is bounded, allocates in the caller's arena only, and survives
// the failure of every single allocation.
#include "cel_case.h"

#include <pthread.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
#define SANITIZED 0
// Counts every allocation of the program: these take the place of the C library's.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
static size_t allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#else
static size_t allocations;
#endif

static const char *const expressions[] = {
    "x.name == 'app' && x.count > 2",
    "x.items.all(i, i.n >= 0 && has(i.label))",
    "x.items.filter(i, i.n > 0).map(i, i.label + '!')",
    "x.items.exists_one(i, i.n == 1)",
    "x.items.map(i, i.n).sort().reverse()",
    "x.items.sortBy(i, -i.n)[0].label",
    "x.items.transformMap(k, v, v.label)",
    "x.items.transformMapEntry(k, v, {v.label: k})",
    "x.items.map(i, i.label).join(', ').split(', ').distinct()",
    "x.name.matches('^a[p]+$') || x.name.matches('^ap')",
    "x.name.replace('p', 'qq').upperAscii().substring(1)",
    "string(x.count) + string(1.5) + string(timestamp(x.count))",
    "x.?absent.orValue('none') + x.?name.orValue('')",
    "x.absent == 1 || x.name[0] == 'a' || true",
    "cel.bind(a, [x.count], cel.bind(b, a + a, b + b))",
    "x.name in ['a', 'b', 'c', 'd', 'e', 'f', 'app']",
    "{'a': x.count, 'b': [x.name]} == {'b': [x.name], 'a': x.count}",
    "math.greatest(x.count, 5, 7u) == 7 && x.name.lastIndexOf('p') == 2",
    "[1, 2, 3].map(i, [4, 5].map(j, i * j * x.count)).flatten().sum()",
    "duration('1h') + duration(x.name)",
    "regex.replace(x.name, '(p)', '<\\\\1>') + regex.extract(x.name, 'p').orValue('')",
    "'%s is %d, %.2f, %x; %s'.format([x.name, x.count, x.count, x.name, [{x.name: 1.5e300}]])",
    "cidr('10.0.0.' + string(x.count) + '/8').masked().containsIP(ip('10.1.1.1'))",
    "string(ip('::' + string(x.count))) + string(cidr('::/' + string(x.count)))",
    "semver('v' + string(x.count), true).compareTo(semver('3.0.0-' + x.name))",
    "quantity(string(x.count) + 'Gi').add(quantity('1m')).sub(1).isInteger()",
    "url('http://h/' + x.name + '?a=%20&b=1&a=' + x.name).getQuery().size()",
    "url('http://%C3%A9/' + x.name + 'é').getEscapedPath() + url('//h%80').getHost()",
    "format.named('date').value().validate(x.name).value()[0]",
    "string(format.uuid() == format.date())",
    // From here on patterns that are no constants: compiling them needs memory for a moment.
    "x.name.findAll('p' + x.name).size() + x.name.findAll(x.name).size()",
    "x.name.matches('^' + x.name)",
};
enum { EXPRESSIONS = sizeof expressions / sizeof *expressions, DYNAMIC_PATTERNS = 2 };

static int set_up(void **state)
{
    if (cel_set_up(state))
        return -1;
    struct gb_map_value *x = gb_map_new(arena);
    struct gb_list *items = gb_list_new(arena);
    for (int64_t i = 0; i < 4; i++) {
        struct gb_map_value *item = gb_map_new(arena);
        gb_map_put(arena, item, GB_STR("n"), gb_int(i));
        gb_map_put(arena, item, GB_STR("label"),
                   gb_string(gb_str_format(arena, "item-%d", (int)i)));
        gb_list_add(arena, items, gb_map_of(item));
    }
    gb_map_put(arena, x, GB_STR("name"), gb_string(GB_STR("app")));
    gb_map_put(arena, x, GB_STR("count"), gb_int(3));
    gb_map_put(arena, x, GB_STR("items"), gb_list_of(items));
    cel_declare("x", &gb_type_dyn, gb_map_of(x));
    return 0;
}

static struct gb_cel_program *compile(const char *text)
{
    struct gb_cel_program *program;
    struct gb_error err = {0};
    if (gb_cel_compile(env, gb_str_of(text), NULL, arena, &program, &err) < 0)
        fail_msg("%s: %s", text, err.reason);
    return program;
}

static void allocates_in_the_arena_only(void **state)
{
    (void)state;
    if (SANITIZED) {
        print_message("skipped: the sanitizer has its own malloc\n");
        skip();
    }
    size_t before = allocations;
    free(malloc(10));
    assert_int_equal(allocations, before + 1); // the counter counts
    for (size_t i = 0; i < EXPRESSIONS - DYNAMIC_PATTERNS; i++) {
        struct gb_cel_program *program = compile(expressions[i]);
        GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 16u << 20);
        // One block that has room for all: what it then allocates is not the arena's.
        assert_non_null(gb_alloc(scratch, 4u << 20));
        struct gb_mark filled = gb_arena_mark(scratch);
        assert_non_null(gb_alloc(scratch, 5u << 20));
        filled.used = 0;
        gb_arena_reset(scratch, filled);
        struct gb_value value;
        before = allocations;
        gb_cel_eval(program, slots, scratch, &value);
        if (allocations != before)
            fail_msg("%s: %zu allocations", expressions[i], allocations - before);
        assert_true(value.kind != GB_VALUE_UNKNOWN);
    }
}

// cel.block([[1], [@0, @0], [@1, @1], ...], end)
static void check_doubling(const char *end, bool within)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(1u << 16);
    gb_buffer_text(&text, "cel.block([[dyn(1)]");
    for (int i = 0; i < 40; i++)
        gb_buffer_print(&text, ", [dyn(cel.index(%d)), cel.index(%d)]", i, i);
    gb_buffer_print(&text, "], %s)", end);
    gb_buffer_char(&text, 0);
    struct gb_value value;
    gb_cel_eval(compile(text.data), slots, arena, &value);
    if ((value.kind != GB_VALUE_ERROR) != within ||
        (!within && !gb_str_is(value.string, "cost limit exceeded")))
        fail_msg("%s: %s", end, gb_value_kind_name(value.kind));
}

static void stops_at_the_cost_limit(void **state)
{
    (void)state;
    static const char *const costly[] = {
        "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, "
        "[1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, a + b + c + d + e > 0)))))",
        "lists.range(100000).map(i, i)",
        "lists.range(100000).exists(i, false) || true",
        "true && lists.range(100000).all(i, true)",
        "lists.range(100000).all(i, 1 / i == 0)",
        "lists.range(20000).sortBy(i, -i)",
        "lists.range(20000).transformMap(i, v, v)",
        "sets.contains(lists.range(3000), lists.range(3000))",
        "cel.bind(a, x.name + x.name + x.name + x.name, cel.bind(b, a + a + a + a + a + a + a + a, "
        "cel.bind(c, b + b + b + b + b + b + b + b, cel.bind(d, c + c + c + c + c + c + c + c, "
        "cel.bind(e, d + d + d + d + d + d + d + d, e + e + e + e + e + e + e + e + e + e)))))",
        "x.name.replace('', 'aaaaaaaaaaaaaaaaaaaaaaaa').replace('a', 'bbbbbbbbbbbbbbbbbbbbbbbbbbb')"
        ".replace('b', 'cccccccccccccccccccccccccccc').replace('c', 'ddddddddddddd').size() > 0",
        // patterns that are large, or slow to compile or to match
        "'a'.matches('.{900}' + x.name)",
        "'a'.matches('\\\\pL{900}' + x.name)",
        "lists.range(700).map(i, i % 3 == 0 ? 'a' : 'b').join().matches("
        "'(?:a|b)*a(?:a|b){300}[yz]')",
        "(x.items.map(i, x.items.map(j, 'ab').join()).join()).find('(.?){600}[yz]') == x.name",
    };
    for (size_t i = 0; i < sizeof costly / sizeof *costly; i++) {
        struct gb_cel_program *program = compile(costly[i]);
        gb_cel_set_cost_limit(program, 20000);
        GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 64u << 20);
        struct gb_value value;
        gb_cel_eval(program, slots, scratch, &value);
        if (value.kind != GB_VALUE_ERROR || !gb_str_is(value.string, "cost limit exceeded"))
            fail_msg("%s: %s", costly[i], gb_value_kind_name(value.kind));
    }
    // The same text with a pattern that is not slow.
    struct gb_cel_program *cheap = compile("lists.range(700).map(i, i % 3 == 0 ? 'a' : 'b').join()"
                                           ".matches('a(?:a|b){3}[yz]')");
    struct gb_value answer;
    gb_cel_set_cost_limit(cheap, 20000);
    gb_cel_eval(cheap, slots, arena, &answer);
    assert_int_equal(answer.kind, GB_VALUE_BOOL);
    // Few steps make values that stand in themselves many times: walking them is what costs.
    check_doubling("dyn(cel.index(39)) == dyn(cel.index(39))", false);
    check_doubling("cel.index(39)", false);
    check_doubling("[1].map(i, cel.index(39))", false);
    check_doubling("cel.index(39).size()", true);
    struct gb_cel_program *program = compile("x.count + 1 + 2 + 3 + 4");
    struct gb_value value;
    gb_cel_set_cost_limit(program, 3);
    gb_cel_eval(program, slots, arena, &value);
    assert_true(gb_str_is(value.string, "cost limit exceeded"));
    gb_cel_set_cost_limit(program, 20);
    gb_cel_eval(program, slots, arena, &value);
    assert_int_equal(value.integer, 13);
}

static void stops_at_the_memory_limit(void **state)
{
    (void)state;
    struct gb_cel_program *program = compile("lists.range(100000).map(i, string(i)).size() > 0");
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 100000);
    struct gb_value value;
    gb_cel_eval(program, slots, scratch, &value);
    assert_int_equal(value.kind, GB_VALUE_ERROR);
    assert_true(gb_str_is(value.string, "memory limit exceeded"));
}

// Fails the first, the second, ... allocation of what is done, until it succeeds.
static void survives_failing_allocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPRESSIONS; i++) {
        bool done = false;
        for (size_t nth = 1; !done; nth++) {
            assert_true(nth < 5000);
            GB_CLEANUP(gb_arena_free) struct gb_arena *own = gb_arena_new("own", 16u << 20);
            struct gb_cel_program *program = NULL;
            struct gb_error err = {0};
            gb_arena_fail_at(nth);
            int code = gb_cel_compile(env, gb_str_of(expressions[i]), NULL, own, &program, &err);
            gb_arena_fail_at(0);
            if (code != GB_OK && code != GB_E_MEMORY)
                fail_msg("%s, allocation %zu: %s", expressions[i], nth, err.reason);
            assert_int_equal(code, err.code);
            done = code == GB_OK;
        }
        struct gb_cel_program *program = compile(expressions[i]);
        done = false;
        for (size_t nth = 1; !done; nth++) {
            assert_true(nth < 5000);
            GB_CLEANUP(gb_arena_free) struct gb_arena *own = gb_arena_new("own", 16u << 20);
            struct gb_value value = {0};
            gb_arena_fail_at(nth);
            gb_cel_eval(program, slots, own, &value);
            gb_arena_fail_at(0);
            done = !gb_arena_failed(own);
            if (!done)
                assert_true(value.kind == GB_VALUE_ERROR &&
                            gb_str_is(value.string, "memory limit exceeded"));
        }
    }
}

static void environment_survives_failing_allocations(void **state)
{
    (void)state;
    bool done = false;
    for (size_t nth = 1; !done; nth++) {
        assert_true(nth < 20000);
        GB_CLEANUP(gb_arena_free) struct gb_arena *own = gb_arena_new("own", 16u << 20);
        gb_arena_fail_at(nth);
        struct gb_cel_env *made = gb_cel_env_new(own);
        int code = made ? gb_cel_env_variable(made, GB_STR("x"), &gb_type_int) : GB_E_MEMORY;
        gb_arena_fail_at(0);
        done = code == GB_OK;
        assert_true(done || code == GB_E_MEMORY);
    }
}

static void *evaluate_often(void *program)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 1u << 20);
    size_t wrong = 0;
    for (int i = 0; i < 20000; i++) {
        struct gb_mark mark = gb_arena_mark(scratch);
        struct gb_value value;
        gb_cel_eval(program, slots, scratch, &value);
        wrong += value.kind != GB_VALUE_BOOL || !value.boolean;
        gb_arena_reset(scratch, mark);
    }
    return (void *)(uintptr_t)wrong;
}

static void serves_several_threads(void **state)
{
    (void)state;
    struct gb_cel_program *program =
        compile("x.items.all(i, i.label.startsWith('item-') && has(i.n) && i.n >= 0) && "
                "x.name.matches('^ap+$')");
    pthread_t threads[2];
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, evaluate_often, program), 0);
    for (size_t i = 0; i < 2; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocates_in_the_arena_only),
        cmocka_unit_test(stops_at_the_cost_limit),
        cmocka_unit_test(stops_at_the_memory_limit),
        cmocka_unit_test(survives_failing_allocations),
        cmocka_unit_test(environment_survives_failing_allocations),
        cmocka_unit_test(serves_several_threads),
    };
    return cmocka_run_group_tests(tests, set_up, cel_tear_down);
}
