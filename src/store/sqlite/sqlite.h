// The inside of the SQLite store; for the files of store/sqlite/ only.
#ifndef GABION_STORE_SQLITE_SQLITE_H
#define GABION_STORE_SQLITE_SQLITE_H

#include "store/store.h"

#include <sqlite3.h>

struct gb_store {
    sqlite3 *db;
    char path[4096];
};

// The data base's last error, with the path as subject.
int gb_sqlite_fail(const struct gb_store *store, struct gb_error *err);
GB_MUST_USE int gb_sqlite_prepare(struct gb_store *store, const char *sql, sqlite3_stmt **ret,
                                  struct gb_error *err);
void gb_sqlite_finalize(sqlite3_stmt **statement); // for GB_CLEANUP
void gb_sqlite_bind(sqlite3_stmt *statement, int index, struct gb_str text);
struct gb_str gb_sqlite_text(sqlite3_stmt *statement, int column, struct gb_arena *arena);

#endif
