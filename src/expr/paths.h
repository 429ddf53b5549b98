// Analyses of the checked tree that the program keeps: field paths (paths.c) and which fields are
// known to be present (presence.c). Private to the CEL engine.
#ifndef GABION_EXPR_PATHS_H
#define GABION_EXPR_PATHS_H

#include "expr/engine.h"

GB_MUST_USE int gb_cel_note_paths(const struct gb_ast *root, struct gb_arena *arena,
                                  struct gb_cel_program *program, struct gb_error *err);

// Notes in the program which paths are present when the expression is true; with strict_presence
// refuses to select an optional field that is not guarded.
GB_MUST_USE int gb_cel_presence(const struct gb_ast_source *source, struct gb_arena *scratch,
                                struct gb_arena *arena, struct gb_ast *root,
                                struct gb_cel_program *program, struct gb_error *err);

#endif
