// Any bytes as a feed: archives, compression, and which format it is.
#include "feed_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_target("folder/sid", "", data, size);
}
