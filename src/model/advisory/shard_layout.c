// Lays out what a writer has gathered as the bytes of a shard. Everything is sorted by content, so
// that the order of gathering does not show.
#include "base/checksum.h"
#include "model/advisory/shard_sort.h"
#include "model/advisory/shard_writer.h"

#include <stdlib.h>

struct layout {
    const struct gb_shard_writer *writer;
    struct gb_arena *arena;
    struct gb_buffer *out;
    size_t start; // of the shard in `out`
    uint32_t section_at[GB_SECTION_COUNT], section_bytes[GB_SECTION_COUNT];
    uint32_t *string_rank;                                   // of each string of the pool
    uint32_t *list_at, *id_list_at, *statement_at, *head_at; // word offsets
};

static int full(struct gb_error *err)
{
    return gb_error_set(err, GB_E_LIMIT, "the shard needs more memory than allowed");
}

static void put32(struct layout *l, uint32_t n)
{
    char *at = gb_buffer_reserve(l->out, 4);
    if (!at)
        return;
    gb_write32(at, n);
    l->out->len += 4;
}

static void put64(struct layout *l, uint64_t n)
{
    char *at = gb_buffer_reserve(l->out, 8);
    if (!at)
        return;
    gb_write64(at, n);
    l->out->len += 8;
}

static void pad(struct layout *l)
{
    while (!l->out->failed && (l->out->len - l->start) % 8)
        gb_buffer_char(l->out, 0);
}

// Sections are written one behind the other: begin, put, end.
static void begin(struct layout *l, enum gb_shard_section section)
{
    pad(l);
    l->section_at[section] = (uint32_t)(l->out->len - l->start);
}

static void end(struct layout *l, enum gb_shard_section section)
{
    l->section_bytes[section] = (uint32_t)(l->out->len - l->start) - l->section_at[section];
}

static int compare_entries(const void *a, const void *b, void *context)
{
    const struct gb_sort_key *left = a, *right = b;
    const struct gb_str *entries = context;
    return gb_str_compare(entries[left->number], entries[right->number]);
}

static int lay_strings(struct layout *l, struct gb_error *err)
{
    const struct gb_pool *strings = &l->writer->strings;
    struct gb_sort_key *order = gb_alloc_array(l->arena, strings->count, sizeof *order);
    l->string_rank = gb_alloc_array(l->arena, strings->count, sizeof *l->string_rank);
    if (!order || !l->string_rank)
        return full(err);
    for (uint32_t i = 0; i < strings->count; i++)
        order[i] = (struct gb_sort_key){gb_sort_front(strings->entries[i]), i};
    if (!gb_sort(order, strings->count, compare_entries, strings->entries, l->arena))
        return full(err);
    begin(l, GB_SECTION_STRING_ENDS);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < strings->count; i++) {
        l->string_rank[order[i].number] = i;
        bytes += strings->entries[order[i].number].len;
        put32(l, (uint32_t)bytes);
    }
    if (bytes > GB_SHARD_MAX_BYTES)
        return gb_error_set(err, GB_E_LIMIT, "the strings of the shard are too large");
    end(l, GB_SECTION_STRING_ENDS);
    begin(l, GB_SECTION_STRING_BYTES);
    for (uint32_t i = 0; i < strings->count; i++)
        gb_buffer_add(l->out, strings->entries[order[i].number]);
    end(l, GB_SECTION_STRING_BYTES);
    return GB_OK;
}

// A record of words that is about to be laid out.
struct run {
    const uint32_t *words;
    uint32_t count;
};

static int compare_runs(const void *a, const void *b, void *context)
{
    const struct gb_sort_key *left_key = a, *right_key = b;
    const struct run *runs = context;
    const struct run *left = &runs[left_key->number], *right = &runs[right_key->number];
    for (uint32_t i = 0; i < left->count && i < right->count; i++)
        if (left->words[i] != right->words[i])
            return left->words[i] < right->words[i] ? -1 : 1;
    return left->count == right->count ? 0 : left->count < right->count ? -1 : 1;
}

// Its first two words as a number. A run that has one only is before those that begin with it.
static uint64_t front_of_run(const struct run *run)
{
    uint64_t first = run->count > 0 ? run->words[0] : 0;
    return first << 32 | (run->count > 1 ? run->words[1] : 0);
}

// Writes the runs in order of their words as a section and tells where each one went.
static int lay_runs(struct layout *l, enum gb_shard_section section, struct run *runs,
                    uint32_t count, uint32_t **ret, struct gb_error *err)
{
    uint32_t *at = gb_alloc_array(l->arena, count, sizeof *at);
    struct gb_sort_key *order = gb_alloc_array(l->arena, count, sizeof *order);
    if (!order || !at)
        return full(err);
    for (uint32_t i = 0; i < count; i++)
        order[i] = (struct gb_sort_key){front_of_run(&runs[i]), i};
    if (!gb_sort(order, count, compare_runs, runs, l->arena))
        return full(err);
    begin(l, section);
    uint32_t words = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct run *run = &runs[order[i].number];
        at[order[i].number] = words;
        words += run->count;
        for (uint32_t w = 0; w < run->count; w++)
            put32(l, run->words[w]);
    }
    end(l, section);
    *ret = at;
    return GB_OK;
}

static uint32_t final_id(const struct layout *l, uint32_t id)
{
    return id & GB_ID_STRING ? l->string_rank[id & ~GB_ID_STRING] | GB_ID_STRING : id;
}

static int lay_lists(struct layout *l, enum gb_shard_section section, const struct gb_pool *pool,
                     uint32_t **ret, struct gb_error *err)
{
    struct run *runs = gb_alloc_array(l->arena, pool->count, sizeof *runs);
    if (!runs)
        return full(err);
    for (uint32_t i = 0; i < pool->count; i++) {
        uint32_t count = (uint32_t)(pool->entries[i].len / sizeof(uint32_t));
        uint32_t *words = gb_alloc_array(l->arena, (size_t)count + 1, sizeof *words);
        if (!words)
            return full(err);
        words[0] = count;
        for (uint32_t w = 0; w < count; w++) {
            uint32_t word;
            memcpy(&word, pool->entries[i].at + w * sizeof word, sizeof word);
            words[w + 1] =
                section == GB_SECTION_ID_LISTS ? final_id(l, word) : l->string_rank[word];
        }
        runs[i] = (struct run){words, count + 1};
    }
    return lay_runs(l, section, runs, pool->count, ret, err);
}

static int lay_statements(struct layout *l, struct gb_error *err)
{
    const struct gb_pool *pool = &l->writer->statements;
    struct run *runs = gb_alloc_array(l->arena, pool->count, sizeof *runs);
    if (!runs)
        return full(err);
    for (uint32_t i = 0; i < pool->count; i++) {
        struct gb_shard_statement s;
        memcpy(&s, gb_pool_at(pool, i).at, sizeof s);
        uint32_t words[9], count = 0;
        words[count++] = s.flags;
        if (s.flags & 1u << GB_STATEMENT_FIXED)
            words[count++] = l->string_rank[s.ranges];
        if (s.flags & 1u << GB_STATEMENT_RANGES)
            words[count++] = l->list_at[s.ranges];
        for (unsigned k = 0; k < 5; k++)
            if (s.flags & 1u << (GB_STATEMENT_VERSIONS + k))
                words[count++] = l->list_at[s.lists[k]];
        if (s.flags & 1u << GB_STATEMENT_MODULE)
            words[count++] = l->string_rank[s.module];
        if (s.flags & 1u << GB_STATEMENT_NOTE)
            words[count++] = l->string_rank[s.note];
        uint32_t *kept = gb_alloc_array(l->arena, count, sizeof *kept);
        if (!kept)
            return full(err);
        memcpy(kept, words, count * sizeof *kept);
        runs[i] = (struct run){kept, count};
    }
    return lay_runs(l, GB_SECTION_STATEMENTS, runs, pool->count, &l->statement_at, err);
}

static int lay_heads(struct layout *l, struct gb_error *err)
{
    const struct gb_pool *pool = &l->writer->heads;
    struct run *runs = gb_alloc_array(l->arena, pool->count, sizeof *runs);
    if (!runs)
        return full(err);
    for (uint32_t i = 0; i < pool->count; i++) {
        struct gb_shard_head h;
        memcpy(&h, gb_pool_at(pool, i).at, sizeof h);
        uint32_t words[11], count = 0;
        words[count++] = final_id(l, h.id);
        words[count++] = h.flags;
        if (h.flags & 1u << GB_HEAD_CVES)
            words[count++] = l->id_list_at[h.cves];
        if (h.flags & 1u << GB_HEAD_ALIASES)
            words[count++] = l->id_list_at[h.aliases];
        if (h.flags & 1u << GB_HEAD_CVSS)
            words[count++] = l->string_rank[h.cvss];
        for (unsigned k = 0; k < 3; k++) {
            unsigned form = h.flags >> (GB_HEAD_TIMES + 2 * k) & 3;
            if (form)
                words[count++] = (uint32_t)h.times[k];
            if (form == 2)
                words[count++] = (uint32_t)((uint64_t)h.times[k] >> 32);
        }
        uint32_t *kept = gb_alloc_array(l->arena, count, sizeof *kept);
        if (!kept)
            return full(err);
        memcpy(kept, words, count * sizeof *kept);
        runs[i] = (struct run){kept, count};
    }
    return lay_runs(l, GB_SECTION_HEADS, runs, pool->count, &l->head_at, err);
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct gb_sort_key *left_key = a, *right_key = b;
    const struct gb_shard_pair *rows = context;
    const struct gb_shard_pair *left = &rows[left_key->number], *right = &rows[right_key->number];
    return left->statement == right->statement ? 0 : left->statement < right->statement ? -1 : 1;
}

static int lay_rows(struct layout *l, struct gb_error *err)
{
    const struct gb_pool *pool = &l->writer->rows;
    struct gb_shard_pair *rows = gb_alloc_array(l->arena, pool->count, sizeof *rows);
    struct gb_sort_key *order = gb_alloc_array(l->arena, pool->count, sizeof *order);
    if (!rows || !order)
        return full(err);
    for (uint32_t i = 0; i < pool->count; i++) {
        memcpy(&rows[i], gb_pool_at(pool, i).at, sizeof *rows);
        rows[i].package = l->string_rank[rows[i].package];
        rows[i].head = l->head_at[rows[i].head];
        rows[i].statement = l->statement_at[rows[i].statement];
        order[i] = (struct gb_sort_key){(uint64_t)rows[i].package << 32 | rows[i].head, i};
    }
    if (!gb_sort(order, pool->count, compare_rows, rows, l->arena))
        return full(err);
    begin(l, GB_SECTION_PACKAGES);
    for (uint32_t i = 0; i < pool->count; i++)
        if (i == 0 || order[i].front >> 32 != order[i - 1].front >> 32) {
            put32(l, (uint32_t)(order[i].front >> 32));
            put32(l, i);
        }
    end(l, GB_SECTION_PACKAGES);
    begin(l, GB_SECTION_ROWS);
    for (uint32_t i = 0; i < pool->count; i++) {
        put32(l, (uint32_t)order[i].front);
        put32(l, rows[order[i].number].statement);
    }
    end(l, GB_SECTION_ROWS);
    return GB_OK;
}

static int compare_exploits(const void *a, const void *b)
{
    const struct gb_shard_exploit *left = a, *right = b;
    return left->cve == right->cve ? 0 : left->cve < right->cve ? -1 : 1;
}

static uint32_t largest(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t earliest(uint32_t a, uint32_t b)
{
    return a && (!b || a < b) ? a : b;
}

// All that both say; where they differ, the worse.
static void merge(struct gb_shard_exploit *into, const struct gb_shard_exploit *more)
{
    uint32_t stage = largest(into->flags >> GB_EXPLOIT_STAGE, more->flags >> GB_EXPLOIT_STAGE);
    uint32_t bits = (1u << GB_EXPLOIT_STAGE) - 1;
    into->flags = ((into->flags | more->flags) & bits) | stage << GB_EXPLOIT_STAGE;
    into->epss = largest(into->epss, more->epss);
    into->percentile = largest(into->percentile, more->percentile);
    into->added = earliest(into->added, more->added);
    into->due = earliest(into->due, more->due);
    into->cvss = largest(into->cvss, more->cvss);
}

static int lay_exploits(struct layout *l, struct gb_error *err)
{
    uint32_t count = 0;
    struct gb_shard_exploit *all = gb_alloc_array(l->arena, l->writer->exploit_count, sizeof *all);
    if (!all)
        return full(err);
    uint32_t flags = 0, cvss = 0;
    for (uint32_t i = 0; i < l->writer->exploit_count; i++) {
        all[i] = l->writer->exploits[i];
        all[i].cvss = l->string_rank[all[i].cvss];
        flags |= all[i].flags;
        cvss |= all[i].cvss;
    }
    if (l->writer->exploit_count)
        qsort(all, l->writer->exploit_count, sizeof *all, compare_exploits);
    for (uint32_t i = 0; i < l->writer->exploit_count; i++)
        if (count && all[count - 1].cve == all[i].cve)
            merge(&all[count - 1], &all[i]);
        else
            all[count++] = all[i];
    begin(l, GB_SECTION_EXPLOIT_CVES);
    for (uint32_t i = 0; i < count; i++)
        put32(l, all[i].cve);
    end(l, GB_SECTION_EXPLOIT_CVES);
    begin(l, GB_SECTION_EXPLOIT_FLAGS);
    for (uint32_t i = 0; i < count; i++)
        gb_buffer_char(l->out, (char)all[i].flags);
    end(l, GB_SECTION_EXPLOIT_FLAGS);
    begin(l, GB_SECTION_EXPLOIT_EPSS);
    for (uint32_t i = 0; flags & GB_EXPLOIT_EPSS && i < count; i++) {
        put32(l, all[i].epss);
        put32(l, all[i].percentile);
    }
    end(l, GB_SECTION_EXPLOIT_EPSS);
    begin(l, GB_SECTION_EXPLOIT_KEV);
    for (uint32_t i = 0; flags & GB_EXPLOIT_KEV && i < count; i++) {
        put32(l, all[i].added);
        put32(l, all[i].due);
    }
    end(l, GB_SECTION_EXPLOIT_KEV);
    begin(l, GB_SECTION_EXPLOIT_CVSS);
    for (uint32_t i = 0; cvss && i < count; i++)
        put32(l, all[i].cvss);
    end(l, GB_SECTION_EXPLOIT_CVSS);
    return GB_OK;
}

static int compare_cycles(const void *a, const void *b)
{
    const struct gb_shard_cycle *left = a, *right = b;
    const uint32_t lefts[] = {left->product, left->cycle, left->codename, left->extended_name};
    const uint32_t rights[] = {right->product, right->cycle, right->codename, right->extended_name};
    const int64_t left_times[] = {left->eol, left->extended, left->released};
    const int64_t right_times[] = {right->eol, right->extended, right->released};
    for (unsigned i = 0; i < 4; i++)
        if (lefts[i] != rights[i])
            return lefts[i] < rights[i] ? -1 : 1;
    for (unsigned i = 0; i < 3; i++)
        if (left_times[i] != right_times[i])
            return left_times[i] < right_times[i] ? -1 : 1;
    return 0;
}

static int lay_lifecycles(struct layout *l, struct gb_error *err)
{
    const struct gb_pool *pool = &l->writer->cycles;
    struct gb_shard_cycle *all = gb_alloc_array(l->arena, pool->count, sizeof *all);
    if (!all)
        return full(err);
    for (uint32_t i = 0; i < pool->count; i++) {
        memcpy(&all[i], gb_pool_at(pool, i).at, sizeof *all);
        all[i].product = l->string_rank[all[i].product];
        all[i].cycle = l->string_rank[all[i].cycle];
        all[i].codename = l->string_rank[all[i].codename];
        all[i].extended_name = l->string_rank[all[i].extended_name];
    }
    qsort(all, pool->count, sizeof *all, compare_cycles);
    begin(l, GB_SECTION_LIFECYCLES);
    for (uint32_t i = 0; i < pool->count; i++) {
        if (i && all[i].product == all[i - 1].product && all[i].cycle == all[i - 1].cycle)
            continue; // the earlier end stands first
        put32(l, all[i].product);
        put32(l, all[i].cycle);
        put32(l, all[i].codename);
        put32(l, all[i].extended_name);
        put64(l, (uint64_t)all[i].released);
        put64(l, (uint64_t)all[i].eol);
        put64(l, (uint64_t)all[i].extended);
    }
    end(l, GB_SECTION_LIFECYCLES);
    return GB_OK;
}

static void write_header(const struct layout *l)
{
    const struct gb_shard_writer *writer = l->writer;
    const struct gb_shard_description *description = &writer->description;
    char *shard = l->out->data + l->start;
    size_t bytes = l->out->len - l->start;
    memcpy(shard, GB_SHARD_MAGIC.at, GB_SHARD_MAGIC.len);
    gb_write32(shard + GB_AT_VERSION, GB_SHARD_VERSION);
    gb_write32(shard + GB_AT_HEADER, GB_SHARD_HEADER_BYTES);
    gb_write64(shard + GB_AT_SIZE, bytes);
    shard[GB_AT_CONTENT] = (char)description->content;
    shard[GB_AT_CONTENT + 1] = (char)description->scheme;
    shard[GB_AT_CONTENT + 2] = description->complete_fixes ? GB_SHARD_COMPLETE_FIXES : 0;
    gb_write32(shard + GB_AT_SECTIONS, GB_SECTION_COUNT);
    gb_write64(shard + GB_AT_DATA_AT, (uint64_t)description->data_at);
    gb_write64(shard + GB_AT_BUILT_AT, (uint64_t)description->built_at);
    for (size_t i = 0; i < 4; i++)
        gb_write32(shard + GB_AT_STRINGS + i * 4, l->string_rank[writer->names[i]]);
    for (size_t i = 0; i < GB_SECTION_COUNT; i++) {
        gb_write32(shard + GB_AT_TABLE + i * 8, l->section_at[i]);
        gb_write32(shard + GB_AT_TABLE + i * 8 + 4, l->section_bytes[i]);
    }
    struct gb_str behind = {shard + GB_AT_CONTENT, bytes - GB_AT_CONTENT};
    gb_write64(shard + GB_AT_CHECKSUM, gb_checksum(behind, 0));
}

static int lay_all(struct layout *l, struct gb_error *err)
{
    int code = lay_strings(l, err);
    if (!code)
        code = lay_lists(l, GB_SECTION_LISTS, &l->writer->lists, &l->list_at, err);
    if (!code)
        code = lay_lists(l, GB_SECTION_ID_LISTS, &l->writer->id_lists, &l->id_list_at, err);
    if (!code)
        code = lay_statements(l, err);
    if (!code)
        code = lay_heads(l, err);
    if (!code)
        code = lay_rows(l, err);
    if (!code)
        code = lay_exploits(l, err);
    if (!code)
        code = lay_lifecycles(l, err);
    return code;
}

int gb_shard_write(struct gb_shard_writer *writer, struct gb_buffer *out, struct gb_error *err)
{
    struct gb_mark mark = gb_arena_mark(writer->arena);
    struct layout layout = {
        .writer = writer, .arena = writer->arena, .out = out, .start = out->len};
    char *header = gb_buffer_reserve(out, GB_SHARD_HEADER_BYTES);
    if (header) {
        memset(header, 0, GB_SHARD_HEADER_BYTES);
        out->len += GB_SHARD_HEADER_BYTES;
    }
    int code = lay_all(&layout, err);
    if (!code && (out->failed || out->len - layout.start > GB_SHARD_MAX_BYTES))
        code = gb_error_set(err, GB_E_LIMIT, "the shard is larger than allowed");
    if (!code)
        write_header(&layout);
    gb_arena_reset(writer->arena, mark);
    return code;
}
