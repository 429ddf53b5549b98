// Checks the sections of a shard when it is opened: every number that leads somewhere leads to the
// beginning of something of the right kind. Reads rely on it.
#include "model/advisory/shard_layout.h"

// Which words of a section begin something.
struct starts {
    unsigned char *bits;
    uint32_t words;
};

static int damaged(struct gb_error *err, const char *what)
{
    return gb_error_set(err, GB_E_SYNTAX, "the shard is damaged: %s", what);
}

static int starts_of(struct gb_str section, struct gb_arena *arena, struct starts *ret,
                     struct gb_error *err)
{
    if (section.len % 4)
        return damaged(err, "a section of words has an odd length");
    ret->words = (uint32_t)(section.len / 4);
    ret->bits = gb_alloc(arena, ret->words / 8 + 1);
    return ret->bits ? GB_OK : gb_error_set(err, GB_E_MEMORY, "no memory to check a shard");
}

static void mark_start(struct starts *starts, uint32_t word)
{
    starts->bits[word / 8] |= (unsigned char)(1u << word % 8);
}

static bool is_start(const struct starts *starts, uint32_t word)
{
    return word < starts->words && (starts->bits[word / 8] >> word % 8 & 1);
}

static uint32_t word_at(struct gb_str section, uint32_t word)
{
    return gb_little32(section.at + 4 * (size_t)word);
}

static int check_strings(struct gb_shard *shard, struct gb_error *err)
{
    struct gb_str ends = shard->sections[GB_SECTION_STRING_ENDS];
    struct gb_str bytes = shard->sections[GB_SECTION_STRING_BYTES];
    if (ends.len == 0 || ends.len % 4)
        return damaged(err, "the table of strings");
    shard->string_count = (uint32_t)(ends.len / 4);
    uint32_t before = 0;
    for (uint32_t i = 0; i < shard->string_count; i++) {
        uint32_t end = word_at(ends, i);
        if (end < before || end > bytes.len || (i == 0 && end != 0))
            return damaged(err, "a string leads outside");
        before = end;
    }
    return before == bytes.len ? GB_OK : damaged(err, "bytes behind the last string");
}

static bool id_in(const struct gb_shard *shard, uint32_t id)
{
    return !(id & GB_ID_STRING) || (id & ~GB_ID_STRING) < shard->string_count;
}

static int check_lists(const struct gb_shard *shard, enum gb_shard_section section, bool ids,
                       struct starts *starts, struct gb_error *err)
{
    struct gb_str words = shard->sections[section];
    for (uint32_t at = 0; at < starts->words;) {
        uint32_t count = word_at(words, at);
        if (count > starts->words - at - 1)
            return damaged(err, "a list leads outside");
        mark_start(starts, at++);
        for (uint32_t end = at + count; at < end; at++) {
            uint32_t word = word_at(words, at);
            if (ids ? !id_in(shard, word) : word >= shard->string_count)
                return damaged(err, "a list names a string that is not there");
        }
    }
    return GB_OK;
}

// Goes along the words of one record.
struct walk {
    const struct gb_shard *shard;
    struct gb_str words;
    uint32_t at, end;
    bool bad;
};

static uint32_t step(struct walk *walk)
{
    if (walk->at >= walk->end) {
        walk->bad = true;
        return 0;
    }
    return word_at(walk->words, walk->at++);
}

static void step_string(struct walk *walk)
{
    walk->bad |= step(walk) >= walk->shard->string_count;
}

static void step_list(struct walk *walk, const struct starts *lists)
{
    walk->bad |= !is_start(lists, step(walk));
}

static int check_statements(const struct gb_shard *shard, const struct starts *lists,
                            struct starts *starts, struct gb_error *err)
{
    struct walk walk = {shard, shard->sections[GB_SECTION_STATEMENTS], 0, starts->words, false};
    struct gb_str list_words = shard->sections[GB_SECTION_LISTS];
    while (walk.at < walk.end && !walk.bad) {
        mark_start(starts, walk.at);
        uint32_t flags = step(&walk);
        uint32_t both = 1u << GB_STATEMENT_FIXED | 1u << GB_STATEMENT_RANGES;
        if (flags >> GB_STATEMENT_END || (flags & both) == both ||
            (flags >> GB_STATEMENT_STATUS & 3) > GB_STATUS_UNDER_INVESTIGATION ||
            (flags >> GB_STATEMENT_FIX & 7) > GB_FIX_END_OF_LIFE ||
            (flags >> GB_STATEMENT_SEVERITY & 7) > GB_ADVISORY_CRITICAL ||
            (flags >> GB_STATEMENT_SCHEME & 31) >= GB_VERSION_SCHEME_COUNT)
            return damaged(err, "a statement has unknown flags");
        if (flags & 1u << GB_STATEMENT_FIXED)
            step_string(&walk);
        if (flags & 1u << GB_STATEMENT_RANGES) {
            uint32_t list = step(&walk);
            walk.bad |= !is_start(lists, list) || word_at(list_words, list) % 3;
        }
        for (unsigned i = GB_STATEMENT_VERSIONS; i <= GB_STATEMENT_SYMBOLS; i++)
            if (flags & 1u << i)
                step_list(&walk, lists);
        for (unsigned i = GB_STATEMENT_MODULE; i <= GB_STATEMENT_NOTE; i++)
            if (flags & 1u << i)
                step_string(&walk);
    }
    return walk.bad ? damaged(err, "a statement leads outside") : GB_OK;
}

static int check_heads(const struct gb_shard *shard, const struct starts *id_lists,
                       struct starts *starts, struct gb_error *err)
{
    struct walk walk = {shard, shard->sections[GB_SECTION_HEADS], 0, starts->words, false};
    while (walk.at < walk.end && !walk.bad) {
        mark_start(starts, walk.at);
        walk.bad |= !id_in(shard, step(&walk));
        uint32_t flags = step(&walk);
        if (flags >> GB_HEAD_END || (flags >> GB_HEAD_SEVERITY & 7) > GB_ADVISORY_CRITICAL)
            return damaged(err, "an advisory has unknown flags");
        if (flags & 1u << GB_HEAD_CVES)
            step_list(&walk, id_lists);
        if (flags & 1u << GB_HEAD_ALIASES)
            step_list(&walk, id_lists);
        if (flags & 1u << GB_HEAD_CVSS)
            step_string(&walk);
        for (unsigned i = 0; i < 3; i++)
            for (unsigned form = flags >> (GB_HEAD_TIMES + 2 * i) & 3; form; form--)
                step(&walk);
    }
    return walk.bad ? damaged(err, "an advisory leads outside") : GB_OK;
}

static int check_packages(struct gb_shard *shard, struct gb_error *err)
{
    struct gb_str packages = shard->sections[GB_SECTION_PACKAGES];
    if (packages.len % 8 || (packages.len == 0) != (shard->row_count == 0))
        return damaged(err, "the table of packages");
    shard->package_count = (uint32_t)(packages.len / 8);
    for (uint32_t i = 0; i < shard->package_count; i++) {
        uint32_t name = word_at(packages, 2 * i), first = word_at(packages, 2 * i + 1);
        if (name >= shard->string_count || first >= shard->row_count ||
            (i == 0
                 ? first != 0
                 : name <= word_at(packages, 2 * i - 2) || first <= word_at(packages, 2 * i - 1)))
            return damaged(err, "a package leads outside or is out of order");
    }
    return GB_OK;
}

static int check_advisories(struct gb_shard *shard, struct gb_arena *arena, struct gb_error *err)
{
    struct starts lists, id_lists, statements, heads;
    int code = starts_of(shard->sections[GB_SECTION_LISTS], arena, &lists, err);
    if (!code)
        code = starts_of(shard->sections[GB_SECTION_ID_LISTS], arena, &id_lists, err);
    if (!code)
        code = starts_of(shard->sections[GB_SECTION_STATEMENTS], arena, &statements, err);
    if (!code)
        code = starts_of(shard->sections[GB_SECTION_HEADS], arena, &heads, err);
    if (!code)
        code = check_lists(shard, GB_SECTION_LISTS, false, &lists, err);
    if (!code)
        code = check_lists(shard, GB_SECTION_ID_LISTS, true, &id_lists, err);
    if (!code)
        code = check_statements(shard, &lists, &statements, err);
    if (!code)
        code = check_heads(shard, &id_lists, &heads, err);
    if (code)
        return code;
    struct gb_str rows = shard->sections[GB_SECTION_ROWS];
    if (rows.len % 8)
        return damaged(err, "the table of rows");
    shard->row_count = (uint32_t)(rows.len / 8);
    for (uint32_t i = 0; i < shard->row_count; i++)
        if (!is_start(&heads, word_at(rows, 2 * i)) ||
            !is_start(&statements, word_at(rows, 2 * i + 1)))
            return damaged(err, "a row leads outside");
    return check_packages(shard, err);
}

static int check_exploits(struct gb_shard *shard, struct gb_error *err)
{
    const struct gb_str *sections = shard->sections;
    size_t count = sections[GB_SECTION_EXPLOIT_CVES].len / 4;
    size_t epss = sections[GB_SECTION_EXPLOIT_EPSS].len, kev = sections[GB_SECTION_EXPLOIT_KEV].len;
    size_t cvss = sections[GB_SECTION_EXPLOIT_CVSS].len;
    if (sections[GB_SECTION_EXPLOIT_CVES].len % 4 ||
        sections[GB_SECTION_EXPLOIT_FLAGS].len != count || (epss && epss != count * 8) ||
        (kev && kev != count * 8) || (cvss && cvss != count * 4))
        return damaged(err, "the tables of exploits differ in length");
    for (uint32_t i = 0; i < cvss / 4; i++)
        if (word_at(sections[GB_SECTION_EXPLOIT_CVSS], i) >= shard->string_count)
            return damaged(err, "an exploit names a string that is not there");
    shard->exploit_count = (uint32_t)count;
    return GB_OK;
}

static int check_lifecycles(struct gb_shard *shard, struct gb_error *err)
{
    struct gb_str all = shard->sections[GB_SECTION_LIFECYCLES];
    if (all.len % GB_LIFECYCLE_BYTES)
        return damaged(err, "the table of life cycles");
    shard->lifecycle_count = (uint32_t)(all.len / GB_LIFECYCLE_BYTES);
    for (size_t i = 0; i < shard->lifecycle_count; i++)
        for (size_t k = 0; k < 4; k++)
            if (gb_little32(all.at + i * GB_LIFECYCLE_BYTES + 4 * k) >= shard->string_count)
                return damaged(err, "a life cycle names a string that is not there");
    return GB_OK;
}

int gb_shard_check(struct gb_shard *shard, struct gb_arena *arena, struct gb_error *err)
{
    struct gb_mark mark = gb_arena_mark(arena);
    int code = check_strings(shard, err);
    if (!code)
        code = check_advisories(shard, arena, err);
    if (!code)
        code = check_exploits(shard, err);
    if (!code)
        code = check_lifecycles(shard, err);
    gb_arena_reset(arena, mark);
    return code;
}
