// LZ4 decompression; used by package_list.c.
#include "source/package/lz4.h"

#include "base/bytes.h"

int gb_lz4_open(struct gb_lz4 *frame, struct gb_str input, size_t *used, struct gb_error *err)
{
    enum { MAGIC = 0x184d2204 };
    if (input.len < 7 || gb_little32(input.at) != MAGIC)
        return gb_error_set(err, GB_E_SYNTAX, "no LZ4 frame");
    unsigned flags = (unsigned char)input.at[4], sizes = (unsigned char)input.at[5];
    unsigned size_code = sizes >> 4 & 7;
    if (flags >> 6 != 1 || flags & 0x02 || sizes & 0x8f)
        return gb_error_set(err, GB_E_UNSUPPORTED, "LZ4 frame of an unknown version");
    if (flags & 0x01)
        return gb_error_set(err, GB_E_UNSUPPORTED, "LZ4 frame that needs a dictionary");
    if (size_code < 4)
        return gb_error_set(err, GB_E_SYNTAX, "LZ4 frame with a bad block size");
    size_t header = 7 + (flags & 0x08 ? 8u : 0u);
    if (input.len < header)
        return gb_error_set(err, GB_E_SYNTAX, "LZ4 frame cut short");
    *frame = (struct gb_lz4){
        .block_max = (size_t)1 << (8 + 2 * size_code),
        .linked = !(flags & 0x20),
        .block_checksum = flags & 0x10,
        .content_checksum = flags & 0x04,
    };
    *used = header;
    return GB_OK;
}

struct cursor {
    const unsigned char *in, *in_end;
    unsigned char *out, *out_start, *out_end; // out_start: how far back a match may reach
};

// A length of 15 goes on in further bytes, the last of which is not 255.
static bool read_length(struct cursor *c, size_t *length)
{
    if (*length < 15)
        return true;
    for (unsigned char byte = 255; byte == 255; *length += byte) {
        if (c->in == c->in_end)
            return false;
        byte = *c->in++;
    }
    return true; // no overflow: each byte of input adds at most 255
}

static bool copy_literals(struct cursor *c, size_t length)
{
    enum { SLACK = 32 };
    if (length > (size_t)(c->in_end - c->in) || length > (size_t)(c->out_end - c->out))
        return false;
    if (length <= SLACK && c->in_end - c->in >= SLACK && c->out_end - c->out >= SLACK)
        memcpy(c->out, c->in, SLACK); // most are short: one copy of a fixed size
    else
        memcpy(c->out, c->in, length);
    c->in += length;
    c->out += length;
    return true;
}

static bool copy_match(struct cursor *c, size_t offset, size_t length)
{
    enum { STEP = 16 };
    if (!offset || offset > (size_t)(c->out - c->out_start) ||
        length > (size_t)(c->out_end - c->out))
        return false;
    const unsigned char *from = c->out - offset;
    unsigned char *to = c->out, *end = c->out + length;
    c->out = end;
    if (offset >= STEP && (size_t)(c->out_end - end) >= STEP) {
        // Whole steps; the last one may write past `end`, where nothing is yet.
        do {
            memcpy(to, from, STEP);
            to += STEP;
            from += STEP;
        } while (to < end);
        return true;
    }
    while (to < end)
        *to++ = *from++;
    return true;
}

static bool decode(struct cursor *c)
{
    while (c->in < c->in_end) {
        unsigned token = *c->in++;
        size_t literals = token >> 4, match = token & 15;
        if (!read_length(c, &literals) || !copy_literals(c, literals))
            return false;
        if (c->in == c->in_end)
            return true; // the last sequence has literals only
        if (c->in_end - c->in < 2)
            return false;
        size_t offset = (size_t)c->in[0] | (size_t)c->in[1] << 8;
        c->in += 2;
        if (!read_length(c, &match) || !copy_match(c, offset, match + 4))
            return false;
    }
    return false; // a block ends with literals, if only none
}

int gb_lz4_block(const struct gb_lz4 *frame, struct gb_str input, size_t *used, unsigned char *out,
                 size_t history, size_t *made, struct gb_error *err)
{
    if (input.len < 4)
        return GB_LZ4_MORE;
    uint32_t header = gb_little32(input.at);
    if (!header) {
        *used = 4 + (frame->content_checksum ? 4u : 0u);
        return input.len < *used ? GB_LZ4_MORE : GB_LZ4_END;
    }
    bool stored = header >> 31;
    size_t size = header & 0x7fffffff;
    if (size > frame->block_max)
        return gb_error_set(err, GB_E_SYNTAX, "LZ4 block larger than its frame allows");
    size_t whole = 4 + size + (frame->block_checksum ? 4u : 0u);
    if (input.len < whole)
        return GB_LZ4_MORE;
    const unsigned char *data = (const unsigned char *)input.at + 4;
    struct cursor c = {
        .in = data,
        .in_end = data + size,
        .out = out,
        .out_start =
            frame->linked ? out - (history < GB_LZ4_HISTORY ? history : GB_LZ4_HISTORY) : out,
        .out_end = out + frame->block_max,
    };
    if (stored ? !copy_literals(&c, size) : !decode(&c))
        return gb_error_set(err, GB_E_SYNTAX, "damaged LZ4 block");
    *used = whole;
    *made = (size_t)(c.out - out);
    return GB_LZ4_DATA;
}
