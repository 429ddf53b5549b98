// Answers "is this package installed?" for all sources.
#include "source/package/installed.h"

static const struct gb_dpkg *load(struct gb_collector *collector)
{
    const struct gb_dpkg *dpkg = NULL;
    if (gb_dpkg_load(collector, &dpkg, NULL) < 0 || dpkg->presence == GB_DPKG_UNREADABLE)
        return NULL;
    return dpkg;
}

static const struct gb_dpkg_package *find(const struct gb_dpkg *dpkg, const char *name)
{
    const struct gb_dpkg_package *package = gb_map_get(&dpkg->by_name, gb_str_of(name));
    while (package && !gb_dpkg_in_place(package))
        package = package->next;
    return package;
}

const struct gb_dpkg_package *gb_package_find(struct gb_collector *collector, const char *name)
{
    const struct gb_dpkg *dpkg = load(collector);
    return dpkg ? find(dpkg, name) : NULL;
}

const struct gb_dpkg_package *gb_package_provider(struct gb_collector *collector, const char *name)
{
    const struct gb_dpkg *dpkg = load(collector);
    if (!dpkg)
        return NULL;
    const struct gb_dpkg_package *package = find(dpkg, name);
    return package ? package : gb_map_get(&dpkg->by_provides, gb_str_of(name));
}

enum gb_installed gb_package_installed(struct gb_collector *collector, const char *name)
{
    const struct gb_dpkg *dpkg = load(collector);
    if (!dpkg)
        return GB_INSTALLED_UNKNOWN;
    return find(dpkg, name) ? GB_INSTALLED_YES : GB_INSTALLED_NO;
}

enum gb_installed gb_package_provided(struct gb_collector *collector, const char *name)
{
    if (!load(collector))
        return GB_INSTALLED_UNKNOWN;
    return gb_package_provider(collector, name) ? GB_INSTALLED_YES : GB_INSTALLED_NO;
}
