// Names of images in registries, and what a registry asks for before it answers.
#ifndef GABION_SOURCE_IMAGE_REGISTRY_NAME_H
#define GABION_SOURCE_IMAGE_REGISTRY_NAME_H

#include "base/arena.h"
#include "base/str.h"

struct gb_registry_name {
    struct gb_str registry;   // as it is written: "docker.io", "localhost:5000"
    struct gb_str host;       // to be asked: "registry-1.docker.io"
    struct gb_str repository; // "library/debian"
    struct gb_str tag;        // "latest" where neither tag nor digest is given; "" with a digest
    struct gb_str digest;     // "" = none
    bool loopback;            // the host is this machine
};

// "debian", "team/app:1", "localhost:5000/app@sha256:...". GB_E_USAGE for what is no name (the
// grammar of the OCI distribution specification).
GB_MUST_USE int gb_registry_name_parse(struct gb_str text, struct gb_arena *arena,
                                       struct gb_registry_name *ret, struct gb_error *err);

// Is the host (with or without a port) this machine by its name or number alone? A host with
// anything else in it, like a user in front of '@', is not.
bool gb_registry_is_loopback(struct gb_str host);

// A WWW-Authenticate header: `Bearer realm="https://...",service="...",scope="..."` or
// `Basic realm="..."`.
struct gb_challenge {
    bool bearer, basic;
    struct gb_str realm, service, scope; // without quotes
};

// Of several challenges in one header the first that is understood. Neither bearer nor basic when
// none is.
void gb_challenge_parse(struct gb_str header, struct gb_arena *arena, struct gb_challenge *ret);

// Percent-encodes what may not stand in the value of a query.
struct gb_str gb_query_escape(struct gb_arena *arena, struct gb_str text);

#endif
