// Finds and reads unit files: see unit_files.h.
#include "source/host/unit_files.h"

#include <stdlib.h>

enum {
    MAX_ENTRIES = 16384, // in one directory
    MAX_UNITS = 20000,
    MAX_ALIAS_STEPS = 8,
    MAX_DROPIN_DIRS = 64,
};

// systemd.unit(5), "System Unit Search Path"; generators of the running system included.
static const struct gb_unit_dir search_path[] = {
    {"/etc/systemd/system.control", false, false, false, false},
    {"/run/systemd/system.control", false, true, false, false},
    {"/run/systemd/transient", false, true, false, true},
    {"/run/systemd/generator.early", false, true, true, false},
    {"/etc/systemd/system", true, false, false, false},
    {"/etc/systemd/system.attached", false, false, false, false},
    {"/run/systemd/system", false, true, false, false},
    {"/run/systemd/system.attached", false, true, false, false},
    {"/run/systemd/generator", false, true, true, false},
    {"/usr/local/lib/systemd/system", false, false, false, false},
    {"/usr/lib/systemd/system", false, false, false, false},
    {"/lib/systemd/system", false, false, false, false},
    {"/run/systemd/generator.late", false, true, true, false},
};
enum { SEARCH_PATH = sizeof search_path / sizeof *search_path };

// Directories NAME.d that hold drop-ins of one name, in order of precedence.
struct gb_unit_dropins {
    const char **dirs;
    size_t count, capacity;
};

const char *gb_unit_type_name(enum gb_unit_type type)
{
    static const char *const names[] = {"service", "socket", "timer",  "mount", "automount",
                                        "path",    "swap",   "target", "other"};
    return names[type];
}

enum gb_unit_type gb_unit_type_of(struct gb_str name)
{
    ptrdiff_t dot = gb_str_rfind_char(name, '.');
    struct gb_str suffix = dot < 0 ? (struct gb_str){0} : gb_str_from(name, (size_t)dot + 1);
    for (enum gb_unit_type type = GB_UNIT_SERVICE; type < GB_UNIT_OTHER; type++) {
        if (gb_str_is(suffix, gb_unit_type_name(type)))
            return type;
    }
    return GB_UNIT_OTHER;
}

bool gb_unit_name_valid(struct gb_str name)
{
    if (!name.len || name.len > 255 || name.at[0] == '.' || name.at[0] == '@')
        return false;
    if (gb_unit_type_of(name) != GB_UNIT_OTHER)
        return name.at[0] != '.';
    return gb_str_ends(name, GB_STR(".slice")) || gb_str_ends(name, GB_STR(".scope")) ||
           gb_str_ends(name, GB_STR(".device"));
}

struct gb_str gb_unit_template_name(struct gb_arena *arena, struct gb_str name)
{
    ptrdiff_t at = gb_str_find_char(name, '@'), dot = gb_str_rfind_char(name, '.');
    if (at < 0 || dot <= at + 1)
        return (struct gb_str){0};
    return gb_str_format(arena, GB_PRI "@" GB_PRI, GB_ARG(gb_str_sub(name, 0, (size_t)at)),
                         GB_ARG(gb_str_from(name, (size_t)dot)));
}

static struct gb_str base_name(struct gb_str path)
{
    ptrdiff_t slash = gb_str_rfind_char(path, '/');
    return gb_str_from(path, (size_t)(slash + 1));
}

static void note_gap(struct gb_units *units, const char *path, int code)
{
    if (!units->gap.len)
        units->gap = code == GB_E_DENIED
                         ? gb_str_format(units->arena, "needs root: %s", path)
                         : gb_str_format(units->arena, "%s: %s", path, gb_code_name(code));
}

// One more element behind an array of the arena; NULL when out of memory.
static void *one_more(struct gb_arena *arena, void **array, size_t *count, size_t *capacity,
                      size_t size)
{
    if (*count == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : 32;
        void *grown = gb_grow_array(arena, *array, *capacity, larger, size);
        if (!grown)
            return NULL;
        *array = grown;
        *capacity = larger;
    }
    return (char *)*array + (*count)++ * size;
}

static int add_entry(struct gb_units *units, struct gb_unit_entry entry)
{
    bool wanted = entry.holder.len != 0;
    struct gb_unit_entry *place =
        wanted ? one_more(units->arena, (void **)&units->wants, &units->want_count,
                          &units->want_capacity, sizeof entry)
               : one_more(units->arena, (void **)&units->entries, &units->entry_count,
                          &units->entry_capacity, sizeof entry);
    if (!place)
        return GB_E_MEMORY;
    *place = entry;
    return GB_OK;
}

static int add_dropin_dir(struct gb_units *units, struct gb_str name, struct gb_str path)
{
    struct gb_unit_dropins *dropins = gb_map_get(&units->dropins, name);
    if (!dropins) {
        dropins = gb_alloc(units->arena, sizeof *dropins);
        if (!dropins || gb_map_set(&units->dropins, name, dropins) < 0)
            return GB_E_MEMORY;
    }
    const char **place = one_more(units->arena, (void **)&dropins->dirs, &dropins->count,
                                  &dropins->capacity, sizeof *place);
    if (!place)
        return GB_E_MEMORY;
    *place = path.at;
    return GB_OK;
}

// Adds a file or link of a unit directory or .wants directory.
static int add_file(struct gb_units *units, uint32_t dir, struct gb_str where, struct gb_str holder,
                    const struct gb_dir_entry *file)
{
    struct gb_unit_entry entry = {.name = file->name, .holder = holder, .dir = dir};
    if (!gb_unit_name_valid(file->name) ||
        (file->type != GB_FILE_REGULAR && file->type != GB_FILE_LINK))
        return GB_OK;
    if (file->type == GB_FILE_LINK) {
        struct gb_str path =
            gb_str_format(units->arena, GB_PRI "/" GB_PRI, GB_ARG(where), GB_ARG(file->name));
        if (!path.at)
            return GB_E_MEMORY;
        int code =
            gb_host_readlink(units->collector->host, path.at, units->arena, &entry.target, NULL);
        if (code < 0 && code != GB_E_NOT_FOUND)
            note_gap(units, path.at, code);
        if (code < 0)
            return code == GB_E_MEMORY ? code : GB_OK;
    } else if (holder.len) {
        return GB_OK; // only links count in .wants directories
    }
    return add_entry(units, entry);
}

static int list_wants(struct gb_units *units, uint32_t dir, struct gb_str path,
                      struct gb_str holder)
{
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(units->collector->host, path.at, MAX_ENTRIES, units->arena, &entries,
                            &count, NULL);
    if (code < 0) {
        note_gap(units, path.at, code);
        return code == GB_E_MEMORY ? code : GB_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if (add_file(units, dir, path, holder, &entries[i]) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static int list_subdirectory(struct gb_units *units, uint32_t dir, const struct gb_dir_entry *entry)
{
    static const char *const holders[] = {".wants", ".requires", ".upholds"};
    struct gb_str path =
        gb_str_format(units->arena, "%s/" GB_PRI, units->dirs[dir].path, GB_ARG(entry->name));
    if (!path.at)
        return GB_E_MEMORY;
    for (size_t i = 0; i < 3; i++) {
        struct gb_str suffix = gb_str_of(holders[i]);
        if (gb_str_ends(entry->name, suffix))
            return list_wants(units, dir, path,
                              gb_str_sub(entry->name, 0, entry->name.len - suffix.len));
    }
    if (gb_str_ends(entry->name, GB_STR(".d")))
        return add_dropin_dir(units, gb_str_sub(entry->name, 0, entry->name.len - 2), path);
    return GB_OK;
}

static int list_directory(struct gb_units *units, uint32_t dir)
{
    const struct gb_host *host = units->collector->host;
    const char *path = units->dirs[dir].path;
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(host, path, MAX_ENTRIES, units->arena, &entries, &count, NULL);
    if (code < 0) {
        if (code != GB_E_NOT_FOUND)
            note_gap(units, path, code);
        return code == GB_E_MEMORY ? code : GB_OK;
    }
    struct gb_str where = gb_str_of(path);
    for (size_t i = 0; i < count; i++) {
        code = entries[i].type == GB_FILE_DIRECTORY
                   ? list_subdirectory(units, dir, &entries[i])
                   : add_file(units, dir, where, (struct gb_str){0}, &entries[i]);
        if (code < 0)
            return code;
    }
    return GB_OK;
}

// The directories that exist, each once: /lib is a link to /usr/lib on most systems.
static int list_directories(struct gb_units *units)
{
    struct gb_file_info seen[SEARCH_PATH];
    for (size_t i = 0; i < SEARCH_PATH; i++) {
        struct gb_file_info info;
        int code = gb_host_stat(units->collector->host, search_path[i].path, true, &info, NULL);
        if (code < 0) {
            if (code != GB_E_NOT_FOUND)
                note_gap(units, search_path[i].path, code);
            continue;
        }
        bool again = false;
        for (size_t k = 0; k < units->dir_count && !again; k++)
            again = seen[k].inode == info.inode && seen[k].device == info.device;
        if (again)
            continue;
        uint32_t dir = (uint32_t)units->dir_count;
        seen[dir] = info;
        units->dirs[units->dir_count++] = search_path[i];
        if (list_directory(units, dir) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

static struct gb_unit *add_unit(struct gb_units *units, struct gb_str name, uint32_t dir)
{
    struct gb_unit *unit = gb_alloc(units->arena, sizeof *unit);
    struct gb_unit **place = one_more(units->arena, (void **)&units->items, &units->count,
                                      &units->capacity, sizeof *place);
    if (!unit || !place || gb_map_set(&units->by_name, name, unit) < 0)
        return NULL;
    *unit = (struct gb_unit){.name = name,
                             .type = gb_unit_type_of(name),
                             .dir = dir,
                             .state = "static",
                             .started_by = "",
                             .settings = gb_ini(units->arena)};
    ptrdiff_t at = gb_str_find_char(name, '@');
    unit->is_template = at > 0 && (size_t)at + 1 < name.len && name.at[at + 1] == '.';
    *place = unit;
    return unit;
}

// The path that a link leads to, links on the way not followed.
static struct gb_str absolute_target(struct gb_units *units, const struct gb_unit_entry *entry)
{
    if (entry->target.at[0] == '/')
        return entry->target;
    return gb_str_format(units->arena, "%s/" GB_PRI, units->dirs[entry->dir].path,
                         GB_ARG(entry->target));
}

static bool is_masking_link(const struct gb_unit_entry *entry)
{
    return gb_str_is(entry->target, "/dev/null") || gb_str_ends(entry->target, GB_STR("/dev/null"));
}

// Units out of files, masks and links to files of the same name. Aliases come later.
static int make_units(struct gb_units *units, const struct gb_map *first)
{
    for (size_t i = 0; i < first->count; i++) {
        const struct gb_unit_entry *entry = first->entries[i].value;
        bool link = entry->target.len != 0, mask = link && is_masking_link(entry);
        if (link && !mask && !gb_str_eq(base_name(entry->target), entry->name))
            continue;
        if (units->count >= MAX_UNITS) {
            note_gap(units, units->dirs[entry->dir].path, GB_E_LIMIT);
            return GB_OK;
        }
        struct gb_unit *unit = add_unit(units, entry->name, entry->dir);
        if (!unit)
            return GB_E_MEMORY;
        unit->masked = mask;
        unit->linked = link && !mask;
        if (!mask)
            unit->fragment = link
                                 ? absolute_target(units, entry)
                                 : gb_str_format(units->arena, "%s/" GB_PRI,
                                                 units->dirs[entry->dir].path, GB_ARG(entry->name));
    }
    return GB_OK;
}

// The unit that an alias leads to over other aliases, NULL when it leads nowhere.
static struct gb_unit *follow_alias(const struct gb_units *units, const struct gb_map *first,
                                    struct gb_str name)
{
    for (int steps = 0; steps < MAX_ALIAS_STEPS; steps++) {
        struct gb_unit *unit = gb_map_get(&units->by_name, name);
        if (unit)
            return unit;
        const struct gb_unit_entry *entry = gb_map_get(first, name);
        if (!entry || !entry->target.len)
            return NULL;
        name = base_name(entry->target);
    }
    return NULL;
}

// An instance that links name, made from its template. NULL with *failed unset when there is none.
static struct gb_unit *add_instance(struct gb_units *units, const struct gb_unit_entry *entry,
                                    bool *failed)
{
    struct gb_str template_name = gb_unit_template_name(units->arena, entry->name);
    struct gb_unit *of =
        template_name.len ? gb_map_get(&units->by_name, template_name) : (struct gb_unit *)NULL;
    if (!of || !of->is_template || units->count >= MAX_UNITS)
        return NULL;
    struct gb_unit *unit = add_unit(units, entry->name, of->dir);
    if (!unit) {
        *failed = true;
        return NULL;
    }
    unit->of = of;
    unit->fragment = of->fragment;
    unit->masked = of->masked;
    unit->linked = of->linked;
    return unit;
}

static int add_aliases(struct gb_units *units, const struct gb_map *first)
{
    for (size_t i = 0; i < first->count; i++) {
        const struct gb_unit_entry *entry = first->entries[i].value;
        if (gb_map_get(&units->by_name, entry->name))
            continue;
        struct gb_unit *unit = follow_alias(units, first, base_name(entry->target));
        if (!unit)
            continue;
        bool failed = false;
        if (unit->is_template && gb_unit_template_name(units->arena, entry->name).len) {
            struct gb_unit *instance = add_instance(units, entry, &failed);
            if (failed)
                return GB_E_MEMORY;
            if (instance)
                continue;
        }
        struct gb_str *place = one_more(units->arena, (void **)&unit->aliases, &unit->alias_count,
                                        &unit->alias_capacity, sizeof *place);
        if (!place || gb_map_set(&units->by_name, entry->name, unit) < 0)
            return GB_E_MEMORY;
        *place = entry->name;
    }
    for (size_t i = 0; i < units->want_count; i++) {
        bool failed = false;
        if (!gb_map_get(&units->by_name, units->wants[i].name) &&
            !add_instance(units, &units->wants[i], &failed) && failed)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// Appends the drop-in directories of one name.
static void append_dirs(const struct gb_units *units, struct gb_str name, const char **dirs,
                        size_t *count)
{
    const struct gb_unit_dropins *dropins = gb_map_get(&units->dropins, name);
    for (size_t i = 0; dropins && i < dropins->count && *count < MAX_DROPIN_DIRS; i++)
        dirs[(*count)++] = dropins->dirs[i];
}

// The drop-in directories of one unit name: its own, those of its template, and those of prefixes
// that end in a dash ("foo-.service.d" is for foo-bar.service too).
static void append_dirs_of_name(const struct gb_units *units, struct gb_str name, const char **dirs,
                                size_t *count)
{
    append_dirs(units, name, dirs, count);
    struct gb_str template_name = gb_unit_template_name(units->arena, name);
    if (template_name.len)
        append_dirs(units, template_name, dirs, count);
    ptrdiff_t dot = gb_str_rfind_char(name, '.');
    struct gb_str suffix = gb_str_from(name, (size_t)dot);
    struct gb_str prefix = gb_str_sub(name, 0, (size_t)dot);
    ptrdiff_t dash;
    while ((dash = gb_str_rfind_char(prefix, '-')) > 0) {
        if ((size_t)dash + 1 < prefix.len) {
            struct gb_str chopped =
                gb_str_format(units->arena, GB_PRI GB_PRI,
                              GB_ARG(gb_str_sub(prefix, 0, (size_t)dash + 1)), GB_ARG(suffix));
            append_dirs(units, chopped, dirs, count);
        }
        prefix = gb_str_sub(prefix, 0, (size_t)dash);
    }
}

static int read_settings(struct gb_units *units, struct gb_unit *unit)
{
    const struct gb_host *host = units->collector->host;
    if (unit->masked)
        return GB_OK;
    int code = gb_ini_read(&unit->settings, host, unit->fragment.at);
    if (code == GB_E_MEMORY)
        return code;
    // An empty file masks, as a link to /dev/null does.
    if (code == GB_OK && unit->settings.file_count && unit->settings.files[0].masked)
        unit->masked = true;
    const char *dirs[MAX_DROPIN_DIRS];
    size_t count = 0;
    if (units->dropins.count) {
        append_dirs_of_name(units, unit->name, dirs, &count);
        for (size_t i = 0; i < unit->alias_count; i++)
            append_dirs_of_name(units, unit->aliases[i], dirs, &count);
        append_dirs(units, gb_str_of(gb_unit_type_name(unit->type)), dirs, &count);
    }
    if (count && gb_ini_read_dropins(&unit->settings, host, dirs, count) == GB_E_MEMORY)
        return GB_E_MEMORY;
    const struct gb_ini_problem *unread = gb_ini_unread(&unit->settings);
    const char *path = unread ? gb_str_c(units->arena, unread->file) : NULL;
    if (path)
        note_gap(units, path, unread->code);
    return GB_OK;
}

// Init scripts that no unit file replaces: systemd's generator makes a service of each at boot.
static int add_init_scripts(struct gb_units *units)
{
    struct gb_dir_entry *entries;
    size_t count;
    int code = gb_host_list(units->collector->host, "/etc/init.d", MAX_ENTRIES, units->arena,
                            &entries, &count, NULL);
    if (code < 0) {
        if (code != GB_E_NOT_FOUND)
            note_gap(units, "/etc/init.d", code);
        return code == GB_E_MEMORY ? code : GB_OK;
    }
    for (size_t i = 0; i < count; i++) {
        struct gb_str script = entries[i].name;
        struct gb_file_info info;
        struct gb_str path = gb_str_format(units->arena, "/etc/init.d/" GB_PRI, GB_ARG(script));
        struct gb_str plain =
            gb_str_ends(script, GB_STR(".sh")) ? gb_str_sub(script, 0, script.len - 3) : script;
        struct gb_str name = gb_str_format(units->arena, GB_PRI ".service", GB_ARG(plain));
        if (!path.at || !name.at)
            return GB_E_MEMORY;
        if (entries[i].type == GB_FILE_DIRECTORY || gb_map_get(&units->by_name, name) ||
            !gb_unit_name_valid(name) || units->count >= MAX_UNITS ||
            gb_host_stat(units->collector->host, path.at, true, &info, NULL) < 0 ||
            info.type != GB_FILE_REGULAR || !(info.mode & 0111))
            continue;
        struct gb_unit *unit = add_unit(units, name, 0);
        if (!unit)
            return GB_E_MEMORY;
        unit->sysv = true;
        unit->fragment = path;
    }
    return GB_OK;
}

static int by_name(const void *left, const void *right)
{
    const struct gb_unit *const *a = left, *const *b = right;
    return gb_str_compare((*a)->name, (*b)->name);
}

int gb_units_load(struct gb_collector *collector, struct gb_arena *arena, struct gb_units *ret)
{
    *ret = (struct gb_units){
        .arena = arena, .collector = collector, .by_name = gb_map(arena), .dropins = gb_map(arena)};
    if (list_directories(ret) < 0)
        return GB_E_MEMORY;
    struct gb_map first = gb_map(arena); // name -> its entry of the highest precedence
    for (size_t i = 0; i < ret->entry_count; i++) {
        struct gb_unit_entry *entry = &ret->entries[i];
        if (!gb_map_get(&first, entry->name) && gb_map_set(&first, entry->name, entry) < 0)
            return GB_E_MEMORY;
    }
    if (make_units(ret, &first) < 0 || add_aliases(ret, &first) < 0)
        return GB_E_MEMORY;
    for (size_t i = 0; i < ret->count; i++) {
        if (ret->items[i]->type != GB_UNIT_OTHER && read_settings(ret, ret->items[i]) < 0)
            return GB_E_MEMORY;
    }
    if (add_init_scripts(ret) < 0)
        return GB_E_MEMORY;
    if (ret->count > 1)
        qsort(ret->items, ret->count, sizeof *ret->items, by_name);
    return GB_OK;
}

struct gb_unit *gb_units_find(const struct gb_units *units, struct gb_str name)
{
    return gb_map_get(&units->by_name, name);
}

int gb_unit_settings(const struct gb_host *host, const char *name, struct gb_arena *arena,
                     struct gb_ini *ret)
{
    *ret = gb_ini(arena);
    const char *dirs[SEARCH_PATH];
    bool found = false;
    for (size_t i = 0; i < SEARCH_PATH; i++) {
        struct gb_str path = gb_str_format(arena, "%s/%s", search_path[i].path, name);
        struct gb_str dropins = gb_str_format(arena, "%s/%s.d", search_path[i].path, name);
        if (!path.at || !dropins.at)
            return GB_E_MEMORY;
        dirs[i] = dropins.at;
        if (found)
            continue;
        int code = gb_ini_read(ret, host, path.at);
        if (code == GB_E_MEMORY)
            return code;
        found = code != GB_E_NOT_FOUND;
    }
    return found ? gb_ini_read_dropins(ret, host, dirs, SEARCH_PATH) : GB_E_NOT_FOUND;
}
