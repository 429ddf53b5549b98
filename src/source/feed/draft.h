// An advisory that is being put together, with lists that grow in an arena. Inside source/feed.
//
//     struct gb_feed_draft d = {.arena = member->arena};
//     d.advisory.id = id;
//     gb_feed_draft_id(&d, GB_STR("CVE-2024-1"));      // into cves or aliases
//     gb_feed_affect(&d, &affected);                    // copies the struct
//     code = gb_feed_draft_give(&d, member, err);
//
// Appending never fails by itself: a failure is sticky in the arena and found by _give.
#ifndef GABION_SOURCE_FEED_DRAFT_H
#define GABION_SOURCE_FEED_DRAFT_H

#include "base/json.h"
#include "source/feed/format.h"

struct gb_feed_strings {
    struct gb_str *at;
    size_t count, capacity;
};
void gb_feed_strings_add(struct gb_feed_strings *list, struct gb_str s, struct gb_arena *arena);
// Only where it is not there yet.
void gb_feed_strings_add_new(struct gb_feed_strings *list, struct gb_str s, struct gb_arena *arena);
// A JSON list of strings, the empty ones left out, into a struct gb_feed_strings: for the tables of
// base/json_fields.h.
GB_MUST_USE int gb_feed_read_strings(struct gb_json_reader *r, int event, void *into,
                                     struct gb_error *err);

struct gb_feed_ranges {
    struct gb_affected_range *at;
    size_t count, capacity;
};
void gb_feed_ranges_add(struct gb_feed_ranges *list, struct gb_affected_range range,
                        struct gb_arena *arena);

struct gb_feed_draft {
    struct gb_arena *arena;
    struct gb_advisory advisory; // its lists are set by _give
    struct gb_feed_strings cves, aliases;
    struct gb_affected *affected;
    size_t affected_count, affected_capacity;
};

// "CVE-" and two numbers.
bool gb_feed_is_cve(struct gb_str id);
// An id of the same flaw: among the cves or the aliases. The advisory's own id is no alias.
void gb_feed_draft_id(struct gb_feed_draft *draft, struct gb_str id);
void gb_feed_affect(struct gb_feed_draft *draft, const struct gb_affected *affected);
// Takes a CVSS vector where it is of a newer version than what is there.
void gb_feed_draft_cvss(struct gb_feed_draft *draft, struct gb_str vector);
GB_MUST_USE int gb_feed_draft_give(struct gb_feed_draft *draft, struct gb_feed_member *member,
                                   struct gb_error *err);

// Severity in the words of vendors ("Important", "moderate", "unimportant"); UNRATED for others.
enum gb_advisory_severity gb_feed_severity(struct gb_str word);
// RFC 3339 or a date; 0 for what is neither, and for the year 1.
int64_t gb_feed_time(struct gb_str text);

#endif
