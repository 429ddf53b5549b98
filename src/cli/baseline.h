// A baseline: the findings of an earlier report (-o json), to tell new ones from known ones.
#ifndef GABION_CLI_BASELINE_H
#define GABION_CLI_BASELINE_H

#include "cli/assessment.h"

// Reads the fingerprints of failing and exempt findings and marks the report's findings that are
// not among them as new, all others as known. GB_E_SYNTAX or GB_E_TYPE when it is no report.
GB_MUST_USE int gb_baseline_apply(const char *file, struct gb_report *report,
                                  struct gb_arena *arena, struct gb_error *err);

#endif
