// What the commands of `gabion feed` share.
#include "cli/feed.h"

#include "base/printable.h"
#include "base/time.h"

#include <time.h>

enum { MOST_COMPLAINTS = 20 };

int gb_feed_cli_open(const struct gb_invocation *invocation, const char *path, bool writing,
                     struct gb_feed_store **ret, struct gb_error *err)
{
    static char usual[4096];
    struct gb_arena *arena = invocation->arena;
    struct gb_str given = gb_option_value(invocation, "feeds"), *trust;
    size_t count = gb_option_values(invocation, "trust", &trust);
    const char **files = gb_alloc_array(arena, count, sizeof *files);
    for (size_t i = 0; files && i < count; i++)
        files[i] = gb_str_c(arena, trust[i]);
    if (!path && given.at)
        path = gb_str_c(arena, given);
    if (!path) {
        int code = gb_feed_store_path(writing, usual, sizeof usual, err);
        if (code)
            return code;
        path = usual;
    }
    if (!files || gb_arena_failed(arena))
        return gb_error_set(err, GB_E_MEMORY, "no memory");
    struct gb_feed_store_options options = {.path = path, .trust = files, .trust_count = count};
    return gb_feed_store_open(&options, ret, err);
}

int64_t gb_feed_cli_now(void)
{
    return (int64_t)time(NULL);
}

static struct gb_str span(struct gb_arena *arena, int64_t seconds, const char *behind)
{
    if (seconds < 2 * 3600)
        return gb_str_format(arena, "%lld min %s", (long long)(seconds / 60), behind);
    if (seconds < 2 * GB_DAY)
        return gb_str_format(arena, "%lld h %s", (long long)(seconds / 3600), behind);
    return gb_str_format(arena, "%lld days %s", (long long)(seconds / GB_DAY), behind);
}

struct gb_str gb_feed_age(struct gb_arena *arena, int64_t data_at, int64_t now)
{
    if (!data_at)
        return GB_STR("of unknown age");
    return data_at > now ? GB_STR("from the future (is the clock right?)")
                         : span(arena, now - data_at, "old");
}

struct gb_str gb_feed_passed(struct gb_arena *arena, int64_t at, int64_t now)
{
    return at > now ? GB_STR("in the future") : span(arena, now - at, "ago");
}

struct gb_str gb_feed_title(struct gb_arena *arena, struct gb_str feed, struct gb_str scope)
{
    struct gb_str title =
        gb_str_format(arena, GB_PRI "%s" GB_PRI, GB_ARG(feed), scope.len ? " " : "", GB_ARG(scope));
    return gb_printable(arena, title);
}

void gb_feed_complain(void *context, struct gb_str why)
{
    struct gb_feed_complaints *complaints = context;
    struct gb_mark mark = gb_arena_mark(complaints->arena);
    if (complaints->count++ < MOST_COMPLAINTS)
        gb_say("left out: " GB_PRI, GB_ARG(gb_printable(complaints->arena, why)));
    gb_arena_reset(complaints->arena, mark);
}

void gb_feed_complaints_end(const struct gb_feed_complaints *complaints)
{
    if (complaints->count > MOST_COMPLAINTS)
        gb_say("left out: %zu more", complaints->count - MOST_COMPLAINTS);
}

void gb_feed_show_results(const struct gb_feed_intake *intake, int64_t now, struct gb_arena *arena,
                          struct gb_buffer *out)
{
    size_t count;
    const struct gb_feed_result *results = gb_feed_intake_results(intake, &count);
    for (size_t i = 0; i < count; i++) {
        const struct gb_feed_result *r = &results[i];
        struct gb_str title = gb_feed_title(arena, r->feed, r->scope);
        gb_buffer_print(out, "%-34.*s %8llu rows, data " GB_PRI, GB_ARG(title),
                        (unsigned long long)r->rows, GB_ARG(gb_feed_age(arena, r->data_at, now)));
        if (!r->is_new)
            gb_buffer_print(out, " (%llu rows before)", (unsigned long long)r->rows_before);
        gb_buffer_char(out, '\n');
        if (r->data_at_before > r->data_at && r->data_at)
            gb_say(GB_PRI ": what was there before was newer", GB_ARG(title));
    }
}

bool gb_feed_have(const struct gb_feed_store *store, const struct gb_feed_entry *offered,
                  bool *newer)
{
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(store, &count);
    *newer = false;
    for (size_t i = 0; i < count; i++) {
        if (!gb_str_eq(entries[i].name, offered->name) || entries[i].problem.len)
            continue;
        *newer = entries[i].data_at > offered->data_at && offered->data_at;
        return *newer || gb_str_eq(entries[i].shard.sha256, offered->shard.sha256);
    }
    return false;
}

int gb_feed_adopt_folder(const struct gb_invocation *invocation, struct gb_feed_store *store,
                         const char *folder, struct gb_buffer *out, struct gb_feed_taken *ret,
                         struct gb_error *err)
{
    struct gb_arena *arena = invocation->arena;
    GB_CLEANUP(gb_feed_store_close) struct gb_feed_store *from = NULL;
    int code = gb_feed_cli_open(invocation, folder, false, &from, err);
    if (code)
        return code;
    size_t count;
    const struct gb_feed_entry *entries = gb_feed_store_entries(from, &count);
    for (size_t i = 0; i < count; i++) {
        struct gb_str title = gb_feed_title(arena, entries[i].feed, entries[i].scope);
        struct gb_error why = {0};
        bool newer;
        if (gb_feed_have(store, &entries[i], &newer)) {
            gb_buffer_print(out, "%-34.*s kept: %s\n", GB_ARG(title),
                            newer ? "what is here is newer" : "it is here already");
            ret->kept++;
        } else if (gb_feed_store_adopt(store, from, &entries[i], &why)) {
            gb_say("%s: " GB_PRI " refused: %s", folder,
                   GB_ARG(gb_printable(arena, entries[i].name)), why.reason);
            ret->refused++;
        } else {
            gb_buffer_print(out, "%-34.*s %8llu rows, data " GB_PRI ", signed by " GB_PRI "\n",
                            GB_ARG(title), (unsigned long long)entries[i].rows,
                            GB_ARG(gb_feed_age(arena, entries[i].data_at, gb_feed_cli_now())),
                            GB_ARG(gb_printable(arena, entries[i].signer)));
            ret->taken++;
        }
    }
    return GB_OK;
}
