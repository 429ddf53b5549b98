// Units on disk: precedence, masks, aliases, templates, drop-ins, what is enabled and what starts
// at boot. The states were taken from systemctl is-enabled of systemd 252 over the same files.
#include "source/host/unit_files.h"

#include "../../sys/collected_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct gb_units units;

static int setup(void **state)
{
    (void)state;
    return collected_root_begin(GB_KERNEL_NONE);
}

static void put(const char *path, const char *text)
{
    temporary_root_file(&root, path, text);
}

static void link_to(const char *path, const char *target)
{
    temporary_root_link(&root, path, target);
}

static void load(void)
{
    assert_int_equal(gb_units_load(&collector, collector.arena, &units), GB_OK);
    gb_units_states(&units);
}

static const struct gb_unit *find(const char *name)
{
    struct gb_unit *unit = gb_units_find(&units, gb_str_of(name));
    if (!unit)
        fail_msg("%s was not found", name);
    return unit;
}

static void assert_state(const char *name, const char *state)
{
    const struct gb_unit *unit = find(name);
    if (strcmp(unit->state, state) != 0)
        fail_msg("%s is %s, not %s", name, unit->state, state);
}

#define WANTED "[Install]\nWantedBy=multi-user.target\n"

static void tells_what_is_enabled(void **state)
{
    (void)state;
    put("/usr/lib/systemd/system/on.service", WANTED);
    put("/usr/lib/systemd/system/off.service", WANTED);
    put("/usr/lib/systemd/system/plain.service", "[Service]\n");
    put("/usr/lib/systemd/system/also.service", "[Install]\nAlso=on.service\n");
    put("/usr/lib/systemd/system/gone.service", WANTED);
    put("/usr/lib/systemd/system/empty.service", "");
    put("/usr/lib/systemd/system/run.service", WANTED);
    put("/usr/lib/systemd/system/named.service", "[Install]\nAlias=other.service\n");
    put("/usr/lib/systemd/system/pet.service", WANTED);
    put("/usr/lib/systemd/system/getty@.service", "[Install]\nWantedBy=x.target\n"
                                                  "DefaultInstance=tty1\n");
    put("/opt/linked.service", WANTED);
    put("/run/systemd/generator/made.mount", "[Mount]\n");
    link_to("/etc/systemd/system/multi-user.target.wants/on.service",
            "/lib/systemd/system/on.service");
    link_to("/run/systemd/system/multi-user.target.wants/run.service",
            "/usr/lib/systemd/system/run.service");
    link_to("/etc/systemd/system/gone.service", "/dev/null");
    link_to("/run/systemd/system/off2.service", "/dev/null");
    link_to("/etc/systemd/system/other.service", "/usr/lib/systemd/system/named.service");
    link_to("/etc/systemd/system/nick.service", "/usr/lib/systemd/system/pet.service");
    link_to("/etc/systemd/system/linked.service", "/opt/linked.service");
    link_to("/etc/systemd/system/x.target.wants/getty@tty1.service",
            "/usr/lib/systemd/system/getty@.service");
    load();
    assert_state("on.service", "enabled");
    assert_state("off.service", "disabled");
    assert_state("plain.service", "static");
    assert_state("also.service", "indirect");
    assert_state("gone.service", "masked");
    assert_state("empty.service", "masked");
    assert_state("off2.service", "masked-runtime");
    assert_state("run.service", "enabled-runtime");
    assert_state("named.service", "enabled");
    assert_state("other.service", "enabled"); // leads to named.service
    assert_state("pet.service", "indirect");  // under a name that [Install] does not know
    assert_state("linked.service", "linked");
    assert_state("getty@.service", "enabled");
    assert_state("getty@tty1.service", "enabled");
    assert_state("made.mount", "generated");
    assert_true(gb_str_is(find("other.service")->name, "named.service"));
    assert_true(find("getty@tty1.service")->of == find("getty@.service"));
    assert_true(gb_str_is(find("linked.service")->fragment, "/opt/linked.service"));
    assert_int_equal(units.gap.len, 0);
}

static void takes_the_first_of_equal_names(void **state)
{
    (void)state;
    put("/etc/systemd/system/a.service", "[Service]\nUser=etc\n");
    put("/usr/lib/systemd/system/a.service", "[Service]\nUser=vendor\n");
    put("/usr/local/lib/systemd/system/b.service", "[Service]\nUser=local\n");
    put("/usr/lib/systemd/system/b.service", "[Service]\nUser=vendor\n");
    link_to("/lib", "usr/lib"); // the same directory twice
    load();
    assert_int_equal(units.count, 2);
    assert_true(gb_str_is(find("a.service")->fragment, "/etc/systemd/system/a.service"));
    assert_true(gb_str_is(find("b.service")->fragment, "/usr/local/lib/systemd/system/b.service"));
}

static void merges_dropins_of_name_prefix_template_and_type(void **state)
{
    (void)state;
    put("/usr/lib/systemd/system/web-a@.service", "[Service]\nA=0\nB=0\nC=0\nD=0\nE=0\n");
    put("/usr/lib/systemd/system/service.d/10-x.conf", "[Service]\nA=type\n");
    put("/usr/lib/systemd/system/web-.service.d/20-x.conf", "[Service]\nB=prefix\n");
    put("/etc/systemd/system/web-a@.service.d/30-x.conf", "[Service]\nC=template\n");
    put("/etc/systemd/system/web-a@one.service.d/40-x.conf", "[Service]\nD=instance\n");
    put("/etc/systemd/system/web-a@two.service.d/40-x.conf", "[Service]\nE=not me\n");
    link_to("/etc/systemd/system/x.target.wants/web-a@one.service",
            "/usr/lib/systemd/system/web-a@.service");
    load();
    const struct gb_ini *settings = &find("web-a@one.service")->settings;
    const char *const expected[][2] = {
        {"A", "type"}, {"B", "prefix"}, {"C", "template"}, {"D", "instance"}, {"E", "0"}};
    for (size_t i = 0; i < 5; i++) {
        const struct gb_ini_entry *entry = gb_ini_get(settings, "Service", expected[i][0]);
        if (!entry || !gb_str_is(entry->value, expected[i][1]))
            fail_msg("%s is " GB_PRI ", not %s", expected[i][0],
                     GB_ARG(entry ? entry->value : GB_STR("missing")), expected[i][1]);
    }
}

static void assert_started(const char *name, const char *by)
{
    const struct gb_unit *unit = find(name);
    if (strcmp(unit->started_by, by) != 0)
        fail_msg("%s is started by \"%s\", not \"%s\"", name, unit->started_by, by);
}

static void follows_the_boot(void **state)
{
    (void)state;
    put("/usr/lib/systemd/system/graphical.target", "[Unit]\nRequires=multi-user.target\n");
    put("/usr/lib/systemd/system/multi-user.target", "[Unit]\nWants=basic.target\n");
    put("/usr/lib/systemd/system/basic.target", "[Unit]\nWants=sockets.target timers.target\n");
    put("/usr/lib/systemd/system/sockets.target", "");
    put("/usr/lib/systemd/system/timers.target", "[Unit]\n");
    link_to("/usr/lib/systemd/system/default.target", "graphical.target");
    put("/usr/lib/systemd/system/app.service", WANTED);
    put("/usr/lib/systemd/system/idle.service", WANTED);
    put("/usr/lib/systemd/system/api.socket", "[Socket]\nListenStream=80\n");
    put("/usr/lib/systemd/system/api.service", "[Unit]\nRequires=dep.service\n");
    put("/usr/lib/systemd/system/dep.service", "[Service]\n");
    put("/usr/lib/systemd/system/old.socket", "[Socket]\nAccept=yes\n");
    put("/usr/lib/systemd/system/old@.service", "[Service]\n");
    put("/usr/lib/systemd/system/job.timer", "[Timer]\nUnit=work.service\n");
    put("/usr/lib/systemd/system/work.service", "[Service]\n");
    put("/usr/lib/systemd/system/stop.service", WANTED);
    link_to("/etc/systemd/system/stop.service", "/dev/null");
    const char *const wants[][2] = {{"multi-user", "app.service"},  {"basic", "api.socket"},
                                    {"basic", "old.socket"},        {"timers", "job.timer"},
                                    {"multi-user", "stop.service"}, {"other", "idle.service"}};
    for (size_t i = 0; i < 6; i++) {
        char path[128];
        snprintf(path, sizeof path, "/etc/systemd/system/%s.target.wants/%s", wants[i][0],
                 wants[i][1]);
        link_to(path, "/usr/lib/systemd/system/x");
    }
    put("/etc/init.d/legacy", "#!/bin/sh\n");
    temporary_root_mode(&root, "/etc/init.d/legacy", 0755);
    put("/etc/init.d/resting", "#!/bin/sh\n");
    temporary_root_mode(&root, "/etc/init.d/resting", 0755);
    put("/etc/init.d/README", "text\n");
    link_to("/etc/rc3.d/S01legacy", "../init.d/legacy");
    link_to("/etc/rc3.d/K01resting", "../init.d/resting");
    load();
    assert_true(gb_units_boot(&units));
    assert_started("app.service", "boot");
    assert_started("idle.service", ""); // enabled, but for a target that nothing pulls in
    assert_state("idle.service", "enabled");
    assert_started("api.service", "socket");
    assert_started("dep.service", "socket");
    assert_started("old@.service", "socket");
    assert_started("work.service", "timer");
    assert_started("stop.service", "");
    assert_started("legacy.service", "boot");
    assert_state("legacy.service", "enabled");
    assert_started("resting.service", "");
    assert_null(gb_units_find(&units, GB_STR("README.service"))); // not executable
}

static void survives_a_bad_tree(void **state)
{
    (void)state;
    link_to("/etc/systemd/system/loop.service", "loop2.service");
    link_to("/etc/systemd/system/loop2.service", "loop.service");
    link_to("/etc/systemd/system/self.service", "self.service");
    link_to("/etc/systemd/system/dangling.service", "nowhere.service");
    temporary_root_dirs(&root, "/etc/systemd/system/dir.service/");
    put("/etc/systemd/system/no suffix", "x");
    put("/etc/systemd/system/.hidden.service", "x");
    put("/etc/systemd/system/@.service", "x");
    put("/etc/systemd/system/good.service", "[Service]\n");
    link_to("/etc/systemd/system/a.target.wants/none@x.service", "/nowhere");
    load();
    assert_false(gb_units_boot(&units)); // there is no default.target
    assert_state("good.service", "static");
    assert_null(gb_units_find(&units, GB_STR("dangling.service")));
    assert_null(gb_units_find(&units, GB_STR("loop.service")));
    assert_null(gb_units_find(&units, GB_STR("none@x.service")));
    const struct gb_unit *self = find("self.service");
    assert_non_null(gb_ini_unread(&self->settings));
}

static void reads_one_unit(void **state)
{
    (void)state;
    put("/usr/lib/systemd/system/one.service", "[Service]\nUser=vendor\nGroup=vendor\n");
    put("/etc/systemd/system/one.service.d/u.conf", "[Service]\nUser=admin\n");
    struct gb_ini settings;
    assert_int_equal(gb_unit_settings(host, "one.service", collector.arena, &settings), GB_OK);
    assert_true(gb_str_is(gb_ini_get(&settings, "Service", "User")->value, "admin"));
    assert_true(gb_str_is(gb_ini_get(&settings, "Service", "Group")->value, "vendor"));
    assert_int_equal(gb_unit_settings(host, "none.service", collector.arena, &settings),
                     GB_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_what_is_enabled, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(takes_the_first_of_equal_names, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(merges_dropins_of_name_prefix_template_and_type, setup,
                                        collected_root_end),
        cmocka_unit_test_setup_teardown(follows_the_boot, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(survives_a_bad_tree, setup, collected_root_end),
        cmocka_unit_test_setup_teardown(reads_one_unit, setup, collected_root_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
