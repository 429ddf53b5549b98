// The vulnerability part of an assessment: opens the feeds, matches what is installed, asks the
// host for evidence, ranks, and puts findings and fixes into the report. Used by assessment.c and
// the commands that show a report.
#ifndef GABION_CLI_VULNERABILITIES_H
#define GABION_CLI_VULNERABILITIES_H

#include "area/vulnerability/findings.h"
#include "cli/assessment.h"
#include "store/feed/feed_store.h"

enum {
    GB_FEED_STALE_DAYS = 7,     // older advisory data is said, and makes a run incomplete
    GB_UNFIXED_EXPIRE_DAYS = 30 // "not fixed" in data older than this no longer counts
};

// Opens the feeds and adds kind advisory_data to the collection. What cannot be read is a problem.
GB_MUST_USE int gb_vulnerabilities_open(struct gb_assessment *assessment, struct gb_error *err);
void gb_vulnerabilities_close(struct gb_assessment *assessment);

// Adds controls and findings to the report. Does nothing when the run leaves vulnerabilities out.
GB_MUST_USE int gb_vulnerabilities_judge(struct gb_assessment *assessment, struct gb_error *err);

// When history has filled first sights: due dates, filter, fixes.
GB_MUST_USE int gb_vulnerabilities_finish(struct gb_assessment *assessment,
                                          const struct gb_vulnerability_filter *filter,
                                          struct gb_error *err);

#endif
