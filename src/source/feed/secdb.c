// Security fixes of Alpine, Wolfi and Chainguard (secdb), as YAML and as JSON.
//
//     distroversion: v3.18
//     reponame: main
//     packages:
//       - pkg:
//           name: openssl              # of the origin: the source package
//           secfixes:
//             3.1.1-r1: [CVE-2023-2650, "CVE-2023-1 GHSA-..."]
//             "0": [CVE-2021-3711]     # never affected
//
// One string can hold several ids, and words beside them. Flaws without a fix are not in it.
#include "base/json_fields.h"
#include "source/feed/draft.h"
#include "source/feed/scope.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static bool recognise(const struct gb_feed_head *head)
{
    if (head->json == '{')
        return gb_feed_head_has(head, "packages") &&
               (gb_feed_head_has(head, "apkurl") || gb_feed_head_has(head, "distroversion") ||
                gb_feed_head_has(head, "reponame"));
    if (head->json || !(gb_feed_head_ends(head, ".yaml") || gb_feed_head_ends(head, ".yml")))
        return false;
    return gb_str_contains(head->bytes, GB_STR("reponame:")) &&
           gb_str_contains(head->bytes, GB_STR("apkurl:"));
}

struct secdb {
    struct gb_feed_member *member;
    struct gb_str release, repository, url; // "v3.18", "main"
    struct gb_str scope;
    bool seen; // packages were read
    struct gb_str package;
};

// v3.18 -> alpine-3.18; data without a release is that of a rolling distribution, which its
// addresses name.
static struct gb_str scope_of(const struct secdb *db)
{
    struct gb_arena *arena = db->member->arena;
    if (db->member->scope.len)
        return db->member->scope;
    if (db->release.len)
        return gb_feed_scope_of_ecosystem(
            gb_str_format(arena, "Alpine:" GB_PRI, GB_ARG(db->release)), arena);
    if (gb_str_contains(db->url, GB_STR("wolfi")))
        return GB_STR("wolfi");
    return gb_str_contains(db->url, GB_STR("chainguard")) ? GB_STR("chainguard")
                                                          : (struct gb_str){0};
}

static bool is_id(struct gb_str word)
{
    static const char *const fronts[] = {"CVE-", "GHSA-", "XSA-",    "ZBX-",   "TALOS-", "GNUTLS-",
                                         "GO-",  "CGA-",  "ALPINE-", "TROVE-", "PYSEC-"};
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
        if (gb_str_starts(word, gb_str_of(fronts[i])) && word.len > strlen(fronts[i]))
            return true;
    return false;
}

// The ids of one string: words with other things left away; the whole string where no word of it
// is an id that is known.
static void split_ids(struct gb_str text, struct gb_feed_strings *cves, struct gb_feed_strings *ids,
                      struct gb_arena *arena)
{
    struct gb_str rest = text, word;
    while (gb_str_next_word(&rest, &word)) {
        while (word.len && strchr(",;()", word.at[0]))
            word = gb_str_from(word, 1);
        while (word.len && strchr(",;():", word.at[word.len - 1]))
            word = gb_str_sub(word, 0, word.len - 1);
        if (gb_feed_is_cve(word))
            gb_feed_strings_add_new(cves, word, arena);
        else if (is_id(word))
            gb_feed_strings_add_new(ids, word, arena);
    }
    rest = text;
    if (!cves->count && !ids->count && gb_str_next_word(&rest, &word))
        gb_feed_strings_add(ids, word, arena);
}

struct fix {
    struct secdb *db;
    struct gb_str version;
};

static int give(struct fix *fix, struct gb_str id, const struct gb_feed_strings *aliases,
                struct gb_error *err)
{
    struct secdb *db = fix->db;
    struct gb_feed_draft d = {.arena = db->member->arena, .advisory = {.id = id}};
    struct gb_affected_range range = {.fixed = fix->version};
    bool never = gb_str_is(fix->version, "0");
    for (size_t i = 0; aliases && i < aliases->count; i++)
        gb_feed_draft_id(&d, aliases->at[i]);
    gb_feed_affect(&d, &(struct gb_affected){
                           .scope = db->scope,
                           .scheme = GB_VERSION_APK,
                           .package = db->package,
                           .status = never ? GB_STATUS_NOT_AFFECTED : GB_STATUS_AFFECTED,
                           .fix = never ? GB_FIX_UNSTATED : GB_FIX_AVAILABLE,
                           .ranges = &range,
                           .range_count = never ? 0 : 1,
                       });
    return gb_feed_draft_give(&d, db->member, err);
}

static int read_ids(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct fix *fix = into;
    struct gb_feed_strings cves = {0}, ids = {0};
    struct gb_str text;
    int code = gb_json_take_string(r, event, &text, err);
    if (code < 0 || !gb_str_trim(text).len)
        return code;
    struct gb_mark mark = gb_arena_mark(r->arena);
    split_ids(text, &cves, &ids, r->arena);
    // Other ids beside one CVE are names of it; beside several, nobody knows of which.
    if (!cves.count && ids.count)
        code = give(fix, ids.at[0], &ids, err);
    for (size_t i = 0; i < cves.count && code == GB_OK; i++)
        code = give(fix, cves.at[i], cves.count == 1 ? &ids : NULL, err);
    if (code == GB_OK)
        gb_arena_reset(r->arena, mark);
    return code;
}

static int read_fixes(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct secdb *db = into;
    if (event == GB_JSON_NULL)
        return GB_OK;
    if (event != GB_JSON_OBJECT_BEGIN)
        return event < 0 ? event : gb_json_wrong_type(r, event, "an object", err);
    while ((event = gb_json_next(r, err)) == GB_JSON_KEY) {
        struct fix fix = {db, gb_str_trim(r->string)};
        // Some keys carry the reason beside the version: "4.12.1_p2-r1 (fix)".
        struct gb_str rest = fix.version;
        gb_str_next_word(&rest, &fix.version);
        int next = gb_json_next(r, err);
        int code = next < 0 ? next : gb_json_items(r, next, read_ids, &fix, err);
        if (code < 0)
            return code;
    }
    return event < 0 ? event : GB_OK;
}

// The fixes may stand in front of the name: they are read in a second pass.
struct package {
    struct gb_str name;
    size_t fixes_at;
    bool has_fixes;
};

static int note_fixes(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct package *package = into;
    package->fixes_at = r->start;
    package->has_fixes = event == GB_JSON_OBJECT_BEGIN;
    return event == GB_JSON_OBJECT_BEGIN || event == GB_JSON_NULL
               ? gb_json_skip_rest(r, event, err)
               : gb_json_wrong_type(r, event, "an object", err);
}

static int read_package(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("name"), NULL, offsetof(struct package, name)},
        {GB_STR_INIT("secfixes"), note_fixes, 0},
    };
    struct secdb *db = into;
    struct package package = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &package, err);
    if (code < 0 || !package.has_fixes || !package.name.len)
        return code;
    struct gb_json_reader again;
    struct gb_str fixes = gb_str_sub(r->text, package.fixes_at, r->at - package.fixes_at);
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 8};
    db->package = package.name;
    // The text behind the object is that of what is around it; the reader stops before it.
    code = gb_json_open(&again, fixes, limits, r->arena, err);
    if (code == GB_OK)
        code = read_fixes(&again, gb_json_next(&again, err), db, err);
    return code;
}

static int read_item(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {{GB_STR_INIT("pkg"), read_package, 0}};
    struct gb_mark mark = gb_arena_mark(r->arena);
    int code = gb_json_fields(r, event, FIELDS(fields), into, err);
    if (code == GB_OK)
        gb_arena_reset(r->arena, mark);
    return code;
}

static int read_packages(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_item, into, err);
}

static int note_packages(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct secdb *db = into;
    db->seen = true;
    return event == GB_JSON_LIST_BEGIN || event == GB_JSON_NULL
               ? gb_json_skip_rest(r, event, err)
               : gb_json_wrong_type(r, event, "a list", err);
}

// What is beside the packages comes first in one form and last in the other.
static int read_heading(struct secdb *db, struct gb_str text, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("distroversion"), NULL, offsetof(struct secdb, release)},
        {GB_STR_INIT("reponame"), NULL, offsetof(struct secdb, repository)},
        {GB_STR_INIT("urlprefix"), NULL, offsetof(struct secdb, url)},
        {GB_STR_INIT("packages"), note_packages, 0},
    };
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 16};
    int code = gb_json_open(&r, text, limits, db->member->arena, err);
    if (code == GB_OK)
        code = gb_json_fields(&r, gb_json_next(&r, err), FIELDS(fields), db, err);
    if (code == GB_OK)
        code = gb_json_next(&r, err);
    return code < 0 ? code : GB_OK;
}

static int read_text(struct secdb *db, struct gb_str text, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {{GB_STR_INIT("packages"), read_packages, 0}};
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 16};
    int code = read_heading(db, text, err);
    if (code < 0)
        return code;
    db->scope = scope_of(db);
    if (!db->seen)
        return gb_error_set(err, GB_E_TYPE, "there is no list of packages");
    if (!db->scope.len)
        return gb_error_set(err, GB_E_TYPE, "the data does not say which release it is for");
    code = gb_json_open(&r, text, limits, db->member->arena, err);
    return code < 0 ? code : gb_json_fields(&r, gb_json_next(&r, err), FIELDS(fields), db, err);
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_str text;
    struct secdb db = {.member = m};
    int code = m->head->json ? gb_feed_text(m, &text, err) : gb_feed_yaml(m, &text, err);
    if (code < 0)
        return code;
    code = read_text(&db, text, err);
    if (code < 0 && !m->head->json)
        err->line = err->column = 0;
    return code;
}

const struct gb_feed_format gb_feed_format_secdb = {
    .name = "secdb",
    .title = "Alpine's, Wolfi's and Chainguard's security fixes (secdb)",
    .recognise = recognise,
    .import = import,
    .fixes_only = true,
};
