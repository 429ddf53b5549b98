// Prints what the language reader finds in the files that are named, a package a line: the
// other side of differential tests.
//
//     driver_language FILE...                        ecosystem, name, version, flags, inside
#include "source/language/language.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t read_file(void *context, uint64_t offset, void *into, size_t size)
{
    ssize_t got = pread(*(int *)context, into, size, (off_t)offset);
    return got < 0 ? GB_E_IO : got;
}

static int with_file(const char *path, int *fd, struct gb_content_reader *ret, uint32_t *mode)
{
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) < 0) {
        perror(path);
        return 1;
    }
    *mode = st.st_mode & 07777;
    *ret = (struct gb_content_reader){fd, (uint64_t)st.st_size, read_file};
    return 0;
}

static void print(const struct gb_language_inventory *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct gb_language_package *p = &found->items[i];
        printf(GB_PRI "\t" GB_PRI "\t" GB_PRI "\t%s%s%s\t" GB_PRI "\t" GB_PRI "/" GB_PRI "\n",
               GB_ARG(p->ecosystem), GB_ARG(p->name), GB_ARG(p->version),
               p->main_module ? "main " : "", p->standard_library ? "standard " : "",
               p->development ? "development" : "", GB_ARG(p->inside), GB_ARG(p->system),
               GB_ARG(p->architecture));
    }
    for (size_t i = 0; i < found->problem_count; i++)
        printf("problem\t" GB_PRI "\t" GB_PRI "\n", GB_ARG(found->problems[i].path),
               GB_ARG(found->problems[i].reason));
}

static int packages(const char *path)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("driver", 256u << 20);
    struct gb_language_inventory found = {.arena = arena, .layer = UINT32_MAX};
    struct gb_content_reader content;
    struct gb_error err = {0};
    uint32_t mode;
    int fd;
    if (with_file(path, &fd, &content, &mode))
        return 1;
    int code = 0;
    if (gb_language_wants(gb_str_of(path), mode, content.size) != GB_LANGUAGE_IGNORE)
        code = gb_language_read(&found, gb_str_of(path), &content, &err);
    close(fd);
    if (code)
        printf("error\t%s\n", err.reason);
    print(&found);
    return code ? 1 : 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= packages(argv[i]);
    return failed;
}
