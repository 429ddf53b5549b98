// Finds rpm's data base and hands its records over; the formats are in rpm_sqlite.c, rpm_ndb.c and
// rpm_bdb.c.
#include "source/package/rpm_database.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct gb_rpm_place gb_rpm_places[] = {
    {GB_RPM_SQLITE, "/usr/lib/sysimage/rpm/rpmdb.sqlite"},
    {GB_RPM_SQLITE, "/var/lib/rpm/rpmdb.sqlite"},
    {GB_RPM_NDB, "/usr/lib/sysimage/rpm/Packages.db"},
    {GB_RPM_NDB, "/var/lib/rpm/Packages.db"},
    {GB_RPM_BDB, "/usr/lib/sysimage/rpm/Packages"},
    {GB_RPM_BDB, "/var/lib/rpm/Packages"},
    {GB_RPM_SQLITE, NULL},
};

void gb_rpm_reading_damaged(struct gb_rpm_reading *reading, const struct gb_error *why)
{
    if (!reading->damaged++)
        reading->first = *why;
}

int gb_rpm_read_at(int fd, void *into, size_t size, uint64_t offset, struct gb_error *err)
{
    if (offset > INT64_MAX - size)
        return gb_error_set(err, GB_E_SYNTAX, "an offset beyond the end of the file");
    for (size_t have = 0; have < size;) {
        ssize_t got = pread(fd, (char *)into + have, size - have, (off_t)(offset + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gb_error_errno(err, errno, "cannot read");
        if (got == 0)
            return gb_error_set(err, GB_E_SYNTAX, "the file is cut short");
        have += (size_t)got;
    }
    return GB_OK;
}

int gb_rpm_database_read(const struct gb_host *host, const struct gb_rpm_place *place,
                         const struct gb_rpm_visitor *visitor, struct gb_rpm_reading *ret,
                         struct gb_error *err)
{
    if (place->format == GB_RPM_SQLITE)
        return gb_rpm_sqlite_read(host, place->path, visitor, ret, err);
    int fd = gb_host_open_fd(host, place->path, O_RDONLY, err);
    if (fd < 0)
        return fd;
    struct stat st;
    int code = GB_OK;
    if (fstat(fd, &st) != 0)
        code = gb_error_errno(err, errno, "cannot read");
    else if (!S_ISREG(st.st_mode))
        code = gb_error_set(err, GB_E_TYPE, "is no file");
    else
        code = place->format == GB_RPM_NDB
                   ? gb_rpm_ndb_read(fd, (uint64_t)st.st_size, visitor, ret, err)
                   : gb_rpm_bdb_read(fd, (uint64_t)st.st_size, visitor, ret, err);
    close(fd);
    if (code && err)
        (void)gb_error_subject(err, place->path);
    return code;
}
