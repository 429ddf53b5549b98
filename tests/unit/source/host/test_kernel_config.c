// The kernel's build configuration, plain and packed.
#include "source/host/kernel_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 8 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void reads_set_and_unset_options(void **state)
{
    (void)state;
    struct gb_kernel_config config = {.known = true, .options = gb_map(arena)};
    assert_int_equal(gb_kernel_config_parse(&config,
                                            GB_STR("# Linux/x86 6.1.0 Kernel Configuration\n"
                                                   "CONFIG_MODULES=y\n"
                                                   "CONFIG_SQUASHFS=m\n"
                                                   "# CONFIG_KEXEC is not set\n"
                                                   "CONFIG_LSM=\"lockdown,yama\"\n"
                                                   "CONFIG_DEFAULT_MMAP_MIN_ADDR=65536\n"
                                                   "#CONFIG_DEVKMEM=y\n"
                                                   "CONFIG_=y\n"),
                                            arena),
                     GB_OK);
    assert_true(gb_kernel_config_is(&config, "MODULES", 'y'));
    assert_true(gb_kernel_config_is(&config, "SQUASHFS", 'm'));
    assert_false(gb_kernel_config_is(&config, "SQUASHFS", 'y'));
    assert_true(gb_kernel_config_is(&config, "KEXEC", 'n'));
    const struct gb_kernel_option *lsm = gb_kernel_config_get(&config, GB_STR("LSM"));
    assert_non_null(lsm);
    assert_true(gb_str_is(lsm->value, "lockdown,yama"));
    assert_int_equal(lsm->line, 5);
    assert_null(gb_kernel_config_get(&config, GB_STR("DEVKMEM"))); // a comment
    assert_null(gb_kernel_config_get(&config, GB_STR("")));
}

static struct gb_str pack(const char *text, size_t len)
{
    static unsigned char packed[65536];
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)text,
                       .avail_in = (unsigned)len,
                       .next_out = packed,
                       .avail_out = sizeof packed};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = sizeof packed - stream.avail_out;
    deflateEnd(&stream);
    return (struct gb_str){(const char *)packed, size};
}

static void unpacks_within_its_limit(void **state)
{
    (void)state;
    struct gb_str out = {0}, packed = pack("CONFIG_X=y\n", 11);
    assert_int_equal(gb_gunzip(packed, 1000, arena, &out), GB_OK);
    assert_true(gb_str_is(out, "CONFIG_X=y\n"));
    assert_int_equal(gb_gunzip(packed, 11, arena, &out), GB_OK);
    assert_int_equal(gb_gunzip(packed, 10, arena, &out), GB_E_LIMIT);
}

static void a_bomb_is_stopped_at_the_limit(void **state)
{
    (void)state;
    static char zeros[1 << 20];
    struct gb_str out = {0}, packed = pack(zeros, sizeof zeros);
    assert_true(packed.len < 4096);
    assert_int_equal(gb_gunzip(packed, 100000, arena, &out), GB_E_LIMIT);
    assert_int_equal(gb_gunzip(packed, sizeof zeros, arena, &out), GB_OK);
    assert_int_equal(out.len, sizeof zeros);
}

static void damage_is_an_error(void **state)
{
    (void)state;
    struct gb_str out = {0}, packed = pack("CONFIG_X=y\nCONFIG_Y=m\n", 22);
    for (size_t len = 0; len < packed.len; len++)
        if (gb_gunzip(gb_str_sub(packed, 0, len), 1000, arena, &out) != GB_E_SYNTAX)
            fail_msg("%zu of %zu bytes were taken for the whole", len, packed.len);
    assert_int_equal(gb_gunzip(GB_STR("CONFIG_X=y\n"), 1000, arena, &out), GB_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_set_and_unset_options),
        cmocka_unit_test(unpacks_within_its_limit),
        cmocka_unit_test(a_bomb_is_stopped_at_the_limit),
        cmocka_unit_test(damage_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
