// Versions that are numbers only: R's (CRAN, Bioconductor: dots and hyphens) and Haskell's
// (Hackage: dots). The count of numbers matters: 1.0 < 1.0.0.
#include "model/version/digits.h"
#include "model/version/scheme.h"

static bool is_separator(char c)
{
    return c == '.' || c == '-';
}

struct part {
    int rank; // 0 the end, 1 a number, 2 anything else
    struct gb_str text;
};

static struct part next(struct gb_str text, size_t *at)
{
    if (*at >= text.len)
        return (struct part){0};
    struct part part = {1, gb_digits_take(text, at)};
    if (!part.text.len) {
        size_t start = *at;
        while (*at < text.len && !is_separator(text.at[*at]) && !gb_digits_is(text.at[*at]))
            ++*at;
        part = (struct part){2, gb_str_sub(text, start, *at - start)};
    }
    *at += is_separator(gb_digits_peek(text, *at));
    return part;
}

static int compare(struct gb_str a, struct gb_str b)
{
    a = gb_str_trim(a);
    b = gb_str_trim(b);
    size_t i = 0, j = 0;
    for (;;) {
        struct part x = next(a, &i), y = next(b, &j);
        int order = x.rank - y.rank;
        if (!order)
            order =
                x.rank == 1 ? gb_digits_compare(x.text, y.text) : gb_str_compare(x.text, y.text);
        if (order || !x.rank)
            return order;
    }
}

static bool valid(struct gb_str version, bool hyphens, size_t fewest)
{
    size_t at = 0, count = 0;
    for (;;) {
        if (!gb_digits_take(version, &at).len)
            return false;
        count++;
        if (at >= version.len)
            return count >= fewest;
        if (version.at[at] != '.' && !(hyphens && version.at[at] == '-'))
            return false;
        at++;
    }
}

int gb_version_compare_cran(struct gb_str a, struct gb_str b)
{
    return compare(a, b);
}

int gb_version_compare_hackage(struct gb_str a, struct gb_str b)
{
    return compare(a, b);
}

bool gb_version_valid_cran(struct gb_str version)
{
    return valid(version, true, 2);
}

bool gb_version_valid_hackage(struct gb_str version)
{
    return valid(version, false, 1);
}
