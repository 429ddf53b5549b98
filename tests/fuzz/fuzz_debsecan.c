// The export for debsecan.
#include "feed_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_target("sid", "debsecan", data, size);
}
