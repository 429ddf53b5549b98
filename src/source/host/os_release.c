// os-release(5) and the release tables of distro-info-data: see os_release.h.
#include "source/host/os_release.h"

#include "base/time.h"

enum {
    MAX_VARIABLES = 1024,
    MAX_COLUMNS = 16,
    DAY_SECONDS = 86400,
};

static bool is_name(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return s.len > 0;
}

// Removes one level of shell quoting. Variables and commands are not expanded: the standard forbids
// them in this file.
static struct gb_str unquote(struct gb_arena *arena, struct gb_str s)
{
    char *out = gb_alloc(arena, s.len + 1);
    if (!out)
        return (struct gb_str){0};
    size_t len = 0;
    char quote = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (!quote && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote && c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'' && i + 1 < s.len) {
            char next = s.at[++i];
            bool special = next == '"' || next == '$' || next == '`' || next == '\\';
            if (quote && !special)
                out[len++] = c;
            out[len++] = next;
        } else {
            out[len++] = c;
        }
    }
    return (struct gb_str){out, len};
}

int gb_os_release_parse(struct gb_str text, struct gb_arena *arena, struct gb_os_release *ret)
{
    *ret = (struct gb_os_release){0};
    size_t capacity = 0;
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        ptrdiff_t equals = gb_str_find_char(line, '=');
        if (equals <= 0 || line.at[0] == '#')
            continue;
        struct gb_str name = gb_str_sub(line, 0, (size_t)equals);
        if (!is_name(name) || ret->count == MAX_VARIABLES)
            continue;
        if (ret->count == capacity) {
            size_t wider = capacity ? capacity * 2 : 16;
            void *grown = gb_grow_array(arena, ret->items, capacity, wider, sizeof *ret->items);
            if (!grown)
                return GB_E_MEMORY;
            ret->items = grown;
            capacity = wider;
        }
        struct gb_str value = unquote(arena, gb_str_from(line, (size_t)equals + 1));
        if (!value.at)
            return GB_E_MEMORY;
        ret->items[ret->count++] = (struct gb_os_variable){name, value, number};
    }
    return GB_OK;
}

const struct gb_os_variable *gb_os_release_find(const struct gb_os_release *release,
                                                const char *name)
{
    for (size_t i = release->count; i-- > 0;)
        if (gb_str_is(release->items[i].name, name))
            return &release->items[i];
    return NULL;
}

struct columns {
    size_t version, series, release, eol;
    bool free[MAX_COLUMNS], paid[MAX_COLUMNS];
};

static int read_header(struct gb_str header, struct columns *ret)
{
    *ret = (struct columns){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, {0}, {0}};
    struct gb_str name;
    for (size_t i = 0; i < MAX_COLUMNS && gb_str_next(&header, ',', &name); i++) {
        name = gb_str_trim(name);
        if (gb_str_is(name, "version"))
            ret->version = i;
        else if (gb_str_is(name, "series"))
            ret->series = i;
        else if (gb_str_is(name, "release"))
            ret->release = i;
        else if (gb_str_is(name, "eol"))
            ret->eol = i;
        ret->free[i] =
            gb_str_is(name, "eol") || gb_str_is(name, "eol-server") || gb_str_is(name, "eol-lts");
        ret->paid[i] = gb_str_starts(name, GB_STR("eol"));
    }
    bool whole = ret->version != SIZE_MAX && ret->series != SIZE_MAX && ret->release != SIZE_MAX &&
                 ret->eol != SIZE_MAX;
    return whole ? GB_OK : GB_E_SYNTAX;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int gb_release_table_find(struct gb_str table, struct gb_str version, struct gb_str series,
                          struct gb_release_row *ret)
{
    struct gb_str line;
    struct columns columns;
    if (!gb_str_next(&table, '\n', &line) || read_header(line, &columns))
        return GB_E_SYNTAX;
    for (uint32_t number = 2; gb_str_next(&table, '\n', &line); number++) {
        struct gb_str cells[MAX_COLUMNS], cell;
        size_t count = 0;
        while (count < MAX_COLUMNS && gb_str_next(&line, ',', &cell))
            cells[count++] = gb_str_trim(cell);
        if (count <= columns.series || count <= columns.version)
            continue;
        // "12.04 LTS" is the version 12.04.
        struct gb_str plain = cells[columns.version], word;
        if (gb_str_next_word(&plain, &word))
            cells[columns.version] = word;
        bool fits = series.len ? gb_str_eq(cells[columns.series], series)
                               : version.len && gb_str_eq(cells[columns.version], version);
        if (!fits)
            continue;
        struct gb_release_row row = {
            .version = cells[columns.version], .series = cells[columns.series], .line = number};
        for (size_t i = 0; i < count; i++) {
            int64_t day;
            if (gb_date_parse(cells[i], &day))
                continue;
            if (i == columns.release)
                row.released_at = day;
            if (i == columns.eol)
                row.standard_ends = day + DAY_SECONDS;
            if (columns.free[i])
                row.free_ends = later(row.free_ends, day + DAY_SECONDS);
            if (columns.paid[i])
                row.paid_ends = later(row.paid_ends, day + DAY_SECONDS);
        }
        *ret = row;
        return GB_OK;
    }
    return GB_E_NOT_FOUND;
}
