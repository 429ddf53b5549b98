// Escaping for the junit and html sinks.
#include "sink/file/xml.h"

static const char *entity_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    default:
        return c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void gb_xml_add(struct gb_buffer *out, struct gb_str text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = entity_of((unsigned char)text.at[i]);
        if (!entity)
            continue;
        gb_buffer_add(out, gb_str_sub(text, start, i - start));
        gb_buffer_text(out, entity);
        start = i + 1;
    }
    gb_buffer_add(out, gb_str_from(text, start));
}
