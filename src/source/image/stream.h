// Bytes of a layer in order, wherever they come from: a file, an entry of an archive, a registry.
#ifndef GABION_SOURCE_IMAGE_STREAM_H
#define GABION_SOURCE_IMAGE_STREAM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct gb_image_stream {
    void *context;
    // The next bytes, valid until the next call; their number, 0 at the end, a negative code.
    int64_t (*next)(void *context, const void **ret, struct gb_error *err);
};

#endif
