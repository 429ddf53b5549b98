// sysctl.d(5): see sysctl_conf.h.
#include "source/host/sysctl_conf.h"

enum { MAX_LINES = 20000 };

static char swapped(char c)
{
    return c == '.' ? '/' : c == '/' ? '.' : c;
}

struct gb_str gb_sysctl_path(struct gb_arena *arena, struct gb_str key)
{
    bool dots = false;
    for (size_t i = 0; i < key.len && key.at[i] != '/'; i++)
        if (key.at[i] == '.') {
            dots = true;
            break;
        }
    char *path = gb_alloc(arena, key.len + 1);
    for (size_t i = 0; path && i < key.len; i++)
        path[i] = dots ? swapped(key.at[i]) : key.at[i];
    struct gb_str ret = {path, path ? key.len : 0}, rest = ret, piece;
    while (gb_str_next(&rest, '/', &piece))
        if (!piece.len || gb_str_is(piece, ".") || gb_str_is(piece, ".."))
            return (struct gb_str){0};
    if (ret.len && ret.at[ret.len - 1] == '/')
        return (struct gb_str){0};
    return ret;
}

struct gb_str gb_sysctl_name(struct gb_arena *arena, struct gb_str path)
{
    char *name = gb_alloc(arena, path.len + 1);
    for (size_t i = 0; name && i < path.len; i++)
        name[i] = swapped(path.at[i]);
    return (struct gb_str){name, name ? path.len : 0};
}

static bool is_pattern(struct gb_str key)
{
    return gb_str_find_char(key, '*') >= 0 || gb_str_find_char(key, '?') >= 0 ||
           gb_str_find_char(key, '[') >= 0;
}

static int add_line(struct gb_sysctl_conf *conf, struct gb_sysctl_line line)
{
    if (conf->count == MAX_LINES)
        return GB_OK;
    struct gb_sysctl_line *kept = gb_alloc(conf->arena, sizeof *kept);
    if (!kept)
        return GB_E_MEMORY;
    *kept = line;
    if (conf->count == conf->capacity) {
        size_t wider = conf->capacity ? conf->capacity * 2 : 16;
        void *grown =
            gb_grow_array(conf->arena, conf->items, conf->capacity, wider, sizeof *conf->items);
        if (!grown)
            return GB_E_MEMORY;
        conf->items = grown;
        conf->capacity = wider;
    }
    conf->items[conf->count++] = kept;
    if (line.pattern)
        return GB_OK;
    struct gb_sysctl_line *before = gb_map_get(&conf->by_key, line.key);
    if (before)
        before->replaced = true;
    return gb_map_set(&conf->by_key, line.key, kept);
}

int gb_sysctl_conf_add(struct gb_sysctl_conf *conf, struct gb_str key, struct gb_str value,
                       struct gb_str file, uint32_t line)
{
    struct gb_str path = gb_sysctl_path(conf->arena, key);
    if (!path.len)
        return gb_arena_failed(conf->arena) ? GB_E_MEMORY : GB_OK;
    return add_line(
        conf,
        (struct gb_sysctl_line){
            .key = path, .value = value, .file = file, .line = line, .pattern = is_pattern(path)});
}

int gb_sysctl_conf_parse(struct gb_sysctl_conf *conf, struct gb_str text, struct gb_str file)
{
    struct gb_str line;
    for (uint32_t number = 1; gb_str_next(&text, '\n', &line); number++) {
        line = gb_str_trim(line);
        if (!line.len || line.at[0] == '#' || line.at[0] == ';')
            continue;
        bool dash = line.at[0] == '-';
        if (dash)
            line = gb_str_from(line, 1);
        ptrdiff_t equals = gb_str_find_char(line, '=');
        if (equals < 0 && !dash)
            continue;
        struct gb_str key = gb_str_trim(equals < 0 ? line : gb_str_sub(line, 0, (size_t)equals));
        if (equals >= 0) {
            struct gb_str value = gb_str_trim(gb_str_from(line, (size_t)equals + 1));
            if (gb_sysctl_conf_add(conf, key, value, file, number))
                return GB_E_MEMORY;
            continue;
        }
        struct gb_str path = gb_sysctl_path(conf->arena, key);
        if (path.len &&
            add_line(conf, (struct gb_sysctl_line){
                               .key = path, .file = file, .line = number, .excluded = true}))
            return GB_E_MEMORY;
    }
    return GB_OK;
}

const struct gb_sysctl_line *gb_sysctl_conf_find(const struct gb_sysctl_conf *conf,
                                                 struct gb_str key)
{
    const struct gb_sysctl_line *exact = gb_map_get(&conf->by_key, key);
    if (exact)
        return exact->excluded ? NULL : exact;
    for (size_t i = conf->count; i-- > 0;)
        if (conf->items[i]->pattern && gb_str_glob(conf->items[i]->key, key, true))
            return conf->items[i];
    return NULL;
}

static bool read_number(struct gb_str s, int64_t *ret)
{
    if (gb_str_starts(s, GB_STR("0x")) || gb_str_starts(s, GB_STR("0X"))) {
        uint64_t number;
        if (gb_str_to_uint(gb_str_from(s, 2), 16, &number) || number > INT64_MAX)
            return false;
        *ret = (int64_t)number;
        return true;
    }
    return gb_str_to_int(s, ret) == GB_OK;
}

bool gb_sysctl_value_equal(struct gb_str a, struct gb_str b)
{
    struct gb_str left, right;
    for (;;) {
        bool more = gb_str_next_word(&a, &left);
        if (more != gb_str_next_word(&b, &right))
            return false;
        if (!more)
            return true;
        int64_t x, y;
        if (!gb_str_eq(left, right) && !(read_number(left, &x) && read_number(right, &y) && x == y))
            return false;
    }
}
