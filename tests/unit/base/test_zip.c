// Zip archives by their directory: zip64, comments, a program in front, lies; decompression at any
// place.
#include "base/zip.h"

#include "zip_image.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int open_bytes(struct gb_str bytes, struct gb_memory_content *memory,
                      struct gb_content_reader *content, struct gb_zip *zip)
{
    *content = gb_content_of_memory(memory, bytes);
    return gb_zip_open(content, zip, NULL);
}

// The names, each with a semicolon behind it; "!" at the end for a damaged directory.
static const char *names_of(struct gb_str bytes)
{
    static char text[256];
    struct gb_memory_content memory;
    struct gb_content_reader content;
    struct gb_zip zip;
    struct gb_zip_entry entry;
    size_t length = 0;
    int code = open_bytes(bytes, &memory, &content, &zip);
    if (code)
        return gb_code_name(code);
    GB_CLEANUP(gb_zip_walk_free) struct gb_zip_walk *walk = gb_zip_walk_new(&zip);
    assert_non_null(walk);
    while ((code = gb_zip_next(walk, &entry, NULL)) > 0 && length + entry.name.len + 3 < 256) {
        memcpy(text + length, entry.name.at, entry.name.len);
        length += entry.name.len;
        text[length++] = ';';
    }
    if (code < 0)
        text[length++] = '!';
    text[length] = '\0';
    return text;
}

static void test_directory(void **state)
{
    (void)state;
    struct zip_image image = zip_image_new();
    gb_buffer_text(&image.bytes, "#!/bin/sh\n");
    image.start = image.bytes.len;
    zip_image_add(&image, "a", GB_STR("one"), false);
    zip_image_add(&image, "dir/../b", GB_STR("two"), true);
    struct gb_str whole = zip_image_done(&image);
    assert_string_equal(names_of(whole), "a;dir/../b;");
    for (size_t length = 0; length < whole.len; length++)
        assert_string_not_equal(names_of(gb_str_sub(whole, 0, length)), "a;dir/../b;");
    // A comment, and bytes behind it.
    image.bytes.data[image.bytes.len - 2] = 5;
    gb_buffer_text(&image.bytes, "helloand more");
    assert_string_equal(names_of(gb_buffer_str(&image.bytes)), "a;dir/../b;");
    zip_image_free(&image);
    assert_string_equal(names_of(GB_STR("")), gb_code_name(GB_E_TYPE));
    assert_string_equal(names_of(GB_STR("no archive, but long enough for one")),
                        gb_code_name(GB_E_TYPE));
    image = zip_image_new();
    assert_string_equal(names_of(zip_image_done(&image)), "");
    zip_image_free(&image);
}

// The same archive with its numbers in the larger records.
static void test_zip64(void **state)
{
    (void)state;
    for (int prefix = 0; prefix < 2; prefix++) {
        struct zip_image image = zip_image_new();
        zip_image_add(&image, "a", GB_STR("one"), false);
        zip_image_add(&image, "b", GB_STR("two"), true);
        struct gb_buffer out = gb_buffer(1 << 20);
        gb_buffer_text(&out, prefix ? "program" : "");
        size_t directory = image.bytes.len, size = image.directory.len;
        gb_buffer_add(&out, gb_buffer_str(&image.bytes));
        gb_buffer_add(&out, gb_buffer_str(&image.directory));
        size_t end64 = directory + size;
        zip_image_put(&out, 0x06064b50, 4);
        zip_image_put(&out, 44, 8);
        zip_image_put(&out, 45 | 45 << 16, 4);
        zip_image_put(&out, 0, 8);
        zip_image_put(&out, 2, 8);
        zip_image_put(&out, 2, 8);
        zip_image_put(&out, size, 8);
        zip_image_put(&out, directory, 8);
        zip_image_put(&out, 0x07064b50, 4);
        zip_image_put(&out, 0, 4);
        zip_image_put(&out, end64, 8);
        zip_image_put(&out, 1, 4);
        zip_image_put(&out, 0x06054b50, 4);
        zip_image_put(&out, 0, 4);
        zip_image_put(&out, 0xffffffff, 4);
        zip_image_put(&out, 0xffffffff, 4);
        zip_image_put(&out, 0xffffffff, 4);
        zip_image_put(&out, 0, 2);
        assert_string_equal(names_of(gb_buffer_str(&out)), "a;b;");
        gb_buffer_free(&out);
        zip_image_free(&image);
    }
}

// Decompressed bytes are the same wherever and in whatever order they are read.
static void test_inflate(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    char *data = malloc(SIZE);
    assert_non_null(data);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (char)(i * i >> 7);
    struct zip_image image = zip_image_new();
    zip_image_add(&image, "a", (struct gb_str){data, SIZE}, true);
    struct gb_memory_content memory;
    struct gb_content_reader content, packed;
    struct gb_zip zip;
    struct gb_zip_entry entry;
    struct gb_part_content part;
    assert_int_equal(open_bytes(zip_image_done(&image), &memory, &content, &zip), GB_OK);
    GB_CLEANUP(gb_zip_walk_free) struct gb_zip_walk *walk = gb_zip_walk_new(&zip);
    assert_int_equal(gb_zip_next(walk, &entry, NULL), 1);
    assert_int_equal(gb_zip_data(&zip, &entry, &part, &packed, NULL), GB_OK);
    static const uint64_t places[] = {0, SIZE - 100, 5, SIZE / 2, SIZE / 2 - 70000, SIZE - 1, SIZE};
    for (size_t kept = 0; kept <= SIZE; kept += SIZE / 2) {
        uint64_t budget = 16 * SIZE;
        GB_CLEANUP(gb_inflate_free) struct gb_inflate *inflate = NULL;
        assert_int_equal(
            gb_inflate_new(&packed, GB_DEFLATE_RAW, entry.size, kept, &budget, &inflate), GB_OK);
        struct gb_content_reader plain = gb_inflate_content(inflate);
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            static char got[300000];
            size_t there = SIZE - places[i] < sizeof got ? (size_t)(SIZE - places[i]) : sizeof got;
            assert_int_equal(gb_content_read(&plain, places[i], got, sizeof got), there);
            assert_memory_equal(got, data + places[i], there);
        }
    }
    uint64_t budget = 1000;
    struct gb_inflate *inflate = NULL;
    char byte;
    assert_int_equal(gb_inflate_new(&packed, GB_DEFLATE_RAW, entry.size, 0, &budget, &inflate),
                     GB_OK);
    struct gb_content_reader plain = gb_inflate_content(inflate);
    assert_int_equal(gb_content_read(&plain, 999, &byte, 1), 1);
    assert_int_equal(gb_content_read(&plain, 1000, &byte, 1), GB_E_LIMIT);
    gb_inflate_free(&inflate);
    zip_image_free(&image);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_zip64),
        cmocka_unit_test(test_inflate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
