// Reads dpkg's data base; used by the package sources, installed.c and owner.c.
#include "source/package/dpkg.h"

#include "source/package/deb822.h"
#include "source/package/os_packages.h"

#include <stdlib.h>

enum {
    STATUS_MAX_BYTES = 128 << 20, // a desktop with everything installed has about 10 MiB
    JOURNAL_MAX_FILES = 1000,
    IMAGE_MAX_FILES = 20000,
};

static const char *const state_names[] = {
    "not-installed",   "config-files",     "half-installed",   "unpacked",
    "half-configured", "triggers-awaited", "triggers-pending", "installed",
};
enum { STATE_COUNT = sizeof state_names / sizeof *state_names };

const char *gb_dpkg_state_name(enum gb_dpkg_state state)
{
    return (size_t)state < STATE_COUNT ? state_names[state] : "unknown";
}

// "install ok installed": want, error flag, state.
static void read_status(struct gb_dpkg_package *package, struct gb_str value)
{
    struct gb_str want, flag, state;
    if (!gb_str_next_word(&value, &want) || !gb_str_next_word(&value, &flag) ||
        !gb_str_next_word(&value, &state))
        return;
    package->held = gb_str_is(want, "hold");
    package->reinstall = gb_str_is(flag, "reinstreq");
    for (int i = 0; i < STATE_COUNT; i++)
        if (gb_str_is(state, state_names[i]))
            package->state = (enum gb_dpkg_state)i;
}

// "name", or "name (version)" when that differs from the package's own.
static void read_source(struct gb_dpkg_package *package, struct gb_str value)
{
    gb_str_next_word(&value, &package->source);
    value = gb_str_trim(value);
    if (value.len > 2 && value.at[0] == '(' && value.at[value.len - 1] == ')')
        package->source_version = gb_str_sub(value, 1, value.len - 2);
}

static bool says_transitional(struct gb_str description)
{
    struct gb_str synopsis = {0};
    if (!gb_deb822_line(&description, &synopsis))
        return false;
    bool transitional = gb_str_contains(synopsis, GB_STR("ransitional")) ||
                        gb_str_contains(synopsis, GB_STR("TRANSITIONAL"));
    return (transitional || gb_str_contains(synopsis, GB_STR("ummy"))) &&
           (gb_str_contains(synopsis, GB_STR("ackage")) ||
            gb_str_contains(synopsis, GB_STR("ummy")));
}

static uint32_t count_lines(struct gb_str value)
{
    uint32_t lines = 0;
    for (struct gb_str line; gb_deb822_line(&value, &line);)
        lines += line.len > 0;
    return lines;
}

static bool is_yes(struct gb_str value)
{
    return gb_str_eq_nocase(value, GB_STR("yes"));
}

static void read_field(struct gb_dpkg_package *package, const struct gb_deb822_field *field)
{
    if (gb_deb822_is(field, "Package"))
        package->name = field->value;
    else if (gb_deb822_is(field, "Version"))
        package->version = field->value;
    else if (gb_deb822_is(field, "Architecture"))
        package->architecture = field->value;
    else if (gb_deb822_is(field, "Status"))
        read_status(package, field->value);
    else if (gb_deb822_is(field, "Source"))
        read_source(package, field->value);
    else if (gb_deb822_is(field, "Maintainer"))
        package->maintainer = field->value;
    else if (gb_deb822_is(field, "Section"))
        package->section = field->value;
    else if (gb_deb822_is(field, "Provides"))
        package->provides = field->value;
    else if (gb_deb822_is(field, "Depends"))
        package->depends = field->value;
    else if (gb_deb822_is(field, "Multi-Arch"))
        package->co_installable = gb_str_is(field->value, "same");
    else if (gb_deb822_is(field, "Conffiles"))
        package->conffiles = count_lines(field->value);
    else if (gb_deb822_is(field, "Description"))
        package->transitional = says_transitional(field->value);
    else if (gb_deb822_is(field, "Essential") || gb_deb822_is(field, "Protected"))
        package->essential = package->essential || is_yes(field->value);
    else if (gb_deb822_is(field, "Installed-Size") &&
             gb_str_to_uint(field->value, 10, &package->installed_kib) < 0)
        package->installed_kib = 0;
}

// Adds a package; the newest stanza of a name and architecture replaces the one before.
static int keep(struct gb_dpkg *into, struct gb_arena *arena, const struct gb_dpkg_package *fresh)
{
    struct gb_dpkg_package *known = gb_map_get(&into->by_name, fresh->name), *last = NULL;
    for (; known; last = known, known = known->next) {
        if (!gb_str_eq(known->architecture, fresh->architecture))
            continue;
        struct gb_dpkg_package *next = known->next;
        *known = *fresh;
        known->next = next;
        return GB_OK;
    }
    if (into->count == into->capacity) {
        size_t capacity = into->capacity ? into->capacity * 2 : 256;
        struct gb_dpkg_package **packages =
            gb_grow_array(arena, into->packages, into->capacity, capacity, sizeof(*packages));
        if (!packages)
            return GB_E_MEMORY;
        into->packages = packages;
        into->capacity = capacity;
    }
    struct gb_dpkg_package *package = gb_alloc(arena, sizeof *package);
    if (!package)
        return GB_E_MEMORY;
    *package = *fresh;
    into->packages[into->count++] = package;
    if (last) {
        last->next = package;
        return GB_OK;
    }
    return gb_map_set(&into->by_name, package->name, package);
}

int gb_dpkg_parse(struct gb_dpkg *into, struct gb_arena *arena, struct gb_str text,
                  struct gb_str where, bool without_status)
{
    if (!into->by_name.arena)
        into->by_name = gb_map(arena);
    struct gb_deb822 reader = gb_deb822(text);
    while (gb_deb822_stanza(&reader)) {
        struct gb_dpkg_package package = {
            .where = where,
            .line = reader.line,
            .state = without_status ? GB_DPKG_INSTALLED : GB_DPKG_NOT_INSTALLED,
        };
        for (struct gb_deb822_field field; gb_deb822_next(&reader, &field);)
            read_field(&package, &field);
        if (!package.name.len)
            continue;
        if (!package.source.len)
            package.source = package.name;
        if (!package.source_version.len)
            package.source_version = package.version;
        int code = keep(into, arena, &package);
        if (code)
            return code;
    }
    into->malformed_lines += reader.malformed;
    return GB_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct gb_dpkg_package *x = *(struct gb_dpkg_package *const *)a;
    const struct gb_dpkg_package *y = *(struct gb_dpkg_package *const *)b;
    int order = gb_str_compare(x->name, y->name);
    return order ? order : gb_str_compare(x->architecture, y->architecture);
}

static int index_provides(struct gb_dpkg *dpkg, struct gb_dpkg_package *package)
{
    struct gb_str rest = package->provides;
    for (struct gb_str item; gb_str_next(&rest, ',', &item);) {
        struct gb_str name;
        if (!gb_deb822_word(&item, &name) || gb_map_get(&dpkg->by_provides, name))
            continue;
        int code = gb_map_set(&dpkg->by_provides, name, package);
        if (code)
            return code;
    }
    return GB_OK;
}

int gb_dpkg_finish(struct gb_dpkg *dpkg, struct gb_arena *arena)
{
    dpkg->by_provides = gb_map(arena);
    if (dpkg->count)
        qsort(dpkg->packages, dpkg->count, sizeof *dpkg->packages, by_name);
    for (size_t i = 0; i < dpkg->count; i++) {
        struct gb_dpkg_package *package = dpkg->packages[i];
        package->position = i;
        int code = gb_dpkg_in_place(package) ? index_provides(dpkg, package) : GB_OK;
        if (code)
            return code;
    }
    return GB_OK;
}

// What dpkg wrote down since it last rewrote the status file: numbered files, one stanza each.
static int read_journal(struct gb_collector *collector, struct gb_dpkg *dpkg)
{
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    struct gb_str folder = GB_STR("/var/lib/dpkg/updates");
    if (gb_host_list(collector->host, folder.at, JOURNAL_MAX_FILES, collector->scratch, &entries,
                     &count, NULL) < 0)
        return GB_OK;
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        if (gb_str_to_uint(entries[i].name, 10, &number) < 0)
            continue; // "tmp.i" is not complete yet
        struct gb_str text, path = gb_str_format(collector->arena, GB_PRI "/" GB_PRI,
                                                 GB_ARG(folder), GB_ARG(entries[i].name));
        if (!path.at)
            return GB_E_MEMORY;
        if (gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->arena, &text,
                         NULL) < 0)
            continue;
        int code = gb_dpkg_parse(dpkg, collector->arena, text, path, false);
        if (code)
            return code;
    }
    return GB_OK;
}

// Images without dpkg keep one file a package in status.d, beside their md5sums.
static int read_image(struct gb_collector *collector, struct gb_dpkg *dpkg, bool *found)
{
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    struct gb_str folder = GB_STR("/var/lib/dpkg/status.d");
    if (gb_host_list(collector->host, folder.at, IMAGE_MAX_FILES, collector->scratch, &entries,
                     &count, NULL) < 0)
        return GB_OK;
    for (size_t i = 0; i < count; i++) {
        if (gb_str_ends(entries[i].name, GB_STR(".md5sums")))
            continue;
        struct gb_str text, path = gb_str_format(collector->arena, GB_PRI "/" GB_PRI,
                                                 GB_ARG(folder), GB_ARG(entries[i].name));
        if (!path.at)
            return GB_E_MEMORY;
        if (gb_host_read(collector->host, path.at, GB_CONFIG_MAX_BYTES, collector->arena, &text,
                         NULL) < 0)
            continue;
        *found = true;
        int code = gb_dpkg_parse(dpkg, collector->arena, text, path, true);
        if (code)
            return code;
    }
    return GB_OK;
}

// No dpkg: is another package manager in charge?
static int say_absent(struct gb_collector *collector, struct gb_dpkg *dpkg)
{
    const struct gb_os_packages *others = NULL;
    int code = gb_os_packages_load(collector, &others, NULL);
    if (code)
        return code;
    dpkg->presence = GB_DPKG_ABSENT;
    if (others->presence != GB_PACKAGES_ABSENT) {
        dpkg->reason = gb_str_format(collector->arena, "packages are managed by %s",
                                     gb_package_manager_name(others->manager));
    } else if (gb_host_exists(collector->host, "/var/lib/pacman/local")) {
        dpkg->presence = GB_DPKG_UNREADABLE;
        dpkg->reason = GB_STR("packages are managed by pacman, which is not read");
    } else {
        dpkg->reason = GB_STR("there is no dpkg data base");
    }
    return dpkg->reason.at ? GB_OK : GB_E_MEMORY;
}

static int read_all(struct gb_collector *collector, struct gb_dpkg *dpkg)
{
    struct gb_error why = {0};
    struct gb_str text;
    dpkg->path = GB_STR("/var/lib/dpkg/status");
    bool found = false;
    int code = gb_host_read(collector->host, dpkg->path.at, STATUS_MAX_BYTES, collector->arena,
                            &text, &why);
    if (code == GB_OK) {
        found = true;
        code = gb_dpkg_parse(dpkg, collector->arena, text, dpkg->path, false);
        if (code == GB_OK && !dpkg->count && gb_str_trim(text).len) {
            dpkg->presence = GB_DPKG_UNREADABLE;
            dpkg->reason = GB_STR("/var/lib/dpkg/status is no package data base");
            return GB_OK;
        }
        if (code == GB_OK)
            code = read_journal(collector, dpkg);
    } else if (code != GB_E_NOT_FOUND) {
        dpkg->presence = GB_DPKG_UNREADABLE;
        dpkg->reason = code == GB_E_DENIED ? GB_STR("needs root: /var/lib/dpkg/status")
                                           : gb_str_format(collector->arena,
                                                           "/var/lib/dpkg/status: %s", why.reason);
        return GB_OK;
    } else {
        code = GB_OK;
    }
    if (code == GB_OK)
        code = read_image(collector, dpkg, &found);
    if (code == GB_OK && !found)
        code = say_absent(collector, dpkg);
    return code ? code : gb_dpkg_finish(dpkg, collector->arena);
}

int gb_dpkg_load(struct gb_collector *collector, const struct gb_dpkg **ret, struct gb_error *err)
{
    struct gb_str key = GB_STR("package/dpkg");
    struct gb_dpkg *dpkg = gb_collector_shared(collector, key);
    if (!dpkg) {
        dpkg = gb_alloc(collector->arena, sizeof *dpkg);
        if (!dpkg || read_all(collector, dpkg) < 0 || gb_collector_share(collector, key, dpkg) < 0)
            return gb_error_set(err, GB_E_MEMORY, "out of memory while reading dpkg's data base");
    }
    *ret = dpkg;
    return GB_OK;
}
