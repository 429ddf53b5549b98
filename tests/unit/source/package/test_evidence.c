// Host evidence below a recorded root: who runs and maps what, who listens, what is left out.
#include "source/package/evidence.h"

#include "source/facts.h"

#include "collected_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void package(const char *name, const char *list)
{
    char path[256];
    snprintf(path, sizeof path, "/var/lib/dpkg/info/%s.list", name);
    temporary_root_file(&root, path, list);
}

static void process(const char *pid, const char *program, const char *state, int uid,
                    const char *maps)
{
    char path[64];
    uint64_t number;
    struct gb_facts facts =
        gb_facts(&collector, gb_collection_add(collector.all, GB_STR("process"), gb_str_of(pid)));
    assert_int_equal(gb_str_to_uint(gb_str_of(pid), 10, &number), GB_OK);
    gb_fact(&facts, "pid", gb_int((int64_t)number));
    gb_fact(&facts, "name", gb_string(gb_str_of(program)));
    gb_fact(&facts, "executable", gb_string(gb_str_of(program)));
    gb_fact(&facts, "executable_state", gb_string(gb_str_of(state)));
    gb_fact(&facts, "uid", gb_int(uid));
    gb_fact(&facts, "user", gb_string(uid ? GB_STR("www") : GB_STR("root")));
    gb_fact(&facts, "seccomp", gb_string(uid ? GB_STR("filter") : GB_STR("none")));
    gb_fact(&facts, "no_new_privileges", gb_bool(false));
    if (maps) {
        snprintf(path, sizeof path, "/proc/%s/maps", pid);
        temporary_root_file(&root, path, maps);
    }
}

static void listener(int pid, const char *address, int port, const char *exposure)
{
    struct gb_facts facts = gb_facts(
        &collector, gb_collection_add(collector.all, GB_STR("listener"), gb_str_of(address)));
    gb_fact(&facts, "pid", gb_int(pid));
    gb_fact(&facts, "address", gb_string(gb_str_of(address)));
    gb_fact(&facts, "port", gb_int(port));
    gb_fact(&facts, "protocol", gb_string(GB_STR("tcp")));
    gb_fact(&facts, "exposure", gb_string(gb_str_of(exposure)));
}

static int setup(void **state)
{
    (void)state;
    if (collected_root_begin(GB_KERNEL_RECORDED))
        return -1;
    temporary_root_file(
        &root, "/var/lib/dpkg/status",
        "Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n\n"
        "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3-1\n\n"
        "Package: locales\nStatus: install ok installed\nArchitecture: all\nVersion: 1-1\n\n"
        "Package: idle\nStatus: install ok installed\nArchitecture: all\nVersion: 1-1\n");
    package("nginx", "/.\n/usr/sbin/nginx\n/usr/lib/nginx/helper\n/usr/lib/nginx/mod.so\n");
    package("libssl3", "/.\n/usr/lib/libssl.so.3\n");
    package("locales", "/.\n/usr/lib/locale/C.utf8/LC_CTYPE\n");
    package("idle", "/.\n/usr/bin/idle\n");
    temporary_root_file(&root, "/usr/sbin/nginx", "\177ELF");
    temporary_root_file(&root, "/usr/lib/nginx/helper", "x");
    temporary_root_mode(&root, "/usr/lib/nginx/helper", 04755);
    return 0;
}

static const struct gb_value *fact(const char *id, const char *field)
{
    const struct gb_resource *resource = gb_collection_find(collector.all, gb_str_of(id));
    if (!resource)
        fail_msg("no resource %s", id);
    const struct gb_value *value = gb_map_find(resource->props, gb_str_of(field));
    if (!value)
        fail_msg("%s has no %s", id, field);
    return value;
}

static size_t count_of(const char *id, const char *field)
{
    const struct gb_value *value = fact(id, field);
    assert_int_equal(value->kind, GB_VALUE_LIST);
    return value->list->count;
}

static const struct gb_value *item(const char *id, const char *list, size_t i, const char *field)
{
    assert_true(count_of(id, list) > i);
    return gb_value_get(&fact(id, list)->list->items[i], field);
}

static const char nginx_maps[] =
    "55d0-55d1 r--p 00000000 08:01 11   /usr/sbin/nginx\n"
    "55d1-55d2 r-xp 00000000 08:01 11   /usr/sbin/nginx\n"
    "7f00-7f01 r-xp 00000000 08:01 12   /usr/lib/libssl.so.3 (deleted)\n"
    "7f01-7f02 r--p 00000000 08:01 13   /usr/lib/locale/C.utf8/LC_CTYPE\n"
    "7f02-7f03 rw-p 00000000 00:00 0    [heap]\n";

static void tells_who_uses_what(void **state)
{
    (void)state;
    process("10", "/usr/sbin/nginx", "present", 33, nginx_maps);
    process("11", "/usr/sbin/nginx", "present", 0, nginx_maps);
    process("12", "/usr/sbin/nginx", "elsewhere", 0, nginx_maps); // in a container
    listener(11, "0.0.0.0", 443, "any");
    listener(11, "127.0.0.1", 80, "loopback");
    listener(99, "0.0.0.0", 22, "any");
    struct gb_str names[] = {GB_STR("nginx"), GB_STR("libssl3"), GB_STR("locales"), GB_STR("idle"),
                             GB_STR("nginx")};
    struct gb_str paths[] = {GB_STR("/usr/sbin/nginx"), GB_STR("/opt/app/package.json")};
    struct gb_evidence_request request = {
        .packages = names, .package_count = 5, .paths = paths, .path_count = 2};
    assert_int_equal(gb_package_evidence_collect(&collector, &request, NULL), GB_OK);

    const char *nginx = "package_use:nginx";
    assert_int_equal(fact(nginx, "process_count")->integer, 2);
    assert_int_equal(item(nginx, "processes", 0, "pid")->integer, 11); // it listens: first
    assert_true(item(nginx, "processes", 0, "privileged")->boolean);
    assert_false(item(nginx, "processes", 0, "confined")->boolean);
    assert_false(item(nginx, "processes", 1, "privileged")->boolean);
    assert_true(item(nginx, "processes", 1, "confined")->boolean);
    assert_false(item(nginx, "processes", 1, "replaced")->boolean);
    assert_int_equal(count_of(nginx, "listeners"), 2);
    assert_true(gb_str_is(item(nginx, "listeners", 0, "exposure")->string, "any"));
    assert_int_equal(item(nginx, "listeners", 0, "port")->integer, 443);
    assert_int_equal(count_of(nginx, "setuid_files"), 1);
    assert_true(
        gb_str_is(fact(nginx, "setuid_files")->list->items[0].string, "/usr/lib/nginx/helper"));

    assert_int_equal(count_of("package_use:libssl3", "processes"), 2);
    assert_true(item("package_use:libssl3", "processes", 0, "replaced")->boolean);
    assert_int_equal(count_of("package_use:locales", "processes"), 0); // data is no code
    assert_int_equal(count_of("package_use:idle", "processes"), 0);
    assert_int_equal(count_of("package_use:idle", "listeners"), 0);
    assert_int_equal(count_of("package_use:/usr/sbin/nginx", "processes"), 2);
    assert_int_equal(fact("package_use:/opt/app/package.json", "processes")->kind,
                     GB_VALUE_UNKNOWN);

    size_t before = collector.all->resource_count;
    assert_int_equal(gb_package_evidence_collect(&collector, &request, NULL), GB_OK);
    assert_int_equal(collector.all->resource_count, before); // asking again adds nothing
}

static void archives_are_seen_through_descriptors(void **state)
{
    (void)state;
    process("20", "/usr/lib/jvm/bin/java", "present", 0,
            "7f00-7f01 r-xp 00000000 08:01 12   /usr/lib/jvm/lib/server/libjvm.so\n");
    temporary_root_link(&root, "/proc/20/fd/3", "/opt/app/lib/log4j-core.jar");
    temporary_root_link(&root, "/proc/20/fd/4", "socket:[5]");
    struct gb_str paths[] = {GB_STR("/opt/app/lib/log4j-core.jar"), GB_STR("/opt/app/other.jar")};
    struct gb_evidence_request request = {.paths = paths, .path_count = 2};
    assert_int_equal(gb_package_evidence_collect(&collector, &request, NULL), GB_OK);
    assert_int_equal(count_of("package_use:/opt/app/lib/log4j-core.jar", "processes"), 1);
    assert_int_equal(count_of("package_use:/opt/app/other.jar", "processes"), 0);
}

static void changelogs_are_told_beside(void **state)
{
    (void)state;
    process("10", "/usr/sbin/nginx", "present", 33, nginx_maps);
    temporary_root_file(&root, "/usr/share/doc/libssl3/changelog.Debian",
                        "libssl3 (4-1) sid; urgency=low\n\n  * CVE-2024-1111\n\n"
                        "libssl3 (3-1) sid; urgency=low\n\n  * CVE-2023-0286\n");
    struct gb_str names[] = {GB_STR("libssl3"), GB_STR("idle"), GB_STR("unknown")};
    struct gb_evidence_request request = {.packages = names, .package_count = 3};
    assert_int_equal(gb_package_evidence_collect(&collector, &request, NULL), GB_OK);
    assert_int_equal(count_of("package_changelog:libssl3", "fixed"), 1);
    assert_true(
        gb_str_is(item("package_changelog:libssl3", "fixed", 0, "id")->string, "CVE-2023-0286"));
    assert_null(gb_collection_find(collector.all, GB_STR("package_changelog:idle")));
}

static void without_a_kernel_nothing_is_in_use(void **state)
{
    (void)state;
    gb_host_close(&host);
    host = temporary_root_host(&root, GB_KERNEL_NONE);
    collector.host = host;
    struct gb_str names[] = {GB_STR("nginx")};
    struct gb_evidence_request request = {.packages = names, .package_count = 1};
    assert_int_equal(gb_package_evidence_collect(&collector, &request, NULL), GB_OK);
    const struct gb_kind_state *use = gb_collection_kind(collector.all, GB_STR("package_use"));
    assert_int_equal(use->presence, GB_NO_SUBJECT);
    assert_int_equal(use->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_who_uses_what, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(archives_are_seen_through_descriptors, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(changelogs_are_told_beside, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(without_a_kernel_nothing_is_in_use, setup,
                                        collected_root_end),
    };
    return cmocka_run_group_tests_name("source/package/evidence", tests, NULL, NULL);
}
