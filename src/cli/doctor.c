// gabion doctor: what this machine lets the program see, and what would help.
#include "base/json.h"
#include "base/printable.h"
#include "cli/assessment.h"
#include "cli/history.h"
#include "cli/options.h"
#include "source/source.h"

enum { LARGEST_TEXT = 1 << 20 };

enum state { OK, INFO, WARN, FAIL };

struct item {
    enum state state;
    struct gb_str what, help;
};

struct items {
    struct gb_arena *arena;
    struct item list[128];
    size_t count;
};

static void add(struct items *items, enum state state, struct gb_str what, struct gb_str help)
{
    if (items->count < sizeof items->list / sizeof *items->list)
        items->list[items->count++] = (struct item){state, what, help};
}

static const char *state_name(enum state state)
{
    static const char *const names[] = {"ok", "info", "warn", "fail"};
    return names[state];
}

static void check_privilege(struct items *items, const struct gb_assessment *assessment)
{
    if (gb_host_is_root(assessment->host))
        add(items, OK, GB_STR("running as root"), GB_STR("everything can be read"));
    else
        add(items, WARN, GB_STR("not running as root"),
            GB_STR("some facts stay unknown: sudo gabion doctor"));
}

static void check_kernel(struct items *items, const struct gb_assessment *assessment)
{
    struct gb_kernel_name name;
    struct gb_error err = {0};
    if (gb_host_uname(assessment->host, &name, &err)) {
        add(items, INFO, GB_STR("no kernel to ask"),
            gb_str_copy(items->arena, gb_str_of(err.reason)));
        return;
    }
    add(items, OK, gb_str_format(items->arena, "kernel %s", name.release),
        gb_host_exists(assessment->host, "/sys/kernel/btf/vmlinux")
            ? GB_STR("type information (BTF) present")
            : GB_STR("no type information (BTF)"));
}

static void check_clock(struct items *items, const struct gb_assessment *assessment)
{
    enum { UNSYNCHRONISED = 0x40 };
    struct gb_clock_state clock;
    if (gb_host_clock(assessment->host, &clock, NULL))
        return;
    if (clock.status & UNSYNCHRONISED)
        add(items, WARN, GB_STR("the clock is not disciplined"),
            GB_STR("times in reports may be off: install and start a time client"));
    else
        add(items, OK, GB_STR("the clock is disciplined"), GB_STR(""));
}

static void check_content(struct items *items, const struct gb_assessment *assessment)
{
    add(items, assessment->problem_count ? FAIL : OK,
        gb_str_format(items->arena, "%zu controls over %zu kinds", assessment->control_count,
                      assessment->kinds.count),
        assessment->problem_count
            ? gb_str_format(items->arena, "%zu do not load: gabion rules lint",
                            assessment->problem_count)
            : GB_STR("all load"));
}

static void check_history(struct items *items, const struct gb_assessment *assessment)
{
    struct gb_str path = gb_history_path(assessment->invocation);
    struct gb_store *store = NULL;
    struct gb_error err = {0};
    if (!path.at) {
        add(items, INFO, GB_STR("no history"), GB_STR("left out by --no-store"));
        return;
    }
    int code = gb_history_open(assessment->invocation, &store, &err);
    gb_store_close(&store);
    if (code == GB_OK)
        add(items, OK, gb_str_format(items->arena, "history in " GB_PRI, GB_ARG(path)), GB_STR(""));
    else
        add(items, code == GB_E_NOT_FOUND ? INFO : FAIL,
            gb_str_format(items->arena, "history in " GB_PRI, GB_ARG(path)),
            gb_str_copy(items->arena, gb_str_of(err.reason)));
}

static void check_sources(struct items *items, const struct gb_assessment *assessment)
{
    const struct gb_collection *all = assessment->collection;
    for (size_t i = 0; i < all->states.count; i++) {
        const struct gb_kind_state *state = all->states.entries[i].value;
        if (state->presence == GB_NOT_KNOWN)
            add(items, WARN,
                gb_str_format(items->arena, "\"" GB_PRI "\" cannot be read", GB_ARG(state->kind)),
                state->reason);
        else if (state->presence == GB_NOT_COLLECTED)
            add(items, INFO,
                gb_str_format(items->arena, "\"" GB_PRI "\" was not collected",
                              GB_ARG(state->kind)),
                state->reason);
    }
    add(items, OK,
        gb_str_format(items->arena, "%zu sources, %zu kinds, %zu resources", gb_source_count,
                      all->states.count, all->resource_count),
        GB_STR(""));
}

static int write_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    (void)look;
    (void)err;
    const struct items *items = context;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    gb_json_field_int(&w, "schema_version", GB_REPORT_SCHEMA_VERSION);
    gb_json_key(&w, "checks");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < items->count; i++) {
        gb_json_object_begin(&w);
        gb_json_field_text(&w, "state", state_name(items->list[i].state));
        gb_json_field_str(&w, "what", items->list[i].what);
        gb_json_field_str(&w, "help", items->list[i].help);
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

static int write_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                          struct gb_error *err)
{
    (void)err;
    const struct items *items = context;
    static const enum gb_tint tints[] = {GB_TINT_GREEN, GB_TINT_BLUE, GB_TINT_YELLOW, GB_TINT_RED};
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->list[i];
        struct gb_str state = gb_str_format(items->arena, "%-5s ", state_name(item->state));
        gb_look_add(out, look, tints[item->state], state);
        struct gb_str what = gb_printable(items->arena, item->what);
        struct gb_str help = gb_printable(items->arena, item->help);
        if (help.len)
            gb_buffer_print(out, "%-40.*s " GB_PRI "\n", GB_ARG(what), GB_ARG(help));
        else
            gb_buffer_print(out, GB_PRI "\n", GB_ARG(what));
    }
    return GB_OK;
}

static const struct gb_form forms[] = {
    {"terminal", write_terminal}, {"json", write_json}, {NULL, NULL}};

static int examine(struct gb_assessment *assessment, int *exit_code, struct gb_error *err)
{
    (void)exit_code;
    int code = gb_assessment_load(assessment, err);
    if (!code)
        code = gb_assessment_collect(assessment, err);
    if (code)
        return code;
    struct items *items = gb_alloc(assessment->scratch, sizeof *items);
    if (!items)
        return gb_error_set(err, GB_E_MEMORY, "no memory");
    items->arena = assessment->scratch;
    check_privilege(items, assessment);
    check_kernel(items, assessment);
    check_clock(items, assessment);
    check_content(items, assessment);
    check_history(items, assessment);
    check_sources(items, assessment);
    return gb_output_write(assessment->invocation, forms, items, LARGEST_TEXT, err);
}

static int run(const struct gb_program *program, struct gb_invocation *invocation)
{
    return gb_assessment_run(program, invocation, examine);
}

static const struct gb_option options[] = {
    GB_OPTIONS_TARGET,
    GB_OPTIONS_STORE,
    {.name = NULL},
};

static const char *const examples[] = {"gabion doctor", "gabion doctor -o json", NULL};

const struct gb_command gb_command_doctor = {
    .name = "doctor",
    .summary = "what this machine lets gabion see, and what would help",
    .operands = "",
    .examples = examples,
    .options = options,
    .run = run,
};
