// Packagist's versions, ordered as PHP's version_compare does: parts of digits and of letters;
// words that are not known < dev < alpha < beta < RC < nothing < numbers < pl.
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

static int rank_of(struct gb_str word)
{
    // By their beginnings and with case, as PHP does.
    static const struct {
        struct gb_str start;
        int rank;
    } known[] = {
        {GB_STR_INIT("dev"), RANK_DEV},      {GB_STR_INIT("a"), RANK_ALPHA},
        {GB_STR_INIT("b"), RANK_BETA},       {GB_STR_INIT("rc"), RANK_CANDIDATE},
        {GB_STR_INIT("RC"), RANK_CANDIDATE}, {GB_STR_INIT("p"), RANK_PATCH},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (gb_str_starts(word, known[i].start))
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
        } else {
            return (struct part){.rank = rank_of(word)};
        }
    }
}

static struct gb_str without_v(struct gb_str version)
{
    version = gb_str_trim(version);
    char c = gb_digits_peek(version, 0);
    return c == 'v' || c == 'V' ? gb_str_from(version, 1) : version;
}

int gb_version_compare_composer(struct gb_str a, struct gb_str b)
{
    size_t i = 0, j = 0;
    a = without_v(a);
    b = without_v(b);
    for (;;) {
        struct part x = take(a, &i), y = take(b, &j);
        int order = x.rank - y.rank;
        if (!order && x.rank == RANK_NUMBER)
            order = gb_digits_compare(x.digits, y.digits);
        if (order || x.rank == RANK_END)
            return order;
    }
}

bool gb_version_valid_composer(struct gb_str version)
{
    version = without_v(version);
    if (gb_digits_starts_nocase(version, GB_STR("dev-")))
        return version.len > 4;
    for (size_t i = 0; i < version.len; i++)
        if (!gb_digits_is(version.at[i]) && !gb_digits_is_letter(version.at[i]) &&
            !is_separator(version.at[i]))
            return false;
    return gb_digits_is(gb_digits_peek(version, 0));
}
