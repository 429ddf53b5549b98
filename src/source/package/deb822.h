// Control files of Debian (deb822(5)): stanzas of "Name: value" fields, separated by empty lines;
// lines that begin with a blank continue the field before them; lines that begin with '#' are
// comments. Read by everything that looks at dpkg's status, apt's lists, Release files and
// .sources.
//
// A pull reader over a text in memory; it allocates nothing and all slices point into the text.
//
//     struct gb_deb822 reader = gb_deb822(text);
//     while (gb_deb822_stanza(&reader)) {
//         struct gb_deb822_field field;
//         while (gb_deb822_next(&reader, &field))
//             if (gb_deb822_is(&field, "Package")) ...
//     }
//
// Lines without a colon, or without a name before it, are not fields: they are skipped and counted.
// A file that was clear-signed (InRelease) is read from behind its armour header; the signature
// ends the text.
#ifndef GABION_SOURCE_PACKAGE_DEB822_H
#define GABION_SOURCE_PACKAGE_DEB822_H

#include "base/str.h"

struct gb_deb822 {
    struct gb_str text;
    size_t at;
    uint32_t line;            // of the text at `at`, 1-based
    bool inside;              // a stanza was begun
    uint32_t malformed;       // lines that are no fields, so far
    uint32_t first_malformed; // line of the first of them; 0 = none
};

struct gb_deb822_field {
    struct gb_str name;  // as written: compare with gb_deb822_is
    struct gb_str value; // without blanks around it; continuation lines as they stand in the text
    uint32_t line;       // of the name
};

static inline struct gb_deb822 gb_deb822(struct gb_str text)
{
    return (struct gb_deb822){.text = text, .line = 1};
}

// Steps behind the armour header of a clear-signed message and cuts the signature off. Does nothing
// to other texts. Does not check the signature.
void gb_deb822_unwrap(struct gb_deb822 *reader);

// Moves to the next stanza, past whatever is left of the one before; false at the end of the text.
bool gb_deb822_stanza(struct gb_deb822 *reader);

// The next field of this stanza; false at its end.
bool gb_deb822_next(struct gb_deb822 *reader, struct gb_deb822_field *ret);

// Field names know no case.
static inline bool gb_deb822_is(const struct gb_deb822_field *field, const char *name)
{
    return gb_str_eq_nocase(field->name, gb_str_of(name));
}

// Takes the next line of a folded value off the front of *rest, without comments among them and
// without blanks around it. A line that holds a single dot (an empty line of a description) is
// given as it is.
bool gb_deb822_line(struct gb_str *rest, struct gb_str *line);

// Takes the next word of a folded value; blanks and line ends separate, comment lines are left out.
bool gb_deb822_word(struct gb_str *rest, struct gb_str *word);

#endif
