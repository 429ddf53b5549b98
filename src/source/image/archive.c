// Images in one tar archive, plain or packed, read in one pass: the list of layers stands anywhere
// in it (at the end, as a rule), so each layer is read where it comes and put in its place later.
#include "source/image/image_private.h"

#include "source/image/wanted.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOST_ENTRIES = 100000,
    MOST_TEXT = 64 << 20, // of all documents
    BLOCK = 256 << 10,
    ALLOWANCE = 1 << 30,
    RATIO = 200,
    MOST_ALIASES = 8,
};

struct blob {
    struct gb_str text;  // .at NULL: none
    struct gb_str alias; // name that it stands for
    struct gb_layer *layer;
};

struct archive_reading {
    struct gb_image *image;
    struct archive *archive;
    struct gb_map blobs; // name -> struct blob
    size_t text_bytes;
    uint32_t entries;
    struct gb_str problem; // where the archive broke off; "" = read to its end
};

static void end_archive(struct archive **archive)
{
    if (*archive)
        archive_read_free(*archive);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int64_t next_block(void *context, const void **ret, struct gb_error *err)
{
    struct archive_reading *reading = context;
    size_t len = 0;
    la_int64_t offset;
    int status;
    do
        status = archive_read_data_block(reading->archive, ret, &len, &offset);
    while (status >= ARCHIVE_WARN && status != ARCHIVE_EOF && !len);
    if (status == ARCHIVE_EOF)
        return 0;
    if (status < ARCHIVE_WARN) {
        const char *text = archive_error_string(reading->archive);
        return gb_error_set(err, GB_E_SYNTAX, "%s", text ? text : "damaged archive");
    }
    uint64_t packed = (uint64_t)archive_filter_bytes(reading->archive, -1);
    uint64_t unpacked = (uint64_t)archive_filter_bytes(reading->archive, 0);
    if (unpacked > ALLOWANCE + RATIO * packed)
        return gb_error_set(err, GB_E_LIMIT, "%llu bytes unpack to more than %llu: not read on",
                            (unsigned long long)packed, (unsigned long long)unpacked);
    return (int64_t)len;
}

static struct blob *add_blob(struct archive_reading *reading, struct gb_str name,
                             struct gb_error *err)
{
    struct gb_arena *arena = reading->image->arena;
    struct blob *blob = gb_alloc(arena, sizeof *blob);
    struct gb_str kept = gb_str_copy(arena, name);
    if (!blob || !kept.at || gb_map_set(&reading->blobs, kept, blob)) {
        gb_error_set(err, GB_E_MEMORY, "no memory for an archive's entries");
        return NULL;
    }
    return blob;
}

// One block that was peeked at, and then the rest.
struct peeked {
    struct archive_reading *reading;
    const void *first;
    int64_t first_len;
};

static int64_t next_peeked(void *context, const void **ret, struct gb_error *err)
{
    struct peeked *peeked = context;
    if (peeked->first_len <= 0)
        return next_block(peeked->reading, ret, err);
    int64_t len = peeked->first_len;
    *ret = peeked->first;
    peeked->first_len = 0;
    return len;
}

static int keep_text(struct archive_reading *reading, struct peeked *peeked, size_t size,
                     struct blob *blob, struct gb_error *err)
{
    char *text = gb_alloc(reading->image->arena, size + 1);
    size_t len = 0;
    const void *block;
    reading->text_bytes += size;
    if (!text)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a document");
    for (int64_t got; (got = next_peeked(peeked, &block, err)) != 0;) {
        if (got < 0)
            return (int)got;
        size_t take = (size_t)got < size - len ? (size_t)got : size - len;
        memcpy(text + len, block, take);
        len += take;
    }
    blob->text = (struct gb_str){text, len};
    return GB_OK;
}

static bool is_document(struct gb_str name)
{
    return gb_str_ends(name, GB_STR(".json"));
}

static bool may_be_layer(struct gb_str name)
{
    return gb_str_starts(name, GB_STR("blobs/")) || gb_str_contains(name, GB_STR(".tar")) ||
           gb_str_ends(name, GB_STR(".tgz"));
}

static int read_regular(struct archive_reading *reading, struct archive_entry *entry,
                        struct gb_str name, struct gb_error *err)
{
    uint64_t size = archive_entry_size(entry) > 0 ? (uint64_t)archive_entry_size(entry) : 0;
    struct peeked peeked = {.reading = reading};
    bool small = size <= GB_MANIFEST_MAX_BYTES && reading->text_bytes + size <= MOST_TEXT;
    if (!size || (!is_document(name) && !may_be_layer(name)))
        return GB_OK;
    peeked.first_len = next_block(reading, &peeked.first, err);
    if (peeked.first_len < 0)
        return (int)peeked.first_len;
    const char *first = peeked.first;
    bool document = is_document(name) || (peeked.first_len && *first == '{');
    if (document && !small && is_document(name))
        return gb_error_set(err, GB_E_LIMIT, "a document of more than %d MiB",
                            GB_MANIFEST_MAX_BYTES >> 20);
    struct blob *blob = add_blob(reading, name, err);
    if (!blob)
        return GB_E_MEMORY;
    if (document && small)
        return keep_text(reading, &peeked, (size_t)size, blob, err);
    struct gb_image_stream stream = {&peeked, next_peeked};
    blob->layer = gb_image_new_layer(reading->image);
    if (!blob->layer)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
    // Manifests name layers by digests as blobs/ALGORITHM/..., manifest.json without any.
    blob->layer->digest_unused = !gb_str_starts(name, GB_STR("blobs/"));
    if (reading->image->options.progress)
        reading->image->options.progress(reading->image->options.progress_context, "layers",
                                         reading->entries, 0);
    return gb_layer_read_tar(blob->layer, &stream, err);
}

static int read_link(struct archive_reading *reading, const char *target, bool hard,
                     struct gb_str name, struct gb_error *err)
{
    char buffer[1024];
    struct gb_str clean;
    ptrdiff_t slash = hard ? -1 : gb_str_rfind_char(name, '/');
    struct gb_str joined =
        gb_str_format(reading->image->arena, GB_PRI "/%s",
                      GB_ARG(gb_str_sub(name, 0, slash > 0 ? (size_t)slash : 0)), target);
    if (!may_be_layer(name) || gb_image_clean_path(joined, buffer, sizeof buffer, &clean))
        return GB_OK;
    struct blob *blob = add_blob(reading, name, err);
    if (!blob)
        return GB_E_MEMORY;
    blob->alias = gb_str_copy(reading->image->arena, gb_str_from(clean, 1));
    return GB_OK;
}

static int read_entry(struct archive_reading *reading, struct archive_entry *entry,
                      struct gb_error *err)
{
    char buffer[1024];
    struct gb_str name;
    const char *raw = archive_entry_pathname(entry);
    if (++reading->entries > MOST_ENTRIES)
        return gb_error_set(err, GB_E_LIMIT, "more than %d entries: no image has so many parts",
                            MOST_ENTRIES);
    if (!raw || gb_image_clean_path(gb_str_of(raw), buffer, sizeof buffer, &name))
        return GB_OK; // nothing that a manifest could name
    name = gb_str_from(name, 1);
    const char *hard = archive_entry_hardlink(entry), *link = archive_entry_symlink(entry);
    if (hard || (link && archive_entry_filetype(entry) == AE_IFLNK))
        return read_link(reading, hard ? hard : link, hard != NULL, name, err);
    int code =
        archive_entry_filetype(entry) == AE_IFREG ? read_regular(reading, entry, name, err) : GB_OK;
    return code ? gb_error_wrap(err, "entry %s", raw) : GB_OK;
}

static int read_archive(struct archive_reading *reading, struct gb_error *err)
{
    struct archive_entry *entry;
    const void *block;
    for (;;) {
        int status = archive_read_next_header(reading->archive, &entry);
        if (status == ARCHIVE_EOF)
            return GB_OK;
        if (status < ARCHIVE_WARN) {
            const char *text = archive_error_string(reading->archive);
            return gb_error_set(err, GB_E_SYNTAX, "%s", text ? text : "no tar archive");
        }
        int code = read_entry(reading, entry, err);
        if (code)
            return code;
        // Packed archives have to be unpacked to be skipped: within the bounds of next_block.
        if (archive_filter_count(reading->archive) > 1)
            for (int64_t got; (got = next_block(reading, &block, err)) != 0;)
                if (got < 0)
                    return (int)got;
    }
}

static struct blob *find_blob(struct archive_reading *reading, struct gb_str name)
{
    char buffer[1024];
    struct gb_str clean;
    struct blob *blob = gb_map_get(&reading->blobs, name);
    if (!blob && !gb_image_clean_path(name, buffer, sizeof buffer, &clean))
        blob = gb_map_get(&reading->blobs, gb_str_from(clean, 1));
    for (int i = 0; blob && blob->alias.len; i++)
        blob = i < MOST_ALIASES ? gb_map_get(&reading->blobs, blob->alias) : NULL;
    return blob;
}

static int not_there(const struct archive_reading *reading, struct gb_str name,
                     struct gb_error *err)
{
    return gb_error_set(err, GB_E_NOT_FOUND, GB_PRI " is not in the archive%s" GB_PRI,
                        GB_ARG(gb_str_sub(name, 0, 150)),
                        reading->problem.len ? ", which breaks off: " : "",
                        GB_ARG(gb_str_sub(reading->problem, 0, 200)));
}

static int get_text(void *context, struct gb_str name, bool manifest, struct gb_str *ret,
                    struct gb_error *err)
{
    struct archive_reading *reading = context;
    const struct blob *blob = find_blob(reading, name);
    (void)manifest;
    if (!blob || !blob->text.at)
        return not_there(reading, name, err);
    *ret = blob->text;
    return GB_OK;
}

static int64_t next_of_text(void *context, const void **ret, struct gb_error *err)
{
    struct gb_str *left = context;
    size_t len = left->len;
    (void)err;
    *ret = left->at;
    left->len = 0;
    return (int64_t)len;
}

static int get_layer(void *context, struct gb_str name, uint64_t size, struct gb_layer **ret,
                     struct gb_error *err)
{
    struct archive_reading *reading = context;
    struct blob *blob = find_blob(reading, name);
    (void)size;
    if (!blob || (!blob->layer && !blob->text.at))
        return not_there(reading, name, err);
    if (!blob->layer) { // it looked like a document
        struct gb_str left = blob->text;
        struct gb_image_stream stream = {&left, next_of_text};
        blob->layer = gb_image_new_layer(reading->image);
        int code = blob->layer ? gb_layer_read_tar(blob->layer, &stream, err)
                               : gb_error_set(err, GB_E_MEMORY, "no memory for a layer");
        if (code)
            return code;
    }
    *ret = blob->layer;
    return GB_OK;
}

int gb_image_from_archive(struct gb_image *image, const char *path, struct gb_str which,
                          struct gb_error *err)
{
    struct archive_reading reading = {.image = image, .blobs = gb_map(image->arena)};
    GB_CLEANUP(end_archive) struct archive *archive = archive_read_new();
    struct stat st;
    GB_CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return gb_error_errno(err, errno, "cannot open %s", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return gb_error_at(err, GB_E_TYPE, path, 0, 0, "it is no regular file");
    if (!archive)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an archive");
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_format_tar(archive);
    archive_read_set_options(archive, "hdrcharset=BINARY");
    reading.archive = archive;
    if (archive_read_open_fd(archive, fd, BLOCK) < ARCHIVE_WARN) {
        const char *text = archive_error_string(archive);
        return gb_error_at(err, GB_E_SYNTAX, path, 0, 0, "%s", text ? text : "no tar archive");
    }
    struct gb_error failure = {0};
    int code = read_archive(&reading, &failure);
    if (code == GB_E_MEMORY) {
        *err = failure;
        return code;
    }
    if (code) // what was read up to here may be an image still
        reading.problem = gb_str_copy(image->arena, gb_str_of(failure.reason));
    struct gb_image_blobs blobs = {&reading, get_text, get_layer};
    struct gb_error reason = {0};
    code = gb_image_take_layout(image, &blobs, which, &reason);
    if (code && reading.problem.len && !image->has_config)
        return gb_error_at(err, GB_E_SYNTAX, path, 0, 0, "%s", failure.reason);
    if (code) {
        *err = reason;
        return gb_error_subject(err, path);
    }
    return GB_OK;
}
