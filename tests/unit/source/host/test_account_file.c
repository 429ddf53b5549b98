// passwd, group, shadow, gshadow: what the C library would accept, and what is wrong with it.
#include "source/host/account_file.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_accounts accounts;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 1 << 20);
    accounts = gb_accounts(arena);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void has_defect(const char *file, unsigned line, const char *reason)
{
    for (size_t i = 0; i < accounts.defect_count; i++) {
        const struct gb_account_defect *defect = &accounts.defects[i];
        if (strcmp(defect->file, file) == 0 && defect->line == line &&
            strstr(defect->reason, reason))
            return;
    }
    fail_msg("no defect \"%s\" at %s:%u", reason, file, line);
}

static void reads_plain_files(void **state)
{
    (void)state;
    assert_int_equal(
        gb_accounts_parse_passwd(&accounts, GB_STR("root:x:0:0:root:/root:/bin/bash\n"
                                                   "# a comment\n\n"
                                                   "alice:x:1000:1000:,,,:/home/alice:/bin/sh")),
        GB_OK);
    assert_int_equal(gb_accounts_parse_group(&accounts, GB_STR("root:x:0:\n"
                                                               "alice:x:1000:\n"
                                                               "docker:x:998:alice, bob,,\n")),
                     GB_OK);
    assert_int_equal(
        gb_accounts_parse_shadow(&accounts, GB_STR("root:*:20228:0:99999:7:::\n"
                                                   "alice:$y$j9T$s$h:20000:::::20500:\n")),
        GB_OK);
    assert_int_equal(gb_accounts_parse_gshadow(&accounts, GB_STR("docker:!::alice,bob\n")), GB_OK);
    assert_int_equal(gb_accounts_index(&accounts), GB_OK);
    assert_int_equal(accounts.user_count, 2);
    assert_int_equal(accounts.defect_count, 0);
    const struct gb_passwd_entry *alice = gb_accounts_user(&accounts, GB_STR("alice"));
    assert_non_null(alice);
    assert_int_equal(alice->line, 4);
    assert_int_equal(alice->uid, 1000);
    assert_true(gb_str_is(alice->shell, "/bin/sh"));
    const struct gb_group_entry *docker = gb_accounts_gid(&accounts, 998);
    assert_non_null(docker);
    assert_int_equal(docker->member_count, 2);
    assert_true(gb_str_is(docker->members[1], "bob"));
    const struct gb_shadow_entry *shadow = gb_accounts_shadow(&accounts, GB_STR("alice"));
    assert_non_null(shadow);
    assert_int_equal(shadow->changed, 20000);
    assert_int_equal(shadow->minimum, -1);
    assert_int_equal(shadow->expires, 20500);
    assert_int_equal(accounts.gshadow_count, 1);
    assert_true(gb_accounts_group_has_others(&accounts, 998, 0));
    assert_false(gb_accounts_group_has_others(&accounts, 998, 1000));
    assert_false(gb_accounts_group_has_others(&accounts, 0, 0));
    assert_true(gb_str_is(gb_accounts_owner(&accounts, 1000, arena), "alice"));
    assert_true(gb_str_is(gb_accounts_owner(&accounts, 77, arena), "77"));
}

static void accepts_what_the_c_library_accepts(void **state)
{
    (void)state;
    assert_int_equal(gb_accounts_parse_passwd(&accounts, GB_STR("short:x:0:0\n"
                                                                "signed:x:-0:0::/:/bin/sh\n"
                                                                "blank:x: 0:0::/:/bin/sh\n"
                                                                "zeros:x:000:0::/:/bin/sh\n"
                                                                "none:x::0::/:/bin/sh\n"
                                                                "text:x:zero:0::/:/bin/sh\n"
                                                                "huge:x:99999999999:0::/:/bin/sh\n"
                                                                "many:x:5:0::/:/bin/sh:more\n"
                                                                "minus:x:-1:0::/:/bin/sh\n"
                                                                "edge:x:4294967295:0::/:\n")),
                     GB_OK);
    assert_int_equal(gb_accounts_index(&accounts), GB_OK);
    const char *roots[] = {"short", "signed", "blank", "zeros"};
    for (size_t i = 0; i < 4; i++) {
        const struct gb_passwd_entry *user = gb_accounts_user(&accounts, gb_str_of(roots[i]));
        assert_non_null(user);
        assert_int_equal(user->uid, 0);
    }
    assert_null(gb_accounts_user(&accounts, GB_STR("none")));
    assert_null(gb_accounts_user(&accounts, GB_STR("text")));
    assert_null(gb_accounts_user(&accounts, GB_STR("huge")));
    assert_null(gb_accounts_user(&accounts, GB_STR("minus")));
    assert_int_equal(gb_accounts_user(&accounts, GB_STR("edge"))->uid, UINT32_MAX);
    has_defect("/etc/passwd", 1, "has 4 fields instead of 7");
    has_defect("/etc/passwd", 2, "not written as a plain number");
    has_defect("/etc/passwd", 3, "not written as a plain number");
    has_defect("/etc/passwd", 5, "no usable number");
    has_defect("/etc/passwd", 6, "no usable number");
    has_defect("/etc/passwd", 8, "has 8 fields instead of 7");
}

static void notes_hostile_and_legacy_lines(void **state)
{
    (void)state;
    static const char text[] = "ok:x:1:1::/:/bin/sh\n"
                               "ev\033[2Jil:x:2:2::/:/bin/sh\n"
                               "cut:x:3:3::/:/bin/sh\0:rest\n"
                               ":x:4:4::/:/bin/sh\n"
                               "+@admins::::::\n"
                               "  +::0:0:::\n"
                               "-mallory\n";
    assert_int_equal(gb_accounts_parse_passwd(&accounts, (struct gb_str){text, sizeof text - 1}),
                     GB_OK);
    assert_int_equal(accounts.user_count, 4);
    has_defect("/etc/passwd", 2, "control characters");
    has_defect("/etc/passwd", 3, "control characters");
    has_defect("/etc/passwd", 4, "empty name");
    for (unsigned line = 5; line <= 7; line++)
        has_defect("/etc/passwd", line, "NIS compatibility");
    assert_true(gb_str_is(accounts.users[2].shell, "/bin/sh"));
}

static void first_entry_wins_look_ups(void **state)
{
    (void)state;
    assert_int_equal(gb_accounts_parse_passwd(&accounts, GB_STR("a:x:5:1::/1:\nb:x:5:1::/2:\n"
                                                                "a:x:6:1::/3:\n")),
                     GB_OK);
    assert_int_equal(gb_accounts_index(&accounts), GB_OK);
    assert_true(gb_str_is(gb_accounts_uid(&accounts, 5)->home, "/1"));
    assert_true(gb_str_is(gb_accounts_user(&accounts, GB_STR("a"))->home, "/1"));
    assert_int_equal(accounts.user_count, 3);
}

static void loads_and_wipes(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    temporary_root_file(&root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    temporary_root_file(&root, "/etc/shadow", "root:$6$salt$secret:1::::::\n");
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    assert_int_equal(gb_accounts_load(host, arena, true, &accounts), GB_OK);
    assert_int_equal(accounts.passwd_file.code, GB_OK);
    assert_int_equal(accounts.group_file.code, GB_E_NOT_FOUND);
    assert_int_equal(accounts.shadow_count, 1);
    struct gb_str text = accounts.shadow_file.text;
    assert_true(gb_str_contains(text, GB_STR("secret")));
    gb_accounts_wipe(&accounts);
    assert_false(gb_str_contains(text, GB_STR("secret")));
    assert_null(gb_accounts_shadow(&accounts, GB_STR("root")));
    // Without a group file nobody can say that a group is empty.
    assert_true(gb_accounts_group_has_others(&accounts, 50, 0));
    temporary_root_free(&root, &host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_plain_files, setup, teardown),
        cmocka_unit_test_setup_teardown(accepts_what_the_c_library_accepts, setup, teardown),
        cmocka_unit_test_setup_teardown(notes_hostile_and_legacy_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(first_entry_wins_look_ups, setup, teardown),
        cmocka_unit_test_setup_teardown(loads_and_wipes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
