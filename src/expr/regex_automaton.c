// Transitions of the regular expression automaton; see its header.
#include "expr/regex_automaton.h"

int gb_regex_automaton_init(struct gb_regex_automaton *a, const struct gb_regex *regex,
                            struct gb_arena *arena)
{
    size_t count = regex->inst_count;
    *a = (struct gb_regex_automaton){
        .regex = regex,
        .stamps = gb_alloc_array(arena, count, sizeof *a->stamps),
        .stack = gb_alloc_array(arena, count * 2 + 1, sizeof *a->stack),
        .passed = gb_alloc_array(arena, count, sizeof *a->passed),
        .now.insts = gb_alloc_array(arena, count, sizeof *a->now.insts),
        .next.insts = gb_alloc_array(arena, count, sizeof *a->next.insts),
    };
    return a->stamps && a->stack && a->passed && a->now.insts && a->next.insts ? 0 : GB_E_MEMORY;
}

static void new_generation(struct gb_regex_automaton *a)
{
    if (++a->generation == 0) {
        memset(a->stamps, 0, a->regex->inst_count * sizeof *a->stamps);
        a->generation = 1;
    }
}

// What the byte after a place can tell of an assertion; `byte` is -1 at the end of the text, -2
// while it is not known.
enum { BYTE_END = -1, BYTE_UNKNOWN = -2 };
enum verdict { FAILS, HOLDS, WAITS };

static enum verdict decide(uint8_t assert, unsigned place, int byte)
{
    bool holds;
    switch (assert) {
    case GB_REGEX_BEGIN_TEXT:
        return place & GB_REGEX_AT_BEGIN ? HOLDS : FAILS;
    case GB_REGEX_BEGIN_LINE:
        return place & (GB_REGEX_AT_BEGIN | GB_REGEX_AFTER_NEWLINE) ? HOLDS : FAILS;
    case GB_REGEX_END_TEXT:
        holds = byte == BYTE_END;
        break;
    case GB_REGEX_END_LINE:
        holds = byte == BYTE_END || byte == '\n';
        break;
    default: {
        bool word = byte >= 0 && gb_regex_is_word((uint8_t)byte);
        bool edge = word != ((place & GB_REGEX_AFTER_WORD) != 0);
        holds = edge == (assert == GB_REGEX_WORD_EDGE);
        break;
    }
    }
    if (byte == BYTE_UNKNOWN)
        return WAITS;
    return holds ? HOLDS : FAILS;
}

// Adds everything that can be reached from `inst` without a byte.
static void follow(struct gb_regex_automaton *a, struct gb_regex_set *set, uint32_t inst,
                   unsigned place, int byte)
{
    const struct gb_regex_inst *insts = a->regex->insts;
    uint32_t depth = 0;
    a->stack[depth++] = inst;
    while (depth) {
        uint32_t id = a->stack[--depth];
        if (a->stamps[id] == a->generation)
            continue;
        a->stamps[id] = a->generation;
        a->steps++;
        const struct gb_regex_inst *at = &insts[id];
        switch (at->op) {
        case GB_REGEX_OP_SPLIT:
            a->stack[depth++] = at->other;
            a->stack[depth++] = at->next;
            break;
        case GB_REGEX_OP_SAVE:
            a->stack[depth++] = at->next;
            break;
        case GB_REGEX_OP_ASSERT:
            switch (decide(at->assert, place, byte)) {
            case HOLDS:
                a->stack[depth++] = at->next;
                break;
            case WAITS:
                set->insts[set->count++] = id;
                set->waits = true;
                break;
            case FAILS:
                break;
            }
            break;
        case GB_REGEX_OP_MATCH:
            set->matched = true;
            return;
        default: // GB_REGEX_OP_BYTES
            if (at->count)
                set->insts[set->count++] = id;
            break;
        }
    }
}

// Forgets what of a place no assertion of this pattern asks for, so that fewer sets differ.
static uint8_t relevant_place(const struct gb_regex_automaton *a, const struct gb_regex_set *set,
                              unsigned place)
{
    if (!set->waits)
        return 0;
    if (!a->regex->has_word_assert)
        place &= ~(unsigned)GB_REGEX_AFTER_WORD;
    if (!a->regex->has_line_assert)
        place &= ~(unsigned)GB_REGEX_AFTER_NEWLINE;
    return (uint8_t)place;
}

void gb_regex_automaton_start(struct gb_regex_automaton *a, unsigned place)
{
    a->now.count = 0;
    a->now.waits = a->now.matched = false;
    new_generation(a);
    follow(a, &a->now, a->regex->search, place, BYTE_UNKNOWN);
    a->now.place = relevant_place(a, &a->now, place);
}

// Decides the assertions of a->now that waited for this byte; what they lead to joins the set.
static void decide_waiting(struct gb_regex_automaton *a, int byte)
{
    struct gb_regex_set *set = &a->now;
    uint32_t waiting = 0, kept = 0;
    new_generation(a);
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t id = set->insts[i];
        if (a->regex->insts[id].op == GB_REGEX_OP_ASSERT) {
            a->passed[waiting++] = id;
        } else {
            a->stamps[id] = a->generation;
            set->insts[kept++] = id;
        }
    }
    set->count = kept;
    for (uint32_t i = 0; i < waiting && !set->matched; i++)
        follow(a, set, a->passed[i], set->place, byte);
}

static const struct gb_regex_edge *find_edge(const struct gb_regex *regex,
                                             const struct gb_regex_inst *inst, uint8_t byte)
{
    const struct gb_regex_edge *edges = regex->edges + inst->first;
    uint32_t first = 0, beyond = inst->count;
    while (beyond - first > 4) {
        uint32_t middle = first + (beyond - first) / 2;
        if (edges[middle].low <= byte)
            first = middle;
        else
            beyond = middle;
    }
    for (; first < beyond; first++)
        if (edges[first].low <= byte && byte <= edges[first].high)
            return &edges[first];
    return NULL;
}

void gb_regex_automaton_step(struct gb_regex_automaton *a, int byte)
{
    if (a->now.matched)
        return;
    if (a->now.waits)
        decide_waiting(a, byte);
    struct gb_regex_set *next = &a->next;
    next->count = 0;
    next->waits = false;
    next->matched = a->now.matched;
    next->place = 0;
    if (!next->matched && byte >= 0) {
        unsigned place = byte == '\n'                      ? GB_REGEX_AFTER_NEWLINE
                         : gb_regex_is_word((uint8_t)byte) ? GB_REGEX_AFTER_WORD
                                                           : 0;
        new_generation(a);
        for (uint32_t i = 0; i < a->now.count && !next->matched; i++) {
            a->steps++;
            const struct gb_regex_edge *edge =
                find_edge(a->regex, &a->regex->insts[a->now.insts[i]], (uint8_t)byte);
            if (edge)
                follow(a, next, edge->next, place, BYTE_UNKNOWN);
        }
        next->place = relevant_place(a, next, place);
    }
    struct gb_regex_set swapped = a->now;
    a->now = *next;
    *next = swapped;
}
