// The Debian security tracker's JSON.
#include "feed_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_target("json", "debian-tracker", data, size);
}
