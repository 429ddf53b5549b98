// Imports of files, directories, streams and bytes (feed.h).
#include "source/feed/feed.h"
#include "base/arena.h"
#include "source/feed/job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum { FOLDERS_DEPTH = 16, LIST_MAX = 2000000 };

struct descriptor {
    struct gb_feed_job *job;
    int fd;
};

static int64_t read_descriptor(void *context, void *into, size_t size, struct gb_error *err)
{
    struct descriptor *d = context;
    ssize_t got;
    do
        got = read(d->fd, into, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return gb_error_errno(err, errno, "reading");
    return got;
}

static int import_file(struct gb_feed_job *job, const struct gb_host *host, const char *path,
                       struct gb_error *err)
{
    struct gb_file_info info;
    int code = gb_host_stat(host, path, true, &info, err);
    if (code < 0)
        return code;
    if (info.type != GB_FILE_REGULAR)
        return gb_error_at(err, GB_E_TYPE, path, 0, 0, "neither a file nor a directory");
    int fd = gb_host_open_fd(host, path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    struct descriptor d = {job, fd};
    struct gb_feed_stream stream = {&d, read_descriptor};
    job->summary->members++;
    code = gb_feed_job_stream(job, gb_str_of(path), &stream, 0, err);
    close(fd);
    return code < 0 ? gb_error_subject(err, path), code : code;
}

static int import_folder(struct gb_feed_job *job, const struct gb_host *host, const char *path,
                         uint32_t depth, struct gb_error *err);

static int import_entry(struct gb_feed_job *job, const struct gb_host *host, const char *path,
                        const struct gb_dir_entry *entry, uint32_t depth, struct gb_error *err)
{
    bool follow = entry->type == GB_FILE_LINK || entry->type == GB_FILE_UNKNOWN;
    struct gb_file_info info = {.type = entry->type};
    struct gb_error why = {0};
    int code = follow ? gb_host_stat(host, path, true, &info, &why) : GB_OK;
    // Links to directories may lead anywhere, also back.
    bool folder = info.type == GB_FILE_DIRECTORY && entry->type != GB_FILE_LINK;
    if (code == GB_OK && folder)
        code = import_folder(job, host, path, depth + 1, &why);
    else if (code == GB_OK && info.type == GB_FILE_REGULAR)
        code = import_file(job, host, path, &why);
    if (code < 0 && job->fatal) {
        *err = why;
        return code;
    }
    if (code < 0)
        gb_feed_job_leave_out(job, gb_str_of(path), &why);
    return GB_OK;
}

static int import_folder(struct gb_feed_job *job, const struct gb_host *host, const char *path,
                         uint32_t depth, struct gb_error *err)
{
    if (depth > FOLDERS_DEPTH)
        return gb_error_set(err, GB_E_LIMIT, "directories more than %d deep are not read",
                            FOLDERS_DEPTH);
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("feed folder", 512u << 20);
    if (!arena)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(host, path, LIST_MAX, arena, &entries, &count, err);
    for (size_t i = 0; code == GB_OK && i < count; i++) {
        struct gb_mark mark = gb_arena_mark(arena);
        struct gb_str full = gb_str_format(arena, "%s/" GB_PRI, path, GB_ARG(entries[i].name));
        char *c_path = gb_str_c(arena, full);
        if (!c_path)
            return gb_error_set(err, GB_E_MEMORY, "out of memory");
        if (job->summary->members >= job->limits.entries)
            return job->fatal = gb_error_set(err, GB_E_LIMIT, "more than %" PRIu64 " entries",
                                             job->limits.entries);
        code = import_entry(job, host, c_path, &entries[i], depth, err);
        gb_arena_reset(arena, mark);
    }
    return code;
}

static int finish(struct gb_feed_job *job, int code, struct gb_error *err)
{
    struct gb_feed_summary *s = job->summary;
    if (code == GB_OK && !s->documents && !s->repeated && !s->left_out)
        code = gb_error_set(err, GB_E_UNSUPPORTED, "there is no advisory data of a known format");
    if (code < 0)
        s->incomplete = true;
    gb_feed_job_close(job);
    return code;
}

int gb_feed_import_path(const struct gb_host *host, const char *path,
                        const struct gb_feed_options *options, const struct gb_advisory_sink *sink,
                        struct gb_feed_summary *summary, struct gb_error *err)
{
    struct gb_feed_job job;
    struct gb_file_info info;
    int code = gb_host_stat(host, path, true, &info, err);
    if (code < 0)
        return code;
    code = gb_feed_job_open(&job, options, sink, summary, err);
    if (code == GB_OK && info.type == GB_FILE_DIRECTORY)
        code = import_folder(&job, host, path, 0, err);
    else if (code == GB_OK)
        code = import_file(&job, host, path, err);
    return finish(&job, code, err);
}

int gb_feed_import_stream(struct gb_str name, const struct gb_feed_stream *stream,
                          const struct gb_feed_options *options,
                          const struct gb_advisory_sink *sink, struct gb_feed_summary *summary,
                          struct gb_error *err)
{
    struct gb_feed_job job;
    int code = gb_feed_job_open(&job, options, sink, summary, err);
    if (code == GB_OK) {
        summary->members++;
        code = gb_feed_job_stream(&job, name, stream, 0, err);
    }
    return finish(&job, code, err);
}

static int64_t read_bytes(void *context, void *into, size_t size, struct gb_error *err)
{
    struct gb_str *rest = context;
    (void)err;
    size_t part = rest->len < size ? rest->len : size;
    if (part)
        memcpy(into, rest->at, part);
    *rest = gb_str_from(*rest, part);
    return (int64_t)part;
}

int gb_feed_import_bytes(struct gb_str name, struct gb_str bytes,
                         const struct gb_feed_options *options, const struct gb_advisory_sink *sink,
                         struct gb_feed_summary *summary, struct gb_error *err)
{
    struct gb_feed_stream stream = {&bytes, read_bytes};
    return gb_feed_import_stream(name, &stream, options, sink, summary, err);
}
