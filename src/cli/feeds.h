// Advisory data for a run: the shards of the feeds folder that speak of the target, mapped for as
// long as the run. What is damaged is named and left out; the rest works.
#ifndef GABION_CLI_FEEDS_H
#define GABION_CLI_FEEDS_H

#include "base/arena.h"
#include "cli/arguments.h"
#include "model/advisory/shard.h"

struct gb_feeds {
    struct gb_str folder;
    const struct gb_shard **shards;
    size_t count, capacity;
    struct gb_str *texts; // beside each shard; "" = none
    struct gb_str *problems;
    size_t problem_count, problem_capacity;
    struct gb_arena *arena;
};

// --feeds, else /var/lib/gabion/feeds for root, $XDG_STATE_HOME/gabion/feeds or
// ~/.local/state/gabion/feeds for others. .at NULL: there is no such place.
struct gb_str gb_feeds_folder(const struct gb_invocation *invocation);

// A folder that is not there gives no shards and no error.
GB_MUST_USE int gb_feeds_open(struct gb_str folder, struct gb_arena *arena, struct gb_feeds *ret,
                              struct gb_error *err);
void gb_feeds_close(struct gb_feeds *feeds);

#endif
