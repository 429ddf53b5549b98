// The texts of advisories as a file of compressed blocks, with an index by id. Used by imports of
// feeds; shard_texts.c reads it.
#include "base/checksum.h"
#include "model/advisory/shard_sort.h"
#include "model/advisory/shard_writer.h"

#include <stdlib.h>
#include <zstd.h>

enum { LEVEL = 3 };

struct text {
    struct gb_str parts[4]; // id, title, details, url
};

struct entry {
    uint64_t hash;
    uint32_t block, at;
};

struct block {
    uint64_t at;
    uint32_t packed, bytes;
};

static int compare_texts(const void *a, const void *b, void *context)
{
    const struct gb_sort_key *left_key = a, *right_key = b;
    const struct text *texts = context;
    const struct text *left = &texts[left_key->number], *right = &texts[right_key->number];
    int order = gb_str_compare(left->parts[0], right->parts[0]);
    if (order)
        return order;
    if (left->parts[2].len != right->parts[2].len) // the longest first
        return left->parts[2].len > right->parts[2].len ? -1 : 1;
    for (unsigned i = 1; !order && i < 4; i++)
        order = -gb_str_compare(left->parts[i], right->parts[i]);
    return order;
}

static int compare_hashes(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    if (left->block != right->block)
        return left->block < right->block ? -1 : 1;
    return left->at == right->at ? 0 : left->at < right->at ? -1 : 1;
}

// How many bytes all ids begin with: "CVE-" tells nothing about their order.
static size_t shared_front(const struct text *texts, uint32_t count)
{
    size_t shared = count ? texts[0].parts[0].len : 0;
    for (uint32_t i = 1; i < count; i++) {
        struct gb_str id = texts[i].parts[0];
        size_t same = 0;
        while (same < shared && same < id.len && id.at[same] == texts[0].parts[0].at[same])
            same++;
        shared = same;
    }
    return shared;
}

static bool order_texts(struct text *texts, uint32_t count, struct gb_sort_key *order,
                        struct gb_arena *arena)
{
    size_t shared = shared_front(texts, count);
    for (uint32_t i = 0; i < count; i++)
        order[i] = (struct gb_sort_key){gb_sort_front(gb_str_from(texts[i].parts[0], shared)), i};
    return gb_sort(order, count, compare_texts, texts, arena);
}

// One text of each id, by id.
static struct text *gather(const struct gb_shard_writer *writer, uint32_t *ret_count)
{
    const struct gb_pool *pool = &writer->texts;
    const struct gb_str *strings = writer->text_strings.entries;
    struct text *texts = gb_alloc_array(writer->arena, pool->count, sizeof *texts);
    struct text *sorted = gb_alloc_array(writer->arena, pool->count, sizeof *sorted);
    struct gb_sort_key *order = gb_alloc_array(writer->arena, pool->count, sizeof *order);
    if (!texts || !sorted || !order)
        return NULL;
    for (uint32_t i = 0; i < pool->count; i++) {
        struct gb_shard_words words;
        memcpy(&words, gb_pool_at(pool, i).at, sizeof words);
        texts[i] = (struct text){
            {strings[words.id], strings[words.title], strings[words.details], strings[words.url]}};
    }
    if (!order_texts(texts, pool->count, order, writer->arena))
        return NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < pool->count; i++) {
        const struct text *text = &texts[order[i].number];
        if (!count || !gb_str_eq(sorted[count - 1].parts[0], text->parts[0]))
            sorted[count++] = *text;
    }
    *ret_count = count;
    return sorted;
}

static int pack(ZSTD_CCtx *zstd, struct gb_buffer *raw, struct gb_buffer *packed,
                struct block *block, struct gb_error *err)
{
    size_t most = ZSTD_compressBound(raw->len);
    char *into = gb_buffer_reserve(packed, most);
    if (!into)
        return gb_error_set(err, GB_E_LIMIT, "the texts are larger than allowed");
    size_t bytes = ZSTD_compress2(zstd, into, most, raw->data, raw->len);
    if (ZSTD_isError(bytes))
        return gb_error_set(err, GB_E_MEMORY, "compressing texts: %s", ZSTD_getErrorName(bytes));
    *block = (struct block){packed->len, (uint32_t)bytes, (uint32_t)raw->len};
    packed->len += bytes;
    gb_buffer_clear(raw);
    return GB_OK;
}

static void add_text(struct gb_buffer *raw, const struct text *text)
{
    char lengths[GB_TEXTS_HEAD_BYTES];
    for (unsigned i = 0; i < 4; i++)
        gb_write32(lengths + 4 * i, (uint32_t)text->parts[i].len);
    gb_buffer_add(raw, (struct gb_str){lengths, sizeof lengths});
    for (unsigned i = 0; i < 4; i++)
        gb_buffer_add(raw, text->parts[i]);
}

static int pack_all(ZSTD_CCtx *zstd, const struct text *texts, uint32_t count,
                    struct gb_buffer *packed, struct entry *entries, struct block *blocks,
                    uint32_t *block_count, struct gb_error *err)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer raw = gb_buffer(GB_TEXTS_BLOCK_MAX);
    for (uint32_t i = 0; i < count; i++) {
        entries[i] =
            (struct entry){gb_checksum(texts[i].parts[0], 0), *block_count, (uint32_t)raw.len};
        add_text(&raw, &texts[i]);
        if (raw.failed)
            return gb_error_set(err, GB_E_LIMIT, "the text of " GB_PRI " is too large",
                                GB_ARG(texts[i].parts[0]));
        if (raw.len < GB_TEXTS_BLOCK_BYTES && i + 1 < count)
            continue;
        int code = pack(zstd, &raw, packed, &blocks[(*block_count)++], err);
        if (code)
            return code;
    }
    return GB_OK;
}

static int write_file(const struct entry *entries, uint32_t count, const struct block *blocks,
                      uint32_t block_count, const struct gb_buffer *packed, struct gb_buffer *out,
                      struct gb_error *err)
{
    size_t tables = GB_TEXTS_HEADER_BYTES + (size_t)block_count * GB_TEXTS_BLOCK_RECORD +
                    (size_t)count * GB_TEXTS_ENTRY_RECORD;
    char *at = gb_buffer_reserve(out, tables);
    if (!at)
        return gb_error_set(err, GB_E_LIMIT, "the texts are larger than allowed");
    memset(at, 0, GB_TEXTS_HEADER_BYTES);
    memcpy(at, GB_TEXTS_MAGIC.at, GB_TEXTS_MAGIC.len);
    gb_write32(at + 8, GB_TEXTS_VERSION);
    gb_write32(at + 12, block_count);
    gb_write32(at + 16, count);
    gb_write64(at + 24, tables + packed->len);
    char *record = at + GB_TEXTS_HEADER_BYTES;
    for (uint32_t i = 0; i < block_count; i++, record += GB_TEXTS_BLOCK_RECORD) {
        gb_write64(record, tables + blocks[i].at);
        gb_write32(record + 8, blocks[i].packed);
        gb_write32(record + 12, blocks[i].bytes);
    }
    for (uint32_t i = 0; i < count; i++, record += GB_TEXTS_ENTRY_RECORD) {
        gb_write64(record, entries[i].hash);
        gb_write32(record + 8, entries[i].block);
        gb_write32(record + 12, entries[i].at);
    }
    out->len += tables;
    gb_buffer_add(out, gb_buffer_str(packed));
    return out->failed ? gb_error_set(err, GB_E_LIMIT, "the texts are larger than allowed") : GB_OK;
}

int gb_shard_write_texts(struct gb_shard_writer *writer, struct gb_buffer *out,
                         struct gb_error *err)
{
    struct gb_mark mark = gb_arena_mark(writer->arena);
    uint32_t count = 0, block_count = 0;
    struct text *texts = gather(writer, &count);
    struct entry *entries = gb_alloc_array(writer->arena, count, sizeof *entries);
    struct block *blocks = gb_alloc_array(writer->arena, count, sizeof *blocks);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer packed = gb_buffer(GB_SHARD_MAX_BYTES);
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    int code = GB_OK;
    if (!texts || !entries || !blocks)
        code = gb_error_set(err, GB_E_LIMIT, "the texts need more memory than allowed");
    else if (!zstd || ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL)) ||
             ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1)))
        code = gb_error_set(err, GB_E_MEMORY, "no memory to compress texts");
    if (!code)
        code = pack_all(zstd, texts, count, &packed, entries, blocks, &block_count, err);
    ZSTD_freeCCtx(zstd);
    if (!code) {
        qsort(entries, count, sizeof *entries, compare_hashes);
        code = write_file(entries, count, blocks, block_count, &packed, out, err);
    }
    gb_arena_reset(writer->arena, mark);
    return code;
}
