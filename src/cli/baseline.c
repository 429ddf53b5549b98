// Baselines of `gabion scan --baseline FILE`.
#include "cli/baseline.h"

#include "base/json.h"

#include <limits.h>
#include <stdlib.h>

enum { LARGEST_BASELINE = 64 << 20 };

static int read_baseline(const char *file, struct gb_arena *arena, struct gb_node *ret,
                         struct gb_error *err)
{
    char absolute[PATH_MAX];
    if (!realpath(file, absolute))
        return gb_error_at(err, GB_E_USAGE, file, 0, 0, "cannot find the baseline");
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    struct gb_str text;
    int code = gb_host_open(&live, &here, err);
    if (!code)
        code = gb_host_read(here, absolute, LARGEST_BASELINE, arena, &text, err);
    gb_host_close(&here);
    if (!code)
        code = gb_json_node(text, file, GB_JSON_LIMITS_DEFAULT, arena, ret, err);
    return code;
}

static int add_known(const struct gb_node *finding, const char *file, struct gb_map *known,
                     struct gb_error *err)
{
    struct gb_str state, fingerprint;
    int code = gb_node_string(finding, "state", true, &state, file, err);
    if (!code)
        code = gb_node_string(finding, "fingerprint", true, &fingerprint, file, err);
    if (code)
        return code;
    if (!gb_str_is(state, "fail") && !gb_str_is(state, "exempt"))
        return GB_OK;
    if (gb_map_set(known, fingerprint, known))
        return gb_error_set(err, GB_E_MEMORY, "no memory for the baseline");
    return GB_OK;
}

int gb_baseline_apply(const char *file, struct gb_report *report, struct gb_arena *arena,
                      struct gb_error *err)
{
    struct gb_node root;
    int code = read_baseline(file, arena, &root, err);
    if (code)
        return code;
    const struct gb_node *findings = gb_node_get(&root, "findings");
    if (!findings || findings->kind != GB_NODE_LIST)
        return gb_error_at(
            err, GB_E_TYPE, file, root.line, root.column,
            "is no report: expected \"findings\" as gabion scan -o json writes them");
    struct gb_map known = gb_map(arena);
    for (size_t i = 0; i < findings->list.count && !code; i++)
        code = add_known(&findings->list.items[i], file, &known, err);
    for (size_t i = 0; i < report->finding_count && !code; i++)
        report->findings[i]->is_new = !gb_map_get(&known, report->findings[i]->identity);
    return code;
}
