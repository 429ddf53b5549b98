// URLs (RFC 3986) taken apart, for the url and format libraries of expressions. Read as Kubernetes
// reads them: an absolute URI, or a path that begins with a slash.
#ifndef GABION_EXPR_URL_H
#define GABION_EXPR_URL_H

#include "base/arena.h"
#include "base/str.h"

struct gb_url {
    struct gb_str scheme;   // lower case; empty for a path
    struct gb_str user;     // what stands before the @
    struct gb_str host;     // with the port, escapes decoded
    struct gb_str path;     // as it is written; empty for "mailto:..."
    struct gb_str opaque;   // what follows the scheme where no slash does
    struct gb_str query;    // as it is written, without the ?
    struct gb_str fragment; // as it is written, without the #
};

// NULL and *ret, or why the text is none: a clause. Slices point into the text and the arena.
const char *gb_url_parse(struct gb_str text, struct gb_arena *arena, struct gb_url *ret);

// The host without port and brackets, and the port; each may be empty.
struct gb_str gb_url_host_name(const struct gb_url *url);
struct gb_str gb_url_port(const struct gb_url *url);

// With %XX decoded, and in a query + as a space. False where a % is not followed by two digits;
// memory failures are sticky in the arena.
bool gb_url_decode(struct gb_str text, bool query, struct gb_arena *arena, struct gb_str *ret);

#endif
