// The keywords of sshd_config by version of OpenSSH, with their defaults, and the algorithms that
// each version knows. Used by the reader of sshd_config and by the sshd source.
//
// Versions are numbers: 902 is 9.2, 1000 is 10.0. Sources: sshd_config(5) and the release notes of
// OpenSSH 7.4 to 10.0; Debian's build where it differs from upstream.
#ifndef GABION_SOURCE_HOST_SSHD_KEYWORD_H
#define GABION_SOURCE_HOST_SSHD_KEYWORD_H

#include "base/str.h"

enum gb_sshd_type {
    GB_SSHD_WORD,       // one of `words`
    GB_SSHD_INT,        // number
    GB_SSHD_TIME,       // seconds; written as 90, 1m30s ...
    GB_SSHD_STRING,     // one argument
    GB_SSHD_REST,       // the rest of the line as it stands
    GB_SSHD_LIST,       // all arguments of the line
    GB_SSHD_ALGORITHMS, // comma separated, with + - ^ before it
    GB_SSHD_PORT,
    GB_SSHD_LISTEN,
    GB_SSHD_STARTUPS,   // begin:rate:full
    GB_SSHD_OTHER,      // the arguments, joined by a space
    GB_SSHD_DEPRECATED, // accepted and without effect
};

enum gb_sshd_merge {
    GB_SSHD_FIRST,  // the first line wins
    GB_SSHD_LAST,   // the last line wins
    GB_SSHD_APPEND, // all lines add up
};

enum gb_sshd_algorithms {
    GB_SSHD_CIPHERS = 1,
    GB_SSHD_MACS,
    GB_SSHD_KEX,
    GB_SSHD_KEYS,       // of hosts and users
    GB_SSHD_SIGNATURES, // of certificate authorities
};

struct gb_sshd_keyword {
    const char *name;  // as the manual writes it
    const char *field; // of the kind `sshd`; NULL: not a fact
    uint8_t type, merge;
    bool in_match;         // allowed inside a Match block
    uint8_t algorithms;    // enum gb_sshd_algorithms, for that type
    uint16_t since, until; // first version with it, first version without it (0: still there)
    const char *fallback;  // value when nothing is set; "" = empty list or no value
    // Of words: all of them, from the tightest to the loosest setting where there is such an order,
    // separated by spaces. "a=b": a is another spelling of b.
    const char *words;
    // How a Match block can loosen it: 'w' by a word further right, '+' by a greater number, '-' by
    // a smaller one, 'n' by "none", 0 not judged.
    char looser;
};

extern const struct gb_sshd_keyword gb_sshd_keywords[];
extern const size_t gb_sshd_keyword_count;

enum { GB_SSHD_NO_KEYWORD = -1 };

// Index of the keyword that `name` means (in any case, aliases and old names included) for this
// version, or GB_SSHD_NO_KEYWORD.
int gb_sshd_keyword_find(struct gb_str name, unsigned version);

// The nearest keyword of that version, for "did you mean"; empty when none is near.
struct gb_str gb_sshd_keyword_nearest(struct gb_str name, unsigned version);

// Index of a keyword by its field of the kind; GB_SSHD_NO_KEYWORD when there is none.
int gb_sshd_keyword_field(const char *field);

// What holds without a setting in that version.
const char *gb_sshd_keyword_fallback(const struct gb_sshd_keyword *keyword, unsigned version);

// Default list, comma separated.
const char *gb_sshd_algorithms_default(uint8_t which, unsigned version);

// The list that sshd makes of a configured one: + appends, - removes, ^ puts first, patterns with *
// and ? stand for all known names. An empty answer means that sshd would refuse it.
struct gb_str gb_sshd_algorithms_expand(struct gb_arena *arena, uint8_t which, unsigned version,
                                        struct gb_str configured);

// The version inside a text such as "OpenSSH_9.2p1 Debian-2+deb12u10": 902; 0 when there is none.
unsigned gb_openssh_version(struct gb_str text);

// One of a comma separated list of patterns with * and ?, as OpenSSH matches names: 1 matches, -1 a
// pattern with ! matches, 0 nothing does.
int gb_ssh_pattern_list(struct gb_str name, struct gb_str patterns, bool ignore_case);

#endif
