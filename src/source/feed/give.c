// One member: its format, its import, and what its importer tells the sink (format.h, job.h).
#include "source/feed/job.h"

#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ID_MAX = 256, WORD_MAX = 1 << 10, SEEN_MAX = 4 << 20 };

bool gb_feed_head_has(const struct gb_feed_head *head, const char *key)
{
    for (size_t i = 0; i < head->key_count; i++)
        if (gb_str_is(head->keys[i], key))
            return true;
    return false;
}

bool gb_feed_head_starts(const struct gb_feed_head *head, const char *text)
{
    return gb_str_starts(head->bytes, gb_str_of(text));
}

bool gb_feed_head_ends(const struct gb_feed_head *head, const char *suffix)
{
    return gb_str_ends(head->name, gb_str_of(suffix));
}

// The keys at the front of a JSON text; what is behind the part that is there does not matter.
static void read_keys(struct gb_feed_head *head, struct gb_arena *scratch)
{
    struct gb_json_reader r;
    struct gb_json_limits limits = {.max_bytes = SIZE_MAX, .max_depth = 64};
    size_t start = 0;
    while (start < head->bytes.len && strchr(" \t\r\n", head->bytes.at[start]))
        start++;
    if (start == head->bytes.len || !strchr("{[", head->bytes.at[start]))
        return;
    head->json = head->bytes.at[start];
    if (gb_json_open(&r, head->bytes, limits, scratch, NULL) < 0)
        return;
    uint32_t outer = head->json == '{' ? 1 : 2;
    int event;
    while ((event = gb_json_next(&r, NULL)) > GB_JSON_END && head->key_count < GB_FEED_HEAD_KEYS) {
        if (event == GB_JSON_OBJECT_END && r.depth < outer)
            break;
        if (event != GB_JSON_KEY)
            continue;
        if (r.depth == outer)
            head->keys[head->key_count++] = r.string;
        else if (r.depth == outer + 1 && head->key_count == 1 && !head->inner.len)
            head->inner = r.string;
    }
}

static const struct gb_feed_format *recognise(struct gb_feed_job *job,
                                              const struct gb_feed_head *head)
{
    if (job->wanted)
        return job->wanted;
    for (size_t i = 0; i < gb_feed_format_count; i++)
        if (gb_feed_formats[i]->recognise(head))
            return gb_feed_formats[i];
    return NULL;
}

// Text that an advisory could be, by the file's name.
static bool looks_like_data(const struct gb_feed_head *head)
{
    static const char *const suffixes[] = {".json", ".jsonl", ".ndjson", ".yaml",
                                           ".yml",  ".csv",   ".tsv"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (gb_feed_head_ends(head, suffixes[i]))
            return true;
    return false;
}

static struct gb_str file_name(struct gb_str path)
{
    ptrdiff_t slash = gb_str_rfind_char(path, '/');
    return slash < 0 ? path : gb_str_from(path, (size_t)slash + 1);
}

// The arena's failure is sticky: a document that needed too much must not spoil the next.
static int clear_arena(struct gb_feed_job *job, struct gb_mark mark, struct gb_error *err)
{
    if (!gb_arena_failed(job->arena)) {
        gb_arena_reset(job->arena, mark);
        return GB_OK;
    }
    gb_arena_free(&job->arena);
    job->arena = gb_arena_new("feed entry", GB_FEED_ARENA_BYTES);
    return job->arena ? GB_OK : (job->fatal = gb_error_set(err, GB_E_MEMORY, "out of memory"));
}

int gb_feed_job_member(struct gb_feed_job *job, struct gb_str path,
                       const struct gb_feed_stream *stream, struct gb_str bytes, bool whole,
                       struct gb_error *err)
{
    struct gb_mark mark = gb_arena_mark(job->arena);
    struct gb_feed_head head = {.name = file_name(path), .bytes = bytes, .whole = whole};
    read_keys(&head, job->arena);
    struct gb_feed_member m = {.path = path,
                               .head = &head,
                               .scope = job->options->scope,
                               .arena = job->arena,
                               .job = job,
                               .format = recognise(job, &head),
                               .stream = *stream,
                               .line = 1};
    int code = GB_OK;
    if (!m.format && looks_like_data(&head) && bytes.len) {
        code = gb_error_set(err, GB_E_UNSUPPORTED, "no advisory format that is known");
    } else if (!m.format) {
        job->summary->ignored++;
    } else {
        gb_buffer_clear(&job->window);
        m.fixes_only = m.format->fixes_only;
        code = m.format->import(&m, err);
        if (code == GB_OK && !m.repeated)
            job->summary->documents++;
        if (m.sink_code)
            job->fatal = m.sink_code;
        // What one document made it grow to is not kept for thousands of small ones.
        if (job->window.capacity > 4u << 20)
            gb_buffer_free(&job->window);
    }
    int cleared = clear_arena(job, mark, err);
    return cleared < 0 ? cleared : code;
}

static void seen_insert(struct gb_feed_seen *seen, uint64_t hash)
{
    size_t at = (size_t)hash & (seen->capacity - 1);
    while (seen->slots[at])
        at = (at + 1) & (seen->capacity - 1);
    seen->slots[at] = hash;
    seen->count++;
}

// Keeps the table at most half full; without memory or beyond its limit it takes no more.
static bool seen_grow(struct gb_feed_seen *seen)
{
    if (seen->count * 2 < seen->capacity)
        return true;
    size_t capacity = seen->capacity ? seen->capacity * 2 : 1024;
    if (capacity > SEEN_MAX)
        return false;
    struct gb_feed_seen grown = {.slots = calloc(capacity, sizeof *grown.slots),
                                 .capacity = capacity};
    if (!grown.slots)
        return false;
    for (size_t i = 0; i < seen->capacity; i++)
        if (seen->slots[i])
            seen_insert(&grown, seen->slots[i]);
    free(seen->slots);
    *seen = grown;
    return true;
}

bool gb_feed_repeated(struct gb_feed_member *m, struct gb_str text)
{
    struct gb_feed_seen *seen = &m->job->seen;
    uint64_t hash = gb_str_hash(text) | 1;
    for (size_t at = (size_t)hash; seen->capacity; at++) {
        uint64_t slot = seen->slots[at & (seen->capacity - 1)];
        if (slot == hash) {
            m->repeated = true;
            m->job->summary->repeated++;
            return true;
        }
        if (!slot)
            break;
    }
    if (seen_grow(seen))
        seen_insert(seen, hash);
    return false;
}

// The sink is told of a document before the first of its entries.
static int begin(struct gb_feed_member *m, struct gb_error *err)
{
    const struct gb_advisory_sink *sink = m->job->sink;
    if (m->begun)
        return GB_OK;
    m->begun = true;
    if (!sink->document)
        return GB_OK;
    struct gb_advisory_document document = {.feed = gb_str_of(m->format->name),
                                            .path = m->path,
                                            .data_at = m->data_at ? m->data_at : m->job->entry_at,
                                            .fixes_only = m->fixes_only};
    return m->sink_code = sink->document(sink->context, &document, err);
}

// "package", "version": what is longer than anything real, or NULL.
static const char *overlong_list(const struct gb_str *list, size_t count, size_t most,
                                 const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].len > most)
            return what;
    return NULL;
}

static const char *overlong_affected(const struct gb_affected *a)
{
    if (a->package.len > WORD_MAX || a->scope.len > ID_MAX)
        return "name of a package";
    for (size_t i = 0; i < a->range_count; i++)
        if (a->ranges[i].introduced.len > WORD_MAX || a->ranges[i].fixed.len > WORD_MAX ||
            a->ranges[i].last_affected.len > WORD_MAX)
            return "version";
    if (overlong_list(a->versions, a->version_count, WORD_MAX, "") ||
        overlong_list(a->unaffected, a->unaffected_count, WORD_MAX, ""))
        return "version";
    if (a->module.len > WORD_MAX || a->note.len > WORD_MAX)
        return "word";
    if (overlong_list(a->architectures, a->architecture_count, ID_MAX, "") ||
        overlong_list(a->systems, a->system_count, ID_MAX, "") ||
        overlong_list(a->symbols, a->symbol_count, WORD_MAX, ""))
        return "word";
    return NULL;
}

static const char *overlong(const struct gb_advisory *advisory)
{
    if (advisory->id.len > ID_MAX ||
        overlong_list(advisory->cves, advisory->cve_count, ID_MAX, "") ||
        overlong_list(advisory->aliases, advisory->alias_count, ID_MAX, ""))
        return "id";
    if (advisory->cvss.len > WORD_MAX)
        return "CVSS vector";
    for (size_t i = 0; i < advisory->affected_count; i++) {
        const char *what = overlong_affected(&advisory->affected[i]);
        if (what)
            return what;
    }
    return NULL;
}

int gb_feed_give_advisory(struct gb_feed_member *m, const struct gb_advisory *advisory,
                          struct gb_error *err)
{
    const struct gb_advisory_sink *sink = m->job->sink;
    const char *what = overlong(advisory);
    if (what || !advisory->id.len) {
        gb_feed_leave_out(m, m->line > 1 ? m->line : 0, "%s" GB_PRI ": %s%s",
                          advisory->id.len ? "" : "an entry without an id",
                          GB_ARG(gb_str_sub(advisory->id, 0, 64)),
                          what ? what : "it is not an advisory",
                          what ? " longer than anything real" : "");
        return GB_OK;
    }
    int code = begin(m, err);
    if (code == GB_OK && sink->advisory)
        code = m->sink_code = sink->advisory(sink->context, advisory, err);
    m->job->summary->advisories++;
    m->job->summary->affected += advisory->affected_count;
    return code;
}

int gb_feed_give_exploit(struct gb_feed_member *m, const struct gb_exploit_facts *facts,
                         struct gb_error *err)
{
    const struct gb_advisory_sink *sink = m->job->sink;
    if (!facts->cve.len || facts->cve.len > ID_MAX || facts->cvss.len > WORD_MAX) {
        gb_feed_leave_out(m, m->line > 1 ? m->line - 1 : 0, "\"" GB_PRI "\" is no CVE id",
                          GB_ARG(gb_str_sub(facts->cve, 0, 64)));
        return GB_OK;
    }
    int code = begin(m, err);
    if (code == GB_OK && sink->exploit)
        code = m->sink_code = sink->exploit(sink->context, facts, err);
    m->job->summary->exploits++;
    return code;
}

int gb_feed_give_lifecycle(struct gb_feed_member *m, const struct gb_lifecycle *lifecycle,
                           struct gb_error *err)
{
    const struct gb_advisory_sink *sink = m->job->sink;
    if (lifecycle->product.len > WORD_MAX || lifecycle->cycle.len > WORD_MAX ||
        lifecycle->codename.len > WORD_MAX || lifecycle->extended_name.len > WORD_MAX) {
        gb_feed_leave_out(m, 0, "a name longer than anything real");
        return GB_OK;
    }
    int code = begin(m, err);
    if (code == GB_OK && sink->lifecycle)
        code = m->sink_code = sink->lifecycle(sink->context, lifecycle, err);
    m->job->summary->lifecycles++;
    return code;
}
