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
        {"/srv/app.JAR", 0644, 10, GB_LANGUAGE_READ},
        {"/srv/app.war", 0755, 1 << 20, GB_LANGUAGE_READ},
        {"/srv/.jar", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/var/www/vendor/composer/installed.json", 0644, 10, GB_LANGUAGE_READ},
        {"/var/www/vendor/installed.json", 0644, 10, GB_LANGUAGE_IGNORE},
        {"/opt/app/app.deps.json", 0644, 10, GB_LANGUAGE_READ},
        {"/usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec", 0644, 10, GB_LANGUAGE_READ},
        {"/usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec", 0644, 10, GB_LANGUAGE_READ},
        {"/usr/lib/ruby/gems/3.1.0/gems/a-1/a.gemspec", 0644, 10, GB_LANGUAGE_IGNORE},
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

static void test_ruby(void **state)
{
    (void)state;
    static const char path[] = "/g/specifications/rake-13.0.6.gemspec";
    is(path,
       "# -*- encoding: utf-8 -*-\n# stub: rake 13.0.6 ruby lib\n\nGem::Specification.new do |s|\n"
       "  s.name = \"other\".freeze\n",
       "RubyGems rake 13.0.6");
    is(path,
       "Gem::Specification.new do |spec|\n  spec.name = 'nokogiri'.freeze\n"
       "  spec.version = Gem::Version.new(\"1.13.10\")\n  spec.platform = \"java\"\n",
       "RubyGems nokogiri 1.13.10");
    is(path, "  s.rubygems_version = \"3.3\"\n  s.name = \"a\"\n", "RubyGems a ");
    is(path, "nothing\n", "problem: /g/specifications/rake-13.0.6.gemspec: a gem without a name");
}

static void test_php(void **state)
{
    (void)state;
    static const char path[] = "/w/vendor/composer/installed.json";
    is(path,
       "[{\"name\": \"a/b\", \"version\": \"v1.0.0\", \"require\": {\"name\": 1}},"
       "{\"version\": \"2\", \"name\": \"c/d\"}, {\"version\": \"3\"}]",
       "Packagist a/b v1.0.0\nPackagist c/d 2");
    is(path,
       "{\"packages\": [{\"name\": \"a/b\", \"version\": \"1.0.0\"},"
       "{\"name\": \"phpunit/phpunit\", \"version\": \"9.5.0\"}], \"dev\": true,"
       "\"dev-package-names\": [\"phpunit/phpunit\"]}",
       "Packagist a/b 1.0.0\nPackagist phpunit/phpunit 9.5.0 development");
    is(path, "{\"packages\": {}}", "");
    is(path, "[1]", "problem: /w/vendor/composer/installed.json: not valid JSON");
    is(path, "{\"packages\": [{\"name\"",
       "problem: /w/vendor/composer/installed.json: not valid JSON");
}

static void test_dotnet(void **state)
{
    (void)state;
    static const char path[] = "/opt/app/app.deps.json";
    is(path,
       "{\"runtimeTarget\": {\"name\": \"net6\"}, \"targets\": {\"net6\": {"
       "\"app/1.0.0\": {\"runtime\": {\"app.dll\": {}}},"
       "\"Newtonsoft.Json/12.0.3\": {\"runtime\": {\"lib/n.dll\": {\"v\": \"1\"}}},"
       "\"NETStandard.Library/1.6.1\": {\"dependencies\": {\"x\": \"1\"}},"
       "\"Empty/1.0.0\": {\"runtime\": {}}},"
       "\"net6/linux-x64\": {\"Native/1.0.0\": {\"native\": {\"n.so\": {}}}}},"
       "\"libraries\": {\"app/1.0.0\": {\"type\": \"project\"},"
       "\"Newtonsoft.Json/12.0.3\": {\"type\": \"package\", \"serviceable\": true},"
       "\"NETStandard.Library/1.6.1\": {\"type\": \"package\"},"
       "\"Empty/1.0.0\": {\"type\": \"package\"},"
       "\"Native/1.0.0\": {\"type\": \"package\"},"
       "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.1\": {\"type\": "
       "\"runtimepack\"}}}",
       "NuGet Newtonsoft.Json 12.0.3\nNuGet Native 1.0.0\n"
       "NuGet Microsoft.NETCore.App.Runtime.linux-x64 6.0.1");
    // Without targets, everything that is listed.
    is(path, "{\"libraries\": {\"A/1.0\": {\"type\": \"package\"}}}", "NuGet A 1.0");
    is(path, "{\"libraries\": {\"A/1.0\": 1}}", "");
    is(path, "{\"targets\": {\"x\": {\"A/1\": {\"runtime\"}",
       "problem: /opt/app/app.deps.json: not valid JSON");
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
        cmocka_unit_test_setup_teardown(test_ruby, setup, teardown),
        cmocka_unit_test_setup_teardown(test_php, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dotnet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
