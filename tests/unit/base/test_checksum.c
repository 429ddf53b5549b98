// XXH64 against published values of the reference implementation.
#include "base/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void known_values(void **state)
{
    (void)state;
    assert_int_equal(gb_checksum(GB_STR(""), 0), 0xef46db3751d8e999u);
    assert_int_equal(gb_checksum(GB_STR("a"), 0), 0xd24ec4f1a98c6e5bu);
    assert_int_equal(gb_checksum(GB_STR("abc"), 0), 0x44bc2cf5ad770999u);
    // Longer than one round, with a tail of eight, four and single bytes.
    assert_int_equal(gb_checksum(GB_STR("Nobody inspects the spammish repetition"), 0),
                     0xfbcea83c8a378bf1u);
}

// No single changed byte goes unnoticed, wherever it stands.
static void every_byte_counts(void **state)
{
    (void)state;
    char text[101];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    uint64_t whole = gb_checksum((struct gb_str){text, sizeof text}, 0);
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] ^= 0x10;
        if (gb_checksum((struct gb_str){text, sizeof text}, 0) == whole)
            fail_msg("byte %zu", i);
        text[i] ^= 0x10;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_values),
                                       cmocka_unit_test(every_byte_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
