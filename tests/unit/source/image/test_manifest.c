// Manifests, indexes, configurations, and the choice of a platform.
#include "source/image/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define D0 "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define D1 "sha256:1111111111111111111111111111111111111111111111111111111111111111"

static struct gb_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 16 << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void test_a_manifest(void **state)
{
    struct gb_manifest manifest;
    struct gb_error err = {0};
    (void)state;
    assert_int_equal(
        gb_manifest_parse(GB_STR("{\"schemaVersion\":2,\"config\":{\"digest\":\"" D0
                                 "\",\"size\":7},\"layers\":[{\"mediaType\":\"t\",\"digest\":\"" D1
                                 "\",\"size\":9}],\"unknown\":[1,{}]}"),
                          "m", 10, arena, &manifest, &err),
        GB_OK);
    assert_false(manifest.is_index);
    assert_true(gb_str_is(manifest.config.digest, D0));
    assert_int_equal(manifest.count, 1);
    assert_int_equal(manifest.entries[0].size, 9);
    assert_true(gb_str_is(manifest.entries[0].media_type, "t"));
    assert_int_equal(gb_manifest_parse(GB_STR("{\"fsLayers\":[],\"layers\":[]}"), "m", 10, arena,
                                       &manifest, &err),
                     GB_E_UNSUPPORTED);
    assert_int_equal(gb_manifest_parse(GB_STR("{\"config\":{\"digest\":\"" D0 "\"}}"), "m", 10,
                                       arena, &manifest, &err) < 0,
                     1);
}

static void test_the_limit_of_layers(void **state)
{
    struct gb_manifest manifest;
    struct gb_error err = {0};
    struct gb_str text = GB_STR("{\"config\":{\"digest\":\"" D0 "\"},\"layers\":[{\"digest\":\"" D0
                                "\"},{\"digest\":\"" D1 "\"}]}");
    (void)state;
    assert_int_equal(gb_manifest_parse(text, "m", 2, arena, &manifest, &err), GB_OK);
    assert_int_equal(gb_manifest_parse(text, "m", 1, arena, &manifest, &err), GB_E_LIMIT);
}

static void test_platforms(void **state)
{
    static const struct {
        const char *wanted;
        size_t entry; // 9 = none
    } rows[] = {
        {"linux/amd64", 1}, {"linux/arm64", 2},    {"linux/arm64/v8", 2}, {"linux/arm/v7", 4},
        {"linux/arm", 4},   {"linux/arm/v6", 3},   {"linux/arm/v5", 9},   {"windows/amd64", 9},
        {"linux/386", 9},   {"linux/amd64/v3", 9},
    };
    struct gb_manifest index;
    struct gb_error err = {0};
    (void)state;
#define ENTRY(architecture, more)                                                                  \
    "{\"digest\":\"" D0 "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"" architecture       \
    "\"" more "}}"
    assert_int_equal(
        gb_manifest_parse(
            GB_STR("{\"manifests\":[{\"digest\":\"" D1
                   "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"},"
                   "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}}"
                   "," ENTRY("amd64", "") "," ENTRY("arm64", ",\"variant\":\"v8\"") "," ENTRY(
                       "arm", ",\"variant\":\"v6\"") "," ENTRY("arm", ",\"variant\":\"v7\"") "]}"),
            "i", 1, arena, &index, &err),
        GB_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_platform platform;
        assert_int_equal(gb_platform_parse(gb_str_of(rows[i].wanted), &platform, &err), GB_OK);
        const struct gb_descriptor *chosen = gb_manifest_choose(&index, &platform);
        size_t entry = chosen ? (size_t)(chosen - index.entries) : 9;
        if (entry != rows[i].entry)
            fail_msg("%s: entry %zu", rows[i].wanted, entry);
    }
    assert_true(gb_str_is(gb_manifest_platforms(&index, arena),
                          "linux/amd64, linux/arm64/v8, linux/arm/v6, linux/arm/v7"));
    struct gb_platform platform;
    static const char *const none[] = {"linux", "linux/", "/amd64", "a/b/c/d", "//"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(gb_platform_parse(gb_str_of(none[i]), &platform, &err), GB_E_USAGE);
    assert_int_equal(gb_platform_parse(GB_STR(""), &platform, &err), GB_OK);
    assert_true(gb_str_is(platform.os, "linux"));
}

static void test_a_configuration(void **state)
{
    struct gb_image_config config;
    struct gb_error err = {0};
    (void)state;
    assert_int_equal(
        gb_image_config_parse(
            GB_STR("{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\",\"config\":{"
                   "\"User\":\"1000:1000\",\"Env\":[\"A=secret\",\"B\",7,\"=x\"]},\"history\":[{"
                   "\"created_by\":\"a\",\"empty_layer\":true},{\"created_by\":\"b\"}],"
                   "\"rootfs\":{\"diff_ids\":[\"" D0 "\"]}}"),
            "c", arena, &config, &err),
        GB_OK);
    assert_true(gb_str_is(config.user, "1000:1000"));
    assert_int_equal(config.variable_count, 3);
    assert_true(gb_str_is(config.variables[0], "A"));
    assert_true(gb_str_is(config.variables[1], "B"));
    assert_int_equal(config.history_count, 2);
    assert_true(config.history[0].empty && !config.history[1].empty);
    assert_int_equal(config.diff_count, 1);
    assert_int_equal(gb_image_config_parse(GB_STR("{\"config\":null}"), "c", arena, &config, &err),
                     GB_OK);
    assert_int_equal(gb_image_config_parse(GB_STR("{\"rootfs\":{\"diff_ids\":[\"x\"]}}"), "c",
                                           arena, &config, &err),
                     GB_E_SYNTAX);
}

static void test_the_list_of_docker_save(void **state)
{
    struct gb_saved_image *images;
    size_t count;
    struct gb_error err = {0};
    (void)state;
    assert_int_equal(
        gb_saved_images_parse(
            GB_STR("[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"a\",\"b\"]},"
                   "{\"Config\":\"d\",\"RepoTags\":[\"x:1\"],\"Layers\":[]}]"),
            "m", 10, arena, &images, &count, &err),
        GB_OK);
    assert_int_equal(count, 2);
    assert_int_equal(images[0].tag_count, 0);
    assert_int_equal(images[0].layer_count, 2);
    assert_true(gb_str_is(images[1].tags[0], "x:1"));
    assert_int_equal(gb_saved_images_parse(GB_STR("{}"), "m", 10, arena, &images, &count, &err),
                     GB_E_TYPE);
}

static void test_digests(void **state)
{
    struct gb_error err = {0};
    struct gb_str empty =
        GB_STR("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    (void)state;
    assert_true(gb_is_digest(empty));
    assert_int_equal(gb_digest_check(empty, GB_STR(""), "it", &err), GB_OK);
    assert_int_equal(gb_digest_check(empty, GB_STR("x"), "it", &err), GB_E_CONFLICT);
    assert_int_equal(gb_digest_check(GB_STR("sha256:e3"), GB_STR(""), "it", &err), GB_E_SYNTAX);
    static const char *const none[] = {"",
                                       "sha256:",
                                       "sha1:00",
                                       "md5:" D0,
                                       "sha256:E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495"
                                       "991b7852b855",
                                       "sha512:00",
                                       D0 "0"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (gb_is_digest(gb_str_of(none[i])))
            fail_msg("%s", none[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_manifest),      TEST(test_the_limit_of_layers),     TEST(test_platforms),
        TEST(test_a_configuration), TEST(test_the_list_of_docker_save), TEST(test_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
