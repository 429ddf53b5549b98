// One assessment: target, content, facts, verdicts.
#include "cli/assessment.h"

#include "base/time.h"
#include "base/yaml.h"
#include "cli/vulnerabilities.h"
#include "model/content.h"
#include "source/source.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    RULES_MEMORY = 64 << 20,
    SCAN_MEMORY = 256 << 20,
    SCRATCH_MEMORY = 256 << 20,
    MOST_RULE_FILES = 1000,
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void gb_assessment_problem(struct gb_assessment *assessment, const char *code, struct gb_str text,
                           bool incomplete)
{
    if (assessment->problem_count == assessment->problem_capacity) {
        size_t wider = assessment->problem_capacity ? assessment->problem_capacity * 2 : 16;
        struct gb_problem *problems =
            gb_grow_array(assessment->rules_arena, assessment->problems,
                          assessment->problem_capacity, wider, sizeof *problems);
        if (!problems)
            return;
        assessment->problems = problems;
        assessment->problem_capacity = wider;
    }
    assessment->problems[assessment->problem_count++] = (struct gb_problem){
        .code = gb_str_of(code),
        .message = gb_str_copy(assessment->rules_arena, text),
        .incomplete = incomplete,
    };
}

static void problem_of_error(struct gb_assessment *assessment, const char *code,
                             const struct gb_error *err)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    gb_assessment_problem(assessment, code, gb_str_of(text), true);
}

static void show_progress(void *context, const char *phase, uint64_t done, uint64_t total)
{
    gb_progress_show(context, phase, done, total);
}

// --area posture or vulnerability, --no-vulnerabilities; of an image or an SBOM only packages are
// known.
static int choose_areas(struct gb_assessment *assessment, struct gb_error *err)
{
    const struct gb_invocation *invocation = assessment->invocation;
    struct gb_str *areas;
    size_t count = gb_option_values(invocation, "area", &areas);
    bool posture = false, vulnerability = false;
    for (size_t i = 0; i < count; i++) {
        posture |= gb_str_is(areas[i], "posture");
        vulnerability |= gb_str_is(areas[i], "vulnerability");
    }
    assessment->no_vulnerabilities =
        gb_option_is_set(invocation, "no-vulnerabilities") || (count && !vulnerability);
    assessment->no_posture = (count && !posture) || gb_target_is_inventory(&assessment->target);
    static const char *const asking[] = {"scope", "vex", "only-fixed", "in-use", "kev"};
    assessment->vulnerabilities_asked = vulnerability || assessment->no_posture;
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++)
        assessment->vulnerabilities_asked |= gb_option_is_set(invocation, asking[i]);
    struct gb_str fail_on = gb_option_value(invocation, "fail-on");
    assessment->vulnerabilities_asked |= gb_str_contains(fail_on, GB_STR("kev"));
    if (assessment->no_vulnerabilities && assessment->no_posture)
        return gb_error_set(err, GB_E_USAGE,
                            "nothing is left to assess: of this target only packages are known, or "
                            "every area is left out");
    return GB_OK;
}

int gb_assessment_open_target(const struct gb_program *program,
                              const struct gb_invocation *invocation, const struct gb_str *operands,
                              size_t operand_count, struct gb_assessment **ret,
                              struct gb_error *err)
{
    struct gb_assessment *assessment = gb_alloc(invocation->arena, sizeof *assessment);
    if (!assessment)
        return gb_error_set(err, GB_E_MEMORY, "no memory");
    *assessment = (struct gb_assessment){
        .program = program,
        .invocation = invocation,
        .rules_arena = gb_arena_new("ruleset", RULES_MEMORY),
        .scan_arena = gb_arena_new("scan", SCAN_MEMORY),
        .scratch = gb_arena_new("scratch", SCRATCH_MEMORY),
        .progress = gb_progress_start(invocation),
        .started_ns = now_ns(),
    };
    *ret = assessment;
    if (!assessment->rules_arena || !assessment->scan_arena || !assessment->scratch)
        return gb_error_set(err, GB_E_MEMORY, "no memory");
    assessment->kinds = gb_kinds(assessment->rules_arena);
    int code = gb_target_parse(invocation, operands, operand_count, &assessment->target, err);
    if (!code)
        code = choose_areas(assessment, err);
    if (!code)
        code = gb_target_open(&assessment->target, invocation, show_progress, &assessment->progress,
                              err);
    assessment->host = assessment->target.host;
    return code;
}

int gb_assessment_open(const struct gb_program *program, const struct gb_invocation *invocation,
                       struct gb_assessment **ret, struct gb_error *err)
{
    return gb_assessment_open_target(program, invocation, NULL, 0, ret, err);
}

void gb_assessment_close(struct gb_assessment **handle)
{
    struct gb_assessment *assessment = *handle;
    if (!assessment)
        return;
    gb_progress_end(&assessment->progress);
    gb_vulnerabilities_close(assessment);
    gb_target_close(&assessment->target);
    gb_arena_free(&assessment->rules_arena);
    gb_arena_free(&assessment->scan_arena);
    gb_arena_free(&assessment->scratch);
    *handle = NULL;
}

int gb_assessment_run(const struct gb_program *program, const struct gb_invocation *invocation,
                      int (*body)(struct gb_assessment *assessment, int *exit_code,
                                  struct gb_error *err))
{
    struct gb_error err = {0};
    struct gb_assessment *assessment = NULL;
    int exit_code = GB_EXIT_OK;
    int code = gb_assessment_open(program, invocation, &assessment, &err);
    if (!code)
        code = body(assessment, &exit_code, &err);
    gb_assessment_close(&assessment);
    return code ? gb_say_error(&err) : exit_code;
}

// A document with `expect` is a control, one with `fields` a kind.
static void take_documents(struct gb_assessment *assessment,
                           const struct gb_content_document *documents, size_t count, bool kinds)
{
    for (size_t i = 0; i < count; i++) {
        const struct gb_content_document *document = &documents[i];
        bool is_kind = gb_node_get(&document->node, "fields") != NULL;
        struct gb_error err = {0};
        if (is_kind != kinds)
            continue;
        struct gb_control *control = NULL;
        int code = is_kind ? gb_kinds_add(&assessment->kinds, &document->node, document->path, &err)
                           : gb_control_read(&document->node, document->path,
                                             assessment->rules_arena, &control, &err);
        if (code)
            problem_of_error(assessment, "GBN-E-RULE", &err);
        else if (control)
            assessment->controls[assessment->control_count++] = control;
    }
}

struct documents {
    struct gb_content_document *items;
    size_t count, capacity;
};

static void add_documents(struct documents *all, const struct gb_content_document *more,
                          size_t count, struct gb_arena *arena)
{
    if (all->count + count > all->capacity) {
        size_t wider = (all->count + count) * 2;
        struct gb_content_document *items =
            gb_grow_array(arena, all->items, all->capacity, wider, sizeof *items);
        if (!items)
            return;
        all->items = items;
        all->capacity = wider;
    }
    if (count)
        memcpy(all->items + all->count, more, count * sizeof *more);
    all->count += count;
}

static void read_rule_file(struct gb_assessment *assessment, const struct gb_host *host,
                           const char *path, struct documents *all)
{
    struct gb_arena *arena = assessment->rules_arena;
    struct gb_error err = {0};
    struct gb_str text;
    struct gb_content_document *documents;
    size_t count;
    char *kept = gb_str_c(arena, gb_str_of(path));
    int code = gb_host_read(host, path, GB_CONFIG_MAX_BYTES, arena, &text, &err);
    if (!code)
        code = gb_content_load_yaml(text, kept, arena, &documents, &count, &err);
    if (code)
        problem_of_error(assessment, "GBN-E-RULE", &err);
    else
        add_documents(all, documents, count, arena);
}

static void read_rule_path(struct gb_assessment *assessment, const struct gb_host *host,
                           const char *path, struct documents *all)
{
    struct gb_dir_entry *entries;
    size_t count;
    struct gb_file_info info;
    struct gb_error err = {0};
    if (gb_host_stat(host, path, true, &info, &err)) {
        problem_of_error(assessment, "GBN-E-RULE", &err);
        return;
    }
    if (info.type != GB_FILE_DIRECTORY) {
        read_rule_file(assessment, host, path, all);
        return;
    }
    if (gb_host_list(host, path, MOST_RULE_FILES, assessment->rules_arena, &entries, &count,
                     &err)) {
        problem_of_error(assessment, "GBN-E-RULE", &err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char file[PATH_MAX];
        snprintf(file, sizeof file, "%s/%s", path, entries[i].name.at);
        if (gb_str_ends(entries[i].name, GB_STR(".yaml")) ||
            gb_str_ends(entries[i].name, GB_STR(".yml")))
            read_rule_file(assessment, host, file, all);
    }
}

// The user's own rules come from this machine, whatever target is assessed.
static void read_user_rules(struct gb_assessment *assessment, struct documents *all)
{
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    if (gb_host_open(&live, &here, NULL))
        return;
    if (gb_host_exists(here, "/etc/gabion/rules.d"))
        read_rule_path(assessment, here, "/etc/gabion/rules.d", all);
    struct gb_str *paths;
    size_t count = gb_option_values(assessment->invocation, "rules", &paths);
    for (size_t i = 0; i < count; i++) {
        char absolute[PATH_MAX];
        const char *path = gb_str_c(assessment->rules_arena, paths[i]);
        read_rule_path(assessment, here, realpath(path, absolute) ? absolute : path, all);
    }
    gb_host_close(&here);
}

int gb_assessment_load(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_arena *arena = assessment->rules_arena;
    struct gb_content_document *embedded;
    size_t embedded_count;
    struct documents all = {0};
    int code =
        gb_content_load(assessment->program->content, arena, &embedded, &embedded_count, err);
    if (code)
        return gb_error_wrap(err, "the content of this program does not load");
    add_documents(&all, embedded, embedded_count, arena);
    read_user_rules(assessment, &all);
    assessment->controls = gb_alloc_array(arena, all.count, sizeof(struct gb_control *));
    if (!assessment->controls)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the controls");
    take_documents(assessment, all.items, all.count, true);
    take_documents(assessment, all.items, all.count, false);
    struct gb_problem *problems;
    size_t count;
    code = gb_ruleset_new(&assessment->kinds, assessment->controls, assessment->control_count,
                          arena, &assessment->rules, &problems, &count, err);
    for (size_t i = 0; !code && i < count; i++)
        gb_assessment_problem(assessment, problems[i].code.at, problems[i].message,
                              problems[i].incomplete);
    return code;
}

static void say_who(struct gb_assessment *assessment)
{
    struct gb_report *report = &assessment->report;
    struct gb_arena *arena = assessment->scan_arena;
    const struct gb_resource *host = gb_collection_find(assessment->collection, GB_STR("host"));
    const struct gb_resource *os = gb_collection_find(assessment->collection, GB_STR("os"));
    const struct gb_resource *kernel = gb_collection_find(assessment->collection, GB_STR("kernel"));
    struct gb_str none = {0};
    report->host_name =
        host ? gb_value_str_or(gb_map_find(host->props, GB_STR("hostname")), none) : none;
    report->os_name =
        os ? gb_value_str_or(gb_map_find(os->props, GB_STR("pretty_name")), none) : none;
    report->kernel_release =
        kernel ? gb_value_str_or(gb_map_find(kernel->props, GB_STR("release")), none) : none;
    report->live = gb_host_is_live(assessment->host);
    report->as_root = gb_host_is_root(assessment->host);
    report->tool_version = gb_str_of(assessment->program->version);
    report->target = gb_target_name(&assessment->target, report->host_name, arena);
}

int gb_assessment_collect(struct gb_assessment *assessment, struct gb_error *err)
{
    const struct gb_invocation *invocation = assessment->invocation;
    struct gb_report *report = &assessment->report;
    report->started_at = gb_host_now(assessment->host);
    assessment->collection = gb_collection_new(assessment->scan_arena, report->started_at);
    if (!assessment->collection)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the facts");
    // What tells of packages and who uses them: enough where only they are asked for.
    static const char *const package_kinds[] = {
        "host",     "os",      "kernel",    "os_package", "language_package",
        "listener", "process", "interface", "walk",       NULL};
    assessment->collector = (struct gb_collector){
        .host = assessment->host,
        .arena = assessment->scan_arena,
        .scratch = assessment->scratch,
        .all = assessment->collection,
        .walk = !gb_option_is_set(invocation, "no-walk"),
        .verify = gb_option_is_set(invocation, "verify"),
        .progress = show_progress,
        .progress_context = &assessment->progress,
        .only_kinds = assessment->no_posture ? package_kinds : NULL,
    };
    int code = gb_target_collect(&assessment->target, &assessment->collector, err);
    if (code)
        return code;
    for (size_t i = 0; i < assessment->target.problem_count; i++)
        gb_assessment_problem(assessment, "GBN-E-TARGET", assessment->target.problems[i], true);
    say_who(assessment);
    assessment->collection->host = report->host_name;
    code = gb_vulnerabilities_open(assessment, err);
    if (code)
        return code;
#ifdef GB_VALIDATE_FACTS
    struct gb_error wrong = {0};
    if (assessment->rules && gb_kinds_check(&assessment->kinds, assessment->collection, &wrong))
        problem_of_error(assessment, "GBN-E-FACT", &wrong);
#endif
    return GB_OK;
}

struct gb_str gb_assessment_exemptions_path(const struct gb_invocation *invocation)
{
    struct gb_str given = gb_option_value(invocation, "exemptions");
    if (given.at)
        return given;
    if (geteuid() == 0)
        return GB_STR("/etc/gabion/exemptions.yaml");
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/')
        return gb_str_format(invocation->arena, "%s/gabion/exemptions.yaml", xdg);
    return gb_str_format(invocation->arena, "%s/.config/gabion/exemptions.yaml", home ? home : "");
}

static int read_exemptions(struct gb_assessment *assessment, struct gb_str path, bool must_exist,
                           struct gb_exemptions *all, struct gb_error *err)
{
    struct gb_arena *arena = assessment->rules_arena;
    char absolute[PATH_MAX];
    char *name = gb_str_c(arena, path);
    if (!realpath(name, absolute))
        return must_exist ? gb_error_at(err, GB_E_USAGE, name, 0, 0, "no such exemptions file")
                          : GB_OK;
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    struct gb_str text;
    struct gb_node node;
    struct gb_exemptions more = {0};
    struct gb_str *problems = NULL;
    size_t count = 0;
    int code = gb_host_open(&live, &here, err);
    if (!code)
        code = gb_host_read(here, absolute, GB_CONFIG_MAX_BYTES, arena, &text, err);
    gb_host_close(&here);
    if (!code)
        code = gb_yaml_node(text, name, GB_YAML_LIMITS_DEFAULT, arena, &node, err);
    if (!code)
        code = gb_exemptions_read(&node, gb_str_of(name), assessment->report.started_at, arena,
                                  &more, &problems, &count, err);
    if (code)
        return code;
    for (size_t i = 0; i < count; i++)
        gb_assessment_problem(assessment, "GBN-E-EXEMPTION", problems[i], true);
    struct gb_exemption *items = gb_alloc_array(arena, all->count + more.count, sizeof *items);
    if (!items)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the exemptions");
    if (all->count)
        memcpy(items, all->items, all->count * sizeof *items);
    if (more.count)
        memcpy(items + all->count, more.items, more.count * sizeof *items);
    all->items = items;
    all->count += more.count;
    return GB_OK;
}

static int load_exemptions(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_str *paths;
    size_t count = gb_option_values(assessment->invocation, "exemptions", &paths);
    int code = GB_OK;
    for (size_t i = 0; i < count && !code; i++)
        code = read_exemptions(assessment, paths[i], true, &assessment->exemptions, err);
    if (!count)
        code = read_exemptions(assessment, gb_assessment_exemptions_path(assessment->invocation),
                               false, &assessment->exemptions, err);
    return code;
}

// An exemption that no longer does anything is work for its owner.
static void report_idle_exemptions(struct gb_assessment *assessment, bool all_controls)
{
    for (size_t i = 0; i < assessment->exemptions.count; i++) {
        const struct gb_exemption *exemption = &assessment->exemptions.items[i];
        if (!exemption->expired && (exemption->used || !all_controls))
            continue;
        char expired_at[GB_TIME_SIZE];
        gb_time_text(exemption->expires_at, 0, expired_at);
        struct gb_str text =
            exemption->expired
                ? gb_str_format(assessment->rules_arena,
                                GB_PRI ":%u: exemption of " GB_PRI " by " GB_PRI
                                       " expired %s: it hides nothing",
                                GB_ARG(exemption->file), exemption->line,
                                GB_ARG(exemption->control), GB_ARG(exemption->owner), expired_at)
                : gb_str_format(assessment->rules_arena,
                                GB_PRI ":%u: exemption of " GB_PRI " by " GB_PRI
                                       " covers no finding: it may be removed",
                                GB_ARG(exemption->file), exemption->line,
                                GB_ARG(exemption->control), GB_ARG(exemption->owner));
        gb_assessment_problem(assessment, exemption->expired ? "GBN-W-EXPIRED" : "GBN-W-ORPHAN",
                              text, false);
    }
}

// What --check and --skip name; without them, where posture is left out, the controls that say how
// far the vulnerabilities can be trusted, and whether the release still gets fixes.
static void select_controls(struct gb_assessment *assessment)
{
    static const struct gb_str area[] = {GB_STR_INIT("vulnerability"), GB_STR_INIT("lifecycle")};
    struct gb_selection *selection = &assessment->selection;
    struct gb_str *values;
    selection->check_count = gb_option_values(assessment->invocation, "check", &values);
    selection->checks = values;
    assessment->checks_given = selection->check_count > 0;
    selection->skip_count = gb_option_values(assessment->invocation, "skip", &values);
    selection->skips = values;
    if (assessment->no_posture && !selection->check_count) {
        selection->checks = area;
        selection->check_count = sizeof area / sizeof *area;
    }
}

int gb_assessment_judge(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_report *report = &assessment->report;
    int code = assessment->rules ? GB_OK : gb_assessment_load(assessment, err);
    if (!code && !assessment->collection)
        code = gb_assessment_collect(assessment, err);
    if (!code)
        code = load_exemptions(assessment, err);
    if (code)
        return code;
    report->exemptions = &assessment->exemptions;
    select_controls(assessment);
    gb_progress_show(&assessment->progress, "judging", 0, 0);
    code = gb_assess(assessment->rules, assessment->collection, &assessment->selection,
                     assessment->scan_arena, report, err);
    if (!code)
        code = gb_vulnerabilities_judge(assessment, err);
    if (code)
        return code;
#ifdef GB_VALIDATE_FACTS
    struct gb_error wrong = {0}; // matching asked the host for more
    if (gb_kinds_check(&assessment->kinds, assessment->collection, &wrong))
        problem_of_error(assessment, "GBN-E-FACT", &wrong);
#endif
    if (!report->control_count && !report->vulnerability.looked)
        return gb_error_set(err, GB_E_USAGE,
                            "no control is selected by --check and --skip (see gabion rules list)");
    bool everything = !assessment->selection.check_count && !assessment->selection.skip_count &&
                      !assessment->no_vulnerabilities;
    report_idle_exemptions(assessment, everything);
    report->problems = assessment->problems;
    report->problem_count = assessment->problem_count;
    if (report->live)
        report->duration_seconds = (double)(now_ns() - assessment->started_ns) / 1e9;
    gb_progress_end(&assessment->progress);
    return GB_OK;
}
