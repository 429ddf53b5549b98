// Versions of Alpine packages (apk-package(5) of apk-tools 3), and Gentoo's, which they come from
// (PMS chapter 3): numbers, a letter, suffixes, -r and a revision. Both are read as one row of
// tokens; what differs is a flag of the reader.
//
// Real versions break apk's grammar (OpenSMTPD 6.0.2p1): apk-tools 3 calls all such equal, which
// would read as "fixed". Here digits may follow the letter, as in apk-tools 2; what fits nowhere
// ends the version and sorts just below its end.
#include "model/version/digits.h"
#include "model/version/scheme.h"

// In rising order: of two versions that are equal so far, the one whose next token stands further
// down here is the greater. A suffix before the release (_alpha) makes it less than the bare one.
enum token {
    TOKEN_BEFORE, // _alpha _beta _pre _rc
    TOKEN_INVALID,
    TOKEN_EMPTY, // no digits where a number belongs
    TOKEN_END,
    TOKEN_REVISION,
    TOKEN_HASH,
    TOKEN_SUFFIX_NUMBER,
    TOKEN_AFTER, // _cvs _svn _git _hg _p
    TOKEN_LETTER,
    TOKEN_NUMBER,
    TOKEN_FIRST_NUMBER,
};

struct reader {
    struct gb_str text;
    size_t at;
    bool gentoo;
    enum token token;
    struct gb_str value;
    int suffix;
    bool clean; // no invalid token so far
};

static const struct gb_str suffixes[] = {
    GB_STR_INIT("alpha"), GB_STR_INIT("beta"), GB_STR_INIT("pre"),
    GB_STR_INIT("rc"),    GB_STR_INIT("cvs"),  GB_STR_INIT("svn"),
    GB_STR_INIT("git"),   GB_STR_INIT("hg"),   GB_STR_INIT("p"),
};
enum { FIRST_SUFFIX_AFTER = 4 };

static void invalid(struct reader *reader)
{
    reader->clean = false;
    reader->token = TOKEN_INVALID;
    reader->value = (struct gb_str){0};
    reader->at = reader->text.len;
}

static void read_number(struct reader *reader, enum token token)
{
    reader->value = gb_digits_take(reader->text, &reader->at);
    reader->token = token;
    if (!reader->value.len) {
        reader->token = TOKEN_EMPTY;
        reader->clean = false;
    }
}

static void read_suffix(struct reader *reader)
{
    size_t start = ++reader->at;
    while (reader->at < reader->text.len && reader->text.at[reader->at] >= 'a' &&
           reader->text.at[reader->at] <= 'z')
        reader->at++;
    struct gb_str word = gb_str_sub(reader->text, start, reader->at - start);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (!gb_str_eq(word, suffixes[i]))
            continue;
        reader->suffix = (int)i;
        reader->token = i < FIRST_SUFFIX_AFTER ? TOKEN_BEFORE : TOKEN_AFTER;
        return;
    }
    invalid(reader);
}

static void read_hash(struct reader *reader)
{
    size_t start = ++reader->at;
    while (reader->at < reader->text.len &&
           (gb_digits_is(reader->text.at[reader->at]) ||
            (reader->text.at[reader->at] >= 'a' && reader->text.at[reader->at] <= 'f')))
        reader->at++;
    reader->value = gb_str_sub(reader->text, start, reader->at - start);
    reader->token = TOKEN_HASH;
    if (!reader->value.len)
        invalid(reader);
}

// -r1; "-r" alone at the end is revision 0, though not valid.
static void read_revision(struct reader *reader)
{
    reader->at += 2;
    if (reader->at < reader->text.len && !gb_digits_is(reader->text.at[reader->at])) {
        invalid(reader);
        return;
    }
    reader->value = gb_digits_take(reader->text, &reader->at);
    reader->token = TOKEN_REVISION;
    if (!reader->value.len)
        reader->clean = false;
}

static bool is_suffix(enum token token)
{
    return token == TOKEN_BEFORE || token == TOKEN_AFTER;
}

static void read_end(struct reader *reader)
{
    // Gentoo: no revision is revision 0.
    bool revision = reader->gentoo && reader->token != TOKEN_REVISION &&
                    reader->token != TOKEN_END && reader->token != TOKEN_INVALID;
    reader->token = revision ? TOKEN_REVISION : TOKEN_END;
    reader->value = (struct gb_str){0};
}

static void next(struct reader *reader)
{
    enum token last = reader->token;
    bool number = last == TOKEN_FIRST_NUMBER || last == TOKEN_NUMBER || last == TOKEN_EMPTY;
    char c = gb_digits_peek(reader->text, reader->at);
    if (reader->gentoo && is_suffix(last) && !gb_digits_is(c)) {
        // Gentoo: no number is number 0.
        reader->token = TOKEN_SUFFIX_NUMBER;
        reader->value = (struct gb_str){0};
    } else if (reader->at >= reader->text.len) {
        read_end(reader);
    } else if (c >= 'a' && c <= 'z' && number) {
        reader->token = TOKEN_LETTER;
        reader->value = gb_str_sub(reader->text, reader->at++, 1);
    } else if (c == '.' && number) {
        reader->at++;
        read_number(reader, TOKEN_NUMBER);
    } else if (gb_digits_is(c) && last == TOKEN_LETTER) {
        read_number(reader, TOKEN_NUMBER);
        reader->clean = false;
    } else if (gb_digits_is(c) && is_suffix(last)) {
        read_number(reader, TOKEN_SUFFIX_NUMBER);
    } else if (c == '_' && last != TOKEN_HASH && last != TOKEN_REVISION) {
        read_suffix(reader);
    } else if (c == '~' && last != TOKEN_HASH && last != TOKEN_REVISION && !reader->gentoo) {
        read_hash(reader);
    } else if (c == '-' && last != TOKEN_REVISION &&
               gb_digits_peek(reader->text, reader->at + 1) == 'r') {
        read_revision(reader);
    } else {
        invalid(reader);
    }
}

static struct reader start(struct gb_str text, bool gentoo)
{
    struct reader reader = {.text = gb_str_trim(text), .gentoo = gentoo, .clean = true};
    char c = gb_digits_peek(reader.text, 0);
    read_number(&reader, TOKEN_FIRST_NUMBER);
    if (reader.token == TOKEN_EMPTY && c >= 'a' && c <= 'z')
        next(&reader);
    return reader;
}

static struct gb_str without_last_zeros(struct gb_str digits)
{
    while (digits.len && digits.at[digits.len - 1] == '0')
        digits.len--;
    return digits;
}

static int compare_token(const struct reader *a, const struct reader *b)
{
    switch (a->token) {
    case TOKEN_NUMBER:
        // A leading zero makes it a fraction: .09 < .1
        if (a->value.at[0] != '0' && b->value.at[0] != '0')
            return gb_digits_compare(a->value, b->value);
        if (a->gentoo)
            return gb_str_compare(without_last_zeros(a->value), without_last_zeros(b->value));
        return gb_str_compare(a->value, b->value);
    case TOKEN_FIRST_NUMBER:
    case TOKEN_SUFFIX_NUMBER:
    case TOKEN_REVISION:
        return gb_digits_compare(a->value, b->value);
    case TOKEN_BEFORE:
    case TOKEN_AFTER:
        return a->suffix - b->suffix;
    case TOKEN_LETTER:
    case TOKEN_HASH:
        return gb_str_compare(a->value, b->value);
    case TOKEN_INVALID:
    case TOKEN_EMPTY:
    case TOKEN_END:
        break;
    }
    return 0;
}

// With `fuzzy`, b matches whatever continues it: 3.6.9 is 3.6.
static int compare(struct gb_str left, struct gb_str right, bool gentoo, bool fuzzy)
{
    struct reader a = start(left, gentoo), b = start(right, gentoo);
    while (a.token == b.token) {
        int order = compare_token(&a, &b);
        if (order || a.token == TOKEN_END || a.token == TOKEN_INVALID)
            return order;
        next(&a);
        next(&b);
    }
    if (fuzzy && b.token == TOKEN_END)
        return 0;
    return (int)a.token - (int)b.token;
}

int gb_version_compare_apk(struct gb_str a, struct gb_str b)
{
    return compare(a, b, false, false);
}

int gb_version_compare_apk_fuzzy(struct gb_str a, struct gb_str b)
{
    return compare(a, b, false, true);
}

int gb_version_compare_portage(struct gb_str a, struct gb_str b)
{
    return compare(a, b, true, false);
}

static bool valid(struct gb_str version, bool gentoo)
{
    struct reader reader = start(version, gentoo);
    while (reader.clean && reader.token != TOKEN_END)
        next(&reader);
    return reader.clean;
}

bool gb_version_valid_apk(struct gb_str version)
{
    return valid(version, false);
}

bool gb_version_valid_portage(struct gb_str version)
{
    return valid(version, true);
}
