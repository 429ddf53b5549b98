// Findings: what came out when a control was held against a subject. One form for all areas.
//
// Identity: gb_finding_identity over (control id, subject id), stable across runs and machines'
// clocks, so that history, exemptions and baselines can name a finding.
#ifndef GABION_MODEL_FINDING_H
#define GABION_MODEL_FINDING_H

#include "model/collection.h"

enum gb_severity { GB_LOW, GB_MEDIUM, GB_HIGH, GB_CRITICAL, GB_SEVERITY_COUNT };

const char *gb_severity_name(enum gb_severity severity); // "low" ...
// GB_E_TYPE for other words. "none" is not a severity.
GB_MUST_USE int gb_severity_parse(struct gb_str word, enum gb_severity *ret);
// Points of the score: critical 10, high 6, medium 3, low 1.
unsigned gb_severity_points(enum gb_severity severity);

enum gb_verdict_state {
    GB_PASS,
    GB_FAIL,
    GB_NA,      // not applicable: the control has no subject here; reason names the fact
    GB_UNKNOWN, // a fact could not be read; reason says why and what would help
    GB_ERROR,   // the control itself is wrong (or ran over its limit)
    GB_EXEMPT,  // failed, and knowingly accepted: the exemption says by whom, why, until when
    GB_VERDICT_COUNT,
};

const char *gb_verdict_name(enum gb_verdict_state state); // "pass", "fail", "not_applicable" ...
// GB_E_TYPE for other words.
GB_MUST_USE int gb_verdict_parse(struct gb_str word, enum gb_verdict_state *ret);

// How much work a fix is.
enum gb_effort { GB_EFFORT_ONE_LINE, GB_EFFORT_SMALL, GB_EFFORT_HOURS, GB_EFFORT_PROJECT };
const char *gb_effort_name(enum gb_effort effort); // "one line", "some steps", "hours", "project"
// From the words of control files: one_line small hours project. GB_E_TYPE for others.
GB_MUST_USE int gb_effort_parse(struct gb_str word, enum gb_effort *ret);

// Why one believes it: where, what was seen, what was expected.
struct gb_evidence {
    struct gb_str where;    // file, command, API path; "" when the value has no origin
    uint32_t line;          // 0 = the whole
    struct gb_str what;     // field path: "sshd.permit_root_login"; or the offender
    struct gb_str seen;     // the value as text, at most 200 bytes, control characters escaped
    struct gb_str expected; // "" when the control's text says it all
};

struct gb_exemption;
struct gb_vulnerability;

struct gb_finding {
    struct gb_str identity; // 32 hex digits
    const struct gb_control *control;
    const struct gb_resource *subject; // NULL when the kind has none (not applicable, unknown)
    struct gb_str subject_id;          // the resource's id, or the kind
    struct gb_str subject_name;        // for people
    enum gb_verdict_state state;
    struct gb_str reason; // not applicable, unknown, error: why
    struct gb_evidence *evidence;
    size_t evidence_count;
    size_t offender_count; // elements of a list-valued `expect` (evidence may be cut; this is not)
    double gain;           // score points (0..100) that fixing this one adds to the raw score
    double risk;           // 0..100, orders the work
    struct gb_str risk_terms; // "severity high 0.7 x exposure internet 1.0 x ..."
    const struct gb_exemption *exemption;
    // A known flaw of an installed package (area/vulnerability); NULL: a control's verdict. Such a
    // finding is fail or exempt, or not applicable when it is suppressed: `reason` says why. It
    // never enters the score, which has no passing side for it; the gate counts it.
    const struct gb_vulnerability *vulnerability;
    int64_t first_seen, last_seen; // seconds since 1970 UTC; 0 = no history
    bool is_new;                   // not in the baseline or the store before this run
    bool reopened;
};

// SHA-256 over the two with a zero byte between them, first 16 bytes, in hex. Empty on memory
// failure.
struct gb_str gb_finding_identity(struct gb_arena *arena, struct gb_str control_id,
                                  struct gb_str subject_id);

#endif
