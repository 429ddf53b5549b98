// One control on one subject: the verdict, its evidence and its risk.
#include "area/posture/ruleset.h"

#include "model/value_text.h"

enum { MOST_EVIDENCE = 50 };

static struct gb_judgement from_value(const struct gb_value *value, struct gb_arena *arena)
{
    struct gb_judgement judgement = {.state = GB_ERROR};
    switch ((enum gb_value_kind)value->kind) {
    case GB_VALUE_BOOL:
        judgement.state = value->boolean ? GB_PASS : GB_FAIL;
        break;
    case GB_VALUE_LIST:
        judgement.state = value->list->count ? GB_FAIL : GB_PASS;
        judgement.offenders = *value;
        break;
    case GB_VALUE_UNKNOWN:
        judgement.state = GB_UNKNOWN;
        judgement.reason = value->string;
        break;
    case GB_VALUE_NOT_APPLICABLE:
        judgement.state = GB_NA;
        judgement.reason = value->string;
        break;
    case GB_VALUE_ERROR:
        judgement.reason = value->string;
        break;
    case GB_VALUE_NULL:
    case GB_VALUE_INT:
    case GB_VALUE_UINT:
    case GB_VALUE_DOUBLE:
    case GB_VALUE_STRING:
    case GB_VALUE_BYTES:
    case GB_VALUE_TIMESTAMP:
    case GB_VALUE_DURATION:
    case GB_VALUE_MAP:
    case GB_VALUE_TYPE:
    case GB_VALUE_OPTIONAL:
    case GB_VALUE_OPAQUE:
        judgement.reason = gb_str_format(arena, "gave %s: expected a bool or a list of offenders",
                                         gb_value_kind_name(value->kind));
        break;
    }
    return judgement;
}

// The first element of a list of offenders that is itself not known makes the verdict unknown; no
// verdict rests on half of the facts.
static void look_for_unknown_offenders(struct gb_judgement *judgement)
{
    if (judgement->offenders.kind != GB_VALUE_LIST)
        return;
    const struct gb_list *list = judgement->offenders.list;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != GB_VALUE_UNKNOWN)
            continue;
        *judgement = (struct gb_judgement){.state = GB_UNKNOWN, .reason = list->items[i].string};
        return;
    }
}

struct gb_judgement gb_rule_judge(const struct gb_rule *rule, const struct gb_value *slots,
                                  struct gb_arena *arena)
{
    struct gb_value value;
    if (rule->when) {
        gb_cel_eval(rule->when, slots, arena, &value);
        struct gb_judgement guard = from_value(&value, arena);
        if (guard.state == GB_FAIL)
            return (struct gb_judgement){.state = GB_NA, .reason = rule->control->when_not};
        if (guard.state != GB_PASS)
            return guard;
    }
    gb_cel_eval(rule->expect, slots, arena, &value);
    struct gb_judgement judgement = from_value(&value, arena);
    look_for_unknown_offenders(&judgement);
    return judgement;
}

// A record's own origin, or that of its first field that has one.
static uint32_t origin_of(const struct gb_value *value)
{
    if (value->origin || value->kind != GB_VALUE_MAP)
        return value->origin;
    for (size_t i = 0; i < value->map->count; i++)
        if (value->map->pairs[i].value.origin)
            return value->map->pairs[i].value.origin;
    return 0;
}

static void add_evidence(struct gb_finding *into, size_t capacity, struct gb_str what,
                         const struct gb_value *seen, struct gb_str expected,
                         const struct gb_collection *all, struct gb_arena *arena)
{
    if (into->evidence_count == capacity)
        return;
    const struct gb_origin *origin = gb_collection_origin_of(all, origin_of(seen));
    into->evidence[into->evidence_count++] = (struct gb_evidence){
        .where = origin ? origin->where : (struct gb_str){0},
        .line = origin ? origin->line : 0,
        .what = what,
        .seen = gb_value_text(arena, seen, GB_VALUE_TEXT_EVIDENCE),
        .expected = expected,
    };
}

static void add_paths(const struct gb_cel_program *program, const struct gb_value *slots,
                      struct gb_str expected, const struct gb_collection *all, size_t capacity,
                      struct gb_arena *arena, struct gb_finding *into)
{
    for (size_t i = 0; program && i < gb_cel_path_count(program); i++) {
        const struct gb_value *value = gb_cel_path_value(program, i, slots);
        struct gb_value absent = gb_string(GB_STR("(not set)"));
        if (value && (value->kind == GB_VALUE_UNKNOWN || value->kind == GB_VALUE_NOT_APPLICABLE))
            continue;
        add_evidence(into, capacity, gb_cel_path_text(program, i), value ? value : &absent,
                     expected, all, arena);
    }
}

// An expression that selects no single field (users.exists(...)) is shown with its answer.
static void add_question(const struct gb_rule *rule, const struct gb_judgement *judgement,
                         const struct gb_collection *all, struct gb_arena *arena,
                         struct gb_finding *into)
{
    struct gb_value question = gb_string(gb_str_trim(rule->control->expect));
    bool none = judgement->state == GB_PASS && judgement->offenders.kind == GB_VALUE_LIST;
    struct gb_value answer =
        none ? gb_string(GB_STR("(none)")) : gb_bool(judgement->state == GB_PASS);
    add_evidence(into, 1, gb_value_text(arena, &question, GB_VALUE_TEXT_EVIDENCE), &answer,
                 rule->control->expected, all, arena);
}

void gb_rule_evidence(const struct gb_rule *rule, const struct gb_judgement *judgement,
                      const struct gb_value *slots, const struct gb_collection *all,
                      struct gb_arena *arena, struct gb_finding *into)
{
    bool listed = judgement->offenders.kind == GB_VALUE_LIST && judgement->offenders.list->count;
    size_t capacity = listed ? judgement->offenders.list->count : gb_cel_path_count(rule->expect);
    if (!listed && rule->when)
        capacity += gb_cel_path_count(rule->when);
    if (capacity > MOST_EVIDENCE)
        capacity = MOST_EVIDENCE;
    if (!capacity)
        capacity = 1;
    into->evidence = gb_alloc_array(arena, capacity, sizeof *into->evidence);
    if (!into->evidence)
        return;
    if (!listed) {
        add_paths(rule->expect, slots, rule->control->expected, all, capacity, arena, into);
        // What made the control apply is evidence when nothing else is, and at last the question.
        if (!into->evidence_count)
            add_paths(rule->when, slots, (struct gb_str){0}, all, capacity, arena, into);
        if (!into->evidence_count)
            add_question(rule, judgement, all, arena, into);
        return;
    }
    const struct gb_list *list = judgement->offenders.list;
    into->offender_count = list->count;
    for (size_t i = 0; i < list->count; i++)
        add_evidence(into, capacity, (struct gb_str){0}, &list->items[i], rule->control->expected,
                     all, arena);
}

struct factor {
    const char *word;
    double value;
};

// How much nearer an attacker is to a thing that is exposed so.
static const struct factor exposures[] = {
    {"internet", 1.0}, {"any", 1.0},       {"network", 0.85}, {"private", 0.85},
    {"link", 0.75},    {"loopback", 0.60}, {"none", 0.50},
};
static const struct factor prior = {"not known (prior)", 0.70};

static struct factor exposure_of(const struct gb_rule *rule, const struct gb_value *slots,
                                 struct gb_arena *arena)
{
    if (!rule->exposure)
        return prior;
    struct gb_value value;
    gb_cel_eval(rule->exposure, slots, arena, &value);
    for (size_t i = 0; i < sizeof exposures / sizeof *exposures; i++)
        if (value.kind == GB_VALUE_STRING && gb_str_is(value.string, exposures[i].word))
            return exposures[i];
    return prior;
}

void gb_rule_risk(const struct gb_rule *rule, const struct gb_value *slots, struct gb_arena *arena,
                  struct gb_finding *into)
{
    static const double impacts[] = {
        [GB_LOW] = 0.15, [GB_MEDIUM] = 0.40, [GB_HIGH] = 0.70, [GB_CRITICAL] = 0.95};
    struct factor exposure = exposure_of(rule, slots, arena);
    double impact = impacts[rule->control->severity];
    into->risk = 100.0 * impact * exposure.value;
    into->risk_terms = gb_str_format(
        arena, "severity %s %.2f x exposure %s %.2f x criticality 1.00",
        gb_severity_name(rule->control->severity), impact, exposure.word, exposure.value);
}
