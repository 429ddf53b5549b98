// Control files: folding, comments, line numbers, armour, what is malformed.
#include "source/package/deb822.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void gives_fields_of_each_stanza(void **state)
{
    (void)state;
    struct gb_deb822 reader = gb_deb822(GB_STR("\n\nPackage: a\nVersion:1\n\n \nPackage: b \n"));
    struct gb_deb822_field field;
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_str_is(field.name, "Package") && gb_str_is(field.value, "a"));
    assert_int_equal(field.line, 3);
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_str_is(field.value, "1"));
    assert_false(gb_deb822_next(&reader, &field));
    assert_false(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "PACKAGE"));
    assert_true(gb_str_is(field.value, "b"));
    assert_int_equal(field.line, 7);
    assert_false(gb_deb822_stanza(&reader));
    assert_int_equal(reader.malformed, 0);
}

static void skips_the_rest_of_a_stanza(void **state)
{
    (void)state;
    struct gb_deb822 reader = gb_deb822(GB_STR("A: 1\nB: 2\n\nC: 3"));
    struct gb_deb822_field field;
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "C") && gb_str_is(field.value, "3"));
}

static void folds_and_keeps_line_numbers(void **state)
{
    (void)state;
    struct gb_deb822 reader = gb_deb822(GB_STR("Types: deb\n# a note\nURIs: x\n\ty\n# inside\n z\n"
                                               "# behind\nSuites: s\n"));
    struct gb_deb822_field field;
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_str_is(field.value, "deb"));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "URIs"));
    assert_int_equal(field.line, 3);
    struct gb_str rest = field.value, word;
    const char *const wanted[] = {"x", "y", "z"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(gb_deb822_word(&rest, &word));
        assert_true(gb_str_is(word, wanted[i]));
    }
    assert_false(gb_deb822_word(&rest, &word));
    rest = field.value;
    for (size_t i = 0; i < 3; i++) {
        assert_true(gb_deb822_line(&rest, &word));
        assert_true(gb_str_is(word, wanted[i]));
    }
    assert_false(gb_deb822_line(&rest, &word));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "Suites") && gb_str_is(field.value, "s"));
    assert_int_equal(field.line, 8);
}

static void a_hash_inside_a_line_is_text(void **state)
{
    (void)state;
    struct gb_deb822 reader = gb_deb822(GB_STR("URIs: http://h/#x #y\n #z\n"));
    struct gb_deb822_field field;
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    struct gb_str rest = field.value, word;
    const char *const wanted[] = {"http://h/#x", "#y", "#z"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(gb_deb822_word(&rest, &word));
        assert_true(gb_str_is(word, wanted[i]));
    }
    assert_false(gb_deb822_word(&rest, &word));
}

static void counts_what_is_no_field(void **state)
{
    (void)state;
    struct gb_deb822 reader = gb_deb822(GB_STR(" stray\nno colon\n: no name\nA: 1\n"));
    struct gb_deb822_field field;
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "A"));
    assert_int_equal(field.line, 4);
    assert_int_equal(reader.malformed, 3);
    assert_int_equal(reader.first_malformed, 1);
}

static void reads_behind_the_armour(void **state)
{
    (void)state;
    struct gb_deb822 reader =
        gb_deb822(GB_STR("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\n"
                         "Label: x\n-----BEGIN PGP SIGNATURE-----\n\nVersion: 1\n"));
    gb_deb822_unwrap(&reader);
    struct gb_deb822_field field;
    assert_true(gb_deb822_stanza(&reader));
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "Origin"));
    assert_int_equal(field.line, 4);
    assert_true(gb_deb822_next(&reader, &field));
    assert_true(gb_deb822_is(&field, "Label"));
    assert_false(gb_deb822_next(&reader, &field));
    assert_false(gb_deb822_stanza(&reader));
    reader = gb_deb822(GB_STR("-----BEGIN PGP SIGNED MESSAGE-----"));
    gb_deb822_unwrap(&reader);
    assert_false(gb_deb822_stanza(&reader));
    reader = gb_deb822(GB_STR("Plain: 1\n"));
    gb_deb822_unwrap(&reader);
    assert_true(gb_deb822_stanza(&reader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_fields_of_each_stanza),
        cmocka_unit_test(skips_the_rest_of_a_stanza),
        cmocka_unit_test(folds_and_keeps_line_numbers),
        cmocka_unit_test(a_hash_inside_a_line_is_text),
        cmocka_unit_test(counts_what_is_no_field),
        cmocka_unit_test(reads_behind_the_armour),
    };
    return cmocka_run_group_tests_name("source/package/deb822", tests, NULL, NULL);
}
