// Assessing: verdicts for every presence of a kind, score, gains, coverage, exemptions.
#include "area/posture/assess.h"
#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static const char kinds_text[] = "kind: thing\n"
                                 "title: A thing\n"
                                 "plural: things\n"
                                 "many: true\n"
                                 "provider: host\n"
                                 "doc: For tests.\n"
                                 "fields:\n"
                                 "  name: {type: string, doc: Its name.}\n"
                                 "  good: {type: bool, doc: Whether it is good.}\n"
                                 "  note: {type: string, optional: true, doc: A note.}\n"
                                 "---\n"
                                 "kind: box\n"
                                 "title: The box\n"
                                 "provider: host\n"
                                 "doc: For tests.\n"
                                 "fields:\n"
                                 "  closed: {type: bool, doc: Whether it is closed.}\n"
                                 "  owner: {type: string, doc: Whose it is.}\n";

#define CONTROL(id, kind, severity, rest)                                                          \
    "id: " id "\ntitle: good\nfinding: bad\nkind: " kind "\nseverity: " severity                   \
    "\nwhy: w\nfix: f\neffort: small\nmaps: {nist_800_53: [AC-1]}\n" rest                          \
    "examples:\n  - {name: p, verdict: pass, given: {}}\n  - {name: f, verdict: fail, given: "     \
    "{}}\n"

static struct gb_arena *arena;
static struct gb_kinds kinds;
static struct gb_collection *all;
static struct gb_problem *problems;
static size_t problem_count;
static struct gb_exemptions exemptions;

static int setup(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 16 << 20);
    kinds = gb_kinds(arena);
    struct gb_node *documents;
    size_t count;
    if (gb_yaml_nodes(gb_str_of(kinds_text), "kinds", GB_YAML_LIMITS_DEFAULT, arena, &documents,
                      &count, NULL))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (gb_kinds_add(&kinds, &documents[i], GB_STR("kinds"), NULL))
            return -1;
    all = gb_collection_new(arena, 1793491200);
    exemptions = (struct gb_exemptions){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void add_thing(const char *name, bool good)
{
    struct gb_map_value *thing = gb_collection_add(all, GB_STR("thing"), gb_str_of(name));
    uint32_t origin = gb_collection_origin(all, GB_STR("/etc/things"), good ? 1 : 2);
    gb_map_put(arena, thing, GB_STR("name"), gb_at(gb_string(gb_str_of(name)), origin));
    gb_map_put(arena, thing, GB_STR("good"), gb_at(gb_bool(good), origin));
}

static void add_box(struct gb_value closed)
{
    struct gb_map_value *box = gb_collection_add(all, GB_STR("box"), (struct gb_str){0});
    gb_map_put(arena, box, GB_STR("closed"), closed);
    gb_map_put(arena, box, GB_STR("owner"), gb_string(GB_STR("root")));
}

static struct gb_report assess(const char *text)
{
    struct gb_node *documents;
    size_t count;
    struct gb_error err = {0};
    assert_int_equal(gb_yaml_nodes(gb_str_of(text), "rules.yaml", GB_YAML_LIMITS_DEFAULT, arena,
                                   &documents, &count, &err),
                     GB_OK);
    struct gb_control **controls = gb_alloc_array(arena, count, sizeof(struct gb_control *));
    for (size_t i = 0; i < count; i++)
        if (gb_control_read(&documents[i], GB_STR("rules.yaml"), arena, &controls[i], &err))
            fail_msg("%u: %s", err.line, err.reason);
    struct gb_ruleset *rules;
    assert_int_equal(
        gb_ruleset_new(&kinds, controls, count, arena, &rules, &problems, &problem_count, &err),
        GB_OK);
    struct gb_report report = {.exemptions = &exemptions, .host_name = GB_STR("web-01")};
    struct gb_selection everything = {0};
    assert_int_equal(gb_assess(rules, all, &everything, arena, &report, &err), GB_OK);
    return report;
}

static const struct gb_finding *finding_on(const struct gb_report *report, const char *subject)
{
    for (size_t i = 0; i < report->finding_count; i++)
        if (gb_str_is(report->findings[i]->subject_id, subject))
            return report->findings[i];
    fail_msg("no finding on %s", subject);
    return NULL;
}

static const char list_control[] = CONTROL("TST-A-001", "thing", "high", "expect: thing.good\n");
static const char box_control[] = CONTROL("TST-B-001", "box", "critical", "expect: box.closed\n");

static void each_thing_has_its_own_verdict(void **state)
{
    (void)state;
    add_thing("a", true);
    add_thing("b", false);
    struct gb_report report = assess(list_control);
    assert_int_equal(problem_count, 0);
    assert_int_equal(finding_on(&report, "thing:a")->state, GB_PASS);
    const struct gb_finding *bad = finding_on(&report, "thing:b");
    assert_int_equal(bad->state, GB_FAIL);
    assert_int_equal(bad->evidence_count, 1);
    assert_true(gb_str_is(bad->evidence[0].where, "/etc/things"));
    assert_int_equal(bad->evidence[0].line, 2);
    assert_true(gb_str_is(bad->evidence[0].what, "thing.good"));
    assert_true(gb_str_is(bad->evidence[0].seen, "false"));
    assert_int_equal(report.score.possible, 12);
    assert_int_equal(report.score.held, 6);
    assert_true(bad->gain == 50.0);
}

static void what_is_absent_is_not_applicable_and_never_pass(void **state)
{
    (void)state;
    gb_collection_absent(all, GB_STR("thing"), GB_STR("no things are installed"));
    struct gb_report report = assess(list_control);
    const struct gb_finding *finding = finding_on(&report, "thing");
    assert_int_equal(finding->state, GB_NA);
    assert_true(gb_str_is(finding->reason, "no things are installed"));
    assert_false(report.score.assessed);
    assert_int_equal(report.coverage.controls_na, 1);
}

static void a_join_with_an_absent_kind_is_not_applicable(void **state)
{
    (void)state;
    add_box(gb_bool(true));
    gb_collection_absent(all, GB_STR("thing"), GB_STR("no things are installed"));
    struct gb_report report =
        assess(CONTROL("TST-C-001", "box", "low", "expect: things.filter(t, !t.good)\n"));
    assert_int_equal(finding_on(&report, "box")->state, GB_NA);
}

static void what_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    add_thing("a", true);
    gb_collection_gap(all, GB_STR("thing"), GB_STR("needs root: /etc/things"));
    add_box(gb_unknown(GB_STR("needs root: /box")));
    struct gb_report report =
        assess(CONTROL("TST-A-001", "thing", "high", "expect: thing.good\n") "---\n" CONTROL(
            "TST-B-001", "box", "critical", "expect: box.closed\n"));
    assert_int_equal(finding_on(&report, "thing:a")->state, GB_PASS);
    assert_int_equal(finding_on(&report, "thing")->state, GB_UNKNOWN);
    assert_int_equal(finding_on(&report, "box")->state, GB_UNKNOWN);
    assert_int_equal(report.gap_count, 1);
    assert_true(gb_str_is(report.gaps[0].reason, "needs root"));
    assert_int_equal(report.gaps[0].controls, 2);
    assert_int_equal(report.coverage.pairs[GB_UNKNOWN], 2);
    assert_true(report.coverage.percent > 33.3 && report.coverage.percent < 33.4);
}

static void a_kind_without_a_source_is_unknown(void **state)
{
    (void)state;
    struct gb_report report = assess(box_control);
    assert_int_equal(finding_on(&report, "box")->state, GB_UNKNOWN);
}

static void when_is_false_is_not_applicable_with_its_reason(void **state)
{
    (void)state;
    add_box(gb_bool(false));
    struct gb_report report =
        assess(CONTROL("TST-B-001", "box", "low",
                       "when: box.owner != 'root'\nwhen_not: it is root's box\n"
                       "expect: box.closed\n"));
    const struct gb_finding *finding = finding_on(&report, "box");
    assert_int_equal(finding->state, GB_NA);
    assert_true(gb_str_is(finding->reason, "it is root's box"));
}

static void a_list_of_offenders_is_one_finding_with_each_as_evidence(void **state)
{
    (void)state;
    add_box(gb_bool(true));
    add_thing("a", true);
    add_thing("b", false);
    add_thing("c", false);
    struct gb_report report = assess(
        CONTROL("TST-C-001", "box", "low", "expect: things.filter(t, !t.good).map(t, t.name)\n"));
    const struct gb_finding *finding = finding_on(&report, "box");
    assert_int_equal(finding->state, GB_FAIL);
    assert_int_equal(finding->offender_count, 2);
    assert_true(gb_str_is(finding->evidence[0].seen, "b"));
    assert_true(gb_str_is(finding->evidence[0].where, "/etc/things"));
    assert_true(gb_str_is(finding->evidence[1].seen, "c"));
}

static void an_unknown_offender_is_not_counted_as_one(void **state)
{
    (void)state;
    struct gb_map_value *thing = gb_collection_add(all, GB_STR("thing"), GB_STR("a"));
    gb_map_put(arena, thing, GB_STR("name"), gb_unknown(GB_STR("needs root")));
    gb_map_put(arena, thing, GB_STR("good"), gb_bool(false));
    add_box(gb_bool(true));
    struct gb_report report = assess(
        CONTROL("TST-C-001", "box", "low", "expect: things.filter(t, !t.good).map(t, t.name)\n"));
    assert_int_equal(finding_on(&report, "box")->state, GB_UNKNOWN);
}

static void exemptions_change_the_adjusted_score_only(void **state)
{
    (void)state;
    add_thing("a", true);
    add_thing("b", false);
    double raw = assess(list_control).score.raw;
    struct gb_exemption exemption = {
        .id = GB_STR("EX-1"), .control = GB_STR("TST-*"), .subject = GB_STR("thing:b")};
    exemptions = (struct gb_exemptions){&exemption, 1};
    struct gb_report report = assess(list_control);
    assert_int_equal(finding_on(&report, "thing:b")->state, GB_EXEMPT);
    assert_int_equal(exemption.used, 1);
    assert_true(report.score.raw == raw);
    assert_true(report.score.adjusted == 100.0);
    assert_true(finding_on(&report, "thing:b")->gain == 50.0);
}

// Fixing never lowers the score, whatever the mix.
static void fixing_never_lowers(void **state)
{
    (void)state;
    static const char names[8][2] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    double before = -1;
    for (unsigned fixed = 0; fixed <= 8; fixed++) {
        all = gb_collection_new(arena, 1);
        for (unsigned i = 0; i < 8; i++)
            add_thing(names[i], i < fixed);
        double raw = assess(list_control).score.raw;
        assert_true(raw > before);
        before = raw;
    }
    assert_true(before == 100.0);
}

static void a_rule_that_does_not_compile_is_a_problem_and_the_rest_runs(void **state)
{
    (void)state;
    add_box(gb_bool(true));
    struct gb_report report =
        assess(CONTROL("TST-A-001", "box", "low", "expect: box.closde\n") "---\n" CONTROL(
            "TST-B-001", "box", "low", "expect: box.closed\n"));
    assert_int_equal(problem_count, 1);
    assert_true(gb_str_contains(problems[0].message, GB_STR("did you mean \"closed\"")));
    assert_true(gb_str_starts(problems[0].message, GB_STR("rules.yaml:10:")));
    assert_int_equal(finding_on(&report, "box")->state, GB_PASS);
}

static void one_resource_is_not_to_be_had_elsewhere(void **state)
{
    (void)state;
    add_box(gb_bool(true));
    assess(CONTROL("TST-A-001", "box", "low", "expect: thing.good\n") "---\n" CONTROL(
        "TST-B-001", "box", "low", "expect: box.closed\n"));
    assert_int_equal(problem_count, 1);
    assert_true(gb_str_contains(problems[0].message, GB_STR("the list \"things\"")));
}

static void an_optional_field_must_be_guarded(void **state)
{
    (void)state;
    add_thing("a", true);
    assess(CONTROL("TST-A-001", "thing", "low", "expect: thing.note == ''\n") "---\n" CONTROL(
        "TST-A-002", "thing", "low",
        "expect: has(thing.note) && thing.note == ''\n") "---\n" CONTROL("TST-A-003", "thing",
                                                                         "low",
                                                                         "when: "
                                                                         "has(thing.note)\nwhen_"
                                                                         "not: no note\nexpect: "
                                                                         "thing.note == ''\n"));
    assert_int_equal(problem_count, 1);
    assert_true(gb_str_contains(problems[0].message, GB_STR("note")));
}

static void the_second_control_with_an_id_is_left_out(void **state)
{
    (void)state;
    add_box(gb_bool(true));
    struct gb_report report =
        assess(CONTROL("TST-B-001", "box", "low", "expect: box.closed\n") "---\n" CONTROL(
            "TST-B-001", "box", "low", "expect: '!box.closed'\n"));
    assert_int_equal(report.control_count, 1);
    assert_int_equal(problem_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_thing_has_its_own_verdict),
        TEST(what_is_absent_is_not_applicable_and_never_pass),
        TEST(a_join_with_an_absent_kind_is_not_applicable),
        TEST(what_cannot_be_read_is_unknown),
        TEST(a_kind_without_a_source_is_unknown),
        TEST(when_is_false_is_not_applicable_with_its_reason),
        TEST(a_list_of_offenders_is_one_finding_with_each_as_evidence),
        TEST(an_unknown_offender_is_not_counted_as_one),
        TEST(exemptions_change_the_adjusted_score_only),
        TEST(fixing_never_lowers),
        TEST(a_rule_that_does_not_compile_is_a_problem_and_the_rest_runs),
        TEST(one_resource_is_not_to_be_had_elsewhere),
        TEST(an_optional_field_must_be_guarded),
        TEST(the_second_control_with_an_id_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
