// Deterministic search for regular expressions: built whole when compiled where that is small, else
// built while searching with a bounded cache, else simulated without one.
#include "expr/regex_automaton.h"

#include <stdlib.h>

enum {
    FIXED_MAX_ENTRIES = 4096, // of two bytes each
    FIXED_MAX_STEPS = 60000,  // to spend on an attempt
    WORTH_CACHING = 10,       // bytes of text a cached state must serve at least, on average
};

// A state of the DFA: a set of automaton states.
struct state {
    uint32_t first, count; // in the pool
    uint8_t place;
    bool waits;
};

// States under construction. Entries of `next` are state numbers plus one; 0 = not known yet.
struct states {
    struct gb_regex_automaton a;
    struct gb_arena *arena;
    struct state *items;
    uint32_t count, capacity;
    uint32_t *pool;
    uint32_t pool_count, pool_capacity;
    uint32_t *slots; // hash table of state numbers plus one
    uint32_t slot_count;
    uint32_t *next;
    uint32_t stride;
    size_t limit; // bytes
    bool out_of_memory;
};

enum { FIRST_STATE = 2 };
static const uint32_t NO_STATE = UINT32_MAX;

static int compare_ids(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static void sort_set(struct gb_regex_set *set)
{
    if (set->count > 32) {
        qsort(set->insts, set->count, sizeof *set->insts, compare_ids);
        return;
    }
    for (uint32_t i = 1; i < set->count; i++) {
        uint32_t id = set->insts[i], at = i;
        for (; at > 0 && set->insts[at - 1] > id; at--)
            set->insts[at] = set->insts[at - 1];
        set->insts[at] = id;
    }
}

static uint64_t hash_set(const uint32_t *insts, uint32_t count, uint8_t place)
{
    uint64_t hash = place + 1u;
    for (uint32_t i = 0; i < count; i++)
        hash = (hash ^ insts[i]) * 0x9e3779b97f4a7c15u ^ hash >> 32;
    return hash ^ hash >> 29;
}

static bool init_states(struct states *s, const struct gb_regex *regex, size_t limit,
                        struct gb_arena *arena)
{
    enum { FIRST_CAPACITY = 16, FIRST_POOL = 64, FIRST_SLOTS = 64 };
    *s = (struct states){
        .arena = arena,
        .limit = limit,
        .stride = regex->class_count + 1u, // the last class is the end of the text
        .count = FIRST_STATE,
        .capacity = FIRST_CAPACITY,
        .pool_capacity = FIRST_POOL,
        .slot_count = FIRST_SLOTS,
    };
    if (gb_regex_automaton_init(&s->a, regex, arena) < 0)
        return false;
    s->items = gb_alloc_array(arena, s->capacity, sizeof *s->items);
    s->next = gb_alloc_array(arena, s->capacity * s->stride, sizeof *s->next);
    s->pool = gb_alloc_array(arena, s->pool_capacity, sizeof *s->pool);
    s->slots = gb_alloc_array(arena, s->slot_count, sizeof *s->slots);
    return s->items && s->next && s->pool && s->slots;
}

// False when the limit is reached (or memory is out).
static bool make_room(struct states *s, uint32_t members)
{
    uint32_t capacity = s->capacity, pool = s->pool_capacity, slots = s->slot_count;
    if (s->count == capacity)
        capacity *= 2;
    while (pool - s->pool_count < members)
        pool *= 2;
    while (slots < s->count * 2)
        slots *= 2;
    size_t bytes = capacity * (sizeof *s->items + s->stride * sizeof *s->next) +
                   (pool + slots) * sizeof(uint32_t);
    if (bytes > s->limit)
        return false;
    if (capacity > s->capacity) {
        void *items = gb_grow_array(s->arena, s->items, s->capacity, capacity, sizeof *s->items);
        void *next = gb_grow_array(s->arena, s->next, s->capacity * s->stride, capacity * s->stride,
                                   sizeof *s->next);
        s->out_of_memory |= !items || !next;
        if (s->out_of_memory)
            return false;
        s->items = items;
        s->next = next;
        s->capacity = capacity;
    }
    if (pool > s->pool_capacity) {
        void *grown = gb_grow_array(s->arena, s->pool, s->pool_capacity, pool, sizeof *s->pool);
        s->out_of_memory |= !grown;
        if (!grown)
            return false;
        s->pool = grown;
        s->pool_capacity = pool;
    }
    if (slots > s->slot_count) {
        uint32_t *grown = gb_alloc_array(s->arena, slots, sizeof *grown);
        s->out_of_memory |= !grown;
        if (!grown)
            return false;
        for (uint32_t i = FIRST_STATE; i < s->count; i++) {
            const struct state *state = &s->items[i];
            uint64_t at = hash_set(s->pool + state->first, state->count, state->place);
            while (grown[at & (slots - 1)])
                at++;
            grown[at & (slots - 1)] = i + 1;
        }
        s->slots = grown;
        s->slot_count = slots;
    }
    return true;
}

// The number of the state that a.now is; NO_STATE when there is no room for a new one.
static uint32_t intern(struct states *s)
{
    struct gb_regex_set *set = &s->a.now;
    if (set->matched)
        return GB_REGEX_DFA_MATCH;
    if (!set->count)
        return GB_REGEX_DFA_DEAD;
    sort_set(set);
    uint64_t hash = hash_set(set->insts, set->count, set->place), at = hash;
    uint32_t number;
    while ((number = s->slots[at & (s->slot_count - 1)])) {
        const struct state *state = &s->items[number - 1];
        if (state->count == set->count && state->place == set->place &&
            memcmp(s->pool + state->first, set->insts, set->count * sizeof *set->insts) == 0)
            return number - 1;
        at++;
    }
    if (!make_room(s, set->count))
        return NO_STATE;
    for (at = hash; s->slots[at & (s->slot_count - 1)];)
        at++;
    s->slots[at & (s->slot_count - 1)] = s->count + 1;
    s->items[s->count] = (struct state){
        .first = s->pool_count, .count = set->count, .place = set->place, .waits = set->waits};
    memcpy(s->pool + s->pool_count, set->insts, set->count * sizeof *set->insts);
    s->pool_count += set->count;
    return s->count++;
}

static void load(struct states *s, uint32_t number)
{
    const struct state *state = &s->items[number];
    struct gb_regex_set *set = &s->a.now;
    memcpy(set->insts, s->pool + state->first, state->count * sizeof *set->insts);
    set->count = state->count;
    set->place = state->place;
    set->waits = state->waits;
    set->matched = false;
}

static const unsigned places[GB_REGEX_PLACES] = {0, GB_REGEX_AT_BEGIN, GB_REGEX_AFTER_NEWLINE,
                                                 GB_REGEX_AFTER_WORD};

static bool build_all(struct states *s, const struct gb_regex *regex, uint32_t *start)
{
    for (unsigned i = 0; i < GB_REGEX_PLACES; i++) {
        gb_regex_automaton_start(&s->a, places[i]);
        start[i] = intern(s);
        if (start[i] == NO_STATE)
            return false;
    }
    for (uint32_t number = FIRST_STATE; number < s->count; number++) {
        for (unsigned class = 0; class < s->stride; class ++) {
            load(s, number);
            gb_regex_automaton_step(&s->a,
                                    class < regex->class_count ? regex->class_byte[class] : -1);
            uint32_t next = intern(s);
            if (next == NO_STATE || s->count * s->stride > FIXED_MAX_ENTRIES ||
                s->a.steps > FIXED_MAX_STEPS)
                return false;
            s->next[number * s->stride + class] = next + 1;
        }
    }
    return true;
}

void gb_regex_dfa_build(struct gb_regex *regex, struct gb_arena *arena, struct gb_arena *work)
{
    struct states s;
    uint32_t start[GB_REGEX_PLACES];
    bool small = init_states(&s, regex, SIZE_MAX, work) && build_all(&s, regex, start);
    regex->build_steps = s.a.steps;
    if (!small)
        return;
    uint16_t *next = gb_alloc_array(arena, s.count * s.stride, sizeof *next);
    if (!next)
        return;
    for (unsigned class = 0; class < s.stride; class ++)
        next[GB_REGEX_DFA_MATCH * s.stride + class] = (uint16_t)(GB_REGEX_DFA_MATCH * s.stride);
    for (uint32_t i = FIRST_STATE * s.stride; i < s.count * s.stride; i++)
        next[i] = (uint16_t)((s.next[i] - 1) * s.stride);
    for (unsigned i = 0; i < GB_REGEX_PLACES; i++)
        regex->dfa.start[i] = (uint16_t)(start[i] * s.stride);
    regex->dfa.next = next;
    regex->dfa.states = s.count;
}

bool gb_regex_dfa_search(const struct gb_regex *regex, struct gb_str text, size_t at,
                         uint64_t *steps)
{
    const uint16_t *next = regex->dfa.next;
    const uint8_t *byte = (const uint8_t *)text.at + at;
    const uint8_t *end = (const uint8_t *)text.at + text.len;
    uint32_t match = GB_REGEX_DFA_MATCH * (regex->class_count + 1u);
    uint32_t idle = regex->dfa.start[0];
    uint32_t state = regex->dfa.start[gb_regex_place_index(gb_regex_place(text, at))];
    bool jumps = regex->prefix.len && !regex->begin_anchored;
    if (steps)
        *steps += text.len - at + 1;
    while (byte < end && state > match) {
        if (jumps && state == idle) {
            byte = memmem(byte, (size_t)(end - byte), regex->prefix.at, regex->prefix.len);
            if (!byte)
                return false;
        }
        state = next[state + regex->class_of[*byte++]];
    }
    if (state > match)
        state = next[state + regex->class_count];
    return state == match;
}

// From a->now on, without remembering states.
static int simulate(struct gb_regex_automaton *a, struct gb_str text, size_t at)
{
    for (; at < text.len && !a->now.matched; at++) {
        if (!a->now.count)
            return 0;
        gb_regex_automaton_step(a, (uint8_t)text.at[at]);
    }
    gb_regex_automaton_step(a, -1);
    return a->now.matched;
}

static void forget_states(struct states *s)
{
    memset(s->next, 0, s->count * s->stride * sizeof *s->next);
    memset(s->slots, 0, s->slot_count * sizeof *s->slots);
    s->count = FIRST_STATE;
    s->pool_count = 0;
}

static int search_lazily(struct states *s, const struct gb_regex *regex, struct gb_str text,
                         size_t at)
{
    gb_regex_automaton_start(&s->a, gb_regex_place(text, at));
    uint32_t state = intern(s);
    if (state == NO_STATE)
        return s->out_of_memory ? GB_E_MEMORY : simulate(&s->a, text, at);
    size_t flushed = at;
    for (;; at++) {
        if (state < FIRST_STATE)
            return state == GB_REGEX_DFA_MATCH;
        bool ended = at == text.len;
        unsigned class = ended ? regex->class_count : regex->class_of[(uint8_t)text.at[at]];
        uint32_t known = s->next[state * s->stride + class];
        if (!known) {
            load(s, state);
            gb_regex_automaton_step(&s->a, ended ? -1 : (uint8_t)text.at[at]);
            uint32_t next = intern(s);
            if (next == NO_STATE) {
                if (s->out_of_memory)
                    return GB_E_MEMORY;
                if (at - flushed < (size_t)s->count * WORTH_CACHING)
                    return simulate(&s->a, text, at + 1);
                forget_states(s);
                flushed = at;
                next = intern(s);
                if (next == NO_STATE)
                    return simulate(&s->a, text, at + 1);
            } else {
                s->next[state * s->stride + class] = next + 1;
            }
            known = next + 1;
        }
        state = known - 1;
        if (ended)
            return state == GB_REGEX_DFA_MATCH;
    }
}

int gb_regex_lazy_search(const struct gb_regex *regex, struct gb_str text, size_t at,
                         size_t cache_limit, struct gb_arena *scratch, uint64_t *steps)
{
    struct gb_mark mark = gb_arena_mark(scratch);
    struct states s = {0};
    int result = GB_E_MEMORY;
    if (!cache_limit) {
        if (gb_regex_automaton_init(&s.a, regex, scratch) == 0) {
            gb_regex_automaton_start(&s.a, gb_regex_place(text, at));
            result = simulate(&s.a, text, at);
        }
    } else if (init_states(&s, regex, cache_limit, scratch)) {
        result = search_lazily(&s, regex, text, at);
    }
    if (steps)
        *steps += s.a.steps + (text.len - at) + 1;
    gb_arena_reset(scratch, mark);
    return result;
}
