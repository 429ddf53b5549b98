// Functions on strings, as in cel-go's strings extension (format() is in library_format.c).
// Positions count code points.
#include "expr/library.h"

#include "base/utf8.h"

static const struct gb_value *fail_index(struct gb_cel_run *run, int64_t index,
                                         struct gb_value *ret)
{
    gb_cel_fail(run, ret, "index out of range: %lld", (long long)index);
    return ret;
}

static size_t char_len(struct gb_str text, size_t at)
{
    uint32_t code_point;
    size_t len = gb_utf8_decode(gb_str_from(text, at), &code_point);
    return len ? len : 1;
}

// The byte at which the code point number `index` starts; the end for index == count. -1 beyond.
static ptrdiff_t byte_of(struct gb_str text, int64_t index)
{
    size_t at = 0;
    if (index < 0)
        return -1;
    for (; index > 0; index--) {
        if (at >= text.len)
            return -1;
        at += char_len(text, at);
    }
    return (ptrdiff_t)at;
}

static int64_t chars_before(struct gb_str text, size_t at)
{
    return (int64_t)gb_utf8_count(gb_str_sub(text, 0, at));
}

// A buffer of exactly `len` bytes for a result; NULL when a limit is met, *ret set.
static char *result_buffer(struct gb_cel_run *run, size_t len, struct gb_value *ret)
{
    char *text = gb_cel_charge(run, 1 + len / 8) ? gb_alloc(gb_cel_arena(run), len) : NULL;
    if (!text)
        gb_cel_fail_memory(run, ret);
    return text;
}

static void char_at(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    ptrdiff_t at = byte_of(a[0].string, a[1].integer);
    if (at < 0) {
        fail_index(run, a[1].integer, ret);
        return;
    }
    size_t len = (size_t)at < a[0].string.len ? char_len(a[0].string, (size_t)at) : 0;
    *ret = gb_string(gb_str_sub(a[0].string, (size_t)at, len));
}

static void index_from(struct gb_cel_run *run, struct gb_str text, struct gb_str part,
                       int64_t start, struct gb_value *ret)
{
    ptrdiff_t at = byte_of(text, start);
    gb_cel_charge(run, text.len / 4);
    if (at < 0) {
        fail_index(run, start, ret);
        return;
    }
    ptrdiff_t found = gb_str_find(gb_str_from(text, (size_t)at), part);
    *ret = gb_int(found < 0 ? -1 : chars_before(text, (size_t)(at + found)));
}

static void index_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    index_from(run, a[0].string, a[1].string, 0, ret);
}

static void index_of_from(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    index_from(run, a[0].string, a[1].string, a[2].integer, ret);
}

// The last place that is not behind byte `at` where `part` starts; -1 when there is none.
static ptrdiff_t find_last(struct gb_str text, struct gb_str part, size_t at)
{
    if (part.len > text.len)
        return -1;
    if (at > text.len - part.len)
        at = text.len - part.len;
    for (size_t i = at + 1; i-- > 0;)
        if (gb_str_starts(gb_str_from(text, i), part))
            return (ptrdiff_t)i;
    return -1;
}

static void last_index(struct gb_cel_run *run, struct gb_str text, struct gb_str part, size_t at,
                       struct gb_value *ret)
{
    if (!gb_cel_charge(run, (1 + part.len / 16) * (text.len / 2))) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    ptrdiff_t found = find_last(text, part, at);
    *ret = gb_int(found < 0 ? -1 : chars_before(text, (size_t)found));
}

static void last_index_of(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    last_index(run, a[0].string, a[1].string, a[0].string.len, ret);
}

static void last_index_of_until(struct gb_cel_run *run, const struct gb_value *a,
                                struct gb_value *ret)
{
    ptrdiff_t at = byte_of(a[0].string, a[2].integer);
    if (at < 0)
        fail_index(run, a[2].integer, ret);
    else
        last_index(run, a[0].string, a[1].string, (size_t)at, ret);
}

static void map_ascii(struct gb_cel_run *run, struct gb_str text, char from, struct gb_value *ret)
{
    char *out = result_buffer(run, text.len, ret);
    if (!out)
        return;
    for (size_t i = 0; i < text.len; i++) {
        bool changes = text.at[i] >= from && text.at[i] <= from + 25;
        out[i] = changes ? (char)(text.at[i] ^ 0x20) : text.at[i];
    }
    *ret = gb_string((struct gb_str){out, text.len});
}

static void lower_ascii(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    map_ascii(run, a->string, 'A', ret);
}

static void upper_ascii(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    map_ascii(run, a->string, 'a', ret);
}

// Calls `piece` with each piece between occurrences of `separator`, at most `limit` of them (the
// last takes the rest); an empty separator cuts between characters. Returns their number.
typedef void piece_function(void *context, struct gb_str piece);

static size_t for_pieces(struct gb_str text, struct gb_str separator, int64_t limit,
                         piece_function *piece, void *context)
{
    size_t count = 0;
    while (limit < 0 || (int64_t)count < limit - 1) {
        ptrdiff_t cut;
        if (separator.len)
            cut = gb_str_find(text, separator);
        else
            cut = text.len && char_len(text, 0) < text.len ? (ptrdiff_t)char_len(text, 0) : -1;
        if (cut < 0)
            break;
        piece(context, gb_str_sub(text, 0, (size_t)cut));
        text = gb_str_from(text, (size_t)cut + separator.len);
        count++;
    }
    piece(context, text);
    return count + 1;
}

struct replacing {
    char *out; // NULL while only counting
    size_t len, pieces;
    struct gb_str by;
};

static void replace_piece(void *context, struct gb_str piece)
{
    struct replacing *replacing = context;
    struct gb_str by = replacing->pieces++ ? replacing->by : (struct gb_str){0};
    if (replacing->out && by.len)
        memcpy(replacing->out + replacing->len, by.at, by.len);
    replacing->len += by.len;
    if (replacing->out && piece.len)
        memcpy(replacing->out + replacing->len, piece.at, piece.len);
    replacing->len += piece.len;
}

// An empty text to replace stands before each character and at the end.
static void replace_empty(struct replacing *replacing, struct gb_str text, int64_t limit)
{
    size_t at = 0;
    replace_piece(replacing, (struct gb_str){0});
    for (int64_t done = 0; at <= text.len && (limit < 0 || done < limit); done++) {
        size_t len = at < text.len ? char_len(text, at) : 0;
        replace_piece(replacing, gb_str_sub(text, at, len));
        at += len;
        if (!len)
            return;
    }
    replacing->pieces = 0; // the rest without a replacement before it
    replace_piece(replacing, gb_str_from(text, at));
}

static void replace_into(struct replacing *replacing, struct gb_str text, struct gb_str old,
                         int64_t limit)
{
    if (old.len || limit == 0)
        for_pieces(text, old,
                   limit < 0            ? -1
                   : limit == INT64_MAX ? limit
                                        : limit + 1,
                   replace_piece, replacing);
    else
        replace_empty(replacing, text, limit);
}

static void replace_up_to(struct gb_cel_run *run, const struct gb_value *a, int64_t limit,
                          struct gb_value *ret)
{
    struct replacing replacing = {.by = a[2].string};
    if (!gb_cel_charge(run, a[0].string.len / 4)) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    if (limit == 0) {
        *ret = a[0];
        return;
    }
    replace_into(&replacing, a[0].string, a[1].string, limit);
    char *out = result_buffer(run, replacing.len, ret);
    if (!out)
        return;
    replacing = (struct replacing){.out = out, .by = a[2].string};
    replace_into(&replacing, a[0].string, a[1].string, limit);
    *ret = gb_string((struct gb_str){out, replacing.len});
}

static void replace(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    replace_up_to(run, a, -1, ret);
}

static void replace_limited(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    replace_up_to(run, a, a[3].integer, ret);
}

struct splitting {
    struct gb_cel_run *run;
    struct gb_list *list;
    uint32_t origin;
};

static void split_piece(void *context, struct gb_str piece)
{
    struct splitting *splitting = context;
    if (gb_cel_charge(splitting->run, 4))
        gb_list_add(gb_cel_arena(splitting->run), splitting->list,
                    gb_at(gb_string(piece), splitting->origin));
}

static void split_up_to(struct gb_cel_run *run, const struct gb_value *a, int64_t limit,
                        struct gb_value *ret)
{
    struct splitting splitting = {run, gb_list_new(gb_cel_arena(run)), a[0].origin};
    if (!splitting.list || !gb_cel_charge(run, a[0].string.len / 4)) {
        gb_cel_fail_memory(run, ret);
        return;
    }
    bool none = limit == 0 || (!a[1].string.len && !a[0].string.len);
    if (!none)
        for_pieces(a[0].string, a[1].string, limit, split_piece, &splitting);
    *ret = gb_list_of(splitting.list);
}

static void split(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    split_up_to(run, a, -1, ret);
}

static void split_limited(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    split_up_to(run, a, a[2].integer, ret);
}

static void substring(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    ptrdiff_t start = byte_of(a[0].string, a[1].integer);
    if (start < 0)
        fail_index(run, a[1].integer, ret);
    else
        *ret = gb_string(gb_str_from(a[0].string, (size_t)start));
}

static void substring_until(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    ptrdiff_t start = byte_of(a[0].string, a[1].integer);
    ptrdiff_t end = byte_of(a[0].string, a[2].integer);
    if (start < 0 || end < 0)
        fail_index(run, a[start < 0 ? 1 : 2].integer, ret);
    else if (start > end)
        gb_cel_fail(run, ret, "invalid substring range: start %lld, end %lld",
                    (long long)a[1].integer, (long long)a[2].integer);
    else
        *ret = gb_string(gb_str_sub(a[0].string, (size_t)start, (size_t)(end - start)));
}

static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static void trim(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_str text = a->string;
    size_t start = 0, end = 0;
    uint32_t c;
    bool leading = true;
    gb_cel_charge(run, text.len / 4);
    for (size_t at = 0, len; at < text.len; at += len) {
        len = gb_utf8_decode(gb_str_from(text, at), &c);
        len = len ? len : 1;
        if (is_space(c))
            continue;
        if (leading)
            start = at;
        leading = false;
        end = at + len;
    }
    *ret = gb_string(gb_str_sub(text, start, end - start));
}

static void join_with(struct gb_cel_run *run, const struct gb_value *a, struct gb_str separator,
                      struct gb_value *ret)
{
    const struct gb_list *list = a->list;
    size_t len = 0, at = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!gb_cel_is_value(&list->items[i])) {
            *ret = list->items[i];
            return;
        }
        if (list->items[i].kind != GB_VALUE_STRING) {
            gb_cel_fail_overload(ret);
            return;
        }
        len += (i ? separator.len : 0) + list->items[i].string.len;
    }
    char *out = result_buffer(run, len, ret);
    for (size_t i = 0; out && i < list->count; i++) {
        struct gb_str pieces[] = {i ? separator : (struct gb_str){0}, list->items[i].string};
        for (size_t j = 0; j < 2; j++) {
            if (pieces[j].len)
                memcpy(out + at, pieces[j].at, pieces[j].len);
            at += pieces[j].len;
        }
    }
    if (out)
        *ret = gb_at(gb_string((struct gb_str){out, len}), gb_cel_origin(a));
}

static void join(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    join_with(run, a, (struct gb_str){0}, ret);
}

static void join_separated(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    join_with(run, a, a[1].string, ret);
}

static void quote(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    static const char plain[] = "\a\b\f\n\r\t\v\\\"", escaped[] = "abfnrtv\\\"";
    struct gb_str text = a->string;
    char *out = result_buffer(run, text.len * 2 + 2, ret);
    size_t len = 0;
    if (!out)
        return;
    out[len++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        const char *found = text.at[i] ? strchr(plain, text.at[i]) : NULL;
        if (found)
            out[len++] = '\\';
        out[len++] = found ? escaped[found - plain] : text.at[i];
    }
    out[len++] = '"';
    *ret = gb_string((struct gb_str){out, len});
}

static void reverse(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    struct gb_str text = a->string;
    char *out = result_buffer(run, text.len, ret);
    for (size_t at = 0, len; out && at < text.len; at += len) {
        len = char_len(text, at);
        memcpy(out + text.len - at - len, text.at + at, len);
    }
    if (out)
        *ret = gb_string((struct gb_str){out, text.len});
}

static void glob(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    // The matcher goes back at most once to each star's place: quadratic at the worst.
    if (!gb_cel_charge(run, 1 + a[0].string.len * (1 + a[1].string.len / 8) / 4))
        gb_cel_fail_memory(run, ret);
    else
        *ret = gb_bool(gb_str_glob(a[1].string, a[0].string, false));
}

static void glob_path(struct gb_cel_run *run, const struct gb_value *a, struct gb_value *ret)
{
    if (!gb_cel_charge(run, 1 + a[0].string.len * (1 + a[1].string.len / 8) / 4))
        gb_cel_fail_memory(run, ret);
    else
        *ret = gb_bool(gb_str_glob(a[1].string, a[0].string, true));
}

static const struct gb_cel_overload overloads[] = {
    {"charAt", "string, int -> string", char_at, GB_CEL_METHOD, "The character at a position."},
    {"indexOf", "string, string -> int", index_of, GB_CEL_METHOD,
     "The first position of a text, or -1."},
    {"indexOf", "string, string, int -> int", index_of_from, GB_CEL_METHOD,
     "The first position of a text from a position on, or -1."},
    {"lastIndexOf", "string, string -> int", last_index_of, GB_CEL_METHOD,
     "The last position of a text, or -1."},
    {"lastIndexOf", "string, string, int -> int", last_index_of_until, GB_CEL_METHOD,
     "The last position of a text that is not behind a position, or -1."},
    {"lowerAscii", "string -> string", lower_ascii, GB_CEL_METHOD, "A to Z as a to z."},
    {"upperAscii", "string -> string", upper_ascii, GB_CEL_METHOD, "a to z as A to Z."},
    {"replace", "string, string, string -> string", replace, GB_CEL_METHOD,
     "replace(old, new): every occurrence replaced."},
    {"replace", "string, string, string, int -> string", replace_limited, GB_CEL_METHOD,
     "replace(old, new, limit): the first occurrences replaced; -1 for all."},
    {"split", "string, string -> list(string)", split, GB_CEL_METHOD,
     "The pieces between occurrences of a separator."},
    {"split", "string, string, int -> list(string)", split_limited, GB_CEL_METHOD,
     "At most so many pieces; the last has the rest."},
    {"substring", "string, int -> string", substring, GB_CEL_METHOD, "From a position to the end."},
    {"substring", "string, int, int -> string", substring_until, GB_CEL_METHOD,
     "From a position to another, which is not part of it."},
    {"trim", "string -> string", trim, GB_CEL_METHOD, "Without white space at both ends."},
    {"join", "list(string) -> string", join, GB_CEL_METHOD, "The elements one after the other."},
    {"join", "list(string), string -> string", join_separated, GB_CEL_METHOD,
     "The elements with a separator between them."},
    {"strings.quote", "string -> string", quote, 0, "In double quotes, with escapes."},
    {"reverse", "string -> string", reverse, GB_CEL_METHOD, "The characters from last to first."},
    {"glob", "string, string -> bool", glob, GB_CEL_METHOD,
     "Whether a shell pattern (* ? [a-z]) matches the whole text: name.glob('*.conf')."},
    {"globPath", "string, string -> bool", glob_path, GB_CEL_METHOD,
     "As glob, but * and ? do not match a slash."},
};

const struct gb_cel_library gb_cel_library_strings = {
    .name = "strings",
    .doc = "Strings",
    .overloads = overloads,
    .count = sizeof overloads / sizeof *overloads,
};
