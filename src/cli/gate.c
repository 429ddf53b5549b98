// The gate of `gabion scan`.
#include "cli/gate.h"

#include <stdlib.h>

static int parse_percent(const struct gb_invocation *invocation, const char *name, double *ret,
                         struct gb_error *err)
{
    struct gb_str text = gb_option_value(invocation, name);
    *ret = -1;
    if (!text.at)
        return GB_OK;
    char *end, *number = gb_str_c(invocation->arena, text);
    double value = strtod(number, &end);
    if (!text.len || *end || !(value >= 0 && value <= 100))
        return gb_error_set(err, GB_E_USAGE, "--%s: \"" GB_PRI "\" is no number from 0 to 100",
                            name, GB_ARG(text));
    *ret = value;
    return GB_OK;
}

static int parse_exit_code(const struct gb_invocation *invocation, int *ret, struct gb_error *err)
{
    struct gb_str text = gb_option_value(invocation, "exit-code");
    uint64_t number;
    *ret = GB_EXIT_GATE;
    if (!text.at)
        return GB_OK;
    if (gb_str_to_uint(text, 10, &number) || number > 125)
        return gb_error_set(err, GB_E_USAGE, "--exit-code: \"" GB_PRI "\" is no number up to 125",
                            GB_ARG(text));
    *ret = (int)number;
    return GB_OK;
}

// "high", "kev", "high,kev", "none".
static int parse_fail_on(struct gb_str text, struct gb_gate_options *ret, struct gb_error *err)
{
    struct gb_str rest = text, word;
    if (gb_str_is(text, "none")) {
        ret->fail_none = true;
        return GB_OK;
    }
    while (gb_str_next(&rest, ',', &word)) {
        enum gb_severity severity;
        if (gb_str_is(word, "kev")) {
            ret->fail_on_kev = true;
        } else if (gb_severity_parse(word, &severity) == GB_OK) {
            ret->fail_on = ret->has_fail_on && ret->fail_on < severity ? ret->fail_on : severity;
            ret->has_fail_on = true;
        } else {
            return gb_error_set(err, GB_E_USAGE,
                                "--fail-on: \"" GB_PRI
                                "\" is none of: critical, high, medium, low, kev, none",
                                GB_ARG(word));
        }
    }
    return GB_OK;
}

int gb_gate_options_parse(const struct gb_invocation *invocation, struct gb_gate_options *ret,
                          struct gb_error *err)
{
    *ret = (struct gb_gate_options){.min_score = -1, .min_coverage = -1};
    struct gb_str fail_on = gb_option_value(invocation, "fail-on");
    int code = fail_on.at ? parse_fail_on(fail_on, ret, err) : GB_OK;
    if (!code)
        code = parse_percent(invocation, "min-score", &ret->min_score, err);
    if (!code)
        code = parse_percent(invocation, "min-coverage", &ret->min_coverage, err);
    if (!code)
        code = parse_exit_code(invocation, &ret->exit_code, err);
    ret->asked =
        ret->has_fail_on || ret->fail_on_kev || ret->min_score >= 0 || ret->min_coverage >= 0;
    return code;
}

static void add_reason(struct gb_gate *gate, struct gb_arena *arena, struct gb_str text)
{
    struct gb_str *reasons = gb_grow_array(arena, gate->reasons, gate->reason_count,
                                           gate->reason_count + 1, sizeof *reasons);
    if (!reasons)
        return;
    gate->reasons = reasons;
    gate->reasons[gate->reason_count++] = text;
}

static struct gb_str count_text(const struct gb_report *report, enum gb_severity minimum,
                                size_t *total, struct gb_arena *arena)
{
    size_t counts[GB_SEVERITY_COUNT] = {0};
    *total = 0;
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (finding->state != GB_FAIL || finding->control->severity < minimum ||
            (report->only_new && !finding->is_new))
            continue;
        counts[finding->control->severity]++;
        ++*total;
    }
    struct gb_str text = {0};
    for (int severity = GB_CRITICAL; severity >= (int)minimum; severity--)
        if (counts[severity])
            text = gb_str_format(arena, GB_PRI "%s%zu %s", GB_ARG(text), text.len ? ", " : "",
                                 counts[severity], gb_severity_name((enum gb_severity)severity));
    return text;
}

static void check_findings(const struct gb_gate_options *options, struct gb_report *report,
                           struct gb_arena *arena)
{
    size_t total;
    struct gb_str text = count_text(report, options->fail_on, &total, arena);
    if (!options->has_fail_on || !total)
        return;
    report->gate.result = GB_GATE_FAILED;
    add_reason(&report->gate, arena,
               gb_str_format(arena, GB_PRI "%s (allowed: none at %s or above)", GB_ARG(text),
                             report->only_new ? " new" : "", gb_severity_name(options->fail_on)));
}

static void check_exploited(const struct gb_gate_options *options, struct gb_report *report,
                            struct gb_arena *arena)
{
    size_t exploited = 0;
    for (size_t i = 0; options->fail_on_kev && i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        exploited += finding->vulnerability && finding->vulnerability->exploit.has_kev &&
                     finding->state == GB_FAIL && (!report->only_new || finding->is_new);
    }
    if (!exploited)
        return;
    report->gate.result = GB_GATE_FAILED;
    add_reason(&report->gate, arena,
               gb_str_format(arena, "%zu%s known to be exploited (allowed: none)", exploited,
                             report->only_new ? " new" : ""));
}

// Posture, vulnerabilities, or both: something was held against something.
static bool something_was_assessed(const struct gb_report *report)
{
    return report->score.assessed || report->vulnerability.judged;
}

static void check_completeness(const struct gb_gate_options *options, struct gb_report *report,
                               struct gb_arena *arena)
{
    size_t before = report->gate.reason_count;
    for (size_t i = 0; i < report->problem_count; i++)
        if (report->problems[i].incomplete)
            add_reason(&report->gate, arena, report->problems[i].message);
    if (!something_was_assessed(report))
        add_reason(&report->gate, arena, GB_STR("nothing was assessed"));
    if (report->coverage.pairs[GB_ERROR])
        add_reason(
            &report->gate, arena,
            gb_str_format(arena, "%zu checks ended in an error", report->coverage.pairs[GB_ERROR]));
    if (options->min_coverage >= 0 && report->coverage.percent < options->min_coverage)
        add_reason(&report->gate, arena,
                   gb_str_format(arena, "coverage is %.1f %% (wanted: %.1f %%)",
                                 report->coverage.percent, options->min_coverage));
    if (report->gate.reason_count > before && report->gate.result == GB_GATE_PASSED)
        report->gate.result = GB_GATE_INCOMPLETE;
}

int gb_gate_decide(const struct gb_gate_options *options, struct gb_report *report,
                   struct gb_arena *arena)
{
    if (!options->asked) {
        report->gate = (struct gb_gate){.result = GB_GATE_NOT_ASKED};
        // A run that assessed nothing does not end like one that found nothing.
        if (!something_was_assessed(report) && !options->fail_none)
            return GB_EXIT_INCOMPLETE;
        for (size_t i = 0; i < report->problem_count; i++)
            if (report->problems[i].incomplete && !options->fail_none)
                return GB_EXIT_INCOMPLETE;
        return GB_EXIT_OK;
    }
    report->gate = (struct gb_gate){.result = GB_GATE_PASSED};
    check_findings(options, report, arena);
    check_exploited(options, report, arena);
    if (options->min_score >= 0 && report->score.assessed &&
        report->score.adjusted < options->min_score) {
        report->gate.result = GB_GATE_FAILED;
        add_reason(&report->gate, arena,
                   gb_str_format(arena, "the adjusted score is %.1f (wanted: %.1f)",
                                 report->score.adjusted, options->min_score));
    }
    check_completeness(options, report, arena);
    switch (report->gate.result) {
    case GB_GATE_FAILED:
        return options->exit_code;
    case GB_GATE_INCOMPLETE:
        return GB_EXIT_INCOMPLETE;
    case GB_GATE_NOT_ASKED:
    case GB_GATE_PASSED:
        break;
    }
    return GB_EXIT_OK;
}

void gb_gate_say(const struct gb_gate_options *options, const struct gb_report *report,
                 struct gb_arena *arena)
{
    static const char *const words[] = {"", "passed", "failed", "incomplete"};
    if (!options->asked)
        return;
    struct gb_str reasons = {0};
    for (size_t i = 0; i < report->gate.reason_count; i++)
        reasons = gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(reasons), i ? "; " : ": ",
                                GB_ARG(report->gate.reasons[i]));
    if (report->gate.result == GB_GATE_PASSED) {
        size_t known = 0, fresh = 0;
        for (size_t i = 0; i < report->finding_count; i++) {
            const struct gb_finding *finding = report->findings[i];
            bool counts = finding->state == GB_FAIL &&
                          (!options->has_fail_on || finding->control->severity >= options->fail_on);
            known += counts && !finding->is_new;
            fresh += counts && finding->is_new;
        }
        if (report->only_new)
            reasons = gb_str_format(arena, ": %zu new, %zu known", fresh, known);
    }
    gb_say("gate %s" GB_PRI, words[report->gate.result], GB_ARG(reasons));
    const struct gb_finding *worst = report->finding_count ? report->findings[0] : NULL;
    if (report->gate.result != GB_GATE_FAILED || !worst || worst->state != GB_FAIL)
        return;
    gb_say("worst: " GB_PRI " " GB_PRI, GB_ARG(worst->control->id),
           GB_ARG(worst->control->finding));
}
