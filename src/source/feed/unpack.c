// Streams that undo one compression (unpack.h): zlib, libzstd and liblzma behind one function.
#include "source/feed/unpack.h"

#include <inttypes.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { INPUT_BYTES = 128 << 10, RATIO_FREE_BYTES = 64 << 20 };

struct gb_feed_unpacker {
    struct gb_feed_stream stream;
    enum gb_feed_packing packing;
    uint64_t ratio, in, out;
    bool input_ended, ended, started, frame_open;
    size_t at, len; // of input
    z_stream deflate;
    ZSTD_DStream *zstd;
    lzma_stream lzma;
    unsigned char input[INPUT_BYTES];
};

enum gb_feed_packing gb_feed_packing_of(struct gb_str head)
{
    const unsigned char *b = (const unsigned char *)head.at;
    if (head.len >= 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8)
        return GB_FEED_GZIP;
    if (head.len >= 4 && b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd)
        return GB_FEED_ZSTD;
    if (head.len >= 6 && memcmp(b,
                                "\xfd"
                                "7zXZ\0",
                                6) == 0)
        return GB_FEED_XZ;
    // RFC 1950: method 8, a window of at most 32 KiB, check bits, no preset dictionary.
    if (head.len >= 2 && (b[0] & 0x0f) == 8 && b[0] >> 4 <= 7 && (b[0] * 256 + b[1]) % 31 == 0 &&
        !(b[1] & 0x20))
        return GB_FEED_ZLIB;
    return GB_FEED_PLAIN;
}

static int open_zstd(struct gb_feed_unpacker *u, size_t window_bytes, struct gb_error *err)
{
    int window_log = 10;
    while (window_log < 30 && (size_t)2 << window_log <= window_bytes)
        window_log++;
    u->zstd = ZSTD_createDStream();
    if (!u->zstd || ZSTD_isError(ZSTD_initDStream(u->zstd)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, window_log)))
        return gb_error_set(err, GB_E_MEMORY, "out of memory for zstd");
    return GB_OK;
}

int gb_feed_unpack_open(enum gb_feed_packing packing, const struct gb_feed_stream *stream,
                        size_t window_bytes, uint64_t ratio, struct gb_feed_unpacker **ret,
                        struct gb_error *err)
{
    struct gb_feed_unpacker *u = calloc(1, sizeof *u);
    if (!u)
        return gb_error_set(err, GB_E_MEMORY, "out of memory for unpacking");
    u->stream = *stream;
    u->packing = packing;
    u->ratio = ratio;
    u->lzma = (lzma_stream)LZMA_STREAM_INIT;
    int code = GB_OK;
    if (packing == GB_FEED_ZSTD)
        code = open_zstd(u, window_bytes, err);
    else if (packing == GB_FEED_XZ)
        // The decoder's own tables need less than a megabyte.
        code =
            lzma_stream_decoder(&u->lzma, window_bytes + (2u << 20), LZMA_CONCATENATED) == LZMA_OK
                ? GB_OK
                : gb_error_set(err, GB_E_MEMORY, "out of memory for xz");
    else
        code =
            inflateInit2(&u->deflate, packing == GB_FEED_GZIP ? 16 + MAX_WBITS : MAX_WBITS) == Z_OK
                ? GB_OK
                : gb_error_set(err, GB_E_MEMORY, "out of memory for zlib");
    if (code < 0)
        gb_feed_unpack_close(&u);
    else
        *ret = u;
    return code;
}

void gb_feed_unpack_close(struct gb_feed_unpacker **unpacker)
{
    struct gb_feed_unpacker *u = *unpacker;
    if (!u)
        return;
    if (u->packing == GB_FEED_ZSTD)
        ZSTD_freeDStream(u->zstd);
    else if (u->packing == GB_FEED_XZ)
        lzma_end(&u->lzma);
    else
        inflateEnd(&u->deflate);
    free(u);
    *unpacker = NULL;
}

static int damaged(const char *what, struct gb_error *err)
{
    return gb_error_set(err, GB_E_SYNTAX, "damaged %s data", what);
}

// One step of each decoder over input[at, len) into `into`: sets *made, moves u->at, and sets
// u->frame_open where more input must come.
static int step_deflate(struct gb_feed_unpacker *u, unsigned char *into, size_t size, size_t *made,
                        struct gb_error *err)
{
    z_stream *z = &u->deflate;
    if (!u->frame_open) {
        // Several gzip members behind each other are one file; anything else behind one, and all
        // behind zlib data, is padding.
        if (u->started && (u->packing == GB_FEED_ZLIB || u->input[u->at] != 0x1f)) {
            u->at = u->len;
            return GB_OK;
        }
        if (inflateReset(z) != Z_OK)
            return damaged("compressed", err);
        u->frame_open = u->started = true;
    }
    z->next_in = u->input + u->at;
    z->avail_in = (unsigned)(u->len - u->at);
    z->next_out = into;
    z->avail_out = (unsigned)(size > 1u << 30 ? 1u << 30 : size);
    unsigned room = z->avail_out;
    int code = inflate(z, Z_NO_FLUSH);
    u->at = u->len - z->avail_in;
    *made = room - z->avail_out;
    if (code == Z_STREAM_END)
        u->frame_open = false;
    else if (code == Z_MEM_ERROR)
        return gb_error_set(err, GB_E_MEMORY, "out of memory for zlib");
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return damaged(u->packing == GB_FEED_GZIP ? "gzip" : "zlib", err);
    return GB_OK;
}

static int step_zstd(struct gb_feed_unpacker *u, unsigned char *into, size_t size, size_t *made,
                     struct gb_error *err)
{
    ZSTD_inBuffer in = {u->input, u->len, u->at};
    ZSTD_outBuffer out = {into, size, 0};
    size_t code = ZSTD_decompressStream(u->zstd, &out, &in);
    if (ZSTD_isError(code)) {
        const char *name = ZSTD_getErrorName(code);
        if (strstr(name, "memory"))
            return gb_error_set(err, GB_E_LIMIT, "zstd data wants a larger window than is allowed");
        return damaged("zstd", err);
    }
    u->frame_open = code != 0;
    u->at = in.pos;
    *made = out.pos;
    return GB_OK;
}

static int step_xz(struct gb_feed_unpacker *u, unsigned char *into, size_t size, size_t *made,
                   struct gb_error *err)
{
    lzma_stream *l = &u->lzma;
    u->frame_open = true;
    l->next_in = u->input + u->at;
    l->avail_in = u->len - u->at;
    l->next_out = into;
    l->avail_out = size;
    lzma_ret code = lzma_code(l, u->input_ended ? LZMA_FINISH : LZMA_RUN);
    u->at = u->len - l->avail_in;
    *made = size - l->avail_out;
    if (code == LZMA_STREAM_END)
        u->frame_open = false;
    else if (code == LZMA_MEM_ERROR || code == LZMA_MEMLIMIT_ERROR)
        return gb_error_set(err, GB_E_LIMIT, "xz data wants a larger dictionary than is allowed");
    else if (code != LZMA_OK && code != LZMA_BUF_ERROR)
        return damaged("xz", err);
    return GB_OK;
}

static int fill(struct gb_feed_unpacker *u, struct gb_error *err)
{
    if (u->at < u->len || u->input_ended)
        return GB_OK;
    int64_t got = u->stream.read(u->stream.context, u->input, sizeof u->input, err);
    if (got < 0)
        return (int)got;
    u->input_ended = got == 0;
    u->at = 0;
    u->len = (size_t)got;
    u->in += (uint64_t)got;
    return GB_OK;
}

static int64_t unpack(void *context, void *into, size_t size, struct gb_error *err)
{
    struct gb_feed_unpacker *u = context;
    if (!size)
        return 0;
    while (!u->ended) {
        int code = fill(u, err);
        if (code < 0)
            return code;
        bool starved = u->input_ended && u->at == u->len;
        if (starved && !u->frame_open) {
            u->ended = true;
            break;
        }
        size_t made = 0;
        if (u->packing == GB_FEED_ZSTD)
            code = step_zstd(u, into, size, &made, err);
        else if (u->packing == GB_FEED_XZ)
            code = step_xz(u, into, size, &made, err);
        else
            code = step_deflate(u, into, size, &made, err);
        if (code < 0)
            return code;
        u->out += made;
        if (u->out > RATIO_FREE_BYTES && u->out / u->ratio > u->in)
            return gb_error_set(err, GB_E_LIMIT, "unpacks to more than %" PRIu64 " times its size",
                                u->ratio);
        if (made)
            return (int64_t)made;
        if (starved && u->frame_open)
            return gb_error_set(err, GB_E_SYNTAX, "the compressed data is cut off");
    }
    return 0;
}

struct gb_feed_stream gb_feed_unpack_stream(struct gb_feed_unpacker *unpacker)
{
    return (struct gb_feed_stream){unpacker, unpack};
}
