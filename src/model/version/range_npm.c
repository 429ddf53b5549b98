// npm's ranges, as node-semver 7 reads them: "^1.2.3", "~1.2", "1.x || >=2.5.0", "1.2 - 2.3". Each
// piece becomes one or two bounds; nothing is stored but the pair at hand.
#include "model/version/digits.h"
#include "model/version/range.h"
#include "model/version/semver.h"

enum { NUMBERS = 3 };

// A version whose number `next` (-1: none) is one more than written; those behind it are 0.
struct point {
    struct gb_str numbers[NUMBERS];
    int next;
    bool has_pre;
    struct gb_str pre;
};

enum relation { EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, NOTHING };

struct bound {
    enum relation relation;
    struct point point;
};

struct bounds {
    struct bound items[2];
    int count; // 0: any version
};

// As written: up to three numbers, any of them "x".
struct partial {
    struct point point;
    int count; // numbers before the first x
};

// v against b + 1.
static int compare_to_next(struct gb_str v, struct gb_str b)
{
    if (gb_digits_compare(v, b) <= 0)
        return -1;
    while (v.len && v.at[0] == '0')
        v = gb_str_from(v, 1);
    while (b.len && b.at[0] == '0')
        b = gb_str_from(b, 1);
    size_t nines = 0;
    while (nines < b.len && b.at[b.len - 1 - nines] == '9')
        nines++;
    if (v.len < nines || !gb_digits_zero(gb_str_from(v, v.len - nines)))
        return 1;
    struct gb_str high = gb_str_sub(b, 0, b.len - nines);
    struct gb_str mine = gb_str_sub(v, 0, v.len - nines);
    char last = high.len ? high.at[high.len - 1] : '0';
    bool same = mine.len && mine.len == (high.len ? high.len : 1) &&
                mine.at[mine.len - 1] == last + 1 &&
                (high.len < 2 || memcmp(mine.at, high.at, high.len - 1) == 0);
    return same ? 0 : 1;
}

static int compare_points(const struct point *a, const struct point *b)
{
    for (int i = 0; i < NUMBERS; i++) {
        bool a_next = a->next == i, b_next = b->next == i;
        int order = a_next == b_next ? gb_digits_compare(a->numbers[i], b->numbers[i])
                    : b_next         ? compare_to_next(a->numbers[i], b->numbers[i])
                                     : -compare_to_next(b->numbers[i], a->numbers[i]);
        if (order)
            return order;
    }
    struct gb_semver x = {.has_pre = a->has_pre, .pre = a->pre};
    struct gb_semver y = {.has_pre = b->has_pre, .pre = b->pre};
    return gb_semver_compare(&x, &y, GB_SEMVER_PLAIN);
}

static struct point bumped(struct point point, int next, bool lowest)
{
    for (int i = next + 1; i < NUMBERS; i++)
        point.numbers[i] = (struct gb_str){0};
    point.next = next;
    point.has_pre = lowest;
    point.pre = GB_STR("0");
    return point;
}

// The first version of what is written, with its pre-releases if they count.
static struct point first(struct point point, unsigned options)
{
    if (!(options & GB_VERSION_PRERELEASES))
        return point;
    point.has_pre = true;
    point.pre = GB_STR("0");
    return point;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static void skip_spaces(struct gb_str text, size_t *at)
{
    while (*at < text.len && is_space(text.at[*at]))
        ++*at;
}

static bool is_identifier(char c)
{
    return gb_digits_is(c) || gb_digits_is_letter(c) || c == '-';
}

static void skip_identifiers(struct gb_str text, size_t *at)
{
    while (is_identifier(gb_digits_peek(text, *at)) ||
           (gb_digits_peek(text, *at) == '.' && is_identifier(gb_digits_peek(text, *at + 1))))
        ++*at;
}

// -pre.1+build behind the third number.
static bool take_labels(struct gb_str text, size_t *at, unsigned options, struct partial *partial)
{
    char c = gb_digits_peek(text, *at);
    if (c == '-' || (options & GB_VERSION_LOOSE && gb_digits_is_letter(c))) {
        *at += c == '-';
        size_t start = *at;
        skip_identifiers(text, at);
        partial->point.pre = gb_str_sub(text, start, *at - start);
        partial->point.has_pre = true;
        if (!partial->point.pre.len)
            return false;
    }
    if (gb_digits_peek(text, *at) == '+') {
        size_t start = ++*at;
        skip_identifiers(text, at);
        if (*at == start)
            return false;
    }
    return true;
}

static bool take_partial(struct gb_str text, size_t *at, unsigned options, struct partial *ret)
{
    struct partial partial = {.point.next = -1};
    bool wild = false;
    while (*at < text.len && (is_space(text.at[*at]) || text.at[*at] == 'v' || text.at[*at] == '='))
        ++*at;
    int parts = 0;
    for (; parts < NUMBERS; parts++) {
        size_t start = *at + (parts > 0);
        if (parts > 0 && gb_digits_peek(text, *at) != '.')
            break;
        size_t end = start;
        struct gb_str number = gb_digits_take(text, &end);
        char c = gb_digits_peek(text, end);
        if (!number.len && (c == 'x' || c == 'X' || c == '*')) {
            wild = true;
            end++;
        } else if (!number.len) {
            return false;
        }
        if (!wild) {
            partial.point.numbers[parts] = number;
            partial.count++;
        }
        *at = end;
    }
    if (parts == NUMBERS && !take_labels(text, at, options, &partial))
        return false;
    if (partial.count < NUMBERS)
        partial.point.has_pre = false;
    *ret = partial;
    return *at >= text.len || is_space(text.at[*at]) || strchr("|<>=~^", text.at[*at]);
}

static void add(struct bounds *bounds, enum relation relation, struct point point)
{
    bounds->items[bounds->count++] = (struct bound){relation, point};
}

static struct bounds tilde(const struct partial *partial, unsigned options)
{
    struct bounds bounds = {0};
    if (!partial->count)
        return bounds;
    bool whole = partial->count == NUMBERS;
    add(&bounds, GREATER_EQUAL, whole ? partial->point : first(partial->point, options));
    add(&bounds, LESS, bumped(partial->point, partial->count > 1, true));
    return bounds;
}

static struct bounds caret(const struct partial *partial, unsigned options)
{
    struct bounds bounds = {0};
    if (!partial->count)
        return bounds;
    int fixed = 0; // the first number that is not 0
    while (fixed < partial->count - 1 && gb_digits_zero(partial->point.numbers[fixed]))
        fixed++;
    bool whole = partial->count == NUMBERS;
    add(&bounds, GREATER_EQUAL, whole ? partial->point : first(partial->point, options));
    add(&bounds, LESS, bumped(partial->point, fixed, true));
    return bounds;
}

static struct bounds comparison(enum relation relation, const struct partial *partial,
                                unsigned options)
{
    struct bounds bounds = {0};
    if (partial->count == NUMBERS) {
        add(&bounds, relation, partial->point);
        return bounds;
    }
    int last = partial->count - 1;
    bool lowest = options & GB_VERSION_PRERELEASES;
    if (!partial->count) {
        if (relation == LESS || relation == GREATER)
            add(&bounds, NOTHING, (struct point){.next = -1});
        return bounds;
    }
    switch (relation) {
    case EQUAL:
        add(&bounds, GREATER_EQUAL, first(partial->point, options));
        add(&bounds, LESS, bumped(partial->point, last, true));
        break;
    case GREATER:
        add(&bounds, GREATER_EQUAL, bumped(partial->point, last, lowest));
        break;
    case GREATER_EQUAL:
        add(&bounds, GREATER_EQUAL, first(partial->point, options));
        break;
    case LESS:
        add(&bounds, LESS, first(partial->point, GB_VERSION_PRERELEASES));
        break;
    case LESS_EQUAL:
        add(&bounds, LESS, bumped(partial->point, last, true));
        break;
    case NOTHING:
        break;
    }
    return bounds;
}

static struct bounds hyphen(const struct partial *from, const struct partial *to, unsigned options)
{
    struct bounds bounds = {0};
    if (from->count)
        add(&bounds, GREATER_EQUAL,
            from->point.has_pre ? from->point : first(from->point, options));
    if (to->count && to->count < NUMBERS)
        add(&bounds, LESS, bumped(to->point, to->count - 1, true));
    else if (to->count && !to->point.has_pre && options & GB_VERSION_PRERELEASES)
        add(&bounds, LESS, bumped(to->point, NUMBERS - 1, true));
    else if (to->count)
        add(&bounds, LESS_EQUAL, to->point);
    return bounds;
}

// A set of bounds that must all hold: one alternative of a range.
struct set {
    struct gb_str text;
    size_t at;
    unsigned options;
    bool started;
};

static bool take_hyphen(struct set *set, struct bounds *bounds)
{
    struct partial from, to;
    size_t at = set->at;
    if (!take_partial(set->text, &at, set->options, &from) ||
        !is_space(gb_digits_peek(set->text, at)))
        return false;
    skip_spaces(set->text, &at);
    if (gb_digits_peek(set->text, at) != '-' || !is_space(gb_digits_peek(set->text, at + 1)))
        return false;
    at++;
    if (!take_partial(set->text, &at, set->options, &to))
        return false;
    skip_spaces(set->text, &at);
    if (at < set->text.len)
        return false;
    set->at = at;
    *bounds = hyphen(&from, &to, set->options);
    return true;
}

enum { SET_END = 0, SET_BOUNDS = 1, SET_MALFORMED = -1 };

static int next_bounds(struct set *set, struct bounds *bounds)
{
    skip_spaces(set->text, &set->at);
    bool start = !set->started;
    set->started = true;
    if (set->at >= set->text.len)
        return SET_END;
    if (start && take_hyphen(set, bounds))
        return SET_BOUNDS;
    struct gb_str rest = gb_str_from(set->text, set->at);
    char c = rest.at[0];
    bool angle = c == '<' || c == '>';
    bool with_equal = angle && gb_digits_peek(rest, 1) == '=';
    bool pessimistic = c == '~' && gb_digits_peek(rest, 1) == '>';
    if (angle || c == '~' || c == '^')
        set->at += 1 + (size_t)with_equal + (size_t)pessimistic;
    struct partial partial;
    if (!take_partial(set->text, &set->at, set->options, &partial))
        return SET_MALFORMED;
    if (c == '~')
        *bounds = tilde(&partial, set->options);
    else if (c == '^')
        *bounds = caret(&partial, set->options);
    else
        *bounds = comparison(c == '<'   ? (with_equal ? LESS_EQUAL : LESS)
                             : c == '>' ? (with_equal ? GREATER_EQUAL : GREATER)
                                        : EQUAL,
                             &partial, set->options);
    return SET_BOUNDS;
}

// The next alternative; false behind the last.
static bool next_set(struct gb_str range, size_t *at, unsigned options, struct set *set)
{
    if (*at > range.len)
        return false;
    struct gb_str rest = gb_str_from(range, *at);
    ptrdiff_t bar = gb_str_find(rest, GB_STR("||"));
    *set =
        (struct set){.text = bar < 0 ? rest : gb_str_sub(rest, 0, (size_t)bar), .options = options};
    *at = bar < 0 ? range.len + 1 : *at + (size_t)bar + 2;
    return true;
}

static bool holds(const struct point *version, const struct bound *bound)
{
    int order = compare_points(version, &bound->point);
    switch (bound->relation) {
    case EQUAL:
        return order == 0;
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case GREATER:
        return order > 0;
    case GREATER_EQUAL:
        return order >= 0;
    case NOTHING:
        break;
    }
    return false;
}

static bool same_numbers(const struct point *a, const struct point *b)
{
    struct point x = *a, y = *b;
    x.has_pre = y.has_pre = false;
    return compare_points(&x, &y) == 0;
}

static int test_set(const struct point *version, struct set *set, bool *ret)
{
    bool all = true, let_in = !version->has_pre || set->options & GB_VERSION_PRERELEASES;
    for (;;) {
        struct bounds bounds = {0};
        int got = next_bounds(set, &bounds);
        if (got == SET_MALFORMED)
            return GB_E_SYNTAX;
        if (got == SET_END)
            break;
        for (int i = 0; i < bounds.count; i++) {
            const struct bound *bound = &bounds.items[i];
            all = all && holds(version, bound);
            // A pre-release must be asked for: by one of the very same version.
            let_in = let_in || (bound->point.has_pre && same_numbers(version, &bound->point));
        }
    }
    *ret = all && let_in;
    return 0;
}

static bool version_point(struct gb_str text, unsigned options, struct point *ret)
{
    size_t at = 0;
    struct partial partial;
    text = gb_str_trim(text);
    if (!(options & GB_VERSION_LOOSE) && !gb_version_valid(GB_VERSION_NPM, text))
        return false;
    if (!take_partial(text, &at, options, &partial) || at < text.len || partial.count < NUMBERS)
        return false;
    *ret = partial.point;
    return true;
}

int gb_range_npm(const struct gb_range_query *query, struct gb_str range, bool *ret,
                 struct gb_error *err)
{
    struct point version = {.next = -1};
    bool valid = version_point(query->version, query->options, &version), any = false;
    struct set set;
    for (size_t at = 0; next_set(range, &at, query->options, &set);) {
        bool one = false;
        if (test_set(&version, &set, &one) < 0)
            return gb_range_error(err, range, "not a range of npm");
        any = any || one;
    }
    *ret = any && valid;
    return 0;
}

static bool is_below_all(const struct bound *bound)
{
    if (bound->relation == NOTHING)
        return true;
    return bound->relation == LESS && bound->point.next < 0 &&
           gb_digits_zero(bound->point.numbers[0]) && gb_digits_zero(bound->point.numbers[1]) &&
           gb_digits_zero(bound->point.numbers[2]);
}

static bool upward(const struct bound *bound)
{
    return bound->relation == GREATER || bound->relation == GREATER_EQUAL;
}

static bool bounds_meet(const struct bound *a, const struct bound *b)
{
    if (is_below_all(a) || is_below_all(b))
        return false;
    if (a->relation == EQUAL)
        return holds(&a->point, b);
    if (b->relation == EQUAL)
        return holds(&b->point, a);
    if (upward(a) == upward(b))
        return true;
    const struct bound *low = upward(a) ? a : b, *high = upward(a) ? b : a;
    int order = compare_points(&low->point, &high->point);
    return order < 0 ||
           (order == 0 && low->relation == GREATER_EQUAL && high->relation == LESS_EQUAL);
}

// Does every bound of one set meet every bound of the other?
static int sets_meet(struct set a, struct set b, bool *ret)
{
    struct bounds x = {0}, y = {0};
    *ret = true;
    for (int got; (got = next_bounds(&a, &x)) != SET_END;) {
        if (got == SET_MALFORMED)
            return GB_E_SYNTAX;
        struct set other = b;
        while ((got = next_bounds(&other, &y)) != SET_END) {
            if (got == SET_MALFORMED)
                return GB_E_SYNTAX;
            for (int i = 0; i < x.count; i++)
                for (int j = 0; j < y.count; j++)
                    *ret = *ret && bounds_meet(&x.items[i], &y.items[j]);
        }
    }
    return 0;
}

// The version that a set asks for by itself, if any.
static bool asks_for_one(struct set set, struct point *ret)
{
    struct bounds bounds = {0};
    while (next_bounds(&set, &bounds) == SET_BOUNDS)
        for (int i = 0; i < bounds.count; i++)
            if (bounds.items[i].relation == EQUAL) {
                *ret = bounds.items[i].point;
                return true;
            }
    return false;
}

// Is there a version in both sets? Sets with a version of their own are asked for that one, which
// lets pre-releases in or not as everywhere.
static int sets_share(struct set a, struct set b, bool *ret)
{
    struct point only;
    bool in_a = false, in_b = false;
    if (asks_for_one(a, &only) || asks_for_one(b, &only)) {
        if (test_set(&only, &a, &in_a) < 0 || test_set(&only, &b, &in_b) < 0)
            return GB_E_SYNTAX;
        *ret = in_a && in_b;
        return 0;
    }
    return sets_meet(a, b, ret);
}

int gb_version_ranges_intersect(enum gb_version_scheme scheme, unsigned options, struct gb_str a,
                                struct gb_str b, bool *ret, struct gb_error *err)
{
    enum { LONGEST = 4096 };
    if (scheme != GB_VERSION_NPM)
        return gb_error_set(err, GB_E_UNSUPPORTED, "only ranges of npm can be intersected");
    if (a.len > LONGEST || b.len > LONGEST)
        return gb_error_set(err, GB_E_LIMIT, "a range of more than %d bytes", LONGEST);
    bool any = false;
    struct set x, y;
    for (size_t i = 0; next_set(a, &i, options, &x);) {
        bool possible = false;
        if (sets_meet(x, x, &possible) < 0)
            return gb_range_error(err, a, "not a range of npm");
        for (size_t j = 0; next_set(b, &j, options, &y);) {
            bool other = false, both = false;
            if (sets_meet(y, y, &other) < 0 || sets_share(x, y, &both) < 0)
                return gb_range_error(err, b, "not a range of npm");
            any = any || (possible && other && both);
        }
    }
    *ret = any;
    return 0;
}
