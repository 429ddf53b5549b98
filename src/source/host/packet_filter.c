// Walks the chains of the packet filter for one packet; see the header.
#include "source/host/packet_filter.h"

#include <stdlib.h>

enum {
    MAX_DEPTH = 16,    // of jumps: as the kernel
    MAX_STEPS = 20000, // rules for one packet
    MAX_SOURCES = 32,
};

enum outcome { PASSED_ON, ACCEPTED, DROPPED };

struct walk {
    struct gb_filter *filter;
    const struct gb_filter_packet *packet;
    struct gb_filter_answer *answer;
    unsigned steps;
    bool some; // something was accepted under a condition on the source
    struct gb_str unsure_accept, unsure_drop;
    int code;
};

struct condition {
    struct gb_str from, unsure;
};

static void add_source(struct walk *walk, struct gb_str from)
{
    struct gb_filter_answer *answer = walk->answer;
    struct gb_arena *arena = walk->filter->arena;
    walk->some = true;
    for (size_t i = 0; i < answer->source_count; i++)
        if (gb_str_eq(answer->sources[i], from))
            return;
    if (answer->source_count == MAX_SOURCES)
        return;
    if (answer->source_count == answer->source_capacity) {
        size_t capacity = answer->source_capacity ? answer->source_capacity * 2 : 4;
        struct gb_str *sources = gb_grow_array(arena, answer->sources, answer->source_capacity,
                                               capacity, sizeof *sources);
        if (!sources)
            return;
        answer->sources = sources;
        answer->source_capacity = capacity;
    }
    answer->sources[answer->source_count++] = from;
}

static void note(struct gb_str *into, struct gb_str why)
{
    if (!into->len)
        *into = why;
}

static void be_unsure(struct walk *walk, struct gb_str why)
{
    note(&walk->unsure_accept, why);
    note(&walk->unsure_drop, why);
}

static struct gb_filter_chain *find_chain(const struct gb_filter *filter,
                                          const struct gb_filter_chain *near, struct gb_str name)
{
    for (size_t i = 0; i < filter->count; i++) {
        struct gb_filter_chain *chain = filter->chains[i];
        if (chain->family == near->family && chain->legacy == near->legacy &&
            gb_str_eq(chain->name, name) && gb_str_eq(chain->table, near->table))
            return chain;
    }
    return NULL;
}

static struct condition both(struct walk *walk, const struct condition *outer,
                             const struct gb_filter_decision *decision)
{
    struct condition inner = {decision->from, decision->unsure};
    if (!inner.from.len)
        inner.from = outer->from;
    else if (outer->from.len)
        inner.from = gb_str_format(walk->filter->arena, GB_PRI " and " GB_PRI, GB_ARG(outer->from),
                                   GB_ARG(inner.from));
    if (!inner.unsure.len)
        inner.unsure = outer->unsure;
    return inner;
}

static enum outcome walk_chain(struct walk *walk, const struct gb_filter_chain *chain,
                               const struct condition *outer, unsigned depth);

// What an accept or drop under a condition means for the packet as a whole.
static enum outcome settle(struct walk *walk, int32_t verdict, const struct condition *condition)
{
    bool accepts = verdict == GB_VERDICT_ACCEPT;
    if (!condition->from.len && !condition->unsure.len)
        return accepts ? ACCEPTED : DROPPED;
    if (condition->unsure.len)
        note(accepts ? &walk->unsure_accept : &walk->unsure_drop, condition->unsure);
    else if (accepts)
        add_source(walk, condition->from);
    return PASSED_ON;
}

static enum outcome call(struct walk *walk, const struct gb_filter_chain *chain,
                         const struct gb_filter_decision *decision,
                         const struct condition *condition, unsigned depth, bool *left)
{
    const struct gb_filter_chain *target = find_chain(walk->filter, chain, decision->chain);
    bool certain = !condition->from.len && !condition->unsure.len;
    if (!target || depth + 1 >= MAX_DEPTH) {
        be_unsure(walk, GB_STR("a chain that is not there or too deep"));
        return PASSED_ON;
    }
    enum outcome outcome = walk_chain(walk, target, condition, depth + 1);
    *left = decision->verdict == GB_VERDICT_GOTO && certain;
    return outcome;
}

static enum outcome follow(struct walk *walk, const struct gb_filter_chain *chain,
                           const struct gb_filter_decision *decision, const struct condition *outer,
                           unsigned depth, bool *left)
{
    struct condition condition = both(walk, outer, decision);
    // Under an outer condition an inner accept is final for that part only: settle() sees both.
    switch (decision->verdict) {
    case GB_VERDICT_ACCEPT:
    case GB_VERDICT_DROP: {
        struct condition here = {decision->from, decision->unsure};
        if (!here.from.len && !here.unsure.len)
            *left = true; // nothing of what came here goes on
        return settle(walk, decision->verdict, &condition);
    }
    case GB_VERDICT_QUEUE:
        be_unsure(walk, GB_STR("packets are queued to a program"));
        return PASSED_ON;
    case GB_VERDICT_JUMP:
    case GB_VERDICT_GOTO:
        return call(walk, chain, decision, &condition, depth, left);
    case GB_VERDICT_RETURN:
        if (!decision->from.len && !decision->unsure.len)
            *left = true;
        else
            be_unsure(walk,
                      decision->from.len ? GB_STR("a return under a condition") : decision->unsure);
        return PASSED_ON;
    default:
        return PASSED_ON;
    }
}

// Walks the rules. `outer` is what had to hold to come here. ACCEPTED and DROPPED are answers for
// everything that `outer` lets in only when it is empty.
static enum outcome walk_chain(struct walk *walk, const struct gb_filter_chain *chain,
                               const struct condition *outer, unsigned depth)
{
    struct gb_filter_decision decisions[GB_FILTER_MAX_DECISIONS];
    for (size_t i = 0; i < chain->count && !walk->code; i++) {
        size_t count = 0;
        if (++walk->steps > MAX_STEPS) {
            be_unsure(walk, GB_STR("too many rules"));
            return PASSED_ON;
        }
        walk->code = chain->legacy ? gb_xt_rule_decide(walk->filter, chain, &chain->rules[i],
                                                       walk->packet, decisions, &count)
                                   : gb_nft_rule_decide(walk->filter, chain, &chain->rules[i],
                                                        walk->packet, decisions, &count);
        for (size_t d = 0; d < count && !walk->code; d++) {
            bool left = false;
            enum outcome outcome = follow(walk, chain, &decisions[d], outer, depth, &left);
            if (outcome != PASSED_ON || left)
                return outcome;
        }
    }
    return PASSED_ON;
}

// ---- hooks ------------------------------------------------------------------------------------

static int by_priority(const void *a, const void *b)
{
    const struct gb_filter_chain *left = *(struct gb_filter_chain *const *)a,
                                 *right = *(struct gb_filter_chain *const *)b;
    int hooks[] = {left->hook == GB_FILTER_INPUT, right->hook == GB_FILTER_INPUT};
    if (hooks[0] != hooks[1])
        return hooks[0] - hooks[1];
    return left->priority < right->priority ? -1 : left->priority > right->priority;
}

static bool concerns(const struct gb_filter_chain *chain, const struct gb_filter_packet *packet)
{
    bool family = chain->family == GB_FILTER_INET ||
                  chain->family == (packet->v6 ? GB_FILTER_IP6 : GB_FILTER_IP);
    return family && chain->is_filter &&
           (chain->hook == GB_FILTER_INPUT || chain->hook == GB_FILTER_PREROUTING);
}

// One base chain: the passage through it alone.
static enum gb_filter_passage pass_chain(struct walk *walk, const struct gb_filter_chain *chain)
{
    struct condition nothing = {0};
    walk->some = false;
    enum outcome outcome = walk_chain(walk, chain, &nothing, 0);
    if (outcome == PASSED_ON)
        outcome = chain->drops ? DROPPED : ACCEPTED;
    if (outcome == ACCEPTED)
        return GB_FILTER_OPEN;
    return walk->some ? GB_FILTER_LIMITED : GB_FILTER_CLOSED;
}

int gb_filter_ask(struct gb_filter *filter, const struct gb_filter_packet *packet,
                  struct gb_filter_answer *ret)
{
    *ret = (struct gb_filter_answer){.passage = GB_FILTER_OPEN};
    struct walk walk = {.filter = filter, .packet = packet, .answer = ret};
    struct gb_filter_chain **base =
        gb_alloc_array(filter->arena, filter->count + 1, sizeof(struct gb_filter_chain *));
    size_t count = 0;
    if (!base)
        return GB_E_MEMORY;
    for (size_t i = 0; i < filter->count; i++) {
        const struct gb_filter_chain *chain = filter->chains[i];
        if (concerns(chain, packet))
            base[count++] = filter->chains[i];
        if (chain->hook == GB_FILTER_INGRESS && chain->count)
            note(&walk.unsure_drop, GB_STR("rules at the ingress of interfaces"));
    }
    if (count > 1)
        qsort(base, count, sizeof *base, by_priority);
    for (size_t i = 0; i < count && ret->passage != GB_FILTER_CLOSED && !walk.code; i++) {
        enum gb_filter_passage passage = pass_chain(&walk, base[i]);
        if (passage > ret->passage)
            ret->passage = passage;
    }
    if (ret->passage != GB_FILTER_LIMITED)
        ret->source_count = 0;
    if (filter->redirects)
        note(&walk.unsure_accept, GB_STR("address translation to ports of this host"));
    if (filter->legacy_unread.len)
        note(&walk.unsure_drop, filter->legacy_unread);
    // What could only open it does not matter when it is open, and the other way round.
    ret->unsure = ret->passage == GB_FILTER_OPEN ? walk.unsure_drop : walk.unsure_accept;
    return gb_arena_failed(filter->arena) ? GB_E_MEMORY : walk.code;
}
