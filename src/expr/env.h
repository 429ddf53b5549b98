// The environment of an expression: variables and functions by name; used by checker and compiler.
#ifndef GABION_EXPR_ENV_H
#define GABION_EXPR_ENV_H

#include "expr/cel.h"
#include "expr/library.h"

#include "base/map.h"

enum { GB_CEL_MAX_PARAMETERS = 8 };

// An overload with its signature read.
struct gb_signature {
    struct gb_signature *next;         // of the same name
    const struct gb_cel_overload *row; // NULL: declared for the checker only
    gb_cel_function *function;
    struct gb_str name;
    uint8_t count;
    bool method, generic, no_fold;
    const struct gb_type *parameters[GB_CEL_MAX_PARAMETERS], *result;
    uint32_t kinds[GB_CEL_MAX_PARAMETERS]; // bit per enum gb_value_kind that fits
    uint16_t tags[GB_CEL_MAX_PARAMETERS];  // of an opaque parameter
};

struct gb_cel_variable {
    struct gb_str name;
    const struct gb_type *type;
    uint32_t slot;
};

struct gb_cel_env {
    struct gb_arena *arena;
    struct gb_map variables; // -> struct gb_cel_variable
    struct gb_map functions; // -> struct gb_signature, the first of its name
    struct gb_map types;     // -> struct gb_value, types as values by name
    size_t variable_count;
    bool dotted; // a variable's name has a dot
    struct gb_str container;
    const struct gb_cel_zones *zones;
    bool failed; // out of memory while declaring
};

const struct gb_cel_variable *gb_cel_env_find_variable(const struct gb_cel_env *env,
                                                       struct gb_str name);
const struct gb_signature *gb_cel_env_find_function(const struct gb_cel_env *env,
                                                    struct gb_str name);

// The opaque type of a tag, NULL when no library brings it.
const struct gb_cel_opaque *gb_cel_opaque_of(uint16_t tag);

// Reads a signature ("string, list(T) -> bool"). False when it is malformed: a bug in its table.
bool gb_signature_read(struct gb_arena *arena, const char *text, struct gb_signature *ret);
// Fills kinds and tags from the parameters.
void gb_signature_kinds(struct gb_signature *signature);
// As people read it: "string.charAt(int)".
struct gb_str gb_signature_text(struct gb_arena *arena, const struct gb_signature *signature);

#endif
