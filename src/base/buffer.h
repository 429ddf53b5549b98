// A growable run of bytes with a stated maximum. A failure (memory or maximum) is sticky: append as
// often as you like and check once at the end.
//
//     GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(1u << 20);
//     gb_buffer_print(&out, "%d", n);
//     if (out.failed) ...
#ifndef GABION_BASE_BUFFER_H
#define GABION_BASE_BUFFER_H

#include "base/str.h"

struct gb_buffer {
    char *data; // owned, malloc
    size_t len, capacity, maximum;
    bool failed;
};

static inline struct gb_buffer gb_buffer(size_t maximum)
{
    return (struct gb_buffer){.maximum = maximum};
}

void gb_buffer_free(struct gb_buffer *buffer);
void gb_buffer_add(struct gb_buffer *buffer, struct gb_str s);
void gb_buffer_text(struct gb_buffer *buffer, const char *text);
void gb_buffer_char(struct gb_buffer *buffer, char c);
void gb_buffer_print(struct gb_buffer *buffer, const char *format, ...) GB_PRINTF(2, 3);
// Room for `len` more bytes at data + len, NULL on failure; the caller adds to len.
char *gb_buffer_reserve(struct gb_buffer *buffer, size_t len);
// Empties it and keeps the memory; also clears the failure.
void gb_buffer_clear(struct gb_buffer *buffer);

static inline struct gb_str gb_buffer_str(const struct gb_buffer *buffer)
{
    return (struct gb_str){buffer->data, buffer->len};
}

#endif
