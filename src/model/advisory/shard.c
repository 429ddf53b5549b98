// Opens shards and finds rows in them; used by the vulnerability area and by `gabion feed`.
#include "base/checksum.h"
#include "model/advisory/shard_layout.h"

static int damaged(struct gb_error *err, const char *what)
{
    return gb_error_set(err, GB_E_SYNTAX, "the shard is damaged: %s", what);
}

// The file as a whole: what it is, that all of it is there and as it was written.
static int check_file(struct gb_str bytes, struct gb_error *err)
{
    if (!gb_str_starts(bytes, GB_SHARD_MAGIC))
        return gb_error_set(err, GB_E_SYNTAX, "this is no shard");
    if (bytes.len < GB_AT_HEADER)
        return damaged(err, "it ends in its header");
    uint32_t version = gb_little32(bytes.at + GB_AT_VERSION);
    if (version != GB_SHARD_VERSION)
        return gb_error_set(err, GB_E_UNSUPPORTED,
                            "the shard has layout %u, this program reads layout %d", version,
                            GB_SHARD_VERSION);
    if (bytes.len < GB_SHARD_HEADER_BYTES || bytes.len > GB_SHARD_MAX_BYTES)
        return damaged(err, "it ends in its header, or is too large");
    if (gb_little32(bytes.at + GB_AT_HEADER) != GB_SHARD_HEADER_BYTES ||
        gb_little32(bytes.at + GB_AT_SECTIONS) != GB_SECTION_COUNT)
        return damaged(err, "unknown sections");
    uint64_t size = gb_little64(bytes.at + GB_AT_SIZE);
    if (size != bytes.len)
        return gb_error_set(err, GB_E_SYNTAX,
                            "the shard is damaged: it should have %llu bytes and has %zu",
                            (unsigned long long)size, bytes.len);
    if (gb_checksum(gb_str_from(bytes, GB_AT_CONTENT), 0) != gb_little64(bytes.at + GB_AT_CHECKSUM))
        return damaged(err, "its checksum is wrong");
    return GB_OK;
}

static int find_sections(struct gb_str bytes, struct gb_shard *shard, struct gb_error *err)
{
    size_t before = GB_SHARD_HEADER_BYTES;
    for (size_t i = 0; i < GB_SECTION_COUNT; i++) {
        size_t at = gb_little32(bytes.at + GB_AT_TABLE + i * 8);
        size_t len = gb_little32(bytes.at + GB_AT_TABLE + i * 8 + 4);
        if (at < before || at % 8 || at > bytes.len || len > bytes.len - at)
            return damaged(err, "a section leads outside");
        shard->sections[i] = (struct gb_str){bytes.at + at, len};
        before = at + len;
    }
    return GB_OK;
}

static int describe(struct gb_str bytes, struct gb_shard *shard, struct gb_error *err)
{
    unsigned content = (unsigned char)bytes.at[GB_AT_CONTENT];
    unsigned scheme = (unsigned char)bytes.at[GB_AT_CONTENT + 1];
    unsigned flags = (unsigned char)bytes.at[GB_AT_CONTENT + 2];
    if (content > GB_SHARD_LIFECYCLES || scheme >= GB_VERSION_SCHEME_COUNT ||
        flags > GB_SHARD_COMPLETE_FIXES)
        return damaged(err, "unknown content");
    struct gb_shard_description *description = &shard->description;
    *description = (struct gb_shard_description){
        .content = (enum gb_shard_content)content,
        .scheme = (enum gb_version_scheme)scheme,
        .complete_fixes = flags & GB_SHARD_COMPLETE_FIXES,
        .data_at = (int64_t)gb_little64(bytes.at + GB_AT_DATA_AT),
        .built_at = (int64_t)gb_little64(bytes.at + GB_AT_BUILT_AT),
    };
    struct gb_str *const strings[] = {&description->feed, &description->scope, &description->origin,
                                      &description->licence};
    for (size_t i = 0; i < 4; i++) {
        uint32_t string = gb_little32(bytes.at + GB_AT_STRINGS + i * 4);
        if (string >= shard->string_count)
            return damaged(err, "its description leads outside");
        *strings[i] = gb_shard_string(shard, string);
    }
    return GB_OK;
}

int gb_shard_open(struct gb_str bytes, struct gb_arena *arena, struct gb_shard **ret,
                  struct gb_error *err)
{
    int code = check_file(bytes, err);
    if (code)
        return code;
    struct gb_shard *shard = gb_alloc(arena, sizeof *shard);
    if (!shard)
        return gb_error_set(err, GB_E_MEMORY, "no memory for a shard");
    code = find_sections(bytes, shard, err);
    if (!code)
        code = gb_shard_check(shard, arena, err);
    if (!code)
        code = describe(bytes, shard, err);
    if (!code)
        *ret = shard;
    return code;
}

const struct gb_shard_description *gb_shard_describe(const struct gb_shard *shard)
{
    return &shard->description;
}

size_t gb_shard_row_count(const struct gb_shard *shard)
{
    switch (shard->description.content) {
    case GB_SHARD_EXPLOITS:
        return shard->exploit_count;
    case GB_SHARD_LIFECYCLES:
        return shard->lifecycle_count;
    case GB_SHARD_ADVISORIES:
        break;
    }
    return shard->row_count;
}

static uint32_t word_at(const struct gb_shard *shard, enum gb_shard_section section, uint32_t word)
{
    return gb_little32(shard->sections[section].at + 4 * (size_t)word);
}

static struct gb_str name_of(const struct gb_shard *shard, uint32_t package)
{
    return gb_shard_string(shard, word_at(shard, GB_SECTION_PACKAGES, 2 * package));
}

static uint32_t first_row(const struct gb_shard *shard, uint32_t package)
{
    return package < shard->package_count ? word_at(shard, GB_SECTION_PACKAGES, 2 * package + 1)
                                          : shard->row_count;
}

struct gb_shard_rows gb_shard_find(const struct gb_shard *shard, struct gb_str package)
{
    uint32_t low = 0, high = shard->package_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = gb_str_compare(name_of(shard, middle), package);
        if (order == 0)
            return (struct gb_shard_rows){shard, first_row(shard, middle),
                                          first_row(shard, middle + 1), middle};
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct gb_shard_rows){.shard = shard};
}

struct gb_shard_rows gb_shard_all(const struct gb_shard *shard)
{
    return (struct gb_shard_rows){shard, 0, shard->row_count, 0};
}

// A list of strings; false when the arena is full.
static bool take_list(const struct gb_shard *shard, uint32_t at, struct gb_arena *arena,
                      const struct gb_str **ret, size_t *ret_count)
{
    uint32_t count = word_at(shard, GB_SECTION_LISTS, at);
    struct gb_str *strings = gb_alloc_array(arena, count, sizeof *strings);
    if (!strings)
        return false;
    for (uint32_t i = 0; i < count; i++)
        strings[i] = gb_shard_string(shard, word_at(shard, GB_SECTION_LISTS, at + 1 + i));
    *ret = strings;
    *ret_count = count;
    return true;
}

static bool take_ranges(const struct gb_shard *shard, uint32_t flags, uint32_t word,
                        struct gb_arena *arena, struct gb_affected *ret)
{
    bool single = flags & 1u << GB_STATEMENT_FIXED;
    uint32_t count = single ? 1 : word_at(shard, GB_SECTION_LISTS, word) / 3;
    struct gb_affected_range *ranges = gb_alloc_array(arena, count, sizeof *ranges);
    if (!ranges)
        return false;
    if (single)
        ranges[0].fixed = gb_shard_string(shard, word);
    for (uint32_t i = 0; !single && i < count; i++) {
        uint32_t at = word + 1 + 3 * i;
        ranges[i] = (struct gb_affected_range){
            .introduced = gb_shard_string(shard, word_at(shard, GB_SECTION_LISTS, at)),
            .fixed = gb_shard_string(shard, word_at(shard, GB_SECTION_LISTS, at + 1)),
            .last_affected = gb_shard_string(shard, word_at(shard, GB_SECTION_LISTS, at + 2)),
        };
    }
    ret->ranges = ranges;
    ret->range_count = count;
    return true;
}

static bool take_statement(const struct gb_shard *shard, uint32_t at, struct gb_arena *arena,
                           struct gb_affected *ret)
{
    uint32_t flags = word_at(shard, GB_SECTION_STATEMENTS, at++);
    ret->status = (enum gb_advisory_status)(flags >> GB_STATEMENT_STATUS & 3);
    ret->fix = (enum gb_advisory_fix)(flags >> GB_STATEMENT_FIX & 7);
    ret->severity = (enum gb_advisory_severity)(flags >> GB_STATEMENT_SEVERITY & 7);
    ret->remote = flags >> GB_STATEMENT_REMOTE & 1;
    ret->binary = flags >> GB_STATEMENT_BINARY & 1;
    ret->scheme = (enum gb_version_scheme)(flags >> GB_STATEMENT_SCHEME & 31);
    if (flags & (1u << GB_STATEMENT_FIXED | 1u << GB_STATEMENT_RANGES) &&
        !take_ranges(shard, flags, word_at(shard, GB_SECTION_STATEMENTS, at++), arena, ret))
        return false;
    struct {
        const struct gb_str **strings;
        size_t *count;
    } const lists[] = {
        {&ret->versions, &ret->version_count},
        {&ret->unaffected, &ret->unaffected_count},
        {&ret->architectures, &ret->architecture_count},
        {&ret->systems, &ret->system_count},
        {&ret->symbols, &ret->symbol_count},
    };
    for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
        if (flags & 1u << (GB_STATEMENT_VERSIONS + i) &&
            !take_list(shard, word_at(shard, GB_SECTION_STATEMENTS, at++), arena, lists[i].strings,
                       lists[i].count))
            return false;
    if (flags & 1u << GB_STATEMENT_MODULE)
        ret->module = gb_shard_string(shard, word_at(shard, GB_SECTION_STATEMENTS, at++));
    if (flags & 1u << GB_STATEMENT_NOTE)
        ret->note = gb_shard_string(shard, word_at(shard, GB_SECTION_STATEMENTS, at++));
    return true;
}

bool gb_shard_next(struct gb_shard_rows *rows, struct gb_arena *scratch, struct gb_shard_row *ret)
{
    const struct gb_shard *shard = rows->shard;
    if (rows->at >= rows->end)
        return false;
    while (rows->at >= first_row(shard, rows->package + 1))
        rows->package++;
    *ret = (struct gb_shard_row){
        .advisory = word_at(shard, GB_SECTION_ROWS, 2 * rows->at),
        .affected = {.scope = shard->description.scope, .package = name_of(shard, rows->package)},
    };
    uint32_t statement = word_at(shard, GB_SECTION_ROWS, 2 * rows->at + 1);
    rows->at++;
    return take_statement(shard, statement, scratch, &ret->affected);
}

static struct gb_str id_text(const struct gb_shard *shard, uint32_t id, struct gb_arena *arena)
{
    if (id & GB_ID_STRING)
        return gb_shard_string(shard, id & ~GB_ID_STRING);
    char text[GB_CVE_TEXT_BYTES];
    return gb_str_copy(arena, (struct gb_str){text, gb_cve_text(id, text)});
}

static bool take_ids(const struct gb_shard *shard, uint32_t at, struct gb_arena *arena,
                     const struct gb_str **ret, size_t *ret_count)
{
    uint32_t count = word_at(shard, GB_SECTION_ID_LISTS, at);
    struct gb_str *ids = gb_alloc_array(arena, count, sizeof *ids);
    if (!ids)
        return false;
    for (uint32_t i = 0; i < count; i++)
        ids[i] = id_text(shard, word_at(shard, GB_SECTION_ID_LISTS, at + 1 + i), arena);
    *ret = ids;
    *ret_count = count;
    return true;
}

static void take_head(const struct gb_shard *shard, uint32_t at, struct gb_arena *arena,
                      struct gb_advisory *ret)
{
    enum gb_shard_section heads = GB_SECTION_HEADS;
    ret->id = id_text(shard, word_at(shard, heads, at++), arena);
    uint32_t flags = word_at(shard, heads, at++);
    ret->severity = (enum gb_advisory_severity)(flags >> GB_HEAD_SEVERITY & 7);
    ret->disputed = flags >> GB_HEAD_DISPUTED & 1;
    ret->informational = flags >> GB_HEAD_INFORMATIONAL & 1;
    if (flags & 1u << GB_HEAD_SELF) {
        struct gb_str *self = gb_alloc(arena, sizeof *self);
        if (self)
            *self = ret->id;
        ret->cves = self;
        ret->cve_count = 1;
    }
    if (flags & 1u << GB_HEAD_CVES)
        take_ids(shard, word_at(shard, heads, at++), arena, &ret->cves, &ret->cve_count);
    if (flags & 1u << GB_HEAD_ALIASES)
        take_ids(shard, word_at(shard, heads, at++), arena, &ret->aliases, &ret->alias_count);
    if (flags & 1u << GB_HEAD_CVSS)
        ret->cvss = gb_shard_string(shard, word_at(shard, heads, at++));
    int64_t *const times[] = {&ret->published_at, &ret->modified_at, &ret->withdrawn_at};
    for (unsigned i = 0; i < 3; i++) {
        unsigned form = flags >> (GB_HEAD_TIMES + 2 * i) & 3;
        uint64_t low = form ? word_at(shard, heads, at++) : 0;
        uint64_t high = form >= 2 ? word_at(shard, heads, at++) : 0;
        *times[i] = (int64_t)(high << 32 | low);
    }
}

int gb_shard_advisory(const struct gb_shard *shard, uint32_t advisory, struct gb_arena *arena,
                      struct gb_advisory *ret, struct gb_error *err)
{
    *ret = (struct gb_advisory){0};
    take_head(shard, advisory, arena, ret);
    return gb_arena_failed(arena) ? gb_error_set(err, GB_E_MEMORY, "no memory for an advisory")
                                  : GB_OK;
}
