// gabion rules list|show|test|lint: the controls themselves.
#include "base/json.h"
#include "base/printable.h"
#include "cli/assessment.h"
#include "cli/options.h"
#include "cli/report_terminal.h"

#include <stdlib.h>

enum { LARGEST_TEXT = 16 << 20 };

static bool is_wanted(const struct gb_invocation *invocation, const struct gb_control *control)
{
    bool wanted = invocation->operand_count == 0;
    for (size_t i = 0; i < invocation->operand_count; i++) {
        wanted |= gb_str_glob(invocation->operands[i], control->id, false);
        for (size_t t = 0; t < control->tag_count; t++)
            wanted |= gb_str_glob(invocation->operands[i], control->tags[t], false);
    }
    return wanted;
}

static int by_id(const void *a, const void *b)
{
    const struct gb_control *const *left = a, *const *right = b;
    return gb_str_compare((*left)->id, (*right)->id);
}

static void sort_controls(const struct gb_assessment *assessment)
{
    if (assessment->control_count > 1)
        qsort(assessment->controls, assessment->control_count, sizeof(struct gb_control *), by_id);
}

static void write_control(struct gb_json_writer *w, const struct gb_control *control)
{
    gb_json_object_begin(w);
    gb_json_field_str(w, "id", control->id);
    gb_json_field_text(w, "type", "control");
    gb_json_field_text(w, "severity", gb_severity_name(control->severity));
    gb_json_field_str(w, "title", control->title);
    gb_json_field_str(w, "finding", control->finding);
    gb_json_field_str(w, "kind", control->kind);
    gb_json_field_text(w, "effort", gb_effort_name(control->effort));
    gb_json_field_bool(w, "default", control->by_default);
    gb_json_key(w, "tags");
    gb_json_list_begin(w);
    for (size_t i = 0; i < control->tag_count; i++)
        gb_json_string(w, control->tags[i]);
    gb_json_list_end(w);
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
    gb_json_field_str(w, "file", control->file);
    gb_json_field_int(w, "line", control->line);
    gb_json_object_end(w);
}

static int list_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                     struct gb_error *err)
{
    (void)look;
    (void)err;
    const struct gb_assessment *assessment = context;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_list_begin(&w);
    for (size_t i = 0; i < assessment->control_count; i++)
        if (is_wanted(assessment->invocation, assessment->controls[i]))
            write_control(&w, assessment->controls[i]);
    gb_json_list_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

static int list_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                         struct gb_error *err)
{
    (void)err;
    const struct gb_assessment *assessment = context;
    size_t shown = 0;
    for (size_t i = 0; i < assessment->control_count; i++) {
        const struct gb_control *control = assessment->controls[i];
        if (!is_wanted(assessment->invocation, control))
            continue;
        shown++;
        gb_buffer_print(out, "%-13.*s ", GB_ARG(control->id));
        struct gb_str severity =
            gb_str_format(assessment->scratch, "%-9s", gb_severity_name(control->severity));
        gb_look_add(out, look, gb_severity_tint(control->severity), severity);
        gb_wrap(out, gb_printable(assessment->scratch, control->title), 23, 23, look->width);
        gb_buffer_text(out, control->by_default ? "\n" : "  (not by default)\n");
    }
    gb_buffer_print(out, "%zu controls\n", shown);
    return GB_OK;
}

static const struct gb_form list_forms[] = {
    {"terminal", list_terminal}, {"json", list_json}, {NULL, NULL}};

static int load(struct gb_assessment *assessment, struct gb_error *err)
{
    int code = gb_assessment_load(assessment, err);
    if (!code)
        sort_controls(assessment);
    return code;
}

static int say_problems(const struct gb_assessment *assessment)
{
    for (size_t i = 0; i < assessment->problem_count; i++)
        gb_say(GB_PRI, GB_ARG(assessment->problems[i].message));
    return assessment->problem_count ? GB_EXIT_INCOMPLETE : GB_EXIT_OK;
}

static int list(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    int code = load(assessment, err);
    if (!code)
        code = gb_output_write(assessment->invocation, list_forms, assessment, LARGEST_TEXT, err);
    if (!code)
        *exit_code = say_problems(assessment);
    return code;
}

static int run_list(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, list);
}

static void add_field(struct gb_buffer *out, const char *label, struct gb_str text,
                      const struct gb_look *look, struct gb_arena *scratch)
{
    struct gb_str line;
    text = gb_str_trim(text);
    bool first = true;
    while (gb_str_next(&text, '\n', &line)) {
        gb_buffer_print(out, "%-10s", first ? label : "");
        gb_wrap(out, gb_printable(scratch, line), 10, 10, look->width);
        gb_buffer_char(out, '\n');
        first = false;
    }
}

static void show_control(const struct gb_control *control, const struct gb_look *look,
                         struct gb_buffer *out, struct gb_arena *scratch)
{
    gb_look_add(out, look, GB_TINT_BOLD,
                gb_str_format(scratch, GB_PRI "  " GB_PRI "\n", GB_ARG(control->id),
                              GB_ARG(gb_printable(scratch, control->title))));
    add_field(out, "finding", control->finding, look, scratch);
    add_field(out, "severity", gb_str_of(gb_severity_name(control->severity)), look, scratch);
    add_field(out, "kind", control->kind, look, scratch);
    add_field(out, "when", control->when, look, scratch);
    add_field(out, "expect", control->expect, look, scratch);
    add_field(out, "why", control->why, look, scratch);
    add_field(out, "fix", control->fix, look, scratch);
    add_field(out, "effort", gb_str_of(gb_effort_name(control->effort)), look, scratch);
    for (size_t i = 0; i < control->map_count; i++) {
        struct gb_str ids = control->maps[i].framework;
        for (size_t j = 0; j < control->maps[i].id_count; j++)
            ids = gb_str_format(scratch, GB_PRI "%s " GB_PRI, GB_ARG(ids), j ? "," : ":",
                                GB_ARG(control->maps[i].ids[j]));
        add_field(out, i ? "" : "maps", ids, look, scratch);
    }
    gb_buffer_print(out, "%-10s%zu\n", "examples", control->example_count);
    gb_buffer_print(out, "%-10s" GB_PRI ":%u\n", "defined", GB_ARG(control->file), control->line);
}

static int show(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    (void)exit_code;
    const struct gb_invocation *invocation = assessment->invocation;
    if (!invocation->operand_count)
        return gb_error_set(err, GB_E_USAGE, "show which? A control's id or a pattern");
    int code = load(assessment, err);
    if (code)
        return code;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    struct gb_look look = gb_look_of(invocation, 1);
    for (size_t i = 0; i < assessment->control_count; i++) {
        if (!is_wanted(invocation, assessment->controls[i]))
            continue;
        gb_buffer_text(&out, out.len ? "\n" : "");
        show_control(assessment->controls[i], &look, &out, assessment->scratch);
    }
    if (!out.len)
        return gb_error_set(err, GB_E_USAGE, "there is no control \"" GB_PRI "\"",
                            GB_ARG(invocation->operands[0]));
    return gb_output_stdout(gb_buffer_str(&out), err);
}

static int run_show(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, show);
}

static int test(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    size_t passed = 0, failed = 0;
    int code = load(assessment, err);
    for (size_t i = 0; !code && i < assessment->control_count; i++) {
        const struct gb_control *control = assessment->controls[i];
        if (!is_wanted(assessment->invocation, control))
            continue;
        struct gb_str *failures;
        size_t count = 0;
        struct gb_mark mark = gb_arena_mark(assessment->scratch);
        code = gb_control_test(assessment->rules, control, assessment->scratch, &failures, &count,
                               err);
        for (size_t f = 0; !code && f < count; f++)
            gb_say(GB_PRI, GB_ARG(failures[f]));
        passed += count == 0;
        failed += count != 0;
        gb_arena_reset(assessment->scratch, mark);
    }
    if (code)
        return code;
    say_problems(assessment);
    failed += assessment->problem_count;
    *exit_code = failed ? GB_EXIT_GATE : GB_EXIT_OK;
    return gb_output_stdout(
        gb_str_format(assessment->scratch, "%zu passed, %zu failed\n", passed, failed), err);
}

static int run_test(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, test);
}

static int lint(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    int code = load(assessment, err);
    if (code)
        return code;
    *exit_code = say_problems(assessment) ? GB_EXIT_USAGE : GB_EXIT_OK;
    return gb_output_stdout(gb_str_format(assessment->scratch,
                                          "%zu controls over %zu kinds, %zu problems\n",
                                          assessment->control_count, assessment->kinds.count,
                                          assessment->problem_count),
                            err);
}

static int run_lint(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, lint);
}

static const struct gb_option options[] = {
    {.name = "rules",
     .argument = "PATH",
     .help = "add controls of this file or folder",
     .repeatable = true},
    {.name = NULL},
};

static const char *const list_examples[] = {
    "gabion rules list",
    "gabion rules list 'GBN-SSH-*' -o json",
    NULL,
};

static int run_rules(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    gb_say("rules needs a word: list, show, kinds, test or lint (see gabion rules --help)%s",
           invocation->operand_count ? ": unknown word" : "");
    return GB_EXIT_USAGE;
}

const struct gb_command gb_command_rules = {
    .name = "rules",
    .summary = "list, show, test and check the controls",
    .operands = "list|show|kinds|test|lint",
    .examples = list_examples,
    .run = run_rules,
};

const struct gb_command gb_command_rules_list = {
    .name = "rules list",
    .summary = "list the controls",
    .operands = "[GLOB...]",
    .examples = list_examples,
    .options = options,
    .run = run_list,
};

static const char *const show_examples[] = {
    "gabion rules show GBN-SSH-002",
    "gabion rules show 'GBN-SSH-*'",
    NULL,
};

const struct gb_command gb_command_rules_show = {
    .name = "rules show",
    .summary = "show a control whole",
    .operands = "GLOB...",
    .examples = show_examples,
    .options = options,
    .run = run_show,
};

static const char *const test_examples[] = {
    "gabion rules test",
    "gabion rules test --rules my-rules.yaml 'ACME-*'",
    NULL,
};

const struct gb_command gb_command_rules_test = {
    .name = "rules test",
    .summary = "run the examples of the controls as tests",
    .operands = "[GLOB...]",
    .examples = test_examples,
    .options = options,
    .run = run_test,
    .help = "Ends with \"N passed, N failed\"; exit 3 when a control failed.\n",
};

static const char *const lint_examples[] = {
    "gabion rules lint",
    "gabion rules lint --rules my-rules.yaml",
    NULL,
};

const struct gb_command gb_command_rules_lint = {
    .name = "rules lint",
    .summary = "check that controls load: types, names, mandatory fields",
    .operands = "",
    .examples = lint_examples,
    .options = options,
    .run = run_lint,
};
