// JSON pull reader; used by gb_json_node, the value reader and everything that reads large data.
#include "base/json.h"

#include "base/number.h"
#include "base/utf8.h"

#include <stdio.h>

// What may come next.
enum state {
    AT_VALUE,      // a value must come: at the start, after a key, after a comma in a list
    AT_FIRST_ITEM, // behind '[': a value or ']'
    AT_FIRST_KEY,  // behind '{': a key or '}'
    AFTER_VALUE,   // a comma, the end of the container, or the end of the text
    FAILED,
};

static int fail(struct gb_json_reader *r, struct gb_error *err, int code, size_t offset,
                const char *reason)
{
    uint32_t line, column;
    gb_json_place(r, offset, &line, &column);
    r->state = FAILED;
    r->integer = code;
    return gb_error_at(err, code, NULL, line, column, "%s", reason);
}

// "'x'", "the end of the text", "byte 0x07": what is at an offset, for messages.
static void describe(const struct gb_json_reader *r, size_t offset, char into[32])
{
    uint32_t code;
    struct gb_str rest = gb_str_from(r->text, offset);
    size_t len = gb_utf8_decode(rest, &code);
    if (!rest.len)
        snprintf(into, 32, "the end of the text");
    else if (!len || code < 0x20 || (code >= 0x7f && code < 0xa0))
        snprintf(into, 32, "byte 0x%02x", (unsigned char)rest.at[0]);
    else
        snprintf(into, 32, "'%.*s'", (int)len, rest.at);
}

static int unexpected(struct gb_json_reader *r, struct gb_error *err, size_t offset,
                      const char *expected)
{
    char found[32], reason[160];
    describe(r, offset, found);
    const char *hint = "";
    char c = offset < r->text.len ? r->text.at[offset] : 0;
    if (c == '\'')
        hint = " (strings stand in double quotes)";
    else if (c == '/' || c == '#')
        hint = " (JSON has no comments)";
    else if (c == '\xef')
        hint = " (a byte order mark does not belong there)";
    snprintf(reason, sizeof reason, "expected %s, found %s%s", expected, found, hint);
    return fail(r, err, GB_E_SYNTAX, offset, reason);
}

void gb_json_place(const struct gb_json_reader *r, size_t offset, uint32_t *line, uint32_t *column)
{
    if (offset > r->text.len)
        offset = r->text.len;
    size_t start = 0;
    uint32_t lines = 1;
    const char *hit;
    while (start < offset && (hit = memchr(r->text.at + start, '\n', offset - start))) {
        start = (size_t)(hit - r->text.at) + 1;
        lines++;
    }
    *line = lines;
    *column = (uint32_t)(offset - start + 1);
}

int gb_json_open(struct gb_json_reader *r, struct gb_str text, struct gb_json_limits limits,
                 struct gb_arena *arena, struct gb_error *err)
{
    if (text.len > limits.max_bytes || text.len > UINT32_MAX)
        return gb_error_set(err, GB_E_LIMIT, "JSON of %zu bytes: at most %zu are read", text.len,
                            limits.max_bytes);
    unsigned char *stack = gb_alloc(arena, limits.max_depth);
    if (!stack)
        return gb_error_set(err, GB_E_MEMORY, "out of memory reading JSON");
    *r = (struct gb_json_reader){
        .text = text, .arena = arena, .limits = limits, .stack = stack, .state = AT_VALUE};
    return GB_OK;
}

static inline size_t skip_space(struct gb_str text, size_t at)
{
    while (at < text.len) {
        char c = text.at[at];
        if (c == ' ') {
            // Indentation comes in runs.
            uint64_t word = 0;
            while (at + 8 <= text.len &&
                   (memcpy(&word, text.at + at, 8), word) == 0x2020202020202020u)
                at += 8;
            if (at < text.len && text.at[at] == ' ')
                at++;
        } else if (c == '\n' || c == '\r' || c == '\t') {
            at++;
        } else {
            break;
        }
    }
    return at;
}

// The offset of the first byte from `at` on that a string cannot simply go on with: a quote, a
// backslash, a control character, or a byte outside ASCII. Eight bytes at a time: subtracting makes
// the top bit of exactly those bytes (a borrow can only reach beyond the first hit).
static inline size_t plain_run(struct gb_str text, size_t at)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    while (at + 8 <= text.len) {
        uint64_t word;
        memcpy(&word, text.at + at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        uint64_t quote = (word ^ (ones * '"')) - ones;
        uint64_t slash = (word ^ (ones * '\\')) - ones;
        uint64_t hits = (quote | slash | (word - ones * 0x20) | word) & tops;
        if (hits)
            return at + (size_t)__builtin_ctzll(hits) / 8;
        at += 8;
    }
    for (; at < text.len; at++) {
        unsigned char c = (unsigned char)text.at[at];
        if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80)
            break;
    }
    return at;
}

static int hex4(struct gb_str text, size_t at, uint32_t *ret)
{
    uint64_t value;
    if (at + 4 > text.len || gb_str_to_uint(gb_str_sub(text, at, 4), 16, &value) < 0)
        return -1;
    *ret = (uint32_t)value;
    return 0;
}

// The escape at text[at] (its backslash); gives its length and the character. 0 after fail().
static size_t read_escape(struct gb_json_reader *r, size_t at, uint32_t *code, struct gb_error *err)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = at + 1 < r->text.len ? r->text.at[at + 1] : 0;
    const char *hit = c ? strchr(letters, c) : NULL;
    if (hit) {
        *code = (unsigned char)meanings[hit - letters];
        return 2;
    }
    if (c != 'u') {
        fail(r, err, GB_E_SYNTAX, at,
             "unknown escape: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX exist");
        return 0;
    }
    if (hex4(r->text, at + 2, code) < 0) {
        fail(r, err, GB_E_SYNTAX, at, "\\u needs four hexadecimal digits");
        return 0;
    }
    if (*code < 0xd800 || *code > 0xdfff)
        return 6;
    uint32_t low;
    if (*code > 0xdbff || at + 8 > r->text.len || r->text.at[at + 6] != '\\' ||
        r->text.at[at + 7] != 'u' || hex4(r->text, at + 8, &low) < 0 || low < 0xdc00 ||
        low > 0xdfff) {
        fail(r, err, GB_E_SYNTAX, at, "half of a surrogate pair is no character");
        return 0;
    }
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 12;
}

// Decodes text[start, end), which is known to be good; escapes only get shorter.
static int decode_string(struct gb_json_reader *r, size_t start, size_t end, struct gb_error *err)
{
    char *copy = gb_alloc(r->arena, end - start);
    if (!copy)
        return fail(r, err, GB_E_MEMORY, start, "out of memory reading JSON");
    size_t len = 0;
    while (start < end) {
        const char *slash = memchr(r->text.at + start, '\\', end - start);
        size_t run = slash ? (size_t)(slash - r->text.at) - start : end - start;
        memcpy(copy + len, r->text.at + start, run);
        len += run;
        start += run;
        if (!slash)
            break;
        uint32_t code;
        start += read_escape(r, start, &code, err);
        len += gb_utf8_encode(code, copy + len);
    }
    r->string = (struct gb_str){copy, len};
    return GB_OK;
}

// The string whose opening quote is at text[at]; leaves r->at behind the closing one.
static int read_string(struct gb_json_reader *r, size_t at, struct gb_error *err)
{
    size_t start = ++at;
    bool escaped = false;
    for (;;) {
        at = plain_run(r->text, at);
        if (at >= r->text.len)
            return fail(r, err, GB_E_SYNTAX, start - 1, "the string that starts here has no end");
        unsigned char c = (unsigned char)r->text.at[at];
        uint32_t code;
        size_t len;
        if (c == '"')
            break;
        if (c == '\\') {
            len = read_escape(r, at, &code, err);
            if (!len)
                return (int)r->integer;
            escaped = true;
        } else if (c < 0x20) {
            return fail(r, err, GB_E_SYNTAX, at,
                        c == '\n' ? "a string ends on its line: write line breaks as \\n"
                                  : "control characters in strings are written as \\uXXXX");
        } else {
            len = gb_utf8_decode(gb_str_from(r->text, at), &code);
            if (!len)
                return fail(r, err, GB_E_SYNTAX, at, "not UTF-8");
        }
        at += len;
    }
    r->at = at + 1;
    r->string = gb_str_sub(r->text, start, at - start);
    return escaped && !r->skipping ? decode_string(r, start, at, err) : GB_OK;
}

static inline bool is_digit(struct gb_str text, size_t at)
{
    return at < text.len && (unsigned char)(text.at[at] - '0') < 10;
}

// An integer literal that fits neither integer, or one with fraction or exponent.
static int read_double(struct gb_json_reader *r, size_t start, size_t end, struct gb_error *err)
{
    r->at = end;
    r->string = gb_str_sub(r->text, start, end - start);
    int code = gb_number_double(r->string, &r->real);
    if (code == GB_E_RANGE)
        return fail(r, err, code, start, "number too large for a double");
    if (code < 0)
        return fail(r, err, code, start, "number too long");
    return GB_JSON_DOUBLE;
}

static int read_number(struct gb_json_reader *r, size_t start, struct gb_error *err)
{
    struct gb_str text = r->text;
    size_t at = start;
    bool negative = text.at[at] == '-';
    if (negative)
        at++;
    if (!is_digit(text, at))
        return unexpected(r, err, at, "a digit");
    size_t first = at;
    uint64_t value = 0;
    while (is_digit(text, at))
        value = value * 10 + (uint64_t)(text.at[at++] - '0');
    size_t digits = at - first;
    if (text.at[first] == '0' && digits > 1)
        return fail(r, err, GB_E_SYNTAX, first, "numbers have no leading zeros");
    bool whole = true;
    if (at < text.len && text.at[at] == '.') {
        whole = false;
        if (!is_digit(text, ++at))
            return unexpected(r, err, at, "a digit");
        while (is_digit(text, at))
            at++;
    }
    if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
        whole = false;
        at++;
        if (at < text.len && (text.at[at] == '+' || text.at[at] == '-'))
            at++;
        if (!is_digit(text, at))
            return unexpected(r, err, at, "a digit");
        while (is_digit(text, at))
            at++;
    }
    // 19 digits fit uint64 always, 20 may: those are read again with checks.
    if (whole && digits >= 20 && gb_str_to_uint(gb_str_sub(text, first, digits), 10, &value) < 0)
        whole = false;
    if (!whole || (negative && value > (uint64_t)INT64_MAX + 1))
        return read_double(r, start, at, err);
    r->at = at;
    r->string = gb_str_sub(text, start, at - start);
    r->uinteger = value;
    r->integer = negative ? (int64_t)(0 - value) : (int64_t)value;
    return negative || value <= INT64_MAX ? GB_JSON_INT : GB_JSON_UINT;
}

static int read_word(struct gb_json_reader *r, size_t at, struct gb_error *err)
{
    static const struct {
        struct gb_str text;
        int event;
        bool boolean;
    } words[] = {{GB_STR_INIT("null"), GB_JSON_NULL, false},
                 {GB_STR_INIT("true"), GB_JSON_BOOL, true},
                 {GB_STR_INIT("false"), GB_JSON_BOOL, false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = words[i].text.len;
        if (gb_str_eq(gb_str_sub(r->text, at, len), words[i].text)) {
            r->boolean = words[i].boolean;
            r->at = at + len;
            return words[i].event;
        }
    }
    return unexpected(r, err, at, "a value");
}

static int read_open(struct gb_json_reader *r, size_t at, struct gb_error *err)
{
    char c = r->text.at[at];
    if (r->depth >= r->limits.max_depth)
        return fail(r, err, GB_E_LIMIT, at, "nested too deep");
    r->stack[r->depth++] = (unsigned char)c;
    r->at = at + 1;
    r->state = c == '{' ? AT_FIRST_KEY : AT_FIRST_ITEM;
    return c == '{' ? GB_JSON_OBJECT_BEGIN : GB_JSON_LIST_BEGIN;
}

static int read_close(struct gb_json_reader *r, size_t at)
{
    r->start = at;
    r->at = at + 1;
    r->depth--;
    r->state = AFTER_VALUE;
    return r->stack[r->depth] == '{' ? GB_JSON_OBJECT_END : GB_JSON_LIST_END;
}

static int read_value(struct gb_json_reader *r, size_t at, struct gb_error *err)
{
    r->start = at;
    char c = at < r->text.len ? r->text.at[at] : 0;
    if (c == '{' || c == '[')
        return read_open(r, at, err);
    r->state = AFTER_VALUE;
    if (c == '"') {
        int code = read_string(r, at, err);
        return code ? code : GB_JSON_STRING;
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(r, at, err);
    return read_word(r, at, err);
}

// A key with its colon; leaves r->at at the value.
static int read_key(struct gb_json_reader *r, size_t at, const char *expected, struct gb_error *err)
{
    if (at >= r->text.len || r->text.at[at] != '"')
        return unexpected(r, err, at, expected);
    r->start = at;
    int code = read_string(r, at, err);
    if (code)
        return code;
    at = skip_space(r->text, r->at);
    if (at >= r->text.len || r->text.at[at] != ':')
        return unexpected(r, err, at, "':' behind the key");
    r->at = at + 1;
    r->state = AT_VALUE;
    return GB_JSON_KEY;
}

static int read_after_value(struct gb_json_reader *r, size_t at, struct gb_error *err)
{
    char c = at < r->text.len ? r->text.at[at] : 0;
    if (r->depth == 0) {
        if (at < r->text.len)
            return unexpected(r, err, at, "the end of the text");
        r->at = r->start = at;
        return GB_JSON_END;
    }
    bool object = r->stack[r->depth - 1] == '{';
    if (c == (object ? '}' : ']'))
        return read_close(r, at);
    if (c != ',')
        return unexpected(r, err, at, object ? "',' or '}'" : "',' or ']'");
    at = skip_space(r->text, at + 1);
    return object ? read_key(r, at, "a key in double quotes", err) : read_value(r, at, err);
}

int gb_json_next(struct gb_json_reader *r, struct gb_error *err)
{
    size_t at = skip_space(r->text, r->at);
    char c = at < r->text.len ? r->text.at[at] : 0;
    switch ((enum state)r->state) {
    case AFTER_VALUE:
        return read_after_value(r, at, err);
    case AT_FIRST_KEY:
        return c == '}' ? read_close(r, at) : read_key(r, at, "a key in double quotes or '}'", err);
    case AT_FIRST_ITEM:
        return c == ']' ? read_close(r, at) : read_value(r, at, err);
    case AT_VALUE:
        return read_value(r, at, err);
    case FAILED:
        break;
    }
    return gb_error_set(err, (int)r->integer, "the text is not JSON");
}

int gb_json_skip(struct gb_json_reader *r, struct gb_error *err)
{
    uint32_t depth = r->depth;
    r->skipping = true;
    int event = gb_json_next(r, err);
    if (event >= 0 && (r->depth < depth || event == GB_JSON_KEY || event == GB_JSON_END))
        event = fail(r, err, GB_E_USAGE, r->at, "there is no value to skip");
    while (event >= 0 && r->depth > depth)
        event = gb_json_next(r, err);
    r->skipping = false;
    return event < 0 ? event : GB_OK;
}
