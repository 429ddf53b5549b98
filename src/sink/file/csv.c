// csv: one row for each control and subject (RFC 4180, UTF-8). A cell that a spreadsheet would take
// for a formula gets an apostrophe in front.
#include "base/time.h"
#include "model/value_text.h"
#include "sink/sink.h"

#include <stdio.h>

static void add_cell(struct gb_buffer *out, struct gb_str text)
{
    bool formula = text.len && strchr("=+-@\t\r", text.at[0]);
    bool quotes = formula || gb_str_find_char(text, ',') >= 0 || gb_str_find_char(text, '"') >= 0 ||
                  gb_str_find_char(text, '\n') >= 0 || gb_str_find_char(text, '\r') >= 0;
    if (!quotes) {
        gb_buffer_add(out, text);
        return;
    }
    gb_buffer_text(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            gb_buffer_char(out, '"');
        gb_buffer_char(out, text.at[i]);
    }
    gb_buffer_char(out, '"');
}

static void add_number(struct gb_buffer *out, double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.2f", number);
    gb_buffer_text(out, text);
}

static struct gb_str evidence_text(const struct gb_finding *finding, struct gb_arena *scratch)
{
    struct gb_str text = {0};
    for (size_t i = 0; i < finding->evidence_count && text.len < 2000; i++) {
        const struct gb_evidence *evidence = &finding->evidence[i];
        struct gb_str place = gb_place_text(scratch, evidence->where, evidence->line);
        text = gb_str_format(scratch, GB_PRI "%s" GB_PRI "%s" GB_PRI "%s" GB_PRI, GB_ARG(text),
                             i ? "; " : "", GB_ARG(place), place.len ? " " : "",
                             GB_ARG(evidence->what), evidence->what.len ? "=" : "",
                             GB_ARG(evidence->seen));
    }
    return text;
}

// The columns that only vulnerabilities fill.
static void add_vulnerability(struct gb_buffer *out, const struct gb_vulnerability *v,
                              struct gb_arena *scratch)
{
    char due[GB_TIME_SIZE] = "";
    if (!v) {
        gb_buffer_text(out, ",,,,,,");
        return;
    }
    if (v->due_at)
        gb_date_text(v->due_at, due);
    struct gb_str texts[] = {
        v->name,
        v->version,
        v->fixed_version,
        v->exploit.has_kev ? GB_STR("yes") : GB_STR("no"),
        v->exploit.has_epss ? gb_str_format(scratch, "%.5f", v->exploit.epss) : (struct gb_str){0},
        gb_str_of(due),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gb_buffer_char(out, ',');
        add_cell(out, texts[i]);
    }
}

static void add_row(struct gb_buffer *out, const struct gb_report *report,
                    const struct gb_finding *finding, struct gb_arena *scratch)
{
    const struct gb_control *control = finding->control;
    const struct gb_vulnerability *v = finding->vulnerability;
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT || v;
    char first_seen[GB_TIME_SIZE] = "";
    if (finding->first_seen)
        gb_time_text(finding->first_seen, 0, first_seen);
    struct gb_str texts[] = {
        report->host_name,
        control->id,
        gb_str_of(gb_severity_name(control->severity)),
        gb_str_of(gb_verdict_name(finding->state)),
        bad ? control->finding : control->title,
        finding->subject_id,
        finding->reason,
        evidence_text(finding, scratch),
        control->why,
        control->fix,
        gb_str_of(gb_effort_name(control->effort)),
        finding->exemption ? finding->exemption->owner : (struct gb_str){0},
        finding->exemption ? finding->exemption->reason : (struct gb_str){0},
        gb_str_of(first_seen),
        finding->identity,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (i)
            gb_buffer_char(out, ',');
        add_cell(out, texts[i]);
    }
    gb_buffer_char(out, ',');
    add_number(out, finding->gain);
    gb_buffer_char(out, ',');
    add_number(out, finding->risk);
    add_vulnerability(out, v, scratch);
    gb_buffer_text(out, "\r\n");
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    (void)err;
    gb_buffer_text(out,
                   "host,control,severity,state,title,subject,reason,evidence,why,fix,effort,"
                   "exempt_owner,exempt_reason,first_seen,fingerprint,gain,risk,package,version,"
                   "fixed_version,kev,epss,due\r\n");
    for (size_t i = 0; i < report->finding_count; i++) {
        struct gb_mark mark = gb_arena_mark(scratch);
        add_row(out, report, report->findings[i], scratch);
        gb_arena_reset(scratch, mark);
    }
    return GB_OK;
}

const struct gb_sink gb_sink_csv = {
    .name = "csv",
    .title = "one row for each control and subject",
    .media_type = "text/csv",
    .write = write,
};
