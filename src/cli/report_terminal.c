// The face of `gabion scan`: the score, what to do first, what could not be seen.
#include "cli/report_terminal.h"

#include "base/printable.h"
#include "base/time.h"
#include "model/ranking.h"
#include "model/value_text.h"

#include <math.h>

enum { FIRST_ROWS = 3, BAR_CELLS = 20, RIGHT_COLUMNS = 19, TITLE_INDENT = 14 };

enum gb_tint gb_severity_tint(enum gb_severity severity)
{
    static const enum gb_tint tints[] = {
        [GB_LOW] = GB_TINT_DIM,
        [GB_MEDIUM] = GB_TINT_BLUE,
        [GB_HIGH] = GB_TINT_YELLOW,
        [GB_CRITICAL] = GB_TINT_RED,
    };
    return tints[severity];
}

static void add_spaces(struct gb_buffer *out, size_t count)
{
    while (count--)
        gb_buffer_char(out, ' ');
}

void gb_wrap(struct gb_buffer *out, struct gb_str text, size_t first_indent, size_t indent,
             size_t width)
{
    size_t column = first_indent;
    bool fresh = true;
    struct gb_str word;
    while (gb_str_next_word(&text, &word)) {
        size_t columns = gb_columns(word);
        if (!fresh && column + 1 + columns > width) {
            gb_buffer_char(out, '\n');
            add_spaces(out, indent);
            column = indent;
            fresh = true;
        }
        if (!fresh) {
            gb_buffer_char(out, ' ');
            column++;
        }
        gb_buffer_add(out, word);
        column += columns;
        fresh = false;
    }
}

static const char *dot(const struct gb_look *look)
{
    return look->unicode ? "\302\267" : "-";
}

static void add_head(struct gb_buffer *out, const struct gb_report *report,
                     const struct gb_look *look, struct gb_arena *scratch)
{
    struct gb_str name = report->live ? report->host_name : report->target;
    struct gb_str os = report->os_name.len ? report->os_name : GB_STR("operating system unknown");
    name = gb_printable(scratch, name.len ? name : GB_STR("this machine"));
    struct gb_str rest = gb_printable(scratch, os);
    if (report->kernel_release.len)
        rest = gb_str_format(scratch, GB_PRI " %s kernel " GB_PRI, GB_ARG(rest), dot(look),
                             GB_ARG(gb_printable(scratch, report->kernel_release)));
    if (report->live)
        rest = gb_str_format(scratch, GB_PRI " %s %s %s %.1f s, offline", GB_ARG(rest), dot(look),
                             report->as_root ? "root" : "not root", dot(look),
                             report->duration_seconds);
    gb_look_add(out, look, GB_TINT_BOLD, gb_cut_to_columns(scratch, name, look->width));
    // A long name (the path of a root) stands on a line of its own.
    bool fits = gb_columns(name) + 3 + gb_columns(rest) <= look->width;
    if (fits)
        gb_buffer_print(out, " %s ", dot(look));
    else
        gb_buffer_char(out, '\n');
    gb_wrap(out, rest, fits ? gb_columns(name) + 3 : 0, 0, look->width);
    gb_buffer_char(out, '\n');
}

static size_t assessed(const struct gb_coverage *coverage)
{
    return coverage->pairs[GB_PASS] + coverage->pairs[GB_FAIL] + coverage->pairs[GB_EXEMPT];
}

static void add_coverage(struct gb_buffer *out, const struct gb_report *report,
                         const struct gb_look *look)
{
    const struct gb_coverage *coverage = &report->coverage;
    gb_buffer_print(out, "%zu checks made with %zu controls %s %zu not applicable",
                    assessed(coverage), coverage->controls, dot(look), coverage->pairs[GB_NA]);
    if (coverage->pairs[GB_UNKNOWN])
        gb_buffer_print(out, " %s %zu unknown", dot(look), coverage->pairs[GB_UNKNOWN]);
    if (coverage->pairs[GB_ERROR])
        gb_buffer_print(out, " %s %zu error", dot(look), coverage->pairs[GB_ERROR]);
    gb_buffer_char(out, '\n');
}

static void add_bar(struct gb_buffer *out, double score, const struct gb_look *look)
{
    enum gb_tint tint = score >= 80 ? GB_TINT_GREEN : score >= 50 ? GB_TINT_YELLOW : GB_TINT_RED;
    int full = (int)lround(score * BAR_CELLS / 100);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bar = gb_buffer(4096);
    for (int i = 0; i < BAR_CELLS; i++) {
        if (look->unicode)
            gb_buffer_text(&bar, i < full ? "\342\226\210" : "\342\226\221");
        else
            gb_buffer_char(&bar, i < full ? '#' : '.');
    }
    gb_look_add(out, look, tint, gb_buffer_str(&bar));
}

static void count_failing(const struct gb_report *report, size_t failing[GB_SEVERITY_COUNT])
{
    memset(failing, 0, sizeof(size_t) * GB_SEVERITY_COUNT);
    for (size_t i = 0; i < report->finding_count; i++)
        if (report->findings[i]->state == GB_FAIL && !report->findings[i]->vulnerability)
            failing[report->findings[i]->control->severity]++;
}

static void add_score(struct gb_buffer *out, const struct gb_report *report,
                      const struct gb_look *look, struct gb_arena *scratch)
{
    const struct gb_score *score = &report->score;
    // Of an image or an SBOM packages alone may be known: that is no failure to assess.
    if (!score->assessed && report->vulnerability.judged)
        return;
    if (!score->assessed) {
        gb_look_add(out, look, GB_TINT_RED, GB_STR("\n  Nothing was assessed: no score.\n"));
        return;
    }
    // Rounded down: 100 is shown only when nothing is left.
    gb_buffer_print(out, "\n  Score  %.0f / 100   ", floor(score->raw));
    add_bar(out, score->raw, look);
    if (score->held_adjusted != score->held)
        gb_buffer_print(out, "   %.0f with exemptions", floor(score->adjusted));
    gb_buffer_print(out, "   coverage %.0f %%\n  ", floor(report->coverage.percent));
    size_t failing[GB_SEVERITY_COUNT];
    count_failing(report, failing);
    for (int severity = GB_CRITICAL; severity >= GB_LOW; severity--) {
        struct gb_str text = gb_str_format(scratch, "%zu %s", failing[severity],
                                           gb_severity_name((enum gb_severity)severity));
        gb_look_add(out, look,
                    failing[severity] ? gb_severity_tint((enum gb_severity)severity) : GB_TINT_DIM,
                    text);
        gb_buffer_text(out, "   ");
    }
    gb_buffer_print(out, "%s   %zu passed", dot(look), report->coverage.pairs[GB_PASS]);
    if (report->coverage.pairs[GB_EXEMPT])
        gb_buffer_print(out, "   %zu exempt", report->coverage.pairs[GB_EXEMPT]);
    gb_buffer_char(out, '\n');
}

void gb_add_evidence_line(struct gb_buffer *out, const struct gb_look *look,
                          const struct gb_evidence *evidence, size_t indent, size_t lines,
                          struct gb_arena *scratch)
{
    struct gb_str place = gb_place_text(scratch, evidence->where, evidence->line);
    struct gb_str text =
        gb_str_format(scratch, GB_PRI "%s" GB_PRI "%s" GB_PRI, GB_ARG(gb_printable(scratch, place)),
                      place.len ? "  " : "", GB_ARG(evidence->what),
                      evidence->what.len ? " = " : "", GB_ARG(evidence->seen));
    size_t width = look->width > indent + 20 ? look->width : indent + 20;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer wrapped = gb_buffer(65536);
    gb_wrap(&wrapped, text, 0, 0, width - indent);
    struct gb_str rest = gb_buffer_str(&wrapped), piece;
    for (size_t i = 0; i < lines && gb_str_next(&rest, '\n', &piece); i++) {
        if (i)
            add_spaces(out, indent);
        bool cut = i + 1 == lines && rest.len;
        if (cut)
            piece = gb_str_format(scratch, GB_PRI " " GB_PRI, GB_ARG(piece), GB_ARG(rest));
        gb_look_add(out, look, GB_TINT_DIM, gb_cut_to_columns(scratch, piece, width - indent));
        gb_buffer_char(out, '\n');
    }
    if (!wrapped.len)
        gb_buffer_char(out, '\n');
}

static void add_row(struct gb_buffer *out, const struct gb_ranked *row, size_t number,
                    const struct gb_look *look, struct gb_arena *scratch)
{
    const struct gb_finding *finding = row->findings[0];
    size_t width = look->width > 110 ? 110 : look->width;
    size_t title_columns =
        width > TITLE_INDENT + RIGHT_COLUMNS + 20 ? width - TITLE_INDENT - RIGHT_COLUMNS : 20;
    gb_buffer_print(out, "%3zu ", number);
    struct gb_str severity =
        gb_str_format(scratch, "%-9s ", gb_severity_name(row->control->severity));
    gb_look_add(out, look, gb_severity_tint(row->control->severity), severity);
    struct gb_str title = gb_printable(scratch, row->control->finding);
    if (row->count > 1)
        title = gb_str_format(scratch, GB_PRI " (%zu)", GB_ARG(title), row->count);
    // The first line of the title, then gain and effort, then the rest.
    GB_CLEANUP(gb_buffer_free) struct gb_buffer wrapped = gb_buffer(65536);
    gb_wrap(&wrapped, title, 0, 0, title_columns);
    struct gb_str rest = gb_buffer_str(&wrapped), first = {0}, more;
    gb_str_next(&rest, '\n', &first);
    gb_buffer_add(out, first);
    size_t used = gb_columns(first);
    add_spaces(out, used < title_columns ? title_columns - used : 1);
    gb_buffer_print(out, " %+6.1f  %s\n", row->gain, gb_effort_name(row->control->effort));
    while (gb_str_next(&rest, '\n', &more)) {
        add_spaces(out, TITLE_INDENT);
        gb_buffer_add(out, more);
        gb_buffer_char(out, '\n');
    }
    add_spaces(out, TITLE_INDENT);
    gb_buffer_print(out, GB_PRI "  ", GB_ARG(row->control->id));
    if (finding->evidence_count)
        gb_add_evidence_line(out, look, &finding->evidence[0],
                             TITLE_INDENT + row->control->id.len + 2, 2, scratch);
    else
        gb_buffer_print(out, GB_PRI "\n", GB_ARG(gb_printable(scratch, finding->subject_name)));
}

static void add_heading(struct gb_buffer *out, const struct gb_look *look, const char *text,
                        bool columns)
{
    size_t width = look->width > 110 ? 110 : look->width;
    size_t right = width > RIGHT_COLUMNS + 30 ? width - RIGHT_COLUMNS : 30;
    gb_buffer_char(out, '\n');
    gb_look_add(out, look, GB_TINT_BOLD, gb_str_of(text));
    if (columns) {
        add_spaces(out, right > strlen(text) ? right - strlen(text) : 1);
        gb_look_add(out, look, GB_TINT_DIM, GB_STR("   gain  effort"));
    }
    gb_buffer_char(out, '\n');
}

static bool is_shown(const struct gb_report *report, const struct gb_ranked *row)
{
    return row->control->severity >= report->show_minimum;
}

static size_t add_findings(struct gb_buffer *out, const struct gb_report *report,
                           const struct gb_ranked *rows, size_t count, size_t top,
                           const struct gb_look *look, struct gb_arena *scratch)
{
    size_t shown = 0, hidden = 0, cut = 0;
    double gain = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(report, &rows[i])) {
            hidden++;
            continue;
        }
        if (shown >= top) {
            cut++;
            continue;
        }
        if (shown == 0)
            add_heading(out, look, "Do these first", true);
        if (shown == FIRST_ROWS)
            add_heading(out, look, "Then", false);
        if (shown < FIRST_ROWS)
            gain += rows[i].gain;
        shown++;
        add_row(out, &rows[i], i + 1, look, scratch);
        if (shown == FIRST_ROWS && report->score.assessed)
            gb_buffer_print(out, "%*sthese three: %.0f -> %.0f\n", TITLE_INDENT, "",
                            floor(report->score.raw), floor(report->score.raw + gain + 1e-9));
    }
    if (cut)
        gb_buffer_print(out, "    %zu more: gabion scan --top all\n", cut);
    if (hidden)
        gb_buffer_print(out, "    %zu lower ones hidden by --severity %s\n", hidden,
                        gb_severity_name(report->show_minimum));
    return shown + cut + hidden;
}

// What was looked at, when nothing is wrong: silence is not believed.
static void add_all_clear(struct gb_buffer *out, const struct gb_report *report,
                          const struct gb_look *look, struct gb_arena *scratch)
{
    if (!report->score.assessed)
        return;
    gb_look_add(out, look, GB_TINT_GREEN,
                report->only_new ? GB_STR("\nNothing new is wrong.\n")
                                 : GB_STR("\nNothing that was checked is wrong.\n"));
    struct gb_map kinds = gb_map(scratch);
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (finding->state != GB_PASS)
            continue;
        size_t *passed = gb_map_get(&kinds, finding->control->kind);
        if (!passed) {
            passed = gb_alloc(scratch, sizeof *passed);
            if (!passed || gb_map_set(&kinds, finding->control->kind, passed))
                return;
        }
        ++*passed;
    }
    struct gb_str text = GB_STR("checked:");
    for (size_t i = 0; i < kinds.count; i++)
        text = gb_str_format(scratch, GB_PRI "%s " GB_PRI " %zu", GB_ARG(text), i ? "," : "",
                             GB_ARG(kinds.entries[i].key), *(const size_t *)kinds.entries[i].value);
    gb_buffer_text(out, "  ");
    gb_wrap(out, text, 2, 2, look->width);
    gb_buffer_char(out, '\n');
}

static void add_gaps(struct gb_buffer *out, const struct gb_report *report,
                     const struct gb_look *look, struct gb_arena *scratch)
{
    if (!report->gap_count)
        return;
    add_heading(out, look, "Not seen", false);
    for (size_t i = 0; i < report->gap_count && i < 6; i++) {
        gb_buffer_print(out, "%5zu  ", report->gaps[i].controls);
        gb_wrap(out, gb_printable(scratch, report->gaps[i].reason), 7, 7, look->width);
        if (gb_str_is(report->gaps[i].reason, "needs root"))
            gb_buffer_text(out, ": sudo gabion scan");
        gb_buffer_char(out, '\n');
    }
    if (report->gap_count > 6)
        gb_buffer_print(out, "       and %zu more reasons: -o json\n", report->gap_count - 6);
}

static void add_exemption(struct gb_buffer *out, const struct gb_exemption *exemption,
                          struct gb_arena *scratch)
{
    char last_day[GB_TIME_SIZE];
    gb_date_text(exemption->expires_at - 1, last_day);
    gb_buffer_print(out, "until %s: " GB_PRI " (" GB_PRI ")\n", last_day,
                    GB_ARG(gb_printable(scratch, exemption->reason)),
                    GB_ARG(gb_printable(scratch, exemption->owner)));
}

static void add_list(struct gb_buffer *out, const struct gb_report *report,
                     enum gb_verdict_state state, const char *heading, const struct gb_look *look,
                     struct gb_arena *scratch)
{
    bool first = true;
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (finding->state != state)
            continue;
        if (first)
            add_heading(out, look, heading, false);
        first = false;
        bool bad = state == GB_EXEMPT;
        gb_buffer_print(out, "  %-13.*s ", GB_ARG(finding->control->id));
        gb_wrap(out,
                gb_printable(scratch, bad ? finding->control->finding : finding->control->title),
                16, 16, look->width);
        if (finding->subject && finding->subject->name.len)
            gb_buffer_print(out, "  [" GB_PRI "]",
                            GB_ARG(gb_printable(scratch, finding->subject->name)));
        gb_buffer_char(out, '\n');
        add_spaces(out, 16);
        if (finding->exemption)
            add_exemption(out, finding->exemption, scratch);
        else if (finding->evidence_count)
            gb_add_evidence_line(out, look, &finding->evidence[0], 16, 1, scratch);
        else
            gb_buffer_char(out, '\n');
    }
}

static void add_problems(struct gb_buffer *out, const struct gb_report *report,
                         const struct gb_look *look, struct gb_arena *scratch)
{
    if (!report->problem_count)
        return;
    add_heading(out, look, "Problems of this run", false);
    for (size_t i = 0; i < report->problem_count; i++) {
        gb_buffer_text(out, "  ");
        gb_wrap(out, gb_printable(scratch, report->problems[i].message), 2, 4, look->width);
        gb_buffer_char(out, '\n');
    }
}

static void add_foot(struct gb_buffer *out, const struct gb_report *report, bool findings,
                     const struct gb_look *look)
{
    gb_buffer_char(out, '\n');
    if (findings)
        gb_buffer_text(out, " gabion explain 1     evidence, reasons and the fix\n");
    gb_buffer_text(out, " gabion scan -o html=report.html     the whole report as one file\n");
    if (report->live)
        gb_look_add(out, look, GB_TINT_DIM, GB_STR("Nothing left this machine.\n"));
}

int gb_report_terminal(const struct gb_report *report, const struct gb_look *look, size_t top,
                       const struct gb_vulnerability_look *flaws, struct gb_buffer *out,
                       struct gb_arena *scratch, struct gb_error *err)
{
    struct gb_ranked *rows;
    size_t count;
    int code = gb_report_rank(report, GB_FAIL, report->only_new, scratch, &rows, &count, err);
    if (code)
        return code;
    add_head(out, report, look, scratch);
    if (report->score.assessed || !report->vulnerability.judged)
        add_coverage(out, report, look);
    add_score(out, report, look, scratch);
    if (!add_findings(out, report, rows, count, top, look, scratch))
        add_all_clear(out, report, look, scratch);
    gb_report_vulnerabilities(report, look, flaws, out, scratch);
    if (report->show_passed)
        add_list(out, report, GB_PASS, "Passed", look, scratch);
    if (report->show_suppressed)
        add_list(out, report, GB_EXEMPT, "Exempt", look, scratch);
    add_gaps(out, report, look, scratch);
    add_problems(out, report, look, scratch);
    add_foot(out, report, count > 0, look);
    return out->failed ? gb_error_set(err, GB_E_LIMIT, "the report is too large") : GB_OK;
}
