// URLs taken apart; see the header.
#include "expr/url.h"

#include "base/address.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The byte that "%XX" at s.at[at] stands for, or -1.
static int escaped_byte(struct gb_str s, size_t at)
{
    if (s.len - at < 3)
        return -1;
    int high = hex_digit(s.at[at + 1]), low = hex_digit(s.at[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool gb_url_decode(struct gb_str text, bool query, struct gb_arena *arena, struct gb_str *ret)
{
    *ret = text;
    if (gb_str_find_char(text, '%') < 0 && !(query && gb_str_find_char(text, '+') >= 0))
        return true;
    char *decoded = gb_alloc(arena, text.len);
    size_t len = 0;
    for (size_t at = 0; decoded && at < text.len; at++) {
        int byte = query && text.at[at] == '+' ? ' ' : (unsigned char)text.at[at];
        if (byte == '%') {
            byte = escaped_byte(text, at);
            if (byte < 0)
                return false;
            at += 2;
        }
        decoded[len++] = (char)byte;
    }
    *ret = (struct gb_str){decoded, len};
    return true;
}

static bool has_good_escapes(struct gb_str s)
{
    for (size_t at = 0; at < s.len; at++)
        if (s.at[at] == '%' && escaped_byte(s, at) < 0)
            return false;
    return true;
}

// Takes what stands behind the first `mark` off the end of *s.
static struct gb_str take_tail(struct gb_str *s, char mark)
{
    ptrdiff_t at = gb_str_find_char(*s, mark);
    if (at < 0)
        return (struct gb_str){0};
    struct gb_str tail = gb_str_from(*s, (size_t)at + 1);
    *s = gb_str_sub(*s, 0, (size_t)at);
    return tail;
}

// Takes "scheme:" off the front. False when the text begins with a colon.
static bool take_scheme(struct gb_str *s, struct gb_str *scheme)
{
    for (size_t at = 0; at < s->len; at++) {
        char c = s->at[at];
        if (c == ':' && at == 0)
            return false;
        if (c == ':') {
            *scheme = gb_str_sub(*s, 0, at);
            *s = gb_str_from(*s, at + 1);
            return true;
        }
        if (!is_letter(c) && (at == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.')))
            return true;
    }
    return true;
}

static bool is_port(struct gb_str s) // "" or ":" and digits
{
    if (s.len && s.at[0] != ':')
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (!is_digit(s.at[i]))
            return false;
    return true;
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static const char *read_brackets(struct gb_str host)
{
    ptrdiff_t close = gb_str_rfind_char(host, ']');
    if (close < 0)
        return "missing ] in the host";
    if (!is_port(gb_str_from(host, (size_t)close + 1)))
        return "the port is not a number";
    struct gb_str inner = gb_str_sub(host, 1, (size_t)close - 1);
    ptrdiff_t zone = gb_str_find(inner, GB_STR("%25"));
    struct gb_address address;
    if (zone >= 0)
        inner = gb_str_sub(inner, 0, (size_t)zone);
    if (gb_address_parse(inner, &address) < 0 || address.family != 6)
        return "no IPv6 address in the brackets";
    return NULL;
}

static const char *read_host(struct gb_str host, struct gb_arena *arena, struct gb_str *ret)
{
    const char *reason = NULL;
    bool brackets = host.len && host.at[0] == '[';
    ptrdiff_t colon = gb_str_rfind_char(host, ':');
    if (brackets)
        reason = read_brackets(host);
    else if (colon >= 0 && !is_port(gb_str_from(host, (size_t)colon)))
        reason = "the port is not a number";
    for (size_t at = 0; at < host.len && !reason; at++) {
        unsigned char c = (unsigned char)host.at[at];
        int byte = c == '%' ? escaped_byte(host, at) : 0;
        // Only what is not ASCII may be escaped, and the % before a zone.
        if (c == '%' && byte < 0x80 && !(byte == '%' && brackets))
            reason = "a wrong escape in the host";
        else if (c < 0x80 && c != '%' && !is_letter((char)c) && !is_digit((char)c) &&
                 !is_one_of((char)c, "-_.~!$&'()*+,;=:[]<>\""))
            reason = "a character in the host that may not be there";
    }
    if (!reason)
        gb_url_decode(host, false, arena, ret);
    return reason;
}

static const char *read_authority(struct gb_str authority, struct gb_arena *arena,
                                  struct gb_url *url)
{
    ptrdiff_t at = gb_str_rfind_char(authority, '@');
    if (at >= 0) {
        url->user = gb_str_sub(authority, 0, (size_t)at);
        for (size_t i = 0; i < url->user.len; i++) {
            char c = url->user.at[i];
            if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "-._:~!$&'()*+,;=%@"))
                return "a character in the user that may not be there";
        }
        if (!has_good_escapes(url->user))
            return "a wrong escape in the user";
    }
    return read_host(gb_str_from(authority, (size_t)(at + 1)), arena, &url->host);
}

const char *gb_url_parse(struct gb_str text, struct gb_arena *arena, struct gb_url *ret)
{
    struct gb_url url = {0};
    struct gb_str rest = text;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
            return "a control character";
    if (!text.len)
        return "it is empty";
    url.fragment = take_tail(&rest, '#');
    if (!take_scheme(&rest, &url.scheme))
        return "no scheme before the colon";
    url.query = take_tail(&rest, '?');
    url.scheme = gb_str_lower(arena, url.scheme);
    if (!has_good_escapes(url.fragment))
        return "a wrong escape in the fragment";
    if (!rest.len || rest.at[0] != '/') {
        if (!url.scheme.len)
            return "neither an absolute URI nor an absolute path";
        url.opaque = rest;
        *ret = url;
        return NULL;
    }
    bool empty_authority = !url.scheme.len && gb_str_starts(rest, GB_STR("///"));
    if (gb_str_starts(rest, GB_STR("//")) && !empty_authority) {
        struct gb_str authority = gb_str_from(rest, 2);
        ptrdiff_t slash = gb_str_find_char(authority, '/');
        rest = slash < 0 ? (struct gb_str){0} : gb_str_from(authority, (size_t)slash);
        if (slash >= 0)
            authority = gb_str_sub(authority, 0, (size_t)slash);
        const char *reason = read_authority(authority, arena, &url);
        if (reason)
            return reason;
    }
    if (!has_good_escapes(rest))
        return "a wrong escape in the path";
    url.path = rest;
    *ret = url;
    return NULL;
}

// Where the port's colon is in the host; its length when there is none.
static size_t port_at(struct gb_str host)
{
    ptrdiff_t colon = gb_str_rfind_char(host, ':');
    return colon >= 0 && is_port(gb_str_from(host, (size_t)colon)) ? (size_t)colon : host.len;
}

struct gb_str gb_url_host_name(const struct gb_url *url)
{
    struct gb_str name = gb_str_sub(url->host, 0, port_at(url->host));
    bool brackets = name.len >= 2 && name.at[0] == '[' && name.at[name.len - 1] == ']';
    return brackets ? gb_str_sub(name, 1, name.len - 2) : name;
}

struct gb_str gb_url_port(const struct gb_url *url)
{
    return gb_str_from(url->host, port_at(url->host) + 1);
}
