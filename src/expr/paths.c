// The field paths that an expression selects from variables, for evidence.
#include "expr/paths.h"

enum { MAX_PATHS = 250 }; // more is no evidence that anybody reads

struct collector {
    struct gb_arena *arena;
    struct gb_cel_program *program;
    size_t capacity;
};

// The variable at the root of a chain of plain selections, and the number of its fields; NULL when
// it is no such chain.
static const struct gb_ast *root_of(const struct gb_ast *node, size_t *fields)
{
    *fields = 0;
    while (node->kind == GB_AST_SELECT || node->kind == GB_AST_HAS) {
        ++*fields;
        node = node->child[0];
    }
    return node->kind == GB_AST_IDENT && node->resolution == GB_RESOLVED_SLOT ? node : NULL;
}

static bool known(const struct gb_cel_program *program, struct gb_str text)
{
    for (size_t i = 0; i < program->path_count; i++)
        if (gb_str_eq(program->paths[i].text, text))
            return true;
    return false;
}

static void add(struct collector *collector, const struct gb_ast *node, const struct gb_ast *root,
                size_t count)
{
    struct gb_cel_program *program = collector->program;
    if (program->path_count >= MAX_PATHS)
        return;
    struct gb_str text = root->name;
    struct gb_str *fields = gb_alloc_array(collector->arena, count, sizeof *fields);
    if (!fields)
        return;
    for (size_t i = count; i > 0; i--, node = node->child[0])
        fields[i - 1] = gb_str_copy(collector->arena, node->name);
    for (size_t i = 0; i < count; i++)
        text = gb_str_format(collector->arena, GB_PRI "." GB_PRI, GB_ARG(text), GB_ARG(fields[i]));
    if (known(program, text))
        return;
    if (program->path_count == collector->capacity) {
        size_t capacity = collector->capacity ? collector->capacity * 2 : 4;
        struct gb_cel_path *paths = gb_grow_array(collector->arena, program->paths,
                                                  collector->capacity, capacity, sizeof *paths);
        if (!paths)
            return;
        program->paths = paths;
        collector->capacity = capacity;
    }
    program->paths[program->path_count++] = (struct gb_cel_path){text, root->index, fields, count};
}

static void collect(struct collector *collector, const struct gb_ast *node)
{
    size_t fields;
    const struct gb_ast *root = root_of(node, &fields);
    if (root && fields) {
        add(collector, node, root, fields);
        return;
    }
    for (uint32_t i = 0; i < node->child_count; i++)
        if (node->child[i])
            collect(collector, node->child[i]);
}

int gb_cel_note_paths(const struct gb_ast *root, struct gb_arena *arena,
                      struct gb_cel_program *program, struct gb_error *err)
{
    struct collector collector = {.arena = arena, .program = program};
    collect(&collector, root);
    return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "out of memory") : GB_OK;
}

size_t gb_cel_path_count(const struct gb_cel_program *program)
{
    return program->path_count;
}

struct gb_str gb_cel_path_text(const struct gb_cel_program *program, size_t index)
{
    return index < program->path_count ? program->paths[index].text : (struct gb_str){0};
}

const struct gb_value *gb_cel_path_value(const struct gb_cel_program *program, size_t index,
                                         const struct gb_value *slots)
{
    if (index >= program->path_count)
        return NULL;
    const struct gb_cel_path *path = &program->paths[index];
    const struct gb_value *value = &slots[path->slot];
    for (size_t i = 0; value && i < path->field_count; i++) {
        if (value->kind == GB_VALUE_UNKNOWN || value->kind == GB_VALUE_NOT_APPLICABLE)
            return value;
        value = value->kind == GB_VALUE_MAP ? gb_map_find(value->map, path->fields[i]) : NULL;
    }
    return value;
}
