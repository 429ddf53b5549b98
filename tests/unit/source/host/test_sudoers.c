// The sudoers reader: grammar, aliases, includes, errors.
#include "source/host/sudoers.h"

#include "../../sys/temporary_root.h"
#include "sudoers_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_sudoers sudoers;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 4 << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void parse(const char *text)
{
    assert_int_equal(gb_sudoers_parse(gb_str_of(text), GB_STR("/etc/sudoers"), arena, &sudoers),
                     GB_OK);
}

static void is_rule(size_t index, const char *expected, unsigned line)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 16);
    assert_true(index < sudoers.rule_count);
    print_rule(&out, &sudoers, &sudoers.rules[index]);
    gb_buffer_char(&out, '\0');
    assert_string_equal(out.data, expected);
    assert_int_equal(sudoers.rules[index].line, line);
}

static void is_default(size_t index, const char *expected, unsigned line)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1 << 16);
    assert_true(index < sudoers.default_count);
    print_default(&out, &sudoers.defaults[index]);
    gb_buffer_char(&out, '\0');
    assert_string_equal(out.data, expected);
    assert_int_equal(sudoers.defaults[index].line, line);
}

static void plain_rules(void **state)
{
    (void)state;
    parse("root\tALL=(ALL:ALL) ALL\n"
          "%sudo ALL = (ALL) NOPASSWD: ALL # all of them\n"
          "#1000, %#27 web-01 = /bin/ls\n"
          "\"dom\\user name\" ALL=ALL\n"
          "bob fe80::1/64, 10.0.0.0/8 = /bin/dir/\n"
          "carl ALL = (:adm) /usr/bin/tail x : ALL=1\n");
    assert_int_equal(sudoers.problem_count, 1);
    assert_int_equal(sudoers.problems[0].line, 6);
    assert_int_equal(sudoers.rule_count, 5);
    is_rule(0, "root ALL=(ALL:ALL) ALL", 1);
    is_rule(1, "%sudo ALL=(ALL:) NOPASSWD: ALL", 2);
    is_rule(2, "#1000, %#27 web-01=/bin/ls", 3);
    is_rule(3, "dom\\user name ALL=ALL", 4);
    is_rule(4, "bob fe80::1/64, 10.0.0.0/8=/bin/dir/", 5);
}

static void terms_hold_until_others_are_given(void **state)
{
    (void)state;
    parse("a h1 = (r) NOPASSWD: /bin/1, /bin/2, SETENV: /bin/3, PASSWD: NOSETENV: /bin/4, \\\n"
          "  (s:g) /bin/5, CWD=/srv NOEXEC: !/bin/6 : h2 = /bin/7\n"
          "b ALL = sha256:abcd=, sha512:ef/+ /bin/8 \"\", sudoedit /etc/motd, list\n");
    assert_int_equal(sudoers.problem_count, 0);
    is_rule(0, "a h1=(r:) NOPASSWD: /bin/1, /bin/2", 1);
    is_rule(1, "a h1=(r:) NOPASSWD: SETENV: /bin/3", 1);
    is_rule(2, "a h1=(r:) PASSWD: NOSETENV: /bin/4", 1);
    is_rule(3, "a h1=(s:g) PASSWD: NOSETENV: /bin/5", 2);
    is_rule(4, "a h1=(s:g) CWD=/srv NOEXEC: PASSWD: NOSETENV: !/bin/6", 2);
    is_rule(5, "a h2=/bin/7", 2);
    is_rule(6, "b ALL=/bin/8 \"\", sudoedit /etc/motd, list", 3);
}

static void words_with_escapes_and_expressions(void **state)
{
    (void)state;
    parse("a ALL = /bin/cp \\\n   /a\\,b  /c=d, /bin/x\\ y z\n"
          "a\\ b ALL = /bin/ls -l *, /bin/^foo.*$ ^a,b$, ^/bin/[a-z]+$ -v, /bin/t \\#1\n"
          "a ALL = /bin/ls#comment\n");
    assert_int_equal(sudoers.problem_count, 0);
    is_rule(0, "a ALL=/bin/cp /a,b /c=d, /bin/x\\ y z", 1);
    is_rule(1, "a b ALL=/bin/ls -l *, /bin/^foo.*$ ^a,b$, ^/bin/[a-z]+$ -v, /bin/t #1", 3);
    is_rule(2, "a ALL=/bin/ls", 4);
}

static void aliases(void **state)
{
    (void)state;
    parse("OPS WEB = (DB) SHELLS, !EDIT, UNKNOWN\n"
          "User_Alias OPS = alice, !bob, MORE : MORE = carl, OPS\n"
          "Host_Alias WEB = web-*, !web-9\n"
          "Runas_Alias DB = postgres\n"
          "Cmnd_Alias SHELLS = /bin/sh, \\\n /bin/bash\n"
          "Cmd_Alias EDIT = /bin/vi, !/bin/ed\n"
          "Cmnd_Alias EDIT = /bin/again\n"
          "User_Alias lower = x\n");
    is_rule(0,
            "alice, !bob, carl, OPS web-*, !web-9=(postgres:) /bin/sh, /bin/bash, !/bin/vi, "
            "/bin/ed, UNKNOWN",
            1);
    assert_int_equal(sudoers.problem_count, 2);
    assert_int_equal(sudoers.problems[0].line, 8);
    assert_int_equal(sudoers.problems[1].line, 9);
}

static void alias_bombs_are_bounded(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(1 << 16);
    gb_buffer_text(&text, "User_Alias A0 = x, x, x, x, x, x, x, x\n");
    for (int i = 1; i < 30; i++)
        gb_buffer_print(&text, "User_Alias A%d = A%d, A%d, A%d, A%d\n", i, i - 1, i - 1, i - 1,
                        i - 1);
    gb_buffer_text(&text, "A29 ALL=ALL\n");
    assert_int_equal(
        gb_sudoers_parse(gb_buffer_str(&text), GB_STR("/etc/sudoers"), arena, &sudoers), GB_OK);
    struct gb_sudo_list expanded;
    assert_int_equal(
        gb_sudoers_expand(&sudoers, GB_SUDO_ALIAS_USER, sudoers.rules[0].users, &expanded), GB_OK);
    assert_int_equal(sudoers.problem_count, 1);
    assert_non_null(strstr(sudoers.problems[0].reason.at, "too many"));
}

static void defaults(void **state)
{
    (void)state;
    parse("Defaults\tenv_reset\n"
          "Defaults:alice,!bob !authenticate, timestamp_timeout=-1\n"
          "Defaults@WEB use_pty\n"
          "Defaults>root log_output\n"
          "Defaults!/usr/bin/more,LESS noexec # why\n"
          "Defaults secure_path=\"/a:/b\", env_keep += \"LANG \\\n   LC_ALL\", env_keep-=FOO\n"
          "Defaults path=/a:/b\n"
          "Defaults !lecture=never\n"
          "Defaults\n"
          "Defaults_x ALL=ALL\n");
    is_default(0, "  env_reset", 1);
    is_default(1, ":alice, !bob !authenticate", 2);
    is_default(2, ":alice, !bob timestamp_timeout=-1", 2);
    is_default(3, "@WEB use_pty", 3);
    is_default(4, ">root log_output", 4);
    is_default(5, "!/usr/bin/more, LESS noexec", 5);
    is_default(6, "  secure_path=/a:/b", 6);
    is_default(7, "  env_keep+LANG LC_ALL", 6);
    is_default(8, "  env_keep-FOO", 7);
    is_default(9, "  path=/a:/b", 8);
    assert_int_equal(sudoers.default_count, 10);
    assert_int_equal(sudoers.problem_count, 2);
    is_rule(0, "Defaults_x ALL=ALL", 11);
}

// sudo drops a line that it does not understand and goes on.
static void errors_cost_one_entry(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "alice ALL = relative/path",
        "alice ALL",
        "alice ALL = ",
        "alice ALL = /bin/ls, \\\n  nothing",
        "alice ALL = (root /bin/ls",
        "%\"group\" ALL = /bin/ls",
        "\"alice ALL = ALL",
        "alice ALL = NOPASSWD /bin/ls",
        "alice ALL = /bin/a : other",
        "alice ALL = ALL extra",
        "alice ALL = !sha224:aa /bin/x",
        "alice ALL = (root) (bob) ALL",
        "Cmnd_Alias X",
        "= ALL",
        "@include",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct gb_str text = gb_str_format(arena, "%s\nbob ALL=ALL\n", bad[i]);
        parse(text.at);
        if (sudoers.problem_count != 1 || sudoers.rule_count != 1)
            fail_msg("\"%s\": %zu problems, %zu rules", bad[i], sudoers.problem_count,
                     sudoers.rule_count);
    }
    parse("# a comment is not continued \\\nalice ALL=ALL\n\r\n#include is no comment\n");
    assert_int_equal(sudoers.rule_count, 1);
}

static void includes(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    temporary_root_file(&root, "/etc/sudoers",
                        "one ALL=ALL\n@includedir /etc/sudoers.d\n#include extra.%h\n"
                        "@include \"/etc/missing file\"\nlast ALL=ALL\n@include /etc/sudoers\n");
    temporary_root_file(&root, "/etc/sudoers.d/10-b", "b ALL=ALL\n");
    temporary_root_file(&root, "/etc/sudoers.d/05-a", "a ALL=ALL\n");
    temporary_root_file(&root, "/etc/sudoers.d/alice.conf", "skipped ALL=ALL\n");
    temporary_root_file(&root, "/etc/sudoers.d/x~", "skipped ALL=ALL\n");
    temporary_root_file(&root, "/etc/extra.web-01", "extra ALL=ALL\n");
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    assert_int_equal(gb_sudoers_load(host, "/etc/sudoers", GB_STR("web-01"), arena, &sudoers),
                     GB_OK);
    is_rule(0, "one ALL=ALL", 1);
    is_rule(1, "a ALL=ALL", 1);
    is_rule(2, "b ALL=ALL", 1);
    is_rule(3, "extra ALL=ALL", 1);
    is_rule(4, "last ALL=ALL", 5);
    assert_true(gb_str_is(sudoers.rules[1].file, "/etc/sudoers.d/05-a"));
    assert_int_equal(sudoers.skipped_count, 2);
    assert_true(gb_str_is(sudoers.skipped[0], "/etc/sudoers.d/alice.conf"));
    // The missing file is told, and the file that includes itself comes to an end.
    bool missing = false, itself = false;
    for (size_t i = 0; i < sudoers.problem_count; i++) {
        missing |= strstr(sudoers.problems[i].reason.at, "/etc/missing file: not found") != NULL;
        itself |= strstr(sudoers.problems[i].reason.at, "includes itself") != NULL;
    }
    assert_true(missing);
    assert_true(itself);
    temporary_root_free(&root, &host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(terms_hold_until_others_are_given, setup, teardown),
        cmocka_unit_test_setup_teardown(words_with_escapes_and_expressions, setup, teardown),
        cmocka_unit_test_setup_teardown(aliases, setup, teardown),
        cmocka_unit_test_setup_teardown(alias_bombs_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_cost_one_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(includes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
