// Speed and memory of importing advisory feeds: bench-feed [-l] FILE... prints for each file what
// was imported, MB/s of unpacked text on one core, and how many times the floor that takes: the
// floor unpacks the same file with libarchive and zlib and looks for line ends in the text. -l
// prints what was left out.
#include "source/feed/feed.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zlib.h>

static bool print_left_out;

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void left_out(void *context, struct gb_str why)
{
    (void)context;
    if (print_left_out)
        printf("  left out: " GB_PRI "\n", GB_ARG(why));
}

static double import(const struct gb_host *host, const char *path, struct gb_feed_summary *s)
{
    struct gb_advisory_sink sink = {.left_out = left_out};
    struct gb_feed_options options = {0};
    struct gb_error err = {0};
    char text[1024];
    double before = now();
    *s = (struct gb_feed_summary){0};
    if (gb_feed_import_path(host, path, &options, &sink, s, &err) < 0) {
        gb_error_text(&err, text, sizeof text);
        printf("  %s\n", text);
    }
    return now() - before;
}

static size_t lines;

static void look(const unsigned char *text, size_t len)
{
    const unsigned char *hit;
    while (len && (hit = memchr(text, '\n', len))) {
        lines++;
        len -= (size_t)(hit - text) + 1;
        text = hit + 1;
    }
}

// One entry, of which a zlib stream is unpacked too.
static void pass(struct archive *a)
{
    static unsigned char packed[128 << 10], text[256 << 10];
    z_stream z = {0};
    bool first = true, deflated = false;
    la_ssize_t got;
    while ((got = archive_read_data(a, packed, sizeof packed)) > 0) {
        if (first && packed[0] == 'x')
            deflated = inflateInit(&z) == Z_OK;
        first = false;
        if (!deflated) {
            look(packed, (size_t)got);
            continue;
        }
        z.next_in = packed;
        z.avail_in = (unsigned)got;
        int code;
        do {
            z.next_out = text;
            z.avail_out = sizeof text;
            code = inflate(&z, Z_NO_FLUSH);
            look(text, sizeof text - z.avail_out);
        } while (code == Z_OK && (z.avail_in || !z.avail_out));
    }
    if (deflated)
        inflateEnd(&z);
}

static double unpack(const char *path)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    double before = now();
    archive_read_support_filter_all(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_zip(a);
    archive_read_support_format_raw(a);
    if (archive_read_open_filename(a, path, 128 << 10) == ARCHIVE_OK)
        while (archive_read_next_header(a, &entry) == ARCHIVE_OK)
            pass(a);
    archive_read_free(a);
    return now() - before;
}

static void measure(const struct gb_host *host, const char *path)
{
    struct gb_feed_summary s;
    double best = import(host, path, &s), floor = unpack(path);
    bool printed = print_left_out;
    print_left_out = false;
    for (int i = 0; i < 4; i++) {
        double took = import(host, path, &s);
        best = took < best ? took : best;
        took = unpack(path);
        floor = took < floor ? took : floor;
    }
    print_left_out = printed;
    const char *name = strrchr(path, '/');
    printf("%-40.40s %6.1f MB %8.1f ms %6.0f MB/s %5.1f x floor  documents %llu repeated %llu "
           "advisories %llu "
           "affected %llu exploits %llu cycles %llu left out %llu\n",
           name ? name + 1 : path, (double)s.bytes / 1e6, best * 1e3, (double)s.bytes / best / 1e6,
           best / floor, (unsigned long long)s.documents, (unsigned long long)s.repeated,
           (unsigned long long)s.advisories, (unsigned long long)s.affected,
           (unsigned long long)s.exploits, (unsigned long long)s.lifecycles,
           (unsigned long long)s.left_out);
}

int main(int argc, char **argv)
{
    struct gb_host *host = NULL;
    struct gb_error err = {0};
    struct gb_host_options options = {0};
    if (gb_host_open(&options, &host, &err) < 0) {
        fprintf(stderr, "%s\n", err.reason);
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-l") == 0)
            print_left_out = true;
        else
            measure(host, argv[i]);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak %.1f MiB\n", (double)usage.ru_maxrss / 1024);
    gb_host_close(&host);
    return 0;
}
