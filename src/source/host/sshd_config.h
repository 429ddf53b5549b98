// Reads sshd_config as sshd does, without running it: Include with patterns (also inside Match),
// Match blocks, quoting, aliases and old names by version, and every line's place. What sshd would
// refuse is a problem, not an error. Used by the sshd source; sshd_effective.h makes the effective
// settings of it.
//
//     struct gb_sshd_config *config = gb_sshd_config_new(arena, 902);
//     gb_sshd_config_option(config, GB_STR("PermitRootLogin=yes"), GB_STR("/etc/default/ssh"), 5);
//     gb_sshd_config_file(config, host, "/etc/ssh/sshd_config");
//
// Ownership: everything is in the arena. Errors: only exhausted memory (GB_E_MEMORY).
// Format: sshd_config(5), and servconf.c of OpenSSH 9.2 where the manual is silent.
#ifndef GABION_SOURCE_HOST_SSHD_CONFIG_H
#define GABION_SOURCE_HOST_SSHD_CONFIG_H

#include "source/host/sshd_keyword.h"
#include "sys/host.h"

enum gb_sshd_criterion_kind {
    GB_SSHD_MATCH_USER,
    GB_SSHD_MATCH_GROUP,
    GB_SSHD_MATCH_HOST,
    GB_SSHD_MATCH_ADDRESS,
    GB_SSHD_MATCH_LOCAL_ADDRESS,
    GB_SSHD_MATCH_LOCAL_PORT,
    GB_SSHD_MATCH_RDOMAIN,
    GB_SSHD_MATCH_INVALID_USER,
};

struct gb_sshd_criterion {
    uint8_t kind; // enum gb_sshd_criterion_kind
    struct gb_str pattern;
};

// One Match line. No criteria: "all".
struct gb_sshd_match {
    struct gb_str text; // "User backup Address 10.0.0.0/8"
    struct gb_str file;
    uint32_t line;
    struct gb_sshd_criterion *criteria;
    size_t count;
    const struct gb_sshd_match *outer; // around the Include that brought this file; NULL = none
};

struct gb_sshd_directive {
    int keyword; // index into gb_sshd_keywords
    struct gb_str file;
    uint32_t line;
    struct gb_str *values; // normalised: words in the manual's spelling, times in seconds
    size_t count;
    const struct gb_sshd_match *match; // NULL: holds for everybody
};

// What sshd would say about the text.
struct gb_sshd_problem {
    struct gb_str file, text;
    uint32_t line;
    bool fatal; // sshd does not start with it
};

// A file that could not be read. What is decided at or behind its place is not known.
struct gb_sshd_unread {
    struct gb_str file, reason; // reason: a clause with the path in it
    size_t before;              // index of the directive that it stands before
};

struct gb_sshd_config {
    struct gb_arena *arena;
    unsigned version;
    struct gb_sshd_directive *directives; // in the order in which sshd sees them
    size_t count, capacity;
    struct gb_sshd_match **matches; // all Match lines
    size_t match_count, match_capacity;
    struct gb_sshd_problem *problems;
    size_t problem_count, problem_capacity;
    struct gb_sshd_unread *unread;
    size_t unread_count, unread_capacity;
    struct gb_str *files; // that were read, the main file first
    size_t file_count, file_capacity;
};

struct gb_sshd_config *gb_sshd_config_new(struct gb_arena *arena, unsigned version);

// An option of the command line (-o): it comes before the file, so that it wins.
GB_MUST_USE int gb_sshd_config_option(struct gb_sshd_config *config, struct gb_str option,
                                      struct gb_str where, uint32_t line);

// The main file and all that it includes.
GB_MUST_USE int gb_sshd_config_file(struct gb_sshd_config *config, const struct gb_host *host,
                                    const char *path);

// Arguments of a line as OpenSSH splits them: quotes, backslashes, # ends the line. False when a
// quote is not closed. In the arena.
bool gb_ssh_split_arguments(struct gb_arena *arena, struct gb_str text, struct gb_str **ret,
                            size_t *ret_count);

// The next word of a line as strdelim() of OpenSSH gives it: it ends at a blank or at one "=". A
// quoted word is given without its quotes. False at the end of the line or at an open quote. `rest`
// is advanced over the blanks behind the word.
bool gb_ssh_next_word(struct gb_arena *arena, struct gb_str *rest, struct gb_str *word);

// "1h30m" and so on in seconds; -1 when it is no time.
int64_t gb_ssh_time(struct gb_str text);

#endif
