// Regular expressions with RE2 syntax, matched in time linear in the text whatever the pattern.
// No backreferences, no look-around: patterns with them are refused when compiled.
//
// A compiled pattern is immutable and may be shared by threads; a match uses the caller's scratch.
#ifndef GABION_EXPR_REGEX_H
#define GABION_EXPR_REGEX_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct gb_regex;

enum { GB_REGEX_MAX_PATTERN = 4096, GB_REGEX_MAX_STATES = 20000 };

// Errors: GB_E_SYNTAX with .column (1-based byte in the pattern), GB_E_LIMIT when the pattern or
// its program is too large. The pattern is copied.
GB_MUST_USE int gb_regex_compile(struct gb_str pattern, struct gb_arena *arena,
                                 struct gb_regex **ret, struct gb_error *err);

// The same with what compiling needs meanwhile in `arena` too, for patterns that are data and met
// while evaluating: nothing is allocated outside of it, and it grows by more than what is kept.
GB_MUST_USE int gb_regex_compile_within(struct gb_str pattern, struct gb_arena *arena,
                                        struct gb_regex **ret, struct gb_error *err);

// 1 when the pattern matches anywhere in the text, 0 when not, negative on memory failure. The text
// need not be UTF-8: an invalid byte matches as U+FFFD.
// Where `steps` is not NULL it grows by the steps taken, of a few nanoseconds each: the text's
// length for most patterns, at most the size of the program (GB_REGEX_MAX_STATES) times that.
GB_MUST_USE int gb_regex_search(const struct gb_regex *regex, struct gb_str text,
                                struct gb_arena *scratch, uint64_t *steps);

// Leftmost match with groups: slices[0] is the whole, slices[i] group i; .at NULL = did not take
// part. Gives 1, 0 or negative as above.
GB_MUST_USE int gb_regex_match(const struct gb_regex *regex, struct gb_str text, size_t start,
                               struct gb_str *slices, size_t slice_count, struct gb_arena *scratch,
                               uint64_t *steps);

size_t gb_regex_groups(const struct gb_regex *regex); // without the whole

// What compiling it took, in the same steps, for whoever compiles patterns that are data.
uint64_t gb_regex_compile_steps(const struct gb_regex *regex);
// Also what a pattern costs that is refused for its size.
enum { GB_REGEX_MAX_COMPILE_STEPS = 2000000 };

#endif
