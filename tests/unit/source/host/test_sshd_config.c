// sshd_config: which line wins, Include, Match, algorithm lists, versions, what sshd refuses.
#include "source/host/sshd_access.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct temporary_root root;
static struct gb_host *host;
static struct gb_arena *arena;
static struct gb_sshd_config *config;
static struct gb_sshd_setting *settings;

static int setup(void **state)
{
    (void)state;
    root = temporary_root_new();
    host = temporary_root_host(&root, GB_KERNEL_NONE);
    arena = gb_arena_new("test", 64u << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    temporary_root_free(&root, &host);
    gb_arena_free(&arena);
    return 0;
}

static void evaluate_for(unsigned version, const struct gb_sshd_connection *connection)
{
    config = gb_sshd_config_new(arena, version);
    settings = gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *settings);
    assert_int_equal(gb_sshd_config_file(config, host, "/etc/ssh/sshd_config"), GB_OK);
    assert_int_equal(gb_sshd_evaluate(config, connection, arena, settings), GB_OK);
}

static void evaluate(const char *text)
{
    temporary_root_file(&root, "/etc/ssh/sshd_config", text);
    evaluate_for(902, NULL);
}

static void assert_value(const char *field, const char *value, const char *file, uint32_t line)
{
    const struct gb_sshd_setting *setting = gb_sshd_setting_of(settings, field);
    if (setting->unknown.len || setting->count == 0 || !gb_str_is(setting->values[0].text, value) ||
        !gb_str_is(setting->values[0].file, file) || setting->values[0].line != line)
        fail_msg("%s: expected %s (%s:%u), got " GB_PRI " (" GB_PRI ":%u)" GB_PRI, field, value,
                 file, line, GB_ARG(setting->count ? setting->values[0].text : GB_STR("nothing")),
                 GB_ARG(setting->count ? setting->values[0].file : GB_STR("")),
                 setting->count ? setting->values[0].line : 0, GB_ARG(setting->unknown));
}

static void assert_problem(bool fatal, uint32_t line, const char *part)
{
    for (size_t i = 0; i < config->problem_count; i++)
        if (config->problems[i].fatal == fatal && config->problems[i].line == line &&
            gb_str_contains(config->problems[i].text, gb_str_of(part)))
            return;
    fail_msg("no problem \"%s\" in line %u; the first of %zu is " GB_PRI, part, line,
             config->problem_count,
             GB_ARG(config->problem_count ? config->problems[0].text : GB_STR("none")));
}

#define MAIN "/etc/ssh/sshd_config"

static void the_first_line_wins(void **state)
{
    (void)state;
    evaluate("PermitRootLogin no\nPERMITROOTLOGIN yes\n\tMaxAuthTries=3 # few\nMaxAuthTries 9\n");
    assert_value("permit_root_login", "no", MAIN, 1);
    assert_value("max_auth_tries", "3", MAIN, 3);
    assert_value("password_authentication", "yes", "", 0);
    assert_int_equal(config->problem_count, 0);
}

static void some_keywords_add_up_and_some_take_the_last(void **state)
{
    (void)state;
    evaluate(
        "AllowUsers a b\nAllowUsers c\nPort 22\nPort 2222\nMaxStartups 5\nMaxStartups 7:8:9\n");
    const struct gb_sshd_setting *users = gb_sshd_setting_of(settings, "allow_users");
    assert_int_equal(users->count, 3);
    assert_true(gb_str_is(users->values[2].text, "c"));
    assert_int_equal(users->values[2].line, 2);
    assert_int_equal(gb_sshd_setting_of(settings, "port")->count, 2);
    assert_value("max_startups", "7:8:9", MAIN, 6);
}

static void includes_come_in_order_of_names_where_they_stand(void **state)
{
    (void)state;
    temporary_root_file(&root, "/etc/ssh/sshd_config.d/50-b.conf", "PermitRootLogin yes\n");
    temporary_root_file(&root, "/etc/ssh/sshd_config.d/10-a.conf", "\nPermitRootLogin no\n");
    temporary_root_file(&root, "/etc/ssh/sshd_config.d/.hidden.conf", "UsePAM yes\n");
    temporary_root_file(&root, "/etc/ssh/sshd_config.d/readme", "UsePAM yes\n");
    evaluate("X11Forwarding no\nInclude sshd_config.d/*.conf\nPermitRootLogin "
             "prohibit-password\nX11Forwarding yes\n");
    assert_value("permit_root_login", "no", "/etc/ssh/sshd_config.d/10-a.conf", 2);
    assert_value("x11_forwarding", "no", MAIN, 1);
    assert_value("use_pam", "no", "", 0);
}

static void a_match_block_holds_for_its_connections_only(void **state)
{
    (void)state;
    temporary_root_file(&root, "/etc/ssh/extra.conf",
                        "AllowTcpForwarding no\nMatch Group wheel\nX11Forwarding yes\n");
    temporary_root_file(&root, MAIN,
                        "PasswordAuthentication no\n"
                        "Match User backup Address 10.0.0.0/8,!10.9.0.0/16\n"
                        "  PasswordAuthentication yes\n"
                        "  Include extra.conf\n"
                        "  PermitTTY no\n"
                        "Match all\n"
                        "  Banner /etc/issue.net\n");
    evaluate_for(902, NULL);
    assert_value("password_authentication", "no", MAIN, 1);
    assert_value("allow_tcp_forwarding", "yes", "", 0);
    assert_value("banner", "/etc/issue.net", MAIN, 7);
    assert_int_equal(config->problem_count, 0);

    struct gb_str groups[] = {GB_STR_INIT("backup"), GB_STR_INIT("wheel")};
    struct gb_sshd_connection connection = {.user = GB_STR("backup"),
                                            .address = GB_STR("10.1.2.3"),
                                            .groups = groups,
                                            .group_count = 1};
    evaluate_for(902, &connection);
    assert_value("password_authentication", "yes", MAIN, 3);
    assert_value("allow_tcp_forwarding", "no", "/etc/ssh/extra.conf", 1);
    assert_value("x11_forwarding", "no", "", 0); // not in wheel
    assert_value("permit_tty", "no", MAIN, 5);   // the Include did not end the block

    connection.group_count = 2;
    evaluate_for(902, &connection);
    assert_value("x11_forwarding", "yes", "/etc/ssh/extra.conf", 3);

    connection.address = GB_STR("10.9.1.1");
    evaluate_for(902, &connection);
    assert_value("password_authentication", "no", MAIN, 1);
}

static void what_a_match_block_loosens_is_found(void **state)
{
    (void)state;
    evaluate(
        "PermitRootLogin no\nPasswordAuthentication no\nMaxAuthTries 3\n"
        "AuthenticationMethods publickey,password\n"
        "Match Address 10.0.0.0/8\n PermitRootLogin yes\n PermitRootLogin no\n MaxAuthTries 2\n"
        "Match User sftp\n ForceCommand internal-sftp\n AllowTcpForwarding no\n"
        " AuthenticationMethods publickey\n MaxAuthTries 20\n"
        "Match all\n GatewayPorts yes\n");
    struct gb_sshd_loosened *found;
    size_t count;
    assert_int_equal(gb_sshd_find_loosened(config, settings, arena, &found, &count), GB_OK);
    assert_int_equal(count, 3);
    assert_int_equal(found[0].directive->line, 6);
    assert_true(gb_str_is(found[0].value, "yes"));
    assert_true(gb_str_is(found[0].base, "no"));
    assert_true(gb_str_is(found[0].conditions, "Address 10.0.0.0/8"));
    assert_int_equal(found[1].directive->line, 12);
    assert_int_equal(found[2].directive->line, 13);
}

static void algorithm_lists_are_expanded(void **state)
{
    (void)state;
    evaluate("Ciphers +aes128-cbc\nMACs -*etm@openssh.com,umac*\nKexAlgorithms curve25519-sha256\n"
             "HostKeyAlgorithms ^rsa-sha2-256\nPubkeyAcceptedKeyTypes +ssh-dss*\n");
    assert_true(gb_str_ends(gb_sshd_value_of(settings, "ciphers"), GB_STR(",aes128-cbc")));
    assert_true(gb_str_starts(gb_sshd_value_of(settings, "ciphers"), GB_STR("chacha20")));
    assert_value("macs", "hmac-sha2-256,hmac-sha2-512,hmac-sha1", MAIN, 2);
    assert_value("kex_algorithms", "curve25519-sha256", MAIN, 3);
    struct gb_str keys = gb_sshd_value_of(settings, "host_key_algorithms");
    assert_true(gb_str_starts(keys, GB_STR("rsa-sha2-256,ssh-ed25519-cert")));
    assert_true(gb_str_ends(keys, GB_STR("rsa-sha2-512"))); // not twice
    assert_true(gb_str_ends(gb_sshd_value_of(settings, "pubkey_accepted_algorithms"),
                            GB_STR(",ssh-dss,ssh-dss-cert-v01@openssh.com")));
}

static void versions_differ(void **state)
{
    (void)state;
    temporary_root_file(&root, MAIN, "Protocol 2,1\nKbdInteractiveAuthentication no\n");
    evaluate_for(902, NULL);
    assert_problem(false, 1, "Protocol has no effect");
    assert_value("kbd_interactive_authentication", "no", MAIN, 2);
    assert_int_equal(gb_sshd_keyword_find(GB_STR("include"), 902), GB_SSHD_NO_KEYWORD);
    evaluate_for(703, NULL);
    assert_value("protocol", "2,1", MAIN, 1);
    assert_value("kbd_interactive_authentication", "yes", "", 0); // the other switch is on
    assert_non_null(strstr(gb_sshd_algorithms_default(GB_SSHD_KEX, 703), "group14-sha1"));
    assert_null(strstr(gb_sshd_algorithms_default(GB_SSHD_KEX, 902), "sha1"));
    assert_null(strstr(gb_sshd_algorithms_default(GB_SSHD_KEX, 1000), "group"));
    assert_int_equal(gb_openssh_version(GB_STR("x OpenSSH_9.2p1 Debian-2+deb12u10")), 902);
    assert_int_equal(gb_openssh_version(GB_STR("OpenSSH_10.0p2")), 1000);
    assert_int_equal(gb_openssh_version(GB_STR("OpenSSH_for_Windows")), 0);
}

static void what_sshd_refuses_is_a_problem(void **state)
{
    (void)state;
    evaluate("PermitRootLogn no\nPermitRootLogin maybe\nBanner \"open\nMaxAuthTries\n"
             "Ciphers rot13\nMatch User a\nPort 22\nPasswordAuthentication yes no\n");
    assert_problem(true, 1, "did you mean PermitRootLogin?");
    assert_problem(true, 2, "unsupported value maybe");
    assert_problem(true, 3, "quote");
    assert_problem(true, 4, "no argument");
    assert_problem(true, 5, "unknown name rot13");
    assert_problem(true, 7, "not allowed inside a Match block");
    assert_problem(true, 8, "extra arguments");
    assert_value("permit_root_login", "prohibit-password", "", 0);
}

static void what_cannot_be_read_makes_unknown_what_depends_on_it(void **state)
{
    (void)state;
    char path[256];
    temporary_root_file(&root, "/etc/ssh/a.conf", "");
    snprintf(path, sizeof path, "%s/etc/ssh/b.conf", root.path);
    assert_int_equal(mkfifo(path, 0644), 0);
    evaluate("PermitRootLogin no\nAllowUsers a\nInclude ?.conf\nX11Forwarding no\n");
    assert_value("permit_root_login", "no", MAIN, 1);
    assert_true(gb_str_contains(gb_sshd_setting_of(settings, "x11_forwarding")->unknown,
                                GB_STR("/etc/ssh/b.conf")));
    assert_true(gb_sshd_setting_of(settings, "allow_users")->unknown.len > 0);

    snprintf(path, sizeof path, "%s" MAIN, root.path);
    assert_int_equal(truncate(path, (off_t)1 << 30), 0);
    evaluate_for(902, NULL);
    assert_true(gb_sshd_setting_of(settings, "permit_root_login")->unknown.len > 0);
    temporary_root_bytes(&root, MAIN, (struct gb_str){"UsePAM yes\0\n", 12});
    evaluate_for(902, NULL);
    assert_true(
        gb_str_contains(gb_sshd_setting_of(settings, "use_pam")->unknown, GB_STR("binary")));
}

static void includes_that_include_themselves_end(void **state)
{
    (void)state;
    evaluate("Include /etc/ssh/sshd_config\nUsePAM yes\n");
    assert_problem(true, 0, "include each other");
    assert_value("use_pam", "yes", MAIN, 2);
}

static void options_of_the_command_line_win(void **state)
{
    (void)state;
    temporary_root_file(&root, MAIN, "PermitRootLogin no\n");
    config = gb_sshd_config_new(arena, 902);
    assert_int_equal(
        gb_sshd_config_option(config, GB_STR("PermitRootLogin=yes"), GB_STR("/etc/default/ssh"), 5),
        GB_OK);
    assert_int_equal(gb_sshd_config_file(config, host, MAIN), GB_OK);
    settings = gb_alloc_array(arena, gb_sshd_keyword_count, sizeof *settings);
    assert_int_equal(gb_sshd_evaluate(config, NULL, arena, settings), GB_OK);
    assert_value("permit_root_login", "yes", "/etc/default/ssh", 5);
}

static void a_password_suffices_or_not(void **state)
{
    (void)state;
    evaluate("");
    assert_true(gb_sshd_password_suffices(settings));
    evaluate("PasswordAuthentication no\n");
    assert_false(gb_sshd_password_suffices(settings)); // interactive, but without PAM
    evaluate("PasswordAuthentication no\nUsePAM yes\n");
    assert_true(gb_sshd_password_suffices(settings));
    evaluate(
        "AuthenticationMethods publickey,password publickey,keyboard-interactive\nUsePAM yes\n");
    assert_false(gb_sshd_password_suffices(settings));
    evaluate("AuthenticationMethods publickey keyboard-interactive:pam\nUsePAM yes\n");
    assert_true(gb_sshd_password_suffices(settings));
    assert_true(gb_sshd_methods_possible(settings));
    evaluate("AuthenticationMethods publickey,password\nPasswordAuthentication no\n");
    assert_false(gb_sshd_methods_possible(settings));
}

static void access_lists_let_users_through_or_not(void **state)
{
    (void)state;
    struct gb_str groups[] = {GB_STR_INIT("root"), GB_STR_INIT("adm")};
    struct gb_str user = GB_STR("root");
    evaluate("");
    assert_true(gb_sshd_user_allowed(settings, user, groups, 2));
    evaluate("AllowUsers deploy r*@10.0.0.0/8\n");
    assert_true(gb_sshd_user_allowed(settings, user, groups, 2));
    evaluate("AllowUsers deploy\n");
    assert_false(gb_sshd_user_allowed(settings, user, groups, 2));
    evaluate("DenyUsers root@10.0.0.1\n");
    assert_true(gb_sshd_user_allowed(settings, user, groups, 2));
    evaluate("DenyUsers root\n");
    assert_false(gb_sshd_user_allowed(settings, user, groups, 2));
    evaluate("AllowGroups adm\nDenyGroups nossh\n");
    assert_true(gb_sshd_user_allowed(settings, user, groups, 2));
    evaluate("AllowGroups adm\n");
    assert_false(gb_sshd_user_allowed(settings, user, groups, 1));
}

static void words_and_arguments_are_split_as_sshd_does(void **state)
{
    (void)state;
    struct gb_str *arguments;
    size_t count;
    assert_true(gb_ssh_split_arguments(arena, GB_STR("a \"b c\" d\\ e 'f\"g' \\\"h # i"),
                                       &arguments, &count));
    assert_int_equal(count, 5);
    assert_true(gb_str_is(arguments[1], "b c"));
    assert_true(gb_str_is(arguments[2], "d e"));
    assert_true(gb_str_is(arguments[3], "f\"g"));
    assert_true(gb_str_is(arguments[4], "\"h"));
    assert_false(gb_ssh_split_arguments(arena, GB_STR("a 'b"), &arguments, &count));
    assert_int_equal(gb_ssh_time(GB_STR("1h30m5")), 5405);
    assert_int_equal(gb_ssh_time(GB_STR("5x")), -1);
    assert_int_equal(gb_ssh_time(GB_STR("99999999999w")), -1);
    assert_int_equal(gb_ssh_pattern_list(GB_STR("root"), GB_STR("r??t,!x"), false), 1);
    assert_int_equal(gb_ssh_pattern_list(GB_STR("root"), GB_STR("*,!ro*"), false), -1);
    assert_int_equal(gb_ssh_pattern_list(GB_STR("a[b"), GB_STR("a[*"), false), 1);
    assert_int_equal(gb_ssh_address_list(GB_STR("192.0.2.9"), GB_STR("192.0.2.0/28,fd00::/8")), 1);
    assert_int_equal(gb_ssh_address_list(GB_STR("192.0.2.19"), GB_STR("192.0.2.0/28")), 0);
    assert_int_equal(gb_ssh_address_list(GB_STR("fd00::1"), GB_STR("!fd00::1,fd00::/8")), -1);
    assert_int_equal(gb_ssh_address_list(GB_STR("10.1.1.1"), GB_STR("10.*")), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_first_line_wins),
        T(some_keywords_add_up_and_some_take_the_last),
        T(includes_come_in_order_of_names_where_they_stand),
        T(a_match_block_holds_for_its_connections_only),
        T(what_a_match_block_loosens_is_found),
        T(algorithm_lists_are_expanded),
        T(versions_differ),
        T(what_sshd_refuses_is_a_problem),
        T(what_cannot_be_read_makes_unknown_what_depends_on_it),
        T(includes_that_include_themselves_end),
        T(options_of_the_command_line_win),
        T(a_password_suffices_or_not),
        T(access_lists_let_users_through_or_not),
        T(words_and_arguments_are_split_as_sshd_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
