// Patterns beyond matches(): find and findAll as in Kubernetes, regex.* as in cel-go's extension.
// Syntax: RE2 (expr/regex.h).
#include "expr/engine.h"

#include "base/utf8.h"

enum { MAX_GROUPS = 32 };

// The next match from *at on: its slices; *at moves behind it (by one character when it is empty).
// 1, 0 when there is none, -1 when a limit was met (*ret is set).
static int next_match(struct gb_cel_run *run, const struct gb_regex *regex, struct gb_str text,
                      size_t *at, struct gb_str *slices, size_t count, struct gb_value *ret)
{
    if (*at > text.len)
        return 0;
    int found = -1;
    uint64_t steps = 0, units = 8 + (text.len - *at);
    if (gb_cel_charge(run, units)) {
        struct gb_mark mark = gb_arena_mark(run->arena);
        found = gb_regex_match(regex, text, *at, slices, count, run->arena, &steps);
        gb_arena_reset(run->arena, mark);
        if (steps / GB_RUN_STEPS_A_UNIT > units &&
            !gb_cel_charge(run, steps / GB_RUN_STEPS_A_UNIT - units))
            found = -1;
    }
    if (found < 0)
        gb_cel_fail_memory(run, ret);
    if (found != 1)
        return found < 0 ? -1 : 0;
    size_t end = (size_t)(slices[0].at - text.at) + slices[0].len;
    uint32_t code_point;
    if (!slices[0].len)
        end += end < text.len ? gb_utf8_decode(gb_str_from(text, end), &code_point) : 1;
    *at = end;
    return 1;
}

static void find(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    const struct gb_regex *regex = gb_run_regex(run, a[1].string, ret);
    struct gb_str slice = {0};
    size_t at = 0;
    if (!regex)
        return;
    int found = next_match(run, regex, a[0].string, &at, &slice, 1, ret);
    if (found >= 0)
        *ret = gb_string(found ? slice : GB_STR(""));
}

// All matches, or of a pattern with a group what the group took.
static void collect(struct gb_cel_run *run, const struct gb_value *a, int64_t limit, size_t group,
                    struct gb_value *ret)
{
    const struct gb_regex *regex = gb_run_regex(run, a[1].string, ret);
    if (!regex)
        return;
    struct gb_list *list = gb_list_new(run->arena);
    struct gb_str slices[2] = {0};
    size_t at = 0;
    int found = 1;
    while (list && (limit < 0 || (int64_t)list->count < limit) && found == 1) {
        found = next_match(run, regex, a[0].string, &at, slices, group + 1, ret);
        if (found == 1 && slices[group].at)
            gb_list_add(run->arena, list, gb_at(gb_string(slices[group]), a[0].origin));
    }
    if (found < 0)
        return;
    if (!list || gb_arena_failed(run->arena))
        gb_cel_fail_memory(run, ret);
    else
        *ret = gb_list_of(list);
}

static void find_all(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    collect(run, a, -1, 0, ret);
}

static void find_some(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    collect(run, a, a[2].integer, 0, ret);
}

// The group that extract() gives: the only one, or the whole. False with more.
static bool only_group(struct gb_cel_run *run, const struct gb_value *a, size_t *group,
                       struct gb_value *ret)
{
    const struct gb_regex *regex = gb_run_regex(run, a[1].string, ret);
    if (!regex)
        return false;
    *group = gb_regex_groups(regex);
    if (*group > 1)
        gb_cel_error(ret,
                     GB_STR("the pattern has more than one group: use (?:...) for the others"));
    return *group <= 1;
}

static void extract(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    size_t group, at = 0;
    struct gb_str slices[2] = {0};
    if (!only_group(run, a, &group, ret))
        return;
    const struct gb_regex *regex = gb_run_regex(run, a[1].string, ret);
    int found = regex ? next_match(run, regex, a[0].string, &at, slices, group + 1, ret) : -1;
    if (found < 0)
        return;
    struct gb_value text = gb_at(gb_string(slices[group]), a[0].origin);
    if (found && slices[group].at)
        gb_cel_optional_of(run, &text, ret);
    else
        *ret = gb_cel_optional_none();
}

static void extract_all(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    size_t group;
    if (only_group(run, a, &group, ret))
        collect(run, a, -1, group, ret);
}

// Appends the replacement with \0 to \9 as groups. False: *ret is an error.
static bool add_replacement(struct gb_cel_run *run, struct gb_cel_text *out, struct gb_str by,
                            const struct gb_str *slices, size_t count, struct gb_value *ret)
{
    for (size_t i = 0; i < by.len; i++) {
        char c = by.at[i];
        if (c != '\\') {
            gb_cel_text_char(out, c);
            continue;
        }
        char next = i + 1 < by.len ? by.at[++i] : 0;
        if (next == '\\') {
            gb_cel_text_char(out, '\\');
        } else if (next >= '0' && next <= '9' && (size_t)(next - '0') < count) {
            if (slices[next - '0'].at)
                gb_cel_text_add(out, slices[next - '0']);
        } else {
            gb_cel_fail(run, ret, "the replacement names a group that the pattern does not have");
            return false;
        }
    }
    return true;
}

static void replace_matches(struct gb_cel_run *run, const struct gb_value *a, int64_t limit,
                            struct gb_value *ret)
{
    const struct gb_regex *regex = gb_run_regex(run, a[1].string, ret);
    size_t groups = regex ? gb_regex_groups(regex) + 1 : 0, at = 0, copied = 0;
    struct gb_str slices[MAX_GROUPS] = {0}, text = a[0].string;
    if (!regex)
        return;
    if (groups > MAX_GROUPS)
        groups = MAX_GROUPS;
    struct gb_cel_text out = {.run = run};
    for (int64_t done = 0; limit < 0 || done < limit; done++) {
        int found = next_match(run, regex, text, &at, slices, groups, ret);
        if (found < 0)
            return;
        if (!found)
            break;
        size_t start = (size_t)(slices[0].at - text.at);
        gb_cel_text_add(&out, gb_str_sub(text, copied, start - copied));
        copied = start + slices[0].len;
        if (!add_replacement(run, &out, a[2].string, slices, groups, ret))
            return;
    }
    gb_cel_text_add(&out, gb_str_from(text, copied));
    gb_cel_text_end(&out, ret);
}

static void replace_all(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    replace_matches(run, a, -1, ret);
}

static void replace_some(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    replace_matches(run, a, a[3].integer, ret);
}

static const struct gb_cel_overload overloads[] = {
    {"find", "string, string -> string", find, GB_CEL_METHOD | GB_CEL_PATTERN,
     "The first match of a pattern, or the empty string."},
    {"findAll", "string, string -> list(string)", find_all, GB_CEL_METHOD | GB_CEL_PATTERN,
     "All matches of a pattern."},
    {"findAll", "string, string, int -> list(string)", find_some, GB_CEL_METHOD | GB_CEL_PATTERN,
     "The first matches of a pattern, at most so many."},
    {"regex.extract", "string, string -> optional(string)", extract, GB_CEL_PATTERN,
     "The first match, or what its only group took: regex.extract(line, 'port=(\\\\d+)')."},
    {"regex.extractAll", "string, string -> list(string)", extract_all, GB_CEL_PATTERN,
     "All matches, or what their only group took."},
    {"regex.replace", "string, string, string -> string", replace_all, GB_CEL_PATTERN,
     "Every match replaced; \\1 to \\9 stand for groups."},
    {"regex.replace", "string, string, string, int -> string", replace_some, GB_CEL_PATTERN,
     "The first matches replaced, at most so many."},
};

const struct gb_cel_library gb_cel_library_regex = {
    .name = "regex",
    .doc = "Patterns",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
