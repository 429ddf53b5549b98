// Checksums of packaged files; used by the file walk and the check of package integrity.
#include "source/package/checksums.h"

#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_MAX_BYTES = 64 << 20, SUM_DIGITS = 32, FILE_MAX_BYTES = 256 << 20 };

int gb_package_checksum_list(struct gb_collector *collector, const struct gb_dpkg_package *package,
                             struct gb_str *ret)
{
    for (size_t i = 0; i < package->name.len; i++)
        if (package->name.at[i] == '/')
            return GB_E_NOT_FOUND;
    struct gb_str plain = gb_str_format(collector->scratch, "/var/lib/dpkg/info/" GB_PRI ".md5sums",
                                        GB_ARG(package->name));
    struct gb_str full =
        gb_str_format(collector->scratch, "/var/lib/dpkg/info/" GB_PRI ":" GB_PRI ".md5sums",
                      GB_ARG(package->name), GB_ARG(package->architecture));
    if (!plain.at || !full.at)
        return GB_E_MEMORY;
    struct gb_str first = package->co_installable ? full : plain;
    struct gb_str second = package->co_installable ? plain : full;
    int code =
        gb_host_read(collector->host, first.at, LIST_MAX_BYTES, collector->scratch, ret, NULL);
    if (code == GB_E_NOT_FOUND)
        code =
            gb_host_read(collector->host, second.at, LIST_MAX_BYTES, collector->scratch, ret, NULL);
    return code;
}

bool gb_package_checksum_next(struct gb_str *list, struct gb_str *path, struct gb_str *sum)
{
    for (struct gb_str line; gb_str_next(list, '\n', &line);) {
        if (line.len < SUM_DIGITS + 3 || line.at[SUM_DIGITS] != ' ')
            continue;
        *sum = gb_str_sub(line, 0, SUM_DIGITS);
        *path = gb_str_from(line, SUM_DIGITS + 2);
        return true;
    }
    return false;
}

static int sum_of(const struct gb_host *host, const char *path, char digits[SUM_DIGITS],
                  struct gb_error *err)
{
    static const char hex[] = "0123456789abcdef";
    int fd = gb_host_open_fd(host, path, O_RDONLY | O_NOFOLLOW, err);
    if (fd < 0)
        return fd;
    struct stat st;
    GB_CLEANUP(gb_digest_stream_free) struct gb_digest_stream *stream = NULL;
    int code = GB_E_UNSUPPORTED;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX_BYTES)
        code = gb_digest_stream_new(&stream, err);
    if (!code)
        code = gb_digest_stream_start(stream, GB_MD5, err);
    for (ssize_t got = 1; !code && got > 0;) {
        char piece[16 << 10];
        got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got < 0)
            code = gb_error_errno(err, errno, "cannot read");
        else if (got > 0)
            code = gb_digest_stream_add(stream, (struct gb_str){piece, (size_t)got}, err);
    }
    close(fd);
    unsigned char sum[GB_DIGEST_LARGEST];
    if (!code)
        code = gb_digest_stream_end(stream, sum, err);
    for (size_t i = 0; !code && i < SUM_DIGITS; i++)
        digits[i] = hex[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4];
    return code;
}

int gb_package_is_intact(struct gb_collector *collector, struct gb_str package, const char *path,
                         struct gb_error *err)
{
    const struct gb_dpkg *dpkg = NULL;
    int code = gb_dpkg_load(collector, &dpkg, err);
    if (code)
        return code;
    struct gb_str wanted = gb_str_from(gb_str_of(path), 1);
    struct gb_str unmerged =
        gb_str_starts(wanted, GB_STR("usr/")) ? gb_str_from(wanted, 4) : wanted;
    const struct gb_dpkg_package *known = gb_map_get(&dpkg->by_name, package);
    for (; known; known = known->next) {
        struct gb_str list, file, sum;
        if (!gb_dpkg_in_place(known) || gb_package_checksum_list(collector, known, &list) < 0)
            continue;
        while (gb_package_checksum_next(&list, &file, &sum)) {
            if (!gb_str_eq(file, wanted) && !gb_str_eq(file, unmerged))
                continue;
            char digits[SUM_DIGITS];
            code = sum_of(collector->host, path, digits, err);
            return code ? code : gb_str_eq(sum, (struct gb_str){digits, SUM_DIGITS});
        }
    }
    return gb_error_set(err, GB_E_NOT_FOUND, "no checksum is known");
}
