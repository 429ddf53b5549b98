// Names and types of an expression: resolves what each name means, finds the overloads that each
// call may reach, infers types, and refuses what cannot work. Private to the CEL engine.
#ifndef GABION_EXPR_CHECKER_H
#define GABION_EXPR_CHECKER_H

#include "expr/ast.h"
#include "expr/env.h"
#include "expr/types.h"

struct gb_checker_scope {
    struct gb_checker_scope *outer;
    struct gb_str name;
    const struct gb_type *type;
    uint32_t local;
};

struct gb_checker {
    const struct gb_cel_env *env;
    const struct gb_ast_source *source;
    struct gb_arena *arena; // of the tree
    struct gb_error *err;
    struct gb_types types;
    struct gb_checker_scope *scope;
    uint32_t locals; // number of them: each variable has its own
    bool lenient;    // no_check: resolve what can be resolved, refuse nothing
};

// Fills types and resolutions of the whole tree. *locals = how many local variables it has.
GB_MUST_USE int gb_cel_check(const struct gb_cel_env *env, const struct gb_ast_source *source,
                             struct gb_arena *arena, struct gb_ast *root, uint32_t *locals,
                             struct gb_error *err);

// Between the checker's files:
GB_MUST_USE int gb_checker_visit(struct gb_checker *checker, struct gb_ast *node);
GB_MUST_USE int gb_checker_operator(struct gb_checker *checker, struct gb_ast *node);
GB_MUST_USE int gb_checker_call(struct gb_checker *checker, struct gb_ast *node);
GB_MUST_USE int gb_checker_fail(struct gb_checker *checker, const struct gb_ast *node,
                                const char *format, ...) GB_PRINTF(3, 4);
const struct gb_checker_scope *gb_checker_local(const struct gb_checker *checker,
                                                struct gb_str name);
// The type with the outermost variable replaced.
const struct gb_type *gb_checker_type(const struct gb_checker *checker, const struct gb_ast *node);
// As messages show it.
struct gb_str gb_checker_text(struct gb_checker *checker, const struct gb_type *type);
// The record field that a node selects, NULL when it selects none that is described.
const struct gb_field *gb_checker_field(const struct gb_checker *checker,
                                        const struct gb_ast *node);

// "a.b.c" of a chain of plain selections on a name that no local variable hides; empty otherwise.
struct gb_str gb_checker_qualified(const struct gb_checker *checker, const struct gb_ast *node,
                                   char *into, size_t size);

// Calls `try` with each name that `name` may mean within the container, the innermost first, until
// it gives something.
typedef const void *gb_checker_try(const struct gb_cel_env *env, struct gb_str name);
const void *gb_checker_resolve(const struct gb_checker *checker, struct gb_str name, bool absolute,
                               gb_checker_try *try);

#endif
