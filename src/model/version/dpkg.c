// Debian package versions, [epoch:]upstream[-revision], ordered as deb-version(7) says and as
// `dpkg --compare-versions` does. Used for Debian, Ubuntu and what descends from them.
#include "model/version/digits.h"
#include "model/version/scheme.h"

struct parts {
    struct gb_str epoch, upstream, revision;
    bool has_epoch, has_revision;
};

static struct parts split(struct gb_str version)
{
    struct parts parts = {0};
    version = gb_str_trim(version);
    ptrdiff_t colon = gb_str_find_char(version, ':');
    if (colon >= 0) {
        parts.has_epoch = true;
        parts.epoch = gb_str_sub(version, 0, (size_t)colon);
        version = gb_str_from(version, (size_t)colon + 1);
    }
    ptrdiff_t dash = gb_str_rfind_char(version, '-');
    if (dash >= 0) {
        parts.has_revision = true;
        parts.revision = gb_str_from(version, (size_t)dash + 1);
        version = gb_str_sub(version, 0, (size_t)dash);
    }
    parts.upstream = version;
    return parts;
}

// Order of a character outside numbers: '~' before the end (0), letters before all others.
static int weight(struct gb_str s, size_t at)
{
    if (at >= s.len || gb_digits_is(s.at[at]))
        return 0;
    unsigned char c = (unsigned char)s.at[at];
    if (c == '~')
        return -1;
    return gb_digits_is_letter(s.at[at]) ? c : c + 256;
}

// Runs without digits and runs of digits take turns.
static int compare_part(struct gb_str a, struct gb_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len || j < b.len) {
        while ((i < a.len && !gb_digits_is(a.at[i])) || (j < b.len && !gb_digits_is(b.at[j]))) {
            int difference = weight(a, i) - weight(b, j);
            if (difference)
                return difference;
            i++;
            j++;
        }
        struct gb_str x = gb_digits_take(a, &i);
        int difference = gb_digits_compare(x, gb_digits_take(b, &j));
        if (difference)
            return difference;
    }
    return 0;
}

int gb_version_compare_dpkg(struct gb_str a, struct gb_str b)
{
    struct parts x = split(a), y = split(b);
    int difference = compare_part(x.epoch, y.epoch);
    if (!difference)
        difference = compare_part(x.upstream, y.upstream);
    if (!difference)
        difference = compare_part(x.revision, y.revision);
    return difference;
}

static bool made_of(struct gb_str s, const char *others)
{
    for (size_t i = 0; i < s.len; i++)
        if (!gb_digits_is(s.at[i]) && !gb_digits_is_letter(s.at[i]) &&
            (!s.at[i] || !strchr(others, s.at[i])))
            return false;
    return true;
}

bool gb_version_valid_dpkg(struct gb_str version)
{
    struct parts parts = split(version);
    uint64_t epoch = 0;
    if (parts.has_epoch && (gb_str_to_uint(parts.epoch, 10, &epoch) < 0 || epoch > INT32_MAX))
        return false;
    if (parts.has_revision && !parts.revision.len)
        return false;
    return parts.upstream.len && gb_digits_is(parts.upstream.at[0]) &&
           made_of(parts.upstream, ".-+~:") && made_of(parts.revision, ".+~");
}

struct gb_str gb_version_epoch_dpkg(struct gb_str version, struct gb_str *rest)
{
    version = gb_str_trim(version);
    ptrdiff_t colon = gb_str_find_char(version, ':');
    *rest = colon < 0 ? version : gb_str_from(version, (size_t)colon + 1);
    return colon < 0 ? (struct gb_str){0} : gb_str_sub(version, 0, (size_t)colon);
}

struct gb_str gb_version_without_rebuild(struct gb_str version)
{
    size_t end = version.len;
    while (end && gb_digits_is(version.at[end - 1]))
        end--;
    if (end == version.len || end < 2 || version.at[end - 1] != 'b' || version.at[end - 2] != '+')
        return version;
    return gb_str_sub(version, 0, end - 2);
}
