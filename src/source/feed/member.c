// What importers read a member with: as a whole, by lines, by pairs of an object (format.h).
#include "base/yaml_json.h"
#include "source/feed/job.h"

enum { READ_BYTES = 256 << 10, WORD_MAX = 1 << 10 };

// Reads more of the member to the end of the window; at the end of the stream sets m->ended.
static int fill(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_buffer *window = &m->job->window;
    char *room = gb_buffer_reserve(window, READ_BYTES);
    if (!room)
        return gb_error_set(err, GB_E_LIMIT, "longer than the %zu bytes that are held at once",
                            window->maximum - READ_BYTES);
    int64_t got = m->stream.read(m->stream.context, room, READ_BYTES, err);
    if (got < 0)
        return (int)got;
    m->ended = got == 0;
    window->len += (size_t)got;
    m->job->summary->bytes += (uint64_t)got;
    return GB_OK;
}

static struct gb_str rest_of(const struct gb_feed_member *m)
{
    return gb_str_from(gb_buffer_str(&m->job->window), m->at);
}

// Drops what was read, where that is worth moving the rest.
static void slide(struct gb_feed_member *m)
{
    struct gb_buffer *window = &m->job->window;
    if (!m->at || (m->at < READ_BYTES && m->at < window->len))
        return;
    memmove(window->data, window->data + m->at, window->len - m->at);
    window->len -= m->at;
    m->at = 0;
}

int gb_feed_text(struct gb_feed_member *m, struct gb_str *ret, struct gb_error *err)
{
    size_t most = m->job->limits.document_bytes;
    while (!m->ended && m->job->window.len - m->at <= most) {
        int code = fill(m, err);
        if (code < 0)
            return code;
    }
    *ret = rest_of(m);
    if (ret->len > most)
        return gb_error_set(err, GB_E_LIMIT, "a document of more than %zu bytes", most);
    return GB_OK;
}

int gb_feed_yaml(struct gb_feed_member *m, struct gb_str *ret, struct gb_error *err)
{
    struct gb_str text;
    size_t most = m->job->limits.document_bytes;
    struct gb_yaml_limits limits = {.max_bytes = most, .max_depth = 32, .max_nodes = UINT32_MAX};
    struct gb_buffer *json = &m->job->converted;
    int code = gb_feed_text(m, &text, err);
    if (code < 0)
        return code;
    gb_buffer_free(json);
    *json = gb_buffer(most * 2);
    code = gb_yaml_to_json(text, NULL, limits, json, err);
    *ret = gb_buffer_str(json);
    return code;
}

int gb_feed_line(struct gb_feed_member *m, struct gb_str *ret, struct gb_error *err)
{
    size_t looked = 0;
    slide(m);
    for (;;) {
        struct gb_str rest = rest_of(m);
        const char *end =
            rest.len > looked ? memchr(rest.at + looked, '\n', rest.len - looked) : NULL;
        if (end || (m->ended && rest.len)) {
            size_t len = end ? (size_t)(end - rest.at) : rest.len;
            m->at += len + (end ? 1 : 0);
            m->line++;
            *ret = gb_str_sub(rest, 0, len && rest.at[len - 1] == '\r' ? len - 1 : len);
            return 1;
        }
        if (m->ended)
            return 0;
        if (rest.len > GB_FEED_LINE_MAX)
            return gb_error_at(err, GB_E_LIMIT, NULL, (uint32_t)m->line + 1, 0,
                               "a line of more than %d bytes", GB_FEED_LINE_MAX);
        looked = rest.len;
        int code = fill(m, err);
        if (code < 0)
            return code;
    }
}

// Where a scan of JSON text stands.
struct scan {
    size_t at;
    uint32_t depth;
    bool in_string;
};

// Goes on to the end of the value; false when more text is needed.
static bool scan_value(struct gb_str text, struct scan *scan)
{
    for (; scan->at < text.len; scan->at++) {
        char c = text.at[scan->at];
        if (scan->in_string) {
            if (c == '\\') {
                if (scan->at + 1 == text.len)
                    return false;
                scan->at++;
            } else if (c == '"') {
                scan->in_string = false;
                if (!scan->depth) {
                    scan->at++;
                    return true;
                }
            } else {
                // To the next quote or backslash.
                size_t left = text.len - scan->at;
                const char *quote = memchr(text.at + scan->at, '"', left);
                size_t run = quote ? (size_t)(quote - text.at) - scan->at : left;
                const char *slash = memchr(text.at + scan->at, '\\', run);
                scan->at += (slash ? (size_t)(slash - text.at) - scan->at : run) - 1;
            }
        } else if (c == '"') {
            scan->in_string = true;
        } else if (c == '{' || c == '[') {
            scan->depth++;
        } else if (c == '}' || c == ']') {
            if (!scan->depth)
                return true; // the end of what is around
            if (!--scan->depth) {
                scan->at++;
                return true;
            }
        } else if (c == ',' && !scan->depth) {
            return true;
        }
    }
    return false;
}

static size_t spaces(struct gb_str text, size_t at)
{
    while (at < text.len && (text.at[at] == ' ' || text.at[at] == '\n' || text.at[at] == '\r' ||
                             text.at[at] == '\t'))
        at++;
    return at;
}

static void count_lines(struct gb_feed_member *m, size_t bytes)
{
    struct gb_str passed = gb_str_sub(rest_of(m), 0, bytes);
    const char *hit;
    while (passed.len && (hit = memchr(passed.at, '\n', passed.len))) {
        m->line++;
        passed = gb_str_from(passed, (size_t)(hit - passed.at) + 1);
    }
    m->at += bytes;
}

// Moves to the next byte that is no space; 0 at the end of the text.
static int next_byte(struct gb_feed_member *m, char *ret, struct gb_error *err)
{
    for (;;) {
        struct gb_str rest = rest_of(m);
        size_t at = spaces(rest, 0);
        count_lines(m, at);
        if (at < rest.len) {
            *ret = rest.at[at];
            return 1;
        }
        if (m->ended)
            return 0;
        slide(m);
        int code = fill(m, err);
        if (code < 0)
            return code;
    }
}

static int malformed(const struct gb_feed_member *m, const char *expected, struct gb_error *err)
{
    return gb_error_at(err, GB_E_SYNTAX, NULL, (uint32_t)m->line, 0, "expected %s", expected);
}

static int take_byte(struct gb_feed_member *m, const char *accepted, const char *expected,
                     char *ret, struct gb_error *err)
{
    int code = next_byte(m, ret, err);
    if (code < 0)
        return code;
    if (!code || !strchr(accepted, *ret))
        return malformed(m, expected, err);
    m->at++;
    return GB_OK;
}

// The value at the front, whole in the window: its length.
static int whole_value(struct gb_feed_member *m, size_t *ret, struct gb_error *err)
{
    struct scan scan = {0};
    while (!scan_value(rest_of(m), &scan)) {
        if (scan.at > GB_FEED_PAIR_MAX)
            return gb_error_at(err, GB_E_LIMIT, NULL, (uint32_t)m->line, 0,
                               "an entry of more than %d bytes", GB_FEED_PAIR_MAX);
        if (m->ended)
            return malformed(m, "the end of the value that starts here, found the end of the text",
                             err);
        int code = fill(m, err);
        if (code < 0)
            return code;
    }
    *ret = scan.at;
    return GB_OK;
}

// States of m->progress.
enum { PAIR_START, PAIR_INSIDE, PAIR_END };

// Behind the last pair: nothing may follow.
static int last_pair(struct gb_feed_member *m, struct gb_error *err)
{
    char c;
    m->progress = PAIR_END;
    int code = next_byte(m, &c, err);
    return code > 0 ? malformed(m, "the end of the text", err) : code;
}

int gb_feed_pair(struct gb_feed_member *m, struct gb_str *key, struct gb_str *value, uint64_t *line,
                 struct gb_error *err)
{
    char c;
    if (m->progress == PAIR_END)
        return 0;
    slide(m);
    bool first = m->progress == PAIR_START;
    int code = take_byte(m, first ? "{" : ",}", first ? "an object" : "',' or '}'", &c, err);
    if (code < 0)
        return code;
    m->progress = PAIR_INSIDE;
    if (c == '}')
        return last_pair(m, err);
    code = next_byte(m, &c, err);
    if (code > 0 && first && c == '}') {
        m->at++;
        return last_pair(m, err);
    }
    if (code < 0)
        return code;
    if (!code || c != '"')
        return malformed(m, "a key in double quotes", err);
    size_t key_len, value_len;
    code = whole_value(m, &key_len, err);
    if (code < 0)
        return code;
    if (key_len > WORD_MAX)
        return malformed(m, "a key of at most 1024 bytes", err);
    *key = gb_str_copy(m->arena, gb_str_sub(rest_of(m), 1, key_len - 2));
    if (!key->at)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    m->at += key_len;
    code = take_byte(m, ":", "':' behind the key", &c, err);
    if (code >= 0)
        code = next_byte(m, &c, err);
    if (code <= 0)
        return code < 0 ? code : malformed(m, "a value", err);
    *line = m->line;
    code = whole_value(m, &value_len, err);
    if (code < 0)
        return code;
    *value = gb_str_sub(rest_of(m), 0, value_len);
    count_lines(m, value_len);
    return 1;
}
