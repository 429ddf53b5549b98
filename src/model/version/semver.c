// Semantic versions 2.0.0 and the schemes that differ from them in a detail only: npm, Go, NuGet,
// Pub, Bitnami. Reading is lenient: any count of numbers, a leading v or =, a pre-release without
// its hyphen.
#include "model/version/semver.h"
#include "model/version/digits.h"
#include "model/version/scheme.h"

struct gb_semver gb_semver_parse(struct gb_str text)
{
    struct gb_semver version = {0};
    size_t at = 0;
    while (at < text.len && strchr(" \t=vV", text.at[at]) && text.at[at])
        at++;
    text = gb_str_trim(gb_str_from(text, at));
    at = 0;
    gb_digits_take(text, &at);
    while (at && gb_digits_peek(text, at) == '.' && gb_digits_is(gb_digits_peek(text, at + 1))) {
        at++;
        gb_digits_take(text, &at);
    }
    version.numbers = gb_str_sub(text, 0, at);
    text = gb_str_from(text, at);
    ptrdiff_t plus = gb_str_find_char(text, '+');
    if (plus >= 0) {
        version.has_build = true;
        version.build = gb_str_from(text, (size_t)plus + 1);
        text = gb_str_sub(text, 0, (size_t)plus);
    }
    if (!text.len)
        return version;
    version.has_pre = true;
    version.bare_pre = text.at[0] != '-';
    version.pre = text.at[0] == '-' || text.at[0] == '.' ? gb_str_from(text, 1) : text;
    return version;
}

int gb_semver_compare_numbers(struct gb_str a, struct gb_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len || j < b.len) {
        struct gb_str x = gb_digits_take(a, &i);
        int order = gb_digits_compare(x, gb_digits_take(b, &j));
        if (order)
            return order;
        i++; // the dot
        j++;
    }
    return 0;
}

// One part of a pre-release. A dot between words that need none (1.0.0.rc.alpha) reads as a hyphen
// where the pre-release itself had no hyphen: that is how RubyGems and Python write them.
struct parts {
    struct gb_str rest;
    bool more, bare, split;
};

static bool word_follows(struct gb_str s)
{
    return gb_digits_starts_nocase(s, GB_STR("alpha")) ||
           gb_digits_starts_nocase(s, GB_STR("beta")) || gb_digits_starts_nocase(s, GB_STR("rc"));
}

static struct gb_str next_part(struct parts *parts)
{
    struct gb_str s = parts->rest;
    size_t end = 0;
    while (end < s.len) {
        if (s.at[end] == '.' && !(parts->bare && word_follows(gb_str_from(s, end + 1))))
            break;
        if (parts->bare && parts->split && end && gb_digits_is(s.at[end]) &&
            !gb_digits_is(s.at[end - 1]))
            break;
        end++;
    }
    bool dot = end < s.len && s.at[end] == '.';
    parts->more = end < s.len;
    parts->rest = gb_str_from(s, end + dot);
    return gb_str_sub(s, 0, end);
}

static int compare_text(struct gb_str a, struct gb_str b, unsigned flavour)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        char x = a.at[i] == '.' ? '-' : a.at[i], y = b.at[i] == '.' ? '-' : b.at[i];
        if (flavour & GB_SEMVER_NOCASE) {
            x = gb_digits_lower(x);
            y = gb_digits_lower(y);
        }
        if (x != y)
            return (unsigned char)x < (unsigned char)y ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

// Numbers below words; fewer parts below more.
static int compare_parts(struct parts a, struct parts b, unsigned flavour)
{
    a.split = b.split = flavour & GB_SEMVER_SPLIT_WORDS;
    a.more = b.more = true;
    while (a.more && b.more) {
        struct gb_str x = next_part(&a), y = next_part(&b);
        bool x_number = gb_digits_all(x), y_number = gb_digits_all(y);
        int order = x_number != y_number ? (x_number ? -1 : 1)
                    : x_number           ? gb_digits_compare(x, y)
                                         : compare_text(x, y, flavour);
        if (order)
            return order;
    }
    return (int)a.more - (int)b.more;
}

static bool pre_counts(const struct gb_semver *version, unsigned flavour)
{
    return version->has_pre &&
           !(flavour & GB_SEMVER_NO_REVISION && !version->bare_pre && gb_digits_all(version->pre));
}

int gb_semver_compare(const struct gb_semver *a, const struct gb_semver *b, unsigned flavour)
{
    int order = gb_semver_compare_numbers(a->numbers, b->numbers);
    if (order)
        return order;
    bool a_pre = pre_counts(a, flavour), b_pre = pre_counts(b, flavour);
    if (a_pre != b_pre)
        return a_pre ? -1 : 1;
    if (a_pre)
        order = compare_parts((struct parts){.rest = a->pre, .bare = a->bare_pre},
                              (struct parts){.rest = b->pre, .bare = b->bare_pre}, flavour);
    if (order || !(flavour & GB_SEMVER_ORDER_BUILD))
        return order;
    if (!a->has_build || !b->has_build)
        return (int)a->has_build - (int)b->has_build;
    return compare_parts((struct parts){.rest = a->build}, (struct parts){.rest = b->build},
                         flavour);
}

static int compare(struct gb_str left, struct gb_str right, unsigned flavour)
{
    struct gb_semver a = gb_semver_parse(left), b = gb_semver_parse(right);
    return gb_semver_compare(&a, &b, flavour);
}

int gb_version_compare_semver(struct gb_str a, struct gb_str b)
{
    return compare(a, b, GB_SEMVER_PLAIN);
}

int gb_version_compare_nuget(struct gb_str a, struct gb_str b)
{
    return compare(a, b, GB_SEMVER_NOCASE);
}

int gb_version_compare_pub(struct gb_str a, struct gb_str b)
{
    return compare(a, b, GB_SEMVER_ORDER_BUILD);
}

int gb_version_compare_bitnami(struct gb_str a, struct gb_str b)
{
    return compare(a, b, GB_SEMVER_NO_REVISION);
}

// "go1.22.4 X:boringcrypto" of a toolchain is 1.22.4.
static struct gb_str go_version(struct gb_str version)
{
    version = gb_str_trim(version);
    ptrdiff_t space = gb_str_find_char(version, ' ');
    if (space >= 0)
        version = gb_str_sub(version, 0, (size_t)space);
    return gb_str_starts(version, GB_STR("go")) ? gb_str_from(version, 2) : version;
}

int gb_version_compare_go(struct gb_str a, struct gb_str b)
{
    return compare(go_version(a), go_version(b), GB_SEMVER_SPLIT_WORDS);
}

bool gb_version_valid_go(struct gb_str version)
{
    struct gb_semver parsed = gb_semver_parse(go_version(version));
    return parsed.numbers.len > 0;
}

static bool strict_numbers(struct gb_str numbers)
{
    size_t at = 0;
    for (int count = 1;; count++) {
        struct gb_str number = gb_digits_take(numbers, &at);
        if (!number.len || (number.len > 1 && number.at[0] == '0'))
            return false;
        if (at >= numbers.len)
            return count == 3;
        at++;
    }
}

static bool strict_parts(struct gb_str text, bool leading_zeros)
{
    struct parts parts = {.rest = text, .more = true};
    while (parts.more) {
        struct gb_str part = next_part(&parts);
        if (!part.len ||
            (!leading_zeros && part.len > 1 && part.at[0] == '0' && gb_digits_all(part)))
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (!gb_digits_is(part.at[i]) && !gb_digits_is_letter(part.at[i]) && part.at[i] != '-')
                return false;
    }
    return true;
}

bool gb_semver_strict(struct gb_str version)
{
    if (!version.len || !gb_digits_is(version.at[0]) || gb_str_trim(version).len != version.len)
        return false;
    struct gb_semver parsed = gb_semver_parse(version);
    return !parsed.bare_pre && strict_numbers(parsed.numbers) &&
           (!parsed.has_pre || strict_parts(parsed.pre, false)) &&
           (!parsed.has_build || strict_parts(parsed.build, true));
}

bool gb_version_valid_semver(struct gb_str version)
{
    return gb_semver_strict(version);
}

static bool safe_numbers(struct gb_str numbers)
{
    for (size_t at = 0; at < numbers.len; at++)
        if (gb_digits_compare(gb_digits_take(numbers, &at), GB_STR("9007199254740991")) > 0)
            return false;
    return true;
}

// npm: at most 256 characters, numbers that JavaScript holds exactly; = or v may stand before.
bool gb_version_valid_npm(struct gb_str version)
{
    enum { LONGEST = 256 };
    version = gb_str_trim(version);
    if (version.len > LONGEST)
        return false;
    size_t at = 0;
    while (at < version.len && strchr("=v", version.at[at]) && version.at[at])
        at++;
    version = gb_str_trim(gb_str_from(version, at));
    return gb_semver_strict(version) && safe_numbers(gb_semver_parse(version).numbers);
}

// NuGet: one to four numbers.
bool gb_version_valid_nuget(struct gb_str version)
{
    struct gb_semver parsed = gb_semver_parse(version);
    size_t dots = 0;
    for (size_t i = 0; i < parsed.numbers.len; i++)
        dots += parsed.numbers.at[i] == '.';
    return parsed.numbers.len && dots < 4 && !parsed.bare_pre &&
           gb_digits_is(gb_digits_peek(gb_str_trim(version), 0)) &&
           (!parsed.has_pre || strict_parts(parsed.pre, true)) &&
           (!parsed.has_build || strict_parts(parsed.build, true));
}

bool gb_version_valid_bitnami(struct gb_str version)
{
    struct gb_semver parsed = gb_semver_parse(version);
    return parsed.numbers.len && !parsed.bare_pre &&
           (!parsed.has_pre || strict_parts(parsed.pre, true)) &&
           (!parsed.has_build || strict_parts(parsed.build, true));
}
