// Sets of automaton states and their transitions: what the DFA builders and the simulation share.
// Internal to the regular expression engine.
//
// A set keeps the instructions that wait for a byte, and those assertions that can only be decided
// when the next byte is known; with these the set remembers its place (begin of text, after a
// newline, after a word character).
#ifndef GABION_EXPR_REGEX_AUTOMATON_H
#define GABION_EXPR_REGEX_AUTOMATON_H

#include "expr/regex_program.h"

struct gb_regex_set {
    uint32_t *insts; // sorted when it stands for a DFA state
    uint32_t count;
    uint8_t place; // 0 unless an assertion waits
    bool waits;    // an assertion is among the instructions
    bool matched;  // the pattern has matched: nothing else counts
};

struct gb_regex_automaton {
    const struct gb_regex *regex;
    uint32_t *stamps; // generation in which an instruction was last visited
    uint32_t *stack;
    uint32_t generation;
    uint64_t steps;
    uint32_t *passed; // assertions decided while stepping
    struct gb_regex_set now, next;
};

GB_MUST_USE int gb_regex_automaton_init(struct gb_regex_automaton *a, const struct gb_regex *regex,
                                        struct gb_arena *arena);
// Sets a->now to where a search begins at a place.
void gb_regex_automaton_start(struct gb_regex_automaton *a, unsigned place);
// From a->now over a byte (or -1, the end of the text) to a->next, and makes that a->now.
void gb_regex_automaton_step(struct gb_regex_automaton *a, int byte);

#endif
