// Shards, texts and manifests: a hostile file never leads outside of itself. The checksum and the
// length of a shard are put right first, so that the checks behind them are reached; the input's
// copy has its exact size, so that sanitizers see every read beyond it.
#include "base/checksum.h"
#include "model/advisory/shard.h"
#include "model/advisory/shard_layout.h"
#include "store/feed/manifest.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum;

static void touch(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned char)s.at[i];
}

static void touch_all(const struct gb_str *strings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        touch(strings[i]);
}

static void read_rows(const struct gb_shard *shard, struct gb_arena *arena)
{
    struct gb_shard_rows rows = gb_shard_all(shard);
    struct gb_shard_row row;
    struct gb_advisory head;
    struct gb_error err = {0};
    size_t seen = 0;
    struct gb_mark mark = gb_arena_mark(arena);
    while (gb_shard_next(&rows, arena, &row)) {
        const struct gb_affected *a = &row.affected;
        touch(a->package);
        touch(a->module);
        touch(a->note);
        for (size_t i = 0; i < a->range_count; i++) {
            touch(a->ranges[i].introduced);
            touch(a->ranges[i].fixed);
            touch(a->ranges[i].last_affected);
        }
        touch_all(a->versions, a->version_count);
        touch_all(a->unaffected, a->unaffected_count);
        touch_all(a->architectures, a->architecture_count);
        touch_all(a->systems, a->system_count);
        touch_all(a->symbols, a->symbol_count);
        if (gb_shard_advisory(shard, row.advisory, arena, &head, &err) == GB_OK) {
            touch(head.id);
            touch(head.cvss);
            touch_all(head.cves, head.cve_count);
            touch_all(head.aliases, head.alias_count);
        }
        struct gb_shard_rows found = gb_shard_find(shard, a->package);
        assert(found.at <= found.end);
        seen++;
        gb_arena_reset(arena, mark);
    }
    assert(gb_arena_failed(arena) || seen == rows.end);
}

static void read_facts(const struct gb_shard *shard)
{
    struct gb_exploit_facts facts;
    struct gb_lifecycle cycle;
    static const char *const cves[] = {"CVE-2021-44228", "CVE-2017-0144", "CVE-2024-0001"};
    for (size_t i = 0; i < 3; i++)
        if (gb_shard_exploit(shard, gb_str_of(cves[i]), &facts) == GB_OK)
            touch(facts.cvss);
    if (gb_shard_lifecycle(shard, GB_STR("debian"), GB_STR("12"), &cycle) == GB_OK) {
        touch(cycle.codename);
        touch(cycle.extended_name);
    }
}

static void put_right(char *copy, size_t size)
{
    if (size < GB_SHARD_HEADER_BYTES)
        return;
    gb_write64(copy + GB_AT_SIZE, size);
    gb_write64(copy + GB_AT_CHECKSUM,
               gb_checksum((struct gb_str){copy + GB_AT_CONTENT, size - GB_AT_CONTENT}, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gb_arena *arena = gb_arena_new("fuzz", 64u << 20);
    struct gb_error err = {0};
    struct gb_shard *shard;
    struct gb_advisory_text text;
    struct gb_feed_entry entry;
    struct gb_feed_keys none = {0};
    char *copy = malloc(size ? size : 1);
    if (!arena || !copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    struct gb_str bytes = {copy, size};
    if (gb_shard_text(bytes, GB_STR("CVE-2023-0464"), arena, &text, &err) == GB_OK) {
        touch(text.title);
        touch(text.details);
        touch(text.url);
    }
    assert(gb_manifest_read(bytes, &none, arena, &entry, &err) < 0); // nobody signed it
    put_right(copy, size);
    if (gb_shard_open(bytes, arena, &shard, &err) == GB_OK) {
        const struct gb_shard_description *description = gb_shard_describe(shard);
        touch(description->feed);
        touch(description->scope);
        touch(description->origin);
        touch(description->licence);
        read_rows(shard, arena);
        read_facts(shard);
    }
    free(copy);
    gb_arena_free(&arena);
    return 0;
}
