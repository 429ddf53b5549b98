// Paths of chosen packages: dpkg's lists of just these, the data bases of rpm and apk in one pass.
#include "source/package/package_files.h"

#include "source/package/dpkg.h"
#include "source/package/os_packages.h"

enum { LIST_MAX_BYTES = 64 << 20 };

struct reading {
    struct gb_collector *collector;
    const struct gb_map *names;
    const struct gb_package_file_visitor *visitor;
};

// A package's name becomes part of a file name here.
static bool is_plain(struct gb_str name)
{
    return name.len > 0 && name.at[0] != '.' && gb_str_find_char(name, '/') < 0 &&
           gb_str_find_char(name, '\0') < 0;
}

static int read_list(struct reading *reading, const struct gb_dpkg_package *package, void *value)
{
    struct gb_arena *scratch = reading->collector->scratch;
    struct gb_str text, line;
    int code = GB_E_NOT_FOUND;
    if (!is_plain(package->name) || !is_plain(package->architecture))
        return GB_OK;
    for (int i = 0; i < 2 && code == GB_E_NOT_FOUND; i++) {
        bool full = package->co_installable == (i == 0);
        struct gb_str path = gb_str_format(
            scratch, "/var/lib/dpkg/info/" GB_PRI "%s" GB_PRI ".list", GB_ARG(package->name),
            full ? ":" : "", GB_ARG(full ? package->architecture : GB_STR("")));
        if (!path.at)
            return GB_E_MEMORY;
        code =
            gb_host_read(reading->collector->host, path.at, LIST_MAX_BYTES, scratch, &text, NULL);
    }
    if (code)
        return code == GB_E_MEMORY ? code : GB_OK;
    while (!code && gb_str_next(&text, '\n', &line))
        if (line.len > 1 && line.at[0] == '/')
            code = reading->visitor->visit(reading->visitor->context, line, value);
    return code;
}

static int read_dpkg(struct reading *reading)
{
    const struct gb_dpkg *dpkg = NULL;
    int code = gb_dpkg_load(reading->collector, &dpkg, NULL);
    for (size_t i = 0; !code && i < reading->names->count; i++) {
        const struct gb_map_entry *entry = &reading->names->entries[i];
        const struct gb_dpkg_package *package = gb_map_get(&dpkg->by_name, entry->key);
        for (; !code && package; package = package->next) {
            struct gb_mark mark = gb_arena_mark(reading->collector->scratch);
            if (gb_dpkg_in_place(package))
                code = read_list(reading, package, entry->value);
            gb_arena_reset(reading->collector->scratch, mark);
        }
    }
    return code;
}

static int visit_other(void *context, struct gb_str path, const struct gb_os_package *package)
{
    const struct reading *reading = context;
    void *value = gb_map_get(reading->names, package->name);
    return value ? reading->visitor->visit(reading->visitor->context, path, value) : GB_OK;
}

static int read_others(struct reading *reading)
{
    const struct gb_os_packages *others = NULL;
    struct gb_os_path_visitor visitor = {visit_other, reading};
    bool wanted = false;
    if (gb_os_packages_load(reading->collector, &others, NULL) < 0)
        return GB_E_MEMORY;
    for (size_t i = 0; i < reading->names->count && !wanted; i++)
        wanted = gb_map_get(&others->by_name, reading->names->entries[i].key) != NULL;
    if (!wanted)
        return GB_OK;
    int code = gb_rpm_paths(reading->collector, others, &visitor);
    return code == GB_E_MEMORY ? code : gb_apk_paths(reading->collector, others, &visitor);
}

int gb_package_files(struct gb_collector *collector, const struct gb_map *names,
                     const struct gb_package_file_visitor *visitor)
{
    struct reading reading = {collector, names, visitor};
    if (read_dpkg(&reading) == GB_E_MEMORY || read_others(&reading) == GB_E_MEMORY)
        return GB_E_MEMORY;
    return GB_OK;
}
