// Packagist's versions: as Composer writes them in full and PHP's version_compare orders them.
// Parts of digits and of letters; dev < alpha < beta < RC < nothing < numbers < patch.
#include "model/version/digits.h"
#include "model/version/scheme.h"

enum {
    RANK_UNKNOWN,
    RANK_DEV,
    RANK_ALPHA,
    RANK_BETA,
    RANK_CANDIDATE,
    RANK_END,
    RANK_NUMBER,
    RANK_PATCH
};

struct part {
    int rank;
    struct gb_str digits;
};

struct reader {
    struct gb_str text;
    size_t at;
    size_t zeros_end; // the zeros up to here count
    bool word_seen;
};

static int rank_of(struct gb_str word)
{
    // By their beginnings, as PHP does.
    static const struct {
        struct gb_str start;
        int rank;
    } known[] = {
        {GB_STR_INIT("dev"), RANK_DEV}, {GB_STR_INIT("a"), RANK_ALPHA},
        {GB_STR_INIT("b"), RANK_BETA},  {GB_STR_INIT("rc"), RANK_CANDIDATE},
        {GB_STR_INIT("p"), RANK_PATCH},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (gb_digits_starts_nocase(word, known[i].start))
            return known[i].rank;
    return RANK_UNKNOWN;
}

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_' || c == '+';
}

static struct part take(struct gb_str text, size_t *at)
{
    for (;;) {
        while (*at < text.len && is_separator(text.at[*at]))
            ++*at;
        if (*at >= text.len)
            return (struct part){.rank = RANK_END};
        if (gb_digits_is(text.at[*at]))
            return (struct part){RANK_NUMBER, gb_digits_take(text, at)};
        size_t start = *at;
        while (*at < text.len && !is_separator(text.at[*at]) && !gb_digits_is(text.at[*at]))
            ++*at;
        struct gb_str word = gb_str_sub(text, start, *at - start);
        if (gb_str_is(word, "#")) { // any number, unless a word follows
            size_t after = *at + is_separator(gb_digits_peek(text, *at));
            if (after >= text.len || gb_digits_is(text.at[after]))
                return (struct part){RANK_NUMBER, GB_STR("1")};
        } else if (gb_digits_compare_nocase(word, GB_STR("stable"))) {
            return (struct part){.rank = rank_of(word)};
        }
    }
}

// Zeros just before the first word or the end do not count: 1.0.0-beta is 1-beta.
static struct part next(struct reader *reader)
{
    for (;;) {
        size_t before = reader->at;
        struct part part = take(reader->text, &reader->at);
        if (part.rank != RANK_NUMBER)
            reader->word_seen = true;
        if (reader->word_seen || before < reader->zeros_end || !gb_digits_zero(part.digits))
            return part;
        size_t at = reader->at;
        struct part later = part;
        while (later.rank == RANK_NUMBER && gb_digits_zero(later.digits)) {
            before = at;
            later = take(reader->text, &at);
        }
        if (later.rank == RANK_NUMBER) {
            reader->zeros_end = before;
            return part;
        }
        reader->at = before;
    }
}

static struct reader start(struct gb_str version)
{
    version = gb_str_trim(version);
    if (gb_digits_lower(gb_digits_peek(version, 0)) == 'v')
        version = gb_str_from(version, 1);
    return (struct reader){.text = version};
}

int gb_version_compare_composer(struct gb_str left, struct gb_str right)
{
    struct reader a = start(left), b = start(right);
    for (;;) {
        struct part x = next(&a), y = next(&b);
        int order = x.rank - y.rank;
        if (!order && x.rank == RANK_NUMBER)
            order = gb_digits_compare(x.digits, y.digits);
        if (order || x.rank == RANK_END)
            return order;
    }
}

bool gb_version_valid_composer(struct gb_str version)
{
    struct reader reader = start(version);
    if (gb_digits_starts_nocase(reader.text, GB_STR("dev-")))
        return reader.text.len > 4;
    for (size_t i = 0; i < reader.text.len; i++)
        if (!gb_digits_is(reader.text.at[i]) && !gb_digits_is_letter(reader.text.at[i]) &&
            !is_separator(reader.text.at[i]))
            return false;
    return gb_digits_is(gb_digits_peek(reader.text, 0));
}
