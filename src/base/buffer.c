// Growable bytes; used by writers and readers of files.
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void gb_buffer_free(struct gb_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct gb_buffer){.maximum = buffer->maximum};
}

// Room for `len` bytes; `beyond` more may stand behind them for a moment, even beyond the maximum.
static char *reserve(struct gb_buffer *buffer, size_t len, size_t beyond)
{
    if (buffer->failed)
        return NULL;
    if (len > buffer->maximum || buffer->len > buffer->maximum - len ||
        buffer->maximum > SIZE_MAX - beyond) {
        buffer->failed = true;
        return NULL;
    }
    size_t need = buffer->len + len + beyond;
    if (need > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : 256;
        if (capacity > buffer->maximum)
            capacity = buffer->maximum;
        if (capacity < need)
            capacity = need;
        char *data = realloc(buffer->data, capacity);
        if (!data) {
            buffer->failed = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->len;
}

char *gb_buffer_reserve(struct gb_buffer *buffer, size_t len)
{
    return reserve(buffer, len, 0);
}

void gb_buffer_add(struct gb_buffer *buffer, struct gb_str s)
{
    if (s.len == 0)
        return;
    char *room = gb_buffer_reserve(buffer, s.len);
    if (!room)
        return;
    memcpy(room, s.at, s.len);
    buffer->len += s.len;
}

void gb_buffer_text(struct gb_buffer *buffer, const char *text)
{
    gb_buffer_add(buffer, gb_str_of(text));
}

void gb_buffer_char(struct gb_buffer *buffer, char c)
{
    gb_buffer_add(buffer, (struct gb_str){&c, 1});
}

void gb_buffer_print(struct gb_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *room = len < 0 ? NULL : reserve(buffer, (size_t)len, 1); // vsnprintf's NUL
    if (room) {
        vsnprintf(room, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    if (len < 0)
        buffer->failed = true;
    va_end(again);
}

void gb_buffer_clear(struct gb_buffer *buffer)
{
    buffer->len = 0;
    buffer->failed = false;
}
