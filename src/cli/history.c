// The local history; used by scan, score, explain and query.
#include "cli/history.h"

#include "base/time.h"

#include <stdlib.h>
#include <unistd.h>

struct gb_str gb_history_path(const struct gb_invocation *invocation)
{
    if (gb_option_is_set(invocation, "no-store"))
        return (struct gb_str){0};
    struct gb_str given = gb_option_value(invocation, "store");
    if (given.at)
        return given;
    if (geteuid() == 0)
        return GB_STR("/var/lib/gabion/gabion.db");
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (xdg && xdg[0] == '/')
        return gb_str_format(invocation->arena, "%s/gabion/gabion.db", xdg);
    if (home && home[0] == '/')
        return gb_str_format(invocation->arena, "%s/.local/state/gabion/gabion.db", home);
    return (struct gb_str){0};
}

int gb_history_open(const struct gb_invocation *invocation, struct gb_store **ret,
                    struct gb_error *err)
{
    struct gb_str path = gb_history_path(invocation);
    if (!path.at)
        return gb_error_set(err, GB_E_NOT_FOUND, "there is no history: it was left out");
    return gb_store_open(gb_str_c(invocation->arena, path), GB_STORE_READ, ret, err);
}

void gb_history_update(struct gb_assessment *assessment)
{
    const struct gb_invocation *invocation = assessment->invocation;
    struct gb_report *report = &assessment->report;
    struct gb_str path = gb_history_path(invocation);
    bool named = gb_option_value(invocation, "store").at != NULL;
    if (!path.at || (!report->live && !named))
        return;
    struct gb_store *store = NULL;
    struct gb_error err = {0};
    int code = gb_store_open(gb_str_c(invocation->arena, path), GB_STORE_WRITE, &store, &err);
    if (!code)
        code = gb_store_history(store, report, &err);
    if (!code)
        code = gb_store_record(store, report, &err);
    gb_store_close(&store);
    if (!code)
        return;
    char text[1024];
    gb_error_text(&err, text, sizeof text);
    gb_assessment_problem(assessment, "GBN-W-STORE",
                          gb_str_format(assessment->scan_arena, "no history was kept: %s", text),
                          false);
    report->problems = assessment->problems;
    report->problem_count = assessment->problem_count;
}

int gb_history_parse_since(struct gb_str text, int64_t now, int64_t *ret, struct gb_error *err)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}};
    uint64_t number;
    int32_t nanos;
    for (size_t i = 0; text.len > 1 && i < sizeof units / sizeof *units; i++) {
        if (text.at[text.len - 1] != units[i].letter ||
            gb_str_to_uint(gb_str_sub(text, 0, text.len - 1), 10, &number) || number > 100000)
            continue;
        *ret = now - (int64_t)number * units[i].seconds;
        return GB_OK;
    }
    if (gb_date_parse(text, ret) == GB_OK || gb_time_parse(text, ret, &nanos) == GB_OK)
        return GB_OK;
    return gb_error_set(err, GB_E_USAGE,
                        "--since: \"" GB_PRI
                        "\" is neither an age (7d, 24h) nor a date (2026-11-01)",
                        GB_ARG(text));
}
