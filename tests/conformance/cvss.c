// Runs a table of CVSS vectors: conformance-cvss FILE. Columns: version, vector, base, temporal,
// environmental, set; a score that is not there is empty, of version 4 the one stands in base.
// Prints each failure and, last, "N passed, N failed".
#include "model/cvss.h"
#include "table.h"

static bool same(struct gb_str wanted, double got)
{
    char text[32];
    snprintf(text, sizeof text, "%.1f", got);
    return wanted.len ? gb_str_is(wanted, text) : got < 0;
}

static bool test(const struct row *row)
{
    struct gb_cvss cvss;
    struct gb_error err = {0};
    if (gb_cvss_parse(row->columns[1], &cvss, &err) < 0) {
        printf("%s\n", err.reason);
        return false;
    }
    bool right = same(row->columns[2], cvss.base) && same(row->columns[3], cvss.temporal) &&
                 same(row->columns[4], cvss.environmental);
    if (!right)
        printf("got %.1f %.1f %.1f\n", cvss.base, cvss.temporal, cvss.environmental);
    return right;
}

int main(int count, char **arguments)
{
    return table_run(count, arguments, test);
}
