// The posture area: holds every control against the collection and makes the report. Pure: no I/O,
// the same input gives the same output.
#ifndef GABION_AREA_POSTURE_ASSESS_H
#define GABION_AREA_POSTURE_ASSESS_H

#include "model/control.h"
#include "model/kind.h"
#include "model/report.h"

struct gb_ruleset; // kinds and controls, compiled

// Compiles controls against the kinds. A control that does not compile becomes a problem (with
// file, line, column, nearest name) and is left out; the others run. Error only for exhausted
// memory.
GB_MUST_USE int gb_ruleset_new(const struct gb_kinds *kinds, struct gb_control **controls,
                               size_t control_count, struct gb_arena *arena,
                               struct gb_ruleset **ret, struct gb_problem **problems,
                               size_t *problem_count, struct gb_error *err);

// Which controls of the set run.
struct gb_selection {
    const struct gb_str *checks; // patterns over ids and tags; none = all `default` ones
    size_t check_count;
    const struct gb_str *skips;
    size_t skip_count;
};

// Fills report->controls, findings, score, coverage, gaps (and uses report->exemptions). The rest
// of the report is the caller's.
GB_MUST_USE int gb_assess(const struct gb_ruleset *rules, const struct gb_collection *all,
                          const struct gb_selection *selection, struct gb_arena *arena,
                          struct gb_report *report, struct gb_error *err);

// Evaluates one expression over the collection, with the same names as controls have. Compile
// errors are returned; an error while evaluating is the value.
GB_MUST_USE int gb_ruleset_query(const struct gb_ruleset *rules, const struct gb_collection *all,
                                 struct gb_str expression, struct gb_arena *arena,
                                 struct gb_value *ret, struct gb_error *err);

// Runs the examples of one control. `failures` gets one text for each example that came out wrong.
GB_MUST_USE int gb_control_test(const struct gb_ruleset *rules, const struct gb_control *control,
                                struct gb_arena *arena, struct gb_str **failures,
                                size_t *failure_count, struct gb_error *err);

#endif
