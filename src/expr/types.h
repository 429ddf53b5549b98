// Types with variables: assignability and substitution; used by the checker and the function
// tables. A variable is a type of kind PARAMETER made by gb_types_variable; all else is immutable.
#ifndef GABION_EXPR_TYPES_H
#define GABION_EXPR_TYPES_H

#include "model/type.h"

// What the variables stand for so far. A change can be taken back to a mark.
struct gb_types {
    struct gb_arena *arena;
    const struct gb_type **bound; // by variable; NULL = free
    size_t count, capacity;
    struct gb_types_change *changes;
    size_t change_count, change_capacity;
    bool failed; // out of memory
};

struct gb_types_change {
    size_t variable;
    const struct gb_type *before;
};

const struct gb_type *gb_types_variable(struct gb_types *types);

// Whether a value of type `from` may stand where `to` is wanted. Binds variables on the way; on
// failure the bindings are as before.
bool gb_types_assignable(struct gb_types *types, const struct gb_type *from,
                         const struct gb_type *to);

size_t gb_types_mark(const struct gb_types *types);
void gb_types_reset(struct gb_types *types, size_t mark);

// The type with its variables replaced; the free ones stay, or become dyn.
const struct gb_type *gb_types_resolve(struct gb_types *types, const struct gb_type *type,
                                       bool free_to_dyn);
// Only the outermost variable replaced.
const struct gb_type *gb_types_shallow(const struct gb_types *types, const struct gb_type *type);

// A signature's type with its named parameters replaced by fresh variables; `names` keeps which.
struct gb_types_instance {
    const struct gb_type *variables[26]; // by letter
};
const struct gb_type *gb_types_instantiate(struct gb_types *types,
                                           struct gb_types_instance *instance,
                                           const struct gb_type *type);

// The common type of two elements or branches: the more general when one is assignable to the
// other, else dyn.
const struct gb_type *gb_types_join(struct gb_types *types, const struct gb_type *a,
                                    const struct gb_type *b);

const struct gb_type *gb_types_optional(struct gb_arena *arena, const struct gb_type *of);
bool gb_types_is_optional(const struct gb_type *type);

#endif
