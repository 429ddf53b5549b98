// gabion explain: one finding, whole: why it matters, what was seen, how to fix it.
#include "base/printable.h"
#include "base/time.h"
#include "cli/explain_vulnerability.h"
#include "cli/history.h"
#include "cli/options.h"
#include "cli/report_terminal.h"
#include "cli/vulnerabilities.h"
#include "model/ranking.h"

enum { LARGEST_TEXT = 4 << 20, LABEL = 10 };

static void add_label(struct gb_buffer *out, const struct gb_look *look, const char *label)
{
    char padded[LABEL + 1];
    snprintf(padded, sizeof padded, "%-*s", LABEL, label);
    gb_look_add(out, look, GB_TINT_BOLD, gb_str_of(padded));
}

// A labelled paragraph; lines of the text stay lines.
static void add_paragraph(struct gb_buffer *out, const struct gb_look *look, const char *label,
                          struct gb_str text, struct gb_arena *scratch)
{
    struct gb_str line;
    bool first = true;
    text = gb_str_trim(text);
    while (gb_str_next(&text, '\n', &line)) {
        if (first)
            add_label(out, look, label);
        else
            gb_buffer_print(out, "%*s", LABEL, "");
        gb_wrap(out, gb_printable(scratch, line), LABEL, LABEL, look->width);
        gb_buffer_char(out, '\n');
        first = false;
    }
}

static void add_title(struct gb_buffer *out, const struct gb_look *look,
                      const struct gb_finding *finding, struct gb_arena *scratch)
{
    const struct gb_control *control = finding->control;
    bool bad = finding->state == GB_FAIL || finding->state == GB_EXEMPT || finding->vulnerability;
    struct gb_str title = bad ? control->finding : control->title;
    if (!control->advisory) // a flaw's title begins with its id
        title = gb_str_format(scratch, GB_PRI "  " GB_PRI, GB_ARG(control->id), GB_ARG(title));
    GB_CLEANUP(gb_buffer_free) struct gb_buffer wrapped = gb_buffer(65536);
    gb_wrap(&wrapped, gb_printable(scratch, title), 0, LABEL, look->width);
    gb_look_add(out, look, GB_TINT_BOLD, gb_buffer_str(&wrapped));
    gb_buffer_char(out, '\n');
    add_label(out, look, "Verdict");
    gb_look_add(out, look, bad ? gb_severity_tint(control->severity) : GB_TINT_GREEN,
                gb_str_of(gb_verdict_name(finding->state)));
    gb_buffer_print(out, ", severity %s", gb_severity_name(control->severity));
    if (bad && !finding->vulnerability)
        gb_buffer_print(out, ", fixing it adds %.1f to the score", finding->gain);
    gb_buffer_char(out, '\n');
    if (finding->reason.len)
        add_paragraph(out, look, "Because", finding->reason, scratch);
    if (finding->subject && finding->subject->name.len)
        add_paragraph(out, look, "Subject", finding->subject_id, scratch);
}

static void add_evidence(struct gb_buffer *out, const struct gb_look *look,
                         const struct gb_finding *finding, struct gb_arena *scratch)
{
    for (size_t i = 0; i < finding->evidence_count; i++) {
        if (i == 0)
            add_label(out, look, "Evidence");
        else
            gb_buffer_print(out, "%*s", LABEL, "");
        gb_add_evidence_line(out, look, &finding->evidence[i], LABEL, 3, scratch);
    }
    if (finding->offender_count > finding->evidence_count)
        gb_buffer_print(out, "%*sand %zu more\n", LABEL, "",
                        finding->offender_count - finding->evidence_count);
    if (finding->evidence_count && finding->evidence[0].expected.len)
        add_paragraph(out, look, "Expected", finding->evidence[0].expected, scratch);
}

static const char *framework_title(struct gb_str framework)
{
    static const char *const titles[][2] = {
        {"nist_800_53", "NIST SP 800-53 r5"},
        {"mcsb", "Microsoft cloud security benchmark"},
        {"attack_mitigations", "ATT&CK mitigations"},
        {"attack", "ATT&CK"},
        {"cis_debian_12", "CIS Debian 12"},
    };
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (gb_str_is(framework, titles[i][0]))
            return titles[i][1];
    return NULL;
}

static void add_maps(struct gb_buffer *out, const struct gb_look *look,
                     const struct gb_control *control, struct gb_arena *scratch)
{
    struct gb_str text = {0};
    for (size_t i = 0; i < control->map_count; i++) {
        const char *title = framework_title(control->maps[i].framework);
        struct gb_str name = title ? gb_str_of(title) : control->maps[i].framework;
        text =
            gb_str_format(scratch, GB_PRI "%s" GB_PRI, GB_ARG(text), i ? "\n" : "", GB_ARG(name));
        for (size_t j = 0; j < control->maps[i].id_count; j++)
            text = gb_str_format(scratch, GB_PRI "%s " GB_PRI, GB_ARG(text), j ? "," : "",
                                 GB_ARG(control->maps[i].ids[j]));
    }
    if (text.len)
        add_paragraph(out, look, "Maps to", text, scratch);
}

static void add_since(struct gb_buffer *out, const struct gb_look *look,
                      const struct gb_finding *finding, int64_t now)
{
    if (!finding->first_seen)
        return;
    char first[GB_TIME_SIZE];
    gb_date_text(finding->first_seen, first);
    add_label(out, look, "Since");
    gb_buffer_print(out, "first seen %s, %lld days ago%s\n", first,
                    (long long)((now - finding->first_seen) / 86400),
                    finding->reopened ? ", came back" : "");
}

static void add_exemption(struct gb_buffer *out, const struct gb_look *look,
                          const struct gb_exemption *exemption, struct gb_arena *scratch)
{
    char last_day[GB_TIME_SIZE];
    gb_date_text(exemption->expires_at - 1, last_day);
    add_paragraph(out, look, "Exempt",
                  gb_str_format(scratch, "until %s by " GB_PRI ": " GB_PRI, last_day,
                                GB_ARG(exemption->owner), GB_ARG(exemption->reason)),
                  scratch);
}

struct paragraphs {
    struct gb_buffer *out;
    const struct gb_look *look;
    struct gb_arena *scratch;
};

static void add_flaw_line(void *context, const char *label, struct gb_str text)
{
    const struct paragraphs *to = context;
    add_paragraph(to->out, to->look, label, text, to->scratch);
}

static void add_finding(struct gb_buffer *out, const struct gb_look *look,
                        const struct gb_report *report, const struct gb_finding *finding,
                        bool first, struct gb_arena *scratch)
{
    const struct gb_control *control = finding->control;
    if (!first)
        gb_buffer_char(out, '\n');
    add_title(out, look, finding, scratch);
    if (finding->exemption)
        add_exemption(out, look, finding->exemption, scratch);
    add_evidence(out, look, finding, scratch);
    add_since(out, look, finding, report->started_at);
    struct paragraphs paragraphs = {out, look, scratch};
    if (finding->vulnerability)
        gb_explain_vulnerability(finding->vulnerability, scratch, add_flaw_line, &paragraphs);
    if (finding->state == GB_FAIL || finding->state == GB_EXEMPT)
        add_paragraph(out, look, "Risk",
                      gb_str_format(scratch,
                                    finding->vulnerability ? "%.2f of 100 = " GB_PRI
                                                           : "%.0f of 100 = " GB_PRI,
                                    finding->risk, GB_ARG(finding->risk_terms)),
                      scratch);
    if (!first && !finding->vulnerability)
        return;
    add_paragraph(out, look, "Why", control->why, scratch);
    add_paragraph(out, look, "Fix", control->fix, scratch);
    if (control->fix_risk.len)
        add_paragraph(out, look, "Careful", control->fix_risk, scratch);
    if (control->advisory)
        return;
    add_label(out, look, "Effort");
    gb_buffer_print(out, "%s\n", gb_effort_name(control->effort));
    add_maps(out, look, control, scratch);
    struct gb_str rule = gb_str_trim(control->expect);
    add_paragraph(out, look, "Rule", rule, scratch);
    if (control->when.len)
        add_paragraph(out, look, "When", gb_str_trim(control->when), scratch);
    add_paragraph(out, look, "Defined",
                  gb_str_format(scratch, GB_PRI ":%u", GB_ARG(control->file), control->line),
                  scratch);
}

static int control_of_number(const struct gb_assessment *assessment, uint64_t number,
                             struct gb_str *ret, struct gb_error *err)
{
    struct gb_ranked *rows;
    size_t count;
    int code = gb_report_rank(&assessment->report, GB_FAIL, false, assessment->scan_arena, &rows,
                              &count, err);
    if (code)
        return code;
    if (!number || number > count)
        return gb_error_set(err, GB_E_USAGE, "there is no finding %llu: this machine has %zu",
                            (unsigned long long)number, count);
    *ret = rows[number - 1].control->id;
    return GB_OK;
}

static int unknown_control(const struct gb_assessment *assessment, struct gb_str id,
                           struct gb_error *err)
{
    struct gb_str *names =
        gb_alloc_array(assessment->scratch, assessment->control_count, sizeof *names);
    for (size_t i = 0; names && i < assessment->control_count; i++)
        names[i] = assessment->controls[i]->id;
    struct gb_str near =
        names ? gb_str_nearest(id, names, assessment->control_count) : (struct gb_str){0};
    if (near.len)
        return gb_error_set(err, GB_E_USAGE,
                            "there is no control \"" GB_PRI "\" (did you mean " GB_PRI "?)",
                            GB_ARG(id), GB_ARG(near));
    return gb_error_set(err, GB_E_USAGE,
                        "there is no control \"" GB_PRI "\" (see gabion rules list)", GB_ARG(id));
}

// By the control's or flaw's id, by another id of the same flaw, or by the fingerprint.
static bool is_named(const struct gb_finding *finding, struct gb_str id)
{
    const struct gb_vulnerability *v = finding->vulnerability;
    bool named = gb_str_eq_nocase(finding->control->id, id) || gb_str_eq(finding->identity, id);
    for (size_t i = 0; v && i < v->alias_count && !named; i++)
        named = gb_str_eq_nocase(v->aliases[i], id);
    return named;
}

static int explain_one(const struct gb_assessment *assessment, struct gb_str operand,
                       const struct gb_look *look, struct gb_buffer *out, struct gb_error *err)
{
    const struct gb_report *report = &assessment->report;
    uint64_t number;
    struct gb_str id = operand;
    if (gb_str_to_uint(operand, 10, &number) == GB_OK) {
        int code = control_of_number(assessment, number, &id, err);
        if (code)
            return code;
    }
    bool first = true;
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (!is_named(finding, id))
            continue;
        add_finding(out, look, report, finding, first, assessment->scratch);
        first = false;
    }
    return first ? unknown_control(assessment, id, err) : GB_OK;
}

static int explain(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    (void)exit_code;
    const struct gb_invocation *invocation = assessment->invocation;
    if (!invocation->operand_count)
        return gb_error_set(err, GB_E_USAGE,
                            "explain what? A number of the last scan's list, or a control's id");
    int code = gb_assessment_judge(assessment, err);
    if (code)
        return code;
    struct gb_store *store = NULL;
    if (gb_history_open(invocation, &store, NULL) == GB_OK &&
        gb_store_history(store, &assessment->report, NULL) != GB_OK)
        gb_say("the history cannot be read: first sights are left out");
    gb_store_close(&store);
    code = gb_vulnerabilities_finish(assessment, NULL, err);
    if (code)
        return code;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    struct gb_look look = gb_look_of(invocation, 1);
    for (size_t i = 0; i < invocation->operand_count && !code; i++) {
        if (i)
            gb_buffer_char(&out, '\n');
        code = explain_one(assessment, invocation->operands[i], &look, &out, err);
    }
    return code ? code : gb_output_stdout(gb_buffer_str(&out), err);
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, explain);
}

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    GB_OPTIONS_RULES,
    GB_OPTIONS_STORE,
    {.name = NULL},
};

static const char *const examples[] = {"gabion explain 1", "gabion explain GBN-SSH-002",
                                       "gabion explain CVE-2024-6387", NULL};

const struct gb_command gb_command_explain = {
    .name = "explain",
    .summary = "why a finding matters, what was seen, how to fix it",
    .operands = "N|ID...",
    .examples = examples,
    .options = options,
    .run = run,
    .help = "N is the number in the list that gabion scan prints, ID a control, a known flaw by "
            "any of\n"
            "its ids, or a fingerprint; the machine is assessed anew.\n",
};
