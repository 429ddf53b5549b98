// Answers "is this package installed?" for all sources.
#include "source/package/installed.h"

#include "source/package/os_packages.h"

// What the packages that sources ask for (by Debian's names) are called elsewhere. A name that is
// not here can be found, but not ruled out: the software may have another one.
static const struct {
    const char *name;
    const char *rpm[2], *apk[3]; // NULL: the same name
} names[] = {
    {"aide", {NULL}, {NULL}},
    {"apt", {NULL}, {NULL}},
    {"auditd", {"audit"}, {"audit"}},
    {"chrony", {NULL}, {NULL}},
    {"cron-daemon", {"cronie", "dcron"}, {"cronie", "dcron", "busybox-openrc"}},
    {"firewalld", {NULL}, {NULL}},
    {"logrotate", {NULL}, {NULL}},
    {"nftables", {NULL}, {NULL}},
    {"openntpd", {NULL}, {NULL}},
    {"openssh-client", {"openssh-clients"}, {"openssh-client-default", "openssh-client-common"}},
    {"openssh-server", {NULL}, {"openssh-server", "openssh-server-pam"}},
    {"rsyslog", {NULL}, {NULL}},
    {"samhain", {NULL}, {NULL}},
    {"sudo", {NULL}, {NULL}},
    {"syslog-ng", {NULL}, {NULL}},
    {"systemd-sysv", {"systemd"}, {"systemd"}},
    {"tripwire", {NULL}, {NULL}},
    {"ufw", {NULL}, {NULL}},
    {"unattended-upgrades", {NULL}, {NULL}},
};

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

// On a host without dpkg: rpm or apk knows.
static enum gb_installed ask_others(struct gb_collector *collector, const char *name)
{
    const struct gb_os_packages *others = NULL;
    if (gb_os_packages_load(collector, &others, NULL) < 0 ||
        others->presence == GB_PACKAGES_UNREADABLE)
        return GB_INSTALLED_UNKNOWN;
    if (others->presence == GB_PACKAGES_ABSENT)
        return GB_INSTALLED_NO;
    if (gb_map_get(&others->by_name, gb_str_of(name)))
        return GB_INSTALLED_YES;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, name) != 0)
            continue;
        bool rpm = others->manager == GB_MANAGER_RPM;
        const char *const *other = rpm ? names[i].rpm : names[i].apk;
        for (size_t k = 0; k < (rpm ? 2 : 3) && other[k]; k++)
            if (gb_map_get(&others->by_name, gb_str_of(other[k])))
                return GB_INSTALLED_YES;
        return others->problem.len ? GB_INSTALLED_UNKNOWN : GB_INSTALLED_NO;
    }
    return GB_INSTALLED_UNKNOWN;
}

enum gb_installed gb_package_installed(struct gb_collector *collector, const char *name)
{
    const struct gb_dpkg *dpkg = load(collector);
    if (!dpkg)
        return GB_INSTALLED_UNKNOWN;
    if (dpkg->presence == GB_DPKG_ABSENT)
        return ask_others(collector, name);
    return find(dpkg, name) ? GB_INSTALLED_YES : GB_INSTALLED_NO;
}

enum gb_installed gb_package_provided(struct gb_collector *collector, const char *name)
{
    const struct gb_dpkg *dpkg = load(collector);
    if (!dpkg)
        return GB_INSTALLED_UNKNOWN;
    if (dpkg->presence == GB_DPKG_ABSENT)
        return ask_others(collector, name);
    return gb_package_provider(collector, name) ? GB_INSTALLED_YES : GB_INSTALLED_NO;
}
