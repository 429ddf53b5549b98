// LZ4 frames, decompressed block by block: apt keeps its lists so where Acquire::GzipIndexes is set
// (container images). Format: LZ4 Frame Format 1.6.x and LZ4 Block Format, by Yann Collet.
// Checksums are stepped over, not verified: the file is apt's own, and nothing here trusts its
// content.
//
//     struct gb_lz4 frame;
//     gb_lz4_open(&frame, text, &used)                  header
//     gb_lz4_block(&frame, input, &used, out, ...)      until it gives GB_LZ4_END
#ifndef GABION_SOURCE_PACKAGE_LZ4_H
#define GABION_SOURCE_PACKAGE_LZ4_H

#include "base/str.h"

enum {
    GB_LZ4_HISTORY = 64 << 10,  // bytes before `out` that a block may refer to
    GB_LZ4_HEADER_MAX = 19,     // of a frame
    GB_LZ4_BLOCK_MAX = 4 << 20, // of decompressed bytes in a block
};

struct gb_lz4 {
    size_t block_max; // decompressed; 64 KiB to 4 MiB
    bool linked;      // blocks refer to the ones before
    bool block_checksum, content_checksum;
};

// Reads a frame header from the front of `input` and says how many bytes it took. GB_E_SYNTAX when
// it is none, GB_E_UNSUPPORTED when it needs a dictionary or is of another version.
GB_MUST_USE int gb_lz4_open(struct gb_lz4 *frame, struct gb_str input, size_t *used,
                            struct gb_error *err);

enum gb_lz4_result { GB_LZ4_DATA, GB_LZ4_END, GB_LZ4_MORE };

// One block from the front of `input`. GB_LZ4_DATA: *used bytes of input became *made bytes at
// `out`; GB_LZ4_END: the frame's end mark; GB_LZ4_MORE: input ends inside the block (the largest
// one takes block_max + 8 bytes). `out` has room for block_max bytes; the `history` bytes before it
// are what was decompressed before (the last GB_LZ4_HISTORY suffice). Negative: GB_E_SYNTAX.
GB_MUST_USE int gb_lz4_block(const struct gb_lz4 *frame, struct gb_str input, size_t *used,
                             unsigned char *out, size_t history, size_t *made,
                             struct gb_error *err);

#endif
