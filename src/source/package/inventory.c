// Kind "os_package" (CEL reserves the word package): every package that dpkg, rpm or apk know, and
// how it stands to the archives of apt.
#include "source/facts.h"
#include "source/package/candidates.h"
#include "source/package/dpkg.h"
#include "source/package/os_packages.h"

static const char *const standing_names[] = {"", "offered", "superseded", "newer", "foreign"};

static bool is_broken(const struct gb_dpkg_package *package)
{
    return package->reinstall || package->state == GB_DPKG_HALF_INSTALLED ||
           package->state == GB_DPKG_UNPACKED || package->state == GB_DPKG_HALF_CONFIGURED;
}

static void put_standing(struct gb_facts *facts, const struct gb_dpkg_package *package,
                         const struct gb_apt_candidates *candidates)
{
    unsigned standing = candidates->standings[package->position];
    if (!gb_dpkg_in_place(package))
        return;
    // With a list missing, "no archive has it" is more than is known.
    bool certain = standing == GB_APT_OFFERED || !candidates->problem.len;
    if (standing == GB_APT_NOT_LOOKED_FOR || !certain)
        gb_fact(facts, "standing", gb_unknown(candidates->problem));
    else
        gb_fact(facts, "standing", gb_string(gb_str_of(standing_names[standing])));
}

static void put_origin(struct gb_facts *facts, const struct gb_dpkg_package *package,
                       const struct gb_apt_candidates *candidates)
{
    const struct gb_apt_origin *origin = &candidates->origins[package->position];
    if (!gb_dpkg_in_place(package))
        return;
    if (origin->origin.len)
        gb_fact(facts, "origin", gb_fact_text(facts, origin->origin));
    if (origin->party != GB_APT_PARTY_UNKNOWN)
        gb_fact(facts, "third_party", gb_bool(origin->party == GB_APT_PARTY_THIRD));
}

static void add_package(struct gb_collector *collector, const struct gb_dpkg_package *package,
                        const struct gb_apt_candidates *candidates,
                        const struct gb_apt_update *update)
{
    struct gb_str name = gb_string_clean(collector->arena, package->name).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("os_package"), name));
    uint32_t origin = gb_collection_origin(collector->all, package->where, package->line);
    gb_fact(&facts, "manager", gb_string(GB_STR("dpkg")));
    gb_fact(&facts, "name", gb_at(gb_string(name), origin));
    gb_fact(&facts, "version", gb_at(gb_fact_text(&facts, package->version), origin));
    gb_fact(&facts, "architecture", gb_at(gb_fact_text(&facts, package->architecture), origin));
    gb_fact(&facts, "source", gb_at(gb_fact_text(&facts, package->source), origin));
    gb_fact(&facts, "source_version", gb_at(gb_fact_text(&facts, package->source_version), origin));
    gb_fact(&facts, "state",
            gb_at(gb_string(gb_str_of(gb_dpkg_state_name(package->state))), origin));
    gb_fact(&facts, "installed", gb_at(gb_bool(gb_dpkg_in_place(package)), origin));
    gb_fact(&facts, "broken", gb_at(gb_bool(is_broken(package)), origin));
    gb_fact(&facts, "held", gb_at(gb_bool(package->held), origin));
    gb_fact(&facts, "essential", gb_at(gb_bool(package->essential), origin));
    gb_fact(&facts, "transitional", gb_at(gb_bool(package->transitional), origin));
    if (package->section.len)
        gb_fact(&facts, "section", gb_at(gb_fact_text(&facts, package->section), origin));
    if (package->maintainer.len)
        gb_fact(&facts, "maintainer", gb_at(gb_fact_text(&facts, package->maintainer), origin));
    uint64_t size = package->installed_kib < INT64_MAX ? package->installed_kib : INT64_MAX;
    gb_fact(&facts, "installed_kib", gb_at(gb_int((int64_t)size), origin));
    gb_fact(&facts, "conffiles", gb_at(gb_int(package->conffiles), origin));
    put_standing(&facts, package, candidates);
    put_origin(&facts, package, candidates);
    if (update) {
        gb_fact(&facts, "candidate", gb_fact_text(&facts, update->candidate));
        if (update->security_version.len)
            gb_fact(&facts, "security_candidate", gb_fact_text(&facts, update->security_version));
    }
}

// ---- rpm and apk

// Vendors that call themselves differently from package to package.
static bool same_vendor(struct gb_str a, struct gb_str b)
{
    static const char *const families[] = {"SUSE", "Oracle", "Amazon"};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (gb_str_contains(a, gb_str_of(families[i])))
            return gb_str_contains(b, gb_str_of(families[i]));
    return gb_str_eq(a, b);
}

static void put_vendor(struct gb_facts *facts, const struct gb_os_packages *all,
                       const struct gb_os_package *package, uint32_t origin)
{
    if (!package->vendor.len)
        return;
    gb_fact(facts, "origin", gb_at(gb_fact_text(facts, package->vendor), origin));
    if (all->os_vendor.len)
        gb_fact(facts, "third_party",
                gb_at(gb_bool(!same_vendor(all->os_vendor, package->vendor)), origin));
}

static void put_if_given(struct gb_facts *facts, const char *name, struct gb_str text,
                         uint32_t origin)
{
    if (text.len)
        gb_fact(facts, name, gb_at(gb_fact_text(facts, text), origin));
}

// What only dpkg keeps is not applicable: a rule about it says nothing here.
static void add_other(struct gb_collector *collector, const struct gb_os_packages *all,
                      const struct gb_os_package *package)
{
    bool rpm = package->manager == GB_MANAGER_RPM;
    struct gb_value no_state = gb_not_applicable(rpm ? GB_STR("rpm keeps no such state")
                                                     : GB_STR("apk keeps no such state"));
    struct gb_str name = gb_string_clean(collector->arena, package->name).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("os_package"), name));
    uint32_t origin = gb_collection_origin(collector->all, package->where, package->line);
    gb_fact(&facts, "manager", gb_string(gb_str_of(gb_package_manager_name(package->manager))));
    gb_fact(&facts, "name", gb_at(gb_string(name), origin));
    gb_fact(&facts, "version", gb_at(gb_fact_text(&facts, package->version), origin));
    gb_fact(&facts, "architecture", gb_at(gb_fact_text(&facts, package->architecture), origin));
    gb_fact(&facts, "source", gb_at(gb_fact_text(&facts, package->source), origin));
    gb_fact(&facts, "source_version", gb_at(gb_fact_text(&facts, package->source_version), origin));
    gb_fact(&facts, "state", gb_at(gb_string(GB_STR("installed")), origin));
    gb_fact(&facts, "installed", gb_at(gb_bool(true), origin));
    gb_fact(&facts, "broken", rpm ? no_state : gb_at(gb_bool(package->broken), origin));
    gb_fact(&facts, "held", rpm ? no_state : gb_at(gb_bool(package->pinned), origin));
    gb_fact(&facts, "essential", no_state);
    gb_fact(&facts, "transitional", no_state);
    put_if_given(&facts, "section", package->section, origin);
    put_if_given(&facts, "maintainer", package->maintainer, origin);
    put_if_given(&facts, "module", package->module, origin);
    uint64_t size = package->installed_kib < INT64_MAX ? package->installed_kib : INT64_MAX;
    gb_fact(&facts, "installed_kib", gb_at(gb_int((int64_t)size), origin));
    gb_fact(&facts, "conffiles", rpm ? gb_at(gb_int(package->conffiles), origin) : no_state);
    gb_fact(&facts, "standing",
            gb_not_applicable(rpm ? GB_STR("apt's lists do not speak of packages of rpm")
                                  : GB_STR("apt's lists do not speak of packages of apk")));
    put_vendor(&facts, all, package, origin);
}

static int collect_others(struct gb_collector *collector, bool *found, struct gb_error *err)
{
    struct gb_str kind = GB_STR("os_package");
    const struct gb_os_packages *others = NULL;
    int code = gb_os_packages_load(collector, &others, err);
    if (code)
        return code;
    *found = others->presence != GB_PACKAGES_ABSENT;
    if (others->presence == GB_PACKAGES_READ)
        gb_collection_complete(collector->all, kind);
    for (size_t i = 0; i < others->count; i++)
        add_other(collector, others, others->items[i]);
    if (others->presence == GB_PACKAGES_UNREADABLE)
        gb_collection_gap(collector->all, kind, others->reason);
    else if (others->problem.len)
        gb_collection_gap(collector->all, kind, others->problem);
    return GB_OK;
}

// ---- dpkg

static int collect_dpkg(struct gb_collector *collector, const struct gb_dpkg *dpkg,
                        struct gb_error *err)
{
    const struct gb_apt_candidates *candidates = NULL;
    int code = gb_apt_candidates_load(collector, &candidates, err);
    if (code)
        return code;
    gb_collection_complete(collector->all, GB_STR("os_package"));
    size_t next = 0; // updates are in the order of packages
    for (size_t i = 0; i < dpkg->count; i++) {
        const struct gb_dpkg_package *package = dpkg->packages[i];
        bool has_update =
            next < candidates->update_count && candidates->updates[next].package == package;
        if (package->state != GB_DPKG_NOT_INSTALLED)
            add_package(collector, package, candidates,
                        has_update ? &candidates->updates[next] : NULL);
        next += has_update;
    }
    if (dpkg->malformed_lines)
        gb_collection_note(collector->all,
                           gb_str_format(collector->arena,
                                         "dpkg's data base has %u lines that are no fields",
                                         dpkg->malformed_lines));
    return GB_OK;
}

// A host can have two managers: Debian with packages of rpm beside its own.
static int collect(struct gb_collector *collector, struct gb_error *err)
{
    const struct gb_dpkg *dpkg = NULL;
    struct gb_str kind = GB_STR("os_package");
    bool others = false;
    int code = gb_dpkg_load(collector, &dpkg, err);
    if (!code && dpkg->presence == GB_DPKG_READ)
        code = collect_dpkg(collector, dpkg, err);
    if (!code)
        code = collect_others(collector, &others, err);
    if (code)
        return code;
    if (dpkg->presence == GB_DPKG_UNREADABLE)
        gb_collection_gap(collector->all, kind, dpkg->reason);
    else if (dpkg->presence == GB_DPKG_ABSENT && !others)
        gb_collection_absent(collector->all, kind, GB_STR("there is no package data base"));
    return GB_OK;
}

static const char *const kinds[] = {"os_package", NULL};

const struct gb_source gb_source_package_inventory = {
    .name = "package/inventory",
    .title = "installed packages",
    .kinds = kinds,
    .order = 5,
    .collect = collect,
};
