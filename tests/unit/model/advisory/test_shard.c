// Shards: what is written is read again, in any order the same bytes, and what is damaged is
// refused.
#include "model/advisory/shard.h"

#include "base/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shards.h"

static struct gb_arena *arena;
static struct gb_error err;

static int set_up(void **state)
{
    (void)state;
    arena = gb_arena_new("test", 64u << 20);
    err = (struct gb_error){0};
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gb_arena_free(&arena);
    return 0;
}

static void must(int code)
{
    if (code)
        fail_msg("%s", err.reason);
}

static struct gb_shard_writer *writer_of(const struct gb_shard_description *description)
{
    struct gb_shard_writer *writer;
    must(gb_shard_writer_new(description, 64u << 20, &writer, &err));
    return writer;
}

static void write_all(struct gb_buffer *shard, struct gb_buffer *texts, const unsigned *order)
{
    struct gb_shard_writer *writer = writer_of(&advisory_description);
    for (unsigned i = 0; i < ADVISORIES; i++)
        must(gb_shard_writer_advisory(writer, &advisories[order[i]], &err));
    must(gb_shard_writer_advisory(writer, &advisories[order[0]], &err)); // twice: kept once
    must(gb_shard_writer_finish(writer, shard, texts, &err));
    gb_shard_writer_free(&writer);
    assert_null(writer);
}

static const unsigned forwards[] = {0, 1, 2}, backwards[] = {2, 1, 0};

static void assert_str(struct gb_str seen, struct gb_str expected)
{
    if (!gb_str_eq(seen, expected))
        fail_msg("\"" GB_PRI "\" is not \"" GB_PRI "\"", GB_ARG(seen), GB_ARG(expected));
}

static void assert_strings(const struct gb_str *seen, size_t seen_count,
                           const struct gb_str *expected, size_t count)
{
    assert_int_equal(seen_count, count);
    for (size_t i = 0; i < count; i++)
        assert_str(seen[i], expected[i]);
}

static void assert_affected(const struct gb_affected *seen, const struct gb_affected *expected)
{
    assert_str(seen->scope, expected->scope);
    assert_str(seen->package, expected->package);
    assert_int_equal(seen->scheme, expected->scheme);
    assert_int_equal(seen->binary, expected->binary);
    assert_int_equal(seen->status, expected->status);
    assert_int_equal(seen->fix, expected->fix);
    assert_int_equal(seen->severity, expected->severity);
    assert_int_equal(seen->remote, expected->remote);
    assert_int_equal(seen->range_count, expected->range_count);
    for (size_t i = 0; i < seen->range_count; i++) {
        assert_str(seen->ranges[i].introduced, expected->ranges[i].introduced);
        assert_str(seen->ranges[i].fixed, expected->ranges[i].fixed);
        assert_str(seen->ranges[i].last_affected, expected->ranges[i].last_affected);
    }
    assert_strings(seen->versions, seen->version_count, expected->versions,
                   expected->version_count);
    assert_strings(seen->unaffected, seen->unaffected_count, expected->unaffected,
                   expected->unaffected_count);
    assert_strings(seen->architectures, seen->architecture_count, expected->architectures,
                   expected->architecture_count);
    assert_strings(seen->systems, seen->system_count, expected->systems, expected->system_count);
    assert_strings(seen->symbols, seen->symbol_count, expected->symbols, expected->symbol_count);
    assert_str(seen->module, expected->module);
    assert_str(seen->note, expected->note);
}

static void assert_head(const struct gb_advisory *seen, const struct gb_advisory *expected)
{
    assert_str(seen->id, expected->id);
    assert_strings(seen->cves, seen->cve_count, expected->cves, expected->cve_count);
    assert_strings(seen->aliases, seen->alias_count, expected->aliases, expected->alias_count);
    assert_int_equal(seen->severity, expected->severity);
    assert_str(seen->cvss, expected->cvss);
    assert_int_equal(seen->published_at, expected->published_at);
    assert_int_equal(seen->modified_at, expected->modified_at);
    assert_int_equal(seen->withdrawn_at, expected->withdrawn_at);
    assert_int_equal(seen->disputed, expected->disputed);
    assert_int_equal(seen->informational, expected->informational);
}

static void next_is(struct gb_shard_rows *rows, const struct gb_affected *affected,
                    const struct gb_advisory *advisory)
{
    struct gb_shard_row row;
    assert_true(gb_shard_next(rows, arena, &row));
    assert_affected(&row.affected, affected);
    struct gb_advisory head;
    must(gb_shard_advisory(rows->shard, row.advisory, arena, &head, &err));
    assert_head(&head, advisory);
}

static void reads_what_was_written(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    write_all(&bytes, NULL, forwards);
    struct gb_shard *shard;
    must(gb_shard_open(gb_buffer_str(&bytes), arena, &shard, &err));
    const struct gb_shard_description *description = gb_shard_describe(shard);
    assert_int_equal(description->content, GB_SHARD_ADVISORIES);
    assert_str(description->feed, advisory_description.feed);
    assert_str(description->scope, advisory_description.scope);
    assert_str(description->origin, advisory_description.origin);
    assert_str(description->licence, advisory_description.licence);
    assert_int_equal(description->scheme, GB_VERSION_DPKG);
    assert_int_equal(description->data_at, advisory_description.data_at);
    assert_int_equal(description->built_at, advisory_description.built_at);
    assert_true(description->complete_fixes);
    assert_int_equal(gb_shard_row_count(shard), 4); // the other release's is left out

    struct gb_shard_row row;
    struct gb_shard_rows rows = gb_shard_all(shard);
    next_is(&rows, &unfixed_affected[0], &advisories[2]);
    next_is(&rows, &many_affected[0], &advisories[1]);
    next_is(&rows, &one_affected[0], &advisories[0]);
    next_is(&rows, &many_affected[2], &advisories[1]);
    assert_false(gb_shard_next(&rows, arena, &row));

    rows = gb_shard_find(shard, GB_STR("openssl"));
    next_is(&rows, &one_affected[0], &advisories[0]);
    next_is(&rows, &many_affected[2], &advisories[1]);
    assert_false(gb_shard_next(&rows, arena, &row));
    static const struct gb_str absent[] = {GB_STR_INIT(""), GB_STR_INIT("elsewhere"),
                                           GB_STR_INIT("opens"), GB_STR_INIT("openssl3"),
                                           GB_STR_INIT("zzz")};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        rows = gb_shard_find(shard, absent[i]);
        assert_false(gb_shard_next(&rows, arena, &row));
    }
}

static void order_does_not_show(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer first = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer second = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer first_texts = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer second_texts = gb_buffer(1u << 20);
    write_all(&first, &first_texts, forwards);
    write_all(&second, &second_texts, backwards);
    assert_true(gb_str_eq(gb_buffer_str(&first), gb_buffer_str(&second)));
    assert_true(gb_str_eq(gb_buffer_str(&first_texts), gb_buffer_str(&second_texts)));
}

static void introduced_zero_is_the_beginning(void **state)
{
    (void)state;
    static const struct gb_affected_range zero[] = {
        {.introduced = GB_STR_INIT("0"), .fixed = GB_STR_INIT("1.2-3")}};
    struct gb_affected affected = one_affected[0];
    affected.ranges = zero;
    struct gb_advisory advisory = advisories[0];
    advisory.affected = &affected;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    struct gb_shard_writer *writer = writer_of(&advisory_description);
    must(gb_shard_writer_advisory(writer, &advisory, &err));
    must(gb_shard_writer_finish(writer, &bytes, NULL, &err));
    gb_shard_writer_free(&writer);
    struct gb_shard *shard;
    must(gb_shard_open(gb_buffer_str(&bytes), arena, &shard, &err));
    struct gb_shard_rows rows = gb_shard_all(shard);
    next_is(&rows, &one_affected[0], &advisories[0]);
}

// Large enough to widen every table, with texts over several blocks.
static void thousands(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct gb_shard_writer *writer = writer_of(&advisory_description);
    for (unsigned i = 0; i < COUNT; i++) {
        struct gb_mark mark = gb_arena_mark(arena);
        struct gb_affected_range range = {.fixed = gb_str_format(arena, "1.%u-1", i)};
        struct gb_affected affected = {.scope = GB_STR("debian-12"),
                                       .scheme = GB_VERSION_DPKG,
                                       .package = gb_str_format(arena, "package-%u", i % 700),
                                       .ranges = &range,
                                       .range_count = 1};
        struct gb_str id = gb_str_format(arena, "CVE-2020-%04u", i);
        struct gb_advisory advisory = {.id = id,
                                       .cves = &id,
                                       .cve_count = 1,
                                       .details = gb_str_format(arena, "The flaw %u.", i),
                                       .affected = &affected,
                                       .affected_count = 1};
        must(gb_shard_writer_advisory(writer, &advisory, &err));
        gb_arena_reset(arena, mark);
    }
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(8u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(8u << 20);
    must(gb_shard_writer_finish(writer, &bytes, &texts, &err));
    gb_shard_writer_free(&writer);
    struct gb_shard *shard;
    must(gb_shard_open(gb_buffer_str(&bytes), arena, &shard, &err));
    assert_int_equal(gb_shard_row_count(shard), COUNT);
    unsigned seen = 0;
    for (unsigned p = 0; p < 700; p++) {
        struct gb_shard_rows rows = gb_shard_find(shard, gb_str_format(arena, "package-%u", p));
        struct gb_shard_row row;
        unsigned i = p;
        for (; gb_shard_next(&rows, arena, &row); i += 700, seen++) {
            assert_str(row.affected.ranges[0].fixed, gb_str_format(arena, "1.%u-1", i));
            struct gb_advisory head;
            must(gb_shard_advisory(shard, row.advisory, arena, &head, &err));
            assert_str(head.cves[0], gb_str_format(arena, "CVE-2020-%04u", i));
            struct gb_advisory_text text;
            must(gb_shard_text(gb_buffer_str(&texts), head.id, arena, &text, &err));
            assert_str(text.details, gb_str_format(arena, "The flaw %u.", i));
        }
    }
    assert_int_equal(seen, COUNT);
}

static struct gb_str text_of(const struct gb_buffer *texts, const char *id)
{
    struct gb_advisory_text text;
    must(gb_shard_text(gb_buffer_str(texts), gb_str_of(id), arena, &text, &err));
    return text.details;
}

static void texts_are_found(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(1u << 20);
    write_all(&bytes, &texts, forwards);
    struct gb_advisory_text text;
    must(gb_shard_text(gb_buffer_str(&texts), GB_STR("CVE-2023-0464"), arena, &text, &err));
    assert_str(text.title, advisories[0].title);
    assert_str(text.details, advisories[0].details);
    assert_str(text.url, advisories[0].url);
    assert_str(text_of(&texts, "DSA-5555-1"), GB_STR("Much."));
    assert_str(text_of(&texts, "TEMP-0000000-ABCDEF"), GB_STR(""));
    assert_str(text_of(&texts, "CVE-2000-0001"), GB_STR(""));
}

static void long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    size_t len = GB_SHARD_TEXT_MAX + 10;
    char *details = malloc(len);
    assert_non_null(details);
    memset(details, 'x', len);
    memcpy(details + GB_SHARD_TEXT_MAX - 1, "\xc3\xa4", 2);
    struct gb_advisory advisory = advisories[0];
    advisory.details = (struct gb_str){details, len};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(8u << 20);
    struct gb_shard_writer *writer = writer_of(&advisory_description);
    must(gb_shard_writer_advisory(writer, &advisory, &err));
    must(gb_shard_writer_finish(writer, NULL, &texts, &err));
    gb_shard_writer_free(&writer);
    assert_int_equal(text_of(&texts, "CVE-2023-0464").len, GB_SHARD_TEXT_MAX - 1);
    free(details);
}

static void exploits_are_found_and_merged(void **state)
{
    (void)state;
    const struct gb_exploit_facts facts[] = {
        {.cve = GB_STR("CVE-2021-44228"),
         .has_kev = true,
         .kev_ransomware = true,
         .kev_added_at = 18971 * 86400,
         .kev_due_at = 18985 * 86400},
        {.cve = GB_STR("CVE-2021-44228"),
         .has_epss = true,
         .epss = 0.94358,
         .epss_percentile = 0.99957},
        {.cve = GB_STR("CVE-2021-44228"),
         .has_ssvc = true,
         .ssvc_exploitation = 2,
         .ssvc_automatable = true,
         .ssvc_total = true,
         .cvss = GB_STR("CVSS:3.1/AV:N")},
        {.cve = GB_STR("CVE-2017-0144"), .has_epss = true, .epss = 0.00043, .epss_percentile = 1.0},
        {.cve = GB_STR("CVE-2024-0001"), .has_ssvc = true, .ssvc_exploitation = 1},
    };
    const struct gb_shard_description description = {.content = GB_SHARD_EXPLOITS,
                                                     .feed = GB_STR("kev")};
    struct gb_buffer out[2] = {gb_buffer(1u << 20), gb_buffer(1u << 20)};
    for (unsigned turn = 0; turn < 2; turn++) {
        struct gb_shard_writer *writer = writer_of(&description);
        for (unsigned i = 0; i < 5; i++)
            must(gb_shard_writer_exploit(writer, &facts[turn ? 4 - i : i], &err));
        struct gb_exploit_facts odd = {.cve = GB_STR("GHSA-x")};
        assert_int_equal(gb_shard_writer_exploit(writer, &odd, &err), GB_E_TYPE);
        must(gb_shard_writer_finish(writer, &out[turn], NULL, &err));
        gb_shard_writer_free(&writer);
    }
    assert_true(gb_str_eq(gb_buffer_str(&out[0]), gb_buffer_str(&out[1])));
    struct gb_shard *shard;
    must(gb_shard_open(gb_buffer_str(&out[0]), arena, &shard, &err));
    assert_int_equal(gb_shard_row_count(shard), 3);
    struct gb_exploit_facts seen;
    must(gb_shard_exploit(shard, GB_STR("CVE-2021-44228"), &seen));
    assert_true(seen.has_kev && seen.kev_ransomware && seen.has_epss && seen.has_ssvc);
    assert_int_equal(seen.kev_added_at, 18971 * 86400);
    assert_int_equal(seen.kev_due_at, 18985 * 86400);
    assert_true(seen.epss == 0.94358 && seen.epss_percentile == 0.99957);
    assert_int_equal(seen.ssvc_exploitation, 2);
    assert_true(seen.ssvc_automatable && seen.ssvc_total);
    assert_str(seen.cvss, GB_STR("CVSS:3.1/AV:N"));
    must(gb_shard_exploit(shard, GB_STR("CVE-2017-0144"), &seen));
    assert_true(!seen.has_kev && seen.has_epss && !seen.has_ssvc);
    assert_true(seen.epss == 0.00043 && seen.epss_percentile == 1.0);
    assert_int_equal(seen.kev_added_at, 0);
    must(gb_shard_exploit(shard, GB_STR("CVE-2024-0001"), &seen));
    assert_int_equal(seen.ssvc_exploitation, 1);
    assert_false(seen.ssvc_automatable || seen.ssvc_total);
    assert_int_equal(gb_shard_exploit(shard, GB_STR("CVE-2024-0002"), &seen), GB_E_NOT_FOUND);
    assert_int_equal(gb_shard_exploit(shard, GB_STR("x"), &seen), GB_E_NOT_FOUND);
    gb_buffer_free(&out[0]);
    gb_buffer_free(&out[1]);
}

static void lifecycles_are_found(void **state)
{
    (void)state;
    const struct gb_lifecycle cycles[] = {
        {.product = GB_STR("debian"),
         .cycle = GB_STR("12"),
         .codename = GB_STR("bookworm"),
         .released_at = 1686355200,
         .eol_at = 1781049600,
         .extended_eol_at = 1846022400,
         .extended_name = GB_STR("LTS")},
        {.product = GB_STR("debian"), .cycle = GB_STR("3.1"), .released_at = -1},
        {.product = GB_STR("ubuntu"), .cycle = GB_STR("22.04")},
    };
    const struct gb_shard_description description = {.content = GB_SHARD_LIFECYCLES};
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    struct gb_shard_writer *writer = writer_of(&description);
    for (unsigned i = 0; i < 3; i++)
        must(gb_shard_writer_lifecycle(writer, &cycles[i], &err));
    must(gb_shard_writer_finish(writer, &bytes, NULL, &err));
    gb_shard_writer_free(&writer);
    struct gb_shard *shard;
    must(gb_shard_open(gb_buffer_str(&bytes), arena, &shard, &err));
    struct gb_lifecycle seen;
    must(gb_shard_lifecycle(shard, GB_STR("debian"), GB_STR("12"), &seen));
    assert_str(seen.codename, GB_STR("bookworm"));
    assert_str(seen.extended_name, GB_STR("LTS"));
    assert_int_equal(seen.released_at, 1686355200);
    assert_int_equal(seen.eol_at, 1781049600);
    assert_int_equal(seen.extended_eol_at, 1846022400);
    must(gb_shard_lifecycle(shard, GB_STR("debian"), GB_STR("3.1"), &seen));
    assert_int_equal(seen.released_at, -1);
    assert_int_equal(gb_shard_lifecycle(shard, GB_STR("debian"), GB_STR("22.04"), &seen),
                     GB_E_NOT_FOUND);
}

static void read_everything(const struct gb_shard *shard)
{
    struct gb_shard_rows rows = gb_shard_all(shard);
    struct gb_shard_row row;
    while (gb_shard_next(&rows, arena, &row)) {
        struct gb_advisory head;
        must(gb_shard_advisory(shard, row.advisory, arena, &head, &err));
    }
}

// Every byte of a shard, changed: the file is refused. A copy of its exact size lets sanitizers see
// reads behind the end.
static void changed_bytes_are_refused(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    write_all(&bytes, NULL, forwards);
    char *copy = malloc(bytes.len);
    assert_non_null(copy);
    for (size_t i = 0; i < bytes.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, bytes.data, bytes.len);
            copy[i] = (char)(copy[i] ^ (1 << bit));
            struct gb_shard *shard;
            struct gb_mark mark = gb_arena_mark(arena);
            int code = gb_shard_open((struct gb_str){copy, bytes.len}, arena, &shard, &err);
            if (code != GB_E_SYNTAX && code != GB_E_UNSUPPORTED)
                fail_msg("bit %u of byte %zu", bit, i);
            gb_arena_reset(arena, mark);
        }
    free(copy);
}

// The same behind a checksum that fits: refused, or read without harm.
static void forged_bytes_are_harmless(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    write_all(&bytes, NULL, forwards);
    char *copy = malloc(bytes.len);
    assert_non_null(copy);
    unsigned refused = 0;
    for (size_t i = 32; i < bytes.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(copy, bytes.data, bytes.len);
            copy[i] = (char)(copy[i] ^ (1 << bit));
            uint64_t sum = gb_checksum((struct gb_str){copy + 32, bytes.len - 32}, 0);
            for (unsigned k = 0; k < 8; k++)
                copy[24 + k] = (char)(sum >> 8 * k);
            struct gb_shard *shard;
            struct gb_mark mark = gb_arena_mark(arena);
            if (gb_shard_open((struct gb_str){copy, bytes.len}, arena, &shard, &err))
                refused++;
            else
                read_everything(shard);
            gb_arena_reset(arena, mark);
        }
    assert_true(refused > 100);
    free(copy);
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(1u << 20);
    write_all(&bytes, &texts, forwards);
    for (size_t len = 0; len < bytes.len; len++) {
        char *copy = malloc(len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, bytes.data, len);
        struct gb_shard *shard;
        assert_int_equal(gb_shard_open((struct gb_str){copy, len}, arena, &shard, &err),
                         GB_E_SYNTAX);
        free(copy);
    }
    for (size_t len = 0; len < texts.len; len++) {
        char *copy = malloc(len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, texts.data, len);
        struct gb_advisory_text text;
        assert_int_equal(
            gb_shard_text((struct gb_str){copy, len}, GB_STR("CVE-2023-0464"), arena, &text, &err),
            GB_E_SYNTAX);
        free(copy);
    }
}

// A changed byte of the texts file never gives another text: refused, the right one, or none.
static void changed_texts_do_not_lie(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(1u << 20);
    write_all(&bytes, &texts, forwards);
    unsigned refused = 0;
    for (size_t i = 0; i < texts.len; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            texts.data[i] = (char)(texts.data[i] ^ (1 << bit));
            struct gb_mark mark = gb_arena_mark(arena);
            struct gb_advisory_text text;
            int code =
                gb_shard_text(gb_buffer_str(&texts), GB_STR("CVE-2023-0464"), arena, &text, &err);
            refused += code != GB_OK;
            if (!code && text.details.len)
                assert_str(text.details, advisories[0].details);
            gb_arena_reset(arena, mark);
            texts.data[i] = (char)(texts.data[i] ^ (1 << bit));
        }
    assert_true(refused > texts.len * 4);
}

static void a_newer_layout_is_told_apart(void **state)
{
    (void)state;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(1u << 20);
    write_all(&bytes, NULL, forwards);
    bytes.data[8] = 2;
    struct gb_shard *shard;
    assert_int_equal(gb_shard_open(gb_buffer_str(&bytes), arena, &shard, &err), GB_E_UNSUPPORTED);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    struct gb_shard_writer *writer;
    must(gb_shard_writer_new(&advisory_description, 64u << 10, &writer, &err));
    int code = GB_OK;
    for (unsigned i = 0; !code && i < 100000; i++) {
        char id[32];
        int len = snprintf(id, sizeof id, "DSA-%u-1", i);
        struct gb_advisory advisory = advisories[0];
        advisory.id = (struct gb_str){id, (size_t)len};
        code = gb_shard_writer_advisory(writer, &advisory, &err);
    }
    assert_int_equal(code, GB_E_LIMIT);
    gb_shard_writer_free(&writer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(reads_what_was_written),
        TEST(order_does_not_show),
        TEST(introduced_zero_is_the_beginning),
        TEST(thousands),
        TEST(texts_are_found),
        TEST(long_texts_are_cut_at_a_character),
        TEST(exploits_are_found_and_merged),
        TEST(lifecycles_are_found),
        TEST(changed_bytes_are_refused),
        TEST(forged_bytes_are_harmless),
        TEST(cut_files_are_refused),
        TEST(changed_texts_do_not_lie),
        TEST(a_newer_layout_is_told_apart),
        TEST(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
