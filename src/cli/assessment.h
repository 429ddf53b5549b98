// One assessment as commands run it: open the target, load the content, collect, judge, add
// history. scan, score, explain, inventory and query are views of it.
//
//     struct gb_assessment *assessment;
//     if (gb_assessment_open(program, invocation, &assessment, &err) < 0) ...
//     gb_assessment_collect(assessment, &err); gb_assessment_judge(assessment, &err);
//     ... assessment->report ...
//     gb_assessment_close(&assessment);
#ifndef GABION_CLI_ASSESSMENT_H
#define GABION_CLI_ASSESSMENT_H

#include "area/posture/assess.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/target.h"

struct gb_vulnerability_run;

struct gb_assessment {
    const struct gb_program *program;
    const struct gb_invocation *invocation;
    struct gb_target target;
    const struct gb_host *host; // of the target
    struct gb_collector collector;
    struct gb_arena *rules_arena, *scan_arena, *scratch;
    struct gb_kinds kinds;
    struct gb_control **controls; // all that were read, user's included
    size_t control_count;
    struct gb_ruleset *rules;
    struct gb_collection *collection;
    struct gb_exemptions exemptions;
    struct gb_selection selection; // of controls and of flaws
    bool checks_given;             // the user named what to check
    bool no_posture, no_vulnerabilities;
    bool vulnerabilities_asked;                 // by an option, or by the kind of target
    struct gb_vulnerability_run *vulnerability; // NULL: left out
    struct gb_report report;
    struct gb_problem *problems; // of loading; grows
    size_t problem_count, problem_capacity;
    struct gb_progress progress;
    int64_t started_ns;
};

// Opens the target that --root and its kin name, with a new progress line.
GB_MUST_USE int gb_assessment_open(const struct gb_program *program,
                                   const struct gb_invocation *invocation,
                                   struct gb_assessment **ret, struct gb_error *err);
// The same for commands whose operands may name a target: "image debian:12".
GB_MUST_USE int gb_assessment_open_target(const struct gb_program *program,
                                          const struct gb_invocation *invocation,
                                          const struct gb_str *operands, size_t operand_count,
                                          struct gb_assessment **ret, struct gb_error *err);
void gb_assessment_close(struct gb_assessment **assessment);

// What most commands are: opens the target, runs `body` on it, closes it, says what went wrong.
// Gives the exit code: that of the error, else what `body` left in *exit_code (0 before).
int gb_assessment_run(const struct gb_program *program, const struct gb_invocation *invocation,
                      int (*body)(struct gb_assessment *assessment, int *exit_code,
                                  struct gb_error *err));

// Kinds and controls: the embedded content, /etc/gabion/rules.d and --rules. What does not load is
// a problem of the run; an error only when nothing can run.
GB_MUST_USE int gb_assessment_load(struct gb_assessment *assessment, struct gb_error *err);

// Runs the sources and opens the advisory data.
GB_MUST_USE int gb_assessment_collect(struct gb_assessment *assessment, struct gb_error *err);

// Loads (if needed), collects (if needed), applies exemptions, judges controls and packages.
GB_MUST_USE int gb_assessment_judge(struct gb_assessment *assessment, struct gb_error *err);

void gb_assessment_problem(struct gb_assessment *assessment, const char *code, struct gb_str text,
                           bool incomplete);

// The file that exemptions are written to: --exemptions, else /etc/gabion/exemptions.yaml for root,
// ~/.config/gabion/exemptions.yaml for others.
struct gb_str gb_assessment_exemptions_path(const struct gb_invocation *invocation);

#endif
