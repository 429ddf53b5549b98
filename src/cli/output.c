// Output of the command line; used by every command.
#include "cli/output.h"

#include "base/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool wants_color(const struct gb_invocation *invocation, bool terminal)
{
    struct gb_str when = gb_option_value(invocation, "color");
    if (gb_option_is_set(invocation, "no-color") || gb_str_is(when, "never"))
        return false;
    if (gb_str_is(when, "always"))
        return true;
    const char *none = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
    const char *term = getenv("TERM");
    if (none && none[0])
        return false;
    if (force && force[0] && strcmp(force, "0") != 0)
        return true;
    return terminal && term && strcmp(term, "dumb") != 0;
}

static unsigned width_of(int fd)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    uint64_t wanted;
    if (columns && gb_str_to_uint(gb_str_of(columns), 10, &wanted) == GB_OK && wanted >= 20 &&
        wanted <= 1000)
        return (unsigned)wanted;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

struct gb_look gb_look_of(const struct gb_invocation *invocation, int fd)
{
    bool terminal = isatty(fd);
    setlocale(LC_CTYPE, "");
    const char *term = getenv("TERM");
    bool dumb = terminal && term && strcmp(term, "dumb") == 0;
    return (struct gb_look){
        .color = wants_color(invocation, terminal),
        .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 && !dumb,
        .terminal = terminal,
        .width = width_of(fd),
        .utc = gb_option_is_set(invocation, "utc"),
    };
}

void gb_look_add(struct gb_buffer *out, const struct gb_look *look, enum gb_tint tint,
                 struct gb_str text)
{
    static const char *const codes[] = {
        [GB_TINT_NONE] = "",          [GB_TINT_RED] = "\033[31m",  [GB_TINT_YELLOW] = "\033[33m",
        [GB_TINT_GREEN] = "\033[32m", [GB_TINT_BLUE] = "\033[36m", [GB_TINT_DIM] = "\033[2m",
        [GB_TINT_BOLD] = "\033[1m",
    };
    bool tinted = look->color && tint != GB_TINT_NONE;
    if (tinted)
        gb_buffer_text(out, codes[tint]);
    gb_buffer_add(out, text);
    if (tinted)
        gb_buffer_text(out, "\033[0m");
}

static int write_all(int fd, struct gb_str text)
{
    while (text.len) {
        ssize_t done = write(fd, text.at, text.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        text = gb_str_from(text, (size_t)done);
    }
    return 0;
}

int gb_output_stdout(struct gb_str text, struct gb_error *err)
{
    if (write_all(STDOUT_FILENO, text) == 0)
        return GB_OK;
    return gb_error_errno(err, errno, "cannot write to standard output");
}

// Devices, FIFOs and sockets are written to: a file in their place (/dev/null as root) would be the
// end of them.
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static int write_special(const char *path, struct gb_str text, struct gb_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool ok = fd >= 0 && write_all(fd, text) == 0;
    int saved = errno;
    if (fd >= 0 && close(fd) < 0 && ok) {
        ok = false;
        saved = errno;
    }
    if (ok)
        return GB_OK;
    gb_error_errno(err, saved, "cannot write");
    return gb_error_subject(err, path);
}

int gb_output_file(const char *path, struct gb_str text, bool secret, struct gb_error *err)
{
    if (is_special(path))
        return write_special(path, text, err);
    char temporary[4096];
    int len = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof temporary)
        return gb_error_at(err, GB_E_USAGE, path, 0, 0, "the file name is too long");
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        gb_error_errno(err, errno, "cannot write");
        return gb_error_subject(err, path);
    }
    mode_t mask = umask(0);
    umask(mask);
    bool ok =
        write_all(fd, text) == 0 && fchmod(fd, secret ? 0600 : 0644 & ~mask) == 0 && fsync(fd) == 0;
    int saved = errno;
    if (close(fd) < 0 && ok) {
        ok = false;
        saved = errno;
    }
    if (ok && rename(temporary, path) < 0) {
        ok = false;
        saved = errno;
    }
    if (ok)
        return GB_OK;
    unlink(temporary);
    gb_error_errno(err, saved, "cannot write");
    return gb_error_subject(err, path);
}

void gb_say(const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    GB_CLEANUP(gb_arena_free) struct gb_arena *arena = gb_arena_new("message", 65536);
    struct gb_str clean = arena ? gb_printable(arena, gb_str_of(line)) : GB_STR("");
    fprintf(stderr, "gabion: " GB_PRI "\n", GB_ARG(clean));
}

int gb_say_error(const struct gb_error *err)
{
    char text[1024];
    gb_error_text(err, text, sizeof text);
    gb_say("%s", text);
    switch (err->code) {
    case GB_E_USAGE:
    case GB_E_SYNTAX:
    case GB_E_TYPE:
        return GB_EXIT_USAGE;
    default:
        return GB_EXIT_ERROR;
    }
}

int gb_output_targets(const struct gb_invocation *invocation, const char *fallback,
                      struct gb_output_target **ret, size_t *count, struct gb_error *err)
{
    struct gb_str *values;
    size_t value_count = gb_option_values(invocation, "output", &values);
    struct gb_output_target *targets =
        gb_alloc_array(invocation->arena, value_count + 1, sizeof *targets);
    if (!targets)
        return gb_error_set(err, GB_E_MEMORY, "no memory for the outputs");
    size_t on_stdout = 0;
    for (size_t i = 0; i < value_count; i++) {
        ptrdiff_t equals = gb_str_find_char(values[i], '=');
        targets[i].format = equals < 0 ? values[i] : gb_str_sub(values[i], 0, (size_t)equals);
        if (equals >= 0)
            targets[i].file =
                gb_str_c(invocation->arena, gb_str_from(values[i], (size_t)equals + 1));
        if (targets[i].file && !targets[i].file[0])
            return gb_error_set(err, GB_E_USAGE, "-o " GB_PRI ": the file name is empty",
                                GB_ARG(values[i]));
        on_stdout += !targets[i].file;
    }
    if (on_stdout > 1)
        return gb_error_set(err, GB_E_USAGE,
                            "only one -o can go to standard output: give the others a file, as in "
                            "-o json=report.json");
    if (!value_count) {
        targets[0].format = gb_str_of(fallback);
        value_count = 1;
    }
    *ret = targets;
    *count = value_count;
    return GB_OK;
}

static const struct gb_form *find_form(const struct gb_form *forms, struct gb_str name)
{
    for (; forms->name; forms++)
        if (gb_str_is(name, forms->name))
            return forms;
    return NULL;
}

static int unknown_form(const struct gb_invocation *invocation, const struct gb_form *forms,
                        struct gb_str name, struct gb_error *err)
{
    struct gb_str known = {0};
    for (const struct gb_form *form = forms; form->name; form++)
        known = gb_str_format(invocation->arena, GB_PRI "%s%s", GB_ARG(known),
                              form == forms ? "" : " and ", form->name);
    return gb_error_set(err, GB_E_USAGE, "%s writes " GB_PRI ", not \"" GB_PRI "\"",
                        invocation->command->name, GB_ARG(known), GB_ARG(name));
}

int gb_output_write(const struct gb_invocation *invocation, const struct gb_form *forms,
                    void *context, size_t max_bytes, struct gb_error *err)
{
    struct gb_output_target *targets;
    size_t count;
    int code = gb_output_targets(invocation, forms->name, &targets, &count, err);
    for (size_t i = 0; i < count && !code; i++)
        if (!find_form(forms, targets[i].format))
            return unknown_form(invocation, forms, targets[i].format, err);
    for (size_t i = 0; i < count && !code; i++) {
        GB_CLEANUP(gb_buffer_free) struct gb_buffer out = gb_buffer(max_bytes);
        struct gb_look look = gb_look_of(invocation, targets[i].file ? -1 : STDOUT_FILENO);
        code = find_form(forms, targets[i].format)->write(context, &look, &out, err);
        if (!code && out.failed)
            code = gb_error_set(err, GB_E_LIMIT, "the answer is too large or memory is short");
        if (!code)
            code = targets[i].file ? gb_output_file(targets[i].file, gb_buffer_str(&out), true, err)
                                   : gb_output_stdout(gb_buffer_str(&out), err);
    }
    return code;
}

enum { SHOW_AFTER_MS = 500, DRAW_EVERY_MS = 100 };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct gb_progress gb_progress_start(const struct gb_invocation *invocation)
{
    const char *term = getenv("TERM");
    return (struct gb_progress){
        .on = isatty(STDERR_FILENO) && !gb_option_is_set(invocation, "no-progress") &&
              !gb_option_is_set(invocation, "quiet") && term && strcmp(term, "dumb") != 0,
        .started_ms = now_ms(),
    };
}

void gb_progress_show(struct gb_progress *progress, const char *phase, uint64_t done,
                      uint64_t total)
{
    if (!progress->on)
        return;
    int64_t now = now_ms();
    if (now - progress->started_ms < SHOW_AFTER_MS || now - progress->drawn_ms < DRAW_EVERY_MS)
        return;
    progress->drawn_ms = now;
    progress->shown = true;
    if (total)
        fprintf(stderr, "\r\033[K%s  %llu/%llu", phase, (unsigned long long)done,
                (unsigned long long)total);
    else if (done)
        fprintf(stderr, "\r\033[K%s  %llu", phase, (unsigned long long)done);
    else
        fprintf(stderr, "\r\033[K%s", phase);
    fflush(stderr);
}

void gb_progress_end(struct gb_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
