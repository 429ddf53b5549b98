// Streams that undo one compression: gzip, zlib, zstd, xz. Memory of each is bounded by the window
// that is allowed; the unpacked size and its ratio to the packed one are bounded too.
#ifndef GABION_SOURCE_FEED_UNPACK_H
#define GABION_SOURCE_FEED_UNPACK_H

#include "source/feed/feed.h"

enum gb_feed_packing {
    GB_FEED_PLAIN,
    GB_FEED_GZIP,
    GB_FEED_ZLIB,
    GB_FEED_ZSTD,
    GB_FEED_XZ,
};

// By the first bytes.
enum gb_feed_packing gb_feed_packing_of(struct gb_str head);

struct gb_feed_unpacker;

// `stream` must outlive it. `window_bytes` bounds what the decoder may keep of its output: at
// least 8 MiB (1 << 23), which is what common tools use at most unless told otherwise.
GB_MUST_USE int gb_feed_unpack_open(enum gb_feed_packing packing,
                                    const struct gb_feed_stream *stream, size_t window_bytes,
                                    uint64_t ratio, struct gb_feed_unpacker **ret,
                                    struct gb_error *err);
void gb_feed_unpack_close(struct gb_feed_unpacker **unpacker); // NULL allowed; sets it to NULL
struct gb_feed_stream gb_feed_unpack_stream(struct gb_feed_unpacker *unpacker);

#endif
