// Reader of systemd-style ini files and their drop-in directories: see ini.h.
#include "source/host/ini.h"

#include "source/host/dropins.h"

enum {
    MAX_ENTRIES = 100000,
};

static int add_problem(struct gb_ini *ini, struct gb_str file, uint32_t line, int code,
                       struct gb_str reason)
{
    if (ini->problem_count == ini->problem_capacity) {
        size_t capacity = ini->problem_capacity ? ini->problem_capacity * 2 : 4;
        void *grown = gb_grow_array(ini->arena, ini->problems, ini->problem_capacity, capacity,
                                    sizeof *ini->problems);
        if (!grown)
            return GB_E_MEMORY;
        ini->problems = grown;
        ini->problem_capacity = capacity;
    }
    ini->problems[ini->problem_count++] =
        (struct gb_ini_problem){.file = file, .reason = reason, .line = line, .code = code};
    return GB_OK;
}

static int add_file(struct gb_ini *ini, struct gb_str path, bool masked)
{
    if (ini->file_count == ini->file_capacity) {
        size_t capacity = ini->file_capacity ? ini->file_capacity * 2 : 4;
        void *grown =
            gb_grow_array(ini->arena, ini->files, ini->file_capacity, capacity, sizeof *ini->files);
        if (!grown)
            return GB_E_MEMORY;
        ini->files = grown;
        ini->file_capacity = capacity;
    }
    ini->files[ini->file_count++] = (struct gb_ini_file){.path = path, .masked = masked};
    return GB_OK;
}

static int add_entry(struct gb_ini *ini, struct gb_ini_entry entry)
{
    if (ini->count == ini->capacity) {
        size_t capacity = ini->capacity ? ini->capacity * 2 : 16;
        void *grown =
            gb_grow_array(ini->arena, ini->entries, ini->capacity, capacity, sizeof *ini->entries);
        if (!grown)
            return GB_E_MEMORY;
        ini->entries = grown;
        ini->capacity = capacity;
    }
    ini->entries[ini->count++] = entry;
    return GB_OK;
}

// A backslash at the end that is not itself escaped.
static bool continues(struct gb_str line)
{
    size_t backslashes = 0;
    while (backslashes < line.len && line.at[line.len - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

static struct gb_str skip_blanks(struct gb_str s)
{
    size_t at = 0;
    while (at < s.len && (s.at[at] == ' ' || s.at[at] == '\t' || s.at[at] == '\r'))
        at++;
    return gb_str_from(s, at);
}

static struct gb_str without_return(struct gb_str s)
{
    return s.len && s.at[s.len - 1] == '\r' ? gb_str_sub(s, 0, s.len - 1) : s;
}

// The next physical line that is no comment, without the blanks before it. False at the end.
static bool next_piece(struct gb_str *rest, uint32_t *line_number, struct gb_str *ret)
{
    while (gb_str_next(rest, '\n', ret)) {
        ++*line_number;
        *ret = skip_blanks(without_return(*ret));
        if (!ret->len || (ret->at[0] != '#' && ret->at[0] != ';'))
            return true;
    }
    return false;
}

// Joins the lines that continue `first`; *rest stands behind it. NULL `at` when out of memory.
static struct gb_str join_lines(struct gb_arena *arena, struct gb_str first, struct gb_str *rest,
                                uint32_t *line_number)
{
    size_t len = first.len;
    struct gb_str ahead = *rest, piece = first;
    uint32_t ignored = 0;
    while (continues(piece) && next_piece(&ahead, &ignored, &piece))
        len += piece.len;
    char *joined = gb_alloc(arena, len);
    if (!joined)
        return (struct gb_str){0};
    size_t at = 0;
    piece = first;
    for (;;) {
        memcpy(joined + at, piece.at, piece.len);
        at += piece.len;
        if (!continues(piece))
            break;
        joined[at - 1] = ' ';
        if (!next_piece(rest, line_number, &piece))
            break;
    }
    return (struct gb_str){joined, at};
}

static int parse_assignment(struct gb_ini *ini, struct gb_str section, struct gb_str line,
                            struct gb_str file, uint32_t number)
{
    ptrdiff_t equals = gb_str_find_char(line, '=');
    if (equals <= 0)
        return add_problem(ini, file, number, GB_E_SYNTAX, GB_STR("no assignment"));
    if (!section.len)
        return add_problem(ini, file, number, GB_E_SYNTAX,
                           GB_STR("assignment outside of a section"));
    if (ini->count >= MAX_ENTRIES)
        return add_problem(ini, file, number, GB_E_LIMIT, GB_STR("too many assignments"));
    return add_entry(ini, (struct gb_ini_entry){
                              .section = section,
                              .key = gb_str_trim(gb_str_sub(line, 0, (size_t)equals)),
                              .value = gb_str_trim(gb_str_from(line, (size_t)equals + 1)),
                              .file = file,
                              .line = number,
                          });
}

int gb_ini_parse(struct gb_ini *ini, struct gb_str text, struct gb_str file)
{
    if (gb_str_starts(text, GB_STR("\xef\xbb\xbf")))
        text = gb_str_from(text, 3);
    struct gb_str rest = text, line, section = {0};
    uint32_t line_number = 0;
    while (next_piece(&rest, &line_number, &line)) {
        uint32_t first = line_number;
        if (continues(line)) {
            line = join_lines(ini->arena, line, &rest, &line_number);
            if (!line.at)
                return GB_E_MEMORY;
        }
        line = gb_str_trim(line);
        int code = GB_OK;
        if (!line.len)
            continue;
        if (line.at[0] != '[')
            code = parse_assignment(ini, section, line, file, first);
        else if (line.len > 2 && line.at[line.len - 1] == ']')
            section = gb_str_sub(line, 1, line.len - 2);
        else
            code = add_problem(ini, file, first, GB_E_SYNTAX, GB_STR("section without ]"));
        if (code < 0)
            return code;
        if (ini->problem_count && ini->problems[ini->problem_count - 1].code == GB_E_LIMIT)
            return GB_OK;
    }
    return GB_OK;
}

int gb_ini_read(struct gb_ini *ini, const struct gb_host *host, const char *path)
{
    struct gb_str where = gb_str_copy(ini->arena, gb_str_of(path));
    if (!where.at)
        return GB_E_MEMORY;
    struct gb_str text;
    struct gb_error err = {0};
    int code = gb_host_read(host, path, GB_CONFIG_MAX_BYTES, ini->arena, &text, &err);
    if (code == GB_OK) {
        if (add_file(ini, where, text.len == 0) < 0)
            return GB_E_MEMORY;
        return gb_ini_parse(ini, text, where);
    }
    if (code == GB_E_MEMORY)
        return code;
    // A link to /dev/null: the mask that systemctl makes. A mounted image may have no /dev.
    if ((code == GB_E_TYPE || code == GB_E_NOT_FOUND) && gb_dropin_is_mask(host, path, ini->arena))
        return add_file(ini, where, true);
    if (code == GB_E_NOT_FOUND)
        return code;
    struct gb_str reason =
        code == GB_E_DENIED
            ? gb_str_format(ini->arena, "needs root: " GB_PRI, GB_ARG(where))
            : gb_str_format(ini->arena, GB_PRI ": %s", GB_ARG(where), gb_code_name(code));
    if (!reason.at || add_problem(ini, where, 0, code, reason) < 0)
        return GB_E_MEMORY;
    return code;
}

int gb_ini_read_dropins(struct gb_ini *ini, const struct gb_host *host,
                        const char *const *directories, size_t count)
{
    struct gb_dropins files;
    if (gb_dropins_list(host, directories, count, ".conf", ini->arena, &files))
        return GB_E_MEMORY;
    if (files.unlisted) {
        struct gb_str where = gb_str_copy(ini->arena, gb_str_of(files.unlisted));
        struct gb_str reason = gb_str_format(
            ini->arena, files.unlisted_code == GB_E_DENIED ? "needs root: %s" : "cannot list %s",
            files.unlisted);
        if (!reason.at || add_problem(ini, where, 0, files.unlisted_code, reason) < 0)
            return GB_E_MEMORY;
    }
    for (size_t i = 0; i < files.count; i++)
        if (gb_ini_read(ini, host, files.items[i].path.at) == GB_E_MEMORY)
            return GB_E_MEMORY;
    return GB_OK;
}

int gb_ini_load(const struct gb_host *host, const char *name, struct gb_arena *arena,
                struct gb_ini *ret)
{
    static const char *const places[] = {"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"};
    enum { PLACES = sizeof places / sizeof *places };
    *ret = gb_ini(arena);
    const char *directories[PLACES];
    bool found = false;
    for (size_t i = 0; i < PLACES; i++) {
        struct gb_str path = gb_str_format(arena, "%s/%s", places[i], name);
        struct gb_str directory = gb_str_format(arena, "%s/%s.d", places[i], name);
        if (!path.at || !directory.at)
            return GB_E_MEMORY;
        directories[i] = directory.at;
        if (found)
            continue;
        int code = gb_ini_read(ret, host, path.at);
        if (code == GB_E_MEMORY)
            return code;
        found = code != GB_E_NOT_FOUND;
    }
    return gb_ini_read_dropins(ret, host, directories, PLACES);
}

const struct gb_ini_entry *gb_ini_get(const struct gb_ini *ini, const char *section,
                                      const char *key)
{
    for (size_t i = ini->count; i-- > 0;) {
        const struct gb_ini_entry *entry = &ini->entries[i];
        if (gb_str_is(entry->key, key) && gb_str_is(entry->section, section))
            return entry;
    }
    return NULL;
}

const struct gb_ini_entry *gb_ini_next(const struct gb_ini *ini, const char *section,
                                       const char *key, size_t *at)
{
    if (*at == 0) {
        for (size_t i = ini->count; i-- > 0 && *at == 0;) {
            const struct gb_ini_entry *entry = &ini->entries[i];
            if (!entry->value.len && gb_str_is(entry->key, key) &&
                gb_str_is(entry->section, section))
                *at = i + 1;
        }
    }
    while (*at < ini->count) {
        const struct gb_ini_entry *entry = &ini->entries[(*at)++];
        if (gb_str_is(entry->key, key) && gb_str_is(entry->section, section))
            return entry;
    }
    return NULL;
}

const struct gb_ini_problem *gb_ini_unread(const struct gb_ini *ini)
{
    for (size_t i = 0; i < ini->problem_count; i++) {
        if (ini->problems[i].code != GB_E_SYNTAX)
            return &ini->problems[i];
    }
    return NULL;
}

bool gb_ini_bool(struct gb_str value, bool *ret)
{
    static const char *const words[][6] = {{"0", "no", "n", "false", "f", "off"},
                                           {"1", "yes", "y", "true", "t", "on"}};
    for (size_t truth = 0; truth < 2; truth++) {
        for (size_t i = 0; i < 6; i++) {
            if (gb_str_eq_nocase(value, gb_str_of(words[truth][i]))) {
                *ret = truth == 1;
                return true;
            }
        }
    }
    return false;
}
