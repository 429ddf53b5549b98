// Processes from a recorded /proc: who counts, what happened to the program, what can change it.
#include "source/source.h"

#include "../../sys/collected_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

extern const struct gb_source gb_source_process;

static int setup(void **state)
{
    (void)state;
    if (collected_root_begin(GB_KERNEL_RECORDED))
        return -1;
    temporary_root_file(&root, "/etc/passwd",
                        "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/:/bin/sh\n"
                        "dev:x:1000:1000::/:/bin/sh\n");
    temporary_root_file(&root, "/etc/group", "root:x:0:\nweb:x:33:\ndev:x:1000:\n");
    temporary_root_file(&root, "/proc/stat", "cpu 1 2 3\nbtime 1000\n");
    return 0;
}

static void put_process(unsigned pid, const char *name, const char *executable, const char *more)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%u/status", pid);
    snprintf(text, sizeof text,
             "Name:\t%s\nState:\tS (sleeping)\nPPid:\t1\nTracerPid:\t0\n%s\n"
             "CapEff:\t0000000000002001\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n",
             name, more);
    temporary_root_file(&root, path, text);
    snprintf(path, sizeof path, "/proc/%u/exe", pid);
    temporary_root_link(&root, path, executable);
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    temporary_root_file(&root, path,
                        "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1\n");
}

#define IDS "Uid:\t33\t33\t33\t33\nGid:\t33\t33\t33\t33\nVmSize:\t10 kB"

static void collect(void)
{
    struct gb_error err = {0};
    assert_int_equal(gb_source_process.collect(&collector, &err), GB_OK);
}

static struct gb_str text_of(const char *id, const char *field)
{
    const struct gb_resource *resource = gb_collection_find(collector.all, gb_str_of(id));
    if (!resource)
        fail_msg("%s was not collected", id);
    return gb_value_str_or(gb_map_find(resource->props, gb_str_of(field)), GB_STR("(no text)"));
}

static const struct gb_value *value_of(const char *id, const char *field)
{
    const struct gb_resource *resource = gb_collection_find(collector.all, gb_str_of(id));
    if (!resource)
        fail_msg("%s was not collected", id);
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(field));
    if (!value)
        fail_msg("%s has no %s", id, field);
    return value;
}

static void assert_text(const char *id, const char *field, const char *expected)
{
    struct gb_str seen = text_of(id, field);
    if (!gb_str_is(seen, expected))
        fail_msg("%s of %s is \"" GB_PRI "\", not \"%s\"", field, id, GB_ARG(seen), expected);
}

static void leaves_out_what_is_no_program(void **state)
{
    (void)state;
    put_process(5, "web", "/usr/bin/web", IDS);
    put_process(2, "kthreadd", "/none", "Uid:\t0\t0\t0\t0");
    put_process(6, "kthread", "/none", "Kthread:\t1\nVmSize:\t1 kB");
    put_process(7, "zombie", "/none", "State:\tZ (zombie)\n" IDS);
    put_process(8, "gabion", "/usr/bin/gabion", IDS);
    temporary_root_link(&root, "/proc/self", "8");
    temporary_root_file(&root, "/proc/uptime", "1 1\n");
    temporary_root_file(&root, "/usr/bin/web", "x");
    collect();
    assert_int_equal(gb_collection_kind(collector.all, GB_STR("process"))->count, 1);
    assert_text("process:5", "name", "web");
    assert_text("process:5", "user", "web");
    assert_text("process:5", "seccomp", "filter");
    assert_true(value_of("process:5", "no_new_privileges")->boolean);
    assert_int_equal(value_of("process:5", "started_at")->time.seconds, 1123);
    const struct gb_list *capabilities = value_of("process:5", "capabilities")->list;
    assert_int_equal(capabilities->count, 2);
    assert_true(gb_str_is(capabilities->items[0].string, "CAP_CHOWN"));
    assert_true(gb_str_is(capabilities->items[1].string, "CAP_NET_RAW"));
}

static void tells_what_became_of_the_program(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/bin/web", "x");
    temporary_root_file(&root, "/usr/bin/odd (deleted)", "x");
    put_process(10, "a", "/usr/bin/web", IDS);
    put_process(11, "b", "/usr/bin/web (deleted)", IDS);
    put_process(12, "c", "/usr/bin/none (deleted)", IDS);
    put_process(13, "d", "/memfd:x (deleted)", IDS);
    put_process(14, "e", "/usr/bin/web", IDS);
    put_process(15, "f", "/usr/bin/odd (deleted)", IDS);
    temporary_root_file(&root, "/proc/14/cgroup",
                        "0::/system.slice/docker-0123456789abcdef0123456789abcdef"
                        "0123456789abcdef0123456789abcdef.scope\n");
    temporary_root_file(&root, "/proc/10/cgroup", "0::/system.slice/web.service\n");
    collect();
    assert_text("process:10", "executable_state", "present");
    assert_text("process:10", "unit", "web.service");
    assert_text("process:11", "executable_state", "replaced");
    assert_text("process:11", "executable", "/usr/bin/web");
    assert_text("process:12", "executable_state", "deleted");
    assert_text("process:13", "executable_state", "memory");
    assert_int_equal(value_of("process:13", "packaged")->kind, GB_VALUE_NOT_APPLICABLE);
    assert_text("process:14", "executable_state", "elsewhere");
    assert_int_equal(value_of("process:14", "packaged")->kind, GB_VALUE_NOT_APPLICABLE);
    assert_text("process:15", "executable_state", "present");
    assert_text("process:15", "executable", "/usr/bin/odd (deleted)");
}

static void tells_who_can_change_the_program(void **state)
{
    (void)state;
    temporary_root_file(&root, "/usr/bin/web", "x");
    temporary_root_file(&root, "/opt/dev/tool", "x");
    temporary_root_mode(&root, "/opt/dev/tool", 0777);
    put_process(20, "a", "/usr/bin/web", IDS);
    put_process(21, "b", "/opt/dev/tool", IDS);
    collect();
    if (geteuid() == 0)
        assert_text("process:20", "changeable_by", "");
    assert_text("process:21", "changeable_by", "everybody");
}

static void has_no_subject_without_a_kernel(void **state)
{
    (void)state;
    struct gb_host *bare = temporary_root_host(&root, GB_KERNEL_NONE);
    collector.host = bare;
    collect();
    const struct gb_kind_state *kind = gb_collection_kind(collector.all, GB_STR("process"));
    assert_int_equal(kind->presence, GB_NO_SUBJECT);
    assert_true(gb_str_is(kind->reason, "needs a live kernel"));
    gb_host_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaves_out_what_is_no_program, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(tells_what_became_of_the_program, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(tells_who_can_change_the_program, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(has_no_subject_without_a_kernel, setup, collected_root_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
