// Shards: how large, how long to open (all checks), to look up every package, to read every row and
// text: bench-shard [FILE.shard [FILE.texts]]. Without files: a made-up release of Debian's size
// (31,800 flaws, 34,800 rows, 3,800 packages).
#include "base/digest.h"
#include "model/advisory/shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FLAWS = 31800, ROWS = 34800, PACKAGES = 3800, TURNS = 20, LARGEST = 512 << 20 };

static double now_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static void must(int code, const struct gb_error *err)
{
    if (code) {
        fprintf(stderr, "%s\n", err->reason);
        exit(1);
    }
}

static void read_file(const char *path, struct gb_buffer *into)
{
    FILE *file = fopen(path, "rb");
    char piece[1 << 16];
    for (size_t got; file && (got = fread(piece, 1, sizeof piece, file)) > 0;)
        gb_buffer_add(into, (struct gb_str){piece, got});
    if (!file || into->failed) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    fclose(file);
}

static void make(struct gb_arena *arena, struct gb_buffer *shard, struct gb_buffer *texts)
{
    struct gb_error err = {0};
    struct gb_shard_description description = {
        .feed = GB_STR("made-up"), .scope = GB_STR("debian-12"), .scheme = GB_VERSION_DPKG};
    struct gb_shard_writer *writer;
    must(gb_shard_writer_new(&description, 256u << 20, &writer, &err), &err);
    double before = now_ms();
    for (unsigned i = 0; i < ROWS; i++) {
        struct gb_mark mark = gb_arena_mark(arena);
        unsigned package = i * 7919u % PACKAGES;
        struct gb_affected_range range = {
            .fixed = gb_str_format(arena, "%u.%u.%u-%u", package % 9, i % 40, i % 7, i % 3 + 1)};
        struct gb_str other = gb_str_format(arena, "%u.%u-1+deb12u%u", package % 9, i % 11, i % 5);
        struct gb_affected affected = {.scope = description.scope,
                                       .scheme = GB_VERSION_DPKG,
                                       .package = gb_str_format(arena, "source-%u", package),
                                       .ranges = &range,
                                       .range_count = 1,
                                       .unaffected = &other,
                                       .unaffected_count = i % 3 == 0};
        struct gb_str id = gb_str_format(arena, "CVE-%u-%04u", 2000 + i % FLAWS % 25, i % FLAWS);
        struct gb_advisory advisory = {
            .id = id,
            .cves = &id,
            .cve_count = 1,
            .details = gb_str_format(arena, "A flaw in source-%u lets somebody do %u.", package, i),
            .affected = &affected,
            .affected_count = 1};
        must(gb_shard_writer_advisory(writer, &advisory, &err), &err);
        gb_arena_reset(arena, mark);
    }
    must(gb_shard_writer_finish(writer, shard, texts, &err), &err);
    gb_shard_writer_free(&writer);
    printf("write            %8.2f ms\n", now_ms() - before);
}

static struct gb_shard *open_often(struct gb_str bytes, struct gb_arena *arena)
{
    struct gb_error err = {0};
    struct gb_shard *shard = NULL;
    double before = now_ms();
    for (unsigned i = 0; i < TURNS; i++)
        must(gb_shard_open(bytes, arena, &shard, &err), &err);
    printf("open             %8.3f ms (%.0f MB/s)\n", (now_ms() - before) / TURNS,
           (double)bytes.len * TURNS / 1e3 / (now_ms() - before));
    unsigned char sum[GB_DIGEST_LARGEST];
    before = now_ms();
    for (unsigned i = 0; i < TURNS; i++)
        must(gb_digest(GB_SHA256, bytes, sum, &err), &err);
    printf("SHA-256          %8.3f ms\n", (now_ms() - before) / TURNS);
    return shard;
}

static void look_up(const struct gb_shard *shard, struct gb_str texts, struct gb_arena *arena)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *scratch = gb_arena_new("scratch", 64u << 20);
    struct gb_error err = {0};
    struct gb_shard_row row;
    size_t rows = 0, packages = 0, read = 0;
    struct gb_str *names = gb_alloc_array(arena, gb_shard_row_count(shard), sizeof *names);
    double before = now_ms();
    struct gb_shard_rows all = gb_shard_all(shard);
    for (; gb_shard_next(&all, scratch, &row); rows++) {
        struct gb_advisory head;
        must(gb_shard_advisory(shard, row.advisory, scratch, &head, &err), &err);
        if (!packages || !gb_str_eq(names[packages - 1], row.affected.package))
            names[packages++] = row.affected.package;
        gb_arena_reset(scratch, (struct gb_mark){0});
    }
    double took = now_ms() - before;
    printf("read every row   %8.2f ms (%zu rows, %.0f ns each)\n", took, rows,
           took * 1e6 / (double)(rows ? rows : 1));
    before = now_ms();
    for (size_t i = 0; i < packages; i++)
        if (gb_shard_find(shard, names[i]).at == gb_shard_find(shard, names[i]).end)
            exit(1);
    took = now_ms() - before;
    printf("find a package   %8.0f ns (of %zu)\n",
           took * 1e6 / 2 / (double)(packages ? packages : 1), packages);
    if (!texts.len)
        return;
    before = now_ms();
    all = gb_shard_all(shard);
    for (; read < 500 && gb_shard_next(&all, scratch, &row); read++) {
        struct gb_advisory head;
        struct gb_advisory_text text;
        must(gb_shard_advisory(shard, row.advisory, scratch, &head, &err), &err);
        must(gb_shard_text(texts, head.id, scratch, &text, &err), &err);
        gb_arena_reset(scratch, (struct gb_mark){0});
    }
    printf("read a text      %8.1f us\n", (now_ms() - before) * 1e3 / (double)(read ? read : 1));
}

int main(int argc, char **argv)
{
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("bench", 256u << 20);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer bytes = gb_buffer(LARGEST);
    GB_CLEANUP(gb_buffer_free) struct gb_buffer texts = gb_buffer(LARGEST);
    if (argc > 1)
        read_file(argv[1], &bytes);
    if (argc > 2)
        read_file(argv[2], &texts);
    if (argc == 1)
        make(arena, &bytes, &texts);
    printf("shard            %8zu bytes, texts %zu bytes\n", bytes.len, texts.len);
    look_up(open_often(gb_buffer_str(&bytes), arena), gb_buffer_str(&texts), arena);
    return 0;
}
