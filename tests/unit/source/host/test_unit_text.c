// Values of unit files: words, commands, addresses, conditions, names that say secret.
#include "source/host/unit_text.h"

#include "source/host/cgroup.h"
#include "source/host/secret_name.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>

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

static void assert_str(struct gb_str seen, const char *expected)
{
    if (!gb_str_is(seen, expected))
        fail_msg("\"" GB_PRI "\", not \"%s\"", GB_ARG(seen), expected);
}

static void splits_words_with_quotes(void **state)
{
    (void)state;
    struct gb_str rest = GB_STR("  a \"b c\" d'e f'g h\\ i \"\" 'open"), word;
    const char *const expected[] = {"a", "b c", "de fg", "h i", "", "open"};
    for (size_t i = 0; i < 6; i++) {
        assert_true(gb_unit_next_word(arena, &rest, &word));
        assert_str(word, expected[i]);
    }
    assert_false(gb_unit_next_word(arena, &rest, &word));
}

static void reads_commands(void **state)
{
    (void)state;
    static const struct {
        const char *value, *program, *script, *autologin;
        bool full;
    } rows[] = {
        {"/usr/sbin/sshd -D $OPTS", "/usr/sbin/sshd", "", "", false},
        {"-/bin/kill -HUP $MAINPID", "/bin/kill", "", "", false},
        {"@/lib/systemd/systemd-x /other name", "/lib/systemd/systemd-x", "", "", false},
        {"+/opt/a", "/opt/a", "", "", true},
        {"-!!/opt/a b", "/opt/a", "", "", true},
        {"\"/opt/with space/run\" x", "/opt/with space/run", "", "", false},
        {"/usr/bin/python3 /opt/app/run.py -v", "/usr/bin/python3", "/opt/app/run.py", "", false},
        {"/bin/sh -c 'echo hi'", "/bin/sh", "", "", false},
        {"/sbin/agetty -o '-p -- \\\\u' --noclear %I $TERM", "/sbin/agetty", "", "", false},
        {"-/sbin/agetty --autologin admin --noclear %I", "/sbin/agetty", "", "admin", false},
        {"/sbin/agetty -a root tty1", "/sbin/agetty", "", "root", false},
        {"agetty --autologin=kiosk", "agetty", "", "kiosk", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_unit_command command;
        assert_true(gb_unit_command(arena, gb_str_of(rows[i].value), &command));
        assert_str(command.program, rows[i].program);
        assert_str(command.script, rows[i].script);
        assert_str(command.autologin, rows[i].autologin);
        assert_int_equal(command.full_privileges, rows[i].full);
    }
    struct gb_unit_command command;
    assert_false(gb_unit_command(arena, GB_STR(""), &command));
    assert_false(gb_unit_command(arena, GB_STR("-"), &command));
}

static void tells_exposed_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool internet, exposed;
    } rows[] = {
        {"22", true, true},
        {"0.0.0.0:22", true, true},
        {"[::]:631", true, true},
        {"127.0.0.1:631", true, false},
        {"[::1]:631", true, false},
        {"192.0.2.1:80", true, true},
        {"/run/x.sock", false, false},
        {"@abstract", false, false},
        {"vsock::22", false, true},
        {"", false, false},
        {"%t/x", false, false},
        {"70000", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_unit_address address = gb_unit_address(gb_str_of(rows[i].value));
        if (address.internet != rows[i].internet || address.exposed != rows[i].exposed)
            fail_msg("%s: internet %d exposed %d", rows[i].value, address.internet,
                     address.exposed);
    }
}

static void assert_unmet(const struct gb_host *host, const char *text, const char *expected)
{
    struct gb_ini ini = gb_ini(arena);
    assert_int_equal(gb_ini_parse(&ini, gb_str_of(text), GB_STR("x.service")), GB_OK);
    struct gb_str unmet = gb_unit_unmet_condition(host, &ini, arena);
    if (!gb_str_is(unmet, expected))
        fail_msg("%s: \"" GB_PRI "\", not \"%s\"", text, GB_ARG(unmet), expected);
}

static void evaluates_conditions_about_files(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    temporary_root_file(&root, "/etc/full", "x");
    temporary_root_file(&root, "/etc/empty", "");
    temporary_root_dirs(&root, "/etc/void/");
    assert_unmet(host, "[Unit]\nConditionPathExists=/etc/full\n", "");
    assert_unmet(host, "[Unit]\nConditionPathExists=/etc/none\n", "ConditionPathExists=/etc/none");
    assert_unmet(host, "[Unit]\nConditionPathExists=!/etc/full\n",
                 "ConditionPathExists=!/etc/full");
    assert_unmet(host, "[Unit]\nAssertFileNotEmpty=/etc/empty\n", "AssertFileNotEmpty=/etc/empty");
    assert_unmet(host, "[Unit]\nConditionDirectoryNotEmpty=/etc\n", "");
    assert_unmet(host, "[Unit]\nConditionDirectoryNotEmpty=/etc/void\n",
                 "ConditionDirectoryNotEmpty=/etc/void");
    assert_unmet(host, "[Unit]\nConditionFileIsExecutable=/etc/full\n",
                 "ConditionFileIsExecutable=/etc/full");
    // One of those with | is enough; an empty assignment forgets what was before.
    assert_unmet(host, "[Unit]\nConditionPathExists=|/none\nConditionPathExists=|/etc/full\n", "");
    assert_unmet(host, "[Unit]\nConditionPathExists=|/none\nConditionPathExists=|/other\n",
                 "ConditionPathExists=|/other");
    assert_unmet(host, "[Unit]\nConditionPathExists=/none\nConditionPathExists=\n", "");
    // What cannot be told here is taken to hold.
    assert_unmet(host, "[Unit]\nConditionPathExists=/run/%i\nConditionVirtualization=vm\n", "");
    assert_unmet(host, "[Unit]\nConditionPathExists=/sys/x\nConditionPathExists=!/proc/1\n", "");
    assert_unmet(host, "[Unit]\nConditionPathExists=|/none\nConditionKernelVersion=|>1\n", "");
    assert_unmet(host, "[Service]\nConditionPathExists=/none\n", "");
    temporary_root_free(&root, &host);
}

static void tells_names_of_secrets(void **state)
{
    (void)state;
    static const char *const secret[] = {"DB_PASSWORD", "password",      "AWS_SECRET_ACCESS_KEY",
                                         "api-key",     "GITHUB_TOKEN",  "TOKEN",
                                         "SMTP_PASS",   "client.secret", "PGPASSWORD"};
    static const char *const plain[] = {
        "PATH",     "DB_PASSWORD_FILE", "TOKEN_TTL",         "SSH_AUTH_SOCK",
        "KEYBOARD", "PASSENGER_APP",    "AWS_ACCESS_KEY_ID", "COMPASS",
        ""};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        if (!gb_secret_name(gb_str_of(secret[i])))
            fail_msg("%s is the name of a secret", secret[i]);
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (gb_secret_name(gb_str_of(plain[i])))
            fail_msg("%s is not the name of a secret", plain[i]);
    }
    assert_true(gb_secret_literal(GB_STR("hunter2")));
    static const char *const references[] = {"",     "$X",   "${X}",    "%d/x",  "/run/secrets/x",
                                             "true", "None", "{{ x }}", "file:x"};
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        assert_false(gb_secret_literal(gb_str_of(references[i])));
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void reads_control_groups(void **state)
{
    (void)state;
    static const struct {
        const char *text, *unit, *container;
    } rows[] = {
        {"0::/system.slice/ssh.service\n", "ssh.service", ""},
        {"0::/\n", "", ""},
        {"", "", ""},
        {"nonsense\n0:x\n", "", ""},
        {"0::/user.slice/user-0.slice/user@0.service/app.slice/a.service\n", "user@0.service", ""},
        {"0::/user.slice/user-0.slice/session-3.scope\n", "session-3.scope", ""},
        {"12:pids:/x\n1:name=systemd:/system.slice/cron.service\n0::/\n", "cron.service", ""},
        {"0::/system.slice/docker-" ID ".scope\n", "docker-" ID ".scope", ID},
        {"3:cpu:/docker/" ID "\n0::/\n", "", ID},
        {"0::/machine.slice/libpod-" ID ".scope/container\n", "libpod-" ID ".scope", ID},
        {"0::/machine.slice/libpod-conmon-" ID ".scope\n", "libpod-conmon-" ID ".scope", ""},
        {"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n",
         "cri-containerd-" ID ".scope", ID},
        {"0::/kubepods/burstable/pod12/" ID "\n", "", ID},
        {"0::/lxc.payload.web\n", "", "web"},
        {"0::/lxc/web\n", "", "web"},
        {"0::/docker/" ID "0\n", "", ""}, // 65 digits are no identifier
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gb_cgroup cgroup = gb_cgroup_read(gb_str_of(rows[i].text));
        assert_str(cgroup.unit, rows[i].unit);
        assert_str(cgroup.container, rows[i].container);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(splits_words_with_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_exposed_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(evaluates_conditions_about_files, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_names_of_secrets, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_control_groups, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
