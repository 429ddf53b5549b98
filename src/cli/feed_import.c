// gabion feed import: advisory data that is here already, as files, becomes signed shards.
#include "base/time.h"
#include "cli/feed.h"
#include "source/feed/feed.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { LARGEST_TEXT = 4 << 20, ARENA_BYTES = 16 << 20 };

struct import {
    const struct gb_invocation *invocation;
    struct gb_host *host;
    struct gb_feed_store *store;
    struct gb_feed_intake *intake;
    struct gb_feed_complaints complaints;
    struct gb_feed_summary summary;
    struct gb_feed_taken taken;
    struct gb_buffer out;
    struct gb_progress progress;
    bool incomplete;
};

// An exported folder holds manifests.
static bool is_exported(const char *path)
{
    char manifests[PATH_MAX];
    struct stat st;
    int len = snprintf(manifests, sizeof manifests, "%s/MANIFESTS", path);
    return len > 0 && (size_t)len < sizeof manifests && stat(manifests, &st) == 0;
}

static void on_progress(void *context, struct gb_str member, uint64_t bytes)
{
    struct import *import = context;
    (void)member;
    gb_progress_show(&import->progress, "importing (MiB)", bytes >> 20, 0);
}

static int start_intake(struct import *import, struct gb_error *err)
{
    const struct gb_invocation *invocation = import->invocation;
    struct gb_feed_intake_options options = {
        .feed = gb_option_value(invocation, "feed"),
        .origin =
            invocation->operand_count == 1
                ? invocation->operands[0]
                : gb_str_format(invocation->arena, GB_PRI " and %zu more",
                                GB_ARG(invocation->operands[0]), invocation->operand_count - 1),
        .licence = gb_option_value(invocation, "licence"),
        .now = gb_feed_cli_now(),
        .merge = gb_option_is_set(invocation, "merge"),
        .left_out = gb_feed_complain,
        .context = &import->complaints,
    };
    return gb_feed_intake_new(import->store, &options, &import->intake, err);
}

static int import_files(struct import *import, const char *path, struct gb_error *err)
{
    const struct gb_invocation *invocation = import->invocation;
    struct gb_feed_options options = {
        .format = gb_option_value(invocation, "format"),
        .scope = gb_option_value(invocation, "scope"),
        .progress = on_progress,
        .progress_context = import,
    };
    struct gb_feed_summary summary = {0};
    int code = import->intake ? GB_OK : start_intake(import, err);
    if (code)
        return code;
    struct gb_advisory_sink sink = gb_feed_intake_sink(import->intake);
    code = gb_feed_import_path(import->host, path, &options, &sink, &summary, err);
    import->summary.bytes += summary.bytes;
    import->summary.documents += summary.documents;
    import->summary.left_out += summary.left_out;
    import->incomplete |= summary.incomplete;
    return code;
}

static int import_one(struct import *import, struct gb_str operand, struct gb_error *err)
{
    char absolute[PATH_MAX];
    char *path = gb_str_c(import->invocation->arena, operand);
    if (!path || !realpath(path, absolute))
        return gb_error_at(err, GB_E_NOT_FOUND, path ? path : "", 0, 0,
                           "there is no such file or folder");
    if (!is_exported(absolute))
        return import_files(import, absolute, err);
    int code = gb_feed_adopt_folder(import->invocation, import->store, absolute, &import->out,
                                    &import->taken, err);
    import->incomplete |= import->taken.refused > 0;
    return code ? code : gb_feed_store_sweep(import->store, err);
}

static void show_totals(struct import *import)
{
    size_t shards = 0;
    struct gb_arena *arena = import->invocation->arena;
    if (import->intake) {
        gb_feed_show_results(import->intake, gb_feed_cli_now(), arena, &import->out);
        gb_feed_intake_results(import->intake, &shards);
        gb_buffer_print(&import->out, "%zu shards of %llu documents (%.1f MiB)", shards,
                        (unsigned long long)import->summary.documents,
                        (double)import->summary.bytes / (1 << 20));
        if (import->summary.left_out)
            gb_buffer_print(&import->out, ", %llu entries left out",
                            (unsigned long long)import->summary.left_out);
        gb_buffer_char(&import->out, '\n');
    }
}

static int import_all(struct import *import, struct gb_error *err)
{
    const struct gb_invocation *invocation = import->invocation;
    struct gb_host_options live = {.kernel = GB_KERNEL_LIVE};
    import->complaints.arena = gb_arena_new("complaints", ARENA_BYTES);
    if (!import->complaints.arena)
        return gb_error_set(err, GB_E_MEMORY, "no memory to import");
    int code = gb_host_open(&live, &import->host, err);
    if (!code)
        code = gb_feed_cli_open(invocation, NULL, true, &import->store, err);
    if (!code)
        code = gb_feed_store_lock(import->store, err);
    if (!code)
        code = gb_feed_store_verify(import->store, err);
    for (size_t i = 0; !code && i < invocation->operand_count; i++)
        code = import_one(import, invocation->operands[i], err);
    gb_progress_end(&import->progress);
    if (!code && import->intake)
        code = gb_feed_intake_finish(import->intake, err);
    gb_feed_complaints_end(&import->complaints);
    if (!code)
        show_totals(import);
    if (!code)
        code = gb_output_stdout(gb_buffer_str(&import->out), err);
    return code;
}

// Readers of zip turn the time of each entry into UTC. Without TZ the C library looks each time
// whether /etc/localtime, the default, is another file; with TZ it does so once.
static void settle_time_zone(void)
{
    (void)setenv("TZ", ":/etc/localtime", 0);
}

static int run_import(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    settle_time_zone();
    struct gb_error err = {0};
    struct import import = {.invocation = invocation,
                            .out = gb_buffer(LARGEST_TEXT),
                            .progress = gb_progress_start(invocation)};
    int code = GB_OK;
    if (invocation->operand_count == 0)
        code = gb_error_set(&err, GB_E_USAGE, "feed import needs files or folders");
    if (!code)
        code = import_all(&import, &err);
    gb_feed_intake_free(&import.intake);
    gb_feed_store_close(&import.store);
    gb_host_close(&import.host);
    gb_arena_free(&import.complaints.arena);
    gb_buffer_free(&import.out);
    if (code)
        return gb_say_error(&err);
    return import.incomplete ? GB_EXIT_INCOMPLETE : GB_EXIT_OK;
}

static const struct gb_option options[] = {
    GB_OPTIONS_FEED_FOLDER,
    {.name = "feed", .argument = "NAME", .help = "name of the feed, instead of its format's"},
    {.name = "format",
     .argument = "NAME",
     .help = "format of the data, where it is not recognised"},
    {.name = "scope",
     .argument = "SCOPE",
     .help = "what data is about that does not say so itself (debian-12)"},
    {.name = "licence", .argument = "TEXT", .help = "of the data, to be kept with it"},
    {.name = "merge", .help = "change what is there instead of replacing it"},
    {.name = NULL}};
static const char *const examples[] = {
    "gabion feed import all.zip",
    "gabion feed import /media/usb/feeds --trust /media/usb/feeds/signer.pub",
    "gabion feed import main.json community.json --feed alpine", NULL};

const struct gb_command gb_command_feed_import = {
    .name = "feed import",
    .summary = "Import advisory data from files, without a network",
    .operands = "FILE|DIR...",
    .examples = examples,
    .help = "Formats are recognised by content: OSV (zip, directory, file), the Debian security\n"
            "tracker's JSON and its export for debsecan, Alpine's secdb, CSAF, OpenVEX, KEV,\n"
            "EPSS, SSVC, end-of-life tables; plain or compressed, alone or in archives. Each feed\n"
            "and release becomes one shard, which is signed with this machine's key and replaces\n"
            "what was there. A folder made by feed export is taken over with its signatures. If\n"
            "the import fails, the old data stays.\n"
            "\n"
            "Exit code 4 when something was left out or refused; all else was imported.\n",
    .options = options,
    .run = run_import,
};
