// The compiled program against a naive evaluation of the syntax tree: same value, same origin, same
// unknown; errors may differ in words. The naive one looks everything up by name, knows no
// specialised nodes, computes nothing ahead and evaluates every term of && and ||. Input: an
// expression.
#include "expr/engine.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COST = 50000, VARIABLES = 4 };

static struct gb_arena *process;
static struct gb_cel_env *env;
static struct gb_value slots[VARIABLES];

struct scope {
    const struct scope *outer;
    struct gb_str name;
    struct gb_value value;
};

static struct gb_cel_run *run;

static struct gb_value eval(const struct gb_ast *node, const struct scope *scope);

static struct gb_value error(const char *reason)
{
    return (struct gb_value){.kind = GB_VALUE_ERROR, .string = gb_str_of(reason)};
}

static void keep_worst(struct gb_value *worst, const struct gb_value *value)
{
    if (gb_blocked_rank(value) > gb_blocked_rank(worst))
        *worst = *value;
}

static struct gb_value with_origin(struct gb_value value, uint32_t origin)
{
    if (!value.origin)
        value.origin = origin;
    return value;
}

static const struct scope *local(const struct scope *scope, struct gb_str name)
{
    while (scope && !gb_str_eq(scope->name, name))
        scope = scope->outer;
    return scope;
}

// "a.b.c" of a chain of names that no local hides.
static bool chain(const struct gb_ast *node, const struct scope *scope, char *into, size_t size)
{
    size_t used = 0;
    if (node->kind == GB_AST_IDENT) {
        if (!node->absolute && local(scope, node->name))
            return false;
    } else {
        if (node->kind != GB_AST_SELECT || node->optional ||
            !chain(node->child[0], scope, into, size))
            return false;
        used = strlen(into);
        if (used + 1 >= size)
            return false;
        into[used++] = '.';
    }
    if (used + node->name.len + 1 > size)
        return false;
    memcpy(into + used, node->name.at, node->name.len);
    into[used + node->name.len] = 0;
    return true;
}

static bool global(const char *name, struct gb_value *ret)
{
    const struct gb_cel_variable *variable = gb_cel_env_find_variable(env, gb_str_of(name));
    const struct gb_value *type = gb_map_get(&env->types, gb_str_of(name));
    if (variable)
        *ret = slots[variable->slot];
    else if (type)
        *ret = *type;
    return variable || type;
}

static struct gb_value wrap(struct gb_value value)
{
    struct gb_value optional;
    if (gb_is_blocked(&value))
        return value;
    gb_cel_optional_of(run, &value, &optional);
    return optional;
}

// A field or key, of an optional too.
static struct gb_value look_up(struct gb_value from, struct gb_value key, bool field, bool optional)
{
    struct gb_value failure;
    struct gb_value worst = gb_null();
    keep_worst(&worst, &from);
    keep_worst(&worst, &key);
    if (gb_is_blocked(&worst))
        return worst;
    if (from.kind == GB_VALUE_OPTIONAL) {
        if (!from.pointer)
            return field ? from : gb_cel_optional_none();
        from = *(const struct gb_value *)from.pointer;
        optional = true;
    }
    if (field && from.kind != GB_VALUE_MAP)
        return error("no fields");
    const struct gb_value *found = gb_value_at(&from, &key, &failure);
    if (!found && failure.kind == GB_VALUE_ERROR)
        return failure;
    if (!found)
        return optional ? gb_cel_optional_none() : error("no such key");
    struct gb_value value = with_origin(*found, from.origin);
    return optional ? wrap(value) : value;
}

static struct gb_value has(const struct gb_ast *node, const struct scope *scope)
{
    struct gb_value from = eval(node->child[0], scope);
    if (from.kind == GB_VALUE_OPTIONAL) {
        if (!from.pointer)
            return gb_bool(false);
        from = *(const struct gb_value *)from.pointer;
    }
    if (gb_is_blocked(&from))
        return from;
    if (from.kind != GB_VALUE_MAP)
        return error("no fields");
    const struct gb_value *found = gb_map_find(from.map, node->name);
    return found && gb_is_blocked(found) ? *found : gb_bool(found != NULL);
}

static struct gb_value logic(const struct gb_ast *node, const struct scope *scope)
{
    bool decides = node->op == GB_OP_OR, decided = false;
    struct gb_value worst = gb_null();
    for (uint32_t i = 0; i < node->child_count; i++) {
        struct gb_value term = eval(node->child[i], scope);
        if (term.kind == GB_VALUE_BOOL)
            decided |= term.boolean == decides;
        else
            keep_worst(&worst, gb_is_blocked(&term) ? &term : &gb_value_no_overload);
    }
    if (decided)
        return gb_bool(decides);
    return gb_is_blocked(&worst) ? worst : gb_bool(!decides);
}

static bool is_nan(const struct gb_value *value)
{
    return value->kind == GB_VALUE_DOUBLE && value->real != value->real;
}

static struct gb_value compare(uint8_t op, const struct gb_value *a, const struct gb_value *b)
{
    const struct gb_value *blocked = NULL;
    if (op == GB_OP_EQUAL || op == GB_OP_NOT_EQUAL) {
        bool same = gb_equal_blocked(run, a, b, &blocked);
        return same && blocked ? *blocked : gb_bool(same == (op == GB_OP_EQUAL));
    }
    int order = gb_cel_order(a, b);
    if (order == 2)
        return is_nan(a) || is_nan(b) ? gb_bool(false) : gb_value_no_overload;
    return gb_bool(op == GB_OP_LESS         ? order < 0
                   : op == GB_OP_LESS_EQUAL ? order <= 0
                   : op == GB_OP_GREATER    ? order > 0
                                            : order >= 0);
}

static struct gb_value membership(const struct gb_value *value, const struct gb_value *in)
{
    struct gb_value worst = gb_null();
    if (in->kind == GB_VALUE_MAP)
        return gb_bool(gb_map_lookup(in->map, value) != NULL);
    if (in->kind != GB_VALUE_LIST)
        return gb_value_no_overload;
    for (size_t i = 0; i < in->list->count; i++) {
        const struct gb_value *blocked = NULL;
        bool same = gb_equal_blocked(run, value, &in->list->items[i], &blocked);
        if (same && !blocked)
            return gb_bool(true);
        if (same)
            keep_worst(&worst, blocked);
    }
    return gb_is_blocked(&worst) ? worst : gb_bool(false);
}

static struct gb_value binary(uint8_t op, struct gb_value a, struct gb_value b)
{
    static gb_operate_function *const functions[GB_OP_COUNT] = {
        [GB_OP_ADD] = gb_operate_add,           [GB_OP_SUBTRACT] = gb_operate_subtract,
        [GB_OP_MULTIPLY] = gb_operate_multiply, [GB_OP_DIVIDE] = gb_operate_divide,
        [GB_OP_MODULO] = gb_operate_modulo,
    };
    struct gb_value worst = gb_null(), result;
    keep_worst(&worst, &a);
    keep_worst(&worst, &b);
    if (gb_is_blocked(&worst))
        return worst;
    if (op == GB_OP_IN)
        return membership(&a, &b);
    if (!functions[op])
        return compare(op, &a, &b);
    functions[op](run, &a, &b, &result);
    return with_origin(result, a.origin ? a.origin : b.origin);
}

static struct gb_value operators(const struct gb_ast *node, const struct scope *scope)
{
    if (node->op == GB_OP_AND || node->op == GB_OP_OR)
        return logic(node, scope);
    struct gb_value a = eval(node->child[0], scope), result;
    if (node->op == GB_OP_CONDITIONAL) {
        if (a.kind != GB_VALUE_BOOL)
            return gb_is_blocked(&a) ? a : gb_value_no_overload;
        return eval(node->child[a.boolean ? 1 : 2], scope);
    }
    if (node->child_count == 2)
        return binary(node->op, a, eval(node->child[1], scope));
    if (gb_is_blocked(&a))
        return a;
    if (node->op == GB_OP_NOT)
        return a.kind == GB_VALUE_BOOL ? gb_bool(!a.boolean) : gb_value_no_overload;
    gb_operate_negate(&a, &result);
    return with_origin(result, a.origin);
}

static bool fits(const struct gb_signature *signature, const struct gb_value *arguments)
{
    for (uint32_t i = 0; i < signature->count; i++)
        if (!(signature->kinds[i] >> arguments[i].kind & 1) ||
            (signature->tags[i] && signature->tags[i] != arguments[i].tag))
            return false;
    return true;
}

static struct gb_value call(const struct gb_ast *node, const struct scope *scope)
{
    char name[512];
    uint32_t first = 0;
    bool method = node->kind == GB_AST_METHOD;
    const struct gb_signature *found = NULL;
    if (method && chain(node->child[0], scope, name, sizeof name - 210) && node->name.len < 200) {
        size_t len = strlen(name);
        name[len] = '.';
        memcpy(name + len + 1, node->name.at, node->name.len);
        found = gb_cel_env_find_function(env, (struct gb_str){name, len + 1 + node->name.len});
        while (found && found->method)
            found = found->next;
        first = found ? 1 : 0;
        method = !found;
    }
    if (!found)
        found = gb_cel_env_find_function(env, node->name);
    uint32_t count = node->child_count - first;
    struct gb_value arguments[GB_CEL_MAX_PARAMETERS], worst = gb_null(), result;
    if (count > GB_CEL_MAX_PARAMETERS)
        return error("too many");
    bool named = false;
    for (const struct gb_signature *s = found; s; s = s->next)
        named |= s->method == method && s->count == count;
    if (!named)
        return error("no function");
    for (uint32_t i = 0; i < count; i++) {
        arguments[i] = eval(node->child[first + i], scope);
        keep_worst(&worst, &arguments[i]);
    }
    if (gb_is_blocked(&worst))
        return worst;
    for (; found; found = found->next) {
        if (found->method != method || found->count != count || !fits(found, arguments))
            continue;
        found->function(run, arguments, &result);
        for (uint32_t i = 0; i < count; i++)
            result = with_origin(result, arguments[i].origin);
        return result;
    }
    return gb_value_no_overload;
}

// An element marked with ?: false when it is to be left out.
static bool unwrap(const struct gb_ast *node, uint32_t index, struct gb_value *value)
{
    if (!node->marked || !node->marked[index] || gb_is_blocked(value))
        return true;
    if (value->kind != GB_VALUE_OPTIONAL)
        *value = error("no optional");
    else if (!value->pointer)
        return false;
    else
        *value = *(const struct gb_value *)value->pointer;
    return true;
}

static struct gb_value list(const struct gb_ast *node, const struct scope *scope)
{
    struct gb_list *items = gb_list_new(run->arena);
    struct gb_value worst = gb_null();
    for (uint32_t i = 0; i < node->child_count; i++) {
        struct gb_value value = eval(node->child[i], scope);
        if (!unwrap(node, i, &value))
            continue;
        keep_worst(&worst, &value);
        gb_list_add(run->arena, items, value);
    }
    return gb_is_blocked(&worst) ? worst : gb_list_of(items);
}

static bool may_be_key(uint8_t kind)
{
    return kind == GB_VALUE_BOOL || kind == GB_VALUE_INT || kind == GB_VALUE_UINT ||
           kind == GB_VALUE_STRING;
}

static struct gb_value map(const struct gb_ast *node, const struct scope *scope)
{
    struct gb_map_value *entries = gb_map_new(run->arena);
    struct gb_value worst = gb_null();
    for (uint32_t i = 0; i < node->child_count; i += 2) {
        struct gb_value key = eval(node->child[i], scope), value = eval(node->child[i + 1], scope);
        bool there = unwrap(node, i, &value);
        struct gb_value failure = error("key");
        keep_worst(&worst, &key);
        if (there)
            keep_worst(&worst, &value);
        if (gb_is_blocked(&key) || (there && gb_is_blocked(&value)))
            continue;
        if (!may_be_key(key.kind) || (there && gb_map_lookup(entries, &key)))
            keep_worst(&worst, &failure);
        else if (there)
            gb_map_put_key(run->arena, entries, key, value);
    }
    return gb_is_blocked(&worst) ? worst : gb_map_of(entries);
}

struct folding {
    struct gb_list *results, *keys;
    struct gb_map_value *map;
    size_t holds, fails;
    struct gb_value worst;
};

static void add_entries(struct folding *folding, const struct gb_value *entries)
{
    struct gb_value failure = error("twice");
    if (entries->kind != GB_VALUE_MAP) {
        keep_worst(&folding->worst, gb_is_blocked(entries) ? entries : &gb_value_no_overload);
        return;
    }
    for (size_t i = 0; i < entries->map->count; i++) {
        const struct gb_pair *pair = &entries->map->pairs[i];
        if (gb_map_lookup(folding->map, &pair->key))
            keep_worst(&folding->worst, &failure);
        else
            gb_map_put_key(run->arena, folding->map, pair->key, pair->value);
    }
}

static void step(const struct gb_ast *node, const struct scope *scope, struct gb_value first,
                 struct gb_value element, struct folding *folding)
{
    const struct gb_ast *condition = node->child[GB_FOLD_CONDITION];
    struct gb_value holds = condition ? eval(condition, scope) : gb_bool(true), value;
    if (holds.kind != GB_VALUE_BOOL) {
        keep_worst(&folding->worst, gb_is_blocked(&holds) ? &holds : &gb_value_no_overload);
        return;
    }
    folding->holds += holds.boolean;
    folding->fails += !holds.boolean;
    if (!holds.boolean || node->op <= GB_FOLD_EXISTS_ONE)
        return;
    if (node->op == GB_FOLD_FILTER) {
        gb_list_add(run->arena, folding->results, first);
        return;
    }
    value = eval(node->child[GB_FOLD_BODY], scope);
    if (node->op == GB_FOLD_TRANSFORM_ENTRY) {
        add_entries(folding, &value);
        return;
    }
    if (node->op == GB_FOLD_SORT_BY && !gb_is_blocked(&value) && gb_cel_order(&value, &value) == 2)
        value = gb_value_no_overload;
    if (gb_is_blocked(&value)) {
        keep_worst(&folding->worst, &value);
    } else if (node->op == GB_FOLD_TRANSFORM_MAP) {
        gb_map_put_key(run->arena, folding->map, first, value);
    } else if (node->op == GB_FOLD_MAP) {
        gb_list_add(run->arena, folding->results, with_origin(value, element.origin));
    } else {
        // Insertion keeps equal keys in order.
        gb_list_add(run->arena, folding->results, element);
        gb_list_add(run->arena, folding->keys, value);
        for (size_t i = folding->keys->count; i-- > 1 && gb_cel_charge(run, 1);) {
            struct gb_value *k = folding->keys->items + i, *e = folding->results->items + i;
            int order = gb_cel_order(k - 1, k);
            if (order == 2)
                keep_worst(&folding->worst, &gb_value_no_overload);
            if (order != 1)
                break;
            struct gb_value swap = *k;
            *k = k[-1];
            k[-1] = swap;
            swap = *e;
            *e = e[-1];
            e[-1] = swap;
        }
    }
}

static struct gb_value fold(const struct gb_ast *node, const struct scope *scope)
{
    struct gb_value range = eval(node->child[GB_FOLD_RANGE], scope);
    if (range.kind != GB_VALUE_LIST && range.kind != GB_VALUE_MAP)
        return gb_is_blocked(&range) ? range : gb_value_no_overload;
    if (node->op == GB_FOLD_SORT_BY && range.kind == GB_VALUE_MAP)
        return range.map->count ? gb_value_no_overload : gb_list_of(gb_list_new(run->arena));
    bool is_list = range.kind == GB_VALUE_LIST;
    struct folding folding = {.results = gb_list_new(run->arena),
                              .keys = gb_list_new(run->arena),
                              .map = gb_map_new(run->arena),
                              .worst = gb_null()};
    size_t count = is_list ? range.list->count : range.map->count;
    for (size_t i = 0; i < count && gb_cel_charge(run, 10); i++) {
        struct gb_value element = is_list ? range.list->items[i] : range.map->pairs[i].value;
        struct gb_value first =
            is_list ? node->two_variables ? gb_int((int64_t)i) : element : range.map->pairs[i].key;
        if (!is_list && !node->two_variables)
            element = first;
        struct scope one = {scope, node->name, first}, two = {&one, node->name2, element};
        step(node, node->two_variables ? &two : &one, first, element, &folding);
    }
    if (node->op == GB_FOLD_ALL && folding.fails)
        return gb_bool(false);
    if (node->op == GB_FOLD_EXISTS && folding.holds)
        return gb_bool(true);
    if (gb_is_blocked(&folding.worst))
        return folding.worst;
    if (node->op <= GB_FOLD_EXISTS_ONE)
        return gb_bool(node->op == GB_FOLD_ALL          ? folding.fails == 0
                       : node->op == GB_FOLD_EXISTS_ONE ? folding.holds == 1
                                                        : false);
    bool gives_map = node->op == GB_FOLD_TRANSFORM_MAP || node->op == GB_FOLD_TRANSFORM_ENTRY;
    return gives_map ? gb_map_of(folding.map) : gb_list_of(folding.results);
}

static struct gb_value block(const struct gb_ast *node, uint32_t index, const struct scope *scope)
{
    if (index + 1 == node->child_count)
        return eval(node->child[index], scope);
    struct gb_str name = gb_str_format(run->arena, "@index%u", index);
    struct scope inner = {scope, name, eval(node->child[index], scope)};
    return block(node, index + 1, &inner);
}

static struct gb_value optional_map(const struct gb_ast *node, const struct scope *scope)
{
    struct gb_value target = eval(node->child[0], scope);
    if (target.kind != GB_VALUE_OPTIONAL)
        return gb_is_blocked(&target) ? target : gb_value_no_overload;
    if (!target.pointer)
        return target.origin ? gb_cel_optional_none() : target;
    struct scope inner = {scope, node->name, *(const struct gb_value *)target.pointer};
    struct gb_value result = eval(node->child[1], &inner);
    if (!node->optional || gb_is_blocked(&result))
        return wrap(result);
    return result.kind == GB_VALUE_OPTIONAL ? result : gb_value_no_overload;
}

static struct gb_value name(const struct gb_ast *node, const struct scope *scope)
{
    char text[512];
    struct gb_value value;
    const struct scope *found =
        node->kind == GB_AST_IDENT && !node->absolute ? local(scope, node->name) : NULL;
    if (found)
        return found->value;
    if (!(node->kind == GB_AST_SELECT && node->optional) && chain(node, scope, text, sizeof text) &&
        global(text, &value))
        return value;
    if (node->kind == GB_AST_IDENT)
        return error("no variable");
    return look_up(eval(node->child[0], scope), gb_string(node->name), true, node->optional);
}

static struct gb_value eval(const struct gb_ast *node, const struct scope *scope)
{
    if (!gb_cel_charge(run, 10))
        return error("cost");
    struct scope inner;
    switch (node->kind) {
    case GB_AST_CONSTANT:
        return node->value;
    case GB_AST_IDENT:
    case GB_AST_SELECT:
        return name(node, scope);
    case GB_AST_HAS:
        return has(node, scope);
    case GB_AST_INDEX:
        return look_up(eval(node->child[0], scope), eval(node->child[1], scope), false,
                       node->optional);
    case GB_AST_OPERATOR:
        return operators(node, scope);
    case GB_AST_CALL:
    case GB_AST_METHOD:
        return call(node, scope);
    case GB_AST_LIST:
        return list(node, scope);
    case GB_AST_MAP:
        return map(node, scope);
    case GB_AST_FOLD:
        return fold(node, scope);
    case GB_AST_BIND:
        inner = (struct scope){scope, node->name, eval(node->child[0], scope)};
        return eval(node->child[1], &inner);
    case GB_AST_BLOCK:
        return block(node, 0, scope);
    default:
        return optional_map(node, scope);
    }
}

static bool same(const struct gb_value *a, const struct gb_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == GB_VALUE_ERROR)
        return true;                                        // in other words
    if (a->kind != GB_VALUE_BOOL && a->origin != b->origin) // a truth stands nowhere
        return false;
    if (a->kind == GB_VALUE_LIST) {
        bool equal = a->list->count == b->list->count;
        for (size_t i = 0; equal && i < a->list->count; i++)
            equal = same(&a->list->items[i], &b->list->items[i]);
        return equal;
    }
    if (a->kind == GB_VALUE_MAP) {
        bool equal = a->map->count == b->map->count;
        for (size_t i = 0; equal && i < a->map->count; i++)
            equal = same(&a->map->pairs[i].key, &b->map->pairs[i].key) &&
                    same(&a->map->pairs[i].value, &b->map->pairs[i].value);
        return equal;
    }
    if (a->kind == GB_VALUE_OPTIONAL)
        return a->pointer && b->pointer ? same(a->pointer, b->pointer) : a->pointer == b->pointer;
    if (gb_is_blocked(a))
        return gb_str_eq(a->string, b->string);
    return (is_nan(a) && is_nan(b)) || gb_cel_equal(run, a, b);
}

static struct gb_value item(const char *text, int64_t number, uint32_t origin)
{
    struct gb_map_value *fields = gb_map_new(process);
    gb_map_put(process, fields, GB_STR("name"), gb_at(gb_string(gb_str_of(text)), origin + 1));
    gb_map_put(process, fields, GB_STR("n"), gb_int(number));
    gb_map_put(process, fields, GB_STR("hidden"), gb_unknown(GB_STR("needs root")));
    return gb_at(gb_map_of(fields), origin);
}

static void set_up(void)
{
    static const char *const names[VARIABLES] = {"x", "l", "now", "gone"};
    process = gb_arena_new("process", 16u << 20);
    env = gb_cel_env_new(process);
    struct gb_list *items = gb_list_new(process);
    gb_list_add(process, items, item("a", 1, 10));
    gb_list_add(process, items, item("b", -1, 20));
    slots[0] = item("x", 5, 30);
    slots[1] = gb_list_of(items);
    slots[2] = gb_at(gb_timestamp(1700000000, 5), 40);
    slots[3] = gb_not_applicable(GB_STR("not here"));
    for (size_t i = 0; i < VARIABLES; i++)
        if (!env || gb_cel_env_variable(env, gb_str_of(names[i]), &gb_type_dyn) < 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!env)
        set_up();
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("input", 64u << 20);
    struct gb_cel_options options = {.no_check = true};
    struct gb_ast_source source = {{(const char *)data, size}, &options};
    struct gb_cel_program *program;
    struct gb_ast *root;
    struct gb_value compiled;
    if (gb_cel_compile(env, source.text, &options, arena, &program, NULL) < 0)
        return 0;
    if (gb_cel_parse(&source, arena, &root, NULL) < 0)
        abort();
    gb_cel_set_cost_limit(program, COST);
    gb_cel_eval(program, slots, arena, &compiled);
    struct gb_cel_run naive_run = {.arena = arena, .slots = slots, .budget = COST * 10};
    run = &naive_run;
    struct gb_value naive = eval(root, NULL);
    bool stopped =
        naive_run.exhausted || gb_arena_failed(arena) ||
        (compiled.kind == GB_VALUE_ERROR && gb_str_ends(compiled.string, GB_STR("limit exceeded")));
    if (!stopped && !same(&compiled, &naive)) {
        fprintf(stderr, GB_PRI "\n compiled: %s (origin %u) %.*s\n naive: %s (origin %u) %.*s\n",
                GB_ARG(source.text), gb_value_kind_name(compiled.kind), compiled.origin,
                compiled.kind == GB_VALUE_STRING || gb_is_blocked(&compiled)
                    ? (int)compiled.string.len
                    : 0,
                compiled.string.at, gb_value_kind_name(naive.kind), naive.origin,
                naive.kind == GB_VALUE_STRING || gb_is_blocked(&naive) ? (int)naive.string.len : 0,
                naive.string.at);
        abort();
    }
    return 0;
}
