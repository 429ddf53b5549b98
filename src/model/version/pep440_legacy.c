// The order that setuptools had for whatever is no version of PEP 440 ("0.1-bulbasaur", "trunk"):
// numbers and words take turns, words sort below numbers, words before "final" (alpha, beta, c, dev
// as @) are pre-releases. Used by pep440.c only.
//
// The original builds a list and takes parts off its end again: hyphens before a word that sorts
// below "final", zeros before any word. Here both are seen by looking ahead over the run of zeros
// and hyphens, once for each run.
#include "model/version/digits.h"
#include "model/version/scheme.h"

enum part_kind { PART_WORD, PART_NUMBER, PART_LAST };

struct part {
    enum part_kind kind;
    struct gb_str text;
};

struct reader {
    struct gb_str text;
    size_t at;
    size_t run_end;    // of the run of zeros and hyphens that *at is in
    size_t zeros_from; // zeros count from here on
    bool hyphens;      // hyphens of the run count
};

static bool is_other(char c)
{
    return !gb_digits_is(c) && !gb_digits_is_letter(c) && c != '.' && c != '-';
}

// The next part as it is written; dots are left out.
static struct part take(struct gb_str text, size_t *at)
{
    while (gb_digits_peek(text, *at) == '.')
        ++*at;
    if (*at >= text.len)
        return (struct part){PART_LAST, GB_STR("final")};
    char c = text.at[*at];
    if (gb_digits_is(c))
        return (struct part){PART_NUMBER, gb_digits_take(text, at)};
    if (c == '-') {
        ++*at;
        return (struct part){PART_WORD, GB_STR("final-")};
    }
    if (!gb_digits_is_letter(c)) {
        size_t start = *at;
        while (*at < text.len && is_other(text.at[*at]))
            ++*at;
        return (struct part){PART_WORD, gb_str_sub(text, start, *at - start)};
    }
    struct gb_str word = gb_digits_take_letters(text, at);
    if (gb_str_eq_nocase(word, GB_STR("pre")) || gb_str_eq_nocase(word, GB_STR("preview")) ||
        gb_str_eq_nocase(word, GB_STR("rc")))
        word = GB_STR("c");
    else if (gb_str_eq_nocase(word, GB_STR("dev")))
        word = GB_STR("@");
    return (struct part){PART_WORD, word};
}

static bool is_zero(const struct part *part)
{
    return part->kind == PART_NUMBER && gb_digits_zero(part->text);
}

static bool is_hyphen(const struct part *part)
{
    return part->kind == PART_WORD && gb_str_is(part->text, "final-");
}

static void look_ahead(struct reader *reader)
{
    size_t at = reader->at;
    reader->zeros_from = at;
    for (;;) {
        size_t before = at;
        struct part part = take(reader->text, &at);
        if (is_hyphen(&part)) {
            reader->zeros_from = at;
        } else if (!is_zero(&part)) {
            reader->run_end = before;
            reader->hyphens =
                part.kind != PART_WORD || gb_digits_compare_nocase(part.text, GB_STR("final")) >= 0;
            if (part.kind != PART_NUMBER)
                reader->zeros_from = before;
            return;
        }
    }
}

static struct part next(struct reader *reader)
{
    for (;;) {
        size_t before = reader->at;
        if (before >= reader->run_end)
            look_ahead(reader);
        struct part part = take(reader->text, &reader->at);
        bool dropped = before < reader->run_end && (is_zero(&part)     ? before < reader->zeros_from
                                                    : is_hyphen(&part) ? !reader->hyphens
                                                                       : false);
        if (!dropped)
            return part;
    }
}

int gb_version_compare_pep440_legacy(struct gb_str left, struct gb_str right)
{
    struct reader a = {.text = gb_str_trim(left)}, b = {.text = gb_str_trim(right)};
    for (;;) {
        struct part x = next(&a), y = next(&b);
        bool x_number = x.kind == PART_NUMBER, y_number = y.kind == PART_NUMBER;
        int order = x_number != y_number ? (x_number ? 1 : -1)
                    : x_number           ? gb_digits_compare(x.text, y.text)
                                         : gb_digits_compare_nocase(x.text, y.text);
        if (!order) // the end reads as the word "final", but something follows a word
            order = (int)(y.kind == PART_LAST) - (int)(x.kind == PART_LAST);
        if (order || x.kind == PART_LAST)
            return order;
    }
}
