// Unit and container of a control group: see cgroup.h.
#include "source/host/cgroup.h"

enum { CONTAINER_ID_DIGITS = 64 };

// The path of the hierarchy that systemd manages: line "0::", or the named one of version 1.
static struct gb_str managed_path(struct gb_str text)
{
    struct gb_str line, path = {0};
    while (gb_str_next(&text, '\n', &line)) {
        struct gb_str number, controllers;
        if (!gb_str_next(&line, ':', &number) || !gb_str_next(&line, ':', &controllers))
            continue;
        bool named = gb_str_is(controllers, "name=systemd");
        if (named || (gb_str_is(number, "0") && path.len <= 1))
            path = line;
        if (named && path.len > 1)
            return path;
    }
    return path;
}

// Slices hold units and are not what runs in them; the first other component is the unit.
static struct gb_str unit_of(struct gb_str path)
{
    struct gb_str part;
    while (gb_str_next(&path, '/', &part)) {
        if (!part.len || gb_str_ends(part, GB_STR(".slice")))
            continue;
        bool unit = gb_str_ends(part, GB_STR(".service")) || gb_str_ends(part, GB_STR(".scope")) ||
                    gb_str_ends(part, GB_STR(".socket")) || gb_str_ends(part, GB_STR(".mount")) ||
                    gb_str_ends(part, GB_STR(".swap"));
        return unit ? part : (struct gb_str){0};
    }
    return (struct gb_str){0};
}

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// A run of exactly 64 lower-case hexadecimal digits.
static struct gb_str identifier_in(struct gb_str part)
{
    size_t start = 0;
    for (size_t i = 0; i <= part.len; i++) {
        if (i < part.len && is_hex_digit(part.at[i]))
            continue;
        if (i - start == CONTAINER_ID_DIGITS)
            return gb_str_sub(part, start, CONTAINER_ID_DIGITS);
        start = i + 1;
    }
    return (struct gb_str){0};
}

static struct gb_str container_of(struct gb_str path)
{
    struct gb_str part, before = {0}, found = {0};
    while (gb_str_next(&path, '/', &part)) {
        struct gb_str id = identifier_in(part);
        if (id.len && !gb_str_contains(part, GB_STR("conmon")))
            found = id; // the innermost: containers can hold containers
        else if (gb_str_starts(part, GB_STR("lxc.payload.")))
            found = gb_str_from(part, sizeof "lxc.payload." - 1);
        else if (gb_str_is(before, "lxc") && part.len)
            found = part;
        before = part;
    }
    return found;
}

struct gb_cgroup gb_cgroup_read(struct gb_str text)
{
    struct gb_cgroup cgroup = {.unit = unit_of(managed_path(text))};
    struct gb_str line;
    // In version 1 an engine may use its own hierarchy: any line will do.
    while (!cgroup.container.len && gb_str_next(&text, '\n', &line))
        cgroup.container = container_of(line);
    return cgroup;
}
