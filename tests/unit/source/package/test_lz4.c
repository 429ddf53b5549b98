// LZ4 frames: what the reference compressor writes, what it never would, and lists read through it.
#include "source/package/lz4.h"
#include "source/package/package_list.h"

#include "temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// 40 stanzas "Package: pN / Version: 1.N / Architecture: amd64", by lz4 1.9.4 (-B4 -BD).
static const unsigned char packed[] = {
    0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0x94, 0x01, 0x00, 0x00, 0xf6, 0x1f, 0x50, 0x61, 0x63,
    0x6b, 0x61, 0x67, 0x65, 0x3a, 0x20, 0x70, 0x30, 0x0a, 0x56, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e,
    0x3a, 0x20, 0x31, 0x2e, 0x30, 0x0a, 0x41, 0x72, 0x63, 0x68, 0x69, 0x74, 0x65, 0x63, 0x74, 0x75,
    0x72, 0x65, 0x3a, 0x20, 0x61, 0x6d, 0x64, 0x36, 0x34, 0x0a, 0x0a, 0x2e, 0x00, 0x18, 0x31, 0x2e,
    0x00, 0x1f, 0x31, 0x2e, 0x00, 0x0d, 0x18, 0x32, 0x2e, 0x00, 0x1f, 0x32, 0x2e, 0x00, 0x0d, 0x18,
    0x33, 0x2e, 0x00, 0x1f, 0x33, 0x2e, 0x00, 0x0d, 0x18, 0x34, 0x2e, 0x00, 0x1f, 0x34, 0x2e, 0x00,
    0x0d, 0x18, 0x35, 0x2e, 0x00, 0x1f, 0x35, 0x2e, 0x00, 0x0d, 0x18, 0x36, 0x2e, 0x00, 0x1f, 0x36,
    0x2e, 0x00, 0x0d, 0x18, 0x37, 0x2e, 0x00, 0x1f, 0x37, 0x2e, 0x00, 0x0d, 0x18, 0x38, 0x2e, 0x00,
    0x1f, 0x38, 0x2e, 0x00, 0x0d, 0x18, 0x39, 0x2e, 0x00, 0x1f, 0x39, 0x2e, 0x00, 0x0d, 0x19, 0x31,
    0xcd, 0x01, 0x1f, 0x31, 0xce, 0x01, 0x0f, 0x0a, 0xcf, 0x01, 0x0f, 0xd0, 0x01, 0x0e, 0x19, 0x31,
    0xd1, 0x01, 0x1f, 0x31, 0xd2, 0x01, 0x0e, 0x19, 0x31, 0xd3, 0x01, 0x1f, 0x31, 0xd4, 0x01, 0x0e,
    0x19, 0x31, 0xd5, 0x01, 0x1f, 0x31, 0xd6, 0x01, 0x0e, 0x19, 0x31, 0xd7, 0x01, 0x1f, 0x31, 0xd8,
    0x01, 0x0e, 0x19, 0x31, 0xd9, 0x01, 0x1f, 0x31, 0xda, 0x01, 0x0e, 0x19, 0x31, 0xdb, 0x01, 0x1f,
    0x31, 0xdc, 0x01, 0x0e, 0x19, 0x31, 0xdd, 0x01, 0x1f, 0x31, 0xde, 0x01, 0x0e, 0x19, 0x31, 0xdf,
    0x01, 0x1f, 0x31, 0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19,
    0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01,
    0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32,
    0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01,
    0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19, 0x32,
    0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e, 0x19, 0x32, 0xe0, 0x01, 0x1f, 0x32, 0xe0, 0x01, 0x0e,
    0x19, 0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0, 0x01, 0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0,
    0x01, 0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0, 0x01, 0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1f,
    0x33, 0xe0, 0x01, 0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0, 0x01, 0x0e, 0x19, 0x33, 0xe0,
    0x01, 0x1f, 0x33, 0xe0, 0x01, 0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0, 0x01, 0x0e, 0x19,
    0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0, 0x01, 0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1f, 0x33, 0xe0, 0x01,
    0x0e, 0x19, 0x33, 0xe0, 0x01, 0x1e, 0x33, 0xe0, 0x01, 0x50, 0x64, 0x36, 0x34, 0x0a, 0x0a, 0x00,
    0x00, 0x00, 0x00,
};

static size_t stanza(char *into, size_t size, int i)
{
    return (size_t)snprintf(into, size, "Package: p%d\nVersion: 1.%d\nArchitecture: amd64\n\n", i,
                            i);
}

static struct gb_str input_of(const unsigned char *bytes, size_t size)
{
    return (struct gb_str){(const char *)bytes, size};
}

static void decompresses_what_lz4_wrote(void **state)
{
    (void)state;
    static unsigned char out[64 << 10];
    struct gb_lz4 frame;
    size_t used = 0, made = 0;
    assert_int_equal(gb_lz4_open(&frame, input_of(packed, sizeof packed), &used, NULL), GB_OK);
    assert_int_equal(frame.block_max, 64 << 10);
    struct gb_str rest = gb_str_from(input_of(packed, sizeof packed), used);
    assert_int_equal(gb_lz4_block(&frame, rest, &used, out, 0, &made, NULL), GB_LZ4_DATA);
    size_t at = 0;
    for (int i = 0; i < 40; i++) {
        char wanted[128];
        size_t length = stanza(wanted, sizeof wanted, i);
        assert_true(at + length <= made);
        assert_memory_equal(out + at, wanted, length);
        at += length;
    }
    assert_int_equal(at, made);
    rest = gb_str_from(rest, used);
    assert_int_equal(gb_lz4_block(&frame, rest, &used, out, 0, &made, NULL), GB_LZ4_END);
}

static void linked_blocks_refer_to_the_ones_before(void **state)
{
    (void)state;
    static unsigned char out[4 + (64 << 10)] = "abcd";
    static const unsigned char block[] = {4, 0, 0, 0, 0x00, 4, 0, 0x00};
    struct gb_lz4 frame = {.block_max = 64 << 10, .linked = true};
    size_t used = 0, made = 0;
    struct gb_str input = input_of(block, sizeof block);
    assert_int_equal(gb_lz4_block(&frame, input, &used, out + 4, 4, &made, NULL), GB_LZ4_DATA);
    assert_int_equal(made, 4);
    assert_memory_equal(out, "abcdabcd", 8);
    assert_int_equal(gb_lz4_block(&frame, input, &used, out + 4, 3, &made, NULL), GB_E_SYNTAX);
    frame.linked = false;
    assert_int_equal(gb_lz4_block(&frame, input, &used, out + 4, 4, &made, NULL), GB_E_SYNTAX);
}

static void asks_for_more_input(void **state)
{
    (void)state;
    static unsigned char out[64 << 10];
    struct gb_lz4 frame;
    size_t used = 0, made = 0;
    assert_int_equal(gb_lz4_open(&frame, input_of(packed, sizeof packed), &used, NULL), GB_OK);
    for (size_t length = 0; length < sizeof packed - used - 4; length++)
        assert_int_equal(gb_lz4_block(&frame, input_of(packed + used, length), &(size_t){0}, out, 0,
                                      &made, NULL),
                         GB_LZ4_MORE);
    for (size_t length = 0; length < 7; length++)
        assert_int_equal(gb_lz4_open(&frame, input_of(packed, length), &(size_t){0}, NULL),
                         GB_E_SYNTAX);
}

// Every block here would make a careless reader copy from or to where nothing is.
static void refuses_damaged_blocks(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t size;
        unsigned char bytes[16];
    } rows[] = {
        {"no literals at the end", 3, {0x00, 0x01, 0x00}},
        {"match before the beginning", 5, {0x10, 'a', 0x02, 0x00, 0x00}},
        {"offset 0", 5, {0x10, 'a', 0x00, 0x00, 0x00}},
        {"literals beyond the input", 3, {0x40, 'a', 'b'}},
        {"length without an end", 3, {0xf0, 0xff, 0xff}},
        {"half an offset", 3, {0x10, 'a', 0x01}},
        {"match length without an end", 5, {0x1f, 'a', 0x01, 0x00, 0xff}},
        {"empty", 0, {0}},
    };
    static unsigned char out[64 << 10];
    struct gb_lz4 frame = {.block_max = sizeof out, .linked = true};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char block[32] = {(unsigned char)rows[i].size};
        memcpy(block + 4, rows[i].bytes, rows[i].size);
        if (!rows[i].size)
            block[3] = 0x40; // a size of 1 GiB: larger than the frame allows
        size_t used = 0, made = 0;
        int code =
            gb_lz4_block(&frame, input_of(block, 4 + rows[i].size), &used, out, 0, &made, NULL);
        if (code != GB_E_SYNTAX)
            fail_msg("%s: got %d", rows[i].why, code);
    }
}

static void a_match_cannot_make_more_than_a_block(void **state)
{
    (void)state;
    enum { BYTES = 400 };
    unsigned char block[4 + BYTES];
    memset(block, 0xff, sizeof block);
    block[0] = BYTES & 0xff;
    block[1] = BYTES >> 8;
    block[2] = block[3] = 0;
    block[4] = 0x1f;
    block[5] = 'a';
    block[6] = 1;
    block[7] = 0;
    block[sizeof block - 2] = 0; // end of the length: about 100,000 bytes
    block[sizeof block - 1] = 0;
    static unsigned char out[64 << 10];
    struct gb_lz4 frame = {.block_max = sizeof out};
    size_t used = 0, made = 0;
    assert_int_equal(
        gb_lz4_block(&frame, input_of(block, sizeof block), &used, out, 0, &made, NULL),
        GB_E_SYNTAX);
}

static int count_stanzas(const struct gb_host *host, const char *path, struct gb_error *err)
{
    struct gb_package_list *list = NULL;
    int code = gb_package_list_open(host, path, &list, err), count = 0;
    struct gb_str piece;
    while (code >= 0 && (code = gb_package_list_next(list, &piece, err)) > 0)
        for (ptrdiff_t at; (at = gb_str_find(piece, GB_STR("\n\n"))) >= 0; count++)
            piece = gb_str_from(piece, (size_t)at + 2);
    gb_package_list_close(&list);
    return code < 0 ? code : count;
}

static void streams_lists(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    struct gb_error err = {0};
    temporary_root_bytes(&root, "/a_Packages.lz4", input_of(packed, sizeof packed));
    assert_int_equal(count_stanzas(host, "/a_Packages.lz4", &err), 40);
    temporary_root_bytes(&root, "/cut_Packages.lz4", input_of(packed, sizeof packed - 9));
    assert_int_equal(count_stanzas(host, "/cut_Packages.lz4", &err), GB_E_SYNTAX);
    temporary_root_file(&root, "/no_Packages.lz4", "Package: a\n\n");
    assert_int_equal(count_stanzas(host, "/no_Packages.lz4", &err), GB_E_SYNTAX);
    temporary_root_file(&root, "/b_Packages.xz", "x");
    assert_int_equal(count_stanzas(host, "/b_Packages.xz", &err), GB_E_UNSUPPORTED);
    assert_string_equal(err.reason, "compressed with xz");
    temporary_root_file(&root, "/empty_Packages", "");
    assert_int_equal(count_stanzas(host, "/empty_Packages", &err), 0);

    // Longer than a piece, so that stanzas cross its end.
    enum { STANZAS = 20000 };
    char *text = malloc((size_t)STANZAS * 64);
    size_t length = 0;
    for (int i = 0; text && i < STANZAS; i++)
        length += stanza(text + length, 64, i);
    assert_non_null(text);
    temporary_root_bytes(&root, "/c_Packages", (struct gb_str){text, length});
    assert_int_equal(count_stanzas(host, "/c_Packages", &err), STANZAS);
    memset(text, 'x', length);
    temporary_root_bytes(&root, "/d_Packages", (struct gb_str){text, length});
    assert_int_equal(count_stanzas(host, "/d_Packages", &err), GB_E_LIMIT);
    free(text);
    temporary_root_free(&root, &host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decompresses_what_lz4_wrote),
        cmocka_unit_test(linked_blocks_refer_to_the_ones_before),
        cmocka_unit_test(asks_for_more_input),
        cmocka_unit_test(refuses_damaged_blocks),
        cmocka_unit_test(a_match_cannot_make_more_than_a_block),
        cmocka_unit_test(streams_lists),
    };
    return cmocka_run_group_tests_name("source/package/lz4", tests, NULL, NULL);
}
