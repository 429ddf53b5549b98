// Which files tell of packages of languages, and who reads each; see language.h. Used by the file
// walk, by images and root directories.
#include "source/language/reading.h"

#include "base/utf8.h"

#include <stdio.h>

enum {
    PROGRAM_LEAST = 128 << 10, // the smallest Go and Rust programs are larger
    PACKAGES_MOST = 1 << 20,
    PROBLEMS_MOST = 10000,
    TEXT_LONGEST = 1024,
    SCRATCH_BYTES = 32 << 20,
};

typedef int reader(struct gb_language_reading *reading);

static struct gb_str parent_of(struct gb_str path)
{
    ptrdiff_t slash = gb_str_rfind_char(path, '/');
    return slash < 0 ? GB_STR("") : gb_str_sub(path, 0, (size_t)slash);
}

static struct gb_str name_of(struct gb_str path)
{
    return gb_str_from(path, (size_t)(gb_str_rfind_char(path, '/') + 1));
}

// The directory of a package itself, below node_modules or where Debian keeps them: not what lies
// deeper inside of the package.
static bool is_npm_package(struct gb_str dir)
{
    struct gb_str name = name_of(dir), above = parent_of(dir);
    if (name_of(above).len && name_of(above).at[0] == '@')
        above = parent_of(above);
    if (!name.len || name.at[0] == '.' || name.at[0] == '@')
        return false;
    return gb_str_is(name_of(above), "node_modules") || gb_str_is(above, "/usr/share/nodejs") ||
           gb_str_is(above, "/usr/lib/nodejs");
}

static reader *by_name(struct gb_str path)
{
    struct gb_str name = name_of(path), dir = parent_of(path);
    if (gb_str_is(name, "package.json"))
        return is_npm_package(dir) ? gb_language_read_npm : NULL;
    if (gb_str_is(name, "METADATA"))
        return gb_str_ends(dir, GB_STR(".dist-info")) ? gb_language_read_python : NULL;
    if (gb_str_is(name, "PKG-INFO"))
        return gb_str_ends(dir, GB_STR(".egg-info")) || gb_str_is(name_of(dir), "EGG-INFO")
                   ? gb_language_read_python
                   : NULL;
    if (gb_str_ends(name, GB_STR(".egg-info")))
        return gb_language_read_python;
    if (gb_str_is(name, "installed.json"))
        return gb_str_ends(dir, GB_STR("/composer")) ? gb_language_read_php : NULL;
    if (gb_str_ends(name, GB_STR(".deps.json")))
        return gb_language_read_dotnet;
    if (gb_str_ends(name, GB_STR(".gemspec")))
        return gb_str_ends(dir, GB_STR("/specifications")) ||
                       gb_str_ends(dir, GB_STR("/specifications/default"))
                   ? gb_language_read_ruby
                   : NULL;
    if (gb_language_is_java(name))
        return gb_language_read_java;
    return NULL;
}

// Libraries are programs too, and seldom have the bit.
static bool may_be_program(struct gb_str name, uint32_t mode, uint64_t size)
{
    if (size < PROGRAM_LEAST)
        return false;
    return mode & 0111 || gb_str_ends(name, GB_STR(".so")) || gb_str_contains(name, GB_STR(".so."));
}

bool gb_language_wants_name(struct gb_str name, uint32_t mode, uint64_t size)
{
    static const struct gb_str ends[] = {
        GB_STR_INIT(".json"),     GB_STR_INIT("METADATA"), GB_STR_INIT("PKG-INFO"),
        GB_STR_INIT(".egg-info"), GB_STR_INIT(".gemspec"),
    };
    if (!size || !name.len)
        return false;
    char last = name.at[name.len - 1];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (last == ends[i].at[ends[i].len - 1] && gb_str_ends(name, ends[i]))
            return true;
    return gb_language_is_java(name) || may_be_program(name, mode, size);
}

enum gb_language_interest gb_language_wants(struct gb_str path, uint32_t mode, uint64_t size)
{
    if (size && by_name(path))
        return GB_LANGUAGE_READ;
    return may_be_program(name_of(path), mode, size) ? GB_LANGUAGE_SNIFF : GB_LANGUAGE_IGNORE;
}

int gb_language_read(struct gb_language_inventory *inventory, struct gb_str path,
                     const struct gb_content_reader *content, struct gb_error *err)
{
    GB_CLEANUP(gb_arena_free)
    struct gb_arena *scratch = gb_arena_new("language", SCRATCH_BYTES);
    struct gb_language_reading reading = {
        .inventory = inventory, .content = content, .path = path, .scratch = scratch, .err = err};
    if (!scratch)
        return gb_error_set(err, GB_E_MEMORY, "no memory for packages of languages");
    reader *read = by_name(path);
    return read ? read(&reading) : gb_language_read_program(&reading);
}

// ---- what readers add

static int no_memory(struct gb_language_reading *reading)
{
    return gb_error_set(reading->err, GB_E_MEMORY, "no memory for packages of languages");
}

static struct gb_str kept_path(struct gb_language_reading *reading)
{
    if (!reading->kept.len)
        reading->kept = gb_str_copy(reading->inventory->arena, reading->path);
    return reading->kept;
}

int gb_language_trouble(struct gb_language_reading *reading, struct gb_str inside,
                        const char *reason)
{
    struct gb_language_inventory *inventory = reading->inventory;
    if (inventory->problem_count >= PROBLEMS_MOST)
        return GB_OK;
    if (inventory->problem_count == inventory->problem_capacity) {
        size_t capacity = inventory->problem_capacity ? inventory->problem_capacity * 2 : 16;
        struct gb_language_problem *problems =
            gb_grow_array(inventory->arena, inventory->problems, inventory->problem_capacity,
                          capacity, sizeof *problems);
        if (!problems)
            return no_memory(reading);
        inventory->problems = problems;
        inventory->problem_capacity = capacity;
    }
    struct gb_language_problem *problem = &inventory->problems[inventory->problem_count];
    problem->path = inside.len ? gb_str_format(inventory->arena, GB_PRI "!/" GB_PRI,
                                               GB_ARG(reading->path), GB_ARG(inside))
                               : kept_path(reading);
    problem->reason = gb_str_copy(inventory->arena, gb_str_of(reason));
    if (gb_arena_failed(inventory->arena))
        return no_memory(reading);
    inventory->problem_count++;
    return GB_OK;
}

static int grow(struct gb_language_reading *reading)
{
    struct gb_language_inventory *inventory = reading->inventory;
    if (inventory->count < inventory->capacity)
        return GB_OK;
    size_t capacity = inventory->capacity ? inventory->capacity * 2 : 64;
    struct gb_language_package *items = gb_grow_array(inventory->arena, inventory->items,
                                                      inventory->capacity, capacity, sizeof *items);
    if (!items)
        return no_memory(reading);
    inventory->items = items;
    inventory->capacity = capacity;
    return GB_OK;
}

static struct gb_str keep(struct gb_arena *arena, struct gb_str text)
{
    return text.len ? gb_utf8_clean(arena, text) : GB_STR("");
}

int gb_language_add(struct gb_language_reading *reading, const struct gb_language_package *package)
{
    struct gb_language_inventory *inventory = reading->inventory;
    struct gb_arena *arena = inventory->arena;
    if (!package->name.len)
        return gb_language_trouble(reading, package->inside, "a package without a name");
    if (package->name.len > TEXT_LONGEST || package->version.len > TEXT_LONGEST)
        return gb_language_trouble(reading, package->inside,
                                   "a name or version of more than 1024 bytes");
    if (inventory->count >= PACKAGES_MOST)
        return gb_language_trouble(reading, package->inside, "more than 1048576 packages");
    if (grow(reading) < 0)
        return GB_E_MEMORY;
    inventory->items[inventory->count] = (struct gb_language_package){
        .ecosystem = package->ecosystem, // a literal
        .name = keep(arena, package->name),
        .version = keep(arena, package->version),
        .path = kept_path(reading),
        .inside = keep(arena, package->inside),
        .main_module = package->main_module,
        .standard_library = package->standard_library,
        .development = package->development,
        .system = keep(arena, package->system),
        .architecture = keep(arena, package->architecture),
        .layer = inventory->layer,
    };
    if (gb_arena_failed(arena))
        return no_memory(reading);
    inventory->count++;
    return GB_OK;
}

int gb_language_text(struct gb_language_reading *reading, struct gb_str *ret)
{
    *ret = GB_STR("");
    if (reading->content->size > GB_LANGUAGE_TEXT_BYTES)
        return gb_language_trouble(reading, GB_STR(""), "larger than 4 MiB");
    struct gb_error why = {0};
    int code =
        gb_content_front(reading->content, GB_LANGUAGE_TEXT_BYTES, reading->scratch, ret, &why);
    if (code == GB_E_MEMORY)
        return no_memory(reading);
    if (code)
        return gb_language_trouble(reading, GB_STR(""), "cannot be read");
    if (gb_str_starts(*ret, GB_STR("\xef\xbb\xbf"))) // a byte order mark
        *ret = gb_str_from(*ret, 3);
    return GB_OK;
}
