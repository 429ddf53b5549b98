// Source lines of chrony, ntpsec and OpenNTPD; limits.conf.
#include "source/host/limits_conf.h"
#include "source/host/time_config.h"

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

static void chrony(void **state)
{
    (void)state;
    struct gb_time_sources sources = {0};
    assert_int_equal(gb_time_config_parse(&sources,
                                          GB_STR("confdir /etc/chrony/conf.d /run/chrony\n"
                                                 "# server commented\n"
                                                 "! server too\n"
                                                 "pool 2.debian.pool.ntp.org iburst\n"
                                                 "server time.example.org iburst NTS\n"
                                                 "peer 10.0.0.1 key 4\n"
                                                 "refclock PHC /dev/ptp0 poll 3\n"
                                                 "server\n"
                                                 "sourcedir /etc/chrony/sources.d\n"),
                                          GB_STR("c"), arena),
                     GB_OK);
    assert_int_equal(sources.count, 4);
    assert_true(gb_str_is(sources.items[0].address, "2.debian.pool.ntp.org"));
    assert_false(sources.items[0].authenticated);
    assert_int_equal(sources.items[0].line, 4);
    assert_true(sources.items[1].authenticated);
    assert_true(sources.items[2].authenticated);
    assert_true(sources.items[3].local);
    assert_int_equal(sources.include_count, 3);
    assert_true(gb_str_is(sources.includes[1].path, "/run/chrony"));
    assert_true(gb_str_is(sources.includes[2].keyword, "sourcedir"));
}

static void ntpd(void **state)
{
    (void)state;
    struct gb_time_sources sources = {0};
    assert_int_equal(gb_time_config_parse(&sources,
                                          GB_STR("server -4 a.example.org\n"
                                                 "server 127.127.28.0 minpoll 4\n"
                                                 "servers pool.example.org\n"
                                                 "sensor *\n"),
                                          GB_STR("c"), arena),
                     GB_OK);
    assert_int_equal(sources.count, 4);
    assert_true(gb_str_is(sources.items[0].address, "a.example.org"));
    assert_true(sources.items[1].local);
    assert_true(gb_str_is(sources.items[2].address, "pool.example.org"));
    assert_true(sources.items[3].local);
}

static void the_last_limit_for_everybody_counts(void **state)
{
    (void)state;
    struct gb_limits limits = {0};
    assert_int_equal(gb_limits_parse(&limits,
                                     GB_STR("* hard core 0 # none\n"
                                            "*\tsoft core unlimited\n"
                                            "@staff hard core 1000\n"
                                            "# * hard core 7\n"
                                            "* hard\n"
                                            "* - nofile 1024\n"),
                                     GB_STR("limits.conf"), arena),
                     GB_OK);
    const struct gb_limit *core = gb_limits_hard_default(&limits, "core");
    assert_non_null(core);
    assert_true(gb_str_is(core->value, "0"));
    assert_int_equal(core->line, 1);
    assert_int_equal(gb_limits_hard_default(&limits, "nofile")->line, 6);
    assert_null(gb_limits_hard_default(&limits, "nproc"));
    assert_int_equal(
        gb_limits_parse(&limits, GB_STR("* - core unlimited\n"), GB_STR("z.conf"), arena), GB_OK);
    assert_true(gb_str_is(gb_limits_hard_default(&limits, "core")->file, "z.conf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chrony),
        cmocka_unit_test(ntpd),
        cmocka_unit_test(the_last_limit_for_everybody_counts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
