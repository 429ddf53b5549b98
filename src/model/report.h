// The report: everything one assessment says, in one place. The json sink writes all of it; every
// other output shows a part. Filled by area/posture and the scan command, read by sinks and cli.
#ifndef GABION_MODEL_REPORT_H
#define GABION_MODEL_REPORT_H

#include "model/control.h"
#include "model/exemption.h"
#include "model/finding.h"
#include "model/vulnerability.h"

enum { GB_REPORT_SCHEMA_VERSION = 1 };

// Points over all (control, subject) pairs that apply and were assessed.
struct gb_score {
    uint64_t possible;      // sum of points of pass, fail, exempt
    uint64_t held;          // of pass
    uint64_t held_adjusted; // of pass and exempt
    double raw, adjusted;   // 100 * held / possible; 100 when nothing is possible is NOT given:
    bool assessed;          // false: nothing was assessed, raw and adjusted mean nothing
};

struct gb_coverage {
    size_t controls;          // selected for this run
    size_t controls_assessed; // with a pass, fail or exempt on some subject
    size_t controls_na;       // not applicable on every subject
    size_t controls_unknown;  // at least one subject unknown and none assessed
    size_t controls_error;
    size_t pairs[GB_VERDICT_COUNT]; // (control, subject) pairs by state
    double percent;                 // 100 * assessed pairs / (assessed + unknown + error)
};

// A reason for unknowns, with the number of controls behind it: "needs root" 33
struct gb_gap {
    struct gb_str reason;
    size_t controls;
};

enum gb_gate_result { GB_GATE_NOT_ASKED, GB_GATE_PASSED, GB_GATE_FAILED, GB_GATE_INCOMPLETE };

struct gb_gate {
    enum gb_gate_result result;
    struct gb_str *reasons; // sentences
    size_t reason_count;
};

struct gb_problem { // what went wrong in this run: a rule that did not load, an orphan exemption
    struct gb_str code;    // "GBN-E-RULE"
    struct gb_str message; // file:line:column: reason
    bool incomplete;       // makes the run incomplete
};

struct gb_report {
    struct gb_str tool_version;
    struct gb_str target;                             // "host web-01", "root /mnt/image"
    struct gb_str host_name, os_name, kernel_release; // "" when unknown
    bool as_root, live;
    int64_t started_at;      // seconds since 1970 UTC
    double duration_seconds; // 0 in reports that must be reproducible (--root)
    const struct gb_collection *collection;
    struct gb_control **controls; // that ran, by id
    size_t control_count;
    struct gb_finding **findings; // every verdict, passes included; worst first: by state, risk, id
    size_t finding_count;
    struct gb_score score;
    struct gb_coverage coverage;
    struct gb_gap *gaps; // most controls first
    size_t gap_count;
    struct gb_gate gate;
    struct gb_problem *problems;
    size_t problem_count;
    struct gb_exemptions *exemptions; // NULL: none loaded
    struct gb_vulnerability_report vulnerability;
    // What the display leaves out (never what the gate sees):
    enum gb_severity show_minimum;
    bool show_passed, show_suppressed, only_new;
    struct gb_str since_text; // "" or what --since compares with
};

#endif
