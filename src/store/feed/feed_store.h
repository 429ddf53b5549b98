// The advisory feeds of this machine: a folder of shards (model/advisory/shard.h), each announced
// by a signed manifest. docs/reference/shard.md describes the folder.
//
//     NAME.manifest     statement and signature of one feed's shard: "debsecan_debian-12"
//     data/HASH.shard   named by content: a manifest is replaced in one step, and with it the shard
//     data/HASH.texts
//     own.key, own.pub  made by the first import; what is imported here is signed with it
//
// A shard is used only when its manifest is signed by a trusted key (the folder's own, those in
// /etc/gabion/feed-keys/*.pub, and those that the caller names), and its file is what the manifest
// says. What is not is listed with its problem; the rest works.
//
//     struct gb_feed_store *feeds;
//     gb_feed_store_open(&(struct gb_feed_store_options){0}, &feeds, &err)
//     const struct gb_shard *const *shards; size_t count;
//     gb_feed_store_shards(feeds, scopes, scope_count, &shards, &count, &err)
//     for each entry of gb_feed_store_entries(feeds, &n): if (entry.problem.len) say so
//
// One thread at a time; several processes may read and one may write.
#ifndef GABION_STORE_FEED_FEED_STORE_H
#define GABION_STORE_FEED_FEED_STORE_H

#include "model/advisory/shard.h"

struct gb_feed_store;

struct gb_feed_store_options {
    const char *path;         // NULL: gb_feed_store_path
    const char *const *trust; // further files of public keys (PEM, Ed25519)
    size_t trust_count;
    const char *key_folder; // instead of /etc/gabion/feed-keys; NULL
};

// Where feeds are: for root /var/lib/gabion/feeds; for others $XDG_DATA_HOME/gabion/feeds (which
// writing uses always), and where there is none, root's.
GB_MUST_USE int gb_feed_store_path(bool writing, char *into, size_t size, struct gb_error *err);

// A folder that does not exist is a store without entries. GB_E_DENIED for one that others can
// write to.
GB_MUST_USE int gb_feed_store_open(const struct gb_feed_store_options *options,
                                   struct gb_feed_store **ret, struct gb_error *err);
void gb_feed_store_close(struct gb_feed_store **store); // NULL allowed; shards end with it
const char *gb_feed_store_folder(const struct gb_feed_store *store);

struct gb_feed_file {
    struct gb_str file; // below data/; "" = none
    uint64_t bytes;
    struct gb_str sha256; // hexadecimal
};

// One shard of the store, as its manifest announces it.
struct gb_feed_entry {
    struct gb_str name; // of the manifest, without .manifest
    struct gb_str feed, scope;
    enum gb_shard_content content;
    int64_t data_at, built_at; // 0 = not known
    int64_t checked_at; // when an update last found that its source has nothing newer; 0 = never
    uint64_t rows;
    struct gb_str origin, licence;
    struct gb_feed_file shard, texts;
    struct gb_str signer;          // key id and where it is trusted from: "3f2a... (own)"
    struct gb_str problem;         // why it is not used; "" = nothing is wrong as far as looked at
    const struct gb_shard *opened; // NULL until gb_feed_store_shards
};

// By name. Valid until the store is closed or written to.
const struct gb_feed_entry *gb_feed_store_entries(const struct gb_feed_store *store, size_t *count);

// Maps the shards of advisories of the given scopes (NULL: all), and all of exploits and life
// cycles. What is damaged gets its problem and is left out. The array lives as long as the store.
GB_MUST_USE int gb_feed_store_shards(struct gb_feed_store *store, const struct gb_str *scopes,
                                     size_t scope_count, const struct gb_shard *const **ret,
                                     size_t *count, struct gb_error *err);

// Texts of an advisory of a feed and scope: empty where there are none. GB_E_SYNTAX for a damaged
// file.
GB_MUST_USE int gb_feed_store_text(struct gb_feed_store *store, struct gb_str feed,
                                   struct gb_str scope, struct gb_str advisory_id,
                                   struct gb_arena *arena, struct gb_advisory_text *ret,
                                   struct gb_error *err);

// Looks at every byte of every file; fills the problems.
GB_MUST_USE int gb_feed_store_verify(struct gb_feed_store *store, struct gb_error *err);

// --- Writing ---

// Makes the folder and the own key where there are none, and takes the lock: GB_E_CONFLICT while
// another process has it. Until then nothing can be written.
GB_MUST_USE int gb_feed_store_lock(struct gb_feed_store *store, struct gb_error *err);

// Lays out, signs and puts in place what the writer has gathered; what was there before of the same
// feed and scope is replaced, at once or (on an error) not at all.
GB_MUST_USE int gb_feed_store_put(struct gb_feed_store *store, struct gb_shard_writer *writer,
                                  const struct gb_shard_description *description,
                                  struct gb_error *err);

// What a manifest announces, wherever it was read. GB_E_DENIED when it is not signed by a trusted
// key.
GB_MUST_USE int gb_feed_store_read_manifest(const struct gb_feed_store *store,
                                            struct gb_str manifest, struct gb_arena *arena,
                                            struct gb_feed_entry *ret, struct gb_error *err);
// Takes over a manifest with its files as they are, with their signature; checked as a whole
// before. `texts` may be empty.
GB_MUST_USE int gb_feed_store_take(struct gb_feed_store *store, struct gb_str manifest,
                                   struct gb_str shard, struct gb_str texts, struct gb_error *err);
// The same of an entry of another store.
GB_MUST_USE int gb_feed_store_adopt(struct gb_feed_store *store, struct gb_feed_store *from,
                                    const struct gb_feed_entry *entry, struct gb_error *err);
// Writes the sound entries, with their signatures, and the public keys of their signers to a folder
// that another store can adopt from. Gives how many.
GB_MUST_USE int gb_feed_store_export(struct gb_feed_store *store, const char *folder, size_t *ret,
                                     struct gb_error *err);

// Removes data that no manifest names any more.
GB_MUST_USE int gb_feed_store_sweep(struct gb_feed_store *store, struct gb_error *err);

#endif
