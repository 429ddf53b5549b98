// OSV records (schema 1.7): a file each (also as YAML), JSON lines, or
// a list. What a record means is in
// osv_meaning.c.
#include "source/feed/osv.h"
#include "base/json_fields.h"

#include <stddef.h>

#define FIELDS(table) (table), sizeof(table) / sizeof *(table)

static bool recognise(const struct gb_feed_head *head)
{
    if (!head->json)
        return (gb_feed_head_ends(head, ".yaml") || gb_feed_head_ends(head, ".yml")) &&
               gb_feed_head_starts(head, "id:") &&
               gb_str_contains(head->bytes, GB_STR("\nmodified:"));
    return gb_feed_head_has(head, "id") && !gb_feed_head_has(head, "document") &&
           (gb_feed_head_has(head, "affected") || gb_feed_head_has(head, "modified") ||
            gb_feed_head_has(head, "schema_version"));
}

static int read_aliases(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_record *record = into;
    return gb_feed_read_strings(r, event, &record->aliases, err);
}

static int read_upstream(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_record *record = into;
    return gb_feed_read_strings(r, event, &record->upstream, err);
}

static int read_related(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_record *record = into;
    return gb_feed_read_strings(r, event, &record->related, err);
}

struct rating {
    struct gb_str type, score;
};

static const struct gb_json_field rating_fields[] = {
    {GB_STR_INIT("type"), NULL, offsetof(struct rating, type)},
    {GB_STR_INIT("score"), NULL, offsetof(struct rating, score)},
};

static int read_rating(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_record *record = into;
    struct rating rating = {0};
    int code = gb_json_fields(r, event, FIELDS(rating_fields), &rating, err);
    if (code < 0)
        return code;
    enum gb_advisory_severity severity = gb_feed_severity(rating.score);
    if (gb_str_starts(rating.type, GB_STR("CVSS_")))
        gb_feed_draft_cvss(&record->draft, rating.score);
    else if (severity > record->draft.advisory.severity)
        record->draft.advisory.severity = severity;
    return GB_OK;
}

static int read_ratings(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_rating, into, err);
}

struct reference {
    struct gb_str type, url;
};

static const struct gb_json_field reference_fields[] = {
    {GB_STR_INIT("type"), NULL, offsetof(struct reference, type)},
    {GB_STR_INIT("url"), NULL, offsetof(struct reference, url)},
};

// Does the address name the record? "ALSA-2024:1" is "ALSA-2024-1" there.
static bool is_own(struct gb_str id, struct gb_str url)
{
    ptrdiff_t colon = gb_str_find_char(id, ':');
    struct gb_str tail = colon < 0 ? id : gb_str_from(id, (size_t)colon + 1);
    struct gb_str front = colon < 0 ? id : gb_str_sub(id, 0, (size_t)colon);
    return id.len && gb_str_contains(url, front) && (colon < 0 || gb_str_contains(url, tail));
}

static int read_reference(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_record *record = into;
    struct reference reference = {0};
    int code = gb_json_fields(r, event, FIELDS(reference_fields), &reference, err);
    if (code < 0)
        return code;
    struct gb_str id = record->draft.advisory.id, *advisory = &record->advisory_url;
    if (!record->own_url.len && is_own(id, reference.url))
        record->own_url = reference.url;
    if (gb_str_is(reference.type, "ADVISORY") && !advisory->len)
        *advisory = reference.url;
    if (!record->any_url.len)
        record->any_url = reference.url;
    return GB_OK;
}

static int read_references(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_reference, into, err);
}

// database_specific of the record.
static int read_vendor_severity(struct gb_json_reader *r, int event, void *into,
                                struct gb_error *err)
{
    struct gb_osv_record *record = into;
    if (event != GB_JSON_STRING)
        return gb_json_skip_rest(r, event, err);
    enum gb_advisory_severity severity = gb_feed_severity(r->string);
    if (severity)
        record->draft.advisory.severity = severity;
    return GB_OK;
}

static int read_vendor_url(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_record *record = into;
    if (event != GB_JSON_STRING)
        return gb_json_skip_rest(r, event, err);
    record->own_url = r->string;
    return GB_OK;
}

static int read_record_specific(struct gb_json_reader *r, int event, void *into,
                                struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("severity"), read_vendor_severity, 0},
        {GB_STR_INIT("url"), read_vendor_url, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static void add_event(struct gb_osv_affected *a, enum gb_osv_event_kind kind, struct gb_str version,
                      struct gb_arena *arena)
{
    if (a->event_count == a->event_capacity) {
        size_t capacity = a->event_capacity ? a->event_capacity * 2 : 8;
        struct gb_osv_event *grown =
            gb_grow_array(arena, a->events, a->event_capacity, capacity, sizeof *grown);
        if (!grown)
            return;
        a->events = grown;
        a->event_capacity = capacity;
    }
    a->events[a->event_count++] = (struct gb_osv_event){kind, version};
}

struct raw_event {
    struct gb_str introduced, fixed, last_affected;
};

static int read_event(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("introduced"), NULL, offsetof(struct raw_event, introduced)},
        {GB_STR_INIT("fixed"), NULL, offsetof(struct raw_event, fixed)},
        {GB_STR_INIT("last_affected"), NULL, offsetof(struct raw_event, last_affected)},
    };
    struct raw_event raw = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &raw, err);
    if (code < 0)
        return code;
    if (raw.introduced.len)
        add_event(into, GB_OSV_INTRODUCED, raw.introduced, r->arena);
    if (raw.fixed.len)
        add_event(into, GB_OSV_FIXED, raw.fixed, r->arena);
    if (raw.last_affected.len)
        add_event(into, GB_OSV_LAST_AFFECTED, raw.last_affected, r->arena);
    return GB_OK;
}

struct range {
    struct gb_osv_affected *affected;
    struct gb_str type;
};

static int read_events(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct range *range = into;
    return gb_json_items(r, event, read_event, range->affected, err);
}

static int read_range(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("type"), NULL, offsetof(struct range, type)},
        {GB_STR_INIT("events"), read_events, 0},
    };
    struct gb_osv_affected *a = into;
    struct range range = {.affected = a};
    size_t first = a->event_count;
    add_event(a, GB_OSV_RANGE, (struct gb_str){0}, r->arena);
    int code = gb_json_fields(r, event, FIELDS(fields), &range, err);
    if (code < 0)
        return code;
    // Commits say nothing about versions of packages.
    if (gb_str_is(range.type, "SEMVER"))
        a->semver = true;
    else if (!gb_str_is(range.type, "ECOSYSTEM"))
        a->event_count = first < a->event_count ? first : a->event_count;
    return GB_OK;
}

static int read_ranges(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_range, into, err);
}

static int read_versions(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_affected *a = into;
    return gb_feed_read_strings(r, event, &a->versions, err);
}

static int read_package(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("ecosystem"), NULL, offsetof(struct gb_osv_affected, ecosystem)},
        {GB_STR_INIT("name"), NULL, offsetof(struct gb_osv_affected, name)},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

// One of Go's imports: a package of the module, and what of it is vulnerable.
struct import {
    struct gb_str path;
    struct gb_feed_strings symbols, goos, goarch;
};

static int read_symbols(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct import *import = into;
    return gb_feed_read_strings(r, event, &import->symbols, err);
}

static int read_goos(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct import *import = into;
    return gb_feed_read_strings(r, event, &import->goos, err);
}

static int read_goarch(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct import *import = into;
    return gb_feed_read_strings(r, event, &import->goarch, err);
}

static int read_import(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("path"), NULL, offsetof(struct import, path)},
        {GB_STR_INIT("symbols"), read_symbols, 0},
        {GB_STR_INIT("goos"), read_goos, 0},
        {GB_STR_INIT("goarch"), read_goarch, 0},
    };
    struct gb_osv_affected *a = into;
    struct import import = {0};
    int code = gb_json_fields(r, event, FIELDS(fields), &import, err);
    if (code < 0)
        return code;
    for (size_t i = 0; i < import.symbols.count; i++)
        gb_feed_strings_add(&a->symbols,
                            gb_str_format(r->arena, GB_PRI "." GB_PRI, GB_ARG(import.path),
                                          GB_ARG(import.symbols.at[i])),
                            r->arena);
    if (!import.symbols.count && import.path.len)
        gb_feed_strings_add(&a->symbols, gb_str_format(r->arena, GB_PRI ".*", GB_ARG(import.path)),
                            r->arena);
    for (size_t i = 0; i < import.goos.count; i++)
        gb_feed_strings_add_new(&a->systems, import.goos.at[i], r->arena);
    for (size_t i = 0; i < import.goarch.count; i++)
        gb_feed_strings_add_new(&a->architectures, import.goarch.at[i], r->arena);
    a->all_systems |= !import.goos.count;
    a->all_architectures |= !import.goarch.count;
    return GB_OK;
}

static int read_imports(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_import, into, err);
}

static int read_rust_systems(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_affected *a = into;
    return gb_feed_read_strings(r, event, &a->systems, err);
}

static int read_rust_architectures(struct gb_json_reader *r, int event, void *into,
                                   struct gb_error *err)
{
    struct gb_osv_affected *a = into;
    return gb_feed_read_strings(r, event, &a->architectures, err);
}

static int read_affects(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("os"), read_rust_systems, 0},
        {GB_STR_INIT("arch"), read_rust_architectures, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

// Words of vendors: not every data base means the same by a key, so other types are passed over.
static int read_urgency(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_affected *a = into;
    if (event != GB_JSON_STRING)
        return gb_json_skip_rest(r, event, err);
    a->urgency = r->string;
    return GB_OK;
}

static int read_informational(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_osv_affected *a = into;
    if (event != GB_JSON_STRING)
        return gb_json_skip_rest(r, event, err);
    a->informational = r->string;
    return GB_OK;
}

static int read_affected_specific(struct gb_json_reader *r, int event, void *into,
                                  struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("imports"), read_imports, 0},
        {GB_STR_INIT("affects"), read_affects, 0},
        {GB_STR_INIT("urgency"), read_urgency, 0},
        {GB_STR_INIT("ubuntu_priority"), read_urgency, 0},
        {GB_STR_INIT("informational"), read_informational, 0},
    };
    return gb_json_fields(r, event, FIELDS(fields), into, err);
}

static int read_affected_rating(struct gb_json_reader *r, int event, void *into,
                                struct gb_error *err)
{
    struct gb_osv_affected *a = into;
    struct rating rating = {0};
    int code = gb_json_fields(r, event, FIELDS(rating_fields), &rating, err);
    if (code == GB_OK && !gb_str_starts(rating.type, GB_STR("CVSS_")))
        a->severity = gb_feed_severity(rating.score);
    return code;
}

static int read_affected_ratings(struct gb_json_reader *r, int event, void *into,
                                 struct gb_error *err)
{
    return gb_json_items(r, event, read_affected_rating, into, err);
}

static int read_affected(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("package"), read_package, 0},
        {GB_STR_INIT("ranges"), read_ranges, 0},
        {GB_STR_INIT("versions"), read_versions, 0},
        {GB_STR_INIT("severity"), read_affected_ratings, 0},
        {GB_STR_INIT("ecosystem_specific"), read_affected_specific, 0},
        {GB_STR_INIT("database_specific"), read_affected_specific, 0},
    };
    struct gb_osv_record *record = into;
    if (record->affected_count == record->affected_capacity) {
        size_t capacity = record->affected_capacity ? record->affected_capacity * 2 : 8;
        struct gb_osv_affected *grown = gb_grow_array(
            r->arena, record->affected, record->affected_capacity, capacity, sizeof *grown);
        if (!grown)
            return gb_error_set(err, GB_E_LIMIT, "a record that needs too much memory");
        record->affected = grown;
        record->affected_capacity = capacity;
    }
    struct gb_osv_affected *a = &record->affected[record->affected_count++];
    *a = (struct gb_osv_affected){0};
    return gb_json_fields(r, event, FIELDS(fields), a, err);
}

static int read_affected_list(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    return gb_json_items(r, event, read_affected, into, err);
}

#define TEXT(name, place)                                                                          \
    {                                                                                              \
        GB_STR_INIT(name), NULL, offsetof(struct gb_osv_record, place)                             \
    }

static int read_record(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    static const struct gb_json_field fields[] = {
        {GB_STR_INIT("affected"), read_affected_list, 0},
        {GB_STR_INIT("references"), read_references, 0},
        {GB_STR_INIT("severity"), read_ratings, 0},
        {GB_STR_INIT("database_specific"), read_record_specific, 0},
        {GB_STR_INIT("aliases"), read_aliases, 0},
        {GB_STR_INIT("upstream"), read_upstream, 0},
        {GB_STR_INIT("related"), read_related, 0},
        TEXT("id", draft.advisory.id),
        TEXT("summary", draft.advisory.title),
        TEXT("details", draft.advisory.details),
        TEXT("modified", modified),
        TEXT("published", published),
        TEXT("withdrawn", withdrawn),
    };
    struct gb_feed_member *member = into;
    struct gb_osv_record record = {.member = member, .draft = {.arena = r->arena}};
    int code = gb_json_fields(r, event, FIELDS(fields), &record, err);
    if (code < 0)
        return code;
    return gb_osv_give(&record, err);
}

static int read_list_item(struct gb_json_reader *r, int event, void *into, struct gb_error *err)
{
    struct gb_mark mark = gb_arena_mark(r->arena);
    int code = read_record(r, event, into, err);
    if (code == GB_OK)
        gb_arena_reset(r->arena, mark);
    return code;
}

static int read_text(struct gb_feed_member *m, struct gb_str text, struct gb_error *err)
{
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 64};
    int code = gb_json_open(&r, text, limits, m->arena, err);
    if (code < 0)
        return code;
    int event = gb_json_next(&r, err);
    code = event == GB_JSON_LIST_BEGIN ? gb_json_items(&r, event, read_list_item, m, err)
                                       : read_record(&r, event, m, err);
    if (code == GB_OK)
        code = gb_json_next(&r, err); // the end, or what does not belong behind a document
    return code < 0 ? code : GB_OK;
}

// One record a line: by the file's name, or because the first line is one and another follows.
static bool is_lines(const struct gb_feed_head *head)
{
    if (gb_feed_head_ends(head, ".jsonl") || gb_feed_head_ends(head, ".ndjson"))
        return true;
    ptrdiff_t end = gb_str_find_char(head->bytes, '\n');
    return end > 0 && head->json == '{' && head->bytes.at[end - 1] == '}' &&
           gb_str_starts(gb_str_from(head->bytes, (size_t)end), GB_STR("\n{"));
}

static int import_lines(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_str line;
    int code;
    struct gb_mark mark = gb_arena_mark(m->arena);
    while ((code = gb_feed_line(m, &line, err)) > 0) {
        if (!gb_str_trim(line).len)
            continue;
        struct gb_error why = {0};
        code = read_text(m, line, &why);
        if (code < 0 && (m->sink_code || gb_arena_failed(m->arena))) {
            *err = why;
            return code;
        }
        if (code < 0)
            gb_feed_leave_out_error(m, m->line - 1, &why);
        gb_arena_reset(m->arena, mark);
    }
    return code;
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_str text;
    if (is_lines(m->head))
        return import_lines(m, err);
    int code = m->head->json ? gb_feed_text(m, &text, err) : gb_feed_yaml(m, &text, err);
    if (code < 0 || gb_feed_repeated(m, text))
        return code;
    code = read_text(m, text, err);
    // Places in the JSON say nothing about the YAML that it was made of.
    if (code < 0 && !m->head->json)
        err->line = err->column = 0;
    return code;
}

const struct gb_feed_format gb_feed_format_osv = {
    .name = "osv",
    .title = "OSV records (JSON, JSON lines, YAML)",
    .recognise = recognise,
    .import = import,
};
