// Ranges in comparison form, "< 1.2, >= 1.0 || = 3", and the choice of the syntax of a scheme.
#include "model/version/range.h"
#include "model/version/digits.h"
#include "model/version/pep440.h"
#include "model/version/scheme.h"

int gb_range_error(struct gb_error *err, struct gb_str range, const char *what)
{
    struct gb_str shown = gb_str_sub(range, 0, 80);
    return gb_error_set(err, GB_E_SYNTAX, "range \"" GB_PRI "\": %s", GB_ARG(shown), what);
}

int gb_range_order(const struct gb_range_query *query, struct gb_str bound)
{
    struct gb_pep440 version, limit;
    if (query->options & GB_VERSION_EPOCH_ASSUMED)
        return gb_version_compare_epoch_assumed(query->scheme, query->version, bound, NULL);
    // A local version (1.0+vendor.1) counts only against a bound that has one.
    if (query->scheme == GB_VERSION_PEP440 && gb_pep440_parse(query->version, &version) &&
        gb_pep440_parse(bound, &limit) && !limit.has_local)
        return gb_pep440_compare_public(&version, &limit);
    return gb_version_compare(query->scheme, query->version, bound);
}

enum operator{
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    FUZZY,
    LESS_FUZZY,
    GREATER_FUZZY,
    PESSIMISTIC,
};

static const struct {
    struct gb_str text;
    enum operator operator;
} operators[] = {
    // Longer ones first.
    {GB_STR_INIT("<="), LESS_EQUAL},  {GB_STR_INIT(">="), GREATER_EQUAL},
    {GB_STR_INIT("=="), EQUAL},       {GB_STR_INIT("!="), NOT_EQUAL},
    {GB_STR_INIT("<~"), LESS_FUZZY},  {GB_STR_INIT(">~"), GREATER_FUZZY},
    {GB_STR_INIT("~>"), PESSIMISTIC}, {GB_STR_INIT("="), EQUAL},
    {GB_STR_INIT("<"), LESS},         {GB_STR_INIT(">"), GREATER},
    {GB_STR_INIT("~"), FUZZY},
};

static bool known_to(enum gb_version_scheme scheme, enum operator operator)
{
    if (operator== PESSIMISTIC)
        return scheme == GB_VERSION_GEM;
    return operator<FUZZY || scheme == GB_VERSION_APK;
}

static bool holds(const struct gb_range_query *query, enum operator operator, struct gb_str bound)
{
    if (operator== PESSIMISTIC)
        return gb_range_gem_pessimistic(query->version, bound);
    if (operator>= FUZZY && gb_version_compare_apk_fuzzy(query->version, bound) == 0)
        return true;
    int order = gb_range_order(query, bound);
    switch (operator) {
    case EQUAL:
        return order == 0;
    case NOT_EQUAL:
        return order != 0;
    case LESS_EQUAL:
        return order <= 0;
    case GREATER_EQUAL:
        return order >= 0;
    case LESS:
    case LESS_FUZZY:
        return order < 0;
    case GREATER:
    case GREATER_FUZZY:
        return order > 0;
    case FUZZY:
    case PESSIMISTIC:
        break;
    }
    return false;
}

static void skip_spaces(struct gb_str text, size_t *at)
{
    while (*at < text.len && strchr(" \t\r\n", text.at[*at]) && text.at[*at])
        ++*at;
}

static enum operator take_operator(struct gb_str text, size_t *at)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!gb_str_starts(gb_str_from(text, *at), operators[i].text))
            continue;
        *at += operators[i].text.len;
        return operators[i].operator;
    }
    return EQUAL;
}

// One comparison; *at moves behind it and the spaces that follow.
static int take_comparison(const struct gb_range_query *query, struct gb_str range, size_t *at,
                           bool *ret, struct gb_error *err)
{
    enum operator operator= take_operator(range, at);
    skip_spaces(range, at);
    size_t start = *at;
    while (*at < range.len && !strchr(" \t\r\n,|<>=!", range.at[*at]))
        ++*at;
    struct gb_str bound = gb_str_sub(range, start, *at - start);
    skip_spaces(range, at);
    if (!bound.len)
        return gb_range_error(err, range, "a version is missing");
    if (!known_to(query->scheme, operator))
        return gb_range_error(err, range, "an operator that this kind of version does not have");
    *ret = holds(query, operator, bound);
    return 0;
}

int gb_range_comparisons(const struct gb_range_query *query, struct gb_str range, bool *ret,
                         struct gb_error *err)
{
    bool any = false, all = true;
    size_t at = 0;
    skip_spaces(range, &at);
    if (at == range.len) {
        *ret = true;
        return 0;
    }
    for (;;) {
        bool one = false;
        int code = take_comparison(query, range, &at, &one, err);
        if (code < 0)
            return code;
        all = all && one;
        char c = gb_digits_peek(range, at);
        if (at >= range.len)
            break;
        if (c == '|') {
            if (gb_digits_peek(range, at + 1) != '|')
                return gb_range_error(err, range, "\"|\" stands alone");
            any = any || all;
            all = true;
            at += 2;
        } else if (c == ',') {
            at++;
        }
        skip_spaces(range, &at);
    }
    *ret = any || all;
    return 0;
}

static gb_range_fn *syntax_of(const struct gb_range_query *query, struct gb_str range)
{
    struct gb_str text = gb_str_trim(range);
    bool plain = query->options & GB_VERSION_PLAIN_ORDER;
    bool bracket = text.len && (text.at[0] == '[' || text.at[0] == '(');
    if (query->scheme == GB_VERSION_NPM && !plain)
        return gb_range_npm;
    if (query->scheme == GB_VERSION_PEP440 && !plain)
        return gb_range_specifiers;
    if (bracket && (query->scheme == GB_VERSION_MAVEN || query->scheme == GB_VERSION_NUGET))
        return gb_range_interval;
    return gb_range_comparisons;
}

int gb_version_in_range_with(enum gb_version_scheme scheme, unsigned options, struct gb_str version,
                             struct gb_str range, bool *ret, struct gb_error *err)
{
    struct gb_range_query query = {scheme, options, version};
    return syntax_of(&query, range)(&query, range, ret, err);
}

int gb_version_in_range(enum gb_version_scheme scheme, struct gb_str version, struct gb_str range,
                        bool *ret, struct gb_error *err)
{
    return gb_version_in_range_with(scheme, 0, version, range, ret, err);
}

int gb_version_range_check(enum gb_version_scheme scheme, unsigned options, struct gb_str range,
                           struct gb_error *err)
{
    bool ignored;
    return gb_version_in_range_with(scheme, options, GB_STR("0.0.0"), range, &ignored, err);
}
