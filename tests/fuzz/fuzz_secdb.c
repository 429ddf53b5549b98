// Alpine's secdb as JSON and YAML.
#include "feed_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return feed_target("x.json", "secdb", data, size);
}
