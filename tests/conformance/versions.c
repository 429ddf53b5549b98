// Runs a table of version comparisons or of valid and invalid versions: conformance-versions FILE.
// Columns: ecosystem, a, op (< = > valid invalid), b, origin. Prints each failure and, last,
// "N passed, N failed".
#include "model/version/version.h"
#include "version_tables.h"

// name-[epoch:]version-release.arch in its parts; what is missing is empty.
static void split_nevra(struct gb_str text, struct gb_str *name, struct gb_str *evr,
                        struct gb_str *arch)
{
    ptrdiff_t release = gb_str_rfind_char(text, '-');
    ptrdiff_t dot = gb_str_rfind_char(text, '.');
    *arch = (struct gb_str){0};
    if (dot > release) {
        *arch = gb_str_from(text, (size_t)dot + 1);
        text = gb_str_sub(text, 0, (size_t)dot);
    }
    ptrdiff_t version = gb_str_rfind_char(gb_str_sub(text, 0, (size_t)release), '-');
    *name = version < 0 ? (struct gb_str){0} : gb_str_sub(text, 0, (size_t)version);
    *evr = gb_str_from(text, (size_t)(version + 1));
}

static int compare_nevra(struct gb_str a, struct gb_str b)
{
    struct gb_str a_name, a_evr, a_arch, b_name, b_evr, b_arch;
    split_nevra(a, &a_name, &a_evr, &a_arch);
    split_nevra(b, &b_name, &b_evr, &b_arch);
    int order = gb_str_compare(a_name, b_name);
    if (!order)
        order = gb_version_compare(GB_VERSION_RPM, a_evr, b_evr);
    return order ? order : gb_str_compare(a_arch, b_arch);
}

static int compare(const struct table_ordering *ordering, struct gb_str a, struct gb_str b)
{
    if (ordering->nevra)
        return compare_nevra(a, b);
    if (ordering->options & GB_VERSION_EPOCH_ASSUMED)
        return gb_version_compare_epoch_assumed(ordering->scheme, a, b, NULL);
    return gb_version_compare(ordering->scheme, a, b);
}

static bool valid(const struct table_ordering *ordering, struct gb_str text)
{
    if (ordering->specifier)
        return gb_version_range_check(ordering->scheme, ordering->options, text, NULL) == GB_OK;
    return gb_version_valid(ordering->scheme, text);
}

static bool test(const struct row *row)
{
    const struct table_ordering *ordering = table_ordering(row->columns[0]);
    struct gb_str a = row->columns[1], op = row->columns[2], b = row->columns[3];
    if (!ordering)
        return false;
    if (gb_str_is(op, "valid") || gb_str_is(op, "invalid"))
        return valid(ordering, a) == gb_str_is(op, "valid");
    int order = compare(ordering, a, b), back = compare(ordering, b, a);
    if ((order > 0) != (back < 0) || (order < 0) != (back > 0))
        return false;
    return gb_str_is(op, "<") ? order < 0 : gb_str_is(op, ">") ? order > 0 : order == 0;
}

int main(int count, char **arguments)
{
    return table_run(count, arguments, test);
}
