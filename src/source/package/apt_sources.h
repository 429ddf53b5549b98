// Where apt takes packages from: /etc/apt/sources.list, sources.list.d/*.list (one line a source)
// and *.sources (deb822). One entry for each combination of type, URI and suite, as apt sees it,
// with file and line. Formats: sources.list(5).
#ifndef GABION_SOURCE_PACKAGE_APT_SOURCES_H
#define GABION_SOURCE_PACKAGE_APT_SOURCES_H

#include "source/source.h"

struct gb_apt_source {
    struct gb_str uri;   // without a password in it
    struct gb_str suite; // "bookworm-security", "./"
    struct gb_str components[32];
    size_t component_count;
    struct gb_str architectures[16]; // of its options; none = the host's
    size_t architecture_count;
    struct gb_str signed_by; // file or key ids; "" = any of the global keys
    bool is_source;          // deb-src
    bool enabled;
    int trusted;           // 1 yes, 0 no, -1 not said
    int check_valid_until; // likewise
    int allow_insecure, allow_weak;
    struct gb_str where;
    uint32_t line;
    struct gb_str list_prefix; // of its files in /var/lib/apt/lists: "host_path_dists_suite_"
};

struct gb_apt_sources {
    struct gb_arena *arena;
    struct gb_apt_source *items; // in the order read
    size_t count, capacity;
    uint32_t malformed; // lines and stanzas that could not be understood
    struct gb_str first_malformed_where;
    uint32_t first_malformed_line;
    struct gb_str problem; // "" or why a file could not be read
    size_t files;          // that were read
};

GB_MUST_USE int gb_apt_sources_load(struct gb_collector *collector,
                                    const struct gb_apt_sources **ret, struct gb_error *err);

// The two parsers.
GB_MUST_USE int gb_apt_sources_parse_list(struct gb_apt_sources *sources, struct gb_str text,
                                          struct gb_str where);
GB_MUST_USE int gb_apt_sources_parse_deb822(struct gb_apt_sources *sources, struct gb_str text,
                                            struct gb_str where);

// "https", "http", "file", "cdrom" ... of a URI.
struct gb_str gb_apt_uri_scheme(struct gb_str uri);
struct gb_str gb_apt_uri_host(struct gb_str uri); // "" where there is none

#endif
