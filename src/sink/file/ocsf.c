// ocsf: OCSF 1.6.0 findings, one JSON object a line: compliance findings (class 2003), one for each
// control and subject that has a verdict (not applicable ones are left out, they are no findings),
// and vulnerability findings (class 2002), suppressed ones included.
#include "base/json.h"
#include "sink/file/vulnerability.h"
#include "sink/sink.h"

enum { CATEGORY_UID = 2, ACTIVITY_CREATE = 1, ACTIVITY_UPDATE = 2 };

static int severity_id(const struct gb_finding *finding)
{
    static const int ids[] = {[GB_LOW] = 2, [GB_MEDIUM] = 3, [GB_HIGH] = 4, [GB_CRITICAL] = 5};
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT;
    return bad ? ids[finding->control->severity] : 1;
}

static const char *severity_text(int id)
{
    static const char *const texts[] = {"", "Informational", "Low", "Medium", "High", "Critical"};
    return texts[id];
}

static void write_metadata(struct gb_json_writer *w, const struct gb_report *report,
                           const struct gb_finding *finding)
{
    gb_json_key(w, "metadata");
    gb_json_object_begin(w);
    gb_json_field_text(w, "version", "1.6.0");
    gb_json_field_text(w, "log_name", "gabion");
    gb_json_field_str(w, "uid", finding->identity);
    gb_json_key(w, "product");
    gb_json_object_begin(w);
    gb_json_field_text(w, "name", "Gabion");
    gb_json_field_text(w, "vendor_name", "Gabion");
    gb_json_field_str(w, "version", report->tool_version);
    gb_json_object_end(w);
    gb_json_object_end(w);
}

static void write_finding_info(struct gb_json_writer *w, const struct gb_report *report,
                               const struct gb_finding *finding)
{
    const struct gb_control *control = finding->control;
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT || finding->vulnerability;
    gb_json_key(w, "finding_info");
    gb_json_object_begin(w);
    gb_json_field_str(w, "uid", finding->identity);
    gb_json_field_str(w, "title", bad ? control->finding : control->title);
    gb_json_field_str(w, "desc", control->why);
    gb_json_key(w, "types");
    gb_json_list_begin(w);
    gb_json_text(w, finding->vulnerability ? "Vulnerability" : "Posture");
    gb_json_list_end(w);
    if (finding->first_seen)
        gb_json_field_int(w, "first_seen_time", finding->first_seen * 1000);
    gb_json_field_int(w, "last_seen_time", report->started_at * 1000);
    gb_json_key(w, "analytic");
    gb_json_object_begin(w);
    gb_json_field_str(w, "uid", control->id);
    gb_json_field_str(w, "name", control->title);
    gb_json_field_int(w, "type_id", 1);
    gb_json_field_text(w, "type", "Rule");
    gb_json_object_end(w);
    gb_json_object_end(w);
}

static const char *framework_name(struct gb_str framework)
{
    if (gb_str_is(framework, "nist_800_53"))
        return "NIST SP 800-53 r5";
    if (gb_str_is(framework, "mcsb"))
        return "Microsoft cloud security benchmark";
    if (gb_str_is(framework, "cis_debian_12"))
        return "CIS Debian Linux 12";
    if (gb_str_is(framework, "attack_mitigations"))
        return "MITRE ATT&CK mitigations";
    return NULL;
}

static void write_compliance(struct gb_json_writer *w, const struct gb_finding *finding)
{
    const struct gb_control *control = finding->control;
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT;
    int status = bad ? 3 : finding->state == GB_PASS ? 1 : 0;
    gb_json_key(w, "compliance");
    gb_json_object_begin(w);
    gb_json_field_str(w, "control", control->id);
    gb_json_key(w, "standards");
    gb_json_list_begin(w);
    gb_json_text(w, "Gabion");
    for (size_t i = 0; i < control->map_count; i++) {
        const char *name = framework_name(control->maps[i].framework);
        if (name)
            gb_json_text(w, name);
        else
            gb_json_string(w, control->maps[i].framework);
    }
    gb_json_list_end(w);
    gb_json_key(w, "requirements");
    gb_json_list_begin(w);
    for (size_t i = 0; i < control->map_count; i++)
        for (size_t j = 0; j < control->maps[i].id_count; j++)
            gb_json_string(w, control->maps[i].ids[j]);
    gb_json_list_end(w);
    gb_json_field_int(w, "status_id", status);
    gb_json_field_text(w, "status", status == 3 ? "Fail" : status == 1 ? "Pass" : "Unknown");
    if (finding->reason.len)
        gb_json_field_str(w, "status_detail", finding->reason);
    gb_json_object_end(w);
}

static void write_evidences(struct gb_json_writer *w, const struct gb_finding *finding)
{
    if (!finding->evidence_count)
        return;
    gb_json_key(w, "evidences");
    gb_json_list_begin(w);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const struct gb_evidence *evidence = &finding->evidence[i];
        gb_json_object_begin(w);
        gb_json_key(w, "data");
        gb_json_object_begin(w);
        gb_json_field_str(w, "where", evidence->where);
        if (evidence->line)
            gb_json_field_int(w, "line", evidence->line);
        gb_json_field_str(w, "what", evidence->what);
        gb_json_field_str(w, "seen", evidence->seen);
        gb_json_object_end(w);
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
}

static void write_subject(struct gb_json_writer *w, const struct gb_report *report,
                          const struct gb_finding *finding)
{
    gb_json_key(w, "resources");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_field_str(w, "uid", finding->subject_id);
    gb_json_field_str(w, "name", finding->subject_name);
    gb_json_field_str(w, "type", finding->control->kind);
    gb_json_object_end(w);
    gb_json_list_end(w);
    if (!report->host_name.len)
        return;
    gb_json_key(w, "device");
    gb_json_object_begin(w);
    gb_json_field_int(w, "type_id", 0);
    gb_json_field_text(w, "type", "Unknown");
    gb_json_field_str(w, "hostname", report->host_name);
    gb_json_field_str(w, "name", report->host_name);
    gb_json_key(w, "os");
    gb_json_object_begin(w);
    gb_json_field_str(w, "name", report->os_name.len ? report->os_name : GB_STR("Linux"));
    gb_json_field_int(w, "type_id", 200);
    gb_json_field_text(w, "type", "Linux");
    if (report->kernel_release.len)
        gb_json_field_str(w, "kernel_release", report->kernel_release);
    gb_json_object_end(w);
    gb_json_object_end(w);
}

static void write_status(struct gb_json_writer *w, const struct gb_finding *finding)
{
    int status = finding->state == GB_FAIL     ? 1
                 : finding->state == GB_EXEMPT ? 3
                 : finding->state == GB_NA     ? 3
                 : finding->state == GB_PASS   ? 4
                                               : 0;
    static const char *const texts[] = {"Unknown", "New", "In Progress", "Suppressed", "Resolved"};
    if (status == 1 && finding->first_seen && !finding->is_new)
        status = 2;
    gb_json_field_int(w, "status_id", status);
    gb_json_field_text(w, "status", texts[status]);
    if (finding->exemption)
        gb_json_field_str(w, "comment", finding->exemption->reason);
    else if (finding->vulnerability && finding->reason.len)
        gb_json_field_str(w, "comment", finding->reason);
}

static void write_class(struct gb_json_writer *w, const struct gb_finding *finding, bool known,
                        struct gb_arena *scratch)
{
    const char *name = finding->vulnerability ? "Vulnerability Finding" : "Compliance Finding";
    int class_uid = finding->vulnerability ? 2002 : 2003;
    int activity = known ? ACTIVITY_UPDATE : ACTIVITY_CREATE;
    const char *activity_name = known ? "Update" : "Create";
    gb_json_field_int(w, "class_uid", class_uid);
    gb_json_field_text(w, "class_name", name);
    gb_json_field_int(w, "category_uid", CATEGORY_UID);
    gb_json_field_text(w, "category_name", "Findings");
    gb_json_field_int(w, "activity_id", activity);
    gb_json_field_text(w, "activity_name", activity_name);
    gb_json_field_int(w, "type_uid", class_uid * 100 + activity);
    gb_json_field_str(w, "type_name", gb_str_format(scratch, "%s: %s", name, activity_name));
}

static void write_event(struct gb_json_writer *w, const struct gb_report *report,
                        const struct gb_finding *finding, struct gb_arena *scratch)
{
    bool known = finding->first_seen && !finding->is_new;
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT || finding->vulnerability;
    int severity = severity_id(finding);
    gb_json_object_begin(w);
    write_class(w, finding, known, scratch);
    gb_json_field_int(w, "time", report->started_at * 1000);
    gb_json_field_int(w, "severity_id", severity);
    gb_json_field_text(w, "severity", severity_text(severity));
    write_status(w, finding);
    gb_json_field_str(w, "message", bad ? finding->control->finding : finding->control->title);
    write_metadata(w, report, finding);
    write_finding_info(w, report, finding);
    if (finding->vulnerability) {
        gb_ocsf_vulnerability(w, finding, scratch);
    } else {
        write_compliance(w, finding);
        gb_json_key(w, "remediation");
        gb_json_object_begin(w);
        gb_json_field_str(w, "desc", finding->control->fix);
        gb_json_object_end(w);
        write_evidences(w, finding);
    }
    write_subject(w, report, finding);
    gb_json_object_end(w);
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    (void)err;
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (finding->state == GB_NA && !finding->vulnerability)
            continue;
        struct gb_mark mark = gb_arena_mark(scratch);
        struct gb_json_writer w = gb_json_writer(out, 0);
        write_event(&w, report, finding, scratch);
        gb_buffer_char(out, '\n');
        gb_arena_reset(scratch, mark);
    }
    return GB_OK;
}

const struct gb_sink gb_sink_ocsf = {
    .name = "ocsf",
    .title = "OCSF findings (classes 2003 and 2002), JSON Lines",
    .media_type = "application/jsonl",
    .write = write,
};
