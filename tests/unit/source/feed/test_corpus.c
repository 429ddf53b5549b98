// Real feeds: what is imported from each, by number and by some rows. Skipped, saying so, where the
// corpus (GABION_CORPUS, else ../shared/corpus beside the project) is absent.
#include "feed_lines.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct counts {
    size_t advisories, affected, cves, modules, symbols, withdrawn, informational, negative,
        unfixed, available, literal, kev, epss, ssvc, vectors, exploitation[3];
};

static const char *corpus(void)
{
    static char path[PATH_MAX];
    const char *named = getenv("GABION_CORPUS"), *tree = getenv("GABION_TREE");
    if (named)
        snprintf(path, sizeof path, "%s/vuln", named);
    else
        snprintf(path, sizeof path, "%s/../shared/corpus/vuln", tree ? tree : ".");
    return path;
}

static int count_advisory(void *context, const struct gb_advisory *a, struct gb_error *err)
{
    struct counts *c = context;
    (void)err;
    c->advisories++;
    c->cves += a->cve_count;
    c->withdrawn += a->withdrawn_at != 0;
    c->informational += a->informational;
    c->vectors += a->cvss.len != 0;
    for (size_t i = 0; i < a->affected_count; i++) {
        const struct gb_affected *p = &a->affected[i];
        c->affected++;
        c->modules += p->module.len != 0;
        c->symbols += p->symbol_count != 0;
        c->negative += p->status == GB_STATUS_NOT_AFFECTED;
        c->available += p->fix == GB_FIX_AVAILABLE;
        c->literal += p->version_count;
        bool open = false;
        for (size_t k = 0; k < p->range_count; k++)
            open |= !p->ranges[k].fixed.len && !p->ranges[k].last_affected.len;
        c->unfixed += open;
    }
    return 0;
}

static int count_exploit(void *context, const struct gb_exploit_facts *f, struct gb_error *err)
{
    struct counts *c = context;
    (void)err;
    c->kev += f->has_kev;
    c->epss += f->has_epss;
    c->ssvc += f->has_ssvc;
    c->vectors += f->cvss.len != 0;
    if (f->has_ssvc)
        c->exploitation[f->ssvc_exploitation]++;
    return 0;
}

static void complain(void *context, struct gb_str why)
{
    (void)context;
    print_error("left out: " GB_PRI "\n", GB_ARG(why));
}

// Skips the test where the file is absent.
static struct gb_feed_summary import(const char *file, struct counts *counts)
{
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", corpus(), file);
    char *real = realpath(path, NULL);
    if (!real) {
        print_message("# there is no %s\n", path);
        skip();
    }
    struct gb_host *host = NULL;
    struct gb_error err = {0};
    struct gb_host_options at = {0};
    assert_int_equal(gb_host_open(&at, &host, &err), 0);
    struct gb_advisory_sink sink = {.context = counts,
                                    .advisory = count_advisory,
                                    .exploit = count_exploit,
                                    .left_out = complain};
    struct gb_feed_options options = {0};
    struct gb_feed_summary summary = {0};
    *counts = (struct counts){0};
    int code = gb_feed_import_path(host, real, &options, &sink, &summary, &err);
    if (code < 0)
        print_error("%s: %s\n", file, err.reason);
    gb_host_close(&host);
    free(real);
    assert_int_equal(code, 0);
    assert_int_equal(summary.left_out, 0);
    assert_false(summary.incomplete);
    assert_int_equal(counts->advisories, summary.advisories);
    assert_int_equal(counts->affected, summary.affected);
    return summary;
}

static void alma_linux(void **state)
{
    (void)state;
    struct counts c;
    struct gb_feed_summary s = import("osv/AlmaLinux/all.zip", &c);
    assert_int_equal(s.documents + s.repeated, 5680);
    assert_int_equal(s.documents, 5637);
    assert_int_equal(c.advisories, 5637);
    assert_int_equal(c.unfixed, 0);
    // A row for each module where a summary names two, less those of repeated documents.
    assert_int_equal(c.affected, 72747);
    assert_int_equal(c.modules, 24337);
    assert_int_equal(c.cves, 16402);
    assert_int_equal(c.informational, 1197);
}

static void go(void **state)
{
    (void)state;
    struct counts c;
    struct gb_feed_summary s = import("osv/Go/all.zip", &c);
    assert_int_equal(s.documents, 4291);
    assert_int_equal(c.affected, 6125);
    assert_int_equal(c.symbols, 1110);
    assert_int_equal(c.withdrawn, 17);
}

static void crates(void **state)
{
    (void)state;
    struct counts c;
    struct gb_feed_summary s = import("osv/crates.io/all.zip", &c);
    assert_int_equal(s.documents, 1206);
    assert_int_equal(c.affected, 1206);
    assert_int_equal(c.informational, 267 + 203 + 6);
    assert_int_equal(c.withdrawn, 13);
    assert_int_equal(c.vectors, 417);
}

static void pypi(void **state)
{
    (void)state;
    struct counts c;
    struct gb_feed_summary s = import("osv/PyPI/pypa-advisories-2024-10-10.tar.zst", &c);
    assert_int_equal(s.documents, 2661);
    assert_int_equal(s.ignored, 1);
    assert_int_equal(c.advisories, 2661);
    assert_int_equal(c.affected, 2660);
    assert_int_equal(c.withdrawn, 10);
}

static void debsecan(void **state)
{
    (void)state;
    struct counts c;
    struct gb_feed_summary s = import("distro/debsecan-2021-11-17.tar.zst", &c);
    assert_int_equal(s.documents, 5);
    assert_int_equal(c.affected, 5 * 34796);
    assert_int_equal(c.unfixed, 5 * 7882);
    assert_int_equal(c.available, 17497 + 4856 + 2108 + 176);
}

static void secdb(void **state)
{
    (void)state;
    struct counts c;
    struct gb_feed_summary s = import("distro/alpine-secdb-2020-06-08.tar.zst", &c);
    assert_int_equal(s.documents, 18);
    assert_int_equal(c.affected, 12031);
    assert_int_equal(c.negative, 5); // below one key "0"
}

static void enrichment(void **state)
{
    (void)state;
    struct counts c;
    import("enrichment/kev_2025-08-25.json.gz", &c);
    assert_int_equal(c.kev, 1404);
    import("enrichment/kev_epss_2026-08-22.csv.gz", &c);
    assert_int_equal(c.kev, 1556);
    assert_int_equal(c.epss, 1556);
    import("enrichment/epss_2023-08-28_partial.csv.gz", &c);
    assert_int_equal(c.epss, 102426);
    import("enrichment/vulnrichment_ssvc_2024-10.tsv.gz", &c);
    assert_int_equal(c.ssvc, 44026);
    assert_int_equal(c.vectors, 6064);
    assert_int_equal(c.exploitation[0], 36169);
    assert_int_equal(c.exploitation[1], 7643);
    assert_int_equal(c.exploitation[2], 214);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alma_linux), cmocka_unit_test(go),       cmocka_unit_test(crates),
        cmocka_unit_test(pypi),       cmocka_unit_test(debsecan), cmocka_unit_test(secdb),
        cmocka_unit_test(enrichment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
