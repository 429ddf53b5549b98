// What an OSV record means: scopes, ranges, modules, ids, severity (osv.h).
#include "source/feed/osv.h"
#include "source/feed/scope.h"

#include "model/advisory/name.h"

#include <stdlib.h>

// Beyond this, versions that ranges cover are not looked for: the work would be their product.
enum { RANGES_SEARCHED = 64 };

static bool is_zero(struct gb_str version)
{
    return gb_str_is(version, "0");
}

static int compare_versions(enum gb_version_scheme scheme, struct gb_str a, struct gb_str b)
{
    if (is_zero(a) || is_zero(b))
        return (int)is_zero(b) - (int)is_zero(a);
    return gb_version_compare(scheme, a, b);
}

static int compare_events(const void *left, const void *right, void *context)
{
    // Where one version ends a stretch and starts the next, the end comes first; where it is the
    // only one affected, the start does.
    static const int rank[] = {
        [GB_OSV_FIXED] = 0, [GB_OSV_INTRODUCED] = 1, [GB_OSV_LAST_AFFECTED] = 2};
    const struct gb_osv_event *a = left, *b = right;
    const enum gb_version_scheme *scheme = context;
    int order = compare_versions(*scheme, a->version, b->version);
    return order ? order : rank[a->kind] - rank[b->kind];
}

static void sort_events(struct gb_osv_event *events, size_t count, enum gb_version_scheme scheme)
{
    bool sorted = true;
    for (size_t i = 1; i < count && sorted; i++)
        sorted = compare_versions(scheme, events[i - 1].version, events[i].version) <= 0;
    if (!sorted)
        qsort_r(events, count, sizeof *events, compare_events, &scheme);
}

// The events of one range, in order of their versions, as stretches of affected versions.
static void add_stretches(const struct gb_osv_event *events, size_t count,
                          struct gb_feed_ranges *ranges, struct gb_arena *arena)
{
    bool open = false;
    struct gb_affected_range range = {0};
    for (size_t i = 0; i < count; i++) {
        const struct gb_osv_event *e = &events[i];
        if (e->kind == GB_OSV_INTRODUCED && !open) {
            range = (struct gb_affected_range){
                .introduced = is_zero(e->version) ? (struct gb_str){0} : e->version};
            open = true;
        } else if (e->kind != GB_OSV_INTRODUCED && open) {
            *(e->kind == GB_OSV_FIXED ? &range.fixed : &range.last_affected) = e->version;
            gb_feed_ranges_add(ranges, range, arena);
            open = false;
        }
    }
    if (open)
        gb_feed_ranges_add(ranges, range, arena);
}

static void read_ranges(struct gb_osv_affected *a, enum gb_version_scheme scheme,
                        struct gb_feed_ranges *ranges, struct gb_arena *arena)
{
    for (size_t start = 0; start < a->event_count;) {
        size_t end = ++start;
        while (end < a->event_count && a->events[end].kind != GB_OSV_RANGE)
            end++;
        sort_events(a->events + start, end - start, scheme);
        add_stretches(a->events + start, end - start, ranges, arena);
        start = end;
    }
}

static bool covers(const struct gb_affected_range *range, enum gb_version_scheme scheme,
                   struct gb_str version)
{
    if (range->introduced.len && compare_versions(scheme, version, range->introduced) < 0)
        return false;
    if (range->fixed.len)
        return compare_versions(scheme, version, range->fixed) < 0;
    return !range->last_affected.len ||
           compare_versions(scheme, version, range->last_affected) <= 0;
}

// Versions that a range covers anyway need no row of their own.
static void drop_covered(struct gb_feed_strings *versions, const struct gb_feed_ranges *ranges,
                         enum gb_version_scheme scheme)
{
    size_t kept = 0;
    if (ranges->count > RANGES_SEARCHED)
        return;
    for (size_t i = 0; i < versions->count; i++) {
        bool covered = false;
        for (size_t k = 0; k < ranges->count && !covered; k++)
            covered = covers(&ranges->at[k], scheme, versions->at[i]);
        if (!covered)
            versions->at[kept++] = versions->at[i];
    }
    versions->count = kept;
}

static enum gb_advisory_fix fix_of(const struct gb_feed_ranges *ranges, struct gb_str urgency)
{
    bool fixed = false, open = false;
    for (size_t i = 0; i < ranges->count; i++) {
        fixed |= ranges->at[i].fixed.len > 0;
        open |= !ranges->at[i].fixed.len && !ranges->at[i].last_affected.len;
    }
    if (open && gb_str_is(urgency, "end-of-life"))
        return GB_FIX_END_OF_LIFE;
    return open ? GB_FIX_NOT_YET : fixed ? GB_FIX_AVAILABLE : GB_FIX_UNSTATED;
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '+' || c == '-';
}

static bool is_module(struct gb_str word)
{
    ptrdiff_t colon = gb_str_find_char(word, ':');
    if (colon <= 0 || (size_t)colon + 1 == word.len)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (i != (size_t)colon && !word_char(word.at[i]))
            return false;
    return true;
}

void gb_osv_modules(struct gb_str summary, struct gb_feed_strings *ret, struct gb_arena *arena)
{
    struct gb_str word, rest = summary;
    while (gb_str_next_word(&rest, &word)) {
        if (gb_str_ends(word, GB_STR(",")))
            word = gb_str_sub(word, 0, word.len - 1);
        if (is_module(word))
            gb_feed_strings_add_new(ret, word, arena);
    }
    if (ret->count)
        return;
    // "Important: varnish security update": the module's name without its stream.
    rest = summary;
    while (gb_str_next_word(&rest, &word))
        if (!gb_str_ends(word, GB_STR(":"))) {
            gb_feed_strings_add(ret, gb_str_format(arena, GB_PRI ":*", GB_ARG(word)), arena);
            return;
        }
}

enum gb_advisory_severity gb_osv_summary_severity(struct gb_str summary)
{
    ptrdiff_t colon = gb_str_find_char(summary, ':');
    if (colon > 0 && gb_feed_severity(gb_str_sub(summary, 0, (size_t)colon)))
        return gb_feed_severity(gb_str_sub(summary, 0, (size_t)colon));
    ptrdiff_t bracket = gb_str_rfind_char(summary, '(');
    if (bracket > 0 && gb_str_ends(summary, GB_STR(")")))
        return gb_feed_severity(
            gb_str_sub(summary, (size_t)bracket + 1, summary.len - (size_t)bracket - 2));
    return GB_ADVISORY_UNRATED;
}

// Builds of a module carry its mark in their release: "1:16.19.1-1.module_el8.7.0+3496+a59a3324",
// "...module+el8...".
static bool built_for_module(const struct gb_feed_ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++)
        if (gb_str_contains(ranges->at[i].fixed, GB_STR(".module")))
            return true;
    return false;
}

// One row, or one for each module where several are named: which package is whose is not said, and
// an installed package bears the label of one of them.
static void affect(struct gb_feed_draft *d, struct gb_affected *affected,
                   const struct gb_feed_strings *modules)
{
    if (!modules->count)
        gb_feed_affect(d, affected);
    for (size_t i = 0; i < modules->count; i++) {
        affected->module = modules->at[i];
        gb_feed_affect(d, affected);
    }
}

static void take_affected(struct gb_osv_record *record, struct gb_osv_affected *a)
{
    struct gb_feed_draft *d = &record->draft;
    struct gb_arena *arena = d->arena;
    struct gb_feed_ranges ranges = {0};
    struct gb_feed_strings modules = {0};
    if (!a->ecosystem.len || !a->name.len)
        return;
    enum gb_version_scheme scheme = gb_version_scheme_of_ecosystem(a->ecosystem);
    if (scheme == GB_VERSION_NONE && a->semver)
        scheme = GB_VERSION_SEMVER;
    read_ranges(a, scheme, &ranges, arena);
    if (scheme != GB_VERSION_NONE)
        drop_covered(&a->versions, &ranges, scheme);
    // Commits only: nothing is said about versions.
    if (!ranges.count && !a->versions.count)
        return;
    struct gb_str scope = gb_feed_scope_of_ecosystem(a->ecosystem, arena);
    if (scheme == GB_VERSION_RPM && built_for_module(&ranges))
        gb_osv_modules(d->advisory.title, &modules, arena);
    enum gb_advisory_severity stated = gb_feed_severity(a->urgency);
    struct gb_affected affected = {
        .scope = scope,
        .scheme = scheme,
        .package = gb_advisory_name(scope, a->name, arena),
        .fix = fix_of(&ranges, a->urgency),
        .severity = stated ? stated : a->severity,
        .ranges = ranges.at,
        .range_count = ranges.count,
        .versions = a->versions.at,
        .version_count = a->versions.count,
        .architectures = a->architectures.at,
        .architecture_count = a->all_architectures ? 0 : a->architectures.count,
        .systems = a->systems.at,
        .system_count = a->all_systems ? 0 : a->systems.count,
        .symbols = a->symbols.at,
        .symbol_count = a->symbols.count,
        .note = a->informational,
    };
    affect(d, &affected, &modules);
    d->advisory.informational |= a->informational.len > 0;
}

static bool is_distribution(enum gb_version_scheme scheme)
{
    return scheme == GB_VERSION_DPKG || scheme == GB_VERSION_RPM || scheme == GB_VERSION_APK;
}

// Errata that mend bugs or add features, not flaws.
static bool is_erratum_of_bugs(struct gb_str id)
{
    static const char *const fronts[] = {"ALBA-", "ALEA-", "RLBA-", "RLEA-",
                                         "RHBA-", "RHEA-", "ELBA-", "ELEA-"};
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
        if (gb_str_starts(id, gb_str_of(fronts[i])))
            return true;
    return false;
}

static void take_ids(struct gb_osv_record *record, bool distribution)
{
    struct gb_feed_draft *d = &record->draft;
    for (size_t i = 0; i < record->aliases.count; i++)
        gb_feed_draft_id(d, record->aliases.at[i]);
    // One upstream flaw is the same flaw; several make the record an erratum about them.
    for (size_t i = 0; i < record->upstream.count; i++)
        if (record->upstream.count == 1 || gb_feed_is_cve(record->upstream.at[i]))
            gb_feed_draft_id(d, record->upstream.at[i]);
    // Errata of distributions name what they fix as related.
    for (size_t i = 0; i < record->related.count && distribution; i++)
        if (gb_feed_is_cve(record->related.at[i]))
            gb_feed_draft_id(d, record->related.at[i]);
}

int gb_osv_give(struct gb_osv_record *record, struct gb_error *err)
{
    struct gb_feed_draft *d = &record->draft;
    struct gb_advisory *a = &d->advisory;
    if (!a->id.len)
        return gb_error_set(err, GB_E_TYPE, "a record without an id");
    bool distribution = record->affected_count > 0, rpm = false;
    for (size_t i = 0; i < record->affected_count; i++) {
        enum gb_version_scheme scheme =
            gb_version_scheme_of_ecosystem(record->affected[i].ecosystem);
        distribution &= is_distribution(scheme);
        rpm |= scheme == GB_VERSION_RPM;
    }
    bool named = record->upstream.count || record->aliases.count || gb_feed_is_cve(a->id);
    // Distributions with rpm publish errata: what has no fix yet is not told.
    record->member->fixes_only = rpm && distribution;
    take_ids(record, distribution && !named);
    a->published_at = gb_feed_time(record->published);
    a->modified_at = gb_feed_time(record->modified);
    if (record->withdrawn.len) {
        a->withdrawn_at = gb_feed_time(record->withdrawn);
        a->withdrawn_at = a->withdrawn_at ? a->withdrawn_at : 1;
    }
    if (!a->severity && rpm)
        a->severity = gb_osv_summary_severity(a->title);
    a->informational = is_erratum_of_bugs(a->id) && !d->cves.count;
    a->url = record->own_url.len        ? record->own_url
             : record->advisory_url.len ? record->advisory_url
                                        : record->any_url;
    for (size_t i = 0; i < record->affected_count; i++)
        take_affected(record, &record->affected[i]);
    return gb_feed_draft_give(d, record->member, err);
}
