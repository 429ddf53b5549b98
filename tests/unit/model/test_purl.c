// Package URLs: parts, spelling by type, round trips, what is refused.
#include "model/purl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_purl parse(const char *text)
{
    struct gb_purl purl;
    struct gb_error err = {0};
    if (gb_purl_parse(gb_str_of(text), arena, &purl, &err) < 0)
        fail_msg("%s: %s", text, err.reason);
    return purl;
}

static void expect(const char *text, struct gb_str got, const char *wanted)
{
    if (!gb_str_is(got, wanted))
        fail_msg("%s: \"" GB_PRI "\", not \"%s\"", text, GB_ARG(got), wanted);
}

static void takes_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *type, *ns, *name, *version, *subpath;
    } rows[] = {
        {"pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64", "deb", "debian", "libssl3",
         "3.0.11-1~deb12u2", ""},
        {"PKG://Deb/Debian/LibSSL3@1%3A2.0%2Bb1", "deb", "debian", "libssl3", "1:2.0+b1", ""},
        {"pkg:npm/%40babel/core@7.24.0", "npm", "@babel", "core", "7.24.0", ""},
        {"pkg:npm/@babel/core", "npm", "@babel", "core", "", ""},
        {"pkg:npm/@babel/core@7.24.0", "npm", "@babel", "core", "7.24.0", ""},
        {"pkg:golang/github.com/BurntSushi/toml@v1.3.2#cmd/tomlv", "golang",
         "github.com/BurntSushi", "toml", "v1.3.2", "cmd/tomlv"},
        {"pkg:pypi/Typing_Extensions@4.0", "pypi", "", "typing-extensions", "4.0", ""},
        {"pkg:maven/org.apache.commons/commons-Text@1.9?type=jar", "maven", "org.apache.commons",
         "commons-Text", "1.9", ""},
        {"pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&epoch=1", "rpm", "redhat",
         "openssl-libs", "3.0.7-27.el9", ""},
        {"pkg:gem//rails@7.0", "gem", "", "rails", "7.0", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_purl purl = parse(rows[i].text);
        expect(rows[i].text, purl.type, rows[i].type);
        expect(rows[i].text, purl.ns, rows[i].ns);
        expect(rows[i].text, purl.name, rows[i].name);
        expect(rows[i].text, purl.version, rows[i].version);
        expect(rows[i].text, purl.subpath, rows[i].subpath);
    }
}

static void takes_qualifiers(void **state)
{
    (void)state;
    const char *text = "pkg:deb/debian/libssl3@3?Arch=amd64&upstream=openssl%403.0&empty=&epoch=1";
    struct gb_purl purl = parse(text);
    expect(text, gb_purl_qualifier(&purl, "arch"), "amd64");
    expect(text, gb_purl_qualifier(&purl, "upstream"), "openssl@3.0");
    expect(text, gb_purl_qualifier(&purl, "epoch"), "1");
    expect(text, gb_purl_qualifier(&purl, "empty"), "");
    assert_int_equal(purl.qualifier_count, 3);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"pkg:deb/debian/g%2B%2B-12@12.2.0-14?upstream=gcc-12&arch=amd64",
         "pkg:deb/debian/g%2B%2B-12@12.2.0-14?arch=amd64&upstream=gcc-12"},
        {"pkg:npm/@babel/core@7.24.0", "pkg:npm/%40babel/core@7.24.0"},
        {"pkg:apk/Alpine/SSL_client@1.36~x", "pkg:apk/alpine/ssl_client@1.36~x"},
        {"pkg:golang/a/b@v1#x/y%20z", "pkg:golang/a/b@v1#x/y%20z"},
        {"pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/Newtonsoft.Json@13.0.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_purl purl = parse(rows[i][0]);
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1000);
        gb_purl_write(&purl, &out);
        expect(rows[i][0], gb_buffer_str(&out), rows[i][1]);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",          "pkg:",         "pkg:deb",        "pkg:deb/",       "http://x",
        "deb/x",     "pkg:/x",       "pkg:deb/x%4",    "pkg:deb/x@%zz",  "pkg:deb/x%00",
        "pkg:d b/x", "pkg:deb/x?=1", "pkg:deb/x?arch", "pkg:deb/x?a=%1", "pkg:deb//",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_purl purl;
        struct gb_error err = {0};
        if (gb_purl_parse(gb_str_of(rows[i]), arena, &purl, &err) != GB_E_SYNTAX || !err.reason[0])
            fail_msg("%s: not refused", rows[i]);
    }
    static char large[100000] = "pkg:deb/";
    memset(large + 8, 'x', sizeof large - 8);
    struct gb_purl purl;
    assert_int_equal(gb_purl_parse((struct gb_str){large, sizeof large}, arena, &purl, NULL),
                     GB_E_LIMIT);
}

static void names_packages(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"pkg:golang/github.com/prometheus/prometheus@v0.45.0", "Go",
         "github.com/prometheus/prometheus"},
        {"pkg:golang/stdlib@1.22.4", "Go", "stdlib"},
        {"pkg:npm/%40babel/core@7.24.0", "npm", "@babel/core"},
        {"pkg:maven/org.apache.commons/commons-text@1.9", "Maven",
         "org.apache.commons:commons-text"},
        {"pkg:composer/symfony/http-kernel@v5.4.0", "Packagist", "symfony/http-kernel"},
        {"pkg:cargo/serde@1.0.0", "crates.io", "serde"},
        {"pkg:nuget/Newtonsoft.Json@13.0.1", "NuGet", "Newtonsoft.Json"},
        {"pkg:gem/rails@7.0.1", "RubyGems", "rails"},
        {"pkg:pypi/django@4.2", "PyPI", "django"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_purl purl = parse(rows[i][0]), back;
        const char *ecosystem = NULL;
        struct gb_str name;
        assert_true(gb_purl_to_package(&purl, arena, &ecosystem, &name));
        assert_string_equal(ecosystem, rows[i][1]);
        expect(rows[i][0], name, rows[i][2]);
        assert_true(gb_purl_of_package(gb_str_of(ecosystem), name, purl.version, &back));
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1000);
        gb_purl_write(&back, &out);
        expect(rows[i][0], gb_buffer_str(&out), rows[i][0]);
    }
    struct gb_purl deb = parse("pkg:deb/debian/x@1"), none;
    const char *ecosystem;
    struct gb_str name;
    assert_false(gb_purl_to_package(&deb, arena, &ecosystem, &name));
    assert_false(gb_purl_of_package(GB_STR("Debian"), GB_STR("x"), GB_STR("1"), &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_parts),          cmocka_unit_test(takes_qualifiers),
        cmocka_unit_test(writes_what_it_reads), cmocka_unit_test(refuses),
        cmocka_unit_test(names_packages),
    };
    return cmocka_run_group_tests_name("model/purl", tests, set_up, tear_down);
}
