// The list of small files that are kept of an image.
#include "source/image/wanted.h"

enum { DEEPEST_PATH = 64 };

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

struct pattern {
    struct gb_str folder; // with its last slash
    const char *name;     // pattern of what stands in it, which may go deeper
    enum gb_wanted wanted;
    uint64_t max_bytes;
};

#define ROW(folder, name, wanted, max)                                                             \
    {                                                                                              \
        GB_STR_INIT(folder), name, GB_WANTED_##wanted, max                                         \
    }

static const struct pattern patterns[] = {
    ROW("/etc/", "os-release", FILE, KIB(64)),
    ROW("/etc/", "*-release", FILE, KIB(64)),
    ROW("/etc/", "*_version", FILE, KIB(64)),
    ROW("/etc/", "passwd", FILE, MIB(4)),
    ROW("/etc/", "group", FILE, MIB(4)),
    ROW("/usr/lib/", "os-release", FILE, KIB(64)),
    ROW("/var/lib/dpkg/", "status", DATABASE, MIB(64)),
    ROW("/var/lib/dpkg/", "status.d/*", DATABASE, MIB(4)),
    ROW("/var/lib/dpkg/", "updates/*", DATABASE, MIB(4)),
    ROW("/var/lib/dpkg/", "info/*.list", FILE, MIB(16)),
    ROW("/var/lib/dpkg/", "diversions", FILE, MIB(4)),
    ROW("/var/lib/dpkg/", "arch", FILE, KIB(64)),
    ROW("/var/lib/rpm/", "rpmdb.sqlite*", DATABASE, MIB(512)),
    ROW("/var/lib/rpm/", "Packages*", DATABASE, MIB(512)),
    ROW("/usr/lib/sysimage/rpm/", "rpmdb.sqlite*", DATABASE, MIB(512)),
    ROW("/usr/lib/sysimage/rpm/", "Packages*", DATABASE, MIB(512)),
    ROW("/lib/apk/", "db/installed", DATABASE, MIB(64)),
    ROW("/usr/lib/apk/", "db/installed", DATABASE, MIB(64)),
    ROW("/etc/apk/", "*", FILE, MIB(1)),
    ROW("/etc/apt/", "sources.list", FILE, MIB(1)),
    ROW("/etc/apt/", "sources.list.d/*", FILE, MIB(1)),
    ROW("/etc/apt/", "preferences", FILE, MIB(1)),
    ROW("/etc/apt/", "preferences.d/*", FILE, MIB(1)),
    ROW("/etc/apt/", "apt.conf", FILE, MIB(1)),
    ROW("/etc/apt/", "apt.conf.d/*", FILE, MIB(1)),
    ROW("/var/lib/apt/lists/", "*_InRelease", FILE, MIB(8)),
    ROW("/var/lib/apt/lists/", "*_Release", FILE, MIB(8)),
    ROW("/var/lib/apt/lists/", "*_Release.gpg", FILE, MIB(1)),
    ROW("/var/lib/apt/lists/", "*_Packages*", FILE, MIB(256)),
    ROW("/etc/yum.repos.d/", "*", FILE, MIB(1)),
    ROW("/etc/dnf/", "modules.d/*", FILE, MIB(1)),
    ROW("/usr/share/distro-info/", "*.csv", FILE, MIB(1)),
    ROW("/usr/share/debian-security-support/", "*", FILE, MIB(1)),
};

enum { PATTERNS = sizeof patterns / sizeof *patterns };

enum gb_wanted gb_image_wants(struct gb_str path, uint64_t *max_bytes)
{
    if (path.len < 6 || !memchr("eluv", path.at[1], 4)) // etc, lib, usr, var
        return GB_WANTED_NO;
    for (size_t i = 0; i < PATTERNS; i++) {
        const struct pattern *pattern = &patterns[i];
        if (!gb_str_starts(path, pattern->folder) ||
            !gb_str_glob(gb_str_of(pattern->name), gb_str_from(path, pattern->folder.len), true))
            continue;
        *max_bytes = pattern->max_bytes;
        return pattern->wanted;
    }
    return GB_WANTED_NO;
}

bool gb_image_wants_link(struct gb_str path)
{
    uint64_t ignored;
    size_t depth = 0;
    for (size_t i = 0; i < path.len; i++)
        depth += path.at[i] == '/';
    if (depth <= 2 || gb_image_wants(path, &ignored) != GB_WANTED_NO)
        return true;
    for (size_t i = 0; i < PATTERNS; i++) // a link in place of one of the folders
        if (patterns[i].folder.len > path.len && patterns[i].folder.at[path.len] == '/' &&
            gb_str_starts(patterns[i].folder, path))
            return true;
    return false;
}

int gb_image_clean_path(struct gb_str raw, char *into, size_t size, struct gb_str *ret)
{
    size_t len = 0, depth = 0;
    struct gb_str part;
    while (gb_str_next(&raw, '/', &part)) {
        if (!part.len || gb_str_is(part, "."))
            continue;
        if (gb_str_is(part, "..")) {
            if (!depth)
                return GB_E_RANGE;
            while (into[--len] != '/')
                ;
            depth--;
            continue;
        }
        if (part.len + 2 > size - len || part.len > 255 || ++depth > DEEPEST_PATH)
            return GB_E_LIMIT;
        into[len++] = '/';
        memcpy(into + len, part.at, part.len);
        len += part.len;
    }
    if (!len)
        into[len++] = '/';
    into[len] = '\0';
    *ret = (struct gb_str){into, len};
    return GB_OK;
}
