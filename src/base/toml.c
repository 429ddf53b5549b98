// Reader of TOML: see toml.h.
#include "base/toml.h"

#include "base/number.h"
#include "base/utf8.h"

#include <stdio.h>

enum { MAX_BYTES = 4 << 20, MAX_ENTRIES = 100000, MAX_NESTING = 16, MAX_ARRAYS = 1024 };

// How many elements an array of tables has so far.
struct array {
    const struct gb_str *parts;
    size_t count, elements;
};

struct reader {
    struct gb_str text;
    size_t at;
    uint32_t line;
    size_t line_start;
    const char *file;
    struct gb_arena *arena;
    struct gb_toml *toml;
    struct gb_toml_path table; // that assignments are in
    struct array *arrays;
    size_t array_count;
    unsigned nesting;
    struct gb_error *err;
};

static int fail(struct reader *r, int code, const char *what)
{
    return gb_error_at(r->err, code, r->file, r->line, (uint32_t)(r->at - r->line_start + 1), "%s",
                       what);
}

static bool ended(const struct reader *r)
{
    return r->at >= r->text.len;
}

static char peek(const struct reader *r)
{
    return ended(r) ? '\0' : r->text.at[r->at];
}

static bool starts(const struct reader *r, const char *what)
{
    return gb_str_starts(gb_str_from(r->text, r->at), gb_str_of(what));
}

static void advance(struct reader *r)
{
    if (r->text.at[r->at++] == '\n') {
        r->line++;
        r->line_start = r->at;
    }
}

static void skip_blanks(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t')
        r->at++;
}

static void skip_comment(struct reader *r)
{
    if (peek(r) == '#') {
        while (!ended(r) && peek(r) != '\n')
            r->at++;
    }
}

// Blanks, comments and line ends: between expressions and inside lists.
static void skip_space(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        skip_comment(r);
        if (peek(r) != '\n' && !starts(r, "\r\n"))
            return;
        if (peek(r) == '\r')
            r->at++;
        advance(r);
    }
}

// Nothing but a comment may follow an expression in its line.
static int end_line(struct reader *r)
{
    skip_blanks(r);
    skip_comment(r);
    if (peek(r) == '\r')
        r->at++;
    if (!ended(r) && peek(r) != '\n')
        return fail(r, GB_E_SYNTAX, "expected the end of the line");
    return GB_OK;
}

static int read_escape(struct reader *r, char **out)
{
    static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\033\"\\";
    char c = peek(r);
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        r->at++;
        *(*out)++ = to[known - from];
        return GB_OK;
    }
    size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : c == 'x' ? 2 : 0;
    uint64_t code;
    if (!digits || gb_str_to_uint(gb_str_sub(r->text, r->at + 1, digits), 16, &code) < 0 ||
        r->text.len - r->at - 1 < digits || code > GB_UTF8_LARGEST)
        return fail(r, GB_E_SYNTAX, "unknown escape in a string");
    r->at += 1 + digits;
    *out += gb_utf8_encode((uint32_t)code, *out);
    return GB_OK;
}

// A backslash at the end of a line takes the white space behind it away.
static bool skip_folded(struct reader *r)
{
    size_t at = r->at;
    while (at < r->text.len && (r->text.at[at] == ' ' || r->text.at[at] == '\t'))
        at++;
    if (at < r->text.len && r->text.at[at] == '\r')
        at++;
    if (at >= r->text.len || r->text.at[at] != '\n')
        return false;
    while (!ended(r) && strchr(" \t\r\n", peek(r)))
        advance(r);
    return true;
}

// "..." '...' """...""" '''...''': the cursor is on the first quote.
static int read_string(struct reader *r, struct gb_str *ret)
{
    char quote = peek(r);
    const char *triple = quote == '"' ? "\"\"\"" : "'''";
    bool multi = starts(r, triple), escapes = quote == '"';
    r->at += multi ? 3 : 1;
    if (multi && (peek(r) == '\n' || starts(r, "\r\n"))) {
        if (peek(r) == '\r')
            r->at++;
        advance(r);
    }
    // The result is never longer than its source: an escape of a character is longer than that.
    size_t start = r->at, end = start;
    for (; end < r->text.len && (multi || r->text.at[end] != '\n'); end++) {
        if (escapes && r->text.at[end] == '\\')
            end++;
        else if (r->text.at[end] == quote &&
                 (!multi || gb_str_starts(gb_str_from(r->text, end), gb_str_of(triple))))
            break;
    }
    if (end >= r->text.len || r->text.at[end] != quote)
        return fail(r, GB_E_SYNTAX, "a string without an end");
    // Up to two quotes may stand before the closing three.
    for (int i = 0; multi && i < 2 && end + 3 < r->text.len && r->text.at[end + 3] == quote; i++)
        end++;
    char *text = gb_alloc(r->arena, end - start + 1), *out = text;
    if (!text)
        return fail(r, GB_E_MEMORY, "out of memory");
    while (r->at < end) {
        if (escapes && peek(r) == '\\') {
            r->at++;
            if (multi && skip_folded(r))
                continue;
            int code = read_escape(r, &out);
            if (code < 0)
                return code;
            continue;
        }
        *out++ = peek(r);
        advance(r);
    }
    r->at = end + (multi ? 3 : 1);
    *ret = (struct gb_str){text, (size_t)(out - text)};
    return GB_OK;
}

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

// A key of one or more parts, appended to *path.
static int read_key(struct reader *r, struct gb_toml_path *path)
{
    for (;;) {
        struct gb_str part;
        skip_blanks(r);
        if (peek(r) == '"' || peek(r) == '\'') {
            int code = read_string(r, &part);
            if (code < 0)
                return code;
        } else {
            size_t start = r->at;
            while (!ended(r) && is_bare(peek(r)))
                r->at++;
            if (r->at == start)
                return fail(r, GB_E_SYNTAX, "expected a key");
            part = gb_str_sub(r->text, start, r->at - start);
        }
        if (path->count == GB_TOML_MAX_DEPTH)
            return fail(r, GB_E_LIMIT, "a key with too many parts");
        path->parts[path->count++] = part;
        skip_blanks(r);
        if (peek(r) != '.')
            return GB_OK;
        r->at++;
    }
}

static const struct gb_str *keep_path(struct reader *r, const struct gb_toml_path *path)
{
    struct gb_str *parts = gb_alloc_array(r->arena, path->count, sizeof *parts);
    for (size_t i = 0; parts && i < path->count; i++)
        parts[i] = path->parts[i];
    return parts;
}

static bool same_path(const struct gb_str *a, const struct gb_str *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!gb_str_eq(a[i], b[i]))
            return false;
    }
    return true;
}

static int add_entry(struct reader *r, const struct gb_toml_path *path, struct gb_node value)
{
    struct gb_toml *toml = r->toml;
    const struct gb_str *parts = keep_path(r, path);
    if (toml->count >= MAX_ENTRIES)
        return fail(r, GB_E_LIMIT, "too many assignments");
    if (parts && toml->count == toml->capacity) {
        size_t larger = toml->capacity ? toml->capacity * 2 : 32;
        void *grown =
            gb_grow_array(r->arena, toml->entries, toml->capacity, larger, sizeof *toml->entries);
        if (grown) {
            toml->entries = grown;
            toml->capacity = larger;
        }
    }
    if (!parts || toml->count == toml->capacity)
        return fail(r, GB_E_MEMORY, "out of memory");
    toml->entries[toml->count++] = (struct gb_toml_entry){
        .parts = parts, .count = path->count, .value = value, .line = value.line};
    return GB_OK;
}

static int read_value(struct reader *r, struct gb_node *ret);

static int read_list(struct reader *r, struct gb_node *ret)
{
    size_t capacity = 0;
    struct gb_node *items = NULL;
    r->at++;
    for (;;) {
        skip_space(r);
        if (peek(r) == ']') {
            r->at++;
            ret->kind = GB_NODE_LIST;
            ret->list.items = items;
            return GB_OK;
        }
        if (ret->list.count == capacity) {
            size_t larger = capacity ? capacity * 2 : 4;
            items = gb_grow_array(r->arena, items, capacity, larger, sizeof *items);
            if (!items)
                return fail(r, GB_E_MEMORY, "out of memory");
            capacity = larger;
        }
        int code = read_value(r, &items[ret->list.count]);
        if (code < 0)
            return code;
        ret->list.count++;
        skip_space(r);
        if (peek(r) == ',')
            r->at++;
        else if (peek(r) != ']')
            return fail(r, GB_E_SYNTAX, "expected , or ] in a list");
    }
}

// An inline table. Keys with dots are kept as one key with the dots.
static int read_inline_table(struct reader *r, struct gb_node *ret)
{
    size_t capacity = 0;
    struct gb_node_pair *pairs = NULL;
    r->at++;
    for (;;) {
        skip_space(r);
        if (peek(r) == '}') {
            r->at++;
            ret->kind = GB_NODE_MAP;
            ret->map.pairs = pairs;
            return GB_OK;
        }
        struct gb_toml_path path = {.count = 0};
        uint32_t line = r->line;
        size_t start = r->at;
        int code = read_key(r, &path);
        if (code < 0)
            return code;
        struct gb_str key = path.count == 1
                                ? path.parts[0]
                                : gb_str_trim(gb_str_sub(r->text, start, r->at - start));
        if (peek(r) != '=')
            return fail(r, GB_E_SYNTAX, "expected = behind a key");
        r->at++;
        if (ret->map.count == capacity) {
            size_t larger = capacity ? capacity * 2 : 4;
            pairs = gb_grow_array(r->arena, pairs, capacity, larger, sizeof *pairs);
            if (!pairs)
                return fail(r, GB_E_MEMORY, "out of memory");
            capacity = larger;
        }
        struct gb_node_pair *pair = &pairs[ret->map.count];
        *pair = (struct gb_node_pair){.key = key, .line = line};
        code = read_value(r, &pair->value);
        if (code < 0)
            return code;
        ret->map.count++;
        skip_space(r);
        if (peek(r) == ',')
            r->at++;
        else if (peek(r) != '}')
            return fail(r, GB_E_SYNTAX, "expected , or } in a table");
    }
}

// Digits without the underscores that may stand between them.
static struct gb_str plain_number(struct reader *r, struct gb_str word)
{
    char *plain = gb_alloc(r->arena, word.len + 1);
    size_t len = 0;
    for (size_t i = 0; plain && i < word.len; i++) {
        if (word.at[i] != '_')
            plain[len++] = word.at[i];
    }
    return (struct gb_str){plain, len};
}

static bool read_based(struct gb_str number, int64_t *ret)
{
    static const struct {
        const char *prefix;
        unsigned base;
    } bases[] = {{"0x", 16}, {"0o", 8}};
    uint64_t value = 0;
    for (size_t i = 0; i < 2; i++) {
        if (gb_str_starts(number, gb_str_of(bases[i].prefix)) &&
            gb_str_to_uint(gb_str_from(number, 2), bases[i].base, &value) == GB_OK &&
            value <= INT64_MAX) {
            *ret = (int64_t)value;
            return true;
        }
    }
    if (!gb_str_starts(number, GB_STR("0b")) || number.len < 3 || number.len > 65)
        return false;
    for (size_t i = 2; i < number.len; i++) {
        if (number.at[i] != '0' && number.at[i] != '1')
            return false;
        value = value << 1 | (uint64_t)(number.at[i] - '0');
    }
    *ret = (int64_t)value;
    return value <= INT64_MAX;
}

// true, false, numbers, dates: everything without quotes or brackets.
static int read_scalar(struct reader *r, struct gb_node *ret)
{
    size_t start = r->at;
    while (!ended(r) && !strchr(" \t\r\n,]}#", peek(r)))
        r->at++;
    // A date and a time may have one blank between them.
    if (r->at - start == 10 && r->text.at[start + 4] == '-' && peek(r) == ' ' &&
        r->at + 1 < r->text.len && r->text.at[r->at + 1] >= '0' && r->text.at[r->at + 1] <= '9') {
        r->at++;
        while (!ended(r) && !strchr(" \t\r\n,]}#", peek(r)))
            r->at++;
    }
    struct gb_str word = gb_str_sub(r->text, start, r->at - start);
    if (!word.len)
        return fail(r, GB_E_SYNTAX, "expected a value");
    if (gb_str_is(word, "true") || gb_str_is(word, "false")) {
        ret->kind = GB_NODE_BOOL;
        ret->boolean = word.at[0] == 't';
        return GB_OK;
    }
    struct gb_str number = plain_number(r, word);
    struct gb_str unsigned_number =
        number.len && number.at[0] == '+' ? gb_str_from(number, 1) : number;
    if (!number.at)
        return fail(r, GB_E_MEMORY, "out of memory");
    if (gb_str_to_int(unsigned_number, &ret->integer) == GB_OK ||
        read_based(number, &ret->integer)) {
        ret->kind = GB_NODE_INT;
        return GB_OK;
    }
    if (gb_number_double(number, &ret->real) == GB_OK) {
        ret->kind = GB_NODE_DOUBLE;
        return GB_OK;
    }
    bool date = word.len >= 8 && word.at[0] >= '0' && word.at[0] <= '9' &&
                (gb_str_find_char(word, '-') == 4 || gb_str_find_char(word, ':') == 2);
    bool special = gb_str_ends(word, GB_STR("inf")) || gb_str_ends(word, GB_STR("nan"));
    if (!date && !(special && word.len <= 4))
        return fail(r, GB_E_SYNTAX, "expected a value");
    ret->kind = GB_NODE_STRING;
    ret->string = word;
    return GB_OK;
}

static int read_value(struct reader *r, struct gb_node *ret)
{
    skip_blanks(r);
    *ret = (struct gb_node){.line = r->line, .column = (uint32_t)(r->at - r->line_start + 1)};
    char c = peek(r);
    if (c == '"' || c == '\'') {
        ret->kind = GB_NODE_STRING;
        return read_string(r, &ret->string);
    }
    if (c != '[' && c != '{')
        return read_scalar(r, ret);
    if (r->nesting == MAX_NESTING)
        return fail(r, GB_E_LIMIT, "values nested too deep");
    r->nesting++;
    int code = c == '[' ? read_list(r, ret) : read_inline_table(r, ret);
    r->nesting--;
    return code;
}

// Adds a value under its path; a table becomes one assignment for each of its keys.
static int add_value(struct reader *r, struct gb_toml_path *path, const struct gb_node *value)
{
    if (value->kind != GB_NODE_MAP)
        return add_entry(r, path, *value);
    for (size_t i = 0; i < value->map.count; i++) {
        struct gb_node_pair *pair = &value->map.pairs[i];
        if (path->count == GB_TOML_MAX_DEPTH)
            return fail(r, GB_E_LIMIT, "a key with too many parts");
        path->parts[path->count++] = pair->key;
        int code = add_value(r, path, &pair->value); // as deep as values are nested: bounded
        path->count--;
        if (code < 0)
            return code;
    }
    return GB_OK;
}

static int read_assignment(struct reader *r)
{
    struct gb_toml_path path = r->table;
    struct gb_node value;
    int code = read_key(r, &path);
    if (code < 0)
        return code;
    if (peek(r) != '=')
        return fail(r, GB_E_SYNTAX, "expected = behind a key");
    r->at++;
    code = read_value(r, &value);
    if (code == GB_OK)
        code = add_value(r, &path, &value);
    return code < 0 ? code : end_line(r);
}

static struct array *find_array(struct reader *r, const struct gb_str *parts, size_t count)
{
    for (size_t i = 0; i < r->array_count; i++) {
        if (r->arrays[i].count == count && same_path(r->arrays[i].parts, parts, count))
            return &r->arrays[i];
    }
    return NULL;
}

static int add_number(struct reader *r, struct gb_toml_path *path, size_t number)
{
    struct gb_str part = gb_str_format(r->arena, "%zu", number);
    if (!part.at)
        return fail(r, GB_E_MEMORY, "out of memory");
    if (path->count == GB_TOML_MAX_DEPTH)
        return fail(r, GB_E_LIMIT, "a key with too many parts");
    path->parts[path->count++] = part;
    return GB_OK;
}

// The path of a header, with the number of the newest element behind each array of tables in it.
static int resolve_header(struct reader *r, const struct gb_toml_path *written, bool new_element,
                          struct gb_toml_path *ret)
{
    *ret = (struct gb_toml_path){.count = 0};
    for (size_t i = 0; i < written->count; i++) {
        if (ret->count == GB_TOML_MAX_DEPTH)
            return fail(r, GB_E_LIMIT, "a key with too many parts");
        ret->parts[ret->count++] = written->parts[i];
        struct array *array = find_array(r, ret->parts, ret->count);
        bool last = i + 1 == written->count;
        if (last && new_element && !array) {
            if (r->array_count == MAX_ARRAYS)
                return fail(r, GB_E_LIMIT, "too many arrays of tables");
            array = &r->arrays[r->array_count];
            *array = (struct array){.parts = keep_path(r, ret), .count = ret->count};
            if (!array->parts)
                return fail(r, GB_E_MEMORY, "out of memory");
            r->array_count++;
        }
        if (last && new_element)
            array->elements++;
        int code = array ? add_number(r, ret, array->elements - 1) : GB_OK;
        if (code < 0)
            return code;
    }
    return GB_OK;
}

static int read_header(struct reader *r)
{
    bool element = starts(r, "[[");
    struct gb_toml_path written = {.count = 0};
    r->at += element ? 2 : 1;
    int code = read_key(r, &written);
    if (code < 0)
        return code;
    if (!starts(r, element ? "]]" : "]"))
        return fail(r, GB_E_SYNTAX, "expected ] behind the name of a table");
    r->at += element ? 2 : 1;
    code = resolve_header(r, &written, element, &r->table);
    return code < 0 ? code : end_line(r);
}

int gb_toml_read(struct gb_str text, const char *file, struct gb_arena *arena, struct gb_toml *ret,
                 struct gb_error *err)
{
    *ret = (struct gb_toml){.arena = arena};
    if (gb_str_starts(text, GB_STR("\xef\xbb\xbf")))
        text = gb_str_from(text, 3);
    struct reader reader = {
        .text = text, .line = 1, .file = file, .arena = arena, .toml = ret, .err = err};
    reader.arrays = gb_alloc_array(arena, MAX_ARRAYS, sizeof *reader.arrays);
    if (!reader.arrays)
        return fail(&reader, GB_E_MEMORY, "out of memory");
    if (text.len > MAX_BYTES)
        return fail(&reader, GB_E_LIMIT, "the text is too long");
    for (;;) {
        skip_space(&reader);
        if (ended(&reader))
            return GB_OK;
        int code = peek(&reader) == '[' ? read_header(&reader) : read_assignment(&reader);
        if (code < 0)
            return code;
    }
}

const struct gb_toml_entry *gb_toml_get(const struct gb_toml *toml, const char *const *path)
{
    size_t count = 0;
    while (path[count])
        count++;
    for (size_t i = toml->count; i-- > 0;) {
        const struct gb_toml_entry *entry = &toml->entries[i];
        bool same = entry->count == count;
        for (size_t k = 0; same && k < count; k++)
            same = gb_str_is(entry->parts[k], path[k]);
        if (same)
            return entry;
    }
    return NULL;
}

struct gb_str gb_toml_string(const struct gb_toml_entry *entry, struct gb_str otherwise)
{
    return entry && entry->value.kind == GB_NODE_STRING ? entry->value.string : otherwise;
}

bool gb_toml_bool(const struct gb_toml_entry *entry, bool otherwise)
{
    return entry && entry->value.kind == GB_NODE_BOOL ? entry->value.boolean : otherwise;
}
