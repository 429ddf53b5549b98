// Score, coverage, gains and gaps: sums over the findings of a report. The formula is the one that
// `gabion help scoring` prints: anyone can recompute it from the json output.
#include "area/posture/ruleset.h"

#include <stdlib.h>

static bool is_assessed(enum gb_verdict_state state)
{
    return state == GB_PASS || state == GB_FAIL || state == GB_EXEMPT;
}

static void add_points(struct gb_score *score, const struct gb_finding *finding)
{
    unsigned points = gb_severity_points(finding->control->severity);
    if (!is_assessed(finding->state))
        return;
    score->assessed = true;
    score->possible += points;
    if (finding->state == GB_PASS)
        score->held += points;
    if (finding->state == GB_PASS || finding->state == GB_EXEMPT)
        score->held_adjusted += points;
}

static void sum_score(struct gb_report *report)
{
    struct gb_score score = {0};
    for (size_t i = 0; i < report->finding_count; i++)
        add_points(&score, report->findings[i]);
    if (score.possible) {
        score.raw = 100.0 * (double)score.held / (double)score.possible;
        score.adjusted = 100.0 * (double)score.held_adjusted / (double)score.possible;
    }
    report->score = score;
    for (size_t i = 0; i < report->finding_count; i++) {
        struct gb_finding *finding = report->findings[i];
        if ((finding->state == GB_FAIL || finding->state == GB_EXEMPT) && score.possible)
            finding->gain =
                100.0 * gb_severity_points(finding->control->severity) / (double)score.possible;
    }
}

struct tally {
    bool assessed, unknown, error;
};

static void sum_coverage(struct gb_report *report, struct gb_arena *arena)
{
    struct gb_coverage *coverage = &report->coverage;
    *coverage = (struct gb_coverage){.controls = report->control_count};
    struct gb_map tallies = gb_map(arena);
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        coverage->pairs[finding->state]++;
        struct tally *tally = gb_map_get(&tallies, finding->control->id);
        if (!tally) {
            tally = gb_alloc(arena, sizeof *tally);
            if (!tally || gb_map_set(&tallies, finding->control->id, tally))
                return;
        }
        tally->assessed |= is_assessed(finding->state);
        tally->unknown |= finding->state == GB_UNKNOWN;
        tally->error |= finding->state == GB_ERROR;
    }
    for (size_t i = 0; i < tallies.count; i++) {
        const struct tally *tally = tallies.entries[i].value;
        if (tally->assessed)
            coverage->controls_assessed++;
        else if (tally->error)
            coverage->controls_error++;
        else if (tally->unknown)
            coverage->controls_unknown++;
        else
            coverage->controls_na++;
    }
    size_t assessed =
        coverage->pairs[GB_PASS] + coverage->pairs[GB_FAIL] + coverage->pairs[GB_EXEMPT];
    size_t wanted = assessed + coverage->pairs[GB_UNKNOWN] + coverage->pairs[GB_ERROR];
    coverage->percent = wanted ? 100.0 * (double)assessed / (double)wanted : 0;
}

static int by_controls(const void *a, const void *b)
{
    const struct gb_gap *left = a, *right = b;
    if (left->controls != right->controls)
        return left->controls > right->controls ? -1 : 1;
    return gb_str_compare(left->reason, right->reason);
}

// "needs root: /etc/shadow" and "needs root" are one reason.
static struct gb_str gap_reason(struct gb_str reason)
{
    struct gb_str root = GB_STR("needs root");
    return gb_str_starts(reason, root) ? root : reason;
}

static void sum_gaps(struct gb_report *report, struct gb_arena *arena)
{
    struct gb_map reasons = gb_map(arena); // reason -> struct gb_gap
    struct gb_map seen = gb_map(arena);    // control id and reason -> anything
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (finding->state != GB_UNKNOWN)
            continue;
        struct gb_str reason = gap_reason(finding->reason);
        struct gb_str key =
            gb_str_format(arena, GB_PRI "\n" GB_PRI, GB_ARG(finding->control->id), GB_ARG(reason));
        if (gb_map_get(&seen, key) || gb_map_set(&seen, key, &report->gaps))
            continue;
        struct gb_gap *gap = gb_map_get(&reasons, reason);
        if (!gap) {
            gap = gb_alloc(arena, sizeof *gap);
            if (!gap || gb_map_set(&reasons, reason, gap))
                return;
            gap->reason = reason;
        }
        gap->controls++;
    }
    report->gaps = gb_alloc_array(arena, reasons.count, sizeof *report->gaps);
    if (!report->gaps)
        return;
    report->gap_count = reasons.count;
    for (size_t i = 0; i < reasons.count; i++)
        report->gaps[i] = *(const struct gb_gap *)reasons.entries[i].value;
    if (report->gap_count > 1)
        qsort(report->gaps, report->gap_count, sizeof *report->gaps, by_controls);
}

void gb_report_sum_up(struct gb_report *report, struct gb_arena *arena)
{
    sum_score(report);
    sum_coverage(report, arena);
    sum_gaps(report, arena);
}
