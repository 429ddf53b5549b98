// Java runtimes: 1.8.0_131-b11 and 8u131 of old, 11.0.4+11-LTS since JEP 223. The old form is the
// new 8.0.131; builds do not count; -ea is a pre-release.
#include "model/version/digits.h"
#include "model/version/scheme.h"
#include "model/version/semver.h"

enum { NUMBERS = 3 };

struct version {
    struct gb_str numbers[NUMBERS];
    struct gb_str more; // numbers behind these
    struct gb_str pre;
    bool has_pre, valid;
};

static void take_numbers(struct version *version, struct gb_str text, size_t *at)
{
    if (gb_str_starts(text, GB_STR("1.")) && gb_digits_is(gb_digits_peek(text, 2)))
        *at = 2;
    version->valid = gb_digits_is(gb_digits_peek(text, *at));
    for (int i = 0; gb_digits_is(gb_digits_peek(text, *at)); i++) {
        size_t start = *at;
        struct gb_str number = gb_digits_take(text, at);
        if (i < NUMBERS)
            version->numbers[i] = number;
        else
            version->more = (struct gb_str){version->more.at ? version->more.at : number.at, 0};
        if (version->more.at)
            version->more.len = (size_t)(text.at + start + number.len - version->more.at);
        if (gb_digits_peek(text, *at) != '.' || !gb_digits_is(gb_digits_peek(text, *at + 1)))
            break;
        ++*at;
    }
}

// "131" of "_131", "u131", "update131", "update_131"; false when it is none of them.
static bool take_update(struct version *version, struct gb_str word)
{
    if (gb_str_starts(word, GB_STR("update")))
        word = gb_str_from(word, 6);
    else if (gb_digits_peek(word, 0) == 'u')
        word = gb_str_from(word, 1);
    else if (gb_digits_peek(word, 0) != '_')
        return false;
    if (gb_digits_peek(word, 0) == '_')
        word = gb_str_from(word, 1);
    if (!gb_digits_all(word))
        return false;
    version->numbers[NUMBERS - 1] = word;
    return true;
}

static bool is_build(struct gb_str word)
{
    return gb_digits_all(word) || gb_str_eq_nocase(word, GB_STR("lts")) ||
           (gb_digits_peek(word, 0) == 'b' && gb_digits_all(gb_str_from(word, 1)));
}

static struct version parse(struct gb_str text)
{
    struct version version = {0};
    text = gb_str_trim(text);
    ptrdiff_t plus = gb_str_find_char(text, '+');
    if (plus >= 0)
        text = gb_str_sub(text, 0, (size_t)plus);
    size_t at = 0;
    take_numbers(&version, text, &at);
    struct gb_str rest = gb_str_from(text, at), word;
    while (gb_str_next(&rest, '-', &word)) {
        if (!word.len || take_update(&version, word) || is_build(word))
            continue;
        if (!version.has_pre)
            version.pre = word;
        version.has_pre = true;
    }
    return version;
}

int gb_version_compare_jvm(struct gb_str left, struct gb_str right)
{
    struct version a = parse(left), b = parse(right);
    int order = 0;
    for (int i = 0; i < NUMBERS && !order; i++)
        order = gb_digits_compare(a.numbers[i], b.numbers[i]);
    if (!order)
        order = gb_semver_compare_numbers(a.more, b.more);
    if (!order)
        order = (int)b.has_pre - (int)a.has_pre;
    return order ? order : gb_digits_compare_nocase(a.pre, b.pre);
}

bool gb_version_valid_jvm(struct gb_str version)
{
    return parse(version).valid;
}
