// A shard: the advisories of one feed for one scope in one read-only, memory-mapped file, so that
// nothing is parsed when a scan matches. Written by `gabion feed`, read by the vulnerability area.
// The layout is described in docs/reference/shard.md; every offset and length is checked when a
// shard is opened, so that later reads need no checks and a hostile file cannot lead outside it.
//
//     struct gb_shard *shard;                            // `bytes` stays mapped as long
//     gb_shard_open(bytes, arena, &shard, &err)
//     struct gb_shard_rows rows = gb_shard_find(shard, GB_STR("openssl"));
//     struct gb_shard_row row;
//     while (gb_shard_next(&rows, scratch, &row)) ... row.affected, row.advisory ...
#ifndef GABION_MODEL_ADVISORY_SHARD_H
#define GABION_MODEL_ADVISORY_SHARD_H

#include "base/arena.h"
#include "base/buffer.h"
#include "model/advisory/advisory.h"

enum gb_shard_content { GB_SHARD_ADVISORIES, GB_SHARD_EXPLOITS, GB_SHARD_LIFECYCLES };

struct gb_shard_description {
    enum gb_shard_content content;
    struct gb_str feed;  // "debian-tracker", "debsecan", "osv", "secdb", "kev", "epss", ...
    struct gb_str scope; // "debian-12"; "" for exploits and lifecycles
    enum gb_version_scheme scheme;
    int64_t data_at;  // what the feed itself says how new it is, else the newest entry; 0 = unknown
    int64_t built_at; // when the shard was made
    struct gb_str origin;  // URL or name of the imported file
    struct gb_str licence; // of the data, as far as known
    bool complete_fixes;   // false: fixed flaws only (errata, secdb): unfixed ones are invisible
};

struct gb_shard;
struct gb_shard_writer;

// Writing. The writer copies what it is given. `max_bytes` bounds its memory (GB_E_LIMIT beyond).
// An introduced version of "0" is kept as "". Texts are cut at GB_SHARD_TEXT_MAX bytes. Of several
// texts of one id the longest stays; of several facts of one CVE or cycle, all that they say, and
// where they differ the worse.
enum { GB_SHARD_TEXT_MAX = 1 << 20 };
GB_MUST_USE int gb_shard_writer_new(const struct gb_shard_description *description,
                                    size_t max_bytes, struct gb_shard_writer **ret,
                                    struct gb_error *err);
void gb_shard_writer_free(struct gb_shard_writer **writer);
// How new the data is, where that is known only after it was read.
void gb_shard_writer_set_data_at(struct gb_shard_writer *writer, int64_t data_at);
// As many rows (exploits, life cycles) as it has now; facts of one CVE may count twice.
size_t gb_shard_writer_row_count(const struct gb_shard_writer *writer);
// Only the entries of advisory->affected that are of the shard's scope are kept.
GB_MUST_USE int gb_shard_writer_advisory(struct gb_shard_writer *writer,
                                         const struct gb_advisory *advisory, struct gb_error *err);
// GB_E_TYPE for what is no CVE id.
GB_MUST_USE int gb_shard_writer_exploit(struct gb_shard_writer *writer,
                                        const struct gb_exploit_facts *facts, struct gb_error *err);
GB_MUST_USE int gb_shard_writer_lifecycle(struct gb_shard_writer *writer,
                                          const struct gb_lifecycle *lifecycle,
                                          struct gb_error *err);
// The matching data, and the texts as a second file (either may be written alone). Same input in
// any order, same bytes.
GB_MUST_USE int gb_shard_writer_finish(struct gb_shard_writer *writer, struct gb_buffer *shard,
                                       struct gb_buffer *texts, struct gb_error *err);

// Reading. `bytes` must stay as it is for as long as the shard. GB_E_SYNTAX for a shard that is
// damaged (checksum, lengths, offsets), GB_E_UNSUPPORTED for a newer layout.
GB_MUST_USE int gb_shard_open(struct gb_str bytes, struct gb_arena *arena, struct gb_shard **ret,
                              struct gb_error *err);
const struct gb_shard_description *gb_shard_describe(const struct gb_shard *shard);
size_t gb_shard_row_count(const struct gb_shard *shard);

// The rows of one package (or of all).
struct gb_shard_rows {
    const struct gb_shard *shard;
    uint32_t at, end;
    uint32_t package;
};
struct gb_shard_rows gb_shard_find(const struct gb_shard *shard, struct gb_str package);
// All rows, in order of the package's name.
struct gb_shard_rows gb_shard_all(const struct gb_shard *shard);

struct gb_shard_row {
    uint32_t advisory;           // for gb_shard_advisory
    struct gb_affected affected; // strings point into the shard, arrays of them into `scratch`
};
// False at the end, or when `scratch` is full (gb_arena_failed tells).
bool gb_shard_next(struct gb_shard_rows *rows, struct gb_arena *scratch, struct gb_shard_row *ret);
// The head of an advisory: id, cves, aliases, severity, cvss, times; texts are empty.
GB_MUST_USE int gb_shard_advisory(const struct gb_shard *shard, uint32_t advisory,
                                  struct gb_arena *arena, struct gb_advisory *ret,
                                  struct gb_error *err);

// GB_E_NOT_FOUND when there is nothing about it.
GB_MUST_USE int gb_shard_exploit(const struct gb_shard *shard, struct gb_str cve,
                                 struct gb_exploit_facts *ret);
GB_MUST_USE int gb_shard_lifecycle(const struct gb_shard *shard, struct gb_str product,
                                   struct gb_str cycle, struct gb_lifecycle *ret);

// Texts of one advisory from the texts file; empty strings where there are none.
struct gb_advisory_text {
    struct gb_str title, details, url;
};
GB_MUST_USE int gb_shard_text(struct gb_str texts, struct gb_str advisory_id,
                              struct gb_arena *arena, struct gb_advisory_text *ret,
                              struct gb_error *err);

#endif
