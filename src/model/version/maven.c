// Maven's versions, by the version order specification of its POM reference: tokens between dots,
// hyphens and changes from digits to letters; words below numbers, "-1" below ".1".
//
// Null tokens (0, final, ga, release, nothing) before a hyphen or the end do not count. They are
// found by looking ahead over each run of null tokens once.
//
// This order, Maven's own, is not transitive where a word follows a dot behind zeros in one version
// and a hyphen in another: 1.0.0.rc1 < 1 < 1-foo < 1.0.0.rc1.
#include "model/version/digits.h"
#include "model/version/scheme.h"

enum {
    RANK_ALPHA,
    RANK_BETA,
    RANK_MILESTONE,
    RANK_CANDIDATE,
    RANK_SNAPSHOT,
    RANK_RELEASE,
    RANK_SP,
    RANK_OTHER
};

struct token {
    bool end, number, hyphen;
    struct gb_str text;
    int rank; // of a word
};

struct position {
    size_t at;
    bool started;
};

struct reader {
    struct gb_str text;
    struct position here;
    size_t index;     // of the next token
    size_t run_end;   // first token that is not null
    size_t kept_from; // null tokens before this one do not count
};

static int rank_of(struct gb_str word, bool digit_follows)
{
    static const struct {
        struct gb_str word;
        int rank;
    } known[] = {
        {GB_STR_INIT("alpha"), RANK_ALPHA},         {GB_STR_INIT("beta"), RANK_BETA},
        {GB_STR_INIT("milestone"), RANK_MILESTONE}, {GB_STR_INIT("rc"), RANK_CANDIDATE},
        {GB_STR_INIT("cr"), RANK_CANDIDATE},        {GB_STR_INIT("snapshot"), RANK_SNAPSHOT},
        {GB_STR_INIT("final"), RANK_RELEASE},       {GB_STR_INIT("ga"), RANK_RELEASE},
        {GB_STR_INIT("release"), RANK_RELEASE},     {GB_STR_INIT("sp"), RANK_SP},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (gb_digits_compare_nocase(word, known[i].word) == 0)
            return known[i].rank;
    if (word.len == 1 && digit_follows) {
        char c = gb_digits_lower(word.at[0]);
        return c == 'a'   ? RANK_ALPHA
               : c == 'b' ? RANK_BETA
               : c == 'm' ? RANK_MILESTONE
                          : RANK_OTHER;
    }
    return RANK_OTHER;
}

static struct token take(struct gb_str text, struct position *here)
{
    struct token token = {0};
    if (here->started && here->at >= text.len) {
        token.end = true;
        return token;
    }
    if (here->started) {
        char c = gb_digits_peek(text, here->at);
        token.hyphen = c != '.';
        here->at += c == '.' || c == '-';
    }
    here->started = true;
    size_t start = here->at;
    token.number = true;
    if (gb_digits_is(gb_digits_peek(text, start))) {
        token.text = gb_digits_take(text, &here->at);
        return token;
    }
    while (here->at < text.len && text.at[here->at] != '.' && text.at[here->at] != '-' &&
           !gb_digits_is(text.at[here->at]))
        here->at++;
    token.text = gb_str_sub(text, start, here->at - start);
    if (token.text.len) {
        token.number = false;
        token.rank = rank_of(token.text, gb_digits_is(gb_digits_peek(text, here->at)));
    }
    return token;
}

static bool is_null(const struct token *token)
{
    if (token->end)
        return false;
    return token->number ? gb_digits_zero(token->text) : token->rank == RANK_RELEASE;
}

static void look_ahead(struct reader *reader)
{
    struct position here = reader->here;
    reader->kept_from = reader->index;
    for (size_t index = reader->index;; index++) {
        struct token token = take(reader->text, &here);
        if (is_null(&token)) {
            if (token.hyphen)
                reader->kept_from = index;
            continue;
        }
        reader->run_end = index;
        if (token.end || token.hyphen)
            reader->kept_from = index;
        return;
    }
}

static struct token next(struct reader *reader)
{
    for (;;) {
        if (reader->index >= reader->run_end) {
            look_ahead(reader);
            if (reader->run_end == reader->index)
                reader->run_end++; // the token itself, which is not null
        }
        size_t index = reader->index++;
        struct token token = take(reader->text, &reader->here);
        if (!is_null(&token) || index >= reader->kept_from)
            return token;
    }
}

static int class_of(const struct token *token)
{
    return !token->number ? 0 : token->hyphen ? 1 : 2;
}

// Words before the release (alpha to snapshot) below those behind it; then ".word" below "-word".
static int compare_words(const struct token *a, const struct token *b)
{
    bool a_after = a->rank > RANK_RELEASE, b_after = b->rank > RANK_RELEASE;
    if (a_after != b_after)
        return (int)a_after - (int)b_after;
    if (a->hyphen != b->hyphen)
        return (int)a->hyphen - (int)b->hyphen;
    if (a->rank != b->rank || a->rank != RANK_OTHER)
        return a->rank - b->rank;
    return gb_digits_compare_nocase(a->text, b->text);
}

// Of the end of the one version and a token of the other.
static int compare_end(const struct token *token)
{
    if (token->number)
        return gb_digits_zero(token->text) ? 0 : -1;
    return RANK_RELEASE - token->rank;
}

// A last ".jre11" or ".jdk17" names the Java that a driver was built for and is no part of its
// version. Up to Java 7 it is one: PostgreSQL's driver counted that way.
static struct gb_str without_java(struct gb_str version)
{
    version = gb_str_trim(version);
    size_t digits = version.len;
    while (digits && gb_digits_is(version.at[digits - 1]))
        digits--;
    struct gb_str number = gb_str_from(version, digits);
    if (digits < 5 || gb_digits_compare(number, GB_STR("8")) < 0)
        return version;
    struct gb_str word = gb_str_sub(version, digits - 4, 4);
    if (gb_digits_compare_nocase(word, GB_STR(".jre")) &&
        gb_digits_compare_nocase(word, GB_STR(".jdk")))
        return version;
    return gb_str_sub(version, 0, digits - 4);
}

int gb_version_compare_maven(struct gb_str left, struct gb_str right)
{
    struct reader a = {.text = without_java(left)}, b = {.text = without_java(right)};
    struct token x = next(&a), y = next(&b);
    while (!x.end || !y.end) {
        int order;
        if (x.end)
            order = compare_end(&y);
        else if (y.end)
            order = -compare_end(&x);
        else if (class_of(&x) != class_of(&y))
            order = class_of(&x) - class_of(&y);
        else
            order = x.number ? gb_digits_compare(x.text, y.text) : compare_words(&x, &y);
        if (order)
            return order;
        if (!x.end)
            x = next(&a);
        if (!y.end)
            y = next(&b);
    }
    return 0;
}

bool gb_version_valid_maven(struct gb_str version)
{
    for (size_t i = 0; i < version.len; i++)
        if ((unsigned char)version.at[i] <= ' ' || strchr("[](),\\/:\"<>|?*", version.at[i]))
            return false;
    return version.len > 0;
}
