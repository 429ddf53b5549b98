// JSON (RFC 8259), read and written. Strict: UTF-8 only, no comments, no trailing commas, no
// duplicate keys in trees. Numbers keep their kind: an integer literal that fits int64 is int, else
// that fits uint64 is uint, else (and every literal with fraction or exponent) double.
//
// Also refused: lone surrogates (they are no text), a byte order mark, numbers longer than 1024
// characters or too large for a double. "\u0000" is a character like others: strings are slices.
//
// Three ways in:
//   struct gb_json_reader  pull reader over a text in memory: for large data; no allocation but
//                          for strings with escapes
//   gb_json_node           a gb_node tree with lines and columns: for documents people write
//   model/value_json.h     a value tree
#ifndef GABION_BASE_JSON_H
#define GABION_BASE_JSON_H

#include "base/buffer.h"
#include "base/node.h"

enum gb_json_event {
    GB_JSON_END, // end of the text
    GB_JSON_NULL,
    GB_JSON_BOOL,
    GB_JSON_INT,
    GB_JSON_UINT,
    GB_JSON_DOUBLE,
    GB_JSON_STRING,
    GB_JSON_KEY, // inside an object, before each value
    GB_JSON_OBJECT_BEGIN,
    GB_JSON_OBJECT_END,
    GB_JSON_LIST_BEGIN,
    GB_JSON_LIST_END,
};

struct gb_json_limits {
    size_t max_bytes; // of the text
    uint32_t max_depth;
};
#define GB_JSON_LIMITS_DEFAULT ((struct gb_json_limits){.max_bytes = 64u << 20, .max_depth = 64})

struct gb_json_reader {
    struct gb_str text;
    struct gb_arena *arena; // for strings with escapes; other strings point into the text
    struct gb_json_limits limits;
    size_t at;
    uint32_t depth;
    unsigned char *stack; // '{' or '[' a level
    uint8_t state;
    bool skipping; // strings are checked, but not decoded
    // The last event's content:
    size_t start; // its offset
    bool boolean;
    int64_t integer;
    uint64_t uinteger;
    double real;
    struct gb_str string; // string, key; also the literal's text of a number
};

//     struct gb_json_reader r;
//     if (gb_json_open(&r, text, GB_JSON_LIMITS_DEFAULT, arena, &err) < 0) return ...;
//     for (int event; (event = gb_json_next(&r, &err)) != GB_JSON_END;) {
//         if (event < 0) return event;
//         ...
//     }
//
// `text` must outlive the reader and the strings that it gives.
GB_MUST_USE int gb_json_open(struct gb_json_reader *reader, struct gb_str text,
                             struct gb_json_limits limits, struct gb_arena *arena,
                             struct gb_error *err);
// The next event (enum gb_json_event), or a negative code with line and column; once failed, the
// reader fails with the same code for ever.
GB_MUST_USE int gb_json_next(struct gb_json_reader *reader, struct gb_error *err);
// Skips the value that comes next, with all that is in it, checking but not decoding it. For after
// a key: in a list the end may come instead of a value, which is GB_E_USAGE.
GB_MUST_USE int gb_json_skip(struct gb_json_reader *reader, struct gb_error *err);
// Line and column (1-based, in bytes) of an offset.
void gb_json_place(const struct gb_json_reader *reader, size_t offset, uint32_t *line,
                   uint32_t *column);

// A whole document as a tree. `file` is the subject of errors.
GB_MUST_USE int gb_json_node(struct gb_str text, const char *file, struct gb_json_limits limits,
                             struct gb_arena *arena, struct gb_node *ret, struct gb_error *err);

// Writer: commas, quoting and (optionally) indentation are its business. Failures are sticky in the
// buffer. Strings that are not UTF-8 are written with U+FFFD for the bytes in question. Control
// characters, U+007F to U+009F, U+2028, U+2029 and the bidirectional controls are written as \u
// escapes, so that the text is safe in scripts, logs and terminals. Several documents may follow
// each other: write a newline into the buffer between them.
struct gb_json_writer {
    struct gb_buffer *out;
    unsigned indent; // spaces a level; 0 = compact
    uint32_t depth;
    bool first, after_key;
};

static inline struct gb_json_writer gb_json_writer(struct gb_buffer *out, unsigned indent)
{
    return (struct gb_json_writer){.out = out, .indent = indent, .first = true};
}

void gb_json_object_begin(struct gb_json_writer *w);
void gb_json_object_end(struct gb_json_writer *w);
void gb_json_list_begin(struct gb_json_writer *w);
void gb_json_list_end(struct gb_json_writer *w);
void gb_json_key(struct gb_json_writer *w, const char *key);
void gb_json_key_str(struct gb_json_writer *w, struct gb_str key);
void gb_json_null(struct gb_json_writer *w);
void gb_json_bool(struct gb_json_writer *w, bool b);
void gb_json_int(struct gb_json_writer *w, int64_t i);
void gb_json_uint(struct gb_json_writer *w, uint64_t u);
// As few digits as read back, always with a point or an exponent ("3.0"), so that it is read as a
// double again; NaN and infinities, which JSON does not have, as null.
void gb_json_double(struct gb_json_writer *w, double d);
void gb_json_string(struct gb_json_writer *w, struct gb_str s);
void gb_json_text(struct gb_json_writer *w, const char *text); // a string from a C string
// key and value in one call
void gb_json_field_str(struct gb_json_writer *w, const char *key, struct gb_str s);
void gb_json_field_text(struct gb_json_writer *w, const char *key, const char *text);
void gb_json_field_int(struct gb_json_writer *w, const char *key, int64_t i);
void gb_json_field_bool(struct gb_json_writer *w, const char *key, bool b);
void gb_json_field_double(struct gb_json_writer *w, const char *key, double d);
void gb_json_field_time(struct gb_json_writer *w, const char *key, int64_t seconds); // RFC 3339
// Nothing at all for an empty text.
void gb_json_field_given(struct gb_json_writer *w, const char *key, struct gb_str s);

#endif
