// Compiling and evaluating expressions: the face of the engine.
#include "expr/checker.h"
#include "expr/engine.h"
#include "expr/paths.h"

enum { SCRATCH_LIMIT = 64 << 20 }; // of one compilation's tree

static void note_slot(struct gb_cel_program *program, uint32_t slot)
{
    program->reads[slot / 64] |= UINT64_C(1) << slot % 64;
}

// Marks the variables that the tree reads.
static void note_reads(struct gb_cel_program *program, const struct gb_ast *node)
{
    if (node->kind == GB_AST_IDENT && node->resolution == GB_RESOLVED_SLOT)
        note_slot(program, node->index);
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->child[i])
            note_reads(program, node->child[i]);
}

static const struct gb_type *keep_type(struct gb_arena *arena, const struct gb_type *type)
{
    struct gb_type *copy = gb_alloc(arena, sizeof *copy);
    if (!copy)
        return &gb_type_dyn;
    *copy = *type;
    copy->name = gb_str_copy(arena, type->name);
    if (type->key)
        copy->key = keep_type(arena, type->key);
    if (type->element)
        copy->element = keep_type(arena, type->element);
    if (type->parameters) {
        const struct gb_type **parameters =
            gb_alloc_array(arena, type->parameter_count, sizeof *parameters);
        for (size_t i = 0; parameters && i < type->parameter_count; i++)
            parameters[i] = keep_type(arena, type->parameters[i]);
        copy->parameters = parameters;
    }
    return copy;
}

static int build(const struct gb_cel_env *env, const struct gb_ast_source *source,
                 struct gb_arena *scratch, struct gb_arena *arena, struct gb_cel_program *program,
                 struct gb_error *err)
{
    struct gb_ast *root;
    int code = gb_cel_parse(source, scratch, &root, err);
    if (!code)
        code = gb_cel_check(env, source, scratch, root, &program->local_count, err);
    if (!code)
        code = gb_cel_presence(source, scratch, arena, root, program, err);
    if (!code)
        code = gb_cel_generate(source, arena, root, program, err);
    if (code)
        return code;
    program->type = keep_type(arena, root->type);
    note_reads(program, root);
    return gb_cel_note_paths(root, arena, program, err);
}

int gb_cel_compile(const struct gb_cel_env *env, struct gb_str text,
                   const struct gb_cel_options *options, struct gb_arena *arena,
                   struct gb_cel_program **ret, struct gb_error *err)
{
    static const struct gb_cel_options none = {0};
    struct gb_error local = {0};
    struct gb_ast_source source = {text, options ? options : &none};
    struct gb_cel_program *program = gb_alloc(arena, sizeof *program);
    if (!err)
        err = &local;
    if (program)
        program->reads = gb_alloc_array(arena, env->variable_count / 64 + 1, sizeof(uint64_t));
    GB_CLEANUP(gb_arena_free)
    struct gb_arena *scratch = gb_arena_new("expression", SCRATCH_LIMIT);
    if (!program || !program->reads || !scratch)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    program->slot_count = (uint32_t)env->variable_count;
    program->cost_limit = GB_CEL_COST_DEFAULT;
    program->zones = env->zones;
    int code = build(env, &source, scratch, arena, program, err);
    if (gb_arena_failed(scratch) || gb_arena_failed(arena)) // whatever it looked like from inside
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    if (!code)
        *ret = program;
    return code;
}

// Walks what came out: one value may stand in it many times, so that it is far larger to whoever
// copies or prints it than it was to make. That too has to be within the cost limit.
static void measure(struct gb_cel_run *run, const struct gb_value *value)
{
    if (value->kind == GB_VALUE_OPTIONAL && value->pointer) {
        measure(run, value->pointer);
    } else if (value->kind == GB_VALUE_LIST) {
        if (!gb_cel_charge(run, 1 + value->list->count / 4))
            return;
        for (size_t i = 0; i < value->list->count && !run->exhausted; i++)
            measure(run, &value->list->items[i]);
    } else if (value->kind == GB_VALUE_MAP) {
        if (!gb_cel_charge(run, 1 + value->map->count / 4))
            return;
        for (size_t i = 0; i < value->map->count && !run->exhausted; i++)
            measure(run, &value->map->pairs[i].value);
    }
}

void gb_cel_eval(const struct gb_cel_program *program, const struct gb_value *slots,
                 struct gb_arena *arena, struct gb_value *ret)
{
    const struct gb_value *locals[GB_RUN_LOCALS] __attribute__((uninitialized));
    struct gb_cel_run run = {
        .arena = arena,
        .slots = slots,
        .locals = locals,
        .budget = program->cost_limit,
        .zones = program->zones,
        .patterns = program->patterns,
    };
    struct gb_value scratch __attribute__((uninitialized));
    if (program->local_count > GB_RUN_LOCALS)
        run.locals = gb_alloc_array(arena, program->local_count, sizeof *run.locals);
    if (!run.locals) {
        gb_cel_fail_memory(&run, ret);
        return;
    }
    *ret = gb_null();
    if (gb_cel_charge(&run, program->root->cost))
        *ret = *gb_eval(program->root, &run, &scratch);
    if (program->local_count)
        measure(&run, ret);
    if (!run.exhausted && gb_arena_failed(arena))
        gb_cel_fail_memory(&run, ret);
    if (run.exhausted)
        gb_cel_error(ret, run.stop_reason);
}

void gb_cel_set_cost_limit(struct gb_cel_program *program, uint64_t units)
{
    program->cost_limit = units;
}

const struct gb_type *gb_cel_type(const struct gb_cel_program *program)
{
    return program->type;
}

bool gb_cel_reads(const struct gb_cel_program *program, size_t slot)
{
    return slot < program->slot_count && (program->reads[slot / 64] >> slot % 64 & 1);
}
