// Tables with a heading line (csv.h).
#include "source/feed/csv.h"
#include "base/number.h"

enum { ROW_MAX = 1 << 20 };

struct gb_str gb_csv_cell(const struct gb_csv_row *row, const char *heading)
{
    for (size_t i = 0; i < row->columns && i < row->count; i++)
        if (gb_str_is(row->heading[i], heading))
            return row->cells[i];
    return (struct gb_str){0};
}

bool gb_csv_share(const struct gb_csv_row *row, const char *heading, double *ret)
{
    double number;
    if (gb_number_double(gb_csv_cell(row, heading), &number) < 0 || !(number >= 0 && number <= 1))
        return false;
    *ret = number;
    return true;
}

// An odd number of quotes: the cell goes on behind the line's end.
static bool quote_is_open(struct gb_str s)
{
    size_t quotes = 0;
    const char *hit;
    while (s.len && (hit = memchr(s.at, '"', s.len))) {
        quotes++;
        s = gb_str_from(s, (size_t)(hit - s.at) + 1);
    }
    return quotes % 2 != 0;
}

// A quoted cell at the front of *rest: its content without the quotes, doubled ones as one.
static bool take_quoted(struct gb_str *rest, char separator, struct gb_str *cell,
                        struct gb_arena *arena)
{
    size_t at = 1, len = 0;
    char *out = gb_alloc(arena, rest->len);
    for (; out && at < rest->len; at++) {
        if (rest->at[at] == '"') {
            if (at + 1 == rest->len || rest->at[at + 1] != '"')
                break;
            at++;
        }
        out[len++] = rest->at[at];
    }
    if (!out || at >= rest->len || (at + 1 < rest->len && rest->at[at + 1] != separator))
        return false;
    *cell = (struct gb_str){out, len};
    *rest = gb_str_from(*rest, at + 1);
    return true;
}

// False for a row that is malformed.
static bool split(struct gb_str line, char separator, struct gb_str *cells, size_t *count,
                  struct gb_arena *arena)
{
    for (*count = 0;; line = gb_str_from(line, 1)) {
        if (*count == GB_CSV_CELLS)
            return false;
        struct gb_str *cell = &cells[(*count)++];
        if (separator == ',' && line.len && line.at[0] == '"') {
            if (!take_quoted(&line, separator, cell, arena))
                return false;
        } else {
            ptrdiff_t end = gb_str_find_char(line, separator);
            *cell = end < 0 ? line : gb_str_sub(line, 0, (size_t)end);
            line = gb_str_from(line, cell->len);
        }
        if (!line.len)
            return true;
    }
}

// A row, which quoted cells may carry over several lines: 1, or 0 at the end.
static int next_row(struct gb_feed_member *m, char separator, struct gb_str *ret,
                    struct gb_error *err)
{
    struct gb_str line;
    int code = gb_feed_line(m, &line, err);
    if (code <= 0 || separator != ',' || !quote_is_open(line)) {
        *ret = line;
        return code;
    }
    GB_CLEANUP(gb_buffer_free) struct gb_buffer row = gb_buffer(ROW_MAX);
    gb_buffer_add(&row, line);
    bool open = true;
    while (open && (code = gb_feed_line(m, &line, err)) > 0) {
        gb_buffer_char(&row, '\n');
        gb_buffer_add(&row, line);
        if (quote_is_open(line))
            open = false;
        if (row.failed)
            return gb_error_set(err, GB_E_LIMIT, "a row of more than %d bytes", ROW_MAX);
    }
    if (code < 0)
        return code;
    *ret = gb_str_copy(m->arena, gb_buffer_str(&row));
    return ret->at ? 1 : gb_error_set(err, GB_E_MEMORY, "out of memory");
}

static int take_comment(struct gb_feed_member *m, struct gb_str line, gb_csv_take *take,
                        struct gb_error *err)
{
    struct gb_csv_row row = {.count = 1, .line = m->line - 1};
    row.cells[0] = line;
    return take(m, &row, err);
}

// The heading outlives the lines that it is read from.
static int read_heading(struct gb_feed_member *m, char separator, gb_csv_take *take,
                        struct gb_csv_row *row, struct gb_error *err)
{
    struct gb_str line;
    int code;
    while ((code = next_row(m, separator, &line, err)) > 0) {
        if (!gb_str_starts(line, GB_STR("#"))) {
            if (!split(gb_str_copy(m->arena, line), separator, row->heading, &row->columns,
                       m->arena))
                return gb_error_at(err, GB_E_SYNTAX, NULL, (uint32_t)m->line - 1, 0,
                                   "a heading that is not understood");
            return GB_OK;
        }
        code = take_comment(m, line, take, err);
        if (code < 0)
            return code;
    }
    return code < 0 ? code : gb_error_set(err, GB_E_SYNTAX, "a table without a heading");
}

int gb_csv_read(struct gb_feed_member *m, char separator, gb_csv_take *take, struct gb_error *err)
{
    struct gb_csv_row row = {0};
    struct gb_str line;
    int code = read_heading(m, separator, take, &row, err);
    if (code < 0)
        return code;
    struct gb_mark mark = gb_arena_mark(m->arena);
    while ((code = next_row(m, separator, &line, err)) > 0) {
        if (!line.len)
            continue;
        row.line = m->line - 1;
        if (split(line, separator, row.cells, &row.count, m->arena))
            code = take(m, &row, err);
        else
            gb_feed_leave_out(m, row.line, "a row that is not understood");
        gb_arena_reset(m->arena, mark);
        if (code < 0)
            return code;
    }
    return code;
}
