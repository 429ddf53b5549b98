// FIRST's EPSS scores: "#model_version:v2025.03.14,score_date:2026-..." (not in every copy), then
// cve,epss,percentile.
#include "source/feed/csv.h"
#include "source/feed/draft.h"

static bool recognise(const struct gb_feed_head *head)
{
    return gb_feed_head_starts(head, "#model_version:") ||
           gb_feed_head_starts(head, "cve,epss,percentile");
}

static int take(struct gb_feed_member *m, const struct gb_csv_row *row, struct gb_error *err)
{
    if (!row->columns) {
        ptrdiff_t at = gb_str_find(row->cells[0], GB_STR("score_date:"));
        struct gb_str date = gb_str_from(row->cells[0], at < 0 ? SIZE_MAX : (size_t)at + 11);
        // "2026-01-02T00:00:00+0000": an offset that RFC 3339 would write with a colon.
        m->data_at = gb_feed_time(gb_str_sub(date, 0, 10));
        return GB_OK;
    }
    struct gb_exploit_facts facts = {.cve = gb_csv_cell(row, "cve")};
    facts.has_epss = gb_csv_share(row, "epss", &facts.epss) &&
                     gb_csv_share(row, "percentile", &facts.epss_percentile);
    if (!facts.has_epss || !gb_feed_is_cve(facts.cve)) {
        gb_feed_leave_out(m, row->line, "expected a CVE id and two numbers from 0 to 1");
        return GB_OK;
    }
    return gb_feed_give_exploit(m, &facts, err);
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    return gb_csv_read(m, ',', take, err);
}

const struct gb_feed_format gb_feed_format_epss = {
    .name = "epss",
    .title = "EPSS scores (CSV)",
    .recognise = recognise,
    .import = import,
};
