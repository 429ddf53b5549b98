// apk's data base (Alpine, Wolfi, Chainguard): "installed", stanzas of lines "X:value" (apk-tools'
// documentation, apk_package and apk_db): P name, V version, A architecture, o origin, I installed
// size, m maintainer, f what could not be finished; then the files: F folder, R file in it, M a
// attributes, Z checksums. And "world", in which versions can be pinned.
#include "source/package/os_packages.h"

#include <limits.h>

enum { INSTALLED_MAX_BYTES = 256 << 20 };

static const char *const places[] = {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"};

static int keep(struct gb_os_packages *into, struct gb_arena *arena, struct gb_os_package *package)
{
    struct gb_os_package done = *package;
    *package = (struct gb_os_package){.where = done.where};
    if (!done.name.len || !done.version.len)
        return GB_OK;
    if (!done.source.len)
        done.source = done.name;
    struct gb_str *const strings[] = {&done.name, &done.version, &done.architecture, &done.source,
                                      &done.maintainer};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        *strings[i] = gb_str_copy(arena, *strings[i]);
    done.source_version = done.version;
    done.manager = GB_MANAGER_APK;
    return gb_arena_failed(arena) ? GB_E_MEMORY : gb_os_packages_add(into, arena, &done);
}

static void read_line(struct gb_os_package *package, char field, struct gb_str value,
                      uint32_t number)
{
    uint64_t size;
    if (field == 'P') {
        package->name = value;
        package->line = number;
    } else if (field == 'V') {
        package->version = value;
    } else if (field == 'A') {
        package->architecture = value;
    } else if (field == 'o') {
        package->source = value;
    } else if (field == 'm') {
        package->maintainer = value;
    } else if (field == 'I' && gb_str_to_uint(value, 10, &size) == GB_OK) {
        package->installed_kib = size / 1024;
    } else if (field == 'f') {
        // f: files, s: scripts, x: extended attributes; S only says which checksums are used
        for (size_t i = 0; i < value.len; i++)
            package->broken = package->broken || (value.at[i] && strchr("fsx", value.at[i]));
    }
}

int gb_apk_parse(struct gb_os_packages *into, struct gb_arena *arena, struct gb_str text,
                 struct gb_str where)
{
    struct gb_os_package package = {.where = where};
    struct gb_str line;
    uint32_t number = 0;
    while (gb_str_next(&text, '\n', &line)) {
        number++;
        if (!line.len || gb_str_is(line, "\r")) {
            int code = keep(into, arena, &package);
            if (code)
                return code;
        } else if (line.len > 1 && line.at[1] == ':') {
            read_line(&package, line.at[0], gb_str_trim(gb_str_from(line, 2)), number);
        }
    }
    return keep(into, arena, &package);
}

// "name=1.2-r0", "name<2", "name~1.2" in world; plain names and "!name" pin nothing.
static void read_world(struct gb_collector *collector, struct gb_os_packages *into)
{
    struct gb_str text, line;
    if (gb_host_read(collector->host, "/etc/apk/world", GB_CONFIG_MAX_BYTES, collector->scratch,
                     &text, NULL) < 0)
        return;
    while (gb_str_next(&text, '\n', &line)) {
        size_t end = 0;
        while (end < line.len && !strchr("=<>~@", line.at[end]))
            end++;
        if (end == line.len || line.at[end] == '@')
            continue;
        for (size_t i = 0; i < into->count; i++)
            if (gb_str_eq(into->items[i]->name, gb_str_sub(line, 0, end)))
                into->items[i]->pinned = true;
    }
}

int gb_apk_load(struct gb_collector *collector, struct gb_os_packages *into)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct gb_str text;
        struct gb_error why = {0};
        // Most of it is lists of files, which are not kept.
        struct gb_mark mark = gb_arena_mark(collector->scratch);
        int code = gb_host_read(collector->host, places[i], INSTALLED_MAX_BYTES, collector->scratch,
                                &text, &why);
        if (code == GB_E_NOT_FOUND)
            continue;
        if (into->presence == GB_PACKAGES_ABSENT) {
            into->manager = GB_MANAGER_APK;
            into->path = gb_str_of(places[i]);
        }
        size_t before = into->count;
        if (!code)
            code = gb_apk_parse(into, collector->arena, text, gb_str_of(places[i]));
        bool blank = !code && !gb_str_trim(text).len;
        gb_arena_reset(collector->scratch, mark);
        if (code == GB_E_MEMORY)
            return code;
        if (!code && into->count == before && !blank)
            code = gb_error_set(&why, GB_E_SYNTAX, "is no package data base of apk");
        if (!code) {
            into->presence = GB_PACKAGES_READ;
            read_world(collector, into);
            return GB_OK;
        }
        struct gb_str reason =
            code == GB_E_DENIED ? gb_str_format(collector->arena, "needs root: %s", places[i])
                                : gb_str_format(collector->arena, "%s: %s", places[i], why.reason);
        if (into->presence == GB_PACKAGES_READ) {
            into->problem = reason;
        } else {
            into->presence = GB_PACKAGES_UNREADABLE;
            into->reason = reason;
        }
        return GB_OK;
    }
    return GB_OK;
}

// Folders are owned as well; a path is the last folder and the file in it.
static int visit_paths(const struct gb_os_packages *packages, struct gb_str text,
                       const struct gb_os_path_visitor *visitor)
{
    const struct gb_os_package *package = NULL;
    struct gb_str line, folder = {0};
    char path[PATH_MAX];
    int code = GB_OK;
    while (!code && gb_str_next(&text, '\n', &line)) {
        if (!line.len)
            package = NULL;
        if (line.len < 2 || line.at[1] != ':')
            continue;
        struct gb_str value = gb_str_from(line, 2);
        if (line.at[0] == 'P')
            package = gb_map_get(&packages->by_name, value);
        if (line.at[0] == 'F')
            folder = value;
        bool is_file = line.at[0] == 'R';
        if (!package || (line.at[0] != 'F' && !is_file) || folder.len + value.len + 3 > sizeof path)
            continue;
        size_t len = 0;
        path[len++] = '/';
        memcpy(path + len, folder.at, folder.len);
        len += folder.len;
        if (is_file) {
            if (folder.len)
                path[len++] = '/';
            memcpy(path + len, value.at, value.len);
            len += value.len;
        }
        if (len > 1)
            code = visitor->visit(visitor->context, (struct gb_str){path, len}, package);
    }
    return code;
}

int gb_apk_paths(struct gb_collector *collector, const struct gb_os_packages *packages,
                 const struct gb_os_path_visitor *visitor)
{
    struct gb_str where = {0}, text;
    for (size_t i = 0; i < packages->count && !where.len; i++)
        if (packages->items[i]->manager == GB_MANAGER_APK)
            where = packages->items[i]->where;
    if (!where.len)
        return GB_OK;
    struct gb_mark mark = gb_arena_mark(collector->scratch);
    int code = gb_host_read(collector->host, where.at, INSTALLED_MAX_BYTES, collector->scratch,
                            &text, NULL);
    if (!code)
        code = visit_paths(packages, text, visitor);
    gb_arena_reset(collector->scratch, mark);
    return code;
}
