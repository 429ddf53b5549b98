// Fast checksum that finds damage, not malice: XXH64 (xxHash, 64 bit), as its specification has it:
// github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. For shards; for trust see base/digest.h.
#ifndef GABION_BASE_CHECKSUM_H
#define GABION_BASE_CHECKSUM_H

#include "base/str.h"

uint64_t gb_checksum(struct gb_str bytes, uint64_t seed);

#endif
