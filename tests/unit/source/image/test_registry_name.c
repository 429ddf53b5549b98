// Names of images in registries, challenges, credentials, names in storages.
#include "source/image/credentials.h"
#include "source/image/registry_name.h"
#include "source/image/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

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

#define assert_str(value, text)                                                                    \
    do {                                                                                           \
        struct gb_str got_ = (value);                                                              \
        if (!gb_str_is(got_, text))                                                                \
            fail_msg("\"" GB_PRI "\" is not \"%s\"", GB_ARG(got_), text);                          \
    } while (0)

static void test_names(void **state)
{
    static const struct {
        const char *text, *host, *repository, *tag, *digest;
        bool loopback;
    } rows[] = {
        {"debian", "registry-1.docker.io", "library/debian", "latest", "", false},
        {"debian:12", "registry-1.docker.io", "library/debian", "12", "", false},
        {"team/app", "registry-1.docker.io", "team/app", "latest", "", false},
        {"docker.io/debian", "registry-1.docker.io", "library/debian", "latest", "", false},
        {"quay.io/a/b/c:v1.2_3-x", "quay.io", "a/b/c", "v1.2_3-x", "", false},
        {"localhost/app", "localhost", "app", "latest", "", true},
        {"localhost:5000/app:1", "localhost:5000", "app", "1", "", true},
        {"127.0.0.1:5000/app", "127.0.0.1:5000", "app", "latest", "", true},
        {"[::1]:5000/app", "[::1]:5000", "app", "latest", "", true},
        {"127.example.org/app", "127.example.org", "app", "latest", "", false},
        {"Registry.Example/app", "Registry.Example", "app", "latest", "", false},
        {"debian@" DIGEST, "registry-1.docker.io", "library/debian", "", DIGEST, false},
        {"quay.io/a/b:1@" DIGEST, "quay.io", "a/b", "", DIGEST, false},
        {"a/b..c/d__e", "registry-1.docker.io", "a/b..c/d__e", "latest", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_registry_name name;
        struct gb_error err = {0};
        if (gb_registry_name_parse(gb_str_of(rows[i].text), arena, &name, &err))
            fail_msg("%s: %s", rows[i].text, err.reason);
        assert_str(name.host, rows[i].host);
        assert_str(name.repository, rows[i].repository);
        assert_str(name.tag, rows[i].tag);
        assert_str(name.digest, rows[i].digest);
        if (name.loopback != rows[i].loopback)
            fail_msg("%s: loopback", rows[i].text);
    }
}

static void test_what_is_no_name(void **state)
{
    static const char *const rows[] = {
        "",         "/",          "a//b", "/a",   "a/",    "../a",     "a/../b",      "A/b",
        "Debian",   "a b",        "a?b",  "a:",   "a:.x",  "a:x/y z",  "a@sha256:00", "a@b",
        "x@h.io/a", "u:p@h.io/a", "a#b",  "a%2f", "h.io/", "h io.x/a", "a.b/c\nd",    "-a",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_registry_name name;
        struct gb_error err = {0};
        if (gb_registry_name_parse(gb_str_of(rows[i]), arena, &name, &err) != GB_E_USAGE)
            fail_msg("\"%s\" was taken", rows[i]);
        assert_true(err.reason[0]);
    }
}

static void test_loopback_is_not_told_by_its_front(void **state)
{
    (void)state;
    static const char *const inside[] = {"localhost", "localhost:80", "127.0.0.1",
                                         "127.1:9",   "[::1]",        "[::1]:5000"};
    static const char *const outside[] = {
        "localhost:x@evil.example",
        "127.0.0.1@evil.example",
        "[::1]@evil.example",
        "localhost.evil.example",
        "localhost:99999",
        "127.evil.example",
        "[::2]",
        "",
        "evil.example",
    };
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (!gb_registry_is_loopback(gb_str_of(inside[i])))
            fail_msg("%s", inside[i]);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (gb_registry_is_loopback(gb_str_of(outside[i])))
            fail_msg("%s", outside[i]);
}

static void test_challenges(void **state)
{
    struct gb_challenge challenge;
    (void)state;
    gb_challenge_parse(GB_STR("Bearer realm=\"https://auth.example/token\",service=\"a \\\"b\\\"\","
                              "scope=\"repository:x/y:pull,push\""),
                       arena, &challenge);
    assert_true(challenge.bearer);
    assert_str(challenge.realm, "https://auth.example/token");
    assert_str(challenge.service, "a \"b\"");
    assert_str(challenge.scope, "repository:x/y:pull,push");
    gb_challenge_parse(GB_STR("basic realm=here"), arena, &challenge);
    assert_true(challenge.basic && !challenge.bearer);
    assert_str(challenge.realm, "here");
    gb_challenge_parse(GB_STR("Digest realm=\"x\", nonce=\"y\", Bearer realm=\"z\""), arena,
                       &challenge);
    assert_true(challenge.bearer);
    assert_str(challenge.realm, "z");
    static const char *const none[] = {"", "Bearer", "Digest x=y", "=", "\"", "Bearer realm"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        gb_challenge_parse(gb_str_of(none[i]), arena, &challenge);
        assert_false(challenge.basic || challenge.realm.len);
    }
    assert_str(gb_query_escape(arena, GB_STR("a b&c=d#e/f:g")), "a%20b%26c%3Dd%23e/f:g");
}

static void test_credentials(void **state)
{
    static const struct {
        const char *text, *registry, *repository, *basic, *problem;
    } rows[] = {
        {"{\"auths\":{\"h:1\":{\"auth\":\"dTpw\"}}}", "h:1", "a", "dTpw", ""},
        {"{\"auths\":{\"https://h/\":{\"auth\":\"dTpw\"}}}", "h", "a", "dTpw", ""},
        {"{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"dTpw\"}}}", "docker.io", "a/b",
         "dTpw", ""},
        {"{\"auths\":{\"h\":{\"auth\":\"YTph\"},\"h/a\":{\"auth\":\"YjpiCg==\"}}}", "h", "a/x",
         "YjpiCg==", ""},
        {"{\"auths\":{\"h/a\":{\"auth\":\"dTpw\"}}}", "h", "ab", "", ""},
        {"{\"auths\":{\"hh\":{\"auth\":\"dTpw\"}}}", "h", "a", "", ""},
        {"{\"auths\":{\"h\":{\"username\":\"u\",\"password\":\"p\"}}}", "h", "a", "dTpw", ""},
        {"{\"auths\":{\"h\":{\"auth\":\"no base64\"}}}", "h", "a", "", "no base64"},
        {"{\"auths\":{\"h\":{\"identitytoken\":\"t\"}}}", "h", "a", "", "identity token"},
        {"{\"auths\":{\"h\":{}},\"credsStore\":\"desktop\"}", "h", "a", "", "\"desktop\""},
        {"{\"credHelpers\":{\"h\":\"ecr\"}}", "h", "a", "", "\"ecr\""},
        {"[]", "h", "a", "", "no JSON object"},
        {"{", "h", "a", "", "no JSON object"},
        {"{\"auths\":7,\"credHelpers\":[]}", "h", "a", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_credentials found;
        gb_credentials_read(gb_str_of(rows[i].text), "f", gb_str_of(rows[i].registry),
                            gb_str_of(rows[i].repository), arena, &found);
        if (!gb_str_is(found.basic, rows[i].basic) ||
            (rows[i].problem[0] ? !gb_str_contains(found.problem, gb_str_of(rows[i].problem))
                                : found.problem.len != 0))
            fail_msg("%s: \"" GB_PRI "\", \"" GB_PRI "\"", rows[i].text, GB_ARG(found.basic),
                     GB_ARG(found.problem));
    }
}

static void test_names_in_storages(void **state)
{
    static const struct {
        const char *stored, *name;
        unsigned fit;
    } rows[] = {
        {"docker.io/library/debian:12", "docker.io/library/debian:12", 4},
        {"docker.io/library/debian:12", "debian:12", 2},
        {"docker.io/library/debian:latest", "debian", 2},
        {"docker.io/team/app:1", "team/app:1", 2},
        {"localhost/app:1", "app:1", 3},
        {"quay.io/x/app:1", "app:1", 1},
        {"quay.io/x/app:1", "x/app:1", 1},
        {"quay.io/x/myapp:1", "app:1", 0},
        {"docker.io/library/debian:12", "debian", 0},
        {"docker.io/library/debian:12", "debian:1", 0},
        {"localhost:5000/app:1", "app:1", 1},
        {"app:1", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (gb_image_name_fits(gb_str_of(rows[i].stored), gb_str_of(rows[i].name)) != rows[i].fit)
            fail_msg("%s for %s", rows[i].name, rows[i].stored);
    assert_true(gb_image_id_fits(GB_STR("0123456789ab"), GB_STR("012345")));
    assert_true(gb_image_id_fits(GB_STR("sha256:0123456789ab"), GB_STR("sha256:0123456789ab")));
    assert_false(gb_image_id_fits(GB_STR("0123456789ab"), GB_STR("01234")));
    assert_false(gb_image_id_fits(GB_STR("0123456789ab"), GB_STR("123456")));
    assert_false(gb_image_id_fits(GB_STR("0123456789ab"), GB_STR("debian")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_name, set_up, tear_down),
        cmocka_unit_test(test_loopback_is_not_told_by_its_front),
        cmocka_unit_test_setup_teardown(test_challenges, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_credentials, set_up, tear_down),
        cmocka_unit_test(test_names_in_storages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
