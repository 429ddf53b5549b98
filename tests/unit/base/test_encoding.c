// base/encoding.h and base/digest.h, against the vectors of their standards.
#include "base/digest.h"
#include "base/encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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

static void test_base64_vectors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_str bytes = gb_str_of(cases[i][0]), text = gb_str_of(cases[i][1]), back;
        assert_true(gb_str_eq(gb_base64_encode(arena, bytes, GB_BASE64), text));
        assert_int_equal(gb_base64_decode(arena, text, GB_BASE64, &back), GB_OK);
        assert_true(gb_str_eq(back, bytes));
        while (gb_str_ends(text, GB_STR("=")))
            text.len--;
        assert_true(gb_str_eq(gb_base64_encode(arena, bytes, GB_BASE64_RAW), text));
        assert_int_equal(gb_base64_decode(arena, text, GB_BASE64_RAW, &back), GB_OK);
        assert_true(gb_str_eq(back, bytes));
    }
    struct gb_str high = GB_STR("\xfb\xff\xfe\x00"), back;
    assert_true(gb_str_is(gb_base64_encode(arena, high, GB_BASE64), "+//+AA=="));
    assert_true(gb_str_is(gb_base64_encode(arena, high, GB_BASE64_URL), "-__-AA=="));
    assert_true(gb_str_is(gb_base64_encode(arena, high, GB_BASE64_URL_RAW), "-__-AA"));
    assert_int_equal(gb_base64_decode(arena, GB_STR("-__-AA"), GB_BASE64_URL_RAW, &back), GB_OK);
    assert_true(gb_str_eq(back, high));
}

static void test_every_byte_comes_back(void **state)
{
    (void)state;
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        struct gb_str in = {bytes, len}, out;
        for (int v = GB_BASE64; v <= GB_BASE64_URL_RAW; v++) {
            struct gb_str text = gb_base64_encode(arena, in, (enum gb_base64)v);
            assert_int_equal(gb_base64_decode(arena, text, (enum gb_base64)v, &out), GB_OK);
            assert_true(gb_str_eq(in, out));
        }
        assert_int_equal(gb_hex_decode(arena, gb_hex_encode(arena, in), &out), GB_OK);
        assert_true(gb_str_eq(in, out));
    }
}

static void test_base64_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum gb_base64 variant;
    } cases[] = {
        {"Zg", GB_BASE64},       {"Zg=", GB_BASE64},       {"Zg===", GB_BASE64},
        {"Z", GB_BASE64},        {"=", GB_BASE64},         {"====", GB_BASE64},
        {"Zh==", GB_BASE64},     {"Zm9=", GB_BASE64},      {"Zm9v\n", GB_BASE64},
        {" Zm9v", GB_BASE64},    {"Zm-v", GB_BASE64},      {"Zm+v", GB_BASE64_URL},
        {"Zg==", GB_BASE64_RAW}, {"Zm9vY", GB_BASE64_RAW}, {"Zm9v====", GB_BASE64},
        {"Z=g=", GB_BASE64},
    };
    struct gb_str out = GB_STR("untouched");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int code = gb_base64_decode(arena, gb_str_of(cases[i].text), cases[i].variant, &out);
        if (code != GB_E_SYNTAX || !gb_str_is(out, "untouched")) {
            print_error("%s: %d\n", cases[i].text, code);
            fail();
        }
    }
    assert_int_equal(gb_hex_decode(arena, GB_STR("abc"), &out), GB_E_SYNTAX);
    assert_int_equal(gb_hex_decode(arena, GB_STR("zz"), &out), GB_E_SYNTAX);
    assert_int_equal(gb_hex_decode(arena, GB_STR("DEad"), &out), GB_OK);
    assert_true(gb_str_is(out, "\xde\xad"));
}

static void test_digests(void **state)
{
    (void)state;
    static const struct {
        enum gb_digest_kind kind;
        const char *hex; // of "abc"
    } cases[] = {
        {GB_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {GB_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {GB_MD5, "900150983cd24fb0d6963f7d28e17f72"},
        {GB_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    struct gb_error err = {0};
    struct gb_digest_stream *stream;
    assert_int_equal(gb_digest_stream_new(&stream, &err), GB_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_str hex;
        assert_int_equal(gb_digest_hex(cases[i].kind, GB_STR("abc"), arena, &hex, &err), GB_OK);
        assert_true(gb_str_is(hex, cases[i].hex));
        unsigned char sum[GB_DIGEST_LARGEST];
        assert_int_equal(gb_digest_stream_start(stream, cases[i].kind, &err), GB_OK);
        assert_int_equal(gb_digest_stream_add(stream, GB_STR("a"), &err), GB_OK);
        assert_int_equal(gb_digest_stream_add(stream, GB_STR("bc"), &err), GB_OK);
        assert_int_equal(gb_digest_stream_end(stream, sum, &err), GB_OK);
        struct gb_str bytes = {(const char *)sum, gb_digest_size(cases[i].kind)};
        assert_true(gb_str_is(gb_hex_encode(arena, bytes), cases[i].hex));
    }
    gb_digest_stream_free(&stream);
    assert_null(stream);
    gb_digest_stream_free(&stream);
    struct gb_str empty;
    assert_int_equal(gb_digest_hex(GB_MD5, (struct gb_str){0}, arena, &empty, &err), GB_OK);
    assert_true(gb_str_is(empty, "d41d8cd98f00b204e9800998ecf8427e"));
}

static void test_memory_failures(void **state)
{
    (void)state;
    GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 12);
    struct gb_str out = {0};
    struct gb_error err = {0};
    gb_arena_fail_at(1);
    assert_null(gb_base64_encode(small, GB_STR("abc"), GB_BASE64).at);
    gb_arena_fail_at(1);
    assert_int_equal(gb_base64_decode(small, GB_STR("Zm9v"), GB_BASE64, &out), GB_E_MEMORY);
    gb_arena_fail_at(1);
    assert_null(gb_hex_encode(small, GB_STR("abc")).at);
    gb_arena_fail_at(1);
    assert_int_equal(gb_hex_decode(small, GB_STR("00"), &out), GB_E_MEMORY);
    gb_arena_fail_at(1);
    assert_int_equal(gb_digest_hex(GB_SHA256, GB_STR("a"), small, &out, &err), GB_E_MEMORY);
    assert_null(out.at);
    gb_arena_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_vectors),  cmocka_unit_test(test_every_byte_comes_back),
        cmocka_unit_test(test_base64_refuses),  cmocka_unit_test(test_digests),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
