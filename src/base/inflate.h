// Compressed bytes as a content of their own (see content_reader.h): reading forward goes on
// decompressing, the newest part is kept, and reading what lies before it begins again. So an
// archive inside of an archive is read like any other, in bounded memory.
//
//     uint64_t budget = 1u << 30;
//     struct gb_inflate *inflate;
//     if (gb_inflate_new(&part, GB_DEFLATE_RAW, size, 1u << 20, &budget, &inflate) == GB_OK)
//         content = gb_inflate_content(inflate);
//
// Formats: RFC 1950 (zlib), RFC 1951 (deflate), by zlib.
#ifndef GABION_BASE_INFLATE_H
#define GABION_BASE_INFLATE_H

#include "base/content_reader.h"

enum gb_deflate { GB_DEFLATE_RAW, GB_DEFLATE_ZLIB };

enum { GB_INFLATE_KEPT_LEAST = 64 << 10 };

struct gb_inflate;

// `compressed` must outlive it. `size` is how long the decompressed bytes are said to be: what is
// beyond is not read, and a stream that ends before gives fewer bytes. The newest `kept` bytes stay
// in memory (at least GB_INFLATE_KEPT_LEAST, at most `size`): with all of them nothing is ever
// decompressed twice. *budget is what may still be decompressed; it is counted down, and may be
// shared by several; used up, reads fail with GB_E_LIMIT. Damaged data: GB_E_SYNTAX. GB_E_MEMORY.
GB_MUST_USE int gb_inflate_new(const struct gb_content_reader *compressed, enum gb_deflate format,
                               uint64_t size, size_t kept, uint64_t *budget,
                               struct gb_inflate **ret);
void gb_inflate_free(struct gb_inflate **inflate); // NULL allowed; sets it to NULL
// Valid as long as `inflate`.
struct gb_content_reader gb_inflate_content(struct gb_inflate *inflate);

#endif
