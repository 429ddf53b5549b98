// rpm's half of the package data bases: from header blobs to packages and to the paths they own.
#include "source/package/os_packages.h"
#include "source/package/rpm_database.h"
#include "source/package/rpm_header.h"

#include <limits.h>
#include <stdio.h>

enum { PACKAGES_MAX = 200000, FILE_IS_CONFIG = 1 };

// "openssl-3.0.7-24.el9.src.rpm": name, version and release are the last three pieces.
static void read_source(struct gb_os_package *package, struct gb_str file, struct gb_str own,
                        uint64_t epoch, bool has_epoch, struct gb_arena *arena)
{
    static const char *const ends[] = {".src.rpm", ".nosrc.rpm"};
    for (size_t i = 0; i < 2; i++)
        if (gb_str_ends(file, gb_str_of(ends[i])))
            file.len -= strlen(ends[i]);
    ptrdiff_t release = gb_str_rfind_char(file, '-');
    ptrdiff_t version =
        release > 0 ? gb_str_rfind_char(gb_str_sub(file, 0, (size_t)release), '-') : -1;
    if (version <= 0)
        return;
    struct gb_str full = gb_str_from(file, (size_t)version + 1);
    package->source = gb_str_copy(arena, gb_str_sub(file, 0, (size_t)version));
    // The file's name has no epoch. Where the package has its source's version it has its epoch
    // too.
    package->source_version =
        has_epoch && gb_str_eq(full, own)
            ? gb_str_format(arena, "%llu:" GB_PRI, (unsigned long long)epoch, GB_ARG(full))
            : gb_str_copy(arena, full);
}

// "nodejs:18:9010020230301:rhel9" is the stream nodejs:18.
static struct gb_str module_of(struct gb_str label)
{
    ptrdiff_t name = gb_str_find_char(label, ':');
    if (name <= 0)
        return GB_STR("");
    struct gb_str rest = gb_str_from(label, (size_t)name + 1);
    ptrdiff_t stream = gb_str_find_char(rest, ':');
    return gb_str_sub(label, 0, (size_t)name + 1 + (stream < 0 ? rest.len : (size_t)stream));
}

static uint32_t count_conffiles(const struct gb_rpm_header *header)
{
    struct gb_rpm_numbers flags = gb_rpm_header_numbers(header, GB_RPM_FILE_FLAGS);
    uint32_t count = 0;
    uint64_t flag;
    for (uint32_t i = 0; gb_rpm_numbers_at(&flags, i, &flag); i++)
        count += (flag & FILE_IS_CONFIG) != 0;
    return count;
}

int gb_rpm_package_read(struct gb_str blob, struct gb_arena *arena, struct gb_os_package *ret,
                        struct gb_error *err)
{
    struct gb_rpm_header header;
    int code = gb_rpm_header_parse(blob, &header, err);
    if (code)
        return code;
    struct gb_str name = gb_rpm_header_string(&header, GB_RPM_NAME);
    struct gb_str version = gb_rpm_header_string(&header, GB_RPM_VERSION);
    struct gb_str release = gb_rpm_header_string(&header, GB_RPM_RELEASE);
    if (gb_str_is(name, "gpg-pubkey"))
        return gb_error_set(err, GB_E_NOT_FOUND, "is a key");
    if (!name.len || !version.len || !release.len)
        return gb_error_set(err, GB_E_SYNTAX, "a header without name, version or release");
    uint64_t epoch = 0, bytes = 0;
    bool has_epoch = gb_rpm_header_number(&header, GB_RPM_EPOCH, 0, &epoch);
    if (!gb_rpm_header_number(&header, GB_RPM_LONG_SIZE, 0, &bytes) &&
        !gb_rpm_header_number(&header, GB_RPM_SIZE, 0, &bytes))
        bytes = 0;
    struct gb_str own = gb_str_format(arena, GB_PRI "-" GB_PRI, GB_ARG(version), GB_ARG(release));
    *ret = (struct gb_os_package){
        .manager = GB_MANAGER_RPM,
        .name = gb_str_copy(arena, name),
        .version =
            has_epoch ? gb_str_format(arena, "%llu:" GB_PRI, (unsigned long long)epoch, GB_ARG(own))
                      : own,
        .architecture = gb_str_copy(arena, gb_rpm_header_string(&header, GB_RPM_ARCH)),
        .module =
            gb_str_copy(arena, module_of(gb_rpm_header_string(&header, GB_RPM_MODULARITY_LABEL))),
        .vendor = gb_str_copy(arena, gb_rpm_header_string(&header, GB_RPM_VENDOR)),
        .maintainer = gb_str_copy(arena, gb_rpm_header_string(&header, GB_RPM_PACKAGER)),
        .section = gb_str_copy(arena, gb_rpm_header_string(&header, GB_RPM_GROUP)),
        .installed_kib = bytes / 1024,
        .conffiles = count_conffiles(&header),
    };
    read_source(ret, gb_rpm_header_string(&header, GB_RPM_SOURCE_RPM), own, epoch, has_epoch,
                arena);
    if (!ret->source.len) { // very old packages do not say
        ret->source = ret->name;
        ret->source_version = ret->version;
    }
    return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "out of memory") : GB_OK;
}

// Calls back with each path of the header. A code other than GB_OK ends it.
static int each_path(const struct gb_rpm_header *header,
                     int (*visit)(void *context, struct gb_str path), void *context,
                     struct gb_arena *scratch)
{
    struct gb_rpm_strings names = gb_rpm_header_strings(header, GB_RPM_BASE_NAMES),
                          folders = gb_rpm_header_strings(header, GB_RPM_DIR_NAMES);
    struct gb_rpm_numbers indexes = gb_rpm_header_numbers(header, GB_RPM_DIR_INDEXES);
    uint32_t count = folders.left < header->store.len ? folders.left : 0, have = 0;
    struct gb_str *list = gb_alloc_array(scratch, count, sizeof *list), name;
    if (!list)
        return GB_E_MEMORY;
    while (have < count && gb_rpm_strings_next(&folders, &list[have]))
        have++;
    int code = GB_OK;
    for (uint32_t i = 0; !code && gb_rpm_strings_next(&names, &name); i++) {
        char path[PATH_MAX];
        uint64_t folder;
        if (!gb_rpm_numbers_at(&indexes, i, &folder) || folder >= have ||
            list[folder].len + name.len >= sizeof path || !list[folder].len)
            continue;
        memcpy(path, list[folder].at, list[folder].len);
        memcpy(path + list[folder].len, name.at, name.len);
        code = visit(context, (struct gb_str){path, list[folder].len + name.len});
    }
    return code;
}

// ---- reading the data base

struct loading {
    struct gb_collector *collector;
    struct gb_os_packages *into;
    struct gb_str where;
    size_t damaged;
};

static int find_os_release(void *context, struct gb_str path)
{
    bool *found = context;
    *found = *found || gb_str_is(path, "/usr/lib/os-release") ||
             gb_str_is(path, "/etc/os-release") || gb_str_ends(path, GB_STR("/system-release"));
    return GB_OK;
}

// Who made the distribution is who made the package with os-release.
static void note_vendor(struct loading *loading, const struct gb_os_package *package,
                        struct gb_str blob)
{
    struct gb_rpm_header header;
    bool found = false;
    if (loading->into->os_vendor.len || !gb_str_contains(package->name, GB_STR("release")) ||
        gb_rpm_header_parse(blob, &header, NULL) < 0)
        return;
    struct gb_mark mark = gb_arena_mark(loading->collector->scratch);
    if (each_path(&header, find_os_release, &found, loading->collector->scratch) == GB_OK && found)
        loading->into->os_vendor = package->vendor;
    gb_arena_reset(loading->collector->scratch, mark);
}

static int take(void *context, struct gb_str blob, uint32_t number)
{
    struct loading *loading = context;
    struct gb_os_package package;
    if (loading->into->count >= PACKAGES_MAX)
        return GB_E_LIMIT;
    int code = gb_rpm_package_read(blob, loading->collector->arena, &package, NULL);
    if (code == GB_E_MEMORY)
        return code;
    if (code) {
        loading->damaged += code != GB_E_NOT_FOUND;
        return GB_OK;
    }
    package.where = loading->where;
    package.number = number;
    note_vendor(loading, &package, blob);
    return gb_os_packages_add(loading->into, loading->collector->arena, &package);
}

static void say_unreadable(struct gb_collector *collector, struct gb_os_packages *into,
                           const char *path, int code, const struct gb_error *why)
{
    into->presence = GB_PACKAGES_UNREADABLE;
    into->reason = code == GB_E_DENIED
                       ? gb_str_format(collector->arena, "needs root: %s", path)
                       : gb_str_format(collector->arena, "%s: %s", path, why->reason);
}

// True when this data base is the one: it was read (an empty one counts as read only when there is
// no other), or it is there and cannot be read.
static int read_place(struct gb_collector *collector, struct gb_os_packages *into,
                      const struct gb_rpm_place *place, bool *found)
{
    struct gb_file_info info;
    struct gb_error why = {0};
    struct gb_rpm_reading reading;
    struct loading loading = {collector, into, gb_str_of(place->path), 0};
    struct gb_rpm_visitor visitor = {take, &loading};
    if (gb_host_stat(collector->host, place->path, true, &info, NULL) == GB_E_NOT_FOUND)
        return GB_OK;
    int code = gb_rpm_database_read(collector->host, place, &visitor, &reading, &why);
    if (code == GB_E_MEMORY)
        return code;
    into->manager = GB_MANAGER_RPM;
    into->path = loading.where;
    *found = code || into->count > 0 || reading.damaged + loading.damaged > 0;
    if (code) {
        say_unreadable(collector, into, place->path, code, &why);
        return GB_OK;
    }
    into->presence = GB_PACKAGES_READ;
    into->reason = GB_STR("");
    if (reading.damaged + loading.damaged)
        into->problem = gb_str_format(collector->arena, "%s: %zu records could not be read%s%s",
                                      place->path, reading.damaged + loading.damaged,
                                      reading.damaged ? ": " : "", reading.first.reason);
    return GB_OK;
}

int gb_rpm_load(struct gb_collector *collector, struct gb_os_packages *into)
{
    bool found = false;
    for (const struct gb_rpm_place *place = gb_rpm_places; place->path && !found; place++) {
        int code = read_place(collector, into, place, &found);
        if (code)
            return code;
    }
    return GB_OK;
}

// ---- paths

struct walking {
    const struct gb_os_path_visitor *visitor;
    struct gb_map numbers; // record -> package, by the bytes of its number
    const struct gb_os_package *package;
    struct gb_arena *scratch;
};

static int pass_on(void *context, struct gb_str path)
{
    const struct walking *walking = context;
    return walking->visitor->visit(walking->visitor->context, path, walking->package);
}

static int visit_header(void *context, struct gb_str blob, uint32_t number)
{
    struct walking *walking = context;
    struct gb_rpm_header header;
    walking->package =
        gb_map_get(&walking->numbers, (struct gb_str){(const char *)&number, sizeof number});
    if (!walking->package || gb_rpm_header_parse(blob, &header, NULL) < 0)
        return GB_OK;
    struct gb_mark mark = gb_arena_mark(walking->scratch);
    int code = each_path(&header, pass_on, walking, walking->scratch);
    gb_arena_reset(walking->scratch, mark);
    return code;
}

int gb_rpm_paths(struct gb_collector *collector, const struct gb_os_packages *packages,
                 const struct gb_os_path_visitor *visitor)
{
    const struct gb_rpm_place *place = gb_rpm_places;
    struct walking walking = {
        .visitor = visitor, .numbers = gb_map(collector->scratch), .scratch = collector->scratch};
    struct gb_rpm_visitor headers = {visit_header, &walking};
    struct gb_rpm_reading reading;
    for (size_t i = 0; i < packages->count; i++) {
        const struct gb_os_package *package = packages->items[i];
        struct gb_str key = {(const char *)&package->number, sizeof package->number};
        if (package->manager == GB_MANAGER_RPM &&
            gb_map_set(&walking.numbers, key, packages->items[i]) < 0)
            return GB_E_MEMORY;
    }
    if (!walking.numbers.count)
        return GB_OK;
    while (place->path && !gb_str_is(packages->path, place->path))
        place++;
    return place->path ? gb_rpm_database_read(collector->host, place, &headers, &reading, NULL)
                       : GB_E_NOT_FOUND;
}
