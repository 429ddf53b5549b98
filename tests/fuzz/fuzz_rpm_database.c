// rpm's NDB and Berkeley DB files: whatever is in them, the readers end and hand over slices that
// can be read. SQLite has its own tests; the header reader has fuzz_rpm_header.
#include "source/package/rpm_database.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int touch(void *context, struct gb_str blob, uint32_t number)
{
    unsigned *sum = context;
    for (size_t i = 0; i < blob.len; i++)
        *sum += (unsigned char)blob.at[i];
    *sum += number;
    return GB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned sum = 0;
    struct gb_rpm_visitor visitor = {touch, &sum};
    struct gb_rpm_reading reading;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
        abort();
    if (gb_rpm_ndb_read(fd, size, &visitor, &reading, NULL) == GB_OK && reading.headers > size / 16)
        abort();
    if (gb_rpm_bdb_read(fd, size, &visitor, &reading, NULL) == GB_OK && reading.headers > size)
        abort();
    close(fd);
    return 0;
}
