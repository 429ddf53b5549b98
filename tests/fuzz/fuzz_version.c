// Versions and ranges: the first byte chooses the scheme, the rest is three texts, a line each.
// The order is antisymmetric and transitive (Maven's own is not), and no range crashes.
#include "model/version/version.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    enum gb_version_scheme scheme = (enum gb_version_scheme)(data[0] % GB_VERSION_SCHEME_COUNT);
    unsigned options = data[0] / GB_VERSION_SCHEME_COUNT;
    struct gb_str rest = {(const char *)data + 1, size - 1}, text[3] = {{0}};
    for (int i = 0; i < 3; i++)
        gb_str_next(&rest, '\n', &text[i]);
    int order[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            order[i][j] = sign(gb_version_compare(scheme, text[i], text[j]));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            if (order[i][j] != -order[j][i])
                abort();
            for (int k = 0; k < 3 && scheme != GB_VERSION_MAVEN; k++)
                if (order[i][j] <= 0 && order[j][k] <= 0 &&
                    (order[i][k] > 0 || (order[i][k] == 0 && (order[i][j] || order[j][k]))))
                    abort();
        }
    (void)gb_version_valid(scheme, text[0]);
    bool in = false;
    struct gb_error err = {0};
    int code = gb_version_in_range_with(scheme, options, text[0], text[1], &in, &err);
    if (code < 0 && !err.reason[0])
        abort();
    if ((gb_version_range_check(scheme, options, text[1], NULL) < 0) != (code < 0))
        abort();
    (void)!gb_version_ranges_intersect(scheme, options, text[1], text[2], &in, &err);
    return 0;
}
