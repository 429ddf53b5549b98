// Python's versions, PEP 440: [epoch!]release[pre][.post][.dev][+local]. What is none has the order
// of setuptools before version 66, below all that are.
#include "model/version/pep440.h"
#include "model/version/digits.h"
#include "model/version/scheme.h"
#include "model/version/semver.h"

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

static struct gb_str trim(struct gb_str text)
{
    size_t start = 0;
    while (start < text.len &&
           (text.at[start] == ' ' || (text.at[start] >= 9 && text.at[start] <= 13)))
        start++;
    while (text.len > start && (text.at[text.len - 1] == ' ' ||
                                (text.at[text.len - 1] >= 9 && text.at[text.len - 1] <= 13)))
        text.len--;
    return gb_str_from(text, start);
}

// One of `words` behind an optional separator, then an optional number behind another one. Gives
// the index of the word, or -1 with *at unmoved. Longer words stand before their beginnings.
static int take_word(struct gb_str text, size_t *at, const struct gb_str *words, int count,
                     struct gb_str *number)
{
    size_t start = *at + is_separator(gb_digits_peek(text, *at));
    struct gb_str rest = gb_str_from(text, start);
    for (int i = 0; i < count; i++) {
        if (!gb_digits_starts_nocase(rest, words[i]))
            continue;
        size_t end = start + words[i].len;
        end += is_separator(gb_digits_peek(text, end));
        *number = gb_digits_take(text, &end);
        *at = end;
        return i;
    }
    return -1;
}

static void take_pre(struct gb_str text, size_t *at, struct gb_pep440 *version)
{
    static const struct gb_str words[] = {
        GB_STR_INIT("alpha"),   GB_STR_INIT("a"),   GB_STR_INIT("beta"), GB_STR_INIT("b"),
        GB_STR_INIT("preview"), GB_STR_INIT("pre"), GB_STR_INIT("c"),    GB_STR_INIT("rc"),
    };
    int word = take_word(text, at, words, 8, &version->pre_number);
    version->pre = word < 0   ? GB_PEP440_NO_PRE
                   : word < 2 ? GB_PEP440_ALPHA
                   : word < 4 ? GB_PEP440_BETA
                              : GB_PEP440_CANDIDATE;
}

static void take_post(struct gb_str text, size_t *at, struct gb_pep440 *version)
{
    static const struct gb_str words[] = {GB_STR_INIT("post"), GB_STR_INIT("rev"),
                                          GB_STR_INIT("r")};
    if (gb_digits_peek(text, *at) == '-' && gb_digits_is(gb_digits_peek(text, *at + 1))) {
        ++*at;
        version->post_number = gb_digits_take(text, at);
        version->has_post = true;
        return;
    }
    version->has_post = take_word(text, at, words, 3, &version->post_number) >= 0;
}

static bool valid_local(struct gb_str local)
{
    bool part = false;
    for (size_t i = 0; i < local.len; i++) {
        bool separator = is_separator(local.at[i]);
        if (separator ? !part : !gb_digits_is(local.at[i]) && !gb_digits_is_letter(local.at[i]))
            return false;
        part = !separator;
    }
    return part;
}

bool gb_pep440_parse(struct gb_str text, struct gb_pep440 *ret)
{
    static const struct gb_str dev[] = {GB_STR_INIT("dev")};
    struct gb_pep440 version = {0};
    text = trim(text);
    if (gb_digits_lower(gb_digits_peek(text, 0)) == 'v')
        text = gb_str_from(text, 1);
    size_t at = 0, start = 0;
    struct gb_str first = gb_digits_take(text, &at);
    if (!first.len)
        return false;
    if (gb_digits_peek(text, at) == '!') {
        version.epoch = first;
        start = ++at;
        if (!gb_digits_take(text, &at).len)
            return false;
    }
    while (gb_digits_peek(text, at) == '.' && gb_digits_is(gb_digits_peek(text, at + 1))) {
        at++;
        gb_digits_take(text, &at);
    }
    version.release = gb_str_sub(text, start, at - start);
    take_pre(text, &at, &version);
    take_post(text, &at, &version);
    version.has_dev = take_word(text, &at, dev, 1, &version.dev_number) >= 0;
    version.public_text = gb_str_sub(text, 0, at);
    if (gb_digits_peek(text, at) == '+') {
        version.has_local = true;
        version.local = gb_str_from(text, at + 1);
        if (!valid_local(version.local))
            return false;
        at = text.len;
    }
    if (at != text.len)
        return false;
    *ret = version;
    return true;
}

int gb_pep440_compare_release(struct gb_str a, struct gb_str b)
{
    return gb_semver_compare_numbers(a, b);
}

// 1.0.dev1 < 1.0a1 < 1.0
static int pre_rank(const struct gb_pep440 *version)
{
    if (version->pre == GB_PEP440_NO_PRE && !version->has_post && version->has_dev)
        return -1;
    return (int)version->pre;
}

int gb_pep440_compare_public(const struct gb_pep440 *a, const struct gb_pep440 *b)
{
    int order = gb_digits_compare(a->epoch, b->epoch);
    if (!order)
        order = gb_pep440_compare_release(a->release, b->release);
    if (!order)
        order = pre_rank(a) - pre_rank(b);
    if (!order)
        order = gb_digits_compare(a->pre_number, b->pre_number);
    if (!order)
        order = (int)a->has_post - (int)b->has_post;
    if (!order)
        order = gb_digits_compare(a->post_number, b->post_number);
    if (!order)
        order = (int)b->has_dev - (int)a->has_dev;
    return order ? order : gb_digits_compare(a->dev_number, b->dev_number);
}

static struct gb_str next_local(struct gb_str local, size_t *at)
{
    size_t start = *at;
    while (*at < local.len && !is_separator(local.at[*at]))
        ++*at;
    struct gb_str part = gb_str_sub(local, start, *at - start);
    ++*at;
    return part;
}

// Words below numbers, fewer parts below more.
static int compare_local(const struct gb_pep440 *a, const struct gb_pep440 *b)
{
    if (!a->has_local || !b->has_local)
        return (int)a->has_local - (int)b->has_local;
    size_t i = 0, j = 0;
    while (i < a->local.len && j < b->local.len) {
        struct gb_str x = next_local(a->local, &i), y = next_local(b->local, &j);
        bool x_number = gb_digits_all(x), y_number = gb_digits_all(y);
        int order = x_number != y_number ? (x_number ? 1 : -1)
                    : x_number           ? gb_digits_compare(x, y)
                                         : gb_digits_compare_nocase(x, y);
        if (order)
            return order;
    }
    return (i < a->local.len) - (j < b->local.len);
}

int gb_pep440_compare(const struct gb_pep440 *a, const struct gb_pep440 *b)
{
    int order = gb_pep440_compare_public(a, b);
    return order ? order : compare_local(a, b);
}

int gb_version_compare_pep440(struct gb_str a, struct gb_str b)
{
    struct gb_pep440 x, y;
    bool x_valid = gb_pep440_parse(a, &x), y_valid = gb_pep440_parse(b, &y);
    if (x_valid != y_valid)
        return x_valid ? 1 : -1;
    return x_valid ? gb_pep440_compare(&x, &y) : gb_version_compare_pep440_legacy(a, b);
}

bool gb_version_valid_pep440(struct gb_str version)
{
    struct gb_pep440 parsed;
    return gb_pep440_parse(version, &parsed);
}
