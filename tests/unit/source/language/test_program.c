// Go programs: both forms of the build information, with and without sections; modules, settings.
#include "elf_image.h"
#include "language_found.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <zlib.h>

static struct gb_arena *arena;
static struct gb_buffer out;
static const char mark[] = "0123456789abcdef"; // 16 bytes on both sides of the modules

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

static void add_inline(struct gb_buffer *into, const char *text)
{
    size_t length = strlen(text), rest = length;
    for (; rest > 0x7f; rest >>= 7)
        gb_buffer_char(into, (char)(rest | 0x80));
    gb_buffer_char(into, (char)rest);
    gb_buffer_text(into, text);
}

static const char *marked(const char *modules)
{
    return gb_str_c(arena, gb_str_format(arena, "%s%s%s", mark, modules, mark));
}

// A program as Go 1.18 and later write it.
static struct gb_str inline_program(struct elf_image *image, const char *version,
                                    const char *modules)
{
    struct gb_buffer blob = gb_buffer(1u << 20);
    gb_buffer_add(&blob, (struct gb_str){"\xff Go buildinf:\x08\x02", 16});
    gb_buffer_add(&blob, (struct gb_str){"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16});
    add_inline(&blob, version);
    add_inline(&blob, modules[0] ? marked(modules) : "");
    elf_image_add(image, ".text", "nothing", 7);
    elf_image_add(image, ".go.buildinfo", blob.data, blob.len);
    gb_buffer_free(&blob);
    return elf_image_done(image);
}

// A program as Go 1.13 to 1.17 write it: the header has the addresses of two strings.
static struct gb_str pointed_program(bool wide, bool big, const char *version, const char *modules)
{
    struct elf_image image = elf_image_new(wide, big);
    unsigned word = wide ? 8 : 4;
    const char *texts[] = {version, marked(modules)};
    uint64_t strings[2];
    for (int i = 0; i < 2; i++) {
        uint64_t at = elf_image_add(&image, ".rodata", texts[i], strlen(texts[i]));
        strings[i] = elf_image_add(&image, ".data", mark, 2 * word);
        elf_image_put(&image, strings[i], ELF_IMAGE_ADDRESS + at, word);
        elf_image_put(&image, strings[i] + word, strlen(texts[i]), word);
    }
    char header[32] = "\xff Go buildinf:";
    header[14] = (char)word;
    header[15] = big;
    uint64_t at = elf_image_add(&image, ".go.buildinfo", header, sizeof header);
    for (unsigned i = 0; i < 2; i++)
        elf_image_put(&image, at + 16 + i * word, ELF_IMAGE_ADDRESS + strings[i], word);
    return elf_image_done(&image);
}

static void is(struct gb_str program, const char *expected)
{
    assert_string_equal(language_found(arena, &out, "/usr/bin/p", program), expected);
}

static void test_inline(void **state)
{
    (void)state;
    struct elf_image image = elf_image_new(true, false);
    is(inline_program(&image, "go1.22.3 X:loopvar",
                      "path\texample.com/a/cmd/p\n"
                      "mod\texample.com/a\tv1.2.3\th1:abc=\n"
                      "dep\tgolang.org/x/net\tv0.17.0\th1:def=\n"
                      "dep\texample.com/old\tv1.0.0\n"
                      "=>\texample.com/new\tv1.1.0\th1:ghi=\n"
                      "dep\texample.com/local\tv0.0.0\n"
                      "=>\t./staging/local\t(devel)\t\n"
                      "dep\texample.com/work\t(devel)\t\n"
                      "build\t-compiler=gc\n"
                      "build\tGOARCH=arm64\n"
                      "build\tGOOS=linux\n"),
       "Go stdlib 1.22.3 standard linux/arm64\n"
       "Go example.com/a v1.2.3 main linux/arm64\n"
       "Go golang.org/x/net v0.17.0 linux/arm64\n"
       "Go example.com/new v1.1.0 linux/arm64\n"
       "Go example.com/local (devel) linux/arm64\n"
       "Go example.com/work (devel) linux/arm64");
}

static void test_pointed(void **state)
{
    (void)state;
    static const char modules[] = "path\tx\nmod\texample.com/x\t(devel)\t\ndep\ta\tv1.0.0\n";
    static const char found[] = "Go stdlib 1.15.2 standard\nGo example.com/x (devel) main\n"
                                "Go a v1.0.0";
    is(pointed_program(true, false, "go1.15.2", modules), found);
    is(pointed_program(true, true, "go1.15.2", modules), found);
    is(pointed_program(false, false, "go1.15.2", modules), found);
    is(pointed_program(false, true, "go1.15.2", modules), found);
}

static void test_without_sections(void **state)
{
    (void)state;
    struct elf_image image = elf_image_new(true, false);
    image.without_sections = true;
    is(inline_program(&image, "go1.21rc2", "dep\ta\tv1.0.0\n"),
       "Go stdlib 1.21rc2 standard\nGo a v1.0.0");
    image = elf_image_new(true, false);
    image.without_sections = true;
    elf_image_add(&image, ".text", "nothing of Go", 13);
    is(elf_image_done(&image), "");
}

static void test_versions(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"go1.20.12 (Red Hat 1.20.12-1.el9)", "", "Go stdlib 1.20.12 standard"},
        {"devel go1.23-0123456789 Thu Jan 4 00:00:00 2024 +0000", "",
         "Go stdlib 1.23-0123456789 standard"},
        {"go1.22.1", "path\tcmd/go\n", "Go stdlib 1.22.1 standard\nGo toolchain 1.22.1 standard"},
        // The program itself: by its commit where no version was stamped.
        {"go1.22.1",
         "mod\tm\t(devel)\t\nbuild\tvcs.revision=0123456789abcdef0123\n"
         "build\tvcs.time=2024-02-03T04:05:06Z\nbuild\tvcs.modified=true\n",
         "Go stdlib 1.22.1 standard\nGo m v0.0.0-20240203040506-0123456789ab+dirty main"},
        {"go1.22.1", "mod\tm\t(devel)\t\nbuild\tvcs.revision=0123\nbuild\tvcs.time=2024\n",
         "Go stdlib 1.22.1 standard\nGo m (devel) main"},
        {"go1.22.1", "mod\tm\tv1.0.0-0.20240203040506-0123456789ab+dirty\t\n",
         "Go stdlib 1.22.1 standard\nGo m v1.0.0-0.20240203040506-0123456789ab+dirty main"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct elf_image image = elf_image_new(true, false);
        is(inline_program(&image, rows[i][0], rows[i][1]), rows[i][2]);
    }
}

static void test_damaged(void **state)
{
    (void)state;
    static const char problem[] = "problem: /usr/bin/p: its Go build information is damaged";
    struct elf_image image = elf_image_new(true, false);
    elf_image_add(&image, ".go.buildinfo", "\xff Go buildinf:\x08\x02", 16);
    is(elf_image_done(&image), problem);
    image = elf_image_new(true, false);
    char header[64] = "\xff Go buildinf:\x08\x02";
    memset(header + 32, 0xff, 32); // a length without an end
    elf_image_add(&image, ".go.buildinfo", header, sizeof header);
    is(elf_image_done(&image), problem);
    // Cut off anywhere: never more than was there, never a crash.
    image = elf_image_new(true, false);
    struct gb_str whole = inline_program(&image, "go1.22.3", "dep\ta\tv1.0.0\n");
    for (size_t length = 0; length < whole.len; length++) {
        const char *found = language_found(arena, &out, "/usr/bin/p", gb_str_sub(whole, 0, length));
        if (found[0] && strcmp(found, problem) != 0 &&
            strcmp(found, "Go stdlib 1.22.3 standard\nGo a v1.0.0") != 0)
            fail_msg("%zu bytes: %s", length, found);
    }
    is(GB_STR(""), "");
    is(GB_STR("#!/bin/sh\n"), "");
}

static void test_packed(void **state)
{
    (void)state;
    struct elf_image image = elf_image_new(true, false);
    image.without_sections = true;
    elf_image_add(&image, ".text", "nothing", 7);
    struct gb_str file = elf_image_done(&image);
    memcpy(image.bytes + 64 + 56 + 4, "UPX!", 4);
    is(file, "problem: /usr/bin/p: packed by UPX: what is in it is not seen");
}

static void test_rust(void **state)
{
    (void)state;
    static const char text[] =
        "{\"packages\": [{\"name\": \"ripgrep\", \"version\": \"13.0.0\", \"source\": \"local\","
        "\"dependencies\": [1, 2], \"root\": true},"
        "{\"name\": \"regex\", \"version\": \"1.5.4\", \"source\": \"crates.io\"},"
        "{\"name\": \"cc\", \"version\": \"1.0.70\", \"source\": \"crates.io\", \"kind\": "
        "\"build\"},"
        "{\"name\": \"fork\", \"version\": \"1.0.0\", \"source\": \"git\"}], \"format\": 1}";
    unsigned char packed[1024];
    unsigned long size = sizeof packed;
    assert_int_equal(compress(packed, &size, (const unsigned char *)text, sizeof text - 1), Z_OK);
    struct elf_image image = elf_image_new(true, false);
    elf_image_add(&image, ".text", "x", 1);
    elf_image_add(&image, ".dep-v0", packed, size);
    is(elf_image_done(&image), "crates.io ripgrep 13.0.0 main\ncrates.io regex 1.5.4\n"
                               "crates.io cc 1.0.70 development");
    image = elf_image_new(true, false);
    elf_image_add(&image, ".dep-v0", packed, size / 2);
    const char *found = language_found(arena, &out, "/usr/bin/p", elf_image_done(&image));
    assert_non_null(strstr(found, "problem: /usr/bin/p: its list of Rust packages is damaged"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_inline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pointed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_sections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_versions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rust, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
