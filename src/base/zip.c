// Reading zip archives; see zip.h.
#include "base/zip.h"

#include "base/bytes.h"

#include <stdlib.h>

enum {
    END_BYTES = 22,
    LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_LONGEST = 0xffff,
    WINDOW = 256 << 10, // larger than any entry: three fields of 16 bits and the fixed part
    FLAG_ENCRYPTED = 1,
    EXTRA_ZIP64 = 1,
};
static const uint32_t end_mark = 0x06054b50, locator_mark = 0x07064b50, end64_mark = 0x06064b50,
                      entry_mark = 0x02014b50, local_mark = 0x04034b50;

struct gb_zip_walk {
    const struct gb_zip *zip;
    uint64_t next;     // offset in the directory of what comes behind the window
    size_t at, filled; // in the window
    unsigned char window[WINDOW];
};

static int damaged(struct gb_error *err, const char *what)
{
    return gb_error_set(err, GB_E_SYNTAX, "damaged zip archive: %s", what);
}

// ---- the end record

// The offset of the record at the end, behind which only its comment stands.
static int find_end(const struct gb_content_reader *content, unsigned char *record, uint64_t *ret,
                    struct gb_error *err)
{
    if (content->size >= END_BYTES &&
        gb_content_exactly(content, content->size - END_BYTES, record, END_BYTES) &&
        gb_little32(record) == end_mark && !gb_little16(record + 20)) {
        *ret = content->size - END_BYTES;
        return GB_OK;
    }
    size_t most = END_BYTES + COMMENT_LONGEST;
    size_t size = content->size < most ? (size_t)content->size : most;
    uint64_t from = content->size - size;
    unsigned char *tail = malloc(size + 1);
    if (!tail)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a zip archive");
    int64_t got = gb_content_read(content, from, tail, size);
    int code = got < 0 ? gb_error_set(err, (int)got, "cannot be read") : GB_E_TYPE;
    for (size_t at = got >= END_BYTES ? (size_t)got - END_BYTES + 1 : 0; at-- > 0;) {
        // Some archives have a few bytes behind the comment.
        if (gb_little32(tail + at) != end_mark ||
            gb_little16(tail + at + 20) > (size_t)got - at - END_BYTES)
            continue;
        memcpy(record, tail + at, END_BYTES);
        *ret = from + at;
        code = GB_OK;
        break;
    }
    free(tail);
    if (code != GB_E_TYPE)
        return code;
    unsigned char front[4] = {0};
    if (gb_content_exactly(content, 0, front, sizeof front) && gb_little32(front) == local_mark)
        return damaged(err, "it has no end");
    return gb_error_set(err, GB_E_TYPE, "not a zip archive");
}

// The record of zip64 before the end, where there is one; false when there is none.
static bool find_end64(const struct gb_content_reader *content, uint64_t end, unsigned char *record,
                       uint64_t *ret)
{
    unsigned char locator[LOCATOR_BYTES];
    if (end < LOCATOR_BYTES + END64_BYTES ||
        !gb_content_exactly(content, end - LOCATOR_BYTES, locator, sizeof locator) ||
        gb_little32(locator) != locator_mark)
        return false;
    // Where it says, or, behind a program in front of the archive, right before the locator.
    uint64_t places[] = {gb_little64(locator + 8), end - LOCATOR_BYTES - END64_BYTES};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *ret = places[i];
        if (*ret <= end - LOCATOR_BYTES - END64_BYTES &&
            gb_content_exactly(content, *ret, record, END64_BYTES) &&
            gb_little32(record) == end64_mark)
            return true;
    }
    return false;
}

int gb_zip_open(const struct gb_content_reader *content, struct gb_zip *ret, struct gb_error *err)
{
    unsigned char end[END_BYTES], end64[END64_BYTES];
    uint64_t behind = 0, size, offset, count;
    int code = find_end(content, end, &behind, err);
    if (code)
        return code;
    count = gb_little16(end + 10);
    size = gb_little32(end + 12);
    offset = gb_little32(end + 16);
    if (count == 0xffff || size == UINT32_MAX || offset == UINT32_MAX) {
        uint64_t at;
        if (find_end64(content, behind, end64, &at)) {
            behind = at;
            count = gb_little64(end64 + 32);
            size = gb_little64(end64 + 40);
            offset = gb_little64(end64 + 48);
        }
    }
    if (size > behind || offset > behind - size)
        return damaged(err, "its directory lies outside");
    *ret = (struct gb_zip){
        .content = content,
        .start = behind - size - offset,
        .directory_at = behind - size,
        .directory_size = size,
        .entry_count = count,
    };
    return GB_OK;
}

// ---- the directory

struct gb_zip_walk *gb_zip_walk_new(const struct gb_zip *zip)
{
    struct gb_zip_walk *walk = malloc(sizeof *walk);
    if (!walk)
        return NULL;
    walk->zip = zip;
    walk->next = 0;
    walk->at = walk->filled = 0;
    return walk;
}

void gb_zip_walk_free(struct gb_zip_walk **walk)
{
    free(*walk);
    *walk = NULL;
}

// At least `size` bytes at walk->at, when the directory has them.
static bool have(struct gb_zip_walk *walk, size_t size)
{
    const struct gb_zip *zip = walk->zip;
    if (walk->filled - walk->at >= size)
        return true;
    memmove(walk->window, walk->window + walk->at, walk->filled - walk->at);
    walk->filled -= walk->at;
    walk->at = 0;
    size_t room = WINDOW - walk->filled;
    if (room > zip->directory_size - walk->next)
        room = (size_t)(zip->directory_size - walk->next);
    int64_t got = gb_content_read(zip->content, zip->directory_at + walk->next,
                                  walk->window + walk->filled, room);
    if (got > 0) {
        walk->next += (uint64_t)got;
        walk->filled += (size_t)got;
    }
    return walk->filled >= size;
}

// Sizes that do not fit 32 bits stand in an extra field, in this order and only where needed.
static void take_zip64(const unsigned char *extra, size_t length, struct gb_zip_entry *entry)
{
    while (length >= 4) {
        size_t id = gb_little16(extra), size = gb_little16(extra + 2);
        if (size > length - 4)
            return;
        const unsigned char *at = extra + 4, *end = at + size;
        uint64_t *const fields[] = {&entry->size, &entry->compressed_size, &entry->header_at};
        for (size_t i = 0; id == EXTRA_ZIP64 && i < sizeof fields / sizeof *fields; i++) {
            if (*fields[i] != UINT32_MAX || end - at < 8)
                continue;
            *fields[i] = gb_little64(at);
            at += 8;
        }
        extra += 4 + size;
        length -= 4 + size;
    }
}

int gb_zip_next(struct gb_zip_walk *walk, struct gb_zip_entry *ret, struct gb_error *err)
{
    const struct gb_zip *zip = walk->zip;
    if (walk->next == zip->directory_size && walk->at == walk->filled)
        return 0;
    if (!have(walk, ENTRY_BYTES))
        return damaged(err, "its directory is cut off");
    const unsigned char *raw = walk->window + walk->at;
    if (gb_little32(raw) != entry_mark) {
        if (gb_little32(raw) == 0x05054b50) // a signature of the directory is its end
            return 0;
        return damaged(err, "its directory holds something else");
    }
    size_t name = gb_little16(raw + 28), extra = gb_little16(raw + 30),
           comment = gb_little16(raw + 32);
    size_t whole = ENTRY_BYTES + name + extra + comment;
    if (!have(walk, whole))
        return damaged(err, "its directory is cut off");
    raw = walk->window + walk->at;
    *ret = (struct gb_zip_entry){
        .name = {(const char *)raw + ENTRY_BYTES, name},
        .method = gb_little16(raw + 10),
        .encrypted = gb_little16(raw + 8) & FLAG_ENCRYPTED,
        .compressed_size = gb_little32(raw + 20),
        .size = gb_little32(raw + 24),
        .header_at = gb_little32(raw + 42),
    };
    take_zip64(raw + ENTRY_BYTES + name, extra, ret);
    ret->header_at =
        ret->header_at > UINT64_MAX - zip->start ? UINT64_MAX : ret->header_at + zip->start;
    walk->at += whole;
    return 1;
}

// ---- entries

int gb_zip_data(const struct gb_zip *zip, const struct gb_zip_entry *entry,
                struct gb_part_content *part, struct gb_content_reader *ret, struct gb_error *err)
{
    unsigned char local[LOCAL_BYTES];
    if (entry->encrypted)
        return gb_error_set(err, GB_E_UNSUPPORTED, "encrypted");
    if (entry->method != GB_ZIP_STORED && entry->method != GB_ZIP_DEFLATED)
        return gb_error_set(err, GB_E_UNSUPPORTED, "compressed by method %u", entry->method);
    if (entry->header_at > zip->directory_at ||
        !gb_content_exactly(zip->content, entry->header_at, local, sizeof local) ||
        gb_little32(local) != local_mark)
        return damaged(err, "an entry is not where its directory says");
    uint64_t data =
        entry->header_at + LOCAL_BYTES + gb_little16(local + 26) + gb_little16(local + 28);
    if (data > zip->directory_at || entry->compressed_size > zip->directory_at - data)
        return damaged(err, "an entry lies outside");
    *ret = gb_content_of_part(part, zip->content, data, entry->compressed_size);
    return GB_OK;
}
