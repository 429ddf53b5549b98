// What packages of languages cost: deciding by name, and reading the files that are named
// (programs, jars, metadata), each several times.
//
//     bench-language /usr/bin/podman app.jar ...
#include "source/language/language.h"
#include "source/language/reading.h"
#include "sys/file_content.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void bench_names(void)
{
    static const char *const names[] = {"ls",         "libc.so.6", "README.md", "package.json",
                                        "x.py",       "a.jar",     "main.c",    "METADATA",
                                        "index.d.ts", "a.pyc",     "b.html",    "installed.json"};
    enum { COUNT = sizeof names / sizeof *names, ROUNDS = 1 << 20 };
    double start = seconds();
    unsigned wanted = 0;
    for (int i = 0; i < ROUNDS; i++)
        wanted += gb_language_wants_name(gb_str_of(names[i % COUNT]), 0644, 4096);
    printf("by name: %.1f ns a file (%u of %d wanted)\n", (seconds() - start) / ROUNDS * 1e9,
           wanted, ROUNDS);
}

static void bench_file(const char *path)
{
    enum { ROUNDS = 50 };
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        perror(path);
        return;
    }
    struct gb_file_content file;
    struct gb_content_reader content = gb_content_of_file(&file, fd, (uint64_t)st.st_size);
    size_t count = 0, problems = 0;
    double start = seconds();
    for (int i = 0; i < ROUNDS; i++) {
        GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 256u << 20);
        struct gb_language_inventory found = {.arena = arena, .layer = UINT32_MAX};
        if (!arena || gb_language_read(&found, gb_str_of(path), &content, NULL) < 0)
            break;
        count = found.count;
        problems = found.problem_count;
    }
    printf("%8.0f us %9.1f MB %6zu packages %zu problems  %s\n", (seconds() - start) / ROUNDS * 1e6,
           (double)st.st_size / 1e6, count, problems, path);
    struct gb_str wanted = GB_STR("example.com/nothing.Here");
    bool there;
    start = seconds();
    if (gb_language_go_symbols(&content, &wanted, 1, &there, NULL) == GB_OK)
        printf("%8.0f us for all names of functions\n", (seconds() - start) * 1e6);
    close(fd);
}

int main(int argc, char **argv)
{
    bench_names();
    for (int i = 1; i < argc; i++)
        bench_file(argv[i]);
    return 0;
}
