// model/control.h: control documents.
#include "model/control.h"

#include "documents.h"

static const char good[] = "id: GBN-SSH-002\n"
                           "title: Root cannot log in over SSH with a password\n"
                           "finding: Root can log in over SSH with a password\n"
                           "kind: sshd\n"
                           "severity: critical\n"
                           "when: sshd.enabled\n"
                           "when_not: the SSH server is not enabled\n"
                           "expect: |\n"
                           "  sshd.permit_root_login\n"
                           "    != 'yes'\n"
                           "expected: \"no\"\n"
                           "why: >\n"
                           "  Passwords are guessed.\n"
                           "fix: Set it to no.\n"
                           "risk: You may lock yourself out.\n"
                           "effort: one_line\n"
                           "exposure: sshd.exposure\n"
                           "maps:\n"
                           "  nist_800_53: [AC-6, IA-2]\n"
                           "  mcsb: PA-1\n"
                           "tags: [ssh, attack.t1110]\n"
                           "default: false\n"
                           "examples:\n"
                           "  - name: open\n"
                           "    verdict: fail\n"
                           "    given: {sshd: {enabled: true}}\n"
                           "    offenders: [root]\n"
                           "  - {name: shut, verdict: pass, given: {}}\n"
                           "  - {name: hidden, verdict: unknown, given: {sshd: {unknown: x}}}\n";

static int read_control(const char *text, struct gb_control **ret, struct gb_error *err)
{
    return gb_control_read(document_of(text), GB_STR("t.yaml"), arena, ret, err);
}

static void test_reads(void **state)
{
    (void)state;
    struct gb_control *c;
    struct gb_error err = {0};
    if (read_control(good, &c, &err) < 0)
        fail_msg("%u:%u: %s", err.line, err.column, err.reason);
    assert_true(gb_str_is(c->id, "GBN-SSH-002"));
    assert_true(gb_str_is(c->why, "Passwords are guessed."));
    assert_true(gb_str_is(c->fix_risk, "You may lock yourself out."));
    assert_true(gb_str_is(c->expected, "no"));
    assert_int_equal(c->severity, GB_CRITICAL);
    assert_int_equal(c->effort, GB_EFFORT_ONE_LINE);
    assert_false(c->by_default);
    assert_true(gb_str_is(c->when, "sshd.enabled"));
    assert_int_equal(c->when_line, 6);
    // The text of an expression is whole, so that its lines can be counted.
    assert_true(gb_str_is(c->expect, "sshd.permit_root_login\n  != 'yes'\n"));
    assert_int_equal(c->expect_line, 9);
    uint32_t line, column;
    gb_node_place(c->expect_node, 2, 6, &line, &column);
    assert_int_equal(line, 10);
    assert_int_equal(column, 8);
    gb_node_place(c->exposure_node, 1, 6, &line, &column);
    assert_int_equal(line, 17);
    assert_int_equal(column, 16);
    assert_int_equal(c->map_count, 2);
    assert_true(gb_str_is(c->maps[0].framework, "nist_800_53"));
    assert_true(gb_str_is(c->maps[0].ids[1], "IA-2"));
    assert_int_equal(c->maps[1].id_count, 1);
    assert_int_equal(c->tag_count, 2);
    assert_int_equal(c->example_count, 3);
    assert_int_equal(c->examples[0].verdict, GB_FAIL);
    assert_int_equal(c->examples[0].line, 24);
    assert_int_equal(c->examples[0].offenders->list.count, 1);
    assert_null(c->examples[1].offenders);
    assert_int_equal(c->examples[2].verdict, GB_UNKNOWN);
    assert_non_null(gb_node_get(c->examples[0].given, "sshd"));
    // What may be left out.
    const char *least =
        with(good, "when: sshd.enabled\nwhen_not: the SSH server is not enabled\n", "");
    least = with(least, "exposure: sshd.exposure\n", "");
    least = with(least, "maps:\n  nist_800_53: [AC-6, IA-2]\n  mcsb: PA-1\n", "");
    least = with(with(least, "default: false\n", ""), "tags: [ssh, attack.t1110]\n", "");
    assert_int_equal(read_control(least, &c, &err), GB_OK);
    assert_true(c->by_default);
    assert_null(c->when_node);
    assert_int_equal(c->when.len + c->tag_count + c->map_count, 0);
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"id: GBN-SSH-002", "id: gbn-ssh-2", GB_E_TYPE, 1, 5, "capital letters"},
        {"id: GBN-SSH-002", "id: GBN", GB_E_TYPE, 1, 5, "in parts"},
        {"id: GBN-SSH-002", "id: GBN--2", GB_E_TYPE, 1, 5, "in parts"},
        {"id: GBN-SSH-002", "id: GBN-SSH-", GB_E_TYPE, 1, 5, "in parts"},
        {"severity: critical", "severty: critical", GB_E_TYPE, 5, 1, "did you mean \"severity\"?"},
        {"severity: critical", "severity: urgent", GB_E_TYPE, 5, 11,
         "expected critical, high, medium or low, found \"urgent\""},
        {"severity: critical\n", "", GB_E_TYPE, 1, 1, "\"severity\" is missing"},
        {"effort: one_line", "effort: easy", GB_E_TYPE, 16, 9, "one_line, small, hours or project"},
        {"when_not: the SSH server is not enabled\n", "", GB_E_TYPE, 1, 1,
         "\"when_not\" is missing"},
        {"when: sshd.enabled\n", "", GB_E_TYPE, 6, 11, "the reason of \"when\""},
        {"when: sshd.enabled", "when: true", GB_E_TYPE, 6, 7, "expected a string, found true"},
        {"when: sshd.enabled", "when: ' '", GB_E_TYPE, 6, 7, "\"when\" is empty"},
        {"fix: Set it to no.", "fix:", GB_E_TYPE, 14, 5, "expected a string, found nothing"},
        {"mcsb: PA-1", "MCSB: PA-1", GB_E_TYPE, 20, 3, "no framework name"},
        {"mcsb: PA-1", "mcsb: [5.1]", GB_E_TYPE, 20, 10, "found a number in it (quote it)"},
        {"mcsb: PA-1", "mcsb: ['']", GB_E_TYPE, 20, 9, "an empty reference"},
        {"mcsb: PA-1", "mcsb: {a: b}", GB_E_TYPE, 20, 9, "expected a list of strings, found a map"},
        {"tags: [ssh,", "tags: [SSH,", GB_E_TYPE, 21, 7, "lower-case"},
        {"default: false", "default: no", GB_E_TYPE, 22, 10, "expected true or false"},
        {"verdict: fail", "verdict: exempt", GB_E_TYPE, 25, 14, "pass, fail, not_applicable"},
        {"verdict: fail", "verdict: error", GB_E_TYPE, 24, 3, "one that passes and one that fails"},
        {"offenders: [root]", "offender: [root]", GB_E_TYPE, 27, 5, "did you mean \"offenders\"?"},
        {"offenders: [root]", "offenders: root", GB_E_TYPE, 27, 16, "expected a list"},
        {"    given: {sshd: {enabled: true}}\n", "", GB_E_TYPE, 24, 5, "\"given\" is missing"},
        {"{name: shut, verdict: pass, given: {}}", "shut", GB_E_TYPE, 28, 5,
         "expected an example (a map), found a string"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gb_control *control = NULL;
        struct gb_error err = {0};
        int code = read_control(with(good, cases[i].from, cases[i].to), &control, &err);
        assert_refusal(&cases[i], code, &err);
        assert_null(control);
    }
}

static void test_memory_failures(void **state)
{
    (void)state;
    const struct gb_node *document = document_of(good);
    size_t n = 1;
    for (;; n++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *small = gb_arena_new("small", 1 << 20);
        struct gb_control *control = NULL;
        struct gb_error err = {0};
        gb_arena_fail_at(n);
        int code = gb_control_read(document, GB_STR("t.yaml"), small, &control, &err);
        gb_arena_fail_at(0);
        if (code == GB_OK)
            break;
        assert_int_equal(code, GB_E_MEMORY);
        assert_int_equal(err.code, GB_E_MEMORY);
        assert_null(control);
    }
    assert_true(n > 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
