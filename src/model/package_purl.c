// Package URLs of installed packages.
#include "model/package_purl.h"

#include "model/version/version.h"

static struct gb_str text(const struct gb_resource *package, const char *field)
{
    return gb_value_str_or(gb_map_find(package->props, gb_str_of(field)), (struct gb_str){0});
}

static const struct manager {
    const char *name, *type;
    enum gb_version_scheme scheme;
} managers[] = {
    {"dpkg", "deb", GB_VERSION_DPKG},
    {"rpm", "rpm", GB_VERSION_RPM},
    {"apk", "apk", GB_VERSION_APK},
};

// NAME@VERSION, of rpm the file of the source package.
static struct gb_str upstream_of(const struct gb_resource *package, const struct manager *manager,
                                 struct gb_arena *arena)
{
    struct gb_str source = text(package, "source"), version = text(package, "source_version");
    if (manager->scheme == GB_VERSION_RPM && source.len && version.len)
        return gb_str_format(arena, GB_PRI "-" GB_PRI ".src.rpm", GB_ARG(source),
                             GB_ARG(gb_version_without_epoch(manager->scheme, version)));
    if (manager->scheme == GB_VERSION_APK || !version.len ||
        gb_str_eq(version, text(package, "version")))
        return gb_str_eq(source, text(package, "name")) ? (struct gb_str){0} : source;
    return gb_str_format(arena, GB_PRI "@" GB_PRI, GB_ARG(source), GB_ARG(version));
}

static bool system_purl(const struct gb_resource *package, struct gb_str os_id,
                        struct gb_str os_version, struct gb_arena *arena, struct gb_purl *ret)
{
    struct gb_str name = text(package, "manager"), version = text(package, "version");
    const struct manager *manager = NULL;
    for (size_t i = 0; i < sizeof managers / sizeof *managers; i++)
        if (gb_str_is(name, managers[i].name))
            manager = &managers[i];
    enum { QUALIFIERS = 5 };
    struct gb_purl_qualifier *qualifiers = gb_alloc_array(arena, QUALIFIERS, sizeof *qualifiers);
    if (!manager || !qualifiers)
        return false;
    struct gb_str rest = gb_version_without_epoch(manager->scheme, version), epoch = {0};
    if (rest.len < version.len)
        epoch = gb_str_sub(version, 0, version.len - rest.len - 1);
    struct gb_str distro = os_id;
    if (os_version.len)
        distro = gb_str_format(arena, GB_PRI "-" GB_PRI, GB_ARG(os_id), GB_ARG(os_version));
    qualifiers[0] = (struct gb_purl_qualifier){GB_STR("arch"), text(package, "architecture")};
    qualifiers[1] = (struct gb_purl_qualifier){GB_STR("distro"), distro};
    qualifiers[2] = (struct gb_purl_qualifier){GB_STR("epoch"), epoch};
    qualifiers[3] = (struct gb_purl_qualifier){GB_STR("rpmmod"), text(package, "module")};
    qualifiers[4] =
        (struct gb_purl_qualifier){GB_STR("upstream"), upstream_of(package, manager, arena)};
    *ret = (struct gb_purl){
        .type = gb_str_of(manager->type),
        .ns = gb_str_is(os_id, "rhel") ? GB_STR("redhat") : os_id,
        .name = text(package, "name"),
        .version = rest,
        .qualifiers = qualifiers,
        .qualifier_count = QUALIFIERS,
    };
    return true;
}

bool gb_package_purl(const struct gb_resource *package, struct gb_str os_id,
                     struct gb_str os_version, struct gb_arena *arena, struct gb_purl *ret)
{
    if (gb_str_is(package->kind, "language_package"))
        return gb_purl_of_package(text(package, "ecosystem"), text(package, "name"),
                                  text(package, "version"), ret);
    return system_purl(package, os_id, os_version, arena, ret);
}
