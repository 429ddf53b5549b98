// Reading packages of languages during the walk; see walked.h.
#include "source/language/walked.h"

#include "source/language/reading.h"
#include "sys/file_content.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { ARENA_BYTES = 256 << 20, PATH_BYTES = 8192 };

static const struct gb_str shared_name = GB_STR_INIT("language");

// ---- one file

static bool is_program(int fd)
{
    char front[4];
    return pread(fd, front, sizeof front, 0) == (ssize_t)sizeof front &&
           memcmp(front, "\177ELF", sizeof front) == 0;
}

static void read_entry(struct gb_language_visitor *visitor, const struct gb_walk_entry *entry,
                       struct gb_str path, enum gb_language_interest interest)
{
    int fd = openat(entry->dir_fd, entry->name.at,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        visitor->denied += errno == EACCES || errno == EPERM;
        return;
    }
    if (interest == GB_LANGUAGE_READ || is_program(fd)) {
        struct gb_file_content file;
        struct gb_content_reader content =
            gb_content_of_file(&file, fd, (uint64_t)entry->stat->st_size);
        if (!visitor->found.arena)
            visitor->found.arena = gb_arena_new("language", ARENA_BYTES);
        visitor->found.layer = UINT32_MAX;
        if (!visitor->found.arena || gb_language_read(&visitor->found, path, &content, NULL) < 0)
            visitor->failed = true;
        visitor->files++;
    }
    close(fd);
}

void gb_language_visit(struct gb_language_visitor *visitor, const struct gb_walk_entry *entry)
{
    uint32_t mode = entry->stat->st_mode & 07777;
    uint64_t size = (uint64_t)entry->stat->st_size;
    char into[PATH_BYTES];
    if (!gb_language_wants_name(entry->name, mode, size))
        return;
    struct gb_str path = gb_walk_entry_path(entry, into, sizeof into);
    enum gb_language_interest interest = gb_language_wants(path, mode, size);
    if (interest != GB_LANGUAGE_IGNORE)
        read_entry(visitor, entry, path, interest);
}

// ---- merging

static int by_place(const void *a, const void *b)
{
    const struct gb_language_package *x = a, *y = b;
    int order = gb_str_compare(x->path, y->path);
    order = order ? order : gb_str_compare(x->inside, y->inside);
    order = order ? order : gb_str_compare(x->ecosystem, y->ecosystem);
    order = order ? order : gb_str_compare(x->name, y->name);
    return order ? order : gb_str_compare(x->version, y->version);
}

static int by_problem(const void *a, const void *b)
{
    const struct gb_language_problem *x = a, *y = b;
    int order = gb_str_compare(x->path, y->path);
    return order ? order : gb_str_compare(x->reason, y->reason);
}

void gb_language_sort(struct gb_language_inventory *inventory)
{
    size_t kept = 0;
    if (inventory->count)
        qsort(inventory->items, inventory->count, sizeof *inventory->items, by_place);
    for (size_t i = 0; i < inventory->count; i++)
        if (!kept || by_place(&inventory->items[kept - 1], &inventory->items[i]) != 0)
            inventory->items[kept++] = inventory->items[i];
    inventory->count = kept;
    if (inventory->problem_count)
        qsort(inventory->problems, inventory->problem_count, sizeof *inventory->problems,
              by_problem);
}

static struct gb_str copy(struct gb_arena *arena, struct gb_str text)
{
    return text.len ? gb_str_copy(arena, text) : GB_STR("");
}

// Packages of one file share its path.
static void copy_packages(struct gb_arena *arena, const struct gb_language_inventory *from,
                          struct gb_language_inventory *to)
{
    struct gb_str old = GB_STR(""), path = GB_STR("");
    for (size_t i = 0; i < from->count; i++) {
        struct gb_language_package *package = &to->items[to->count++];
        *package = from->items[i];
        if (package->path.at != old.at) {
            old = package->path;
            path = copy(arena, old);
        }
        package->path = path;
        package->name = copy(arena, package->name);
        package->version = copy(arena, package->version);
        package->inside = copy(arena, package->inside);
        package->system = copy(arena, package->system);
        package->architecture = copy(arena, package->architecture);
    }
    for (size_t i = 0; i < from->problem_count; i++)
        to->problems[to->problem_count++] = (struct gb_language_problem){
            copy(arena, from->problems[i].path), copy(arena, from->problems[i].reason)};
}

static int merge(struct gb_collector *collector, const struct gb_language_visitor *visitors,
                 size_t count, struct gb_language_walk *walk)
{
    struct gb_language_inventory *found = &walk->found;
    struct gb_arena *arena = collector->arena;
    for (size_t i = 0; i < count; i++) {
        found->capacity += visitors[i].found.count;
        found->problem_capacity += visitors[i].found.problem_count;
    }
    found->arena = arena;
    found->items = gb_alloc_array(arena, found->capacity, sizeof *found->items);
    found->problems = gb_alloc_array(arena, found->problem_capacity, sizeof *found->problems);
    if (!found->items || !found->problems)
        return GB_E_MEMORY;
    for (size_t i = 0; i < count; i++) {
        copy_packages(arena, &visitors[i].found, found);
        walk->files += visitors[i].files;
        walk->denied += visitors[i].denied;
        walk->failed = walk->failed || visitors[i].failed;
    }
    gb_language_sort(found);
    return gb_arena_failed(arena) ? GB_E_MEMORY : gb_collector_share(collector, shared_name, walk);
}

int gb_language_walked(struct gb_collector *collector, struct gb_language_visitor *visitors,
                       size_t count, struct gb_error *err)
{
    struct gb_language_walk *walk = gb_alloc(collector->arena, sizeof *walk);
    int code = walk ? merge(collector, visitors, count, walk) : GB_E_MEMORY;
    for (size_t i = 0; i < count; i++)
        gb_arena_free(&visitors[i].found.arena);
    return code ? gb_error_set(err, code, "no memory for packages of languages") : GB_OK;
}

const struct gb_language_walk *gb_language_walk_of(const struct gb_collector *collector)
{
    return gb_collector_shared(collector, shared_name);
}
