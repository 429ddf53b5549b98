// Package URLs: parts, percent-encoding, and how each type spells its names.
#include "model/purl.h"

#include <stdlib.h>

enum { LONGEST = 64 << 10 };

static int malformed(struct gb_error *err, struct gb_str text, const char *what)
{
    struct gb_str shown = gb_str_sub(text, 0, 200);
    return gb_error_set(err, GB_E_SYNTAX, "package URL \"" GB_PRI "\": %s", GB_ARG(shown), what);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Points into `text` where nothing is encoded. False for a broken %XX and for %00.
static bool decode(struct gb_str text, struct gb_arena *arena, struct gb_str *ret)
{
    *ret = text;
    if (gb_str_find_char(text, '%') < 0)
        return true;
    char *into = gb_alloc(arena, text.len);
    size_t len = 0;
    if (!into)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '%') {
            into[len++] = text.at[i];
            continue;
        }
        int high = i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
        int low = i + 2 < text.len ? hex_digit(text.at[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return false;
        into[len++] = (char)(unsigned char)(high << 4 | low);
        i += 2;
    }
    *ret = (struct gb_str){into, len};
    return true;
}

static bool is_lower_type(struct gb_str type)
{
    static const char *const types[] = {"deb", "apk", "composer", "pypi", "bitnami", "github"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (gb_str_is(type, types[i]))
            return true;
    return false;
}

static struct gb_str with_hyphens(struct gb_arena *arena, struct gb_str name)
{
    char *into = gb_alloc(arena, name.len);
    for (size_t i = 0; into && i < name.len; i++)
        into[i] = name.at[i] == '_' ? '-' : name.at[i];
    return into ? (struct gb_str){into, name.len} : name;
}

static void spell(struct gb_purl *purl, struct gb_arena *arena)
{
    if (is_lower_type(purl->type)) {
        purl->ns = gb_str_lower(arena, purl->ns);
        purl->name = gb_str_lower(arena, purl->name);
    }
    if (gb_str_is(purl->type, "pypi") && gb_str_find_char(purl->name, '_') >= 0)
        purl->name = with_hyphens(arena, purl->name);
}

static int parse_qualifiers(struct gb_str whole, struct gb_str text, struct gb_arena *arena,
                            struct gb_purl *purl, struct gb_error *err)
{
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++)
        most += text.at[i] == '&';
    purl->qualifiers = gb_alloc_array(arena, most, sizeof *purl->qualifiers);
    if (!purl->qualifiers)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a package URL");
    struct gb_str piece;
    while (gb_str_next(&text, '&', &piece)) {
        ptrdiff_t equals = gb_str_find_char(piece, '=');
        if (!piece.len || equals == (ptrdiff_t)piece.len - 1)
            continue; // without a value it does not count
        if (equals <= 0)
            return malformed(err, whole, "a qualifier without a name or a value");
        struct gb_purl_qualifier *one = &purl->qualifiers[purl->qualifier_count++];
        one->key = gb_str_lower(arena, gb_str_sub(piece, 0, (size_t)equals));
        if (!decode(gb_str_from(piece, (size_t)equals + 1), arena, &one->value))
            return malformed(err, whole, "broken percent-encoding");
    }
    return 0;
}

// The segments of a path, decoded and without empty ones, joined by '/'.
static bool decode_path(struct gb_str text, struct gb_arena *arena, struct gb_str *ret)
{
    char *into = gb_alloc(arena, text.len + 1);
    size_t len = 0;
    struct gb_str piece, decoded;
    if (!into)
        return false;
    while (gb_str_next(&text, '/', &piece)) {
        if (!piece.len)
            continue;
        if (!decode(piece, arena, &decoded))
            return false;
        if (len)
            into[len++] = '/';
        memcpy(into + len, decoded.at, decoded.len);
        len += decoded.len;
    }
    *ret = (struct gb_str){into, len};
    return true;
}

static struct gb_str cut_behind(struct gb_str *text, char separator)
{
    ptrdiff_t at = gb_str_find_char(*text, separator);
    if (at < 0)
        return (struct gb_str){0};
    struct gb_str behind = gb_str_from(*text, (size_t)at + 1);
    *text = gb_str_sub(*text, 0, (size_t)at);
    return behind;
}

static bool is_type(struct gb_str type)
{
    for (size_t i = 0; i < type.len; i++) {
        char c = type.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-'))
            return false;
    }
    return type.len > 0;
}

int gb_purl_parse(struct gb_str text, struct gb_arena *arena, struct gb_purl *ret,
                  struct gb_error *err)
{
    struct gb_purl purl = {0};
    struct gb_str rest = gb_str_trim(text);
    if (rest.len > LONGEST)
        return gb_error_set(err, GB_E_LIMIT, "a package URL of more than %d bytes", LONGEST);
    if (!gb_str_eq_nocase(gb_str_sub(rest, 0, 4), GB_STR("pkg:")))
        return malformed(err, text, "it does not begin with pkg:");
    rest = gb_str_from(rest, 4);
    while (rest.len && rest.at[0] == '/')
        rest = gb_str_from(rest, 1);
    struct gb_str subpath = cut_behind(&rest, '#'), qualifiers = cut_behind(&rest, '?');
    ptrdiff_t slash = gb_str_find_char(rest, '/');
    if (slash <= 0)
        return malformed(err, text, "it has no type");
    purl.type = gb_str_lower(arena, gb_str_sub(rest, 0, (size_t)slash));
    rest = gb_str_from(rest, (size_t)slash + 1);
    if (!is_type(purl.type))
        return malformed(err, text, "that is no type");
    ptrdiff_t at = gb_str_rfind_char(rest, '@');
    struct gb_str version = {0};
    if (at > 0 && rest.at[at - 1] != '/') { // "@scope/name" of npm is no version
        version = gb_str_from(rest, (size_t)at + 1);
        rest = gb_str_sub(rest, 0, (size_t)at);
    }
    while (rest.len && rest.at[rest.len - 1] == '/')
        rest.len--;
    slash = gb_str_rfind_char(rest, '/');
    struct gb_str ns = slash < 0 ? (struct gb_str){0} : gb_str_sub(rest, 0, (size_t)slash);
    if (!decode(version, arena, &purl.version) || !decode_path(ns, arena, &purl.ns) ||
        !decode(gb_str_from(rest, (size_t)(slash + 1)), arena, &purl.name) ||
        !decode_path(subpath, arena, &purl.subpath))
        return malformed(err, text, "broken percent-encoding");
    if (!purl.name.len)
        return malformed(err, text, "it has no name");
    int code = parse_qualifiers(text, qualifiers, arena, &purl, err);
    if (code < 0)
        return code;
    spell(&purl, arena);
    if (gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "no memory for a package URL");
    *ret = purl;
    return 0;
}

struct gb_str gb_purl_qualifier(const struct gb_purl *purl, const char *key)
{
    for (size_t i = 0; i < purl->qualifier_count; i++)
        if (gb_str_is(purl->qualifiers[i].key, key))
            return purl->qualifiers[i].value;
    return (struct gb_str){0};
}

static void encode(struct gb_buffer *out, struct gb_str text, bool path)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '-' || c == '_' || c == '~' || c == ':';
        if (plain || (path && c == '/'))
            gb_buffer_char(out, text.at[i]);
        else
            gb_buffer_print(out, "%%%02X", c);
    }
}

// The smallest key above `last` (all of them above NULL).
static const struct gb_purl_qualifier *next_qualifier(const struct gb_purl *purl,
                                                      const struct gb_purl_qualifier *last)
{
    const struct gb_purl_qualifier *found = NULL;
    for (size_t i = 0; i < purl->qualifier_count; i++) {
        const struct gb_purl_qualifier *one = &purl->qualifiers[i];
        if (one->value.len && (!last || gb_str_compare(one->key, last->key) > 0) &&
            (!found || gb_str_compare(one->key, found->key) < 0))
            found = one;
    }
    return found;
}

void gb_purl_write(const struct gb_purl *purl, struct gb_buffer *out)
{
    gb_buffer_print(out, "pkg:" GB_PRI "/", GB_ARG(purl->type));
    if (purl->ns.len) {
        encode(out, purl->ns, true);
        gb_buffer_char(out, '/');
    }
    encode(out, purl->name, false);
    if (purl->version.len) {
        gb_buffer_char(out, '@');
        encode(out, purl->version, false);
    }
    char separator = '?';
    for (const struct gb_purl_qualifier *one = NULL; (one = next_qualifier(purl, one));) {
        gb_buffer_char(out, separator);
        gb_buffer_add(out, one->key);
        gb_buffer_char(out, '=');
        encode(out, one->value, false);
        separator = '&';
    }
    if (purl->subpath.len) {
        gb_buffer_char(out, '#');
        encode(out, purl->subpath, true);
    }
}

static const struct {
    const char *type, *ecosystem;
    char separator; // between namespace and name; 0: there is no namespace
} ecosystems[] = {
    {"golang", "Go", '/'},     {"npm", "npm", '/'},    {"pypi", "PyPI", 0},
    {"maven", "Maven", ':'},   {"gem", "RubyGems", 0}, {"composer", "Packagist", '/'},
    {"cargo", "crates.io", 0}, {"nuget", "NuGet", 0},
};

bool gb_purl_to_package(const struct gb_purl *purl, struct gb_arena *arena, const char **ecosystem,
                        struct gb_str *name)
{
    for (size_t i = 0; i < sizeof ecosystems / sizeof *ecosystems; i++) {
        if (!gb_str_is(purl->type, ecosystems[i].type))
            continue;
        *ecosystem = ecosystems[i].ecosystem;
        *name = purl->ns.len && ecosystems[i].separator
                    ? gb_str_format(arena, GB_PRI "%c" GB_PRI, GB_ARG(purl->ns),
                                    ecosystems[i].separator, GB_ARG(purl->name))
                    : purl->name;
        return true;
    }
    return false;
}

bool gb_purl_of_package(struct gb_str ecosystem, struct gb_str name, struct gb_str version,
                        struct gb_purl *ret)
{
    for (size_t i = 0; i < sizeof ecosystems / sizeof *ecosystems; i++) {
        if (!gb_str_is(ecosystem, ecosystems[i].ecosystem))
            continue;
        char separator = ecosystems[i].separator;
        ptrdiff_t at = separator ? gb_str_rfind_char(name, separator) : -1;
        *ret = (struct gb_purl){.type = gb_str_of(ecosystems[i].type), .version = version};
        ret->ns = at < 0 ? (struct gb_str){0} : gb_str_sub(name, 0, (size_t)at);
        ret->name = gb_str_from(name, (size_t)(at + 1));
        return true;
    }
    return false;
}
