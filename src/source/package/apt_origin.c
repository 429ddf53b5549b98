// Tells packages of third parties from the distribution's own: see apt_origin.h.
#include "source/package/apt_origin.h"

// Origins of the archives of distributions, by the id of os-release. Security archives and
// backports have the distribution's origin or one of their own.
static const struct {
    const char *id, *origins[6];
} distributions[] = {
    {"debian", {"Debian", "Debian Backports"}},
    {"ubuntu", {"Ubuntu", "UbuntuESM", "UbuntuESMApps", "UbuntuFIPS", "UbuntuFIPSUpdates"}},
    {"raspbian", {"Raspbian", "Raspberry Pi Foundation"}},
    {"kali", {"Kali"}},
    {"devuan", {"Devuan"}},
    {"linuxmint", {"linuxmint", "Ubuntu"}},
    {"pop", {"pop-os-release", "Ubuntu"}},
};

static struct gb_str fact(const struct gb_resource *os, const char *field)
{
    return gb_value_str_or(gb_map_find(os->props, gb_str_of(field)), GB_STR(""));
}

static bool has_host(struct gb_str host, const char *domain)
{
    struct gb_str end = gb_str_of(domain);
    return gb_str_ends(host, end) &&
           (host.len == end.len || host.at[host.len - end.len - 1] == '.');
}

enum gb_apt_party gb_apt_party_of_archive(const struct gb_collection *all, struct gb_str origin,
                                          struct gb_str host)
{
    const struct gb_resource *os = gb_collection_find(all, GB_STR("os"));
    struct gb_str id = os ? fact(os, "id") : GB_STR("");
    if (!id.len)
        return GB_APT_PARTY_UNKNOWN;
    if (!origin.len) // flat archives often have no Release file
        return (gb_str_is(id, "debian") && has_host(host, "debian.org")) ||
                       (gb_str_is(id, "ubuntu") && has_host(host, "ubuntu.com"))
                   ? GB_APT_PARTY_OWN
                   : GB_APT_PARTY_THIRD;
    for (size_t i = 0; i < sizeof distributions / sizeof *distributions; i++) {
        if (!gb_str_is(id, distributions[i].id))
            continue;
        for (size_t k = 0; k < 6 && distributions[i].origins[k]; k++)
            if (gb_str_is(origin, distributions[i].origins[k]))
                return GB_APT_PARTY_OWN;
        return GB_APT_PARTY_THIRD;
    }
    bool named = gb_str_eq_nocase(origin, id) || gb_str_eq_nocase(origin, fact(os, "name"));
    return named ? GB_APT_PARTY_OWN : GB_APT_PARTY_UNKNOWN;
}

void gb_apt_offer_seen(struct gb_apt_offers_seen *seen, enum gb_apt_party party,
                       struct gb_str origin, int order, bool same_maintainer)
{
    bool own = party == GB_APT_PARTY_OWN, third = party == GB_APT_PARTY_THIRD;
    if (order == 0 && party != GB_APT_PARTY_UNKNOWN && seen->exact != GB_APT_PARTY_OWN) {
        seen->exact = party;
        seen->exact_origin = origin;
    }
    seen->any_newer = seen->any_newer || order >= 0;
    seen->any_same_maintainer = seen->any_same_maintainer || same_maintainer;
    seen->any_own = seen->any_own || !third; // who is not known may be the distribution
    seen->any_third = seen->any_third || !own;
    seen->newer_own_same_maintainer =
        seen->newer_own_same_maintainer || (own && order > 0 && same_maintainer);
    if (third && seen->third_origin.len && !gb_str_eq(seen->third_origin, origin))
        seen->third_origins_differ = true;
    if (third)
        seen->third_origin = origin;
}

struct gb_apt_origin gb_apt_origin_decide(const struct gb_apt_offers_seen *seen)
{
    if (seen->exact != GB_APT_PARTY_UNKNOWN)
        return (struct gb_apt_origin){seen->exact, seen->exact_origin};
    if (seen->any_third && !seen->any_own)
        return (struct gb_apt_origin){GB_APT_PARTY_THIRD,
                                      seen->third_origins_differ ? GB_STR("") : seen->third_origin};
    if (seen->any_own && !seen->any_third && seen->newer_own_same_maintainer)
        return (struct gb_apt_origin){GB_APT_PARTY_OWN, GB_STR("")};
    if (seen->any_own && !seen->any_third && !seen->any_newer && !seen->any_same_maintainer &&
        !seen->own_maintainer)
        return (struct gb_apt_origin){GB_APT_PARTY_THIRD, GB_STR("")};
    return (struct gb_apt_origin){GB_APT_PARTY_UNKNOWN, GB_STR("")};
}

bool gb_apt_maintainer_is_own(struct gb_str maintainer)
{
    static const char *const domains[] = {"debian.org",    "debian.net", "ubuntu.com",
                                          "canonical.com", "kali.org",   "devuan.org"};
    // "Name <user@host>", or "Name <https://host/...>".
    ptrdiff_t at = gb_str_rfind_char(maintainer, '@'), url = gb_str_find(maintainer, GB_STR("://"));
    if (at < 0 && url < 0)
        return true; // does not say: nothing can be told
    struct gb_str host = gb_str_from(maintainer, at >= 0 ? (size_t)at + 1 : (size_t)url + 3);
    size_t end = 0;
    while (end < host.len && host.at[end] != '>' && host.at[end] != '/' && host.at[end] != ' ')
        end++;
    host.len = end;
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (has_host(host, domains[i]))
            return true;
    return false;
}
