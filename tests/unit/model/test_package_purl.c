// Package URLs of installed packages.
#include "model/package_purl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
    const char *kind, *fields[7][2];
    const char *os_id, *os_version, *purl;
};

static const struct row rows[] = {
    {"os_package",
     {{"manager", "dpkg"},
      {"name", "libssl3"},
      {"version", "3.0.11-1"},
      {"architecture", "amd64"},
      {"source", "openssl"},
      {"source_version", "3.0.11-1"}},
     "debian",
     "12",
     "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl"},
    {"os_package",
     {{"manager", "dpkg"},
      {"name", "bsdutils"},
      {"version", "1:2.38.1-5"},
      {"source", "util-linux"},
      {"source_version", "2.38.1-5"}},
     "debian",
     "12",
     "pkg:deb/debian/bsdutils@2.38.1-5?distro=debian-12&epoch=1&upstream=util-linux%402.38.1-5"},
    {"os_package",
     {{"manager", "rpm"},
      {"name", "nodejs"},
      {"version", "1:18.1-2.module"},
      {"module", "nodejs:18"},
      {"source", "nodejs"},
      {"source_version", "1:18.1-2.module"}},
     "rhel",
     "9.2",
     "pkg:rpm/redhat/nodejs@18.1-2.module?distro=rhel-9.2&epoch=1&rpmmod=nodejs:18&upstream="
     "nodejs-18.1-2.module.src.rpm"},
    {"os_package",
     {{"manager", "apk"}, {"name", "musl"}, {"version", "1.2.4-r1"}, {"source", "musl"}},
     "alpine",
     "3.18.4",
     "pkg:apk/alpine/musl@1.2.4-r1?distro=alpine-3.18.4"},
    {"os_package", {{"manager", "dpkg"}, {"name", "x"}, {"version", "1"}}, "", "", "pkg:deb/x@1"},
    {"language_package",
     {{"ecosystem", "npm"}, {"name", "@babel/core"}, {"version", "7.0.0"}},
     "debian",
     "12",
     "pkg:npm/%40babel/core@7.0.0"},
    {"os_package", {{"manager", "pacman"}, {"name", "x"}, {"version", "1"}}, "arch", "", NULL},
    {"language_package",
     {{"ecosystem", "Elsewhere"}, {"name", "x"}, {"version", "1"}},
     "",
     "",
     NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_arena *arena = gb_arena_new("test", 1 << 20);
        struct gb_resource package = {.kind = gb_str_of(rows[i].kind), .props = gb_map_new(arena)};
        for (size_t f = 0; f < 7 && rows[i].fields[f][0]; f++)
            gb_map_put(arena, package.props, gb_str_of(rows[i].fields[f][0]),
                       gb_string(gb_str_of(rows[i].fields[f][1])));
        struct gb_purl purl;
        bool named = gb_package_purl(&package, gb_str_of(rows[i].os_id),
                                     gb_str_of(rows[i].os_version), arena, &purl);
        assert_int_equal(named, rows[i].purl != NULL);
        if (named) {
            GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(4096);
            gb_purl_write(&purl, &out);
            assert_string_equal(gb_str_c(arena, gb_buffer_str(&out)), rows[i].purl);
        }
        gb_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
