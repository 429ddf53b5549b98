// The layout of the SQLite store, version by version. A new version is a new row at the end.
#ifndef GABION_STORE_SQLITE_SCHEMA_H
#define GABION_STORE_SQLITE_SCHEMA_H

static const char *const gb_sqlite_migrations[] = {
    // 1
    "CREATE TABLE scan ("
    " id INTEGER PRIMARY KEY, at INTEGER NOT NULL, host TEXT NOT NULL, target TEXT NOT NULL,"
    " tool_version TEXT NOT NULL, as_root INTEGER NOT NULL, score_raw REAL, score_adjusted REAL,"
    " points_held INTEGER NOT NULL, points_possible INTEGER NOT NULL, coverage REAL NOT NULL"
    ") STRICT;"
    "CREATE INDEX scan_by_host ON scan (host, at);"
    "CREATE TABLE finding ("
    " fingerprint TEXT NOT NULL, host TEXT NOT NULL, control TEXT NOT NULL,"
    " subject TEXT NOT NULL, title TEXT NOT NULL, severity TEXT NOT NULL, state TEXT NOT NULL,"
    " first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, resolved_at INTEGER,"
    " reopened INTEGER NOT NULL DEFAULT 0, gain REAL NOT NULL, risk REAL NOT NULL,"
    " PRIMARY KEY (host, fingerprint)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE change ("
    " id INTEGER PRIMARY KEY, scan INTEGER NOT NULL REFERENCES scan (id) ON DELETE CASCADE,"
    " at INTEGER NOT NULL, host TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " from_state TEXT NOT NULL, to_state TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX change_by_host ON change (host, at);",
    // 2: vulnerabilities beside controls
    "ALTER TABLE finding ADD COLUMN area TEXT NOT NULL DEFAULT 'posture';",
};

#endif
