// Ordering findings for people.
#include "model/ranking.h"

#include <stdlib.h>

// A fix of one line goes before hours of work at the same risk, but never a low one before a
// critical one.
static double effort_factor(enum gb_effort effort)
{
    static const double factors[] = {
        [GB_EFFORT_ONE_LINE] = 1.0,
        [GB_EFFORT_SMALL] = 1.15,
        [GB_EFFORT_HOURS] = 1.6,
        [GB_EFFORT_PROJECT] = 2.5,
    };
    return factors[effort];
}

static int most_urgent_first(const void *a, const void *b)
{
    const struct gb_ranked *left = a, *right = b;
    if (left->priority > right->priority || left->priority < right->priority)
        return left->priority > right->priority ? -1 : 1;
    if (left->gain > right->gain || left->gain < right->gain)
        return left->gain > right->gain ? -1 : 1;
    return gb_str_compare(left->control->id, right->control->id);
}

int gb_report_rank(const struct gb_report *report, enum gb_verdict_state state, bool only_new,
                   struct gb_arena *arena, struct gb_ranked **ret, size_t *count,
                   struct gb_error *err)
{
    struct gb_ranked *rows = gb_alloc_array(arena, report->control_count, sizeof *rows);
    struct gb_finding **pool =
        gb_alloc_array(arena, report->finding_count, sizeof(struct gb_finding *));
    struct gb_map by_control = gb_map(arena);
    if (!rows || !pool)
        return gb_error_set(err, GB_E_MEMORY, "no memory to order the findings");
    *count = 0;
    // Two passes: how many each control has, then the findings side by side in one array.
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < report->finding_count; i++) {
            struct gb_finding *finding = report->findings[i];
            if (finding->vulnerability || finding->state != state || (only_new && !finding->is_new))
                continue;
            struct gb_ranked *row = gb_map_get(&by_control, finding->control->id);
            if (!row) {
                row = &rows[(*count)++];
                *row = (struct gb_ranked){.control = finding->control};
                if (gb_map_set(&by_control, finding->control->id, row))
                    return gb_error_set(err, GB_E_MEMORY, "no memory to order the findings");
            }
            if (pass)
                row->findings[row->count] = finding;
            row->count++;
            row->gain += pass ? finding->gain : 0;
            row->risk = finding->risk > row->risk ? finding->risk : row->risk;
        }
        for (size_t i = 0; !pass && i < *count; i++) {
            rows[i].findings = pool;
            pool += rows[i].count;
            rows[i].count = 0;
        }
    }
    for (size_t i = 0; i < *count; i++)
        rows[i].priority = rows[i].risk / effort_factor(rows[i].control->effort);
    if (*count > 1)
        qsort(rows, *count, sizeof *rows, most_urgent_first);
    *ret = rows;
    return GB_OK;
}

static int rank_of(enum gb_verdict_state state)
{
    static const int ranks[] = {
        [GB_FAIL] = 0,   [GB_ERROR] = 1, [GB_UNKNOWN] = 2,
        [GB_EXEMPT] = 3, [GB_PASS] = 4,  [GB_NA] = 5,
    };
    return ranks[state];
}

static int worst_first(const void *a, const void *b)
{
    const struct gb_finding *const *left = a, *const *right = b;
    int difference = rank_of((*left)->state) - rank_of((*right)->state);
    if (difference)
        return difference;
    if ((*left)->risk > (*right)->risk || (*left)->risk < (*right)->risk)
        return (*left)->risk > (*right)->risk ? -1 : 1;
    difference = (int)(*right)->control->severity - (int)(*left)->control->severity;
    if (difference)
        return difference;
    difference = gb_str_compare((*left)->control->id, (*right)->control->id);
    return difference ? difference : gb_str_compare((*left)->subject_id, (*right)->subject_id);
}

void gb_report_order(struct gb_report *report)
{
    if (report->finding_count > 1)
        qsort(report->findings, report->finding_count, sizeof(struct gb_finding *), worst_first);
}
