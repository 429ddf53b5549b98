// For tests of feeds: imports bytes and writes what the sink is told, one line each, so that a test
// compares texts.
//
//     advisory ID [cves] (aliases) severity cvss times flags "title" url
//       scope package: status fix severity [introduced,fixed) ... {versions} -{unaffected} ...
#ifndef GABION_TESTS_FEED_LINES_H
#define GABION_TESTS_FEED_LINES_H

#include "base/buffer.h"
#include "source/feed/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct feed_lines {
    struct gb_buffer out;
    struct gb_feed_summary summary;
    struct gb_error err;
    int code;
};

static inline void feed_list(struct gb_buffer *out, const char *front, const struct gb_str *list,
                             size_t count, const char *back)
{
    if (!count)
        return;
    gb_buffer_text(out, front);
    for (size_t i = 0; i < count; i++) {
        gb_buffer_text(out, i ? " " : "");
        gb_buffer_add(out, list[i]);
    }
    gb_buffer_text(out, back);
}

static inline void feed_affected(struct gb_buffer *out, const struct gb_affected *a)
{
    static const char *const statuses[] = {"affected", "not-affected", "investigated"};
    static const char *const fixes[] = {"",          " fixed", " not-yet",
                                        " deferred", " wont",  " end-of-life"};
    static const char *const severities[] = {"",        " negligible", " low",
                                             " medium", " high",       " critical"};
    gb_buffer_print(out, "  " GB_PRI " " GB_PRI "%s: %s%s%s%s", GB_ARG(a->scope),
                    GB_ARG(a->package), a->binary ? " (binary)" : "", statuses[a->status],
                    fixes[a->fix], severities[a->severity], a->remote ? " remote" : "");
    for (size_t i = 0; i < a->range_count; i++) {
        const struct gb_affected_range *r = &a->ranges[i];
        gb_buffer_print(out, " [" GB_PRI "," GB_PRI "%s", GB_ARG(r->introduced),
                        GB_ARG(r->fixed.len ? r->fixed : r->last_affected),
                        r->last_affected.len ? "]" : ")");
    }
    feed_list(out, " {", a->versions, a->version_count, "}");
    feed_list(out, " -{", a->unaffected, a->unaffected_count, "}");
    if (a->module.len)
        gb_buffer_print(out, " module=" GB_PRI, GB_ARG(a->module));
    feed_list(out, " arch=", a->architectures, a->architecture_count, "");
    feed_list(out, " os=", a->systems, a->system_count, "");
    feed_list(out, " symbols=", a->symbols, a->symbol_count, "");
    if (a->note.len)
        gb_buffer_print(out, " note=" GB_PRI, GB_ARG(a->note));
    gb_buffer_text(out, "\n");
}

static inline int feed_advisory(void *context, const struct gb_advisory *a, struct gb_error *err)
{
    static const char *const severities[] = {"",        " negligible", " low",
                                             " medium", " high",       " critical"};
    struct gb_buffer *out = context;
    (void)err;
    gb_buffer_print(out, "advisory " GB_PRI, GB_ARG(a->id));
    feed_list(out, " [", a->cves, a->cve_count, "]");
    feed_list(out, " (", a->aliases, a->alias_count, ")");
    gb_buffer_text(out, severities[a->severity]);
    if (a->cvss.len)
        gb_buffer_print(out, " " GB_PRI, GB_ARG(a->cvss));
    if (a->published_at)
        gb_buffer_print(out, " published=%lld", (long long)a->published_at);
    if (a->modified_at)
        gb_buffer_print(out, " modified=%lld", (long long)a->modified_at);
    if (a->withdrawn_at)
        gb_buffer_print(out, " withdrawn=%lld", (long long)a->withdrawn_at);
    gb_buffer_text(out, a->disputed ? " disputed" : "");
    gb_buffer_text(out, a->informational ? " informational" : "");
    if (a->title.len)
        gb_buffer_print(out, " \"" GB_PRI "\"", GB_ARG(a->title));
    if (a->url.len)
        gb_buffer_print(out, " " GB_PRI, GB_ARG(a->url));
    gb_buffer_text(out, "\n");
    for (size_t i = 0; i < a->affected_count; i++)
        feed_affected(out, &a->affected[i]);
    return 0;
}

static inline int feed_exploit(void *context, const struct gb_exploit_facts *f,
                               struct gb_error *err)
{
    struct gb_buffer *out = context;
    (void)err;
    gb_buffer_print(out, "exploit " GB_PRI, GB_ARG(f->cve));
    if (f->has_kev)
        gb_buffer_print(out, " kev%s added=%lld due=%lld", f->kev_ransomware ? " ransomware" : "",
                        (long long)f->kev_added_at, (long long)f->kev_due_at);
    if (f->has_epss)
        gb_buffer_print(out, " epss=%.5f/%.5f", f->epss, f->epss_percentile);
    if (f->has_ssvc)
        gb_buffer_print(out, " ssvc=%d%s%s", f->ssvc_exploitation,
                        f->ssvc_automatable ? " automatable" : "", f->ssvc_total ? " total" : "");
    if (f->cvss.len)
        gb_buffer_print(out, " " GB_PRI, GB_ARG(f->cvss));
    gb_buffer_text(out, "\n");
    return 0;
}

static inline int feed_lifecycle(void *context, const struct gb_lifecycle *l, struct gb_error *err)
{
    struct gb_buffer *out = context;
    (void)err;
    gb_buffer_print(out, "cycle " GB_PRI " " GB_PRI " (" GB_PRI ") %lld %lld %lld " GB_PRI "\n",
                    GB_ARG(l->product), GB_ARG(l->cycle), GB_ARG(l->codename),
                    (long long)l->released_at, (long long)l->eol_at, (long long)l->extended_eol_at,
                    GB_ARG(l->extended_name));
    return 0;
}

static inline int feed_document(void *context, const struct gb_advisory_document *document,
                                struct gb_error *err)
{
    struct gb_buffer *out = context;
    (void)err;
    gb_buffer_print(out, "document " GB_PRI "%s", GB_ARG(document->feed),
                    document->fixes_only ? " fixes-only" : "");
    if (document->data_at)
        gb_buffer_print(out, " %lld", (long long)document->data_at);
    gb_buffer_text(out, "\n");
    return 0;
}

static inline void feed_left_out(void *context, struct gb_str why)
{
    gb_buffer_print(context, "left out " GB_PRI "\n", GB_ARG(why));
}

static inline struct feed_lines *feed_import(const char *name, struct gb_str bytes,
                                             const struct gb_feed_options *options)
{
    static struct feed_lines lines;
    gb_buffer_free(&lines.out);
    lines = (struct feed_lines){.out = gb_buffer(64u << 20)};
    struct gb_advisory_sink sink = {.context = &lines.out,
                                    .document = feed_document,
                                    .advisory = feed_advisory,
                                    .exploit = feed_exploit,
                                    .lifecycle = feed_lifecycle,
                                    .left_out = feed_left_out};
    struct gb_feed_options none = {0};
    lines.code = gb_feed_import_bytes(gb_str_of(name), bytes, options ? options : &none, &sink,
                                      &lines.summary, &lines.err);
    gb_buffer_char(&lines.out, 0);
    return &lines;
}

// What is imported from `text`, given as a file of that name, is exactly `expected`.
static inline void feed_expect(const char *name, const char *text, const char *expected)
{
    struct feed_lines *lines = feed_import(name, gb_str_of(text), NULL);
    if (lines->code < 0)
        print_error("%s: %s\n", name, lines->err.reason);
    assert_string_equal(lines->out.data, expected);
    assert_int_equal(lines->code, 0);
}

// It is refused with a reason that holds `reason`.
static inline void feed_refuse(const char *name, const char *text, int code, const char *reason)
{
    struct feed_lines *lines = feed_import(name, gb_str_of(text), NULL);
    if (lines->code != code || !strstr(lines->err.reason, reason))
        print_error("%s: %d \"%s\"\n", name, lines->code, lines->err.reason);
    assert_int_equal(lines->code, code);
    assert_non_null(strstr(lines->err.reason, reason));
}

#endif
