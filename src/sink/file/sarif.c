// sarif: SARIF 2.1.0 (OASIS), for code scanning. Failing and exempt findings are results, and
// suppressed vulnerabilities; exempt and suppressed ones carry a suppression with its
// justification. Rules keep their ids for ever.
#include "base/json.h"
#include "base/time.h"
#include "sink/sink.h"

static const char *level_of(enum gb_severity severity)
{
    static const char *const levels[] = {
        [GB_LOW] = "note", [GB_MEDIUM] = "warning", [GB_HIGH] = "error", [GB_CRITICAL] = "error"};
    return levels[severity];
}

// The scale on which code scanning sorts: 0 to 10.
static const char *security_severity(enum gb_severity severity)
{
    static const char *const scores[] = {
        [GB_LOW] = "2.0", [GB_MEDIUM] = "5.0", [GB_HIGH] = "8.0", [GB_CRITICAL] = "9.5"};
    return scores[severity];
}

static void field_message(struct gb_json_writer *w, const char *key, struct gb_str text)
{
    gb_json_key(w, key);
    gb_json_object_begin(w);
    gb_json_field_str(w, "text", text);
    gb_json_object_end(w);
}

// A flaw's own score where it has one.
static struct gb_str rule_severity(const struct gb_report *report, const struct gb_control *control,
                                   struct gb_arena *scratch)
{
    double score = -1;
    for (size_t i = 0; control->advisory && i < report->vulnerability.item_count; i++) {
        const struct gb_vulnerability *v = &report->vulnerability.items[i];
        if (v->cvss_score > score && gb_str_eq(v->id, control->id))
            score = v->cvss_score;
    }
    return score >= 0 ? gb_str_format(scratch, "%.1f", score)
                      : gb_str_of(security_severity(control->severity));
}

static void write_rule(struct gb_json_writer *w, const struct gb_report *report,
                       const struct gb_control *control, struct gb_arena *scratch)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "id", control->id);
    field_message(w, "shortDescription", control->finding);
    field_message(w, "fullDescription", control->why);
    struct gb_str help = gb_str_format(scratch, "Why: " GB_PRI "\nFix: " GB_PRI,
                                       GB_ARG(control->why), GB_ARG(control->fix));
    field_message(w, "help", help);
    gb_json_key(w, "defaultConfiguration");
    gb_json_object_begin(w);
    gb_json_field_text(w, "level", level_of(control->severity));
    gb_json_object_end(w);
    gb_json_key(w, "properties");
    gb_json_object_begin(w);
    gb_json_field_str(w, "security-severity", rule_severity(report, control, scratch));
    gb_json_key(w, "tags");
    gb_json_list_begin(w);
    gb_json_text(w, "security");
    for (size_t i = 0; i < control->tag_count; i++)
        gb_json_string(w, control->tags[i]);
    gb_json_list_end(w);
    gb_json_object_end(w);
    gb_json_object_end(w);
}

// A path as a URI: what RFC 3986 does not allow in a path is percent-encoded.
static struct gb_str uri_of(struct gb_str path, struct gb_arena *scratch)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char plain[] = "-._~/!$&'()*+,;=:@";
    char *uri = gb_alloc(scratch, path.len * 3 + 8);
    if (!uri)
        return (struct gb_str){0};
    size_t len = 0;
    if (path.len && path.at[0] == '/') {
        memcpy(uri, "file://", 7);
        len = 7;
    }
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        bool keep = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
                    (c && strchr(plain, c));
        if (keep) {
            uri[len++] = (char)c;
        } else {
            uri[len++] = '%';
            uri[len++] = hex[c >> 4];
            uri[len++] = hex[c & 15];
        }
    }
    return (struct gb_str){uri, len};
}

static void write_location(struct gb_json_writer *w, const struct gb_finding *finding,
                           const struct gb_evidence *evidence, struct gb_arena *scratch)
{
    gb_json_object_begin(w);
    if (evidence && evidence->where.len && evidence->where.at[0] == '/') {
        gb_json_key(w, "physicalLocation");
        gb_json_object_begin(w);
        gb_json_key(w, "artifactLocation");
        gb_json_object_begin(w);
        gb_json_field_str(w, "uri", uri_of(evidence->where, scratch));
        gb_json_object_end(w);
        if (evidence->line) {
            gb_json_key(w, "region");
            gb_json_object_begin(w);
            gb_json_field_int(w, "startLine", evidence->line);
            gb_json_object_end(w);
        }
        gb_json_object_end(w);
    }
    gb_json_key(w, "logicalLocations");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_field_str(w, "fullyQualifiedName", finding->subject_id);
    gb_json_field_text(w, "kind", "resource");
    gb_json_object_end(w);
    gb_json_list_end(w);
    gb_json_object_end(w);
}

static struct gb_str message_of(const struct gb_finding *finding, struct gb_arena *scratch)
{
    const struct gb_vulnerability *v = finding->vulnerability;
    if (v)
        return gb_str_format(scratch, GB_PRI " " GB_PRI ": " GB_PRI "; %s" GB_PRI, GB_ARG(v->name),
                             GB_ARG(v->version), GB_ARG(finding->control->finding),
                             v->fixed_version.len ? "fixed in " : "no fix is known",
                             GB_ARG(v->fixed_version));
    struct gb_str text = finding->control->finding;
    for (size_t i = 0; i < finding->evidence_count && i < 5; i++)
        text = gb_str_format(scratch, GB_PRI "%s" GB_PRI "%s" GB_PRI, GB_ARG(text), i ? "; " : ": ",
                             GB_ARG(finding->evidence[i].what),
                             finding->evidence[i].what.len ? " = " : "",
                             GB_ARG(finding->evidence[i].seen));
    return text;
}

static void write_result(struct gb_json_writer *w, const struct gb_finding *finding,
                         size_t rule_index, struct gb_arena *scratch)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "ruleId", finding->control->id);
    gb_json_field_int(w, "ruleIndex", (int64_t)rule_index);
    gb_json_field_text(w, "level", level_of(finding->control->severity));
    gb_json_field_text(w, "kind", "fail");
    field_message(w, "message", message_of(finding, scratch));
    gb_json_key(w, "locations");
    gb_json_list_begin(w);
    write_location(w, finding, finding->evidence_count ? &finding->evidence[0] : NULL, scratch);
    gb_json_list_end(w);
    gb_json_key(w, "partialFingerprints");
    gb_json_object_begin(w);
    gb_json_field_str(w, "gabion/v1", finding->identity);
    gb_json_object_end(w);
    if (finding->exemption || finding->state == GB_NA) {
        const struct gb_exemption *exemption = finding->exemption;
        gb_json_key(w, "suppressions");
        gb_json_list_begin(w);
        gb_json_object_begin(w);
        gb_json_field_text(w, "kind", "external");
        gb_json_field_text(w, "status", "accepted");
        gb_json_field_str(w, "justification",
                          exemption
                              ? gb_str_format(scratch, GB_PRI " (" GB_PRI ")",
                                              GB_ARG(exemption->reason), GB_ARG(exemption->owner))
                              : finding->reason);
        gb_json_object_end(w);
        gb_json_list_end(w);
    }
    gb_json_object_end(w);
}

static size_t index_of(const struct gb_report *report, const struct gb_control *control)
{
    size_t i = 0;
    while (i < report->control_count && report->controls[i] != control)
        i++;
    return i;
}

static void write_invocation(struct gb_json_writer *w, const struct gb_report *report)
{
    char started[GB_TIME_SIZE];
    gb_time_text(report->started_at, 0, started);
    bool complete = true;
    gb_json_key(w, "invocations");
    gb_json_list_begin(w);
    gb_json_object_begin(w);
    gb_json_field_text(w, "startTimeUtc", started);
    gb_json_key(w, "toolExecutionNotifications");
    gb_json_list_begin(w);
    for (size_t i = 0; i < report->problem_count; i++) {
        complete &= !report->problems[i].incomplete;
        gb_json_object_begin(w);
        gb_json_field_text(w, "level", report->problems[i].incomplete ? "error" : "warning");
        field_message(w, "message", report->problems[i].message);
        gb_json_object_end(w);
    }
    gb_json_list_end(w);
    gb_json_field_bool(w, "executionSuccessful", complete);
    gb_json_object_end(w);
    gb_json_list_end(w);
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    (void)err;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    gb_json_field_text(&w, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    gb_json_field_text(&w, "version", "2.1.0");
    gb_json_key(&w, "runs");
    gb_json_list_begin(&w);
    gb_json_object_begin(&w);
    gb_json_key(&w, "tool");
    gb_json_object_begin(&w);
    gb_json_key(&w, "driver");
    gb_json_object_begin(&w);
    gb_json_field_text(&w, "name", "gabion");
    gb_json_field_str(&w, "version", report->tool_version);
    gb_json_key(&w, "rules");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < report->control_count; i++)
        write_rule(&w, report, report->controls[i], scratch);
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_json_object_end(&w);
    write_invocation(&w, report);
    gb_json_key(&w, "results");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        struct gb_mark mark = gb_arena_mark(scratch);
        bool suppressed = finding->state == GB_EXEMPT || finding->vulnerability;
        if (finding->state == GB_FAIL || suppressed)
            write_result(&w, finding, index_of(report, finding->control), scratch);
        gb_arena_reset(scratch, mark);
    }
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

const struct gb_sink gb_sink_sarif = {
    .name = "sarif",
    .title = "SARIF 2.1.0, for code scanning",
    .media_type = "application/sarif+json",
    .write = write,
};
