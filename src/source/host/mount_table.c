// mountinfo and fstab: see mount_table.h.
#include "source/host/mount_table.h"

#include "base/map.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    MAX_MOUNTS = 16384,
    MAX_FSTAB = 4096,
    KEY_MAX = 4096 + 24, // a path and a number
};

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

// Blanks, newlines, backslashes and # stand as \040 in both files.
static struct gb_str unescape(struct gb_arena *arena, struct gb_str s)
{
    if (gb_str_find_char(s, '\\') < 0)
        return s;
    char *out = gb_alloc(arena, s.len + 1);
    size_t len = 0;
    for (size_t i = 0; out && i < s.len; i++) {
        if (s.at[i] == '\\' && s.len - i > 3 && is_octal(s.at[i + 1]) && is_octal(s.at[i + 2]) &&
            is_octal(s.at[i + 3]) && s.at[i + 1] < '4') {
            out[len++] =
                (char)((s.at[i + 1] - '0') * 64 + (s.at[i + 2] - '0') * 8 + (s.at[i + 3] - '0'));
            i += 3;
        } else {
            out[len++] = s.at[i];
        }
    }
    return (struct gb_str){out, out ? len : 0};
}

static bool read_mount(struct gb_str line, struct gb_arena *arena, struct gb_mount_line *ret)
{
    struct gb_str words[6], rest = line, word;
    for (size_t i = 0; i < 6; i++)
        if (!gb_str_next_word(&rest, &words[i]))
            return false;
    // Any number of tags up to a single dash.
    do {
        if (!gb_str_next_word(&rest, &word))
            return false;
    } while (!gb_str_is(word, "-"));
    if (gb_str_to_uint(words[0], 10, &ret->id) || gb_str_to_uint(words[1], 10, &ret->parent) ||
        !gb_str_next_word(&rest, &ret->type) || !gb_str_next_word(&rest, &ret->source))
        return false;
    if (!gb_str_next_word(&rest, &ret->super_options))
        ret->super_options = (struct gb_str){0};
    ret->device = words[2];
    ret->root = unescape(arena, words[3]);
    ret->path = unescape(arena, words[4]);
    ret->options = words[5];
    ret->source = unescape(arena, ret->source);
    ret->super_options = unescape(arena, ret->super_options);
    return ret->path.len > 0;
}

// Is `path` below or at `top`?
static bool is_below(struct gb_str path, struct gb_str top)
{
    if (gb_str_is(top, "/"))
        return true;
    return gb_str_starts(path, top) && (path.len == top.len || path.at[top.len] == '/');
}

// Mounts by number, and by the number of their parent with the place: both in one table, so that
// thousands of mounts stay cheap.
static struct gb_str key_of(char *into, size_t size, uint64_t number, struct gb_str path)
{
    int len = snprintf(into, size, "%" PRIu64 ":" GB_PRI, number, GB_ARG(path));
    return (struct gb_str){into, len > 0 && (size_t)len < size ? (size_t)len : 0};
}

static int index_mounts(const struct gb_mount_table *table, struct gb_map *ret)
{
    char key[KEY_MAX];
    for (size_t i = 0; i < table->count; i++) {
        struct gb_mount_line *mount = &table->items[i];
        struct gb_str by_id = key_of(key, sizeof key, mount->id, GB_STR(""));
        by_id = gb_str_copy(ret->arena, by_id);
        if (!by_id.at || gb_map_set(ret, by_id, mount))
            return GB_E_MEMORY;
        struct gb_str by_place = key_of(key, sizeof key, mount->parent, mount->path);
        by_place = gb_str_copy(ret->arena, by_place);
        if (!by_place.at || gb_map_set(ret, by_place, mount))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

// Another mount of the same parent on a directory above `mount`.
static bool covered_from_above(const struct gb_map *index, const struct gb_mount_line *mount)
{
    char key[KEY_MAX];
    const struct gb_mount_line *parent =
        gb_map_get(index, key_of(key, sizeof key, mount->parent, GB_STR("")));
    size_t floor = parent ? parent->path.len : 1;
    for (size_t len = mount->path.len; len-- > floor;) {
        if (mount->path.at[len] != '/' || len == 0)
            continue;
        struct gb_str above = gb_str_sub(mount->path, 0, len);
        const struct gb_mount_line *other =
            gb_map_get(index, key_of(key, sizeof key, mount->parent, above));
        if (other && other != mount && above.len > floor)
            return true;
    }
    return false;
}

// A mount is covered by one that stands on it (its parent is this one, at the same place), and by
// one of the same parent on a directory above it. What stands on a covered mount is covered too;
// parents come before their children in the text but for odd cases, which stay visible.
static int mark_visible(struct gb_mount_table *table, struct gb_arena *arena)
{
    struct gb_map index = gb_map(arena);
    if (index_mounts(table, &index))
        return GB_E_MEMORY;
    char key[KEY_MAX];
    for (size_t i = 0; i < table->count; i++) {
        struct gb_mount_line *mount = &table->items[i];
        const struct gb_mount_line *top =
            gb_map_get(&index, key_of(key, sizeof key, mount->id, mount->path));
        const struct gb_mount_line *parent =
            gb_map_get(&index, key_of(key, sizeof key, mount->parent, GB_STR("")));
        bool on_covered =
            parent && parent < mount && !parent->visible && !gb_str_eq(parent->path, mount->path);
        mount->visible =
            !(top && top != mount) && !on_covered && !covered_from_above(&index, mount);
    }
    return GB_OK;
}

int gb_mount_table_parse(struct gb_str text, struct gb_arena *arena, struct gb_mount_table *ret)
{
    *ret = (struct gb_mount_table){0};
    size_t capacity = 0;
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        if (ret->count == MAX_MOUNTS) {
            ret->truncated = true;
            break;
        }
        if (ret->count == capacity) {
            size_t wider = capacity ? capacity * 2 : 32;
            void *grown = gb_grow_array(arena, ret->items, capacity, wider, sizeof *ret->items);
            if (!grown)
                return GB_E_MEMORY;
            ret->items = grown;
            capacity = wider;
        }
        struct gb_mount_line mount = {.line = number};
        if (read_mount(line, arena, &mount))
            ret->items[ret->count++] = mount;
    }
    return gb_arena_failed(arena) ? GB_E_MEMORY : mark_visible(ret, arena);
}

const struct gb_mount_line *gb_mount_table_of(const struct gb_mount_table *table,
                                              struct gb_str path)
{
    const struct gb_mount_line *best = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct gb_mount_line *mount = &table->items[i];
        if (mount->visible && is_below(path, mount->path) &&
            (!best || mount->path.len >= best->path.len))
            best = mount;
    }
    return best;
}

int gb_fstab_parse(struct gb_str text, struct gb_arena *arena, struct gb_fstab *ret)
{
    *ret = (struct gb_fstab){0};
    size_t capacity = 0;
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line) && ret->count < MAX_FSTAB; number++) {
        line = gb_str_trim(line);
        struct gb_fstab_line entry = {.line = number};
        if (!line.len || line.at[0] == '#' || !gb_str_next_word(&line, &entry.source) ||
            !gb_str_next_word(&line, &entry.path) || !gb_str_next_word(&line, &entry.type))
            continue;
        if (!gb_str_next_word(&line, &entry.options))
            entry.options = GB_STR("defaults");
        entry.source = unescape(arena, entry.source);
        entry.path = unescape(arena, entry.path);
        // mount(8) takes "/tmp/" for "/tmp".
        while (entry.path.len > 1 && entry.path.at[entry.path.len - 1] == '/')
            entry.path.len--;
        if (ret->count == capacity) {
            size_t wider = capacity ? capacity * 2 : 16;
            void *grown = gb_grow_array(arena, ret->items, capacity, wider, sizeof *ret->items);
            if (!grown)
                return GB_E_MEMORY;
            ret->items = grown;
            capacity = wider;
        }
        ret->items[ret->count++] = entry;
    }
    return gb_arena_failed(arena) ? GB_E_MEMORY : GB_OK;
}

bool gb_mount_option(struct gb_str options, const char *option)
{
    struct gb_str name = gb_str_of(option), piece;
    while (gb_str_next(&options, ',', &piece))
        if (gb_str_eq(piece, name) ||
            (gb_str_starts(piece, name) && piece.len > name.len && piece.at[name.len] == '='))
            return true;
    return false;
}
