// Vulnerabilities of one assessment, from feeds to fixes.
#include "cli/vulnerabilities.h"

#include "area/vulnerability/evidence.h"
#include "area/vulnerability/match.h"
#include "area/vulnerability/priority.h"
#include "area/vulnerability/scope.h"
#include "area/vulnerability/vex.h"
#include "base/time.h"
#include "cli/symbols.h"
#include "source/feed/vex.h"
#include "source/image/image.h"
#include "source/package/evidence.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct gb_vulnerability_run {
    struct gb_feed_store *store;
    const struct gb_shard *const *shards;
    size_t shard_count;
    struct gb_str scope;
    size_t system_packages;
    size_t entries; // of the store, for whatever release
    bool damaged;   // one of them cannot be used
};

static const struct gb_str data_kind = GB_STR_INIT("advisory_data");

static void put(struct gb_assessment *assessment, struct gb_map_value *props, const char *field,
                struct gb_value value)
{
    gb_map_put(assessment->scan_arena, props, gb_str_of(field), value);
}

// The newest advisories for the release; NULL when there are none.
static const struct gb_shard_description *release_data(const struct gb_vulnerability_run *run)
{
    const struct gb_shard_description *newest = NULL;
    for (size_t i = 0; i < run->shard_count; i++) {
        const struct gb_shard_description *is = gb_shard_describe(run->shards[i]);
        if (is->content == GB_SHARD_ADVISORIES && run->scope.len &&
            gb_str_eq(is->scope, run->scope) && gb_shard_row_count(run->shards[i]) &&
            (!newest || is->data_at > newest->data_at))
            newest = is;
    }
    return newest;
}

static void add_feeds(struct gb_assessment *assessment, struct gb_map_value *props)
{
    const struct gb_vulnerability_run *run = assessment->vulnerability;
    struct gb_arena *arena = assessment->scan_arena;
    struct gb_list *list = gb_list_new(arena);
    bool exploitation = false;
    for (size_t i = 0; i < run->shard_count; i++) {
        const struct gb_shard_description *is = gb_shard_describe(run->shards[i]);
        struct gb_map_value *feed = gb_map_new(arena);
        exploitation |= is->content == GB_SHARD_EXPLOITS;
        put(assessment, feed, "feed", gb_string_clean(arena, is->feed));
        put(assessment, feed, "scope", gb_string_clean(arena, is->scope));
        if (is->data_at)
            put(assessment, feed, "data_at", gb_timestamp(is->data_at, 0));
        gb_list_add(arena, list, gb_map_of(feed));
    }
    put(assessment, props, "exploitation_loaded", gb_bool(exploitation));
    put(assessment, props, "feeds", gb_list_of(list));
}

static size_t count_installed(const struct gb_collection *all)
{
    const struct gb_kind_state *state = gb_collection_kind(all, GB_STR("os_package"));
    size_t count = 0;
    for (size_t i = 0; i < state->count; i++) {
        const struct gb_value *installed =
            gb_map_find(state->resources[i]->props, GB_STR("installed"));
        count += !installed || installed->kind != GB_VALUE_BOOL || installed->boolean;
    }
    return count;
}

// Scopes that advisories could speak of here: the release, and the languages that were found.
static int list_scopes(struct gb_assessment *assessment, struct gb_str **ret, size_t *count,
                       struct gb_error *err)
{
    enum { MOST_SCOPES = 32 };
    const struct gb_kind_state *state =
        gb_collection_kind(assessment->collection, GB_STR("language_package"));
    struct gb_str *scopes = gb_alloc_array(assessment->scan_arena, MOST_SCOPES, sizeof *scopes);
    if (!scopes)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the advisory data");
    size_t used = 0;
    if (assessment->vulnerability->scope.len)
        scopes[used++] = assessment->vulnerability->scope;
    for (size_t i = 0; i < state->count && used < MOST_SCOPES; i++) {
        struct gb_str ecosystem = gb_value_str_or(
            gb_map_find(state->resources[i]->props, GB_STR("ecosystem")), (struct gb_str){0});
        size_t at = 0;
        while (at < used && !gb_str_eq_nocase(scopes[at], ecosystem))
            at++;
        if (at == used && ecosystem.len)
            scopes[used++] = gb_str_lower(assessment->scan_arena, ecosystem);
    }
    *ret = scopes;
    *count = used;
    return GB_OK;
}

static int open_store(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_vulnerability_run *run = assessment->vulnerability;
    struct gb_str folder = gb_option_value(assessment->invocation, "feeds");
    struct gb_feed_store_options options = {
        .path = folder.at ? gb_str_c(assessment->scan_arena, folder) : NULL};
    struct gb_str *scopes;
    size_t scope_count;
    int code = gb_feed_store_open(&options, &run->store, err);
    if (!code)
        code = list_scopes(assessment, &scopes, &scope_count, err);
    if (!code)
        code = gb_feed_store_shards(run->store, scopes, scope_count, &run->shards,
                                    &run->shard_count, err);
    if (code)
        return code;
    const struct gb_feed_entry *entries = gb_feed_store_entries(run->store, &run->entries);
    for (size_t i = 0; i < run->entries; i++) {
        run->damaged |= entries[i].problem.len > 0;
        if (entries[i].problem.len)
            gb_assessment_problem(assessment, "GBN-E-FEED",
                                  gb_str_format(assessment->rules_arena,
                                                "advisory data " GB_PRI " is not used: " GB_PRI,
                                                GB_ARG(entries[i].name),
                                                GB_ARG(entries[i].problem)),
                                  true);
    }
    return GB_OK;
}

static bool given_folder(const struct gb_assessment *assessment)
{
    return gb_option_value(assessment->invocation, "feeds").at != NULL;
}

// Root's folder of feeds is closed to this user: the rest of the assessment goes on.
static int leave_out_unreadable(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_str reason = gb_str_format(assessment->scan_arena, "needs root: %s", err->subject);
    gb_collection_gap(assessment->collection, data_kind, reason);
    gb_assessment_problem(
        assessment, "GBN-E-FEED",
        gb_str_format(assessment->rules_arena,
                      "no vulnerabilities were looked for: %s cannot be read (needs root, or "
                      "--feeds DIR)",
                      err->subject),
        false);
    gb_vulnerabilities_close(assessment);
    assessment->no_vulnerabilities = true;
    *err = (struct gb_error){0};
    return GB_OK;
}

int gb_vulnerabilities_open(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_arena *arena = assessment->scan_arena;
    if (assessment->no_vulnerabilities) {
        gb_collection_no_subject(assessment->collection, data_kind,
                                 GB_STR("vulnerabilities are left out of this run"));
        return GB_OK;
    }
    struct gb_vulnerability_run *run = gb_alloc(arena, sizeof *run);
    if (!run)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the advisory data");
    *run =
        (struct gb_vulnerability_run){.system_packages = count_installed(assessment->collection)};
    assessment->vulnerability = run;
    struct gb_os_scope os = gb_os_scope_of(assessment->collection, arena);
    struct gb_str given = gb_option_value(assessment->invocation, "scope");
    run->scope = given.at ? given : os.scope;
    int code = open_store(assessment, err);
    if (code == GB_E_DENIED && geteuid() != 0 && !given_folder(assessment))
        return leave_out_unreadable(assessment, err);
    if (code)
        return code;
    struct gb_map_value *props =
        gb_collection_add(assessment->collection, data_kind, (struct gb_str){0});
    if (!props)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the advisory data");
    const struct gb_shard_description *data = release_data(run);
    put(assessment, props, "folder",
        gb_string_clean(arena, gb_str_of(gb_feed_store_folder(run->store))));
    put(assessment, props, "system_packages", gb_int((int64_t)run->system_packages));
    if (run->scope.len)
        put(assessment, props, "scope", gb_string_clean(arena, run->scope));
    if (os.remark.len)
        put(assessment, props, "remark", gb_string(os.remark));
    put(assessment, props, "loaded", gb_bool(data != NULL));
    if (data && data->data_at)
        put(assessment, props, "data_at", gb_timestamp(data->data_at, 0));
    add_feeds(assessment, props);
    return GB_OK;
}

void gb_vulnerabilities_close(struct gb_assessment *assessment)
{
    if (assessment->vulnerability)
        gb_feed_store_close(&assessment->vulnerability->store);
    assessment->vulnerability = NULL;
}

// Is the flaw among what --check and --skip leave?
static bool is_selected(const struct gb_assessment *assessment, const struct gb_vulnerability *v)
{
    const struct gb_selection *selection = &assessment->selection;
    bool wanted = !selection->check_count || !assessment->checks_given;
    for (size_t pass = 0; pass < 2; pass++) {
        const struct gb_str *patterns = pass ? selection->skips : selection->checks;
        size_t count = pass ? selection->skip_count : selection->check_count;
        for (size_t i = 0; i < count; i++) {
            bool fits =
                gb_str_is(patterns[i], "vulnerability") || gb_str_glob(patterns[i], v->id, false);
            for (size_t a = 0; a < v->alias_count && !fits; a++)
                fits = gb_str_glob(patterns[i], v->aliases[a], false);
            wanted = pass ? wanted && !fits : wanted || fits;
        }
    }
    return wanted;
}

static bool is_stale(const struct gb_shard_description *is, int64_t now)
{
    return is->data_at && now - is->data_at > (int64_t)GB_FEED_STALE_DAYS * GB_DAY;
}

static int add_ages(struct gb_assessment *assessment, struct gb_error *err)
{
    const struct gb_vulnerability_run *run = assessment->vulnerability;
    struct gb_vulnerability_report *sums = &assessment->report.vulnerability;
    sums->feeds = gb_alloc_array(assessment->scan_arena, run->shard_count + 1, sizeof *sums->feeds);
    if (!sums->feeds)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the advisory data");
    for (int exploits = 0; exploits < 2; exploits++)
        for (size_t i = 0; i < run->shard_count; i++) {
            const struct gb_shard_description *is = gb_shard_describe(run->shards[i]);
            if (is->content == GB_SHARD_LIFECYCLES ||
                (is->content == GB_SHARD_EXPLOITS) != (exploits == 1))
                continue;
            sums->feeds[sums->feed_count++] = (struct gb_feed_age){
                .feed = is->feed,
                .scope = is->scope,
                .origin = is->origin,
                .data_at = is->data_at,
                .built_at = is->built_at,
                .stale = is_stale(is, assessment->report.started_at),
            };
        }
    return GB_OK;
}

static bool has_shard(const struct gb_vulnerability_run *run, struct gb_str scope)
{
    for (size_t i = 0; i < run->shard_count; i++) {
        const struct gb_shard_description *is = gb_shard_describe(run->shards[i]);
        if (is->content == GB_SHARD_ADVISORIES && gb_str_eq(is->scope, scope))
            return true;
    }
    return false;
}

// Whether a flaw that is not found this time is gone, or was only not looked for.
static void note_complete(struct gb_assessment *assessment)
{
    const struct gb_vulnerability_run *run = assessment->vulnerability;
    struct gb_vulnerability_report *sums = &assessment->report.vulnerability;
    bool all = !assessment->checks_given && !assessment->selection.skip_count && !run->damaged;
    sums->complete_system = all && (sums->release_known || !run->system_packages);
    const struct gb_kind_state *state =
        gb_collection_kind(assessment->collection, GB_STR("language_package"));
    sums->complete_languages =
        all && run->shard_count && (state->presence == GB_PRESENT || state->presence == GB_ABSENT);
    for (size_t i = 0; i < state->count && sums->complete_languages; i++) {
        struct gb_str ecosystem = gb_value_str_or(
            gb_map_find(state->resources[i]->props, GB_STR("ecosystem")), (struct gb_str){0});
        struct gb_mark mark = gb_arena_mark(assessment->scratch);
        sums->complete_languages = has_shard(run, gb_str_lower(assessment->scratch, ecosystem));
        gb_arena_reset(assessment->scratch, mark);
    }
}

// What was not judged makes the run incomplete where the user wanted it judged: he named a target
// or a feed, or keeps feeds. A machine without any feed has GBN-VUL-001 for it.
static void say_incomplete(struct gb_assessment *assessment)
{
    const struct gb_vulnerability_run *run = assessment->vulnerability;
    struct gb_vulnerability_report *sums = &assessment->report.vulnerability;
    struct gb_arena *arena = assessment->rules_arena;
    bool wanted = assessment->vulnerabilities_asked || run->entries;
    const struct gb_shard_description *data = release_data(run);
    note_complete(assessment);
    if (!wanted)
        return;
    if (run->system_packages && !run->scope.len)
        gb_assessment_problem(assessment, "GBN-E-RELEASE",
                              GB_STR("the release is not recognised: its packages were not held "
                                     "against any advisory (--scope names one)"),
                              true);
    else if (run->system_packages && !sums->release_known)
        gb_assessment_problem(assessment, "GBN-E-FEED",
                              gb_str_format(arena,
                                            "no advisory feed is loaded for " GB_PRI
                                            ": run gabion feed import or gabion feed update",
                                            GB_ARG(run->scope)),
                              true);
    else if (data && is_stale(data, assessment->report.started_at))
        gb_assessment_problem(
            assessment, "GBN-W-STALE",
            gb_str_format(arena, "the advisories for " GB_PRI " are %lld days old",
                          GB_ARG(run->scope),
                          (long long)((assessment->report.started_at - data->data_at) / GB_DAY)),
            true);
    if (assessment->vulnerabilities_asked && !sums->packages)
        gb_assessment_problem(assessment, "GBN-E-EMPTY",
                              GB_STR("no installed package was found: nothing was matched"), true);
}

// All names of the flaws that were matched: changelogs are searched for these only.
static int list_ids(const struct gb_matches *matches, struct gb_arena *arena,
                    struct gb_evidence_request *request)
{
    size_t most = 0;
    for (size_t i = 0; i < matches->count; i++)
        most += 1 + matches->items[i].alias_count;
    struct gb_str *ids = gb_alloc_array(arena, most, sizeof *ids);
    if (!ids)
        return GB_E_MEMORY;
    for (size_t i = 0; i < matches->count; i++) {
        const struct gb_vulnerability *v = &matches->items[i];
        ids[request->id_count++] = v->id;
        for (size_t k = 0; k < v->alias_count; k++)
            ids[request->id_count++] = v->aliases[k];
    }
    request->ids = ids;
    return GB_OK;
}

// Only a root directory or a running system has more to tell about a package than that it is there.
static int gather_evidence(struct gb_assessment *assessment, struct gb_matches *matches,
                           struct gb_error *err)
{
    struct gb_arena *arena = assessment->scan_arena;
    if (!gb_target_is_inventory(&assessment->target)) {
        struct gb_vulnerability_subjects subjects;
        struct gb_mark mark = gb_arena_mark(assessment->scratch);
        int code = gb_vulnerability_subjects(matches->items, matches->count, arena, &subjects, err);
        struct gb_evidence_request request = {
            .packages = subjects.packages,
            .package_count = subjects.package_count,
            .paths = subjects.paths,
            .path_count = subjects.path_count,
        };
        if (!code)
            code = list_ids(matches, assessment->scratch, &request);
        if (!code && matches->count)
            code = gb_package_evidence_collect(&assessment->collector, &request, err);
        gb_arena_reset(assessment->scratch, mark);
        if (!code)
            code = gb_symbols_check(assessment->host, matches->items, matches->count, arena, err);
        if (code)
            return code;
    }
    return gb_vulnerability_evidence(assessment->collection, matches->items, matches->count, arena,
                                     err);
}

// From the feed that decided; its advisory has one of the flaw's ids. Texts that cannot be read
// change nothing of what is said about versions.
static int add_texts(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_vulnerability_report *sums = &assessment->report.vulnerability;
    for (size_t i = 0; i < sums->item_count; i++) {
        struct gb_vulnerability *v = &sums->items[i];
        struct gb_advisory_text text = {0};
        for (size_t a = 0; a <= v->alias_count && !text.title.len && !text.details.len; a++) {
            struct gb_error ignored = {0};
            int code = gb_feed_store_text(assessment->vulnerability->store, v->feed, v->scope,
                                          a ? v->aliases[a - 1] : v->id, assessment->scan_arena,
                                          &text, &ignored);
            if (code == GB_E_MEMORY)
                return gb_error_set(err, GB_E_MEMORY, "no memory for the advisories' texts");
            if (code)
                text = (struct gb_advisory_text){0};
        }
        v->title = text.title;
        v->details = text.details;
        v->url = v->url.len ? v->url : text.url;
    }
    return GB_OK;
}

// Documents are files of this machine, whatever the target is.
static int read_vex(struct gb_assessment *assessment, struct gb_str path, struct gb_vex *vex,
                    struct gb_error *err)
{
    char absolute[PATH_MAX];
    char *file = gb_str_c(assessment->scan_arena, path);
    struct gb_host *here = NULL;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    struct gb_str text;
    size_t left_out = 0;
    if (!file || !realpath(file, absolute))
        return gb_error_at(err, GB_E_USAGE, file, 0, 0, "no such VEX document");
    int code = gb_host_open(&live, &here, err);
    if (!code)
        code = gb_host_read(here, absolute, GB_VEX_MAX_BYTES, assessment->scan_arena, &text, err);
    gb_host_close(&here);
    if (!code)
        code = gb_vex_read(text, file, vex, &left_out, err);
    if (!code && left_out)
        gb_assessment_problem(assessment, "GBN-W-VEX",
                              gb_str_format(assessment->rules_arena,
                                            GB_PRI ": %zu statements name no package URL: they "
                                                   "could not be compared",
                                            GB_ARG(path), left_out),
                              false);
    return code;
}

// pkg:oci/NAME@DIGEST of an image "registry/folder/NAME:TAG"; false for other targets.
static bool target_purl(const struct gb_assessment *assessment, struct gb_purl *ret)
{
    if (assessment->target.kind != GB_TARGET_IMAGE)
        return false;
    struct gb_str name = gb_image_reference(assessment->target.image);
    ptrdiff_t slash = gb_str_rfind_char(name, '/');
    name = gb_str_from(name, (size_t)(slash + 1));
    ptrdiff_t end = gb_str_find_char(name, '@');
    if (end < 0)
        end = gb_str_find_char(name, ':');
    *ret = (struct gb_purl){
        .type = GB_STR("oci"),
        .name = end < 0 ? name : gb_str_sub(name, 0, (size_t)end),
        .version = gb_image_digest(assessment->target.image),
    };
    return true;
}

static int apply_vex(struct gb_assessment *assessment, struct gb_matches *matches,
                     struct gb_error *err)
{
    struct gb_str *paths;
    size_t count = gb_option_values(assessment->invocation, "vex", &paths);
    struct gb_vex vex = {.arena = assessment->scan_arena};
    struct gb_purl target;
    int code = GB_OK;
    for (size_t i = 0; i < count && !code; i++)
        code = read_vex(assessment, paths[i], &vex, err);
    if (code || !count)
        return code;
    bool named = target_purl(assessment, &target);
    return gb_vulnerability_vex(&vex, assessment->collection, named ? &target : NULL,
                                matches->items, matches->count, assessment->scan_arena, err);
}

static int match(struct gb_assessment *assessment, struct gb_matches *matches, struct gb_error *err)
{
    const struct gb_vulnerability_run *run = assessment->vulnerability;
    struct gb_match_options options = {
        .shards = run->shards,
        .shard_count = run->shard_count,
        .scope = gb_option_value(assessment->invocation, "scope"),
        .foreign_sbom = assessment->target.foreign_sbom,
        .now = assessment->report.started_at,
        .unfixed_expires = (int64_t)GB_UNFIXED_EXPIRE_DAYS * GB_DAY,
    };
    int code = gb_match(assessment->collection, &options, assessment->scan_arena, matches, err);
    size_t kept = 0;
    for (size_t i = 0; i < matches->count && !code; i++)
        if (is_selected(assessment, &matches->items[i]))
            matches->items[kept++] = matches->items[i];
    matches->count = kept;
    return code;
}

// Does --check leave anything of this area? A run over some controls does not speak of flaws.
static bool area_is_selected(const struct gb_assessment *assessment, size_t matched)
{
    const struct gb_selection *selection = &assessment->selection;
    bool named = matched > 0;
    for (size_t i = 0; i < selection->check_count; i++)
        named |= gb_str_is(selection->checks[i], "vulnerability");
    return !assessment->checks_given || named;
}

int gb_vulnerabilities_judge(struct gb_assessment *assessment, struct gb_error *err)
{
    struct gb_report *report = &assessment->report;
    struct gb_vulnerability_report *sums = &report->vulnerability;
    struct gb_arena *arena = assessment->scan_arena;
    struct gb_matches matches = {0};
    if (!assessment->vulnerability)
        return GB_OK;
    int code = match(assessment, &matches, err);
    if (code || !area_is_selected(assessment, matches.count))
        return code;
    *sums = (struct gb_vulnerability_report){
        .looked = true,
        .scope = matches.coverage.scope,
        .release_known = matches.coverage.release_known,
        .packages = matches.coverage.packages,
        .judged = matches.coverage.judged,
        .third_party = matches.coverage.third_party,
        .reasons = matches.coverage.reasons,
        .reason_count = matches.coverage.reason_count,
        .feeds_folder = gb_str_of(gb_feed_store_folder(assessment->vulnerability->store)),
    };
    code = add_ages(assessment, err);
    if (!code)
        code = apply_vex(assessment, &matches, err);
    if (!code)
        code = gather_evidence(assessment, &matches, err);
    for (size_t i = 0; i < matches.count && !code; i++)
        gb_priority_set(&matches.items[i], arena);
    if (!code)
        code = gb_vulnerability_join(matches.items, matches.count, arena, &sums->items,
                                     &sums->item_count, err);
    if (!code)
        code = add_texts(assessment, err);
    if (!code)
        code = gb_vulnerability_findings(sums->items, sums->item_count, arena, report, err);
    if (!code)
        say_incomplete(assessment);
    return code;
}

int gb_vulnerabilities_finish(struct gb_assessment *assessment,
                              const struct gb_vulnerability_filter *filter, struct gb_error *err)
{
    struct gb_report *report = &assessment->report;
    if (!report->vulnerability.looked)
        return GB_OK;
    gb_vulnerability_dates(report, assessment->scan_arena);
    if (filter)
        gb_vulnerability_filter(report, filter);
    return gb_vulnerability_fixes(report, assessment->scan_arena, err);
}
