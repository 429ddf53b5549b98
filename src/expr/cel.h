// CEL, the Common Expression Language: compile an expression against declarations, then evaluate it
// against values. Total and bounded: no I/O, a cost limit, memory from the caller's arenas only.
// Standard: the cel-spec language definition (cel-expr organisation); extensions as in cel-go's ext
// package and Kubernetes' CEL libraries.
//
//     struct gb_cel_env *env = gb_cel_env_new(arena);
//     gb_cel_env_variable(env, GB_STR("sshd"), sshd_type);
//     struct gb_cel_program *program;
//     if (gb_cel_compile(env, text, NULL, arena, &program, &err) < 0) ...
//     struct gb_value slots[] = {sshd_value};      // in order of declaration
//     struct gb_value result;
//     gb_cel_eval(program, slots, scratch, &result);
//
// Evaluating never fails as a call: the result's kind says what came out. ERROR (with reason),
// UNKNOWN and NOT_APPLICABLE (a fact that could not be had was needed: its reason) are results.
// && and || absorb all three as the standard says for errors; of several, error wins over unknown,
// unknown over not applicable.
#ifndef GABION_EXPR_CEL_H
#define GABION_EXPR_CEL_H

#include "model/type.h"
#include "model/value.h"

struct gb_cel_env;
struct gb_cel_program;
struct gb_cel_zones;

// With the whole standard library and all extensions. Lives in the arena. NULL on memory failure.
struct gb_cel_env *gb_cel_env_new(struct gb_arena *arena);

// Slots are numbered in order of declaration from 0. Names may have dots ("com.example.x").
GB_MUST_USE int gb_cel_env_variable(struct gb_cel_env *env, struct gb_str name,
                                    const struct gb_type *type);
// Declares a function overload for the checker only (conformance tests need it).
GB_MUST_USE int gb_cel_env_function(struct gb_cel_env *env, struct gb_str name,
                                    struct gb_str overload_id, bool receiver,
                                    const struct gb_type *const *parameters, size_t count,
                                    const struct gb_type *result);
// Name resolution container: "a.b" makes `x` try a.b.x, a.x, x.
void gb_cel_env_container(struct gb_cel_env *env, struct gb_str container);
// Named time zones (expr/library.h; sys/zone.h reads the system's). Must outlive the programs.
void gb_cel_env_zones(struct gb_cel_env *env, const struct gb_cel_zones *zones);
// Those of this machine, by their IANA names; each is read when it is first asked for.
const struct gb_cel_zones *gb_cel_system_zones(void);

struct gb_cel_options {
    const char *file; // subject of errors; default "<expression>"
    uint32_t line;    // of the expression's first line in the file; default 1
    uint32_t column;  // added to columns of the first line
    bool no_check;    // run without the type checker (variables are then found by name, dyn)
    bool no_macros;
    // Refuse to select a field that its record calls optional unless the expression guards it:
    // has(x.f) && ..., !has(x.f) || ..., has(x.f) ? ... : ..., x.?f, or an `assumed` expression.
    bool strict_presence;
    // Expressions known to be true when this one runs (a control's `when`); NULL-terminated.
    const struct gb_cel_program *const *assumed;
    const struct gb_type *expected; // the result's type; NULL = any
};

// Compile errors are GB_E_SYNTAX or GB_E_TYPE with file, line, column, what was expected, and the
// nearest known name. `options` may be NULL.
GB_MUST_USE int gb_cel_compile(const struct gb_cel_env *env, struct gb_str text,
                               const struct gb_cel_options *options, struct gb_arena *arena,
                               struct gb_cel_program **ret, struct gb_error *err);

enum { GB_CEL_COST_DEFAULT = 10000000 }; // units; one is about one node visited

// `slots`: the values of the declared variables. The result may point into `arena`, the slots and
// the program. Never more than the program's cost limit. Thread-safe for a shared program.
void gb_cel_eval(const struct gb_cel_program *program, const struct gb_value *slots,
                 struct gb_arena *arena, struct gb_value *ret);

void gb_cel_set_cost_limit(struct gb_cel_program *program, uint64_t units);

// Deduced type of the whole expression (dyn without check).
const struct gb_type *gb_cel_type(const struct gb_cel_program *program);

// The variables that the expression reads (bit per slot index; count = slots of the env).
bool gb_cel_reads(const struct gb_cel_program *program, size_t slot);

// Field paths that the expression selects from variables statically ("sshd.permit_root_login"), for
// evidence: path i's text, and its value for the given slots (NULL when absent).
size_t gb_cel_path_count(const struct gb_cel_program *program);
struct gb_str gb_cel_path_text(const struct gb_cel_program *program, size_t index);
const struct gb_value *gb_cel_path_value(const struct gb_cel_program *program, size_t index,
                                         const struct gb_value *slots);

// The operators, macros and functions, library by library, for help and the reference manual. False
// behind the last one. `form` is how it is called: "string.charAt(int) -> string".
struct gb_cel_function {
    const char *library, *library_doc; // "strings", "Strings"
    const char *name, *doc;
    char form[160];
};
bool gb_cel_function_at(size_t index, struct gb_cel_function *ret);

// All of them as text: Markdown, or plain text of at most 80 columns.
struct gb_buffer;
void gb_cel_reference(struct gb_buffer *out, bool markdown);

#endif
