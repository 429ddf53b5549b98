// Files, folders and archives of feeds: what is in them, their limits, and what is damaged.
#include "feed_lines.h"
#include "temporary_root.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define RECORD(id) "{\"id\": \"" id "\", \"modified\": \"2024-01-02T00:00:00Z\"}"

struct file {
    const char *name;
    struct gb_str bytes;
};

// An archive of some files, in memory that the caller frees.
static struct gb_str pack(int format, int filter, const struct file *files, size_t count)
{
    size_t size = 1 << 20, used = 0;
    for (size_t i = 0; i < count; i++)
        size += files[i].bytes.len;
    char *out = malloc(size);
    assert_non_null(out);
    struct archive *a = archive_write_new();
    assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter(a, filter), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, out, size, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, files[i].name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_mtime(entry, 1700000000, 0);
        archive_entry_set_size(entry, (la_int64_t)files[i].bytes.len);
        assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
        archive_write_data(a, files[i].bytes.at, files[i].bytes.len);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    return (struct gb_str){out, used};
}

static void drop(struct gb_str bytes)
{
    free((void *)(uintptr_t)bytes.at);
}

static const struct file two[] = {
    {"a/A.json", GB_STR_INIT(RECORD("A"))},         {"LICENCE", GB_STR_INIT("words")},
    {"../../etc/B.json", GB_STR_INIT(RECORD("B"))}, {"b/A.json", GB_STR_INIT(RECORD("A"))},
    {"unknown.json", GB_STR_INIT("{\"x\": 1}")},
};

static void archives(void **state)
{
    (void)state;
    static const struct {
        int format, filter;
        const char *name;
    } forms[] = {
        {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "x.zip"},
        {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, "x.tar"},
        {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_GZIP, "x.tar.gz"},
        {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_XZ, "x.tar.xz"},
        {ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_ZSTD, "x.tar.zst"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct gb_str bytes = pack(forms[i].format, forms[i].filter, two, 5);
        struct feed_lines *lines = feed_import(forms[i].name, bytes, NULL);
        if (lines->code)
            print_error("%s: %s\n", forms[i].name, lines->err.reason);
        assert_int_equal(lines->code, 0);
        assert_int_equal(lines->summary.documents, 2);
        assert_int_equal(lines->summary.repeated, 1);
        assert_int_equal(lines->summary.ignored, 1);
        assert_int_equal(lines->summary.left_out, 1);
        assert_non_null(strstr(lines->out.data, "document osv 1700000000\n"));
        assert_non_null(strstr(lines->out.data, "advisory A modified"));
        assert_non_null(strstr(lines->out.data, "advisory B modified"));
        assert_non_null(strstr(lines->out.data, "/unknown.json: no advisory format"));
        // Every cut gives an error or fewer entries, never nonsense.
        size_t step = bytes.len / 40 + 1;
        for (size_t len = 1; len < bytes.len; len += step) {
            lines = feed_import(forms[i].name, gb_str_sub(bytes, 0, len), NULL);
            assert_true(lines->code < 0 || lines->summary.advisories <= 2);
        }
        lines = feed_import(forms[i].name, gb_str_sub(bytes, 0, bytes.len / 4), NULL);
        assert_true(lines->code < 0);
        assert_true(lines->summary.incomplete);
        drop(bytes);
    }
}

static void archives_in_archives(void **state)
{
    (void)state;
    struct gb_str inner = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 1);
    for (int depth = 2; depth <= 5; depth++) {
        struct file around = {"inner.tar.gz", inner};
        struct gb_str outer = pack(ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_GZIP, &around, 1);
        drop(inner);
        inner = outer;
        struct feed_lines *lines = feed_import("x.tgz", outer, NULL);
        assert_int_equal(lines->code, 0);
        assert_int_equal(lines->summary.advisories, depth <= 3 ? 1 : 0);
        assert_int_equal(lines->summary.left_out, depth <= 3 ? 0 : 1);
        if (depth > 3)
            assert_non_null(strstr(lines->out.data, "more than 3 deep are not read"));
    }
    drop(inner);
}

// Gigabytes without end, as far as a reader can tell.
struct endless {
    const char *front;
    size_t front_len;
    uint64_t left;
};

static int64_t read_endless(void *context, void *into, size_t size, struct gb_error *err)
{
    struct endless *e = context;
    (void)err;
    size_t part = e->front_len < size ? e->front_len : size;
    memcpy(into, e->front, part);
    e->front += part;
    e->front_len -= part;
    uint64_t more = size - part < e->left ? size - part : e->left;
    memset((char *)into + part, 'a', (size_t)more);
    e->left -= more;
    return (int64_t)(part + more);
}

static void endless(void **state)
{
    (void)state;
    static const struct {
        const char *name, *front, *reason;
    } cases[] = {
        {"x.json", "{\"id\": \"A\", \"modified\": \"\", \"details\": \"", "more than 67108864"},
        {"sid", "VERSION 1\n", "a line of more than"},
        {"epss.csv", "cve,epss,percentile\nCVE-1", "a line of more than"},
        {"json", "{\"a\": {\"CVE-2024-1\": {\"description\": \"", "an entry of more than"},
        {"x.yaml", "id: A\nmodified: x\ndetails: ", "more than 67108864"},
    };
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct endless text = {cases[i].front, strlen(cases[i].front), UINT64_C(1) << 30};
        struct gb_feed_stream stream = {&text, read_endless};
        struct gb_feed_options options = {0};
        struct gb_feed_summary summary = {0};
        struct gb_advisory_sink sink = {0};
        struct gb_error err = {0};
        int code = gb_feed_import_stream(gb_str_of(cases[i].name), &stream, &options, &sink,
                                         &summary, &err);
        if (code != GB_E_LIMIT || !strstr(err.reason, cases[i].reason))
            print_error("%s: %d %s\n", cases[i].name, code, err.reason);
        assert_int_equal(code, GB_E_LIMIT);
        assert_non_null(strstr(err.reason, cases[i].reason));
        assert_true(summary.incomplete);
        assert_true(summary.bytes < 130u << 20);
    }
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < 400 << 10);
}

static void bombs(void **state)
{
    (void)state;
    size_t len = 200u << 20;
    char *zeros = calloc(1, len);
    assert_non_null(zeros);
    memcpy(zeros, "VERSION 1\n", 10);
    struct file files[] = {{"sid", {zeros, len}}, {"LICENCE", {zeros + 20, len - 20}}};
    struct gb_str gzip = pack(ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, files, 1);
    struct gb_str zip = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, files, 1);
    struct gb_str tar = pack(ARCHIVE_FORMAT_TAR, ARCHIVE_FILTER_GZIP, files + 1, 1);
    struct gb_feed_options options = {.limits = {.total_bytes = 0}};
    struct feed_lines *lines = feed_import("sid", gzip, &options);
    assert_int_equal(lines->code, GB_E_LIMIT);
    lines = feed_import("sid.zip", zip, &options);
    assert_int_equal(lines->summary.advisories, 0);
    assert_true(lines->summary.incomplete);
    // What is not even read counts too.
    lines = feed_import("x.tgz", tar, &options);
    assert_int_equal(lines->code, GB_E_LIMIT);
    assert_non_null(strstr(lines->err.reason, "more than 400 times its size"));
    free(zeros);
    drop(gzip);
    drop(zip);
    drop(tar);
}

static void limits(void **state)
{
    (void)state;
    struct gb_str zip = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 5);
    struct gb_feed_options few = {.limits = {.entries = 3}};
    assert_int_equal(feed_import("x.zip", zip, &few)->code, GB_E_LIMIT);
    struct gb_feed_options small = {.limits = {.total_bytes = 300}};
    assert_int_equal(feed_import("x.zip", zip, &small)->code, GB_E_LIMIT);
    struct gb_feed_options short_documents = {.limits = {.document_bytes = 20}};
    struct feed_lines *lines = feed_import("x.zip", zip, &short_documents);
    assert_int_equal(lines->summary.advisories, 0);
    assert_int_equal(lines->summary.left_out, 4);
    struct gb_feed_options wrong = {.format = GB_STR("cvrf")};
    assert_int_equal(feed_import("x.zip", zip, &wrong)->code, GB_E_USAGE);
    drop(zip);
    feed_refuse("README", "words", GB_E_UNSUPPORTED, "no advisory data");
    feed_refuse("x.json", "{\"x\": 1}", GB_E_UNSUPPORTED, "no advisory format that is known");
    feed_refuse("x.json", "", GB_E_UNSUPPORTED, "no advisory data");
}

static int refuse_second(void *context, const struct gb_advisory *advisory, struct gb_error *err)
{
    int *seen = context;
    (void)advisory;
    return ++*seen < 2 ? 0 : gb_error_set(err, GB_E_CONFLICT, "enough");
}

// What the sink refuses ends the whole import, not one member.
static void refusing_sink(void **state)
{
    (void)state;
    static const struct file three[] = {{"A.json", GB_STR_INIT(RECORD("A"))},
                                        {"B.jsonl", GB_STR_INIT(RECORD("B") "\n" RECORD("D"))},
                                        {"C.json", GB_STR_INIT(RECORD("C"))}};
    struct gb_str zip = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, three, 3);
    int seen = 0;
    struct gb_advisory_sink sink = {.context = &seen, .advisory = refuse_second};
    struct gb_feed_options options = {0};
    struct gb_feed_summary summary = {0};
    struct gb_error err = {0};
    assert_int_equal(gb_feed_import_bytes(GB_STR("x.zip"), zip, &options, &sink, &summary, &err),
                     GB_E_CONFLICT);
    assert_string_equal(err.reason, "enough");
    assert_int_equal(seen, 2);
    drop(zip);
}

static void folders(void **state)
{
    (void)state;
    struct temporary_root root = temporary_root_new();
    struct gb_str zip = pack(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 3);
    temporary_root_file(&root, "/feed/one/Z.json", RECORD("Z"));
    temporary_root_bytes(&root, "/feed/two.zip", zip);
    temporary_root_file(&root, "/feed/broken.json", "{\"id\": \"A\", \"modified\": ");
    char link[128];
    snprintf(link, sizeof link, "%s/feed/one/loop", root.path);
    assert_int_equal(symlink("..", link), 0);
    struct gb_error err = {0};
    struct gb_host *host = temporary_root_host(&root, GB_KERNEL_NONE);
    struct gb_advisory_sink sink = {0};
    struct gb_feed_options options = {0};
    struct gb_feed_summary summary = {0};
    assert_int_equal(gb_feed_import_path(host, "/feed", &options, &sink, &summary, &err), 0);
    assert_int_equal(summary.advisories, 3);
    assert_int_equal(summary.left_out, 1);
    summary = (struct gb_feed_summary){0};
    assert_int_equal(
        gb_feed_import_path(host, "/feed/broken.json", &options, &sink, &summary, &err),
        GB_E_SYNTAX);
    assert_string_equal(err.subject, "/feed/broken.json");
    assert_int_equal(err.line, 1);
    assert_int_equal(gb_feed_import_path(host, "/nothing", &options, &sink, &summary, &err),
                     GB_E_NOT_FOUND);
    drop(zip);
    temporary_root_free(&root, &host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives), cmocka_unit_test(archives_in_archives),
        cmocka_unit_test(endless),  cmocka_unit_test(bombs),
        cmocka_unit_test(limits),   cmocka_unit_test(refusing_sink),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
