// A layer as a tar archive: unpacked by libarchive in one stage, read by it in a second, with both
// digests taken on the way.
#include "base/encoding.h"
#include "source/image/layer.h"
#include "source/image/layer_digest.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>

enum {
    MOST_HEADER_BYTES = 8 << 20, // of one entry: long names, extended headers, maps of holes
    UNPACKED_ALLOWANCE = 1 << 30,
    UNPACKED_RATIO = 200,
    LARGEST_XZ_DICTIONARY = 64 << 20,
};

struct reading {
    struct gb_layer *layer;
    const struct gb_image_stream *stream;
    struct archive *packed, *tar;
    struct gb_layer_digests *digests;
    uint64_t stored_bytes, unpacked_bytes, header_bytes;
    bool in_header, plain;
    struct gb_error *failure; // of what libarchive called back
    int code;                 // its code; 0 = none
};

static void end_archive(struct archive **archive)
{
    if (*archive)
        archive_read_free(*archive);
}

static ssize_t refuse(struct reading *reading, int code)
{
    if (!reading->code)
        reading->code = code;
    return -1;
}

// A number of xz: seven bits a byte, lowest first. False where the bytes end.
static bool next_number(const unsigned char *at, size_t len, size_t *place, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; shift < 63 && *place < len; shift += 7) {
        unsigned char byte = at[(*place)++];
        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

// The size of the dictionary that xz asks for stands in the header of its first block: looked at
// before liblzma makes room for it. What is malformed is left to liblzma.
static bool asks_for_too_much(const unsigned char *at, size_t len)
{
    static const unsigned char magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    enum { BLOCK = 12, FLAGS = 13, FIRST = 14, LZMA2 = 0x21, LARGEST = 40 };
    if (len < 32 || memcmp(at, magic, sizeof magic) != 0)
        return false;
    size_t end = BLOCK + 4 * ((size_t)at[BLOCK] + 1), place = FIRST;
    uint64_t id, size;
    end = end < len ? end : len;
    for (unsigned flag = 0x40; flag <= 0x80; flag <<= 1) // sizes that may be left out
        if ((at[FLAGS] & flag) && !next_number(at, end, &place, &size))
            return false;
    for (unsigned filters = (at[FLAGS] & 3u) + 1; filters; filters--) {
        if (!next_number(at, end, &place, &id) || !next_number(at, end, &place, &size) ||
            size > end - place)
            return false;
        if (id == LZMA2 && size == 1 && at[place] <= LARGEST)
            return (uint64_t)(2u | (at[place] & 1u)) << (at[place] / 2 + 11) >
                   LARGEST_XZ_DICTIONARY;
        place += (size_t)size;
    }
    return false;
}

// The magic numbers of gzip, zstd and xz. Anything else is taken as it is.
static bool is_packed(const unsigned char *at, size_t len)
{
    return (len > 1 && at[0] == 0x1f && at[1] == 0x8b) ||
           (len > 3 && at[0] == 0x28 && at[1] == 0xb5 && at[2] == 0x2f && at[3] == 0xfd) ||
           (len > 3 && at[0] >= 0x50 && at[0] <= 0x5f && at[1] == 0x2a && at[2] == 0x4d &&
            at[3] == 0x18) || // a skippable frame in front
           (len > 5 && memcmp(at,
                              "\xfd"
                              "7zXZ",
                              6) == 0);
}

static ssize_t next_stored(struct archive *archive, void *context, const void **block)
{
    struct reading *reading = context;
    (void)archive;
    int64_t len = reading->stream->next(reading->stream->context, block, reading->failure);
    if (len < 0)
        return refuse(reading, (int)len);
    if (!reading->stored_bytes && asks_for_too_much(*block, (size_t)len)) {
        gb_error_set(reading->failure, GB_E_LIMIT, "xz with a dictionary above %d MiB",
                     LARGEST_XZ_DICTIONARY >> 20);
        return refuse(reading, GB_E_LIMIT);
    }
    if (!reading->stored_bytes)
        reading->plain = !is_packed(*block, (size_t)len);
    reading->stored_bytes += (uint64_t)len;
    if (reading->plain || reading->layer->digest_unused)
        return (ssize_t)len; // of a plain layer it is that of the unpacked bytes
    int code = gb_layer_digests_add(reading->digests, GB_LAYER_STORED,
                                    (struct gb_str){*block, (size_t)len}, reading->failure);
    return code ? refuse(reading, code) : (ssize_t)len;
}

static int check_growth(struct reading *reading)
{
    uint64_t limit = reading->layer->unpacked_limit;
    uint64_t allowed = UNPACKED_ALLOWANCE + reading->stored_bytes * UNPACKED_RATIO;
    if (limit && limit < allowed)
        allowed = limit;
    if (reading->unpacked_bytes > allowed)
        return gb_error_set(reading->failure, GB_E_LIMIT,
                            "%llu bytes unpack to more than %llu: not read on",
                            (unsigned long long)reading->stored_bytes, (unsigned long long)allowed);
    if (reading->in_header && reading->header_bytes > MOST_HEADER_BYTES)
        return gb_error_set(reading->failure, GB_E_LIMIT, "the header of an entry is above %d MiB",
                            MOST_HEADER_BYTES >> 20);
    return GB_OK;
}

static ssize_t next_unpacked(struct archive *archive, void *context, const void **block)
{
    struct reading *reading = context;
    size_t len = 0;
    la_int64_t offset;
    (void)archive;
    int status = archive_read_data_block(reading->packed, block, &len, &offset);
    if (status == ARCHIVE_EOF)
        return 0;
    if (status < ARCHIVE_WARN) {
        if (!reading->code) {
            const char *text = archive_error_string(reading->packed);
            gb_error_set(reading->failure, GB_E_SYNTAX, "%s", text ? text : "damaged compression");
            reading->code = GB_E_SYNTAX;
        }
        return -1;
    }
    reading->unpacked_bytes += len;
    reading->header_bytes += len;
    int code = check_growth(reading);
    if (!code)
        code = gb_layer_digests_add(reading->digests, GB_LAYER_UNPACKED,
                                    (struct gb_str){*block, len}, reading->failure);
    return code ? refuse(reading, code) : (ssize_t)len;
}

static int64_t next_piece(void *context, const void **piece, uint64_t *offset, struct gb_error *err)
{
    struct reading *reading = context;
    size_t len = 0;
    la_int64_t at = 0;
    int status;
    do
        status = archive_read_data_block(reading->tar, piece, &len, &at);
    while (status >= ARCHIVE_WARN && status != ARCHIVE_EOF && !len);
    if (status == ARCHIVE_EOF)
        return 0;
    if (status < ARCHIVE_WARN) {
        if (reading->code)
            return reading->code;
        const char *text = archive_error_string(reading->tar);
        return gb_error_set(err, GB_E_SYNTAX, "%s", text ? text : "damaged archive");
    }
    *offset = (uint64_t)at;
    return (int64_t)len;
}

static enum gb_file_type type_of(struct archive_entry *entry)
{
    mode_t mode = archive_entry_filetype(entry);
    return mode ? gb_file_type_of_mode(mode) : GB_FILE_UNKNOWN;
}

static int start(struct reading *reading, struct gb_error *err)
{
    reading->packed = archive_read_new();
    reading->tar = archive_read_new();
    if (!reading->packed || !reading->tar)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
    archive_read_support_filter_gzip(reading->packed);
    archive_read_support_filter_zstd(reading->packed);
    archive_read_support_filter_xz(reading->packed);
    archive_read_support_format_raw(reading->packed);
    archive_read_support_format_empty(reading->packed);
    archive_read_support_format_tar(reading->tar);
    archive_read_support_format_empty(reading->tar);
    // Names are bytes, whatever the locale.
    archive_read_set_options(reading->tar, "hdrcharset=BINARY");
    archive_read_set_callback_data(reading->packed, reading);
    archive_read_set_read_callback(reading->packed, next_stored);
    archive_read_set_callback_data(reading->tar, reading);
    archive_read_set_read_callback(reading->tar, next_unpacked);
    return gb_layer_digests_new(&reading->digests, err);
}

static struct gb_str digest_text(struct gb_arena *arena, const unsigned char *sum)
{
    struct gb_str hex =
        gb_hex_encode(arena, (struct gb_str){(const char *)sum, GB_LAYER_DIGEST_BYTES});
    return hex.at ? gb_str_format(arena, "sha256:" GB_PRI, GB_ARG(hex)) : (struct gb_str){0};
}

// Of a layer that was read to its end. Without them it would pass for one that broke off.
static int take_digests(struct reading *reading, struct gb_error *err)
{
    unsigned char sums[GB_LAYER_SIDES][GB_LAYER_DIGEST_BYTES];
    struct gb_layer *layer = reading->layer;
    int code = gb_layer_digests_end(reading->digests, sums, err);
    if (code)
        return code;
    layer->diff_digest = digest_text(layer->arena, sums[GB_LAYER_UNPACKED]);
    if (reading->plain)
        layer->digest = layer->diff_digest;
    else if (!layer->digest_unused)
        layer->digest = digest_text(layer->arena, sums[GB_LAYER_STORED]);
    if (!layer->diff_digest.len || (!layer->digest.len && !layer->digest_unused))
        return gb_error_set(err, GB_E_MEMORY, "no memory for a layer's digests");
    return GB_OK;
}

static int read_entry(struct reading *reading, struct archive_entry *found, struct gb_error *err)
{
    const char *target = archive_entry_hardlink(found);
    struct gb_layer_entry entry = {
        .path = gb_str_of(archive_entry_pathname(found)),
        .type = type_of(found),
        .hard_link = target != NULL,
        .mode = archive_entry_perm(found) & 07777,
        .size = archive_entry_size(found) > 0 ? (uint64_t)archive_entry_size(found) : 0,
        .fd = -1,
        .context = reading,
        .next = next_piece,
    };
    if (!target && entry.type == GB_FILE_LINK)
        target = archive_entry_symlink(found);
    entry.target = gb_str_of(target ? target : "");
    if (!entry.path.at) {
        gb_layer_problem(reading->layer, GB_STR("an entry without a name"));
        return GB_OK;
    }
    return gb_layer_add(reading->layer, &entry, err);
}

// Reads to the end of the archive. What is wrong is in *reading->failure and the code.
static int read_entries(struct reading *reading, char *last, size_t last_size)
{
    struct gb_error *failure = reading->failure;
    if (archive_read_open1(reading->packed) < ARCHIVE_WARN) {
        const char *text = archive_error_string(reading->packed);
        return reading->code ? reading->code
                             : gb_error_set(failure, GB_E_SYNTAX, "%s", text ? text : "unreadable");
    }
    struct archive_entry *found;
    int status = archive_read_next_header(reading->packed, &found);
    if (status == ARCHIVE_EOF)
        return gb_error_set(failure, GB_E_SYNTAX, "the layer is empty");
    if (status >= ARCHIVE_WARN)
        status = archive_read_open1(reading->tar);
    while (status >= ARCHIVE_WARN && !reading->code) {
        reading->in_header = true;
        reading->header_bytes = 0;
        status = archive_read_next_header(reading->tar, &found);
        reading->in_header = false;
        if (status == ARCHIVE_EOF)
            return reading->code;
        if (status < ARCHIVE_WARN || reading->code)
            break;
        const char *name = archive_entry_pathname(found);
        snprintf(last, last_size, "%s", name ? name : "");
        int code = read_entry(reading, found, failure);
        if (code)
            return code;
        status = archive_read_data_skip(reading->tar);
    }
    if (reading->code)
        return reading->code;
    const char *text = archive_error_string(reading->tar);
    if (!text)
        text = archive_error_string(reading->packed);
    return gb_error_set(failure, GB_E_SYNTAX, "%s", text ? text : "no tar archive");
}

// What stands behind the end of the archive belongs to the digests too.
static void drain(struct reading *reading)
{
    const void *block;
    while (!reading->code && next_unpacked(NULL, reading, &block) > 0)
        ;
    while (!reading->code && next_stored(NULL, reading, &block) > 0)
        ;
}

int gb_layer_read_tar(struct gb_layer *layer, const struct gb_image_stream *stream,
                      struct gb_error *err)
{
    struct gb_error failure = {0};
    GB_CLEANUP(gb_layer_digests_free) struct gb_layer_digests *digests = NULL;
    GB_CLEANUP(end_archive) struct archive *packed = NULL;
    GB_CLEANUP(end_archive) struct archive *tar = NULL;
    struct reading reading = {.layer = layer, .stream = stream, .failure = &failure};
    char last[300] = "";
    int code = start(&reading, err);
    digests = reading.digests;
    packed = reading.packed;
    tar = reading.tar;
    if (code)
        return code;
    code = read_entries(&reading, last, sizeof last);
    if (!code) {
        drain(&reading);
        code = reading.code;
    }
    layer->stored_bytes = reading.stored_bytes;
    layer->unpacked_bytes = reading.unpacked_bytes;
    layer->last_entry = gb_str_copy(layer->arena, gb_str_of(last));
    if (code == GB_E_MEMORY) {
        *err = failure;
        return code;
    }
    if (code) {
        struct gb_str text = gb_str_format(layer->arena, "%s%s%s", failure.reason,
                                           last[0] ? ", at entry " : "", last);
        gb_layer_problem(layer, text);
        return GB_OK;
    }
    return take_digests(&reading, err);
}
