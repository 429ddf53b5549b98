// The walk against find(1) on the same tree with the same work (a stat of every entry): CPU and
// wall time of both, in turns, and their ratios. Usage: bench-walk [DIRECTORY [ROUNDS [THREADS]]]
#include "source/walk/walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct cost {
    double cpu_s, wall_s;
};

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static struct cost run_find(char *directory)
{
    double start = wall(), before = cpu(RUSAGE_CHILDREN);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        // Larger than any file: every entry is asked, nothing is printed.
        char *argv[] = {
            (char[]){"find"}, directory,        (char[]){"-xdev"},      (char[]){"-perm"},
            (char[]){"7777"}, (char[]){"-uid"}, (char[]){"4294967294"}, NULL};
        execvp("find", argv);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    return (struct cost){cpu(RUSAGE_CHILDREN) - before, wall() - start};
}

static bool count(void *context, const struct gb_walk_entry *entry)
{
    uint64_t *matches = context;
    *matches += entry->stat && entry->stat->st_mode & 02;
    return true;
}

static struct cost run_walk(const char *directory, unsigned threads, struct gb_walk_counts *counts)
{
    double start = wall(), before = cpu(RUSAGE_SELF);
    uint64_t matches[GB_WALK_THREADS_MAX] = {0};
    void *contexts[GB_WALK_THREADS_MAX];
    for (int i = 0; i < GB_WALK_THREADS_MAX; i++)
        contexts[i] = &matches[i];
    int fd = open(directory, O_RDONLY | O_DIRECTORY);
    struct gb_walk_options options = {.root_fd = fd, .threads = threads};
    struct gb_error err = {0};
    if (gb_walk_run(&options, count, contexts, counts, &err))
        fprintf(stderr, "walk: %s\n", err.reason);
    close(fd);
    return (struct cost){cpu(RUSAGE_SELF) - before, wall() - start};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    enum { ROUNDS_MAX = 51 };
    char *directory = argc > 1 ? argv[1] : (char[]){"/"};
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    unsigned threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    double cpu_ratios[ROUNDS_MAX], wall_ratios[ROUNDS_MAX];
    run_find(directory); // warms the cache
    for (int i = 0; i < rounds; i++) {
        struct gb_walk_counts counts = {0};
        struct cost find = run_find(directory), walk = run_walk(directory, threads, &counts);
        cpu_ratios[i] = walk.cpu_s / find.cpu_s;
        wall_ratios[i] = walk.wall_s / find.wall_s;
        printf(
            "%llu entries: find %.2f s CPU %.2f s wall; walk %.2f s CPU %.2f s wall; CPU ratio "
            "%.2f, wall ratio %.2f (unreadable %llu, vanished %llu, skipped %llu, mounts %llu)\n",
            (unsigned long long)counts.entries, find.cpu_s, find.wall_s, walk.cpu_s, walk.wall_s,
            cpu_ratios[i], wall_ratios[i], (unsigned long long)counts.unreadable,
            (unsigned long long)counts.vanished, (unsigned long long)counts.skipped,
            (unsigned long long)counts.mounts);
    }
    qsort(cpu_ratios, (size_t)rounds, sizeof *cpu_ratios, by_value);
    qsort(wall_ratios, (size_t)rounds, sizeof *wall_ratios, by_value);
    printf("median ratio to find: %.2f CPU, %.2f wall\n", cpu_ratios[rounds / 2],
           wall_ratios[rounds / 2]);
    return 0;
}
