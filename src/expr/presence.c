// Which fields are known to be present where: has(x.f) && ... x.f ..., and so on along the flow of
// && || ?: and filters. With strict_presence, an optional field that is selected without such
// knowledge is refused.
//
// A fact is a path as text: "sshd.banner", "#3.shell" (of the local variable 3). A comprehension's
// variable over a filter knows what the filter's condition says of its own variable.
#include "expr/paths.h"

#include "expr/types.h"

#include <stdio.h>

enum { MAX_PATH = 400, MAX_FACTS = 64 };

// Facts, newest first; shared tails make a set cheap to extend and to forget.
struct fact {
    const struct fact *next;
    struct gb_str path;
    unsigned count; // of this one and the next ones
};

struct alias { // a binding of a path: cel.bind(m, sshd.match, ...)
    const struct alias *next;
    uint32_t local;
    struct gb_str path;
};

struct analysis {
    const struct gb_ast_source *source;
    struct gb_arena *arena;
    struct gb_error *err;
    const struct alias *aliases;
    bool strict;
};

// What holds afterwards, when the expression is true and when it is false.
struct outcome {
    const struct fact *yes, *no;
};

static int visit(struct analysis *analysis, struct gb_ast *node, const struct fact *facts,
                 struct outcome *outcome);

static bool holds(const struct fact *facts, struct gb_str path)
{
    for (; facts; facts = facts->next)
        if (gb_str_eq(facts->path, path))
            return true;
    return false;
}

static const struct fact *add(struct analysis *analysis, const struct fact *facts,
                              struct gb_str path)
{
    unsigned count = facts ? facts->count : 0;
    if (!path.len || count >= MAX_FACTS || holds(facts, path))
        return facts;
    struct fact *fact = gb_alloc(analysis->arena, sizeof *fact);
    if (!fact)
        return facts;
    *fact = (struct fact){facts, gb_str_copy(analysis->arena, path), count + 1};
    return fact;
}

// What is in `a` and in `b`.
static const struct fact *common(struct analysis *analysis, const struct fact *a,
                                 const struct fact *b)
{
    const struct fact *result = NULL;
    if (a == b)
        return a;
    for (; a; a = a->next)
        if (holds(b, a->path))
            result = add(analysis, result, a->path);
    return result;
}

// The path that a node is, written from the end of `into`; empty when it is none.
static struct gb_str path_of(const struct analysis *analysis, const struct gb_ast *node,
                             char into[MAX_PATH])
{
    size_t used = MAX_PATH;
    for (; node->kind == GB_AST_SELECT || node->kind == GB_AST_HAS; node = node->child[0]) {
        if (node->optional || node->name.len + 1 > used)
            return (struct gb_str){0};
        used -= node->name.len;
        memcpy(into + used, node->name.at, node->name.len);
        into[--used] = '.';
    }
    char local[16];
    struct gb_str root = node->name;
    if (node->kind != GB_AST_IDENT || node->resolution == GB_RESOLVED_TYPE)
        return (struct gb_str){0};
    if (node->resolution == GB_RESOLVED_LOCAL) {
        root = (struct gb_str){local, (size_t)snprintf(local, sizeof local, "#%u", node->index)};
        for (const struct alias *alias = analysis->aliases; alias; alias = alias->next)
            if (alias->local == node->index)
                root = alias->path;
    }
    if (root.len > used)
        return (struct gb_str){0};
    used -= root.len;
    memcpy(into + used, root.at, root.len);
    return (struct gb_str){into + used, MAX_PATH - used};
}

static const struct gb_field *field_of(const struct gb_ast *node)
{
    const struct gb_type *type = node->child[0]->type;
    return type->kind == GB_TYPE_RECORD ? gb_record_field(type->record, node->name) : NULL;
}

// The expression as it is written, from a node's first byte to its last; empty when that is not
// known (only names and selections are).
static struct gb_str written(const struct analysis *analysis, const struct gb_ast *node)
{
    const struct gb_ast *root = node;
    while (root->kind == GB_AST_SELECT)
        root = root->child[0];
    if (root->kind != GB_AST_IDENT || root->offset > node->offset)
        return (struct gb_str){0};
    if (!gb_str_starts(gb_str_from(analysis->source->text, node->offset), node->name))
        return (struct gb_str){0}; // x['name']
    struct gb_str text = gb_str_from(analysis->source->text, root->offset);
    return gb_str_sub(text, 0, node->offset - root->offset + node->name.len);
}

static int refuse(const struct analysis *analysis, const struct gb_ast *node)
{
    struct gb_str owner = written(analysis, node->child[0]);
    struct gb_str record = node->child[0]->type->record->name;
    if (!owner.len || owner.len > 100)
        return gb_ast_error(analysis->source, analysis->err, GB_E_TYPE, node->offset,
                            "\"" GB_PRI "\" of " GB_PRI " may be absent: use .?" GB_PRI
                            ".orValue(...)",
                            GB_ARG(node->name), GB_ARG(record), GB_ARG(node->name));
    return gb_ast_error(analysis->source, analysis->err, GB_E_TYPE, node->offset,
                        "\"" GB_PRI "\" of " GB_PRI " may be absent: guard it with has(" GB_PRI
                        "." GB_PRI ") && ..., or use " GB_PRI ".?" GB_PRI ".orValue(...)",
                        GB_ARG(node->name), GB_ARG(record), GB_ARG(owner), GB_ARG(node->name),
                        GB_ARG(owner), GB_ARG(node->name));
}

static int select_field(struct analysis *analysis, struct gb_ast *node, const struct fact *facts)
{
    struct outcome ignored;
    int code = visit(analysis, node->child[0], facts, &ignored);
    if (code || !analysis->strict || node->optional)
        return code;
    const struct gb_field *field = field_of(node);
    if (!field || !field->optional)
        return GB_OK;
    char buffer[MAX_PATH];
    struct gb_str path = path_of(analysis, node, buffer);
    return path.len && holds(facts, path) ? GB_OK : refuse(analysis, node);
}

static int test_field(struct analysis *analysis, struct gb_ast *node, const struct fact *facts,
                      struct outcome *outcome)
{
    struct outcome ignored;
    char buffer[MAX_PATH];
    int code = visit(analysis, node->child[0], facts, &ignored);
    if (!code)
        outcome->yes = add(analysis, facts, path_of(analysis, node, buffer));
    return code;
}

static int conjunction(struct analysis *analysis, struct gb_ast *node, const struct fact *facts,
                       struct outcome *outcome)
{
    bool is_and = node->op == GB_OP_AND;
    const struct fact *running = facts, *other = NULL;
    for (uint32_t i = 0; i < node->child_count; i++) {
        struct outcome term;
        int code = visit(analysis, node->child[i], running, &term);
        if (code)
            return code;
        const struct fact *through = is_and ? term.yes : term.no;
        const struct fact *out = is_and ? term.no : term.yes;
        other = i ? common(analysis, other, out) : out;
        running = through;
    }
    *outcome = is_and ? (struct outcome){running, other} : (struct outcome){other, running};
    return GB_OK;
}

static int conditional(struct analysis *analysis, struct gb_ast *node, const struct fact *facts,
                       struct outcome *outcome)
{
    struct outcome condition, yes, no;
    int code = visit(analysis, node->child[0], facts, &condition);
    if (!code)
        code = visit(analysis, node->child[1], condition.yes, &yes);
    if (!code)
        code = visit(analysis, node->child[2], condition.no, &no);
    if (!code) {
        outcome->yes = common(analysis, yes.yes, no.yes);
        outcome->no = common(analysis, yes.no, no.no);
    }
    return code;
}

// Facts about one local variable said again of another.
static const struct fact *transfer(struct analysis *analysis, const struct fact *from,
                                   uint32_t local, uint32_t to, const struct fact *facts)
{
    char prefix[16], renamed[MAX_PATH + 16];
    int len = snprintf(prefix, sizeof prefix, "#%u.", local);
    for (; from; from = from->next) {
        if (!gb_str_starts(from->path, (struct gb_str){prefix, (size_t)len}))
            continue;
        struct gb_str rest = gb_str_from(from->path, (size_t)len);
        int made = snprintf(renamed, sizeof renamed, "#%u." GB_PRI, to, GB_ARG(rest));
        if (made > 0 && (size_t)made < sizeof renamed)
            facts = add(analysis, facts, (struct gb_str){renamed, (size_t)made});
    }
    return facts;
}

// What is known of each element of a range: of a filter what its condition says, through sortBy
// too.
static const struct fact *of_elements(struct analysis *analysis, const struct gb_ast *range,
                                      uint32_t to, const struct fact *facts)
{
    for (; range->kind == GB_AST_FOLD &&
           (range->op == GB_FOLD_FILTER || range->op == GB_FOLD_SORT_BY);
         range = range->child[GB_FOLD_RANGE]) {
        uint32_t local = range->two_variables ? range->index2 : range->index;
        facts = transfer(analysis, range->facts, local, to, facts);
    }
    return facts;
}

static int fold(struct analysis *analysis, struct gb_ast *node, const struct fact *facts)
{
    struct gb_ast *condition = node->child[GB_FOLD_CONDITION];
    struct gb_ast *body = node->child[GB_FOLD_BODY];
    struct outcome outcome;
    int code = visit(analysis, node->child[GB_FOLD_RANGE], facts, &outcome);
    if (code)
        return code;
    uint32_t element = node->two_variables ? node->index2 : node->index;
    facts = of_elements(analysis, node->child[GB_FOLD_RANGE], element, facts);
    if (condition) {
        code = visit(analysis, condition, facts, &outcome);
        facts = outcome.yes;
        node->facts = facts;
    }
    return code || !body ? code : visit(analysis, body, facts, &outcome);
}

static int bind(struct analysis *analysis, struct gb_ast *node, const struct fact *facts,
                struct outcome *outcome)
{
    struct outcome ignored;
    char buffer[MAX_PATH];
    int code = visit(analysis, node->child[0], facts, &ignored);
    if (code)
        return code;
    const struct alias *outer = analysis->aliases;
    struct gb_str path = path_of(analysis, node->child[0], buffer);
    struct alias alias = {outer, node->index, gb_str_copy(analysis->arena, path)};
    if (path.len)
        analysis->aliases = &alias;
    code = visit(analysis, node->child[1], facts, outcome);
    analysis->aliases = outer;
    return code;
}

static int visit(struct analysis *analysis, struct gb_ast *node, const struct fact *facts,
                 struct outcome *outcome)
{
    *outcome = (struct outcome){facts, facts};
    switch (node->kind) {
    case GB_AST_SELECT:
        return select_field(analysis, node, facts);
    case GB_AST_HAS:
        return test_field(analysis, node, facts, outcome);
    case GB_AST_FOLD:
        return fold(analysis, node, facts);
    case GB_AST_BIND:
        return bind(analysis, node, facts, outcome);
    case GB_AST_OPERATOR:
        if (node->op == GB_OP_AND || node->op == GB_OP_OR)
            return conjunction(analysis, node, facts, outcome);
        if (node->op == GB_OP_CONDITIONAL)
            return conditional(analysis, node, facts, outcome);
        if (node->op == GB_OP_NOT) {
            struct outcome inner;
            int code = visit(analysis, node->child[0], facts, &inner);
            *outcome = (struct outcome){inner.no, inner.yes};
            return code;
        }
        break;
    default:
        break;
    }
    struct outcome ignored;
    for (uint32_t i = 0; i < node->child_count; i++) {
        int code = visit(analysis, node->child[i], facts, &ignored);
        if (code)
            return code;
    }
    return GB_OK;
}

static int keep_facts(const struct fact *facts, struct gb_arena *arena,
                      struct gb_cel_program *program, struct gb_error *err)
{
    size_t count = 0;
    for (const struct fact *fact = facts; fact; fact = fact->next)
        count++;
    program->present = gb_alloc_array(arena, count, sizeof *program->present);
    if (!program->present)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    for (; facts; facts = facts->next)
        if (facts->path.at[0] != '#')
            program->present[program->present_count++] = gb_str_copy(arena, facts->path);
    return GB_OK;
}

int gb_cel_presence(const struct gb_ast_source *source, struct gb_arena *scratch,
                    struct gb_arena *arena, struct gb_ast *root, struct gb_cel_program *program,
                    struct gb_error *err)
{
    const struct gb_cel_options *options = source->options;
    struct analysis analysis = {
        .source = source, .arena = scratch, .err = err, .strict = options->strict_presence};
    const struct fact *facts = NULL;
    for (size_t i = 0; options->assumed && options->assumed[i]; i++)
        for (size_t j = 0; j < options->assumed[i]->present_count; j++)
            facts = add(&analysis, facts, options->assumed[i]->present[j]);
    struct outcome outcome;
    int code = options->no_check ? GB_OK : visit(&analysis, root, facts, &outcome);
    if (!code && !options->no_check)
        code = keep_facts(outcome.yes, arena, program, err);
    if (!code && gb_arena_failed(scratch))
        code = gb_error_set(err, GB_E_MEMORY, "out of memory");
    return code;
}
