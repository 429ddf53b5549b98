// Reads apt's sources; used by the package source probe and the search for updates.
#include "source/package/apt_sources.h"

#include "source/package/apt_file.h"

#include "source/package/deb822.h"

enum { FILES_MAX = 2000, SOURCES_MAX = 20000 };

struct gb_str gb_apt_uri_scheme(struct gb_str uri)
{
    ptrdiff_t colon = gb_str_find_char(uri, ':');
    return gb_str_sub(uri, 0, colon < 0 ? 0 : (size_t)colon);
}

struct gb_str gb_apt_uri_host(struct gb_str uri)
{
    ptrdiff_t slashes = gb_str_find(uri, GB_STR("://"));
    if (slashes < 0)
        return GB_STR("");
    struct gb_str host = gb_str_from(uri, (size_t)slashes + 3);
    ptrdiff_t end = gb_str_find_char(host, '/');
    host = gb_str_sub(host, 0, end < 0 ? host.len : (size_t)end);
    ptrdiff_t at = gb_str_rfind_char(host, '@');
    host = gb_str_from(host, (size_t)(at + 1));
    ptrdiff_t port = gb_str_find_char(host, ':');
    return host.len && host.at[0] == '[' ? host
                                         : gb_str_sub(host, 0, port < 0 ? host.len : (size_t)port);
}

// User and password may stand in a URI: they are cut out and never kept.
static struct gb_str without_password(struct gb_arena *arena, struct gb_str uri)
{
    ptrdiff_t slashes = gb_str_find(uri, GB_STR("://"));
    if (slashes < 0)
        return uri;
    size_t start = (size_t)slashes + 3;
    struct gb_str rest = gb_str_from(uri, start);
    ptrdiff_t end = gb_str_find_char(rest, '/');
    ptrdiff_t at = gb_str_rfind_char(gb_str_sub(rest, 0, end < 0 ? rest.len : (size_t)end), '@');
    if (at < 0)
        return uri;
    return gb_str_format(arena, GB_PRI GB_PRI, GB_ARG(gb_str_sub(uri, 0, start)),
                         GB_ARG(gb_str_from(rest, (size_t)at + 1)));
}

// The file name that apt makes of a URI: without scheme and user, some bytes as %xx, '/' as '_'.
static struct gb_str list_prefix(struct gb_arena *arena, struct gb_str uri, struct gb_str suite)
{
    static const char digits[] = "0123456789abcdef";
    ptrdiff_t slashes = gb_str_find(uri, GB_STR("://"));
    struct gb_str rest = slashes >= 0 ? gb_str_from(uri, (size_t)slashes + 3)
                                      : gb_str_from(uri, (size_t)gb_str_find_char(uri, ':') + 1);
    bool flat = suite.len && suite.at[suite.len - 1] == '/';
    bool slash = rest.len && rest.at[rest.len - 1] == '/';
    struct gb_str whole = gb_str_format(
        arena, GB_PRI "%s%s" GB_PRI "%s", GB_ARG(rest), slash ? "" : "/", flat ? "" : "dists/",
        GB_ARG(flat && suite.len == 1 ? GB_STR("") : suite), flat ? "" : "/");
    char *name = gb_alloc_array(arena, whole.len, 3);
    size_t len = 0;
    for (size_t i = 0; name && i < whole.len; i++) {
        unsigned char c = (unsigned char)whole.at[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\\|{}[]<>\"^~_=!@#$%^&*", c)) {
            name[len++] = '%';
            name[len++] = digits[c >> 4];
            name[len++] = digits[c & 15];
        } else {
            name[len++] = c == '/' ? '_' : (char)c;
        }
    }
    return (struct gb_str){name, name ? len : 0};
}

static int add(struct gb_apt_sources *sources, const struct gb_apt_source *source,
               struct gb_str uri, struct gb_str suite)
{
    if (sources->count == sources->capacity) {
        size_t capacity = sources->capacity ? sources->capacity * 2 : 16;
        struct gb_apt_source *items =
            capacity > SOURCES_MAX ? NULL
                                   : gb_grow_array(sources->arena, sources->items,
                                                   sources->capacity, capacity, sizeof *items);
        if (!items)
            return GB_E_MEMORY;
        sources->items = items;
        sources->capacity = capacity;
    }
    struct gb_apt_source *item = &sources->items[sources->count++];
    *item = *source;
    item->uri = without_password(sources->arena, uri);
    item->suite = suite;
    item->list_prefix = list_prefix(sources->arena, item->uri, suite);
    return gb_arena_failed(sources->arena) ? GB_E_MEMORY : GB_OK;
}

static void note_malformed(struct gb_apt_sources *sources, struct gb_str where, uint32_t line)
{
    if (!sources->malformed++) {
        sources->first_malformed_where = where;
        sources->first_malformed_line = line;
    }
}

static int tristate(struct gb_str value)
{
    static const char *const yes[] = {"yes", "true", "with", "on", "enable", "1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (gb_str_eq_nocase(value, gb_str_of(yes[i])))
            return 1;
    return 0;
}

static void set_words(struct gb_str *into, size_t most, size_t *count, struct gb_str value,
                      bool commas)
{
    *count = 0;
    struct gb_str word;
    while (*count < most &&
           (commas ? gb_str_next(&value, ',', &word) : gb_deb822_word(&value, &word)))
        into[(*count)++] = word;
}

static void set_option(struct gb_apt_source *source, struct gb_str name, struct gb_str value,
                       bool commas)
{
    if (gb_str_eq_nocase(name, GB_STR("signed-by")))
        source->signed_by = value;
    else if (gb_str_eq_nocase(name, GB_STR("trusted")))
        source->trusted = tristate(value);
    else if (gb_str_eq_nocase(name, GB_STR("check-valid-until")))
        source->check_valid_until = tristate(value);
    else if (gb_str_eq_nocase(name, GB_STR("allow-insecure")))
        source->allow_insecure = tristate(value);
    else if (gb_str_eq_nocase(name, GB_STR("allow-weak")))
        source->allow_weak = tristate(value);
    else if (gb_str_eq_nocase(name, GB_STR("arch")) ||
             gb_str_eq_nocase(name, GB_STR("architectures")))
        set_words(source->architectures,
                  sizeof source->architectures / sizeof *source->architectures,
                  &source->architecture_count, value, commas);
}

static const struct gb_apt_source nothing_said = {.enabled = true,
                                                  .trusted = -1,
                                                  .check_valid_until = -1,
                                                  .allow_insecure = -1,
                                                  .allow_weak = -1};

// "[ option=value option=value ]"; false without a closing bracket.
static bool read_options(struct gb_apt_source *source, struct gb_str *rest)
{
    *rest = gb_str_trim(*rest);
    if (!rest->len || rest->at[0] != '[')
        return true;
    ptrdiff_t end = gb_str_find_char(*rest, ']');
    if (end < 0)
        return false;
    struct gb_str options = gb_str_sub(*rest, 1, (size_t)end - 1);
    *rest = gb_str_from(*rest, (size_t)end + 1);
    for (struct gb_str word; gb_str_next_word(&options, &word);) {
        ptrdiff_t equals = gb_str_find_char(word, '=');
        if (equals <= 0)
            continue;
        set_option(source, gb_str_sub(word, 0, (size_t)equals),
                   gb_str_from(word, (size_t)equals + 1), true);
    }
    return true;
}

// deb [options] uri suite component...   A cdrom's URI may hold blanks between brackets.
static bool read_line(struct gb_apt_source *source, struct gb_str line, struct gb_str *uri,
                      struct gb_str *suite)
{
    struct gb_str type;
    gb_str_next_word(&line, &type);
    source->is_source = gb_str_is(type, "deb-src");
    if (!source->is_source && !gb_str_is(type, "deb"))
        return false;
    if (!read_options(source, &line))
        return false;
    line = gb_str_trim(line);
    ptrdiff_t bracket = gb_str_starts(line, GB_STR("cdrom:[")) ? gb_str_find_char(line, ']') : -1;
    if (bracket > 0) {
        struct gb_str behind = gb_str_from(line, (size_t)bracket + 1), tail = {0};
        if (behind.len && behind.at[0] != ' ' && behind.at[0] != '\t')
            gb_str_next_word(&behind, &tail);
        *uri = gb_str_sub(line, 0, (size_t)bracket + 1 + tail.len);
        line = gb_str_from(line, uri->len);
    } else if (!gb_str_next_word(&line, uri)) {
        return false;
    }
    if (!gb_str_next_word(&line, suite))
        return false;
    set_words(source->components, sizeof source->components / sizeof *source->components,
              &source->component_count, line, false);
    return true;
}

int gb_apt_sources_parse_list(struct gb_apt_sources *sources, struct gb_str text,
                              struct gb_str where)
{
    uint32_t number = 0;
    for (struct gb_str line; gb_str_next(&text, '\n', &line);) {
        number++;
        ptrdiff_t comment = gb_str_find_char(line, '#');
        line = gb_str_trim(gb_str_sub(line, 0, comment < 0 ? line.len : (size_t)comment));
        if (!line.len)
            continue;
        struct gb_apt_source source = nothing_said;
        source.where = where;
        source.line = number;
        struct gb_str uri, suite;
        if (!read_line(&source, line, &uri, &suite)) {
            note_malformed(sources, where, number);
            continue;
        }
        int code = add(sources, &source, uri, suite);
        if (code)
            return code;
    }
    return GB_OK;
}

struct stanza {
    struct gb_apt_source source;
    struct gb_str types, uris, suites;
};

static void read_stanza(struct gb_deb822 *reader, struct stanza *stanza)
{
    struct gb_apt_source *source = &stanza->source;
    for (struct gb_deb822_field field; gb_deb822_next(reader, &field);) {
        if (gb_deb822_is(&field, "Types"))
            stanza->types = field.value;
        else if (gb_deb822_is(&field, "URIs"))
            stanza->uris = field.value;
        else if (gb_deb822_is(&field, "Suites"))
            stanza->suites = field.value;
        else if (gb_deb822_is(&field, "Components"))
            set_words(source->components, sizeof source->components / sizeof *source->components,
                      &source->component_count, field.value, false);
        else if (gb_deb822_is(&field, "Enabled"))
            source->enabled = tristate(field.value) == 1;
        else
            set_option(source, field.name, field.value, false);
    }
}

// Every combination of type, URI and suite.
static int add_stanza(struct gb_apt_sources *sources, struct stanza *stanza)
{
    struct gb_str types = stanza->types;
    for (struct gb_str type; gb_deb822_word(&types, &type);) {
        stanza->source.is_source = gb_str_is(type, "deb-src");
        struct gb_str uris = stanza->uris;
        for (struct gb_str uri; gb_deb822_word(&uris, &uri);) {
            struct gb_str suites = stanza->suites;
            for (struct gb_str suite; gb_deb822_word(&suites, &suite);) {
                int code = add(sources, &stanza->source, uri, suite);
                if (code)
                    return code;
            }
        }
    }
    return GB_OK;
}

int gb_apt_sources_parse_deb822(struct gb_apt_sources *sources, struct gb_str text,
                                struct gb_str where)
{
    struct gb_deb822 reader = gb_deb822(text);
    while (gb_deb822_stanza(&reader)) {
        struct stanza stanza = {.source = nothing_said};
        stanza.source.where = where;
        stanza.source.line = reader.line;
        read_stanza(&reader, &stanza);
        if (!stanza.types.len || !stanza.uris.len || !stanza.suites.len) {
            note_malformed(sources, where, stanza.source.line);
            continue;
        }
        int code = add_stanza(sources, &stanza);
        if (code)
            return code;
    }
    return GB_OK;
}

static int read_file(struct gb_collector *collector, struct gb_apt_sources *sources,
                     struct gb_str path)
{
    struct gb_str text;
    if (!gb_apt_file_read(collector, path, &text, &sources->problem))
        return GB_OK;
    sources->files++;
    return gb_str_ends(path, GB_STR(".sources")) ? gb_apt_sources_parse_deb822(sources, text, path)
                                                 : gb_apt_sources_parse_list(sources, text, path);
}

static int read_all(struct gb_collector *collector, struct gb_apt_sources *sources)
{
    int code = read_file(collector, sources, GB_STR("/etc/apt/sources.list"));
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    if (code || gb_host_list(collector->host, "/etc/apt/sources.list.d", FILES_MAX,
                             collector->scratch, &entries, &count, NULL) < 0)
        return code;
    for (size_t i = 0; i < count; i++) {
        struct gb_str name = entries[i].name;
        if (name.at[0] == '.' ||
            (!gb_str_ends(name, GB_STR(".list")) && !gb_str_ends(name, GB_STR(".sources"))))
            continue;
        struct gb_str path =
            gb_str_format(collector->arena, "/etc/apt/sources.list.d/" GB_PRI, GB_ARG(name));
        code = path.at ? read_file(collector, sources, path) : GB_E_MEMORY;
        if (code)
            return code;
    }
    return GB_OK;
}

int gb_apt_sources_load(struct gb_collector *collector, const struct gb_apt_sources **ret,
                        struct gb_error *err)
{
    struct gb_str key = GB_STR("package/apt_sources");
    struct gb_apt_sources *sources = gb_collector_shared(collector, key);
    if (!sources) {
        sources = gb_alloc(collector->arena, sizeof *sources);
        if (!sources)
            return gb_error_set(err, GB_E_MEMORY, "out of memory");
        sources->arena = collector->arena;
        if (read_all(collector, sources) < 0 || gb_collector_share(collector, key, sources) < 0)
            return gb_error_set(err, GB_E_MEMORY, "out of memory while reading apt's sources");
    }
    *ret = sources;
    return GB_OK;
}
