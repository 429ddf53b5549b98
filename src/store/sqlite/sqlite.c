// The store on SQLite: opening, layout, history, recording.
#include "store/sqlite/sqlite.h"

#include "store/sqlite/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 5000, LAYOUT = sizeof gb_sqlite_migrations / sizeof *gb_sqlite_migrations };

int gb_sqlite_fail(const struct gb_store *store, struct gb_error *err)
{
    int code = sqlite3_errcode(store->db);
    const char *reason = sqlite3_errmsg(store->db);
    if (code == SQLITE_FULL)
        reason = "the disk is full";
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        reason = "the file is damaged or is no history: move it away, a new one will be made";
    return gb_error_at(err, code == SQLITE_NOMEM ? GB_E_MEMORY : GB_E_IO, store->path, 0, 0, "%s",
                       reason);
}

int gb_sqlite_prepare(struct gb_store *store, const char *sql, sqlite3_stmt **ret,
                      struct gb_error *err)
{
    return sqlite3_prepare_v2(store->db, sql, -1, ret, NULL) == SQLITE_OK
               ? GB_OK
               : gb_sqlite_fail(store, err);
}

void gb_sqlite_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

void gb_sqlite_bind(sqlite3_stmt *statement, int index, struct gb_str text)
{
    // Copied by SQLite; a failed bind shows as a failed step.
    sqlite3_bind_text64(statement, index, text.at ? text.at : "", text.len, SQLITE_TRANSIENT,
                        SQLITE_UTF8);
}

struct gb_str gb_sqlite_text(sqlite3_stmt *statement, int column, struct gb_arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (!text)
        return (struct gb_str){0};
    return gb_str_copy(arena,
                       (struct gb_str){text, (size_t)sqlite3_column_bytes(statement, column)});
}

static int execute(struct gb_store *store, const char *sql, struct gb_error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? GB_OK
                                                                       : gb_sqlite_fail(store, err);
}

static int layout_of(struct gb_store *store, int *ret, struct gb_error *err)
{
    GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *statement = NULL;
    int code = gb_sqlite_prepare(store, "PRAGMA user_version", &statement, err);
    if (code)
        return code;
    if (sqlite3_step(statement) != SQLITE_ROW)
        return gb_sqlite_fail(store, err);
    *ret = sqlite3_column_int(statement, 0);
    return GB_OK;
}

static int bring_up_to_date(struct gb_store *store, struct gb_error *err)
{
    int code = execute(store, "BEGIN IMMEDIATE", err);
    int layout = 0;
    if (!code)
        code = layout_of(store, &layout, err);
    for (; !code && layout < (int)LAYOUT; layout++) {
        char version[48];
        snprintf(version, sizeof version, "PRAGMA user_version = %d", layout + 1);
        code = execute(store, gb_sqlite_migrations[layout], err);
        if (!code)
            code = execute(store, version, err);
    }
    if (!code)
        return execute(store, "COMMIT", err);
    execute(store, "ROLLBACK", NULL);
    return code;
}

// The folders above the file. Others may pass through (advisory data, which is public, lies beside
// the history), and see nothing: the file itself is its owner's only.
static int make_folders(const char *path, struct gb_error *err)
{
    char folder[4096];
    int len = snprintf(folder, sizeof folder, "%s", path);
    if (len < 0 || (size_t)len >= sizeof folder)
        return gb_error_at(err, GB_E_LIMIT, path, 0, 0, "the file name is too long");
    for (char *slash = folder + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        if (mkdir(folder, 0711) < 0 && errno != EEXIST) {
            gb_error_errno(err, errno, "cannot make the folder");
            return gb_error_subject(err, folder);
        }
        *slash = '/';
    }
    return GB_OK;
}

int gb_store_open(const char *path, enum gb_store_mode mode, struct gb_store **ret,
                  struct gb_error *err)
{
    bool writes = mode == GB_STORE_WRITE;
    struct stat st;
    if (!writes && stat(path, &st) < 0)
        return gb_error_at(err, GB_E_NOT_FOUND, path, 0, 0,
                           "there is no history yet: gabion scan keeps one");
    int code = writes ? make_folders(path, err) : GB_OK;
    if (code)
        return code;
    // SQLite would make the file with the umask's mode.
    int fd = writes ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (writes && fd < 0) {
        gb_error_errno(err, errno, "cannot open the history");
        return gb_error_subject(err, path);
    }
    if (fd >= 0)
        close(fd);
    struct gb_store *store = calloc(1, sizeof *store);
    if (!store)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the history");
    snprintf(store->path, sizeof store->path, "%s", path);
    int flags = (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
        code = store->db ? gb_sqlite_fail(store, err) : gb_error_set(err, GB_E_MEMORY, "no memory");
    if (!code) {
        sqlite3_busy_timeout(store->db, BUSY_MS);
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        int layout = 0;
        code = writes ? execute(store, "PRAGMA foreign_keys = ON", err) : GB_OK;
        if (!code)
            code = layout_of(store, &layout, err);
        if (!code && layout > (int)LAYOUT)
            code = gb_error_at(err, GB_E_UNSUPPORTED, path, 0, 0,
                               "was written by a newer gabion (layout %d, this one knows %d)",
                               layout, (int)LAYOUT);
        if (!code && writes && layout < (int)LAYOUT)
            code = bring_up_to_date(store, err);
    }
    if (code)
        gb_store_close(&store);
    else
        *ret = store;
    return code;
}

void gb_store_close(struct gb_store **store)
{
    if (!*store)
        return;
    sqlite3_close((*store)->db);
    free(*store);
    *store = NULL;
}

static bool is_open_state(struct gb_str state)
{
    return gb_str_is(state, "fail") || gb_str_is(state, "exempt");
}

static bool is_bad(enum gb_verdict_state state)
{
    return state == GB_FAIL || state == GB_EXEMPT;
}

int gb_store_history(struct gb_store *store, struct gb_report *report, struct gb_error *err)
{
    GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *find = NULL;
    int code = gb_sqlite_prepare(
        store,
        "SELECT first_seen, state, reopened FROM finding WHERE host = ?1 AND fingerprint = ?2",
        &find, err);
    for (size_t i = 0; !code && i < report->finding_count; i++) {
        struct gb_finding *finding = report->findings[i];
        if (!is_bad(finding->state))
            continue;
        gb_sqlite_bind(find, 1, report->host_name);
        gb_sqlite_bind(find, 2, finding->identity);
        int step = sqlite3_step(find);
        if (step == SQLITE_ROW) {
            const char *state = (const char *)sqlite3_column_text(find, 1);
            finding->first_seen = sqlite3_column_int64(find, 0);
            finding->reopened = !is_open_state(gb_str_of(state)) || sqlite3_column_int(find, 2);
            finding->is_new = !is_open_state(gb_str_of(state));
        } else if (step == SQLITE_DONE) {
            finding->first_seen = report->started_at;
            finding->is_new = true;
        } else {
            code = gb_sqlite_fail(store, err);
        }
        finding->last_seen = report->started_at;
        sqlite3_reset(find);
    }
    return code;
}

static int add_scan(struct gb_store *store, const struct gb_report *report, int64_t *scan,
                    struct gb_error *err)
{
    GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *insert = NULL;
    int code = gb_sqlite_prepare(store,
                                 "INSERT INTO scan (at, host, target, tool_version, as_root,"
                                 " score_raw, score_adjusted, points_held, points_possible,"
                                 " coverage) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
                                 &insert, err);
    if (code)
        return code;
    sqlite3_bind_int64(insert, 1, report->started_at);
    gb_sqlite_bind(insert, 2, report->host_name);
    gb_sqlite_bind(insert, 3, report->target);
    gb_sqlite_bind(insert, 4, report->tool_version);
    sqlite3_bind_int(insert, 5, report->as_root);
    if (report->score.assessed) {
        sqlite3_bind_double(insert, 6, report->score.raw);
        sqlite3_bind_double(insert, 7, report->score.adjusted);
    }
    sqlite3_bind_int64(insert, 8, (int64_t)report->score.held);
    sqlite3_bind_int64(insert, 9, (int64_t)report->score.possible);
    sqlite3_bind_double(insert, 10, report->coverage.percent);
    if (sqlite3_step(insert) != SQLITE_DONE)
        return gb_sqlite_fail(store, err);
    *scan = sqlite3_last_insert_rowid(store->db);
    return GB_OK;
}

struct recording {
    sqlite3_stmt *find, *put, *change;
    int64_t scan;
};

static void end_recording(struct recording *recording)
{
    sqlite3_finalize(recording->find);
    sqlite3_finalize(recording->put);
    sqlite3_finalize(recording->change);
}

static int prepare_recording(struct gb_store *store, struct recording *recording,
                             struct gb_error *err)
{
    int code =
        gb_sqlite_prepare(store, "SELECT state FROM finding WHERE host = ?1 AND fingerprint = ?2",
                          &recording->find, err);
    if (!code)
        code = gb_sqlite_prepare(
            store,
            "INSERT INTO finding (host, fingerprint, control, subject, title, severity, state,"
            " first_seen, last_seen, resolved_at, gain, risk, area)"
            " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?8,?9,?10,?11,?12)"
            " ON CONFLICT (host, fingerprint) DO UPDATE SET title = ?5, severity = ?6, state = ?7,"
            " last_seen = CASE WHEN ?9 IS NULL THEN ?8 ELSE last_seen END,"
            " resolved_at = CASE WHEN ?9 IS NULL THEN NULL ELSE coalesce(resolved_at, ?9) END,"
            " reopened = reopened + (resolved_at IS NOT NULL AND ?9 IS NULL),"
            " gain = ?10, risk = ?11",
            &recording->put, err);
    if (!code)
        code = gb_sqlite_prepare(store,
                                 "INSERT INTO change (scan, at, host, fingerprint, from_state,"
                                 " to_state) VALUES (?1,?2,?3,?4,?5,?6)",
                                 &recording->change, err);
    return code;
}

static int put_finding(struct gb_store *store, const struct recording *recording,
                       const struct gb_report *report, const struct gb_finding *finding,
                       struct gb_str state, struct gb_error *err)
{
    bool bad = is_bad(finding->state);
    sqlite3_stmt *put = recording->put;
    gb_sqlite_bind(put, 1, report->host_name);
    gb_sqlite_bind(put, 2, finding->identity);
    gb_sqlite_bind(put, 3, finding->control->id);
    gb_sqlite_bind(put, 4, finding->subject_id);
    gb_sqlite_bind(put, 5, finding->control->finding);
    gb_sqlite_bind(put, 6, gb_str_of(gb_severity_name(finding->control->severity)));
    gb_sqlite_bind(put, 7, state);
    sqlite3_bind_int64(put, 8, report->started_at);
    if (bad)
        sqlite3_bind_null(put, 9);
    else
        sqlite3_bind_int64(put, 9, report->started_at);
    sqlite3_bind_double(put, 10, finding->gain);
    sqlite3_bind_double(put, 11, finding->risk);
    gb_sqlite_bind(put, 12, finding->vulnerability ? GB_STR("vulnerability") : GB_STR("posture"));
    int step = sqlite3_step(put);
    sqlite3_reset(put);
    return step == SQLITE_DONE ? GB_OK : gb_sqlite_fail(store, err);
}

static int record_finding(struct gb_store *store, const struct recording *recording,
                          const struct gb_report *report, const struct gb_finding *finding,
                          struct gb_error *err)
{
    // What could not be seen this time leaves the last known state as it is.
    if (finding->state == GB_UNKNOWN || finding->state == GB_ERROR)
        return GB_OK;
    bool bad = is_bad(finding->state);
    struct gb_str state = bad ? gb_str_of(gb_verdict_name(finding->state)) : GB_STR("resolved");
    gb_sqlite_bind(recording->find, 1, report->host_name);
    gb_sqlite_bind(recording->find, 2, finding->identity);
    int step = sqlite3_step(recording->find);
    char before[24] = "";
    if (step == SQLITE_ROW)
        snprintf(before, sizeof before, "%s",
                 (const char *)sqlite3_column_text(recording->find, 0));
    sqlite3_reset(recording->find);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return gb_sqlite_fail(store, err);
    if (!before[0] && !bad)
        return GB_OK; // never was a finding
    int code = put_finding(store, recording, report, finding, state, err);
    if (code || gb_str_is(state, before))
        return code;
    sqlite3_bind_int64(recording->change, 1, recording->scan);
    sqlite3_bind_int64(recording->change, 2, report->started_at);
    gb_sqlite_bind(recording->change, 3, report->host_name);
    gb_sqlite_bind(recording->change, 4, finding->identity);
    gb_sqlite_bind(recording->change, 5, gb_str_of(before));
    gb_sqlite_bind(recording->change, 6, state);
    step = sqlite3_step(recording->change);
    sqlite3_reset(recording->change);
    return step == SQLITE_DONE ? GB_OK : gb_sqlite_fail(store, err);
}

// The identities of a control's findings (`control` NULL: of the open vulnerabilities) as a JSON
// list. False when the control came out unknown somewhere: then nothing is known to be gone.
static bool list_identities(const struct gb_report *report, const struct gb_control *control,
                            struct gb_buffer *list)
{
    bool seen_all = true;
    gb_buffer_char(list, '[');
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct gb_finding *finding = report->findings[i];
        if (control ? finding->control != control
                    : !finding->vulnerability || !is_bad(finding->state))
            continue;
        seen_all &= finding->state != GB_UNKNOWN && finding->state != GB_ERROR;
        gb_buffer_print(list, "%s\"" GB_PRI "\"", list->len > 1 ? "," : "",
                        GB_ARG(finding->identity));
    }
    gb_buffer_char(list, ']');
    return seen_all && !list->failed;
}

// ?5 lists what is still there; what else the control (or the area) has open is resolved.
#define GONE                                                                                       \
    " state IN ('fail', 'exempt') AND last_seen < ?2 AND fingerprint NOT IN"                       \
    " (SELECT value FROM json_each(?5))"
#define CHANGE                                                                                     \
    "INSERT INTO change (scan, at, host, fingerprint, from_state, to_state)"                       \
    " SELECT ?1, ?2, host, fingerprint, state, 'resolved' FROM finding WHERE host = ?3 AND "
#define RESOLVE                                                                                    \
    "UPDATE finding SET state = 'resolved', resolved_at = ?2 WHERE ?1 = ?1 AND host = ?3 AND "

static int resolve(struct gb_store *store, sqlite3_stmt *statement,
                   const struct recording *recording, const struct gb_report *report,
                   struct gb_str control, struct gb_str identities, struct gb_error *err)
{
    sqlite3_bind_int64(statement, 1, recording->scan);
    sqlite3_bind_int64(statement, 2, report->started_at);
    gb_sqlite_bind(statement, 3, report->host_name);
    gb_sqlite_bind(statement, 4, control);
    gb_sqlite_bind(statement, 5, identities);
    int step = sqlite3_step(statement);
    sqlite3_reset(statement);
    return step == SQLITE_DONE ? GB_OK : gb_sqlite_fail(store, err);
}

// A finding about a thing that is gone (its control ran, but not on it any more) is resolved.
static int resolve_gone(struct gb_store *store, const struct recording *recording,
                        const struct gb_report *report, struct gb_error *err)
{
    static const char *const steps[] = {
        CHANGE "control = ?4 AND area = 'posture' AND" GONE,
        RESOLVE "control = ?4 AND area = 'posture' AND" GONE,
    };
    for (size_t s = 0; s < 2; s++) {
        GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *statement = NULL;
        int code = gb_sqlite_prepare(store, steps[s], &statement, err);
        for (size_t i = 0; !code && i < report->control_count; i++) {
            GB_CLEANUP(gb_buffer_free) struct gb_buffer list = gb_buffer(16u << 20);
            if (!report->controls[i]->advisory &&
                list_identities(report, report->controls[i], &list))
                code = resolve(store, statement, recording, report, report->controls[i]->id,
                               gb_buffer_str(&list), err);
        }
        if (code)
            return code;
    }
    return GB_OK;
}

// A flaw that is gone (upgraded, suppressed, withdrawn) is resolved; one that could not be looked
// for (no feed for the release, no walk of the file system) stays what it was.
static int resolve_flaws(struct gb_store *store, const struct recording *recording,
                         const struct gb_report *report, struct gb_error *err)
{
    static const char *const steps[2][2] = {
        {CHANGE "area = 'vulnerability' AND subject GLOB 'os_package:*' AND ?4 = ?4 AND" GONE,
         RESOLVE "area = 'vulnerability' AND subject GLOB 'os_package:*' AND ?4 = ?4 AND" GONE},
        {CHANGE "area = 'vulnerability' AND subject NOT GLOB 'os_package:*' AND ?4 = ?4 AND" GONE,
         RESOLVE "area = 'vulnerability' AND subject NOT GLOB 'os_package:*' AND ?4 = ?4 AND" GONE},
    };
    const bool complete[] = {report->vulnerability.complete_system,
                             report->vulnerability.complete_languages};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer list = gb_buffer(64u << 20);
    if (!list_identities(report, NULL, &list))
        return GB_OK;
    for (size_t i = 0; i < 4; i++) {
        GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *statement = NULL;
        if (!complete[i / 2])
            continue;
        int code = gb_sqlite_prepare(store, steps[i / 2][i % 2], &statement, err);
        if (!code)
            code = resolve(store, statement, recording, report, (struct gb_str){0},
                           gb_buffer_str(&list), err);
        if (code)
            return code;
    }
    return GB_OK;
}

int gb_store_record(struct gb_store *store, const struct gb_report *report, struct gb_error *err)
{
    int code = execute(store, "BEGIN IMMEDIATE", err);
    if (code)
        return code;
    GB_CLEANUP(end_recording) struct recording recording = {0};
    code = add_scan(store, report, &recording.scan, err);
    if (!code)
        code = prepare_recording(store, &recording, err);
    for (size_t i = 0; !code && i < report->finding_count; i++)
        code = record_finding(store, &recording, report, report->findings[i], err);
    if (!code)
        code = resolve_gone(store, &recording, report, err);
    if (!code)
        code = resolve_flaws(store, &recording, report, err);
    if (!code)
        code = execute(store, "COMMIT", err);
    if (code)
        execute(store, "ROLLBACK", NULL);
    return code;
}
