// Reads the ini dialect of systemd (unit files, journald.conf, coredump.conf, timesyncd.conf ...),
// with the file and line of each assignment, and merges a main file with its drop-in directories as
// systemd does. Used by the sources of this folder.
//
// Dialect, after systemd.syntax(7): [Section] lines; Key=Value with blanks around both cut off; #
// or ; starts a comment line; a backslash at the end of a line joins the next one with a blank in
// between, over comment lines too; keys may repeat; an assignment outside of any section is
// ignored.
//
// Drop-ins: of files with one name the directory that is named first wins; what is left is read in
// order of file names, whatever the directory; a link to /dev/null (or an empty file) masks.
//
//     struct gb_ini ini;
//     if (gb_ini_load(host, "systemd/journald.conf", arena, &ini) < 0) return GB_E_MEMORY;
//     const struct gb_ini_entry *storage = gb_ini_get(&ini, "Journal", "Storage");
//     if (storage) ... storage->value, storage->file, storage->line ...
//
// Ownership: everything lives in the arena. Errors: only exhausted memory is one; files that could
// not be read and lines that make no sense are in `problems`.
#ifndef GABION_SOURCE_HOST_INI_H
#define GABION_SOURCE_HOST_INI_H

#include "sys/host.h"

struct gb_ini_entry {
    struct gb_str section, key, value; // trimmed; an empty value resets what was assigned before
    struct gb_str file;
    uint32_t line; // 1-based, of the key
};

struct gb_ini_problem {
    struct gb_str file, reason;
    uint32_t line; // 0: the whole file (it could not be read: code says why)
    int code;      // GB_E_DENIED, GB_E_LIMIT ...; GB_E_SYNTAX for a line that was ignored
};

struct gb_ini_file {
    struct gb_str path;
    bool masked; // a link to /dev/null or an empty file: read as nothing
};

struct gb_ini {
    struct gb_arena *arena;
    struct gb_ini_entry *entries; // in the order in which they take effect
    size_t count, capacity;
    struct gb_ini_problem *problems;
    size_t problem_count, problem_capacity;
    struct gb_ini_file *files; // that took part, in order
    size_t file_count, file_capacity;
};

static inline struct gb_ini gb_ini(struct gb_arena *arena)
{
    return (struct gb_ini){.arena = arena};
}

// Adds the assignments of a text. `text` and `file` must live as long as the arena.
GB_MUST_USE int gb_ini_parse(struct gb_ini *ini, struct gb_str text, struct gb_str file);

// Adds a file. GB_OK when it was read, GB_E_NOT_FOUND when there is none; another code is also in
// `problems`.
GB_MUST_USE int gb_ini_read(struct gb_ini *ini, const struct gb_host *host, const char *path);

// Adds all files called *.conf of the directories (count of them, highest precedence first) after
// the rules above. Directories that do not exist are nothing.
GB_MUST_USE int gb_ini_read_dropins(struct gb_ini *ini, const struct gb_host *host,
                                    const char *const *directories, size_t count);

// A configuration with drop-ins by its path below the configuration directories ("systemd/
// journald.conf"): the main file of the first of /etc, /run, /usr/local/lib, /usr/lib, /lib that
// has one, then NAME.d/*.conf of all of them. GB_E_MEMORY is the only error.
GB_MUST_USE int gb_ini_load(const struct gb_host *host, const char *name, struct gb_arena *arena,
                            struct gb_ini *ret);

// The last assignment of a key: what is in force for settings with one value. NULL when there is
// none. An entry with an empty value means "back to the default".
const struct gb_ini_entry *gb_ini_get(const struct gb_ini *ini, const char *section,
                                      const char *key);

// Assignments of a key that collects values, from the one after the last reset on: start with *at
// = 0, call until NULL.
const struct gb_ini_entry *gb_ini_next(const struct gb_ini *ini, const char *section,
                                       const char *key, size_t *at);

// The first file that could not be read, NULL when all could: what depends on it is not known.
const struct gb_ini_problem *gb_ini_unread(const struct gb_ini *ini);

// systemd's words for true and false, in any case. False when `value` is neither.
bool gb_ini_bool(struct gb_str value, bool *ret);

#endif
