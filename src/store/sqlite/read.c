// The store on SQLite: scores, changes and read-only queries.
#include "store/sqlite/sqlite.h"

enum { MOST_STEPS_OF_WORK = 2000 }; // times 10,000 virtual machine instructions

int gb_store_scan_at(struct gb_store *store, struct gb_str host, int64_t at,
                     struct gb_store_scan *ret, struct gb_error *err)
{
    GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *find = NULL;
    int code = gb_sqlite_prepare(store,
                                 "SELECT at, score_raw, score_adjusted, coverage, points_held,"
                                 " points_possible FROM scan WHERE host = ?1 AND at <= ?2"
                                 " ORDER BY at DESC, id DESC LIMIT 1",
                                 &find, err);
    if (code)
        return code;
    gb_sqlite_bind(find, 1, host);
    sqlite3_bind_int64(find, 2, at);
    int step = sqlite3_step(find);
    if (step == SQLITE_DONE)
        return gb_error_set(err, GB_E_NOT_FOUND, "there is no scan of this host that old");
    if (step != SQLITE_ROW)
        return gb_sqlite_fail(store, err);
    *ret = (struct gb_store_scan){
        .at = sqlite3_column_int64(find, 0),
        .raw = sqlite3_column_double(find, 1),
        .adjusted = sqlite3_column_double(find, 2),
        .coverage = sqlite3_column_double(find, 3),
        .held = (uint64_t)sqlite3_column_int64(find, 4),
        .possible = (uint64_t)sqlite3_column_int64(find, 5),
    };
    return GB_OK;
}

int gb_store_changes(struct gb_store *store, struct gb_str host, int64_t since,
                     struct gb_arena *arena, struct gb_store_change **ret, size_t *count,
                     struct gb_error *err)
{
    GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *find = NULL;
    int code = gb_sqlite_prepare(
        store,
        "SELECT c.at, f.control, f.subject, f.title, f.severity, c.from_state, c.to_state"
        " FROM change c JOIN finding f ON f.host = c.host AND f.fingerprint = c.fingerprint"
        " WHERE c.host = ?1 AND c.at > ?2 ORDER BY c.at, c.id LIMIT 100000",
        &find, err);
    if (code)
        return code;
    gb_sqlite_bind(find, 1, host);
    sqlite3_bind_int64(find, 2, since);
    struct gb_store_change *changes = NULL;
    size_t capacity = 0;
    *count = 0;
    int step;
    while ((step = sqlite3_step(find)) == SQLITE_ROW) {
        if (*count == capacity) {
            size_t wider = capacity ? capacity * 2 : 32;
            changes = gb_grow_array(arena, changes, capacity, wider, sizeof *changes);
            if (!changes)
                return gb_error_set(err, GB_E_MEMORY, "no memory for the changes");
            capacity = wider;
        }
        changes[(*count)++] = (struct gb_store_change){
            .at = sqlite3_column_int64(find, 0),
            .control = gb_sqlite_text(find, 1, arena),
            .subject = gb_sqlite_text(find, 2, arena),
            .title = gb_sqlite_text(find, 3, arena),
            .severity = gb_sqlite_text(find, 4, arena),
            .from = gb_sqlite_text(find, 5, arena),
            .to = gb_sqlite_text(find, 6, arena),
        };
    }
    *ret = changes;
    return step == SQLITE_DONE ? GB_OK : gb_sqlite_fail(store, err);
}

// Reading is all that a query may do.
static int only_reads(void *context, int action, const char *a, const char *b, const char *c,
                      const char *d)
{
    (void)context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return b && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

static int stop_after(void *context)
{
    int *left = context;
    return --*left <= 0;
}

static int take_rows(struct gb_store *store, sqlite3_stmt *statement, size_t max_rows,
                     struct gb_arena *arena, struct gb_store_table *ret, struct gb_error *err)
{
    size_t columns = (size_t)sqlite3_column_count(statement);
    *ret = (struct gb_store_table){.columns = columns};
    ret->names = gb_alloc_array(arena, columns, sizeof *ret->names);
    if (!ret->names)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < columns; i++)
        ret->names[i] = gb_str_copy(arena, gb_str_of(sqlite3_column_name(statement, (int)i)));
    size_t capacity = 0;
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        if (ret->rows == max_rows) {
            ret->cut = true;
            return GB_OK;
        }
        if (ret->rows == capacity) {
            size_t wider = capacity ? capacity * 2 : 32;
            ret->cells = gb_grow_array(arena, ret->cells, capacity * columns, wider * columns,
                                       sizeof *ret->cells);
            if (!ret->cells)
                return gb_error_set(err, GB_E_MEMORY, "no memory for the answer");
            capacity = wider;
        }
        for (size_t i = 0; i < columns; i++)
            ret->cells[ret->rows * columns + i] = gb_sqlite_text(statement, (int)i, arena);
        ret->rows++;
    }
    if (step == SQLITE_INTERRUPT)
        return gb_error_set(err, GB_E_LIMIT, "the query takes too much work");
    return step == SQLITE_DONE ? GB_OK : gb_sqlite_fail(store, err);
}

int gb_store_query(struct gb_store *store, struct gb_str sql, size_t max_rows,
                   struct gb_arena *arena, struct gb_store_table *ret, struct gb_error *err)
{
    if (sql.len > 100000)
        return gb_error_set(err, GB_E_LIMIT, "the query is too long");
    int left = MOST_STEPS_OF_WORK;
    sqlite3_set_authorizer(store->db, only_reads, NULL);
    sqlite3_progress_handler(store->db, 10000, stop_after, &left);
    GB_CLEANUP(gb_sqlite_finalize) sqlite3_stmt *statement = NULL;
    const char *tail = NULL;
    int code = GB_OK;
    if (sqlite3_prepare_v2(store->db, sql.at, (int)sql.len, &statement, &tail) != SQLITE_OK)
        code = gb_error_set(err, GB_E_SYNTAX, "%s",
                            sqlite3_errcode(store->db) == SQLITE_AUTH
                                ? "a query may only read (SELECT)"
                                : sqlite3_errmsg(store->db));
    else if (!statement)
        code = gb_error_set(err, GB_E_SYNTAX, "the query is empty");
    else if (gb_str_trim((struct gb_str){tail, (size_t)(sql.at + sql.len - tail)}).len)
        code = gb_error_set(err, GB_E_SYNTAX, "one statement at a time");
    else
        code = take_rows(store, statement, max_rows, arena, ret, err);
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
    sqlite3_set_authorizer(store->db, NULL, NULL);
    return code;
}
