// A package of an SBOM becomes a resource: its purl says of what kind, the rest completes it.
#include "model/purl.h"
#include "model/version/version.h"
#include "source/sbom/reading.h"

#include <stdlib.h>

struct adding {
    struct gb_sbom_reading *reading;
    struct gb_map_value *props;
    uint32_t origin;
};

static void put(struct adding *adding, const char *name, struct gb_value value)
{
    if (adding->props)
        gb_map_put(adding->reading->all->arena, adding->props, gb_str_of(name),
                   gb_at(value, adding->origin));
}

static void put_text(struct adding *adding, const char *name, struct gb_str text)
{
    put(adding, name, gb_string_clean(adding->reading->all->arena, text));
}

static void put_if(struct adding *adding, const char *name, struct gb_str text)
{
    if (text.len)
        put_text(adding, name, text);
}

// Programs that write SBOMs have names of their own for distributions; os-release's are used here.
static struct gb_str os_id(struct gb_arena *arena, struct gb_str name)
{
    static const struct {
        struct gb_str start;
        const char *id;
    } names[] = {
        {GB_STR_INIT("red hat"), "rhel"},
        {GB_STR_INIT("redhat"), "rhel"},
        {GB_STR_INIT("alma"), "almalinux"},
        {GB_STR_INIT("rocky"), "rocky"},
        {GB_STR_INIT("centos"), "centos"},
        {GB_STR_INIT("oracle"), "ol"},
        {GB_STR_INIT("amazon"), "amzn"},
        {GB_STR_INIT("debian"), "debian"},
        {GB_STR_INIT("ubuntu"), "ubuntu"},
        {GB_STR_INIT("alpine"), "alpine"},
        {GB_STR_INIT("fedora"), "fedora"},
        {GB_STR_INIT("cbl-mariner"), "mariner"},
        {GB_STR_INIT("azurelinux"), "azurelinux"},
        {GB_STR_INIT("azure linux"), "azurelinux"},
        {GB_STR_INIT("opensuse.leap"), "opensuse-leap"},
        {GB_STR_INIT("opensuse leap"), "opensuse-leap"},
        {GB_STR_INIT("opensuse.tumbleweed"), "opensuse-tumbleweed"},
        {GB_STR_INIT("suse linux enterprise"), "sles"},
        {GB_STR_INIT("photon"), "photon"},
        {GB_STR_INIT("wolfi"), "wolfi"},
        {GB_STR_INIT("chainguard"), "chainguard"},
    };
    struct gb_str lower = gb_str_lower(arena, gb_str_trim(name));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gb_str_starts(lower, names[i].start))
            return gb_str_of(names[i].id);
    return lower;
}

void gb_sbom_say_os(struct gb_sbom_reading *reading, struct gb_sbom_os *into, struct gb_str name,
                    struct gb_str version, uint32_t line)
{
    struct gb_str id = os_id(reading->scratch, name);
    if (!id.len)
        return;
    if (!into->id.len) {
        into->id = id;
        into->version = version;
        into->line = line;
    } else if (!gb_str_eq(into->id, id) || (version.len && !gb_str_eq(into->version, version))) {
        into->differs = true;
    }
}

// The distro of a purl: "debian-12", "opensuse-leap-15.5"; "debian" alone names no release.
static void say_distro(struct gb_sbom_reading *reading, struct gb_str distro, uint32_t line)
{
    ptrdiff_t dash = gb_str_rfind_char(distro, '-');
    bool number = dash > 0 && (size_t)dash + 1 < distro.len && distro.at[dash + 1] >= '0' &&
                  distro.at[dash + 1] <= '9';
    gb_sbom_say_os(reading, &reading->qualifier,
                   number ? gb_str_sub(distro, 0, (size_t)dash) : distro,
                   number ? gb_str_from(distro, (size_t)dash + 1) : (struct gb_str){0}, line);
}

static bool has_epoch(struct gb_str version)
{
    ptrdiff_t colon = gb_str_find_char(version, ':');
    for (ptrdiff_t i = 0; i < colon; i++)
        if (version.at[i] < '0' || version.at[i] > '9')
            return false;
    return colon > 0;
}

// The purl's version with the epoch from wherever it is: in it, in its qualifier, or in the
// component's own version.
static struct gb_str whole_version(struct gb_sbom_reading *reading, enum gb_version_scheme scheme,
                                   const struct gb_sbom_component *component,
                                   const struct gb_purl *purl)
{
    struct gb_str version = purl->version.len ? purl->version : component->version;
    if (scheme == GB_VERSION_APK || has_epoch(version))
        return version;
    struct gb_str epoch = gb_purl_qualifier(purl, "epoch");
    uint64_t number = 0;
    if (epoch.len && gb_str_to_uint(epoch, 10, &number) == 0)
        return number ? gb_str_format(reading->scratch, GB_PRI ":" GB_PRI, GB_ARG(epoch),
                                      GB_ARG(version))
                      : version;
    if (has_epoch(component->version) &&
        gb_str_eq(gb_version_without_epoch(scheme, component->version), version))
        return component->version;
    if (reading->result->foreign)
        reading->result->without_epoch++;
    return version;
}

struct source {
    struct gb_str name, version;
};

// "openssl-3.0.7-27.el9.src.rpm": the last two hyphens part name, version and release.
static struct source source_of_rpm(struct gb_str file)
{
    struct gb_str ends[] = {GB_STR(".src.rpm"), GB_STR(".nosrc.rpm")};
    for (size_t i = 0; i < 2; i++)
        if (gb_str_ends(file, ends[i]))
            file = gb_str_sub(file, 0, file.len - ends[i].len);
    ptrdiff_t release = gb_str_rfind_char(file, '-');
    ptrdiff_t version =
        release < 0 ? -1 : gb_str_rfind_char(gb_str_sub(file, 0, (size_t)release), '-');
    if (version <= 0)
        return (struct source){.name = file};
    return (struct source){gb_str_sub(file, 0, (size_t)version),
                           gb_str_from(file, (size_t)version + 1)};
}

// The upstream qualifier: NAME, NAME@VERSION, or the source package's file.
static struct source source_of_upstream(struct gb_str upstream)
{
    if (gb_str_ends(upstream, GB_STR(".rpm")))
        return source_of_rpm(upstream);
    ptrdiff_t at = gb_str_rfind_char(upstream, '@');
    return at <= 0 ? (struct source){.name = upstream}
                   : (struct source){gb_str_sub(upstream, 0, (size_t)at),
                                     gb_str_from(upstream, (size_t)at + 1)};
}

static struct source find_source(enum gb_version_scheme scheme,
                                 const struct gb_sbom_component *component,
                                 const struct gb_purl *purl, struct gb_str version)
{
    struct source source = {component->source, component->source_version};
    struct gb_str upstream = gb_purl_qualifier(purl, "upstream");
    if (!source.name.len && upstream.len)
        source = source_of_upstream(upstream);
    if (!source.name.len && component->source_rpm.len)
        source = source_of_rpm(component->source_rpm);
    if (!source.name.len)
        source.name = purl->name;
    if (!source.version.len)
        source.version = scheme == GB_VERSION_DPKG ? gb_version_without_rebuild(version) : version;
    return source;
}

// "nodejs:18:8090020240301:a75119d5" is the stream nodejs:18.
static struct gb_str module_stream(struct gb_str label)
{
    size_t colons = 0, end = 0;
    while (end < label.len && (label.at[end] != ':' || ++colons < 2))
        end++;
    return gb_str_sub(label, 0, end);
}

static const struct {
    const char *type, *manager;
    enum gb_version_scheme scheme;
} managers[] = {
    {"deb", "dpkg", GB_VERSION_DPKG},
    {"rpm", "rpm", GB_VERSION_RPM},
    {"apk", "apk", GB_VERSION_APK},
};

static void put_unsaid(struct adding *adding)
{
    static const char *const fields[] = {"broken",       "held",          "essential",
                                         "transitional", "installed_kib", "conffiles"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        put(adding, fields[i], gb_unknown(GB_STR("an SBOM does not say")));
}

static void add_os_package(struct gb_sbom_reading *reading,
                           const struct gb_sbom_component *component, const struct gb_purl *purl,
                           size_t manager)
{
    struct gb_collection *all = reading->all;
    enum gb_version_scheme scheme = managers[manager].scheme;
    struct gb_str name = gb_string_clean(all->arena, purl->name).string;
    struct gb_str version = whole_version(reading, scheme, component, purl);
    struct gb_str distro = gb_purl_qualifier(purl, "distro");
    struct adding adding = {reading, gb_collection_add(all, GB_STR("os_package"), name),
                            gb_collection_origin(all, reading->where, component->line)};
    reading->result->os_packages++;
    if (distro.len)
        say_distro(reading, distro, component->line);
    put(&adding, "manager", gb_string(gb_str_of(managers[manager].manager)));
    put(&adding, "name", gb_string(name));
    put_text(&adding, "version", version);
    put_text(&adding, "architecture", gb_purl_qualifier(purl, "arch"));
    struct source source = find_source(scheme, component, purl, version);
    put_text(&adding, "source", source.name);
    put_text(&adding, "source_version", source.version);
    put(&adding, "state", gb_string(GB_STR("installed")));
    put(&adding, "installed", gb_bool(true));
    put_unsaid(&adding);
    struct gb_str module = component->module;
    if (!module.len)
        module = gb_purl_qualifier(purl, "rpmmod");
    if (!module.len)
        module = gb_purl_qualifier(purl, "modularitylabel");
    put_if(&adding, "module", module_stream(module));
    put_if(&adding, "origin", component->origin);
    if (component->third_party_said)
        put(&adding, "third_party", gb_bool(component->third_party));
}

// purls of some types are in lower case although names have case: the component's own spelling is
// taken where it is the same name.
static struct gb_str spelled(struct gb_sbom_reading *reading,
                             const struct gb_sbom_component *component, struct gb_str name)
{
    struct gb_str joined = component->name;
    if (gb_str_eq_nocase(joined, name))
        return joined;
    if (component->group.len) {
        static const char separators[] = "/:";
        for (size_t i = 0; i < 2; i++) {
            joined = gb_str_format(reading->scratch, GB_PRI "%c" GB_PRI, GB_ARG(component->group),
                                   separators[i], GB_ARG(component->name));
            if (gb_str_eq_nocase(joined, name))
                return joined;
        }
    }
    return name;
}

static void add_language_package(struct gb_sbom_reading *reading,
                                 const struct gb_sbom_component *component,
                                 const struct gb_purl *purl, const char *ecosystem,
                                 struct gb_str name)
{
    struct gb_collection *all = reading->all;
    bool pypi = gb_str_is(purl->type, "pypi"), go = gb_str_is(purl->type, "golang");
    if (!pypi)
        name = spelled(reading, component, name);
    name = gb_string_clean(all->arena, name).string;
    struct adding adding = {reading, gb_collection_add(all, GB_STR("language_package"), name),
                            gb_collection_origin(all, reading->where, component->line)};
    reading->result->language_packages++;
    put(&adding, "ecosystem", gb_string(gb_str_of(ecosystem)));
    put(&adding, "name", gb_string(name));
    put_if(&adding, "version", purl->version.len ? purl->version : component->version);
    put_text(&adding, "path", component->path.len ? component->path : reading->where);
    put_if(&adding, "inside", component->inside);
    put_if(&adding, "owner", component->owner);
    bool library = component->standard_library || (go && gb_str_is(name, "stdlib"));
    put(&adding, "main_module", gb_bool(component->main_module));
    put(&adding, "standard_library", gb_bool(library));
    put(&adding, "development", gb_bool(component->development));
    put_if(&adding, "system", component->system);
    put_if(&adding, "architecture", component->architecture);
}

void gb_sbom_add(struct gb_sbom_reading *reading, const struct gb_sbom_component *component)
{
    struct gb_sbom *result = reading->result;
    struct gb_purl purl;
    const char *ecosystem = NULL;
    struct gb_str name = {0};
    if (!component->purl.len) {
        result->without_purl++;
        return;
    }
    if (gb_purl_parse(component->purl, reading->scratch, &purl, NULL) < 0) {
        if (!result->malformed++)
            result->example = component->purl;
        return;
    }
    size_t manager = 0, count = sizeof managers / sizeof *managers;
    while (manager < count && !gb_str_is(purl.type, managers[manager].type))
        manager++;
    bool language =
        manager == count && gb_purl_to_package(&purl, reading->scratch, &ecosystem, &name);
    if (manager == count && !language) {
        result->other_types++;
        return;
    }
    if (language) {
        add_language_package(reading, component, &purl, ecosystem, name);
        return;
    }
    // Of an OS package without a version nothing can be said: it is no package that is clean.
    if (!purl.version.len && !component->version.len) {
        if (!result->malformed++)
            result->example = component->purl;
        return;
    }
    add_os_package(reading, component, &purl, manager);
}
