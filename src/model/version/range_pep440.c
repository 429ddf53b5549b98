// Version specifiers of PEP 440: "~=1.4.2, !=1.4.5, ==2.*". All must hold. Pre-releases are let in.
#include "model/version/digits.h"
#include "model/version/pep440.h"
#include "model/version/range.h"

enum operator{ SAME, COMPATIBLE, EQUAL, NOT_EQUAL, LESS_EQUAL, GREATER_EQUAL, LESS, GREATER };

struct specifier {
    enum operator operator;
    struct gb_str text;
    struct gb_pep440 version;
    bool wildcard;
};

static bool parse(struct gb_str text, struct specifier *ret)
{
    static const struct {
        struct gb_str text;
        enum operator operator;
    } operators[] = {
        {GB_STR_INIT("==="), SAME},      {GB_STR_INIT("~="), COMPATIBLE},
        {GB_STR_INIT("=="), EQUAL},      {GB_STR_INIT("!="), NOT_EQUAL},
        {GB_STR_INIT("<="), LESS_EQUAL}, {GB_STR_INIT(">="), GREATER_EQUAL},
        {GB_STR_INIT("<"), LESS},        {GB_STR_INIT(">"), GREATER},
    };
    size_t i = 0, count = sizeof operators / sizeof *operators;
    text = gb_str_trim(text);
    while (i < count && !gb_str_starts(text, operators[i].text))
        i++;
    if (i == count)
        return false;
    struct specifier specifier = {.operator= operators[i].operator};
    text = gb_str_trim(gb_str_from(text, operators[i].text.len));
    specifier.text = text;
    if (specifier.operator== SAME) {
        *ret = specifier;
        return text.len > 0;
    }
    bool equality = specifier.operator== EQUAL || specifier.operator== NOT_EQUAL;
    specifier.wildcard = equality && gb_str_ends(text, GB_STR(".*"));
    if (specifier.wildcard)
        text = gb_str_sub(text, 0, text.len - 2);
    if (!gb_pep440_parse(text, &specifier.version))
        return false;
    const struct gb_pep440 *version = &specifier.version;
    if (version->has_local && (!equality || specifier.wildcard))
        return false;
    if (specifier.wildcard &&
        (version->pre != GB_PEP440_NO_PRE || version->has_post || version->has_dev))
        return false;
    *ret = specifier;
    return specifier.operator!= COMPATIBLE || gb_str_find_char(version->release, '.') >= 0;
}

// Do the numbers of `release` begin with those of `prefix`? Missing ones are 0.
static bool has_prefix(const struct gb_pep440 *version, struct gb_str epoch, struct gb_str prefix)
{
    if (gb_digits_compare(version->epoch, epoch))
        return false;
    for (size_t i = 0, j = 0; i < prefix.len; i++, j++) {
        struct gb_str wanted = gb_digits_take(prefix, &i);
        if (gb_digits_compare(gb_digits_take(version->release, &j), wanted))
            return false;
    }
    return true;
}

static bool same_base(const struct gb_pep440 *a, const struct gb_pep440 *b)
{
    return gb_digits_compare(a->epoch, b->epoch) == 0 &&
           gb_pep440_compare_release(a->release, b->release) == 0;
}

static bool is_prerelease(const struct gb_pep440 *version)
{
    return version->pre != GB_PEP440_NO_PRE || version->has_dev;
}

static bool equal(const struct gb_pep440 *version, const struct specifier *specifier)
{
    const struct gb_pep440 *wanted = &specifier->version;
    if (specifier->wildcard)
        return has_prefix(version, wanted->epoch, wanted->release);
    return (wanted->has_local ? gb_pep440_compare(version, wanted)
                              : gb_pep440_compare_public(version, wanted)) == 0;
}

static bool same_post(const struct gb_pep440 *a, const struct gb_pep440 *b)
{
    return a->has_post == b->has_post && gb_digits_compare(a->post_number, b->post_number) == 0;
}

// `<` leaves out the pre-releases of the very version that is named, `>` its post-releases.
static bool less(const struct gb_pep440 *version, const struct gb_pep440 *bound)
{
    bool before_it =
        is_prerelease(version) && !is_prerelease(bound) && same_base(version, bound) &&
        (!bound->has_post || (version->pre == bound->pre && same_post(version, bound)));
    return gb_pep440_compare(version, bound) < 0 && !before_it;
}

static bool greater(const struct gb_pep440 *version, const struct gb_pep440 *bound)
{
    bool after_it =
        version->has_post && !bound->has_post && !bound->has_dev && version->pre == bound->pre &&
        gb_digits_compare(version->pre_number, bound->pre_number) == 0 && same_base(version, bound);
    return gb_pep440_compare_public(version, bound) > 0 && !after_it;
}

static bool compatible(const struct gb_pep440 *version, const struct gb_pep440 *bound)
{
    ptrdiff_t dot = gb_str_rfind_char(bound->release, '.');
    return gb_pep440_compare_public(version, bound) >= 0 &&
           has_prefix(version, bound->epoch, gb_str_sub(bound->release, 0, (size_t)dot));
}

static bool holds(const struct gb_range_query *query, const struct gb_pep440 *version,
                  const struct specifier *specifier)
{
    switch (specifier->operator) {
    case SAME:
        return gb_digits_compare_nocase(gb_str_trim(query->version), specifier->text) == 0;
    case COMPATIBLE:
        return version && compatible(version, &specifier->version);
    case EQUAL:
        return version && equal(version, specifier);
    case NOT_EQUAL:
        return !version || !equal(version, specifier);
    case LESS_EQUAL:
        return version && gb_pep440_compare_public(version, &specifier->version) <= 0;
    case GREATER_EQUAL:
        return version && gb_pep440_compare_public(version, &specifier->version) >= 0;
    case LESS:
        return version && less(version, &specifier->version);
    case GREATER:
        return version && greater(version, &specifier->version);
    }
    return false;
}

int gb_range_specifiers(const struct gb_range_query *query, struct gb_str range, bool *ret,
                        struct gb_error *err)
{
    struct gb_pep440 version;
    bool valid = gb_pep440_parse(query->version, &version), all = true;
    struct gb_str rest = gb_str_trim(range), piece;
    while (gb_str_next(&rest, ',', &piece)) {
        struct specifier specifier;
        if (!parse(piece, &specifier))
            return gb_range_error(err, range, "not a version specifier of PEP 440");
        all = all && holds(query, valid ? &version : NULL, &specifier);
    }
    *ret = all;
    return 0;
}
