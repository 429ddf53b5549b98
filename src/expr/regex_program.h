// A compiled regular expression, and the engines that run it. Internal to the regular expression
// engine; its tests and fuzz target compare the engines through this header.
//
// The program is a non-deterministic automaton over bytes: characters are compiled to the byte
// sequences of their UTF-8 form, so that nothing is decoded while matching. Text that is not UTF-8
// is first copied with each invalid byte replaced by U+FFFD, and only where that can matter.
//
//   fixed DFA   built when compiled, where it stays small: the usual case; allocates nothing
//   lazy DFA    built while searching, in the caller's scratch, with a bounded cache
//   simulation  of the automaton without a cache, where the lazy DFA's cache does not pay
//   Pike VM     keeps the groups' places; for gb_regex_match
//
// All take at most (program size) steps for each byte of text.
#ifndef GABION_EXPR_REGEX_PROGRAM_H
#define GABION_EXPR_REGEX_PROGRAM_H

#include "expr/regex_syntax.h"

enum gb_regex_op {
    GB_REGEX_OP_BYTES,  // edges[first .. first + count): sorted and disjoint; none = a dead end
    GB_REGEX_OP_SPLIT,  // next is preferred to other
    GB_REGEX_OP_SAVE,   // note the place in slot
    GB_REGEX_OP_ASSERT, // assert
    GB_REGEX_OP_MATCH,
};

struct gb_regex_inst {
    uint8_t op;     // enum gb_regex_op
    uint8_t assert; // enum gb_regex_assert
    uint16_t count;
    union {
        uint32_t first, next;
    };
    union {
        uint32_t other, slot;
    };
};

struct gb_regex_edge {
    uint8_t low, high;
    uint32_t next;
};

// Where a search stands: what is known of the text before its place.
enum {
    GB_REGEX_AT_BEGIN = 1,
    GB_REGEX_AFTER_NEWLINE = 2,
    GB_REGEX_AFTER_WORD = 4,
    GB_REGEX_PLACES = 4 // kinds of place that a search can start at, see gb_regex_place
};

// A DFA that was built whole. next[state + class] is the next state; states are offsets of rows.
struct gb_regex_dfa {
    uint16_t *next;
    uint16_t start[GB_REGEX_PLACES];
    uint32_t states;
};
enum { GB_REGEX_DFA_DEAD = 0, GB_REGEX_DFA_MATCH = 1 }; // the first two rows, as row numbers

// A pattern (or what is left of it without its outer anchors) that is one plain string.
enum gb_regex_literal_kind {
    GB_REGEX_LITERAL_NONE,
    GB_REGEX_LITERAL_CONTAINS,
    GB_REGEX_LITERAL_PREFIX,
    GB_REGEX_LITERAL_SUFFIX,
    GB_REGEX_LITERAL_EXACT,
};

struct gb_regex {
    struct gb_regex_inst *insts;
    struct gb_regex_edge *edges;
    uint32_t inst_count, edge_count;
    uint32_t start;  // of the whole pattern, for the Pike VM
    uint32_t search; // of an equivalent for searching, with a loop in front unless anchored
    uint32_t groups;
    uint16_t class_count; // classes of bytes that the program does not tell apart
    bool begin_anchored;  // matches at the beginning of the text only
    bool has_word_assert, has_no_word_edge, has_line_assert;
    bool matches_replacement; // U+FFFD can be part of a match: invalid bytes matter
    uint8_t literal_kind;     // enum gb_regex_literal_kind
    struct gb_str literal;
    bool optional_front;     // left out of `search` and not covered by `prefix`
    struct gb_str prefix;    // every match of `search` starts with it; "" = unknown
    struct gb_str required;  // every match has it somewhere; "" = unknown
    uint64_t build_steps;    // spent on the fixed DFA
    struct gb_regex_dfa dfa; // .next NULL = too large, search lazily
    uint8_t class_of[256];
    uint8_t class_byte[256]; // one byte of each class
};

GB_MUST_USE int gb_regex_build(const struct gb_regex_syntax *syntax, struct gb_arena *arena,
                               struct gb_arena *work, struct gb_regex *regex, struct gb_error *err);

// Splits characters low..high into sequences of byte ranges, in order of bytes.
struct gb_regex_bytes {
    uint8_t low[4], high[4];
    uint8_t length;
};
typedef bool gb_regex_bytes_func(void *context, const struct gb_regex_bytes *bytes);
bool gb_regex_utf8_split(uint32_t low, uint32_t high, gb_regex_bytes_func *each, void *context);

// What precedes text.at + at, as GB_REGEX_AT_BEGIN and so on.
static inline bool gb_regex_is_word(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}
static inline unsigned gb_regex_place(struct gb_str text, size_t at)
{
    if (at == 0)
        return GB_REGEX_AT_BEGIN;
    uint8_t before = (uint8_t)text.at[at - 1];
    return before == '\n'             ? GB_REGEX_AFTER_NEWLINE
           : gb_regex_is_word(before) ? GB_REGEX_AFTER_WORD
                                      : 0;
}
// As an index below GB_REGEX_PLACES.
static inline unsigned gb_regex_place_index(unsigned place)
{
    return place == 0                        ? 0
           : place == GB_REGEX_AT_BEGIN      ? 1
           : place == GB_REGEX_AFTER_NEWLINE ? 2
                                             : 3;
}

// `steps`, where it is not NULL, grows by the steps taken: visits of instructions and bytes.

// Builds the fixed DFA where it stays small; leaves regex->dfa empty otherwise.
void gb_regex_dfa_build(struct gb_regex *regex, struct gb_arena *arena, struct gb_arena *work);

// 1, 0, or negative on memory failure. `text` must be UTF-8 where regex->matches_replacement; the
// search starts at `at`. `cache_limit` bytes bound the lazy DFA's cache; 0 = simulation only.
bool gb_regex_dfa_search(const struct gb_regex *regex, struct gb_str text, size_t at,
                         uint64_t *steps);
GB_MUST_USE int gb_regex_lazy_search(const struct gb_regex *regex, struct gb_str text, size_t at,
                                     size_t cache_limit, struct gb_arena *scratch, uint64_t *steps);
// The leftmost match from `at` on: offsets of slot_count / 2 groups (SIZE_MAX = no part).
GB_MUST_USE int gb_regex_pike_match(const struct gb_regex *regex, struct gb_str text, size_t at,
                                    size_t *slots, size_t slot_count, struct gb_arena *scratch,
                                    uint64_t *steps);

// The engines' common front: what gb_regex_search does, with one engine forced.
enum gb_regex_engine {
    GB_REGEX_ENGINE_BEST,
    GB_REGEX_ENGINE_FIXED, // lazy where there is no fixed DFA
    GB_REGEX_ENGINE_LAZY,
    GB_REGEX_ENGINE_SIMULATION,
    GB_REGEX_ENGINE_PIKE,
};
GB_MUST_USE int gb_regex_search_by(const struct gb_regex *regex, struct gb_str text,
                                   enum gb_regex_engine engine, struct gb_arena *scratch,
                                   uint64_t *steps);

#endif
