// sysctl.d: separators, later lines, patterns and what they leave alone.
#include "source/host/sysctl_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_sysctl_conf conf;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    conf = gb_sysctl_conf(arena);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void assert_value(const char *key, const char *value, const char *file, unsigned line)
{
    const struct gb_sysctl_line *found = gb_sysctl_conf_find(&conf, gb_str_of(key));
    if (!found)
        fail_msg("nothing sets %s", key);
    char text[128];
    snprintf(text, sizeof text, GB_PRI " " GB_PRI ":%u", GB_ARG(found->value), GB_ARG(found->file),
             found->line);
    char wanted[128];
    snprintf(wanted, sizeof wanted, "%s %s:%u", value, file, line);
    assert_string_equal(text, wanted);
}

static void parse(const char *text, const char *file)
{
    assert_int_equal(gb_sysctl_conf_parse(&conf, gb_str_of(text), gb_str_of(file)), GB_OK);
}

static void assert_path(const char *key, const char *path)
{
    struct gb_str got = gb_sysctl_path(arena, gb_str_of(key));
    char text[128];
    snprintf(text, sizeof text, GB_PRI, GB_ARG(got));
    assert_string_equal(text, path);
}

static void dots_and_slashes(void **state)
{
    (void)state;
    assert_path("kernel.domainname", "kernel/domainname");
    assert_path("kernel/domainname", "kernel/domainname");
    assert_path("net.ipv4.conf.enp3s0/200.forwarding", "net/ipv4/conf/enp3s0.200/forwarding");
    assert_path("net/ipv4/conf/enp3s0.200/forwarding", "net/ipv4/conf/enp3s0.200/forwarding");
    assert_path("tainted", "tainted");
    assert_path("", "");
    assert_path(".kernel.x", "");
    assert_path("../../etc/passwd", "");
    assert_path("net/../../etc", "");
    assert_path("kernel//x", "");
    assert_path("kernel/x/", "");
}

static void a_later_line_wins(void **state)
{
    (void)state;
    parse("# comment\n; comment\nkernel.kptr_restrict=0\nkernel.kptr_restrict = 1\n", "10-a.conf");
    assert_value("kernel/kptr_restrict", "1", "10-a.conf", 4);
    parse("kernel/kptr_restrict=2\n", "20-b.conf");
    assert_value("kernel/kptr_restrict", "2", "20-b.conf", 1);
    assert_true(conf.items[0]->replaced);
    assert_true(conf.items[1]->replaced);
    assert_false(conf.items[2]->replaced);
}

static void a_dash_means_that_failure_is_no_matter(void **state)
{
    (void)state;
    parse("-kernel.core_pattern = |/bin/false\n", "a");
    assert_value("kernel/core_pattern", "|/bin/false", "a", 1);
}

static void patterns_leave_named_keys_alone(void **state)
{
    (void)state;
    parse("net.ipv4.conf.all.rp_filter = 2\n"
          "net.ipv4.conf.*.rp_filter = 1\n"
          "-net.ipv4.conf.eth9.rp_filter\n"
          "net.ipv4.conf.eth?.rp_filter = 0\n",
          "a");
    assert_value("net/ipv4/conf/all/rp_filter", "2", "a", 1);
    assert_value("net/ipv4/conf/default/rp_filter", "1", "a", 2);
    assert_value("net/ipv4/conf/eth0/rp_filter", "0", "a", 4); // the later pattern
    assert_null(gb_sysctl_conf_find(&conf, GB_STR("net/ipv4/conf/eth9/rp_filter")));
    // * stops at a slash.
    assert_null(gb_sysctl_conf_find(&conf, GB_STR("net/ipv4/conf/a/b/rp_filter")));
}

static void nonsense_is_skipped(void **state)
{
    (void)state;
    parse("no assignment\n= 1\n../x = 1\n\n   \nkernel.panic=\n", "a");
    assert_int_equal(conf.count, 1);
    assert_value("kernel/panic", "", "a", 6);
}

static void values_are_compared_by_meaning(void **state)
{
    (void)state;
    assert_true(gb_sysctl_value_equal(GB_STR("1"), GB_STR("1")));
    assert_true(gb_sysctl_value_equal(GB_STR("0x01b6"), GB_STR("438")));
    assert_true(
        gb_sysctl_value_equal(GB_STR("4096\t131072  6291456"), GB_STR("4096 131072\t6291456\n")));
    assert_true(gb_sysctl_value_equal(GB_STR("|/bin/false"), GB_STR("|/bin/false")));
    assert_true(gb_sysctl_value_equal(GB_STR("01"), GB_STR("1")));
    assert_false(gb_sysctl_value_equal(GB_STR("1"), GB_STR("2")));
    assert_false(gb_sysctl_value_equal(GB_STR("1 2"), GB_STR("1")));
    assert_false(gb_sysctl_value_equal(GB_STR(""), GB_STR("0")));
    assert_false(gb_sysctl_value_equal(GB_STR("core"), GB_STR("core.%p")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dots_and_slashes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_later_line_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dash_means_that_failure_is_no_matter, setup, teardown),
        cmocka_unit_test_setup_teardown(patterns_leave_named_keys_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_skipped, setup, teardown),
        cmocka_unit_test_setup_teardown(values_are_compared_by_meaning, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
