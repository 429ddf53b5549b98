// What is known about exploitation and ends of support: the first byte chooses the format.
#include "feed_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"kev",          "epss",        "ssvc",
                                          "vulnrichment", "distro-info", "endoflife"};
    if (!size)
        return 0;
    return feed_target("debian.json", formats[data[0] % 6], data + 1, size - 1);
}
