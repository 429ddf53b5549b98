// What the files of the sudoers reader share: sudoers.c finds and reads the files, sudoers_parse.c
// knows the grammar, sudoers_words.c the words.
#ifndef GABION_SOURCE_HOST_SUDOERS_PARSE_H
#define GABION_SOURCE_HOST_SUDOERS_PARSE_H

#include "source/host/sudoers.h"

// Called for each include directive, at its place. `directory` is true for @includedir.
struct gb_sudo_includer {
    int (*include)(struct gb_sudo_includer *self, struct gb_str path, bool directory,
                   struct gb_str file, uint32_t line);
};

GB_MUST_USE int gb_sudoers_parse_text(struct gb_sudoers *sudoers, struct gb_str text,
                                      struct gb_str file, struct gb_sudo_includer *includer);

GB_MUST_USE int gb_sudoers_problem(struct gb_sudoers *sudoers, struct gb_str file, uint32_t line,
                                   struct gb_str reason);

// Adds to a growing array of the arena: the place of the new (zeroed) element, or NULL.
void *gb_sudoers_push(struct gb_arena *arena, void **array, size_t *count, size_t *capacity,
                      size_t size);

// A cursor over one text.
struct gb_sudo_parser {
    struct gb_sudoers *out;
    struct gb_str text, file;
    size_t at;
    uint32_t line;
    struct gb_sudo_includer *includer;
};

// Results of the functions below: memory errors are negative, as everywhere.
enum {
    GB_SUDO_PARSED = GB_OK,
    GB_SUDO_MALFORMED = 1, // a problem was noted
    GB_SUDO_NOTHING = 2,   // what was looked for is not here
};

// Notes a problem at the cursor; `reason` is a literal.
GB_MUST_USE int gb_sudo_malformed(struct gb_sudo_parser *p, const char *reason);

// The character `offset` behind the cursor; NUL at the end.
char gb_sudo_peek(const struct gb_sudo_parser *p, size_t offset);
bool gb_sudo_at_end(const struct gb_sudo_parser *p);
bool gb_sudo_at_comment(const struct gb_sudo_parser *p);
// End of the text, of the line, or a comment.
bool gb_sudo_at_line_end(const struct gb_sudo_parser *p);
// Does this word stand at the cursor, with something else behind it?
bool gb_sudo_at_word(const struct gb_sudo_parser *p, const char *word);
// Length of a continuation ("\\" at the end of a line) at the cursor, 0 = none.
size_t gb_sudo_continuation(const struct gb_sudo_parser *p);

// Blanks and continued lines.
void gb_sudo_skip_blanks(struct gb_sudo_parser *p);
// To the end of the physical line, for comments; they are not continued.
void gb_sudo_skip_line(struct gb_sudo_parser *p);
// To the end of the logical line, after an error.
void gb_sudo_skip_entry(struct gb_sudo_parser *p);
// "!"*: an odd number of them?
bool gb_sudo_skip_negation(struct gb_sudo_parser *p);

GB_MUST_USE int gb_sudo_bare_word(struct gb_sudo_parser *p, struct gb_str *ret);
// The cursor is at the opening quote.
GB_MUST_USE int gb_sudo_quoted_word(struct gb_sudo_parser *p, struct gb_str *ret);

// Takes the backslashes of a word away.
GB_MUST_USE int gb_sudo_unescape(struct gb_sudo_parser *p, struct gb_str *word);

enum gb_sudo_name_kind { GB_SUDO_USERS, GB_SUDO_HOSTS };

// item { "," item }
GB_MUST_USE int gb_sudo_name_list(struct gb_sudo_parser *p, enum gb_sudo_name_kind kind,
                                  struct gb_sudo_list *list);
// Adds one command with what is in front of it: digests and "!".
GB_MUST_USE int gb_sudo_command(struct gb_sudo_parser *p, struct gb_sudo_list *list);
// A command's text, with its arguments or up to the first blank.
GB_MUST_USE int gb_sudo_command_text(struct gb_sudo_parser *p, bool arguments, struct gb_str *ret);
// NULL without memory.
struct gb_sudo_member *gb_sudo_add_member(struct gb_sudo_parser *p, struct gb_sudo_list *list,
                                          struct gb_str text, bool negated);

bool gb_sudo_is_alias_name(struct gb_str s);

#endif
