// gabion feed status and export: what advisory data is here, how old, signed by whom; and copies of
// it for other machines.
#include "base/json.h"
#include "base/printable.h"
#include "base/time.h"
#include "cli/feed.h"
#include "cli/history.h"

enum { LARGEST_TEXT = 4 << 20 };

struct status {
    const struct gb_invocation *invocation;
    struct gb_feed_store *store;
    const struct gb_feed_entry *entries;
    size_t count, problems, stale;
    int64_t now, oldest; // data from before is stale
};

static bool is_stale(const struct status *status, const struct gb_feed_entry *entry)
{
    // Life cycles do not age as flaws do. Old data of which there is nothing newer is not stale.
    return entry->content != GB_SHARD_LIFECYCLES && entry->data_at < status->oldest &&
           entry->checked_at < status->oldest;
}

static void write_time(struct gb_json_writer *w, const char *key, int64_t at)
{
    char text[GB_TIME_SIZE];
    gb_json_key(w, key);
    if (at)
        gb_json_string(w, (struct gb_str){text, gb_time_text(at, 0, text)});
    else
        gb_json_null(w);
}

static int write_json(void *context, const struct gb_look *look, struct gb_buffer *out,
                      struct gb_error *err)
{
    static const char *const contents[] = {"advisories", "exploits", "lifecycles"};
    (void)look;
    (void)err;
    const struct status *status = context;
    struct gb_json_writer w = gb_json_writer(out, 2);
    gb_json_object_begin(&w);
    gb_json_field_text(&w, "folder", gb_feed_store_folder(status->store));
    gb_json_key(&w, "shards");
    gb_json_list_begin(&w);
    for (size_t i = 0; i < status->count; i++) {
        const struct gb_feed_entry *entry = &status->entries[i];
        gb_json_object_begin(&w);
        gb_json_field_str(&w, "name", entry->name);
        gb_json_field_str(&w, "feed", entry->feed);
        gb_json_field_str(&w, "scope", entry->scope);
        gb_json_field_text(&w, "content", contents[entry->content]);
        gb_json_field_int(&w, "rows", (int64_t)entry->rows);
        write_time(&w, "data_at", entry->data_at);
        write_time(&w, "built_at", entry->built_at);
        write_time(&w, "checked_at", entry->checked_at);
        gb_json_field_bool(&w, "stale", is_stale(status, entry));
        gb_json_field_int(&w, "bytes", (int64_t)entry->shard.bytes);
        gb_json_field_int(&w, "text_bytes", (int64_t)entry->texts.bytes);
        gb_json_field_str(&w, "origin", entry->origin);
        gb_json_field_str(&w, "licence", entry->licence);
        gb_json_field_str(&w, "signer", entry->signer);
        gb_json_key(&w, "problem");
        if (entry->problem.len)
            gb_json_string(&w, entry->problem);
        else
            gb_json_null(&w);
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
    gb_json_object_end(&w);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

static void write_row(const struct status *status, const struct gb_feed_entry *entry,
                      const struct gb_look *look, struct gb_buffer *out)
{
    struct gb_arena *arena = status->invocation->arena;
    bool nameless = !entry->feed.len;
    struct gb_str title = nameless ? gb_printable(arena, entry->name)
                                   : gb_feed_title(arena, entry->feed, entry->scope);
    gb_buffer_print(out, "%-34.*s %8llu rows  %7.1f MiB  ", GB_ARG(title),
                    (unsigned long long)entry->rows,
                    (double)(entry->shard.bytes + entry->texts.bytes) / (1 << 20));
    gb_look_add(out, look, is_stale(status, entry) ? GB_TINT_YELLOW : GB_TINT_NONE,
                gb_feed_age(arena, entry->data_at, status->now));
    if (entry->checked_at)
        gb_buffer_print(out, " (checked " GB_PRI ")",
                        GB_ARG(gb_feed_passed(arena, entry->checked_at, status->now)));
    if (entry->signer.len)
        gb_buffer_print(out, "  signed by " GB_PRI, GB_ARG(gb_printable(arena, entry->signer)));
    gb_buffer_char(out, '\n');
    if (entry->problem.len) {
        gb_buffer_text(out, "    ");
        gb_look_add(
            out, look, GB_TINT_RED,
            gb_str_format(arena, "not used: " GB_PRI, GB_ARG(gb_printable(arena, entry->problem))));
        gb_buffer_char(out, '\n');
    }
}

static int write_terminal(void *context, const struct gb_look *look, struct gb_buffer *out,
                          struct gb_error *err)
{
    (void)err;
    const struct status *status = context;
    const char *folder = gb_feed_store_folder(status->store);
    if (status->count == 0) {
        gb_buffer_print(out,
                        "no advisory data in %s\n"
                        "gabion feed update fetches what this machine needs, gabion feed import "
                        "FILE reads what you have\n",
                        folder);
        return GB_OK;
    }
    for (size_t i = 0; i < status->count; i++)
        write_row(status, &status->entries[i], look, out);
    gb_buffer_print(out, "%zu shards in %s", status->count, folder);
    if (status->problems)
        gb_buffer_print(out, ", %zu not used", status->problems);
    if (status->stale)
        gb_buffer_print(out, ", %zu older than --max-age", status->stale);
    gb_buffer_char(out, '\n');
    return GB_OK;
}

static const struct gb_form forms[] = {
    {"terminal", write_terminal}, {"json", write_json}, {NULL, NULL}};

static int run_status(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    struct gb_error err = {0};
    struct status status = {.invocation = invocation, .now = gb_feed_cli_now()};
    struct gb_str age = gb_option_value(invocation, "max-age");
    int code =
        gb_history_parse_since(age.at ? age : GB_STR("7d"), status.now, &status.oldest, &err);
    if (code)
        return gb_say_error(&err);
    code = gb_feed_cli_open(invocation, NULL, false, &status.store, &err);
    if (!code)
        code = gb_feed_store_verify(status.store, &err);
    if (!code) {
        status.entries = gb_feed_store_entries(status.store, &status.count);
        for (size_t i = 0; i < status.count; i++) {
            status.problems += status.entries[i].problem.len > 0;
            status.stale += is_stale(&status, &status.entries[i]);
        }
        code = gb_output_write(invocation, forms, &status, LARGEST_TEXT, &err);
    }
    gb_feed_store_close(&status.store);
    if (code)
        return gb_say_error(&err);
    return status.count == 0 || status.problems || status.stale ? GB_EXIT_INCOMPLETE : GB_EXIT_OK;
}

static int run_export(const struct gb_program *program, struct gb_invocation *invocation)
{
    (void)program;
    struct gb_error err = {0};
    GB_CLEANUP(gb_feed_store_close) struct gb_feed_store *store = NULL;
    if (invocation->operand_count != 1) {
        gb_error_set(&err, GB_E_USAGE, "feed export needs one folder");
        return gb_say_error(&err);
    }
    const char *folder = gb_str_c(invocation->arena, invocation->operands[0]);
    size_t exported = 0, count = 0, problems = 0;
    int code = gb_feed_cli_open(invocation, NULL, false, &store, &err);
    if (!code)
        code = gb_feed_store_export(store, folder, &exported, &err);
    if (!code) {
        const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
        for (size_t i = 0; i < count; i++)
            if (entries[i].problem.len) {
                problems++;
                gb_say(GB_PRI " is not exported: " GB_PRI, GB_ARG(entries[i].name),
                       GB_ARG(gb_printable(invocation->arena, entries[i].problem)));
            }
        code =
            gb_output_stdout(gb_str_format(invocation->arena,
                                           "%zu shards exported to %s\n"
                                           "there: gabion feed import %s --trust %s/signer.pub\n",
                                           exported, folder, folder, folder),
                             &err);
    }
    if (code)
        return gb_say_error(&err);
    return problems || !exported ? GB_EXIT_INCOMPLETE : GB_EXIT_OK;
}

static const struct gb_option status_options[] = {
    GB_OPTIONS_FEED_FOLDER,
    {.name = "max-age", .argument = "AGE", .help = "older data is stale (7d, 24h; default 7d)"},
    {.name = "output",
     .letter = 'o',
     .argument = "FORMAT[=FILE]",
     .repeatable = true,
     .help = "terminal or json"},
    {.name = NULL}};
static const char *const status_examples[] = {"gabion feed status",
                                              "gabion feed status --max-age 24h -o json", NULL};

const struct gb_command gb_command_feed_status = {
    .name = "feed status",
    .summary = "Say which advisory data is here, how old it is and who signed it",
    .operands = "",
    .examples = status_examples,
    .help = "Each shard (one feed for one release or ecosystem) is read and checked as a whole.\n"
            "Exit code 4 when there is none, when one is not used (not signed by a trusted key,\n"
            "damaged) or when one is older than --max-age.\n",
    .options = status_options,
    .run = run_status,
};

static const struct gb_option export_options[] = {GB_OPTIONS_FEED_FOLDER, {.name = NULL}};
static const char *const export_examples[] = {"gabion feed export /media/usb/feeds",
                                              "gabion feed export /srv/www/feeds", NULL};

const struct gb_command gb_command_feed_export = {
    .name = "feed export",
    .summary = "Copy the signed advisory data to a folder, for machines without a network",
    .operands = "DIR",
    .examples = export_examples,
    .help = "The folder holds the shards with their signatures and signer.pub, the key of this\n"
            "machine. Another machine takes it with feed import DIR --trust DIR/signer.pub, or,\n"
            "when the folder is served, with feed update --from URL. To trust the key for good,\n"
            "copy it to /etc/gabion/feed-keys/ there, by a way that you trust.\n",
    .options = export_options,
    .run = run_export,
};
