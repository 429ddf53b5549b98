// Numbers as they lie in bytes, at any alignment: of file formats.
#ifndef GABION_BASE_BYTES_H
#define GABION_BASE_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t gb_little16(const void *at)
{
    uint16_t n;
    memcpy(&n, at, sizeof n);
    return le16toh(n);
}

static inline uint32_t gb_little32(const void *at)
{
    uint32_t n;
    memcpy(&n, at, sizeof n);
    return le32toh(n);
}

static inline uint64_t gb_little64(const void *at)
{
    uint64_t n;
    memcpy(&n, at, sizeof n);
    return le64toh(n);
}

static inline uint32_t gb_big32(const void *at)
{
    uint32_t n;
    memcpy(&n, at, sizeof n);
    return be32toh(n);
}

#endif
