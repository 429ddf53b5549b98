// html: the report as one file that refers to nothing outside itself: opens from a disk, filters,
// prints. A content security policy with the hashes of its own script and style forbids all else.
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time.h"
#include "model/ranking.h"
#include "sink/file/html_page.h"
#include "sink/file/vulnerability.h"
#include "sink/file/xml.h"
#include "sink/sink.h"

#include <math.h>
#include <stdio.h>

struct page {
    const struct gb_report *report;
    struct gb_buffer *out;
    struct gb_arena *scratch;
};

static void text(const struct page *page, const char *html)
{
    gb_buffer_text(page->out, html);
}

static void escaped(const struct page *page, struct gb_str s)
{
    gb_xml_add(page->out, s);
}

static struct gb_str integrity(const struct page *page, const char *content)
{
    unsigned char digest[GB_DIGEST_LARGEST];
    struct gb_str bytes = {(const char *)digest, gb_digest_size(GB_SHA256)};
    if (gb_digest(GB_SHA256, gb_str_of(content), digest, NULL))
        return (struct gb_str){0};
    return gb_base64_encode(page->scratch, bytes, GB_BASE64);
}

static void add_head(const struct page *page)
{
    struct gb_str script = integrity(page, gb_html_script);
    struct gb_str style = integrity(page, gb_html_style);
    text(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    gb_buffer_print(page->out,
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "script-src 'sha256-" GB_PRI "'; style-src 'sha256-" GB_PRI
                    "'; base-uri 'none'; form-action 'none'\">\n",
                    GB_ARG(script), GB_ARG(style));
    text(page, "<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"referrer\" "
               "content=\"no-referrer\">\n<title>Gabion: ");
    escaped(page, page->report->target);
    text(page, "</title>\n<style>");
    text(page, gb_html_style);
    text(page, "</style></head>\n<body>\n");
}

static void add_summary(const struct page *page)
{
    const struct gb_report *report = page->report;
    const struct gb_coverage *coverage = &report->coverage;
    char when[GB_TIME_SIZE];
    gb_time_text(report->started_at, 0, when);
    text(page, "<header><h1>");
    escaped(page, report->target);
    text(page, "</h1><p>");
    escaped(page, report->os_name);
    if (report->kernel_release.len) {
        text(page, " &middot; kernel ");
        escaped(page, report->kernel_release);
    }
    gb_buffer_print(page->out,
                    " &middot; <time>%s</time> &middot; gabion " GB_PRI "</p></header>\n", when,
                    GB_ARG(report->tool_version));
    text(page, "<section class=\"numbers\">");
    if (report->score.assessed)
        gb_buffer_print(page->out,
                        "<div class=\"score\"><b>%.0f</b> / 100<br><meter min=\"0\" max=\"100\" "
                        "low=\"50\" high=\"80\" optimum=\"100\" value=\"%.1f\"></meter><br>score%s"
                        "</div>",
                        floor(report->score.raw), report->score.raw,
                        report->score.held == report->score.held_adjusted ? "" : " (raw)");
    else
        text(page, "<div class=\"score\"><b>no score</b><br>nothing was assessed</div>");
    if (report->score.assessed && report->score.held != report->score.held_adjusted)
        gb_buffer_print(page->out, "<div><b>%.0f</b><br>with exemptions</div>",
                        floor(report->score.adjusted));
    size_t failing[GB_SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < report->finding_count; i++)
        if (report->findings[i]->state == GB_FAIL && !report->findings[i]->vulnerability)
            failing[report->findings[i]->control->severity]++;
    for (int severity = GB_CRITICAL; severity >= GB_LOW; severity--)
        gb_buffer_print(page->out, "<div class=\"%s\"><b>%zu</b><br>%s</div>",
                        gb_severity_name((enum gb_severity)severity), failing[severity],
                        gb_severity_name((enum gb_severity)severity));
    gb_buffer_print(page->out,
                    "<div><b>%zu</b><br>passed</div><div><b>%zu</b><br>exempt</div>"
                    "<div><b>%.0f&thinsp;%%</b><br>coverage</div></section>\n",
                    coverage->pairs[GB_PASS], coverage->pairs[GB_EXEMPT], floor(coverage->percent));
    gb_buffer_print(page->out,
                    "<p class=\"coverage\">%zu checks made with %zu controls; %zu not applicable, "
                    "%zu unknown, %zu error.</p>\n",
                    coverage->pairs[GB_PASS] + coverage->pairs[GB_FAIL] +
                        coverage->pairs[GB_EXEMPT],
                    coverage->controls, coverage->pairs[GB_NA], coverage->pairs[GB_UNKNOWN],
                    coverage->pairs[GB_ERROR]);
}

static void add_evidence(const struct page *page, const struct gb_finding *finding)
{
    if (!finding->evidence_count)
        return;
    text(page, "<table class=\"evidence\"><tr><th>where<th>what<th>seen</tr>\n");
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const struct gb_evidence *evidence = &finding->evidence[i];
        text(page, "<tr><td>");
        escaped(page, evidence->where);
        if (evidence->line)
            gb_buffer_print(page->out, ":%u", evidence->line);
        text(page, "<td>");
        escaped(page, evidence->what);
        text(page, "<td>");
        escaped(page, evidence->seen);
        text(page, "</tr>\n");
    }
    text(page, "</table>\n");
    if (finding->offender_count > finding->evidence_count)
        gb_buffer_print(page->out, "<p>and %zu more</p>\n",
                        finding->offender_count - finding->evidence_count);
}

static void add_paragraph(const struct page *page, const char *label, struct gb_str content)
{
    if (!content.len)
        return;
    gb_buffer_print(page->out, "<dt>%s<dd>", label);
    escaped(page, content);
    text(page, "\n");
}

static void add_references(const struct page *page, const struct gb_control *control)
{
    if (!control->map_count)
        return;
    text(page, "<dt>Maps to<dd>");
    for (size_t i = 0; i < control->map_count; i++) {
        text(page, i ? " &middot; " : "");
        escaped(page, control->maps[i].framework);
        for (size_t j = 0; j < control->maps[i].id_count; j++) {
            text(page, " ");
            escaped(page, control->maps[i].ids[j]);
        }
    }
    text(page, "\n");
}

static void add_exemption(const struct page *page, const struct gb_exemption *exemption)
{
    char until[GB_TIME_SIZE];
    gb_date_text(exemption->expires_at - 1, until);
    gb_buffer_print(page->out, "<dt>Exempt<dd>until %s by ", until);
    escaped(page, exemption->owner);
    text(page, ": ");
    escaped(page, exemption->reason);
    text(page, "\n");
}

static void add_row(const struct page *page, const struct gb_ranked *row, bool exempt)
{
    const struct gb_control *control = row->control;
    const char *severity = gb_severity_name(control->severity);
    gb_buffer_print(page->out,
                    "<details class=\"finding %s\" data-severity=\"%s\"><summary><span "
                    "class=\"severity\">%s</span> <span class=\"title\">",
                    severity, severity, severity);
    escaped(page, control->finding);
    if (row->count > 1)
        gb_buffer_print(page->out, " (%zu)", row->count);
    gb_buffer_print(page->out,
                    "</span> <code>" GB_PRI "</code> <span class=\"gain\">+%.1f</span> "
                    "<span class=\"effort\">%s</span></summary>\n",
                    GB_ARG(control->id), row->gain, gb_effort_name(control->effort));
    for (size_t i = 0; i < row->count; i++) {
        if (row->findings[i]->subject && row->findings[i]->subject->name.len) {
            text(page, "<h3>");
            escaped(page, row->findings[i]->subject_name);
            text(page, "</h3>\n");
        }
        add_evidence(page, row->findings[i]);
    }
    text(page, "<dl>");
    if (exempt)
        add_exemption(page, row->findings[0]->exemption);
    add_paragraph(page, "Why", control->why);
    add_paragraph(page, "Fix", control->fix);
    add_paragraph(page, "Careful", control->fix_risk);
    add_paragraph(page, "Risk", row->findings[0]->risk_terms);
    add_references(page, control);
    text(page, "</dl></details>\n");
}

// What the first few fixes are worth, in a sentence for whoever decides about the time.
static void add_promise(const struct page *page, const struct gb_ranked *rows, size_t count)
{
    double gain = 0;
    size_t first = count < 3 ? count : 3;
    for (size_t i = 0; i < first; i++)
        gain += rows[i].gain;
    if (first && page->report->score.assessed)
        gb_buffer_print(
            page->out, "<p>Fixing the first %zu raises the score from %.0f to %.0f.</p>\n", first,
            floor(page->report->score.raw), floor(page->report->score.raw + gain + 1e-9));
}

static int add_rows(const struct page *page, enum gb_verdict_state state, const char *heading,
                    const char *empty, struct gb_error *err)
{
    struct gb_ranked *rows;
    size_t count;
    int code = gb_report_rank(page->report, state, page->report->only_new && state == GB_FAIL,
                              page->scratch, &rows, &count, err);
    if (code || (!count && !empty))
        return code;
    gb_buffer_print(page->out, "<section><h2>%s</h2>\n", heading);
    if (!count)
        gb_buffer_print(page->out, "<p>%s</p>\n", empty);
    if (state == GB_FAIL)
        add_promise(page, rows, count);
    for (size_t i = 0; i < count; i++)
        add_row(page, &rows[i], state == GB_EXEMPT);
    text(page, "</section>\n");
    return GB_OK;
}

static void add_gaps(const struct page *page)
{
    const struct gb_report *report = page->report;
    if (!report->gap_count && !report->problem_count)
        return;
    text(page, "<section><h2>Not seen</h2><ul>\n");
    for (size_t i = 0; i < report->gap_count; i++) {
        gb_buffer_print(page->out, "<li>%zu controls: ", report->gaps[i].controls);
        escaped(page, report->gaps[i].reason);
        text(page, "\n");
    }
    for (size_t i = 0; i < report->problem_count; i++) {
        text(page, "<li>");
        escaped(page, report->problems[i].message);
        text(page, "\n");
    }
    text(page, "</ul></section>\n");
}

static void add_table(const struct page *page, enum gb_verdict_state state, const char *heading)
{
    const struct gb_report *report = page->report;
    if (!report->coverage.pairs[state])
        return;
    gb_buffer_print(page->out,
                    "<details class=\"all\"><summary><h2>%s (%zu)</h2></summary><table><tr><th>"
                    "control<th>subject<th>what<th>%s</tr>\n",
                    heading, report->coverage.pairs[state], state == GB_PASS ? "seen" : "because");
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (finding->state != state || finding->vulnerability)
            continue;
        text(page, "<tr><td>");
        escaped(page, finding->control->id);
        text(page, "<td>");
        escaped(page, finding->subject_id);
        text(page, "<td>");
        escaped(page, finding->control->title);
        text(page, "<td>");
        if (finding->reason.len)
            escaped(page, finding->reason);
        else if (finding->evidence_count)
            escaped(page, finding->evidence[0].seen);
        text(page, "</tr>\n");
    }
    text(page, "</table></details>\n");
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    struct page page = {report, out, scratch};
    add_head(&page);
    add_summary(&page);
    text(&page, gb_html_filter);
    int code = add_rows(&page, GB_FAIL, "What to fix, most urgent first",
                        "Nothing that was checked is wrong.", err);
    if (!code)
        code = add_rows(&page, GB_EXEMPT, "Exempt: knowingly accepted", NULL, err);
    if (code)
        return code;
    gb_html_vulnerabilities(report, out);
    add_gaps(&page);
    add_table(&page, GB_PASS, "Passed");
    add_table(&page, GB_UNKNOWN, "Unknown");
    add_table(&page, GB_ERROR, "Errors");
    add_table(&page, GB_NA, "Not applicable");
    text(&page, "<footer>score = 100 &times; points held / points possible; critical 10, high 6, "
                "medium 3, low 1; unknown and not applicable do not count</footer>\n<script>");
    text(&page, gb_html_script);
    text(&page, "</script></body></html>\n");
    return GB_OK;
}

const struct gb_sink gb_sink_html = {
    .name = "html",
    .title = "one file without any reference to elsewhere; prints well",
    .media_type = "text/html",
    .write = write,
};
