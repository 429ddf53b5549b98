// CVSS vectors: whatever parses has scores between 0 and 10.
#include "model/cvss.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool in_range(double score, bool optional)
{
    return (score >= 0 && score <= 10) || (optional && score == -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_str vector = {(const char *)data, size};
    struct gb_cvss cvss;
    struct gb_error err = {0};
    if (gb_cvss_parse(vector, &cvss, &err) < 0) {
        if (!err.reason[0])
            abort();
        return 0;
    }
    if (!in_range(cvss.base, false) || !in_range(cvss.temporal, true) ||
        !in_range(cvss.environmental, true))
        abort();
    return 0;
}
