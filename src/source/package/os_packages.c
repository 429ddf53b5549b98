// Brings the data bases of rpm and apk together; see os_packages.h.
#include "source/package/os_packages.h"

#include <stdlib.h>

const char *gb_package_manager_name(enum gb_package_manager manager)
{
    static const char *const names[] = {"dpkg", "rpm", "apk"};
    return (size_t)manager < sizeof names / sizeof *names ? names[manager] : "unknown";
}

int gb_os_packages_add(struct gb_os_packages *into, struct gb_arena *arena,
                       const struct gb_os_package *package)
{
    if (into->count == into->capacity) {
        size_t capacity = into->capacity ? into->capacity * 2 : 256;
        struct gb_os_package **items =
            gb_grow_array(arena, into->items, into->capacity, capacity, sizeof(*items));
        if (!items)
            return GB_E_MEMORY;
        into->items = items;
        into->capacity = capacity;
    }
    struct gb_os_package *kept = gb_alloc(arena, sizeof *kept);
    if (!kept)
        return GB_E_MEMORY;
    *kept = *package;
    into->items[into->count++] = kept;
    return GB_OK;
}

static int by_identity(const void *a, const void *b)
{
    const struct gb_os_package *x = *(struct gb_os_package *const *)a;
    const struct gb_os_package *y = *(struct gb_os_package *const *)b;
    int order = gb_str_compare(x->name, y->name);
    if (!order)
        order = gb_str_compare(x->architecture, y->architecture);
    if (!order)
        order = gb_str_compare(x->version, y->version);
    if (!order)
        order = x->number < y->number ? -1 : x->number > y->number;
    return order;
}

static int finish(struct gb_os_packages *all, struct gb_arena *arena)
{
    all->by_name = gb_map(arena);
    if (all->count)
        qsort(all->items, all->count, sizeof(*all->items), by_identity);
    for (size_t i = all->count; i-- > 0;) { // chains in order of the list
        struct gb_os_package *package = all->items[i];
        package->position = i;
        package->next = gb_map_get(&all->by_name, package->name);
        if (gb_map_set(&all->by_name, package->name, package) < 0)
            return GB_E_MEMORY;
    }
    return GB_OK;
}

int gb_os_packages_load(struct gb_collector *collector, const struct gb_os_packages **ret,
                        struct gb_error *err)
{
    struct gb_str key = GB_STR("package/os_packages");
    struct gb_os_packages *all = gb_collector_shared(collector, key);
    if (!all) {
        all = gb_alloc(collector->arena, sizeof *all);
        if (!all || gb_rpm_load(collector, all) < 0 || gb_apk_load(collector, all) < 0 ||
            finish(all, collector->arena) < 0 || gb_collector_share(collector, key, all) < 0)
            return gb_error_set(err, GB_E_MEMORY, "out of memory while reading package data bases");
        if (all->presence == GB_PACKAGES_ABSENT)
            all->reason = GB_STR("there is no package data base of rpm or apk");
    }
    *ret = all;
    return GB_OK;
}
