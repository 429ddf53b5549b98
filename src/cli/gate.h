// The gate: does what was found let a pipeline go on? Display options never enter.
#ifndef GABION_CLI_GATE_H
#define GABION_CLI_GATE_H

#include "cli/assessment.h"

struct gb_gate_options {
    bool asked;       // any of the options below was given
    bool fail_none;   // --fail-on none
    bool has_fail_on; // fail on findings at or above .fail_on
    enum gb_severity fail_on;
    bool fail_on_kev;    // fail on open vulnerabilities that are known to be exploited
    double min_score;    // < 0: not asked
    double min_coverage; // < 0: not asked
    int exit_code;       // of a failed gate
};

GB_MUST_USE int gb_gate_options_parse(const struct gb_invocation *invocation,
                                      struct gb_gate_options *ret, struct gb_error *err);

// Fills report->gate and returns the exit code: 0, the gate's, or 4.
int gb_gate_decide(const struct gb_gate_options *options, struct gb_report *report,
                   struct gb_arena *arena);

// The verdict in one or two lines on standard error; nothing when no gate was asked for.
void gb_gate_say(const struct gb_gate_options *options, const struct gb_report *report,
                 struct gb_arena *arena);

#endif
