// Bytes of a file at any place, wherever they are: an open descriptor, a part of an archive,
// memory. What reads programs and archives (base/elf.h, base/zip.h) reads through it, piece by
// piece, so that nothing has to be in memory as a whole.
//
//     struct gb_memory_content memory;
//     struct gb_content_reader content = gb_content_of_memory(&memory, text);
//     if (gb_content_exactly(&content, offset, header, sizeof header)) ...
#ifndef GABION_BASE_CONTENT_READER_H
#define GABION_BASE_CONTENT_READER_H

#include "base/str.h"

struct gb_content_reader {
    void *context;
    uint64_t size;
    // Reads up to `size` bytes at `offset`; the number read, 0 at the end, a negative code on
    // error.
    int64_t (*read_at)(void *context, uint64_t offset, void *into, size_t size);
};

// As many of `size` bytes as there are at `offset`, over several calls where needed; a negative
// code on error.
int64_t gb_content_read(const struct gb_content_reader *content, uint64_t offset, void *into,
                        size_t size);
// True when all of `size` bytes could be read.
bool gb_content_exactly(const struct gb_content_reader *content, uint64_t offset, void *into,
                        size_t size);
// The first `max_bytes` at most, in the arena, with a NUL behind them that is not counted.
GB_MUST_USE int gb_content_front(const struct gb_content_reader *content, size_t max_bytes,
                                 struct gb_arena *arena, struct gb_str *ret, struct gb_error *err);

struct gb_memory_content {
    struct gb_str bytes;
};
// `memory` and the bytes must outlive the reader.
struct gb_content_reader gb_content_of_memory(struct gb_memory_content *memory,
                                              struct gb_str bytes);

// A part of another content as a content of its own. Beyond the end of `whole` there is nothing to
// read.
struct gb_part_content {
    const struct gb_content_reader *whole;
    uint64_t start, size;
};
// `part` and `whole` must outlive the reader.
struct gb_content_reader gb_content_of_part(struct gb_part_content *part,
                                            const struct gb_content_reader *whole, uint64_t start,
                                            uint64_t size);

#endif
