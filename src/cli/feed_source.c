// The table of sources; used by `gabion feed update`. Bases can be replaced by mirrors that have
// the same files below them.
#include "cli/feed_source.h"

enum { DEBIAN, OSV, ALPINE, WOLFI, KEV, EPSS };

const struct gb_feed_source gb_feed_sources[] = {
    [DEBIAN] = {"debian-tracker", "https://security-tracker.debian.org/tracker", "Debian",
                "Debian security tracker: public data"},
    [OSV] = {"osv", "https://osv-vulnerabilities.storage.googleapis.com",
             "Ubuntu, AlmaLinux, Rocky Linux; Go, npm, PyPI, Maven, crates.io, ...",
             "OSV: CC-BY-4.0, CC0-1.0, MIT and others, by record"},
    [ALPINE] = {"alpine", "https://secdb.alpinelinux.org", "Alpine", "Alpine secdb: public data"},
    [WOLFI] = {"wolfi", "https://packages.wolfi.dev/os", "Wolfi (only when asked for)",
               "Wolfi advisories: CC-BY-NC-ND-4.0 and terms for scanners"},
    [KEV] = {"kev", "https://www.cisa.gov/sites/default/files/feeds", "exploited flaws",
             "CISA KEV: CC0-1.0"},
    [EPSS] = {"epss", "https://epss.empiricalsecurity.com", "likelihood of exploitation",
              "EPSS by FIRST.org: free use with attribution"},
    {0},
};

// Scopes whose name begins so, and the ecosystem of OSV behind them; '%' stands for the version.
static const struct {
    const char *prefix, *ecosystem;
} releases[] = {
    {"almalinux-", "AlmaLinux%3A%"},
    {"rocky-", "Rocky%20Linux%3A%"},
};
static const struct {
    const char *scope, *ecosystem;
} languages[] = {
    {"go", "Go"},
    {"npm", "npm"},
    {"pypi", "PyPI"},
    {"maven", "Maven"},
    {"nuget", "NuGet"},
    {"crates.io", "crates.io"},
    {"rubygems", "RubyGems"},
    {"packagist", "Packagist"},
    {"hex", "Hex"},
    {"pub", "Pub"},
    {"hackage", "Hackage"},
    {"cran", "CRAN"},
};

static struct gb_str base_of(unsigned source, const struct gb_str *mirrors, size_t count)
{
    struct gb_str base = gb_str_of(gb_feed_sources[source].base);
    for (size_t i = 0; i < count; i++) {
        struct gb_str rest = mirrors[i], name;
        if (gb_str_next(&rest, '=', &name) && gb_str_is(name, gb_feed_sources[source].name))
            base = rest;
    }
    while (base.len && base.at[base.len - 1] == '/')
        base.len--;
    return base;
}

int gb_feed_check_mirrors(const struct gb_str *mirrors, size_t count, struct gb_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct gb_str rest = mirrors[i], name;
        bool known = false;
        if (gb_str_next(&rest, '=', &name) && rest.len)
            for (const struct gb_feed_source *s = gb_feed_sources; s->name; s++)
                known |= gb_str_is(name, s->name);
        if (!known)
            return gb_error_set(err, GB_E_USAGE,
                                "--source \"" GB_PRI "\": expected NAME=URL with the name of a "
                                "source (see gabion feed update --list)",
                                GB_ARG(mirrors[i]));
    }
    return GB_OK;
}

// The ecosystem in URLs; empty where OSV's bucket has none for the scope.
static struct gb_str ecosystem_of(struct gb_str scope, struct gb_arena *arena)
{
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (gb_str_is(scope, languages[i].scope))
            return gb_str_of(languages[i].ecosystem);
    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
        struct gb_str prefix = gb_str_of(releases[i].prefix);
        struct gb_str form = gb_str_of(releases[i].ecosystem);
        if (gb_str_starts(scope, prefix))
            return gb_str_format(arena, GB_PRI GB_PRI, GB_ARG(gb_str_sub(form, 0, form.len - 1)),
                                 GB_ARG(gb_str_from(scope, prefix.len)));
    }
    struct gb_str version = gb_str_from(scope, sizeof "ubuntu-" - 1);
    if (!gb_str_starts(scope, GB_STR("ubuntu-")) || version.len != 5)
        return GB_STR("");
    // April releases of even years are the ones with long-term support.
    bool lts = gb_str_ends(version, GB_STR(".04")) && (version.at[1] - '0') % 2 == 0;
    return gb_str_format(arena, "Ubuntu%%3A" GB_PRI "%s", GB_ARG(version), lts ? "%3ALTS" : "");
}

static void set_source(struct gb_feed_job *job, unsigned source, const char *feed,
                       const struct gb_str *mirrors, size_t count)
{
    job->source = gb_feed_sources[source].name;
    job->licence = gb_feed_sources[source].licence;
    job->feed = feed;
    job->base = base_of(source, mirrors, count);
}

static void add_url(struct gb_feed_job *job, struct gb_arena *arena, struct gb_str path)
{
    job->urls[job->url_count++] =
        gb_str_format(arena, GB_PRI "/" GB_PRI, GB_ARG(job->base), GB_ARG(path));
}

int gb_feed_job_of(struct gb_str scope, const struct gb_str *mirrors, size_t count,
                   struct gb_arena *arena, struct gb_feed_job *ret, struct gb_error *err)
{
    *ret = (struct gb_feed_job){.scope = scope};
    struct gb_str ecosystem = ecosystem_of(scope, arena);
    if (gb_str_is(scope, "kev")) {
        set_source(ret, KEV, "kev", mirrors, count);
        add_url(ret, arena, GB_STR("known_exploited_vulnerabilities.json"));
        ret->scope = GB_STR("");
    } else if (gb_str_is(scope, "epss")) {
        set_source(ret, EPSS, "epss", mirrors, count);
        add_url(ret, arena, GB_STR("epss_scores-current.csv.gz"));
        ret->scope = GB_STR("");
    } else if (gb_str_starts(scope, GB_STR("debian-"))) {
        set_source(ret, DEBIAN, "debian-tracker", mirrors, count);
        add_url(ret, arena, GB_STR("data/json"));
        ret->compressed = true;
    } else if (gb_str_starts(scope, GB_STR("alpine-"))) {
        struct gb_str version = gb_str_from(scope, sizeof "alpine-" - 1);
        const char *v = gb_str_is(version, "edge") ? "" : "v";
        set_source(ret, ALPINE, "secdb", mirrors, count);
        add_url(ret, arena, gb_str_format(arena, "%s" GB_PRI "/main.json", v, GB_ARG(version)));
        add_url(ret, arena,
                gb_str_format(arena, "%s" GB_PRI "/community.json", v, GB_ARG(version)));
    } else if (gb_str_is(scope, "wolfi")) {
        set_source(ret, WOLFI, "secdb", mirrors, count);
        add_url(ret, arena, GB_STR("security.json"));
    } else if (ecosystem.len) {
        set_source(ret, OSV, "osv", mirrors, count);
        add_url(ret, arena, gb_str_format(arena, GB_PRI "/all.zip", GB_ARG(ecosystem)));
        ret->ecosystem = ecosystem;
    } else {
        return gb_error_set(err, GB_E_NOT_FOUND,
                            "no source is known for " GB_PRI ": gabion feed import reads files",
                            GB_ARG(scope));
    }
    return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for an update")
                                  : GB_OK;
}
