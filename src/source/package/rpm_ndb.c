// rpm's NDB data base (Packages.db): a head, pages of slots that say where each record lies, and
// the records in blocks of 16 bytes between a head and a tail of their own. All numbers are
// little-endian. After the comments and constants of rpm's lib/backend/ndb/rpmpkg.c.
#include "source/package/rpm_database.h"

#include "base/bytes.h"
#include "source/package/rpm_header.h"

#include <stdlib.h>

enum {
    PAGE_BYTES = 4096,
    SLOT_BYTES = 16,
    SLOTS_IN_PAGE = PAGE_BYTES / SLOT_BYTES,
    FIRST_SLOT = 2, // the head takes the room of two
    BLOCK_BYTES = 16,
    RECORD_HEAD_BYTES = 16,
    RECORD_TAIL_BYTES = 12,
    SLOT_PAGES_MAX = 16384, // four million packages
};

static const uint32_t file_magic = 0x506d7052;   // "RpmP"
static const uint32_t slot_magic = 0x746f6c53;   // "Slot"
static const uint32_t record_magic = 0x53626c42; // "BlbS"
static const uint32_t tail_magic = 0x45626c42;   // "BlbE"

struct reader {
    int fd;
    uint64_t size;
    const struct gb_rpm_visitor *visitor;
    struct gb_rpm_reading *reading;
    char *record; // malloc
    size_t capacity;
};

// The record that a slot points to, into reader->record: head, header blob, tail.
static int read_record(struct reader *reader, uint32_t number, uint32_t block, uint32_t blocks,
                       struct gb_str *ret, struct gb_error *err)
{
    uint64_t offset = (uint64_t)block * BLOCK_BYTES, length = (uint64_t)blocks * BLOCK_BYTES;
    if (length < RECORD_HEAD_BYTES + RECORD_TAIL_BYTES || length > GB_RPM_HEADER_MAX_BYTES)
        return gb_error_set(err, GB_E_SYNTAX, "record %u: a length of %llu bytes", number,
                            (unsigned long long)length);
    if (offset > reader->size || length > reader->size - offset)
        return gb_error_set(err, GB_E_SYNTAX, "record %u: beyond the end of the file", number);
    if (length > reader->capacity) {
        char *larger = realloc(reader->record, (size_t)length);
        if (!larger)
            return gb_error_set(err, GB_E_MEMORY, "out of memory");
        reader->record = larger;
        reader->capacity = (size_t)length;
    }
    int code = gb_rpm_read_at(reader->fd, reader->record, (size_t)length, offset, err);
    if (code)
        return code;
    const unsigned char *bytes = (const unsigned char *)reader->record;
    uint32_t used = gb_little32(bytes + 12);
    if (gb_little32(bytes) != record_magic || gb_little32(bytes + 4) != number)
        return gb_error_set(err, GB_E_SYNTAX, "record %u: has no head", number);
    if (used > length - RECORD_HEAD_BYTES - RECORD_TAIL_BYTES)
        return gb_error_set(err, GB_E_SYNTAX, "record %u: longer than its room", number);
    const unsigned char *tail = bytes + length - RECORD_TAIL_BYTES;
    if (gb_little32(tail + 8) != tail_magic || gb_little32(tail + 4) != used)
        return gb_error_set(err, GB_E_SYNTAX, "record %u: has no tail", number);
    *ret = (struct gb_str){reader->record + RECORD_HEAD_BYTES, used};
    return GB_OK;
}

static int read_slot(struct reader *reader, const unsigned char *slot)
{
    uint32_t number = gb_little32(slot + 4), block = gb_little32(slot + 8),
             blocks = gb_little32(slot + 12);
    struct gb_error why = {0};
    struct gb_str blob;
    if (gb_little32(slot) != slot_magic) {
        gb_error_set(&why, GB_E_SYNTAX, "a slot without its mark");
        gb_rpm_reading_damaged(reader->reading, &why);
        return GB_OK;
    }
    if (!block) // free
        return GB_OK;
    int code = read_record(reader, number, block, blocks, &blob, &why);
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        gb_rpm_reading_damaged(reader->reading, &why);
        return GB_OK;
    }
    reader->reading->headers++;
    return reader->visitor->visit(reader->visitor->context, blob, number);
}

int gb_rpm_ndb_read(int fd, uint64_t size, const struct gb_rpm_visitor *visitor,
                    struct gb_rpm_reading *ret, struct gb_error *err)
{
    unsigned char page[PAGE_BYTES];
    *ret = (struct gb_rpm_reading){0};
    int code = gb_rpm_read_at(fd, page, sizeof page, 0, err);
    if (code)
        return code;
    if (gb_little32(page) != file_magic || gb_little32(page + 4) != 0)
        return gb_error_set(err, GB_E_SYNTAX, "is no package data base of rpm");
    uint32_t pages = gb_little32(page + 12);
    if (!pages || pages > SLOT_PAGES_MAX)
        return gb_error_set(err, GB_E_SYNTAX, "has %u pages of slots", pages);
    struct reader reader = {.fd = fd, .size = size, .visitor = visitor, .reading = ret};
    for (uint32_t i = 0; i < pages && !code; i++) {
        if (i)
            code = gb_rpm_read_at(fd, page, sizeof page, (uint64_t)i * PAGE_BYTES, err);
        for (uint32_t k = i ? 0 : FIRST_SLOT; k < SLOTS_IN_PAGE && !code; k++)
            code = read_slot(&reader, page + (size_t)k * SLOT_BYTES);
    }
    free(reader.record);
    return code;
}
