// Infers the operating system where there is no os-release; see os_inferred.h.
#include "source/host/os_inferred.h"

#include "source/facts.h"
#include "source/package/dpkg.h"
#include "source/package/os_packages.h"

// Names in release files, and packages that only one distribution has. The longest name first.
static const struct {
    const char *id, *name, *starts; // starts: of the text of a release file
    const char *packages[4];
} distributions[] = {
    {"centos", "CentOS Stream", "CentOS Stream", {"centos-stream-release"}},
    {"centos", "CentOS Linux", "CentOS", {"centos-linux-release", "centos-release"}},
    {"rhel",
     "Red Hat Enterprise Linux",
     "Red Hat Enterprise Linux",
     {"redhat-release", "redhat-release-server", "redhat-release-workstation"}},
    {"almalinux", "AlmaLinux", "AlmaLinux", {"almalinux-release"}},
    {"rocky", "Rocky Linux", "Rocky Linux", {"rocky-release"}},
    {"ol", "Oracle Linux", "Oracle Linux", {"oraclelinux-release"}},
    {"fedora", "Fedora Linux", "Fedora", {"fedora-release-common", "fedora-release"}},
    {"amzn", "Amazon Linux", "Amazon Linux", {"system-release"}},
    {"wolfi", "Wolfi", NULL, {"wolfi-baselayout"}},
    {"chainguard", "Chainguard", NULL, {"chainguard-baselayout"}},
    {"alpine", "Alpine Linux", NULL, {"alpine-release", "alpine-base", "alpine-baselayout"}},
};
enum { DISTRIBUTION_COUNT = sizeof distributions / sizeof *distributions };

static const struct {
    const char *version, *codename;
} debian_releases[] = {{"8", "jessie"},    {"9", "stretch"},   {"10", "buster"},
                       {"11", "bullseye"}, {"12", "bookworm"}, {"13", "trixie"}};

// base-files of Ubuntu keeps Debian's number; its LTS releases by it.
static const struct {
    const char *starts, *version, *codename;
} ubuntu_releases[] = {
    {"9.4ubuntu", "16.04", "xenial"}, {"10.1ubuntu", "18.04", "bionic"},
    {"11ubuntu", "20.04", "focal"},   {"12ubuntu", "22.04", "jammy"},
    {"13ubuntu", "24.04", "noble"},
};

static struct gb_str leading_number(struct gb_str text, bool dots)
{
    size_t end = 0;
    while (end < text.len &&
           ((text.at[end] >= '0' && text.at[end] <= '9') || (dots && end && text.at[end] == '.')))
        end++;
    return gb_str_sub(text, 0, end);
}

bool gb_os_release_line(struct gb_str text, struct gb_os_identity *ret)
{
    static const struct gb_str word = GB_STR_INIT(" release ");
    struct gb_str line = {0};
    gb_str_next(&text, '\n', &line);
    for (size_t i = 0; i < DISTRIBUTION_COUNT; i++) {
        if (!distributions[i].starts || !gb_str_starts(line, gb_str_of(distributions[i].starts)))
            continue;
        ptrdiff_t at = gb_str_find(line, word);
        struct gb_str version =
            at < 0 ? GB_STR("") : leading_number(gb_str_from(line, (size_t)at + word.len), true);
        ret->id = gb_str_of(distributions[i].id);
        ret->name = gb_str_of(distributions[i].name);
        ret->version = version;
        return version.len > 0;
    }
    return false;
}

static struct gb_str codename_of_debian(struct gb_str version)
{
    for (size_t i = 0; i < sizeof debian_releases / sizeof *debian_releases; i++)
        if (gb_str_is(version, debian_releases[i].version))
            return gb_str_of(debian_releases[i].codename);
    return GB_STR("");
}

static bool from_files(struct gb_collector *collector, struct gb_os_identity *ret)
{
    static const char *const files[] = {"/etc/almalinux-release", "/etc/rocky-release",
                                        "/etc/centos-release",    "/etc/oracle-release",
                                        "/etc/fedora-release",    "/etc/redhat-release",
                                        "/etc/system-release"};
    struct gb_str text;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        ret->from = ret->where = gb_str_of(files[i]);
        if (gb_small_file(collector, files[i], &text) == GB_OK && gb_os_release_line(text, ret))
            return true;
    }
    if (gb_small_file(collector, "/etc/alpine-release", &text) == GB_OK &&
        leading_number(text, true).len) {
        *ret = (struct gb_os_identity){.id = GB_STR("alpine"),
                                       .name = GB_STR("Alpine Linux"),
                                       .version = leading_number(text, true),
                                       .from = GB_STR("/etc/alpine-release"),
                                       .where = GB_STR("/etc/alpine-release"),
                                       .line = 1};
        return true;
    }
    return false;
}

// "12.4+deb12u11" is of Debian 12, "12ubuntu4.6" of Ubuntu 22.04.
static bool from_base_files(const struct gb_dpkg_package *package, struct gb_os_identity *ret)
{
    for (size_t i = 0; i < sizeof ubuntu_releases / sizeof *ubuntu_releases; i++) {
        if (!gb_str_starts(package->version, gb_str_of(ubuntu_releases[i].starts)))
            continue;
        ret->id = GB_STR("ubuntu");
        ret->name = GB_STR("Ubuntu");
        ret->version = gb_str_of(ubuntu_releases[i].version);
        ret->codename = gb_str_of(ubuntu_releases[i].codename);
        return true;
    }
    struct gb_str number = leading_number(package->version, false);
    bool derived = gb_str_contains(package->version, GB_STR("ubuntu")) ||
                   !gb_str_contains(package->maintainer, GB_STR("debian.org"));
    if (!number.len || derived)
        return false;
    ret->id = GB_STR("debian");
    ret->name = GB_STR("Debian GNU/Linux");
    ret->version = number;
    ret->codename = codename_of_debian(number);
    return true;
}

static bool from_dpkg(struct gb_collector *collector, struct gb_os_identity *ret)
{
    const struct gb_dpkg *dpkg = NULL;
    if (gb_dpkg_load(collector, &dpkg, NULL) < 0 || dpkg->presence != GB_DPKG_READ)
        return false;
    const struct gb_dpkg_package *package = gb_map_get(&dpkg->by_name, GB_STR("base-files"));
    if (!package || !gb_dpkg_in_place(package) || !from_base_files(package, ret))
        return false;
    ret->from = gb_str_format(collector->arena, "base-files " GB_PRI, GB_ARG(package->version));
    ret->where = package->where;
    ret->line = package->line;
    return true;
}

static bool from_others(struct gb_collector *collector, struct gb_os_identity *ret)
{
    const struct gb_os_packages *others = NULL;
    if (gb_os_packages_load(collector, &others, NULL) < 0 || others->presence != GB_PACKAGES_READ)
        return false;
    for (size_t i = 0; i < DISTRIBUTION_COUNT; i++) {
        for (size_t k = 0; k < 4 && distributions[i].packages[k]; k++) {
            const char *name = distributions[i].packages[k];
            const struct gb_os_package *package = gb_map_get(&others->by_name, gb_str_of(name));
            if (!package)
                continue;
            // alpine-baselayout has a number of its own; Wolfi and Chainguard have no releases.
            bool numbered = !gb_str_ends(gb_str_of(name), GB_STR("baselayout"));
            struct gb_str version = package->version;
            ptrdiff_t epoch = gb_str_find_char(version, ':');
            version = gb_str_from(version, (size_t)(epoch + 1));
            *ret = (struct gb_os_identity){
                .id = gb_str_of(distributions[i].id),
                .name = gb_str_of(distributions[i].name),
                .version = numbered ? leading_number(version, true) : GB_STR(""),
                .from =
                    gb_str_format(collector->arena, "%s " GB_PRI, name, GB_ARG(package->version)),
                .where = package->where,
                .line = package->line,
            };
            return true;
        }
    }
    return false;
}

bool gb_os_infer(struct gb_collector *collector, struct gb_os_identity *ret)
{
    *ret = (struct gb_os_identity){.line = 1};
    if (!from_files(collector, ret) && !from_dpkg(collector, ret) && !from_others(collector, ret))
        return false;
    ret->version = gb_str_copy(collector->arena, ret->version); // may lie in scratch
    return ret->version.at && ret->from.at;
}
