// Names of packages as their ecosystem compares them (name.h).
#include "model/advisory/name.h"

static bool separates(char c)
{
    return c == '-' || c == '_' || c == '.';
}

static struct gb_str pypi(struct gb_str name, struct gb_arena *arena)
{
    char *out = gb_alloc(arena, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < name.len; i++) {
        char c = name.at[i];
        if (!separates(c))
            out[len++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        else if (i == 0 || !separates(name.at[i - 1]))
            out[len++] = '-';
    }
    return (struct gb_str){out, len};
}

static struct gb_str crate(struct gb_str name, struct gb_arena *arena)
{
    char *out = gb_alloc(arena, name.len + 1);
    for (size_t i = 0; out && i < name.len; i++) {
        char c = name.at[i];
        out[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (struct gb_str){out, out ? name.len : 0};
}

static bool holds_upper(struct gb_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] >= 'A' && name.at[i] <= 'Z')
            return true;
    return false;
}

struct gb_str gb_advisory_name(struct gb_str scope, struct gb_str name, struct gb_arena *arena)
{
    if (gb_str_is(scope, "pypi"))
        return pypi(name, arena);
    if (gb_str_is(scope, "crates.io"))
        return crate(name, arena);
    bool folds =
        gb_str_is(scope, "nuget") || gb_str_is(scope, "packagist") || gb_str_is(scope, "go");
    return folds && holds_upper(name) ? gb_str_lower(arena, name) : name;
}
