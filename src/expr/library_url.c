// URLs in expressions, as in Kubernetes: url() and its methods.
#include "expr/library.h"
#include "expr/url.h"

#include "base/map.h"
#include "base/utf8.h"

static const struct gb_url *url_of(const struct gb_value *value)
{
    return value->pointer;
}

static void url(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_url *kept = gb_alloc(gb_cel_arena(run), sizeof *kept);
    gb_cel_charge(run, a->string.len / 4);
    if (!kept) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    const char *reason = gb_url_parse(a->string, gb_cel_arena(run), kept);
    if (reason) {
        struct gb_str text = gb_str_sub(a->string, 0, 60);
        gb_cel_fail(run, ret, "not a URL: %s: \"" GB_PRI "\"", reason, GB_ARG(text));
    } else if (gb_arena_failed(gb_cel_arena(run))) {
        gb_cel_fail_memory(run, ret);
    } else {
        *ret = gb_cel_opaque_value(GB_CEL_URL, kept);
    }
}

static void is_url(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_url ignored;
    gb_cel_charge(run, a->string.len / 4);
    *ret = gb_bool(!gb_url_parse(a->string, gb_cel_arena(run), &ignored));
}

static void get_scheme(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_string(url_of(a)->scheme);
}

// What was decoded may not be UTF-8 any more.
static struct gb_str clean(struct gb_arena *arena, struct gb_str text)
{
    return gb_utf8_valid(text) ? text : gb_utf8_clean(arena, text);
}

static void get_host(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    *ret = gb_string(clean(gb_cel_arena(run), url_of(a)->host));
}

static void get_host_name(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    *ret = gb_string(clean(gb_cel_arena(run), gb_url_host_name(url_of(a))));
}

static void get_port(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_string(gb_url_port(url_of(a)));
}

// Whether a byte of a path that is not escaped may stay so.
static bool is_path_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-_.~!$&'()*+,;=:@[]/%", c));
}

static void get_escaped_path(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_str path = url_of(a)->path;
    struct gb_cel_text out = {.run = run};
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        if (is_path_byte(c))
            gb_cel_text_char(&out, (char)c);
        else
            gb_cel_text_print(&out, "%%%02X", c);
    }
    gb_cel_text_end(&out, ret);
}

static void add_parameter(struct gb_map *lists, struct gb_str name, struct gb_str value)
{
    struct gb_list *list = gb_map_get(lists, name);
    if (!list) {
        list = gb_list_new(lists->arena);
        if (!list || gb_map_set(lists, name, list) < 0)
            return; // sticky in the arena
    }
    gb_list_add(lists->arena, list, gb_string(value));
}

static void get_query(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_arena *arena = gb_cel_arena(run);
    struct gb_map lists = gb_map(arena);
    struct gb_str rest = url_of(a)->query, piece;
    while (gb_str_next(&rest, '&', &piece) && gb_cel_charge(run, 20 + piece.len / 4)) {
        ptrdiff_t equals = gb_str_find_char(piece, '=');
        struct gb_str name = equals < 0 ? piece : gb_str_sub(piece, 0, (size_t)equals), value = {0};
        if (equals >= 0)
            value = gb_str_from(piece, (size_t)equals + 1);
        // What is malformed is left out, as elsewhere.
        if (!piece.len || gb_str_find_char(piece, ';') >= 0 ||
            !gb_url_decode(name, true, arena, &name) || !gb_url_decode(value, true, arena, &value))
            continue;
        add_parameter(&lists, clean(arena, name), clean(arena, value));
    }
    struct gb_map_value *map = gb_map_new(arena);
    for (size_t i = 0; map && i < lists.count; i++)
        gb_map_put(arena, map, lists.entries[i].key, gb_list_of(lists.entries[i].value));
    if (gb_arena_failed(arena))
        gb_cel_fail_memory(run, ret);
    else
        *ret = gb_map_of(map);
}

static const struct gb_cel_overload overloads[] = {
    {"url", "string -> kubernetes.URL", url, 0,
     "The URL that the text is: an absolute URI or an absolute path; an error when it is neither."},
    {"isURL", "string -> bool", is_url, 0, "Whether the text is a URL."},
    {"getScheme", "kubernetes.URL -> string", get_scheme, GB_CEL_METHOD,
     "The scheme in lower case; empty when there is none."},
    {"getHost", "kubernetes.URL -> string", get_host, GB_CEL_METHOD,
     "The host with its port; an IPv6 address in brackets."},
    {"getHostname", "kubernetes.URL -> string", get_host_name, GB_CEL_METHOD,
     "The host without port and brackets."},
    {"getPort", "kubernetes.URL -> string", get_port, GB_CEL_METHOD,
     "The port as text; empty when there is none."},
    {"getEscapedPath", "kubernetes.URL -> string", get_escaped_path, GB_CEL_METHOD,
     "The path, escaped."},
    {"getQuery", "kubernetes.URL -> map(string, list(string))", get_query, GB_CEL_METHOD,
     "The query's values by their names, decoded."},
};

static bool equal(const void *a, const void *b)
{
    const struct gb_url *left = a, *right = b;
    return gb_str_eq(left->scheme, right->scheme) && gb_str_eq(left->user, right->user) &&
           gb_str_eq(left->host, right->host) && gb_str_eq(left->path, right->path) &&
           gb_str_eq(left->opaque, right->opaque) && gb_str_eq(left->query, right->query) &&
           gb_str_eq(left->fragment, right->fragment);
}

static const struct gb_cel_opaque opaque[] = {{GB_CEL_URL, "kubernetes.URL", equal}};

const struct gb_cel_library gb_cel_library_url = {
    .name = "url",
    .doc = "URLs",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
    .opaque = opaque,
    .opaque_count = sizeof opaque / sizeof *opaque,
};
