// Pike's virtual machine: runs all alternatives of a regular expression side by side, in order of
// preference, each with the places of its groups. Used where the groups are asked for.
#include "expr/regex_program.h"

#include "base/utf8.h"

// Threads that wait for the same byte, most preferred first. Thread i's slots are
// slots[i * slot_count] on.
struct threads {
    uint32_t *insts;
    size_t *slots;
    uint32_t count, capacity;
};

// Work left while one thread is followed: an instruction to visit, or a slot to put back.
struct pending {
    uint32_t inst;
    uint32_t slot; // plus one; 0 = visit
    size_t value;
};

struct machine {
    const struct gb_regex *regex;
    struct gb_str text;
    struct gb_arena *arena;
    uint64_t *stamps; // per instruction: generation of its last visit
    uint64_t generation;
    struct pending *pending;
    size_t *slots; // of the thread that is followed
    size_t slot_count;
    struct threads now, next;
    uint64_t steps;
};

static bool add_thread(struct machine *m, struct threads *list, uint32_t inst)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 16;
        void *insts =
            gb_grow_array(m->arena, list->insts, list->count, capacity, sizeof *list->insts);
        void *slots = gb_grow_array(m->arena, list->slots, list->count * m->slot_count,
                                    capacity * m->slot_count, sizeof *list->slots);
        if (!insts || !slots)
            return false;
        list->insts = insts;
        list->slots = slots;
        list->capacity = capacity;
    }
    list->insts[list->count] = inst;
    if (m->slot_count)
        memcpy(list->slots + list->count * m->slot_count, m->slots,
               m->slot_count * sizeof *m->slots);
    list->count++;
    return true;
}

static bool holds(const struct machine *m, uint8_t assert, size_t at)
{
    const char *text = m->text.at;
    bool first = at == 0, last = at == m->text.len;
    switch (assert) {
    case GB_REGEX_BEGIN_TEXT:
        return first;
    case GB_REGEX_BEGIN_LINE:
        return first || text[at - 1] == '\n';
    case GB_REGEX_END_TEXT:
        return last;
    case GB_REGEX_END_LINE:
        return last || text[at] == '\n';
    default: {
        bool before = !first && gb_regex_is_word((uint8_t)text[at - 1]);
        bool after = !last && gb_regex_is_word((uint8_t)text[at]);
        return (before != after) == (assert == GB_REGEX_WORD_EDGE);
    }
    }
}

// Adds all threads that start at `inst` without reading a byte, with m->slots as their groups.
static bool follow(struct machine *m, struct threads *list, uint32_t inst, size_t at)
{
    uint32_t depth = 0;
    m->pending[depth++] = (struct pending){.inst = inst};
    while (depth) {
        struct pending work = m->pending[--depth];
        if (work.slot) {
            m->slots[work.slot - 1] = work.value;
            continue;
        }
        if (m->stamps[work.inst] == m->generation)
            continue;
        m->stamps[work.inst] = m->generation;
        m->steps++;
        const struct gb_regex_inst *here = &m->regex->insts[work.inst];
        switch (here->op) {
        case GB_REGEX_OP_SPLIT:
            m->pending[depth++] = (struct pending){.inst = here->other};
            m->pending[depth++] = (struct pending){.inst = here->next};
            break;
        case GB_REGEX_OP_SAVE:
            if (here->slot < m->slot_count) {
                m->pending[depth++] =
                    (struct pending){.slot = here->slot + 1, .value = m->slots[here->slot]};
                m->slots[here->slot] = at;
            }
            m->pending[depth++] = (struct pending){.inst = here->next};
            break;
        case GB_REGEX_OP_ASSERT:
            if (holds(m, here->assert, at))
                m->pending[depth++] = (struct pending){.inst = here->next};
            break;
        default: // BYTES, MATCH
            if (!add_thread(m, list, work.inst))
                return false;
            break;
        }
    }
    return true;
}

static const struct gb_regex_edge *find_edge(const struct gb_regex *regex,
                                             const struct gb_regex_inst *inst, uint8_t byte)
{
    const struct gb_regex_edge *edge = regex->edges + inst->first;
    for (uint32_t i = 0; i < inst->count && edge[i].low <= byte; i++)
        if (byte <= edge[i].high)
            return &edge[i];
    return NULL;
}

// Moves all threads over the byte at `at`. A thread that matched ends those less preferred; its
// slots go to `found`.
static int advance(struct machine *m, size_t at, size_t *found, bool *matched)
{
    m->next.count = 0;
    m->generation++;
    for (uint32_t i = 0; i < m->now.count; i++) {
        const struct gb_regex_inst *inst = &m->regex->insts[m->now.insts[i]];
        size_t *slots = m->now.slots + i * m->slot_count;
        m->steps++;
        if (inst->op == GB_REGEX_OP_MATCH) {
            memcpy(found, slots, m->slot_count * sizeof *slots);
            found[1] = at;
            *matched = true;
            break;
        }
        if (at == m->text.len)
            continue;
        const struct gb_regex_edge *edge = find_edge(m->regex, inst, (uint8_t)m->text.at[at]);
        if (!edge)
            continue;
        memcpy(m->slots, slots, m->slot_count * sizeof *slots);
        if (!follow(m, &m->next, edge->next, at + 1))
            return GB_E_MEMORY;
    }
    struct threads swapped = m->now;
    m->now = m->next;
    m->next = swapped;
    return 0;
}

// Not inside a character. (A continuation byte that belongs to none is invalid, and stands alone.)
static bool is_character_start(struct gb_str text, size_t at)
{
    for (size_t back = 0; back < 4 && back <= at && at < text.len; back++) {
        if (((uint8_t)text.at[at - back] & 0xc0) == 0x80)
            continue;
        uint32_t character;
        return back == 0 || gb_utf8_decode(gb_str_from(text, at - back), &character) <= back;
    }
    return true;
}

static int run(struct machine *m, size_t at, size_t *found)
{
    const struct gb_regex *regex = m->regex;
    bool matched = false;
    bool jumps = regex->prefix.len && !regex->begin_anchored && !regex->optional_front;
    m->generation = 1;
    for (;; at++) {
        if (!m->now.count && !matched && jumps) {
            const char *next =
                memmem(m->text.at + at, m->text.len - at, regex->prefix.at, regex->prefix.len);
            if (!next)
                break;
            at = (size_t)(next - m->text.at);
            m->generation++; // assertions were decided for another place
        }
        // A later start is the least preferred thread; the instructions that others reached at this
        // place carry this generation's stamp already.
        if (!matched && (at == 0 || !regex->begin_anchored) && is_character_start(m->text, at)) {
            for (size_t i = 0; i < m->slot_count; i++)
                m->slots[i] = SIZE_MAX;
            m->slots[0] = at;
            if (!follow(m, &m->now, regex->start, at))
                return GB_E_MEMORY;
        }
        if (!m->now.count && (matched || regex->begin_anchored))
            break;
        if (advance(m, at, found, &matched) < 0)
            return GB_E_MEMORY;
        if (at == m->text.len)
            break;
    }
    return matched;
}

int gb_regex_pike_match(const struct gb_regex *regex, struct gb_str text, size_t at, size_t *slots,
                        size_t slot_count, struct gb_arena *scratch, uint64_t *steps)
{
    struct gb_mark mark = gb_arena_mark(scratch);
    size_t own_count = slot_count < 2 ? 2 : slot_count;
    struct machine m = {
        .regex = regex,
        .text = text,
        .arena = scratch,
        .slot_count = own_count,
        .stamps = gb_alloc_array(scratch, regex->inst_count, sizeof *m.stamps),
        .pending = gb_alloc_array(scratch, regex->inst_count * 2 + 1, sizeof *m.pending),
        .slots = gb_alloc_array(scratch, own_count, sizeof *m.slots),
    };
    size_t *found = gb_alloc_array(scratch, own_count, sizeof *found);
    int result = GB_E_MEMORY;
    if (m.stamps && m.pending && m.slots && found)
        result = run(&m, at, found);
    if (result == 1 && slot_count)
        memcpy(slots, found, slot_count * sizeof *slots);
    if (steps)
        *steps += m.steps;
    gb_arena_reset(scratch, mark);
    return result;
}
