// What updates remember between runs, in update.json of the feed folder: what each URL answered
// last (for conditional requests), and when a source was last found to be up to date. Not signed:
// it decides only what is fetched again.
#ifndef GABION_STORE_FEED_STATE_H
#define GABION_STORE_FEED_STATE_H

#include "store/feed/feed_store.h"

struct gb_feed_url {
    struct gb_str url;
    struct gb_str etag, last_modified; // as the server said; "" = nothing
    struct gb_str newest;              // of an incremental source: the newest entry that is here
    int64_t checked_at;                // when what is here was last known to be what is there
};

struct gb_feed_state {
    struct gb_arena *arena;
    struct gb_feed_url *urls; // and of shards, as "shard:NAME"
    size_t count, capacity;
};

// Of the store's folder. What cannot be read is as good as empty: everything is fetched again.
struct gb_feed_state gb_feed_state_load(const struct gb_feed_store *store, struct gb_arena *arena);
// The entry of a URL, made when there is none; NULL when memory is out.
struct gb_feed_url *gb_feed_state_url(struct gb_feed_state *state, struct gb_str url);
// When what is here of a shard was last found to be what its source has; 0 = never.
int64_t gb_feed_state_checked(const struct gb_feed_state *state, struct gb_str name);
void gb_feed_state_set_checked(struct gb_feed_state *state, struct gb_str name, int64_t at);
GB_MUST_USE int gb_feed_state_save(const struct gb_feed_state *state,
                                   const struct gb_feed_store *store, struct gb_error *err);

#endif
