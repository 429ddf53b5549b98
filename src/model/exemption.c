// Exemptions: reading their documents and finding the one in force; used by the posture area and
// the command line.
#include "model/exemption.h"

#include "base/time.h"

enum { LONGEST_DAYS = 366 };

struct reading {
    const char *file;
    struct gb_arena *arena;
    int64_t now;
    struct gb_error *err;
};

// A pattern must name something: "*" alone would hide findings that nobody has seen yet.
static bool names_something(struct gb_str pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (!strchr("*?[]-!^", pattern.at[i]))
            return true;
    return false;
}

static int read_control(const struct reading *r, const struct gb_node *node,
                        struct gb_exemption *item)
{
    int code = gb_node_text(node, "control", true, &item->control, r->file, r->err);
    if (code)
        return code;
    if (names_something(item->control))
        return GB_OK;
    const struct gb_node *found = gb_node_get(node, "control");
    return gb_error_at(r->err, GB_E_TYPE, r->file, found->line, found->column,
                       "\"control\": \"" GB_PRI "\" covers every control: name one, or an area as "
                       "in GBN-SSH-*",
                       GB_ARG(item->control));
}

static int read_match(const struct reading *r, const struct gb_node *node,
                      struct gb_exemption *item)
{
    static const char *const known[] = {"subject", "host"};
    const struct gb_node *match = NULL;
    int code = gb_node_field(node, "match", false, GB_NODE_MAP, &match, r->file, r->err);
    if (code || !match)
        return code;
    code = gb_node_known_keys(match, known, sizeof known / sizeof *known, r->file, r->err);
    if (!code)
        code = gb_node_text(match, "subject", false, &item->subject, r->file, r->err);
    if (!code)
        code = gb_node_text(match, "host", false, &item->host, r->file, r->err);
    return code;
}

static int read_expiry(const struct reading *r, const struct gb_node *node,
                       struct gb_exemption *item)
{
    struct gb_str text;
    int code = gb_node_text(node, "expires", true, &text, r->file, r->err);
    if (code)
        return code;
    const struct gb_node *found = gb_node_get(node, "expires");
    int32_t nanos = 0;
    if (gb_date_parse(text, &item->expires_at) == GB_OK)
        item->expires_at += GB_DAY;
    else if (gb_time_parse(text, &item->expires_at, &nanos) != GB_OK)
        return gb_error_at(r->err, GB_E_TYPE, r->file, found->line, found->column,
                           "\"expires\": expected a date (2027-01-31) or a time "
                           "(2027-01-31T12:00:00Z), found \"" GB_PRI "\"",
                           GB_ARG(text));
    if (item->expires_at > r->now + (int64_t)(LONGEST_DAYS + 1) * GB_DAY)
        return gb_error_at(r->err, GB_E_RANGE, r->file, found->line, found->column,
                           "\"expires\": " GB_PRI " is more than a year away", GB_ARG(text));
    item->expired = item->expires_at <= r->now;
    return GB_OK;
}

static int read_item(const struct reading *r, const struct gb_node *node, struct gb_exemption *item)
{
    static const char *const known[] = {"id",    "control", "match",       "reason",
                                        "owner", "expires", "approved_by", "ticket"};
    int code = gb_node_expect_map(node, "an exemption", r->file, r->err);
    if (!code)
        code = gb_node_known_keys(node, known, sizeof known / sizeof *known, r->file, r->err);
    if (!code)
        code = gb_node_text(node, "id", false, &item->id, r->file, r->err);
    if (!code)
        code = read_control(r, node, item);
    if (!code)
        code = read_match(r, node, item);
    if (!code)
        code = gb_node_text(node, "reason", true, &item->reason, r->file, r->err);
    if (!code)
        code = gb_node_text(node, "owner", true, &item->owner, r->file, r->err);
    if (!code)
        code = read_expiry(r, node, item);
    if (!code)
        code = gb_node_text(node, "approved_by", false, &item->approved_by, r->file, r->err);
    if (!code)
        code = gb_node_text(node, "ticket", false, &item->ticket, r->file, r->err);
    item->line = node->line;
    return code;
}

static int refuse_same_id(const struct reading *r, const struct gb_exemptions *all,
                          const struct gb_exemption *item)
{
    for (size_t i = 0; item->id.len && i < all->count; i++)
        if (gb_str_eq(all->items[i].id, item->id))
            return gb_error_at(r->err, GB_E_CONFLICT, r->file, item->line, 0,
                               "the id \"" GB_PRI "\" is taken by the exemption on line %u",
                               GB_ARG(item->id), all->items[i].line);
    return GB_OK;
}

static int no_memory(struct gb_error *err)
{
    return gb_error_set(err, GB_E_MEMORY, "out of memory reading exemptions");
}

static int read_items(const struct reading *outer, const struct gb_node *list, struct gb_str file,
                      struct gb_exemptions *all, struct gb_str *problems, size_t *problem_count)
{
    struct gb_error wrong = {0}; // of one entry
    struct reading inner = *outer;
    inner.err = &wrong;
    const struct reading *r = &inner;
    for (size_t i = 0; i < list->list.count; i++) {
        struct gb_exemption *item = &all->items[all->count];
        *item = (struct gb_exemption){.file = file};
        int code = read_item(r, &list->list.items[i], item);
        if (!code)
            code = refuse_same_id(r, all, item);
        if (!code) {
            all->count++;
            continue;
        }
        char text[sizeof wrong.subject + sizeof wrong.reason + 32];
        gb_error_text(&wrong, text, sizeof text);
        struct gb_str copy = gb_str_copy(r->arena, gb_str_of(text));
        if (!copy.at)
            return GB_E_MEMORY;
        problems[(*problem_count)++] = copy;
    }
    return GB_OK;
}

int gb_exemptions_read(const struct gb_node *document, struct gb_str file, int64_t now,
                       struct gb_arena *arena, struct gb_exemptions *ret, struct gb_str **problems,
                       size_t *problem_count, struct gb_error *err)
{
    static const char *const known[] = {"exemptions"};
    struct reading r = {.file = gb_str_c(arena, file), .arena = arena, .now = now, .err = err};
    struct gb_exemptions all = {0};
    struct gb_str *texts = NULL;
    size_t count = 0;
    const struct gb_node *list = NULL;
    if (!r.file)
        return no_memory(err);
    if (document->kind != GB_NODE_NULL) { // an empty file has none
        int code = gb_node_expect_map(document, "exemptions", r.file, err);
        if (!code)
            code = gb_node_known_keys(document, known, 1, r.file, err);
        if (!code)
            code = gb_node_field(document, "exemptions", true, GB_NODE_LIST, &list, r.file, err);
        if (code)
            return code;
        all.items = gb_alloc_array(arena, list->list.count, sizeof *all.items);
        texts = gb_alloc_array(arena, list->list.count, sizeof *texts);
        if (!all.items || !texts || read_items(&r, list, file, &all, texts, &count) < 0)
            return no_memory(err);
    }
    *ret = all;
    *problems = texts;
    *problem_count = count;
    return GB_OK;
}

static bool fits(struct gb_str pattern, struct gb_str s)
{
    return !pattern.len || gb_str_glob(pattern, s, false);
}

struct gb_exemption *gb_exemptions_match(struct gb_exemptions *all, struct gb_str control_id,
                                         struct gb_str subject_id, struct gb_str host)
{
    for (size_t i = 0; i < all->count; i++) {
        struct gb_exemption *item = &all->items[i];
        if (!item->expired && gb_str_glob(item->control, control_id, false) &&
            fits(item->subject, subject_id) && fits(item->host, host)) {
            item->used++;
            return item;
        }
    }
    return NULL;
}
