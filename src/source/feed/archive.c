// The entries of an archive (tar or zip) one after the other as streams, by libarchive. Nothing is
// written anywhere, so names of entries are only names. The zip reader goes by local headers, not
// by the directory at the end, so that memory does not grow with the number of entries.
#include "source/feed/job.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

// 1999: before it, a time is what tools write that know none.
#define PLAUSIBLE_SINCE INT64_C(915148800)

enum { BLOCK_BYTES = 128 << 10, PATH_MAX_BYTES = 4096, RATIO_FREE_BYTES = 64 << 20 };

struct reader {
    struct gb_feed_job *job;
    const struct gb_feed_stream *stream;
    struct archive *archive;
    uint64_t in, out;
    int code; // of the stream below
    struct gb_error err;
    unsigned char block[BLOCK_BYTES];
};

static la_ssize_t read_block(struct archive *archive, void *context, const void **ret)
{
    struct reader *r = context;
    int64_t got = r->stream->read(r->stream->context, r->block, sizeof r->block, &r->err);
    if (got < 0) {
        r->code = (int)got;
        archive_set_error(archive, EIO, "%s", r->err.reason);
        return -1;
    }
    r->in += (uint64_t)got;
    *ret = r->block;
    return (la_ssize_t)got;
}

static int fail(struct reader *r, struct gb_error *err)
{
    if (r->code) {
        *err = r->err;
        return r->code;
    }
    const char *why = archive_error_string(r->archive);
    return gb_error_set(err, GB_E_SYNTAX, "damaged archive: %s", why ? why : "no reason is given");
}

static int64_t read_entry(void *context, void *into, size_t size, struct gb_error *err)
{
    struct reader *r = context;
    la_ssize_t got = archive_read_data(r->archive, into, size);
    if (got < 0) {
        struct gb_error why = {0};
        int code = fail(r, &why);
        if (err)
            *err = why;
        return code;
    }
    r->out += (uint64_t)got;
    if (r->out > RATIO_FREE_BYTES && r->out / r->job->limits.ratio > r->in) {
        r->code =
            gb_error_set(&r->err, GB_E_LIMIT, "unpacks to more than %" PRIu64 " times its size",
                         r->job->limits.ratio);
        if (err)
            *err = r->err;
        return r->code;
    }
    return (int64_t)got;
}

// Formats of compression inside a zip that need little memory; libarchive names the one of the
// entry at hand.
static bool packing_allowed(struct archive *archive)
{
    const char *name = archive_format_name(archive);
    return !name || !strstr(name, "ZIP") || strstr(name, "(deflation)") ||
           strstr(name, "(uncompressed)");
}

// Reads on to the end of the entry, counting: the length may not be known beforehand.
static int drain(struct reader *r, struct gb_error *err)
{
    char sink[16 << 10];
    int64_t got;
    while ((got = read_entry(r, sink, sizeof sink, err)) > 0) {
        int code = gb_feed_job_count(r->job, (uint64_t)got, err);
        if (code < 0)
            return code;
    }
    return (int)got;
}

static int take_entry(struct reader *r, struct gb_str path, struct archive_entry *entry,
                      uint64_t number, uint32_t depth, struct gb_error *err)
{
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
        return GB_OK;
    char name[PATH_MAX_BYTES];
    const char *inside = archive_entry_pathname(entry);
    if (inside && *inside)
        snprintf(name, sizeof name, GB_PRI "/%s", GB_ARG(gb_str_sub(path, 0, 2048)), inside);
    else
        snprintf(name, sizeof name, GB_PRI "/entry %" PRIu64, GB_ARG(gb_str_sub(path, 0, 2048)),
                 number);
    struct gb_error why = {0};
    if (!packing_allowed(r->archive)) {
        gb_error_set(&why, GB_E_UNSUPPORTED, "packed in a way that is not read: %s",
                     archive_format_name(r->archive));
        gb_feed_job_leave_out(r->job, gb_str_of(name), &why);
        return GB_OK;
    }
    struct gb_feed_stream stream = {r, read_entry};
    // An archive is a snapshot: its entries tell its age where the data itself does not.
    int64_t around = r->job->entry_at;
    if (archive_entry_mtime_is_set(entry) && archive_entry_mtime(entry) > PLAUSIBLE_SINCE)
        r->job->entry_at = archive_entry_mtime(entry);
    int code = gb_feed_job_stream(r->job, gb_str_of(name), &stream, depth, &why);
    r->job->entry_at = around;
    if (code < 0 && r->job->fatal) {
        *err = why;
        return code;
    }
    if (code < 0)
        gb_feed_job_leave_out(r->job, gb_str_of(name), &why);
    if (r->code)
        return fail(r, err);
    return archive_entry_size_is_set(entry) ? GB_OK : drain(r, err);
}

static int take_all(struct reader *r, struct gb_str path, uint32_t depth, struct gb_error *err)
{
    uint64_t number = 0;
    for (;;) {
        struct archive_entry *entry;
        int step = archive_read_next_header(r->archive, &entry);
        if (step == ARCHIVE_EOF)
            return GB_OK;
        if (step != ARCHIVE_OK && step != ARCHIVE_WARN)
            return fail(r, err);
        if (++r->job->summary->members > r->job->limits.entries) {
            r->job->fatal = gb_error_set(err, GB_E_LIMIT, "more than %" PRIu64 " entries",
                                         r->job->limits.entries);
            return r->job->fatal;
        }
        int code = take_entry(r, path, entry, ++number, depth, err);
        if (code < 0)
            return code;
    }
}

int gb_feed_job_archive(struct gb_feed_job *job, struct gb_str path,
                        const struct gb_feed_stream *stream, uint32_t depth, struct gb_error *err)
{
    struct reader *r = calloc(1, sizeof *r);
    if (r)
        r->archive = archive_read_new();
    int code = GB_OK;
    if (!r || !r->archive) {
        free(r);
        return gb_error_set(err, GB_E_MEMORY, "out of memory reading an archive");
    }
    r->job = job;
    r->stream = stream;
    // Compression around the archive has been undone before: no filter of libarchive's is on.
    archive_read_support_format_tar(r->archive);
    archive_read_support_format_zip_streamable(r->archive);
    if (archive_read_open(r->archive, r, NULL, read_block, NULL) != ARCHIVE_OK)
        code = fail(r, err);
    else
        code = take_all(r, path, depth, err);
    archive_read_free(r->archive);
    free(r);
    return code;
}
