// Semantic versions (semver.org, 2.0.0) in expressions, as in Kubernetes: semver() and its methods.
#include "expr/library.h"

enum { MAX_LENGTH = 256 };

struct version {
    uint64_t major, minor, patch;
    struct gb_str pre_release; // "rc.1", without the hyphen; what follows a + does not count
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word_char(char c)
{
    return is_digit(c) || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_digits(struct gb_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]))
            return false;
    return s.len > 0;
}

// Dot-separated words of letters, digits and hyphens, none empty; numbers without leading zeros
// where `numeric` says that they count as numbers.
static bool are_identifiers(struct gb_str s, bool numeric)
{
    for (;;) {
        ptrdiff_t dot = gb_str_find_char(s, '.');
        struct gb_str word = dot < 0 ? s : gb_str_sub(s, 0, (size_t)dot);
        for (size_t i = 0; i < word.len; i++)
            if (!is_word_char(word.at[i]))
                return false;
        if (!word.len || (numeric && word.len > 1 && word.at[0] == '0' && all_digits(word)))
            return false;
        if (dot < 0)
            return true;
        s = gb_str_from(s, (size_t)dot + 1);
    }
}

static bool read_number(struct gb_str s, uint64_t *ret)
{
    return all_digits(s) && (s.len == 1 || s.at[0] != '0') && gb_str_to_uint(s, 10, ret) == 0;
}

// Takes what stands before the separator off the front; all of it when there is none.
static struct gb_str take_part(struct gb_str *s, char separator, bool *found)
{
    ptrdiff_t at = gb_str_find_char(*s, separator);
    *found = at >= 0;
    struct gb_str part = at < 0 ? *s : gb_str_sub(*s, 0, (size_t)at);
    *s = at < 0 ? (struct gb_str){0} : gb_str_from(*s, (size_t)at + 1);
    return part;
}

static bool read_version(struct gb_str s, struct version *ret)
{
    struct version version = {0};
    bool has_build, has_pre, two, three;
    struct gb_str build = s;
    if (s.len > MAX_LENGTH)
        return false;
    struct gb_str front = take_part(&build, '+', &has_build);
    struct gb_str numbers = take_part(&front, '-', &has_pre);
    version.pre_release = front;
    struct gb_str major = take_part(&numbers, '.', &two);
    struct gb_str minor = take_part(&numbers, '.', &three);
    if (!two || !three || !read_number(major, &version.major) ||
        !read_number(minor, &version.minor) || !read_number(numbers, &version.patch) ||
        (has_pre && !are_identifiers(version.pre_release, true)) ||
        (has_build && !are_identifiers(build, false)))
        return false;
    *ret = version;
    return true;
}

// "v1", "01.2": what people write for 1.0.0 and 1.2.0. Adds missing numbers, drops a leading v and
// leading zeros. False where a short version has a pre-release or build part.
static bool normalise(struct gb_cel_run *run, struct gb_str s, struct gb_cel_text *out)
{
    *out = (struct gb_cel_text){.run = run};
    if (s.len > MAX_LENGTH)
        return false;
    if (s.len && s.at[0] == 'v')
        s = gb_str_from(s, 1);
    bool more = true;
    for (unsigned part = 0; part < 3; part++) {
        struct gb_str number = s;
        if (!more)
            number = GB_STR("0");
        else if (part < 2)
            number = take_part(&s, '.', &more);
        if (part < 2 && !more &&
            (gb_str_find_char(number, '-') >= 0 || gb_str_find_char(number, '+') >= 0))
            return false;
        while (number.len > 1 && number.at[0] == '0' && is_digit(number.at[1]))
            number = gb_str_from(number, 1);
        if (part)
            gb_cel_text_char(out, '.');
        gb_cel_text_add(out, number);
    }
    return !out->failed;
}

static bool read_any(struct gb_cel_run *run, struct gb_str text, bool normalised,
                     struct version *ret)
{
    struct gb_cel_text out;
    if (!normalised)
        return read_version(text, ret);
    return normalise(run, text, &out) && read_version((struct gb_str){out.data, out.len}, ret);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_identifiers(struct gb_str a, struct gb_str b)
{
    bool a_number = all_digits(a), b_number = all_digits(b);
    if (a_number != b_number)
        return a_number ? -1 : 1;
    if (a_number && a.len != b.len)
        return a.len < b.len ? -1 : 1;
    int order = gb_str_compare(a, b);
    return order < 0 ? -1 : order > 0;
}

static int compare_pre_releases(struct gb_str a, struct gb_str b)
{
    if (!a.len || !b.len) // a release comes after its pre-releases
        return a.len ? -1 : b.len ? 1 : 0;
    for (;;) {
        bool a_more, b_more;
        struct gb_str a_word = take_part(&a, '.', &a_more), b_word = take_part(&b, '.', &b_more);
        int order = compare_identifiers(a_word, b_word);
        if (order || (!a_more && !b_more))
            return order;
        if (a_more != b_more)
            return a_more ? 1 : -1;
    }
}

static int compare(const struct version *a, const struct version *b)
{
    int order = compare_numbers(a->major, b->major);
    order = order ? order : compare_numbers(a->minor, b->minor);
    order = order ? order : compare_numbers(a->patch, b->patch);
    return order ? order : compare_pre_releases(a->pre_release, b->pre_release);
}

static const struct version *version_of(const struct gb_value *value)
{
    return value->pointer;
}

static void make(struct gb_cel_run *run, struct gb_str text, bool normalised, struct gb_value *ret)
{
    struct version *version = gb_alloc(gb_cel_arena(run), sizeof *version);
    if (!version) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    if (!read_any(run, text, normalised, version)) {
        text = gb_str_sub(text, 0, 60);
        gb_cel_fail(run, ret, "not a semantic version (1.2.3-rc.1): \"" GB_PRI "\"", GB_ARG(text));
        return;
    }
    *ret = gb_cel_opaque_value(GB_CEL_SEMVER, version);
}

static void semver(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    make(run, a[0].string, false, ret);
}

static void semver_normalised(struct gb_cel_run *run, const struct gb_value *a,
                              struct gb_value *ret)
{
    make(run, a[0].string, a[1].boolean, ret);
}

static void is_semver(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct version ignored;
    *ret = gb_bool(read_any(run, a[0].string, false, &ignored));
}

static void is_semver_normalised(struct gb_cel_run *run, const struct gb_value *a,
                                 struct gb_value *ret)
{
    struct version ignored;
    *ret = gb_bool(read_any(run, a[0].string, a[1].boolean, &ignored));
}

static void give_number(uint64_t number, struct gb_value *ret)
{
    if (number > INT64_MAX)
        gb_cel_error(ret, GB_STR("a version number that is out of range"));
    else
        *ret = gb_int((int64_t)number);
}

static void major(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    give_number(version_of(a)->major, ret);
}

static void minor(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    give_number(version_of(a)->minor, ret);
}

static void patch(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    give_number(version_of(a)->patch, ret);
}

static void is_less(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(compare(version_of(a), version_of(a + 1)) < 0);
}

static void is_greater(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_bool(compare(version_of(a), version_of(a + 1)) > 0);
}

static void compare_to(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    (void)run;
    *ret = gb_int(compare(version_of(a), version_of(a + 1)));
}

static const struct gb_cel_overload overloads[] = {
    {"semver", "string -> kubernetes.Semver", semver, 0,
     "The semantic version that the text is; an error when it is none."},
    {"semver", "string, bool -> kubernetes.Semver", semver_normalised, 0,
     "As semver(text); with true also \"v1\" and \"01.2\" for 1.0.0 and 1.2.0."},
    {"isSemver", "string -> bool", is_semver, 0, "Whether the text is a semantic version."},
    {"isSemver", "string, bool -> bool", is_semver_normalised, 0,
     "Whether the text is a semantic version; with true also in a short form."},
    {"major", "kubernetes.Semver -> int", major, GB_CEL_METHOD, "The first number."},
    {"minor", "kubernetes.Semver -> int", minor, GB_CEL_METHOD, "The second number."},
    {"patch", "kubernetes.Semver -> int", patch, GB_CEL_METHOD, "The third number."},
    {"isLessThan", "kubernetes.Semver, kubernetes.Semver -> bool", is_less, GB_CEL_METHOD,
     "Whether the version comes before the other."},
    {"isGreaterThan", "kubernetes.Semver, kubernetes.Semver -> bool", is_greater, GB_CEL_METHOD,
     "Whether the version comes after the other."},
    {"compareTo", "kubernetes.Semver, kubernetes.Semver -> int", compare_to, GB_CEL_METHOD,
     "-1, 0 or 1 as the version comes before the other, is equal, or comes after."},
};

static bool equal(const void *a, const void *b)
{
    return compare(a, b) == 0;
}

static const struct gb_cel_opaque opaque[] = {{GB_CEL_SEMVER, "kubernetes.Semver", equal}};

const struct gb_cel_library gb_cel_library_semver = {
    .name = "semver",
    .doc = "Semantic versions",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
    .opaque = opaque,
    .opaque_count = sizeof opaque / sizeof *opaque,
};
