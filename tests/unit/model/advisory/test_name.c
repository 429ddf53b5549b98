// Tests of model/advisory/name.h.
#include "model/advisory/name.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void expect(const char *scope, const char *name, const char *wanted)
{
    struct gb_arena *arena = gb_arena_new("test", 1u << 16);
    struct gb_str got = gb_advisory_name(gb_str_of(scope), gb_str_of(name), arena);
    if (!gb_str_is(got, wanted))
        fail_msg("%s %s: got " GB_PRI ", not %s", scope, name, GB_ARG(got), wanted);
    gb_arena_free(&arena);
}

static void test_each_ecosystem(void **state)
{
    (void)state;
    expect("pypi", "Ruamel_Yaml", "ruamel-yaml");
    expect("pypi", "a.-_b", "a-b");
    expect("pypi", "jinja2", "jinja2");
    expect("pypi", "_x_", "-x-");
    expect("pypi", "", "");
    expect("crates.io", "Serde_JSON", "serde-json");
    expect("crates.io", "a__b", "a--b");
    expect("nuget", "Newtonsoft.Json", "newtonsoft.json");
    expect("packagist", "Symfony/Http-Kernel", "symfony/http-kernel");
    expect("go", "github.com/Masterminds/semver/v3", "github.com/masterminds/semver/v3");
    expect("npm", "JSONStream", "JSONStream");
    expect("npm", "@types/node", "@types/node");
    expect("maven", "org.X:Y_Z.a", "org.X:Y_Z.a");
    expect("debian-12", "python_X.y", "python_X.y");
}

static void test_unchanged_names_are_not_copied(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("test", 1u << 16);
    struct gb_str name = GB_STR("golang.org/x/net");
    assert_ptr_equal(gb_advisory_name(GB_STR("go"), name, arena).at, name.at);
    assert_ptr_equal(gb_advisory_name(GB_STR("alpine-3.18"), name, arena).at, name.at);
    gb_arena_free(&arena);
}

static void test_no_memory_gives_an_empty_name(void **state)
{
    (void)state;
    struct gb_arena *arena = gb_arena_new("test", 1u << 16);
    gb_arena_fail_at(1);
    assert_int_equal(gb_advisory_name(GB_STR("pypi"), GB_STR("x"), arena).len, 0);
    gb_arena_fail_at(0);
    assert_true(gb_arena_failed(arena));
    gb_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_ecosystem),
        cmocka_unit_test(test_unchanged_names_are_not_copied),
        cmocka_unit_test(test_no_memory_gives_an_empty_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
