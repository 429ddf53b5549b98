// Debian package versions; used to find pending updates.
#include "source/package/version.h"

struct parts {
    struct gb_str epoch, upstream, revision;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct parts split(struct gb_str version)
{
    struct parts parts = {0};
    version = gb_str_trim(version);
    ptrdiff_t colon = gb_str_find_char(version, ':');
    if (colon >= 0) {
        parts.epoch = gb_str_sub(version, 0, (size_t)colon);
        version = gb_str_from(version, (size_t)colon + 1);
    }
    ptrdiff_t dash = gb_str_rfind_char(version, '-');
    if (dash >= 0) {
        parts.revision = gb_str_from(version, (size_t)dash + 1);
        version = gb_str_sub(version, 0, (size_t)dash);
    }
    parts.upstream = version;
    return parts;
}

// Order of a character outside numbers: '~' before the end (0), letters before all others.
static int weight(struct gb_str s, size_t at)
{
    if (at >= s.len || is_digit(s.at[at]))
        return 0;
    unsigned char c = (unsigned char)s.at[at];
    if (c == '~')
        return -1;
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter ? c : c + 256;
}

static size_t skip_zeros(struct gb_str s, size_t at)
{
    while (at < s.len && s.at[at] == '0')
        at++;
    return at;
}

// Runs without digits and runs of digits take turns.
static int compare_part(struct gb_str a, struct gb_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len || j < b.len) {
        while ((i < a.len && !is_digit(a.at[i])) || (j < b.len && !is_digit(b.at[j]))) {
            int difference = weight(a, i) - weight(b, j);
            if (difference)
                return difference;
            i++;
            j++;
        }
        i = skip_zeros(a, i);
        j = skip_zeros(b, j);
        int first = 0;
        while (i < a.len && is_digit(a.at[i]) && j < b.len && is_digit(b.at[j])) {
            if (!first)
                first = a.at[i] - b.at[j];
            i++;
            j++;
        }
        if (i < a.len && is_digit(a.at[i]))
            return 1;
        if (j < b.len && is_digit(b.at[j]))
            return -1;
        if (first)
            return first;
    }
    return 0;
}

int gb_debian_version_compare(struct gb_str a, struct gb_str b)
{
    struct parts x = split(a), y = split(b);
    int difference = compare_part(x.epoch, y.epoch);
    if (!difference)
        difference = compare_part(x.upstream, y.upstream);
    if (!difference)
        difference = compare_part(x.revision, y.revision);
    return difference;
}

struct gb_str gb_debian_version_without_epoch(struct gb_str version)
{
    ptrdiff_t colon = gb_str_find_char(version, ':');
    return colon < 0 ? version : gb_str_from(version, (size_t)colon + 1);
}

struct gb_str gb_debian_version_without_rebuild(struct gb_str version)
{
    size_t end = version.len;
    while (end && is_digit(version.at[end - 1]))
        end--;
    if (end == version.len || end < 2 || version.at[end - 1] != 'b' || version.at[end - 2] != '+')
        return version;
    return gb_str_sub(version, 0, end - 2);
}
