// RubyGems' versions: segments of digits and of letters; a letter means pre-release, and so does a
// hyphen, which reads as ".pre.". The platform behind the version (-x86_64-linux) is no part of it.
#include "model/version/digits.h"
#include "model/version/range.h"
#include "model/version/scheme.h"

static bool is_platform(struct gb_str word)
{
    static const struct gb_str names[] = {
        GB_STR_INIT("universal"),   GB_STR_INIT("java"),        GB_STR_INIT("jruby"),
        GB_STR_INIT("aarch64"),     GB_STR_INIT("amd64"),       GB_STR_INIT("arm"),
        GB_STR_INIT("arm64"),       GB_STR_INIT("armv5"),       GB_STR_INIT("armv6"),
        GB_STR_INIT("armv7"),       GB_STR_INIT("i386"),        GB_STR_INIT("i486"),
        GB_STR_INIT("i586"),        GB_STR_INIT("i686"),        GB_STR_INIT("mswin32"),
        GB_STR_INIT("mswin64"),     GB_STR_INIT("mingw32"),     GB_STR_INIT("x64"),
        GB_STR_INIT("x86"),         GB_STR_INIT("x86_64"),      GB_STR_INIT("ppc"),
        GB_STR_INIT("ppc64"),       GB_STR_INIT("ppc64le"),     GB_STR_INIT("powerpc"),
        GB_STR_INIT("powerpc64le"), GB_STR_INIT("riscv64"),     GB_STR_INIT("s390x"),
        GB_STR_INIT("sparc"),       GB_STR_INIT("loongarch64"),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gb_str_eq(word, names[i]))
            return true;
    return false;
}

static struct gb_str without_platform(struct gb_str version)
{
    version = gb_str_trim(version);
    for (size_t i = 0; i < version.len; i++) {
        if (version.at[i] != '-')
            continue;
        size_t end = i + 1;
        while (end < version.len && version.at[end] != '-')
            end++;
        if (is_platform(gb_str_sub(version, i + 1, end - i - 1)))
            return gb_str_sub(version, 0, i);
        i = end - 1;
    }
    return version;
}

struct segment {
    bool end, number;
    struct gb_str text;
};

struct reader {
    struct gb_str text;
    size_t at;
    size_t zeros_end; // the zeros up to here count
    bool word_seen;
};

static struct segment take(struct gb_str text, size_t *at)
{
    while (*at < text.len && !gb_digits_is(text.at[*at]) && !gb_digits_is_letter(text.at[*at]) &&
           text.at[*at] != '-')
        ++*at;
    if (*at >= text.len)
        return (struct segment){.end = true, .number = true};
    if (gb_digits_is(text.at[*at]))
        return (struct segment){.number = true, .text = gb_digits_take(text, at)};
    if (text.at[*at] == '-') {
        ++*at;
        return (struct segment){.text = GB_STR("pre")};
    }
    return (struct segment){.text = gb_digits_take_letters(text, at)};
}

// Zeros just before the first word do not count: 1.0.0.a is 1.a.
static struct segment next(struct reader *reader)
{
    for (;;) {
        size_t before = reader->at;
        struct segment segment = take(reader->text, &reader->at);
        if (segment.end || !segment.number)
            reader->word_seen = true;
        if (reader->word_seen || before < reader->zeros_end || !gb_digits_zero(segment.text))
            return segment;
        size_t at = reader->at;
        struct segment later = segment;
        while (!later.end && later.number && gb_digits_zero(later.text)) {
            before = at;
            later = take(reader->text, &at);
        }
        if (later.number && !later.end) {
            reader->zeros_end = before;
            return segment;
        }
        reader->at = before;
    }
}

int gb_version_compare_gem(struct gb_str left, struct gb_str right)
{
    struct reader a = {.text = without_platform(left)}, b = {.text = without_platform(right)};
    for (;;) {
        struct segment x = next(&a), y = next(&b);
        if (x.end && y.end)
            return 0;
        int order = x.number != y.number ? (x.number ? 1 : -1)
                    : x.number           ? gb_digits_compare(x.text, y.text)
                                         : gb_str_compare(x.text, y.text);
        if (order)
            return order;
    }
}

bool gb_version_valid_gem(struct gb_str version)
{
    version = gb_str_trim(version);
    bool part = false;
    for (size_t i = 0; i < version.len; i++) {
        char c = version.at[i];
        bool separator = c == '.' || c == '-';
        if (separator ? !part : !gb_digits_is(c) && !gb_digits_is_letter(c) && c != '_')
            return false;
        part = !separator;
    }
    return part && gb_digits_is(version.at[0]);
}

// How many numbers stand before the first word.
static size_t count_numbers(struct gb_str text)
{
    size_t count = 0;
    for (size_t at = 0;; count++) {
        struct segment segment = take(text, &at);
        if (segment.end || !segment.number)
            return count;
    }
}

// "~> 1.2.3" fixes all numbers but the last, "~> 1" the only one.
bool gb_range_gem_pessimistic(struct gb_str version, struct gb_str bound)
{
    version = without_platform(version);
    bound = without_platform(bound);
    size_t fixed = count_numbers(bound);
    fixed -= fixed > 1;
    size_t i = 0, j = 0;
    for (bool numbers = true; fixed; fixed--) {
        struct segment x = {.number = true}, y = take(bound, &j);
        if (numbers)
            x = take(version, &i);
        if (x.end || !x.number) {
            numbers = false;
            x.text = (struct gb_str){0};
        }
        if (gb_digits_compare(x.text, y.text))
            return false;
    }
    return gb_version_compare_gem(version, bound) >= 0;
}
