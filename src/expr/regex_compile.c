// Compiler of regular expressions: syntax tree to an automaton over bytes. What follows a node is
// compiled before it, so that each instruction knows its successor and equal ones can be shared.
#include "expr/regex_program.h"

#include "base/utf8.h"

enum { MAX_VISITS = 400000 };

struct compiler {
    struct gb_arena *work;
    struct gb_regex_inst *insts;
    struct gb_regex_edge *edges;
    uint32_t inst_count, inst_capacity, inst_limit, edge_count, edge_capacity;
    uint32_t *shared; // hash table of BYTES instructions, index + 1
    uint32_t shared_size;
    uint32_t visits;
    bool save; // keep the groups' places
    int code;
};

static uint32_t fail(struct compiler *c, int code)
{
    if (!c->code)
        c->code = code;
    return 0;
}

static uint32_t new_inst(struct compiler *c, struct gb_regex_inst inst)
{
    if (c->code || c->inst_count >= c->inst_limit)
        return fail(c, GB_E_LIMIT);
    if (c->inst_count == c->inst_capacity) {
        uint32_t capacity = c->inst_capacity ? c->inst_capacity * 2 : 64;
        void *grown = gb_grow_array(c->work, c->insts, c->inst_count, capacity, sizeof *c->insts);
        if (!grown)
            return fail(c, GB_E_MEMORY);
        c->insts = grown;
        c->inst_capacity = capacity;
    }
    c->insts[c->inst_count] = inst;
    return c->inst_count++;
}

static uint32_t split(struct compiler *c, uint32_t body, uint32_t exit, bool greedy)
{
    return new_inst(c, (struct gb_regex_inst){.op = GB_REGEX_OP_SPLIT,
                                              .next = greedy ? body : exit,
                                              .other = greedy ? exit : body});
}

static uint64_t hash_edges(const struct gb_regex_edge *edges, uint32_t count)
{
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash ^= (uint64_t)edges[i].next << 16 | (uint64_t)edges[i].high << 8 | edges[i].low;
        hash *= 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    return hash;
}

static bool same_edges(const struct compiler *c, const struct gb_regex_inst *inst,
                       const struct gb_regex_edge *edges, uint32_t count)
{
    if (inst->count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct gb_regex_edge *edge = &c->edges[inst->first + i];
        if (edge->low != edges[i].low || edge->high != edges[i].high || edge->next != edges[i].next)
            return false;
    }
    return true;
}

static bool grow_shared(struct compiler *c)
{
    uint32_t size = c->shared_size ? c->shared_size * 2 : 128;
    uint32_t *shared = gb_alloc_array(c->work, size, sizeof *shared);
    if (!shared)
        return false;
    for (uint32_t i = 0; i < c->shared_size; i++) {
        if (!c->shared[i])
            continue;
        const struct gb_regex_inst *inst = &c->insts[c->shared[i] - 1];
        uint64_t at = hash_edges(&c->edges[inst->first], inst->count);
        while (shared[at & (size - 1)])
            at++;
        shared[at & (size - 1)] = c->shared[i];
    }
    c->shared = shared;
    c->shared_size = size;
    return true;
}

// An instruction with these edges: an equal one where there is one.
static uint32_t bytes(struct compiler *c, const struct gb_regex_edge *edges, uint32_t count)
{
    if (c->code || (c->inst_count * 2 >= c->shared_size && !grow_shared(c)))
        return fail(c, GB_E_MEMORY);
    uint64_t at = hash_edges(edges, count);
    uint32_t *slot;
    while (*(slot = &c->shared[at & (c->shared_size - 1)])) {
        if (same_edges(c, &c->insts[*slot - 1], edges, count))
            return *slot - 1;
        at++;
    }
    if (c->edge_count + count > c->edge_capacity) {
        uint32_t capacity = c->edge_capacity * 2 + count + 64;
        void *grown = gb_grow_array(c->work, c->edges, c->edge_count, capacity, sizeof *c->edges);
        if (!grown)
            return fail(c, GB_E_MEMORY);
        c->edges = grown;
        c->edge_capacity = capacity;
    }
    uint32_t first = c->edge_count;
    if (count)
        memcpy(c->edges + first, edges, count * sizeof *edges);
    uint32_t id = new_inst(
        c,
        (struct gb_regex_inst){.op = GB_REGEX_OP_BYTES, .first = first, .count = (uint16_t)count});
    if (c->code)
        return 0;
    c->edge_count += count;
    *slot = id + 1;
    return id;
}

// --- classes: their byte sequences come sorted, so a minimal tree is built from the front, and
// each
// --- node is shared once nothing more can come below it

struct level {
    struct gb_regex_edge edges[256];
    uint32_t count;
    bool open; // edges[count] has its bytes, and its target when what is below is done
};

struct tree {
    struct compiler *c;
    uint32_t next;
    uint32_t depth;
    struct level levels[4];
};

static void close_edge(struct level *level, uint32_t target)
{
    if (!level->open)
        return;
    level->open = false;
    struct gb_regex_edge *edge = &level->edges[level->count];
    edge->next = target;
    if (level->count && edge[-1].next == target && edge[-1].high + 1 == edge->low)
        edge[-1].high = edge->high;
    else
        level->count++;
}

// Finishes the levels below `kept`, and the open edge at that level.
static void close_levels(struct tree *tree, uint32_t kept)
{
    uint32_t target = tree->next;
    for (; tree->depth > kept + 1; tree->depth--) {
        struct level *level = &tree->levels[tree->depth - 1];
        close_edge(level, target);
        target = bytes(tree->c, level->edges, level->count);
        level->count = 0;
    }
    close_edge(&tree->levels[kept], target);
}

static bool add_bytes(void *context, const struct gb_regex_bytes *sequence)
{
    struct tree *tree = context;
    uint32_t same = 0;
    while (same + 1 < sequence->length && same + 1 < tree->depth && tree->levels[same].open) {
        const struct gb_regex_edge *edge = &tree->levels[same].edges[tree->levels[same].count];
        if (edge->low != sequence->low[same] || edge->high != sequence->high[same])
            break;
        same++;
    }
    close_levels(tree, same);
    for (uint32_t i = same; i < sequence->length; i++) {
        struct level *level = &tree->levels[i];
        level->open = true;
        level->edges[level->count] =
            (struct gb_regex_edge){.low = sequence->low[i], .high = sequence->high[i]};
    }
    tree->depth = sequence->length;
    return !tree->c->code;
}

static uint32_t compile_ranges(struct compiler *c, const struct gb_regex_range *ranges,
                               uint32_t count, uint32_t next)
{
    struct tree tree;
    tree.c = c;
    tree.next = next;
    tree.depth = 1;
    for (uint32_t i = 0; i < 4; i++) {
        tree.levels[i].count = 0;
        tree.levels[i].open = false;
    }
    for (uint32_t i = 0; i < count && !c->code; i++)
        gb_regex_utf8_split(ranges[i].low, ranges[i].high, add_bytes, &tree);
    close_levels(&tree, 0);
    return bytes(c, tree.levels[0].edges, tree.levels[0].count);
}

// --- nodes

static uint32_t compile(struct compiler *c, const struct gb_regex_node *node, uint32_t next);

static uint32_t compile_repeat(struct compiler *c, const struct gb_regex_node *node, uint32_t next)
{
    const struct gb_regex_node *inner = node->children[0];
    int32_t copies = node->minimum;
    uint32_t entry = next;
    if (node->maximum == GB_REGEX_NO_MAXIMUM) {
        uint32_t loop = split(c, 0, 0, node->greedy);
        uint32_t body = compile(c, inner, loop);
        if (c->code)
            return 0;
        c->insts[loop].next = node->greedy ? body : next;
        c->insts[loop].other = node->greedy ? next : body;
        entry = body;
        // What can match nothing is entered at most once for nothing: (x+)? in place of x*.
        if (copies == 0)
            return inner->nullable ? split(c, body, next, node->greedy) : loop;
        copies--;
    } else {
        for (int32_t i = node->minimum; i < node->maximum && !c->code; i++)
            entry = split(c, compile(c, inner, entry), next, node->greedy);
    }
    for (; copies > 0 && !c->code; copies--)
        entry = compile(c, inner, entry);
    return entry;
}

static uint32_t compile_group(struct compiler *c, const struct gb_regex_node *node, uint32_t next)
{
    if (!c->save)
        return compile(c, node->children[0], next);
    uint32_t slot = node->group * 2;
    uint32_t end =
        new_inst(c, (struct gb_regex_inst){.op = GB_REGEX_OP_SAVE, .next = next, .slot = slot + 1});
    uint32_t body = compile(c, node->children[0], end);
    return new_inst(c, (struct gb_regex_inst){.op = GB_REGEX_OP_SAVE, .next = body, .slot = slot});
}

static uint32_t compile(struct compiler *c, const struct gb_regex_node *node, uint32_t next)
{
    if (++c->visits > MAX_VISITS)
        fail(c, GB_E_LIMIT);
    if (c->code)
        return 0;
    uint32_t entry = next;
    switch (node->kind) {
    case GB_REGEX_CHARACTER: {
        struct gb_regex_range range = {node->character, node->character};
        return compile_ranges(c, &range, 1, next);
    }
    case GB_REGEX_CLASS:
        return compile_ranges(c, node->class->ranges, node->class->count, next);
    case GB_REGEX_ASSERT:
        return new_inst(c, (struct gb_regex_inst){
                               .op = GB_REGEX_OP_ASSERT, .assert = node->assert, .next = next});
    case GB_REGEX_CONCAT:
        for (uint32_t i = node->count; i-- > 0;)
            entry = compile(c, node->children[i], entry);
        return entry;
    case GB_REGEX_ALTERNATE:
        entry = compile(c, node->children[node->count - 1], next);
        for (uint32_t i = node->count - 1; i-- > 0;)
            entry = split(c, compile(c, node->children[i], next), entry, true);
        return entry;
    case GB_REGEX_REPEAT:
        return compile_repeat(c, node, next);
    case GB_REGEX_GROUP:
        return compile_group(c, node, next);
    default: // GB_REGEX_EMPTY
        return next;
    }
}

// --- what a search can be spared

// The pattern as a row of items that all must match one behind the other, seen through groups.
struct items {
    const struct gb_regex_node **at;
    size_t count;
};

static size_t flatten(const struct gb_regex_node *node, const struct gb_regex_node **into,
                      size_t count)
{
    if (node->kind == GB_REGEX_GROUP)
        return flatten(node->children[0], into, count);
    if (node->kind == GB_REGEX_CONCAT) {
        for (uint32_t i = 0; i < node->count; i++)
            count = flatten(node->children[i], into, count);
        return count;
    }
    if (node->kind != GB_REGEX_EMPTY) {
        if (into)
            into[count] = node;
        count++;
    }
    return count;
}

static bool is_assert(const struct gb_regex_node *node, uint8_t assert)
{
    return node->kind == GB_REGEX_ASSERT && node->assert == assert;
}

static bool begins_anchored(const struct gb_regex_node *node)
{
    switch (node->kind) {
    case GB_REGEX_ASSERT:
        return node->assert == GB_REGEX_BEGIN_TEXT;
    case GB_REGEX_GROUP:
    case GB_REGEX_CONCAT:
        return begins_anchored(node->children[0]);
    case GB_REGEX_REPEAT:
        return node->minimum > 0 && begins_anchored(node->children[0]);
    case GB_REGEX_ALTERNATE:
        for (uint32_t i = 0; i < node->count; i++)
            if (!begins_anchored(node->children[i]))
                return false;
        return true;
    default:
        return false;
    }
}

// A character that can only match its own bytes. (U+FFFD also matches a byte that is not UTF-8.)
static bool is_plain(const struct gb_regex_node *node)
{
    return node->kind == GB_REGEX_CHARACTER && node->character != GB_UTF8_REPLACEMENT &&
           (node->character < 0xd800 || node->character > 0xdfff);
}

static bool is_optional(const struct gb_regex_node *node)
{
    return node->kind == GB_REGEX_REPEAT && node->minimum == 0;
}

// The run of plain characters from `first` on, as text; *after is behind it.
static struct gb_str plain_run(struct items items, size_t first, size_t *after,
                               struct gb_arena *arena)
{
    size_t last = first, len = 0;
    for (; last < items.count && is_plain(items.at[last]); last++)
        ;
    char *text = gb_alloc(arena, (last - first) * 4);
    for (size_t i = first; text && i < last; i++) {
        char encoded[4];
        size_t length = gb_utf8_encode(items.at[i]->character, encoded);
        memcpy(text + len, encoded, length);
        len += length;
    }
    *after = last;
    return (struct gb_str){text, text ? len : 0};
}

static void find_literals(struct gb_regex *regex, struct items items, struct gb_arena *arena,
                          struct gb_arena *work)
{
    bool begin = items.count && is_assert(items.at[0], GB_REGEX_BEGIN_TEXT);
    size_t after, last = items.count;
    struct gb_str prefix = gb_str_copy(arena, plain_run(items, begin, &after, work));
    bool end = after < last && after + 1 == last && is_assert(items.at[after], GB_REGEX_END_TEXT);
    if (after + end == last) {
        regex->literal = prefix;
        regex->literal_kind = begin ? end ? GB_REGEX_LITERAL_EXACT : GB_REGEX_LITERAL_PREFIX
                              : end ? GB_REGEX_LITERAL_SUFFIX
                                    : GB_REGEX_LITERAL_CONTAINS;
    }
    regex->prefix = prefix;
    struct gb_str required = {0};
    while (after < last) {
        struct gb_str run = plain_run(items, after, &after, work);
        if (run.len > required.len)
            required = run;
        after += after < last;
    }
    regex->required = required.len > prefix.len ? gb_str_copy(arena, required) : prefix;
}

static void note_properties(struct gb_regex *regex, const struct gb_regex_node *node)
{
    switch (node->kind) {
    case GB_REGEX_CHARACTER:
        regex->matches_replacement |= node->character == GB_UTF8_REPLACEMENT;
        break;
    case GB_REGEX_CLASS:
        regex->matches_replacement |= gb_regex_class_has(node->class, GB_UTF8_REPLACEMENT);
        break;
    case GB_REGEX_ASSERT:
        regex->has_no_word_edge |= node->assert == GB_REGEX_NO_WORD_EDGE;
        regex->has_word_assert |= node->assert >= GB_REGEX_WORD_EDGE;
        regex->has_line_assert |=
            node->assert == GB_REGEX_BEGIN_LINE || node->assert == GB_REGEX_END_LINE;
        break;
    case GB_REGEX_EMPTY:
        break;
    default:
        for (uint32_t i = 0; i < node->count; i++)
            note_properties(regex, node->children[i]);
    }
}

// --- byte classes

static void find_byte_classes(struct gb_regex *regex)
{
    bool cut[257] = {false};
    for (uint32_t i = 0; i < regex->edge_count; i++)
        cut[regex->edges[i].low] = cut[regex->edges[i].high + 1] = true;
    if (regex->has_line_assert)
        cut['\n'] = cut['\n' + 1] = true;
    for (unsigned byte = 1; regex->has_word_assert && byte < 256; byte++)
        cut[byte] |= gb_regex_is_word((uint8_t)byte) != gb_regex_is_word((uint8_t)(byte - 1));
    unsigned class = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        class += byte && cut[byte];
        regex->class_of[byte] = (uint8_t) class;
        regex->class_byte[class] = (uint8_t)byte;
    }
    regex->class_count = (uint16_t)(class + 1);
}

// The search variant: no groups, nothing optional at the ends (what may be left out does not change
// whether there is a match), and a loop in front that skips text.
static uint32_t compile_search(struct compiler *c, const struct gb_regex *regex, struct items items,
                               uint32_t match)
{
    uint32_t body = match;
    c->save = false;
    for (size_t i = items.count; i-- > 0;)
        body = compile(c, items.at[i], body);
    if (regex->begin_anchored)
        return body;
    uint32_t loop = split(c, body, 0, true);
    uint32_t skip;
    if (regex->has_no_word_edge) {
        // \B holds within a character's bytes: step over whole characters.
        skip = compile_ranges(c, &(struct gb_regex_range){0, GB_UTF8_LARGEST}, 1, loop);
    } else {
        skip = bytes(c, &(struct gb_regex_edge){.low = 0, .high = 255, .next = loop}, 1);
    }
    if (!c->code)
        c->insts[loop].other = skip;
    return loop;
}

int gb_regex_build(const struct gb_regex_syntax *syntax, struct gb_arena *arena,
                   struct gb_arena *work, struct gb_regex *regex, struct gb_error *err)
{
    struct compiler c = {.work = work, .inst_limit = GB_REGEX_MAX_STATES, .save = true};
    regex->groups = syntax->groups;
    regex->begin_anchored = begins_anchored(syntax->root);
    note_properties(regex, syntax->root);
    regex->matches_replacement |= regex->has_no_word_edge;

    size_t count = flatten(syntax->root, NULL, 0);
    const struct gb_regex_node **nodes = gb_alloc_array(work, count, sizeof *nodes);
    if (!nodes)
        return gb_error_set(err, GB_E_MEMORY, "out of memory for the regular expression");
    flatten(syntax->root, nodes, 0);
    struct items items = {nodes, count};
    while (!regex->begin_anchored && items.count && is_optional(items.at[0])) {
        items.at++;
        items.count--;
        regex->optional_front = true;
    }
    while (items.count && is_optional(items.at[items.count - 1]))
        items.count--;
    find_literals(regex, items, arena, work);

    uint32_t match = new_inst(&c, (struct gb_regex_inst){.op = GB_REGEX_OP_MATCH});
    regex->start = compile(&c, syntax->root, match);
    c.inst_limit *= 2; // the search variant is never larger than the pattern
    c.inst_limit += 16;
    c.visits = 0;
    regex->search = compile_search(&c, regex, items, match);
    if (c.code == GB_E_LIMIT)
        return gb_error_set(err, GB_E_LIMIT,
                            "the regular expression is too large: more than %d states",
                            (int)GB_REGEX_MAX_STATES);
    regex->insts = gb_alloc_array(arena, c.inst_count, sizeof *regex->insts);
    regex->edges = gb_alloc_array(arena, c.edge_count, sizeof *regex->edges);
    if (c.code || !regex->insts || !regex->edges || gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "out of memory for the regular expression");
    memcpy(regex->insts, c.insts, c.inst_count * sizeof *c.insts);
    if (c.edge_count)
        memcpy(regex->edges, c.edges, c.edge_count * sizeof *c.edges);
    regex->inst_count = c.inst_count;
    regex->edge_count = c.edge_count;
    find_byte_classes(regex);
    return 0;
}
