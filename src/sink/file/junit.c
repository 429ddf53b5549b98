// junit: JUnit XML for CI. A suite for each kind of resource, a case for each control and subject;
// exempt and not applicable ones are skipped with the reason, unknown ones are errors.
#include "base/time.h"
#include "sink/file/xml.h"
#include "sink/sink.h"

struct counts {
    size_t tests, failures, errors, skipped;
};

static struct counts count(const struct gb_report *report, struct gb_str kind)
{
    struct counts counts = {0};
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (kind.at && !gb_str_eq(finding->control->kind, kind))
            continue;
        counts.tests++;
        counts.failures += finding->state == GB_FAIL;
        counts.errors += finding->state == GB_ERROR || finding->state == GB_UNKNOWN;
        counts.skipped += finding->state == GB_EXEMPT || finding->state == GB_NA;
    }
    return counts;
}

static void add_attribute(struct gb_buffer *out, const char *name, struct gb_str value)
{
    gb_buffer_print(out, " %s=\"", name);
    gb_xml_add(out, value);
    gb_buffer_char(out, '"');
}

static void add_counts(struct gb_buffer *out, struct counts counts)
{
    gb_buffer_print(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"",
                    counts.tests, counts.failures, counts.errors, counts.skipped);
}

static void add_evidence(struct gb_buffer *out, const struct gb_finding *finding)
{
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const struct gb_evidence *evidence = &finding->evidence[i];
        gb_xml_add(out, evidence->where);
        if (evidence->line)
            gb_buffer_print(out, ":%u", evidence->line);
        gb_buffer_text(out, evidence->where.len ? "  " : "");
        gb_xml_add(out, evidence->what);
        gb_buffer_text(out, evidence->what.len ? " = " : "");
        gb_xml_add(out, evidence->seen);
        gb_buffer_char(out, '\n');
    }
    gb_buffer_text(out, "Why: ");
    gb_xml_add(out, finding->control->why);
    gb_buffer_text(out, "\nFix: ");
    gb_xml_add(out, finding->control->fix);
}

static void add_outcome(struct gb_buffer *out, const struct gb_finding *finding)
{
    switch (finding->state) {
    case GB_FAIL:
        gb_buffer_text(out, "<failure");
        add_attribute(out, "type", gb_str_of(gb_severity_name(finding->control->severity)));
        add_attribute(out, "message", finding->control->finding);
        gb_buffer_char(out, '>');
        add_evidence(out, finding);
        gb_buffer_text(out, "</failure>");
        break;
    case GB_UNKNOWN:
    case GB_ERROR:
        gb_buffer_text(out, "<error");
        add_attribute(out, "type", gb_str_of(gb_verdict_name(finding->state)));
        add_attribute(out, "message", finding->reason);
        gb_buffer_text(out, "/>");
        break;
    case GB_NA:
        gb_buffer_text(out, "<skipped");
        add_attribute(out, "message", finding->reason);
        gb_buffer_text(out, "/>");
        break;
    case GB_EXEMPT:
        gb_buffer_text(out, "<skipped message=\"exempt: ");
        gb_xml_add(out, finding->exemption->reason);
        gb_buffer_text(out, " (");
        gb_xml_add(out, finding->exemption->owner);
        gb_buffer_text(out, ")\"/>");
        break;
    case GB_PASS:
    case GB_VERDICT_COUNT:
        break;
    }
}

static void add_suite(struct gb_buffer *out, const struct gb_report *report, struct gb_str kind)
{
    char started[GB_TIME_SIZE];
    gb_time_text(report->started_at, 0, started);
    gb_buffer_text(out, "  <testsuite");
    add_attribute(out, "name", kind);
    add_counts(out, count(report, kind));
    add_attribute(out, "timestamp", gb_str_of(started));
    add_attribute(out, "hostname", report->host_name);
    gb_buffer_text(out, ">\n");
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (!gb_str_eq(finding->control->kind, kind))
            continue;
        gb_buffer_text(out, "    <testcase");
        add_attribute(out, "classname", finding->control->id);
        gb_buffer_text(out, " name=\"");
        gb_xml_add(out, finding->control->title);
        gb_buffer_text(out, " [");
        gb_xml_add(out, finding->subject_id);
        gb_buffer_text(out, "]\">");
        add_outcome(out, finding);
        gb_buffer_text(out, "</testcase>\n");
    }
    gb_buffer_text(out, "  </testsuite>\n");
}

static int write(const struct gb_report *report, struct gb_buffer *out, struct gb_arena *scratch,
                 struct gb_error *err)
{
    (void)err;
    gb_buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gabion\"");
    add_counts(out, count(report, (struct gb_str){0}));
    gb_buffer_text(out, ">\n");
    struct gb_map seen = gb_map(scratch);
    for (size_t i = 0; i < report->control_count; i++) {
        struct gb_control *control = report->controls[i];
        if (gb_map_get(&seen, control->kind))
            continue;
        if (gb_map_set(&seen, control->kind, control))
            return gb_error_set(err, GB_E_MEMORY, "no memory for the junit report");
        add_suite(out, report, control->kind);
    }
    gb_buffer_text(out, "</testsuites>\n");
    return GB_OK;
}

const struct gb_sink gb_sink_junit = {
    .name = "junit",
    .title = "JUnit XML, for CI",
    .media_type = "application/xml",
    .write = write,
};
