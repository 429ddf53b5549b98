// What an importer of one advisory format is, and what it works with. A file of this folder that
// defines
//
//     const struct gb_feed_format gb_feed_format_kev = {
//         .name = "kev", .title = "CISA's catalogue ...", .recognise = recognise, .import =
//         import};
//
// is found by the build. An importer reads its member with gb_feed_text, gb_feed_line or
// gb_feed_pair, and gives what it finds with gb_feed_give_*. It returns an error for a member that
// cannot go on; for an entry that is wrong by itself it calls gb_feed_leave_out and goes on.
#ifndef GABION_SOURCE_FEED_FORMAT_H
#define GABION_SOURCE_FEED_FORMAT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "source/feed/feed.h"

enum { GB_FEED_HEAD_KEYS = 16, GB_FEED_HEAD_BYTES = 16 << 10 };

// What is known of a member before it is read.
struct gb_feed_head {
    struct gb_str name;  // file name without directories and without .gz, .zst, .xz
    struct gb_str bytes; // the first ones; all of them where `whole`
    bool whole;
    // Of JSON: its first character that is no space ('{', '[', 0 = not JSON), and the keys that the
    // first bytes hold of the outermost object (of a list: of its first item).
    char json;
    struct gb_str keys[GB_FEED_HEAD_KEYS];
    size_t key_count;
    struct gb_str inner; // first key of the object below the first key; "" = none
};

bool gb_feed_head_has(const struct gb_feed_head *head, const char *key);
bool gb_feed_head_starts(const struct gb_feed_head *head, const char *text);
// Ends the file's name so: ".yaml".
bool gb_feed_head_ends(const struct gb_feed_head *head, const char *suffix);

struct gb_feed_member {
    struct gb_str path; // for messages: "all.zip/almalinux8/ALSA-2024:1.json"
    const struct gb_feed_head *head;
    struct gb_str scope;    // as the caller of the import says, or ""
    struct gb_arena *arena; // for the entry at hand: importers reset it between entries
    int64_t data_at;        // what the data says how new it is; set before anything is given
    bool fixes_only;        // as the format says; a document may say it for itself, likewise
    struct gb_feed_job *job;
    const struct gb_feed_format *format;
    struct gb_feed_stream stream;
    bool ended;       // of the stream
    size_t at;        // of job->window
    uint64_t line;    // of the next byte, 1-based
    bool begun;       // the sink has been told of this document
    bool repeated;    // see gb_feed_repeated
    int sink_code;    // what the sink refused with
    uint32_t gaps;    // entries left out
    uint8_t progress; // of gb_feed_pair
};

struct gb_feed_format {
    const char *name;  // "osv"
    const char *title; // for `gabion feed`: "OSV records (JSON)"
    // Asked in order of name; the first that says yes has it.
    bool (*recognise)(const struct gb_feed_head *head);
    int (*import)(struct gb_feed_member *member, struct gb_error *err);
    bool fixes_only; // flaws without a fix are invisible in it
};

// All formats of this build, generated.
extern const struct gb_feed_format *const gb_feed_formats[];
extern const size_t gb_feed_format_count;

// The whole member (or what is left of it), at most limits.document_bytes. Valid until the end of
// the import of this member.
GB_MUST_USE int gb_feed_text(struct gb_feed_member *member, struct gb_str *ret,
                             struct gb_error *err);
// The same of a member that is written in YAML, as JSON text (base/yaml_json.h).
GB_MUST_USE int gb_feed_yaml(struct gb_feed_member *member, struct gb_str *ret,
                             struct gb_error *err);
// The next line, without its end (LF or CR LF): 1, or 0 at the end. Valid until the next call.
enum { GB_FEED_LINE_MAX = 16 << 20 };
GB_MUST_USE int gb_feed_line(struct gb_feed_member *member, struct gb_str *ret,
                             struct gb_error *err);
// The next pair of a JSON text whose outermost value is an object: 1, or 0 at the end. `key` as
// written, without quotes; `value` is JSON text, checked no further than for its end, which starts
// at *line. Valid until the next call. For objects that are too large to be held.
enum { GB_FEED_PAIR_MAX = 32 << 20 };
GB_MUST_USE int gb_feed_pair(struct gb_feed_member *member, struct gb_str *key,
                             struct gb_str *value, uint64_t *line, struct gb_error *err);

// Has an earlier member of this import held the very same text? Counts it as repeated then.
bool gb_feed_repeated(struct gb_feed_member *member, struct gb_str text);

// To the sink. What is too long to be true (names and versions beyond 1 KiB, ids beyond 256 bytes)
// is left out here. Negative codes end the import.
GB_MUST_USE int gb_feed_give_advisory(struct gb_feed_member *member,
                                      const struct gb_advisory *advisory, struct gb_error *err);
GB_MUST_USE int gb_feed_give_exploit(struct gb_feed_member *member,
                                     const struct gb_exploit_facts *facts, struct gb_error *err);
GB_MUST_USE int gb_feed_give_lifecycle(struct gb_feed_member *member,
                                       const struct gb_lifecycle *lifecycle, struct gb_error *err);

// An entry that is left out. `line` 0 = not known.
void gb_feed_leave_out(struct gb_feed_member *member, uint64_t line, const char *format, ...)
    GB_PRINTF(3, 4);
// With the place and reason of an error, whose lines count from `line`.
void gb_feed_leave_out_error(struct gb_feed_member *member, uint64_t line,
                             const struct gb_error *why);

#endif
