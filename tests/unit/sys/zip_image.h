// Small zip archives for tests, also ones that lie.
//
//     struct zip_image image = zip_image_new();
//     zip_image_add(&image, "META-INF/MANIFEST.MF", GB_STR("..."), true);
//     struct gb_str file = zip_image_done(&image);     // free with zip_image_free
#ifndef GABION_TESTS_ZIP_IMAGE_H
#define GABION_TESTS_ZIP_IMAGE_H

#include "base/buffer.h"

#include <stdlib.h>
#include <zlib.h>

struct zip_image {
    struct gb_buffer bytes, directory;
    unsigned count;
    // For the next entry, where not 0:
    uint32_t size; // that the directory says it has
    uint16_t flags, method;
    size_t start; // offsets are counted from here (a program in front)
};

static inline struct zip_image zip_image_new(void)
{
    return (struct zip_image){.bytes = gb_buffer(256u << 20), .directory = gb_buffer(256u << 20)};
}

static inline void zip_image_free(struct zip_image *image)
{
    gb_buffer_free(&image->bytes);
    gb_buffer_free(&image->directory);
}

static inline void zip_image_put(struct gb_buffer *into, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        gb_buffer_char(into, (char)(i < 8 ? value >> 8 * i & 0xff : 0));
}

static inline struct gb_str zip_image_deflated(struct gb_str data, char **owned)
{
    z_stream stream = {.next_in = NULL};
    size_t room = data.len + data.len / 1000 + 100;
    *owned = malloc(room);
    if (!*owned || deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    union {
        const char *in;
        unsigned char *out;
    } bytes = {.in = data.at};
    stream.next_in = bytes.out;
    stream.avail_in = (unsigned)data.len;
    stream.next_out = (unsigned char *)*owned;
    stream.avail_out = (unsigned)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    deflateEnd(&stream);
    return (struct gb_str){*owned, stream.total_out};
}

static inline void zip_image_add(struct zip_image *image, const char *name, struct gb_str data,
                                 bool deflated)
{
    char *owned = NULL;
    struct gb_str packed = deflated ? zip_image_deflated(data, &owned) : data;
    size_t at = image->bytes.len - image->start, length = strlen(name);
    uint32_t size = image->size ? image->size : (uint32_t)data.len;
    uint16_t method = image->method ? image->method : deflated ? 8 : 0;
    for (int central = 0; central < 2; central++) {
        struct gb_buffer *into = central ? &image->directory : &image->bytes;
        zip_image_put(into, central ? 0x02014b50 : 0x04034b50, 4);
        if (central)
            zip_image_put(into, 20, 2);
        zip_image_put(into, 20, 2);
        zip_image_put(into, image->flags, 2);
        zip_image_put(into, method, 2);
        zip_image_put(into, 0, 8); // time, date, CRC
        zip_image_put(into, packed.len, 4);
        zip_image_put(into, size, 4);
        zip_image_put(into, length, 2);
        zip_image_put(into, 0, 2);
        if (central) {
            zip_image_put(into, 0, 10); // comment, volume, attributes
            zip_image_put(into, at, 4);
        }
        gb_buffer_text(into, name);
        if (!central)
            gb_buffer_add(into, packed);
    }
    free(owned);
    image->count++;
    image->size = 0;
    image->flags = image->method = 0;
}

// The finished archive, valid until it is freed.
static inline struct gb_str zip_image_done(struct zip_image *image)
{
    size_t at = image->bytes.len - image->start;
    gb_buffer_add(&image->bytes, gb_buffer_str(&image->directory));
    zip_image_put(&image->bytes, 0x06054b50, 4);
    zip_image_put(&image->bytes, 0, 4);
    zip_image_put(&image->bytes, image->count & 0xffff, 2);
    zip_image_put(&image->bytes, image->count & 0xffff, 2);
    zip_image_put(&image->bytes, image->directory.len, 4);
    zip_image_put(&image->bytes, at, 4);
    zip_image_put(&image->bytes, 0, 2);
    if (image->bytes.failed || image->directory.failed)
        abort();
    return gb_buffer_str(&image->bytes);
}

#endif
