// Scores of CVSS vectors, versions 2, 3.0, 3.1 and 4.0, by the specifications of FIRST. Used where
// advisories are read and by priority.
//
//     struct gb_cvss cvss;
//     if (gb_cvss_parse(GB_STR("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), &cvss, &err) == 0)
//         ... cvss.base == 9.8, cvss.attack_vector == 'N'
#ifndef GABION_MODEL_CVSS_H
#define GABION_MODEL_CVSS_H

#include "base/error.h"
#include "base/str.h"

enum gb_cvss_version { GB_CVSS_2, GB_CVSS_3_0, GB_CVSS_3_1, GB_CVSS_4_0 };

// What a vector says, in the words of version 3: letters as there, whatever the version. Modified
// and environmental metrics count in the scores only.
struct gb_cvss {
    enum gb_cvss_version version;
    // Version 4 has one score, which counts threat and environment if given: it stands in `base`,
    // and the others are -1. In version 2 they are -1 where the vector has no such metric.
    double base, temporal, environmental;
    char attack_vector;   // N network, A adjacent, L local, P physical
    char complexity;      // L, M (version 2 only), H
    bool requirements;    // version 4: the attack depends on how the target is deployed (AT:P)
    char privileges;      // N, L, H (version 2: none, single, multiple authentication)
    char interaction;     // N, R; version 4: N, P passive, A active; version 2: X unknown
    bool scope_changed;   // others than the vulnerable component suffer
    char confidentiality; // N, L, H (version 2: none, partial, complete)
    char integrity, availability;
    char maturity;    // of exploits: X unknown, U unproven, P proof of concept, F functional,
                      // H high (version 3), A attacked (version 4)
    char automatable; // version 4: Y, N; X unknown
};

// Metrics may stand in any order; a vector of version 2 may stand in parentheses. GB_E_SYNTAX for
// what is none: unknown or repeated metrics, unknown values, a mandatory metric missing.
GB_MUST_USE int gb_cvss_parse(struct gb_str vector, struct gb_cvss *ret, struct gb_error *err);

// The base score alone, -1 for what is no vector.
double gb_cvss_score(struct gb_str vector);

// "none", "low", "medium", "high", "critical" by the scale of versions 3 and 4.
const char *gb_cvss_severity(double score);

#endif
