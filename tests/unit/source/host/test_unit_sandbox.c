// Hardening settings of units: values, implications, and that the exposure moves the right way.
#include "source/host/unit_sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct gb_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 4u << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static struct gb_sandbox read(const char *settings)
{
    struct gb_ini ini = gb_ini(arena);
    struct gb_str text = gb_str_format(arena, "[Service]\n%s\n", settings);
    assert_int_equal(gb_ini_parse(&ini, text, GB_STR("x.service")), GB_OK);
    struct gb_sandbox sandbox;
    gb_sandbox_read(&ini, "Service", &sandbox);
    return sandbox;
}

static void reads_users(void **state)
{
    (void)state;
    assert_true(read("").root_user);
    assert_true(read("User=root").root_user);
    assert_true(read("User=0").root_user);
    assert_true(read("User=www-data\nUser=").root_user);
    assert_false(read("User=www-data").root_user);
    assert_false(read("DynamicUser=yes").root_user);
    assert_false(read("DynamicUser=yes\nUser=app").root_user);
    assert_true(read("DynamicUser=yes\nUser=root").root_user); // the one that exists
    assert_true(gb_str_is(read("User=www-data").user, "www-data"));
}

static void reads_capabilities(void **state)
{
    (void)state;
    const uint64_t admin = gb_capability_bit(GB_CAP_SYS_ADMIN),
                   kill = gb_capability_bit(GB_CAP_KILL), chown = gb_capability_bit(GB_CAP_CHOWN);
    static const char key[] = "CapabilityBoundingSet";
    struct gb_sandbox open = read("");
    assert_true(open.capabilities == GB_CAPABILITIES_ALL);
    assert_true(open.ambient == 0);
    char text[512];
    snprintf(text, sizeof text, "%s=CAP_SYS_ADMIN cap_kill NO_SUCH", key);
    assert_true(read(text).capabilities == (admin | kill));
    snprintf(text, sizeof text, "%s=~CAP_SYS_ADMIN", key);
    assert_true(read(text).capabilities == (GB_CAPABILITIES_ALL & ~admin));
    snprintf(text, sizeof text, "%s=CAP_KILL\n%s=CAP_CHOWN\n%s=~CAP_KILL", key, key, key);
    assert_true(read(text).capabilities == chown);
    snprintf(text, sizeof text, "%s=", key);
    assert_true(read(text).capabilities == 0);
    snprintf(text, sizeof text, "%s=CAP_KILL\n%s=", key, key);
    assert_true(read(text).capabilities == 0);
    assert_true(read("AmbientCapabilities=CAP_KILL").ambient == kill);
    // Other settings take capabilities away.
    struct gb_sandbox less = read("PrivateDevices=yes\nProtectKernelModules=yes\nProtectClock=1");
    assert_false(less.capabilities &
                 (gb_capability_bit(GB_CAP_MKNOD) | gb_capability_bit(GB_CAP_SYS_RAWIO) |
                  gb_capability_bit(GB_CAP_SYS_MODULE) | gb_capability_bit(GB_CAP_SYS_TIME)));
    assert_true(less.capabilities & admin);
}

static void reads_words_and_switches(void **state)
{
    (void)state;
    struct gb_sandbox sandbox = read("ProtectSystem=full\nProtectHome=true\nProtectProc=invisible\n"
                                     "PrivateTmp=disconnected\nPrivateDevices=off\nUMask=0077");
    assert_string_equal(sandbox.protect_system.word, "full");
    assert_int_equal(sandbox.protect_system.from->line, 2);
    assert_string_equal(sandbox.protect_home.word, "yes");
    assert_string_equal(sandbox.protect_proc.word, "invisible");
    assert_true(sandbox.switches[GB_SANDBOX_PRIVATE_TMP].on);
    assert_false(sandbox.switches[GB_SANDBOX_PRIVATE_DEVICES].on);
    assert_int_equal(sandbox.umask, 077);
    assert_string_equal(read("ProtectSystem=nonsense").protect_system.word, "no");
    assert_string_equal(read("ProtectHome=yes\nProtectHome=").protect_home.word, "no");
}

static void reads_filters(void **state)
{
    (void)state;
    assert_int_equal(read("").system_calls, GB_FILTER_NONE);
    assert_int_equal(read("SystemCallFilter=~@mount").system_calls, GB_FILTER_DENY);
    struct gb_sandbox allow =
        read("SystemCallFilter=@system-service\nSystemCallFilter=~@resources @privileged");
    assert_int_equal(allow.system_calls, GB_FILTER_ALLOW);
    assert_true(allow.no_privileged_calls && allow.no_resource_calls);
    assert_false(read("SystemCallFilter=@system-service").no_privileged_calls);
    assert_int_equal(read("").namespaces, 7);
    assert_int_equal(read("RestrictNamespaces=yes").namespaces, 0);
    assert_int_equal(read("RestrictNamespaces=user mnt").namespaces, 2);
    assert_int_equal(read("RestrictNamespaces=~user").namespaces, 6);
    struct gb_sandbox families = read("RestrictAddressFamilies=AF_UNIX AF_INET");
    assert_true(families.inet && !families.packet && !families.netlink && !families.any_family);
    families = read("RestrictAddressFamilies=~AF_PACKET");
    assert_true(families.inet && !families.packet && families.netlink && !families.any_family);
    families = read("RestrictAddressFamilies=none");
    assert_false(families.inet || families.packet || families.netlink || families.any_family);
}

static void knows_what_settings_imply(void **state)
{
    (void)state;
    struct gb_sandbox dynamic = read("DynamicUser=yes");
    assert_true(dynamic.switches[GB_SANDBOX_NO_NEW_PRIVILEGES].on);
    assert_true(dynamic.switches[GB_SANDBOX_PRIVATE_TMP].on);
    assert_string_equal(dynamic.protect_system.word, "strict");
    assert_string_equal(dynamic.protect_home.word, "read-only");
    assert_string_equal(read("DynamicUser=1\nProtectHome=yes").protect_home.word, "yes");
    // A filter without CAP_SYS_ADMIN needs it; root keeps its privileges.
    assert_true(read("User=x\nRestrictRealtime=yes").switches[GB_SANDBOX_NO_NEW_PRIVILEGES].on);
    assert_false(read("RestrictRealtime=yes").switches[GB_SANDBOX_NO_NEW_PRIVILEGES].on);
    assert_false(read("User=x").switches[GB_SANDBOX_NO_NEW_PRIVILEGES].on);
}

static void rates_exposure(void **state)
{
    (void)state;
    double open = read("").exposure;
    assert_true(open > 9.0 && open <= 10.0);
    // Each of these closes something.
    static const char *const settings[] = {
        "User=x",
        "NoNewPrivileges=yes",
        "ProtectSystem=yes",
        "PrivateTmp=yes",
        "RestrictNamespaces=yes",
        "SystemCallFilter=~@mount",
        "ProtectHome=read-only",
        "CapabilityBoundingSet=CAP_KILL",
        "IPAddressDeny=any",
        "RestrictAddressFamilies=AF_UNIX",
        "PrivateNetwork=yes",
        "DevicePolicy=closed",
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (read(settings[i]).exposure >= open)
            fail_msg("%s does not lower the exposure", settings[i]);
    }
    double walled =
        read("DynamicUser=yes\nProtectHome=yes\nPrivateDevices=yes\nPrivateNetwork=yes\n"
             "PrivateUsers=yes\nProtectKernelTunables=yes\nProtectKernelModules=yes\n"
             "ProtectKernelLogs=yes\nProtectControlGroups=yes\nProtectClock=yes\n"
             "ProtectHostname=yes\nProtectProc=invisible\nRestrictNamespaces=yes\n"
             "RestrictRealtime=yes\nLockPersonality=yes\nMemoryDenyWriteExecute=yes\n"
             "CapabilityBoundingSet=\nRestrictAddressFamilies=AF_UNIX\nIPAddressDeny=any\n"
             "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n"
             "SystemCallArchitectures=native\nUMask=0077")
            .exposure;
    assert_true(walled >= 0.0 && walled < 0.7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_users, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_capabilities, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_words_and_switches, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_filters, setup, teardown),
        cmocka_unit_test_setup_teardown(knows_what_settings_imply, setup, teardown),
        cmocka_unit_test_setup_teardown(rates_exposure, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
