// The inside of a ruleset; for the files of area/posture only.
#ifndef GABION_AREA_POSTURE_RULESET_H
#define GABION_AREA_POSTURE_RULESET_H

#include "area/posture/assess.h"
#include "expr/cel.h"

// A control with its expressions compiled.
struct gb_rule {
    struct gb_control *control;
    const struct gb_kind *kind;
    struct gb_cel_program *when, *expect, *exposure; // when, exposure: NULL = none
};

// Which slot of the expressions holds what: one environment serves all controls, so that the values
// of a collection are laid out once.
struct gb_slot {
    struct gb_str name;
    const struct gb_kind *kind; // NULL: `now`
    bool subject;               // one resource of a kind with `many`
};

struct gb_ruleset {
    const struct gb_kinds *kinds;
    struct gb_rule *rules; // by id
    size_t count;
    struct gb_slot *slots;
    size_t slot_count;
    struct gb_cel_env *env;
};

// Fills one value a slot from the collection; subject slots are left not applicable.
GB_MUST_USE int gb_ruleset_lay_out(const struct gb_ruleset *rules, const struct gb_collection *all,
                                   struct gb_arena *arena, struct gb_value **ret,
                                   struct gb_error *err);

// The slot of a subject variable; slot_count when the kind has no `many`.
size_t gb_ruleset_subject_slot(const struct gb_ruleset *rules, const struct gb_kind *kind);

// What came out of one control on one subject.
struct gb_judgement {
    enum gb_verdict_state state;
    struct gb_str reason;
    struct gb_value offenders; // a list when the control gave one, else null
};

// Holds one rule against the slots (the subject slot is set by the caller).
struct gb_judgement gb_rule_judge(const struct gb_rule *rule, const struct gb_value *slots,
                                  struct gb_arena *arena);

// Evidence for a judgement: the offenders, or the fields that the expressions select.
void gb_rule_evidence(const struct gb_rule *rule, const struct gb_judgement *judgement,
                      const struct gb_value *slots, const struct gb_collection *all,
                      struct gb_arena *arena, struct gb_finding *into);

// Risk of a failing finding and its terms.
void gb_rule_risk(const struct gb_rule *rule, const struct gb_value *slots, struct gb_arena *arena,
                  struct gb_finding *into);

// Score, coverage, gains and gaps from report->findings.
void gb_report_sum_up(struct gb_report *report, struct gb_arena *arena);

#endif
