// Holds the selected controls against a collection.
#include "area/posture/assess.h"

#include "area/posture/ruleset.h"
#include "model/ranking.h"

struct run {
    const struct gb_ruleset *rules;
    const struct gb_collection *all;
    struct gb_value *slots;
    struct gb_arena *arena;
    struct gb_report *report;
    size_t capacity;
};

static bool matches(const struct gb_control *control, struct gb_str pattern)
{
    if (gb_str_glob(pattern, control->id, false))
        return true;
    for (size_t i = 0; i < control->tag_count; i++)
        if (gb_str_glob(pattern, control->tags[i], false))
            return true;
    return false;
}

static bool is_selected(const struct gb_control *control, const struct gb_selection *selection)
{
    bool wanted = selection->check_count == 0 && control->by_default;
    for (size_t i = 0; i < selection->check_count; i++)
        wanted |= matches(control, selection->checks[i]);
    for (size_t i = 0; i < selection->skip_count; i++)
        wanted &= !matches(control, selection->skips[i]);
    return wanted;
}

static struct gb_finding *add_finding(struct run *run, const struct gb_rule *rule,
                                      const struct gb_resource *subject)
{
    struct gb_report *report = run->report;
    if (report->finding_count == run->capacity) {
        size_t wider = run->capacity ? run->capacity * 2 : 256;
        struct gb_finding **findings = gb_grow_array(run->arena, report->findings, run->capacity,
                                                     wider, sizeof(struct gb_finding *));
        if (!findings)
            return NULL;
        report->findings = findings;
        run->capacity = wider;
    }
    struct gb_finding *finding = gb_alloc(run->arena, sizeof *finding);
    if (!finding)
        return NULL;
    struct gb_str id = subject ? subject->id : rule->kind->name;
    *finding = (struct gb_finding){
        .control = rule->control,
        .subject = subject,
        .subject_id = id,
        .subject_name = subject && subject->name.len ? subject->name : rule->kind->title,
        .identity = gb_finding_identity(run->arena, rule->control->id, id),
    };
    report->findings[report->finding_count++] = finding;
    return finding;
}

static void judge(struct run *run, const struct gb_rule *rule, const struct gb_resource *subject)
{
    struct gb_finding *finding = add_finding(run, rule, subject);
    if (!finding)
        return;
    struct gb_judgement judgement = gb_rule_judge(rule, run->slots, run->arena);
    finding->state = judgement.state;
    finding->reason = judgement.reason;
    if (judgement.state != GB_PASS && judgement.state != GB_FAIL)
        return;
    gb_rule_evidence(rule, &judgement, run->slots, run->all, run->arena, finding);
    if (judgement.state != GB_FAIL)
        return;
    gb_rule_risk(rule, run->slots, run->arena, finding);
    if (!run->report->exemptions)
        return;
    struct gb_exemption *exemption = gb_exemptions_match(
        run->report->exemptions, rule->control->id, finding->subject_id, run->report->host_name);
    if (exemption) {
        finding->state = GB_EXEMPT;
        finding->exemption = exemption;
    }
}

static void without_subject(struct run *run, const struct gb_rule *rule,
                            enum gb_verdict_state state, struct gb_str reason)
{
    struct gb_finding *finding = add_finding(run, rule, NULL);
    if (!finding)
        return;
    finding->state = state;
    finding->reason = reason;
}

// A control over a kind of which there may be many: one verdict for each.
static void judge_each(struct run *run, const struct gb_rule *rule)
{
    const struct gb_kind_state *state = gb_collection_kind(run->all, rule->kind->name);
    size_t slot = gb_ruleset_subject_slot(run->rules, rule->kind);
    struct gb_value before = run->slots[slot];
    for (size_t i = 0; i < state->count; i++) {
        run->slots[slot] = gb_map_of(state->resources[i]->props);
        judge(run, rule, state->resources[i]);
    }
    run->slots[slot] = before;
    bool unknown = state->presence == GB_NOT_KNOWN || state->presence == GB_NOT_COLLECTED;
    if (unknown)
        without_subject(run, rule, GB_UNKNOWN, state->reason);
    else if (!state->count)
        without_subject(run, rule, GB_NA,
                        state->reason.len ? state->reason
                                          : gb_str_format(run->arena, "there are no " GB_PRI,
                                                          GB_ARG(rule->kind->plural)));
}

static void judge_rule(struct run *run, const struct gb_rule *rule)
{
    if (rule->kind->many) {
        judge_each(run, rule);
        return;
    }
    const struct gb_kind_state *state = gb_collection_kind(run->all, rule->kind->name);
    switch (state->presence) {
    case GB_PRESENT:
        if (state->count)
            judge(run, rule, state->resources[0]);
        else
            without_subject(run, rule, GB_NA, GB_STR("there is none here"));
        break;
    case GB_ABSENT:
    case GB_NO_SUBJECT:
        without_subject(run, rule, GB_NA, state->reason);
        break;
    case GB_NOT_KNOWN:
    case GB_NOT_COLLECTED:
        without_subject(run, rule, GB_UNKNOWN, state->reason);
        break;
    }
}

int gb_assess(const struct gb_ruleset *rules, const struct gb_collection *all,
              const struct gb_selection *selection, struct gb_arena *arena,
              struct gb_report *report, struct gb_error *err)
{
    struct run run = {.rules = rules, .all = all, .arena = arena, .report = report};
    report->collection = all;
    report->controls = gb_alloc_array(arena, rules->count, sizeof(struct gb_control *));
    if (!report->controls)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the findings");
    int code = gb_ruleset_lay_out(rules, all, arena, &run.slots, err);
    if (code)
        return code;
    for (size_t i = 0; i < rules->count; i++) {
        if (!is_selected(rules->rules[i].control, selection))
            continue;
        report->controls[report->control_count++] = rules->rules[i].control;
        judge_rule(&run, &rules->rules[i]);
    }
    gb_report_sum_up(report, arena);
    gb_report_order(report);
    return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for the findings")
                                  : GB_OK;
}
