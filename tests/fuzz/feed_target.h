// Fuzz targets of feeds: imports bytes as one format into a sink that looks at everything it is
// given.
#ifndef GABION_FUZZ_FEED_TARGET_H
#define GABION_FUZZ_FEED_TARGET_H

#include "source/feed/feed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t feed_target_sum;

// Reads every byte: a sanitizer sees slices that lead outside.
static inline void feed_target_see(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        feed_target_sum += (unsigned char)s.at[i];
}

static inline void feed_target_see_all(const struct gb_str *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        feed_target_see(list[i]);
}

static inline int feed_target_advisory(void *context, const struct gb_advisory *a,
                                       struct gb_error *err)
{
    (void)context, (void)err;
    if (!a->id.len || a->id.len > 256)
        abort();
    feed_target_see(a->id);
    feed_target_see_all(a->cves, a->cve_count);
    feed_target_see_all(a->aliases, a->alias_count);
    feed_target_see(a->cvss);
    feed_target_see(a->title);
    feed_target_see(a->details);
    feed_target_see(a->url);
    for (size_t i = 0; i < a->affected_count; i++) {
        const struct gb_affected *p = &a->affected[i];
        if (p->status == GB_STATUS_AFFECTED && !p->range_count && !p->version_count)
            abort(); // affected by nothing
        feed_target_see(p->scope);
        feed_target_see(p->package);
        feed_target_see(p->module);
        feed_target_see(p->note);
        for (size_t k = 0; k < p->range_count; k++) {
            feed_target_see(p->ranges[k].introduced);
            feed_target_see(p->ranges[k].fixed);
            feed_target_see(p->ranges[k].last_affected);
        }
        feed_target_see_all(p->versions, p->version_count);
        feed_target_see_all(p->unaffected, p->unaffected_count);
        feed_target_see_all(p->architectures, p->architecture_count);
        feed_target_see_all(p->systems, p->system_count);
        feed_target_see_all(p->symbols, p->symbol_count);
    }
    return 0;
}

static inline int feed_target_exploit(void *context, const struct gb_exploit_facts *f,
                                      struct gb_error *err)
{
    (void)context, (void)err;
    if (f->has_epss && !(f->epss >= 0 && f->epss <= 1))
        abort();
    feed_target_see(f->cve);
    feed_target_see(f->cvss);
    return 0;
}

static inline int feed_target_lifecycle(void *context, const struct gb_lifecycle *l,
                                        struct gb_error *err)
{
    (void)context, (void)err;
    feed_target_see(l->product);
    feed_target_see(l->cycle);
    feed_target_see(l->codename);
    feed_target_see(l->extended_name);
    return 0;
}

static inline void feed_target_left_out(void *context, struct gb_str why)
{
    (void)context;
    if (!why.len)
        abort();
    feed_target_see(why);
}

// `format` "" = by content. The bytes are copied, so that reading past their end is seen.
static inline int feed_target(const char *name, const char *format, const uint8_t *data,
                              size_t size)
{
    struct gb_advisory_sink sink = {.advisory = feed_target_advisory,
                                    .exploit = feed_target_exploit,
                                    .lifecycle = feed_target_lifecycle,
                                    .left_out = feed_target_left_out};
    struct gb_feed_options options = {.format = gb_str_of(format),
                                      .limits = {.total_bytes = 8u << 20, .entries = 1000}};
    struct gb_feed_summary summary = {0};
    struct gb_error err = {0};
    int code = gb_feed_import_bytes(gb_str_of(name), (struct gb_str){(const char *)data, size},
                                    &options, &sink, &summary, &err);
    if ((code < 0) != (err.code != 0) || (code < 0 && !err.reason[0]))
        abort();
    return 0;
}

#endif
