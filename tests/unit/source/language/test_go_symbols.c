// Functions in Go programs: every form of the table, names of methods, closures, generic functions,
// escaped paths, the package main; tables that cannot be trusted.
#include "elf_image.h"
#include "source/language/language.h"

#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char names[] =
    "\0runtime.main\0main.main\0main.main.func1\0example.com/a.Plain\0example.com/a.(*T).Pointer\0"
    "example.com/a.T.Value-fm\0example.com/a.(*G[...]).Put\0"
    "example.com/a.Map[go.shape.int,example.com/b.X]\0example.com/a.Outer.func2.1\0"
    "example.com/a.(*T).deep.gowrap1\0gopkg.in/yaml%2ev2.(*Decoder).Decode\0"
    "type:.eq.example.com/c.S\0example.com/only.init.0\0strings.Index";

struct form {
    uint32_t magic;
    unsigned word_of_names; // of the header; 0 = names stand between other data
};
static const struct form forms[] = {
    {0xfffffffb, 0}, {0xfffffffa, 2}, {0xfffffff0, 3}, {0xfffffff1, 3}};

static struct gb_str program(const struct form *form, bool wide, bool big, const char *section)
{
    struct elf_image image = elf_image_new(wide, big);
    static unsigned char table[8192];
    unsigned word = wide ? 8 : 4;
    size_t at = 8 + 8 * word;
    memset(table, 0, sizeof table);
    struct elf_image writer = {.big = big, .bytes = table};
    elf_image_put(&writer, 0, form->magic, 4);
    table[6] = 1;
    table[7] = (unsigned char)word;
    if (form->word_of_names) {
        elf_image_put(&writer, 8 + form->word_of_names * word, at, word);
        elf_image_put(&writer, 8 + (form->word_of_names + 1) * word, at + sizeof names, word);
        memcpy(table + at, names, sizeof names);
        at += sizeof names;
        // A table of files is no table of functions.
        memcpy(table + at, "\0example.com/file.Name", 22);
        at += 23;
    } else {
        for (const char *name = names; name < names + sizeof names; name += strlen(name) + 1) {
            memcpy(table + at, "\x01\x02\x7f", 3); // other data
            memcpy(table + at + 3, name, strlen(name) + 1);
            at += 3 + strlen(name) + 1;
        }
    }
    elf_image_add(&image, ".rodata", "0123456", 7);
    elf_image_add(&image, section, table, at);
    return elf_image_done(&image);
}

// "present", "absent" or the error's reason.
static const char *ask(struct gb_str file, const char *const *wanted, size_t count)
{
    static char reason[512];
    struct gb_memory_content memory;
    struct gb_content_reader content = gb_content_of_memory(&memory, file);
    struct gb_str texts[8];
    struct gb_error err = {0};
    bool found = false;
    for (size_t i = 0; i < count; i++)
        texts[i] = gb_str_of(wanted[i]);
    if (gb_language_go_symbols(&content, texts, count, &found, &err) < 0) {
        memcpy(reason, err.reason, sizeof reason);
        return reason;
    }
    return found ? "present" : "absent";
}

static void test_names(void **state)
{
    (void)state;
    static const char *const present[] = {
        "runtime.main",
        "main.main",
        "example.com/a.Plain",
        "example.com/a.T.Pointer",
        "example.com/a.T.Value",
        "example.com/a.G.Put",
        "example.com/a.Map",
        "example.com/a.Outer",
        "example.com/a.T.deep",
        "example.com/a.*",
        "gopkg.in/yaml.v2.Decoder.Decode",
        "gopkg.in/yaml.v2.*",
        "example.com/only.*",
        "strings.Index",
        "strings.*",
    };
    enum { SUFFIXES = 4 }; // ends of names
    static const char *const absent[] = {
        "com/a.Plain",
        "example.com/b.*",
        "example.com/b.X",
        "example.com/c.*",
        "example.com/a.Plai",
        "example.com/a.Plainer",
        "example.com/a.T.Point",
        "example.com/a.Value",
        "example.com/a.Put",
        "gopkg.in/yaml.*",
        "gopkg.in/yaml.v3.*",
        "example.com.*",
        "*",
        "",
        "strings.IndexByte",
    };
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        for (int order = 0; order < 4; order++) {
            struct gb_str file = program(&forms[f], order & 1, order & 2, ".gopclntab");
            for (size_t i = 0; i < sizeof present / sizeof *present; i++)
                if (strcmp(ask(file, &present[i], 1), "present") != 0)
                    fail_msg("form %zu order %d: %s is not found", f, order, present[i]);
            // Between other data, what stands before a name cannot be told from it.
            for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
                if ((forms[f].word_of_names || i >= SUFFIXES) &&
                    strcmp(ask(file, &absent[i], 1), "absent") != 0)
                    fail_msg("form %zu order %d: %s is found", f, order, absent[i]);
            const char *both[] = {"example.com/zzz.F", "example.com/a.Plain"};
            assert_string_equal(ask(file, both, 2), "present");
            assert_string_equal(ask(file, both, 1), "absent");
            assert_string_equal(ask(file, both, 0), "absent");
        }
    }
}

static void test_places(void **state)
{
    (void)state;
    static const char *const wanted[] = {"example.com/a.Plain", "example.com/file.Name"};
    for (size_t f = 1; f < sizeof forms / sizeof *forms; f++) {
        assert_string_equal(
            ask(program(&forms[f], true, false, ".data.rel.ro.gopclntab"), wanted, 1), "present");
        assert_string_equal(ask(program(&forms[f], true, false, ".data.rel.ro"), wanted, 1),
                            "present");
        struct gb_str file = program(&forms[f], true, false, ".gopclntab");
        assert_string_equal(ask(file, wanted + 1, 1), "absent");
    }
}

static void test_distrust(void **state)
{
    (void)state;
    static const char *const wanted[] = {"example.com/zzz.F"};
    assert_string_equal(ask(GB_STR("#!/bin/sh"), wanted, 1), "has no table of functions");
    // Without a name of the runtime, nothing is said to be absent.
    struct gb_str file = program(&forms[3], true, false, ".gopclntab");
    char *name = memmem(file.at, file.len, "runtime.main", 12);
    assert_non_null(name);
    memcpy(name, "runtimX", 7);
    assert_string_equal(ask(file, wanted, 1), "its table of functions cannot be read");
    // Another form of the future.
    static const struct form unknown = {0xffffffe0, 3};
    assert_string_equal(ask(program(&unknown, true, false, ".gopclntab"), wanted, 1),
                        "has no table of functions");
    // Cut off or damaged anywhere: no crash, no answer out of nothing.
    file = program(&forms[2], true, false, ".gopclntab");
    for (size_t length = 0; length < file.len; length += 7)
        (void)ask(gb_str_sub(file, 0, length), wanted, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_distrust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
