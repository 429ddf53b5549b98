// modprobe.d: rules, continued lines, names, what refuses to load.
#include "source/host/modprobe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void reads_rules_with_their_lines(void **state)
{
    (void)state;
    struct gb_modprobe_rules rules = {0};
    assert_int_equal(gb_modprobe_parse(&rules,
                                       GB_STR("# blacklist commented\n"
                                              "blacklist usb-storage\n"
                                              "install \\\n cramfs \\\n /bin/false\n"
                                              "options dummy numdummies=0\n"
                                              "blacklist\n"
                                              "  blacklist\tsctp  \n"
                                              "install tail \\"),
                                       GB_STR("x.conf"), arena),
                     GB_OK);
    assert_int_equal(rules.count, 5);
    assert_int_equal(rules.items[0].command, GB_MODPROBE_BLACKLIST);
    assert_int_equal(rules.items[0].line, 2);
    assert_int_equal(rules.items[1].command, GB_MODPROBE_INSTALL);
    assert_true(gb_str_is(rules.items[1].module, "cramfs"));
    assert_true(gb_str_is(rules.items[1].argument, "/bin/false"));
    assert_int_equal(rules.items[1].line, 3);
    assert_int_equal(rules.items[2].command, GB_MODPROBE_OTHER);
    assert_int_equal(rules.items[2].line, 6);
    assert_true(gb_str_is(rules.items[3].module, "sctp"));
    assert_int_equal(rules.items[3].line, 8);
    assert_true(gb_str_is(rules.items[4].module, "tail"));
}

static void tells_what_refuses_a_module(void **state)
{
    (void)state;
    static const char *const refusing[] = {
        "/bin/false", "/bin/true",         "/usr/bin/false",
        "false",      "/usr/sbin/nologin", "/bin/false --reason x",
        ":"};
    static const char *const loading[] = {"/sbin/modprobe --ignore-install x",
                                          "/bin/true; /sbin/modprobe --ignore-install x",
                                          "/bin/true && insmod x",
                                          "/bin/false || modprobe x",
                                          "/opt/falsehood",
                                          ""};
    for (size_t i = 0; i < sizeof refusing / sizeof *refusing; i++)
        if (!gb_modprobe_refuses(gb_str_of(refusing[i])))
            fail_msg("\"%s\" refuses", refusing[i]);
    for (size_t i = 0; i < sizeof loading / sizeof *loading; i++)
        if (gb_modprobe_refuses(gb_str_of(loading[i])))
            fail_msg("\"%s\" does not refuse", loading[i]);
}

static void dashes_and_underscores_are_one(void **state)
{
    (void)state;
    assert_true(gb_module_name_equal(GB_STR("usb-storage"), GB_STR("usb_storage")));
    assert_true(gb_module_name_equal(GB_STR("a_b-c"), GB_STR("a-b_c")));
    assert_false(gb_module_name_equal(GB_STR("usb"), GB_STR("usb_storage")));
    assert_false(gb_module_name_equal(GB_STR("usbXstorage"), GB_STR("usb_storage")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rules_with_their_lines),
        cmocka_unit_test(tells_what_refuses_a_module),
        cmocka_unit_test(dashes_and_underscores_are_one),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
