// rpm's old data base: a hash file of Berkeley DB ("Packages"), read page by page without that
// library. After Berkeley DB's documentation of its page formats (db_page.h): every page has a head
// of 26 bytes; hash pages hold pairs of items; long items stand on chains of overflow pages.
#include "source/package/rpm_database.h"
#include "source/package/rpm_header.h"

#include <stdlib.h>

enum {
    META_BYTES = 72, // the part of the first page that all kinds of files share
    PAGE_HEAD_BYTES = 26,
    PAGE_LEAST = 512,
    PAGE_MOST = 65536,
    PAGE_HASH_UNSORTED = 2,
    PAGE_OVERFLOW = 7,
    PAGE_HASH_META = 8,
    PAGE_HASH = 13,
    ITEM_ON_PAGE = 1,
    ITEM_OFF_PAGE = 3,
    OFF_PAGE_BYTES = 12,
};

static const uint32_t hash_magic = 0x00061561;

struct reader {
    int fd;
    uint64_t size;
    bool swapped; // numbers are big-endian
    uint32_t page_bytes, last_page;
    unsigned char *page, *overflow; // malloc, one page each
    char *record;                   // malloc
    size_t capacity;
    uint64_t overflow_pages; // followed so far, so that many short items cannot share a long chain
    const struct gb_rpm_visitor *visitor;
    struct gb_rpm_reading *reading;
};

static uint32_t number32(const struct reader *reader, const unsigned char *at)
{
    return reader->swapped
               ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
               : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static uint32_t number16(const struct reader *reader, const unsigned char *at)
{
    return reader->swapped ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

static int read_meta(struct reader *reader, struct gb_error *err)
{
    unsigned char meta[META_BYTES];
    int code = gb_rpm_read_at(reader->fd, meta, sizeof meta, 0, err);
    if (code)
        return code;
    reader->swapped = number32(reader, meta + 12) != hash_magic;
    if (number32(reader, meta + 12) != hash_magic || meta[25] != PAGE_HASH_META)
        return gb_error_set(err, GB_E_SYNTAX, "is no hash file of Berkeley DB");
    if (meta[24] || meta[26])
        return gb_error_set(err, GB_E_UNSUPPORTED, "is encrypted or has checksums");
    reader->page_bytes = number32(reader, meta + 20);
    reader->last_page = number32(reader, meta + 32);
    uint32_t bytes = reader->page_bytes;
    if (bytes < PAGE_LEAST || bytes > PAGE_MOST || bytes & (bytes - 1))
        return gb_error_set(err, GB_E_SYNTAX, "has pages of %u bytes", bytes);
    // The file may be shorter than its head says (cut), never longer than what is looked at.
    uint64_t pages = reader->size / bytes;
    if (pages && reader->last_page >= pages) {
        struct gb_error why = {0};
        gb_error_set(&why, GB_E_SYNTAX, "the file is cut short");
        gb_rpm_reading_damaged(reader->reading, &why);
        reader->last_page = (uint32_t)(pages - 1);
    }
    return GB_OK;
}

static int read_page(struct reader *reader, uint32_t number, unsigned char *into,
                     struct gb_error *err)
{
    if (!number || number > reader->last_page)
        return gb_error_set(err, GB_E_SYNTAX, "page %u does not exist", number);
    return gb_rpm_read_at(reader->fd, into, reader->page_bytes,
                          (uint64_t)number * reader->page_bytes, err);
}

// Gathers a long item from its chain of pages.
static int read_chain(struct reader *reader, uint32_t first, uint32_t length, struct gb_str *ret,
                      struct gb_error *err)
{
    if (length > GB_RPM_HEADER_MAX_BYTES || length > reader->size)
        return gb_error_set(err, GB_E_SYNTAX, "a record of %u bytes", length);
    if (length > reader->capacity) {
        char *larger = realloc(reader->record, length);
        if (!larger)
            return gb_error_set(err, GB_E_MEMORY, "out of memory");
        reader->record = larger;
        reader->capacity = length;
    }
    size_t have = 0;
    for (uint32_t next = first; have < length;) {
        // A chain costs at least one page for each of its steps, and no page belongs to two.
        if (reader->overflow_pages++ > reader->last_page)
            return gb_error_set(err, GB_E_SYNTAX, "chains of pages share pages");
        int code = read_page(reader, next, reader->overflow, err);
        if (code)
            return code;
        uint32_t used = number16(reader, reader->overflow + 22);
        if (reader->overflow[25] != PAGE_OVERFLOW || !used ||
            used > reader->page_bytes - PAGE_HEAD_BYTES)
            return gb_error_set(err, GB_E_SYNTAX, "page %u is no overflow page", next);
        size_t take = used < length - have ? used : length - have;
        memcpy(reader->record + have, reader->overflow + PAGE_HEAD_BYTES, take);
        have += take;
        next = number32(reader, reader->overflow + 16);
    }
    *ret = (struct gb_str){reader->record, length};
    return GB_OK;
}

// Item `index` of the hash page: from its offset to that of the item before it, or the page's end.
static int read_item(struct reader *reader, uint32_t index, struct gb_str *ret,
                     struct gb_error *err)
{
    const unsigned char *page = reader->page;
    uint32_t start = number16(reader, page + PAGE_HEAD_BYTES + 2 * (size_t)index);
    uint32_t end = index ? number16(reader, page + PAGE_HEAD_BYTES + 2 * (size_t)(index - 1))
                         : reader->page_bytes;
    if (start < PAGE_HEAD_BYTES || start >= end || end > reader->page_bytes)
        return gb_error_set(err, GB_E_SYNTAX, "an item outside of its page");
    if (page[start] == ITEM_ON_PAGE) {
        *ret = (struct gb_str){(const char *)page + start + 1, end - start - 1};
        return GB_OK;
    }
    if (page[start] != ITEM_OFF_PAGE || end - start < OFF_PAGE_BYTES)
        return gb_error_set(err, GB_E_SYNTAX, "an item of type %u", page[start]);
    return read_chain(reader, number32(reader, page + start + 4),
                      number32(reader, page + start + 8), ret, err);
}

// Pairs of key and value; the key is the record's number, in the machine's order of then. Key 0
// holds the next free number.
static int read_pair(struct reader *reader, uint32_t index)
{
    struct gb_error why = {0};
    struct gb_str key = {0}, value = {0};
    int code = read_item(reader, index, &key, &why);
    uint32_t number =
        !code && key.len == 4 ? number32(reader, (const unsigned char *)key.at) : UINT32_MAX;
    if (number == 0)
        return GB_OK;
    if (!code)
        code = read_item(reader, index + 1, &value, &why);
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        gb_rpm_reading_damaged(reader->reading, &why);
        return GB_OK;
    }
    reader->reading->headers++;
    return reader->visitor->visit(reader->visitor->context, value, number);
}

static int read_pages(struct reader *reader, struct gb_error *err)
{
    for (uint32_t i = 1; i <= reader->last_page; i++) {
        int code = read_page(reader, i, reader->page, err);
        if (code)
            return code;
        unsigned char type = reader->page[25];
        if (type != PAGE_HASH && type != PAGE_HASH_UNSORTED)
            continue;
        uint32_t items = number16(reader, reader->page + 20);
        uint32_t room = (reader->page_bytes - PAGE_HEAD_BYTES) / 2;
        for (uint32_t k = 0; k + 1 < (items < room ? items : room); k += 2) {
            code = read_pair(reader, k);
            if (code)
                return code;
        }
    }
    return GB_OK;
}

int gb_rpm_bdb_read(int fd, uint64_t size, const struct gb_rpm_visitor *visitor,
                    struct gb_rpm_reading *ret, struct gb_error *err)
{
    *ret = (struct gb_rpm_reading){0};
    struct reader reader = {.fd = fd, .size = size, .visitor = visitor, .reading = ret};
    int code = read_meta(&reader, err);
    if (code)
        return code;
    reader.page = malloc(2 * (size_t)reader.page_bytes);
    if (!reader.page)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    reader.overflow = reader.page + reader.page_bytes;
    code = read_pages(&reader, err);
    free(reader.page);
    free(reader.record);
    return code;
}
