// Parses names of images in registries, and challenges of registries.
#include "source/image/registry_name.h"

#include "source/image/manifest.h"

#include <stdio.h>

enum { LONGEST_NAME = 255, LONGEST_TAG = 128 };

static bool all_in(struct gb_str text, const char *more)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || !strchr(more, c)))
            return false;
    }
    return text.len > 0;
}

static bool is_host(struct gb_str first)
{
    return gb_str_is(first, "localhost") || gb_str_find_char(first, '.') >= 0 ||
           gb_str_find_char(first, ':') >= 0;
}

static bool is_repository(struct gb_str text)
{
    struct gb_str rest = text, part;
    while (gb_str_next(&rest, '/', &part))
        if (!all_in(part, "._-") || strchr("._-", part.at[0]))
            return false;
    return text.len && text.len <= LONGEST_NAME && text.at[text.len - 1] != '/';
}

static bool is_port(struct gb_str text)
{
    if (!text.len)
        return true;
    uint64_t port;
    return text.at[0] == ':' && !gb_str_to_uint(gb_str_from(text, 1), 10, &port) && port <= 65535;
}

bool gb_registry_is_loopback(struct gb_str host)
{
    if (gb_str_starts(host, GB_STR("[::1]")))
        return is_port(gb_str_from(host, 5));
    ptrdiff_t colon = gb_str_find_char(host, ':');
    struct gb_str name = gb_str_sub(host, 0, colon >= 0 ? (size_t)colon : host.len);
    if (!is_port(gb_str_from(host, name.len)))
        return false;
    if (gb_str_is(name, "localhost"))
        return true;
    if (!gb_str_starts(name, GB_STR("127.")))
        return false;
    for (size_t i = 0; i < name.len; i++) // a name like 127.example.org is no address
        if (!memchr("0123456789.", name.at[i], 11))
            return false;
    return true;
}

static int no_name(struct gb_str text, const char *why, struct gb_error *err)
{
    return gb_error_set(err, GB_E_USAGE, "\"" GB_PRI "\" names no image: %s",
                        GB_ARG(gb_str_sub(text, 0, 150)), why);
}

int gb_registry_name_parse(struct gb_str text, struct gb_arena *arena, struct gb_registry_name *ret,
                           struct gb_error *err)
{
    struct gb_str rest = text;
    *ret = (struct gb_registry_name){0};
    ptrdiff_t at = gb_str_find_char(rest, '@');
    if (at >= 0) {
        ret->digest = gb_str_from(rest, (size_t)at + 1);
        rest = gb_str_sub(rest, 0, (size_t)at);
        if (!gb_is_digest(ret->digest))
            return no_name(text, "what stands behind @ is no digest", err);
    }
    ptrdiff_t slash = gb_str_find_char(rest, '/');
    struct gb_str first = gb_str_sub(rest, 0, slash > 0 ? (size_t)slash : 0);
    if (slash > 0 && is_host(first)) {
        ret->registry = first;
        rest = gb_str_from(rest, (size_t)slash + 1);
        char lower[LONGEST_NAME + 1];
        size_t len = first.len < LONGEST_NAME ? first.len : LONGEST_NAME;
        for (size_t i = 0; i < len; i++)
            lower[i] =
                (char)(first.at[i] >= 'A' && first.at[i] <= 'Z' ? first.at[i] + 32 : first.at[i]);
        if (first.len > LONGEST_NAME || !all_in((struct gb_str){lower, len}, ".-:[]") ||
            strchr(".-:]", first.at[0]))
            return no_name(text, "its registry is no host", err);
    } else {
        ret->registry = GB_STR("docker.io");
    }
    slash = gb_str_rfind_char(rest, '/');
    ptrdiff_t colon = gb_str_rfind_char(rest, ':');
    if (colon > slash) {
        ret->tag = gb_str_from(rest, (size_t)colon + 1);
        rest = gb_str_sub(rest, 0, (size_t)colon);
        struct gb_str lower = gb_str_lower(arena, ret->tag);
        if (ret->tag.len > LONGEST_TAG || !all_in(lower, "._-") || strchr(".-", ret->tag.at[0]))
            return no_name(text, "its tag is malformed", err);
    }
    if (!is_repository(rest))
        return no_name(text, "small letters, digits and ._- between slashes are allowed", err);
    bool hub = gb_str_is(ret->registry, "docker.io") || gb_str_is(ret->registry, "index.docker.io");
    ret->repository = hub && gb_str_find_char(rest, '/') < 0
                          ? gb_str_format(arena, "library/" GB_PRI, GB_ARG(rest))
                          : rest;
    ret->registry = hub ? GB_STR("docker.io") : ret->registry;
    ret->host = hub ? GB_STR("registry-1.docker.io") : ret->registry;
    if (ret->digest.len)
        ret->tag = GB_STR("");
    else if (!ret->tag.len)
        ret->tag = GB_STR("latest");
    ret->loopback = gb_registry_is_loopback(ret->host);
    return GB_OK;
}

// Takes `name=value` or `name="value"` off the front. False where there is none.
static bool next_parameter(struct gb_str *rest, struct gb_arena *arena, struct gb_str *name,
                           struct gb_str *value)
{
    while (rest->len && memchr(" \t,", rest->at[0], 3))
        *rest = gb_str_from(*rest, 1);
    ptrdiff_t equals = gb_str_find_char(*rest, '=');
    if (equals <= 0)
        return false;
    *name = gb_str_sub(*rest, 0, (size_t)equals);
    if (gb_str_find_char(*name, ' ') >= 0 || gb_str_find_char(*name, ',') >= 0)
        return false; // the next challenge begins
    *rest = gb_str_from(*rest, (size_t)equals + 1);
    size_t len = 0;
    if (!rest->len || rest->at[0] != '"') {
        while (len < rest->len && !memchr(" \t,", rest->at[len], 3))
            len++;
        *value = gb_str_sub(*rest, 0, len);
        *rest = gb_str_from(*rest, len);
        return true;
    }
    char *text = gb_alloc(arena, rest->len);
    size_t written = 0;
    for (len = 1; text && len < rest->len && rest->at[len] != '"'; len++) {
        if (rest->at[len] == '\\' && len + 1 < rest->len)
            len++;
        text[written++] = rest->at[len];
    }
    *value = (struct gb_str){text, text ? written : 0};
    *rest = gb_str_from(*rest, len + 1);
    return true;
}

void gb_challenge_parse(struct gb_str header, struct gb_arena *arena, struct gb_challenge *ret)
{
    *ret = (struct gb_challenge){0};
    while (header.len) {
        struct gb_str scheme, name, value;
        header = gb_str_trim(header);
        if (!gb_str_next(&header, ' ', &scheme))
            return;
        struct gb_challenge found = {
            .bearer = gb_str_eq_nocase(scheme, GB_STR("Bearer")),
            .basic = gb_str_eq_nocase(scheme, GB_STR("Basic")),
        };
        while (next_parameter(&header, arena, &name, &value)) {
            if (gb_str_eq_nocase(name, GB_STR("realm")))
                found.realm = value;
            else if (gb_str_eq_nocase(name, GB_STR("service")))
                found.service = value;
            else if (gb_str_eq_nocase(name, GB_STR("scope")))
                found.scope = value;
        }
        if (found.bearer || found.basic) {
            *ret = found;
            return;
        }
    }
}

struct gb_str gb_query_escape(struct gb_arena *arena, struct gb_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *escaped = gb_alloc_array(arena, text.len + 1, 3);
    size_t len = 0;
    for (size_t i = 0; escaped && i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     memchr("-._~:/", c, 6);
        if (plain) {
            escaped[len++] = (char)c;
            continue;
        }
        escaped[len++] = '%';
        escaped[len++] = digits[c >> 4];
        escaped[len++] = digits[c & 15];
    }
    return (struct gb_str){escaped, len};
}
