// Where advisory data is published: which source speaks of a scope, and its URLs.
#ifndef GABION_CLI_FEED_SOURCE_H
#define GABION_CLI_FEED_SOURCE_H

#include "base/str.h"

enum { GB_FEED_MOST_URLS = 4 };

// One thing to fetch: the files of one source for one scope.
struct gb_feed_job {
    const char *source;  // for --source: "debian-tracker", "osv", "alpine", "kev", "epss"
    struct gb_str scope; // "" for exploits
    struct gb_str base;  // the source's, or the mirror's
    struct gb_str urls[GB_FEED_MOST_URLS];
    size_t url_count;
    struct gb_str ecosystem; // of OSV, as in URLs: has modified_id.csv; else ""
    const char *feed;        // name of the feed that it becomes
    const char *licence;
    bool compressed; // the server compresses on request
};

// A row of `gabion feed update --list`.
struct gb_feed_source {
    const char *name, *base, *covers, *licence;
};
extern const struct gb_feed_source gb_feed_sources[]; // .name NULL ends it

// The job of a scope ("debian-12", "go"; "kev", "epss" for exploits). `mirrors`: "NAME=URL" each.
// GB_E_NOT_FOUND when no source is known for it.
GB_MUST_USE int gb_feed_job_of(struct gb_str scope, const struct gb_str *mirrors, size_t count,
                               struct gb_arena *arena, struct gb_feed_job *ret,
                               struct gb_error *err);
// Every mirror must be NAME=URL with a known name. GB_E_USAGE.
GB_MUST_USE int gb_feed_check_mirrors(const struct gb_str *mirrors, size_t count,
                                      struct gb_error *err);

#endif
