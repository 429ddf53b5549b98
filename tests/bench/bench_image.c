// Reading an image of about 1 GiB out of an archive, held against reading and unpacking the same
// bytes without looking at them, in the same run.
//
//     bench-image [DIR [MIB]]     the image's files are taken from DIR (default /usr)
#include "source/image/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 256 << 10, ROUNDS = 3 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void add_file(struct archive *tar, const char *name, const struct stat *st, int fd)
{
    static char block[BLOCK];
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_copy_stat(entry, st);
    if (archive_write_header(tar, entry) == ARCHIVE_OK && fd >= 0)
        for (ssize_t got; (got = read(fd, block, sizeof block)) > 0;)
            archive_write_data(tar, block, (size_t)got);
    archive_entry_free(entry);
}

// A layer of so many bytes of files; gives the number of its bytes.
static uint64_t write_layer(const char *path, const char *from, uint64_t most, bool packed)
{
    struct archive *tar = archive_write_new();
    archive_write_set_format_pax_restricted(tar);
    if (packed && (archive_write_add_filter_gzip(tar) != ARCHIVE_OK ||
                   archive_write_set_options(tar, "compression-level=1") < ARCHIVE_WARN))
        die("gzip");
    if (archive_write_open_filename(tar, path) != ARCHIVE_OK)
        die(path);
    char *roots[] = {strdup(from), NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    uint64_t written = 0;
    for (FTSENT *file; walk && written < most && (file = fts_read(walk));) {
        if (file->fts_info != FTS_F && file->fts_info != FTS_D)
            continue;
        int fd = file->fts_info == FTS_F ? open(file->fts_path, O_RDONLY | O_CLOEXEC) : -1;
        if (file->fts_info == FTS_F && fd < 0)
            continue;
        add_file(tar, file->fts_path + 1, file->fts_statp, fd);
        if (fd >= 0) {
            written += (uint64_t)file->fts_statp->st_size;
            close(fd);
        }
    }
    fts_close(walk);
    free(roots[0]);
    archive_write_close(tar);
    archive_write_free(tar);
    return written;
}

static void add_part(struct archive *tar, const char *name, const char *path, const char *text)
{
    struct stat st = {.st_mode = S_IFREG | 0644, .st_size = text ? (off_t)strlen(text) : 0};
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (path && (fd < 0 || fstat(fd, &st) < 0))
        die(path);
    if (fd >= 0) {
        add_file(tar, name, &st, fd);
        close(fd);
        return;
    }
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_copy_stat(entry, &st);
    archive_write_header(tar, entry);
    archive_write_data(tar, text, strlen(text));
    archive_entry_free(entry);
}

static void write_image(const char *path, const char *layer)
{
    struct archive *tar = archive_write_new();
    archive_write_set_format_pax_restricted(tar);
    if (archive_write_open_filename(tar, path) != ARCHIVE_OK)
        die(path);
    add_part(tar, "layer.tar", layer, NULL);
    add_part(tar, "config.json", NULL,
             "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{},\"rootfs\":{}}");
    add_part(
        tar, "manifest.json", NULL,
        "[{\"Config\":\"config.json\",\"RepoTags\":[\"bench:1\"],\"Layers\":[\"layer.tar\"]}]");
    archive_write_close(tar);
    archive_write_free(tar);
}

// Reads the layer out of the archive and unpacks it, and that is all.
struct outer {
    struct archive *tar;
};

static ssize_t next_of_outer(struct archive *archive, void *context, const void **block)
{
    struct outer *outer = context;
    size_t len;
    la_int64_t offset;
    (void)archive;
    return archive_read_data_block(outer->tar, block, &len, &offset) == ARCHIVE_OK ? (ssize_t)len
                                                                                   : 0;
}

static int floor_of(const char *path)
{
    struct outer outer = {archive_read_new()};
    struct archive_entry *entry;
    archive_read_support_format_tar(outer.tar);
    if (archive_read_open_filename(outer.tar, path, BLOCK) != ARCHIVE_OK)
        return 1;
    uint64_t sum = 0;
    while (archive_read_next_header(outer.tar, &entry) == ARCHIVE_OK) {
        if (strcmp(archive_entry_pathname(entry), "layer.tar") != 0)
            continue;
        struct archive *raw = archive_read_new();
        const void *block;
        size_t len;
        la_int64_t offset;
        archive_read_support_filter_gzip(raw);
        archive_read_support_format_raw(raw);
        archive_read_open(raw, &outer, NULL, next_of_outer, NULL);
        if (archive_read_next_header(raw, &entry) != ARCHIVE_OK)
            return 1;
        while (archive_read_data_block(raw, &block, &len, &offset) == ARCHIVE_OK)
            for (size_t i = 0; i < len; i += 4096) // touches the bytes
                sum += ((const unsigned char *)block)[i];
        archive_read_free(raw);
    }
    archive_read_free(outer.tar);
    return sum == 1; // never, but the compiler does not know
}

static int read_image(const char *path)
{
    struct gb_image *image = NULL;
    struct gb_error err = {0};
    struct gb_image_options options = {0};
    int code = gb_image_open(path, &options, &image, &err);
    if (code)
        fprintf(stderr, "%s\n", err.reason);
    gb_image_close(&image);
    return code != 0;
}

struct cost {
    double wall, cpu;
    long kib;
};

static struct cost cost_of(int (*work)(const char *), const char *path)
{
    struct cost best = {1e9, 1e9, 0};
    for (int i = 0; i < ROUNDS; i++) {
        int status;
        struct rusage usage;
        double start = now();
        pid_t child = fork();
        if (child == 0)
            _exit(work(path));
        if (wait4(child, &status, 0, &usage) < 0 || status != 0)
            die("a child failed");
        double wall = now() - start;
        double cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 +
                     (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
        best.wall = wall < best.wall ? wall : best.wall;
        best.cpu = cpu < best.cpu ? cpu : best.cpu;
        best.kib = usage.ru_maxrss > best.kib ? usage.ru_maxrss : best.kib;
    }
    return best;
}

int main(int argc, char **argv)
{
    const char *from = argc > 1 ? argv[1] : "/usr";
    uint64_t most = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1024) << 20;
    char folder[] = "/var/tmp/bench-image-XXXXXX", layer[64], image[64];
    if (!mkdtemp(folder))
        die("mkdtemp");
    snprintf(layer, sizeof layer, "%s/layer.tar", folder);
    snprintf(image, sizeof image, "%s/image.tar", folder);
    for (int packed = 0; packed < 2; packed++) {
        uint64_t bytes = write_layer(layer, from, most, packed == 1);
        write_image(image, layer);
        unlink(layer);
        struct cost least = cost_of(floor_of, image), ours = cost_of(read_image, image);
        printf("%s layer, %.0f MiB of files\n", packed ? "gzip" : "plain", (double)bytes / 1048576);
        printf("  read and unpacked  %6.2f s wall  %6.2f s cpu  %6.1f MiB\n", least.wall, least.cpu,
               (double)least.kib / 1024);
        printf(
            "  image              %6.2f s wall  %6.2f s cpu  %6.1f MiB   %.2f x wall, %.2f x cpu\n",
            ours.wall, ours.cpu, (double)ours.kib / 1024, ours.wall / least.wall,
            ours.cpu / least.cpu);
        unlink(image);
    }
    rmdir(folder);
    return 0;
}
