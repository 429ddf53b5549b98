// Reading sshd_config into a flat list of directives; see the header.
#include "source/host/sshd_config.h"

#include "source/host/sshd_value.h"
#include "sys/glob.h"

enum {
    MAX_DEPTH = 16, // as sshd
    MAX_INCLUDED = 512,
    MAX_DIRECTIVES = 65536,
    MAX_PROBLEMS = 64,
    MAX_ALL_BYTES = 16 << 20,
};

struct reader {
    struct gb_sshd_config *config;
    const struct gb_host *host; // NULL for options of the command line
    size_t bytes;
    unsigned included;
};

struct place {
    struct gb_str file;
    uint32_t line;
    unsigned depth;
    const struct gb_sshd_match *match; // in force
    const struct gb_sshd_match *outer; // in force where the file was included
};

#define GROW(config, items, count, capacity)                                                       \
    grow((config)->arena, (void **)&(config)->items, (config)->count, &(config)->capacity,         \
         sizeof *(config)->items)

static int grow(struct gb_arena *arena, void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return GB_OK;
    size_t larger = *capacity ? *capacity * 2 : 16;
    void *grown = gb_grow_array(arena, *items, *capacity, larger, size);
    if (!grown)
        return GB_E_MEMORY;
    *items = grown;
    *capacity = larger;
    return GB_OK;
}

struct gb_sshd_config *gb_sshd_config_new(struct gb_arena *arena, unsigned version)
{
    struct gb_sshd_config *config = gb_alloc(arena, sizeof *config);
    if (config)
        *config = (struct gb_sshd_config){.arena = arena, .version = version};
    return config;
}

static int add_problem(struct gb_sshd_config *config, const struct place *place, bool fatal,
                       struct gb_str text)
{
    if (config->problem_count == MAX_PROBLEMS)
        return GB_OK;
    if (!text.at || GROW(config, problems, problem_count, problem_capacity))
        return GB_E_MEMORY;
    config->problems[config->problem_count++] =
        (struct gb_sshd_problem){place->file, text, place->line, fatal};
    return GB_OK;
}

static int add_unread(struct gb_sshd_config *config, struct gb_str file, struct gb_str reason)
{
    if (!reason.at || GROW(config, unread, unread_count, unread_capacity))
        return GB_E_MEMORY;
    config->unread[config->unread_count++] = (struct gb_sshd_unread){file, reason, config->count};
    return GB_OK;
}

// ---- words of a line --------------------------------------------------------------------------

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct gb_str skip_blanks(struct gb_str s)
{
    size_t i = 0;
    while (i < s.len && is_blank(s.at[i]))
        i++;
    return gb_str_from(s, i);
}

bool gb_ssh_next_word(struct gb_arena *arena, struct gb_str *rest, struct gb_str *word)
{
    struct gb_str s = *rest;
    size_t i = 0;
    while (i < s.len && !is_blank(s.at[i]) && s.at[i] != '"' && s.at[i] != '=')
        i++;
    if (s.len == 0)
        return false;
    if (i == s.len) {
        *word = s;
        *rest = gb_str_from(s, i);
        return true;
    }
    if (s.at[i] == '"') { // what stands before the quote belongs to the word
        struct gb_str quoted = gb_str_from(s, i + 1);
        ptrdiff_t end = gb_str_find_char(quoted, '"');
        if (end < 0)
            return false;
        *word = gb_str_format(arena, GB_PRI GB_PRI, GB_ARG(gb_str_sub(s, 0, i)),
                              GB_ARG(gb_str_sub(quoted, 0, (size_t)end)));
        *rest = skip_blanks(gb_str_from(quoted, (size_t)end + 1));
        return word->at != NULL;
    }
    bool equals = s.at[i] == '=';
    *word = gb_str_sub(s, 0, i);
    s = skip_blanks(gb_str_from(s, i + 1));
    if (!equals && s.len && s.at[0] == '=')
        s = skip_blanks(gb_str_from(s, 1));
    *rest = s;
    return true;
}

static bool is_escape(struct gb_str s, size_t i, char quote)
{
    if (s.at[i] != '\\' || i + 1 >= s.len)
        return false;
    char next = s.at[i + 1];
    return next == '\'' || next == '"' || next == '\\' || (quote == 0 && next == ' ');
}

bool gb_ssh_split_arguments(struct gb_arena *arena, struct gb_str s, struct gb_str **ret,
                            size_t *ret_count)
{
    struct gb_str *items = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < s.len;) {
        if (s.at[i] == ' ' || s.at[i] == '\t') {
            i++;
            continue;
        }
        if (s.at[i] == '#')
            break;
        char *text = gb_alloc(arena, s.len - i + 1);
        if (!text || grow(arena, (void **)&items, count, &capacity, sizeof *items))
            return false;
        size_t len = 0;
        char quote = 0;
        for (; i < s.len; i++) {
            char c = s.at[i];
            if (is_escape(s, i, quote))
                text[len++] = s.at[++i];
            else if (quote == 0 && (c == ' ' || c == '\t'))
                break;
            else if (quote == 0 && (c == '"' || c == '\''))
                quote = c;
            else if (quote != 0 && c == quote)
                quote = 0;
            else
                text[len++] = c;
        }
        if (quote)
            return false;
        items[count++] = (struct gb_str){text, len};
    }
    *ret = items;
    *ret_count = count;
    return true;
}

// ---- Match ------------------------------------------------------------------------------------

static const struct {
    const char *name;
    uint8_t kind;
} criteria_names[] = {
    {"user", GB_SSHD_MATCH_USER},
    {"group", GB_SSHD_MATCH_GROUP},
    {"host", GB_SSHD_MATCH_HOST},
    {"address", GB_SSHD_MATCH_ADDRESS},
    {"localaddress", GB_SSHD_MATCH_LOCAL_ADDRESS},
    {"localport", GB_SSHD_MATCH_LOCAL_PORT},
    {"rdomain", GB_SSHD_MATCH_RDOMAIN},
};

static int criterion_of(struct gb_str name)
{
    for (size_t i = 0; i < sizeof criteria_names / sizeof criteria_names[0]; i++)
        if (gb_str_eq_nocase(name, gb_str_of(criteria_names[i].name)))
            return criteria_names[i].kind;
    return -1;
}

// Fills the criteria. An empty reason: all is well.
static struct gb_str read_criteria(struct gb_sshd_config *config, struct gb_str text,
                                   struct gb_sshd_match *match)
{
    struct gb_arena *arena = config->arena;
    struct gb_str name, pattern;
    size_t capacity = 0;
    bool all = false, any = false;
    while (gb_ssh_next_word(arena, &text, &name) && name.len && name.at[0] != '#') {
        if (all)
            return GB_STR("Match all cannot be combined with other conditions");
        if (gb_str_eq_nocase(name, GB_STR("all"))) {
            if (any)
                return GB_STR("Match all cannot be combined with other conditions");
            all = true;
            continue;
        }
        any = true;
        struct gb_sshd_criterion criterion = {.kind = GB_SSHD_MATCH_INVALID_USER};
        if (config->version < 909 || !gb_str_eq_nocase(name, GB_STR("invalid-user"))) {
            int kind = criterion_of(name);
            if (kind < 0)
                return gb_str_format(arena, "unknown condition " GB_PRI " in Match", GB_ARG(name));
            if (!gb_ssh_next_word(arena, &text, &pattern) || !pattern.len || pattern.at[0] == '#')
                return gb_str_format(arena, "no value for " GB_PRI " in Match", GB_ARG(name));
            criterion = (struct gb_sshd_criterion){(uint8_t)kind, pattern};
        }
        if (grow(arena, (void **)&match->criteria, match->count, &capacity,
                 sizeof *match->criteria))
            return GB_STR("no memory");
        match->criteria[match->count++] = criterion;
    }
    return all || any ? GB_STR("") : GB_STR("Match without a condition");
}

static int take_match(struct gb_sshd_config *config, struct place *place, struct gb_str rest)
{
    struct gb_sshd_match *match = gb_alloc(config->arena, sizeof *match);
    if (!match || GROW(config, matches, match_count, match_capacity))
        return GB_E_MEMORY;
    ptrdiff_t comment = gb_str_find(rest, GB_STR(" #"));
    *match = (struct gb_sshd_match){
        .text = gb_str_trim(comment < 0 ? rest : gb_str_sub(rest, 0, (size_t)comment)),
        .file = place->file,
        .line = place->line,
        .outer = place->outer,
    };
    struct gb_str problem = read_criteria(config, rest, match);
    if (gb_arena_failed(config->arena))
        return GB_E_MEMORY;
    config->matches[config->match_count++] = match;
    place->match = match;
    return problem.len ? add_problem(config, place, true, problem) : GB_OK;
}

// ---- lines ------------------------------------------------------------------------------------

static int read_file(struct reader *reader, struct gb_str path, unsigned depth,
                     const struct gb_sshd_match *outer);

static int include_pattern(struct reader *reader, const struct place *place, struct gb_str pattern)
{
    struct gb_sshd_config *config = reader->config;
    const char *absolute =
        pattern.at[0] == '/' || pattern.at[0] == '~'
            ? gb_str_c(config->arena, pattern)
            : gb_str_format(config->arena, "/etc/ssh/" GB_PRI, GB_ARG(pattern)).at;
    if (!absolute)
        return GB_E_MEMORY;
    if (absolute[0] == '~') // glob(3) does not expand it: matches nothing
        return GB_OK;
    struct gb_str *paths;
    size_t count = 0;
    int code =
        gb_host_glob(reader->host, absolute, MAX_INCLUDED, config->arena, &paths, &count, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code == GB_E_DENIED)
        code = add_unread(config, gb_str_of(absolute),
                          gb_str_format(config->arena, "needs root: %s", absolute));
    else if (code)
        code = add_unread(config, gb_str_of(absolute),
                          gb_str_format(config->arena, "%s: too many files", absolute));
    for (size_t i = 0; i < count && !code; i++)
        code = read_file(reader, paths[i], place->depth + 1, place->match);
    return code;
}

static int take_include(struct reader *reader, const struct place *place, struct gb_str *patterns,
                        size_t count)
{
    if (!reader->host)
        return add_problem(reader->config, place, true,
                           GB_STR("Include is not possible as an option"));
    if (count == 0)
        return add_problem(reader->config, place, true, GB_STR("Include without a file name"));
    for (size_t i = 0; i < count; i++) {
        if (patterns[i].len == 0)
            return add_problem(reader->config, place, true, GB_STR("Include of an empty name"));
        int code = include_pattern(reader, place, patterns[i]);
        if (code)
            return code;
    }
    return GB_OK;
}

static int add_directive(struct reader *reader, const struct place *place, int keyword,
                         struct gb_str *values, size_t count)
{
    struct gb_sshd_config *config = reader->config;
    if (config->count == MAX_DIRECTIVES)
        return add_unread(config, place->file,
                          gb_str_format(config->arena, GB_PRI ": more than %d settings",
                                        GB_ARG(place->file), MAX_DIRECTIVES));
    if (GROW(config, directives, count, capacity))
        return GB_E_MEMORY;
    config->directives[config->count++] = (struct gb_sshd_directive){
        .keyword = keyword,
        .file = place->file,
        .line = place->line,
        .values = values,
        .count = count,
        .match = place->match,
    };
    return GB_OK;
}

static bool only_all(const struct gb_sshd_match *match)
{
    for (; match; match = match->outer)
        if (match->count)
            return false;
    return true;
}

static int unknown_keyword(struct gb_sshd_config *config, const struct place *place,
                           struct gb_str name)
{
    struct gb_str near = gb_sshd_keyword_nearest(name, config->version);
    if (name.len > 64)
        name = gb_str_sub(name, 0, 64);
    return add_problem(config, place, true,
                       near.len
                           ? gb_str_format(config->arena,
                                           "unknown keyword " GB_PRI " (did you mean " GB_PRI "?)",
                                           GB_ARG(name), GB_ARG(near))
                           : gb_str_format(config->arena, "unknown keyword " GB_PRI, GB_ARG(name)));
}

// What is fatal because of an earlier line: a second Subsystem of the same name (values are "name
// command arguments"), and AuthenticationMethods any behind another such line.
static struct gb_str conflict_with_earlier(const struct gb_sshd_config *config, int keyword,
                                           struct gb_str value, const struct gb_sshd_match *match)
{
    bool subsystem = strcmp(gb_sshd_keywords[keyword].name, "Subsystem") == 0;
    bool methods = strcmp(gb_sshd_keywords[keyword].name, "AuthenticationMethods") == 0;
    if ((!subsystem || !only_all(match)) && (!methods || !gb_str_is(value, "any")))
        return GB_STR("");
    struct gb_str name = value, other;
    if (subsystem)
        gb_str_next(&value, ' ', &name);
    for (size_t i = 0; i < config->count; i++) {
        const struct gb_sshd_directive *before = &config->directives[i];
        if (before->keyword != keyword || (!only_all(before->match) && before->match != match))
            continue;
        if (methods)
            return GB_STR("AuthenticationMethods: \"any\" must stand alone");
        struct gb_str earlier = before->values[0];
        if (gb_str_next(&earlier, ' ', &other) && gb_str_eq(name, other))
            return GB_STR("Subsystem: defined twice");
    }
    return GB_STR("");
}

static int take_setting(struct reader *reader, const struct place *place, struct gb_str name,
                        struct gb_str rest, struct gb_str *arguments, size_t count)
{
    struct gb_sshd_config *config = reader->config;
    int index = gb_sshd_keyword_find(name, config->version);
    if (index == GB_SSHD_NO_KEYWORD)
        return unknown_keyword(config, place, name);
    const struct gb_sshd_keyword *keyword = &gb_sshd_keywords[index];
    if (!keyword->in_match && !only_all(place->match))
        return add_problem(
            config, place, true,
            gb_str_format(config->arena, "%s is not allowed inside a Match block", keyword->name));
    if (keyword->type == GB_SSHD_DEPRECATED)
        return add_problem(
            config, place, false,
            gb_str_format(config->arena, "%s has no effect in this version", keyword->name));
    // Until 8.6 keyboard-interactive had two switches, and either one turned it on.
    if (config->version < 807 && gb_str_eq_nocase(name, GB_STR("KbdInteractiveAuthentication")) &&
        count && gb_str_eq_nocase(arguments[0], GB_STR("no")))
        return GB_OK;
    struct gb_sshd_value value = {.arguments = arguments, .count = count, .rest = rest};
    struct gb_str problem = gb_sshd_value_check(config->arena, config->version, keyword, &value);
    if (gb_arena_failed(config->arena))
        return GB_E_MEMORY;
    if (!problem.len && value.count)
        problem = conflict_with_earlier(config, index, value.arguments[0], place->match);
    if (problem.len)
        return add_problem(config, place, true, problem);
    return add_directive(reader, place, index, value.arguments, value.count);
}

static int take_line(struct reader *reader, struct place *place, struct gb_str line)
{
    struct gb_sshd_config *config = reader->config;
    while (line.len && (is_blank(line.at[line.len - 1]) || line.at[line.len - 1] == '\f'))
        line.len--;
    struct gb_str rest = skip_blanks(line), name;
    if (rest.len == 0)
        return GB_OK;
    bool got = gb_ssh_next_word(config->arena, &rest, &name);
    if (got && name.len == 0)
        got = gb_ssh_next_word(config->arena, &rest, &name);
    if (!got || name.len == 0 || name.at[0] == '#')
        return GB_OK;
    if (rest.len == 0)
        return add_problem(config, place, true,
                           gb_str_format(config->arena, "no argument after " GB_PRI,
                                         GB_ARG(gb_str_sub(name, 0, 64))));
    struct gb_str *arguments = NULL;
    size_t count = 0;
    if (!gb_ssh_split_arguments(config->arena, rest, &arguments, &count))
        return gb_arena_failed(config->arena)
                   ? GB_E_MEMORY
                   : add_problem(config, place, true, GB_STR("a quote is not closed"));
    if (gb_str_eq_nocase(name, GB_STR("match")))
        return reader->host
                   ? take_match(config, place, rest)
                   : add_problem(config, place, true, GB_STR("Match is not possible as an option"));
    if (config->version >= 802 && gb_str_eq_nocase(name, GB_STR("include")))
        return take_include(reader, place, arguments, count);
    return take_setting(reader, place, name, rest, arguments, count);
}

static struct gb_str unread_reason(struct gb_arena *arena, struct gb_str path, int code,
                                   const struct gb_error *err)
{
    if (code == GB_E_DENIED)
        return gb_str_format(arena, "needs root: " GB_PRI, GB_ARG(path));
    if (code == GB_E_LIMIT)
        return gb_str_format(arena, GB_PRI ": %s", GB_ARG(path),
                             err->reason[0] ? err->reason : "too large");
    return gb_str_format(arena, GB_PRI ": %s", GB_ARG(path),
                         err->reason[0] ? err->reason : gb_code_name(code));
}

static int read_file(struct reader *reader, struct gb_str path, unsigned depth,
                     const struct gb_sshd_match *outer)
{
    struct gb_sshd_config *config = reader->config;
    struct place place = {.file = path, .depth = depth, .match = outer, .outer = outer};
    if (depth > MAX_DEPTH)
        return add_problem(config, &place, true, GB_STR("files include each other too deeply"));
    if (++reader->included > MAX_INCLUDED)
        return add_unread(
            config, path,
            gb_str_format(config->arena, GB_PRI ": too many included files", GB_ARG(path)));
    const char *name = gb_str_c(config->arena, path);
    if (!name || GROW(config, files, file_count, file_capacity))
        return GB_E_MEMORY;
    struct gb_str text;
    struct gb_error err = {0};
    int code = gb_host_read(reader->host, name, GB_CONFIG_MAX_BYTES, config->arena, &text, &err);
    if (code == GB_E_MEMORY)
        return code;
    if (code)
        return add_unread(config, path, unread_reason(config->arena, path, code, &err));
    reader->bytes += text.len;
    if (reader->bytes > MAX_ALL_BYTES)
        return add_unread(
            config, path,
            gb_str_format(config->arena, GB_PRI ": the files are too large in all", GB_ARG(path)));
    if (gb_str_find_char(text, '\0') >= 0)
        return add_unread(config, path,
                          gb_str_format(config->arena, GB_PRI ": is a binary file", GB_ARG(path)));
    config->files[config->file_count++] = path;
    struct gb_str line;
    while (gb_str_next(&text, '\n', &line)) {
        place.line++;
        code = take_line(reader, &place, line);
        if (code)
            return code;
    }
    return GB_OK;
}

int gb_sshd_config_file(struct gb_sshd_config *config, const struct gb_host *host, const char *path)
{
    struct reader reader = {.config = config, .host = host};
    return read_file(&reader, gb_str_of(path), 0, NULL);
}

int gb_sshd_config_option(struct gb_sshd_config *config, struct gb_str option, struct gb_str where,
                          uint32_t line)
{
    struct reader reader = {.config = config};
    struct place place = {.file = where, .line = line};
    return take_line(&reader, &place, option);
}
