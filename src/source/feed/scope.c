// Names that feeds use for releases and ecosystems, as scopes (scope.h).
#include "source/feed/scope.h"

static const struct {
    struct gb_str codename, scope;
} debian[] = {
    {GB_STR_INIT("sid"), GB_STR_INIT("debian-sid")},
    {GB_STR_INIT("unstable"), GB_STR_INIT("debian-sid")},
    {GB_STR_INIT("GENERIC"), GB_STR_INIT("debian-generic")},
    {GB_STR_INIT("bookworm"), GB_STR_INIT("debian-12")},
    {GB_STR_INIT("trixie"), GB_STR_INIT("debian-13")},
    {GB_STR_INIT("bullseye"), GB_STR_INIT("debian-11")},
    {GB_STR_INIT("buster"), GB_STR_INIT("debian-10")},
    {GB_STR_INIT("stretch"), GB_STR_INIT("debian-9")},
    {GB_STR_INIT("jessie"), GB_STR_INIT("debian-8")},
    {GB_STR_INIT("wheezy"), GB_STR_INIT("debian-7")},
    {GB_STR_INIT("squeeze"), GB_STR_INIT("debian-6")},
    {GB_STR_INIT("lenny"), GB_STR_INIT("debian-5")},
    {GB_STR_INIT("etch"), GB_STR_INIT("debian-4")},
    {GB_STR_INIT("forky"), GB_STR_INIT("debian-14")},
    {GB_STR_INIT("duke"), GB_STR_INIT("debian-15")},
};

struct gb_str gb_feed_scope_of_debian(struct gb_str codename)
{
    for (size_t i = 0; i < sizeof debian / sizeof *debian; i++)
        if (gb_str_eq(codename, debian[i].codename))
            return debian[i].scope;
    return (struct gb_str){0};
}

// How the part behind the colon of an ecosystem becomes the release.
enum release {
    MAJOR,  // "8" of "8" and "8.9"
    MINOR,  // "3.0" of "3.0" and "3"
    V,      // "3.18" of "v3.18"
    UBUNTU, // "22.04" of "22.04:LTS", "pro-16.04" of "Pro:16.04:LTS"
    NONE,   // ecosystems of languages: repositories and the like say nothing about versions
    REDHAT,
    SUSE,
};

static const struct {
    struct gb_str ecosystem, scope;
    enum release release;
} ecosystems[] = {
    {GB_STR_INIT("Debian"), GB_STR_INIT("debian"), MAJOR},
    {GB_STR_INIT("Ubuntu"), GB_STR_INIT("ubuntu"), UBUNTU},
    {GB_STR_INIT("AlmaLinux"), GB_STR_INIT("almalinux"), MAJOR},
    {GB_STR_INIT("Rocky Linux"), GB_STR_INIT("rocky"), MAJOR},
    {GB_STR_INIT("Oracle Linux"), GB_STR_INIT("oracle"), MAJOR},
    {GB_STR_INIT("Amazon Linux"), GB_STR_INIT("amazon"), MAJOR},
    {GB_STR_INIT("Alpine"), GB_STR_INIT("alpine"), V},
    {GB_STR_INIT("Azure Linux"), GB_STR_INIT("azurelinux"), MINOR},
    {GB_STR_INIT("Photon OS"), GB_STR_INIT("photon"), MINOR},
    {GB_STR_INIT("Red Hat"), GB_STR_INIT("redhat"), REDHAT},
    {GB_STR_INIT("openSUSE"), GB_STR_INIT("opensuse"), SUSE},
    {GB_STR_INIT("SUSE"), GB_STR_INIT("suse"), SUSE},
    {GB_STR_INIT("Maven"), GB_STR_INIT("maven"), NONE},
    {GB_STR_INIT("npm"), GB_STR_INIT("npm"), NONE},
    {GB_STR_INIT("PyPI"), GB_STR_INIT("pypi"), NONE},
    {GB_STR_INIT("Go"), GB_STR_INIT("go"), NONE},
    {GB_STR_INIT("crates.io"), GB_STR_INIT("crates.io"), NONE},
    {GB_STR_INIT("RubyGems"), GB_STR_INIT("rubygems"), NONE},
    {GB_STR_INIT("Packagist"), GB_STR_INIT("packagist"), NONE},
    {GB_STR_INIT("NuGet"), GB_STR_INIT("nuget"), NONE},
};

// In lower case; runs of what is neither letter, digit nor point become one '-'.
static struct gb_str plain(struct gb_str s, struct gb_arena *arena)
{
    char *out = gb_alloc(arena, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        char c = s.at[i];
        if (c >= 'A' && c <= 'Z')
            out[len++] = (char)(c + ('a' - 'A'));
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
            out[len++] = c;
        else if (len && out[len - 1] != '-')
            out[len++] = '-';
    }
    while (len && out[len - 1] == '-')
        len--;
    return (struct gb_str){out, out ? len : 0};
}

static struct gb_str joined(struct gb_str name, struct gb_str release, struct gb_arena *arena)
{
    if (!release.len)
        return name;
    return gb_str_format(arena, GB_PRI "-" GB_PRI, GB_ARG(name), GB_ARG(plain(release, arena)));
}

static struct gb_str numbers(struct gb_str s, bool points)
{
    size_t len = 0;
    while (len < s.len && ((s.at[len] >= '0' && s.at[len] <= '9') || (points && s.at[len] == '.')))
        len++;
    return gb_str_sub(s, 0, len);
}

struct gb_str gb_feed_scope_of_redhat(struct gb_str product, struct gb_arena *arena)
{
    struct gb_str name, release = {0}, rest = product;
    if (!gb_str_next(&rest, ':', &name))
        return plain(product, arena);
    gb_str_next(&rest, ':', &release);
    if (gb_str_is(name, "enterprise_linux"))
        return joined(GB_STR("rhel"), numbers(release, false), arena);
    // rhel_eus, rhel_aus, rhel_e4s, rhel_tus, rhel_els: longer lives of one minor release.
    return joined(plain(name, arena), release, arena);
}

// "15 SP5" -> "15.5", "15.6" stays, "15" stays; what is behind goes to *rest.
static struct gb_str suse_release(struct gb_str s, struct gb_str *rest, struct gb_arena *arena)
{
    struct gb_str number = numbers(s, true);
    *rest = gb_str_from(s, number.len);
    if (!gb_str_starts(*rest, GB_STR(" SP")) && !gb_str_starts(*rest, GB_STR("-SP")))
        return number;
    struct gb_str pack = numbers(gb_str_from(*rest, 3), false);
    *rest = gb_str_from(*rest, 3 + pack.len);
    return gb_str_format(arena, GB_PRI "." GB_PRI, GB_ARG(number), GB_ARG(pack));
}

// The first number that starts a word, and what is in front of it.
static struct gb_str front_of_number(struct gb_str s)
{
    for (size_t i = 1; i < s.len; i++)
        if (s.at[i] >= '0' && s.at[i] <= '9' && s.at[i - 1] == ' ')
            return gb_str_sub(s, 0, i);
    return s;
}

struct gb_str gb_feed_scope_of_suse(struct gb_str product, struct gb_arena *arena)
{
    struct gb_str name = product, rest;
    if (gb_str_starts(name, GB_STR("SUSE ")))
        name = gb_str_from(name, 5);
    if (gb_str_starts(name, GB_STR("openSUSE ")))
        name = gb_str_from(name, 9);
    if (gb_str_starts(name, GB_STR("Tumbleweed")))
        return GB_STR("opensuse-tumbleweed");
    struct gb_str front = front_of_number(name);
    struct gb_str release = suse_release(gb_str_from(name, front.len), &rest, arena);
    front = gb_str_trim(front);
    if (gb_str_is(front, "Leap"))
        return joined(GB_STR("opensuse-leap"), release, arena);
    if (gb_str_is(front, "Leap Micro"))
        return joined(GB_STR("opensuse-leap-micro"), release, arena);
    bool extended = gb_str_contains(rest, GB_STR("LTSS")) || gb_str_contains(rest, GB_STR("ESPOS"));
    bool server = gb_str_is(front, "Linux Enterprise Server") ||
                  gb_str_is(front, "Linux Enterprise Desktop") ||
                  gb_str_is(front, "Linux Enterprise High Performance Computing") ||
                  gb_str_is(front, "Linux Enterprise Server for SAP Applications");
    // Modules are the repositories that a server's packages come from.
    bool module = gb_str_starts(front, GB_STR("Linux Enterprise Module for"));
    if (module || server)
        return joined(extended ? GB_STR("sles-ltss") : GB_STR("sles"), release, arena);
    return plain(product, arena);
}

// "22.04:LTS" -> "22.04"; "Pro:FIPS-updates:20.04:LTS" -> "pro-fips-updates-20.04".
static struct gb_str ubuntu(struct gb_str release, struct gb_arena *arena)
{
    if (gb_str_ends(release, GB_STR(":LTS")))
        release = gb_str_sub(release, 0, release.len - 4);
    return joined(GB_STR("ubuntu"), release, arena);
}

struct gb_str gb_feed_scope_of_ecosystem(struct gb_str ecosystem, struct gb_arena *arena)
{
    ptrdiff_t colon = gb_str_find_char(ecosystem, ':');
    struct gb_str name = colon < 0 ? ecosystem : gb_str_sub(ecosystem, 0, (size_t)colon);
    struct gb_str release =
        colon < 0 ? (struct gb_str){0} : gb_str_from(ecosystem, (size_t)colon + 1);
    size_t i = 0, count = sizeof ecosystems / sizeof *ecosystems;
    while (i < count && !gb_str_eq(ecosystems[i].ecosystem, name))
        i++;
    if (i == count)
        return plain(ecosystem, arena);
    struct gb_str scope = ecosystems[i].scope;
    switch (ecosystems[i].release) {
    case NONE:
        return scope;
    case MAJOR: {
        struct gb_str number = numbers(release, false);
        struct gb_str debian_name = gb_feed_scope_of_debian(release);
        if (debian_name.len && gb_str_is(scope, "debian"))
            return debian_name;
        return joined(scope, number.len ? number : release, arena);
    }
    case V:
        return joined(
            scope, gb_str_starts(release, GB_STR("v")) ? gb_str_from(release, 1) : release, arena);
    case UBUNTU:
        return ubuntu(release, arena);
    case REDHAT:
        return release.len ? gb_feed_scope_of_redhat(release, arena) : scope;
    case SUSE:
        return release.len ? gb_feed_scope_of_suse(release, arena) : scope;
    case MINOR:
        if (release.len && gb_str_find_char(release, '.') < 0)
            release = gb_str_format(arena, GB_PRI ".0", GB_ARG(release));
        break;
    }
    return joined(scope, release, arena);
}
