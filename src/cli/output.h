// Where output goes: standard output with what the terminal can do, or files that appear under
// their name only when they are whole. Standard output is data; progress, hints, warnings and the
// gate's verdict go to standard error.
#ifndef GABION_CLI_OUTPUT_H
#define GABION_CLI_OUTPUT_H

#include "base/buffer.h"
#include "cli/arguments.h"

// What the receiving side can show.
struct gb_look {
    bool color, unicode, terminal;
    unsigned width; // columns; 80 when it is no terminal
    bool utc;
};

enum gb_tint {
    GB_TINT_NONE,
    GB_TINT_RED,
    GB_TINT_YELLOW,
    GB_TINT_GREEN,
    GB_TINT_BLUE,
    GB_TINT_DIM,
    GB_TINT_BOLD
};

// --color, NO_COLOR, CLICOLOR_FORCE, TERM=dumb, COLUMNS, the locale's character set.
struct gb_look gb_look_of(const struct gb_invocation *invocation, int fd);

// Adds `text` in a colour where the look has colours. The text must be printable already.
void gb_look_add(struct gb_buffer *out, const struct gb_look *look, enum gb_tint tint,
                 struct gb_str text);

// Writes all of it to standard output. A closed pipe is no error worth a word: GB_E_IO, silently.
GB_MUST_USE int gb_output_stdout(struct gb_str text, struct gb_error *err);

// Writes a temporary file beside `path`, syncs it and renames it; on failure (disk full) nothing is
// left and an older file stays as it was. Mode 0600 when `secret`, else 0644 less the umask. What
// is no regular file (a FIFO, /dev/null) is written to and stays what it is.
GB_MUST_USE int gb_output_file(const char *path, struct gb_str text, bool secret,
                               struct gb_error *err);

// One line to standard error: "gabion: ...". Control characters are escaped.
void gb_say(const char *format, ...) GB_PRINTF(1, 2);
// "gabion: subject:line: reason"; returns the exit code that fits the error.
int gb_say_error(const struct gb_error *err);

// One -o FORMAT[=FILE].
struct gb_output_target {
    struct gb_str format;
    const char *file; // NULL = standard output
};

// The -o options; `fallback` when there is none. GB_E_USAGE for two formats on standard output.
GB_MUST_USE int gb_output_targets(const struct gb_invocation *invocation, const char *fallback,
                                  struct gb_output_target **ret, size_t *count,
                                  struct gb_error *err);

// A form in which a command can write its answer. The first one of a table is what it writes
// without -o; .name NULL ends it.
struct gb_form {
    const char *name; // of -o NAME
    int (*write)(void *context, const struct gb_look *look, struct gb_buffer *out,
                 struct gb_error *err);
};

// Writes each -o of the command line in its form: to standard output, or to a file (mode 0600,
// since facts about a machine are nobody else's business). GB_E_USAGE for a form that is not in the
// table.
GB_MUST_USE int gb_output_write(const struct gb_invocation *invocation, const struct gb_form *forms,
                                void *context, size_t max_bytes, struct gb_error *err);

// A progress line on a terminal, rewritten in place after half a second, gone at the end.
struct gb_progress {
    bool on, shown;
    int64_t started_ms, drawn_ms;
};
struct gb_progress gb_progress_start(const struct gb_invocation *invocation);
void gb_progress_show(struct gb_progress *progress, const char *phase, uint64_t done,
                      uint64_t total);
void gb_progress_end(struct gb_progress *progress);

#endif
