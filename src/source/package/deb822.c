// Control files of Debian; used by the readers of dpkg's data base, apt's lists and its sources.
#include "source/package/deb822.h"

static struct gb_str rest_of(const struct gb_deb822 *reader)
{
    return gb_str_from(reader->text, reader->at);
}

// The line that begins at `start`, without its end; *next is where the following one begins.
static struct gb_str line_at(struct gb_str text, size_t start, size_t *next)
{
    struct gb_str rest = gb_str_from(text, start);
    ptrdiff_t end = gb_str_find_char(rest, '\n');
    size_t len = end < 0 ? rest.len : (size_t)end;
    *next = start + len + (end < 0 ? 0 : 1);
    return gb_str_sub(rest, 0, len);
}

static bool is_blank(struct gb_str line)
{
    return gb_str_trim(line).len == 0;
}

void gb_deb822_unwrap(struct gb_deb822 *reader)
{
    struct gb_str begin = GB_STR("-----BEGIN PGP SIGNED MESSAGE-----");
    if (!gb_str_starts(rest_of(reader), begin))
        return;
    // The armour header ends with an empty line.
    size_t next = reader->at;
    for (;;) {
        struct gb_str line = line_at(reader->text, next, &next);
        reader->line++;
        if (is_blank(line) || next >= reader->text.len)
            break;
    }
    reader->at = next;
    ptrdiff_t end = gb_str_find(rest_of(reader), GB_STR("\n-----BEGIN PGP SIGNATURE-----"));
    if (end >= 0)
        reader->text.len = reader->at + (size_t)end + 1;
}

// A stanza's end is an empty line; blanks alone count as empty here, because hand-written files
// have such lines and a value cannot consist of blanks.
bool gb_deb822_stanza(struct gb_deb822 *reader)
{
    struct gb_deb822_field left;
    while (reader->inside && gb_deb822_next(reader, &left))
        ;
    reader->inside = false;
    while (reader->at < reader->text.len) {
        size_t next;
        struct gb_str line = line_at(reader->text, reader->at, &next);
        if (!is_blank(line) && line.at[0] != '#') {
            reader->inside = true;
            return true;
        }
        reader->at = next;
        reader->line++;
    }
    return false;
}

// Moves past continuation lines and the comments among them; gives the end of the last one.
static size_t continuation_end(struct gb_deb822 *reader, size_t end)
{
    size_t at = reader->at;
    uint32_t lines = 0;
    while (at < reader->text.len) {
        char first = reader->text.at[at];
        if (first != ' ' && first != '\t' && first != '#')
            break;
        size_t next;
        struct gb_str line = line_at(reader->text, at, &next);
        if (first != '#' && is_blank(line))
            break;
        at = next;
        lines++;
        if (first != '#') { // a comment is inside a value only when a continuation follows it
            end = (size_t)(line.at - reader->text.at) + line.len;
            reader->at = next;
            reader->line += lines;
            lines = 0;
        }
    }
    return end;
}

bool gb_deb822_next(struct gb_deb822 *reader, struct gb_deb822_field *ret)
{
    while (reader->at < reader->text.len) {
        size_t next;
        struct gb_str line = line_at(reader->text, reader->at, &next);
        if (is_blank(line))
            return false;
        uint32_t number = reader->line++;
        size_t start = reader->at;
        reader->at = next;
        if (line.at[0] == '#')
            continue;
        ptrdiff_t colon = gb_str_find_char(line, ':');
        if (colon <= 0 || line.at[0] == ' ' || line.at[0] == '\t') {
            if (!reader->malformed++)
                reader->first_malformed = number;
            continue;
        }
        size_t end = continuation_end(reader, start + line.len);
        size_t value = start + (size_t)colon + 1;
        *ret = (struct gb_deb822_field){
            .name = gb_str_trim(gb_str_sub(line, 0, (size_t)colon)),
            .value = gb_str_trim(gb_str_sub(reader->text, value, end - value)),
            .line = number,
        };
        return true;
    }
    return false;
}

bool gb_deb822_line(struct gb_str *rest, struct gb_str *line)
{
    while (gb_str_next(rest, '\n', line)) {
        if (line->len && line->at[0] == '#')
            continue;
        *line = gb_str_trim(*line);
        return true;
    }
    return false;
}

bool gb_deb822_word(struct gb_str *rest, struct gb_str *word)
{
    size_t at = 0;
    for (;; at++) {
        if (at >= rest->len) {
            *rest = gb_str_from(*rest, at);
            return false;
        }
        char c = rest->at[at];
        if (c == '#' && at > 0 && rest->at[at - 1] == '\n') { // a comment line
            ptrdiff_t end = gb_str_find_char(gb_str_from(*rest, at), '\n');
            at = end < 0 ? rest->len : at + (size_t)end - 1;
        } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            break;
        }
    }
    *rest = gb_str_from(*rest, at);
    return gb_str_next_word(rest, word);
}
