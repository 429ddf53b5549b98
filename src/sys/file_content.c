// Reading open files at any place; see file_content.h.
#include "sys/file_content.h"

#include <errno.h>
#include <unistd.h>

static int64_t read_file(void *context, uint64_t offset, void *into, size_t size)
{
    const struct gb_file_content *file = context;
    ssize_t got;
    if (offset > INT64_MAX - size)
        return 0;
    do
        got = pread(file->fd, into, size, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? GB_E_IO : got;
}

struct gb_content_reader gb_content_of_file(struct gb_file_content *file, int fd, uint64_t size)
{
    file->fd = fd;
    return (struct gb_content_reader){.context = file, .size = size, .read_at = read_file};
}
