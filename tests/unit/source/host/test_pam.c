// PAM stacks: reading, includes, and what they answer.
#include "source/host/pam.h"

#include "../../sys/temporary_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gb_arena *arena;
static struct gb_pam_stack stack;

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
    assert_int_equal(gb_pam_parse(gb_str_of(text), GB_STR("/etc/pam.d/x"), arena, &stack), GB_OK);
}

// Modules answer as their first argument says; "permit" and "deny" as their names do.
static enum gb_pam_answer as_named(const struct gb_pam_rule *rule, void *context)
{
    (void)context;
    struct gb_str module = gb_pam_module(rule);
    if (gb_str_is(module, "pam_deny") || gb_pam_has(rule, "fails"))
        return GB_PAM_FAILURE;
    return gb_pam_has(rule, "ignores") ? GB_PAM_IGNORE : GB_PAM_SUCCESS;
}

static void reads_lines(void **state)
{
    (void)state;
    parse("# comment \\\n"
          "auth\t[success=1 default=ignore]\tpam_unix.so nullok # trailing\n"
          "-Session Optional /lib/security/pam_x.so [a b\\]c] \\\n   d=e  last\\\n\n"
          "auth nothing pam_y.so\n"
          "other required pam_z.so\n"
          "account required\n"
          "@include common-auth\n");
    assert_int_equal(stack.count, 2);
    assert_true(gb_str_is(stack.rules[0].control, "[success=1 default=ignore]"));
    assert_true(gb_str_is(gb_pam_module(&stack.rules[0]), "pam_unix"));
    assert_true(gb_pam_has(&stack.rules[0], "nullok"));
    assert_int_equal(stack.rules[0].line, 2);
    const struct gb_pam_rule *session = &stack.rules[1];
    assert_true(session->silent);
    assert_int_equal(session->type, GB_PAM_SESSION);
    assert_true(gb_str_is(gb_pam_module(session), "pam_x"));
    assert_int_equal(session->argument_count, 3);
    assert_true(gb_str_is(session->arguments[0], "a b]c"));
    struct gb_str value;
    assert_true(gb_pam_value(session, "d", &value));
    assert_true(gb_str_is(value, "e"));
    assert_false(gb_pam_value(session, "last", &value));
    assert_int_equal(session->line, 3);
    assert_int_equal(stack.problem_count, 4);
    assert_int_equal(stack.problems[0].line, 6);
}

static const struct {
    const char *what, *text;
    bool success;
} runs[] = {
    {"the stack of Debian, right password",
     "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n"
     "auth required pam_permit.so\n",
     true},
    {"the stack of Debian, wrong password",
     "auth [success=1 default=ignore] pam_unix.so fails\nauth requisite pam_deny.so\n"
     "auth required pam_permit.so\n",
     false},
    {"a jump that is one too far for the module before the last",
     "auth [success=2 default=ignore] pam_x.so fails\nauth [success=1 default=1] pam_unix.so "
     "fails\n"
     "auth requisite pam_deny.so\nauth required pam_permit.so\n",
     true},
    {"nobody says yes", "auth optional pam_unix.so fails\n", false},
    {"nobody says anything", "auth required pam_env.so ignores\n", false},
    {"required fails at the end", "auth required pam_a.so fails\nauth required pam_b.so\n", false},
    {"sufficient ends it", "auth sufficient pam_a.so\nauth required pam_b.so fails\n", true},
    {"sufficient does not heal", "auth required pam_a.so fails\nauth sufficient pam_b.so\n", false},
    {"sufficient alone fails", "auth sufficient pam_a.so fails\n", false},
    {"a jump beyond the end", "auth required pam_p.so\nauth [success=5 default=die] pam_a.so\n",
     false},
    {"a jump alone says nothing", "auth [success=1 default=bad] pam_a.so\nauth required pam_b.so\n",
     false},
    {"die ends it", "auth [default=die] pam_a.so fails\nauth sufficient pam_b.so\n", false},
    {"reset forgets",
     "auth required pam_a.so fails\nauth [success=reset] pam_b.so\n"
     "auth required pam_c.so\n",
     true},
    {"other types do not count", "account required pam_deny.so\nauth required pam_permit.so\n",
     true},
    {"an empty stack", "session required pam_permit.so\n", false},
    {"ok for a failure is a failure", "auth [default=ok] pam_a.so fails\nauth required pam_b.so\n",
     false},
    {"done for a failure is a failure", "auth [default=done] pam_a.so fails\n", false},
    {"die on ignore", "auth [default=die] pam_a.so ignores\nauth sufficient pam_b.so\n", false},
    {"a jump over all that is left",
     "auth required pam_p.so\nauth [success=1 default=die] pam_a.so\n"
     "auth required pam_b.so fails\n",
     true},
    {"an unknown action fails", "auth [success=perhaps] pam_a.so\n", false},
};

static void runs_stacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        parse(runs[i].text);
        if (gb_pam_run(&stack, GB_PAM_AUTH, as_named, NULL, NULL) != runs[i].success)
            fail_msg("%s", runs[i].what);
    }
}

static void tells_who_was_asked(void **state)
{
    (void)state;
    parse("auth required pam_faillock.so preauth ignores\n"
          "auth [success=2 default=ignore] pam_unix.so\n"
          "auth [default=die] pam_faillock.so authfail fails\n"
          "auth requisite pam_deny.so\n"
          "auth required pam_permit.so\n");
    bool asked[5] = {false};
    assert_true(gb_pam_run(&stack, GB_PAM_AUTH, as_named, NULL, asked));
    assert_true(asked[0] && asked[1] && asked[4]);
    assert_false(asked[2] || asked[3]);
}

static struct temporary_root root;

static void load(const char *service)
{
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    struct gb_pam_files files = gb_pam_files(host, arena);
    assert_int_equal(gb_pam_load(&files, gb_str_of(service), arena, &stack), GB_OK);
    gb_host_close(&host);
}

static void includes_and_substacks(void **state)
{
    (void)state;
    root = temporary_root_new();
    temporary_root_file(&root, "/etc/pam.d/common",
                        "auth required pam_a.so\n"
                        "account required pam_b.so\n");
    temporary_root_file(&root, "/etc/pam.d/done",
                        "auth sufficient pam_done.so\n"
                        "auth required pam_c.so fails\n");
    temporary_root_file(&root, "/etc/pam.d/all", "@include common\nauth required pam_d.so\n");
    temporary_root_file(&root, "/etc/pam.d/only", "auth include common\n");
    temporary_root_file(&root, "/etc/pam.d/subs",
                        "auth substack done\nauth substack done\nauth required pam_e.so fails\n");
    temporary_root_file(&root, "/etc/pam.d/jump",
                        "auth [success=1 default=ignore] pam_j.so\nauth substack only2\n"
                        "auth required pam_p.so\n");
    temporary_root_file(&root, "/etc/pam.d/only2",
                        "auth required pam_deny.so\nauth required pam_deny.so\n");
    temporary_root_file(&root, "/etc/pam.d/loop", "@include loop\n@include missing\n");
    load("all");
    assert_int_equal(stack.count, 3);
    assert_true(gb_str_is(stack.rules[0].file, "/etc/pam.d/common"));
    load("only");
    assert_int_equal(stack.count, 1);
    load("subs");
    assert_int_equal(stack.count, 5);
    bool asked[5] = {false};
    // "done" ends a substack, not the stack around it.
    assert_false(gb_pam_run(&stack, GB_PAM_AUTH, as_named, NULL, asked));
    assert_true(asked[0] && asked[2] && asked[4]);
    assert_false(asked[1] || asked[3]);
    load("jump"); // a jump counts a substack as one
    assert_true(gb_pam_run(&stack, GB_PAM_AUTH, as_named, NULL, NULL));
    load("loop");
    assert_int_equal(stack.count, 0);
    assert_int_equal(stack.problem_count, 18);
    temporary_root_file(&root, "/usr/lib/pam.d/vendor", "@include common\n");
    temporary_root_file(&root, "/usr/lib/pam.d/only", "auth required pam_deny.so\n");
    load("vendor");
    assert_true(gb_str_is(stack.path, "/usr/lib/pam.d/vendor"));
    assert_int_equal(stack.count, 2);
    load("only"); // the file in /etc goes first
    assert_true(gb_str_is(stack.path, "/etc/pam.d/only"));
    load("nothing");
    assert_true(gb_str_is(stack.path, "/etc/pam.d/nothing"));
    assert_int_equal(stack.code, GB_E_NOT_FOUND);
    struct gb_host *none = NULL;
    temporary_root_free(&root, &none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(runs_stacks, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_who_was_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(includes_and_substacks, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
