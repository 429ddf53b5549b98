// Speed and memory of importing advisory feeds: bench-feed [-l] FILE... prints for each file what
// was imported, MB/s of unpacked text on one core, and the same as a ratio to a floor (unpacking
// alone is not separable here: the floor is memchr for line ends over the same bytes in memory plus
// the reading of them); -l prints what was left out. Without files: the corpus.
#include "base/buffer.h"
#include "source/feed/feed.h"
#include "source/feed/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

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

static void measure(const struct gb_host *host, const char *path)
{
    struct gb_feed_summary s;
    double best = import(host, path, &s);
    bool printed = print_left_out;
    print_left_out = false;
    for (int i = 0; i < 4; i++) {
        double took = import(host, path, &s);
        best = took < best ? took : best;
    }
    print_left_out = printed;
    const char *name = strrchr(path, '/');
    printf("%-40.40s %6.1f MB %8.1f ms %6.0f MB/s  documents %llu repeated %llu advisories %llu "
           "affected %llu exploits %llu cycles %llu left out %llu\n",
           name ? name + 1 : path, (double)s.bytes / 1e6, best * 1e3, (double)s.bytes / best / 1e6,
           (unsigned long long)s.documents, (unsigned long long)s.repeated,
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
