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

static void suppress(struct gb_vulnerability *v, struct gb_str path, struct gb_arena *arena)
{
    v->suppression = GB_SUPPRESSED_SYMBOL_ABSENT;
    v->suppression_reason = gb_str_format(
        arena, "none of the vulnerable functions is in " GB_PRI " (" GB_PRI "%s)", GB_ARG(path),
        GB_ARG(v->symbols[0]), v->symbol_count > 1 ? " and others" : "");
}

// All flaws of one program are asked in one reading.
static void check_program(const struct gb_host *host, struct gb_str path,
                          struct gb_vulnerability *const *flaws, size_t count,
                          struct gb_arena *arena)
{
    struct stat st;
    struct gb_go_question *questions = gb_alloc_array(arena, count, sizeof *questions);
    char *name = gb_str_c(arena, path);
    int fd = questions && name ? gb_host_open_fd(host, name, O_RDONLY, NULL) : -1;
    if (fd < 0)
        return;
    for (size_t i = 0; i < count; i++)
        questions[i] = (struct gb_go_question){flaws[i]->symbols, flaws[i]->symbol_count, false};
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        struct gb_content_reader reader = {
            .context = &fd, .size = (uint64_t)st.st_size, .read_at = read_file};
        int code = gb_language_go_questions(&reader, questions, count, NULL);
        for (size_t i = 0; i < count && !code; i++)
            if (!questions[i].found)
                suppress(flaws[i], path, arena);
    }
    close(fd);
}

struct program {
    struct gb_vulnerability **flaws;
    size_t count;
};

int gb_symbols_check(const struct gb_host *host, struct gb_vulnerability *items, size_t count,
                     struct gb_arena *arena, struct gb_error *err)
{
    struct gb_map programs = gb_map(arena);
    struct gb_vulnerability **pool = gb_alloc_array(arena, count + 1, sizeof *pool);
    if (!pool)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the functions of programs");
    // How many flaws each program has, then the flaws side by side.
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            struct gb_str path = program_of(&items[i]);
            struct program *program = path.len ? gb_map_get(&programs, path) : NULL;
            if (path.len && !program) {
                program = gb_alloc(arena, sizeof *program);
                if (!program || gb_map_set(&programs, path, program))
                    return gb_error_set(err, GB_E_MEMORY,
                                        "no memory for the functions of programs");
                *program = (struct program){0};
            }
            if (program && pass)
                program->flaws[program->count] = &items[i];
            if (program)
                program->count++;
        }
        for (size_t i = 0; !pass && i < programs.count; i++) {
            struct program *program = programs.entries[i].value;
            program->flaws = pool;
            pool += program->count;
            program->count = 0;
        }
    }
    for (size_t i = 0; i < programs.count; i++) {
        const struct program *program = programs.entries[i].value;
        check_program(host, programs.entries[i].key, program->flaws, program->count, arena);
    }
    return GB_OK;
}
