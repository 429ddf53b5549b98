// An OSV record as it is read, before it becomes an advisory. Inside source/feed: osv.c reads,
// osv_meaning.c says what it means.
#ifndef GABION_SOURCE_FEED_OSV_H
#define GABION_SOURCE_FEED_OSV_H

#include "source/feed/draft.h"

enum gb_osv_event_kind {
    GB_OSV_RANGE, // the events of another range follow
    GB_OSV_INTRODUCED,
    GB_OSV_FIXED,
    GB_OSV_LAST_AFFECTED,
};

struct gb_osv_event {
    enum gb_osv_event_kind kind;
    struct gb_str version;
};

// An entry of affected[].
struct gb_osv_affected {
    struct gb_str ecosystem, name;
    struct gb_osv_event *events;
    size_t event_count, event_capacity;
    bool semver; // a range is of type SEMVER
    struct gb_feed_strings versions;
    enum gb_advisory_severity severity;
    struct gb_str urgency;       // Debian
    struct gb_str informational; // RustSec
    struct gb_feed_strings architectures, systems, symbols;
    bool all_architectures, all_systems; // an import without goos or goarch: all of them
};

struct gb_osv_record {
    struct gb_feed_member *member;
    struct gb_feed_draft draft;
    struct gb_str modified, published, withdrawn, own_url, advisory_url, any_url;
    struct gb_feed_strings aliases, upstream, related;
    struct gb_osv_affected *affected;
    size_t affected_count, affected_capacity;
};

// What the record says, to the sink.
GB_MUST_USE int gb_osv_give(struct gb_osv_record *record, struct gb_error *err);

// Words like "nodejs:16" of a summary, as modules of rpm; the vendor's severity in front of it.
void gb_osv_modules(struct gb_str summary, struct gb_feed_strings *ret, struct gb_arena *arena);
enum gb_advisory_severity gb_osv_summary_severity(struct gb_str summary);

#endif
