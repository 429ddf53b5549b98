// Decompression at any place; see inflate.h.
#include "base/inflate.h"

#include <stdlib.h>
#include <zlib.h>

enum { INPUT_BYTES = 16 << 10 };

struct gb_inflate {
    const struct gb_content_reader *compressed;
    uint64_t size;
    uint64_t *budget;
    uint64_t input_at; // in `compressed`
    uint64_t made;     // decompressed so far
    z_stream stream;
    bool ended;
    int failed;          // sticky until begun again; 0 = fine
    size_t kept;         // bytes of `ring`
    unsigned char *ring; // the byte at offset n lies at n % kept
    unsigned char input[INPUT_BYTES];
};

void gb_inflate_free(struct gb_inflate **inflate)
{
    if (!*inflate)
        return;
    inflateEnd(&(*inflate)->stream);
    free((*inflate)->ring);
    free(*inflate);
    *inflate = NULL;
}

int gb_inflate_new(const struct gb_content_reader *compressed, enum gb_deflate format,
                   uint64_t size, size_t kept, uint64_t *budget, struct gb_inflate **ret)
{
    struct gb_inflate *self = calloc(1, sizeof *self);
    if (!self)
        return GB_E_MEMORY;
    kept = kept < GB_INFLATE_KEPT_LEAST ? GB_INFLATE_KEPT_LEAST : kept;
    kept = size < kept ? (size_t)size : kept;
    self->compressed = compressed;
    self->size = size;
    self->budget = budget;
    self->kept = kept ? kept : 1;
    self->ring = malloc(self->kept);
    if (!self->ring ||
        inflateInit2(&self->stream, format == GB_DEFLATE_RAW ? -MAX_WBITS : MAX_WBITS) != Z_OK) {
        free(self->ring);
        free(self);
        return GB_E_MEMORY;
    }
    *ret = self;
    return GB_OK;
}

static int begin_again(struct gb_inflate *self)
{
    if (inflateReset(&self->stream) != Z_OK)
        return GB_E_SYNTAX;
    self->stream.avail_in = 0;
    self->input_at = self->made = 0;
    self->ended = false;
    self->failed = 0;
    return GB_OK;
}

// Decompresses into the next free run of the ring. Sets `ended` at the end of the stream, of the
// input, or of what was said to be its size.
static int go_on(struct gb_inflate *self)
{
    z_stream *stream = &self->stream;
    if (!stream->avail_in) {
        int64_t got =
            gb_content_read(self->compressed, self->input_at, self->input, sizeof self->input);
        if (got < 0)
            return (int)got;
        self->input_at += (uint64_t)got;
        stream->next_in = self->input;
        stream->avail_in = (unsigned)got;
    }
    size_t at = (size_t)(self->made % self->kept), room = self->kept - at;
    if (room > self->size - self->made)
        room = (size_t)(self->size - self->made);
    if (room > *self->budget)
        room = (size_t)*self->budget;
    if (room > INPUT_BYTES * 16)
        room = INPUT_BYTES * 16;
    if (!*self->budget)
        return GB_E_LIMIT;
    bool dry = !stream->avail_in;
    stream->next_out = self->ring + at;
    stream->avail_out = (unsigned)room;
    int code = inflate(stream, Z_NO_FLUSH);
    size_t made = room - stream->avail_out;
    self->made += made;
    *self->budget -= made;
    self->ended = code == Z_STREAM_END || self->made == self->size || (dry && !made);
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
        return GB_OK;
    return code == Z_MEM_ERROR ? GB_E_MEMORY : GB_E_SYNTAX;
}

static int64_t read_inflated(void *context, uint64_t offset, void *into, size_t size)
{
    struct gb_inflate *self = context;
    uint64_t oldest = self->made > self->kept ? self->made - self->kept : 0;
    if (offset >= self->size || !size)
        return 0;
    if (offset < oldest) {
        int code = begin_again(self);
        if (code)
            return code;
    }
    while (offset >= self->made && !self->ended && !self->failed)
        self->failed = go_on(self);
    if (offset >= self->made)
        return self->failed;
    size_t at = (size_t)(offset % self->kept);
    size_t run = self->kept - at;
    if (run > self->made - offset)
        run = (size_t)(self->made - offset);
    size = size < run ? size : run;
    memcpy(into, self->ring + at, size);
    return (int64_t)size;
}

struct gb_content_reader gb_inflate_content(struct gb_inflate *self)
{
    return (struct gb_content_reader){
        .context = self, .size = self->size, .read_at = read_inflated};
}
