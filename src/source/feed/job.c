// One import: what a stream holds, which format a member has, what is told to the sink (job.h).
#include "source/feed/job.h"
#include "base/printable.h"
#include "source/feed/unpack.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    PEEK_BYTES = GB_FEED_HEAD_BYTES,
    OUTER_WINDOW = 128 << 20, // of a decoder of the outermost stream: zstd's own bound
    INNER_WINDOW = 8 << 20,
    PACKINGS_MAX = 2, // around each archive and member
};

// A stream whose first bytes were looked at before.
struct peeked {
    struct gb_feed_job *job;
    struct gb_feed_stream stream;
    size_t at, len;
    bool ended;
    char head[PEEK_BYTES];
};

// All bytes of all layers come through here.
static int64_t read_counted(struct peeked *p, void *into, size_t size, struct gb_error *err)
{
    int64_t got = p->stream.read(p->stream.context, into, size, err);
    int code = got > 0 ? gb_feed_job_count(p->job, (uint64_t)got, err) : GB_OK;
    return code < 0 ? code : got;
}

static int64_t read_peeked(void *context, void *into, size_t size, struct gb_error *err)
{
    struct peeked *p = context;
    if (p->at < p->len) {
        size_t part = p->len - p->at < size ? p->len - p->at : size;
        memcpy(into, p->head + p->at, part);
        p->at += part;
        return (int64_t)part;
    }
    return p->ended ? 0 : read_counted(p, into, size, err);
}

static int peek(struct peeked *p, struct gb_feed_job *job, const struct gb_feed_stream *stream,
                struct gb_error *err)
{
    p->job = job;
    p->stream = *stream;
    p->at = p->len = 0;
    p->ended = false;
    while (p->len < PEEK_BYTES && !p->ended) {
        int64_t got = read_counted(p, p->head + p->len, PEEK_BYTES - p->len, err);
        if (got < 0)
            return (int)got;
        p->ended = got == 0;
        p->len += (size_t)got;
    }
    return GB_OK;
}

int gb_feed_job_open(struct gb_feed_job *job, const struct gb_feed_options *options,
                     const struct gb_advisory_sink *sink, struct gb_feed_summary *summary,
                     struct gb_error *err)
{
    *job = (struct gb_feed_job){
        .limits = options->limits, .options = options, .sink = sink, .summary = summary};
    struct gb_feed_limits *l = &job->limits;
    l->total_bytes = l->total_bytes ? l->total_bytes : UINT64_C(64) << 30;
    l->document_bytes = l->document_bytes ? l->document_bytes : 64u << 20;
    l->ratio = l->ratio ? l->ratio : 400;
    l->entries = l->entries ? l->entries : 4000000;
    l->archives_depth = l->archives_depth ? l->archives_depth : 3;
    for (size_t i = 0; i < gb_feed_format_count && options->format.len; i++)
        if (gb_str_is(options->format, gb_feed_formats[i]->name))
            job->wanted = gb_feed_formats[i];
    if (options->format.len && !job->wanted)
        return gb_error_set(err, GB_E_USAGE, "there is no feed format \"" GB_PRI "\"",
                            GB_ARG(options->format));
    size_t window =
        l->document_bytes > GB_FEED_PAIR_MAX ? l->document_bytes : (size_t)GB_FEED_PAIR_MAX;
    job->window = gb_buffer(window + (1u << 20));
    job->arena = gb_arena_new("feed entry", GB_FEED_ARENA_BYTES);
    return job->arena ? GB_OK : gb_error_set(err, GB_E_MEMORY, "out of memory");
}

void gb_feed_job_close(struct gb_feed_job *job)
{
    gb_buffer_free(&job->window);
    gb_buffer_free(&job->converted);
    gb_arena_free(&job->arena);
    free(job->seen.slots);
}

int gb_feed_job_count(struct gb_feed_job *job, uint64_t bytes, struct gb_error *err)
{
    job->worked += bytes;
    if (job->worked <= job->limits.total_bytes)
        return GB_OK;
    job->fatal = gb_error_set(err, GB_E_LIMIT, "more than %" PRIu64 " bytes to read",
                              job->limits.total_bytes);
    return job->fatal;
}

void gb_feed_job_leave_out(struct gb_feed_job *job, struct gb_str path, const struct gb_error *why)
{
    struct gb_feed_member member = {.path = path, .job = job};
    gb_feed_leave_out_error(&member, 0, why);
}

void gb_feed_leave_out_error(struct gb_feed_member *member, uint64_t line,
                             const struct gb_error *why)
{
    if (why->line && line)
        gb_feed_leave_out(member, line + why->line - 1, "%s", why->reason);
    else if (why->line)
        gb_feed_leave_out(member, why->line, "%s", why->reason);
    else
        gb_feed_leave_out(member, line, "%s", why->reason);
}

void gb_feed_leave_out(struct gb_feed_member *member, uint64_t line, const char *format, ...)
{
    char reason[512], text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(reason, sizeof reason, format, list);
    va_end(list);
    struct gb_str path = gb_str_sub(member->path, 0, 400);
    int len =
        line ? snprintf(text, sizeof text, GB_PRI ":%" PRIu64 ": %s", GB_ARG(path), line, reason)
             : snprintf(text, sizeof text, GB_PRI ": %s", GB_ARG(path), reason);
    struct gb_feed_summary *summary = member->job->summary;
    summary->left_out++;
    summary->incomplete = true;
    member->gaps++;
    const struct gb_advisory_sink *sink = member->job->sink;
    if (!sink->left_out || len < 0)
        return;
    size_t bytes = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("left out", 64u << 10);
    if (scratch)
        sink->left_out(sink->context, gb_printable(scratch, (struct gb_str){text, bytes}));
}

static struct gb_str without_suffix(struct gb_str path)
{
    static const char *const suffixes[] = {".gz", ".zst", ".xz", ".zlib"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (gb_str_ends(path, gb_str_of(suffixes[i])))
            return gb_str_sub(path, 0, path.len - strlen(suffixes[i]));
    return path;
}

// A tar's first header carries a magic, or (before POSIX) only its checksum.
static bool is_tar(struct gb_str head)
{
    if (head.len < 512)
        return false;
    if (gb_str_eq(gb_str_sub(head, 257, 5), GB_STR("ustar")))
        return true;
    uint64_t sum = 8 * ' ', stated = 0;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? 0 : (unsigned char)head.at[i];
    struct gb_str digits = gb_str_trim(gb_str_sub(head, 148, 6));
    return head.at[0] && digits.len && gb_str_to_uint(digits, 8, &stated) == GB_OK && stated == sum;
}

static bool is_zip(struct gb_str head)
{
    return head.len >= 4 && head.at[0] == 'P' && head.at[1] == 'K' &&
           (memcmp(head.at + 2, "\3\4", 2) == 0 || memcmp(head.at + 2, "\5\6", 2) == 0);
}

static int take_peeked(struct gb_feed_job *job, struct gb_str path, struct peeked *p,
                       uint32_t depth, struct gb_error *err)
{
    struct gb_str head = {p->head, p->len};
    struct gb_feed_stream stream = {p, read_peeked};
    if (!is_tar(head) && !is_zip(head))
        return gb_feed_job_member(job, path, &stream, head, p->ended, err);
    if (depth >= job->limits.archives_depth)
        return gb_error_set(err, GB_E_LIMIT, "archives in archives more than %u deep are not read",
                            job->limits.archives_depth);
    return gb_feed_job_archive(job, path, &stream, depth + 1, err);
}

// Undoes compression, `packings` of which were undone already.
static int take_stream(struct gb_feed_job *job, struct gb_str path,
                       const struct gb_feed_stream *stream, uint32_t depth, uint32_t packings,
                       struct gb_error *err)
{
    struct peeked *p = malloc(sizeof *p);
    if (!p)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    int code = peek(p, job, stream, err);
    enum gb_feed_packing packing =
        code < 0 ? GB_FEED_PLAIN : gb_feed_packing_of((struct gb_str){p->head, p->len});
    if (code == GB_OK && packing == GB_FEED_PLAIN) {
        code = take_peeked(job, path, p, depth, err);
    } else if (code == GB_OK && packings >= PACKINGS_MAX) {
        code = gb_error_set(err, GB_E_LIMIT, "compressed more than %d times", PACKINGS_MAX);
    } else if (code == GB_OK) {
        struct gb_feed_unpacker *unpacker = NULL;
        struct gb_feed_stream below = {p, read_peeked};
        code = gb_feed_unpack_open(packing, &below, depth || packings ? INNER_WINDOW : OUTER_WINDOW,
                                   job->limits.ratio, &unpacker, err);
        if (code == GB_OK) {
            struct gb_feed_stream unpacked = gb_feed_unpack_stream(unpacker);
            code = take_stream(job, without_suffix(path), &unpacked, depth, packings + 1, err);
            gb_feed_unpack_close(&unpacker);
        }
    }
    free(p);
    return code;
}

int gb_feed_job_stream(struct gb_feed_job *job, struct gb_str path,
                       const struct gb_feed_stream *stream, uint32_t depth, struct gb_error *err)
{
    if (job->options->progress)
        job->options->progress(job->options->progress_context, path, job->summary->bytes);
    return take_stream(job, path, stream, depth, 0, err);
}
