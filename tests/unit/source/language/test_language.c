// Which files are wanted, and what metadata of npm and Python says.
#include "language_found.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_buffer out;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 64u << 20);
    out = gb_buffer(1u << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_buffer_free(&out);
    gb_arena_free(&arena);
    return 0;
}

static void is(const char *path, const char *text, const char *expected)
{
    assert_string_equal(language_found(arena, &out, path, gb_str_of(text)), expected);
}

static void test_wants(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uint32_t mode;
        uint64_t size;
        enum gb_language_interest interest;
    } rows[] = {
        {"/usr/bin/go-program", 0755, 2 << 20, GB_LANGUAGE_SNIFF},
        {"/usr/bin/go-program", 0644, 2 << 20, GB_LANGUAGE_IGNORE},
        {"/usr/bin/tiny", 0755, 1000, GB_LANGUAGE_IGNORE},
        {"/usr/lib/libx.so", 0644, 1 << 20, GB_LANGUAGE_SNIFF},
        {"/usr/lib/libx.so.1.2", 0644, 1 << 20, GB_LANGUAGE_SNIFF},
        {"/srv/node_modules/left/package.json", 0644, 10, GB_LANGUAGE_READ},
        {"/srv/node_modules/left/package.json", 0644, 0, GB_LANGUAGE_IGNORE},
        {"/srv/node_modules/@a/b/package.json", 0644, 10, GB_LANGUAGE_READ},
        {"/srv/node_modules/left/node_modules/right/package.json", 0644, 10, GB_LANGUAGE_READ},
        {"/srv/node_modules/left/dist/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/srv/node_modules/@a/b/lib/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/srv/node_modules/@a/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/srv/node_modules/.cache/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/srv/node_modules/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/srv/app/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/usr/share/nodejs/semver/package.json", 0644, 10, GB_LANGUAGE_READ},
        {"/usr/share/nodejs/@npmcli/arborist/package.json", 0644, 10, GB_LANGUAGE_READ},
        {"/usr/share/nodejs/semver/lib/package.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/x/site-packages/a-1.0.dist-info/METADATA", 0644, 10, GB_LANGUAGE_READ},
        {"/x/site-packages/a/METADATA", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/x/site-packages/a-1.0.egg-info", 0644, 10, GB_LANGUAGE_READ},
        {"/x/site-packages/a-1.0.egg-info/PKG-INFO", 0644, 10, GB_LANGUAGE_READ},
        {"/x/site-packages/a-1.0.egg/EGG-INFO/PKG-INFO", 0644, 10, GB_LANGUAGE_READ},
        {"/x/PKG-INFO", 0644, 10, GB_LANGUAGE_IGNORE},
        {"", 0755, 1 << 20, GB_LANGUAGE_SNIFF},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (gb_language_wants(gb_str_of(rows[i].path), rows[i].mode, rows[i].size) !=
            rows[i].interest)
            fail_msg("%s %o %lu", rows[i].path, rows[i].mode, (unsigned long)rows[i].size);
}

static void test_npm(void **state)
{
    (void)state;
    static const char path[] = "/srv/node_modules/left/package.json";
    is(path, "{\"name\": \"left\", \"version\": \"1.2.3\", \"dependencies\": {\"x\": \"1\"}}",
       "npm left 1.2.3");
    // The alias: what it is, not what it is called here.
    is(path, "{\"version\": \"1.0.0\", \"a\": [{\"name\": \"no\"}], \"name\": \"@s/right\"}",
       "npm @s/right 1.0.0");
    is(path, "{\"version\": \"1.0.0\"}", "npm left 1.0.0");
    is("/srv/node_modules/@s/left/package.json", "{\"version\": \"1.0.0\"}", "npm @s/left 1.0.0");
    is(path, "\xef\xbb\xbf{\"name\": \"left\", \"version\": {\"name\": \"z\", \"l\": [[1]]}}",
       "npm left ");
    is(path, "{\"type\": \"module\"}", "");
    is(path, "{\"name\": \"left\",",
       "problem: /srv/node_modules/left/package.json: not valid JSON");
    is(path, "[1]", "problem: /srv/node_modules/left/package.json: not valid JSON");
}

static void test_python(void **state)
{
    (void)state;
    static const char path[] = "/x/a-1.dist-info/METADATA";
    is(path,
       "Metadata-Version: 2.1\nName: Flask_Login\nVersion: 1.0.post1\nSummary: x\n\nName: y\n",
       "PyPI Flask_Login 1.0.post1");
    is(path, "metadata-version: 1.0\r\nNAME:a\r\nVersion:  2 \r\n", "PyPI a 2");
    is(path, "Name: a\n\nVersion: 2\n", "PyPI a ");
    is(path, "Version: 2\n", "problem: /x/a-1.dist-info/METADATA: metadata without a name");
    is("/x/a.egg-info", "Name: a\nName: b\nVersion: 2\n", "PyPI a 2");
}

static void test_long(void **state)
{
    (void)state;
    struct gb_buffer text = gb_buffer(1u << 20);
    gb_buffer_text(&text, "Name: a\nVersion: ");
    for (int i = 0; i < 100000; i++)
        gb_buffer_char(&text, '1');
    assert_string_equal(
        language_found(arena, &out, "/x/a-1.dist-info/METADATA", gb_buffer_str(&text)),
        "problem: /x/a-1.dist-info/METADATA: a name or version of more than 1024 bytes");
    gb_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wants, setup, teardown),
        cmocka_unit_test_setup_teardown(test_npm, setup, teardown),
        cmocka_unit_test_setup_teardown(test_python, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
