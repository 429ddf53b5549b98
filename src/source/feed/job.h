// One import: what its members share. Inside source/feed only.
#ifndef GABION_SOURCE_FEED_JOB_H
#define GABION_SOURCE_FEED_JOB_H

#include "source/feed/format.h"

enum { GB_FEED_ARENA_BYTES = 128 << 20 };

// Documents seen, by hash: feeds repeat some of them in several folders.
struct gb_feed_seen {
    uint64_t *slots; // malloc
    size_t count, capacity;
};

struct gb_feed_job {
    struct gb_feed_limits limits; // all set
    const struct gb_feed_options *options;
    const struct gb_advisory_sink *sink;
    struct gb_feed_summary *summary;
    struct gb_arena *arena;     // of the entry at hand
    struct gb_buffer window;    // text of the member at hand
    struct gb_buffer converted; // the same, from YAML to JSON
    struct gb_feed_seen seen;
    const struct gb_feed_format *wanted; // options->format; NULL = by content
    const struct gb_feed_format *last;   // that recognised something
    int64_t entry_at; // when the entry of the archive at hand was written; 0 = not known
    uint64_t worked;  // bytes that came out of any layer
    int fatal;        // the sink refused, or a limit of the whole import: nothing goes on
};

GB_MUST_USE int gb_feed_job_open(struct gb_feed_job *job, const struct gb_feed_options *options,
                                 const struct gb_advisory_sink *sink,
                                 struct gb_feed_summary *summary, struct gb_error *err);
void gb_feed_job_close(struct gb_feed_job *job);

// Recognises and imports what the stream holds, archives included. `depth` counts the archives
// around it. An error concerns this stream, unless job->fatal.
GB_MUST_USE int gb_feed_job_stream(struct gb_feed_job *job, struct gb_str path,
                                   const struct gb_feed_stream *stream, uint32_t depth,
                                   struct gb_error *err);
// One member that is no archive.
GB_MUST_USE int gb_feed_job_member(struct gb_feed_job *job, struct gb_str path,
                                   const struct gb_feed_stream *stream, struct gb_str head,
                                   bool whole, struct gb_error *err);
// Each entry of an archive through gb_feed_job_stream.
GB_MUST_USE int gb_feed_job_archive(struct gb_feed_job *job, struct gb_str path,
                                    const struct gb_feed_stream *stream, uint32_t depth,
                                    struct gb_error *err);
// Tells the sink of a whole member that is left out.
void gb_feed_job_leave_out(struct gb_feed_job *job, struct gb_str path, const struct gb_error *why);
// Counts bytes that came out of a file, an unpacker or an archive; GB_E_LIMIT (and fatal) beyond
// limits.total_bytes.
GB_MUST_USE int gb_feed_job_count(struct gb_feed_job *job, uint64_t bytes, struct gb_error *err);

#endif
