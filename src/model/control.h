// Controls: what must be true of a resource kind. content/controls/**/*.yaml, one document each
// (several may stand in one file, separated by ---).
//
//     id: GBN-SSH-002                  # GBN-AREA-NNN; stable for ever
//     title: Root cannot log in over SSH with a password        # the good state, one sentence
//     finding: Root can log in over SSH with a password          # the bad state, what a user sees
//     kind: sshd                       # content/kinds; a control over a kind with `many` is held
//                                      # against each resource by itself
//     severity: critical               # critical high medium low
//     when: sshd.enabled               # optional CEL bool: false = not applicable ...
//     when_not: the SSH server is not enabled    # ... with this reason (mandatory with `when`)
//     expect: sshd.permit_root_login != 'yes'    # CEL: bool (true = holds), or a list of offenders
//                                                # (empty = holds)
//     expected: "no or prohibit-password"        # optional: what evidence calls expected
//     why: >                           # what happens to somebody who leaves it
//     fix: >                           # exact steps
//     effort: one_line                 # one_line small hours project
//     risk: >                          # optional: what the fix can break
//     exposure: sshd.exposure          # optional CEL string or double for the risk terms
//     maps:                            # numbers only, no texts
//       nist_800_53: [AC-6, IA-2]
//       mcsb: [PA-1]
//       attack_mitigations: [M1042]
//       cis_debian_12: ["5.1.20"]
//     tags: [ssh, authentication]
//     default: true                    # false: only with a profile or --check
//     examples:                        # at least one pass and one fail; run as tests
//       - name: ...
//         verdict: fail
//         given:                       # kind name -> properties (or a list of them for `many`);
//           sshd: {enabled: true, ...} # a kind that is left out is absent; values may be
//                                      # {unknown: reason}
//         offenders: [..]              # optional: what a list-valued expect must give
//
// In expressions a kind with one resource is a variable by its name (sshd.port); a kind with `many`
// is a list by its plural (users.filter(u, u.uid == 0)); the subject of a control over such a kind
// is a variable by the kind's name (user.uid). `now` is the time of the assessment.
#ifndef GABION_MODEL_CONTROL_H
#define GABION_MODEL_CONTROL_H

#include "base/node.h"
#include "model/finding.h"

struct gb_mapping {
    struct gb_str framework; // "nist_800_53"
    struct gb_str *ids;
    size_t id_count;
};

struct gb_example {
    struct gb_str name;
    enum gb_verdict_state verdict;
    const struct gb_node *given;     // map
    const struct gb_node *offenders; // NULL or a list
    uint32_t line;
};

struct gb_control {
    struct gb_str id, title, finding, kind, why, fix, fix_risk, when_not, expected;
    enum gb_severity severity;
    enum gb_effort effort;
    struct gb_str when, expect, exposure;           // CEL texts; "" = none
    uint32_t when_line, expect_line, exposure_line; // of the texts' first lines
    // The same as nodes, NULL = none: gb_node_place(expect_node, line, column, ...) turns a place
    // inside the expression (compiled as if it started at 1:1) into the place in the file.
    const struct gb_node *when_node, *expect_node, *exposure_node;
    struct gb_mapping *maps;
    size_t map_count;
    struct gb_str *tags;
    size_t tag_count;
    struct gb_example *examples;
    size_t example_count;
    bool by_default;
    bool advisory;      // made of an advisory: has no expressions, no file; .id is the flaw's
    struct gb_str file; // "content/controls/ssh/...yaml" or the user's file
    uint32_t line;
};

// Reads one control document. Errors name file, line, column, what was expected, the nearest known
// key. Does not look into the expressions or the kinds: the posture area compiles them. `document`
// and `file` must outlive the control.
GB_MUST_USE int gb_control_read(const struct gb_node *document, struct gb_str file,
                                struct gb_arena *arena, struct gb_control **ret,
                                struct gb_error *err);

#endif
