// An advisory that is being put together (draft.h).
#include "source/feed/draft.h"

#include "base/json_fields.h"
#include "base/time.h"

enum { SEARCH_MAX = 4096 };

void gb_feed_strings_add(struct gb_feed_strings *list, struct gb_str s, struct gb_arena *arena)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 8;
        struct gb_str *grown =
            gb_grow_array(arena, list->at, list->capacity, capacity, sizeof *grown);
        if (!grown)
            return;
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = s;
}

void gb_feed_strings_add_new(struct gb_feed_strings *list, struct gb_str s, struct gb_arena *arena)
{
    // Longer than any real list: repeats do no harm there, the search would.
    for (size_t i = 0; i < list->count && list->count < SEARCH_MAX; i++)
        if (gb_str_eq(list->at[i], s))
            return;
    gb_feed_strings_add(list, s, arena);
}

static int read_string_item(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_str s;
    int code = gb_json_take_string(r, event, &s, err);
    if (code == GB_OK && s.len)
        gb_feed_strings_add(into, s, r->arena);
    return code;
}

int gb_feed_read_strings(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_string_item, into, err);
}

void gb_feed_ranges_add(struct gb_feed_ranges *list, struct gb_affected_range range,
                        struct gb_arena *arena)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 2;
        struct gb_affected_range *grown =
            gb_grow_array(arena, list->at, list->capacity, capacity, sizeof *grown);
        if (!grown)
            return;
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = range;
}

static bool all_digits(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len > 0;
}

bool gb_feed_is_cve(struct gb_str id)
{
    return id.len > 9 && gb_str_starts(id, GB_STR("CVE-")) && id.at[8] == '-' &&
           all_digits(gb_str_sub(id, 4, 4)) && all_digits(gb_str_from(id, 9));
}

void gb_feed_draft_id(struct gb_feed_draft *d, struct gb_str id)
{
    if (gb_feed_is_cve(id))
        gb_feed_strings_add_new(&d->cves, id, d->arena);
    else if (id.len && !gb_str_eq(id, d->advisory.id))
        gb_feed_strings_add_new(&d->aliases, id, d->arena);
}

void gb_feed_affect(struct gb_feed_draft *d, const struct gb_affected *affected)
{
    if (d->affected_count == d->affected_capacity) {
        size_t capacity = d->affected_capacity ? d->affected_capacity * 2 : 1;
        struct gb_affected *grown =
            gb_grow_array(d->arena, d->affected, d->affected_capacity, capacity, sizeof *grown);
        if (!grown)
            return;
        d->affected = grown;
        d->affected_capacity = capacity;
    }
    d->affected[d->affected_count++] = *affected;
}

static int cvss_rank(struct gb_str vector)
{
    if (gb_str_starts(vector, GB_STR("CVSS:4.")))
        return 4;
    if (gb_str_starts(vector, GB_STR("CVSS:3.")))
        return 3;
    return gb_str_starts(vector, GB_STR("AV:")) || gb_str_starts(vector, GB_STR("(AV:")) ? 2 : 0;
}

void gb_feed_draft_cvss(struct gb_feed_draft *d, struct gb_str vector)
{
    if (cvss_rank(vector) > cvss_rank(d->advisory.cvss))
        d->advisory.cvss = vector;
}

static bool says(struct gb_str title, struct gb_str details, const char *mark)
{
    return gb_str_starts(gb_str_trim(title), gb_str_of(mark)) ||
           gb_str_starts(gb_str_trim(details), gb_str_of(mark));
}

int gb_feed_draft_give(struct gb_feed_draft *d, struct gb_feed_member *member, struct gb_error *err)
{
    struct gb_advisory *a = &d->advisory;
    if (gb_feed_is_cve(a->id))
        gb_feed_strings_add_new(&d->cves, a->id, d->arena);
    if (gb_arena_failed(d->arena))
        return gb_error_set(err, GB_E_MEMORY, "an entry that needs too much memory");
    a->cves = d->cves.at;
    a->cve_count = d->cves.count;
    a->aliases = d->aliases.at;
    a->alias_count = d->aliases.count;
    a->affected = d->affected;
    a->affected_count = d->affected_count;
    // The words that the CVE programme puts in front of its descriptions.
    a->disputed = a->disputed || says(a->title, a->details, "** DISPUTED **");
    bool rejected = says(a->title, a->details, "** REJECT **") ||
                    says(a->title, a->details, "Rejected reason:");
    if (rejected && !a->withdrawn_at)
        a->withdrawn_at = a->modified_at ? a->modified_at : 1;
    return gb_feed_give_advisory(member, a, err);
}

enum gb_advisory_severity gb_feed_severity(struct gb_str word)
{
    static const struct {
        const char *word;
        enum gb_advisory_severity severity;
    } words[] = {
        {"unimportant", GB_ADVISORY_NEGLIGIBLE},
        {"negligible", GB_ADVISORY_NEGLIGIBLE},
        {"none", GB_ADVISORY_NEGLIGIBLE},
        {"low", GB_ADVISORY_LOW},
        {"low**", GB_ADVISORY_LOW},
        {"minor", GB_ADVISORY_LOW},
        {"medium", GB_ADVISORY_MEDIUM},
        {"medium**", GB_ADVISORY_MEDIUM},
        {"moderate", GB_ADVISORY_MEDIUM},
        {"high", GB_ADVISORY_HIGH},
        {"high**", GB_ADVISORY_HIGH},
        {"important", GB_ADVISORY_HIGH},
        {"critical", GB_ADVISORY_CRITICAL},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gb_str_eq_nocase(word, gb_str_of(words[i].word)))
            return words[i].severity;
    return GB_ADVISORY_UNRATED;
}

int64_t gb_feed_time(struct gb_str text)
{
    int64_t seconds = 0;
    int32_t nanos;
    if (text.len == 10 ? gb_date_parse(text, &seconds) < 0
                       : gb_time_parse(text, &seconds, &nanos) < 0)
        return 0;
    return seconds < GB_TIME_MINIMUM + 366 * (int64_t)GB_DAY ? 0 : seconds;
}
