// Compiles controls against the kinds.
#include "area/posture/ruleset.h"

#include <stdio.h>
#include <stdlib.h>

static int add_slot(struct gb_ruleset *rules, struct gb_str name, const struct gb_type *type,
                    const struct gb_kind *kind, bool subject, struct gb_error *err)
{
    if (gb_cel_env_variable(rules->env, name, type) < 0)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the variables of controls");
    rules->slots[rules->slot_count++] = (struct gb_slot){name, kind, subject};
    return GB_OK;
}

static int declare(struct gb_ruleset *rules, struct gb_arena *arena, struct gb_error *err)
{
    const struct gb_kinds *kinds = rules->kinds;
    rules->env = gb_cel_env_new(arena);
    rules->slots = gb_alloc_array(arena, kinds->count * 2 + 1, sizeof *rules->slots);
    if (!rules->env || !rules->slots)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the variables of controls");
    gb_cel_env_zones(rules->env, gb_cel_system_zones());
    int code = add_slot(rules, GB_STR("now"), &gb_type_timestamp, NULL, false, err);
    for (size_t i = 0; i < kinds->count && !code; i++) {
        const struct gb_kind *kind = kinds->items[i];
        code = add_slot(rules, kind->name, kind->type, kind, kind->many, err);
        if (!code && kind->many)
            code = add_slot(rules, kind->plural, gb_type_list(arena, kind->type), kind, false, err);
    }
    return code;
}

size_t gb_ruleset_subject_slot(const struct gb_ruleset *rules, const struct gb_kind *kind)
{
    size_t i = 0;
    while (i < rules->slot_count && !(rules->slots[i].subject && rules->slots[i].kind == kind))
        i++;
    return i;
}

// Compiles the text of a node (NULL = none); errors name their place in the control's file.
static int compile(const struct gb_ruleset *rules, const struct gb_control *control,
                   const struct gb_node *node, const struct gb_type *expected,
                   const struct gb_cel_program *const *assumed, struct gb_arena *arena,
                   struct gb_cel_program **ret, struct gb_error *err)
{
    if (!node)
        return GB_OK;
    struct gb_cel_options options = {
        .file = gb_str_c(arena, control->file),
        .strict_presence = true,
        .assumed = assumed,
        .expected = expected,
    };
    int code = gb_cel_compile(rules->env, node->string, &options, arena, ret, err);
    if (code && err && err->line)
        gb_node_place(node, err->line, err->column, &err->line, &err->column);
    return code;
}

// A control may use one resource of a kind with `many` only when it is about that kind.
static int check_subjects(const struct gb_ruleset *rules, const struct gb_rule *rule,
                          const struct gb_cel_program *program, uint32_t line, struct gb_error *err)
{
    for (size_t i = 0; program && i < rules->slot_count; i++) {
        const struct gb_slot *slot = &rules->slots[i];
        if (!slot->subject || slot->kind == rule->kind || !gb_cel_reads(program, i))
            continue;
        char file[256];
        snprintf(file, sizeof file, GB_PRI, GB_ARG(rule->control->file));
        return gb_error_at(err, GB_E_TYPE, file, line, 0,
                           "\"" GB_PRI "\" is one resource and exists only in controls over that "
                           "kind: here it is the list \"" GB_PRI "\"",
                           GB_ARG(slot->name), GB_ARG(slot->kind->plural));
    }
    return GB_OK;
}

static bool is_result_type(const struct gb_type *type)
{
    return type->kind == GB_TYPE_BOOL || type->kind == GB_TYPE_LIST || type->kind == GB_TYPE_DYN;
}

static int compile_rule(const struct gb_ruleset *rules, struct gb_rule *rule,
                        struct gb_arena *arena, struct gb_error *err)
{
    const struct gb_control *control = rule->control;
    char file[256];
    snprintf(file, sizeof file, GB_PRI, GB_ARG(control->file));
    rule->kind = gb_kinds_find(rules->kinds, control->kind);
    if (!rule->kind)
        return gb_error_at(err, GB_E_TYPE, file, control->line, 0,
                           GB_PRI ": there is no kind \"" GB_PRI "\"", GB_ARG(control->id),
                           GB_ARG(control->kind));
    int code =
        compile(rules, control, control->when_node, &gb_type_bool, NULL, arena, &rule->when, err);
    const struct gb_cel_program *assumed[] = {rule->when, NULL};
    if (!code)
        code = compile(rules, control, control->expect_node, NULL, rule->when ? assumed : NULL,
                       arena, &rule->expect, err);
    if (!code && !rule->expect)
        code = gb_error_at(err, GB_E_SYNTAX, file, control->line, 0, "\"expect\" is empty");
    if (!code && !is_result_type(gb_cel_type(rule->expect)))
        code = gb_error_at(err, GB_E_TYPE, file, control->expect_line, 0,
                           "\"expect\" gives " GB_PRI ": expected a bool or a list of offenders",
                           GB_ARG(gb_type_text(arena, gb_cel_type(rule->expect))));
    if (!code)
        code = compile(rules, control, control->exposure_node, &gb_type_string,
                       rule->when ? assumed : NULL, arena, &rule->exposure, err);
    if (!code)
        code = check_subjects(rules, rule, rule->when, control->when_line, err);
    if (!code)
        code = check_subjects(rules, rule, rule->expect, control->expect_line, err);
    if (!code)
        code = check_subjects(rules, rule, rule->exposure, control->exposure_line, err);
    return code;
}

static int by_id(const void *a, const void *b)
{
    const struct gb_rule *left = a, *right = b;
    return gb_str_compare(left->control->id, right->control->id);
}

static void add_problem(struct gb_problem *problems, size_t *count, struct gb_arena *arena,
                        const char *code, const struct gb_error *err)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    problems[(*count)++] = (struct gb_problem){
        .code = gb_str_of(code),
        .message = gb_str_copy(arena, gb_str_of(text)),
        .incomplete = true,
    };
}

// The second control with an id is a mistake of whoever wrote it: said, and left out.
static void drop_duplicates(struct gb_ruleset *rules, struct gb_arena *arena,
                            struct gb_problem *problems, size_t *problem_count)
{
    size_t kept = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const struct gb_control *control = rules->rules[i].control;
        if (kept && gb_str_eq(rules->rules[kept - 1].control->id, control->id)) {
            struct gb_error err = {0};
            char file[256];
            snprintf(file, sizeof file, GB_PRI, GB_ARG(control->file));
            gb_error_at(&err, GB_E_CONFLICT, file, control->line, 0,
                        "a second control with the id " GB_PRI ": it is left out",
                        GB_ARG(control->id));
            add_problem(problems, problem_count, arena, "GBN-E-RULE", &err);
        } else {
            rules->rules[kept++] = rules->rules[i];
        }
    }
    rules->count = kept;
}

int gb_ruleset_new(const struct gb_kinds *kinds, struct gb_control **controls, size_t control_count,
                   struct gb_arena *arena, struct gb_ruleset **ret, struct gb_problem **problems,
                   size_t *problem_count, struct gb_error *err)
{
    struct gb_ruleset *rules = gb_alloc(arena, sizeof *rules);
    *problems = gb_alloc_array(arena, control_count * 2 + 1, sizeof **problems);
    *problem_count = 0;
    if (!rules || !*problems)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the controls");
    rules->kinds = kinds;
    rules->rules = gb_alloc_array(arena, control_count, sizeof *rules->rules);
    int code = declare(rules, arena, err);
    if (code || !rules->rules)
        return code ? code : gb_error_set(err, GB_E_MEMORY, "no memory for the controls");
    for (size_t i = 0; i < control_count; i++) {
        struct gb_rule rule = {.control = controls[i]};
        struct gb_error why = {0};
        if (compile_rule(rules, &rule, arena, &why) == GB_OK)
            rules->rules[rules->count++] = rule;
        else
            add_problem(*problems, problem_count, arena, "GBN-E-RULE", &why);
    }
    if (rules->count > 1)
        qsort(rules->rules, rules->count, sizeof *rules->rules, by_id);
    drop_duplicates(rules, arena, *problems, problem_count);
    if (gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the controls");
    *ret = rules;
    return GB_OK;
}

static struct gb_value value_of_state(const struct gb_kind *kind, const struct gb_kind_state *state,
                                      struct gb_arena *arena)
{
    switch (state->presence) {
    case GB_NOT_KNOWN:
        return gb_unknown(state->reason);
    case GB_NOT_COLLECTED:
        return gb_unknown(state->reason);
    case GB_ABSENT:
    case GB_NO_SUBJECT:
        return gb_not_applicable(state->reason);
    case GB_PRESENT:
        break;
    }
    if (!kind->many)
        return state->count ? gb_map_of(state->resources[0]->props)
                            : gb_not_applicable(
                                  gb_str_format(arena, "no " GB_PRI " here", GB_ARG(kind->name)));
    struct gb_list *list = gb_list_new(arena);
    for (size_t i = 0; i < state->count; i++)
        gb_list_add(arena, list, gb_map_of(state->resources[i]->props));
    return list ? gb_list_of(list) : gb_null();
}

int gb_ruleset_lay_out(const struct gb_ruleset *rules, const struct gb_collection *all,
                       struct gb_arena *arena, struct gb_value **ret, struct gb_error *err)
{
    struct gb_value *slots = gb_alloc_array(arena, rules->slot_count, sizeof *slots);
    if (!slots)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the facts");
    for (size_t i = 0; i < rules->slot_count; i++) {
        const struct gb_slot *slot = &rules->slots[i];
        if (!slot->kind)
            slots[i] = gb_timestamp(all->collected_at, 0);
        else if (slot->subject)
            slots[i] = gb_not_applicable(GB_STR("no subject"));
        else
            slots[i] = value_of_state(slot->kind, gb_collection_kind(all, slot->kind->name), arena);
    }
    *ret = slots;
    return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for the facts")
                                  : GB_OK;
}

int gb_ruleset_query(const struct gb_ruleset *rules, const struct gb_collection *all,
                     struct gb_str expression, struct gb_arena *arena, struct gb_value *ret,
                     struct gb_error *err)
{
    struct gb_cel_program *program;
    struct gb_value *slots;
    int code = gb_cel_compile(rules->env, expression, NULL, arena, &program, err);
    if (!code)
        code = gb_ruleset_lay_out(rules, all, arena, &slots, err);
    if (!code)
        gb_cel_eval(program, slots, arena, ret);
    return code;
}
