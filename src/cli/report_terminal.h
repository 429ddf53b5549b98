// The report as a person reads it on a terminal.
#ifndef GABION_CLI_REPORT_TERMINAL_H
#define GABION_CLI_REPORT_TERMINAL_H

#include "cli/output.h"
#include "cli/report_vulnerability.h"
#include "model/report.h"

enum { GB_TOP_ALL = 100000 };

// `top`: rows of findings below the first three; `flaws`: how vulnerabilities are shown. Display
// options come from the report.
GB_MUST_USE int gb_report_terminal(const struct gb_report *report, const struct gb_look *look,
                                   size_t top, const struct gb_vulnerability_look *flaws,
                                   struct gb_buffer *out, struct gb_arena *scratch,
                                   struct gb_error *err);

// Text wrapped to `width` columns, lines behind the first indented by `indent`.
void gb_wrap(struct gb_buffer *out, struct gb_str text, size_t first_indent, size_t indent,
             size_t width);

// "/etc/ssh/sshd_config:32  sshd.permit_root_login = yes", from column `indent` on, wrapped to at
// most `lines` lines; the last one is cut.
void gb_add_evidence_line(struct gb_buffer *out, const struct gb_look *look,
                          const struct gb_evidence *evidence, size_t indent, size_t lines,
                          struct gb_arena *scratch);

enum gb_tint gb_severity_tint(enum gb_severity severity);

#endif
