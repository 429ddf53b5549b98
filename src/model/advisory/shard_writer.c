// Gathers what a shard will hold, each string, list and record once; used by imports of feeds.
#include "model/advisory/shard_writer.h"

#include "base/time.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_EXPLOITS = 1 << 24, LIST_MAX = 1 << 20 };

static int copy_string(struct gb_shard_writer *writer, struct gb_str *s, uint32_t *number,
                       struct gb_error *err)
{
    int code = gb_pool_add(&writer->strings, *s, number, err);
    if (!code)
        *s = writer->strings.entries[*number];
    return code;
}

static int take_description(struct gb_shard_writer *writer,
                            const struct gb_shard_description *description, struct gb_error *err)
{
    writer->description = *description;
    struct gb_shard_description *own = &writer->description;
    struct gb_str *const strings[] = {&own->feed, &own->scope, &own->origin, &own->licence};
    uint32_t empty;
    int code = gb_pool_add(&writer->strings, GB_STR(""), &empty, err);
    for (size_t i = 0; !code && i < 4; i++)
        code = copy_string(writer, strings[i], &writer->names[i], err);
    return code;
}

int gb_shard_writer_new(const struct gb_shard_description *description, size_t max_bytes,
                        struct gb_shard_writer **ret, struct gb_error *err)
{
    struct gb_shard_writer *writer = calloc(1, sizeof *writer);
    if (writer)
        writer->arena = gb_arena_new("shard", max_bytes);
    if (!writer || !writer->arena) {
        free(writer);
        return gb_error_set(err, GB_E_MEMORY, "no memory for a shard");
    }
    struct gb_pool *const pools[] = {&writer->strings,      &writer->lists, &writer->id_lists,
                                     &writer->statements,   &writer->heads, &writer->rows,
                                     &writer->text_strings, &writer->texts, &writer->cycles};
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++)
        pools[i]->arena = writer->arena;
    writer->statements.record = sizeof(struct gb_shard_statement);
    writer->heads.record = sizeof(struct gb_shard_head);
    writer->rows.record = sizeof(struct gb_shard_pair);
    writer->texts.record = sizeof(struct gb_shard_words);
    writer->cycles.record = sizeof(struct gb_shard_cycle);
    int code = take_description(writer, description, err);
    if (code)
        gb_shard_writer_free(&writer);
    else
        *ret = writer;
    return code;
}

void gb_shard_writer_free(struct gb_shard_writer **handle)
{
    struct gb_shard_writer *writer = *handle;
    if (!writer)
        return;
    gb_arena_free(&writer->arena);
    free(writer);
    *handle = NULL;
}

void gb_shard_writer_set_data_at(struct gb_shard_writer *writer, int64_t data_at)
{
    writer->description.data_at = data_at;
}

size_t gb_shard_writer_row_count(const struct gb_shard_writer *writer)
{
    switch (writer->description.content) {
    case GB_SHARD_EXPLOITS:
        return writer->exploit_count;
    case GB_SHARD_LIFECYCLES:
        return writer->cycles.count;
    case GB_SHARD_ADVISORIES:
        break;
    }
    return writer->rows.count;
}

static int full(struct gb_error *err)
{
    return gb_error_set(err, GB_E_LIMIT, "the shard needs more memory than allowed");
}

static int add_string(struct gb_shard_writer *writer, struct gb_str s, uint32_t *ret,
                      struct gb_error *err)
{
    *ret = 0; // the empty string is the first one
    return s.len ? gb_pool_add(&writer->strings, s, ret, err) : GB_OK;
}

static int add_id(struct gb_shard_writer *writer, struct gb_str id, uint32_t *ret,
                  struct gb_error *err)
{
    if (gb_cve_pack(id, ret))
        return GB_OK;
    int code = add_string(writer, id, ret, err);
    *ret |= GB_ID_STRING;
    return code;
}

typedef int add_word(struct gb_shard_writer *, struct gb_str, uint32_t *, struct gb_error *);

// A list of strings or ids, as words in scratch memory that is given back.
static int add_list(struct gb_shard_writer *writer, struct gb_pool *pool, add_word *add,
                    const struct gb_str *strings, size_t count, uint32_t *ret, struct gb_error *err)
{
    uint32_t few[64], *words = few;
    if (count > LIST_MAX)
        return gb_error_set(err, GB_E_LIMIT, "a list of %zu entries (at most %d)", count, LIST_MAX);
    if (count > sizeof few / sizeof *few) {
        words = malloc(count * sizeof *words);
        if (!words)
            return gb_error_set(err, GB_E_MEMORY, "no memory for a list");
    }
    int code = GB_OK;
    for (size_t i = 0; !code && i < count; i++)
        code = add(writer, strings[i], &words[i], err);
    if (!code)
        code = gb_pool_add(pool, (struct gb_str){(const char *)words, count * sizeof *words}, ret,
                           err);
    if (words != few)
        free(words);
    return code;
}

static struct gb_str introduced_of(const struct gb_affected_range *range)
{
    return gb_str_is(range->introduced, "0") ? GB_STR("") : range->introduced;
}

static int add_ranges(struct gb_shard_writer *writer, const struct gb_affected *affected,
                      struct gb_shard_statement *statement, struct gb_error *err)
{
    const struct gb_affected_range *ranges = affected->ranges;
    size_t count = affected->range_count;
    if (count == 0)
        return GB_OK;
    if (count == 1 && !introduced_of(ranges).len && !ranges->last_affected.len &&
        ranges->fixed.len) {
        statement->flags |= 1u << GB_STATEMENT_FIXED;
        return add_string(writer, ranges->fixed, &statement->ranges, err);
    }
    if (count > LIST_MAX / 3)
        return gb_error_set(err, GB_E_LIMIT, "%zu ranges (at most %d)", count, LIST_MAX / 3);
    struct gb_str few[24], *strings = few;
    if (count * 3 > sizeof few / sizeof *few) {
        strings = malloc(count * 3 * sizeof *strings);
        if (!strings)
            return gb_error_set(err, GB_E_MEMORY, "no memory for ranges");
    }
    for (size_t i = 0; i < count; i++) {
        strings[i * 3] = introduced_of(&ranges[i]);
        strings[i * 3 + 1] = ranges[i].fixed;
        strings[i * 3 + 2] = ranges[i].last_affected;
    }
    statement->flags |= 1u << GB_STATEMENT_RANGES;
    int code =
        add_list(writer, &writer->lists, add_string, strings, count * 3, &statement->ranges, err);
    if (strings != few)
        free(strings);
    return code;
}

static int add_statement(struct gb_shard_writer *writer, const struct gb_affected *affected,
                         uint32_t *ret, struct gb_error *err)
{
    struct gb_shard_statement statement = {
        .flags = (uint32_t)affected->status << GB_STATEMENT_STATUS |
                 (uint32_t)affected->fix << GB_STATEMENT_FIX |
                 (uint32_t)affected->severity << GB_STATEMENT_SEVERITY |
                 (uint32_t)affected->remote << GB_STATEMENT_REMOTE |
                 (uint32_t)affected->binary << GB_STATEMENT_BINARY |
                 (uint32_t)affected->scheme << GB_STATEMENT_SCHEME,
    };
    const struct {
        const struct gb_str *strings;
        size_t count;
    } lists[] = {
        {affected->versions, affected->version_count},
        {affected->unaffected, affected->unaffected_count},
        {affected->architectures, affected->architecture_count},
        {affected->systems, affected->system_count},
        {affected->symbols, affected->symbol_count},
    };
    int code = add_ranges(writer, affected, &statement, err);
    for (unsigned i = 0; !code && i < 5; i++)
        if (lists[i].count) {
            statement.flags |= 1u << (GB_STATEMENT_VERSIONS + i);
            code = add_list(writer, &writer->lists, add_string, lists[i].strings, lists[i].count,
                            &statement.lists[i], err);
        }
    if (!code && affected->module.len) {
        statement.flags |= 1u << GB_STATEMENT_MODULE;
        code = add_string(writer, affected->module, &statement.module, err);
    }
    if (!code && affected->note.len) {
        statement.flags |= 1u << GB_STATEMENT_NOTE;
        code = add_string(writer, affected->note, &statement.note, err);
    }
    if (code)
        return code;
    return gb_pool_add(&writer->statements,
                       (struct gb_str){(const char *)&statement, sizeof statement}, ret, err);
}

static int add_head(struct gb_shard_writer *writer, const struct gb_advisory *advisory,
                    uint32_t *ret, struct gb_error *err)
{
    struct gb_shard_head head = {
        .flags = (uint32_t)advisory->severity << GB_HEAD_SEVERITY |
                 (uint32_t)advisory->disputed << GB_HEAD_DISPUTED |
                 (uint32_t)advisory->informational << GB_HEAD_INFORMATIONAL,
        .times = {advisory->published_at, advisory->modified_at, advisory->withdrawn_at},
    };
    for (unsigned i = 0; i < 3; i++) {
        uint32_t form = head.times[i] == 0 ? 0 : head.times[i] == (uint32_t)head.times[i] ? 1 : 2;
        head.flags |= form << (GB_HEAD_TIMES + 2 * i);
    }
    int code = add_id(writer, advisory->id, &head.id, err);
    if (!code && advisory->cve_count == 1 && gb_str_eq(advisory->cves[0], advisory->id)) {
        head.flags |= 1u << GB_HEAD_SELF;
    } else if (!code && advisory->cve_count) {
        head.flags |= 1u << GB_HEAD_CVES;
        code = add_list(writer, &writer->id_lists, add_id, advisory->cves, advisory->cve_count,
                        &head.cves, err);
    }
    if (!code && advisory->alias_count) {
        head.flags |= 1u << GB_HEAD_ALIASES;
        code = add_list(writer, &writer->id_lists, add_id, advisory->aliases, advisory->alias_count,
                        &head.aliases, err);
    }
    if (!code && advisory->cvss.len) {
        head.flags |= 1u << GB_HEAD_CVSS;
        code = add_string(writer, advisory->cvss, &head.cvss, err);
    }
    if (code)
        return code;
    return gb_pool_add(&writer->heads, (struct gb_str){(const char *)&head, sizeof head}, ret, err);
}

// At most GB_SHARD_TEXT_MAX bytes, without a torn character at the end.
static struct gb_str cut(struct gb_str text)
{
    if (text.len <= GB_SHARD_TEXT_MAX)
        return text;
    text.len = GB_SHARD_TEXT_MAX;
    while (text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80)
        text.len--;
    return text;
}

// The text that came with this head before, and comes again with each of its rows.
static bool has_texts(const struct gb_shard_writer *writer, uint32_t head, struct gb_str title,
                      struct gb_str details, struct gb_str url)
{
    if (head >= writer->head_text_capacity || !writer->head_texts[head])
        return false;
    struct gb_shard_words words;
    memcpy(&words, gb_pool_at(&writer->texts, writer->head_texts[head] - 1).at, sizeof words);
    const struct gb_str *strings = writer->text_strings.entries;
    return gb_str_eq(strings[words.title], title) && gb_str_eq(strings[words.details], details) &&
           gb_str_eq(strings[words.url], url);
}

static int note_text(struct gb_shard_writer *writer, uint32_t head, uint32_t text,
                     struct gb_error *err)
{
    if (head >= writer->head_text_capacity) {
        uint32_t wider = writer->heads.capacity;
        uint32_t *texts = gb_grow_array(writer->arena, writer->head_texts,
                                        writer->head_text_capacity, wider, sizeof *texts);
        if (!texts)
            return full(err);
        writer->head_texts = texts;
        writer->head_text_capacity = wider;
    }
    writer->head_texts[head] = text + 1;
    return GB_OK;
}

static int add_texts(struct gb_shard_writer *writer, const struct gb_advisory *advisory,
                     uint32_t head, struct gb_error *err)
{
    if (!advisory->title.len && !advisory->details.len && !advisory->url.len)
        return GB_OK;
    struct gb_shard_words words;
    const struct gb_str strings[] = {cut(advisory->id), cut(advisory->title),
                                     cut(advisory->details), cut(advisory->url)};
    if (has_texts(writer, head, strings[1], strings[2], strings[3]))
        return GB_OK;
    uint32_t *const numbers[] = {&words.id, &words.title, &words.details, &words.url};
    int code = GB_OK;
    for (unsigned i = 0; !code && i < 4; i++)
        code = gb_pool_add(&writer->text_strings, strings[i], numbers[i], err);
    uint32_t number;
    if (!code)
        code = gb_pool_add(&writer->texts, (struct gb_str){(const char *)&words, sizeof words},
                           &number, err);
    return code ? code : note_text(writer, head, number, err);
}

static int add_package(struct gb_shard_writer *writer, struct gb_str package, uint32_t *ret,
                       struct gb_error *err)
{
    *ret = writer->last_package;
    if (gb_str_eq(writer->strings.entries[*ret], package))
        return GB_OK;
    int code = add_string(writer, package, ret, err);
    if (!code)
        writer->last_package = *ret;
    return code;
}

int gb_shard_writer_advisory(struct gb_shard_writer *writer, const struct gb_advisory *advisory,
                             struct gb_error *err)
{
    struct gb_shard_pair row = {0};
    bool kept = false;
    for (size_t i = 0; i < advisory->affected_count; i++) {
        const struct gb_affected *affected = &advisory->affected[i];
        if (!gb_str_eq(affected->scope, writer->description.scope))
            continue;
        int code = kept ? GB_OK : add_head(writer, advisory, &row.head, err);
        kept = true;
        if (!code)
            code = add_package(writer, affected->package, &row.package, err);
        if (!code)
            code = add_statement(writer, affected, &row.statement, err);
        uint32_t number;
        if (!code)
            code = gb_pool_add(&writer->rows, (struct gb_str){(const char *)&row, sizeof row},
                               &number, err);
        if (code)
            return code;
    }
    return kept ? add_texts(writer, advisory, row.head, err) : GB_OK;
}

static uint32_t billionths(double share)
{
    return share > 0 ? share < 1 ? (uint32_t)lround(share * 1e9) : 1000000000u : 0;
}

static uint32_t days(int64_t at)
{
    int64_t day = at / GB_DAY;
    return day > 0 && day < UINT32_MAX ? (uint32_t)day : 0;
}

int gb_shard_writer_exploit(struct gb_shard_writer *writer, const struct gb_exploit_facts *facts,
                            struct gb_error *err)
{
    struct gb_shard_exploit exploit = {0};
    if (!gb_cve_pack(facts->cve, &exploit.cve))
        return gb_error_set(err, GB_E_TYPE, "\"" GB_PRI "\" is no CVE id", GB_ARG(facts->cve));
    if (facts->has_kev) {
        exploit.flags |= GB_EXPLOIT_KEV | (facts->kev_ransomware ? GB_EXPLOIT_RANSOMWARE : 0);
        exploit.added = days(facts->kev_added_at);
        exploit.due = days(facts->kev_due_at);
    }
    if (facts->has_epss) {
        exploit.flags |= GB_EXPLOIT_EPSS;
        exploit.epss = billionths(facts->epss);
        exploit.percentile = billionths(facts->epss_percentile);
    }
    if (facts->has_ssvc)
        exploit.flags |= GB_EXPLOIT_SSVC | (facts->ssvc_automatable ? GB_EXPLOIT_AUTOMATABLE : 0) |
                         (facts->ssvc_total ? GB_EXPLOIT_TOTAL : 0) |
                         (facts->ssvc_exploitation & 3u) << GB_EXPLOIT_STAGE;
    int code = add_string(writer, facts->cvss, &exploit.cvss, err);
    if (code)
        return code;
    if (writer->exploit_count == writer->exploit_capacity) {
        uint32_t wider = writer->exploit_capacity ? writer->exploit_capacity * 2 : 1024;
        struct gb_shard_exploit *exploits =
            wider > MOST_EXPLOITS ? NULL
                                  : gb_grow_array(writer->arena, writer->exploits,
                                                  writer->exploit_capacity, wider, sizeof exploit);
        if (!exploits)
            return full(err);
        writer->exploits = exploits;
        writer->exploit_capacity = wider;
    }
    writer->exploits[writer->exploit_count++] = exploit;
    return GB_OK;
}

int gb_shard_writer_lifecycle(struct gb_shard_writer *writer, const struct gb_lifecycle *lifecycle,
                              struct gb_error *err)
{
    struct gb_shard_cycle cycle = {.released = lifecycle->released_at,
                                   .eol = lifecycle->eol_at,
                                   .extended = lifecycle->extended_eol_at};
    const struct gb_str strings[] = {lifecycle->product, lifecycle->cycle, lifecycle->codename,
                                     lifecycle->extended_name};
    uint32_t *const numbers[] = {&cycle.product, &cycle.cycle, &cycle.codename,
                                 &cycle.extended_name};
    int code = GB_OK;
    for (unsigned i = 0; !code && i < 4; i++)
        code = add_string(writer, strings[i], numbers[i], err);
    uint32_t number;
    if (!code)
        code = gb_pool_add(&writer->cycles, (struct gb_str){(const char *)&cycle, sizeof cycle},
                           &number, err);
    return code;
}

int gb_shard_writer_finish(struct gb_shard_writer *writer, struct gb_buffer *shard,
                           struct gb_buffer *texts, struct gb_error *err)
{
    int code = shard ? gb_shard_write(writer, shard, err) : GB_OK;
    if (!code && texts)
        code = gb_shard_write_texts(writer, texts, err);
    return code;
}
