// gabion scan: assess the host and report.
#include "cli/baseline.h"
#include "cli/gate.h"
#include "cli/history.h"
#include "cli/options.h"
#include "cli/report_terminal.h"
#include "cli/vulnerabilities.h"
#include "sink/sink.h"

enum { LARGEST_REPORT = 256 << 20, DEFAULT_TOP = 20, DEFAULT_FIXES = 10 };

struct scan {
    struct gb_assessment *assessment;
    struct gb_output_target *targets;
    size_t target_count, top;
    struct gb_gate_options gate;
    int64_t since;
    bool has_since;
    struct gb_vulnerability_filter filter;
    struct gb_vulnerability_look vulnerabilities;
};

static int parse_top(const struct gb_invocation *invocation, size_t *ret, struct gb_error *err)
{
    struct gb_str text = gb_option_value(invocation, "top");
    uint64_t number;
    *ret = DEFAULT_TOP;
    if (!text.at)
        return GB_OK;
    if (gb_str_is(text, "all")) {
        *ret = GB_TOP_ALL;
        return GB_OK;
    }
    if (gb_str_to_uint(text, 10, &number) || number > GB_TOP_ALL)
        return gb_error_set(err, GB_E_USAGE, "--top: \"" GB_PRI "\" is neither a number nor all",
                            GB_ARG(text));
    *ret = (size_t)number;
    return GB_OK;
}

static int check_formats(const struct scan *scan, struct gb_error *err)
{
    for (size_t i = 0; i < scan->target_count; i++) {
        struct gb_str format = scan->targets[i].format;
        if (gb_str_is(format, "terminal") || gb_sink_find(format))
            continue;
        struct gb_str names[16] = {GB_STR("terminal")};
        size_t count = 1;
        for (size_t s = 0; s < gb_sink_count && count < 16; s++)
            names[count++] = gb_str_of(gb_sinks[s]->name);
        struct gb_str near = gb_str_nearest(format, names, count);
        if (near.len)
            return gb_error_set(err, GB_E_USAGE,
                                "-o: unknown format \"" GB_PRI "\" (did you mean \"" GB_PRI "\"?)",
                                GB_ARG(format), GB_ARG(near));
        return gb_error_set(err, GB_E_USAGE,
                            "-o: unknown format \"" GB_PRI "\" (see gabion help output)",
                            GB_ARG(format));
    }
    return GB_OK;
}

static int parse(struct scan *scan, const struct gb_invocation *invocation, struct gb_error *err)
{
    struct gb_report *report = &scan->assessment->report;
    int code = gb_output_targets(invocation, "terminal", &scan->targets, &scan->target_count, err);
    if (!code)
        code = check_formats(scan, err);
    if (!code)
        code = parse_top(invocation, &scan->top, err);
    if (!code)
        code = gb_gate_options_parse(invocation, &scan->gate, err);
    struct gb_str severity = gb_option_value(invocation, "severity");
    if (!code && severity.at && gb_severity_parse(severity, &report->show_minimum))
        code = gb_error_set(err, GB_E_USAGE,
                            "--severity: \"" GB_PRI "\" is none of: critical, high, medium, low",
                            GB_ARG(severity));
    struct gb_str since = gb_option_value(invocation, "since");
    if (!code && since.at) {
        code =
            gb_history_parse_since(since, gb_host_now(scan->assessment->host), &scan->since, err);
        scan->has_since = true;
        report->since_text = since;
    }
    report->show_passed = gb_option_is_set(invocation, "show-passed");
    report->show_suppressed = gb_option_is_set(invocation, "show-suppressed");
    report->only_new = gb_option_is_set(invocation, "only-new");
    scan->filter.only_fixed = gb_option_is_set(invocation, "only-fixed");
    scan->filter.in_use = gb_option_is_set(invocation, "in-use");
    scan->filter.kev = gb_option_is_set(invocation, "kev");
    bool all = gb_option_is_set(invocation, "all");
    scan->vulnerabilities = (struct gb_vulnerability_look){
        .rows = all ? GB_TOP_ALL : DEFAULT_FIXES,
        .expand = all || gb_option_is_set(invocation, "verbose"),
        .suppressed = report->show_suppressed,
    };
    if (all)
        scan->top = GB_TOP_ALL;
    bool baseline = gb_option_value(invocation, "baseline").at != NULL;
    if (!code && report->only_new && !baseline && !scan->has_since &&
        gb_option_is_set(invocation, "no-store"))
        code = gb_error_set(err, GB_E_USAGE,
                            "--only-new compares with --baseline, --since or the history: there "
                            "is none with --no-store");
    return code;
}

// With --since, new means first seen after that time.
static void mark_since(const struct scan *scan)
{
    struct gb_report *report = &scan->assessment->report;
    report->only_new = true;
    for (size_t i = 0; i < report->finding_count; i++)
        report->findings[i]->is_new = report->findings[i]->first_seen > scan->since;
}

static int write_target(const struct scan *scan, const struct gb_output_target *target,
                        struct gb_error *err)
{
    const struct gb_invocation *invocation = scan->assessment->invocation;
    struct gb_arena *scratch = scan->assessment->scratch;
    const struct gb_sink *sink = gb_sink_find(target->format);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_REPORT);
    struct gb_look look = gb_look_of(invocation, target->file ? -1 : 1);
    struct gb_mark mark = gb_arena_mark(scratch);
    int code = sink ? sink->write(&scan->assessment->report, &out, scratch, err)
                    : gb_report_terminal(&scan->assessment->report, &look, scan->top,
                                         &scan->vulnerabilities, &out, scratch, err);
    gb_arena_reset(scratch, mark);
    if (!code && out.failed)
        code = gb_error_set(err, GB_E_LIMIT, "the %s report is too large or memory is short",
                            sink ? sink->name : "terminal");
    if (code)
        return code;
    return target->file ? gb_output_file(target->file, gb_buffer_str(&out), true, err)
                        : gb_output_stdout(gb_buffer_str(&out), err);
}

static int write_all(const struct scan *scan, struct gb_error *err)
{
    // Every output is tried: one full disk does not lose the others.
    int first = GB_OK;
    for (size_t i = 0; i < scan->target_count; i++) {
        struct gb_error why = {0};
        bool silent = gb_option_is_set(scan->assessment->invocation, "quiet") &&
                      !scan->targets[i].file && gb_str_is(scan->targets[i].format, "terminal");
        int code = silent ? GB_OK : write_target(scan, &scan->targets[i], &why);
        if (!code)
            continue;
        if (first)
            gb_say_error(&why);
        else
            *err = why;
        first = first ? first : code;
    }
    return first;
}

static int assess(struct scan *scan, int *exit_code, struct gb_error *err)
{
    struct gb_assessment *assessment = scan->assessment;
    int code = gb_assessment_judge(assessment, err);
    if (code)
        return code;
    gb_history_update(assessment);
    struct gb_str baseline = gb_option_value(assessment->invocation, "baseline");
    if (baseline.at)
        code = gb_baseline_apply(gb_str_c(assessment->scan_arena, baseline), &assessment->report,
                                 assessment->scan_arena, err);
    if (code)
        return code;
    if (scan->has_since)
        mark_since(scan);
    code = gb_vulnerabilities_finish(assessment, &scan->filter, err);
    if (code)
        return code;
    *exit_code = gb_gate_decide(&scan->gate, &assessment->report, assessment->scan_arena);
    return GB_OK;
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    struct gb_error err = {0};
    struct scan scan = {0};
    int exit_code = GB_EXIT_OK;
    int code = gb_assessment_open_target(program, invocation, invocation->operands,
                                         invocation->operand_count, &scan.assessment, &err);
    if (!code)
        code = parse(&scan, invocation, &err);
    if (!code)
        code = assess(&scan, &exit_code, &err);
    if (!code)
        code = write_all(&scan, &err);
    if (!code)
        gb_gate_say(&scan.gate, &scan.assessment->report, scan.assessment->scan_arena);
    gb_assessment_close(&scan.assessment);
    return code ? gb_say_error(&err) : exit_code;
}

static const char *const areas[] = {"posture", "vulnerability", NULL};

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    GB_OPTIONS_RULES,
    GB_OPTIONS_STORE,
    {.name = "severity",
     .argument = "MIN",
     .help = "show only findings at or above (display only)"},
    {.name = "top", .argument = "N", .help = "rows of findings to show, or all (default 20)"},
    {.name = "show-passed", .help = "list what passed, with its evidence"},
    {.name = "show-suppressed", .help = "list exempt findings and suppressed flaws"},
    {.name = "all", .help = "every row, and the flaws behind each fix"},
    {.name = "area",
     .argument = "AREA",
     .help = "only posture or vulnerability; repeatable",
     .repeatable = true,
     .values = areas},
    {.name = "vex",
     .argument = "FILE",
     .help = "statements on what is not affected (OpenVEX, CSAF)",
     .repeatable = true},
    {.name = "platform", .argument = "OS/ARCH", .help = "of an image: linux/arm64"},
    {.name = "distro",
     .argument = "ID-RELEASE",
     .help = "of an SBOM: its operating system (debian-12)"},
    {.name = "offline", .help = "of an image: ask no registry"},
    {.name = "insecure", .help = "of an image: HTTP where HTTPS is not spoken"},
    {.name = "only-fixed", .help = "only flaws that an upgrade removes"},
    {.name = "in-use", .help = "only flaws in what runs, or may run"},
    {.name = "kev", .help = "only flaws that are known to be exploited"},
    {.name = "fail-on",
     .argument = "SEVERITY",
     .help = "exit 3 when a finding is at or above, or with kev, is exploited"},
    {.name = "min-score", .argument = "N", .help = "exit 3 when the adjusted score is below"},
    {.name = "min-coverage", .argument = "N", .help = "exit 4 when fewer percent were assessed"},
    {.name = "exit-code", .argument = "N", .help = "exit with N in place of 3"},
    {.name = "baseline", .argument = "FILE", .help = "compare with this earlier -o json report"},
    {.name = "since", .argument = "WHEN", .help = "only findings first seen since (7d, a date)"},
    {.name = "only-new", .help = "show and gate on new findings only"},
    {.name = NULL},
};

static const char *const examples[] = {
    "gabion scan",
    "gabion scan -o html=report.html -o sarif=gabion.sarif",
    "gabion scan -q --fail-on high --baseline main.json --only-new",
    "gabion scan rootfs /mnt/image",
    "gabion scan image registry.example.org/app:1.2 --only-fixed --fail-on high,kev",
    "gabion scan sbom app.cdx.json -o cyclonedx-vex=vex.json",
    NULL,
};

const struct gb_command gb_command_scan = {
    .name = "scan",
    .summary = "what is wrong or vulnerable, and what to fix first",
    .operands = "[host | image REF | rootfs DIR | sbom FILE]",
    .examples = examples,
    .options = options,
    .run = run,
    .help =
        "Reads the state of this machine, holds the controls against it, and the advisories of\n"
        "gabion feed against what is installed, and reports. Needs no network, no account and no\n"
        "root; what only root can see is said. Of an image or an SBOM the packages are assessed.\n"
        "\n"
        "REF is a name, a file (docker-archive, oci-archive) or a folder (an OCI layout);\n"
        "docker-archive:, oci-archive:, oci:, containers-storage:, docker-daemon: and registry:\n"
        "in front say which. rootfs DIR is the same as --root DIR.\n"
        "\n"
        "--only-fixed, --in-use and --kev leave flaws out of the report and of the gate and say\n"
        "how many; flaws of which nobody can tell whether they are in use stay. Known flaws never\n"
        "enter the score: see gabion help risk. Exit codes: see gabion help exit-codes.\n",
};
