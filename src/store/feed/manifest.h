// Manifests: what a feed's shard is, in two lines of JSON. The first is the statement, the second
// the signature of the first line's bytes:
//
//     {"gabion_feed":1,"name":"debsecan_debian-12","feed":"debsecan",...,"shard":{"file":...}}
//     {"key":"3f2a...","signature":"BASE64"}
#ifndef GABION_STORE_FEED_MANIFEST_H
#define GABION_STORE_FEED_MANIFEST_H

#include "store/feed/feed_store.h"
#include "store/feed/keys.h"

enum { GB_MANIFEST_MAX_BYTES = 64 << 10 };

// "debsecan_debian-12": of what the manifest's file is named; other characters than letters,
// digits, '.', '-' become '-'.
struct gb_str gb_manifest_name(struct gb_arena *arena, struct gb_str feed, struct gb_str scope);

GB_MUST_USE int gb_manifest_write(const struct gb_feed_entry *entry, const struct gb_feed_key *key,
                                  struct gb_buffer *out, struct gb_error *err);
// Fills all of `ret` but `opened`. GB_E_DENIED when it is not signed by one of `keys`: then
// everything but the signer is as the manifest claims. GB_E_SYNTAX, GB_E_UNSUPPORTED.
GB_MUST_USE int gb_manifest_read(struct gb_str text, const struct gb_feed_keys *keys,
                                 struct gb_arena *arena, struct gb_feed_entry *ret,
                                 struct gb_error *err);

#endif
