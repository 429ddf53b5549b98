// Holds the place of the expression engine until it is merged: everything is refused. Delete this
// file together with the merge of cel.c.
#include "expr/cel.h"

int gb_cel_compile(const struct gb_cel_env *env, struct gb_str text,
                   const struct gb_cel_options *options, struct gb_arena *arena,
                   struct gb_cel_program **ret, struct gb_error *err)
{
    (void)env;
    (void)text;
    (void)options;
    (void)arena;
    (void)ret;
    return gb_error_set(err, GB_E_UNSUPPORTED, "the expression engine is not merged yet");
}

void gb_cel_eval(const struct gb_cel_program *program, const struct gb_value *slots,
                 struct gb_arena *arena, struct gb_value *ret)
{
    (void)program;
    (void)slots;
    (void)arena;
    *ret = (struct gb_value){.kind = GB_VALUE_ERROR,
                             .string = GB_STR("the expression engine is not merged yet")};
}

const struct gb_type *gb_cel_type(const struct gb_cel_program *program)
{
    (void)program;
    return &gb_type_dyn;
}

bool gb_cel_reads(const struct gb_cel_program *program, size_t slot)
{
    (void)program;
    (void)slot;
    return false;
}

size_t gb_cel_path_count(const struct gb_cel_program *program)
{
    (void)program;
    return 0;
}

struct gb_str gb_cel_path_text(const struct gb_cel_program *program, size_t index)
{
    (void)program;
    (void)index;
    return (struct gb_str){0};
}

const struct gb_value *gb_cel_path_value(const struct gb_cel_program *program, size_t index,
                                         const struct gb_value *slots)
{
    (void)program;
    (void)index;
    (void)slots;
    return NULL;
}
