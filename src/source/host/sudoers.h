// sudoers(5): the whole grammar, with includes, aliases, Defaults and their scopes, Runas, options,
// tags, digests, negation and continued lines. A line that does not parse is a problem and is left
// out, as sudo itself does (error recovery since 1.9.3). Used by the source of kinds "sudo" and
// "sudo_rule".
//
//     struct gb_sudoers sudoers;
//     if (gb_sudoers_load(host, "/etc/sudoers", "web-01", arena, &sudoers) < 0) return GB_E_MEMORY;
//     for (size_t i = 0; i < sudoers.rule_count; i++) ... sudoers.rules[i] ...
//
// Ownership: everything lives in the arena that was given, and points into the texts read into it.
// Errors: exhausted memory is the only one.
#ifndef GABION_SOURCE_HOST_SUDOERS_H
#define GABION_SOURCE_HOST_SUDOERS_H

#include "base/map.h"
#include "sys/host.h"

// An element of a list: a user, group, host or command, or the name of an alias.
struct gb_sudo_member {
    struct gb_str text; // without '!' in front, quotes and escapes; commands keep "\\ " and "\\*"
    bool negated;
    uint32_t line;
};

struct gb_sudo_list {
    struct gb_sudo_member *items;
    size_t count, capacity;
};

enum gb_sudo_scope {
    GB_SUDO_GLOBAL,
    GB_SUDO_USER,    // Defaults:alice
    GB_SUDO_HOST,    // Defaults@web-01
    GB_SUDO_RUNAS,   // Defaults>root
    GB_SUDO_COMMAND, // Defaults!/bin/ls
};

// One setting of a Defaults line.
struct gb_sudo_default {
    enum gb_sudo_scope scope;
    struct gb_sudo_list subjects; // of the scope; empty when global
    struct gb_str name, value;
    char operation; // 0: flag on, '!': flag off, '=': set, '+': add to, '-': take from
    struct gb_str file;
    uint32_t line;
};

// Tags come in pairs; a rule says yes, no or nothing.
enum gb_sudo_tag {
    GB_SUDO_EXEC, // "no": NOEXEC
    GB_SUDO_FOLLOW,
    GB_SUDO_INTERCEPT,
    GB_SUDO_LOG_INPUT,
    GB_SUDO_LOG_OUTPUT,
    GB_SUDO_MAIL,
    GB_SUDO_PASSWD, // "no": NOPASSWD
    GB_SUDO_SETENV,
    GB_SUDO_TAG_COUNT,
};

struct gb_sudo_option {
    struct gb_str name, value; // CWD, CHROOT, ROLE, NOTAFTER ...
};

enum { GB_SUDO_MOST_OPTIONS = 8 };

// Who may run what as whom, where: one user specification's run of commands with the same Runas,
// options and tags.
struct gb_sudo_rule {
    const struct gb_sudo_list *users, *hosts;
    struct gb_sudo_list runas_users, runas_groups;
    bool runas_given;                    // false: as runas_default, which is root
    signed char tags[GB_SUDO_TAG_COUNT]; // 1 yes, -1 no, 0 nothing said
    struct gb_sudo_option options[GB_SUDO_MOST_OPTIONS];
    size_t option_count;
    struct gb_sudo_list commands; // "ALL", "/bin/ls -l *", "sudoedit /etc/motd", "list", ALIAS
    struct gb_str file;
    uint32_t line; // of the first command
};

enum gb_sudo_alias_kind {
    GB_SUDO_ALIAS_USER,
    GB_SUDO_ALIAS_RUNAS,
    GB_SUDO_ALIAS_HOST,
    GB_SUDO_ALIAS_COMMAND,
    GB_SUDO_ALIAS_KIND_COUNT,
};

struct gb_sudo_alias {
    struct gb_str name;
    struct gb_sudo_list members;
    struct gb_str file;
    uint32_t line;
    bool expanding; // guard against aliases that contain themselves
};

struct gb_sudo_problem {
    struct gb_str file, reason;
    uint32_t line;
};

// A file that was named: the main one, and the included ones in order.
struct gb_sudo_file {
    struct gb_str path;
    int code; // 0: read
    bool reading;
    struct gb_file_info info;
};

struct gb_sudoers {
    struct gb_arena *arena;
    struct gb_sudo_rule *rules;
    size_t rule_count, rule_capacity;
    struct gb_sudo_default *defaults;
    size_t default_count, default_capacity;
    struct gb_map aliases[GB_SUDO_ALIAS_KIND_COUNT]; // name -> struct gb_sudo_alias
    struct gb_sudo_problem *problems;
    size_t problem_count, problem_capacity;
    struct gb_sudo_file *files;
    size_t file_count, file_capacity;
    struct gb_str *skipped; // files of an @includedir that sudo does not read for their names
    size_t skipped_count, skipped_capacity;
};

// Reads a file and all that it includes. `hostname` stands for %h in names of included files.
GB_MUST_USE int gb_sudoers_load(const struct gb_host *host, const char *path,
                                struct gb_str hostname, struct gb_arena *arena,
                                struct gb_sudoers *ret);

// Parses one text; includes are problems here. `file` names it.
GB_MUST_USE int gb_sudoers_parse(struct gb_str text, struct gb_str file, struct gb_arena *arena,
                                 struct gb_sudoers *ret);

// A list with its aliases replaced by what they stand for, in `ret`: no member is an alias's name
// any more (but for one that is not defined). '!' before an alias turns each of its members round.
GB_MUST_USE int gb_sudoers_expand(struct gb_sudoers *sudoers, enum gb_sudo_alias_kind kind,
                                  const struct gb_sudo_list *list, struct gb_sudo_list *ret);

const char *gb_sudo_tag_name(enum gb_sudo_tag tag, bool yes); // "PASSWD", "NOPASSWD"

#endif
