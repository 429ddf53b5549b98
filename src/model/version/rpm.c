// Versions of RPM packages, [epoch:]version[-release], ordered as rpm does (rpmvercmp of rpm 4.15
// and later, with ~ and ^). Pacman's are of the same build.
#include "model/version/digits.h"
#include "model/version/scheme.h"

static bool is_separator(char c)
{
    return !gb_digits_is(c) && !gb_digits_is_letter(c) && c != '~' && c != '^';
}

// One of the marks ~ and ^ on either side: sets *order and says whether that decides. Behind a
// decision of 0 both have moved on.
static bool compare_marks(struct gb_str a, size_t *i, struct gb_str b, size_t *j, int *order)
{
    char x = gb_digits_peek(a, *i), y = gb_digits_peek(b, *j);
    *order = 0;
    if (x == '~' || y == '~') {
        *order = x == y ? 0 : x == '~' ? -1 : 1;
    } else if (x == '^' || y == '^') {
        // ^ is above the end, but below anything else that follows.
        if (x != y)
            *order = *i >= a.len ? -1 : *j >= b.len ? 1 : x == '^' ? -1 : 1;
    } else {
        return false;
    }
    ++*i;
    ++*j;
    return true;
}

// Segments of digits or of letters; what separates them does not count.
static int compare_label(struct gb_str a, struct gb_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len || j < b.len) {
        while (i < a.len && is_separator(a.at[i]))
            i++;
        while (j < b.len && is_separator(b.at[j]))
            j++;
        int order;
        if (compare_marks(a, &i, b, &j, &order)) {
            if (order)
                return order;
            continue;
        }
        if (i >= a.len || j >= b.len)
            break;
        bool number = gb_digits_is(a.at[i]);
        if (number != gb_digits_is(b.at[j]))
            return number ? 1 : -1;
        struct gb_str x = number ? gb_digits_take(a, &i) : gb_digits_take_letters(a, &i);
        struct gb_str y = number ? gb_digits_take(b, &j) : gb_digits_take_letters(b, &j);
        order = number ? gb_digits_compare(x, y) : gb_str_compare(x, y);
        if (order)
            return order;
    }
    return (i < a.len) - (j < b.len);
}

struct gb_str gb_version_epoch_rpm(struct gb_str version, struct gb_str *rest)
{
    version = gb_str_trim(version);
    size_t end = 0;
    struct gb_str epoch = gb_digits_take(version, &end);
    bool has = gb_digits_peek(version, end) == ':';
    *rest = has ? gb_str_from(version, end + 1) : version;
    return has ? epoch : (struct gb_str){0};
}

struct parts {
    struct gb_str epoch, version, release;
    bool has_release;
};

static struct parts split(struct gb_str text)
{
    struct parts parts = {0};
    parts.epoch = gb_version_epoch_rpm(text, &parts.version);
    ptrdiff_t dash = gb_str_rfind_char(parts.version, '-');
    if (dash >= 0) {
        parts.has_release = true;
        parts.release = gb_str_from(parts.version, (size_t)dash + 1);
        parts.version = gb_str_sub(parts.version, 0, (size_t)dash);
    }
    return parts;
}

int gb_version_compare_rpm(struct gb_str a, struct gb_str b)
{
    struct parts x = split(a), y = split(b);
    int order = gb_digits_compare(x.epoch, y.epoch);
    if (!order)
        order = compare_label(x.version, y.version);
    if (!order)
        order = (int)x.has_release - (int)y.has_release;
    return order ? order : compare_label(x.release, y.release);
}

static bool valid_label(struct gb_str label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!gb_digits_is(label.at[i]) && !gb_digits_is_letter(label.at[i]) &&
            (!label.at[i] || !strchr("._+%{}~^", label.at[i])))
            return false;
    return label.len > 0;
}

bool gb_version_valid_rpm(struct gb_str version)
{
    struct parts parts = split(version);
    uint64_t epoch = 0;
    if (parts.epoch.len && (gb_str_to_uint(parts.epoch, 10, &epoch) < 0 || epoch > UINT32_MAX))
        return false;
    return valid_label(parts.version) && (!parts.has_release || valid_label(parts.release));
}
