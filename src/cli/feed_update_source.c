// Updates from the sources that publish advisory data: whole files, conditionally; records of OSV
// one by one where few have changed.
#include "base/time.h"
#include "cli/feed_update.h"
#include "source/feed/feed.h"
#include "store/feed/manifest.h"

#include <unistd.h>

// Of the rows that were there before, in per cent: feeds grow. What has less is not taken (but with
// --full); where parts could not be read, it has to be nearly all.
enum { EXPECTED = 50, EXPECTED_OF_TORN = 97 };
enum { MOST_CHANGES = 500, RECORD_MAX = 16 << 20, INDEX_MAX = 256 << 20 };

void gb_feed_update_checked(struct gb_feed_update *update, struct gb_str feed, struct gb_str scope)
{
    gb_feed_state_set_checked(&update->state, gb_manifest_name(update->arena, feed, scope),
                              update->now);
}

// Is there a sound shard of each scope?
static bool have_all(const struct gb_feed_update *update, const struct gb_feed_group *group)
{
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(update->store, &count);
    for (size_t s = 0; s < group->scope_count; s++) {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found |= !entries[i].problem.len && gb_str_is(entries[i].feed, group->job.feed) &&
                     gb_str_eq(entries[i].scope, group->scopes[s]);
        if (!found)
            return false;
    }
    return true;
}

static struct gb_feed_intake_options intake_options(struct gb_feed_update *update,
                                                    const struct gb_feed_group *group)
{
    return (struct gb_feed_intake_options){
        .feed = gb_str_of(group->job.feed),
        .origin = group->job.urls[0],
        .licence = gb_str_of(group->job.licence),
        .now = update->now,
        .scopes = group->job.scope.len ? group->scopes : NULL,
        .scope_count = group->scope_count,
        .left_out = gb_feed_complain,
        .context = &update->complaints,
    };
}

static int finish_intake(struct gb_feed_update *update, const struct gb_feed_group *group,
                         struct gb_feed_intake *intake, struct gb_error *err)
{
    size_t count;
    int code = gb_feed_intake_finish(intake, err);
    if (code)
        return code;
    gb_feed_show_results(intake, update->now, update->arena, &update->out);
    const struct gb_feed_result *results = gb_feed_intake_results(intake, &count);
    for (size_t i = 0; i < count; i++)
        gb_feed_update_checked(update, results[i].feed, results[i].scope);
    if (count == 0)
        return gb_error_set(err, GB_E_NOT_FOUND, "the source says nothing about " GB_PRI,
                            GB_ARG(group->scopes[0]));
    return GB_OK;
}

// --- Incremental: OSV's list of changes ---

struct changes {
    struct gb_arena *arena;
    struct gb_buffer rest; // the beginning of a line
    int64_t since;         // seconds; 0 = the first line only
    int32_t since_nanos;
    struct gb_str newest; // of the first line
    struct gb_str *ids;
    size_t count;
    bool many, done; // more than MOST_CHANGES; nothing older matters
};

static bool is_id(struct gb_str id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!((id.at[i] >= 'a' && id.at[i] <= 'z') || (id.at[i] >= 'A' && id.at[i] <= 'Z') ||
              (id.at[i] >= '0' && id.at[i] <= '9') || strchr(".:_-", id.at[i])))
            return false;
    return id.len > 0 && id.len < 128 && id.at[0] != '.';
}

static int take_line(struct changes *c, struct gb_str line, struct gb_error *err)
{
    struct gb_str id = gb_str_trim(line), when;
    int64_t at;
    int32_t nanos;
    if (!gb_str_next(&id, ',', &when) || gb_time_parse(when, &at, &nanos) < 0)
        return gb_error_set(err, GB_E_SYNTAX, "the list of changes is not understood");
    id = gb_str_from(id, (size_t)(gb_str_rfind_char(id, '/') + 1));
    if (!c->newest.len)
        c->newest = gb_str_copy(c->arena, when);
    c->done = !c->since || at < c->since || (at == c->since && nanos <= c->since_nanos);
    if (c->done)
        return GB_OK;
    if (!is_id(id))
        return gb_error_set(err, GB_E_SYNTAX, "the list of changes names no id");
    if (c->count == MOST_CHANGES)
        c->many = c->done = true;
    else
        c->ids[c->count++] = gb_str_copy(c->arena, id);
    return GB_OK;
}

static int on_changes(void *context, struct gb_str piece, struct gb_error *err)
{
    struct changes *c = context;
    gb_buffer_add(&c->rest, piece);
    struct gb_str text = gb_buffer_str(&c->rest);
    int code = c->rest.failed ? gb_error_set(err, GB_E_LIMIT, "a line too long") : GB_OK;
    ptrdiff_t end;
    while (!code && !c->done && (end = gb_str_find_char(text, '\n')) >= 0) {
        code = take_line(c, gb_str_sub(text, 0, (size_t)end), err);
        text = gb_str_from(text, (size_t)end + 1);
    }
    if (!code && !c->done && text.len < c->rest.len) {
        memmove(c->rest.data, text.at, text.len);
        c->rest.len = text.len;
    }
    // Nothing older is wanted: the transfer ends here.
    return code ? code : c->done ? GB_E_CONFLICT : GB_OK;
}

// What has changed since; GB_E_NOT_FOUND where the source has no such list.
static int get_changes(struct gb_feed_update *update, const struct gb_feed_job *job,
                       struct changes *c, struct gb_error *err)
{
    struct gb_str url = gb_str_format(update->arena, GB_PRI "/" GB_PRI "/modified_id.csv",
                                      GB_ARG(job->base), GB_ARG(job->ecosystem));
    struct gb_http_response answer = {0};
    struct gb_error why = {0};
    if (gb_feed_is_local(url)) {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(INDEX_MAX);
        int code = gb_feed_fetch_text(&update->fetch, url, INDEX_MAX, &text, err);
        if (!code)
            code = on_changes(c, gb_buffer_str(&text), err);
        return c->done ? GB_OK : code;
    }
    struct gb_http_request request = {
        .url = url, .max_bytes = INDEX_MAX, .body = on_changes, .context = c};
    int code = gb_http_get(update->fetch.http, &request, update->arena, &answer, &why);
    if (c->done)
        return GB_OK;
    if (!code && answer.status != 200)
        code =
            gb_error_set(&why, GB_E_NOT_FOUND, "the server answered with status %u", answer.status);
    if (code)
        *err = why;
    return code;
}

static int start_changes(struct gb_feed_update *update, struct gb_str since, struct changes *ret,
                         struct gb_error *err)
{
    *ret = (struct changes){.arena = update->arena, .rest = gb_buffer(INDEX_MAX)};
    ret->ids = gb_alloc_array(update->arena, MOST_CHANGES, sizeof *ret->ids);
    if (!ret->ids)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an update");
    if (since.len && gb_time_parse(since, &ret->since, &ret->since_nanos) < 0)
        return gb_error_set(err, GB_E_NOT_FOUND, "it is not known what is here");
    return GB_OK;
}

static int import_records(struct gb_feed_update *update, const struct gb_feed_group *group,
                          const struct changes *c, struct gb_error *err)
{
    struct gb_feed_intake *intake = NULL;
    struct gb_feed_intake_options options = intake_options(update, group);
    options.merge = true;
    int code = gb_feed_intake_new(update->store, &options, &intake, err);
    for (size_t i = 0; !code && i < c->count; i++) {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(RECORD_MAX);
        struct gb_str name = gb_str_format(update->arena, GB_PRI ".json", GB_ARG(c->ids[i]));
        struct gb_str url =
            gb_str_format(update->arena, GB_PRI "/" GB_PRI "/" GB_PRI, GB_ARG(group->job.base),
                          GB_ARG(group->job.ecosystem), GB_ARG(name));
        struct gb_feed_options how = {.format = gb_str_of(group->job.feed)};
        struct gb_feed_summary summary = {0};
        struct gb_advisory_sink sink = gb_feed_intake_sink(intake);
        code = gb_feed_fetch_text(&update->fetch, url, RECORD_MAX, &text, err);
        if (!code)
            code = gb_feed_import_bytes(name, gb_buffer_str(&text), &how, &sink, &summary, err);
        if (!code && summary.incomplete)
            code = gb_error_set(err, GB_E_SYNTAX, GB_PRI " is not understood", GB_ARG(url));
    }
    size_t count = 0;
    if (!code)
        code = gb_feed_intake_finish(intake, err);
    if (!code) {
        gb_feed_show_results(intake, update->now, update->arena, &update->out);
        gb_feed_intake_results(intake, &count);
        gb_buffer_print(&update->out, "    %zu changed records of " GB_PRI "\n", c->count,
                        GB_ARG(group->scopes[0]));
    }
    gb_feed_intake_free(&intake);
    return code;
}

static void say_unchanged(struct gb_feed_update *update, const struct gb_feed_group *group)
{
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(update->store, &count);
    for (size_t s = 0; s < group->scope_count; s++) {
        int64_t data_at = 0;
        for (size_t i = 0; i < count; i++)
            if (gb_str_is(entries[i].feed, group->job.feed) &&
                gb_str_eq(entries[i].scope, group->scopes[s]))
                data_at = entries[i].data_at;
        struct gb_str title =
            gb_feed_title(update->arena, gb_str_of(group->job.feed), group->scopes[s]);
        gb_buffer_print(&update->out, "%-34.*s unchanged, data " GB_PRI "\n", GB_ARG(title),
                        GB_ARG(gb_feed_age(update->arena, data_at, update->now)));
        gb_feed_update_checked(update, gb_str_of(group->job.feed), group->scopes[s]);
    }
    update->unchanged++;
}

// *done stays false where the whole has to be fetched instead.
static int update_changes(struct gb_feed_update *update, const struct gb_feed_group *group,
                          struct gb_feed_url *known, bool *done, struct gb_error *err)
{
    struct changes c;
    struct gb_error why = {0};
    int code = start_changes(update, known->newest, &c, &why);
    if (!code)
        code = get_changes(update, &group->job, &c, &why);
    gb_buffer_free(&c.rest);
    if (code == GB_E_NOT_FOUND || (!code && (c.many || !c.newest.len)))
        return GB_OK;
    if (code) {
        *err = why;
        return code;
    }
    *done = true;
    if (c.count == 0) {
        say_unchanged(update, group);
        return GB_OK;
    }
    code = import_records(update, group, &c, err);
    if (code)
        return code;
    known->newest = c.newest;
    // The whole is not what was fetched last: its tag no longer stands for what is here.
    known->etag = known->last_modified = GB_STR("");
    gb_feed_update_checked(update, gb_str_of(group->job.feed), group->scopes[0]);
    update->updated++;
    return GB_OK;
}

// --- Whole files ---

static void drop(const struct gb_feed_group *group, struct gb_feed_fetched *files)
{
    for (size_t i = 0; i < group->job.url_count; i++)
        if (files[i].path && !gb_feed_is_local(group->job.urls[i]))
            unlink(files[i].path);
}

static int fetch_all(struct gb_feed_update *update, const struct gb_feed_group *group,
                     bool conditional, struct gb_feed_fetched *files, bool *unchanged,
                     struct gb_error *err)
{
    int code = GB_OK;
    *unchanged = true;
    for (size_t i = 0; !code && i < group->job.url_count; i++) {
        const struct gb_feed_url *known =
            conditional ? gb_feed_state_url(&update->state, group->job.urls[i]) : NULL;
        bool says = known && (known->etag.len || known->last_modified.len);
        code = gb_feed_fetch_file(&update->fetch, group->job.urls[i], says ? known : NULL,
                                  group->job.compressed, &files[i], err);
        *unchanged &= files[i].unchanged;
    }
    // All of them make one shard: where one has changed, all are needed.
    for (size_t i = 0; !code && !*unchanged && i < group->job.url_count; i++)
        if (files[i].unchanged)
            code = gb_feed_fetch_file(&update->fetch, group->job.urls[i], NULL,
                                      group->job.compressed, &files[i], err);
    return code;
}

static int import_files(struct gb_feed_update *update, const struct gb_feed_group *group,
                        const struct gb_feed_fetched *files, struct gb_error *err)
{
    struct gb_feed_intake *intake = NULL;
    struct gb_feed_intake_options options = intake_options(update, group);
    bool incomplete = false;
    for (size_t i = 0; i < group->job.url_count; i++)
        if (files[i].modified_at > options.data_at)
            options.data_at = files[i].modified_at;
    int code = gb_feed_intake_new(update->store, &options, &intake, err);
    for (size_t i = 0; !code && i < group->job.url_count; i++) {
        struct gb_feed_options how = {.scope = group->job.scope};
        struct gb_feed_summary summary = {0};
        struct gb_advisory_sink sink = gb_feed_intake_sink(intake);
        code = gb_feed_import_path(update->host, files[i].path, &how, &sink, &summary, err);
        incomplete |= summary.incomplete;
    }
    if (!code && !update->full)
        gb_feed_intake_expect(intake, incomplete ? EXPECTED_OF_TORN : EXPECTED);
    if (!code)
        code = finish_intake(update, group, intake, err);
    gb_feed_intake_free(&intake);
    return code;
}

int gb_feed_update_group(struct gb_feed_update *update, const struct gb_feed_group *group,
                         struct gb_error *err)
{
    struct gb_feed_fetched files[GB_FEED_MOST_URLS] = {0};
    bool conditional = !update->full && have_all(update, group), unchanged = false, done = false;
    struct gb_feed_url *known = gb_feed_state_url(&update->state, group->job.urls[0]);
    struct gb_str newest = {0};
    int code = known ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory for an update");
    if (!code && conditional && group->job.ecosystem.len && known->newest.len) {
        code = update_changes(update, group, known, &done, err);
        if (code || done)
            return code;
    }
    if (!code && group->job.ecosystem.len) {
        // Before the whole is fetched: what changes meanwhile comes again next time.
        struct changes c;
        struct gb_error why = {0};
        if (!start_changes(update, GB_STR(""), &c, &why) &&
            !get_changes(update, &group->job, &c, &why))
            newest = c.newest;
        gb_buffer_free(&c.rest);
    }
    if (!code)
        code = fetch_all(update, group, conditional, files, &unchanged, err);
    if (!code && unchanged)
        say_unchanged(update, group);
    else if (!code)
        code = import_files(update, group, files, err);
    for (size_t i = 0; !code && !unchanged && i < group->job.url_count; i++) {
        struct gb_feed_url *url = gb_feed_state_url(&update->state, group->job.urls[i]);
        if (url) {
            url->etag = files[i].etag;
            url->last_modified = files[i].last_modified;
            url->newest = newest;
            url->checked_at = update->now;
        }
    }
    drop(group, files);
    update->updated += !code && !unchanged;
    return code;
}
