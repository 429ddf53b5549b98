// json: everything that a report says. docs/schema/report-1.json describes it; all other outputs
// show a part of the same.
#include "base/json.h"
#include "sink/file/vulnerability.h"
#include "sink/sink.h"

static void field_strings(struct gb_json_writer *w, const char *key, const struct gb_str *items,
                          size_t count)
{
    gb_json_key(w, key);
    gb_json_list_begin(w);
    for (size_t i = 0; i < count; i++)
        gb_json_string(w, items[i]);
    gb_json_list_end(w);
}

static void write_head(struct gb_json_writer *w, const struct gb_report *report)
{
    gb_json_field_int(w, "schema_version", GB_REPORT_SCHEMA_VERSION);
    gb_json_key(w, "tool");
    gb_json_object_begin(w);
    gb_json_field_text(w, "name", "gabion");
    gb_json_field_str(w, "version", report->tool_version);
    gb_json_object_end(w);
    gb_json_key(w, "target");
    gb_json_object_begin(w);
    gb_json_field_str(w, "name", report->target);
    gb_json_field_str(w, "host", report->host_name);
    gb_json_field_str(w, "os", report->os_name);
    gb_json_field_str(w, "kernel", report->kernel_release);
    gb_json_field_bool(w, "live", report->live);
    gb_json_field_bool(w, "as_root", report->as_root);
    gb_json_object_end(w);
    gb_json_field_time(w, "started_at", report->started_at);
    gb_json_field_double(w, "duration_seconds", report->duration_seconds);
}

static void write_score(struct gb_json_writer *w, const struct gb_score *score)
{
    gb_json_key(w, "score");
    if (!score->assessed) {
        gb_json_null(w);
        return;
    }
    gb_json_object_begin(w);
    gb_json_field_double(w, "raw", score->raw);
    gb_json_field_double(w, "adjusted", score->adjusted);
    gb_json_field_int(w, "points_possible", (int64_t)score->possible);
    gb_json_field_int(w, "points_held", (int64_t)score->held);
    gb_json_field_int(w, "points_held_adjusted", (int64_t)score->held_adjusted);
    gb_json_object_end(w);
}

static void write_coverage(struct gb_json_writer *w, const struct gb_report *report)
{
    const struct gb_coverage *coverage = &report->coverage;
    gb_json_key(w, "coverage");
    gb_json_object_begin(w);
    gb_json_field_double(w, "percent", coverage->percent);
    gb_json_key(w, "controls");
    gb_json_object_begin(w);
    gb_json_field_int(w, "selected", (int64_t)coverage->controls);
    gb_json_field_int(w, "assessed", (int64_t)coverage->controls_assessed);
    gb_json_field_int(w, "not_applicable", (int64_t)coverage->controls_na);
    gb_json_field_int(w, "unknown", (int64_t)coverage->controls_unknown);
    gb_json_field_int(w, "error", (int64_t)coverage->controls_error);
    gb_json_object_end(w);
    gb_json_key(w, "verdicts");
    gb_json_object_begin(w);
    for (int state = 0; state < GB_VERDICT_COUNT; state++)
        gb_json_field_int(w, gb_verdict_name((enum gb_verdict_state)state),
                          (int64_t)coverage->pairs[state]);
    gb_json_object_end(w);
    gb_json_key(w, "gaps");
    gb_json_list_begin(w);
    for (size_t i = 0; i < report->gap_count; i++) {
        gb_json_object_begin(w);
        gb_json_field_str(w, "reason", report->gaps[i].reason);
        gb_json_field_int(w, "controls", (int64_t)report->gaps[i].controls);
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
    gb_json_object_end(w);
}

static void write_gate(struct gb_json_writer *w, const struct gb_gate *gate)
{
    static const char *const names[] = {"not_asked", "passed", "failed", "incomplete"};
    gb_json_key(w, "gate");
    gb_json_object_begin(w);
    gb_json_field_text(w, "result", names[gate->result]);
    field_strings(w, "reasons", gate->reasons, gate->reason_count);
    gb_json_object_end(w);
}

static void write_problems(struct gb_json_writer *w, const struct gb_report *report)
{
    gb_json_key(w, "problems");
    gb_json_list_begin(w);
    for (size_t i = 0; i < report->problem_count; i++) {
        gb_json_object_begin(w);
        gb_json_field_str(w, "code", report->problems[i].code);
        gb_json_field_str(w, "message", report->problems[i].message);
        gb_json_field_bool(w, "incomplete", report->problems[i].incomplete);
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
    field_strings(w, "notes", report->collection->notes, report->collection->note_count);
}

static void write_control(struct gb_json_writer *w, const struct gb_control *control)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "id", control->id);
    gb_json_field_str(w, "title", control->title);
    gb_json_field_str(w, "finding", control->finding);
    gb_json_field_str(w, "kind", control->kind);
    gb_json_field_text(w, "severity", gb_severity_name(control->severity));
    gb_json_field_str(w, "why", control->why);
    gb_json_field_str(w, "fix", control->fix);
    if (control->fix_risk.len)
        gb_json_field_str(w, "fix_risk", control->fix_risk);
    gb_json_field_text(w, "effort", gb_effort_name(control->effort));
    gb_json_key(w, "maps");
    gb_json_object_begin(w);
    for (size_t i = 0; i < control->map_count; i++) {
        gb_json_key_str(w, control->maps[i].framework);
        gb_json_list_begin(w);
        for (size_t j = 0; j < control->maps[i].id_count; j++)
            gb_json_string(w, control->maps[i].ids[j]);
        gb_json_list_end(w);
    }
    gb_json_object_end(w);
    field_strings(w, "tags", control->tags, control->tag_count);
    gb_json_object_end(w);
}

static void write_evidence(struct gb_json_writer *w, const struct gb_evidence *evidence)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "where", evidence->where);
    if (evidence->line)
        gb_json_field_int(w, "line", evidence->line);
    if (evidence->what.len)
        gb_json_field_str(w, "what", evidence->what);
    gb_json_field_str(w, "seen", evidence->seen);
    if (evidence->expected.len)
        gb_json_field_str(w, "expected", evidence->expected);
    gb_json_object_end(w);
}

static void write_exemption(struct gb_json_writer *w, const struct gb_exemption *exemption)
{
    gb_json_key(w, "exemption");
    gb_json_object_begin(w);
    gb_json_field_str(w, "id", exemption->id);
    gb_json_field_str(w, "reason", exemption->reason);
    gb_json_field_str(w, "owner", exemption->owner);
    gb_json_field_time(w, "expires_at", exemption->expires_at);
    if (exemption->approved_by.len)
        gb_json_field_str(w, "approved_by", exemption->approved_by);
    if (exemption->ticket.len)
        gb_json_field_str(w, "ticket", exemption->ticket);
    gb_json_object_end(w);
}

static void write_finding(struct gb_json_writer *w, const struct gb_finding *finding)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "fingerprint", finding->identity);
    gb_json_field_str(w, "control", finding->control->id);
    gb_json_field_str(w, "subject", finding->subject_id);
    gb_json_field_str(w, "subject_name", finding->subject_name);
    gb_json_field_text(w, "state", gb_verdict_name(finding->state));
    gb_json_field_text(w, "severity", gb_severity_name(finding->control->severity));
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT;
    gb_json_field_str(w, "title", bad ? finding->control->finding : finding->control->title);
    if (finding->reason.len)
        gb_json_field_str(w, "reason", finding->reason);
    if (bad) {
        gb_json_field_double(w, "gain", finding->gain);
        gb_json_field_double(w, "risk", finding->risk);
        gb_json_field_str(w, "risk_terms", finding->risk_terms);
        if (finding->offender_count)
            gb_json_field_int(w, "offenders", (int64_t)finding->offender_count);
    }
    gb_json_key(w, "evidence");
    gb_json_list_begin(w);
    for (size_t i = 0; i < finding->evidence_count; i++)
        write_evidence(w, &finding->evidence[i]);
    gb_json_list_end(w);
    if (finding->exemption)
        write_exemption(w, finding->exemption);
    if (finding->first_seen)
        gb_json_field_time(w, "first_seen", finding->first_seen);
    if (bad)
        gb_json_field_bool(w, "new", finding->is_new);
    if (finding->reopened)
        gb_json_field_bool(w, "reopened", true);
    if (finding->vulnerability)
        gb_json_vulnerability(w, finding->vulnerability);
    gb_json_object_end(w);
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    (void)scratch;
    (void)err;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    write_head(&w, report);
    write_score(&w, &report->score);
    write_coverage(&w, report);
    write_gate(&w, &report->gate);
    write_problems(&w, report);
    gb_json_vulnerabilities(&w, report);
    gb_json_key(&w, "controls");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < report->control_count; i++)
        write_control(&w, report->controls[i]);
    gb_json_list_end(&w);
    gb_json_key(&w, "findings");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < report->finding_count; i++)
        write_finding(&w, report->findings[i]);
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

const struct gb_sink gb_sink_json = {
    .name = "json",
    .title = "everything, with schema_version",
    .media_type = "application/json",
    .write = write,
};
