// rpm's data base in its three formats: SQLite (rpmdb.sqlite), NDB (Packages.db) and the hash files
// of Berkeley DB (Packages), below /usr/lib/sysimage/rpm or /var/lib/rpm. Gives the header blobs
// one by one; used by the rpm inventory, the owner index and the changelog reader.
//
// The files may be hostile (an image, a mounted disk): they are opened read-only, SQLite through a
// file system of its own that knows these files only; schema, sizes and steps are limited.
#ifndef GABION_SOURCE_PACKAGE_RPM_DATABASE_H
#define GABION_SOURCE_PACKAGE_RPM_DATABASE_H

#include "sys/host.h"

enum gb_rpm_format { GB_RPM_SQLITE, GB_RPM_NDB, GB_RPM_BDB };

struct gb_rpm_place {
    enum gb_rpm_format format;
    const char *path;
};

// Where data bases can be, in the order in which they are looked for. Ends with a NULL path.
extern const struct gb_rpm_place gb_rpm_places[];

// Called for each header; the blob is valid until it returns. A code other than GB_OK ends the
// reading and is handed on.
struct gb_rpm_visitor {
    int (*visit)(void *context, struct gb_str blob, uint32_t number);
    void *context;
};

struct gb_rpm_reading {
    size_t headers;        // handed over
    size_t damaged;        // records that could not be read
    struct gb_error first; // why the first of those could not
};

// GB_E_NOT_FOUND when there is no such file, GB_E_DENIED, GB_E_SYNTAX when it is no data base of
// that format, GB_E_LIMIT. Records that are damaged are counted in *ret, and reading goes on with
// the next as far as the format allows.
GB_MUST_USE int gb_rpm_database_read(const struct gb_host *host, const struct gb_rpm_place *place,
                                     const struct gb_rpm_visitor *visitor,
                                     struct gb_rpm_reading *ret, struct gb_error *err);

// The readers of NDB and Berkeley DB by themselves, on an open file of `size` bytes.
GB_MUST_USE int gb_rpm_ndb_read(int fd, uint64_t size, const struct gb_rpm_visitor *visitor,
                                struct gb_rpm_reading *ret, struct gb_error *err);
GB_MUST_USE int gb_rpm_bdb_read(int fd, uint64_t size, const struct gb_rpm_visitor *visitor,
                                struct gb_rpm_reading *ret, struct gb_error *err);
// SQLite, by path.
GB_MUST_USE int gb_rpm_sqlite_read(const struct gb_host *host, const char *path,
                                   const struct gb_rpm_visitor *visitor, struct gb_rpm_reading *ret,
                                   struct gb_error *err);

// Counts a record that could not be read; for the readers.
void gb_rpm_reading_damaged(struct gb_rpm_reading *reading, const struct gb_error *why);
// Reads exactly `size` bytes at `offset`; GB_E_SYNTAX at the end of the file.
GB_MUST_USE int gb_rpm_read_at(int fd, void *into, size_t size, uint64_t offset,
                               struct gb_error *err);

#endif
