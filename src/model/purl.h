// Package URLs (purl): pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH, read and written. They
// name packages in SBOMs and in advisories.
//
//     struct gb_purl purl;
//     if (gb_purl_parse(GB_STR("pkg:deb/debian/curl@7.88.1-10?arch=amd64"), arena, &purl, &err) ==
//     0)
//         ... purl.type "deb", purl.ns "debian", gb_purl_qualifier(&purl, "arch") "amd64"
//
// Format: github.com/package-url/purl-spec, and its list of types.
#ifndef GABION_MODEL_PURL_H
#define GABION_MODEL_PURL_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/str.h"

struct gb_purl_qualifier {
    struct gb_str key, value; // keys in lower case
};

// All parts decoded; "" where there is none.
struct gb_purl {
    struct gb_str type;    // in lower case
    struct gb_str ns;      // segments joined by '/': "github.com/prometheus", "@babel"
    struct gb_str name;    // in lower case where the type says so (deb, apk, composer, pypi)
    struct gb_str version; // as written
    struct gb_purl_qualifier *qualifiers;
    size_t qualifier_count;
    struct gb_str subpath;
};

// Strings point into the text or the arena. GB_E_SYNTAX, GB_E_LIMIT beyond 64 KiB, GB_E_MEMORY.
GB_MUST_USE int gb_purl_parse(struct gb_str text, struct gb_arena *arena, struct gb_purl *ret,
                              struct gb_error *err);
struct gb_str gb_purl_qualifier(const struct gb_purl *purl, const char *key);

// In canonical form: everything outside letters, digits and ".-_~:" percent-encoded, qualifiers by
// key, those without a value left out. Does not sort in place.
void gb_purl_write(const struct gb_purl *purl, struct gb_buffer *out);

// Packages of languages by the names of OSV: "Go", "github.com/prometheus/prometheus"; Maven's are
// group:artifact. False for types and ecosystems that are none of golang npm pypi maven gem
// composer cargo nuget.
bool gb_purl_to_package(const struct gb_purl *purl, struct gb_arena *arena, const char **ecosystem,
                        struct gb_str *name);
bool gb_purl_of_package(struct gb_str ecosystem, struct gb_str name, struct gb_str version,
                        struct gb_purl *ret);

#endif
