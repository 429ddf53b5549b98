// What the Debian security tracker exports for debsecan: flaws, then packages that refer to them by
// number, one file for each suite. Line by line, so that memory holds the table of flaws only.
//
//     VERSION 1
//     CVE-2021-1234,,description
//
//     package,0,SM F,1.2-3,1.0-1+deb11u1 1.1-2
//
//     source,binary binary
//
// Flags: S source or B binary package; urgency L M H; R from the network, ? not known; F a fix is
// in this suite. Vulnerable is what is older than the fixed version of unstable (or every version,
// where there is none) and not literally one of the other versions. The last block tells packages
// that left the suite; nothing in matching needs it, so it is not kept.
#include "source/feed/draft.h"
#include "source/feed/scope.h"

enum { FLAWS_MAX = 2000000, TEXTS_BYTES = 96 << 20 };

struct flaw {
    struct gb_str id, text;
};

struct export
{
    struct gb_feed_member *member;
    struct gb_arena *arena; // of the flaws
    struct flaw *flaws;
    size_t count, capacity;
    struct gb_str scope;
};

static bool recognise(const struct gb_feed_head *head)
{
    return gb_feed_head_starts(head, "VERSION 1\n");
}

// "a,b,c" -> "a", rest "b,c"; false without a comma.
static bool take(struct gb_str *rest, struct gb_str *piece)
{
    ptrdiff_t comma = gb_str_find_char(*rest, ',');
    if (comma < 0)
        return false;
    *piece = gb_str_sub(*rest, 0, (size_t)comma);
    *rest = gb_str_from(*rest, (size_t)comma + 1);
    return true;
}

static int keep_flaw(struct export *x, struct gb_str line, struct gb_error *err)
{
    struct gb_str id, flags;
    if (!take(&line, &id) || !take(&line, &flags) || !id.len)
        return gb_error_at(err, GB_E_SYNTAX, NULL, (uint32_t)x->member->line - 1, 0,
                           "expected name,flags,description");
    if (x->count == x->capacity) {
        size_t capacity = x->capacity ? x->capacity * 2 : 4096;
        struct flaw *grown = capacity > FLAWS_MAX ? NULL
                                                  : gb_grow_array(x->arena, x->flaws, x->capacity,
                                                                  capacity, sizeof *grown);
        if (!grown)
            return gb_error_set(err, GB_E_LIMIT, "more flaws than are read");
        x->flaws = grown;
        x->capacity = capacity;
    }
    struct flaw *flaw = &x->flaws[x->count++];
    flaw->id = gb_str_copy(x->arena, id);
    flaw->text = gb_str_copy(x->arena, line);
    return gb_arena_failed(x->arena)
               ? gb_error_set(err, GB_E_LIMIT, "longer descriptions than are read")
               : GB_OK;
}

static enum gb_advisory_severity severity_of(char flag)
{
    return flag == 'L'   ? GB_ADVISORY_LOW
           : flag == 'M' ? GB_ADVISORY_MEDIUM
           : flag == 'H' ? GB_ADVISORY_HIGH
                         : GB_ADVISORY_UNRATED;
}

static int give_row(struct export *x, struct gb_str line, struct gb_error *err)
{
    struct gb_feed_member *m = x->member;
    struct gb_str package, number, flags, fixed;
    uint64_t index;
    if (!take(&line, &package) || !take(&line, &number) || !take(&line, &flags) ||
        !take(&line, &fixed) || !package.len || flags.len != 4) {
        gb_feed_leave_out(m, m->line - 1, "expected package,number,flags,version,versions");
        return GB_OK;
    }
    if (gb_str_to_uint(number, 10, &index) < 0 || index >= x->count) {
        gb_feed_leave_out(m, m->line - 1, GB_PRI ": there is no flaw number " GB_PRI,
                          GB_ARG(gb_str_sub(package, 0, 64)), GB_ARG(gb_str_sub(number, 0, 32)));
        return GB_OK;
    }
    struct gb_feed_draft d = {.arena = m->arena};
    struct gb_feed_strings others = {0};
    struct gb_affected_range range = {.fixed = fixed};
    bool binary = flags.at[0] == 'B', available = flags.at[3] == 'F';
    // The tool does not look at other versions for binary packages.
    for (struct gb_str version; !binary && gb_str_next(&line, ' ', &version);)
        if (version.len)
            gb_feed_strings_add(&others, version, m->arena);
    gb_feed_affect(&d, &(struct gb_affected){.scope = x->scope,
                                             .scheme = GB_VERSION_DPKG,
                                             .package = package,
                                             .binary = binary,
                                             .fix = available ? GB_FIX_AVAILABLE
                                                    : gb_str_is(x->scope, "debian-generic")
                                                        ? GB_FIX_UNSTATED
                                                        : GB_FIX_NOT_YET,
                                             .severity = severity_of(flags.at[1]),
                                             .remote = flags.at[2] == 'R',
                                             .ranges = &range,
                                             .range_count = 1,
                                             .unaffected = others.at,
                                             .unaffected_count = others.count});
    d.advisory.id = x->flaws[index].id;
    d.advisory.title = x->flaws[index].text;
    return gb_feed_draft_give(&d, m, err);
}

static int read_blocks(struct export *x, struct gb_error *err)
{
    struct gb_feed_member *m = x->member;
    struct gb_str line;
    int code = gb_feed_line(m, &line, err); // VERSION 1
    if (code > 0 && !gb_str_is(line, "VERSION 1"))
        code = gb_error_at(err, GB_E_SYNTAX, NULL, 1, 0, "expected VERSION 1");
    while (code > 0 && (code = gb_feed_line(m, &line, err)) > 0 && line.len) {
        int kept = keep_flaw(x, line, err);
        code = kept < 0 ? kept : 1;
    }
    if (code == 0)
        return gb_error_set(err, GB_E_SYNTAX, "the export ends before its packages");
    struct gb_mark mark = gb_arena_mark(m->arena);
    while (code > 0 && (code = gb_feed_line(m, &line, err)) > 0 && line.len) {
        int given = give_row(x, line, err);
        code = given < 0 ? given : 1;
        gb_arena_reset(m->arena, mark);
    }
    // Without the empty line behind the packages, the export is cut off.
    if (code == 0)
        return gb_error_set(err, GB_E_SYNTAX, "the export ends within its packages");
    while (code > 0)
        code = gb_feed_line(m, &line, err);
    return code;
}

static int import(struct gb_feed_member *m, struct gb_error *err)
{
    struct export x = {.member = m, .scope = gb_feed_scope_of_debian(m->head->name)};
    if (m->scope.len)
        x.scope = m->scope;
    if (!x.scope.len)
        return gb_error_set(err, GB_E_USAGE,
                            "a debsecan export does not say which suite it is for: its file is "
                            "named after it (bookworm, sid, GENERIC ...), or the scope is given");
    x.arena = gb_arena_new("debsecan flaws", TEXTS_BYTES);
    if (!x.arena)
        return gb_error_set(err, GB_E_MEMORY, "out of memory");
    int code = read_blocks(&x, err);
    gb_arena_free(&x.arena);
    return code;
}

const struct gb_feed_format gb_feed_format_debsecan = {
    .name = "debsecan",
    .title = "Debian security tracker's export for debsecan",
    .recognise = recognise,
    .import = import,
};
