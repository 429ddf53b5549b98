// XXH64; used by shards.
#include "base/checksum.h"

#include <endian.h>

static const uint64_t prime1 = 0x9E3779B185EBCA87u, prime2 = 0xC2B2AE3D27D4EB4Fu,
                      prime3 = 0x165667B19E3779F9u, prime4 = 0x85EBCA77C2B2AE63u,
                      prime5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t word64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

static uint32_t word32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return le32toh(word);
}

static uint64_t step(uint64_t lane, uint64_t word)
{
    return rotate(lane + word * prime2, 31) * prime1;
}

static uint64_t join(uint64_t hash, uint64_t lane)
{
    return (hash ^ step(0, lane)) * prime1 + prime4;
}

uint64_t gb_checksum(struct gb_str bytes, uint64_t seed)
{
    const char *at = bytes.at;
    size_t left = bytes.len;
    uint64_t hash = seed + prime5;
    if (left >= 32) {
        uint64_t a = seed + prime1 + prime2, b = seed + prime2, c = seed, d = seed - prime1;
        for (; left >= 32; left -= 32, at += 32) {
            a = step(a, word64(at));
            b = step(b, word64(at + 8));
            c = step(c, word64(at + 16));
            d = step(d, word64(at + 24));
        }
        hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
        hash = join(join(join(join(hash, a), b), c), d);
    }
    hash += bytes.len;
    for (; left >= 8; left -= 8, at += 8)
        hash = rotate(hash ^ step(0, word64(at)), 27) * prime1 + prime4;
    if (left >= 4) {
        hash = rotate(hash ^ word32(at) * prime1, 23) * prime2 + prime3;
        left -= 4;
        at += 4;
    }
    for (; left > 0; left--, at++)
        hash = rotate(hash ^ (unsigned char)*at * prime5, 11) * prime1;
    hash = (hash ^ hash >> 33) * prime2;
    hash = (hash ^ hash >> 29) * prime3;
    return hash ^ hash >> 32;
}
