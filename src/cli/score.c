// gabion score: the number, its formula with this machine's figures, what moved it.
#include "base/json.h"
#include "base/printable.h"
#include "base/time.h"
#include "cli/history.h"
#include "cli/options.h"
#include "cli/report_terminal.h"

#include <math.h>

enum { LARGEST_TEXT = 4 << 20 };

struct line {
    size_t pairs, passed, exempt;
};

static void sum_by_severity(const struct gb_report *report, struct line lines[GB_SEVERITY_COUNT])
{
    memset(lines, 0, sizeof(struct line) * GB_SEVERITY_COUNT);
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        struct line *line = &lines[finding->control->severity];
        line->passed += finding->state == GB_PASS;
        line->exempt += finding->state == GB_EXEMPT;
        line->pairs +=
            finding->state == GB_PASS || finding->state == GB_FAIL || finding->state == GB_EXEMPT;
    }
}

static void add_formula(struct gb_buffer *out, const struct gb_report *report)
{
    struct line lines[GB_SEVERITY_COUNT];
    sum_by_severity(report, lines);
    gb_buffer_text(out, "\n            checks   held   x points   = held   possible\n");
    for (int severity = GB_CRITICAL; severity >= GB_LOW; severity--) {
        unsigned points = gb_severity_points((enum gb_severity)severity);
        gb_buffer_print(out, "  %-9s %6zu %6zu %8u %10zu %10zu\n",
                        gb_severity_name((enum gb_severity)severity), lines[severity].pairs,
                        lines[severity].passed, points, lines[severity].passed * points,
                        lines[severity].pairs * points);
    }
    const struct gb_score *score = &report->score;
    gb_buffer_print(out, "  %-36s %8llu %10llu\n\n", "sum", (unsigned long long)score->held,
                    (unsigned long long)score->possible);
    gb_buffer_print(out, "  raw       100 x %llu / %llu = %.2f\n", (unsigned long long)score->held,
                    (unsigned long long)score->possible, score->raw);
    gb_buffer_print(out, "  adjusted  100 x %llu / %llu = %.2f   (%zu exempt)\n",
                    (unsigned long long)score->held_adjusted, (unsigned long long)score->possible,
                    score->adjusted, report->coverage.pairs[GB_EXEMPT]);
    gb_buffer_print(out, "  coverage  %.2f %%   (%zu unknown, %zu error, not counted)\n",
                    report->coverage.percent, report->coverage.pairs[GB_UNKNOWN],
                    report->coverage.pairs[GB_ERROR]);
}

static int add_changes(struct gb_buffer *out, const struct gb_look *look,
                       const struct gb_assessment *assessment, int64_t since, struct gb_error *err)
{
    struct gb_arena *scratch = assessment->scratch;
    const struct gb_report *report = &assessment->report;
    struct gb_store *store = NULL;
    struct gb_store_scan before;
    struct gb_store_change *changes = NULL;
    size_t count = 0;
    int code = gb_history_open(assessment->invocation, &store, err);
    bool compare =
        !code && gb_store_scan_at(store, report->host_name, since, &before, NULL) == GB_OK;
    if (!code)
        code = gb_store_changes(store, report->host_name, since, scratch, &changes, &count, err);
    gb_store_close(&store);
    if (code)
        return code;
    if (compare)
        gb_buffer_print(out, "\nThen %.2f, now %.2f (%+.2f)\n", before.raw, report->score.raw,
                        report->score.raw - before.raw);
    else
        gb_buffer_text(out, "\nNo scan of this host is that old: all changes in the history\n");
    for (size_t i = 0; i < count; i++) {
        char at[GB_TIME_SIZE];
        gb_time_text(changes[i].at, 0, at);
        bool worse = !gb_str_is(changes[i].to, "resolved");
        gb_buffer_print(out, "  %s  ", at);
        gb_look_add(out, look, worse ? GB_TINT_RED : GB_TINT_GREEN,
                    worse ? GB_STR("worse ") : GB_STR("better"));
        struct gb_str title = gb_printable(scratch, changes[i].title);
        gb_buffer_print(out, "  " GB_PRI "  " GB_PRI "\n", GB_ARG(changes[i].control),
                        GB_ARG(title));
    }
    if (!count)
        gb_buffer_text(out, "  nothing changed\n");
    return GB_OK;
}

static int write_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    (void)look;
    (void)err;
    const struct gb_assessment *assessment = context;
    const struct gb_report *report = &assessment->report;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    gb_json_field_int(&w, "schema_version", GB_REPORT_SCHEMA_VERSION);
    gb_json_key(&w, "raw");
    gb_json_double(&w, report->score.raw);
    gb_json_key(&w, "adjusted");
    gb_json_double(&w, report->score.adjusted);
    gb_json_key(&w, "coverage_percent");
    gb_json_double(&w, report->coverage.percent);
    gb_json_field_int(&w, "points_held", (int64_t)report->score.held);
    gb_json_field_int(&w, "points_held_adjusted", (int64_t)report->score.held_adjusted);
    gb_json_field_int(&w, "points_possible", (int64_t)report->score.possible);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

static int write_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                          struct gb_error *err)
{
    const struct gb_assessment *assessment = context;
    struct gb_str since_text = gb_option_value(assessment->invocation, "since");
    int64_t since = 0;
    gb_buffer_print(out, "Score %.0f / 100 = 100 x points held / points possible\n",
                    floor(assessment->report.score.raw));
    add_formula(out, &assessment->report);
    if (!since_text.at)
        return GB_OK;
    int code = gb_history_parse_since(since_text, gb_host_now(assessment->host), &since, err);
    return code ? code : add_changes(out, look, assessment, since, err);
}

static const struct gb_form forms[] = {
    {"terminal", write_terminal}, {"json", write_json}, {NULL, NULL}};

static int show(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    (void)exit_code;
    int code = gb_assessment_judge(assessment, err);
    if (!code && !assessment->report.score.assessed)
        code = gb_error_set(err, GB_E_NOT_FOUND, "nothing was assessed: there is no score");
    return code ? code
                : gb_output_write(assessment->invocation, forms, assessment, LARGEST_TEXT, err);
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, show);
}

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    GB_OPTIONS_RULES,
    GB_OPTIONS_STORE,
    {.name = "since", .argument = "WHEN", .help = "what moved it since (7d, 24h, a date)"},
    {.name = NULL},
};

static const char *const examples[] = {"gabion score", "gabion score --since 7d", NULL};

const struct gb_command gb_command_score = {
    .name = "score",
    .summary = "the score, its formula with this machine's figures, what moved it",
    .operands = "",
    .examples = examples,
    .options = options,
    .run = run,
};
