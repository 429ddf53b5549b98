// Advisory feeds, read as they are published: a file, a directory, or an archive of them (zip, tar,
// each plain or in gzip, zstd, xz or zlib), member by member as a stream. What a member is, its
// content tells; the importer of its format (format.h) hands what it holds to a sink. Used by
// `gabion feed import` and `update`, and by tests.
//
//     struct gb_feed_options options = {0};
//     struct gb_feed_summary summary = {0};
//     code = gb_feed_import_path(host, "/data/osv/all.zip", &options, &sink, &summary, &err);
//
// Memory is bounded whatever comes: one document at a time is held, of at most
// limits.document_bytes; windows of decompressors are bounded too.
//
// A member that cannot be understood, wholly or in part, is told to sink->left_out with its name
// and place, and the others go on. summary.incomplete says that something is missing.
#ifndef GABION_SOURCE_FEED_FEED_H
#define GABION_SOURCE_FEED_FEED_H

#include "model/advisory/advisory.h"
#include "sys/host.h"

// Zero means the default.
struct gb_feed_limits {
    uint64_t total_bytes;    // of all layers of packing, of one import: 64 GiB
    size_t document_bytes;   // of a document that is held in memory as a whole: 64 MiB
    uint64_t ratio;          // unpacked to packed, of each archive or stream beyond 64 MiB: 400
    uint64_t entries;        // of all archives and directories: 4,000,000
    uint32_t archives_depth; // archives inside archives: 3
};

struct gb_feed_options {
    struct gb_feed_limits limits;
    // Name of the format ("osv"), where the content is not to decide; "" = by content.
    struct gb_str format;
    // For data that does not say itself what it is about: the scope of a debsecan export or the
    // product of an end-of-life table, where their file is not named after it; "" = by file name.
    struct gb_str scope;
    // May be called between members; NULL = nobody listens.
    void (*progress)(void *context, struct gb_str member, uint64_t bytes);
    void *progress_context;
};

struct gb_feed_summary {
    uint64_t bytes;      // of documents, unpacked
    uint64_t members;    // files seen
    uint64_t documents;  // imported
    uint64_t repeated;   // documents that an earlier member held with the very same content
    uint64_t ignored;    // files that are no advisory data (licences, READMEs)
    uint64_t advisories; // handed to the sink
    uint64_t affected;   // packages of these
    uint64_t exploits, lifecycles;
    uint64_t left_out; // entries and members
    bool incomplete;   // left_out, or a limit, or a damaged archive
};

// Bytes in order, wherever they come from.
struct gb_feed_stream {
    void *context;
    // Fills `into` with up to `size` bytes; their number, 0 at the end, a negative code.
    int64_t (*read)(void *context, void *into, size_t size, struct gb_error *err);
};

// `path` is absolute, of the host's root. Errors: what cannot be opened (GB_E_NOT_FOUND,
// GB_E_DENIED, GB_E_IO), GB_E_UNSUPPORTED when nothing in it is a feed, GB_E_SYNTAX for a damaged
// archive, GB_E_LIMIT, and whatever the sink returns. Entries before an error were handed out.
GB_MUST_USE int gb_feed_import_path(const struct gb_host *host, const char *path,
                                    const struct gb_feed_options *options,
                                    const struct gb_advisory_sink *sink,
                                    struct gb_feed_summary *summary, struct gb_error *err);

// The same of a stream; `name` is its file's name, which some formats need (debsecan's suite).
GB_MUST_USE int gb_feed_import_stream(struct gb_str name, const struct gb_feed_stream *stream,
                                      const struct gb_feed_options *options,
                                      const struct gb_advisory_sink *sink,
                                      struct gb_feed_summary *summary, struct gb_error *err);

// The same of bytes in memory.
GB_MUST_USE int gb_feed_import_bytes(struct gb_str name, struct gb_str bytes,
                                     const struct gb_feed_options *options,
                                     const struct gb_advisory_sink *sink,
                                     struct gb_feed_summary *summary, struct gb_error *err);

#endif
