// gabion feed update: fetches the advisory data that this machine needs, as far as it has changed.
#include "cli/feed_update.h"

#include "area/vulnerability/scope.h"
#include "cli/assessment.h"
#include "store/feed/files.h"

#include <limits.h>
#include <stdlib.h>

enum { LARGEST_TEXT = 4 << 20, ARENA_BYTES = 64 << 20, MOST_SCOPES = 256 };

struct scopes {
    struct gb_arena *arena;
    struct gb_str items[MOST_SCOPES];
    size_t count;
};

static void add_scope(struct scopes *scopes, struct gb_str scope)
{
    for (size_t i = 0; i < scopes->count; i++)
        if (gb_str_eq(scopes->items[i], scope))
            return;
    if (scope.len && scopes->count < MOST_SCOPES)
        scopes->items[scopes->count++] = gb_str_copy(scopes->arena, scope);
}

// --- What this machine needs ---

static int list_machine(const struct gb_program *program, const struct gb_invocation *invocation,
                        struct scopes *scopes, struct gb_error *err)
{
    struct gb_assessment *assessment = NULL;
    int code = gb_assessment_open(program, invocation, &assessment, err);
    if (!code) {
        assessment->no_vulnerabilities = true;
        code = gb_assessment_load(assessment, err);
    }
    if (!code)
        code = gb_assessment_collect(assessment, err);
    if (!code) {
        const struct gb_collection *all = assessment->collection;
        const struct gb_kind_state *state = gb_collection_kind(all, GB_STR("language_package"));
        struct gb_os_scope os = gb_os_scope_of(all, scopes->arena);
        if (!os.scope.len)
            gb_say("the release of this system is not known: " GB_PRI, GB_ARG(os.remark));
        add_scope(scopes, os.scope);
        for (size_t i = 0; i < state->count; i++)
            add_scope(scopes, gb_str_lower(scopes->arena,
                                           gb_value_str_or(gb_map_find(state->resources[i]->props,
                                                                       GB_STR("ecosystem")),
                                                           GB_STR(""))));
    }
    gb_assessment_close(&assessment);
    return code;
}

static void list_present(const struct gb_feed_store *store, struct scopes *scopes)
{
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
    for (size_t i = 0; i < count; i++)
        if (entries[i].content == GB_SHARD_ADVISORIES &&
            (gb_str_is(entries[i].feed, "osv") || gb_str_is(entries[i].feed, "secdb") ||
             gb_str_is(entries[i].feed, "debian-tracker")))
            add_scope(scopes, entries[i].scope);
}

static int list_scopes(const struct gb_program *program, struct gb_feed_update *update,
                       struct scopes *scopes, struct gb_error *err)
{
    struct gb_str *given;
    size_t count = gb_option_values(update->invocation, "scope", &given);
    for (size_t i = 0; i < count; i++)
        add_scope(scopes, given[i]);
    if (count)
        return GB_OK;
    int code = list_machine(program, update->invocation, scopes, err);
    list_present(update->store, scopes);
    add_scope(scopes, GB_STR("kev"));
    add_scope(scopes, GB_STR("epss"));
    return code;
}

// --- Groups ---

static void say_failure(struct gb_feed_update *update, const struct gb_feed_group *group,
                        const struct gb_error *why)
{
    char text[1024];
    gb_error_text(why, text, sizeof text);
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(update->store, &count);
    for (size_t s = 0; s < group->scope_count; s++) {
        struct gb_str stays = GB_STR("there was nothing before");
        for (size_t i = 0; i < count; i++)
            if (gb_str_is(entries[i].feed, group->job.feed) &&
                gb_str_eq(entries[i].scope, group->scopes[s]))
                stays = gb_str_format(
                    update->arena, "what is here stays, " GB_PRI,
                    GB_ARG(gb_feed_age(update->arena, entries[i].data_at, update->now)));
        gb_say(GB_PRI " not updated (" GB_PRI "): %s",
               GB_ARG(gb_feed_title(update->arena, gb_str_of(group->job.feed), group->scopes[s])),
               GB_ARG(stays), text);
    }
}

// Scopes whose data lies in the same files are fetched together.
static int make_groups(struct gb_feed_update *update, const struct scopes *scopes,
                       struct gb_feed_group *groups, size_t *count, struct gb_error *err)
{
    struct gb_str *mirrors;
    size_t mirror_count = gb_option_values(update->invocation, "source", &mirrors);
    for (size_t i = 0; i < scopes->count; i++) {
        struct gb_feed_job job;
        struct gb_error why = {0};
        if (gb_feed_job_of(scopes->items[i], mirrors, mirror_count, update->arena, &job, &why)) {
            gb_say("%s", why.reason);
            update->failed++;
            continue;
        }
        size_t g = 0;
        while (g < *count && !gb_str_eq(groups[g].job.urls[0], job.urls[0]))
            g++;
        struct gb_feed_group *group = &groups[g];
        if (g == *count) {
            *group = (struct gb_feed_group){.job = job};
            group->scopes = gb_alloc_array(update->arena, scopes->count, sizeof *group->scopes);
            if (!group->scopes)
                return gb_error_set(err, GB_E_MEMORY, "no memory for an update");
            ++*count;
        }
        group->scopes[group->scope_count++] = job.scope;
    }
    return GB_OK;
}

static int update_sources(const struct gb_program *program, struct gb_feed_update *update,
                          struct gb_error *err)
{
    struct scopes scopes = {.arena = update->arena};
    struct gb_feed_group *groups = gb_alloc_array(update->arena, MOST_SCOPES, sizeof *groups);
    size_t count = 0;
    if (!groups)
        return gb_error_set(err, GB_E_MEMORY, "no memory for an update");
    int code = list_scopes(program, update, &scopes, err);
    if (!code)
        code = make_groups(update, &scopes, groups, &count, err);
    for (size_t i = 0; !code && i < count; i++) {
        struct gb_error why = {0};
        if (gb_feed_update_group(update, &groups[i], &why)) {
            gb_progress_end(&update->progress);
            say_failure(update, &groups[i], &why);
            update->failed++;
        }
        // After each, so that what was done is known whatever comes next.
        code = gb_feed_state_save(&update->state, update->store, err);
    }
    return code;
}

// --- The command ---

static const char *c_option(const struct gb_invocation *invocation, const char *name)
{
    struct gb_str value = gb_option_value(invocation, name);
    return value.at ? gb_str_c(invocation->arena, value) : NULL;
}

static int open_all(struct gb_feed_update *update, struct gb_error *err)
{
    static char folder[GB_FEED_PATH_MAX], absolute[PATH_MAX];
    const struct gb_invocation *invocation = update->invocation;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    struct gb_http_options http = {.ca_file = c_option(invocation, "ca-file"),
                                   .proxy = c_option(invocation, "proxy")};
    struct gb_str *mirrors;
    size_t mirror_count = gb_option_values(invocation, "source", &mirrors);
    int code = gb_feed_check_mirrors(mirrors, mirror_count, err);
    if (!code)
        code = gb_host_open(&live, &update->host, err);
    if (!code)
        code = gb_feed_cli_open(invocation, NULL, true, &update->store, err);
    if (!code)
        code = gb_feed_store_lock(update->store, err);
    if (!code) // what is damaged is fetched anew
        code = gb_feed_store_verify(update->store, err);
    if (!code && !realpath(gb_feed_store_folder(update->store), absolute))
        code = gb_error_set(err, GB_E_NOT_FOUND, "the feed folder is gone");
    if (!code)
        code = gb_feed_path(folder, absolute, GB_STR("download"), err);
    if (!code)
        code = gb_feed_make_folder(folder, 0700, err);
    if (!code)
        code = gb_http_open(&http, &update->fetch.http, err);
    update->fetch.folder = folder;
    update->fetch.arena = update->arena;
    update->fetch.progress = &update->progress;
    update->fetch.max_bytes = GB_FEED_DOWNLOAD_MAX;
    if (!code)
        update->state = gb_feed_state_load(update->store, update->arena);
    return code;
}

static int run_all(const struct gb_program *program, struct gb_feed_update *update,
                   struct gb_error *err)
{
    struct gb_str *from;
    size_t from_count = gb_option_values(update->invocation, "from", &from);
    update->arena = gb_arena_new("update", ARENA_BYTES);
    update->complaints.arena = update->arena;
    int code = update->arena ? open_all(update, err) : gb_error_set(err, GB_E_MEMORY, "no memory");
    if (!code && !from_count)
        code = update_sources(program, update, err);
    for (size_t i = 0; !code && i < from_count; i++)
        code = gb_feed_update_from(update, from[i], err);
    gb_progress_end(&update->progress);
    if (!code)
        code = gb_feed_store_sweep(update->store, err);
    if (update->arena)
        gb_feed_complaints_end(&update->complaints);
    if (!code)
        code = gb_output_stdout(gb_buffer_str(&update->out), err);
    return code;
}

static int list_sources(const struct gb_invocation *invocation, struct gb_error *err)
{
    GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(LARGEST_TEXT);
    (void)invocation;
    for (const struct gb_feed_source *s = gb_feed_sources; s->name; s++)
        gb_buffer_print(&out, "%-16s %s\n%-16s %s; %s\n", s->name, s->base, "", s->covers,
                        s->licence);
    return gb_output_stdout(gb_buffer_str(&out), err);
}

static int run_update(const struct gb_program *program, struct gb_invocation *invocation)
{
    struct gb_error err = {0};
    struct gb_feed_update update = {
        .invocation = invocation,
        .out = gb_buffer(LARGEST_TEXT),
        .progress = gb_progress_start(invocation),
        .now = gb_feed_cli_now(),
        .full = gb_option_is_set(invocation, "full"),
    };
    int code = gb_option_is_set(invocation, "list") ? list_sources(invocation, &err)
                                                    : run_all(program, &update, &err);
    gb_http_close(&update.fetch.http);
    gb_feed_store_close(&update.store);
    gb_host_close(&update.host);
    gb_arena_free(&update.arena);
    gb_buffer_free(&update.out);
    if (code)
        return gb_say_error(&err);
    if (!update.failed && !update.complaints.count)
        return GB_EXIT_OK;
    return update.updated + update.unchanged ? GB_EXIT_INCOMPLETE : GB_EXIT_ERROR;
}

static const struct gb_option options[] = {
    GB_OPTIONS_FEED_FOLDER,
    {.name = "scope",
     .argument = "SCOPE",
     .repeatable = true,
     .help = "only this release or ecosystem (debian-12, go, kev, epss); repeatable"},
    {.name = "source",
     .argument = "NAME=URL",
     .repeatable = true,
     .help = "fetch a source's files from this mirror (http, https, file)"},
    {.name = "from",
     .argument = "URL|DIR",
     .repeatable = true,
     .help = "take the signed data that another machine exported, instead"},
    {.name = "full", .help = "fetch everything, as if nothing were here"},
    {.name = "list", .help = "list the sources with their addresses and licences"},
    {.name = "ca-file", .argument = "FILE", .help = "certificate authorities, not the system's"},
    {.name = "proxy", .argument = "URL", .help = "proxy, instead of https_proxy and http_proxy"},
    {.name = NULL}};
static const char *const examples[] = {
    "gabion feed update", "gabion feed update --scope debian-12 --scope kev",
    "gabion feed update --from https://feeds.example.org/gabion",
    "gabion feed update --source osv=https://mirror.example.org/osv", NULL};

const struct gb_command gb_command_feed_update = {
    .name = "feed update",
    .summary = "Fetch the advisory data that this machine needs, as far as it has changed",
    .operands = "",
    .examples = examples,
    .help = "Without --scope: the release of this system, the ecosystems of languages that are\n"
            "found on it, what is here already, and what is known of exploitation (KEV, EPSS).\n"
            "Requests are conditional, downloads that broke off are continued, and of OSV only\n"
            "the records that changed are fetched. What cannot be fetched leaves the old data in\n"
            "place and says how old it is: exit code 4, or 1 when nothing could be fetched.\n"
            "\n"
            "Mirrors can stand in the configuration file: \"feed update\": {source:\n"
            "[\"osv=https://mirror.example.org/osv\"]}.\n",
    .options = options,
    .run = run_update,
};
