// JSON writer; used by every output in JSON.
#include "base/json.h"

#include "base/number.h"
#include "base/time.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>

static void line_break(struct gb_json_writer *w)
{
    if (!w->indent)
        return;
    gb_buffer_char(w->out, '\n');
    size_t width = (size_t)w->indent * w->depth;
    char *room = gb_buffer_reserve(w->out, width);
    if (room) {
        memset(room, ' ', width);
        w->out->len += width;
    }
}

// What has to stand before a value or a key.
static void separate(struct gb_json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth) {
        if (!w->first)
            gb_buffer_char(w->out, ',');
        line_break(w);
    }
    w->first = false;
}

static void begin(struct gb_json_writer *w, char c)
{
    separate(w);
    gb_buffer_char(w->out, c);
    w->depth++;
    w->first = true;
}

static void end(struct gb_json_writer *w, char c)
{
    if (!w->depth) { // more ends than begins: a bug in the caller, kept out of the output
        w->out->failed = true;
        return;
    }
    w->depth--;
    if (!w->first)
        line_break(w);
    gb_buffer_char(w->out, c);
    w->first = false;
}

void gb_json_object_begin(struct gb_json_writer *w)
{
    begin(w, '{');
}

void gb_json_object_end(struct gb_json_writer *w)
{
    end(w, '}');
}

void gb_json_list_begin(struct gb_json_writer *w)
{
    begin(w, '[');
}

void gb_json_list_end(struct gb_json_writer *w)
{
    end(w, ']');
}

// Invisible, line-breaking or direction-changing where text is shown.
static bool must_escape(uint32_t code)
{
    return (code >= 0x7f && code <= 0x9f) || code == 0x61c || (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xfeff;
}

static void write_ascii_escape(struct gb_buffer *out, unsigned char c)
{
    static const char names[] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                 ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
    if (c < sizeof names && names[c]) {
        text[1] = names[c];
        gb_buffer_add(out, (struct gb_str){text, 2});
    } else {
        gb_buffer_add(out, (struct gb_str){text, 6});
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void quote(struct gb_buffer *out, struct gb_str s)
{
    gb_buffer_char(out, '"');
    for (size_t at = 0; at < s.len;) {
        size_t run = at;
        while (run < s.len && is_plain((unsigned char)s.at[run]))
            run++;
        gb_buffer_add(out, gb_str_sub(s, at, run - at));
        at = run;
        if (at == s.len)
            break;
        uint32_t code;
        size_t len = gb_utf8_decode(gb_str_from(s, at), &code);
        if (!len)
            gb_buffer_add(out, GB_STR("\xef\xbf\xbd"));
        else if (code < 0x80)
            write_ascii_escape(out, (unsigned char)code);
        else if (must_escape(code))
            gb_buffer_print(out, "\\u%04" PRIx32, code);
        else
            gb_buffer_add(out, gb_str_sub(s, at, len));
        at += len ? len : 1;
    }
    gb_buffer_char(out, '"');
}

void gb_json_key_str(struct gb_json_writer *w, struct gb_str key)
{
    separate(w);
    quote(w->out, key);
    gb_buffer_add(w->out, w->indent ? GB_STR(": ") : GB_STR(":"));
    w->after_key = true;
}

void gb_json_key(struct gb_json_writer *w, const char *key)
{
    gb_json_key_str(w, gb_str_of(key));
}

void gb_json_null(struct gb_json_writer *w)
{
    separate(w);
    gb_buffer_add(w->out, GB_STR("null"));
}

void gb_json_bool(struct gb_json_writer *w, bool b)
{
    separate(w);
    gb_buffer_add(w->out, b ? GB_STR("true") : GB_STR("false"));
}

void gb_json_int(struct gb_json_writer *w, int64_t i)
{
    separate(w);
    gb_buffer_print(w->out, "%" PRId64, i);
}

void gb_json_uint(struct gb_json_writer *w, uint64_t u)
{
    separate(w);
    gb_buffer_print(w->out, "%" PRIu64, u);
}

void gb_json_double(struct gb_json_writer *w, double d)
{
    if (!isfinite(d)) {
        gb_json_null(w);
        return;
    }
    separate(w);
    char text[GB_NUMBER_DOUBLE_SIZE];
    struct gb_str number = {text, gb_number_double_text(d, text)};
    gb_buffer_add(w->out, number);
    if (gb_str_find_char(number, '.') < 0 && gb_str_find_char(number, 'e') < 0)
        gb_buffer_add(w->out, GB_STR(".0"));
}

void gb_json_string(struct gb_json_writer *w, struct gb_str s)
{
    separate(w);
    quote(w->out, s);
}

void gb_json_text(struct gb_json_writer *w, const char *text)
{
    gb_json_string(w, gb_str_of(text));
}

void gb_json_field_str(struct gb_json_writer *w, const char *key, struct gb_str s)
{
    gb_json_key(w, key);
    gb_json_string(w, s);
}

void gb_json_field_text(struct gb_json_writer *w, const char *key, const char *text)
{
    gb_json_key(w, key);
    gb_json_text(w, text);
}

void gb_json_field_int(struct gb_json_writer *w, const char *key, int64_t i)
{
    gb_json_key(w, key);
    gb_json_int(w, i);
}

void gb_json_field_bool(struct gb_json_writer *w, const char *key, bool b)
{
    gb_json_key(w, key);
    gb_json_bool(w, b);
}

void gb_json_field_double(struct gb_json_writer *w, const char *key, double d)
{
    gb_json_key(w, key);
    gb_json_double(w, d);
}

void gb_json_field_time(struct gb_json_writer *w, const char *key, int64_t seconds)
{
    char text[GB_TIME_SIZE];
    gb_time_text(seconds, 0, text);
    gb_json_field_text(w, key, text);
}

void gb_json_field_given(struct gb_json_writer *w, const char *key, struct gb_str s)
{
    if (s.len)
        gb_json_field_str(w, key, s);
}
