// Reads one text out of a texts file; used where a finding is shown. Nothing is checked ahead:
// every step checks what it follows, and each block carries a checksum of its own.
#include "base/checksum.h"
#include "model/advisory/shard_layout.h"

#include <zstd.h>

enum { MOST_ALIKE = 8 }; // ids of one hash

static int damaged(struct gb_error *err, const char *what)
{
    return gb_error_set(err, GB_E_SYNTAX, "the texts are damaged: %s", what);
}

struct tables {
    struct gb_str file, blocks, entries;
    uint32_t block_count, entry_count;
};

static int find_tables(struct gb_str file, struct tables *ret, struct gb_error *err)
{
    if (!gb_str_starts(file, GB_TEXTS_MAGIC))
        return gb_error_set(err, GB_E_SYNTAX, "this is no file of texts");
    if (file.len < GB_TEXTS_HEADER_BYTES)
        return damaged(err, "they end in their header");
    uint32_t version = gb_little32(file.at + 8);
    if (version != GB_TEXTS_VERSION)
        return gb_error_set(err, GB_E_UNSUPPORTED,
                            "the texts have layout %u, this program reads layout %d", version,
                            GB_TEXTS_VERSION);
    *ret = (struct tables){
        .file = file,
        .block_count = gb_little32(file.at + 12),
        .entry_count = gb_little32(file.at + 16),
    };
    uint64_t blocks = (uint64_t)ret->block_count * GB_TEXTS_BLOCK_RECORD;
    uint64_t entries = (uint64_t)ret->entry_count * GB_TEXTS_ENTRY_RECORD;
    if (gb_little64(file.at + 24) != file.len ||
        blocks + entries > file.len - GB_TEXTS_HEADER_BYTES)
        return damaged(err, "they are not as long as they should be");
    ret->blocks = gb_str_sub(file, GB_TEXTS_HEADER_BYTES, blocks);
    ret->entries = gb_str_sub(file, GB_TEXTS_HEADER_BYTES + blocks, entries);
    return GB_OK;
}

// The first entry whose hash is not below.
static uint32_t first_entry(const struct tables *tables, uint64_t hash)
{
    uint32_t low = 0, high = tables->entry_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (gb_little64(tables->entries.at + (size_t)middle * GB_TEXTS_ENTRY_RECORD) < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The caller frees the buffer.
static int unpack(const struct tables *tables, uint32_t block, struct gb_buffer *ret,
                  struct gb_error *err)
{
    if (block >= tables->block_count)
        return damaged(err, "a text leads outside");
    const char *record = tables->blocks.at + (size_t)block * GB_TEXTS_BLOCK_RECORD;
    uint64_t at = gb_little64(record);
    uint32_t packed = gb_little32(record + 8), bytes = gb_little32(record + 12);
    if (at > tables->file.len || packed > tables->file.len - at || bytes > GB_TEXTS_BLOCK_MAX)
        return damaged(err, "a block leads outside");
    char *into = gb_buffer_reserve(ret, bytes);
    if (!into)
        return gb_error_set(err, GB_E_MEMORY, "no memory for texts");
    size_t done = ZSTD_decompress(into, bytes, tables->file.at + at, packed);
    if (ZSTD_isError(done) || done != bytes)
        return damaged(err, "a block cannot be unpacked");
    ret->len = bytes;
    return GB_OK;
}

static int take_parts(struct gb_str block, uint32_t at, struct gb_str ret[4], struct gb_error *err)
{
    if (at > block.len || block.len - at < GB_TEXTS_HEAD_BYTES)
        return damaged(err, "a text leads outside");
    size_t next = at + (size_t)GB_TEXTS_HEAD_BYTES;
    for (size_t i = 0; i < 4; i++) {
        uint32_t len = gb_little32(block.at + at + 4 * i);
        if (len > block.len - next)
            return damaged(err, "a text leads outside");
        ret[i] = (struct gb_str){block.at + next, len};
        next += len;
    }
    return GB_OK;
}

int gb_shard_text(struct gb_str texts, struct gb_str advisory_id, struct gb_arena *arena,
                  struct gb_advisory_text *ret, struct gb_error *err)
{
    struct tables tables = {0};
    int code = find_tables(texts, &tables, err);
    if (code)
        return code;
    *ret = (struct gb_advisory_text){0};
    uint64_t hash = gb_checksum(advisory_id, 0);
    uint32_t first = first_entry(&tables, hash);
    for (uint32_t i = first; i < tables.entry_count && i - first < MOST_ALIKE; i++) {
        const char *record = tables.entries.at + (size_t)i * GB_TEXTS_ENTRY_RECORD;
        if (gb_little64(record) != hash)
            break;
        GB_CLEANUP(gb_buffer_free) struct gb_buffer block = gb_buffer(GB_TEXTS_BLOCK_MAX);
        struct gb_str parts[4] = {0};
        code = unpack(&tables, gb_little32(record + 8), &block, err);
        if (!code)
            code = take_parts(gb_buffer_str(&block), gb_little32(record + 12), parts, err);
        if (code)
            return code;
        if (gb_str_eq(parts[0], advisory_id)) {
            *ret = (struct gb_advisory_text){gb_str_copy(arena, parts[1]),
                                             gb_str_copy(arena, parts[2]),
                                             gb_str_copy(arena, parts[3])};
            return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for texts")
                                          : GB_OK;
        }
    }
    return GB_OK;
}
