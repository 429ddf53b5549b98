// What the commands of `gabion feed` share: the folder, ages, results.
#ifndef GABION_CLI_FEED_H
#define GABION_CLI_FEED_H

#include "cli/output.h"
#include "store/feed/intake.h"

// clang-format off
#define GB_OPTIONS_FEED_FOLDER                                                                     \
    {.name = "feeds", .argument = "DIR", .help = "the folder of advisory data"},                   \
    {.name = "trust", .argument = "FILE", .repeatable = true,                                      \
     .help = "a public key whose signatures are accepted too"}
// clang-format on

// The store of --feeds, with the keys of --trust. `path`: another folder instead; NULL.
GB_MUST_USE int gb_feed_cli_open(const struct gb_invocation *invocation, const char *path,
                                 bool writing, struct gb_feed_store **ret, struct gb_error *err);
int64_t gb_feed_cli_now(void);
// "3 days old", "2 h old", "of unknown age".
struct gb_str gb_feed_age(struct gb_arena *arena, int64_t data_at, int64_t now);
// "3 days ago".
struct gb_str gb_feed_passed(struct gb_arena *arena, int64_t at, int64_t now);
// "debsecan debian-12".
struct gb_str gb_feed_title(struct gb_arena *arena, struct gb_str feed, struct gb_str scope);

// Counts what was left out and says the first of it.
struct gb_feed_complaints {
    struct gb_arena *arena;
    size_t count;
};
void gb_feed_complain(void *context, struct gb_str why);
void gb_feed_complaints_end(const struct gb_feed_complaints *complaints);

// A line to standard output for each shard that was put.
void gb_feed_show_results(const struct gb_feed_intake *intake, int64_t now, struct gb_arena *arena,
                          struct gb_buffer *out);

// Takes over the signed shards of an exported folder. Gives how many were taken, kept (already
// there, or newer here) and refused, each of which was said.
struct gb_feed_taken {
    size_t taken, kept, refused;
};
GB_MUST_USE int gb_feed_adopt_folder(const struct gb_invocation *invocation,
                                     struct gb_feed_store *store, const char *folder,
                                     struct gb_buffer *out, struct gb_feed_taken *ret,
                                     struct gb_error *err);
// Is that which is here as new as what is offered?
bool gb_feed_have(const struct gb_feed_store *store, const struct gb_feed_entry *offered,
                  bool *newer);

#endif
