// Intervals of Maven and NuGet: "[1.0,2.0)", "(,1.0]", "[1.0]", and unions "(,1.0],[1.2,)".
#include "model/version/digits.h"
#include "model/version/range.h"

static void skip_spaces(struct gb_str text, size_t *at)
{
    while (*at < text.len && strchr(" \t\r\n", text.at[*at]) && text.at[*at])
        ++*at;
}

static struct gb_str take_bound(struct gb_str text, size_t *at)
{
    size_t start = *at;
    while (*at < text.len && (!strchr(",[]()", text.at[*at]) || !text.at[*at]))
        ++*at;
    return gb_str_trim(gb_str_sub(text, start, *at - start));
}

static int take_interval(const struct gb_range_query *query, struct gb_str range, size_t *at,
                         bool *ret, struct gb_error *err)
{
    char open = gb_digits_peek(range, *at);
    if (open != '[' && open != '(')
        return gb_range_error(err, range, "an interval begins with [ or (");
    ++*at;
    struct gb_str low = take_bound(range, at), high = low;
    bool comma = gb_digits_peek(range, *at) == ',';
    if (comma) {
        ++*at;
        high = take_bound(range, at);
    }
    char close = gb_digits_peek(range, *at);
    if (close != ']' && close != ')')
        return gb_range_error(err, range, "an interval ends with ] or )");
    if (!comma && (!low.len || open != '[' || close != ']'))
        return gb_range_error(err, range, "a single version stands in [ and ]");
    ++*at;
    int above = low.len ? gb_range_order(query, low) : 1;
    int below = high.len ? gb_range_order(query, high) : -1;
    *ret =
        (above > 0 || (above == 0 && open == '[')) && (below < 0 || (below == 0 && close == ']'));
    return 0;
}

int gb_range_interval(const struct gb_range_query *query, struct gb_str range, bool *ret,
                      struct gb_error *err)
{
    bool any = false;
    size_t at = 0;
    for (;;) {
        bool one = false;
        skip_spaces(range, &at);
        int code = take_interval(query, range, &at, &one, err);
        if (code < 0)
            return code;
        any = any || one;
        skip_spaces(range, &at);
        if (at >= range.len)
            break;
        if (range.at[at] != ',')
            return gb_range_error(err, range, "a comma is missing between intervals");
        at++;
    }
    *ret = any;
    return 0;
}
