// Reads apt's configuration; used by the sources of updates and package sources.
#include "source/package/apt_conf.h"

#include "source/package/apt_file.h"

#include <stdlib.h>

enum { FILES_MAX = 2000, DEPTH_MAX = 32, ITEMS_MAX = 100000 };

struct scanner {
    struct gb_str text;
    size_t at;
    uint32_t line;
};

static int peek(const struct scanner *s)
{
    return s->at < s->text.len ? (unsigned char)s->text.at[s->at] : -1;
}

static bool at_text(const struct scanner *s, const char *text)
{
    return gb_str_starts(gb_str_from(s->text, s->at), gb_str_of(text));
}

static void step(struct scanner *s)
{
    if (s->text.at[s->at++] == '\n')
        s->line++;
}

static void skip_line(struct scanner *s)
{
    while (peek(s) >= 0 && peek(s) != '\n')
        step(s);
}

static void skip_block_comment(struct scanner *s)
{
    while (peek(s) >= 0 && !at_text(s, "*/"))
        step(s);
    for (int i = 0; i < 2 && peek(s) >= 0; i++)
        step(s);
}

// '#' begins a comment unless it begins #clear or #include.
static void skip_blank(struct scanner *s)
{
    for (;;) {
        int c = peek(s);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            step(s);
        else if (at_text(s, "//") || (c == '#' && !at_text(s, "#clear") && !at_text(s, "#include")))
            skip_line(s);
        else if (at_text(s, "/*"))
            skip_block_comment(s);
        else
            return;
    }
}

// A word ends at a blank or a delimiter; a quoted part may hold them. Quotes are taken off.
static struct gb_str read_word(struct scanner *s, bool *quoted)
{
    *quoted = peek(s) == '"';
    if (*quoted) {
        step(s);
        size_t start = s->at;
        while (peek(s) >= 0 && peek(s) != '"')
            step(s);
        struct gb_str word = gb_str_sub(s->text, start, s->at - start);
        if (peek(s) >= 0)
            step(s);
        return word;
    }
    size_t start = s->at;
    for (int c = peek(s); c >= 0 && (!c || !strchr(" \t\r\n{};\"", c)); c = peek(s)) {
        if (at_text(s, "/*"))
            break;
        step(s);
    }
    return gb_str_sub(s->text, start, s->at - start);
}

// The scopes around the place, one behind the other: "APT::Periodic".
struct scopes {
    struct gb_str names[DEPTH_MAX];
    size_t depth;
};

static struct gb_str full_name(struct gb_arena *arena, const struct scopes *scopes,
                               struct gb_str name)
{
    struct gb_str outer = scopes->depth ? scopes->names[scopes->depth - 1] : GB_STR("");
    if (!outer.len)
        return name;
    return gb_str_format(arena, GB_PRI "::" GB_PRI, GB_ARG(outer), GB_ARG(name));
}

static int add(struct gb_apt_conf *conf, struct gb_str name, struct gb_str value,
               struct gb_str where, uint32_t line)
{
    if (conf->count == conf->capacity) {
        size_t capacity = conf->capacity ? conf->capacity * 2 : 64;
        struct gb_apt_conf_item *items =
            capacity > ITEMS_MAX
                ? NULL
                : gb_grow_array(conf->arena, conf->items, conf->capacity, capacity, sizeof *items);
        if (!items)
            return GB_E_MEMORY;
        conf->items = items;
        conf->capacity = capacity;
    }
    conf->items[conf->count++] =
        (struct gb_apt_conf_item){.name = name, .value = value, .where = where, .line = line};
    return GB_OK;
}

// #clear takes away an item and all below it.
static void clear(struct gb_apt_conf *conf, struct gb_str name)
{
    for (size_t i = 0; i < conf->count; i++) {
        struct gb_str known = conf->items[i].name;
        struct gb_str front = gb_str_sub(known, 0, name.len), rest = gb_str_from(known, name.len);
        if (gb_str_eq_nocase(front, name) && (!rest.len || gb_str_starts(rest, GB_STR("::"))))
            conf->items[i].cleared = true;
    }
}

// "#clear Name Name;" or an #include, which is not followed: it makes the result uncertain.
static void directive(struct gb_apt_conf *conf, struct scanner *s)
{
    bool quoted, clears = at_text(s, "#clear");
    read_word(s, &quoted);
    for (skip_blank(s); peek(s) >= 0 && peek(s) != ';'; skip_blank(s)) {
        size_t before = s->at;
        struct gb_str name = read_word(s, &quoted);
        if (clears)
            clear(conf, name);
        if (s->at == before)
            step(s);
    }
    if (!clears)
        conf->malformed++;
}

// name [value] ; | name { | value ;
static int statement(struct gb_apt_conf *conf, struct scanner *s, struct scopes *scopes,
                     struct gb_str where)
{
    uint32_t line = s->line;
    bool name_quoted, value_quoted;
    struct gb_str name = read_word(s, &name_quoted);
    skip_blank(s);
    if (peek(s) == '{') {
        step(s);
        if (scopes->depth == DEPTH_MAX)
            return GB_E_LIMIT;
        scopes->names[scopes->depth] = full_name(conf->arena, scopes, name);
        scopes->depth++;
        return GB_OK;
    }
    if (peek(s) == ';' || peek(s) < 0 || peek(s) == '}') { // an element of the list around it
        struct gb_str list = full_name(conf->arena, scopes, GB_STR(""));
        return add(conf, list, name, where, line);
    }
    struct gb_str value = read_word(s, &value_quoted);
    return add(conf, full_name(conf->arena, scopes, name), value, where, line);
}

int gb_apt_conf_parse(struct gb_apt_conf *conf, struct gb_str text, struct gb_str where)
{
    struct scanner s = {.text = text, .line = 1};
    struct scopes scopes = {.depth = 0};
    for (skip_blank(&s); peek(&s) >= 0; skip_blank(&s)) {
        int c = peek(&s);
        if (c == ';' || c == '{') {
            step(&s);
        } else if (c == '}') {
            step(&s);
            if (scopes.depth)
                scopes.depth--;
            else
                conf->malformed++;
        } else if (c == '#') {
            directive(conf, &s);
        } else {
            int code = statement(conf, &s, &scopes, where);
            if (code == GB_E_LIMIT) { // deeper than anybody nests: the rest of the file is lost
                conf->malformed++;
                return GB_OK;
            }
            if (code)
                return code;
        }
    }
    conf->malformed += scopes.depth > 0;
    return gb_arena_failed(conf->arena) ? GB_E_MEMORY : GB_OK;
}

const struct gb_apt_conf_item *gb_apt_conf_find(const struct gb_apt_conf *conf, const char *name)
{
    struct gb_str wanted = gb_str_of(name);
    for (size_t i = conf->count; i-- > 0;)
        if (!conf->items[i].cleared && gb_str_eq_nocase(conf->items[i].name, wanted))
            return &conf->items[i];
    return NULL;
}

const struct gb_apt_conf_item *gb_apt_conf_next(const struct gb_apt_conf *conf, const char *list,
                                                const struct gb_apt_conf_item *last)
{
    struct gb_str wanted = gb_str_of(list);
    for (size_t i = last ? (size_t)(last - conf->items) + 1 : 0; i < conf->count; i++) {
        struct gb_str name = conf->items[i].name;
        if (!conf->items[i].cleared && name.len == wanted.len + 2 &&
            gb_str_ends(name, GB_STR("::")) &&
            gb_str_eq_nocase(gb_str_sub(name, 0, wanted.len), wanted))
            return &conf->items[i];
    }
    return NULL;
}

bool gb_apt_conf_bool(const struct gb_apt_conf_item *item, bool otherwise)
{
    static const char *const yes[] = {"yes", "true", "with", "on", "enable"};
    static const char *const no[] = {"no", "false", "without", "off", "disable"};
    if (!item)
        return otherwise;
    uint64_t number;
    if (gb_str_to_uint(item->value, 10, &number) == GB_OK)
        return number != 0;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (gb_str_eq_nocase(item->value, gb_str_of(yes[i])))
            return true;
        if (gb_str_eq_nocase(item->value, gb_str_of(no[i])))
            return false;
    }
    return otherwise;
}

// run-parts as apt does it: letters, digits, - _ . and no ending but .conf
static bool is_read(struct gb_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '-' && c != '_' && c != '.')
            return false;
    }
    ptrdiff_t dot = gb_str_rfind_char(name, '.');
    return name.len && name.at[0] != '.' &&
           (dot < 0 || gb_str_is(gb_str_from(name, (size_t)dot), ".conf"));
}

static int read_file(struct gb_collector *collector, struct gb_apt_conf *conf, struct gb_str path)
{
    struct gb_str text;
    if (!gb_apt_file_read(collector, path, &text, &conf->problem))
        return GB_OK;
    return gb_apt_conf_parse(conf, text, path);
}

static int read_all(struct gb_collector *collector, struct gb_apt_conf *conf)
{
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    if (gb_host_list(collector->host, "/etc/apt/apt.conf.d", FILES_MAX, collector->scratch,
                     &entries, &count, NULL) < 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_read(entries[i].name))
            continue;
        struct gb_str path =
            gb_str_format(collector->arena, "/etc/apt/apt.conf.d/" GB_PRI, GB_ARG(entries[i].name));
        int code = path.at ? read_file(collector, conf, path) : GB_E_MEMORY;
        if (code)
            return code;
    }
    return read_file(collector, conf, GB_STR("/etc/apt/apt.conf"));
}

int gb_apt_conf_load(struct gb_collector *collector, const struct gb_apt_conf **ret,
                     struct gb_error *err)
{
    struct gb_str key = GB_STR("package/apt_conf");
    struct gb_apt_conf *conf = gb_collector_shared(collector, key);
    if (!conf) {
        conf = gb_alloc(collector->arena, sizeof *conf);
        if (!conf)
            return gb_error_set(err, GB_E_MEMORY, "out of memory");
        conf->arena = collector->arena;
        if (read_all(collector, conf) < 0 || gb_collector_share(collector, key, conf) < 0)
            return gb_error_set(err, GB_E_MEMORY,
                                "out of memory while reading apt's configuration");
    }
    *ret = conf;
    return GB_OK;
}
