// The evidence of Go's function tables.
#include "cli/symbols.h"

#include "source/language/language.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t read_file(void *context, uint64_t offset, void *into, size_t size)
{
    ssize_t got = pread(*(const int *)context, into, size, (off_t)offset);
    return got < 0 ? GB_E_IO : (int64_t)got;
}

// The path of the program, "" when the flaw is not one that its functions can tell of.
static struct gb_str program_of(const struct gb_vulnerability *v)
{
    const struct gb_map_value *props = v->package ? v->package->props : NULL;
    struct gb_str none = {0};
    if (!props || !v->symbol_count || v->suppression != GB_SUPPRESSED_NOT ||
        !gb_str_is(gb_value_str_or(gb_map_find(props, GB_STR("ecosystem")), none), "Go") ||
        gb_value_str_or(gb_map_find(props, GB_STR("inside")), none).len)
        return none;
    return gb_value_str_or(gb_map_find(props, GB_STR("path")), none);
}

static void check_program(int fd, struct gb_str path, struct gb_vulnerability *v,
                          struct gb_arena *arena)
{
    struct stat st;
    bool found = true;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
        return;
    struct gb_content_reader reader = {
        .context = &fd, .size = (uint64_t)st.st_size, .read_at = read_file};
    if (gb_language_go_symbols(&reader, v->symbols, v->symbol_count, &found, NULL) || found)
        return;
    v->suppression = GB_SUPPRESSED_SYMBOL_ABSENT;
    v->suppression_reason = gb_str_format(
        arena, "none of the vulnerable functions is in " GB_PRI " (" GB_PRI "%s)", GB_ARG(path),
        GB_ARG(v->symbols[0]), v->symbol_count > 1 ? " and others" : "");
}

void gb_symbols_check(const struct gb_host *host, struct gb_vulnerability *items, size_t count,
                      struct gb_arena *arena)
{
    struct gb_str open_path = {0};
    int fd = -1;
    for (size_t i = 0; i < count; i++) {
        struct gb_str path = program_of(&items[i]);
        if (!path.len)
            continue;
        // Flaws of one program stand together: it is opened once.
        if (!gb_str_eq(path, open_path)) {
            if (fd >= 0)
                close(fd);
            fd = gb_host_open_fd(host, gb_str_c(arena, path), O_RDONLY, NULL);
            open_path = path;
        }
        if (fd >= 0)
            check_program(fd, path, &items[i], arena);
    }
    if (fd >= 0)
        close(fd);
}
