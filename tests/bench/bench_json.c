// Speed of the JSON reader and writer in MB/s, and as a ratio to jansson in the same run where that
// is installed: bench-json [FILE...]. Without files: made-up advisories, long texts, numbers, and
// an indented document.
#include "base/json.h"
#include "model/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef GB_WITH_JANSSON
#include <jansson.h>
#endif

enum { TEXT_BYTES = 8 << 20, LARGEST = 512 << 20 };
static const struct gb_json_limits limits = {.max_bytes = LARGEST, .max_depth = 64};

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void check(int code, const struct gb_error *err)
{
    if (code >= 0)
        return;
    fprintf(stderr, "line %u: %s\n", err->line, err->reason);
    exit(1);
}

static void scan(struct gb_str text)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("scan", SIZE_MAX);
    struct gb_json_reader r;
    struct gb_error err = {0};
    check(gb_json_open(&r, text, limits, arena, &err), &err);
    int event;
    while ((event = gb_json_next(&r, &err)) > GB_JSON_END)
        ;
    check(event, &err);
}

static void skip_all(struct gb_str text)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("skip", SIZE_MAX);
    struct gb_json_reader r;
    struct gb_error err = {0};
    check(gb_json_open(&r, text, limits, arena, &err), &err);
    check(gb_json_skip(&r, &err), &err);
}

static void tree(struct gb_str text)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("tree", SIZE_MAX);
    struct gb_node node;
    struct gb_error err = {0};
    check(gb_json_node(text, "bench", limits, arena, &node, &err), &err);
}

#ifdef GB_WITH_JANSSON
static void peer(struct gb_str text)
{
    json_error_t err;
    json_t *root = json_loadb(text.at, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &err);
    if (!root) {
        fprintf(stderr, "jansson: %s\n", err.text);
        exit(1);
    }
    json_decref(root);
}
#endif

// Best of several runs, in MB/s.
static double speed(void (*run)(struct gb_str), struct gb_str text)
{
    double best = 1e9, spent = 0;
    for (int i = 0; i < 20 && (i < 3 || spent < 1); i++) {
        double before = now();
        run(text);
        double took = now() - before;
        spent += took;
        best = took < best ? took : best;
    }
    return (double)text.len / best / 1e6;
}

static void measure(const char *name, struct gb_str text)
{
    double scanned = speed(scan, text), skipped = speed(skip_all, text), built = speed(tree, text);
    printf("%-12s %6.1f MB  scan %6.0f MB/s  skip %6.0f MB/s  tree %6.0f MB/s", name,
           (double)text.len / 1e6, scanned, skipped, built);
#ifdef GB_WITH_JANSSON
    double other = speed(peer, text);
    printf("  jansson %5.0f MB/s  scan/jansson %5.1f  tree/jansson %5.1f", other, scanned / other,
           built / other);
#endif
    printf("\n");
}

static void advisories(struct gb_buffer *out, unsigned indent)
{
    struct gb_json_writer w = gb_json_writer(out, indent);
    gb_json_list_begin(&w);
    for (int i = 0; out->len < TEXT_BYTES && !out->failed; i++) {
        char id[32];
        snprintf(id, sizeof id, "DSA-%d-1", i);
        gb_json_object_begin(&w);
        gb_json_field_text(&w, "id", id);
        gb_json_field_text(&w, "modified", "2026-08-21T09:41:17.123456Z");
        gb_json_field_text(&w, "summary",
                           "An out-of-bounds write in the parser of \"chunked\" "
                           "bodies lets a remote peer run code");
        gb_json_key(&w, "affected");
        gb_json_list_begin(&w);
        for (int k = 0; k < 3; k++) {
            gb_json_object_begin(&w);
            gb_json_field_text(&w, "package", "libexample3");
            gb_json_field_text(&w, "introduced", "0");
            gb_json_field_text(&w, "fixed", "3.0.17-1~deb12u2");
            gb_json_field_int(&w, "rank", i * 31 + k);
            gb_json_field_bool(&w, "reachable", k == 1);
            gb_json_object_end(&w);
        }
        gb_json_list_end(&w);
        gb_json_key(&w, "score");
        gb_json_double(&w, (i % 100) / 10.0);
        gb_json_object_end(&w);
    }
    gb_json_list_end(&w);
}

static void texts(struct gb_buffer *out)
{
    struct gb_json_writer w = gb_json_writer(out, 0);
    gb_json_list_begin(&w);
    while (out->len < TEXT_BYTES && !out->failed)
        gb_json_text(&w,
                     "A paragraph as advisories have them: several sentences of plain text, now "
                     "and then with a quote \"like this\" or an accent as in \xc3\xa9t\xc3\xa9. "
                     "It goes on for a while, because descriptions are what most of a feed "
                     "consists of, and ends with a line break.\n");
    gb_json_list_end(&w);
}

static void numbers(struct gb_buffer *out)
{
    struct gb_json_writer w = gb_json_writer(out, 0);
    gb_json_list_begin(&w);
    for (int i = 0; out->len < TEXT_BYTES && !out->failed; i++) {
        gb_json_int(&w, (int64_t)i * 7919);
        gb_json_double(&w, i / 8.0);
        gb_json_double(&w, i / 7.0);
    }
    gb_json_list_end(&w);
}

// As much content as the program may come to have: loading it is part of every start.
static void measure_content(void)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("content", SIZE_MAX);
    GB_CLEANUP(gb_buffer_free)
    struct gb_buffer yaml = gb_buffer(4u << 20), packed = gb_buffer(4u << 20);
    for (int i = 0; yaml.len < 500000; i++)
        gb_buffer_print(&yaml,
                        "---\nid: GBN-BENCH-%03d\ntitle: Something holds on this host\n"
                        "kind: sshd\nseverity: high\nexpect: |\n  sshd.port.all(p, p != 22) &&\n"
                        "    sshd.permit_root_login != 'yes'\nwhy: >\n  Whoever can guess a "
                        "password is in; nothing slows the guessing down.\n  It happens daily.\n"
                        "fix: >\n  Set PermitRootLogin to no and reload the server.\nmaps:\n"
                        "  nist_800_53: [AC-6, IA-2]\n  mcsb: [PA-1]\nexamples:\n  - name: open\n"
                        "    verdict: fail\n    given: {sshd: {port: [22], root: yes}}\n",
                        i);
    struct gb_content_document *documents;
    size_t count;
    struct gb_error err = {0};
    double yaml_before = now();
    check(gb_content_load_yaml(gb_buffer_str(&yaml), "bench", arena, &documents, &count, &err),
          &err);
    double yaml_took = now() - yaml_before;
    check(gb_content_pack(documents, count, &packed, &err), &err);
    double best = 1e9;
    for (int i = 0; i < 20; i++) {
        struct gb_mark mark = gb_arena_mark(arena);
        double before = now();
        check(gb_content_load(gb_buffer_str(&packed), arena, &documents, &count, &err), &err);
        double took = now() - before;
        best = took < best ? took : best;
        gb_arena_reset(arena, mark);
    }
    printf(
        "content      %zu documents, %zu bytes of YAML loaded in %.2f ms, %zu bytes packed in %.2f "
        "ms\n",
        count, yaml.len, yaml_took * 1e3, packed.len, best * 1e3);
}

static void measure_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(LARGEST);
    size_t len = 1;
    while (file && len) {
        char *room = gb_buffer_reserve(&text, 1 << 16);
        len = room ? fread(room, 1, 1 << 16, file) : 0;
        text.len += len;
    }
    if (!file || ferror(file)) {
        perror(path);
        exit(1);
    }
    fclose(file);
    const char *name = strrchr(path, '/');
    measure(name ? name + 1 : path, gb_buffer_str(&text));
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        measure_file(argv[i]);
    if (argc > 1)
        return 0;
    GB_CLEANUP(gb_buffer_free) struct gb_buffer text = gb_buffer(LARGEST);
    advisories(&text, 0);
    measure("advisories", gb_buffer_str(&text));
    gb_buffer_clear(&text);
    advisories(&text, 4);
    measure("indented", gb_buffer_str(&text));
    gb_buffer_clear(&text);
    texts(&text);
    measure("texts", gb_buffer_str(&text));
    gb_buffer_clear(&text);
    numbers(&text);
    measure("numbers", gb_buffer_str(&text));
    measure_content();
    return 0;
}
