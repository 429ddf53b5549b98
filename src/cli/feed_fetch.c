// Downloads; used by `gabion feed update`.
#include "cli/feed_fetch.h"

#include "base/checksum.h"
#include "base/time.h"
#include "store/feed/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAG_BYTES = 1024 };

bool gb_feed_is_local(struct gb_str url)
{
    return gb_str_starts(url, GB_STR("/")) || gb_str_starts(url, GB_STR("file:///"));
}

int64_t gb_http_date(struct gb_str text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct gb_civil civil = {0};
    uint64_t day, year, hour, minute, second;
    if (text.len != sizeof "Wed, 01 Jul 2026 00:00:00 GMT" - 1 ||
        gb_str_to_uint(gb_str_sub(text, 5, 2), 10, &day) ||
        gb_str_to_uint(gb_str_sub(text, 12, 4), 10, &year) ||
        gb_str_to_uint(gb_str_sub(text, 17, 2), 10, &hour) ||
        gb_str_to_uint(gb_str_sub(text, 20, 2), 10, &minute) ||
        gb_str_to_uint(gb_str_sub(text, 23, 2), 10, &second))
        return 0;
    ptrdiff_t month = gb_str_find(GB_STR(months), gb_str_sub(text, 8, 3));
    if (month < 0 || month % 3)
        return 0;
    civil = (struct gb_civil){.year = (int32_t)year,
                              .month = (uint8_t)(month / 3 + 1),
                              .day = (uint8_t)day,
                              .hour = (uint8_t)hour,
                              .minute = (uint8_t)minute,
                              .second = (uint8_t)second};
    int64_t at = 0;
    return gb_time_from_civil(&civil, &at) ? 0 : at;
}

// One file on its way: PATH.part, and PATH.tag with the entity tag that its beginning had.
struct download {
    const struct gb_feed_fetch *fetch;
    char part[GB_FEED_PATH_MAX], tag[GB_FEED_PATH_MAX];
    int fd;
    uint64_t done;
};

static int on_start(void *context, const struct gb_http_header *headers, size_t count, bool resumed,
                    struct gb_error *err)
{
    struct download *d = context;
    struct gb_str etag = GB_STR("");
    for (size_t i = 0; i < count; i++)
        if (gb_str_is(headers[i].name, "etag"))
            etag = headers[i].value;
    if (resumed)
        return GB_OK;
    d->done = 0;
    if (ftruncate(d->fd, 0) < 0 || lseek(d->fd, 0, SEEK_SET) < 0)
        return gb_error_errno(err, errno, "writing %s", d->part);
    return gb_feed_write_file(d->tag, etag, 0644, err);
}

static int on_body(void *context, struct gb_str piece, struct gb_error *err)
{
    struct download *d = context;
    for (size_t at = 0; at < piece.len;) {
        ssize_t wrote = write(d->fd, piece.at + at, piece.len - at);
        if (wrote < 0 && errno != EINTR)
            return gb_error_errno(err, errno, "writing %s", d->part);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    d->done += piece.len;
    if (d->fetch->progress)
        gb_progress_show(d->fetch->progress, "fetching (MiB)", d->done >> 20, 0);
    return GB_OK;
}

static int bad_status(const struct gb_http_response *answer, struct gb_error *err)
{
    int code = answer->status == 404 || answer->status == 410 ? GB_E_NOT_FOUND : GB_E_IO;
    char url[256];
    snprintf(url, sizeof url, GB_PRI, GB_ARG(answer->url));
    return gb_error_at(err, code, url, 0, 0, "the server answered with status %u", answer->status);
}

// The last part of the URL's path, with other characters than letters, digits and ".-_" replaced.
static struct gb_str file_name_of(struct gb_str url, struct gb_arena *arena)
{
    ptrdiff_t query = gb_str_find_char(url, '?');
    struct gb_str path = query < 0 ? url : gb_str_sub(url, 0, (size_t)query);
    struct gb_str name = gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
    char *text = gb_str_c(arena, name.len ? name : GB_STR("data"));
    for (char *c = text; c && *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              strchr(".-_", *c)))
            *c = '-';
    if (text && text[0] == '.')
        text[0] = '-';
    return gb_str_of(text);
}

static int local_file(const struct gb_feed_fetch *fetch, struct gb_str url,
                      const struct gb_feed_url *known, struct gb_feed_fetched *ret,
                      struct gb_error *err)
{
    struct stat st;
    struct gb_str path = gb_str_starts(url, GB_STR("/")) ? url : gb_str_from(url, 7);
    ret->path = gb_str_c(fetch->arena, path);
    if (!ret->path || stat(ret->path, &st) < 0)
        return gb_error_at(err, GB_E_NOT_FOUND, ret->path ? ret->path : "", 0, 0,
                           "there is no such file");
    ret->modified_at = st.st_mtim.tv_sec;
    ret->etag = gb_str_format(fetch->arena, "%lld.%09ld-%lld", (long long)st.st_mtim.tv_sec,
                              st.st_mtim.tv_nsec, (long long)st.st_size);
    ret->unchanged = known && gb_str_eq(known->etag, ret->etag);
    return GB_OK;
}

// How much of the file is here already, and of which entity.
static uint64_t begun(struct download *d, struct gb_str *tag)
{
    struct stat st;
    struct gb_error why = {0};
    if (gb_feed_read_file(d->tag, TAG_BYTES, d->fetch->arena, tag, &why) < 0 || !tag->len ||
        gb_str_starts(*tag, GB_STR("W/")) || fstat(d->fd, &st) < 0 || st.st_size <= 0)
        return 0;
    return lseek(d->fd, 0, SEEK_END) < 0 ? 0 : (uint64_t)st.st_size;
}

static int get(struct download *d, struct gb_str url, const struct gb_feed_url *known,
               bool compressed, bool resume, struct gb_http_response *answer, struct gb_error *err)
{
    struct gb_http_request request = {
        .url = url,
        .max_bytes = d->fetch->max_bytes,
        .compressed = compressed,
        .start = on_start,
        .body = on_body,
        .context = d,
    };
    struct gb_str tag = {0};
    request.resume_from = resume && !compressed ? begun(d, &tag) : 0;
    if (request.resume_from) {
        request.etag = tag;
        request.max_bytes -= request.resume_from < request.max_bytes ? request.resume_from : 0;
    } else if (known) {
        request.etag = known->etag;
        request.last_modified = known->last_modified;
    }
    d->done = request.resume_from;
    return gb_http_get(d->fetch->http, &request, d->fetch->arena, answer, err);
}

static int finish(struct download *d, const struct gb_http_response *answer, const char *path,
                  struct gb_feed_fetched *ret, struct gb_error *err)
{
    if (answer->status == 304) {
        ret->unchanged = true;
        unlink(d->part);
        unlink(d->tag);
        return GB_OK;
    }
    if (answer->status != 200 && answer->status != 206)
        return bad_status(answer, err);
    unlink(d->tag);
    if (rename(d->part, path) < 0)
        return gb_error_errno(err, errno, "renaming %s", d->part);
    return GB_OK;
}

int gb_feed_fetch_file(const struct gb_feed_fetch *fetch, struct gb_str url,
                       const struct gb_feed_url *known, bool compressed,
                       struct gb_feed_fetched *ret, struct gb_error *err)
{
    *ret = (struct gb_feed_fetched){0};
    if (gb_feed_is_local(url))
        return local_file(fetch, url, known, ret, err);
    struct download d = {.fetch = fetch};
    struct gb_str name = file_name_of(url, fetch->arena);
    struct gb_str path = gb_str_format(fetch->arena, "%s/" GB_PRI, fetch->folder, GB_ARG(name));
    // URLs that end alike must not go on with each other's beginnings.
    struct gb_str part = gb_str_format(fetch->arena, GB_PRI "-%08x.part", GB_ARG(name),
                                       (unsigned)gb_checksum(url, 0));
    struct gb_str tag = gb_str_format(fetch->arena, GB_PRI "-%08x.tag", GB_ARG(name),
                                      (unsigned)gb_checksum(url, 0));
    int code = gb_feed_path(d.part, fetch->folder, part, err);
    if (!code)
        code = gb_feed_path(d.tag, fetch->folder, tag, err);
    if (code)
        return code;
    d.fd = open(d.part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (d.fd < 0)
        return gb_error_errno(err, errno, "writing %s", d.part);
    struct gb_http_response answer = {0};
    code = get(&d, url, known, compressed, true, &answer, err);
    // What was begun is longer than what is there now, or the like: from the start.
    if (!code && answer.status == 416)
        code = get(&d, url, NULL, compressed, false, &answer, err);
    close(d.fd);
    if (!code)
        code = finish(&d, &answer, path.at, ret, err);
    if (code || ret->unchanged)
        return code;
    ret->path = gb_str_c(fetch->arena, path);
    ret->etag = gb_http_header_of(&answer, "etag");
    ret->last_modified = gb_http_header_of(&answer, "last-modified");
    ret->modified_at = gb_http_date(ret->last_modified);
    return ret->path ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory for an update");
}

static int add_text(void *context, struct gb_str piece, struct gb_error *err)
{
    struct gb_buffer *out = context;
    gb_buffer_add(out, piece);
    return out->failed ? gb_error_set(err, GB_E_LIMIT, "the answer is too large") : GB_OK;
}

int gb_feed_fetch_text(const struct gb_feed_fetch *fetch, struct gb_str url, size_t max_bytes,
                       struct gb_buffer *ret, struct gb_error *err)
{
    if (gb_feed_is_local(url)) {
        char *path =
            gb_str_c(fetch->arena, gb_str_starts(url, GB_STR("/")) ? url : gb_str_from(url, 7));
        struct gb_str text;
        int code = path ? gb_feed_read_file(path, max_bytes, fetch->arena, &text, err)
                        : gb_error_set(err, GB_E_MEMORY, "no memory for an update");
        return code ? code : add_text(ret, text, err);
    }
    struct gb_http_request request = {
        .url = url, .max_bytes = max_bytes, .body = add_text, .context = ret};
    struct gb_http_response answer = {0};
    int code = gb_http_get(fetch->http, &request, fetch->arena, &answer, err);
    if (!code && answer.status != 200)
        code = bad_status(&answer, err);
    return code;
}
