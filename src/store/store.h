// The store: what earlier scans of this machine found. One interface; store/sqlite/ implements it
// for one machine. Findings keep their first sight over the years; scans keep score and coverage.
//
//     struct gb_store *store;
//     if (gb_store_open(path, GB_STORE_WRITE, &store, &err) == GB_OK) {
//         gb_store_history(store, &report, arena, &err);   // first_seen, is_new, reopened
//         gb_store_record(store, &report, &err);
//     }
//     gb_store_close(&store);
#ifndef GABION_STORE_STORE_H
#define GABION_STORE_STORE_H

#include "model/report.h"

struct gb_store;

enum gb_store_mode { GB_STORE_READ, GB_STORE_WRITE };

// GB_STORE_READ: GB_E_NOT_FOUND when there is none. GB_STORE_WRITE makes the file (0600) and its
// folder (0711) and brings an older layout up to date; a newer one is GB_E_UNSUPPORTED.
GB_MUST_USE int gb_store_open(const char *path, enum gb_store_mode mode, struct gb_store **ret,
                              struct gb_error *err);
void gb_store_close(struct gb_store **store);

// Fills first_seen, last_seen, is_new and reopened of the report's findings from earlier scans of
// the same host.
GB_MUST_USE int gb_store_history(struct gb_store *store, struct gb_report *report,
                                 struct gb_error *err);

// Adds this scan, in one transaction: it is there wholly or not at all. Controls that did not run
// (--check, --skip) or came out unknown leave what was known of them as it is.
GB_MUST_USE int gb_store_record(struct gb_store *store, const struct gb_report *report,
                                struct gb_error *err);

struct gb_store_scan {
    int64_t at;
    double raw, adjusted, coverage;
    uint64_t held, possible;
};
// The newest scan of the host at or before `at`; GB_E_NOT_FOUND when there is none.
GB_MUST_USE int gb_store_scan_at(struct gb_store *store, struct gb_str host, int64_t at,
                                 struct gb_store_scan *ret, struct gb_error *err);

// What changed after `since`, oldest first.
struct gb_store_change {
    int64_t at;
    struct gb_str control, subject, title, severity, from, to; // states; from "" = first seen
};
GB_MUST_USE int gb_store_changes(struct gb_store *store, struct gb_str host, int64_t since,
                                 struct gb_arena *arena, struct gb_store_change **ret,
                                 size_t *count, struct gb_error *err);

// One read-only SQL statement with limits on rows and work. Statements that write, attach or load
// are refused. Column names first, then the rows, all as text (NULL: .at NULL).
struct gb_store_table {
    struct gb_str *names;
    struct gb_str *cells; // rows * columns
    size_t columns, rows;
    bool cut; // there were more rows
};
GB_MUST_USE int gb_store_query(struct gb_store *store, struct gb_str sql, size_t max_rows,
                               struct gb_arena *arena, struct gb_store_table *ret,
                               struct gb_error *err);

#endif
