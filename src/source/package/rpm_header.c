// Headers of rpm; used by the rpm inventory, the owner index and the changelog reader.
#include "source/package/rpm_header.h"

#include "base/bytes.h"

enum { INTRO_BYTES = 8, ENTRY_BYTES = 16 };

enum type { INT8 = 2, INT16 = 3, INT32 = 4, INT64 = 5, STRING = 6, STRING_ARRAY = 8, I18N = 9 };

struct entry {
    uint32_t tag, type, offset, count;
};

int gb_rpm_header_parse(struct gb_str blob, struct gb_rpm_header *ret, struct gb_error *err)
{
    if (blob.len > GB_RPM_HEADER_MAX_BYTES)
        return gb_error_set(err, GB_E_LIMIT, "a header of %zu bytes", blob.len);
    if (blob.len < INTRO_BYTES + ENTRY_BYTES)
        return gb_error_set(err, GB_E_SYNTAX, "no header: only %zu bytes", blob.len);
    uint32_t entries = gb_big32(blob.at), bytes = gb_big32(blob.at + 4);
    if (!entries || entries > GB_RPM_ENTRIES_MAX)
        return gb_error_set(err, GB_E_SYNTAX, "a header with %u entries", entries);
    uint64_t need = INTRO_BYTES + (uint64_t)entries * ENTRY_BYTES + bytes;
    if (need > blob.len)
        return gb_error_set(err, GB_E_SYNTAX, "a header that is cut short");
    size_t index_bytes = (size_t)entries * ENTRY_BYTES;
    *ret = (struct gb_rpm_header){
        .index = gb_str_sub(blob, INTRO_BYTES, index_bytes),
        .store = gb_str_sub(blob, INTRO_BYTES + index_bytes, bytes),
        .count = entries,
    };
    return GB_OK;
}

// The last entry of a tag counts: what rpm added after the installation stands behind.
static bool find(const struct gb_rpm_header *header, enum gb_rpm_tag tag, struct entry *ret)
{
    for (uint32_t i = header->count; i-- > 0;) {
        const char *at = header->index.at + (size_t)i * ENTRY_BYTES;
        if (gb_big32(at) != (uint32_t)tag)
            continue;
        *ret = (struct entry){(uint32_t)tag, gb_big32(at + 4), gb_big32(at + 8), gb_big32(at + 12)};
        return ret->offset < header->store.len && ret->count > 0;
    }
    return false;
}

struct gb_rpm_strings gb_rpm_header_strings(const struct gb_rpm_header *header, enum gb_rpm_tag tag)
{
    struct entry entry;
    if (!find(header, tag, &entry) ||
        (entry.type != STRING && entry.type != STRING_ARRAY && entry.type != I18N))
        return (struct gb_rpm_strings){.left = 0};
    return (struct gb_rpm_strings){
        .rest = gb_str_from(header->store, entry.offset),
        .left = entry.type == STRING ? 1 : entry.count,
    };
}

bool gb_rpm_strings_next(struct gb_rpm_strings *strings, struct gb_str *ret)
{
    ptrdiff_t end = strings->left ? gb_str_find_char(strings->rest, '\0') : -1;
    if (end < 0) {
        strings->left = 0;
        return false;
    }
    *ret = gb_str_sub(strings->rest, 0, (size_t)end);
    strings->rest = gb_str_from(strings->rest, (size_t)end + 1);
    strings->left--;
    return true;
}

struct gb_str gb_rpm_header_string(const struct gb_rpm_header *header, enum gb_rpm_tag tag)
{
    struct gb_rpm_strings strings = gb_rpm_header_strings(header, tag);
    struct gb_str first;
    return gb_rpm_strings_next(&strings, &first) ? first : GB_STR("");
}

struct gb_rpm_numbers gb_rpm_header_numbers(const struct gb_rpm_header *header, enum gb_rpm_tag tag)
{
    static const uint32_t widths[] = {[INT8] = 1, [INT16] = 2, [INT32] = 4, [INT64] = 8};
    struct entry entry;
    if (!find(header, tag, &entry) || entry.type < INT8 || entry.type > INT64)
        return (struct gb_rpm_numbers){.count = 0};
    struct gb_str bytes = gb_str_from(header->store, entry.offset);
    uint32_t width = widths[entry.type];
    uint32_t fits = bytes.len / width < UINT32_MAX ? (uint32_t)(bytes.len / width) : UINT32_MAX;
    return (struct gb_rpm_numbers){bytes, entry.count < fits ? entry.count : fits, width};
}

bool gb_rpm_numbers_at(const struct gb_rpm_numbers *numbers, uint32_t position, uint64_t *ret)
{
    if (position >= numbers->count)
        return false;
    uint64_t value = 0;
    const unsigned char *at =
        (const unsigned char *)numbers->bytes.at + (size_t)position * numbers->width;
    for (uint32_t i = 0; i < numbers->width; i++)
        value = value << 8 | at[i];
    *ret = value;
    return true;
}

bool gb_rpm_header_number(const struct gb_rpm_header *header, enum gb_rpm_tag tag,
                          uint32_t position, uint64_t *ret)
{
    struct gb_rpm_numbers numbers = gb_rpm_header_numbers(header, tag);
    return gb_rpm_numbers_at(&numbers, position, ret);
}
