// Where certificates and private keys of services are: well-known directories, and what the
// configuration of servers names. Used by the certificate probe.
#ifndef GABION_SOURCE_HOST_CERTIFICATE_PLACES_H
#define GABION_SOURCE_HOST_CERTIFICATE_PLACES_H

#include "base/map.h"
#include "sys/host.h"

// A configuration line that names a file.
struct gb_certificate_use {
    struct gb_str program; // "nginx"
    struct gb_str file;
    uint32_t line;
    struct gb_certificate_use *next; // of the same certificate or key file
};

struct gb_certificate_place {
    struct gb_str path;
    bool trust_anchor;
    struct gb_certificate_use *uses;
};

struct gb_certificate_places {
    struct gb_arena *arena;
    const struct gb_host *host;
    struct gb_map by_path;  // -> struct gb_certificate_place, in order of discovery
    struct gb_str unlisted; // a directory that could not be listed; "" = all could
    int unlisted_code;
};

// GB_E_MEMORY is the only error. At most 2,000 places.
GB_MUST_USE int gb_certificate_places_find(const struct gb_host *host, struct gb_arena *arena,
                                           struct gb_certificate_places *ret);

// Adds the files that one configuration text names: for tests.
GB_MUST_USE int gb_certificate_places_scan(struct gb_certificate_places *places,
                                           const char *program, struct gb_str file,
                                           struct gb_str text);

#endif
