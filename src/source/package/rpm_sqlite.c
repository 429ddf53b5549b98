// rpm's data base in SQLite. The file is read by SQLite itself, through a file system of our own:
// it knows the data base and its write-ahead log, opens both below the host's root and never
// writes. The log is replayed in memory, so that changes that rpm did not fold back yet are seen.
#include "source/package/rpm_database.h"
#include "source/package/rpm_header.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STEPS_BETWEEN_CALLS = 100000,
    CALLS_MAX = 10000, // a billion steps of SQLite's machine: a hundred thousand packages
};

struct file {
    sqlite3_file base;
    int fd; // -1: a log that is not there, which is an empty one
};

struct reader {
    const struct gb_host *host;
    sqlite3_vfs vfs;
    char name[32];
    sqlite3 *db;
    uint32_t calls;
    struct gb_error open_error;
};

// ---- a file that can only be read

static int close_file(sqlite3_file *file)
{
    int fd = ((struct file *)file)->fd;
    if (fd >= 0)
        close(fd);
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *into, int size, sqlite3_int64 offset)
{
    char *bytes = into;
    size_t have = 0, want = (size_t)size;
    int fd = ((struct file *)file)->fd;
    while (have < want) {
        ssize_t got =
            fd < 0 ? 0 : pread(fd, bytes + have, want - have, (off_t)offset + (off_t)have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return SQLITE_IOERR_READ;
        if (got == 0) {
            memset(bytes + have, 0, want - have);
            return SQLITE_IOERR_SHORT_READ;
        }
        have += (size_t)got;
    }
    return SQLITE_OK;
}

static int refuse_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
    (void)file, (void)from, (void)size, (void)offset;
    return SQLITE_READONLY;
}

static int refuse_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file, (void)size;
    return SQLITE_READONLY;
}

static int no_sync(sqlite3_file *file, int flags)
{
    (void)file, (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    struct stat st = {0};
    int fd = ((struct file *)file)->fd;
    if (fd >= 0 && fstat(fd, &st) != 0)
        return SQLITE_IOERR_FSTAT;
    *ret = st.st_size;
    return SQLITE_OK;
}

static int no_lock(sqlite3_file *file, int level)
{
    (void)file, (void)level;
    return SQLITE_OK;
}

static int nobody_locks(sqlite3_file *file, int *ret)
{
    (void)file;
    *ret = 0;
    return SQLITE_OK;
}

static int no_control(sqlite3_file *file, int operation, void *argument)
{
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int characteristics(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, // no shared memory: SQLite keeps the index of the log in its own
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = refuse_write,
    .xTruncate = refuse_truncate,
    .xSync = no_sync,
    .xFileSize = file_size,
    .xLock = no_lock,
    .xUnlock = no_lock,
    .xCheckReservedLock = nobody_locks,
    .xFileControl = no_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

// ---- a file system with these two files

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    struct reader *reader = vfs->pAppData;
    struct file *opened = (struct file *)file;
    opened->base.pMethods = NULL;
    if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return SQLITE_CANTOPEN;
    struct gb_error why = {0};
    opened->fd = gb_host_open_fd(reader->host, name, O_RDONLY, &why);
    struct stat st;
    if (opened->fd >= 0 && (fstat(opened->fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        close(opened->fd);
        opened->fd = gb_error_set(&why, GB_E_TYPE, "is no file");
    }
    bool is_log = flags & SQLITE_OPEN_WAL;
    if (opened->fd < 0 && !(is_log && why.code == GB_E_NOT_FOUND)) {
        reader->open_error = why;
        return SQLITE_CANTOPEN;
    }
    opened->base.pMethods = &methods;
    if (ret_flags)
        *ret_flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    return SQLITE_OK;
}

static int refuse_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_READONLY;
}

static bool has_content(const struct gb_host *host, const char *name)
{
    struct gb_file_info info;
    return gb_host_stat(host, name, true, &info, NULL) == GB_OK && info.type == GB_FILE_REGULAR &&
           info.size > 0;
}

// Only the log counts; a rollback journal cannot be applied without writing.
static int look_for(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    const struct reader *reader = vfs->pAppData;
    *ret = flags == SQLITE_ACCESS_EXISTS && gb_str_ends(gb_str_of(name), GB_STR("-wal")) &&
           has_content(reader->host, name);
    return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
    (void)vfs;
    int length = snprintf(ret, (size_t)size, "%s", name);
    return length < 0 || length >= size ? SQLITE_CANTOPEN : SQLITE_OK;
}

static int no_randomness(sqlite3_vfs *vfs, int size, char *ret)
{
    (void)vfs;
    memset(ret, 0, (size_t)size);
    return size;
}

static int no_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs, (void)microseconds;
    return 0;
}

static int no_time(sqlite3_vfs *vfs, double *ret)
{
    (void)vfs;
    *ret = 2440587.5; // 1970
    return SQLITE_OK;
}

static int no_error(sqlite3_vfs *vfs, int size, char *ret)
{
    (void)vfs;
    if (size > 0)
        *ret = 0;
    return 0;
}

static int mount(struct reader *reader)
{
    // The name is how SQLite finds the file system again: one for each reader, of any thread.
    snprintf(reader->name, sizeof reader->name, "gb-%p", (void *)reader);
    reader->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = sizeof(struct file),
        .mxPathname = 512,
        .zName = reader->name,
        .pAppData = reader,
        .xOpen = open_file,
        .xDelete = refuse_delete,
        .xAccess = look_for,
        .xFullPathname = full_name,
        .xRandomness = no_randomness,
        .xSleep = no_sleep,
        .xCurrentTime = no_time,
        .xGetLastError = no_error,
    };
    return sqlite3_vfs_register(&reader->vfs, 0);
}

// ---- reading

static int too_long(void *context)
{
    struct reader *reader = context;
    return reader->calls++ > CALLS_MAX;
}

// The one query may read these tables, and nothing else may happen: no function, no pragma.
static int allow(void *context, int action, const char *first, const char *second,
                 const char *database, const char *trigger)
{
    (void)context, (void)second, (void)database;
    if (trigger) // a view or a trigger of the file
        return SQLITE_DENY;
    if (action == SQLITE_SELECT)
        return SQLITE_OK;
    bool known = first && (strcmp(first, "Packages") == 0 || strcmp(first, "sqlite_master") == 0);
    return action == SQLITE_READ && known ? SQLITE_OK : SQLITE_DENY;
}

static int failed(struct reader *reader, struct gb_error *err)
{
    int code = sqlite3_errcode(reader->db);
    if (code == SQLITE_NOMEM)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    if (reader->open_error.code) {
        if (err)
            *err = reader->open_error;
        return reader->open_error.code;
    }
    return gb_error_set(err, code == SQLITE_IOERR ? GB_E_IO : GB_E_SYNTAX, "%s",
                        sqlite3_errmsg(reader->db));
}

static int open_database(struct reader *reader, const char *path, struct gb_error *err)
{
    if (mount(reader) != SQLITE_OK)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    if (sqlite3_open_v2(path, &reader->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                        reader->name) != SQLITE_OK)
        return failed(reader, err);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(reader->db, SQLITE_LIMIT_LENGTH, GB_RPM_HEADER_MAX_BYTES);
    sqlite3_limit(reader->db, SQLITE_LIMIT_SQL_LENGTH, 64 << 10);
    sqlite3_limit(reader->db, SQLITE_LIMIT_COLUMN, 100);
    sqlite3_limit(reader->db, SQLITE_LIMIT_EXPR_DEPTH, 20);
    sqlite3_limit(reader->db, SQLITE_LIMIT_VDBE_OP, 10000);
    sqlite3_limit(reader->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_progress_handler(reader->db, STEPS_BETWEEN_CALLS, too_long, reader);
    // Alone on the file: without shared memory for the log, and without a lock to wait for.
    if (sqlite3_exec(reader->db,
                     "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-1024;"
                     "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON",
                     NULL, NULL, NULL) != SQLITE_OK)
        return failed(reader, err);
    sqlite3_set_authorizer(reader->db, allow, NULL);
    return GB_OK;
}

static int hand_over(sqlite3_stmt *statement, const struct gb_rpm_visitor *visitor,
                     struct gb_rpm_reading *reading)
{
    struct gb_error why = {0};
    sqlite3_int64 number = sqlite3_column_int64(statement, 0);
    const void *bytes = sqlite3_column_blob(statement, 1);
    int size = sqlite3_column_bytes(statement, 1);
    if (sqlite3_column_type(statement, 1) != SQLITE_BLOB || !bytes || size <= 0) {
        gb_error_set(&why, GB_E_SYNTAX, "record %lld holds no header", (long long)number);
        gb_rpm_reading_damaged(reading, &why);
        return GB_OK;
    }
    reading->headers++;
    return visitor->visit(visitor->context, (struct gb_str){bytes, (size_t)size}, (uint32_t)number);
}

static int read_rows(struct reader *reader, const struct gb_rpm_visitor *visitor,
                     struct gb_rpm_reading *reading, struct gb_error *err)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(reader->db, "SELECT hnum, blob FROM main.Packages NOT INDEXED", -1,
                           &statement, NULL) != SQLITE_OK)
        return failed(reader, err);
    int step, code = GB_OK;
    while (!code && (step = sqlite3_step(statement)) == SQLITE_ROW)
        code = hand_over(statement, visitor, reading);
    if (!code && step != SQLITE_DONE) {
        struct gb_error why = {0};
        code = failed(reader, &why);
        if (code != GB_E_MEMORY && reading->headers) { // what was read is good
            gb_rpm_reading_damaged(reading, &why);
            code = GB_OK;
        } else if (err) {
            *err = why;
        }
    }
    sqlite3_finalize(statement);
    return code;
}

int gb_rpm_sqlite_read(const struct gb_host *host, const char *path,
                       const struct gb_rpm_visitor *visitor, struct gb_rpm_reading *ret,
                       struct gb_error *err)
{
    struct reader reader = {.host = host};
    *ret = (struct gb_rpm_reading){0};
    int code = open_database(&reader, path, err);
    if (!code)
        code = read_rows(&reader, visitor, ret, err);
    sqlite3_close(reader.db);
    sqlite3_vfs_unregister(&reader.vfs);
    if (code && err)
        (void)gb_error_subject(err, path);
    return code;
}
