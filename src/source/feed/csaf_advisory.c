// CSAF advisories and VEX documents of distributions (Red Hat, SUSE) as advisories: a row for each
// package of each release that a flaw is fixed in, affects, or does not affect.
//
// A fixed package is affected below its version; an affected one whatever its version, until the
// vendor says more. Rows that differ by architecture only become one. Source packages ("src")
// stand for what is built from them: for unfixed flaws that is all that there is.
#include "source/feed/csaf.h"

#include <stdlib.h>

static bool recognise(const struct gb_feed_head *head)
{
    return head->json == '{' && gb_feed_head_has(head, "document") &&
           gb_str_contains(head->bytes, GB_STR("\"csaf_"));
}

struct row {
    struct gb_csaf_package package;
    enum gb_csaf_status status;
    enum gb_advisory_fix fix;
    enum gb_advisory_severity severity;
    struct gb_str note;
};

struct rows {
    struct row *at;
    size_t count, capacity;
};

static bool says(struct gb_str text, const char *words)
{
    return gb_str_contains(text, gb_str_of(words));
}

static enum gb_advisory_fix fix_of(struct gb_csaf_flaw *flaw, struct gb_str id,
                                   enum gb_csaf_status status, struct gb_arena *arena)
{
    if (status == GB_CSAF_FIXED)
        return GB_FIX_AVAILABLE;
    if (status != GB_CSAF_AFFECTED)
        return GB_FIX_UNSTATED;
    const struct gb_csaf_remark *remark = gb_csaf_remark_of(&flaw->remediations, id, arena);
    if (!remark)
        return GB_FIX_NOT_YET;
    if (says(remark->details, "Out of support"))
        return GB_FIX_END_OF_LIFE;
    if (gb_str_is(remark->what, "no_fix_planned") || says(remark->details, "Will not fix"))
        return GB_FIX_WONT;
    return says(remark->details, "deferred") ? GB_FIX_DEFERRED : GB_FIX_NOT_YET;
}

static enum gb_advisory_severity severity_of(struct gb_csaf_flaw *flaw, struct gb_str id,
                                             struct gb_arena *arena)
{
    const struct gb_csaf_remark *remark = gb_csaf_remark_of(&flaw->threats, id, arena);
    return remark && gb_str_is(remark->what, "impact") ? gb_feed_severity(remark->details)
                                                       : GB_ADVISORY_UNRATED;
}

static void add_row(struct rows *rows, struct gb_csaf_flaw *flaw, struct gb_str id,
                    enum gb_csaf_status status, const struct gb_csaf_package *package,
                    struct gb_arena *arena)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 32;
        struct row *grown = gb_grow_array(arena, rows->at, rows->capacity, capacity, sizeof *grown);
        if (!grown)
            return;
        rows->at = grown;
        rows->capacity = capacity;
    }
    const struct gb_csaf_remark *flag =
        status == GB_CSAF_NOT_AFFECTED ? gb_csaf_remark_of(&flaw->flags, id, arena) : NULL;
    rows->at[rows->count++] = (struct row){.package = *package,
                                           .status = status,
                                           .fix = fix_of(flaw, id, status, arena),
                                           .severity = severity_of(flaw, id, arena),
                                           .note = flag ? flag->what : (struct gb_str){0}};
}

// All but the architecture, whose source packages stay apart.
static int compare_but_arch(const struct row *a, const struct row *b)
{
    const struct gb_csaf_package *p = &a->package, *q = &b->package;
    int order = gb_str_compare(p->scope, q->scope);
    order = order ? order : gb_str_compare(p->name, q->name);
    order = order ? order : gb_str_compare(p->module, q->module);
    order = order ? order : (int)a->status - (int)b->status;
    order = order ? order : gb_str_compare(p->version, q->version);
    order = order ? order : (int)a->fix - (int)b->fix;
    order = order ? order : (int)a->severity - (int)b->severity;
    order = order ? order : gb_str_compare(a->note, b->note);
    return order ? order : (int)gb_str_is(p->arch, "src") - (int)gb_str_is(q->arch, "src");
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int order = compare_but_arch(a, b);
    return order ? order : gb_str_compare(a->package.arch, b->package.arch);
}

// Rows [from, to), which differ by architecture only, as one.
static void affect(struct gb_feed_draft *d, const struct rows *rows, size_t from, size_t to)
{
    static const enum gb_advisory_status statuses[] = {
        [GB_CSAF_FIXED] = GB_STATUS_AFFECTED,
        [GB_CSAF_AFFECTED] = GB_STATUS_AFFECTED,
        [GB_CSAF_NOT_AFFECTED] = GB_STATUS_NOT_AFFECTED,
        [GB_CSAF_UNDER_INVESTIGATION] = GB_STATUS_UNDER_INVESTIGATION};
    const struct row *row = &rows->at[from];
    const struct gb_csaf_package *p = &row->package;
    struct gb_feed_strings architectures = {0};
    struct gb_affected_range *range = gb_alloc(d->arena, sizeof *range);
    bool all = false;
    if (!range)
        return;
    for (size_t i = from; i < to; i++) {
        struct gb_str arch = rows->at[i].package.arch;
        all |= !arch.len || gb_str_is(arch, "noarch");
        if (i == from || !gb_str_eq(arch, rows->at[i - 1].package.arch))
            gb_feed_strings_add(&architectures, arch, d->arena);
    }
    if (row->status == GB_CSAF_FIXED)
        range->fixed = p->version;
    bool ranged = row->status == GB_CSAF_FIXED || row->status == GB_CSAF_AFFECTED;
    gb_feed_affect(d, &(struct gb_affected){
                          .scope = p->scope,
                          .scheme = GB_VERSION_RPM,
                          .package = p->name,
                          .status = statuses[row->status],
                          .fix = row->fix,
                          .severity = row->severity,
                          .ranges = range,
                          .range_count = ranged ? 1 : 0,
                          .module = p->module,
                          .architectures = architectures.at,
                          .architecture_count = all ? 0 : architectures.count,
                          .note = row->note,
                      });
}

static void collect(const struct gb_csaf *csaf, struct gb_csaf_flaw *flaw, struct rows *rows,
                    struct gb_arena *arena)
{
    for (int status = 0; status < GB_CSAF_STATUS_COUNT; status++) {
        const struct gb_feed_strings *ids = &flaw->products[status];
        for (size_t i = 0; i < ids->count; i++) {
            struct gb_csaf_package package;
            if (!gb_csaf_package_of(csaf, ids->at[i], arena, &package) || !package.is_rpm ||
                !package.scope.len)
                continue;
            // A fix without a version says nothing that could be compared.
            if (status == GB_CSAF_FIXED && !package.version.len)
                continue;
            add_row(rows, flaw, ids->at[i], (enum gb_csaf_status)status, &package, arena);
        }
    }
}

static int give_flaw(struct gb_feed_member *m, const struct gb_csaf *csaf,
                     struct gb_csaf_flaw *flaw, size_t *given, struct gb_error *err)
{
    struct gb_feed_draft d = {.arena = m->arena};
    struct gb_advisory *a = &d.advisory;
    struct rows rows = {0};
    collect(csaf, flaw, &rows, m->arena);
    if (gb_arena_failed(m->arena))
        return gb_error_set(err, GB_E_LIMIT, "a document that needs too much memory");
    if (!rows.count)
        return GB_OK;
    qsort(rows.at, rows.count, sizeof *rows.at, compare_rows);
    for (size_t from = 0, to; from < rows.count; from = to) {
        for (to = from + 1; to < rows.count; to++)
            if (compare_but_arch(&rows.at[from], &rows.at[to]))
                break;
        affect(&d, &rows, from, to);
        if (rows.at[from].severity > a->severity)
            a->severity = rows.at[from].severity;
    }
    a->id = flaw->cve.len ? flaw->cve : csaf->id;
    // "Moderate", "Red Hat's": where the flaw itself has no rating.
    if (!a->severity)
        a->severity = gb_feed_severity(csaf->severity);
    a->cvss = flaw->cvss;
    a->title = flaw->title.len ? flaw->title : csaf->title;
    a->details = flaw->note;
    a->url = csaf->url;
    a->published_at = gb_feed_time(csaf->first_released);
    a->modified_at = gb_feed_time(csaf->released);
    *given += 1;
    return gb_feed_draft_give(&d, m, err);
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    struct gb_str text;
    struct gb_csaf csaf;
    size_t given = 0;
    int code = gb_feed_text(m, &text, err);
    if (code < 0 || gb_feed_repeated(m, text))
        return code;
    code = gb_csaf_read(text, m->arena, &csaf, err);
    m->data_at = code < 0 ? 0 : gb_feed_time(csaf.released);
    m->fixes_only = code == GB_OK && gb_str_is(csaf.category, "csaf_security_advisory");
    for (size_t i = 0; code == GB_OK && i < csaf.flaw_count; i++) {
        struct gb_mark mark = gb_arena_mark(m->arena);
        code = give_flaw(m, &csaf, &csaf.flaws[i], &given, err);
        gb_arena_reset(m->arena, mark);
    }
    if (code == GB_OK && csaf.flaw_count && !given)
        gb_feed_leave_out(m, 0, "none of its products is a package of a known distribution");
    return code;
}

const struct gb_feed_format gb_feed_format_csaf = {
    .name = "csaf",
    .title = "CSAF advisories and VEX of Red Hat and SUSE (JSON)",
    .recognise = recognise,
    .import = import,
};
