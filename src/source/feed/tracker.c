// Debian security tracker's JSON: {source: {flaw: {scope, description, releases: {codename:
// {status, fixed_version, urgency, nodsa, nodsa_reason}}}}}. About 70 MB, so source by source.
#include "base/json_fields.h"
#include "source/feed/draft.h"
#include "source/feed/scope.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static bool recognise(const struct gb_feed_head *head)
{
    return head->json == '{' && head->key_count >= 1 &&
           (gb_feed_is_cve(head->inner) || gb_str_starts(head->inner, GB_STR("TEMP-")));
}

struct release {
    struct gb_str status, fixed, urgency, nodsa, nodsa_reason;
};

struct flaw {
    struct gb_feed_draft draft;
    struct gb_str package, scope; // "remote", "local"
};

static bool has_reason(struct gb_str reason, const char *word)
{
    return gb_str_starts(reason, gb_str_of(word));
}

// What Debian does about a flaw that is open. Without an advisory of its own, a fix may come with
// a point release: put off, not refused, unless "ignored" says so.
static enum gb_advisory_fix fix_of(const struct release *release)
{
    if (gb_str_is(release->urgency, "end-of-life"))
        return GB_FIX_END_OF_LIFE;
    if (has_reason(release->nodsa_reason, "ignored"))
        return GB_FIX_WONT;
    if (release->nodsa.len || has_reason(release->nodsa_reason, "postponed"))
        return GB_FIX_DEFERRED;
    return GB_FIX_NOT_YET;
}

static int read_release(struct gb_json_reader *r, struct flaw *flaw, struct gb_str codename,
                        struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("status"), NULL, offsetof(struct release, status)},
        {GB_STR_INIT("fixed_version"), NULL, offsetof(struct release, fixed)},
        {GB_STR_INIT("urgency"), NULL, offsetof(struct release, urgency)},
        {GB_STR_INIT("nodsa"), NULL, offsetof(struct release, nodsa)},
        {GB_STR_INIT("nodsa_reason"), NULL, offsetof(struct release, nodsa_reason)},
    };
    struct release release = {0};
    int code = gb_json_fields(r, gb_json_next(r, err), FIELDS(fields), &release, err);
    bool resolved = gb_str_is(release.status, "resolved");
    if (code < 0 || !(resolved || gb_str_is(release.status, "open")))
        return code;
    struct gb_str scope = gb_feed_scope_of_debian(codename);
    if (!scope.len)
        scope = gb_str_format(r->arena, "debian-" GB_PRI, GB_ARG(codename));
    bool never = resolved && gb_str_is(release.fixed, "0");
    // Resolved without a version says nothing that could be compared.
    if (resolved && !release.fixed.len)
        return GB_OK;
    struct gb_affected_range *range = gb_alloc(r->arena, sizeof *range);
    if (!range)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    range->fixed = release.fixed;
    gb_feed_affect(&flaw->draft, &(struct gb_affected){
                                     .scope = scope,
                                     .scheme = GB_VERSION_DPKG,
                                     .package = flaw->package,
                                     .status = never ? GB_STATUS_NOT_AFFECTED : GB_STATUS_AFFECTED,
                                     .fix = never               ? GB_FIX_UNSTATED
                                            : release.fixed.len ? GB_FIX_AVAILABLE
                                                                : fix_of(&release),
                                     .severity = gb_feed_severity(release.urgency),
                                     .ranges = range,
                                     .range_count = never ? 0 : 1,
                                     .note = release.nodsa,
                                 });
    return GB_OK;
}

static int read_releases(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    if (event == GB_JSON_NULL)
        return GB_OK;
    if (event != GB_JSON_OBJECT_BEGIN)
        return event < 0 ? event : gb_json_wrong_type(r, event, "an object", err);
    while ((event = gb_json_next(r, err)) == GB_JSON_KEY) {
        int code = read_release(r, into, r->string, err);
        if (code < 0)
            return code;
    }
    return event < 0 ? event : GB_OK;
}

static int read_flaw(struct gb_json_reader *r, struct gb_feed_member *m, struct gb_str package,
                     struct gb_str id, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("releases"), read_releases, 0},
        {GB_STR_INIT("scope"), NULL, offsetof(struct flaw, scope)},
        {GB_STR_INIT("description"), NULL, offsetof(struct flaw, draft.advisory.details)},
    };
    struct flaw flaw = {.package = package, .draft = {.arena = r->arena, .advisory = {.id = id}}};
    int code = gb_json_fields(r, gb_json_next(r, err), FIELDS(fields), &flaw, err);
    if (code < 0)
        return code;
    for (size_t i = 0; i < flaw.draft.affected_count; i++)
        flaw.draft.affected[i].remote = gb_str_is(flaw.scope, "remote");
    flaw.draft.advisory.url =
        gb_str_format(r->arena, "https://security-tracker.debian.org/tracker/" GB_PRI, GB_ARG(id));
    return flaw.draft.affected_count ? gb_feed_draft_give(&flaw.draft, m, err) : GB_OK;
}

static int read_source(struct gb_feed_member *m, struct gb_str package, struct gb_str text,
                       struct gb_error *err)
{
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 16};
    int code = gb_json_open(&r, text, limits, m->arena, err);
    int event = code < 0 ? code : gb_json_next(&r, err);
    if (event < 0)
        return event;
    if (event != GB_JSON_OBJECT_BEGIN)
        return gb_json_wrong_type(&r, event, "an object", err);
    while ((event = gb_json_next(&r, err)) == GB_JSON_KEY) {
        struct gb_mark mark = gb_arena_mark(m->arena);
        code = read_flaw(&r, m, package, r.string, err);
        if (code < 0)
            return code;
        gb_arena_reset(m->arena, mark);
    }
    return event < 0 ? event : GB_OK;
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_str package, text;
    uint64_t line;
    int code;
    struct gb_mark mark = gb_arena_mark(m->arena);
    while ((code = gb_feed_pair(m, &package, &text, &line, err)) > 0) {
        struct gb_error why = {0};
        code = read_source(m, package, text, &why);
        if (code < 0 && (m->sink_code || gb_arena_failed(m->arena))) {
            *err = why;
            return code;
        }
        if (code < 0)
            gb_feed_leave_out_error(m, line, &why);
        gb_arena_reset(m->arena, mark);
    }
    return code;
}

const struct gb_feed_format gb_feed_format_debian_tracker = {
    .name = "debian-tracker",
    .title = "Debian security tracker (JSON)",
    .recognise = recognise,
    .import = import,
};
