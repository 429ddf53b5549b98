// Runs the examples of a control as tests: small collections written in YAML.
#include "area/posture/ruleset.h"

#include "model/value_json.h"
#include "model/value_text.h"

enum { EXAMPLE_NOW = 1793491200 }; // 2026-11-01T00:00:00Z unless the example says otherwise

struct failures {
    struct gb_arena *arena;
    struct gb_str *items;
    size_t count, capacity;
};

static void add_failure(struct failures *failures, const struct gb_control *control,
                        const struct gb_example *example, struct gb_str what)
{
    if (failures->count == failures->capacity) {
        size_t wider = failures->capacity ? failures->capacity * 2 : 8;
        struct gb_str *items = gb_grow_array(failures->arena, failures->items, failures->capacity,
                                             wider, sizeof *items);
        if (!items)
            return;
        failures->items = items;
        failures->capacity = wider;
    }
    failures->items[failures->count++] =
        gb_str_format(failures->arena, GB_PRI ":%u: " GB_PRI ": example \"" GB_PRI "\": " GB_PRI,
                      GB_ARG(control->file), example->line, GB_ARG(control->id),
                      GB_ARG(example->name), GB_ARG(what));
}

// {unknown: reason} in place of a kind's properties: the kind could not be read.
static bool is_unknown(const struct gb_node *node, struct gb_str *reason)
{
    const struct gb_node *unknown = gb_node_get(node, "unknown");
    if (node->kind != GB_NODE_MAP || node->map.count != 1 || !unknown ||
        unknown->kind != GB_NODE_STRING)
        return false;
    *reason = unknown->string;
    return true;
}

static int add_resource(struct gb_collection *all, const struct gb_kind *kind,
                        const struct gb_node *node, struct gb_str name, struct gb_error *err)
{
    struct gb_value props;
    int code = gb_value_from_node(node, kind->type, all->arena, &props, err);
    if (code)
        return code;
    if (props.kind != GB_VALUE_MAP)
        return gb_error_set(err, GB_E_TYPE, GB_PRI ": expected a map of its fields, got %s",
                            GB_ARG(kind->name), gb_node_kind_name(node->kind));
    struct gb_map_value *into = gb_collection_add(all, kind->name, name);
    for (size_t i = 0; into && i < props.map->count; i++)
        gb_map_put_key(all->arena, into, props.map->pairs[i].key, props.map->pairs[i].value);
    return GB_OK;
}

static int add_kind(struct gb_collection *all, const struct gb_kind *kind,
                    const struct gb_node *node, struct gb_error *err)
{
    struct gb_str reason;
    if (is_unknown(node, &reason)) {
        gb_collection_gap(all, kind->name, reason);
        return GB_OK;
    }
    if (!kind->many)
        return add_resource(all, kind, node, (struct gb_str){0}, err);
    if (node->kind == GB_NODE_MAP)
        return add_resource(all, kind, node, GB_STR("1"), err);
    if (node->kind != GB_NODE_LIST)
        return gb_error_set(err, GB_E_TYPE, GB_PRI ": expected a list", GB_ARG(kind->name));
    gb_collection_complete(all, kind->name);
    for (size_t i = 0; i < node->list.count; i++) {
        struct gb_str name = gb_str_format(all->arena, "%zu", i + 1);
        int code = add_resource(all, kind, &node->list.items[i], name, err);
        if (code)
            return code;
    }
    return GB_OK;
}

static const struct gb_kind *kind_of(const struct gb_kinds *kinds, struct gb_str name)
{
    const struct gb_kind *kind = gb_kinds_find(kinds, name);
    return kind ? kind : gb_map_get(&kinds->by_plural, name);
}

static int collect(const struct gb_ruleset *rules, const struct gb_example *example,
                   struct gb_collection *all, struct gb_error *err)
{
    for (size_t i = 0; i < rules->kinds->count; i++)
        gb_collection_absent(all, rules->kinds->items[i]->name, GB_STR("absent in this example"));
    for (size_t i = 0; i < example->given->map.count; i++) {
        const struct gb_node_pair *pair = &example->given->map.pairs[i];
        if (gb_str_is(pair->key, "now")) {
            struct gb_value now;
            int code = gb_value_from_node(&pair->value, &gb_type_timestamp, all->arena, &now, err);
            if (code)
                return code;
            all->collected_at = now.time.seconds;
            continue;
        }
        const struct gb_kind *kind = kind_of(rules->kinds, pair->key);
        if (!kind)
            return gb_error_set(err, GB_E_TYPE, "there is no kind \"" GB_PRI "\"",
                                GB_ARG(pair->key));
        int code = add_kind(all, kind, &pair->value, err);
        if (code)
            return code;
    }
    return GB_OK;
}

// The verdict over all subjects of an example: the worst one.
static const struct gb_finding *worst(const struct gb_report *report)
{
    return report->finding_count ? report->findings[0] : NULL;
}

static bool has_offender(const struct gb_finding *finding, struct gb_str text)
{
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (gb_str_eq(finding->evidence[i].seen, text))
            return true;
    return false;
}

static void check_offenders(const struct gb_control *control, const struct gb_example *example,
                            const struct gb_finding *finding, struct failures *failures)
{
    if (!example->offenders)
        return;
    size_t expected = example->offenders->list.count;
    if (finding->offender_count != expected)
        add_failure(failures, control, example,
                    gb_str_format(failures->arena, "expected %zu offenders, got %zu", expected,
                                  finding->offender_count));
    for (size_t i = 0; i < expected; i++) {
        const struct gb_node *node = &example->offenders->list.items[i];
        struct gb_value wanted;
        if (gb_value_from_node(node, &gb_type_dyn, failures->arena, &wanted, NULL))
            continue;
        struct gb_str text = gb_value_text(failures->arena, &wanted, GB_VALUE_TEXT_EVIDENCE);
        if (!has_offender(finding, text))
            add_failure(failures, control, example,
                        gb_str_format(failures->arena, "\"" GB_PRI "\" is not among the offenders",
                                      GB_ARG(text)));
    }
}

static int run_example(const struct gb_ruleset *rules, const struct gb_control *control,
                       const struct gb_example *example, struct gb_arena *arena,
                       struct failures *failures, struct gb_error *err)
{
    struct gb_collection *all = gb_collection_new(arena, EXAMPLE_NOW);
    if (!all)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an example");
    all->host = GB_STR("example");
    struct gb_error why = {0};
    if (collect(rules, example, all, &why)) {
        add_failure(failures, control, example,
                    gb_str_copy(failures->arena, gb_str_of(why.reason)));
        return GB_OK;
    }
    struct gb_report report = {.host_name = GB_STR("example")};
    struct gb_selection only = {.checks = &control->id, .check_count = 1};
    int code = gb_assess(rules, all, &only, arena, &report, err);
    if (code)
        return code;
    const struct gb_finding *finding = worst(&report);
    if (!finding) {
        add_failure(failures, control, example, GB_STR("no verdict: the control did not load"));
    } else if (finding->state != example->verdict) {
        add_failure(failures, control, example,
                    gb_str_format(failures->arena, "expected %s, got %s%s" GB_PRI,
                                  gb_verdict_name(example->verdict),
                                  gb_verdict_name(finding->state), finding->reason.len ? ": " : "",
                                  GB_ARG(finding->reason)));
    } else {
        check_offenders(control, example, finding, failures);
    }
    return GB_OK;
}

int gb_control_test(const struct gb_ruleset *rules, const struct gb_control *control,
                    struct gb_arena *arena, struct gb_str **ret, size_t *failure_count,
                    struct gb_error *err)
{
    struct failures failures = {.arena = arena};
    bool pass = false, fail = false;
    for (size_t i = 0; i < control->example_count; i++) {
        const struct gb_example *example = &control->examples[i];
        int code = run_example(rules, control, example, arena, &failures, err);
        if (code)
            return code;
        pass |= example->verdict == GB_PASS;
        fail |= example->verdict == GB_FAIL;
    }
    if (!pass || !fail) {
        struct gb_example whole = {.name = GB_STR("(all)"), .line = control->line};
        add_failure(&failures, control, &whole,
                    GB_STR("a control needs at least one passing and one failing example"));
    }
    *ret = failures.items;
    *failure_count = failures.count;
    return GB_OK;
}
