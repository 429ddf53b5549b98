// Kinds "package_source" and "package_key": where packages come from, and who may vouch for them.
#include "source/facts.h"
#include "source/package/apt_sources.h"
#include "source/package/candidates.h"
#include "source/package/installed.h"
#include "source/package/owner.h"

enum { KEY_FILES_MAX = 2000 };

struct probe {
    struct gb_collector *collector;
    const struct gb_apt_sources *sources;
    const struct gb_apt_candidates *candidates;
    struct gb_str os_codename;
    struct gb_map keys_done;
};

// Release names that a suite of Debian or Ubuntu can have.
static const char *const codenames[] = {
    "wheezy", "jessie", "stretch", "buster",  "bullseye", "bookworm", "trixie",   "forky",
    "duke",   "sid",    "trusty",  "xenial",  "bionic",   "focal",    "jammy",    "noble",
    "plucky", "mantic", "lunar",   "kinetic", "oracular", "questing", "resolute",
};
static const char *const moving_names[] = {"stable",   "oldstable", "oldoldstable", "testing",
                                           "unstable", "rc-buggy",  "experimental", "devel"};

static bool is_one_of(struct gb_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gb_str_is(name, names[i]))
            return true;
    return false;
}

// "bookworm-security", "bookworm/updates", "bookworm-backports-sloppy" belong to bookworm.
static struct gb_str base_suite(struct gb_str suite)
{
    static const char *const ends[] = {"-security",  "-updates",          "-backports-sloppy",
                                       "-backports", "-proposed-updates", "-proposed",
                                       "/updates"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct gb_str end = gb_str_of(ends[i]);
        if (gb_str_ends(suite, end))
            return gb_str_sub(suite, 0, suite.len - end.len);
    }
    return suite;
}

static const char *release_of(const struct probe *probe, const struct gb_apt_source *source)
{
    struct gb_str base = base_suite(source->suite);
    if (probe->os_codename.len && gb_str_eq(base, probe->os_codename))
        return "same";
    if (is_one_of(base, moving_names, sizeof moving_names / sizeof *moving_names))
        return "moving";
    if (is_one_of(base, codenames, sizeof codenames / sizeof *codenames))
        return "other";
    return "own";
}

static const struct gb_apt_archive *archive_of(const struct probe *probe,
                                               const struct gb_apt_source *source)
{
    for (size_t i = 0; i < probe->candidates->archive_count; i++)
        if (probe->candidates->archives[i].source == source)
            return &probe->candidates->archives[i];
    return NULL;
}

static bool is_official(const struct gb_apt_source *source, const struct gb_apt_archive *archive)
{
    if (archive && archive->release.origin.len)
        return gb_str_is(archive->release.origin, "Debian") ||
               gb_str_is(archive->release.origin, "Debian Backports") ||
               gb_str_is(archive->release.origin, "Ubuntu");
    struct gb_str host = gb_apt_uri_host(source->uri);
    return gb_str_ends(host, GB_STR(".debian.org")) || gb_str_ends(host, GB_STR(".ubuntu.com"));
}

static struct gb_list *texts(struct gb_collector *collector, const struct gb_str *items,
                             size_t count)
{
    struct gb_list *list = gb_list_new(collector->arena);
    for (size_t i = 0; list && i < count; i++)
        gb_list_add(collector->arena, list, gb_string_clean(collector->arena, items[i]));
    return list;
}

static struct gb_list *weak_options(const struct gb_facts *facts,
                                    const struct gb_apt_source *source)
{
    struct gb_list *list = gb_list_new(facts->collector->arena);
    const struct {
        const char *text;
        bool weak;
    } rows[] = {
        {"trusted=yes", source->trusted == 1},
        {"allow-insecure=yes", source->allow_insecure == 1},
        {"allow-weak=yes", source->allow_weak == 1},
        {"check-valid-until=no", source->check_valid_until == 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].weak)
            gb_fact_add_text(facts, list, gb_str_of(rows[i].text), source->where, source->line);
    return list;
}

static void put_release(struct gb_facts *facts, const struct gb_apt_archive *archive)
{
    bool fetched = archive && archive->release_path.len;
    gb_fact(facts, "fetched", gb_bool(fetched));
    if (!fetched)
        return;
    gb_fact(facts, "is_signed",
            gb_fact_at(facts, gb_bool(archive->is_signed), archive->release_path, 0));
    if (archive->release.origin.len)
        gb_fact(facts, "origin",
                gb_fact_at(facts, gb_fact_text(facts, archive->release.origin),
                           archive->release_path, 0));
}

static void add_source(struct probe *probe, const struct gb_apt_source *source)
{
    struct gb_collector *collector = probe->collector;
    const char *type = source->is_source ? "deb-src" : "deb";
    struct gb_str summary = gb_str_format(collector->arena, "%s " GB_PRI " " GB_PRI, type,
                                          GB_ARG(source->uri), GB_ARG(source->suite));
    summary = gb_string_clean(collector->arena, summary).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("package_source"), summary));
    const struct gb_apt_archive *archive = archive_of(probe, source);
    uint32_t at = gb_collection_origin(collector->all, source->where, source->line);
    gb_fact(&facts, "summary", gb_at(gb_string(summary), at));
    gb_fact(&facts, "type", gb_at(gb_string(gb_str_of(type)), at));
    gb_fact(&facts, "uri", gb_at(gb_fact_text(&facts, source->uri), at));
    gb_fact(&facts, "scheme", gb_at(gb_fact_text(&facts, gb_apt_uri_scheme(source->uri)), at));
    gb_fact(&facts, "host", gb_at(gb_fact_text(&facts, gb_apt_uri_host(source->uri)), at));
    gb_fact(&facts, "suite", gb_at(gb_fact_text(&facts, source->suite), at));
    gb_fact(&facts, "components",
            gb_at(gb_list_of(texts(collector, source->components, source->component_count)), at));
    gb_fact(&facts, "enabled", gb_at(gb_bool(source->enabled), at));
    bool inline_key = gb_str_contains(source->signed_by, GB_STR("BEGIN PGP"));
    if (source->signed_by.len)
        gb_fact(&facts, "signed_by",
                gb_at(inline_key ? gb_string(GB_STR("inline key"))
                                 : gb_fact_text(&facts, source->signed_by),
                      at));
    gb_fact(&facts, "trusted", gb_at(gb_bool(source->trusted == 1), at));
    gb_fact(&facts, "weak_options", gb_at(gb_list_of(weak_options(&facts, source)), at));
    put_release(&facts, archive);
    gb_fact(&facts, "official", gb_at(gb_bool(is_official(source, archive)), at));
    bool security = archive ? archive->security : false;
    security = security || gb_str_ends(source->suite, GB_STR("-security"));
    gb_fact(&facts, "security", gb_at(gb_bool(security), at));
    gb_fact(&facts, "release", gb_at(gb_string(gb_str_of(release_of(probe, source))), at));
}

static void add_key(struct probe *probe, struct gb_str path, bool global, uint32_t named_at)
{
    struct gb_collector *collector = probe->collector;
    path = gb_str_copy(collector->arena, path);
    if (!path.at || gb_map_get(&probe->keys_done, path) ||
        gb_map_set(&probe->keys_done, path, probe) < 0)
        return;
    struct gb_str name = gb_string_clean(collector->arena, path).string;
    struct gb_facts facts =
        gb_facts(collector, gb_collection_add(collector->all, GB_STR("package_key"), name));
    struct gb_file_info info = {0};
    int code = gb_host_stat(collector->host, path.at, true, &info, NULL);
    struct gb_str package = gb_package_owner(collector, path), reason;
    gb_fact(&facts, "path", gb_fact_at(&facts, gb_at(gb_string(name), named_at), path, 0));
    gb_fact(&facts, "global", gb_bool(global));
    gb_fact(&facts, "legacy", gb_bool(gb_str_is(path, "/etc/apt/trusted.gpg")));
    if (package.len)
        gb_fact(&facts, "package", gb_fact_text(&facts, package));
    else if (!gb_package_owners_known(collector, &reason))
        gb_fact(&facts, "package", gb_unknown(reason));
    bool unseen = code && code != GB_E_NOT_FOUND;
    gb_fact(&facts, "exists",
            unseen ? gb_unread(collector, path.at, code) : gb_bool(code == GB_OK));
    bool others = info.uid != 0 || (info.mode & 02 && info.type != GB_FILE_LINK) ||
                  (info.mode & 020 && info.gid != 0);
    gb_fact(&facts, "writable_by_others",
            unseen ? gb_unread(collector, path.at, code)
                   : gb_fact_at(&facts, gb_bool(code == GB_OK && others), path, 0));
}

static void add_keys(struct probe *probe)
{
    struct gb_collector *collector = probe->collector;
    probe->keys_done = gb_map(collector->scratch);
    if (gb_host_exists(collector->host, "/etc/apt/trusted.gpg"))
        add_key(probe, GB_STR("/etc/apt/trusted.gpg"), true, 0);
    struct gb_dir_entry *entries = NULL;
    size_t count = 0;
    if (gb_host_list(collector->host, "/etc/apt/trusted.gpg.d", KEY_FILES_MAX, collector->scratch,
                     &entries, &count, NULL) < 0)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!gb_str_ends(entries[i].name, GB_STR(".gpg")) &&
            !gb_str_ends(entries[i].name, GB_STR(".asc")))
            continue;
        struct gb_str path = gb_str_format(collector->scratch, "/etc/apt/trusted.gpg.d/" GB_PRI,
                                           GB_ARG(entries[i].name));
        if (path.at)
            add_key(probe, path, true, 0);
    }
    for (size_t i = 0; i < probe->sources->count; i++) {
        const struct gb_apt_source *source = &probe->sources->items[i];
        if (source->enabled && source->signed_by.len && source->signed_by.at[0] == '/') {
            uint32_t at = gb_collection_origin(collector->all, source->where, source->line);
            struct gb_str rest = source->signed_by;
            for (struct gb_str path; gb_str_next(&rest, ',', &path);)
                add_key(probe, gb_str_trim(path), false, at);
        }
    }
}

static int collect(struct gb_collector *collector, struct gb_error *err)
{
    struct probe probe = {.collector = collector};
    struct gb_collection *all = collector->all;
    if (gb_package_installed(collector, "apt") != GB_INSTALLED_YES &&
        !gb_host_exists(collector->host, "/etc/apt")) {
        gb_collection_absent(all, GB_STR("package_source"), GB_STR("apt is not installed"));
        gb_collection_absent(all, GB_STR("package_key"), GB_STR("apt is not installed"));
        return GB_OK;
    }
    int code = gb_apt_sources_load(collector, &probe.sources, err);
    if (!code)
        code = gb_apt_candidates_load(collector, &probe.candidates, err);
    if (code)
        return code;
    const struct gb_resource *os = gb_collection_find(all, GB_STR("os"));
    if (os)
        probe.os_codename = gb_value_str_or(gb_map_find(os->props, GB_STR("codename")), GB_STR(""));
    gb_collection_complete(all, GB_STR("package_source"));
    gb_collection_complete(all, GB_STR("package_key"));
    for (size_t i = 0; i < probe.sources->count; i++)
        add_source(&probe, &probe.sources->items[i]);
    add_keys(&probe);
    if (probe.sources->problem.len)
        gb_collection_gap(all, GB_STR("package_source"), probe.sources->problem);
    if (probe.sources->malformed)
        gb_collection_note(
            all,
            gb_str_format(collector->arena,
                          "%u package sources could not be understood, the first in " GB_PRI ":%u",
                          probe.sources->malformed, GB_ARG(probe.sources->first_malformed_where),
                          probe.sources->first_malformed_line));
    return GB_OK;
}

static const char *const kinds[] = {"package_source", "package_key", NULL};

const struct gb_source gb_source_package_sources = {
    .name = "package/sources",
    .title = "package sources and their keys",
    .kinds = kinds,
    .order = 6,
    .collect = collect,
};
