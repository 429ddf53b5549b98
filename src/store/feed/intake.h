// What importers give becomes shards: routes each advisory to the shard of its feed and scope, and
// puts them in place at the end. Used by `gabion feed import` and `update`.
//
//     gb_feed_intake_new(store, &options, &intake, &err)       // the store is locked
//     struct gb_advisory_sink sink = gb_feed_intake_sink(intake);
//     ... gb_feed_import_path(..., &sink, ...) ...             // source/feed/feed.h
//     gb_feed_intake_finish(intake, &err)                      // signs and replaces
//     results = gb_feed_intake_results(intake, &count)
#ifndef GABION_STORE_FEED_INTAKE_H
#define GABION_STORE_FEED_INTAKE_H

#include "store/feed/feed_store.h"

struct gb_feed_intake;

struct gb_feed_intake_options {
    struct gb_str feed;    // name instead of the format's; "" = the format's
    struct gb_str origin;  // where the data came from: file or URL
    struct gb_str licence; // of the data; "" = not known
    int64_t now;
    int64_t data_at; // how new the data is where it does not say so itself; 0 = not known
    // Only advisories of these scopes are kept; NULL: all.
    const struct gb_str *scopes;
    size_t scope_count;
    // What is given changes the shard that is there, instead of replacing it: advisories that are
    // not given stay. (Incremental updates.)
    bool merge;
    size_t max_bytes; // of memory for one shard; 0: 1 GiB
    // An entry that was left out. May be NULL.
    void (*left_out)(void *context, struct gb_str why);
    void *context;
};

struct gb_feed_result {
    struct gb_str feed, scope;
    enum gb_shard_content content;
    uint64_t rows, rows_before;
    int64_t data_at, data_at_before; // 0 = not known
    bool is_new;
};

GB_MUST_USE int gb_feed_intake_new(struct gb_feed_store *store,
                                   const struct gb_feed_intake_options *options,
                                   struct gb_feed_intake **ret, struct gb_error *err);
void gb_feed_intake_free(struct gb_feed_intake **intake);
struct gb_advisory_sink gb_feed_intake_sink(struct gb_feed_intake *intake);
// From now on a shard that has less than so many per cent of the rows that were there before is
// not put (GB_E_SYNTAX): for data that may be torn. 0 = whatever it has.
void gb_feed_intake_expect(struct gb_feed_intake *intake, unsigned per_cent);
// Puts all shards, one after the other; stops at the first that fails: those before it are in
// place, what was there of the others stays.
GB_MUST_USE int gb_feed_intake_finish(struct gb_feed_intake *intake, struct gb_error *err);
// What was put, in order of first mention.
const struct gb_feed_result *gb_feed_intake_results(const struct gb_feed_intake *intake,
                                                    size_t *count);

#endif
