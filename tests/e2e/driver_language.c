// Prints what the language reader finds in the files that are named, a package a line: the
// other side of differential tests.
//
//     driver_language FILE...                        ecosystem, name, version, flags, inside
//     driver_language --symbols FILE import/path.Func...     "present" or "absent" for each
#include "source/language/language.h"
#include "sys/file_content.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int with_file(const char *path, struct gb_file_content *file, struct gb_content_reader *ret,
                     uint32_t *mode)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        perror(path);
        return 1;
    }
    *mode = st.st_mode & 07777;
    *ret = gb_content_of_file(file, fd, (uint64_t)st.st_size);
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
    struct gb_file_content file;
    if (with_file(path, &file, &content, &mode))
        return 1;
    int code = 0;
    if (gb_language_wants(gb_str_of(path), mode, content.size) != GB_LANGUAGE_IGNORE)
        code = gb_language_read(&found, gb_str_of(path), &content, &err);
    close(file.fd);
    if (code)
        printf("error\t%s\n", err.reason);
    print(&found);
    return code ? 1 : 0;
}

static int symbols(const char *path, char **names, int count)
{
    struct gb_content_reader content;
    uint32_t mode;
    struct gb_file_content file;
    if (with_file(path, &file, &content, &mode))
        return 1;
    for (int i = 0; i < count; i++) {
        struct gb_str wanted = gb_str_of(names[i]);
        struct gb_error err = {0};
        bool present = false;
        int code = gb_language_go_symbols(&content, &wanted, 1, &present, &err);
        printf("%s\t%s\n", code ? err.reason : present ? "present" : "absent", names[i]);
    }
    close(file.fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && gb_str_is(gb_str_of(argv[1]), "--symbols"))
        return symbols(argv[2], argv + 3, argc - 3);
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= packages(argv[i]);
    return failed;
}
