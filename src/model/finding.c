// Words, points and identity of findings; used by areas, sinks and the command line.
#include "model/finding.h"

#include "base/digest.h"
#include "base/encoding.h"

static const struct gb_str severities[GB_SEVERITY_COUNT] = {
    [GB_LOW] = GB_STR_INIT("low"),
    [GB_MEDIUM] = GB_STR_INIT("medium"),
    [GB_HIGH] = GB_STR_INIT("high"),
    [GB_CRITICAL] = GB_STR_INIT("critical"),
};

static const struct gb_str verdicts[GB_VERDICT_COUNT] = {
    [GB_PASS] = GB_STR_INIT("pass"),         [GB_FAIL] = GB_STR_INIT("fail"),
    [GB_NA] = GB_STR_INIT("not_applicable"), [GB_UNKNOWN] = GB_STR_INIT("unknown"),
    [GB_ERROR] = GB_STR_INIT("error"),       [GB_EXEMPT] = GB_STR_INIT("exempt"),
};

static const struct gb_str efforts[] = {
    [GB_EFFORT_ONE_LINE] = GB_STR_INIT("one_line"),
    [GB_EFFORT_SMALL] = GB_STR_INIT("small"),
    [GB_EFFORT_HOURS] = GB_STR_INIT("hours"),
    [GB_EFFORT_PROJECT] = GB_STR_INIT("project"),
};

// Index of a word, or -1.
static int word_index(const struct gb_str *words, size_t count, struct gb_str word)
{
    for (size_t i = 0; i < count; i++)
        if (gb_str_eq(words[i], word))
            return (int)i;
    return -1;
}

const char *gb_severity_name(enum gb_severity severity)
{
    return (unsigned)severity < GB_SEVERITY_COUNT ? severities[severity].at : "?";
}

int gb_severity_parse(struct gb_str word, enum gb_severity *ret)
{
    int index = word_index(severities, GB_SEVERITY_COUNT, word);
    if (index < 0)
        return GB_E_TYPE;
    *ret = (enum gb_severity)index;
    return GB_OK;
}

unsigned gb_severity_points(enum gb_severity severity)
{
    static const unsigned points[GB_SEVERITY_COUNT] = {
        [GB_LOW] = 1, [GB_MEDIUM] = 3, [GB_HIGH] = 6, [GB_CRITICAL] = 10};
    return (unsigned)severity < GB_SEVERITY_COUNT ? points[severity] : 0;
}

const char *gb_verdict_name(enum gb_verdict_state state)
{
    return (unsigned)state < GB_VERDICT_COUNT ? verdicts[state].at : "?";
}

int gb_verdict_parse(struct gb_str word, enum gb_verdict_state *ret)
{
    int index = word_index(verdicts, GB_VERDICT_COUNT, word);
    if (index < 0)
        return GB_E_TYPE;
    *ret = (enum gb_verdict_state)index;
    return GB_OK;
}

const char *gb_effort_name(enum gb_effort effort)
{
    static const char *const names[] = {"one line", "some steps", "hours", "project"};
    return (unsigned)effort < sizeof names / sizeof *names ? names[effort] : "?";
}

int gb_effort_parse(struct gb_str word, enum gb_effort *ret)
{
    int index = word_index(efforts, sizeof efforts / sizeof *efforts, word);
    if (index < 0)
        return GB_E_TYPE;
    *ret = (enum gb_effort)index;
    return GB_OK;
}

struct gb_str gb_finding_identity(struct gb_arena *arena, struct gb_str control_id,
                                  struct gb_str subject_id)
{
    enum { IDENTITY_BYTES = 16 };
    // A NUL between the two: neither can contain one, so no two pairs give the same text.
    struct gb_mark mark = gb_arena_mark(arena);
    size_t len = control_id.len + 1 + subject_id.len;
    char *text = gb_alloc(arena, len);
    if (!text)
        return (struct gb_str){0};
    if (control_id.len)
        memcpy(text, control_id.at, control_id.len);
    if (subject_id.len)
        memcpy(text + control_id.len + 1, subject_id.at, subject_id.len);
    unsigned char sum[GB_DIGEST_LARGEST];
    int code = gb_digest(GB_SHA256, (struct gb_str){text, len}, sum, NULL);
    gb_arena_reset(arena, mark);
    if (code)
        return (struct gb_str){0};
    return gb_hex_encode(arena, (struct gb_str){(const char *)sum, IDENTITY_BYTES});
}
