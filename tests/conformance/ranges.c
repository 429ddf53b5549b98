// Runs a table of versions and ranges: conformance-ranges FILE. Columns: ecosystem, version, op (in
// !in ~ !~ <~ >~ intersects !intersects), range, origin. Prints each failure and, last, "N passed,
// N failed". What is no range holds no version.
#include "model/version/version.h"
#include "version_tables.h"

static bool test(const struct row *row)
{
    const struct table_ordering *ordering = table_ordering(row->columns[0]);
    struct gb_str a = row->columns[1], op = row->columns[2], b = row->columns[3];
    bool wanted = !gb_str_starts(op, GB_STR("!")), got = false;
    if (!ordering)
        return false;
    if (!wanted)
        op = gb_str_from(op, 1);
    char range[256];
    struct gb_error err = {0};
    int code;
    if (gb_str_is(op, "intersects")) {
        code = gb_version_ranges_intersect(ordering->scheme, ordering->options, a, b, &got, &err);
    } else if (gb_str_is(op, "in")) {
        code = gb_version_in_range_with(ordering->scheme, ordering->options, a, b, &got, &err);
    } else {
        snprintf(range, sizeof range, GB_PRI " " GB_PRI, GB_ARG(op), GB_ARG(b));
        code = gb_version_in_range_with(ordering->scheme, ordering->options, a, gb_str_of(range),
                                        &got, &err);
    }
    if (code < 0 && wanted)
        printf("%s\n", err.reason);
    return (code == 0 && got) == wanted;
}

int main(int count, char **arguments)
{
    return table_run(count, arguments, test);
}
