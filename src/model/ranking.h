// The order of work: failing findings of one control form one row ("fix this"), rows are ordered by
// risk and by how little work they are. Used by the terminal, html and explain.
#ifndef GABION_MODEL_RANKING_H
#define GABION_MODEL_RANKING_H

#include "model/report.h"

struct gb_ranked {
    const struct gb_control *control;
    struct gb_finding **findings; // failing ones, worst first
    size_t count;
    double gain, risk; // gain: of all together; risk: of the worst
    double priority;   // risk divided by the factor of the effort
};

// Puts report->findings in their order: worst first by state, risk, severity, control and subject.
void gb_report_order(struct gb_report *report);

// Vulnerabilities are left out: their rows are fixes (report->vulnerability.fixes).
// One row for each control with failing findings, most urgent first. `exempt` takes the exempt ones
// in place of the failing ones; `only_new` leaves known ones out.
GB_MUST_USE int gb_report_rank(const struct gb_report *report, enum gb_verdict_state state,
                               bool only_new, struct gb_arena *arena, struct gb_ranked **ret,
                               size_t *count, struct gb_error *err);

#endif
