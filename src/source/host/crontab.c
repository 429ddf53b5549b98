// Parses crontabs: see crontab.h.
#include "source/host/crontab.h"

struct reader {
    struct gb_arena *arena;
    struct gb_crontab *out;
    struct gb_str path;
    uint32_t line;
};

static int add_problem(struct reader *reader, const char *reason)
{
    struct gb_crontab *out = reader->out;
    if (out->problem_count == out->problem_capacity) {
        size_t wider = out->problem_capacity ? out->problem_capacity * 2 : 4;
        struct gb_crontab_problem *grown = gb_grow_array(
            reader->arena, out->problems, out->problem_capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->problems = grown;
        out->problem_capacity = wider;
    }
    out->problems[out->problem_count++] = (struct gb_crontab_problem){reason, reader->line};
    return GB_OK;
}

static struct gb_str unquote(struct gb_str s)
{
    if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0])
        return gb_str_sub(s, 1, s.len - 2);
    return s;
}

// "NAME = value": true when the line is one.
static bool read_variable(struct reader *reader, struct gb_str line)
{
    char first = line.at[0];
    bool letter = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') ||
                  first == '_' || first == '"' || first == '\'';
    ptrdiff_t equals = gb_str_find_char(line, '=');
    if (!letter || equals < 0)
        return false;
    struct gb_str name = unquote(gb_str_trim(gb_str_sub(line, 0, (size_t)equals)));
    if (gb_str_find_char(name, ' ') >= 0 || gb_str_find_char(name, '\t') >= 0)
        return false;
    if (gb_str_is(name, "PATH"))
        reader->path = unquote(gb_str_trim(gb_str_from(line, (size_t)equals + 1)));
    return true;
}

// Numbers, names of days and months, and what joins them; numbers within bounds.
static bool is_time_field(struct gb_str field, uint64_t highest)
{
    for (size_t i = 0; i < field.len;) {
        char c = field.at[i];
        size_t digits = i;
        while (digits < field.len && field.at[digits] >= '0' && field.at[digits] <= '9')
            digits++;
        if (digits > i) {
            uint64_t number;
            bool step = i > 0 && field.at[i - 1] == '/';
            if (gb_str_to_uint(gb_str_sub(field, i, digits - i), 10, &number) ||
                (!step && number > highest))
                return false;
            i = digits;
            continue;
        }
        if (!strchr("*/,-~", c) && !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
        i++;
    }
    return field.len > 0;
}

// Takes the schedule off the line; NULL or what is wrong with it.
static const char *read_schedule(struct gb_str *line, enum gb_crontab_form form,
                                 struct gb_str *schedule)
{
    static const uint64_t highest[] = {59, 23, 31, 12, 7};
    static const char *const nicknames[] = {"@reboot",   "@yearly", "@annually",
                                            "@monthly",  "@weekly", "@daily",
                                            "@midnight", "@hourly", "@biannually"};
    struct gb_str start = *line, word;
    if (line->at[0] == '@') {
        gb_str_next_word(line, &word);
        *schedule = word;
        for (size_t i = 0; i < sizeof nicknames / sizeof nicknames[0]; i++)
            if (gb_str_is(word, nicknames[i]))
                return form == GB_CRONTAB_ANACRON && !gb_str_next_word(line, &word)
                           ? "the delay is missing"
                           : NULL;
        return "this time has no meaning to cron";
    }
    size_t fields = form == GB_CRONTAB_ANACRON ? 2 : 5;
    for (size_t i = 0; i < fields; i++)
        if (!gb_str_next_word(line, &word) ||
            !is_time_field(word, form == GB_CRONTAB_ANACRON ? UINT32_MAX : highest[i]))
            return "a time is malformed";
    *schedule = gb_str_sub(start, 0, start.len - line->len);
    return NULL;
}

// Up to the first '%' without a backslash; what is behind is the command's input.
static struct gb_str cut_command(struct gb_arena *arena, struct gb_str text)
{
    char *plain = gb_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; plain && i < text.len && text.at[i] != '%'; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len && text.at[i + 1] == '%')
            i++;
        plain[len++] = text.at[i];
    }
    return (struct gb_str){plain, len};
}

static int read_job(struct reader *reader, struct gb_str line, enum gb_crontab_form form)
{
    struct gb_crontab *out = reader->out;
    struct gb_crontab_job job = {.path = reader->path, .line = reader->line};
    struct gb_str word;
    if (line.at[0] == '-') // do not log
        line = gb_str_from(line, 1);
    const char *wrong =
        line.len ? read_schedule(&line, form, &job.schedule) : "a time is malformed";
    if (!wrong && form == GB_CRONTAB_SYSTEM && !gb_str_next_word(&line, &job.user))
        wrong = "the user is missing";
    if (!wrong && form == GB_CRONTAB_ANACRON && !gb_str_next_word(&line, &word))
        wrong = "the name of the job is missing";
    line = gb_str_trim(line);
    if (!wrong && line.len == 0)
        wrong = "the command is missing";
    if (wrong)
        return add_problem(reader, wrong);
    job.command = cut_command(reader->arena, line);
    if (!job.command.at)
        return GB_E_MEMORY;
    if (out->job_count == out->job_capacity) {
        size_t wider = out->job_capacity ? out->job_capacity * 2 : 8;
        struct gb_crontab_job *grown =
            gb_grow_array(reader->arena, out->jobs, out->job_capacity, wider, sizeof *grown);
        if (!grown)
            return GB_E_MEMORY;
        out->jobs = grown;
        out->job_capacity = wider;
    }
    out->jobs[out->job_count++] = job;
    return GB_OK;
}

int gb_crontab_parse(struct gb_str text, enum gb_crontab_form form, struct gb_arena *arena,
                     struct gb_crontab *ret)
{
    *ret = (struct gb_crontab){0};
    struct reader reader = {.arena = arena, .out = ret};
    struct gb_str line;
    int code = GB_OK;
    while (!code && gb_str_next(&text, '\n', &line)) {
        reader.line++;
        line = gb_str_trim(line);
        if (line.len == 0 || line.at[0] == '#' || read_variable(&reader, line))
            continue;
        code = read_job(&reader, line, form);
    }
    return code;
}
