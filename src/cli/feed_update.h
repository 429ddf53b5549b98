// One run of `gabion feed update`, shared by its files: the command (feed_update.c), sources
// (feed_update_source.c), other machines' exports (feed_update_from.c).
#ifndef GABION_CLI_FEED_UPDATE_H
#define GABION_CLI_FEED_UPDATE_H

#include "cli/feed.h"
#include "cli/feed_fetch.h"
#include "cli/feed_source.h"
#include "sys/host.h"

enum { GB_FEED_DOWNLOAD_MAX = 2047 << 20 };

struct gb_feed_update {
    const struct gb_invocation *invocation;
    struct gb_arena *arena; // of the run
    struct gb_host *host;
    struct gb_feed_store *store;
    struct gb_feed_state state;
    struct gb_feed_fetch fetch;
    struct gb_feed_complaints complaints;
    struct gb_buffer out;
    struct gb_progress progress;
    int64_t now;
    bool full; // as if nothing were here
    size_t updated, unchanged, failed;
};

// A job for several scopes of one source's files.
struct gb_feed_group {
    struct gb_feed_job job;
    struct gb_str *scopes;
    size_t scope_count;
};

// Brings what the group is about up to date. An error concerns this group: what was here stays.
GB_MUST_USE int gb_feed_update_group(struct gb_feed_update *update,
                                     const struct gb_feed_group *group, struct gb_error *err);
// Takes over what another machine exported to a folder, which `from` is the path or the URL of.
GB_MUST_USE int gb_feed_update_from(struct gb_feed_update *update, struct gb_str from,
                                    struct gb_error *err);
// Remembers that what is here of a feed and scope is what its source has now.
void gb_feed_update_checked(struct gb_feed_update *update, struct gb_str feed, struct gb_str scope);

#endif
