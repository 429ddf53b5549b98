// Writing SBOMs: the purls that other scanners match, the same bytes for the same collection, and
// the round trip: what is written is read again as the same packages, in both formats.
#include "sink/sbom/sbom.h"
#include "source/sbom/sbom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_error err;

typedef int write_fn(const struct gb_collection *all, const struct gb_sbom_subject *subject,
                     struct gb_arena *scratch, struct gb_buffer *out, struct gb_error *error);

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 64 << 20);
    err = (struct gb_error){0};
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

struct field {
    const char *name, *value; // "true" and "false" are booleans
};

static void add(struct gb_collection *all, const char *kind, const char *name,
                const struct field *fields)
{
    struct gb_map_value *props = gb_collection_add(all, gb_str_of(kind), gb_str_of(name));
    assert_non_null(props);
    if (name)
        gb_map_put(arena, props, GB_STR("name"), gb_string(gb_str_of(name)));
    for (; fields->name; fields++) {
        bool yes = strcmp(fields->value, "true") == 0, no = strcmp(fields->value, "false") == 0;
        gb_map_put(arena, props, gb_str_of(fields->name),
                   yes || no ? gb_bool(yes) : gb_string(gb_str_of(fields->value)));
    }
}

#define FIELDS(...)                                                                                \
    (const struct field[])                                                                         \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }

static struct gb_collection *debian(void)
{
    struct gb_collection *all = gb_collection_new(arena, 0);
    add(all, "os", NULL,
        FIELDS({"id", "debian"}, {"version", "12"},
               {"pretty_name", "Debian GNU/Linux 12 (bookworm)"}));
    add(all, "os_package", "libssl3",
        FIELDS({"manager", "dpkg"}, {"version", "3.0.11-1~deb12u2"}, {"architecture", "amd64"},
               {"source", "openssl"}, {"source_version", "3.0.11-1~deb12u2"},
               {"installed", "true"}));
    add(all, "os_package", "bsdutils",
        FIELDS({"manager", "dpkg"}, {"version", "1:2.38.1-5+b1"}, {"architecture", "amd64"},
               {"source", "util-linux"}, {"source_version", "2.38.1-5"}, {"installed", "true"}));
    add(all, "os_package", "docker-ce",
        FIELDS({"manager", "dpkg"}, {"version", "5:24.0.7-1"}, {"architecture", "amd64"},
               {"source", "docker-ce"}, {"source_version", "5:24.0.7-1"}, {"installed", "true"},
               {"origin", "Docker"}, {"third_party", "true"}));
    add(all, "os_package", "removed",
        FIELDS({"manager", "dpkg"}, {"version", "1"}, {"installed", "false"}));
    add(all, "language_package", "github.com/BurntSushi/toml",
        FIELDS({"ecosystem", "Go"}, {"version", "v1.3.2"}, {"path", "/usr/bin/tool"},
               {"system", "linux"}, {"architecture", "amd64"}, {"main_module", "false"},
               {"standard_library", "false"}, {"development", "false"}));
    add(all, "language_package", "stdlib",
        FIELDS({"ecosystem", "Go"}, {"version", "1.22.4"}, {"path", "/usr/bin/tool"},
               {"main_module", "false"}, {"standard_library", "true"}, {"development", "false"}));
    add(all, "language_package", "org.apache.commons:commons-text",
        FIELDS({"ecosystem", "Maven"}, {"version", "1.9"}, {"path", "/srv/app.jar"},
               {"inside", "BOOT-INF/lib/commons-text-1.9.jar"}, {"main_module", "false"},
               {"standard_library", "false"}, {"development", "false"}));
    for (int i = 0; i < 2; i++)
        add(all, "language_package", "@babel/core",
            FIELDS({"ecosystem", "npm"}, {"version", "7.24.0"},
                   {"path", i ? "/srv/b/package.json" : "/srv/a/package.json"}, {"owner", "node-x"},
                   {"main_module", "false"}, {"standard_library", "false"},
                   {"development", "true"}));
    return all;
}

static struct gb_collection *red_hat(void)
{
    struct gb_collection *all = gb_collection_new(arena, 0);
    add(all, "os", NULL, FIELDS({"id", "rhel"}, {"version", "9.4"}, {"pretty_name", "RHEL 9.4"}));
    add(all, "os_package", "nodejs",
        FIELDS({"manager", "rpm"}, {"version", "1:18.19.0-1.module+el9"},
               {"architecture", "x86_64"}, {"source", "nodejs"},
               {"source_version", "18.19.0-1.module+el9"}, {"module", "nodejs:18"},
               {"installed", "true"}));
    return all;
}

static struct gb_collection *alpine(void)
{
    struct gb_collection *all = gb_collection_new(arena, 0);
    add(all, "os", NULL,
        FIELDS({"id", "alpine"}, {"version", "3.19.1"}, {"pretty_name", "Alpine Linux v3.19"}));
    add(all, "os_package", "ssl_client",
        FIELDS({"manager", "apk"}, {"version", "1.36.1-r15"}, {"architecture", "x86_64"},
               {"source", "busybox"}, {"source_version", "1.36.1-r15"}, {"installed", "true"}));
    return all;
}

static struct gb_str written(write_fn *write, const struct gb_collection *all)
{
    struct gb_sbom_subject subject = {.type = "device", .name = GB_STR("web-01")};
    subject.tool_version = GB_STR("1.0");
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 20);
    if (write(all, &subject, arena, &out, &err) < 0)
        fail_msg("%s", err.reason);
    assert_false(out.failed);
    return gb_str_copy(arena, gb_buffer_str(&out));
}

static struct gb_collection *read_again(struct gb_str text)
{
    struct gb_collection *all = gb_collection_new(arena, 0);
    struct gb_sbom sbom;
    if (gb_sbom_collect(text, GB_STR("x.json"), NULL, all, &sbom, &err) < 0)
        fail_msg("%s\n" GB_PRI, err.reason, GB_ARG(text));
    assert_false(sbom.foreign);
    assert_int_equal(sbom.without_epoch + sbom.without_purl + sbom.other_types + sbom.malformed, 0);
    return all;
}

static bool same_path(const struct gb_resource *a, const struct gb_resource *b)
{
    const struct gb_value *x = gb_map_find(a->props, GB_STR("path"));
    const struct gb_value *y = gb_map_find(b->props, GB_STR("path"));
    return !x || (y && gb_value_equal(x, y));
}

// Every field of what was written is there again.
static void compare(const struct gb_collection *before, const struct gb_collection *after)
{
    size_t installed = 0;
    for (size_t i = 0; i < before->resource_count; i++) {
        const struct gb_resource *was = before->resources[i], *is = NULL;
        const struct gb_value *there = gb_map_find(was->props, GB_STR("installed"));
        if (there && !there->boolean)
            continue;
        installed++;
        for (size_t j = 0; j < after->resource_count; j++)
            if (gb_str_eq(after->resources[j]->kind, was->kind) &&
                gb_str_eq(after->resources[j]->name, was->name) &&
                same_path(was, after->resources[j]))
                is = after->resources[j];
        if (!is)
            fail_msg(GB_PRI " is gone", GB_ARG(was->id));
        for (size_t f = 0; f < was->props->count; f++) {
            const struct gb_pair *pair = &was->props->pairs[f];
            const struct gb_value *value = gb_map_find(is->props, pair->key.string);
            if (!value || !gb_value_equal(value, &pair->value))
                fail_msg(GB_PRI "." GB_PRI " is \"" GB_PRI "\", was \"" GB_PRI "\"",
                         GB_ARG(was->id), GB_ARG(pair->key.string),
                         GB_ARG(gb_value_str_or(value, GB_STR("(other)"))),
                         GB_ARG(gb_value_str_or(&pair->value, GB_STR("(other)"))));
        }
    }
    assert_int_equal(after->resource_count, installed);
}

static void round_trips(void **state)
{
    (void)state;
    struct gb_collection *collections[] = {debian(), red_hat(), alpine()};
    for (size_t i = 0; i < 3; i++) {
        struct gb_str cyclonedx = written(gb_sbom_write_cyclonedx, collections[i]);
        struct gb_collection *again = read_again(cyclonedx);
        compare(collections[i], again);
        struct gb_str spdx = written(gb_sbom_write_spdx, collections[i]);
        compare(collections[i], read_again(spdx));
        // A copy of a copy is the same document.
        assert_true(gb_str_eq(written(gb_sbom_write_cyclonedx, again), cyclonedx));
    }
}

static void expect_in(struct gb_str text, const char *part)
{
    if (!gb_str_contains(text, gb_str_of(part)))
        fail_msg("there is no %s in\n" GB_PRI, part, GB_ARG(text));
}

static void names_packages_for_others(void **state)
{
    (void)state;
    static write_fn *const writers[] = {gb_sbom_write_cyclonedx, gb_sbom_write_spdx};
    for (size_t i = 0; i < 2; i++) {
        struct gb_str text = written(writers[i], debian());
        expect_in(text, "\"pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&"
                        "upstream=openssl\"");
        expect_in(text, "\"pkg:deb/debian/bsdutils@2.38.1-5%2Bb1?arch=amd64&distro=debian-12&"
                        "epoch=1&upstream=util-linux%402.38.1-5\"");
        expect_in(text, "\"1:2.38.1-5+b1\"");
        expect_in(text, "\"pkg:golang/github.com/BurntSushi/toml@v1.3.2\"");
        expect_in(text, "\"pkg:maven/org.apache.commons/commons-text@1.9\"");
        expect_in(text, "\"pkg:npm/%40babel/core@7.24.0\"");
        assert_false(gb_str_contains(text, GB_STR("pkg:deb/debian/removed")));
        text = written(writers[i], red_hat());
        expect_in(text,
                  "\"pkg:rpm/redhat/nodejs@18.19.0-1.module%2Bel9?arch=x86_64&distro=rhel-9.4"
                  "&epoch=1&rpmmod=nodejs:18&upstream=nodejs-18.19.0-1.module%2Bel9.src.rpm\"");
        text = written(writers[i], alpine());
        expect_in(text, "\"pkg:apk/alpine/ssl_client@1.36.1-r15?arch=x86_64&distro=alpine-3.19.1&"
                        "upstream=busybox\"");
    }
    struct gb_str text = written(gb_sbom_write_cyclonedx, debian());
    expect_in(text, "\"type\": \"operating-system\"");
    expect_in(text, "\"bom-ref\": \"pkg:npm/%40babel/core@7.24.0#2\"");
    assert_false(gb_str_contains(text, GB_STR("00000000-0000")));
}

static void is_deterministic(void **state)
{
    (void)state;
    assert_true(gb_str_eq(written(gb_sbom_write_cyclonedx, debian()),
                          written(gb_sbom_write_cyclonedx, debian())));
    assert_true(
        gb_str_eq(written(gb_sbom_write_spdx, debian()), written(gb_sbom_write_spdx, debian())));
    assert_false(
        gb_str_eq(written(gb_sbom_write_spdx, debian()), written(gb_sbom_write_spdx, alpine())));
}

static void says_when_it_is_too_large(void **state)
{
    (void)state;
    struct gb_sbom_subject subject = {.type = "device", .name = GB_STR("x")};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1000);
    assert_int_equal(gb_sbom_write_cyclonedx(debian(), &subject, arena, &out, &err), GB_E_LIMIT);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer other = gb_buffer(100);
    assert_int_equal(gb_sbom_write_spdx(debian(), &subject, arena, &other, &err), GB_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trips, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_packages_for_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_deterministic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(says_when_it_is_too_large, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("sink/sbom", tests, NULL, NULL);
}
